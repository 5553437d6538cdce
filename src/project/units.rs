//! Quantities with their units, as a suite writes them: `60s`, `2%`, `0.05`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

const PERIOD: &str = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$";
const SIZE: &str = r"^[0-9]+ ?(KB|MB|GB|KiB|MiB|GiB)$";
const PERCENT: &str = r"^[0-9]+(\.[0-9]+)?%$";

/// A length of time: `500ms`, `60s`, `1m30s`, `2h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub Duration);

impl Period {
    /// So many whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Period(Duration::from_secs(seconds))
    }

    fn parse(text: &str) -> Option<Period> {
        let mut rest = text;
        let mut seconds = 0.0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            let value: f64 = rest[..digits].parse().ok()?;
            rest = &rest[digits..];
            let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
            let (unit, factor) = units.iter().find(|(unit, _)| rest.starts_with(unit))?;
            rest = &rest[unit.len()..];
            seconds += value * factor;
        }
        (!text.is_empty()).then_some(())?;
        Duration::try_from_secs_f64(seconds).ok().map(Period)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Period::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no duration")))
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{}ms", self.0.as_millis()))
    }
}

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "title": "duration", "pattern": PERIOD,
            "examples": ["60s", "1m30s", "500ms"],
        })
    }
}

/// An amount of memory: `512MB`, `2GB`, `64KiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// How much.
    pub bytes: u64,
}

impl Size {
    /// So many million bytes.
    pub const fn megabytes(megabytes: u64) -> Self {
        Size {
            bytes: megabytes * 1_000_000,
        }
    }

    fn parse(text: &str) -> Option<Size> {
        let units = [
            ("KiB", 1 << 10),
            ("MiB", 1 << 20),
            ("GiB", 1 << 30),
            ("KB", 1_000),
            ("MB", 1_000_000),
            ("GB", 1_000_000_000),
        ];
        let read = |(unit, factor): (&str, u64)| {
            let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
            number.checked_mul(factor)
        };
        let bytes = units.into_iter().find_map(read)?;
        (bytes > 0).then_some(Size { bytes })
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Size::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no size")))
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "title": "size", "pattern": SIZE,
            "examples": ["512MB", "2GB", "64KiB"],
        })
    }
}

/// A share: `0.02` or `2%`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Share(pub f64);

fn percent(text: &str) -> Option<f64> {
    let number: f64 = text.strip_suffix('%')?.parse().ok()?;
    number.is_finite().then_some(number / 100.0)
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let share = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => percent(&text),
            _ => None,
        };
        share
            .map(Share)
            .ok_or_else(|| D::Error::custom("this is no share"))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "title": "share", "pattern": PERCENT, "examples": ["2%", "0.02"]},
        ]})
    }
}

/// A limit of a metric in the metric's own unit: a number, a time (`2s`) or a share (`2%`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// A plain number (USD, tokens, a share).
    Number(f64),
    /// A time.
    Time(Duration),
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let amount = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_f64().map(Amount::Number),
            Value::String(text) => percent(&text)
                .map(Amount::Number)
                .or_else(|| Period::parse(&text).map(|period| Amount::Time(period.0))),
            _ => None,
        };
        amount.ok_or_else(|| D::Error::custom("this is no amount"))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Amount::Number(number) => serializer.serialize_f64(*number),
            Amount::Time(time) => Period(*time).serialize(serializer),
        }
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = format!("{}|{}", PERIOD, PERCENT);
        json_schema!({"anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "title": "limit", "pattern": text, "examples": ["2s", "2%", "0.01"]},
        ]})
    }
}
