//! Policies decide as their routes say; whatever comes of it, a request ends.

use super::*;
use crate::project::RouteMap;
use crate::source::{Document, Source};
use proptest::prelude::*;
use serde_json::json;

fn doc(yaml: &str) -> Document {
    Document::yaml(Source::new("bakeoff.yaml", yaml).into()).unwrap()
}

fn map(yaml: &str) -> RouteMap {
    doc(yaml).top().read().unwrap()
}

fn route(yaml: &str) -> Route {
    Route::of(&map(yaml)).unwrap()
}

fn models(route: &Route) -> Vec<&str> {
    let leaves = route.leaves.iter();
    leaves.map(|leaf| leaf.hop.model.as_str()).collect()
}

fn failed(hop: usize, kind: FailureKind) -> Step {
    Step::new(hop, Came::Failed(kind))
}

fn says(text: &str) -> Reply {
    Reply {
        text: text.to_owned(),
        ..Reply::default()
    }
}

fn asked(route: &Route, seen: &Seen<'_>, so_far: &[Step]) -> Option<(String, String)> {
    let pick = route.policy.next(seen, so_far)?;
    let model = route.leaves[pick.hop].hop.model.clone();
    Some((model, pick.why.to_string()))
}

fn told(model: &str, why: &str) -> Option<(String, String)> {
    Some((model.to_owned(), why.to_owned()))
}

const BY_LENGTH: &str = r#"
name: by-length
cost:
  rules:
    - {max_prompt_tokens: 400, matches: "(?i)refund", use: cheap}
    - {tags: [lang=de, "not:easy"], use: strong}
    - {column: topic, is: [billing, "7"], use: mid}
  else: strong
fallback: [{model: spare, on: any}]
"#;

#[test]
fn the_first_rule_that_fits_decides() {
    let route = route(BY_LENGTH);
    assert_eq!(models(&route), ["cheap", "strong", "mid", "spare"]);
    let ask = |tokens, text, tags: &[&str], topic: serde_json::Value| {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let vars = json!({"topic": topic});
        let request = Request {
            prompt_tokens: tokens,
            text,
            tags: &tags,
            vars: vars.as_object(),
        };
        let seen = Seen {
            request,
            ..Seen::default()
        };
        asked(&route, &seen, &[]).unwrap()
    };
    let is = |found: (String, String), model: &str, why: &str| {
        assert_eq!(Some(found), told(model, why));
    };
    let none = json!(null);
    is(
        ask(400, "a Refund!", &[], none.clone()),
        "cheap",
        "rule 1: 400 tokens, matches (?i)refund",
    );
    is(ask(401, "a Refund!", &[], none.clone()), "strong", "else");
    is(
        ask(9, "?", &["lang=de"], none.clone()),
        "strong",
        "rule 2: lang=de, not easy",
    );
    is(
        ask(9, "?", &["lang=de", "level=easy"], none.clone()),
        "strong",
        "else",
    );
    is(
        ask(9, "?", &[], json!(" billing ")),
        "mid",
        "rule 3: topic is billing",
    );
    is(ask(9, "?", &[], json!(7)), "mid", "rule 3: topic is 7");
    is(ask(9, "?", &[], none), "strong", "else");
}

#[test]
fn what_a_rule_picked_falls_back_once() {
    let route = route(BY_LENGTH);
    let seen = Seen::default();
    let down = failed(1, FailureKind::InvalidRequest);
    assert_eq!(
        asked(&route, &seen, std::slice::from_ref(&down)),
        told("spare", "fallback: invalid_request")
    );
    assert_eq!(
        asked(&route, &seen, &[down, failed(3, FailureKind::Server)]),
        None
    );
    let fine = route.policy.answered(1, &says("yes"), None);
    assert_eq!(asked(&route, &seen, &[fine]), None);
}

#[test]
fn the_classifier_is_asked_first_and_its_word_decides() {
    let route = route(
        "{name: r, cost: {classifier: {model: tiny, labels: {easy: cheap, hard: strong}}, else: strong}}",
    );
    assert_eq!(models(&route), ["cheap", "strong", "tiny"]);
    let seen = Seen {
        request: Request {
            text: "2 + 2 = {{?",
            ..Request::default()
        },
        ..Seen::default()
    };
    assert_eq!(asked(&route, &seen, &[]), told("tiny", "classifier"));
    let classifier = route.policy.classifier(2).unwrap();
    let prompt = classifier.prompt(&seen.request).unwrap();
    assert!(
        prompt.contains("easy, hard") && prompt.contains("2 + 2 = {{?"),
        "{prompt}"
    );
    for (said, model, why) in [
        ("easy", "cheap", "label easy"),
        (" **Hard**.\n", "strong", "label hard"),
        ("I would call it easy.", "cheap", "label easy"),
        (
            "easy or hard",
            "strong",
            "else: the classifier named no label",
        ),
        ("uneasy", "strong", "else: the classifier named no label"),
        ("", "strong", "else: the classifier named no label"),
    ] {
        let step = route.policy.answered(2, &says(said), None);
        assert_eq!(step.came, Came::Said(said.to_owned()));
        assert_eq!(asked(&route, &seen, &[step]), told(model, why), "{said}");
    }
    let down = failed(2, FailureKind::Timeout);
    assert_eq!(
        asked(&route, &seen, &[down]),
        told("strong", "else: the classifier: timeout")
    );
    let step = route.policy.answered(2, &says("easy"), None);
    assert_eq!(
        asked(&route, &seen, &[step, failed(0, FailureKind::Server)]),
        None
    );
    assert_eq!(route.policy.paths(&seen), [[2, 0], [2, 1], [2, 1]]);
}

const CAREFUL: &str = r#"
name: careful
cascade:
  - {use: cheap, accept: {scorer: valid}}
  - {use: mid, accept: {confidence: {path: /confidence, at_least: 0.8}}}
  - {use: big, accept: {logprob: -0.5}}
  - strong
fallback: [{model: spare, on: any}]
"#;

#[test]
fn a_cascade_goes_on_until_an_answer_is_accepted() {
    let route = route(CAREFUL);
    let seen = Seen::default();
    assert_eq!(
        route.scorers,
        [("valid".to_owned(), "/cascade/0/accept/scorer".to_owned())]
    );
    assert_eq!(route.policy.scorer(0), Some("valid"));
    assert_eq!(asked(&route, &seen, &[]), told("cheap", "first"));
    let answer = |hop, reply: &Reply, scored| route.policy.answered(hop, reply, scored);
    let passed = answer(0, &says("{}"), Some(Verdict::scored("valid", Ok(true))));
    assert_eq!(passed.verdict.as_ref().unwrap().why, "accepted by valid");
    assert_eq!(asked(&route, &seen, &[passed]), None);

    let mut so_far = vec![answer(
        0,
        &says("x"),
        Some(Verdict::scored("valid", Ok(false))),
    )];
    assert_eq!(
        asked(&route, &seen, &so_far),
        told("mid", "escalated: rejected by valid")
    );
    let unsure = "Here: ```json\n{\"confidence\": 0.3}\n```";
    so_far.push(answer(1, &says(unsure), None));
    assert_eq!(
        asked(&route, &seen, &so_far),
        told("big", "escalated: confidence 0.3 < 0.8")
    );
    so_far.push(answer(2, &says("maybe"), None));
    assert_eq!(
        asked(&route, &seen, &so_far),
        told("strong", "escalated: the API gave no log probabilities")
    );
    so_far.push(failed(3, FailureKind::ContentFilter));
    assert_eq!(
        asked(&route, &seen, &so_far),
        told("spare", "fallback: content_filter")
    );
    let sure = Reply {
        logprob: Some(-0.5),
        ..says("yes")
    };
    assert!(answer(2, &sure, None).verdict.unwrap().accepted);
    for (text, accepted) in [
        ("{\"confidence\": 0.8}", true),
        ("{\"confidence\": \"85 %\"}", true),
        ("{\"confidence\": \"high\"}", false),
        ("{\"confidence\": null}", false),
        ("0.9", false),
        ("}{", false),
    ] {
        assert_eq!(
            answer(1, &says(text), None).verdict.unwrap().accepted,
            accepted,
            "{text}"
        );
    }
    let down = failed(0, FailureKind::Timeout);
    assert_eq!(
        asked(&route, &seen, &[down]),
        told("mid", "escalated: timeout")
    );
    let capped = failed(0, FailureKind::Budget);
    assert_eq!(asked(&route, &seen, &[capped]), None);
    assert_eq!(route.policy.paths(&seen)[3], [0, 1, 2, 3]);
}

#[test]
fn shares_are_drawn_and_the_same_again() {
    let route = route("{name: half, weighted: {cheap: 3, none: 0, strong: 1}, last_resort: spare}");
    let drawn = |case: usize| {
        let draw = Draw::new(7, "half", &case.to_string(), 0);
        let seen = Seen {
            draw,
            ..Seen::default()
        };
        asked(&route, &seen, &[]).unwrap()
    };
    let cheap = (0..4000).filter(|case| drawn(*case).0 == "cheap").count();
    assert!(
        (2890..3110).contains(&cheap),
        "{cheap}: within four standard deviations of 3000"
    );
    assert!((0..4000).all(|case| drawn(case).0 != "none"));
    assert_eq!(drawn(3), drawn(3));
    assert!(drawn(3).1.starts_with("weight: "));
    let down = failed(0, FailureKind::Malformed);
    assert_eq!(
        asked(&route, &Seen::default(), &[down]),
        told("spare", "fallback: malformed")
    );
}

#[test]
fn a_chain_may_be_written_as_a_route() {
    let route = route("{name: safe, fallback: [a, {model: b, on: timeout}], last_resort: c}");
    assert!(route.policy.is_chain());
    let seen = Seen::default();
    assert_eq!(asked(&route, &seen, &[]), told("a", "first"));
    let next = |kind| asked(&route, &seen, &[failed(0, kind)]);
    assert_eq!(next(FailureKind::Timeout), told("b", "fallback: timeout"));
    assert_eq!(
        next(FailureKind::ContextLength),
        told("c", "fallback: context_length")
    );
}

const EVERY: [&str; 6] = [
    BY_LENGTH,
    CAREFUL,
    "{name: r, cost: {classifier: {model: tiny, labels: {easy: cheap, hard: strong}}, else: strong}, fallback: [cheap, strong, {model: other, on: [refusal, any]}]}",
    "{name: r, latency: {of: [a, b, c]}, fallback: [d, a]}",
    "{name: r, latency: {of: [a, b], target_p95: 2s}, last_resort: c}",
    "{name: r, weighted: {a: 1, b: 1}, fallback: [a, b, {model: c, on: [empty, any]}]}",
];

proptest! {
    /// Whatever comes, no model is asked twice, and a request ends.
    #[test]
    fn a_request_ends(which in 0usize..6, outcomes in proptest::collection::vec(0usize..6, 32), seed: u64) {
        let route = route(EVERY[which]);
        let draw = Draw::new(seed, "r", "case", 0);
        let seen = Seen { draw, ..Seen::default() };
        let mut so_far: Vec<Step> = Vec::new();
        while let Some(pick) = route.policy.next(&seen, &so_far) {
            prop_assert!(so_far.iter().all(|step| step.hop != pick.hop), "twice: {so_far:?}");
            prop_assert!(pick.hop < route.leaves.len());
            let hop = pick.hop;
            so_far.push(match outcomes[so_far.len()] {
                0 => failed(hop, FailureKind::Server),
                1 => Step::new(hop, Came::Closed(FailureKind::Auth)),
                2 => failed(hop, FailureKind::InvalidRequest),
                3 => route.policy.answered(hop, &Reply::default(), None),
                4 => route.policy.answered(hop, &says("easy"), None),
                _ => route.policy.answered(hop, &says("{\"confidence\": 1}"), None),
            });
        }
        prop_assert!(!so_far.is_empty() && so_far.len() <= route.leaves.len());
    }

    /// What is asked to get an answer is one of the paths that were priced.
    #[test]
    fn an_answer_takes_a_path(which in 0usize..6, outcomes in proptest::collection::vec(0usize..3, 32), seed: u64) {
        let route = route(EVERY[which]);
        let draw = Draw::new(seed, "r", "case", 0);
        let seen = Seen { draw, ..Seen::default() };
        let mut so_far: Vec<Step> = Vec::new();
        while let Some(pick) = route.policy.next(&seen, &so_far) {
            let text = ["hard", "{\"confidence\": 1}", "no"][outcomes[so_far.len()]];
            so_far.push(route.policy.answered(pick.hop, &says(text), None));
        }
        let hops: Vec<usize> = so_far.iter().map(|step| step.hop).collect();
        prop_assert!(route.policy.paths(&seen).contains(&hops), "{hops:?}");
    }
}
