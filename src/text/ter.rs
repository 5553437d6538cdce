//! Translation edit rate (Snover et al. 2006) as sacreBLEU 2.6 computes it after Tercom: insertions,
//! deletions, substitutions and shifts of blocks at 1 each, the shifts found greedily.

use super::tokens::{marks_apart, symbols_apart};
use super::words::{Numbers, is_space, words};
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

mod shift;

/// How TER is computed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ter {
    /// Punctuation apart, entities read, lines joined.
    pub normalized: bool,
    /// Punctuation taken out.
    pub no_punctuation: bool,
    /// With either of these, also for Chinese and Japanese.
    pub asian_support: bool,
    /// Upper and lower case differ.
    pub case_sensitive: bool,
}

static MARKS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"[.,?:;!"()]"#).expect("a fixed pattern"));
static ASIAN_MARKS: LazyLock<Regex> = LazyLock::new(|| {
    let marks = r"[\u3001\u3002\u3008-\u3011\u3014-\u301f\uff61-\uff65\u30fb\uff0e\uff0c\uff1f\uff1a\uff1b\uff01\uff02\uff08\uff09]";
    Regex::new(marks).expect("a fixed pattern")
});
/// Chinese characters, strokes and radicals, compatibility forms, enclosed letters; the last range
/// ends at U+3F22 in sacreBLEU, and so here.
static ASIAN: LazyLock<Regex> = LazyLock::new(|| {
    let letters = r"[\u4e00-\u9fff\u3400-\u4dbf\u31c0-\u31ef\u2e80-\u2eff\u3300-\u33ff\uf900-\ufaff\ufe30-\ufe4f\u3200-\u3f22]";
    Regex::new(letters).expect("a fixed pattern")
});

impl Ter {
    /// Edits to the reference that needs fewest, and the references' mean length. Those of several
    /// sentences are summed.
    pub fn edits(&self, hypothesis: &str, references: &[&str]) -> (f64, f64) {
        let hypothesis = self.tokenized(hypothesis);
        let references: Vec<String> = references.iter().map(|text| self.tokenized(text)).collect();
        let mut numbers = Numbers::default();
        let found = numbers.of_words(&hypothesis);
        let (mut fewest, mut length) = (None, 0);
        for reference in &references {
            let expected = numbers.of_words(reference);
            let edits = shift::edits(&found, &expected);
            fewest = Some(fewest.unwrap_or(edits).min(edits));
            length += expected.len();
        }
        let mean = length as f64 / references.len().max(1) as f64;
        (fewest.unwrap_or(found.len()) as f64, mean)
    }

    /// 100 · edits ÷ length, from one sentence or sums; 100 for edits to nothing.
    pub fn score(edits: f64, length: f64) -> f64 {
        match (length > 0.0, edits > 0.0) {
            (true, _) => 100.0 * (edits / length),
            (false, true) => 100.0,
            (false, false) => 0.0,
        }
    }

    fn tokenized(&self, text: &str) -> String {
        let text = text.trim_end_matches(is_space);
        let mut text = match self.case_sensitive {
            true => Cow::Borrowed(text),
            false => Cow::Owned(text.to_lowercase()),
        };
        if self.normalized {
            text = Cow::Owned(normalized(&text));
            if self.asian_support {
                let apart = ASIAN.replace_all(&text, " $0 ");
                text = Cow::Owned(ASIAN_MARKS.replace_all(&apart, " $0 ").into_owned());
            }
        }
        if self.no_punctuation {
            text = Cow::Owned(MARKS.replace_all(&text, "").into_owned());
            if self.asian_support {
                text = Cow::Owned(ASIAN_MARKS.replace_all(&text, "").into_owned());
            }
        }
        words(&text).collect::<Vec<_>>().join(" ")
    }
}

/// Tercom's general and Western rules.
fn normalized(text: &str) -> String {
    let mut text = text.replace("\n-", "").replace('\n', " ");
    for (from, to) in [
        ("&quot;", "\""),
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ] {
        text = text.replace(from, to);
    }
    let symbols = symbols_apart(&format!(" {text} "));
    marks_apart(symbols.replace("'s ", " 's "))
}
