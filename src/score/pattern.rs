//! `regex`: the reply matches a pattern; or what a group of it catches is the target.

use super::kind::Kind;
use super::normal::Normal;
use super::quote::{differ, list, quote};
use super::{Check, Graded, Score, Unscored, compare};
use regex::{Captures, Regex, RegexBuilder};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// Bytes a compiled pattern may take.
const SIZE: usize = 1 << 20;

/// The kind `regex`.
pub(super) const KIND: Kind = Kind {
    name: "regex",
    about: "the reply matches a pattern, or what a group of it catches is the target",
    params: "pattern: \"...\", case: true, trim: true, group: NAME",
    short: "a pattern",
    range: "0 or 1",
    direction: "higher is better",
    needs: "with `group`, a target",
    example: r#"{"scorer": {"regex": "^[A-C]$"}, "output": "B", "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, _| match given.short().map(|block| (block, block.text())) {
        Some((block, Some(pattern))) => match Pattern::new(Params::of(pattern)) {
            Ok(pattern) => Ok(Box::new(pattern)),
            Err(why) => Err(vec![block.problem(format!("bad pattern: {why}"), "")]),
        },
        _ => match Pattern::new(given.params()?) {
            Ok(pattern) => Ok(Box::new(pattern)),
            Err(why) => Err(given.wrong("pattern", [format!("bad pattern: {why}")])),
        },
    },
    schema: |generator| {
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [{"type": "string"}, params]})
    },
};

/// Matches looked at before a reply is given up: finding all of them can take quadratic time.
const MATCHES: usize = 1000;

/// What `regex` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// The pattern, in the syntax of Rust's regex crate (no look-around, no back-references).
    pattern: String,
    /// Whether upper and lower case differ.
    #[serde(default = "yes")]
    case: bool,
    /// Cut white space at both ends of the reply, so that `$` is the end of what is seen.
    #[serde(default = "yes")]
    trim: bool,
    /// Compare what this group (its name or number) catches to the target; the last match counts.
    #[serde(default)]
    group: Option<String>,
}

impl Params {
    /// A pattern and nothing else.
    fn of(pattern: &str) -> Self {
        Params {
            pattern: pattern.to_owned(),
            case: true,
            trim: true,
            group: None,
        }
    }
}

fn yes() -> bool {
    true
}

/// The reply matches.
#[derive(Debug)]
struct Pattern {
    regex: Regex,
    trim: bool,
    group: Option<usize>,
    normal: Normal,
}

impl Pattern {
    /// The compiled pattern, or what is wrong with it.
    fn new(params: Params) -> Result<Self, String> {
        let (regex, group) = compile(&params.pattern, params.case, params.group.as_deref())?;
        Ok(Pattern {
            regex,
            trim: params.trim,
            group,
            normal: Normal {
                case: params.case,
                ..Normal::default()
            },
        })
    }

    /// What the pattern's groups caught, with their names.
    fn caught(&self, found: &Captures<'_>) -> String {
        let names = self.regex.capture_names().enumerate().skip(1);
        let groups = names.filter_map(|(number, name)| {
            let text = quote(found.get(number)?.as_str());
            Some(format!(
                "{} = {text}",
                name.map_or(number.to_string(), str::to_owned)
            ))
        });
        let groups: Vec<String> = groups.take(4).collect();
        match groups.is_empty() {
            true => String::new(),
            false => format!(" ({})", groups.join(", ")),
        }
    }
}

impl Check for Pattern {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let reply = graded.reply.text.as_str();
        let reply = if self.trim { reply.trim() } else { reply };
        let Some(group) = self.group else {
            return Ok(match self.regex.captures(reply) {
                Some(found) => Score::pass(
                    true,
                    format!("matches {}{}", quote(&found[0]), self.caught(&found)),
                ),
                None => Score::pass(false, format!("no match in {}", quote(reply))),
            });
        };
        let target = compare::target(graded)?;
        let last = last(&self.regex, reply, |found| found.get(group).is_some())?;
        let Some(found) = last.and_then(|found| found.get(group)) else {
            return Ok(Score::pass(false, format!("no match in {}", quote(reply))));
        };
        let found = self.normal.apply(found.as_str());
        let expected = compare::texts(target);
        let right = expected.iter().any(|text| self.normal.apply(text) == found);
        let why = match expected.as_slice() {
            _ if right => format!("is {}", quote(&found)),
            [one] => differ(one, &found),
            several => format!("expected one of {}, got {}", list(several), quote(&found)),
        };
        Ok(Score::pass(right, why))
    }

    fn needs_target(&self) -> bool {
        self.group.is_some()
    }
}

/// A compiled pattern and the number of the group that is meant, or what is wrong with them.
pub(super) fn compile(
    pattern: &str,
    case: bool,
    group: Option<&str>,
) -> Result<(Regex, Option<usize>), String> {
    let regex = RegexBuilder::new(pattern)
        .case_insensitive(!case)
        .size_limit(SIZE)
        .dfa_size_limit(SIZE)
        .build()
        .map_err(|error| told(&error))?;
    let Some(group) = group else {
        return Ok((regex, None));
    };
    let named = regex.capture_names().position(|name| name == Some(group));
    let numbered = group.parse().ok();
    let numbered = numbered.filter(|number| *number < regex.captures_len());
    match named.or(numbered) {
        Some(number) => Ok((regex, Some(number))),
        None => Err(format!("the pattern has no group {group:?}")),
    }
}

/// The last match that is wanted; a text with too many of them is not scored.
pub(super) fn last<'t>(
    regex: &Regex,
    text: &'t str,
    wanted: impl Fn(&Captures<'t>) -> bool,
) -> Result<Option<Captures<'t>>, Unscored> {
    let mut last = None;
    for (index, found) in regex.captures_iter(text).enumerate() {
        if index == MATCHES {
            return Err(Unscored(format!(
                "the pattern matches more than {MATCHES} times"
            )));
        }
        if wanted(&found) {
            last = Some(found);
        }
    }
    Ok(last)
}

/// What is wrong with a pattern, in a line.
fn told(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("the pattern takes more than {limit} bytes compiled")
        }
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.trim_start_matches("error: ").to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_with};
    use super::*;
    use serde_json::{Value, json};

    fn pattern(params: Value) -> Pattern {
        Pattern::new(serde_json::from_value(params).unwrap()).unwrap()
    }

    #[test]
    fn the_reply_matches() {
        let letter = pattern(json!({"pattern": "^[A-C]$"}));
        assert_eq!(
            check_with(&letter, "B\n", None).unwrap().why,
            "matches \"B\""
        );
        assert_eq!(
            check_with(&letter, "B.", None).unwrap().why,
            "no match in \"B.\""
        );
        let named = pattern(json!({"pattern": r"(?P<year>\d{4})-(\d\d)", "case": false}));
        let why = check_with(&named, "on 2024-05-06", None).unwrap().why;
        assert_eq!(why, "matches \"2024-05\" (year = \"2024\", 2 = \"05\")");
    }

    #[test]
    fn a_group_is_the_target() {
        let answer = pattern(
            json!({"pattern": r"answer:\s*(?<letter>[a-d])", "case": false, "group": "letter"}),
        );
        assert_eq!(
            check(&answer, "Answer: A? No. Answer: C", json!("c"))
                .unwrap()
                .value,
            1.0
        );
        assert_eq!(
            check(&answer, "Answer: A", json!("C")).unwrap().why,
            "expected \"C\", got \"a\""
        );
        assert_eq!(check(&answer, "C", json!("C")).unwrap().value, 0.0);
        assert!(check_with(&answer, "Answer: A", None).is_err());
    }

    #[test]
    fn bad_patterns_are_told() {
        let wrong =
            |params: Value| Pattern::new(serde_json::from_value(params).unwrap()).unwrap_err();
        assert_eq!(wrong(json!({"pattern": "a("})), "unclosed group");
        assert_eq!(
            wrong(json!({"pattern": "(?=a)"})),
            "look-around, including look-ahead and look-behind, is not supported"
        );
        assert_eq!(
            wrong(json!({"pattern": "a", "group": "x"})),
            "the pattern has no group \"x\""
        );
        let bomb = wrong(json!({"pattern": "(?:a{1000}){1000}"}));
        assert_eq!(bomb, "the pattern takes more than 1048576 bytes compiled");
        let deep = format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000));
        assert!(wrong(json!({"pattern": deep})).contains("nest"));
    }

    #[test]
    fn hostile_replies_take_linear_time() {
        let every = pattern(json!({"pattern": ".*[^A-Z]|([A-Z])", "group": "1"}));
        assert!(check(&every, &"A".repeat(1 << 12), json!("A")).is_err());
        let nested = pattern(json!({"pattern": "^(a+)+$"}));
        let text = format!("{}!", "a".repeat(500_000));
        assert_eq!(check_with(&nested, &text, None).unwrap().value, 0.0);
    }
}
