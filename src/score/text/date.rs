//! `date`: a date in the reply is the target's, however either is written.

use super::super::kind::Kind;
use super::super::quote::quote;
use super::super::{Check, Graded, Score, Unscored};
use super::calendar::{Date, dates};
use super::references;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// The kind `date`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "date",
    about: "a date in the reply is the target's, in whatever way it is written",
    params: "take: last | first | only, day_first: false",
    short: "",
    range: "0 or 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": {"date": {"day_first": true}}, "output": "It was signed on 3/5/2024.", "target": "3 May 2024", "gives": {"value": 1.0, "passed": true, "why": "is 2024-05-03"}}"#,
    build: |given, _| Ok(Box::new(DateOf(given.params()?))),
    schema: |generator| {
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [{"type": "null"}, params]})
    },
};

/// What `date` takes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// Which date of the reply counts.
    take: Take,
    /// Whether `3/5/2024` is in May rather than in March.
    day_first: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Take {
    /// The last.
    #[default]
    Last,
    /// The first.
    First,
    /// The only one: a reply with several is wrong.
    Only,
}

/// A date of the reply is the target's.
struct DateOf(Params);

impl Check for DateOf {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let mut expected = Vec::new();
        for text in references(graded)? {
            let none = || Unscored(format!("the target {} has no date", quote(&text)));
            expected.push(dates(&text, self.0.day_first).pop().ok_or_else(none)?);
        }
        let found = dates(&graded.reply.text, self.0.day_first);
        let shown = |dates: &[Date], between: &str| {
            let texts: Vec<String> = dates.iter().take(8).map(Date::to_string).collect();
            texts.join(between)
        };
        let one = match (self.0.take, found.as_slice()) {
            (_, []) => {
                let why = format!("no date in {}", quote(&graded.reply.text));
                return Ok(Score::pass(false, why));
            }
            (Take::Only, [first, rest @ ..]) if rest.iter().any(|date| date != first) => {
                let why = format!("several dates: {}", shown(&found, ", "));
                return Ok(Score::pass(false, why));
            }
            (Take::Last, [.., last]) => last,
            (Take::First | Take::Only, [first, ..]) => first,
        };
        // a reply may say more than the target does, but not less
        let right = expected.iter().any(|date| date.is_in(one));
        let why = match right {
            true => format!("is {one}"),
            false => format!("expected {}, got {one}", shown(&expected, " or ")),
        };
        Ok(Score::pass(right, why))
    }

    fn needs_target(&self) -> bool {
        true
    }
}
