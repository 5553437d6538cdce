//! The models of everybody else, and what single hosts make of models.

use super::Effort::{self, High, Low, Max};
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

const fn host(at: &'static [&'static str], model: &'static str, can: Capabilities) -> Row {
    Row { at, model, can }
}

const fn until(year: i16, month: i8, day: i8) -> Capabilities {
    Capabilities {
        deprecated: Some(date(year, month, day)),
        ..UNKNOWN
    }
}

/// Grok that reasons: no stop, sampling without effect.
const GROK: Capabilities = Capabilities {
    reasons: Some(Reasons::Always),
    budget: Some(false),
    sampling: Some(Sampling::IgnoredWhileReasoning),
    stop: Some(false),
    tools: Some(true),
    schema: Some(true),
    ..UNKNOWN
};

/// Grok that does not reason.
const QUICK_GROK: Capabilities = Capabilities {
    reasons: Some(Reasons::Never),
    efforts: Some(Efforts::of(&[])),
    sampling: Some(Sampling::Taken),
    stop: Some(true),
    ..GROK
};

const DEEPSEEK: Capabilities = Capabilities {
    budget: Some(false),
    tools: Some(true),
    sampling: Some(Sampling::IgnoredWhileReasoning),
    ..UNKNOWN
};

const fn efforts(levels: &[Effort]) -> Capabilities {
    Capabilities {
        efforts: Some(Efforts::of(levels)),
        ..UNKNOWN
    }
}

/// Mistral's models that reason on request, fully or not at all.
const ON_OR_OFF: Capabilities = Capabilities {
    reasons: Some(Reasons::WhenAsked),
    ..efforts(&[Effort::None, High])
};

const BLIND: Capabilities = Capabilities {
    vision: Some(false),
    ..UNKNOWN
};

const NO_TOOLS: Capabilities = Capabilities {
    tools: Some(false),
    ..UNKNOWN
};

const ALIAS: Capabilities = Capabilities {
    alias: Some(true),
    ..UNKNOWN
};

pub(super) const ROWS: &[Row] = &[
    row(
        "grok-3",
        Capabilities {
            vision: Some(false),
            ..QUICK_GROK
        },
    ),
    row(
        "grok-3-mini",
        Capabilities {
            vision: Some(false),
            efforts: Some(Efforts::of(&[Low, High])),
            ..GROK
        },
    ),
    row("grok-4*", GROK),
    row("grok-4-fast-non-reasoning", QUICK_GROK),
    row("grok-4-1-fast-non-reasoning", QUICK_GROK),
    row("grok-4.20-non-reasoning", QUICK_GROK),
    row("grok-4.20-0309-non-reasoning", QUICK_GROK),
    row("grok-4.20-beta-non-reasoning", QUICK_GROK),
    row("grok-4.20-beta-0309-non-reasoning", QUICK_GROK),
    row(
        "grok-4.3",
        Capabilities {
            reasons: Some(Reasons::UnlessOff),
            ..efforts(&[Effort::None, Low, Effort::Medium, High])
        },
    ),
    row(
        "grok-4.5",
        Capabilities {
            context: Some(500_000),
            efforts: Some(Efforts::range(Low, High)),
            ..UNKNOWN
        },
    ),
    row("grok-4.20-multi-agent", NO_TOOLS),
    row("grok-code*", GROK),
    row(
        "deepseek-v3*",
        Capabilities {
            reasons: None,
            vision: Some(false),
            ..DEEPSEEK
        },
    ),
    row(
        "deepseek-r1",
        Capabilities {
            reasons: Some(Reasons::Always),
            vision: Some(false),
            ..DEEPSEEK
        },
    ),
    row("deepseek-r1*", NO_TOOLS),
    row(
        "deepseek-v4*",
        Capabilities {
            reasons: Some(Reasons::UnlessOff),
            context: Some(1_000_000),
            ..DEEPSEEK
        },
    ),
    row("deepseek-v4-pro", BLIND),
    host(
        &["deepseek"],
        "deepseek*",
        Capabilities {
            schema: Some(false),
            schema_with_tools: Some(false),
            ..UNKNOWN
        },
    ),
    host(
        &["deepseek"],
        "deepseek-v4*",
        efforts(&[Effort::None, High, Max]),
    ),
    host(
        &["deepseek"],
        "deepseek-chat",
        Capabilities {
            reasons: Some(Reasons::Never),
            alias: Some(true),
            sampling: Some(Sampling::Taken),
            vision: Some(false),
            ..DEEPSEEK
        },
    ),
    host(
        &["deepseek"],
        "deepseek-reasoner",
        Capabilities {
            reasons: Some(Reasons::Always),
            alias: Some(true),
            vision: Some(false),
            tools: Some(false),
            ..DEEPSEEK
        },
    ),
    host(&["deepseek"], "deepseek-chat", until(2026, 7, 24)),
    host(&["deepseek"], "deepseek-reasoner", until(2026, 7, 24)),
    host(&["perplexity"], "sonar*", NO_TOOLS),
    host(
        &["perplexity"],
        "sonar-reasoning*",
        Capabilities {
            reasons: Some(Reasons::Always),
            ..UNKNOWN
        },
    ),
    host(
        &["perplexity"],
        "sonar-deep-research",
        Capabilities {
            reasons: Some(Reasons::Always),
            ..UNKNOWN
        },
    ),
    host(&["mistral"], "mistral-medium", ON_OR_OFF),
    host(
        &["mistral"],
        "mistral-medium-2505",
        Capabilities {
            reasons: Some(Reasons::Never),
            ..efforts(&[])
        },
    ),
    host(
        &["mistral"],
        "mistral-medium-2508",
        Capabilities {
            reasons: Some(Reasons::Never),
            ..efforts(&[])
        },
    ),
    host(&["mistral"], "mistral-small-latest", ON_OR_OFF),
    host(&["mistral"], "mistral-small-2603", ON_OR_OFF),
    host(&["mistral"], "mistral-large-4", ON_OR_OFF),
    host(
        &["mistral"],
        "magistral*",
        Capabilities {
            reasons: Some(Reasons::Always),
            ..UNKNOWN
        },
    ),
    host(&["mistral"], "codestral*", BLIND),
    host(&["mistral"], "devstral*", BLIND),
    host(&["mistral"], "open-mi*", BLIND),
    row("glm-5.3", efforts(&[Low, High, Max])),
    row("kimi-k3", efforts(&[Low, High, Max])),
    row(
        "qwen3*",
        Capabilities {
            reasons: Some(Reasons::UnlessOff),
            ..UNKNOWN
        },
    ),
    row(
        "command-r*",
        Capabilities {
            reasons: Some(Reasons::Never),
            vision: Some(false),
            tools: Some(true),
            ..UNKNOWN
        },
    ),
    row(
        "command-a-03-2025",
        Capabilities {
            reasons: Some(Reasons::Never),
            vision: Some(false),
            context: Some(256_000),
            max_output: Some(8_000),
            ..UNKNOWN
        },
    ),
    row(
        "command-a-reasoning",
        Capabilities {
            reasons: Some(Reasons::UnlessOff),
            ..UNKNOWN
        },
    ),
    row(
        "command-r",
        Capabilities {
            context: Some(128_000),
            max_output: Some(4_096),
            ..UNKNOWN
        },
    ),
    row("amazon.nova-micro", BLIND),
    row("llama-3*", BLIND),
    row("meta.llama3-1*", BLIND),
    row("meta.llama3-3*", BLIND),
    row("llama3.1", BLIND),
    row("llama3.3", BLIND),
    row("smollm2", BLIND),
    row("chat-latest", ALIAS),
    row("grok-build", ALIAS),
    row("kimi-latest", ALIAS),
];
