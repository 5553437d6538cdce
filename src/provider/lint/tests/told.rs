//! What is dropped, and what a reply's reader is told.

use super::call;
use crate::provider::call::Reply;
use crate::provider::lint::{Drops, Severity, Transform, settle, told};
use serde_json::json;

#[test]
fn what_is_refused_is_dropped_and_told() {
    let asked = json!({"temperature": 0, "top_p": 0.5, "max_tokens": 2000});
    let (mut call, to) = call("openai/gpt-5", &asked);
    let before = call.clone();
    let kept = settle(&mut call, &to, Drops::Nothing);
    assert_eq!(call, before, "nothing is changed unless it is asked for");
    assert_eq!(kept.findings[0].severity, Severity::Error);
    let settled = settle(&mut call, &to, Drops::Params);
    assert_eq!((call.params.temperature, call.params.top_p), (None, None));
    assert_eq!(call.params.max_tokens, Some(2000));
    let dropped = &settled.findings[0];
    assert_eq!(
        (dropped.rule, dropped.severity),
        ("P001", Severity::Warning)
    );
    assert_eq!(dropped.transform, Transform::Dropped);
    let mut reply = Reply::default();
    reply.stated.insert("temperature".into(), json!(1.0));
    assert_eq!(
        told(&settled.wishes, &reply),
        [
            "temperature: asked 0 → sent nothing (P001) → acknowledged 1",
            "top_p: asked 0.5 → sent nothing (P001) → acknowledged nothing",
        ]
    );
}

#[test]
fn without_effort_the_temperature_may_stay() {
    let asked = json!({"temperature": 0, "reasoning": {"effort": "minimal"}});
    let (mut call, to) = call("openai/gpt-5.1", &asked);
    let settled = settle(&mut call, &to, Drops::Params);
    assert_eq!(call.params.reasoning, None);
    assert_eq!(call.params.temperature, Some(0.0));
    assert_eq!(settled.findings.len(), 1);
}

#[test]
fn a_call_without_findings_is_told_only_what_the_provider_states_otherwise() {
    let asked = json!({"temperature": 0.5, "service_tier": "flex", "max_tokens": 64});
    let (mut call, to) = call("openai/gpt-4o", &asked);
    let settled = settle(&mut call, &to, Drops::Params);
    assert!(settled.findings.is_empty());
    let mut reply = Reply {
        service_tier: Some("flex".into()),
        ..Reply::default()
    };
    reply.stated.insert("temperature".into(), json!(0.5));
    assert!(told(&settled.wishes, &reply).is_empty());
    reply.service_tier = Some("default".into());
    assert_eq!(
        told(&settled.wishes, &reply),
        ["service_tier: asked flex → sent flex → acknowledged default"]
    );
}

#[test]
fn what_has_no_place_is_told_without_being_asked() {
    let (mut call, to) = call("anthropic/claude-sonnet-4-5", &json!({"seed": 7}));
    let settled = settle(&mut call, &to, Drops::Nothing);
    assert_eq!(
        told(&settled.wishes, &Reply::default()),
        [
            "max_tokens: asked nothing → sent 4096 (P004) → acknowledged nothing",
            "seed: asked 7 → sent nothing (P011) → acknowledged nothing",
        ]
    );
}

#[test]
fn a_run_may_ask_for_the_reply_whole() {
    let schema = json!({"type": "object", "properties": {}});
    let asked = json!({"response_schema": {"name": "x", "schema": schema}, "stream": true});
    let (mut call, to) = call("groq/openai/gpt-oss-20b", &asked);
    let settled = settle(&mut call, &to, Drops::in_a_run(false));
    assert!(!call.stream && call.params.response_schema.is_some());
    let (rule, severity) = (settled.findings[0].rule, settled.findings[0].severity);
    assert_eq!((rule, severity), ("P023", Severity::Warning));
}
