use super::Messages;
use crate::prompt::{Part, Role, ToolCall};
use crate::provider::{Delta, Finish, Reply, ToolChoice, Usage};
use crate::serve::trouble::{Cause, Trouble};
use crate::serve::wire::{Head, Wire};
use serde_json::{Value, json};

fn user(more: Value) -> Value {
    let mut body =
        json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn head() -> Head {
    Head {
        id: "1".into(),
        created: 7,
        model: "m".into(),
        usage: true,
    }
}

fn called() -> Reply {
    let call = |id: &str, n: u32| ToolCall {
        id: id.into(),
        name: "f".into(),
        arguments: json!({"a": n}),
    };
    Reply {
        text: "let me see".into(),
        tool_calls: vec![call("c1", 1), call("c2", 2)],
        finish: Some(Finish::ToolCalls),
        usage: Usage {
            input: Some(10),
            output: Some(4),
            cached_input: Some(6),
            ..Usage::default()
        },
        ..Reply::default()
    }
}

/// The events of a text by name, each with the name that its body has.
fn events(text: &str) -> Vec<(String, Value)> {
    let events = text.split("\n\n").filter(|event| !event.is_empty());
    let read = |event: &str| {
        let (name, data) = event.split_once('\n').unwrap();
        let name = name.strip_prefix("event: ").unwrap().to_owned();
        let body: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(body["type"], json!(name));
        (name, body)
    };
    events.map(read).collect()
}

/// The message that a client puts together of events, as the official SDKs do.
fn message(events: &[(String, Value)]) -> Value {
    let mut message = events[0].1["message"].clone();
    let (mut texts, mut open) = (Vec::<String>::new(), Vec::<usize>::new());
    for (name, body) in &events[1..] {
        let at = body["index"].as_u64().unwrap_or(0) as usize;
        match name.as_str() {
            "content_block_start" => {
                assert_eq!(at, texts.len(), "blocks come in order");
                message["content"]
                    .as_array_mut()
                    .unwrap()
                    .push(body["content_block"].clone());
                texts.push(String::new());
                open.push(at);
            }
            "content_block_delta" => {
                assert!(open.contains(&at), "a closed block grows");
                let delta = &body["delta"];
                let block = &mut message["content"][at];
                let (field, piece) = match delta["type"].as_str().unwrap() {
                    "text_delta" => ("text", &delta["text"]),
                    "thinking_delta" => ("thinking", &delta["thinking"]),
                    "signature_delta" => ("signature", &delta["signature"]),
                    _ => {
                        texts[at].push_str(delta["partial_json"].as_str().unwrap());
                        continue;
                    }
                };
                let grown = format!(
                    "{}{}",
                    block[field].as_str().unwrap(),
                    piece.as_str().unwrap()
                );
                block[field] = json!(grown);
            }
            "content_block_stop" => {
                open.retain(|other| *other != at);
                if !texts[at].is_empty() {
                    message["content"][at]["input"] = serde_json::from_str(&texts[at]).unwrap();
                }
            }
            "message_delta" => {
                message["stop_reason"] = body["delta"]["stop_reason"].clone();
                message["usage"] = body["usage"].clone();
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "every block is closed");
    assert_eq!(events.last().unwrap().0, "message_stop");
    message
}

#[test]
fn everything_that_can_be_carried_is() {
    let asked = Messages
        .read(&json!({"model": "safe", "max_tokens": 64, "stream": true,
        "system": [{"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "T"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}]},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "sig"},
                {"type": "text", "text": "A"}, {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": [{"type": "text", "text": "R"}], "is_error": false},
                {"type": "text", "text": "and?"}]}],
        "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": true},
        "thinking": {"type": "adaptive"}, "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
        "metadata": {"user_id": "u"}, "stop_sequences": ["END"], "top_k": 5, "service_tier": "auto"}))
        .unwrap();
    assert_eq!(asked.ignored, ["cache_control", "is_error"]);
    let call = asked.call;
    let roles: Vec<Role> = call.messages.iter().map(|turn| turn.role).collect();
    assert_eq!(
        roles,
        [
            Role::System,
            Role::User,
            Role::Assistant,
            Role::Tool,
            Role::User
        ]
    );
    let assistant = &call.messages[2];
    assert_eq!(
        (assistant.joined_text().as_str(), assistant.tool_calls.len()),
        ("A", 1)
    );
    let kept = &assistant.state.as_ref().unwrap()["anthropic-messages"]["content"];
    assert_eq!(
        kept[0]["signature"], "sig",
        "signed thinking goes back as it was"
    );
    let result = &call.messages[3];
    assert_eq!(
        (result.name.as_deref(), result.joined_text().as_str()),
        (Some("f"), "R")
    );
    assert_eq!(call.tool_choice, Some(ToolChoice::Required));
    assert_eq!(call.parallel_tool_calls, Some(false));
    let params = call.params;
    assert_eq!((params.max_tokens, params.top_k), (Some(64), Some(5)));
    assert_eq!(params.user.as_deref(), Some("u"));
    assert_eq!(params.reasoning.unwrap().effort.as_deref(), Some("low"));
    assert_eq!(
        params.response_schema.unwrap().schema,
        json!({"type": "object"})
    );
}

#[test]
fn what_cannot_be_carried_is_refused_by_name() {
    let block = |block: Value| json!({"messages": [{"role": "user", "content": [block]}]});
    for (more, field) in [
        (json!({"max_tokens": null}), "max_tokens"),
        (json!({"container": "x"}), "container"),
        (json!({"mcp_servers": []}), "mcp_servers"),
        (
            json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
            "tools[0].type",
        ),
        (json!({"tools": [{"name": "f"}]}), "tools[0].input_schema"),
        (json!({"tool_choice": {"type": "some"}}), "tool_choice.type"),
        (json!({"thinking": {"type": "often"}}), "thinking.type"),
        (
            json!({"output_config": {"effort": "low"}}),
            "output_config.effort",
        ),
        (json!({"system": 5}), "system"),
        (json!({"metadata": {"team": "x"}}), "metadata.team"),
        (
            block(json!({"type": "document", "source": {}})),
            "messages[0].content[0].type",
        ),
        (
            block(json!({"type": "text", "text": "x", "citations": [{}]})),
            "messages[0].content[0].citations",
        ),
        (
            block(json!({"type": "image", "source": {"type": "file", "file_id": "f"}})),
            "messages[0].content[0].source.type",
        ),
        (
            json!({"messages": [{"role": "robot", "content": "x"}]}),
            "messages[0].role",
        ),
    ] {
        let trouble = Messages
            .read(&user(more.clone()))
            .expect_err(&more.to_string());
        assert_eq!(
            trouble.param.as_deref(),
            Some(field),
            "{more}: {}",
            trouble.message
        );
        let (status, body) = Messages.error(&trouble, "r1");
        assert_eq!(
            (status, &body["error"]["type"]),
            (400, &json!("invalid_request_error"))
        );
        assert_eq!(body["request_id"], "r1");
    }
}

#[test]
fn a_stream_says_what_the_whole_says() {
    let whole = Messages.whole(&head(), &called());
    assert_eq!(whole["stop_reason"], "tool_use");
    let usage = &whole["usage"];
    assert_eq!(
        (&usage["input_tokens"], &usage["cache_read_input_tokens"]),
        (&json!(4), &json!(6))
    );
    let call = |index, id: &str| Delta::Call {
        index,
        id: id.into(),
        name: "f".into(),
    };
    let piece = |index, piece: &str| Delta::Arguments {
        index,
        piece: piece.into(),
    };
    // the second call begins before the first one is whole
    let deltas = [
        Delta::Text("let me ".into()),
        Delta::Text("see".into()),
        call(0, "c1"),
        piece(0, "{\"a\""),
        call(1, "c2"),
        piece(1, "{\"a\":2}"),
        piece(0, ":1}"),
    ];
    let note = json!({"why": "only model"});
    let mut piecewise = String::new();
    let mut stream = Messages.stream(head());
    for delta in &deltas {
        stream.deltas(std::slice::from_ref(delta), &mut piecewise);
    }
    stream.end(&called(), &note, &mut piecewise);
    let mut at_once = String::new();
    Messages.stream(head()).end(&called(), &note, &mut at_once);
    for text in [piecewise, at_once] {
        assert_eq!(message(&events(&text)), whole);
    }
}

#[test]
fn what_a_provider_wants_back_comes_back() {
    let reply = Reply {
        reasoning_text: Some("hm".into()),
        text: "A".into(),
        state: Some(json!({"gemini": {"parts": [{"thoughtSignature": "s"}]}})),
        finish: Some(Finish::Stop),
        ..Reply::default()
    };
    let whole = Messages.whole(&head(), &reply);
    let mut text = String::new();
    let mut stream = Messages.stream(head());
    stream.deltas(
        &[Delta::Reasoning("hm".into()), Delta::Text("A".into())],
        &mut text,
    );
    stream.end(&reply, &json!({}), &mut text);
    for content in [&whole["content"], &message(&events(&text))["content"]] {
        let again = json!({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": content}]});
        let again = Messages.read(&user(again)).unwrap();
        let turn = &again.call.messages[1];
        assert_eq!(turn.state, reply.state);
        assert_eq!(turn.parts, [Part::Text { text: "A".into() }]);
    }
    // Anthropic's own blocks are given as they came, and their signature as it comes.
    let own = json!([{"type": "thinking", "thinking": "hm", "signature": "sig"}, {"type": "text", "text": "A"}]);
    let reply = Reply {
        state: Some(json!({"anthropic-messages": {"content": own}})),
        ..reply
    };
    assert_eq!(Messages.whole(&head(), &reply)["content"], own);
    let mut text = String::new();
    let mut stream = Messages.stream(head());
    let deltas = [
        Delta::Reasoning("hm".into()),
        Delta::Signature("sig".into()),
        Delta::Text("A".into()),
    ];
    stream.deltas(&deltas, &mut text);
    stream.end(&reply, &json!({}), &mut text);
    assert_eq!(message(&events(&text))["content"], own);
}

#[test]
fn a_stream_that_breaks_says_so() {
    let mut text = String::new();
    let mut stream = Messages.stream(head());
    stream.deltas(&[Delta::Text("a".into())], &mut text);
    stream.fail(
        &Trouble::new(Cause::Overloaded, "overloaded", "busy"),
        &mut text,
    );
    let (name, body) = events(&text).pop().unwrap();
    assert_eq!(
        (name.as_str(), &body["error"]["type"]),
        ("error", &json!("overloaded_error"))
    );
}
