use super::*;
use crate::prompt::{Message, Part, Role, ToolCall};
use crate::provider::{Auth, FailureKind, Finish, Frames, Framing, Reasoning, Seen, ToolChoice};
use serde_json::{Value, json};

fn endpoint() -> Endpoint {
    Endpoint {
        base_url: "https://api.anthropic.com".into(),
        auth: Auth::Header("x-api-key"),
        key: Some("sk-ant".to_string().into()),
        quirks: Default::default(),
    }
}

fn asked() -> Call {
    Call {
        model: "claude-x".into(),
        messages: vec![Message::text(Role::User, "Hi")],
        ..Call::default()
    }
}

fn body(call: &Call) -> Value {
    serde_json::from_slice(&Messages.encode(call, &endpoint()).unwrap().body).unwrap()
}

fn streamed(text: &str) -> (Vec<Seen>, Result<Reply, Failure>) {
    let mut decoder = Messages.stream();
    let frames = Frames::of(Framing::Sse, text.as_bytes()).unwrap();
    let seen = frames.iter().map(|frame| decoder.frame(frame)).collect();
    (seen, decoder.finish())
}

fn whole(body: Value) -> Result<Reply, Failure> {
    Messages.decode(&HttpResponse {
        status: 200,
        headers: Vec::new(),
        body: body.to_string().into(),
    })
}

#[test]
fn a_missing_limit_is_filled() {
    let request = Messages.encode(&asked(), &endpoint()).unwrap();
    assert_eq!(request.url, "https://api.anthropic.com/v1/messages");
    assert!(
        request
            .headers
            .contains(&("anthropic-version", "2023-06-01".into()))
    );
    assert_eq!(request.secret.unwrap().0, "x-api-key");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["max_tokens"], 4096);
}

#[test]
fn what_the_api_lacks_is_refused() {
    let refused = |change: fn(&mut Call)| {
        let mut call = asked();
        change(&mut call);
        Messages
            .encode(&call, &endpoint())
            .map_err(|problem| problem.field)
    };
    for (change, field) in [
        ((|call| call.params.n = Some(2)) as fn(&mut Call), "n"),
        (
            |call| call.params.presence_penalty = Some(0.5),
            "presence_penalty",
        ),
        (
            |call| call.params.frequency_penalty = Some(0.5),
            "frequency_penalty",
        ),
        (|call| call.params.logprobs = Some(3), "logprobs"),
        (|call| call.params.response_json = true, "response_json"),
    ] {
        assert_eq!(refused(change).unwrap_err(), field);
    }
    assert!(refused(|call| call.params.n = Some(1)).is_ok());
    // the lint says so, and every reply
    assert!(refused(|call| call.params.seed = Some(1)).is_ok());
}

#[test]
fn systems_are_gathered() {
    let mut call = asked();
    call.messages.insert(0, Message::text(Role::System, "A"));
    call.messages.push(Message::text(Role::System, "B"));
    let request = Messages.encode(&call, &endpoint()).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        body["system"],
        json!([{"type": "text", "text": "A"}, {"type": "text", "text": "B"}])
    );
    assert_eq!(body["messages"].as_array().unwrap().len(), 1);
}

#[test]
fn reasoning_and_choice() {
    let mut call = asked();
    call.params.reasoning = Some(Reasoning {
        off: true,
        ..Reasoning::default()
    });
    assert_eq!(body(&call)["thinking"], json!({"type": "disabled"}));
    call.params.reasoning = Some(Reasoning {
        effort: Some("minimal".into()),
        ..Reasoning::default()
    });
    assert!(Messages.encode(&call, &endpoint()).is_err());
    call.params.reasoning = None;
    call.tool_choice = Some(ToolChoice::None);
    assert_eq!(body(&call)["tool_choice"], json!({"type": "none"}));
}

#[test]
fn images_by_data_and_by_address() {
    let mut call = asked();
    let picture = |url: &str| Part::Image {
        media_type: None,
        data: None,
        url: Some(url.into()),
    };
    call.messages[0].parts = vec![
        picture("data:image/gif;base64,R0=="),
        picture("https://x/y.png"),
    ];
    let content = body(&call)["messages"][0]["content"].clone();
    assert_eq!(
        content[0]["source"],
        json!({"type": "base64", "media_type": "image/gif", "data": "R0=="})
    );
    assert_eq!(
        content[1]["source"],
        json!({"type": "url", "url": "https://x/y.png"})
    );
}

#[test]
fn thinking_is_kept_for_the_next_turn() {
    let (seen, reply) = streamed(concat!(
        "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n",
        "data: {\"type\":\"ping\"}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"sig\"}}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":1}\"}}\n\n",
        "data: {\"type\":\"brand_new_event\"}\n\n",
        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":9}}\n\n",
    ));
    use Seen::*;
    assert_eq!(
        seen,
        [
            Nothing, Nothing, Nothing, Token, Nothing, Visible, Visible, Nothing, Nothing
        ]
    );
    let reply = reply.unwrap();
    assert_eq!((reply.usage.input, reply.usage.output), (Some(5), Some(9)));
    let mut call = asked();
    call.messages.push(Message {
        parts: Vec::new(),
        tool_calls: vec![ToolCall {
            id: "t".into(),
            name: "f".into(),
            arguments: json!({"a": 1}),
        }],
        state: reply.state,
        ..Message::text(Role::Assistant, "")
    });
    assert_eq!(
        body(&call)["messages"][1]["content"],
        json!([{"type": "thinking", "thinking": "hm", "signature": "sig"}, {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}])
    );
}

#[test]
fn refusals_and_pauses_are_answers() {
    let finish = |word: &str| {
        whole(json!({"content": [], "stop_reason": word}))
            .unwrap()
            .finish
    };
    assert_eq!(finish("refusal"), Some(Finish::ContentFilter));
    assert_eq!(finish("pause_turn"), Some(Finish::Pause));
    assert_eq!(finish("stop_sequence"), Some(Finish::Stop));
    assert_eq!(finish("new_reason"), Some(Finish::Other));
    assert_eq!(
        whole(json!({"id": "x"})).unwrap_err().kind,
        FailureKind::Transport
    );
}

#[test]
fn an_error_in_the_stream_keeps_what_came() {
    let begun = concat!(
        "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5}}}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"half\"}}\n\n",
    );
    let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    let failure = streamed(&format!("{begun}{error}")).1.unwrap_err();
    assert_eq!(
        (failure.kind, failure.http_status),
        (FailureKind::Overloaded, Some(200))
    );
    let partial = failure.partial.unwrap();
    assert_eq!(
        (partial.text.as_str(), partial.usage.input),
        ("half", Some(5))
    );
    let failure = streamed(begun).1.unwrap_err();
    assert_eq!(failure.error_type.as_deref(), Some("stream_truncated"));
}
