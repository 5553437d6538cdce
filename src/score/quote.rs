//! Quoting in a score's `why`: short and escaped, so that hostile text stays inert where it is shown.

use serde_json::Value;

/// Characters of quoted text where two texts stand side by side.
const SHORT: usize = 80;
/// Characters of quoted text in all.
const LONG: usize = 200;
/// Characters kept before the place where two texts part.
const BEFORE: usize = 15;

/// `text` in quotes, control and invisible characters escaped, cut after 80 characters.
pub(super) fn quote(text: &str) -> String {
    quote_at_most(text, SHORT)
}

fn quote_at_most(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

/// `text` without quotes around it, control and invisible characters escaped, cut after 200
/// characters: for a sentence that somebody else wrote.
pub(super) fn tell(text: &str) -> String {
    tell_at_most(text.trim(), LONG)
}

fn tell_at_most(text: &str, limit: usize) -> String {
    let quoted = quote_at_most(text, limit);
    let (inside, cut) = match quoted.strip_suffix('…') {
        Some(inside) => (inside, "…"),
        None => (quoted.as_str(), ""),
    };
    let mut told = String::with_capacity(quoted.len());
    let mut chars = inside[1..inside.len() - 1].chars();
    while let Some(c) = chars.next() {
        // a quote or a backslash does no harm inside a sentence
        match (c, chars.clone().next()) {
            ('\\', Some(next @ ('"' | '\\'))) => {
                told.push(next);
                chars.next();
            }
            _ => told.push(c),
        }
    }
    told + cut
}

/// What was expected and what was found, as JSON.
pub(super) fn differ_json(expected: &Value, found: &Value) -> String {
    match (expected, found) {
        (Value::String(expected), Value::String(found)) => differ(expected, found),
        _ => {
            let shown = |value: &Value| tell_at_most(&value.to_string(), SHORT);
            format!("expected {}, got {}", shown(expected), shown(found))
        }
    }
}

/// Names in a row, quoted, `more` standing for those beyond the eighth.
pub(super) fn list<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(8)
        .map(|name| quote_at_most(name.as_ref(), LONG / 8))
        .collect();
    match names.len() {
        0..=8 => shown.join(", "),
        n => format!("{} and {} more", shown.join(", "), n - 8),
    }
}

/// What was expected and what was found; of long texts the part where they differ.
pub(super) fn differ(expected: &str, found: &str) -> String {
    let alike = expected
        .chars()
        .zip(found.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let short = |text: &str| text.chars().nth(SHORT).is_none();
    if alike <= BEFORE || (short(expected) && short(found)) {
        return format!("expected {}, got {}", quote(expected), quote(found));
    }
    let from = |text: &str| {
        let rest: String = text.chars().skip(alike - BEFORE).take(SHORT + 1).collect();
        quote(&rest)
    };
    let (expected, found) = (from(expected), from(found));
    format!(
        "differs from character {}: expected …{expected}, got …{found}",
        alike + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_escaped_and_cut() {
        let quoted = quote("\u{1b}]52;c;x\u{7}\r\n::error::\u{202e}\u{200b}");
        assert!(quoted.chars().all(|c| !c.is_control()), "{quoted}");
        assert!(!quoted.contains(['\u{202e}', '\u{200b}']), "{quoted}");
        assert_eq!(quote(&"é".repeat(81)).chars().count(), 83);
        assert_eq!(tell(" a \"b\" \\ \u{1b}\n"), "a \"b\" \\ \\u{1b}");
        assert_eq!(tell(&"字".repeat(300)).chars().count(), 201);
    }

    #[test]
    fn long_texts_show_where_they_part() {
        assert_eq!(differ("a", "b"), "expected \"a\", got \"b\"");
        let same = "x".repeat(100);
        let why = differ(&format!("{same}1"), &format!("{same}2"));
        assert_eq!(
            why,
            "differs from character 101: expected …\"xxxxxxxxxxxxxxx1\", got …\"xxxxxxxxxxxxxxx2\""
        );
    }
}
