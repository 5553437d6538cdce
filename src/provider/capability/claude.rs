//! Anthropic's models, wherever they are served.

use super::Effort::{High, Low, Max, Xhigh};
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
    adaptive: Some(false),
    sampling: Some(Sampling::Taken),
    both_temperature_and_top_p: Some(true),
    prefill: Some(true),
    tools: Some(true),
    forced_tools: Some(true),
    schema: Some(false),
    vision: Some(true),
    context: Some(200_000),
    ..UNKNOWN
};

/// Reasons within a budget, when asked.
const BUDGET: Capabilities = Capabilities {
    reasons: Some(Reasons::WhenAsked),
    budget: Some(true),
    max_output: Some(64_000),
    ..PLAIN
};

/// From 4.1 on: a schema for the answer, and one of temperature and top_p.
const SCHEMA: Capabilities = Capabilities {
    schema: Some(true),
    both_temperature_and_top_p: Some(false),
    ..BUDGET
};

/// 4.6: reasons as it sees fit; no prefill.
const ADAPTIVE: Capabilities = Capabilities {
    adaptive: Some(true),
    efforts: Some(Efforts::range(Low, High).set(Max, true)),
    prefill: Some(false),
    context: Some(1_000_000),
    max_output: Some(128_000),
    ..SCHEMA
};

/// From 4.7 on: no budget, no sampling parameters.
const NEWEST: Capabilities = Capabilities {
    budget: Some(false),
    sampling: Some(Sampling::Refused),
    efforts: Some(Efforts::of(&[Low, super::Effort::Medium, High, Xhigh, Max])),
    ..ADAPTIVE
};

/// Reasons whatever it is told.
const ALWAYS: Capabilities = Capabilities {
    reasons: Some(Reasons::Always),
    ..NEWEST
};

/// And cannot be made to call a tool.
const UNFORCED: Capabilities = Capabilities {
    forced_tools: Some(false),
    ..ALWAYS
};

const fn until(year: i16, month: i8, day: i8) -> Capabilities {
    Capabilities {
        deprecated: Some(date(year, month, day)),
        ..UNKNOWN
    }
}

pub(super) const ROWS: &[Row] = &[
    row(
        "claude-2*",
        Capabilities {
            tools: Some(false),
            vision: Some(false),
            max_output: Some(4_096),
            ..PLAIN
        },
    ),
    row(
        "claude-instant*",
        Capabilities {
            tools: Some(false),
            vision: Some(false),
            max_output: Some(4_096),
            ..PLAIN
        },
    ),
    row(
        "claude-3-haiku",
        Capabilities {
            max_output: Some(4_096),
            ..PLAIN
        },
    ),
    row(
        "claude-3-sonnet",
        Capabilities {
            max_output: Some(4_096),
            ..PLAIN
        },
    ),
    row(
        "claude-3-opus",
        Capabilities {
            max_output: Some(4_096),
            ..PLAIN
        },
    ),
    row(
        "claude-3-5",
        Capabilities {
            max_output: Some(8_192),
            ..PLAIN
        },
    ),
    row("claude-3-7", BUDGET),
    row("claude-sonnet-4", BUDGET),
    row(
        "claude-opus-4",
        Capabilities {
            max_output: Some(32_000),
            ..BUDGET
        },
    ),
    row(
        "claude-opus-4-1",
        Capabilities {
            max_output: Some(32_000),
            ..SCHEMA
        },
    ),
    row("claude-sonnet-4-5", SCHEMA),
    row("claude-haiku-4-5", SCHEMA),
    row(
        "claude-opus-4-5",
        Capabilities {
            efforts: Some(Efforts::range(Low, High)),
            ..SCHEMA
        },
    ),
    row("claude-sonnet-4-6", ADAPTIVE),
    row("claude-opus-4-6", ADAPTIVE),
    row("claude-opus-4-7", NEWEST),
    row("claude-opus-4-8", NEWEST),
    row("claude-opus-5*", NEWEST),
    row("claude-sonnet-5*", NEWEST),
    row("claude-haiku-5*", NEWEST),
    row("claude-fable-5*", UNFORCED),
    row("claude-mythos*", UNFORCED),
    row("claude-sonnet-5-5", UNFORCED),
    row("claude-opus-5-5", UNFORCED),
    row("claude-sonnet-4-5", until(2026, 11, 30)),
    row("claude-mythos-preview", until(2026, 6, 9)),
];
