//! OpenAI's models, wherever they are served.

use super::Effort::{self, High, Low, Max, Medium, Minimal, Xhigh};
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

/// A model that reasons, and takes no sampling parameters while it does.
const REASONING: Capabilities = Capabilities {
    reasons: Some(Reasons::Always),
    budget: Some(false),
    sampling: Some(Sampling::RefusedWhileReasoning),
    prefill: Some(false),
    tools: Some(true),
    schema: Some(true),
    vision: Some(true),
    ..UNKNOWN
};

/// A model that does not reason.
const PLAIN: Capabilities = Capabilities {
    reasons: Some(Reasons::Never),
    efforts: Some(Efforts::of(&[])),
    budget: Some(false),
    sampling: Some(Sampling::Taken),
    prefill: Some(false),
    tools: Some(true),
    ..UNKNOWN
};

const SEES: Capabilities = Capabilities {
    schema: Some(true),
    vision: Some(true),
    ..PLAIN
};

const BLIND: Capabilities = Capabilities {
    schema: Some(false),
    vision: Some(false),
    ..PLAIN
};

/// Reasons by itself, at these levels.
const fn always(efforts: Efforts) -> Capabilities {
    Capabilities {
        reasons: Some(Reasons::Always),
        efforts: Some(efforts),
        ..UNKNOWN
    }
}

/// Reasons unless told not to, or only when told to, at these levels.
const fn at_will(reasons: Reasons, efforts: Efforts) -> Capabilities {
    Capabilities {
        reasons: Some(reasons),
        efforts: Some(efforts),
        ..UNKNOWN
    }
}

const fn size(context: u64, max_output: u64) -> Capabilities {
    Capabilities {
        context: Some(context),
        max_output: Some(max_output),
        ..UNKNOWN
    }
}

const fn until(year: i16, month: i8, day: i8) -> Capabilities {
    Capabilities {
        deprecated: Some(date(year, month, day)),
        ..UNKNOWN
    }
}

const NONE_TO_HIGH: Efforts = Efforts::of(&[Effort::None, Low, Medium, High]);
const NONE_TO_XHIGH: Efforts = Efforts::of(&[Effort::None, Low, Medium, High, Xhigh]);
const LOW_TO_HIGH: Efforts = Efforts::range(Low, High);

pub(super) const ROWS: &[Row] = &[
    row("gpt-3.5*", BLIND),
    row("gpt-3.5-turbo", size(16_385, 4_096)),
    row("gpt-4", BLIND),
    row(
        "gpt-4-turbo",
        Capabilities {
            vision: Some(true),
            ..BLIND
        },
    ),
    row("gpt-4o*", SEES),
    row("gpt-4o", size(128_000, 16_384)),
    row("chatgpt-4o*", SEES),
    row("gpt-4.1*", SEES),
    row("gpt-4.1", size(1_047_576, 32_768)),
    row("gpt-4.5*", SEES),
    row(
        "o1*",
        Capabilities {
            efforts: Some(LOW_TO_HIGH),
            ..REASONING
        },
    ),
    row(
        "o3*",
        Capabilities {
            efforts: Some(LOW_TO_HIGH),
            ..REASONING
        },
    ),
    row(
        "o4*",
        Capabilities {
            efforts: Some(LOW_TO_HIGH),
            ..REASONING
        },
    ),
    row("o1", size(200_000, 100_000)),
    row(
        "o3",
        Capabilities {
            stop: Some(false),
            ..size(200_000, 100_000)
        },
    ),
    row(
        "o4-mini",
        Capabilities {
            stop: Some(false),
            ..size(200_000, 100_000)
        },
    ),
    row(
        "o1-mini",
        Capabilities {
            tools: Some(false),
            schema: Some(false),
            vision: Some(false),
            ..size(128_000, 65_536)
        },
    ),
    row(
        "o1-preview",
        Capabilities {
            tools: Some(false),
            schema: Some(false),
            vision: Some(false),
            ..size(128_000, 32_768)
        },
    ),
    row(
        "o3-mini",
        Capabilities {
            vision: Some(false),
            ..UNKNOWN
        },
    ),
    // the family: what every later model has kept so far
    row(
        "gpt-5*",
        Capabilities {
            stop: Some(false),
            reasons: None,
            ..REASONING
        },
    ),
    row(
        "gpt-6*",
        Capabilities {
            stop: Some(false),
            reasons: None,
            ..REASONING
        },
    ),
    row(
        "gpt-5",
        Capabilities {
            context: Some(400_000),
            max_output: Some(128_000),
            ..always(Efforts::range(Minimal, High))
        },
    ),
    row("gpt-5-codex", always(LOW_TO_HIGH)),
    row("gpt-5-pro", always(Efforts::of(&[High]))),
    row(
        "gpt-5.1",
        Capabilities {
            context: Some(400_000),
            max_output: Some(128_000),
            ..at_will(Reasons::WhenAsked, NONE_TO_HIGH)
        },
    ),
    row("gpt-5.1-codex*", always(LOW_TO_HIGH)),
    row("gpt-5.1-codex-max", always(Efforts::range(Low, Xhigh))),
    row(
        "gpt-5.2",
        Capabilities {
            context: Some(400_000),
            max_output: Some(128_000),
            ..at_will(Reasons::WhenAsked, NONE_TO_XHIGH)
        },
    ),
    row("gpt-5.2-pro", always(Efforts::range(Medium, Xhigh))),
    row("gpt-5.3", at_will(Reasons::WhenAsked, NONE_TO_XHIGH)),
    row(
        "gpt-5.4",
        Capabilities {
            context: Some(1_050_000),
            max_output: Some(128_000),
            ..at_will(Reasons::WhenAsked, NONE_TO_XHIGH)
        },
    ),
    row("gpt-5.4-mini", size(400_000, 128_000)),
    row("gpt-5.4-nano", size(400_000, 128_000)),
    row(
        "gpt-5.4-pro",
        Capabilities {
            schema: Some(false),
            context: Some(1_050_000),
            ..always(Efforts::range(Medium, Xhigh))
        },
    ),
    row(
        "gpt-5.5",
        Capabilities {
            context: Some(1_050_000),
            max_output: Some(128_000),
            ..at_will(Reasons::UnlessOff, NONE_TO_XHIGH)
        },
    ),
    row(
        "gpt-5.5-pro",
        Capabilities {
            schema: Some(false),
            ..always(Efforts::range(Medium, Xhigh))
        },
    ),
    row(
        "gpt-5.6",
        Capabilities {
            context: Some(1_050_000),
            max_output: Some(128_000),
            ..at_will(Reasons::UnlessOff, NONE_TO_XHIGH.set(Max, true))
        },
    ),
    row("gpt-6-astra", always(Efforts::range(Low, Max))),
    row(
        "gpt-6-sol",
        at_will(Reasons::UnlessOff, NONE_TO_XHIGH.set(Max, true)),
    ),
    row(
        "gpt-6-luna",
        at_will(Reasons::UnlessOff, NONE_TO_XHIGH.set(Max, true)),
    ),
    row("gpt-6.1-sol", always(Efforts::range(Low, Max))),
    // the chat models of 5.1 and later reason by themselves, at one level
    row("gpt-5.1-chat", always(Efforts::of(&[Medium]))),
    row("gpt-5.2-chat", always(Efforts::of(&[Medium]))),
    row("gpt-5.3-chat", always(Efforts::of(&[Medium]))),
    row(
        "gpt-5-chat",
        Capabilities {
            stop: Some(true),
            max_output: Some(16_384),
            context: Some(128_000),
            ..SEES
        },
    ),
    row(
        "gpt-oss*",
        Capabilities {
            reasons: Some(Reasons::Always),
            efforts: Some(LOW_TO_HIGH),
            budget: Some(false),
            vision: Some(false),
            tools: Some(true),
            context: Some(131_072),
            ..UNKNOWN
        },
    ),
    // days from which on OpenAI no longer serves them
    row("gpt-3.5-turbo", until(2026, 10, 23)),
    row("gpt-3.5-turbo-1106", until(2026, 9, 28)),
    row("gpt-4", until(2026, 10, 23)),
    row("gpt-4-turbo", until(2026, 10, 23)),
    row("gpt-4o-2024-05-13", until(2026, 10, 23)),
    row("gpt-4.1-nano", until(2026, 10, 23)),
    row("gpt-4o-2024-08-06", until(2027, 1, 14)),
    row("gpt-4o-2024-11-20", until(2027, 1, 14)),
    row("gpt-4o-mini-2024-07-18", until(2027, 1, 14)),
    row("gpt-4.1-2025-04-14", until(2027, 1, 14)),
    row("gpt-4.1-mini-2025-04-14", until(2027, 1, 14)),
    row("o1", until(2026, 10, 23)),
    row("o3-mini", until(2026, 10, 23)),
    row("o4-mini", until(2026, 10, 23)),
    row("o3-2025-04-16", until(2026, 12, 11)),
    row("gpt-5-2025-08-07", until(2026, 12, 11)),
    row("gpt-5-mini-2025-08-07", until(2026, 12, 11)),
    row("gpt-5-nano-2025-08-07", until(2026, 12, 11)),
    row("gpt-5-pro-2025-10-06", until(2026, 12, 11)),
    row("gpt-5-chat", until(2026, 7, 23)),
    row("gpt-5-codex", until(2026, 7, 23)),
    row("gpt-5.1-chat", until(2026, 7, 23)),
    row("gpt-5.1-codex*", until(2026, 7, 23)),
    row("gpt-5.2-codex", until(2026, 7, 23)),
    row("gpt-5.2-chat", until(2026, 8, 10)),
    row("gpt-5.3-chat", until(2026, 8, 10)),
];
