//! How much goes in and comes out: P002–P004, P036, P037, P039.

use super::Rule;
use super::asked::Asked;
use super::finding::Severity::{Error, Note, Warning};
use super::finding::{Found, Transform};
use crate::provider::capability::Effort;
use crate::provider::{anthropic, ollama};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "P002",
        title: "max_tokens by its old name on OpenAI's o-series, gpt-5 and later",
        severity: Error,
        help: "write `params: {max_tokens: …}`, it is sent to OpenAI as max_completion_tokens",
        drops: true,
        per_case: false,
        find: old_name,
    },
    Rule {
        id: "P003",
        title: "max_completion_tokens where only max_tokens is known",
        severity: Warning,
        help: "write `params: {max_tokens: …}`, it is sent by the name that is known there",
        drops: true,
        per_case: false,
        find: new_name,
    },
    Rule {
        id: "P004",
        title: "no max_tokens on Anthropic, which needs one",
        severity: Warning,
        help: "set `params: {max_tokens: …}`",
        drops: false,
        per_case: false,
        find: no_limit,
    },
    Rule {
        id: "P036",
        title: "the prompt and the output do not fit into the model's context",
        severity: Error,
        help: "shorten the prompt, lower max_tokens, or take a model with a larger context",
        drops: false,
        per_case: true,
        find: too_long,
    },
    Rule {
        id: "P037",
        title: "few output tokens for a model that reasons",
        severity: Warning,
        help: "reasoning counts as output: allow 2000 tokens or more, or ask for less effort",
        drops: false,
        per_case: false,
        find: too_short,
    },
    Rule {
        id: "P039",
        title: "Ollama's context: too small unless num_ctx is set, which its /v1 API ignores",
        severity: Error,
        help: "use Ollama's own API (`api: ollama-chat`), where num_ctx is sent as needed",
        drops: false,
        per_case: true,
        find: cut_prompt,
    },
];

/// OpenAI's models that refuse the old name.
fn modern(asked: &Asked<'_>) -> bool {
    ["o1*", "o3*", "o4*", "gpt-5*", "gpt-6*"]
        .iter()
        .any(|name| asked.named(name))
}

fn old_name(asked: &Asked<'_>) -> Option<Found> {
    if !asked.speaks(&["openai-chat"]) || !modern(asked) {
        return None;
    }
    let renames = asked.to.quirks.max_completion_tokens;
    let refused = asked.by_model("max_tokens is refused, it is called max_completion_tokens now");
    if asked.extra(&["max_tokens"]).is_some() {
        return Some(refused.at(["params.extra.max_tokens"]));
    }
    asked.call.params.max_tokens?;
    if renames {
        let note = Found::new("max_tokens is sent as max_completion_tokens").at_most(Note);
        return Some(note.at(["params.max_tokens"]).becomes(Transform::Renamed));
    }
    // passed on by a host that may rename it itself
    if asked.to.provider.is_some() {
        return None;
    }
    let help = "if this is OpenAI's own model, write it as `openai/…` beside its `base_url`";
    Some(refused.help(help).at(["params.max_tokens"]))
}

fn new_name(asked: &Asked<'_>) -> Option<Found> {
    asked.extra(&["max_completion_tokens"])?;
    // these take both names
    let knows = asked.to.quirks.max_completion_tokens
        || asked.at(&["groq", "cerebras", "xai", "litellm_proxy"]);
    let message = "max_completion_tokens is not known here and may be ignored";
    let here = asked.speaks(&["openai-chat", "mistral-chat"]) && !knows;
    here.then(|| Found::new(message).at(["params.extra.max_completion_tokens"]))
}

fn no_limit(asked: &Asked<'_>) -> Option<Found> {
    let absent = asked.speaks(&["anthropic-messages"]) && asked.max_tokens().is_none();
    absent.then(|| {
        let most = anthropic::MAX_TOKENS;
        let message = format!("the API needs max_tokens: {most} is sent");
        Found::new(message).at(["params.max_tokens"]).sends(most)
    })
}

/// Bytes that a token has in the densest of usual texts, and in the middle.
const BYTES_PER_TOKEN: (f64, f64) = (5.0, 3.6);

fn too_long(asked: &Asked<'_>) -> Option<Found> {
    let can = asked.can();
    let output = asked.max_tokens().unwrap_or(0);
    let rooms = [
        can.context.map(|context| context.saturating_sub(output)),
        can.max_input,
    ];
    let room = rooms.into_iter().flatten().min()? as f64;
    let bytes = asked.bytes() as f64;
    let (least, likely) = (bytes / BYTES_PER_TOKEN.0, bytes / BYTES_PER_TOKEN.1);
    if likely <= room {
        return None;
    }
    let with = if output > 0 {
        format!(" beside {output} of output")
    } else {
        String::new()
    };
    let message = format!("about {likely:.0} tokens of prompt, where {room:.0} fit{with}");
    let found = asked.by_model(message).at(["messages"]);
    Some(if least > room { found } else { found.warning() })
}

fn too_short(asked: &Asked<'_>) -> Option<Found> {
    let most = asked.max_tokens()?;
    let much = asked.effort().is_none_or(|level| level >= Effort::Medium);
    let few = most < 1024 && asked.reasons() == Some(true) && much;
    few.then(|| {
        let message = format!("{most} tokens may all go into reasoning: an empty answer is likely");
        Found::new(message).at(["params.max_tokens"])
    })
}

fn cut_prompt(asked: &Asked<'_>) -> Option<Found> {
    if asked.speaks(&["ollama-chat"]) {
        let context = ollama::context(asked.call)?;
        let found = Found::new(format!(
            "num_ctx {context} is sent, as the server cuts longer prompts without a word"
        ));
        let help = "to choose it yourself: `params: {extra: {options: {num_ctx: …}}}`";
        return Some(
            found
                .warning()
                .help(help)
                .at(["params.extra.options.num_ctx"])
                .sends(context),
        );
    }
    if !asked.at(&["ollama"]) {
        return None;
    }
    if asked
        .extra(&["options", "num_ctx"])
        .or(asked.extra(&["num_ctx"]))
        .is_some()
    {
        return Some(Found::new("Ollama's /v1 API ignores num_ctx").at(["params.extra"]));
    }
    let tokens = asked.bytes() as f64 / BYTES_PER_TOKEN.1;
    let cut = tokens > ollama::SURE_CONTEXT as f64;
    cut.then(|| {
        let message = format!("about {tokens:.0} tokens of prompt are cut without a word");
        Found::new(message).at(["messages"])
    })
}
