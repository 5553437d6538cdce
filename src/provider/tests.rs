use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON that looks a little like an answer: known names, values of any type.
fn odd_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(|text|stop|STOP|error|message_start|content_block_delta|tool_use|function_call|message-end|response.completed|x)".prop_map(Value::from),
    ];
    const NAMES: &[&str] = &[
        "type",
        "error",
        "message",
        "choices",
        "delta",
        "content",
        "tool_calls",
        "function",
        "arguments",
        "index",
        "usage",
        "candidates",
        "parts",
        "text",
        "output",
        "response",
        "item",
        "code",
        "status",
        "details",
        "input",
        "id",
        "done",
        "usageMetadata",
        "content_block",
        "finish_reason",
        "contentBlockIndex",
        "start",
        "toolUse",
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..6).prop_map(|fields| {
                Value::Object(
                    fields
                        .into_iter()
                        .map(|(name, value)| (name.into(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_answer_breaks_a_dialect(bodies in prop::collection::vec(odd_json(), 1..5), status in prop::sample::select(vec![200u16, 400, 429, 500])) {
        for spoken in DIALECTS {
            let mut decoder = spoken.dialect.stream();
            for body in &bodies {
                let response = HttpResponse { status, headers: Vec::new(), body: body.to_string().into() };
                let _ = spoken.dialect.decode(&response);
                for event in [None, Some("messageStop"), Some("error"), Some("contentBlockDelta")] {
                    decoder.frame(&Frame { event: event.map(Into::into), data: body.to_string() });
                }
            }
            let _ = decoder.finish();
        }
    }
}

#[test]
fn every_dialect_finds_html_and_nothing() {
    for spoken in DIALECTS {
        for body in ["", "<html>", "null", "[]", "{}", "7", "\"x\"", "{\"a\":"] {
            let response = HttpResponse {
                status: 200,
                headers: Vec::new(),
                body: body.into(),
            };
            let failure = spoken.dialect.decode(&response).expect_err(body);
            assert_eq!(
                failure.kind,
                FailureKind::Transport,
                "{} {body}",
                spoken.name
            );
        }
        let failure = spoken
            .dialect
            .stream()
            .finish()
            .expect_err("an empty stream");
        assert_eq!(
            failure.error_type.as_deref(),
            Some("stream_truncated"),
            "{}",
            spoken.name
        );
        assert_eq!(
            dialect(spoken.name).map(|found| found.name),
            Some(spoken.name)
        );
        let response = HttpResponse {
            status: 200,
            headers: Vec::new(),
            body: json!({"error": {"message": "m"}}).to_string().into(),
        };
        assert_eq!(
            spoken
                .dialect
                .decode(&response)
                .expect_err("an error")
                .message,
            "m"
        );
    }
}

#[test]
fn a_stream_under_another_name_is_read_as_one() {
    let mut response = HttpResponse {
        status: 200,
        headers: vec![("content-type".into(), "text/plain".into())],
        body: "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}\n\n".into(),
    };
    let chat = dialect("openai").expect("the provider's dialect").dialect;
    assert_eq!(read_whole(chat, &response).expect("a reply").text, "ab");
    assert!(chat.decode(&response).is_err());
    response.body = "{\"choices\":[{\"message\":{\"content\":\"c\"}}]}".into();
    assert_eq!(read_whole(chat, &response).expect("a reply").text, "c");
}

#[test]
fn however_deep_a_reply_is_nested_it_can_be_stored_and_read_again() {
    let nested = |deep: usize| format!("{}1{}", "[".repeat(deep), "]".repeat(deep));
    let chat = dialect("openai-chat").unwrap().dialect;
    let read = |arguments: &str, usage: &str| {
        let call = json!({"id": "c", "function": {"name": "f", "arguments": arguments}});
        let body = json!({"choices": [{"message": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]});
        let body =
            body.to_string()
                .replacen('{', &format!("{{\"usage\": {{\"deep\": {usage}}},"), 1);
        chat.decode(&HttpResponse {
            status: 200,
            body: body.into(),
            ..HttpResponse::default()
        })
    };
    for deep in [10, 60, 64, 65, 100, 120, 127] {
        let reply = read(&nested(deep), "1").unwrap();
        let stored = serde_json::to_string(&reply).unwrap();
        assert_eq!(
            serde_json::from_str::<Reply>(&stored).unwrap(),
            reply,
            "{deep}"
        );
        let Ok(reply) = read("{}", &nested(deep)) else {
            assert!(deep > 50, "{deep} is not deep");
            continue;
        };
        let stored = serde_json::to_string(&reply).unwrap();
        assert_eq!(
            serde_json::from_str::<Reply>(&stored).unwrap(),
            reply,
            "{deep}"
        );
    }
}

#[test]
fn a_proxys_cost_header_counts_in_every_dialect() {
    let bodies = [
        (
            "openai-chat",
            r#"{"choices":[{"message":{"content":"x"}}]}"#,
        ),
        (
            "anthropic-messages",
            r#"{"type":"message","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn"}"#,
        ),
        (
            "gemini",
            r#"{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}"#,
        ),
    ];
    for (api, body) in bodies {
        let cost = |said: &str| {
            let response = HttpResponse {
                status: 200,
                headers: vec![("x-litellm-response-cost".into(), said.into())],
                body: body.into(),
            };
            let dialect = dialect(api).unwrap().dialect;
            read_whole(dialect, &response).unwrap().stated_cost
        };
        assert_eq!(cost("0.003"), Some(0.003), "{api}");
        // it says 0 of a model that it has no price for
        assert_eq!(cost("0.0"), None, "{api}");
    }
}
