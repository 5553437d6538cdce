use super::*;
use crate::prompt::{Message, Role};
use crate::provider::{Auth, FailureKind, Finish, Frames, Framing, Seen};
use serde_json::{Value, json};

fn asked() -> Call {
    Call {
        model: "m".into(),
        messages: vec![Message::text(Role::User, "Hi")],
        ..Call::default()
    }
}

fn encode(call: &Call) -> Result<Value, Unsupported> {
    let to = Endpoint {
        base_url: "https://a/v1".into(),
        auth: Auth::Bearer,
        key: None,
        quirks: Default::default(),
    };
    let request = Responses.encode(call, &to)?;
    Ok(serde_json::from_slice(&request.body).unwrap())
}

fn whole(body: Value) -> Result<Reply, Failure> {
    Responses.decode(&HttpResponse {
        status: 200,
        headers: Vec::new(),
        body: body.to_string().into(),
    })
}

fn streamed(events: &[Value]) -> (Vec<Seen>, Result<Reply, Failure>) {
    let text: String = events
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect();
    let mut decoder = Responses.stream();
    let frames = Frames::of(Framing::Sse, text.as_bytes()).unwrap();
    let seen = frames.iter().map(|frame| decoder.frame(frame)).collect();
    (seen, decoder.finish())
}

#[test]
fn what_the_api_lacks_is_refused() {
    let mut call = asked();
    call.params.stop = vec!["x".into()];
    assert_eq!(encode(&call).unwrap_err().field, "stop");
    call.params.stop.clear();
    call.params.n = Some(2);
    assert_eq!(encode(&call).unwrap_err().field, "n");
}

#[test]
fn only_a_single_leading_system_message_is_instructions() {
    let mut call = asked();
    call.messages.insert(0, Message::text(Role::System, "A"));
    assert_eq!(encode(&call).unwrap()["instructions"], "A");
    call.messages.push(Message::text(Role::System, "B"));
    let body = encode(&call).unwrap();
    assert!(body.get("instructions").is_none());
    assert_eq!(body["input"].as_array().unwrap().len(), 3);
}

#[test]
fn state_goes_back_unchanged() {
    let output = json!([{"type": "reasoning", "encrypted_content": "e", "summary": []},
        {"type": "message", "content": [{"type": "output_text", "text": "x"}]}]);
    let reply = whole(json!({"status": "completed", "output": output})).unwrap();
    let mut call = asked();
    call.messages.push(Message {
        state: reply.state,
        ..Message::text(Role::Assistant, "x")
    });
    assert_eq!(encode(&call).unwrap()["input"][1], output[0]);
}

#[test]
fn reasoning_that_was_not_encrypted_is_left_out_with_what_points_at_it() {
    let output = json!([{"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"}]);
    let reply = whole(json!({"status": "completed", "output": output})).unwrap();
    let mut call = asked();
    call.messages.push(reply.message());
    let sent = &encode(&call).unwrap()["input"];
    assert_eq!(
        sent[1],
        json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"})
    );
    assert_eq!(sent.as_array().unwrap().len(), 2);
}

#[test]
fn a_stream_cut_or_failed_keeps_what_came() {
    let begun = [
        json!({"type": "response.created", "response": {"id": "r", "status": "in_progress"}}),
        json!({"type": "response.reasoning_summary_text.delta", "delta": "hm"}),
        json!({"type": "response.output_text.delta", "delta": "half"}),
    ];
    let (seen, outcome) = streamed(&begun);
    assert_eq!(seen, [Seen::Nothing, Seen::Token, Seen::Visible]);
    let failure = outcome.unwrap_err();
    assert_eq!(failure.error_type.as_deref(), Some("stream_truncated"));
    let partial = failure.partial.unwrap();
    assert_eq!((partial.text.as_str(), partial.finish), ("half", None));
    let failed = json!({"type": "response.failed", "response": {"status": "failed", "output": [],
        "error": {"code": "rate_limit_exceeded", "message": "slow"}}});
    let outcome = streamed(&[begun.as_slice(), &[failed]].concat()).1;
    assert_eq!(outcome.unwrap_err().kind, FailureKind::RateLimit);
    let error = json!({"type": "error", "code": "server_error", "message": "oh"});
    let failure = streamed(&[begun.as_slice(), &[error]].concat())
        .1
        .unwrap_err();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::Server, "oh")
    );
    assert_eq!(failure.partial.unwrap().text, "half");
}

#[test]
fn finishes() {
    let finish = |status: &str, reason: Value| {
        whole(json!({"status": status, "incomplete_details": {"reason": reason}, "output": []}))
            .unwrap()
            .finish
    };
    assert_eq!(finish("completed", json!(null)), Some(Finish::Stop));
    assert_eq!(
        finish("incomplete", json!("max_output_tokens")),
        Some(Finish::Length)
    );
    assert_eq!(
        finish("incomplete", json!("content_filter")),
        Some(Finish::ContentFilter)
    );
    assert!(whole(json!({"status": "cancelled", "output": []})).is_err());
    assert!(whole(json!({"id": "x"})).is_err());
}
