//! `final_answer`: the number at the end of a worked answer, as GSM8K reads it.

use super::super::kind::Kind;
use super::super::number::{Decimal, numbers};
use super::super::quote::quote;
use super::super::{Check, Graded, Score, Unscored};
use super::references;
use crate::text::gsm8k;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// The kind `final_answer`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "final_answer",
    about: "the number after `####`, or the last one, is the target's (GSM8K)",
    params: "find: flexible | strict",
    short: "how it is found",
    range: "0 or 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "final_answer", "output": "2 boxes of 9 make 18. The answer is $18.", "target": "2 * 9 = 18\n#### 18", "gives": {"value": 1.0, "passed": true, "why": "is \"18\""}}"#,
    build: |given, _| {
        let find = match given.short() {
            Some(block) => block.read()?,
            None => given.params::<Params>()?.find,
        };
        Ok(Box::new(FinalAnswer(find)))
    },
    schema: |generator| {
        let find = generator.subschema_for::<Find>();
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [find, {"type": "null"}, params]})
    },
};

/// What `final_answer` takes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// How the answer is found.
    find: Find,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Find {
    /// The last number of the reply.
    #[default]
    Flexible,
    /// The number after `#### `, and nothing else.
    Strict,
}

struct FinalAnswer(Find);

/// A number without its decorations.
fn last(text: &str) -> Option<String> {
    gsm8k::flexible(text).map(gsm8k::cleaned)
}

fn same(a: &str, b: &str) -> bool {
    let exact = |text: &str| {
        let mut found = numbers(text, Decimal::Point);
        let last = found.pop().filter(|_| found.is_empty());
        last.map(|number| number.exact)
    };
    a == b || (exact(a).is_some() && exact(a) == exact(b))
}

impl Check for FinalAnswer {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let references = references(graded)?;
        let mut expected = Vec::new();
        for text in &references {
            let number = gsm8k::strict(text).or_else(|| last(text));
            let none = || Unscored(format!("the target {} has no number", quote(text)));
            expected.push(number.ok_or_else(none)?);
        }
        let found = match self.0 {
            Find::Flexible => last(&graded.reply.text),
            Find::Strict => gsm8k::strict(&graded.reply.text),
        };
        let Some(found) = found else {
            let what = match self.0 {
                Find::Flexible => "no number",
                Find::Strict => "no `#### ` with a number after it",
            };
            let why = format!("{what} in {}", quote(&graded.reply.text));
            return Ok(Score::pass(false, why));
        };
        let right = expected.iter().any(|number| same(number, &found));
        let why = match right {
            true => format!("is {}", quote(&found)),
            false => format!("expected {}, got {}", expected.join(" or "), quote(&found)),
        };
        Ok(Score::pass(right, why))
    }

    fn needs_target(&self) -> bool {
        true
    }
}
