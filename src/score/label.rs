//! `label`: the reply names exactly one of the allowed labels, and it is the target's;
//! `one_of`: it names exactly one, whichever.

use super::kind::{Given, Kind};
use super::normal::{Normal, Punctuation, Space, Unicode, unspaced};
use super::quote::{list, quote};
use super::reading::{self, Around};
use super::{Check, Graded, Score, Unscored, compare};
use crate::source::Problem;
use crate::store::{LabelFigure, Parts};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Parameters of both kinds, in a line.
const PARAMS: &str =
    "of: [A, B, ...], aliases: {A: [...]}, pointer: /label, case: false, strict: false";

/// Those of `label`.
const LABEL_PARAMS: &str = "of: [A, B, ...], aliases: {A: [...]}, pointer: /label, case: false, strict: false, summary: accuracy | macro_f1 | micro_f1 | weighted_f1";

/// The kind `label`.
pub(super) const KIND: Kind = Kind {
    name: "label",
    about: "the reply names exactly one of the allowed labels, and it is the target's",
    params: LABEL_PARAMS,
    short: "the list of labels",
    range: "0 or 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": {"label": ["bug", "billing"]}, "output": "Billing.", "target": "bug", "gives": {"value": 0.0, "passed": false}}"#,
    build: |given, _| Ok(Box::new(Label(labels(given)?))),
    schema,
};

/// The kind `one_of`.
pub(super) const ONE_OF: Kind = Kind {
    name: "one_of",
    about: "the reply names exactly one of the allowed labels, whichever",
    params: PARAMS,
    short: "the list of labels",
    range: "0 or 1",
    direction: "higher is better",
    needs: "",
    example: r#"{"scorer": {"one_of": ["bug", "billing"]}, "output": "Billing.", "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, _| {
        let labels = labels(given)?;
        match labels.summary.figure() {
            None => Ok(Box::new(OneOf(labels))),
            Some(_) => {
                let why = "`one_of` has no target to make a report with: use `label`";
                Err(given.wrong("summary", [why.to_owned()]))
            }
        }
    },
    schema,
};

fn labels(given: &Given<'_, '_>) -> Result<Labels, Vec<Problem>> {
    let params = match given.short() {
        Some(block) if !block.node().items().is_empty() => Params {
            of: block.read()?,
            ..Params::default()
        },
        _ => given.params()?,
    };
    Labels::new(params).map_err(|whys| given.wrong("of", whys))
}

fn schema(generator: &mut SchemaGenerator) -> Schema {
    let params = generator.subschema_for::<Params>();
    json_schema!({"anyOf": [{"type": "array", "items": {"type": "string"}}, params]})
}

/// What `label` and `one_of` take.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// The labels allowed.
    of: Vec<String>,
    /// Other words for a label: `{bug: [defect, fault]}`.
    #[serde(default)]
    aliases: BTreeMap<String, Vec<String>>,
    /// Where the label stands in a JSON reply, as a pointer: `/label`.
    #[serde(default)]
    pointer: Option<String>,
    /// Whether upper and lower case differ.
    #[serde(default)]
    case: bool,
    /// The reply must be the label and nothing else.
    #[serde(default)]
    strict: bool,
    /// The figure of the classification report that stands for a candidate.
    #[serde(default)]
    summary: Summary,
}

/// The figure of a classification report that stands for a candidate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Summary {
    /// The share of right labels.
    #[default]
    Accuracy,
    /// The mean of the labels' F1.
    MacroF1,
    /// F1 over all labels' counts.
    MicroF1,
    /// The mean of the labels' F1, each as often as it is expected.
    WeightedF1,
}

impl Summary {
    fn figure(self) -> Option<LabelFigure> {
        match self {
            Summary::Accuracy => None,
            Summary::MacroF1 => Some(LabelFigure::MacroF1),
            Summary::MicroF1 => Some(LabelFigure::MicroF1),
            Summary::WeightedF1 => Some(LabelFigure::WeightedF1),
        }
    }
}

/// Labels in every spelling that names them.
struct Labels {
    of: Vec<String>,
    /// Spelling as compared whole, as searched for, and the label's place in `of`; longest first.
    spellings: Vec<(String, String, usize)>,
    case: bool,
    pointer: Option<String>,
    strict: bool,
    summary: Summary,
}

impl Labels {
    /// The labels, or what is wrong with them.
    fn new(params: Params) -> Result<Self, Vec<String>> {
        let mut labels = Labels {
            of: params.of,
            spellings: Vec::new(),
            case: params.case,
            pointer: params.pointer,
            strict: params.strict,
            summary: params.summary,
        };
        let mut wrong = Vec::new();
        if labels.of.is_empty() {
            wrong.push("`of` lists no labels".to_owned());
        }
        if let Some(why) = labels.pointer.as_deref().and_then(compare::bad_pointer) {
            wrong.push(why);
        }
        let known = labels
            .of
            .iter()
            .enumerate()
            .map(|(at, label)| (label.clone(), at));
        let mut words: Vec<(String, usize)> = known.collect();
        for (label, aliases) in params.aliases {
            match labels.of.iter().position(|known| *known == label) {
                Some(at) => words.extend(aliases.into_iter().map(|alias| (alias, at))),
                None => wrong.push(format!(
                    "`aliases` names {}, which is not in `of`",
                    quote(&label)
                )),
            }
        }
        for (word, at) in words {
            let (whole, sought) = (labels.whole(&word), labels.sought(&word).into_owned());
            match labels.spellings.iter().find(|(other, ..)| *other == whole) {
                _ if sought.is_empty() => wrong.push("a label is empty".to_owned()),
                Some((_, other, _)) => {
                    wrong.push(format!(
                        "{} and {} read alike",
                        quote(other),
                        quote(&sought)
                    ));
                }
                None => labels.spellings.push((whole, sought, at)),
            }
        }
        labels
            .spellings
            .sort_by_key(|(_, sought, _)| std::cmp::Reverse(sought.len()));
        if wrong.is_empty() {
            Ok(labels)
        } else {
            Err(wrong)
        }
    }

    /// The one label that a reply names, or why there is none.
    fn named(&self, reply: &str) -> Result<&str, String> {
        let Some(pointer) = &self.pointer else {
            return self.in_text(reply, !self.strict);
        };
        let value = reading::json(reply, Around::Fence)?;
        match value.pointer(pointer) {
            Some(value) => self.in_text(&compare::text(value), false),
            None => Err(format!("the JSON has nothing at {pointer}")),
        }
    }

    fn in_text(&self, text: &str, search: bool) -> Result<&str, String> {
        let whole = self.whole(text);
        if let Some((.., at)) = self
            .spellings
            .iter()
            .find(|(spelling, ..)| *spelling == whole)
        {
            return Ok(&self.of[*at]);
        }
        let found = if search {
            self.search(&self.sought(text))
        } else {
            Vec::new()
        };
        match found.as_slice() {
            [one] => Ok(&self.of[*one]),
            [] => Err(format!(
                "{} names none of {}",
                quote(text.trim()),
                list(&self.of)
            )),
            several => {
                let names: Vec<&str> = several.iter().map(|at| self.of[*at].as_str()).collect();
                Err(format!("names several labels: {}", list(&names)))
            }
        }
    }

    /// The labels that stand in a text as words of their own, the longest spelling first.
    fn search(&self, text: &str) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = 0;
        let mut before = None;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            let here = self.spellings.iter().find(|(_, sought, _)| {
                rest.strip_prefix(sought.as_str()).is_some_and(|after| {
                    apart(before, sought.chars().next())
                        && apart(sought.chars().next_back(), after.chars().next())
                })
            });
            let step = match here {
                Some((_, sought, label)) => {
                    if !found.contains(label) {
                        found.push(*label);
                    }
                    sought.as_str()
                }
                None => &rest[..c.len_utf8()],
            };
            before = step.chars().next_back();
            at += step.len();
        }
        found
    }

    fn whole(&self, text: &str) -> String {
        let bare = self.normal(Punctuation::Ignore).apply(text).into_owned();
        // a label like `+` is nothing but punctuation
        if bare.is_empty() {
            self.sought(text).into_owned()
        } else {
            bare
        }
    }

    fn sought<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.normal(Punctuation::Keep).apply(text)
    }

    fn normal(&self, punctuation: Punctuation) -> Normal {
        Normal {
            case: self.case,
            trim: true,
            space: Space::Collapse,
            punctuation,
            unicode: Unicode::Nfkc,
        }
    }
}

/// Whether two neighbouring letters belong to different words.
fn apart(left: Option<char>, right: Option<char>) -> bool {
    let joins =
        |c: Option<char>| c.is_some_and(|c| (c.is_alphanumeric() || c == '_') && !unspaced(c));
    !(joins(left) && joins(right))
}

/// The reply names the target's label and no other.
struct Label(Labels);

impl Check for Label {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let target = compare::target(graded)?;
        let mut expected = Vec::new();
        for text in compare::texts(target) {
            let label = self
                .0
                .in_text(&text, false)
                .map_err(|why| Unscored(format!("the target {why}")))?;
            expected.push(label);
        }
        let named = self.0.named(&graded.reply.text);
        let found = named.as_ref().ok().copied();
        // of several that are right, the one that was given
        let right = found.filter(|label| expected.contains(label));
        let parts = right
            .or(expected.first().copied())
            .map(|label| Parts::Label {
                expected: label.to_owned(),
                found: found.map(str::to_owned),
                figure: self.0.summary.figure(),
            });
        let score = match named {
            Ok(label) if right.is_some() => Score::pass(true, format!("is {}", quote(label))),
            Ok(label) => Score::pass(
                false,
                format!("expected {}, got {}", list(&expected), quote(label)),
            ),
            Err(why) => Score::pass(false, format!("expected {}: {why}", list(&expected))),
        };
        Ok(score.with(parts))
    }

    fn figure(&self) -> bool {
        self.0.summary.figure().is_some()
    }

    fn needs_target(&self) -> bool {
        true
    }
}

/// The reply names one label of those allowed, whichever.
struct OneOf(Labels);

impl Check for OneOf {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        Ok(match self.0.named(&graded.reply.text) {
            Ok(label) => Score::pass(true, format!("is {}", quote(label))),
            Err(why) => Score::pass(false, why),
        })
    }
}

#[cfg(test)]
mod tests;
