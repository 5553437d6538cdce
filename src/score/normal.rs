//! Normalisation before two texts are compared: case, white space, punctuation, Unicode form.

pub(super) use crate::text::form::casefold as fold;
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// What to do with white space inside a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Space {
    /// Leave it.
    #[default]
    Keep,
    /// Any run of it is one space.
    Collapse,
    /// Take it out.
    Ignore,
}

/// What to do with punctuation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Punctuation {
    /// Leave it.
    #[default]
    Keep,
    /// Take it out.
    Ignore,
}

/// Unicode normalisation form (UAX #15).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unicode {
    /// Code points as they are.
    Keep,
    /// Canonical: `é` is `é` however it is composed.
    #[default]
    Nfc,
    /// Compatibility: also `１` is `1` and `ﬁ` is `fi`.
    Nfkc,
}

/// How a text is brought into the form that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Normal {
    /// Whether case matters.
    pub case: bool,
    /// Whether white space at both ends is cut.
    pub trim: bool,
    /// White space inside.
    pub space: Space,
    /// Punctuation.
    pub punctuation: Punctuation,
    /// Unicode form.
    pub unicode: Unicode,
}

impl Default for Normal {
    fn default() -> Self {
        Normal {
            case: true,
            trim: true,
            space: Space::Keep,
            punctuation: Punctuation::Keep,
            unicode: Unicode::Nfc,
        }
    }
}

/// All of Unicode's general category P.
static PUNCTUATION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\p{P}+").expect("a fixed pattern"));

impl Normal {
    /// The form of `text` that is compared.
    pub(super) fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = self.form(Cow::Borrowed(text));
        if !self.case {
            text = self.form(Cow::Owned(fold(&text)));
        }
        if self.punctuation == Punctuation::Ignore && PUNCTUATION.is_match(&text) {
            text = Cow::Owned(PUNCTUATION.replace_all(&text, "").into_owned());
        }
        match self.space {
            Space::Keep => {}
            Space::Collapse => text = Cow::Owned(words(&text, " ")),
            Space::Ignore => text = Cow::Owned(words(&text, "")),
        }
        match text {
            text if !self.trim => text,
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    fn form<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if text.is_ascii() {
            return text;
        }
        match self.unicode {
            Unicode::Keep => text,
            Unicode::Nfc => Cow::Owned(text.nfc().collect()),
            Unicode::Nfkc => Cow::Owned(text.nfkc().collect()),
        }
    }
}

fn words(text: &str, between: &str) -> String {
    let (start, end) = (text.trim_start(), text.trim_end());
    let mut joined = text.split_whitespace().collect::<Vec<_>>().join(between);
    if start.len() < text.len() && !joined.is_empty() {
        joined.insert_str(0, between);
    }
    if end.len() < text.len() {
        joined.push_str(between);
    }
    joined
}

/// Whether words of this letter's script stand without spaces between (Han, kana, Hangul, Thai …).
pub(super) fn unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1100..=0x11FF | 0x1780..=0x17FF | 0x2E80..=0x9FFF
        | 0xA960..=0xA97F | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0xFF66..=0xFFDC | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_option_alone() {
        let plain = Normal::default();
        assert_eq!(plain.apply(" Paris \n"), "Paris");
        assert_eq!(plain.apply("e\u{301}"), "é");
        let loose = Normal {
            case: false,
            ..plain
        };
        assert_eq!(loose.apply("Straße"), loose.apply("STRASSE"));
        assert_eq!(loose.apply("ΑΣ"), loose.apply("ας"));
        let bare = Normal {
            punctuation: Punctuation::Ignore,
            ..plain
        };
        assert_eq!(bare.apply("「東京」。"), "東京");
        assert_eq!(bare.apply("..."), bare.apply("!!"));
        let one = Normal {
            space: Space::Collapse,
            trim: false,
            ..plain
        };
        assert_eq!(one.apply(" a \n\tb "), " a b ");
        assert_eq!(one.apply("  "), " ");
        let none = Normal {
            space: Space::Ignore,
            ..plain
        };
        assert_eq!(none.apply(" a \n b "), "ab");
        let wide = Normal {
            unicode: Unicode::Nfkc,
            ..plain
        };
        assert_eq!(wide.apply("１２ ﬁ"), "12 fi");
    }

    #[test]
    fn folding_is_that_of_unicode() {
        // expected: Python 3's str.casefold()
        for (text, folded) in [
            ("Straße, ﬁne, İstanbul", "strasse, fine, i\u{307}stanbul"),
            ("ⅷ ① ½ ﬀ", "ⅷ ① ½ ff"),
            ("ǅ ß ŉ", "ǆ ss ʼn"),
            ("ΑΣ ς", "ασ σ"),
            ("ẞ", "ss"),
            ("今天", "今天"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }
}
