//! What the program prints for other programs: every JSON document with its name, version and schema.
//!
//! A document says what it is: `"schema": "bakeoff.NAME/VERSION"`. Fields may be added within a version; one that
//! goes, or means something else, makes a new version.

mod shapes;

use crate::calibration::Calibration;
use crate::gate::{Baseline, Gated};
use crate::portability::Ported;
use crate::source::schema_as_written;
use crate::summary::Summary;
use crate::summary::compare::Comparison;
use crate::summary::outlook::Outlook;
use crate::summary::select::Selection;
use serde_json::{Value, json};
use shapes::{Case, Plan, ReplyShape, Runs};

/// One kind of document.
pub struct Output {
    /// Its short name; `bakeoff.NAME/VERSION` in the document.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// What prints or writes it.
    pub about: &'static str,
    shape: fn() -> Value,
}

impl Output {
    /// Its JSON Schema, draft 2020-12.
    pub fn schema(&self) -> Value {
        let mut schema = (self.shape)();
        schema["title"] = json!(format!("bakeoff.{}/{}", self.name, self.version));
        schema["description"] = json!(self.about);
        schema
    }
}

/// Every document.
pub const OUTPUTS: &[Output] = &[
    output(
        "summary",
        "`run`, `resume`, `report`, `score` with `--format json`; `summary.json`",
        schema_as_written::<Summary>,
    ),
    output(
        "compare",
        "`compare --format json`",
        schema_as_written::<Comparison>,
    ),
    output("gate", "`gate --format json`", schema_as_written::<Gated>),
    output("port", "`port --format json`", schema_as_written::<Ported>),
    output(
        "select",
        "`select --format json`",
        schema_as_written::<Selection>,
    ),
    output(
        "power",
        "`plan --format json`",
        schema_as_written::<Outlook>,
    ),
    output("plan", "`check --format json`", schema_as_written::<Plan>),
    output(
        "case",
        "`show RUN CASE --format json`",
        schema_as_written::<Case>,
    ),
    output(
        "runs",
        "`list runs --format json`: a list",
        schema_as_written::<Runs>,
    ),
    output("reply", "`call`", schema_as_written::<ReplyShape>),
    output(
        "baseline",
        "the file that `baseline set` writes",
        schema_as_written::<Baseline>,
    ),
    output(
        "calibration",
        "the file that `judge calibrate` writes",
        schema_as_written::<Calibration>,
    ),
];

const fn output(name: &'static str, about: &'static str, shape: fn() -> Value) -> Output {
    Output {
        name,
        version: 1,
        about,
        shape,
    }
}
