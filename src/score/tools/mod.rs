//! `tools`, `tool_f1`, `no_call`: the reply calls the tools that it should, with the right arguments.
//!
//! Calls are paired with those expected, each with one at most, so that parallel calls may come in any
//! order and a call that is made twice is not right twice.

mod expected;

use super::alike::Alike;
use super::json::{SchemaOrFile, broken};
use super::kind::{Built, Given, HIGHER, Kind};
use super::matching::pairs;
use super::numeric::Tolerance;
use super::quote::{differ_json, quote, tell};
use super::{Build, Check, Graded, Score, Unscored, compare};
use crate::prompt::ToolCall;
use expected::{Arguments, Expected};
use jsonschema::Validator;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The kind `tools`.
pub(super) const KIND: Kind = Kind {
    name: "tools",
    about: "the reply makes the expected tool calls, in any order, and no others",
    params: "calls: [{name, arguments}], arguments: exact | subset | ignore, order: false, extra: false, \
             tolerance: 0, case: true; or schemas: {NAME: FILE or {...}}: every call's arguments follow its tool's schema",
    short: "",
    range: "0 or 1",
    direction: HIGHER,
    needs: "a target [{name, arguments}], or `calls`, or `schemas`",
    example: r#"{"scorer": {"tools": {"arguments": "subset"}}, "output": "", "tool_calls": [{"name": "weather", "arguments": {"city": "Paris", "unit": "C"}}], "target": [{"name": "weather", "arguments": {"city": "Paris"}}], "gives": {"value": 1.0, "passed": true}}"#,
    build: tools,
    schema: bare_or::<Params>,
};

/// The kind `tool_f1`.
pub(super) const F1: Kind = Kind {
    name: "tool_f1",
    about: "F1 of the tool calls made and those expected: a call is right if its name and arguments are",
    params: "calls: [{name, arguments}], arguments: exact | subset | ignore, tolerance: 0, case: true",
    short: "",
    range: "0 to 1",
    direction: HIGHER,
    needs: "a target [{name, arguments}], or `calls`",
    example: r#"{"scorer": "tool_f1", "output": "", "tool_calls": [{"name": "weather", "arguments": {"city": "Paris"}}, {"name": "time", "arguments": {}}], "target": [{"name": "weather", "arguments": {"city": "Paris"}}], "gives": {"value": 0.6666666666666666, "passed": false}}"#,
    build: |given, _| {
        let params: F1Params = given.params()?;
        Ok(Box::new(Tools {
            how: How::F1,
            calls: params.calls,
            arguments: params.arguments,
            alike: alike(params.tolerance, params.case),
        }))
    },
    schema: bare_or::<F1Params>,
};

/// The kind `no_call`.
pub(super) const NO_CALL: Kind = Kind {
    name: "no_call",
    about: "the reply calls no tool",
    params: "",
    short: "",
    range: "0 or 1",
    direction: HIGHER,
    needs: "",
    example: r#"{"scorer": "no_call", "output": "It is sunny.", "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, _| {
        given.params::<Nothing>()?;
        Ok(Box::new(NoCall))
    },
    schema: bare_or::<Nothing>,
};

fn bare_or<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let params = generator.subschema_for::<T>();
    json_schema!({"anyOf": [{"type": "null"}, params]})
}

/// What `tools` takes.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// The calls expected of every case, instead of the target's.
    calls: Option<Vec<Expected>>,
    /// How a call's arguments are compared.
    arguments: Arguments,
    /// Whether the calls must come in the order in which they are expected.
    order: bool,
    /// Whether there may be other calls beside those expected.
    extra: bool,
    /// How far off a number may be: `0.01` or `1%`.
    tolerance: Tolerance,
    /// Whether upper and lower case differ in arguments; yes if not given.
    case: Option<bool>,
    /// JSON Schemas by tool: there must be a call, and every call must follow its tool's.
    schemas: BTreeMap<String, SchemaOrFile>,
}

/// What `tool_f1` takes.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct F1Params {
    /// The calls expected of every case, instead of the target's.
    calls: Option<Vec<Expected>>,
    /// How a call's arguments are compared.
    arguments: Arguments,
    /// How far off a number may be: `0.01` or `1%`.
    tolerance: Tolerance,
    /// Whether upper and lower case differ in arguments; yes if not given.
    case: Option<bool>,
}

/// What `no_call` takes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Nothing {}

fn alike(tolerance: Tolerance, case: Option<bool>) -> Alike {
    Alike {
        tolerance,
        case: case.unwrap_or(true),
        ..Alike::default()
    }
}

fn tools(given: &Given<'_, '_>, build: &Build<'_>) -> Built {
    let params: Params = given.params()?;
    if params.schemas.is_empty() {
        return Ok(Box::new(Tools {
            how: How::All {
                order: params.order,
                extra: params.extra,
            },
            calls: params.calls,
            arguments: params.arguments,
            alike: alike(params.tolerance, params.case),
        }));
    }
    if params.calls.is_some() {
        let why = "`schemas` and `calls` are two questions: make them two scorers in `all: […]`";
        return Err(given.wrong("schemas", [why.into()]));
    }
    let block = given.block.child("schemas");
    let block = block.expect("schemas were read from there");
    let (mut schemas, mut problems) = (BTreeMap::new(), Vec::new());
    for (name, schema) in &params.schemas {
        let at = block.child(name).unwrap_or_else(|| block.clone());
        match schema.compiled(&at, build) {
            Ok(schema) => drop(schemas.insert(name.clone(), schema)),
            Err(more) => problems.extend(more),
        }
    }
    match problems.is_empty() {
        true => Ok(Box::new(Schemas(schemas))),
        false => Err(problems),
    }
}

/// What is asked of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// All that are expected are there, in order or not, and no others unless they may be.
    All { order: bool, extra: bool },
    /// How many are.
    F1,
}

/// The calls that are expected.
struct Tools {
    how: How,
    calls: Option<Vec<Expected>>,
    arguments: Arguments,
    alike: Alike,
}

impl Tools {
    fn fits(&self, expected: &Expected, call: &ToolCall) -> bool {
        call.name == expected.name && self.arguments.fit(expected, call, &self.alike)
    }

    /// Why an expected call was not made, by the call that comes nearest.
    fn missed(&self, expected: &Expected, spare: &[&ToolCall]) -> String {
        let name = tell(&expected.name);
        let Some(call) = spare.iter().find(|call| call.name == expected.name) else {
            return format!("{name} is not called");
        };
        let Value::Object(found) = &call.arguments else {
            return malformed(call);
        };
        let differs = expected
            .arguments
            .iter()
            .find_map(|(key, value)| match found.get(key) {
                None => Some(format!("without {}", tell(key))),
                Some(found) if self.alike.same(value, found) => None,
                Some(found) => Some(format!("{}: {}", tell(key), differ_json(value, found))),
            });
        let more = found
            .keys()
            .find(|key| !expected.arguments.contains_key(*key));
        match (differs, more) {
            (Some(why), _) => format!("{name} is called, {why}"),
            (None, Some(key)) => format!("{name} is called with another argument, {}", tell(key)),
            (None, None) => format!("{name} is called too seldom"),
        }
    }

    /// Which expected call is which of those made.
    fn paired(&self, expected: &[Expected], made: &[ToolCall]) -> Vec<Option<usize>> {
        let How::All { order: true, extra } = self.how else {
            return pairs(expected.len(), made.len(), |a, b| {
                self.fits(&expected[a], &made[b])
            });
        };
        let mut next = 0;
        let one = |(index, expected): (usize, &Expected)| {
            let fits = |at: &usize| self.fits(expected, &made[*at]);
            let found = match extra {
                true => (next..made.len()).find(fits)?,
                false => Some(index).filter(|at| *at < made.len()).filter(fits)?,
            };
            next = found + 1;
            Some(found)
        };
        expected.iter().enumerate().map(one).collect()
    }
}

impl Check for Tools {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let expected = match &self.calls {
            Some(calls) => Cow::Borrowed(calls),
            None => Cow::Owned(expected::of_target(compare::target(graded)?).map_err(Unscored)?),
        };
        let made = &graded.reply.tool_calls;
        let paired = self.paired(&expected, made);
        let right = paired.iter().flatten().count();
        let spare: Vec<&ToolCall> = (0..made.len())
            .filter(|at| !paired.contains(&Some(*at)))
            .map(|at| &made[at])
            .collect();
        let missed = expected
            .iter()
            .zip(&paired)
            .filter(|(_, pair)| pair.is_none());
        let mut wrong: Vec<String> = missed.map(|(it, _)| self.missed(it, &spare)).collect();
        let allowed = matches!(self.how, How::All { extra: true, .. });
        if !allowed && wrong.len() < spare.len() {
            let names = spare.iter().map(|call| tell(&call.name)).take(3);
            wrong.push(format!(
                "{} calls more than expected ({})",
                spare.len() - wrong.len(),
                names.collect::<Vec<_>>().join(", ")
            ));
        }
        // a call that cannot be read is wrong, whatever else is allowed
        wrong.extend(
            spare
                .iter()
                .filter(|call| allowed && !call.arguments.is_object())
                .map(|call| malformed(call)),
        );
        wrong.dedup();
        wrong.truncate(3);
        let counts = format!(
            "{right} of {} expected calls, {} made",
            expected.len(),
            made.len()
        );
        Ok(match self.how {
            How::All { .. } if wrong.is_empty() => Score::pass(true, counts),
            How::All { .. } => Score::pass(false, wrong.join("; ")),
            How::F1 => {
                let all = expected.len() + made.len();
                let value = if all == 0 {
                    1.0
                } else {
                    2.0 * right as f64 / all as f64
                };
                wrong.insert(0, counts);
                Score {
                    value,
                    passed: Some(value >= 1.0),
                    why: wrong.join("; "),
                    parts: None,
                }
            }
        })
    }

    fn needs_target(&self) -> bool {
        self.calls.is_none()
    }
}

fn malformed(call: &ToolCall) -> String {
    let shown = compare::text(&call.arguments);
    format!(
        "the arguments of {} are no JSON object: {}",
        tell(&call.name),
        quote(&shown)
    )
}

/// Every call's arguments follow the schema of its tool.
struct Schemas(BTreeMap<String, Validator>);

impl Check for Schemas {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let calls = &graded.reply.tool_calls;
        if calls.is_empty() {
            return Ok(Score::pass(false, "no tool is called"));
        }
        let wrong = calls.iter().find_map(|call| match self.0.get(&call.name) {
            _ if !call.arguments.is_object() => Some(malformed(call)),
            None => Some(format!("no schema is given for {}", tell(&call.name))),
            Some(schema) => {
                broken(schema, &call.arguments).map(|why| format!("{}: {why}", tell(&call.name)))
            }
        });
        Ok(match wrong {
            Some(why) => Score::pass(false, why),
            None => Score::pass(true, format!("{} calls follow their schemas", calls.len())),
        })
    }
}

/// The reply calls no tool.
struct NoCall;

impl Check for NoCall {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let names: Vec<String> = graded
            .reply
            .tool_calls
            .iter()
            .take(3)
            .map(|call| tell(&call.name))
            .collect();
        Ok(match names.is_empty() {
            true => Score::pass(true, "no tool is called"),
            false => Score::pass(false, format!("{} is called", names.join(", "))),
        })
    }
}

#[cfg(test)]
mod tests;
