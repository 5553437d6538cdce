//! `json_diff`: how much of the target's JSON the reply has, field by field, each with its weight.

use super::alike::Alike;
use super::json::object;
use super::kind::{Built, Given, HIGHER, Kind};
use super::numeric::Tolerance;
use super::quote::{differ_json, tell};
use super::reading::{self, Around};
use super::{Check, Graded, Score, Unscored, compare};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The kind `json_diff`.
pub(super) const KIND: Kind = Kind {
    name: "json_diff",
    about: "the share of the target's JSON fields that the reply has right, each with its weight",
    params: "fields: {/label: 3, /items/*/price: {weight: 2, tolerance: 1%, case: true, order: true}}, \
             others: 1 (0 with `fields`), extra: 0, tolerance: 0, case: true, order: true, extract: false",
    short: "",
    range: "0 to 1",
    direction: HIGHER,
    needs: "a target that is a JSON object or list",
    example: r#"{"scorer": {"json_diff": {"fields": {"/label": 3, "/amount": {"tolerance": "1%"}}}}, "output": "{\"label\": \"bug\", \"amount\": 90}", "target": {"label": "bug", "amount": 100}, "gives": {"value": 0.75, "passed": false}}"#,
    build,
    schema: |generator| {
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [{"type": "null"}, params]})
    },
};

/// What `json_diff` takes.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// Weights by place (a pointer; `*` stands for any key or index): a field that is compared as a whole.
    fields: BTreeMap<String, Field>,
    /// The weight of every other value of the target; 1, or 0 where there are `fields`.
    #[schemars(range(min = 0.0))]
    others: Option<f64>,
    /// The weight of a value that the target has not; it counts as wrong.
    #[schemars(range(min = 0.0))]
    extra: f64,
    /// How far off a number may be: `0.01` or `1%`.
    tolerance: Tolerance,
    /// Whether upper and lower case differ.
    case: bool,
    /// Whether the order of lists counts.
    order: bool,
    /// Take the JSON out of the prose or fenced block that it stands in.
    extract: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            fields: BTreeMap::new(),
            others: None,
            extra: 0.0,
            tolerance: Tolerance::default(),
            case: true,
            order: true,
            extract: false,
        }
    }
}

/// A field's weight, or all that is special about it.
#[derive(Deserialize)]
#[serde(transparent)]
struct Field(Value);

impl JsonSchema for Field {
    fn schema_name() -> Cow<'static, str> {
        "Field".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let rule = generator.subschema_for::<FieldParams>();
        json_schema!({"anyOf": [{"type": "number", "minimum": 0}, rule]})
    }
}

/// What may be special about a field.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct FieldParams {
    /// How much it counts; 1 if not given.
    #[schemars(range(min = 0.0))]
    weight: Option<f64>,
    /// How far off a number may be.
    tolerance: Option<Tolerance>,
    /// Whether upper and lower case differ.
    case: Option<bool>,
    /// Whether the order of lists counts.
    order: Option<bool>,
}

fn build(given: &Given<'_, '_>, _: &super::Build<'_>) -> Built {
    let params: Params = given.params()?;
    let alike = Alike {
        tolerance: params.tolerance,
        case: params.case,
        order: params.order,
    };
    let mut rules = Vec::new();
    for (pointer, Field(field)) in &params.fields {
        if let Some(why) = compare::bad_pointer(pointer) {
            return Err(given.wrong("fields", [why]));
        }
        let own: FieldParams = match field {
            Value::Object(_) => serde_json::from_value(field.clone())
                .map_err(|error| given.wrong("fields", [format!("{pointer}: {error}")]))?,
            weight => FieldParams {
                weight: weight.as_f64(),
                ..FieldParams::default()
            },
        };
        rules.push(Rule {
            steps: pointer.split('/').skip(1).map(unescaped).collect(),
            weight: own.weight.unwrap_or(1.0),
            alike: Alike {
                tolerance: own.tolerance.unwrap_or(alike.tolerance),
                case: own.case.unwrap_or(alike.case),
                order: own.order.unwrap_or(alike.order),
            },
        });
    }
    // the more exact rule counts
    rules.sort_by_key(|rule| rule.steps.iter().filter(|step| *step == "*").count());
    let others = params
        .others
        .unwrap_or(if rules.is_empty() { 1.0 } else { 0.0 });
    Ok(Box::new(JsonDiff {
        rules,
        others,
        extra: params.extra,
        alike,
        around: match params.extract {
            true => Around::Prose,
            false => Around::Fence,
        },
    }))
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// Fields that are compared as wholes.
#[derive(Debug)]
struct Rule {
    steps: Vec<String>,
    weight: f64,
    alike: Alike,
}

impl Rule {
    fn is_for(&self, path: &[String]) -> bool {
        let meant = |(step, at): (&String, &String)| step == "*" || step == at;
        self.steps.len() == path.len() && self.steps.iter().zip(path).all(meant)
    }
}

/// The reply has the target's fields.
#[derive(Debug)]
struct JsonDiff {
    rules: Vec<Rule>,
    others: f64,
    extra: f64,
    alike: Alike,
    around: Around,
}

/// What the comparison has come to.
#[derive(Default)]
struct Sum {
    path: Vec<String>,
    fields: usize,
    right: usize,
    weight: f64,
    right_weight: f64,
    wrong: Vec<String>,
}

impl Sum {
    fn pointer(&self) -> String {
        let step = |step: &String| format!("/{}", step.replace('~', "~0").replace('/', "~1"));
        tell(&self.path.iter().map(step).collect::<String>())
    }

    fn add(&mut self, weight: f64, why: Option<String>) {
        self.fields += 1;
        self.weight += weight;
        match why {
            None => {
                self.right += 1;
                self.right_weight += weight;
            }
            Some(why) => self.wrong.push(why),
        }
    }

    fn below(&mut self, step: String, work: impl FnOnce(&mut Self)) {
        self.path.push(step);
        work(self);
        self.path.pop();
    }
}

impl JsonDiff {
    fn rule(&self, path: &[String]) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.is_for(path))
    }

    /// Compares what is expected at the path with what is found there.
    fn walk(&self, expected: &Value, found: Option<&Value>, sum: &mut Sum) {
        let rule = self.rule(&sum.path);
        let unordered = expected.is_array() && !self.alike.order;
        let children = match rule.is_some() || unordered {
            true => Vec::new(),
            false => children(expected),
        };
        if children.is_empty() {
            let (weight, alike) =
                rule.map_or((self.others, self.alike), |it| (it.weight, it.alike));
            if weight > 0.0 {
                let at = sum.pointer();
                let why = match found {
                    None => Some(format!("missing {at}")),
                    Some(found) if alike.same(expected, found) => None,
                    Some(found) => Some(format!("{at}: {}", differ_json(expected, found))),
                };
                sum.add(weight, why);
            }
            return;
        }
        let other = found.map(children_of).unwrap_or_default();
        for (step, child) in &children {
            sum.below(step.clone(), |sum| {
                self.walk(child, other.get(step).copied(), sum)
            });
        }
        let expected: BTreeMap<_, _> = children.into_iter().collect();
        for (step, child) in other {
            if !expected.contains_key(&step) {
                sum.below(step, |sum| self.unexpected(child, sum));
            }
        }
    }

    /// Counts what the target has not.
    fn unexpected(&self, found: &Value, sum: &mut Sum) {
        let rule = self.rule(&sum.path).map(|rule| rule.weight);
        let children = children(found);
        if rule.is_some() || children.is_empty() {
            let weight = rule.unwrap_or(self.extra);
            let why = format!("extra {}", sum.pointer());
            match weight > 0.0 {
                true => sum.add(weight, Some(why)),
                false if self.others > 0.0 => sum.wrong.push(why),
                false => {}
            }
            return;
        }
        for (step, child) in children {
            sum.below(step, |sum| self.unexpected(child, sum));
        }
    }
}

/// The values of an object or a list, in order, with their keys.
fn children(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, it)| (key.clone(), it)).collect(),
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered
                .map(|(index, it)| (index.to_string(), it))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn children_of(value: &Value) -> BTreeMap<String, &Value> {
    children(value).into_iter().collect()
}

impl Check for JsonDiff {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let target = object(compare::target(graded)?)?;
        let value = match reading::json(&graded.reply.text, self.around) {
            Ok(value) => value,
            Err(why) => return Ok(Score::pass(false, why)),
        };
        let mut sum = Sum::default();
        self.walk(&target, Some(&value), &mut sum);
        if sum.weight <= 0.0 {
            return Err(Unscored("the target has none of the fields".into()));
        }
        let (right, all) = (sum.right, sum.fields);
        let mut told = vec![match sum.fields as f64 == sum.weight {
            true => format!("{right} of {all} fields are right"),
            false => format!(
                "{right} of {all} fields are right (weight {} of {})",
                sum.right_weight, sum.weight
            ),
        }];
        let more = sum.wrong.len().saturating_sub(4);
        told.extend(sum.wrong.into_iter().take(4));
        if more > 0 {
            told.push(format!("and {more} more"));
        }
        Ok(Score {
            value: if right == all {
                1.0
            } else {
                sum.right_weight / sum.weight
            },
            passed: Some(right == all),
            why: told.join("; "),
            parts: None,
        })
    }

    fn needs_target(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
