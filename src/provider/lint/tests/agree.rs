//! What an encoder refuses, the lint has said before; what the lint drops, the encoder takes.

use super::call;
use crate::provider::lint::{Asked, Drops, Scope, Severity, lint, settle};
use crate::provider::{Endpoint, dialect};
use serde_json::{Value, json};

/// Every parameter that a call can have, one at a time.
fn parameters() -> Vec<Value> {
    let tool = json!({"name": "f", "parameters": {"type": "object", "properties": {}}});
    vec![
        json!({}),
        json!({"temperature": 0.5}),
        json!({"top_p": 0.5}),
        json!({"top_k": 5}),
        json!({"max_tokens": 5}),
        json!({"stop": ["x"]}),
        json!({"seed": 5}),
        json!({"presence_penalty": 0.5}),
        json!({"frequency_penalty": 0.5}),
        json!({"n": 2}),
        json!({"logprobs": 2}),
        json!({"user": "u"}),
        json!({"service_tier": "flex"}),
        json!({"reasoning": {"effort": "minimal"}}),
        json!({"reasoning": {"effort": "max"}}),
        json!({"reasoning": {"effort": "low"}}),
        json!({"reasoning": {"budget_tokens": 2000}}),
        json!({"reasoning": {"off": true}}),
        json!({"response_json": true}),
        json!({"response_schema": {"name": "x", "schema": {"type": "object", "properties": {}, "additionalProperties": false}}}),
        json!({"tools": [tool], "parallel_tool_calls": false}),
        json!({"tools": [tool], "tool_choice": "required"}),
        json!({"tools": [tool], "tool_choice": {"name": "f"}}),
    ]
}

#[test]
fn no_encoder_is_stricter_than_the_lint() {
    let models = [
        "openai/gpt-4o",
        "openai/gpt-5",
        "openai/gpt-4o as openai-responses",
        "anthropic/claude-sonnet-4-5",
        "anthropic/claude-opus-4-7",
        "anthropic/claude-unheard-of",
        "gemini/gemini-2.5-flash",
        "gemini/gemini-unheard-of",
        "mistral/mistral-small-2603",
        "cohere/command-r-08-2024",
        "bedrock/amazon.nova-lite-v1:0",
        "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "ollama/llama3.2",
        "groq/llama-3.3-70b-versatile",
        "openrouter/x/y",
        "own:my-model",
    ];
    let mut refused = 0;
    for (model, fields) in models
        .iter()
        .flat_map(|model| parameters().into_iter().map(move |fields| (*model, fields)))
    {
        let (mut call, to) = call(model, &fields);
        let endpoint = Endpoint {
            base_url: "http://127.0.0.1".into(),
            auth: crate::provider::Auth::Bearer,
            key: None,
            quirks: to.quirks,
        };
        let encode = |call: &_| dialect(to.api).unwrap().dialect.encode(call, &endpoint);
        if let Err(unsupported) = encode(&call) {
            refused += 1;
            let findings = lint(&Asked::new(&call, &to), Scope::All);
            let mut errors = findings.iter().filter(|it| it.severity == Severity::Error);
            assert!(errors.next().is_some(), "{model} {fields}: {unsupported}");
        }
        let settled = settle(&mut call, &to, Drops::Params);
        let left = settled
            .findings
            .iter()
            .find(|it| it.severity == Severity::Error);
        assert!(left.is_none(), "{model} {fields}: {left:?}");
        let sent = encode(&call);
        assert!(sent.is_ok(), "{model} {fields}: {:?}", sent.err());
    }
    assert!(
        refused > 60,
        "{refused} refusals: does this test still try them?"
    );
}
