use super::*;
use crate::prompt::{Message, Part, Role, ToolCall};
use crate::provider::catalog::{Quirks, Thinking};
use crate::provider::{
    Auth, FailureKind, Finish, Frame, Frames, Framing, Params, Reasoning, Seen, ToolChoice,
};
use serde_json::{Value, json};

fn endpoint(quirks: Quirks) -> Endpoint {
    Endpoint {
        base_url: "https://api.example.com/v1".into(),
        auth: Auth::Bearer,
        key: Some("sk-secret".to_string().into()),
        quirks,
    }
}

fn asked() -> Call {
    Call {
        model: "m".into(),
        messages: vec![Message::text(Role::User, "Hi")],
        ..Call::default()
    }
}

fn body(call: &Call, quirks: Quirks) -> Value {
    let request = OPENAI.encode(call, &endpoint(quirks)).unwrap();
    serde_json::from_slice(&request.body).unwrap()
}

fn streamed(text: &str) -> (Vec<Seen>, Result<Reply, Failure>) {
    let mut decoder = OPENAI.stream();
    let frames = Frames::of(Framing::Sse, text.as_bytes()).unwrap();
    let seen = frames.iter().map(|frame| decoder.frame(frame)).collect();
    (seen, decoder.finish())
}

fn whole(body: Value) -> Result<Reply, Failure> {
    OPENAI.decode(&HttpResponse {
        status: 200,
        headers: Vec::new(),
        body: body.to_string().into(),
    })
}

#[test]
fn the_key_stays_out_of_the_plain_headers() {
    let request = OPENAI
        .encode(&asked(), &endpoint(Quirks::default()))
        .unwrap();
    assert_eq!(request.url, "https://api.example.com/v1/chat/completions");
    assert!(!format!("{request:?}").contains("sk-secret"));
    assert_eq!(request.secret.unwrap().0, "authorization");
}

#[test]
fn quirks_choose_the_field() {
    let mut call = asked();
    call.stream = true;
    call.params.max_tokens = Some(5);
    let plain = body(&call, Quirks::default());
    assert_eq!(plain["max_tokens"], 5);
    assert_eq!(plain["stream_options"], json!({"include_usage": true}));
    let quirks = Quirks {
        max_completion_tokens: true,
        no_stream_options: true,
        ..Quirks::default()
    };
    let other = body(&call, quirks);
    assert_eq!(other["max_completion_tokens"], 5);
    assert!(other.get("stream_options").is_none());
}

#[test]
fn reasoning_in_three_ways() {
    let with = |reasoning: Reasoning, thinking| {
        let mut call = asked();
        call.params.reasoning = Some(reasoning);
        let quirks = Quirks {
            thinking,
            ..Quirks::default()
        };
        OPENAI.encode(&call, &endpoint(quirks)).map(|request| {
            let mut body: Value = serde_json::from_slice(&request.body).unwrap();
            body.as_object_mut()
                .unwrap()
                .retain(|key, _| key != "model" && key != "messages");
            body
        })
    };
    let high = Reasoning {
        effort: Some("high".into()),
        ..Reasoning::default()
    };
    let off = Reasoning {
        off: true,
        ..Reasoning::default()
    };
    let budget = Reasoning {
        budget_tokens: Some(9),
        ..Reasoning::default()
    };
    assert_eq!(
        with(high.clone(), Thinking::Effort).unwrap(),
        json!({"reasoning_effort": "high"})
    );
    assert_eq!(
        with(off.clone(), Thinking::Effort).unwrap(),
        json!({"reasoning_effort": "none"})
    );
    assert_eq!(
        with(off.clone(), Thinking::Switch).unwrap(),
        json!({"thinking": {"type": "disabled"}})
    );
    assert_eq!(
        with(high, Thinking::Object).unwrap(),
        json!({"reasoning": {"effort": "high"}})
    );
    assert_eq!(
        with(budget.clone(), Thinking::Object).unwrap(),
        json!({"reasoning": {"max_tokens": 9}})
    );
    assert_eq!(
        with(budget, Thinking::Effort).unwrap_err().field,
        "reasoning.budget_tokens"
    );
}

#[test]
fn what_the_api_lacks_is_refused() {
    let mut call = asked();
    call.params.top_k = Some(4);
    assert_eq!(
        OPENAI
            .encode(&call, &endpoint(Quirks::default()))
            .unwrap_err()
            .field,
        "top_k"
    );
    let quirks = Quirks {
        top_k: true,
        ..Quirks::default()
    };
    assert_eq!(body(&call, quirks)["top_k"], 4);
    let mut call = asked();
    call.messages[0].parts = vec![Part::Image {
        media_type: None,
        data: None,
        url: None,
    }];
    assert!(OPENAI.encode(&call, &endpoint(Quirks::default())).is_err());
}

#[test]
fn turns_are_merged_where_they_must_alternate() {
    let mut call = asked();
    call.messages.push(Message::text(Role::User, "there"));
    let quirks = Quirks {
        merge_turns: true,
        ..Quirks::default()
    };
    let request = OPENAI.encode(&call, &endpoint(quirks)).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        body["messages"],
        json!([{"role": "user", "content": "Hi\n\nthere"}])
    );
}

#[test]
fn extras_come_last_and_choice_is_spelled() {
    let mut call = asked();
    call.tool_choice = Some(ToolChoice::Named("f".into()));
    call.params = Params {
        temperature: Some(0.5),
        ..Params::default()
    };
    call.params.extra.insert("temperature".into(), json!(1));
    let body = body(&call, Quirks::default());
    assert_eq!(body["temperature"], 1);
    assert_eq!(
        body["tool_choice"],
        json!({"type": "function", "function": {"name": "f"}})
    );
}

#[test]
fn state_of_a_reply_goes_into_the_next_turn() {
    let reply = whole(json!({"model": "google/g", "choices": [{"finish_reason": "tool_calls", "message": {
        "content": null, "reasoning_details": [{"type": "x"}],
        "tool_calls": [{"id": "c", "extra_content": {"google": 1}, "function": {"name": "f", "arguments": "{}"}}]}}]}))
    .unwrap();
    let mut call = asked();
    call.messages.push(Message {
        parts: Vec::new(),
        tool_calls: vec![ToolCall {
            id: "c".into(),
            name: "f".into(),
            arguments: json!({}),
        }],
        state: reply.state,
        ..Message::text(Role::Assistant, "")
    });
    let turn = body(&call, Quirks::default())["messages"][1].clone();
    assert_eq!(turn["reasoning_details"], json!([{"type": "x"}]));
    assert_eq!(turn["tool_calls"][0]["extra_content"], json!({"google": 1}));
}

#[test]
fn seen_tells_tokens_from_noise() {
    let (seen, reply) = streamed(concat!(
        "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"content_filter_results\":{}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n",
        "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"second choice\"}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"A\"},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
    ));
    use Seen::*;
    assert_eq!(
        seen,
        [
            Nothing, Nothing, Nothing, Token, Nothing, Visible, Nothing, Nothing
        ]
    );
    let reply = reply.unwrap();
    assert_eq!(
        (reply.text.as_str(), reply.reasoning_text.as_deref()),
        ("A", Some("hm"))
    );
    assert_eq!(reply.usage.input, Some(3));
}

#[test]
fn a_cut_stream_keeps_what_came() {
    let (_, outcome) = streamed("data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n");
    let failure = outcome.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Transport);
    assert_eq!(failure.error_type.as_deref(), Some("stream_truncated"));
    assert_eq!(failure.partial.unwrap().text, "half");
    assert!(streamed("").1.is_err());
    assert!(streamed("data: [DONE]\n\n").1.is_err());
}

#[test]
fn noise_in_a_stream_is_a_failure() {
    let good =
        "data: {\"choices\":[{\"delta\":{\"content\":\"half\"},\"finish_reason\":\"stop\"}]}\n\n";
    let (_, outcome) = streamed(&format!("{good}data: <html>\n\n"));
    let failure = outcome.unwrap_err();
    assert_eq!(failure.error_type.as_deref(), Some("not_json"));
    assert_eq!(failure.partial.unwrap().text, "half");
    let (_, outcome) = streamed(&format!(
        "{good}data: {{\"error\":{{\"message\":\"slow down\",\"code\":429}}}}\n\n"
    ));
    assert_eq!(outcome.unwrap_err().kind, FailureKind::RateLimit);
    let mut decoder = OPENAI.stream();
    decoder.frame(&Frame {
        event: None,
        data: "7".into(),
    });
    assert!(decoder.finish().is_err());
}

#[test]
fn odd_answers_are_still_answers() {
    let reply = whole(
        json!({"choices": [{"finish_reason": "", "message": {"content": "x"}}], "usage": {}}),
    )
    .unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("x", None));
    assert_eq!(reply.usage.input, None);
    let reply =
        whole(json!({"choices": [{"finish_reason": "whim", "message": {"content": null}}]}))
            .unwrap();
    assert_eq!(
        (reply.text.as_str(), reply.finish),
        ("", Some(Finish::Other))
    );
    assert_eq!(
        whole(json!({"choices": []}))
            .unwrap_err()
            .error_type
            .as_deref(),
        Some("no_choices")
    );
    let stopped = whole(
        json!({"choices": [{"finish_reason": "insufficient_system_resource", "message": {"content": "x"}}]}),
    );
    assert_eq!(stopped.unwrap_err().kind, FailureKind::Overloaded);
}

#[test]
fn stated_costs() {
    let cost = |usage: Value| usage::stated_cost(&usage);
    assert_eq!(cost(json!({"cost": 0.5})), Some(0.5));
    assert_eq!(
        cost(json!({"cost": 0.5, "is_byok": true, "cost_details": {"upstream_inference_cost": 1}})),
        Some(1.5)
    );
    assert_eq!(cost(json!({"cost": {"total_cost": 0.25}})), Some(0.25));
    assert!((cost(json!({"cost_in_usd_ticks": 3_984_000})).unwrap() - 0.000_398_4).abs() < 1e-15);
    assert_eq!(cost(json!({"prompt_tokens": 1})), None);
}

#[test]
fn counts_that_lie_apart_are_added() {
    let counts = |raw: Value, model: &str| {
        let usage = usage::counts(Some(raw), Some(model));
        (usage.input, usage.output)
    };
    let apart = json!({"prompt_tokens": 12, "completion_tokens": 1, "total_tokens": 303, "completion_tokens_details": {"reasoning_tokens": 290}});
    assert_eq!(counts(apart, "grok"), (Some(12), Some(291)));
    let within = json!({"prompt_tokens": 12, "completion_tokens": 291, "total_tokens": 303, "completion_tokens_details": {"reasoning_tokens": 290}});
    assert_eq!(counts(within, "grok"), (Some(12), Some(291)));
    let cached = json!({"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 161}});
    assert_eq!(counts(cached, "grok"), (Some(171), Some(1)));
    let audio = json!({"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 16, "prompt_tokens_details": {"audio_tokens": 5}});
    assert_eq!(counts(audio, "voxtral"), (Some(15), Some(1)));
    let hidden = json!({"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 16});
    assert_eq!(counts(hidden.clone(), "gemini-3"), (Some(10), Some(6)));
    assert_eq!(counts(hidden, "other"), (Some(10), Some(1)));
}
