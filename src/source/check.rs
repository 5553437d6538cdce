//! Reads a typed value out of a document and says all that is wrong with it at once.
//!
//! The type's JSON Schema, derived from the type itself, is walked together with the tree. Only when
//! nothing is wrong does serde make the value, so what serde would have said first and alone is
//! said here, with its place, beside everything else.

use super::schema::{
    about, best_map, example, fits, listed, matches, out_of_range, takes, wanted, whole_numbers,
    words, words_of,
};
use super::{Block, Document, Kind, Node, Problem, Span, clip, did_you_mean, said};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The JSON Schema (draft 2020-12) of a type, as it is read.
pub fn schema_of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

/// JSON Schema (draft 2020-12) of what `T` is written as.
pub fn schema_as_written<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Reads a block as a `T`, or says all that keeps it from being one.
pub(super) fn read<T: DeserializeOwned + JsonSchema>(block: &Block) -> Result<T, Vec<Problem>> {
    let root = schema_of::<T>();
    let mut walk = Walk {
        doc: block.doc(),
        root: &root,
        problems: Vec::new(),
    };
    let value = walk.node(block.node(), &root, &path_of(block.pointer()));
    if !walk.problems.is_empty() {
        let mut problems = walk.problems;
        problems.sort_by_key(|problem| problem.at.as_ref().map(|at| at.span.start));
        return Err(problems);
    }
    serde_json::from_value(value).map_err(|error| vec![block.problem(said(&error), "")])
}

/// `/models/2/params` as `models[2].params`.
fn path_of(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1);
    steps.fold(String::new(), |path, step| {
        below(&path, &step.replace("~1", "/").replace("~0", "~"))
    })
}

fn below(path: &str, step: &str) -> String {
    match (path, step.parse::<usize>()) {
        (_, Ok(index)) => format!("{path}[{index}]"),
        ("", _) => step.to_owned(),
        _ => format!("{path}.{step}"),
    }
}

struct Walk<'a> {
    doc: &'a Document,
    root: &'a Value,
    problems: Vec<Problem>,
}

impl<'a> Walk<'a> {
    /// The node's value as the schema means it (a number where text is wanted is its text).
    fn node(&mut self, node: &Node, schema: &'a Value, path: &str) -> Value {
        let branches = self.branches(schema);
        let of = |kind: &str| -> Vec<&'a Value> {
            let wanted = |branch: &&&Value| takes(branch, kind);
            branches.iter().filter(wanted).copied().collect()
        };
        match &node.value {
            Kind::Map(_) if !of("object").is_empty() => {
                let branch = best_map(node, &of("object"));
                self.map(node, branch, &of("object"), path)
            }
            Kind::List(items) if !of("array").is_empty() => {
                self.list(node, items, of("array")[0], path)
            }
            Kind::Text(text) if !of("string").is_empty() => {
                self.text(node, text, &of("string"), path)
            }
            Kind::Number { value, .. } if !of("number").is_empty() => {
                self.number(node, value, &of("number"), path)
            }
            Kind::Number { written, .. } if !of("string").is_empty() => {
                self.text(node, written, &of("string"), path)
            }
            Kind::Bool(_) if !of("boolean").is_empty() => node.to_value(),
            Kind::Null if !of("null").is_empty() => Value::Null,
            _ => {
                self.mismatch(node, &branches, path);
                Value::Null
            }
        }
    }

    /// A schema's alternatives, references followed.
    fn branches(&self, schema: &'a Value) -> Vec<&'a Value> {
        let mut open = vec![schema];
        let mut branches = Vec::new();
        // A derived schema has no cycle without a map or list between; the bound is for certainty.
        for _ in 0..1000 {
            let Some(next) = open.pop() else { break };
            let target = next["$ref"].as_str().and_then(|at| at.strip_prefix('#'));
            let choice = next["anyOf"].as_array().or(next["oneOf"].as_array());
            match (target, choice) {
                (Some(at), _) => open.extend(self.root.pointer(at)),
                (None, Some(choice)) => open.extend(choice.iter().rev()),
                (None, None) => branches.push(next),
            }
        }
        branches
    }

    fn map(&mut self, node: &Node, schema: &'a Value, all: &[&'a Value], path: &str) -> Value {
        let mut value = Map::new();
        let none = Map::new();
        let known = schema["properties"].as_object().unwrap_or(&none);
        let names: Vec<&str> = if all.len() > 1 && !fits(node, schema) {
            let keys = |branch: &&'a Value| branch["properties"].as_object();
            let names = all.iter().filter_map(keys).flat_map(Map::keys);
            names.map(String::as_str).collect()
        } else {
            known.keys().map(String::as_str).collect()
        };
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut meant = Vec::new();
        for (key, child) in node.entries() {
            let path = below(path, &key.text);
            let rest = &schema["additionalProperties"];
            if let Some(schema) = schema["properties"].get(&key.text) {
                let optional = !required.contains(&key.text.as_str());
                if child.value == Kind::Null && optional && !self.takes_null(schema) {
                    continue; // a key without a value is as good as no key
                }
                value.insert(key.text.clone(), self.node(child, schema, &path));
            } else if rest.is_object() {
                value.insert(key.text.clone(), self.node(child, rest, &path));
            } else if rest.as_bool() != Some(false) {
                value.insert(key.text.clone(), child.to_value());
            } else {
                meant.extend(did_you_mean(&key.text, names.iter().copied()));
                self.unknown_key(&key.text, key.span.clone(), &names, &path);
            }
        }
        if all.len() > 1 && !fits(node, schema) {
            if node.entries().is_empty() {
                let title = format!("{} is empty", whole(path));
                let help = format!("give it one of {}", listed(&names));
                self.report(title, node.head(), "").help.push(help);
            }
            return Value::Null;
        }
        for key in required {
            if node.get(key).is_none() && !meant.contains(&key) {
                let title = format!("missing key `{key}` in {}", whole(path));
                let label = format!("`{key}` is missing here");
                let about = about(&known[key]);
                let problem = self.report(title, node.head(), &label);
                problem.help.extend(about);
            }
        }
        Value::Object(value)
    }

    fn list(&mut self, node: &Node, items: &[Node], schema: &'a Value, path: &str) -> Value {
        if let Some(least) = schema["minItems"].as_u64()
            && (items.len() as u64) < least
        {
            let title = format!("{} needs at least {least} item", whole(path));
            self.report(title, node.head(), "");
        }
        let each = items.iter().enumerate().map(|(index, item)| {
            let fixed = schema["prefixItems"].get(index);
            let path = below(path, &index.to_string());
            self.node(item, fixed.unwrap_or(&schema["items"]), &path)
        });
        each.collect()
    }

    fn text(&mut self, node: &Node, text: &str, branches: &[&'a Value], path: &str) -> Value {
        let value = Value::String(text.to_owned());
        let shown = clip(text);
        let words: Vec<&str> = branches.iter().flat_map(|branch| words(branch)).collect();
        let mut free = branches.iter().filter(|branch| words_of(branch).is_none());
        if words.contains(&text) || free.clone().any(|branch| matches(branch, text)) {
            return value;
        }
        if let Some(branch) = free.next() {
            let noun = branch["title"].as_str().unwrap_or("text of the right form");
            let secret = branch["writeOnly"] == true;
            let shown = if secret {
                "this"
            } else {
                &*format!("`{shown}`")
            };
            let title = format!("{}: {shown} is not a {noun}", whole(path));
            let help = example(branch);
            let label = format!("expected a {noun}");
            let problem = self.report(title, node.span.clone(), &label);
            problem.help.extend(help);
            if secret {
                problem.blot();
            }
        } else {
            let title = format!("{}: unknown word `{shown}`", whole(path));
            let meant = did_you_mean(text, words.iter().copied());
            let help = match meant {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("it is one of {}", listed(&words)),
            };
            self.report(title, node.span.clone(), "").help.push(help);
        }
        value
    }

    fn number(
        &mut self,
        node: &Node,
        number: &serde_json::Number,
        branches: &[&'a Value],
        path: &str,
    ) -> Value {
        let wrong = |branch: &&Value| out_of_range(branch, number);
        let wrongs: Vec<String> = branches.iter().filter_map(wrong).collect();
        if wrongs.len() == branches.len() {
            let title = format!("{}: {number} {}", whole(path), wrongs[0]);
            self.report(title, node.span.clone(), "");
        }
        let integers = branches.iter().all(|branch| whole_numbers(branch));
        match number.as_f64() {
            // 1e3 or 5.0 where a whole number is wanted
            Some(float) if integers && number.is_f64() && float.abs() < 9e15 => {
                Value::from(float as i64)
            }
            _ => Value::Number(number.clone()),
        }
    }

    fn mismatch(&mut self, node: &Node, branches: &[&'a Value], path: &str) {
        let wanted = wanted(branches);
        let found = node.value.name();
        let title = format!("{}: expected {wanted}, found {found}", whole(path));
        let help = match &node.value {
            Kind::Text(text) if text.parse::<f64>().is_ok() && wanted.contains("number") => {
                Some(format!("remove the quotes: {text}"))
            }
            Kind::Text(text) if wanted.contains("true or false") => {
                match text.to_ascii_lowercase().as_str() {
                    "yes" | "on" | "y" => Some("write `true`".to_owned()),
                    "no" | "off" | "n" => Some("write `false`".to_owned()),
                    _ => None,
                }
            }
            Kind::Bool(value) if wanted.contains("text") => {
                Some(format!("put it in quotes: \"{value}\""))
            }
            Kind::Null if path.is_empty() => Some("the file is empty".to_owned()),
            Kind::Null => Some("give it a value, or remove the key".to_owned()),
            value if wanted == "a list" && !matches!(value, Kind::Map(_)) => {
                let shown = self.doc.source.text.get(node.span.clone());
                shown
                    .filter(|text| text.len() < 60 && !text.contains('\n'))
                    .map(|text| match value {
                        // a program with its arguments: a word each
                        Kind::Text(text) if path.ends_with(".command") => {
                            let words: Vec<&str> = text.split_whitespace().collect();
                            format!("write it as a list: [{}]", words.join(", "))
                        }
                        _ => format!("write it as a list: [{text}]"),
                    })
            }
            _ => None,
        };
        let label = format!("expected {wanted}");
        self.report(title, node.head(), &label).help.extend(help);
    }

    fn unknown_key(&mut self, key: &str, span: Span, names: &[&str], path: &str) {
        let shown = clip(key);
        let title = match path.len().checked_sub(key.len() + 1) {
            Some(parent) if parent > 0 => format!("unknown key `{shown}` in `{}`", &path[..parent]),
            _ => format!("unknown key `{shown}`"),
        };
        let (label, help) = match did_you_mean(key, names.iter().copied()) {
            Some(name) => ("not a known key", format!("did you mean `{name}`?")),
            // The spelling of the APIs themselves.
            None if names.contains(&"system") && ["role", "content"].contains(&key) => (
                "not a known key",
                "the role is the key here: `- system: \"…\"`, `- user: \"{{column}}\"`".to_owned(),
            ),
            None if names.is_empty() => ("not a known key", "remove it".to_owned()),
            None => (
                "not a known key",
                format!("known keys: {}", names.join(", ")),
            ),
        };
        self.report(title, span, label).help.push(help);
    }

    fn report(&mut self, title: String, span: Span, label: &str) -> &mut Problem {
        let problem = Problem::error(title).at(&self.doc.source, span, label);
        self.problems.push(problem);
        self.problems.last_mut().expect("one was just pushed")
    }

    fn takes_null(&self, schema: &'a Value) -> bool {
        let branches = self.branches(schema);
        branches.iter().any(|branch| takes(branch, "null"))
    }
}

/// `path` as a noun: the key in back quotes, or "the file" at the top.
fn whole(path: &str) -> String {
    if path.is_empty() {
        "the file".to_owned()
    } else {
        format!("`{path}`")
    }
}

#[cfg(test)]
mod tests;
