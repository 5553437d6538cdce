//! The final number of a worked answer, as GSM8K's own code and lm-evaluation-harness read it.

use regex::Regex;
use std::sync::LazyLock;

/// After `####`: `ANS_RE` of openai/grade-school-math.
static STRICT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"#### (-?[0-9.,]+)").expect("a fixed pattern"));
/// The harness' `flexible-extract` for gsm8k.
static FLEXIBLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"-?[$0-9.,]{2,}|-?[0-9]+").expect("a fixed pattern"));
static BEFORE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s).*#### ").expect("a fixed pattern"));

/// The number after the first `#### `, without commas.
pub fn strict(text: &str) -> Option<String> {
    let found = STRICT.captures(text)?;
    Some(found[1].replace(',', ""))
}

/// The last thing in the text that looks like a number, as it stands there.
pub fn flexible(text: &str) -> Option<&str> {
    FLEXIBLE.find_iter(text).last().map(|found| found.as_str())
}

/// Without what the harness ignores in a comparison: commas, `$`, all up to `#### `, a full stop at
/// the end.
pub fn cleaned(text: &str) -> String {
    let bare = text.replace([',', '$'], "");
    let bare = BEFORE.replace_all(&bare, "");
    bare.strip_suffix('.').unwrap_or(&bare).to_owned()
}
