//! Text from outside made safe to look at: what a terminal or a reader's eye would obey is spelled out.
//!
//! For terminals, logs and pages. Not for data files: those keep what was said, byte for byte.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character is obeyed or hidden instead of shown: controls (but newline and tab),
/// direction overrides and isolates, zero-width and tag characters.
pub fn unseen(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // C0, DEL and C1, so every escape sequence (CSI, OSC, DCS) loses its start
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

/// The text with every [`unseen`] character spelled `\u{…}`; a Windows line end becomes a plain one.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(unseen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        if unseen(c) {
            write!(out, "{}", c.escape_unicode()).expect("a String takes every write");
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The same on one line: newlines and tabs become single spaces.
pub fn plain_line(text: &str) -> Cow<'_, str> {
    let safe = plain(text);
    if !safe.contains(['\n', '\t']) {
        return safe;
    }
    Cow::Owned(safe.split(['\n', '\t']).collect::<Vec<_>>().join(" "))
}

/// The last look at what goes to a terminal: an [`unseen`] character that still stands in it, and is no colour of
/// ours, is spelled as JSON spells it, so JSON says the same as before.
pub fn spelled(text: &str) -> Cow<'_, str> {
    if !text.contains(unseen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(unseen) {
        out += &rest[..at];
        rest = &rest[at..];
        let end = match colour(rest) {
            0 => rest.chars().next().map_or(0, char::len_utf8),
            end => end,
        };
        let (found, after) = rest.split_at(end);
        if end > 1 && found.starts_with('\u{1b}') {
            out += found;
        } else {
            for unit in found.encode_utf16() {
                write!(out, "\\u{unit:04x}").expect("a String takes every write");
            }
        }
        rest = after;
    }
    Cow::Owned(out + rest)
}

/// The length of the colour that a text begins with: `ESC [ 1;32 m` (ECMA-48, SGR); 0 if there is none.
fn colour(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let end = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
    match end.starts_with('m') {
        true => text.len() - end.len() + 1,
        false => 0,
    }
}

/// The text with nothing in it that the log of a CI service obeys: `::name::` at the beginning of a line and
/// `##[name]` anywhere (GitHub's and Azure's runners; `ActionCommand.cs` of actions/runner), `##vso[`,
/// TeamCity's `##teamcity[`. One character of each is spelled as JSON spells it, so JSON says the same as before.
pub fn unheeded(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        let body = line.trim_start();
        out += &line[..line.len() - body.len()];
        let mut rest = match body.strip_prefix("::") {
            Some(rest) => {
                out += r"\u003a:";
                rest
            }
            None => body,
        };
        while let Some(at) = rest.find("##") {
            let after = &rest[at + 2..];
            let name = after.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            out += &rest[..at];
            (out, rest) = match name.starts_with('[') {
                true => (out + "\\u0023#", after),
                false => (out + "#", &rest[at + 1..]),
            };
        }
        out += rest;
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_look_leaves_nothing_but_colours() {
        let painted = "\u{1b}[1;32mgood\u{1b}[0m\n\tx";
        assert_eq!(spelled(painted), painted);
        assert_eq!(
            spelled("a\u{1b}[2J\u{9b}m\u{202e}\u{e0041}\u{1b}"),
            "a\\u001b[2J\\u009bm\\u202e\\udb40\\udc41\\u001b"
        );
    }

    #[test]
    fn no_log_finds_a_command() {
        assert_eq!(unheeded("a\n \t::error::x"), "a\n \t\\u003a:error::x");
        assert_eq!(unheeded("x ##[add-mask]y"), "x \\u0023#[add-mask]y");
        assert_eq!(unheeded("###vso[task]"), "#\\u0023#vso[task]");
        for kept in ["a::b", "## title", "#1 ##", "std::fs\n"] {
            assert_eq!(unheeded(kept), kept);
        }
        let json = "{\"a\": \"##[group]x\"}";
        let same: [serde_json::Value; 2] =
            [json, &unheeded(json)].map(|text| serde_json::from_str(text).unwrap());
        assert_eq!(same[0], same[1]);
    }

    #[test]
    fn ordinary_text_is_untouched() {
        let text = "naïve 日本語 עברית ❤️\n\ttab";
        assert!(matches!(plain(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn what_a_terminal_obeys_is_spelled_out() {
        assert_eq!(
            plain("\u{1b}[31mred\u{1b}]8;;x\u{7}"),
            r"\u{1b}[31mred\u{1b}]8;;x\u{7}"
        );
        assert_eq!(plain("\u{9b}2J"), r"\u{9b}2J");
        assert_eq!(plain("over\rwrite\r\n"), "over\\u{d}write\n");
    }

    #[test]
    fn what_hides_or_turns_text_is_spelled_out() {
        assert_eq!(plain("a\u{202e}b\u{2066}"), r"a\u{202e}b\u{2066}");
        assert_eq!(plain("\u{feff}x\u{200b}"), r"\u{feff}x\u{200b}");
        assert_eq!(plain("\u{e0041}"), r"\u{e0041}");
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(plain_line("a\r\nb\tc"), "a b c");
    }
}
