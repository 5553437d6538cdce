use super::Chat;
use crate::prompt::{Part, Role, ToolCall};
use crate::provider::{Delta, Finish, Reply, ToolChoice, Usage};
use crate::serve::trouble::{Cause, Trouble};
use crate::serve::wire::{Head, Request, Wire};
use serde_json::{Value, json};

fn read(body: &Value) -> Result<Request, Trouble> {
    Chat.read(body)
}

fn user(more: Value) -> Value {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn head(usage: bool) -> Head {
    Head {
        id: "1".into(),
        created: 7,
        model: "m".into(),
        usage,
    }
}

fn called() -> Reply {
    Reply {
        text: "let me see".into(),
        tool_calls: vec![ToolCall {
            id: "c1".into(),
            name: "f".into(),
            arguments: json!({"a": 1}),
        }],
        finish: Some(Finish::Stop),
        usage: Usage {
            input: Some(10),
            output: Some(4),
            cached_input: Some(6),
            reasoning: Some(1),
            ..Usage::default()
        },
        ..Reply::default()
    }
}

/// The bodies of the events in a text.
fn events(text: &str) -> Vec<Value> {
    let data = text
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "));
    let json = data.filter(|data| *data != "[DONE]");
    json.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

#[test]
fn everything_that_can_be_carried_is() {
    let body = json!({"model": "safe", "stream": true, "stream_options": {"include_usage": true},
        "messages": [
            {"role": "developer", "content": "S"},
            {"role": "user", "content": [{"type": "text", "text": "T"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "auto"}},
                {"type": "image_url", "image_url": {"url": "https://x/y.png"}}]},
            {"role": "assistant", "content": null, "refusal": null, "tool_calls": [{"id": "c", "type": "function", "index": 0,
                "function": {"name": "f", "arguments": "{\"a\": 1}"}}], "provider_state": {"gemini": {"parts": []}}},
            {"role": "tool", "tool_call_id": "c", "content": "R"}],
        "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": true}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}}, "parallel_tool_calls": false,
        "max_tokens": 5, "temperature": 0.5, "stop": "END", "seed": 3, "user": "u", "reasoning_effort": "low",
        "response_format": {"type": "json_object"}, "metadata": {"team": "blue"}, "store": true, "n": 1,
        "logprobs": false, "logit_bias": {}, "service_tier": null});
    let asked = read(&body).unwrap();
    assert_eq!((asked.model.as_str(), asked.usage), ("safe", true));
    assert_eq!(asked.ignored, ["store"]);
    assert_eq!(asked.tags["team"], "blue");
    let call = asked.call;
    let roles: Vec<Role> = call.messages.iter().map(|turn| turn.role).collect();
    assert_eq!(
        roles,
        [Role::System, Role::User, Role::Assistant, Role::Tool]
    );
    let inline = Part::Image {
        media_type: Some("image/png".into()),
        data: Some("AAAA".into()),
        url: None,
    };
    assert_eq!(call.messages[1].parts[1], inline);
    assert_eq!(call.messages[2].tool_calls[0].arguments, json!({"a": 1}));
    assert_eq!(
        call.messages[2].state,
        Some(json!({"gemini": {"parts": []}}))
    );
    assert_eq!(
        call.messages[3].name.as_deref(),
        Some("f"),
        "found by its id"
    );
    assert_eq!(call.tool_choice, Some(ToolChoice::Named("f".into())));
    assert_eq!((call.parallel_tool_calls, call.stream), (Some(false), true));
    let params = call.params;
    assert_eq!(
        (params.max_tokens, params.temperature, params.seed),
        (Some(5), Some(0.5), Some(3))
    );
    assert_eq!(
        (params.stop, params.response_json),
        (vec!["END".to_owned()], true)
    );
    assert_eq!(params.reasoning.unwrap().effort.as_deref(), Some("low"));
}

#[test]
fn what_cannot_be_carried_is_refused_by_name() {
    for (more, field) in [
        (json!({"n": 2}), "n"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"logit_bias": {"50256": -100}}), "logit_bias"),
        (json!({"temprature": 1}), "temprature"),
        (json!({"audio": {"voice": "x"}}), "audio"),
        (json!({"modalities": ["text", "audio"]}), "modalities"),
        (json!({"functions": []}), "functions"),
        (json!({"temperature": "hot"}), "temperature"),
        (json!({"max_tokens": 1.5}), "max_tokens"),
        (json!({"tools": [{"type": "web_search"}]}), "tools[0].type"),
        (
            json!({"tools": [{"type": "function", "function": {"name": "f", "x": 1}}]}),
            "tools[0].function.x",
        ),
        (
            json!({"response_format": {"type": "grammar"}}),
            "response_format.type",
        ),
        (json!({"tool_choice": "any"}), "tool_choice"),
        (json!({"metadata": {"a": 1}}), "metadata.a"),
        (json!({"stream_options": {"x": 1}}), "stream_options.x"),
        (json!({"messages": []}), "messages"),
        (
            json!({"messages": [{"role": "user"}]}),
            "messages[0].content",
        ),
        (
            json!({"messages": [{"role": "robot", "content": ""}]}),
            "messages[0].role",
        ),
        (
            json!({"messages": [{"role": "user", "content": "x", "name": "Ann"}]}),
            "messages[0].name",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}),
            "messages[0].content[0].type",
        ),
        (
            json!({"messages": [{"role": "tool", "content": "x"}]}),
            "messages[0].tool_call_id",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u", "detail": "high"}}]}]}),
            "messages[0].content[0].image_url.detail",
        ),
    ] {
        let trouble = read(&user(more.clone())).expect_err(&more.to_string());
        assert_eq!(trouble.cause, Cause::BadRequest, "{more}");
        assert_eq!(
            trouble.param.as_deref(),
            Some(field),
            "{more}: {}",
            trouble.message
        );
        assert!(trouble.message.contains(field), "{}", trouble.message);
        let (status, body) = Chat.error(&trouble, "");
        assert_eq!((status, &body["error"]["param"]), (400, &json!(field)));
    }
    for body in [json!([]), json!({}), json!("x"), Value::Null] {
        assert_eq!(read(&body).unwrap_err().cause, Cause::BadRequest);
    }
}

#[test]
fn a_whole_reply() {
    let body = Chat.whole(&head(false), &called());
    let choice = &body["choices"][0];
    assert_eq!(
        choice["finish_reason"], "tool_calls",
        "calls were made, whatever the word"
    );
    let call = &choice["message"]["tool_calls"][0];
    assert_eq!(
        (&call["id"], &call["function"]["arguments"]),
        (&json!("c1"), &json!("{\"a\":1}"))
    );
    assert_eq!(body["usage"]["total_tokens"], 14);
    assert_eq!(body["usage"]["prompt_tokens_details"]["cached_tokens"], 6);
    let unknown = Chat.whole(&head(false), &Reply::default());
    assert!(unknown.get("usage").is_none(), "not stated is not zero");
    let refused = Reply {
        refusal: Some("no".into()),
        ..Reply::default()
    };
    let message = &Chat.whole(&head(false), &refused)["choices"][0]["message"];
    assert_eq!(
        (&message["content"], &message["refusal"]),
        (&Value::Null, &json!("no"))
    );
    // Said again on the next turn, it is the same call.
    let turn = Chat.whole(&head(false), &called())["choices"][0]["message"].clone();
    let again =
        read(&json!({"model": "m", "messages": [{"role": "user", "content": "x"}, turn]})).unwrap();
    assert_eq!(again.call.messages[1], called().message());
}

#[test]
fn a_stream_says_what_the_whole_says() {
    let deltas = [
        Delta::Text("let me ".into()),
        Delta::Text("see".into()),
        Delta::Call {
            index: 0,
            id: "c1".into(),
            name: "f".into(),
        },
        Delta::Arguments {
            index: 0,
            piece: "{\"a\"".into(),
        },
        Delta::Arguments {
            index: 0,
            piece: ":1}".into(),
        },
    ];
    let note = json!({"why": "only model"});
    let mut piecewise = String::new();
    let mut stream = Chat.stream(head(true));
    for delta in &deltas {
        stream.deltas(std::slice::from_ref(delta), &mut piecewise);
    }
    stream.end(&called(), &note, &mut piecewise);
    let mut at_once = String::new();
    Chat.stream(head(true)).end(&called(), &note, &mut at_once);
    for text in [piecewise, at_once] {
        assert!(text.ends_with("data: [DONE]\n\n"));
        let chunks = events(&text);
        assert!(
            chunks
                .iter()
                .all(|chunk| chunk["id"] == "chatcmpl-1"
                    && chunk["object"] == "chat.completion.chunk")
        );
        assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
        let pieces = |field: &dyn Fn(&Value) -> Value| -> String {
            let texts = chunks
                .iter()
                .map(|chunk| field(&chunk["choices"][0]["delta"]));
            texts
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect()
        };
        assert_eq!(pieces(&|delta| delta["content"].clone()), "let me see");
        let arguments = pieces(&|delta| delta["tool_calls"][0]["function"]["arguments"].clone());
        assert_eq!(
            serde_json::from_str::<Value>(&arguments).unwrap(),
            json!({"a": 1})
        );
        let last = &chunks[chunks.len() - 2];
        assert_eq!(last["choices"][0]["finish_reason"], "tool_calls");
        assert_eq!(last["bakeoff"]["why"], "only model");
        let usage = &chunks[chunks.len() - 1];
        assert_eq!(
            (&usage["choices"], &usage["usage"]["completion_tokens"]),
            (&json!([]), &json!(4))
        );
    }
    let mut plain = String::new();
    Chat.stream(head(false)).end(&called(), &note, &mut plain);
    assert!(!plain.contains("\"usage\""), "not asked for");
}

#[test]
fn a_stream_that_breaks_says_so() {
    let mut text = String::new();
    let mut stream = Chat.stream(head(false));
    stream.deltas(&[Delta::Text("a".into())], &mut text);
    stream.fail(
        &Trouble::new(Cause::Upstream, "transport", "it broke"),
        &mut text,
    );
    let events = events(&text);
    assert_eq!(events.last().unwrap()["error"]["message"], "it broke");
    assert!(!text.contains("[DONE]"));
}
