//! `format`: the reply is one thing in a known format – an e-mail address, a date, a URL.
//!
//! The formats are those of JSON Schema (draft 2020-12, validation, section 7.3).

use super::kind::{HIGHER, Kind};
use super::quote::quote;
use super::{Check, Graded, Score, Unscored};
use crate::source::did_you_mean;
use jsonschema::Validator;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};

/// The kind `format`.
pub(super) const KIND: Kind = Kind {
    name: "format",
    about: "the reply is a date, an e-mail address, a URL … and nothing else",
    params: "of: date | time | date-time | duration | email | hostname | ipv4 | ipv6 | uri | iri | uuid | regex | json-pointer",
    short: "the format's name",
    range: "0 or 1",
    direction: HIGHER,
    needs: "",
    example: r#"{"scorer": {"format": "date"}, "output": "2024-02-30", "gives": {"value": 0.0, "passed": false}}"#,
    build: |given, _| {
        let (key, name) = match given.short().and_then(|block| block.text()) {
            Some(name) => ("", name.to_owned()),
            None => ("of", given.params::<Params>()?.of),
        };
        Format::new(&name)
            .map(|format| Box::new(format) as _)
            .map_err(|why| given.wrong(key, [why]))
    },
    schema: |generator| {
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [{"type": "string", "enum": NAMES}, params]})
    },
};

/// Every format.
const NAMES: &[&str] = &[
    "date",
    "time",
    "date-time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

/// What `format` takes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// The format's name.
    of: String,
}

/// The reply is in a format.
#[derive(Debug)]
struct Format {
    name: &'static str,
    validator: Validator,
}

impl Format {
    /// The format of this name.
    fn new(name: &str) -> Result<Format, String> {
        let wanted = match name {
            "url" => "uri",
            other => other,
        };
        let Some(name) = NAMES.iter().find(|known| **known == wanted) else {
            let near = did_you_mean(name, NAMES.iter().copied());
            let near = near.map_or_else(
                || format!("there are {}", NAMES.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(format!("no format is called {name:?}: {near}"));
        };
        let validator = jsonschema::options()
            .offline()
            .should_validate_formats(true)
            .build(&json!({"type": "string", "format": name}))
            .map_err(|error| error.to_string())?;
        Ok(Format { name, validator })
    }
}

impl Check for Format {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let text = graded.reply.text.trim();
        let passed = self.validator.is_valid(&Value::String(text.into()));
        let is = if passed { "is" } else { "is no" };
        Ok(Score::pass(
            passed,
            format!("{} {is} {}", quote(text), self.name),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_with;
    use super::*;

    #[test]
    fn each_format() {
        for (name, good, bad) in [
            ("date", "2024-02-29", "2023-02-29"),
            ("time", "12:00:00Z", "25:00:00Z"),
            ("date-time", "2024-02-29T12:00:00Z", "2024-02-29 12h"),
            ("duration", "P3DT4H", "3 days"),
            ("email", "ann@example.org", "ann at example.org"),
            ("hostname", "example.org", "-x-.org"),
            ("ipv4", "127.0.0.1", "127.0.0.256"),
            ("ipv6", "::1", "12345::"),
            ("uri", "https://example.org/a?b", "example"),
            ("url", "https://example.org", "see https://example.org"),
            ("uri-reference", "../a", "\\\\a"),
            ("iri", "https://exämple.org/ä", "a b"),
            ("iri-reference", "/ä", "a b"),
            ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
            ("uri-template", "/a/{b}", "/a/{b"),
            ("json-pointer", "/a/0", "a/0"),
            ("relative-json-pointer", "1/a", "/a"),
            ("regex", "^a+$", "^(a$"),
        ] {
            let format = Format::new(name).unwrap();
            let value = |text: &str| check_with(&format, text, None).unwrap().value;
            assert_eq!(
                (value(&format!(" {good}\n")), value(bad)),
                (1.0, 0.0),
                "{name}"
            );
        }
        assert_eq!(
            Format::new("emial").unwrap_err(),
            "no format is called \"emial\": did you mean `email`?"
        );
    }
}
