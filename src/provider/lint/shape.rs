//! What a JSON Schema looks like from outside: its objects, depth, keywords, references.

use serde_json::Value;

/// Deeper than this nothing is looked at: no provider takes it, and a stack is not endless.
const DEEPEST: usize = 64;

/// An object type in a schema.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Where it is: property names from the root, joined by dots; empty for the root.
    pub path: String,
    /// Whether it takes no other properties.
    pub closed: bool,
    /// Properties that are not required.
    pub optional: Vec<String>,
    /// How many properties it has.
    pub properties: usize,
}

impl Object {
    /// What to call it: `the root`, or its path in quotes.
    pub fn name(&self) -> String {
        match self.path.as_str() {
            "" => "the root".into(),
            path => format!("`{path}`"),
        }
    }
}

/// A schema's objects and sizes. References are not followed: what they lead to is visited where it
/// is defined.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its object types.
    pub objects: Vec<Object>,
    /// How deep objects and lists are nested.
    pub depth: usize,
    /// Places that allow several types.
    pub unions: usize,
}

impl Shape {
    /// The shape of a schema.
    pub fn of(schema: &Value) -> Shape {
        let mut shape = Shape::default();
        shape.visit(schema, "", 1);
        shape
    }

    fn visit(&mut self, schema: &Value, path: &str, depth: usize) {
        if depth > DEEPEST || !schema.is_object() {
            return;
        }
        let below = |name: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let types = schema["type"].as_array().map_or(0, Vec::len);
        if types > 1 || schema.get("anyOf").is_some() {
            self.unions += 1;
        }
        let properties = schema["properties"].as_object();
        if properties.is_some() || schema["type"] == "object" {
            self.depth = self.depth.max(depth);
            let required: Vec<&str> = strings(&schema["required"]);
            let names = properties.into_iter().flat_map(|all| all.keys());
            let optional = names.filter(|name| !required.contains(&name.as_str()));
            self.objects.push(Object {
                path: path.to_owned(),
                closed: schema["additionalProperties"] == false,
                optional: optional.cloned().collect(),
                properties: properties.map_or(0, serde_json::Map::len),
            });
        }
        for (name, property) in properties.into_iter().flatten() {
            self.visit(property, &below(name), depth + 1);
        }
        self.visit(&schema["items"], &below("items"), depth + 1);
        for key in ["anyOf", "oneOf", "allOf", "prefixItems"] {
            for branch in schema[key].as_array().into_iter().flatten() {
                self.visit(branch, path, depth);
            }
        }
        for key in ["$defs", "definitions"] {
            for (name, defined) in schema[key].as_object().into_iter().flatten() {
                self.visit(defined, &below(name), depth);
            }
        }
    }
}

fn strings(list: &Value) -> Vec<&str> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

/// Keys of a schema under which names of the user's own stand, not keywords.
const NAMES: &[&str] = &["properties", "$defs", "definitions", "patternProperties"];

/// Keys whose values are no schemas.
const VALUES: &[&str] = &["enum", "const", "default", "examples", "example"];

/// Keys under which schemas stand that count only where they are referred to.
const DEFINED: &[&str] = &["$defs", "definitions"];

/// Every schema within a schema, itself last; definitions too, or not.
fn within<'a>(schema: &'a Value, defined: bool, depth: usize, seen: &mut Vec<&'a Value>) {
    let mut each = |value| within(value, defined, depth + 1, seen);
    match schema {
        _ if depth > DEEPEST => {}
        Value::Array(items) => items.iter().for_each(each),
        Value::Object(fields) => {
            for (key, value) in fields {
                let key = key.as_str();
                match value {
                    _ if VALUES.contains(&key) || (!defined && DEFINED.contains(&key)) => {}
                    Value::Object(named) if NAMES.contains(&key) => {
                        named.values().for_each(&mut each);
                    }
                    value => each(value),
                }
            }
            seen.push(schema);
        }
        _ => {}
    }
}

/// Every schema within a schema.
fn all(schema: &Value, defined: bool) -> Vec<&Value> {
    let mut seen = Vec::new();
    within(schema, defined, 0, &mut seen);
    seen
}

/// Which of these keywords a schema uses.
pub(super) fn keywords(schema: &Value, of: &[&'static str]) -> Vec<&'static str> {
    let all = all(schema, true);
    let used = |keyword: &&&'static str| all.iter().any(|it| it.get(**keyword).is_some());
    of.iter().filter(used).copied().collect()
}

/// Whether a schema gives a list of types somewhere.
pub(super) fn lists_types(schema: &Value) -> bool {
    all(schema, true).iter().any(|it| it["type"].is_array())
}

/// Whether a schema leads back to itself.
pub(super) fn recursive(schema: &Value) -> bool {
    returns(schema, schema, &mut Vec::new())
}

fn returns<'a>(root: &'a Value, schema: &'a Value, open: &mut Vec<&'a str>) -> bool {
    let parts = all(schema, false);
    for target in parts.iter().filter_map(|part| part["$ref"].as_str()) {
        if target == "#" || open.contains(&target) {
            return true;
        }
        let place = target.strip_prefix('#').and_then(|at| root.pointer(at));
        let Some(place) = place.filter(|_| open.len() < DEEPEST) else {
            continue;
        };
        open.push(target);
        if returns(root, place, open) {
            return true;
        }
        open.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_with_their_places() {
        let shape = Shape::of(
            &json!({"type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {"a": {"type": "array", "items": {"type": "object", "properties": {"b": {"type": ["string", "null"]}}}}}}),
        );
        let names: Vec<_> = shape.objects.iter().map(Object::name).collect();
        assert_eq!(names, ["the root", "`a.items`"]);
        assert_eq!(shape.objects[1].optional, ["b"]);
        assert!(shape.objects[0].closed && !shape.objects[1].closed);
        assert_eq!((shape.depth, shape.unions), (3, 1));
    }

    #[test]
    fn a_property_is_no_keyword() {
        let schema = json!({"properties": {"pattern": {"type": "string"}, "d": {"format": "date"}}, "enum": [{"minimum": 1}]});
        assert_eq!(
            keywords(&schema, &["pattern", "format", "minimum"]),
            ["format"]
        );
    }

    #[test]
    fn recursion_is_found_and_reuse_is_none() {
        let tree = json!({"$ref": "#/$defs/node", "$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}}}});
        assert!(recursive(&tree));
        assert!(recursive(&json!({"properties": {"child": {"$ref": "#"}}})));
        let twice = json!({"properties": {"a": {"$ref": "#/$defs/x"}, "b": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"type": "string"}}});
        assert!(!recursive(&twice));
        let unused = json!({"type": "object", "$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}}}});
        assert!(!recursive(&unused));
        let two = json!({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"items": {"$ref": "#/$defs/a"}}}});
        assert!(recursive(&two));
    }
}
