use super::*;
use serde_json::json;

fn of(status: u16, body: &str) -> Failure {
    with(status, &[], body)
}

fn with(status: u16, headers: &[(&str, &str)], body: &str) -> Failure {
    let headers = headers.iter().map(|(k, v)| (k.to_string(), v.to_string()));
    of_response(&HttpResponse {
        status,
        headers: headers.collect(),
        body: body.to_string().into(),
    })
}

#[test]
fn every_shape_of_body_is_read() {
    type Row<'a> = (&'a str, Option<&'a str>, Value, Option<&'a str>, &'a str);
    let rows: [Row; 11] = [
        (
            r#"{"error":{"message":"m","type":"t","param":null,"code":"c"}}"#,
            Some("t"),
            json!("c"),
            None,
            "m",
        ),
        (
            r#"{"error":{"code":"401","message":"m"}}"#,
            None,
            json!("401"),
            None,
            "m",
        ),
        (
            r#"{"type":"error","error":{"type":"t","message":"m"},"request_id":"r"}"#,
            Some("t"),
            json!(null),
            None,
            "m",
        ),
        (
            r#"[{"error":{"code":429,"message":"m","status":"S"}}]"#,
            None,
            json!(429),
            Some("S"),
            "m",
        ),
        (
            r#"{"object":"error","message":"m","type":"t","code":"3051"}"#,
            Some("t"),
            json!("3051"),
            None,
            "m",
        ),
        (r#"{"detail":"m"}"#, None, json!(null), None, "m"),
        (
            r#"{"detail":[{"loc":["body","n"],"msg":"no","type":"x"}]}"#,
            None,
            json!(null),
            None,
            "body.n: no",
        ),
        (r#"{"id":"i","message":"m"}"#, None, json!(null), None, "m"),
        (
            r#"{"code":"invalid-argument","error":"m"}"#,
            None,
            json!("invalid-argument"),
            None,
            "m",
        ),
        (r#"{"error":"m"}"#, None, json!(null), None, "m"),
        (r#"{"Message":"m"}"#, None, json!(null), None, "m"),
    ];
    for (body, error_type, code, status, message) in rows {
        let failure = of(400, body);
        assert_eq!(failure.error_type.as_deref(), error_type, "{body}");
        assert_eq!(*failure.code.unwrap_or_default(), code, "{body}");
        assert_eq!(failure.status.as_deref(), status, "{body}");
        assert_eq!(failure.message, message, "{body}");
    }
    let header = ("x-amzn-errortype", "ValidationException:http://x/");
    let bedrock = with(400, &[header], r#"{"message":"m"}"#);
    assert_eq!(bedrock.error_type.as_deref(), Some("ValidationException"));
}

#[test]
fn kinds_by_status_then_word_then_text() {
    use FailureKind::*;
    let error = |kind: &str, code: &str, message: &str| {
        json!({"error": {"type": kind, "code": code, "message": message}}).to_string()
    };
    for (status, body, kind) in [
        (401, error("", "", ""), Auth),
        (402, error("", "", ""), Quota),
        (403, error("", "", ""), Auth),
        (404, error("", "", ""), NotFound),
        (408, error("", "", ""), Server),
        (409, error("", "", ""), Server),
        (
            413,
            error("", "", "prompt is too long: 9 tokens"),
            ContextLength,
        ),
        (422, error("", "", "extra_forbidden"), InvalidRequest),
        (429, error("", "insufficient_quota", ""), Quota),
        (
            429,
            error("", "", "You exceeded your current quota"),
            RateLimit,
        ),
        (500, error("", "", "prompt is too long"), Server),
        (500, error("overloaded_error", "", ""), Overloaded),
        (503, error("", "", ""), Overloaded),
        (529, error("", "", ""), Overloaded),
        (400, error("", "context_length_exceeded", ""), ContextLength),
        (
            400,
            error("", "", "the prompt says 429 rate limit"),
            InvalidRequest,
        ),
        (400, error("", "content_filter", ""), ContentFilter),
        (400, error("", "tool_use_failed", ""), ToolUseFailed),
        (400, error("", "", "Incorrect API key provided."), Auth),
        (400, error("", "", "x is not a valid model ID"), NotFound),
        (
            400,
            error("", "", "reached your specified API usage limits"),
            Quota,
        ),
        (307, String::new(), NotFound),
    ] {
        assert_eq!(of(status, &body).kind, kind, "{status} {body}");
    }
    let daily = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "q", "details": [
        {"violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]}]}});
    assert_eq!(of(429, &daily.to_string()).kind, Quota);
}

#[test]
fn bodies_that_are_no_json() {
    assert_eq!(of(502, "").message, "HTTP 502 with an empty body");
    let html = "<!DOCTYPE html><html><head><TITLE> Bad gateway </TITLE>";
    assert_eq!(
        of(502, html).message,
        "HTTP 502 with an HTML page: Bad gateway"
    );
    assert_eq!(of(500, "oh no").message, "oh no");
    let sse = of(
        429,
        "event: error\ndata: {\"error\":{\"message\":\"slow\"}}\n\n",
    );
    assert_eq!(sse.message, "slow");
    let page = HttpResponse {
        status: 200,
        body: html.into(),
        ..HttpResponse::default()
    };
    assert_eq!(json_of(&page).unwrap_err().kind, FailureKind::Transport);
    let long = format!(r#"{{"error":"{}"}}"#, "é".repeat(100_000));
    assert!(of(500, &long).message.len() <= MESSAGE_LIMIT);
}

#[test]
fn errors_inside_a_200_answer() {
    let kind = |body: Value| in_body(&body).map(|failure| failure.kind);
    let groq = json!({"error": {"message": "m", "type": "invalid_request_error", "code": "tool_use_failed", "status_code": 400}});
    assert_eq!(kind(groq), Some(FailureKind::ToolUseFailed));
    let anthropic =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    assert_eq!(kind(anthropic), Some(FailureKind::Overloaded));
    let openrouter = json!({"error": {"code": 429, "message": "m"}, "choices": []});
    assert_eq!(kind(openrouter), Some(FailureKind::RateLimit));
    let google = json!([{"error": {"message": "m", "status": "UNAVAILABLE"}}]);
    assert_eq!(kind(google), Some(FailureKind::Overloaded));
    assert_eq!(
        kind(json!({"error": {"message": "m"}})),
        Some(FailureKind::Server)
    );
    assert_eq!(kind(json!({"error": null, "choices": []})), None);
    assert_eq!(kind(json!({"choices": []})), None);
}

#[test]
fn the_servers_word_on_retrying() {
    let yes = with(500, &[("x-should-retry", "true")], "{}");
    assert_eq!(yes.should_retry, Some(true));
    assert_eq!(of(500, "{}").should_retry, None);
    let google = r#"{"error":{"code":429,"message":"q","details":[{"retryDelay":"48s"}]}}"#;
    assert_eq!(of(429, google).retry_after.unwrap().as_secs(), 48);
}
