//! What strict schemas may hold: P025–P028.

use super::Rule;
use super::asked::Asked;
use super::finding::Found;
use super::finding::Severity::{Error, Warning};
use super::shape::{self, Shape};
use crate::provider::call::Tool;
use serde_json::Value;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "P025",
        title: "a strict schema outside the limits of OpenAI or Anthropic",
        severity: Error,
        help: "on OpenAI every object needs `additionalProperties: false` and every property in `required`; or set `strict: false`",
        drops: false,
        per_case: false,
        find: limits,
    },
    Rule {
        id: "P026",
        title: "keywords that strict schemas do not enforce (pattern, format, minimum …)",
        severity: Warning,
        help: "some models refuse them, others ignore them: say it in the prompt, and check it with a `json` scorer",
        drops: false,
        per_case: false,
        find: keywords,
    },
    Rule {
        id: "P027",
        title: "JSON Schema keywords in Gemini's responseSchema or parameters, which are OpenAPI's subset",
        severity: Error,
        help: "write `output_schema:`, it is sent as responseJsonSchema",
        drops: false,
        per_case: false,
        find: openapi,
    },
    Rule {
        id: "P028",
        title: "a schema that refers to itself: Anthropic's strict ones, Gemini, Nova and Llama on Bedrock",
        severity: Error,
        help: "unroll it to a fixed depth",
        drops: false,
        per_case: false,
        find: recursive,
    },
];

/// Schemas that the target is to enforce, each with its field.
fn strict<'a>(asked: &'a Asked<'_>) -> Vec<(&'static str, &'a Value)> {
    let answer = asked.call.params.response_schema.iter();
    let answer = answer.filter(|schema| schema.strict != Some(false));
    let tools = asked.call.tools.iter();
    let tools = tools.filter(|tool| tool.strict == Some(true));
    answer
        .map(|schema| ("params.response_schema", &schema.schema))
        .chain(tools.map(|tool| ("tools", &tool.parameters)))
        .collect()
}

fn limits(asked: &Asked<'_>) -> Option<Found> {
    let strict = strict(asked);
    if asked.at(&["openai", "azure"]) && asked.speaks(&["openai-chat", "openai-responses"]) {
        return strict.into_iter().find_map(|(field, schema)| {
            let wrong = openai(schema)?;
            Some(
                Found::new(format!("OpenAI's strict mode refuses the schema: {wrong}")).at([field]),
            )
        });
    }
    if !asked.speaks(&["anthropic-messages"]) {
        return None;
    }
    let wrong = anthropic(&asked.call.tools, &strict)?;
    let field = strict.first().map_or("tools", |(field, _)| field);
    Some(
        Found::new(format!("Anthropic refuses the schemas: {wrong}"))
            .help("make fewer of them strict, or simplify them")
            .at([field]),
    )
}

/// What OpenAI's strict mode refuses of a schema.
fn openai(schema: &Value) -> Option<String> {
    if schema["type"] != "object" {
        return Some("its root is no object".into());
    }
    if schema.get("anyOf").is_some() {
        return Some("its root has an anyOf".into());
    }
    let shape = Shape::of(schema);
    if let Some(object) = shape.objects.iter().find(|object| !object.closed) {
        return Some(format!(
            "{} lacks `additionalProperties: false`",
            object.name()
        ));
    }
    let loose = shape
        .objects
        .iter()
        .find(|object| !object.optional.is_empty());
    if let Some(object) = loose {
        let names = object.optional.join(", ");
        return Some(format!("{} does not require {names}", object.name()));
    }
    if shape.depth > 10 {
        return Some(format!("it is {} levels deep, more than 10", shape.depth));
    }
    let properties: usize = shape.objects.iter().map(|object| object.properties).sum();
    (properties > 5000).then(|| format!("it has {properties} properties, more than 5000"))
}

/// What Anthropic refuses of all schemas together.
fn anthropic(tools: &[Tool], strict: &[(&'static str, &Value)]) -> Option<String> {
    let plain = tools
        .iter()
        .find(|tool| tool.parameters["type"] != "object");
    if let Some(tool) = plain {
        return Some(format!("that of {:?} is no object", tool.name));
    }
    let tools = strict.iter().filter(|(field, _)| *field == "tools").count();
    if tools > 20 {
        return Some(format!("{tools} strict tools, more than 20"));
    }
    let shapes: Vec<Shape> = strict.iter().map(|(_, schema)| Shape::of(schema)).collect();
    let objects = || shapes.iter().flat_map(|shape| &shape.objects);
    let optional: usize = objects().map(|object| object.optional.len()).sum();
    if optional > 24 {
        return Some(format!("{optional} optional parameters, more than 24"));
    }
    let unions: usize = shapes.iter().map(|shape| shape.unions).sum();
    (unions > 16).then(|| format!("{unions} parameters of several types, more than 16"))
}

fn keywords(asked: &Asked<'_>) -> Option<Found> {
    let enforcing = ["openai", "azure", "anthropic", "groq", "cerebras"];
    if !asked.at(&enforcing) {
        return None;
    }
    let strict = strict(asked);
    let mut fields = Vec::new();
    let mut found = Vec::new();
    for (field, schema) in strict {
        let more = shape::keywords(schema, UNENFORCED);
        if !more.is_empty() && !fields.contains(&field) {
            fields.push(field);
        }
        found.extend(more);
    }
    found.sort_unstable();
    found.dedup();
    let message = format!("the schema's {} may not be enforced", found.join(", "));
    (!found.is_empty()).then(|| Found::new(message).at(fields))
}

const UNENFORCED: &[&str] = &[
    "pattern",
    "format",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "patternProperties",
];

/// Where raw fields may hold Gemini's older schemas.
const OPENAPI: &[&[&str]] = &[
    &["generationConfig", "responseSchema"],
    &["generation_config", "response_schema"],
];

fn openapi(asked: &Asked<'_>) -> Option<Found> {
    if !asked.speaks(&["gemini"]) {
        return None;
    }
    let answers = OPENAPI.iter().filter_map(|path| asked.extra(path));
    let tools = asked.extra(&["tools"]).and_then(Value::as_array);
    let declared = tools.into_iter().flatten().flat_map(|tool| {
        let listed = tool["functionDeclarations"].as_array();
        listed.into_iter().flatten().map(|tool| &tool["parameters"])
    });
    let unknown = [
        "additionalProperties",
        "$ref",
        "$defs",
        "const",
        "oneOf",
        "allOf",
    ];
    let mut schemas = answers.chain(declared);
    schemas.find_map(|schema| {
        let mut bad = shape::keywords(schema, &unknown);
        if shape::lists_types(schema) {
            bad.push("lists of types");
        }
        let message = format!("Gemini's responseSchema takes no {}", bad.join(", "));
        (!bad.is_empty()).then(|| Found::new(message).at(["params.extra"]))
    })
}

fn recursive(asked: &Asked<'_>) -> Option<Found> {
    let nova = asked.named("amazon.nova*") || asked.named("meta.llama*");
    let all = asked.speaks(&["gemini"]) || (asked.speaks(&["bedrock-converse"]) && nova);
    let tools = asked.call.tools.iter();
    let mut schemas = match (all, asked.speaks(&["anthropic-messages"])) {
        (true, _) => {
            let answer = asked.call.params.response_schema.iter();
            let answer = answer.map(|schema| ("params.response_schema", &schema.schema));
            answer
                .chain(tools.map(|tool| ("tools", &tool.parameters)))
                .collect()
        }
        (false, true) => strict(asked),
        (false, false) => return None,
    };
    schemas.retain(|(_, schema)| shape::recursive(schema));
    let (field, _) = schemas.first()?;
    Some(Found::new("the schema refers to itself").at([*field]))
}
