//! Stop sequences and several choices: P013–P015; and fields that an API has not: P046.

use super::Rule;
use super::asked::Asked;
use super::finding::Found;
use super::finding::Severity::Error;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "P013",
        title: "several choices (n > 1) on Anthropic, Bedrock, Cerebras, Cohere, Groq, Ollama, Perplexity, the Responses API",
        severity: Error,
        help: "ask several times instead: `repeats: N`",
        drops: true,
        per_case: false,
        find: choices,
    },
    Rule {
        id: "P014",
        title: "stop sequences on Grok that reasons, gpt-5 and later, o3, o4-mini, Perplexity, the Responses API",
        severity: Error,
        help: "leave them out, and cut the text in a scorer",
        drops: true,
        per_case: false,
        find: stop,
    },
    Rule {
        id: "P015",
        title: "more stop sequences than are taken: 4 on OpenAI, 5 on Gemini and Cohere",
        severity: Error,
        help: "give fewer",
        drops: false,
        per_case: false,
        find: too_many,
    },
    Rule {
        id: "P046",
        title: "a field that the API has not: top_k, user, service_tier, parallel_tool_calls, reasoning",
        severity: Error,
        help: "leave it out, or send the API's own field in `extra`",
        drops: true,
        per_case: false,
        find: absent,
    },
];

fn choices(asked: &Asked<'_>) -> Option<Found> {
    let raw = asked.extra(&["n"]).and_then(serde_json::Value::as_u64);
    let (field, n) = match asked.call.params.n {
        Some(n) => ("params.n", n),
        None => ("params.extra.n", raw?),
    };
    let one = [
        "anthropic-messages",
        "bedrock-converse",
        "cohere-v2",
        "ollama-chat",
        "openai-responses",
    ];
    let here = asked.speaks(&one) || asked.at(&["groq", "cerebras", "perplexity"]);
    (n > 1 && here).then(|| Found::new(format!("the API gives one choice, not {n}")).at([field]))
}

fn stop(asked: &Asked<'_>) -> Option<Found> {
    if asked.call.params.stop.is_empty() {
        return None;
    }
    if asked.speaks(&["openai-responses"]) || asked.at(&["perplexity"]) {
        return Some(Found::new("the API has no stop sequences").at(["params.stop"]));
    }
    (asked.can().stop == Some(false)).then(|| {
        let message = format!("{} takes no stop sequences", asked.call.model);
        asked.by_model(message).at(["params.stop"])
    })
}

fn too_many(asked: &Asked<'_>) -> Option<Found> {
    let given = asked.call.params.stop.len();
    let most = match asked.to.api {
        "openai-chat" if asked.at(&["openai", "azure"]) => 4,
        "gemini" | "cohere-v2" => 5,
        _ => return None,
    };
    (given > most).then(|| {
        let message = format!("{given} stop sequences, where at most {most} are taken");
        Found::new(message).at(["params.stop"])
    })
}

fn absent(asked: &Asked<'_>) -> Option<Found> {
    let params = &asked.call.params;
    let quirks = &asked.to.quirks;
    let speaks = |apis: &[&str]| asked.speaks(apis);
    let claude = asked.claude();
    let bedrock = speaks(&["bedrock-converse"]);
    let top_k = speaks(&["openai-responses"])
        || (speaks(&["openai-chat"]) && !quirks.top_k)
        || (bedrock && !claude);
    let few = ["bedrock-converse", "cohere-v2", "gemini", "ollama-chat"];
    let found = [
        ("params.top_k", params.top_k.is_some() && top_k),
        ("params.user", params.user.is_some() && speaks(&few)),
        (
            "params.service_tier",
            params.service_tier.is_some() && speaks(&few),
        ),
        (
            "parallel_tool_calls",
            asked.call.parallel_tool_calls == Some(false) && speaks(&few),
        ),
        (
            "params.reasoning",
            params.reasoning.is_some() && bedrock && !claude,
        ),
    ];
    let found = found.into_iter().filter(|(_, asked)| *asked);
    let found: Vec<&'static str> = found.map(|(field, _)| field).collect();
    let what = super::finding::words(&found);
    (!found.is_empty()).then(|| Found::new(format!("{} has no {what}", asked.to.api)).at(found))
}
