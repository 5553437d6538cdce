//! Temperature and its like: P001, P005–P007, P011, P012, P016–P018, P040.

use super::asked::Asked;
use super::finding::{Found, Severity, Transform, is, words};
use super::{Rule, finding::Severity::Error};
use crate::provider::capability::{Effort, Sampling};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "P001",
        title: "sampling parameters on an OpenAI model that reasons",
        severity: Error,
        help: "leave them out for this model: null in its own `params` takes back what the suite sets",
        drops: true,
        per_case: false,
        find: while_reasoning,
    },
    Rule {
        id: "P005",
        title: "temperature above 1 on Anthropic",
        severity: Error,
        help: "its temperature goes from 0 to 1",
        drops: true,
        per_case: false,
        find: too_hot,
    },
    Rule {
        id: "P006",
        title: "temperature and top_p together on Claude 4.1 and later",
        severity: Error,
        help: "keep one of them",
        drops: true,
        per_case: false,
        find: both,
    },
    Rule {
        id: "P007",
        title: "sampling parameters on a model that takes none, or on Claude while it thinks",
        severity: Error,
        help: "leave them out for this model: null in its own `params` takes back what the suite sets",
        drops: true,
        per_case: false,
        find: none_taken,
    },
    Rule {
        id: "P011",
        title: "seed where there is none: Anthropic, Bedrock, Perplexity, the Responses API",
        severity: Severity::Warning,
        help: "replies cannot be repeated there: use `repeats:` to see how much they vary",
        drops: true,
        per_case: false,
        find: seed,
    },
    Rule {
        id: "P012",
        title: "seed on Mistral, which calls it random_seed",
        severity: Severity::Warning,
        help: "write `params: {seed: …}`, it is sent as random_seed",
        drops: true,
        per_case: false,
        find: random_seed,
    },
    Rule {
        id: "P016",
        title: "presence or frequency penalty on Anthropic, Bedrock, Cerebras, the Responses API, or Grok that reasons",
        severity: Error,
        help: "leave it out for this model",
        drops: true,
        per_case: false,
        find: penalties,
    },
    Rule {
        id: "P017",
        title: "logprobs on Anthropic, Bedrock, Cerebras, Cohere, Groq, Ollama, Perplexity, some of Mistral's models",
        severity: Error,
        help: "leave it out for this model",
        drops: true,
        per_case: false,
        find: logprobs,
    },
    Rule {
        id: "P018",
        title: "logit_bias outside OpenAI: token ids belong to one vocabulary",
        severity: Error,
        help: "leave it out: the ids mean other tokens there",
        drops: true,
        per_case: false,
        find: logit_bias,
    },
    Rule {
        id: "P040",
        title: "sampling that is changed or ignored: temperature 0 on Groq, DeepSeek and Grok while they reason",
        severity: Severity::Warning,
        help: "nothing is refused, but it does not do what it says",
        drops: false,
        per_case: false,
        find: without_effect,
    },
];

/// The sampling parameters that are set.
fn sampling(asked: &Asked<'_>) -> Vec<&'static str> {
    let params = &asked.call.params;
    let set = [
        ("params.temperature", params.temperature.is_some()),
        ("params.top_p", params.top_p.is_some()),
        ("params.top_k", params.top_k.is_some()),
        (
            "params.extra.temperature",
            asked.extra(&["temperature"]).is_some(),
        ),
        ("params.extra.top_p", asked.extra(&["top_p"]).is_some()),
        ("params.extra.top_k", asked.extra(&["top_k"]).is_some()),
    ];
    fields(&set)
}

/// The penalties that are set to something.
fn punished(asked: &Asked<'_>) -> Vec<&'static str> {
    let params = &asked.call.params;
    let any = |penalty: Option<f64>| penalty.is_some_and(|penalty| penalty != 0.0);
    fields(&[
        ("params.presence_penalty", any(params.presence_penalty)),
        ("params.frequency_penalty", any(params.frequency_penalty)),
    ])
}

/// What is set about the probabilities of tokens.
fn tokens(asked: &Asked<'_>) -> Vec<&'static str> {
    let raw = |name: &str| asked.extra(&[name]).is_some_and(|value| value != false);
    fields(&[
        ("params.logprobs", asked.call.params.logprobs.is_some()),
        ("params.extra.logprobs", raw("logprobs")),
        ("params.extra.top_logprobs", raw("top_logprobs")),
    ])
}

fn fields(set: &[(&'static str, bool)]) -> Vec<&'static str> {
    let set = set.iter().filter(|(_, set)| *set);
    set.map(|(field, _)| *field).collect()
}

/// Whether nothing but a temperature of 1 is set, which is what such models have anyway.
fn only_the_default(asked: &Asked<'_>, fields: &[&str]) -> bool {
    fields == ["params.temperature"] && asked.call.params.temperature == Some(1.0)
}

fn while_reasoning(asked: &Asked<'_>) -> Option<Found> {
    let refuses = asked.can().sampling == Some(Sampling::RefusedWhileReasoning);
    if !refuses || asked.reasons() != Some(true) {
        return None;
    }
    let mut found = sampling(asked);
    found.retain(|field| !field.ends_with("top_k"));
    found.extend(punished(asked));
    found.extend(tokens(asked));
    if asked.extra(&["logit_bias"]).is_some() {
        found.push("params.extra.logit_bias");
    }
    if found.is_empty() {
        return None;
    }
    let (what, are) = (words(&found), is(&found));
    let mild = only_the_default(asked, &found);
    let can_rest = asked.can().efforts.is_some_and(|set| set.has(Effort::None));
    let refused = asked.by_model(format!(
        "{what} {are} refused, as {} reasons",
        asked.call.model
    ));
    let refused = match (mild, can_rest) {
        (true, _) => refused
            .warning()
            .help("only 1 is taken, which is the default"),
        (false, true) => refused
            .help("leave it out, or set `reasoning: {effort: none}` so that it does not reason"),
        (false, false) => refused,
    };
    Some(refused.at(found))
}

fn too_hot(asked: &Asked<'_>) -> Option<Found> {
    let temperature = asked.call.params.temperature?;
    let above = asked.claude() && temperature > 1.0;
    let taken = asked.can().sampling != Some(Sampling::Refused);
    (above && taken).then(|| {
        Found::new(format!(
            "temperature {temperature} is above 1, the most there is"
        ))
        .at(["params.temperature"])
    })
}

fn both(asked: &Asked<'_>) -> Option<Found> {
    let params = &asked.call.params;
    let set = params.temperature.is_some() && params.top_p.is_some();
    let can = asked.can();
    let one = can.both_temperature_and_top_p == Some(false);
    let taken = can.sampling != Some(Sampling::Refused);
    (set && one && taken).then(|| {
        let message = format!("{} takes temperature or top_p, not both", asked.call.model);
        asked
            .by_model(message)
            .help("keep one of them: --drop-params drops top_p")
            .at(["params.top_p"])
    })
}

fn none_taken(asked: &Asked<'_>) -> Option<Found> {
    let mut found = sampling(asked);
    if asked.can().sampling == Some(Sampling::Refused) && !found.is_empty() {
        let message = format!("{} takes no {}", asked.call.model, words(&found));
        let refused = asked.by_model(message);
        let refused = match only_the_default(asked, &found) {
            true => refused
                .warning()
                .help("only 1 is taken, which is the default"),
            false => refused,
        };
        return Some(refused.at(found));
    }
    let thinks = asked.claude() && asked.reasons() == Some(true);
    if thinks && asked.can().sampling == Some(Sampling::Taken) {
        let plain = asked.call.params.temperature == Some(1.0);
        found.retain(|field| match *field {
            "params.temperature" => !plain,
            field => field == "params.top_k",
        });
        let message = format!(
            "{} {} refused while Claude thinks",
            words(&found),
            is(&found)
        );
        return (!found.is_empty()).then(|| asked.by_model(message).at(found));
    }
    None
}

fn seed(asked: &Asked<'_>) -> Option<Found> {
    asked.call.params.seed?;
    let absent = ["anthropic-messages", "bedrock-converse", "openai-responses"];
    let found = |message: &str| Found::new(message).at(["params.seed"]);
    if asked.speaks(&absent) {
        return Some(found("the API has no seed: it is not sent").becomes(Transform::LeftOut));
    }
    asked
        .at(&["perplexity"])
        .then(|| found("Perplexity has no seed"))
}

fn random_seed(asked: &Asked<'_>) -> Option<Found> {
    if !asked.speaks(&["mistral-chat"]) {
        return None;
    }
    if asked.extra(&["seed"]).is_some() {
        return Some(Found::new("Mistral has no `seed`").at(["params.extra.seed"]));
    }
    asked.call.params.seed?;
    let note = Found::new("seed is sent as random_seed").at_most(Severity::Note);
    Some(note.at(["params.seed"]).becomes(Transform::Renamed))
}

fn penalties(asked: &Asked<'_>) -> Option<Found> {
    let found = punished(asked);
    let absent = ["anthropic-messages", "bedrock-converse", "openai-responses"];
    let here = asked.speaks(&absent) || asked.at(&["cerebras"]);
    let grok = asked.at(&["xai"]) && asked.reasons() == Some(true);
    if found.is_empty() || !(here || grok) {
        return None;
    }
    let who = if here { "the API has" } else { "Grok takes" };
    let while_reasoning = if here { "" } else { " while it reasons" };
    Some(Found::new(format!("{who} no {}{while_reasoning}", words(&found))).at(found))
}

fn logprobs(asked: &Asked<'_>) -> Option<Found> {
    let found = tokens(asked);
    if found.is_empty() {
        return None;
    }
    let absent = [
        "anthropic-messages",
        "bedrock-converse",
        "cohere-v2",
        "ollama-chat",
    ];
    if asked.speaks(&absent) || asked.at(&["groq", "cerebras", "perplexity"]) {
        return Some(Found::new("the API gives no logprobs").at(found));
    }
    let few = Found::new("logprobs are enabled for few of Mistral's models");
    asked
        .speaks(&["mistral-chat"])
        .then(|| few.warning().at(found))
}

fn logit_bias(asked: &Asked<'_>) -> Option<Found> {
    asked.extra(&["logit_bias"])?;
    let found = |message: &str| Found::new(message).at(["params.extra.logit_bias"]);
    let openai_like = asked.speaks(&["openai-chat", "openai-responses"]);
    if !openai_like || asked.at(&["groq", "cerebras", "perplexity"]) {
        return Some(found("the API has no logit_bias"));
    }
    let own = asked.host().is_empty() || asked.at(&["openai", "azure"]);
    let other = "logit_bias names tokens by OpenAI's vocabulary, which this model does not have";
    (!own && !asked.named("gpt-*")).then(|| found(other).warning())
}

fn without_effect(asked: &Asked<'_>) -> Option<Found> {
    let params = &asked.call.params;
    if asked.at(&["groq"]) && params.temperature == Some(0.0) {
        let found = Found::new("Groq makes a temperature of 0 into 1e-8");
        return Some(found.at(["params.temperature"]));
    }
    let ignores = asked.can().sampling == Some(Sampling::IgnoredWhileReasoning);
    if !ignores || asked.reasons() != Some(true) {
        return None;
    }
    let mut found = sampling(asked);
    if asked.at(&["deepseek"]) {
        found.extend(punished(asked));
    }
    let message = format!(
        "{} {} ignored while {} reasons",
        words(&found),
        is(&found),
        asked.call.model
    );
    (!found.is_empty()).then(|| Found::new(message).at(found))
}
