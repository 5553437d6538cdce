//! `choice`: the letter of a multiple-choice answer.

use super::super::kind::Kind;
use super::super::quote::{list, quote};
use super::super::{Check, Graded, Score, Unscored};
use super::references;
use regex::{Match, Regex};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// The kind `choice`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "choice",
    about: "the letter that the reply chooses is the target's (multiple choice)",
    params: "of: 4",
    short: "how many letters there are",
    range: "0 or 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "choice", "output": "A is wrong, so the answer is **(C)**.", "target": "C", "gives": {"value": 1.0, "passed": true, "why": "chooses C"}}"#,
    build: |given, _| {
        let of = match given.short() {
            Some(block) => block.read()?,
            None => given.params::<Params>()?.of,
        };
        match (2..=26).contains(&of) {
            true => Ok(Box::new(Choice { of })),
            false => Err(given.wrong("of", ["there are 2 to 26 letters".to_owned()])),
        }
    },
    schema: |generator| {
        let params = generator.subschema_for::<Params>();
        let count = json_schema!({"type": "integer", "minimum": 2, "maximum": 26});
        json_schema!({"anyOf": [count, {"type": "null"}, params]})
    },
};

/// What `choice` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// How many letters there are, from A.
    of: u8,
}

impl Default for Params {
    fn default() -> Self {
        Params { of: 4 }
    }
}

/// The letter that is chosen.
struct Choice {
    of: u8,
}

/// A letter in marks of emphasis or brackets, and nothing that would make it part of a word.
const LETTER: &str = r#"[\s:*_`"'(\[{$\\]*([A-Za-z])(?:$|[^\p{L}\p{N}'’])"#;

/// Ways to say which, the surest first; of several the last counts.
static SAID: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let answer = "answer|option|choice|antwort|réponse|respuesta|risposta|resposta|antwoord|ответ|답|答案|答え|正解";
    let is = "ist|is|was|would be|should be|est|es|è|é|на|는|은|は|是|为|:|=|-|–|—";
    [
        r"\\boxed\s*\{(?:\\text\s*\{)?\s*([A-Za-z])\s*\}".to_owned(),
        format!(r"(?i)(?:{answer})s?[\s*_:]*(?:(?:{is})[\s*_]*)+{LETTER}"),
        format!(r"(?im)(?:{answer})\s*[:=]?{LETTER}"),
    ]
    .map(|rule| Regex::new(&rule).expect("a fixed pattern"))
});
/// A letter that leads the first line: `B) Paris`, `(B)`, `B. Paris`, `B: Paris`.
static LEADS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\s*_`(\[]*([A-Za-z])[\s*_`]*[).:\]]").expect("a fixed pattern")
});
/// A letter alone.
static ALONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[^\p{L}\p{N}]*([A-Za-z])[^\p{L}\p{N}]*$").expect("a fixed pattern")
});
/// A capital letter as a word, and what follows it.
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^\p{L}\p{N}'’])([A-Z])(\s+[a-z]|[^\p{L}\p{N}'’]|$)")
        .expect("a fixed pattern")
});

/// Whether a small letter is the word before another: "the answer is a tie".
fn article(letter: &Match<'_>, text: &str) -> bool {
    let after = text[letter.end()..].trim_start_matches(' ');
    let apart = after.len() < text.len() - letter.end();
    letter.as_str() == "a" && apart && after.starts_with(char::is_lowercase)
}

impl Choice {
    /// The letter, or why there is none.
    fn chosen(&self, reply: &str) -> Result<char, String> {
        let text: String = reply.nfkc().collect();
        let text = text.trim();
        let allowed = |letter: &str| {
            let letter = letter.chars().next()?.to_ascii_uppercase();
            (letter < char::from(b'A' + self.of)).then_some(letter)
        };
        if let Some(alone) = ALONE.captures(text) {
            return allowed(&alone[1]).ok_or_else(|| self.no_such(&alone[1]));
        }
        for said in SAID.iter() {
            let letters = said.captures_iter(text).filter_map(|parts| parts.get(1));
            if let Some(last) = letters.filter(|letter| !article(letter, text)).last() {
                return allowed(last.as_str()).ok_or_else(|| self.no_such(last.as_str()));
            }
        }
        if let Some(letter) = LEADS.captures(text).and_then(|found| allowed(&found[1])) {
            return Ok(letter);
        }
        let mut found: Vec<char> = Vec::new();
        let mut at = 0;
        while let Some(parts) = WORD.captures_at(text, at) {
            let letter = parts.get(1).expect("the group is in every match");
            at = letter.end();
            // `A` and `I` before a word in lower case are words themselves, but not in `A is right`
            let next = text[letter.end()..]
                .split_whitespace()
                .next()
                .unwrap_or_default();
            let chosen = ["is", "was", "would", "because", "since", "and", "or"].contains(&next);
            let word = matches!(letter.as_str(), "A" | "I") && parts[2].len() > 1 && !chosen;
            match allowed(letter.as_str()) {
                Some(letter) if !word && !found.contains(&letter) => found.push(letter),
                _ => {}
            }
        }
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(format!("no letter is chosen in {}", quote(text))),
            several => {
                let names: Vec<String> = several.iter().map(char::to_string).collect();
                Err(format!("names several letters: {}", list(&names)))
            }
        }
    }

    fn no_such(&self, letter: &str) -> String {
        let last = char::from(b'A' + self.of - 1);
        format!("chooses {}, which is none of A to {last}", quote(letter))
    }
}

impl Check for Choice {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let mut expected = Vec::new();
        for text in references(graded)? {
            let letter = self.chosen(&text).map_err(|why| {
                let text = quote(&text);
                Unscored(format!("the target {text} is no letter to choose: {why}"))
            })?;
            expected.push(letter);
        }
        let names: Vec<String> = expected.iter().map(char::to_string).collect();
        let names = names.join(" or ");
        Ok(match self.chosen(&graded.reply.text) {
            Ok(letter) if expected.contains(&letter) => {
                Score::pass(true, format!("chooses {letter}"))
            }
            Ok(letter) => Score::pass(false, format!("expected {names}, chooses {letter}")),
            Err(why) => Score::pass(false, format!("expected {names}: {why}")),
        })
    }

    fn needs_target(&self) -> bool {
        true
    }
}
