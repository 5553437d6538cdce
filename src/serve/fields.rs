//! A caller's JSON, read so that nothing in it is passed over: what is not known is refused by name.

use super::trouble::Trouble;
use serde_json::{Map, Value};

/// An object of a request, and which of its fields were looked at.
pub(super) struct Fields<'a> {
    at: String,
    map: &'a Map<String, Value>,
    seen: Vec<&'static str>,
}

/// A list's element with its place.
pub(super) type Item<'a> = (String, &'a Value);

impl<'a> Fields<'a> {
    /// The object at a place; the whole request has no name.
    pub fn of(value: &'a Value, at: impl Into<String>) -> Result<Fields<'a>, Trouble> {
        let at = at.into();
        match value {
            Value::Object(map) => Ok(Fields {
                at,
                map,
                seen: Vec::new(),
            }),
            _ => Err(wrong(&at, "must be an object")),
        }
    }

    /// The full name of a field.
    pub fn name(&self, field: &str) -> String {
        match self.at.is_empty() {
            true => field.to_owned(),
            false => format!("{}.{field}", self.at),
        }
    }

    /// A field; null is the same as none.
    pub fn take(&mut self, field: &'static str) -> Option<&'a Value> {
        self.seen.push(field);
        self.map.get(field).filter(|value| !value.is_null())
    }

    /// A text.
    pub fn text(&mut self, field: &'static str) -> Result<Option<&'a str>, Trouble> {
        self.typed(field, Value::as_str, "must be a text")
    }

    /// A text that must be there.
    pub fn needed(&mut self, field: &'static str) -> Result<&'a str, Trouble> {
        self.text(field)?
            .ok_or_else(|| wrong(&self.name(field), "is missing"))
    }

    /// A number.
    pub fn number(&mut self, field: &'static str) -> Result<Option<f64>, Trouble> {
        self.typed(field, Value::as_f64, "must be a number")
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, field: &'static str) -> Result<Option<u64>, Trouble> {
        self.typed(field, Value::as_u64, "must be a whole number")
    }

    /// Yes or no.
    pub fn flag(&mut self, field: &'static str) -> Result<Option<bool>, Trouble> {
        self.typed(field, Value::as_bool, "must be true or false")
    }

    /// A list, each element with its place; none where there is no list.
    pub fn list(&mut self, field: &'static str) -> Result<Vec<Item<'a>>, Trouble> {
        let list = self.typed(field, Value::as_array, "must be a list")?;
        let name = self.name(field);
        let items = list.into_iter().flatten().enumerate();
        Ok(items
            .map(|(at, item)| (format!("{name}[{at}]"), item))
            .collect())
    }

    /// A list of texts, or one text.
    pub fn texts(&mut self, field: &'static str) -> Result<Vec<String>, Trouble> {
        if let Some(Value::String(one)) = self.map.get(field) {
            self.seen.push(field);
            return Ok(vec![one.clone()]);
        }
        let items = self.list(field)?.into_iter();
        items
            .map(|(at, item)| match item {
                Value::String(text) => Ok(text.clone()),
                _ => Err(wrong(&at, "must be a text")),
            })
            .collect()
    }

    /// Fields without which the answer is the same: noted where they are there, and not sent on.
    pub fn harmless(&mut self, fields: &[&'static str], noted: &mut Vec<String>) {
        for field in fields {
            if self.take(field).is_some() && !noted.iter().any(|known| known == field) {
                noted.push((*field).to_owned());
            }
        }
    }

    /// A field that only this value of it can be carried.
    pub fn only(&mut self, field: &'static str, value: &Value) -> Result<(), Trouble> {
        match self.take(field) {
            Some(other) if other != value => {
                let why = format!("cannot be anything but {value} here");
                Err(wrong(&self.name(field), &why))
            }
            _ => Ok(()),
        }
    }

    /// Nothing else may stand in the object.
    pub fn done(self) -> Result<(), Trouble> {
        let mut fields = self.map.iter();
        let left =
            fields.find(|(name, value)| !value.is_null() && !self.seen.contains(&name.as_str()));
        match left {
            Some((name, _)) => Err(wrong(
                &self.name(name),
                "cannot be carried to the model; leave it out",
            )),
            None => Ok(()),
        }
    }

    fn typed<T>(
        &mut self,
        field: &'static str,
        read: impl Fn(&'a Value) -> Option<T>,
        must: &str,
    ) -> Result<Option<T>, Trouble> {
        match self.take(field) {
            None => Ok(None),
            Some(value) => match read(value) {
                Some(value) => Ok(Some(value)),
                None => Err(wrong(&self.name(field), must)),
            },
        }
    }
}

/// The refusal of a request for one of its fields.
pub(super) fn wrong(field: &str, why: &str) -> Trouble {
    let name = if field.is_empty() {
        "the request"
    } else {
        field
    };
    Trouble::bad_request(format!("`{name}` {why}"), field)
}
