use super::*;
use crate::prompt::{Message, Part, Role, ToolCall};
use crate::provider::{Auth, FailureKind, Finish, Frames, Framing, Reasoning, Seen};
use serde_json::{Value, json};

fn endpoint(base_url: &str) -> Endpoint {
    Endpoint {
        base_url: base_url.into(),
        auth: Auth::Header("x-goog-api-key"),
        key: None,
        quirks: Default::default(),
    }
}

fn asked() -> Call {
    Call {
        model: "gemini-x".into(),
        messages: vec![Message::text(Role::User, "Hi")],
        ..Call::default()
    }
}

fn body(call: &Call) -> Value {
    let request = Gemini.encode(call, &endpoint("https://g/v1beta")).unwrap();
    serde_json::from_slice(&request.body).unwrap()
}

fn whole(body: Value) -> Result<Reply, Failure> {
    Gemini.decode(&HttpResponse {
        status: 200,
        headers: Vec::new(),
        body: body.to_string().into(),
    })
}

fn answer(parts: Value, finish: &str) -> Value {
    json!({"candidates": [{"content": {"parts": parts}, "finishReason": finish}]})
}

#[test]
fn addresses() {
    let url = |base: &str, model: &str, stream| {
        let call = Call {
            model: model.into(),
            stream,
            ..asked()
        };
        Gemini.encode(&call, &endpoint(base)).unwrap().url
    };
    assert_eq!(
        url("https://g", "m", false),
        "https://g/v1beta/models/m:generateContent"
    );
    assert_eq!(
        url("https://g/v1beta/", "m", true),
        "https://g/v1beta/models/m:streamGenerateContent?alt=sse"
    );
    assert_eq!(
        url("https://g/v1beta", "tunedModels/m", false),
        "https://g/v1beta/tunedModels/m:generateContent"
    );
    assert_eq!(
        url("https://g", "a?b#c d", false),
        "https://g/v1beta/models/a%3Fb%23c%20d:generateContent"
    );
    let vertex =
        "https://us-aiplatform.googleapis.com/v1/projects/p/locations/us/publishers/google";
    assert_eq!(
        url(vertex, "m", false),
        format!("{vertex}/models/m:generateContent")
    );
}

#[test]
fn what_the_api_lacks_is_refused() {
    let mut call = asked();
    call.params.user = Some("u".into());
    assert_eq!(
        Gemini
            .encode(&call, &endpoint("https://g"))
            .unwrap_err()
            .field,
        "user"
    );
    let mut call = asked();
    call.parallel_tool_calls = Some(false);
    assert!(Gemini.encode(&call, &endpoint("https://g")).is_err());
    let mut call = asked();
    call.params.reasoning = Some(Reasoning {
        effort: Some("xhigh".into()),
        ..Reasoning::default()
    });
    assert!(Gemini.encode(&call, &endpoint("https://g")).is_err());
}

#[test]
fn results_are_objects_and_find_their_name() {
    let mut call = asked();
    call.messages.push(Message {
        parts: Vec::new(),
        tool_calls: vec![ToolCall {
            id: "c".into(),
            name: "f".into(),
            arguments: Value::Null,
        }],
        ..Message::text(Role::Assistant, "")
    });
    call.messages.push(Message {
        tool_call_id: Some("c".into()),
        ..Message::text(Role::Tool, "rainy")
    });
    let contents = body(&call)["contents"].clone();
    assert_eq!(
        contents[1]["parts"],
        json!([{"functionCall": {"id": "c", "name": "f", "args": {}}}])
    );
    assert_eq!(
        contents[2]["parts"],
        json!([{"functionResponse": {"id": "c", "name": "f", "response": {"output": "rainy"}}}])
    );
}

#[test]
fn signatures_go_back_unchanged() {
    let parts = json!([{"text": "a"}, {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "s"}]);
    let reply = whole(answer(parts.clone(), "STOP")).unwrap();
    assert_eq!(reply.finish, Some(Finish::ToolCalls));
    let mut call = asked();
    call.messages.push(Message {
        state: reply.state,
        ..Message::text(Role::Assistant, "a")
    });
    assert_eq!(
        body(&call)["contents"][1],
        json!({"role": "model", "parts": parts})
    );
}

#[test]
fn a_finish_reason_is_not_the_end() {
    let mut decoder = Gemini.stream();
    let stream = [
        answer(json!([{"text": "hm", "thought": true}]), ""),
        answer(json!([{"text": "one"}]), "STOP"),
        answer(json!([{"text": " two"}]), "STOP"),
        json!({"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "thoughtsTokenCount": 4}}),
    ];
    let text: String = stream
        .iter()
        .map(|chunk| format!("data: {chunk}\r\n\r\n"))
        .collect();
    let frames = Frames::of(Framing::Sse, text.as_bytes()).unwrap();
    let seen: Vec<Seen> = frames.iter().map(|frame| decoder.frame(frame)).collect();
    assert_eq!(
        seen,
        [Seen::Token, Seen::Visible, Seen::Visible, Seen::Nothing]
    );
    let reply = decoder.finish().unwrap();
    assert_eq!(
        (reply.text.as_str(), reply.usage.output),
        ("one two", Some(6))
    );
}

#[test]
fn blocked_and_malformed_are_answers() {
    let blocked = whole(json!({"promptFeedback": {"blockReason": "SAFETY"}})).unwrap();
    assert_eq!(
        (blocked.finish, blocked.text.as_str()),
        (Some(Finish::ContentFilter), "")
    );
    let body = json!({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "Malformed function call: x"}]});
    let malformed = whole(body).unwrap();
    assert_eq!(malformed.finish, Some(Finish::Error));
    assert_eq!(malformed.warnings, ["Malformed function call: x"]);
}

#[test]
fn lists_of_chunks_and_errors_in_them() {
    let joined = whole(json!([
        answer(json!([{"text": "a"}]), ""),
        answer(json!([{"text": "b"}]), "STOP")
    ]))
    .unwrap();
    assert_eq!(joined.text, "ab");
    let cut = whole(json!([answer(json!([{"text": "a"}]), "")])).unwrap_err();
    assert_eq!(cut.error_type.as_deref(), Some("stream_truncated"));
    let error = json!({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}});
    let failure = whole(json!([answer(json!([{"text": "a"}]), ""), error])).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Overloaded);
    assert_eq!(failure.partial.unwrap().text, "a");
    let nothing = whole(json!({"usageMetadata": {"promptTokenCount": 3}})).unwrap_err();
    assert_eq!(nothing.partial.unwrap().usage.input, Some(3));
}

#[test]
fn pictures() {
    let mut call = asked();
    call.messages[0].parts = vec![
        Part::Image {
            media_type: Some("image/png".into()),
            data: Some("AA==".into()),
            url: None,
        },
        Part::Image {
            media_type: None,
            data: None,
            url: Some("gs://b/o".into()),
        },
    ];
    assert_eq!(
        body(&call)["contents"][0]["parts"],
        json!([{"inlineData": {"mimeType": "image/png", "data": "AA=="}}, {"fileData": {"fileUri": "gs://b/o"}}])
    );
}
