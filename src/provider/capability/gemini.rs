//! Google's models, wherever they are served.

use super::Effort::{High, Low, Minimal};
use super::row::Row;
use super::{Capabilities, Efforts, Reasons, Sampling, UNKNOWN};
use jiff::civil::date;

const fn row(model: &'static str, can: Capabilities) -> Row {
    Row {
        at: &[],
        model,
        can,
    }
}

/// Before reasoning came.
const PLAIN: Capabilities = Capabilities {
    reasons: Some(Reasons::Never),
    efforts: Some(Efforts::of(&[])),
    budget: Some(false),
    sampling: Some(Sampling::Taken),
    prefill: Some(false),
    tools: Some(true),
    schema: Some(true),
    schema_with_tools: Some(false),
    vision: Some(true),
    max_output: Some(8_192),
    ..UNKNOWN
};

/// 2.5: reasons within a budget, by itself.
const BUDGET: Capabilities = Capabilities {
    reasons: Some(Reasons::UnlessOff),
    budget: Some(true),
    context: Some(1_048_576),
    max_output: Some(65_536),
    ..PLAIN
};

/// From 3 on: reasons at a level, and cannot be switched off.
const LEVEL: Capabilities = Capabilities {
    reasons: Some(Reasons::Always),
    efforts: Some(Efforts::range(Minimal, High)),
    budget: Some(false),
    schema_with_tools: Some(true),
    ..BUDGET
};

/// Takes no sampling parameters.
const SET: Capabilities = Capabilities {
    sampling: Some(Sampling::Refused),
    ..LEVEL
};

const fn until(year: i16, month: i8, day: i8) -> Capabilities {
    Capabilities {
        deprecated: Some(date(year, month, day)),
        ..UNKNOWN
    }
}

pub(super) const ROWS: &[Row] = &[
    row("gemini-1*", PLAIN),
    row("gemini-2.0*", PLAIN),
    row("gemini-2.5*", BUDGET),
    row(
        "gemini-2.5-pro",
        Capabilities {
            reasons: Some(Reasons::Always),
            ..BUDGET
        },
    ),
    row(
        "gemini-2.5-flash-lite",
        Capabilities {
            reasons: Some(Reasons::WhenAsked),
            ..BUDGET
        },
    ),
    row("gemini-3*", LEVEL),
    row(
        "gemini-3-pro",
        Capabilities {
            efforts: Some(Efforts::of(&[Low, High])),
            ..UNKNOWN
        },
    ),
    row(
        "gemini-3.1-pro",
        Capabilities {
            efforts: Some(Efforts::range(Low, High)),
            ..UNKNOWN
        },
    ),
    row("gemini-3.5-flash-lite", SET),
    row("gemini-3.6*", SET),
    row(
        "gemini-3.7*",
        Capabilities {
            efforts: Some(Efforts::range(Low, High)),
            ..SET
        },
    ),
    row(
        "gemini-3.8*",
        Capabilities {
            efforts: Some(Efforts::range(Low, High)),
            ..SET
        },
    ),
    row(
        "gemini-4*",
        Capabilities {
            efforts: Some(Efforts::range(Low, High)),
            ..LEVEL
        },
    ),
    row("gemini-3.1-flash-lite", until(2027, 5, 7)),
    row("gemini-3.1-flash-lite-preview", until(2026, 5, 25)),
];
