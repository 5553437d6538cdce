//! `json` and `yaml`: the reply is JSON (or YAML), follows a schema, and has the target's values in
//! chosen places.

use super::kind::{Built, Given, HIGHER, Kind};
use super::quote::{differ_json, quote, tell};
use super::reading::{self, Around};
use super::{Build, Check, Graded, Score, Unscored, compare};
use crate::source::{Block, Problem};
use jsonschema::Validator;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// The kind `json`.
pub(super) const KIND: Kind = Kind {
    name: "json",
    about: "the reply is JSON, follows a schema, and has the target's values in chosen places",
    params: PARAMS,
    short: "",
    range: "0 or 1; with `fields`, 0 to 1",
    direction: HIGHER,
    needs: "with `fields`, a target",
    example: r#"{"scorer": {"json": {"fields": ["/label", "/urgent"]}}, "output": "{\"label\": \"bug\", \"urgent\": true}", "target": {"label": "bug", "urgent": false}, "gives": {"value": 0.5, "passed": false}}"#,
    build: |given, build| structured(Form::Json, given, build),
    schema,
};

/// The kind `yaml`.
pub(super) const YAML: Kind = Kind {
    name: "yaml",
    about: "the reply is a YAML map or list, follows a schema, and has the target's values in chosen places",
    params: PARAMS,
    short: "",
    range: "0 or 1; with `fields`, 0 to 1",
    direction: HIGHER,
    needs: "with `fields`, a target",
    example: r#"{"scorer": {"yaml": {"schema": {"required": ["label"]}}}, "output": "label: bug\nurgent: no", "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, build| structured(Form::Yaml, given, build),
    schema,
};

const PARAMS: &str = "schema: FILE or {...}, fields: [/label, ...], extract: false, strict: false";

fn schema(generator: &mut SchemaGenerator) -> Schema {
    let params = generator.subschema_for::<Params>();
    json_schema!({"anyOf": [{"type": "null"}, params]})
}

/// What the reply is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Yaml,
}

fn structured(form: Form, given: &Given<'_, '_>, build: &Build<'_>) -> Built {
    let params: Params = given.params()?;
    let mut problems = Vec::new();
    let at = given.block.child("schema");
    let schema = params.schema.as_ref().zip(at);
    let schema = schema.map(|(schema, at)| schema.compiled(&at, build));
    let schema = schema.transpose().unwrap_or_else(|more| {
        problems.extend(more);
        None
    });
    match Json::new(form, &params, schema) {
        Ok(json) if problems.is_empty() => return Ok(Box::new(json)),
        Ok(_) => {}
        Err((key, why)) => problems.extend(given.wrong(key, [why])),
    }
    Err(problems)
}

/// What `json` and `yaml` take.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// A JSON Schema: a file of the project, or the schema itself.
    schema: Option<SchemaOrFile>,
    /// Places that must hold what the target holds there, as pointers: `/label`.
    fields: Vec<String>,
    /// Take the JSON out of the prose or fenced block that it stands in.
    extract: bool,
    /// Accept no fenced block around the JSON.
    strict: bool,
}

/// A JSON Schema or the name of a file with one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub(super) struct SchemaOrFile(Value);

impl SchemaOrFile {
    /// The compiled schema; `at` is where it stands.
    pub(super) fn compiled(
        &self,
        at: &Block<'_>,
        build: &Build<'_>,
    ) -> Result<Validator, Vec<Problem>> {
        let read;
        let schema = match &self.0 {
            Value::String(path) => {
                read = build.document(path, at)?.root.to_value();
                &read
            }
            schema => schema,
        };
        compile(schema).map_err(|why| vec![at.problem(format!("not a JSON Schema: {why}"), "")])
    }
}

impl JsonSchema for SchemaOrFile {
    fn schema_name() -> Cow<'static, str> {
        "SchemaOrFile".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [
            {"type": "string"},
            {"type": "object", "additionalProperties": true},
            {"type": "boolean"},
        ]})
    }
}

/// The reply is the JSON that is wanted.
#[derive(Debug)]
struct Json {
    form: Form,
    schema: Option<Validator>,
    fields: Vec<String>,
    around: Around,
}

impl Json {
    /// A scorer by these parameters and this schema, or which key is wrong and why.
    fn new(
        form: Form,
        params: &Params,
        schema: Option<Validator>,
    ) -> Result<Self, (&'static str, String)> {
        let around = match (params.extract, params.strict) {
            (true, true) => {
                return Err(("strict", "`extract` and `strict` exclude each other".into()));
            }
            (true, false) => Around::Prose,
            (false, true) => Around::Nothing,
            (false, false) => Around::Fence,
        };
        let mut fields = params.fields.iter();
        if let Some(why) = fields.find_map(|field| compare::bad_pointer(field)) {
            return Err(("fields", why));
        }
        Ok(Json {
            form,
            schema,
            fields: params.fields.clone(),
            around,
        })
    }
}

/// Why a value is no JSON Schema, if it is none.
pub fn schema_fault(schema: &Value) -> Option<String> {
    compile(schema).err()
}

/// Compiles a schema; nothing outside it is read, whatever its `$ref`s say.
fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .offline()
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| match error.instance_path().as_str() {
            "" => error.to_string(),
            at => format!("{at}: {error}"),
        })
}

impl Check for Json {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let target = match self.fields.is_empty() {
            true => None,
            false => Some(object(compare::target(graded)?)?),
        };
        let read = match self.form {
            Form::Json => reading::json(&graded.reply.text, self.around),
            Form::Yaml => reading::yaml(&graded.reply.text, self.around),
        };
        let value = match read {
            Ok(value) => value,
            Err(why) => return Ok(Score::pass(false, why)),
        };
        if let Some(why) = self
            .schema
            .as_ref()
            .and_then(|schema| broken(schema, &value))
        {
            return Ok(Score::pass(false, why));
        }
        match target {
            None => Ok(Score::pass(
                true,
                match self.form {
                    _ if self.schema.is_some() => "follows the schema",
                    Form::Json => "valid JSON",
                    Form::Yaml => "valid YAML",
                },
            )),
            Some(target) => self.fields(&target, &value),
        }
    }

    fn needs_target(&self) -> bool {
        !self.fields.is_empty()
    }
}

impl Json {
    /// The share of the fields that hold what the target holds there.
    fn fields(&self, target: &Value, value: &Value) -> Result<Score, Unscored> {
        let mut wrong = Vec::new();
        for field in &self.fields {
            let Some(expected) = target.pointer(field) else {
                return Err(Unscored(format!(
                    "the target has nothing at {}",
                    quote(field)
                )));
            };
            match value.pointer(field) {
                Some(found) if compare::same(expected, found) => {}
                Some(found) => wrong.push(format!("{field}: {}", differ_json(expected, found))),
                None => wrong.push(format!(
                    "{field}: expected {}, got nothing",
                    tell(&expected.to_string())
                )),
            }
        }
        let (n, bad) = (self.fields.len(), wrong.len());
        if bad == 0 {
            return Ok(Score::pass(true, format!("{n} of {n} fields are right")));
        }
        wrong.truncate(2);
        Ok(Score {
            value: (n - bad) as f64 / n as f64,
            passed: Some(false),
            why: format!("{} of {n} fields are right; {}", n - bad, wrong.join("; ")),
            parts: None,
        })
    }
}

/// The target as a JSON object or list: itself, or what its text holds.
pub(super) fn object(target: &Value) -> Result<Cow<'_, Value>, Unscored> {
    match target {
        Value::Object(_) | Value::Array(_) => Ok(Cow::Borrowed(target)),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok(Cow::Owned(value)),
            _ => Err(Unscored(format!(
                "the target {} is no JSON object",
                quote(text)
            ))),
        },
        other => Err(Unscored(format!(
            "the target {} is no JSON object",
            quote(&other.to_string())
        ))),
    }
}

/// The first things in which a value breaks a schema.
pub(super) fn broken(schema: &Validator, value: &Value) -> Option<String> {
    let mut errors = schema.iter_errors(value);
    let mut shown: Vec<String> = Vec::new();
    for error in errors.by_ref().take(2) {
        let at = error.instance_path().as_str();
        let what = tell(&error.masked_with(shape(error.instance())).to_string());
        shown.push(if at.is_empty() {
            what
        } else {
            format!("{}: {what}", tell(at))
        });
    }
    match (shown.is_empty(), errors.next()) {
        (true, _) => None,
        (false, None) => Some(shown.join("; ")),
        (false, Some(_)) => Some(format!("{}; and more", shown.join("; "))),
    }
}

/// A value as it stands in a sentence.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(_) => "the object".into(),
        Value::Array(_) => "the list".into(),
        one => quote(&compare::text(one)),
    }
}

#[cfg(test)]
mod tests;
