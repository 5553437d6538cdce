//! Replies of every odd kind, and what is made of them.

use super::oddity::{Oddity, Replies};
use super::port::{Asked, Pair, port};
use super::ported::{Answer, Ported};
use crate::dataset::Case;
use crate::plan::{Column, DatasetRef, ScorerRef, Snapshot};
use crate::prompt::ToolCall;
use crate::provider::{Failure, FailureKind, Finish, Reply, Usage};
use crate::store::{Origin, Outcome, Record, RunRow, Score, Scored, Stored};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// A reply with this text, made odd by `more`.
fn reply(text: &str, more: impl FnOnce(&mut Reply)) -> Outcome {
    let mut reply = Reply {
        text: text.to_owned(),
        finish: Some(Finish::Stop),
        usage: Usage {
            output: Some(text.len() as u64 + 1),
            ..Usage::default()
        },
        ..Reply::default()
    };
    more(&mut reply);
    Outcome::Answered(Box::new(reply))
}

fn column(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        id: name.to_owned(),
        model: format!("lab/{name}"),
        api: "openai-chat".to_owned(),
        base_url: String::new(),
        prompt: "ask".to_owned(),
        prompt_hash: "ask".to_owned(),
        params: json!({"max_tokens": 64}),
        twin: 0,
        price: None,
        hops: Vec::new(),
        route: None,
    }
}

/// A run of two models: outcome and score of each case.
fn run(cases: usize, ask: impl Fn(&str, usize) -> (Outcome, f64)) -> (Snapshot, Stored) {
    let scorer = |name: &str| ScorerRef {
        name: name.to_owned(),
        kind: "exact".to_owned(),
        hash: String::new(),
    };
    let plan = Snapshot {
        suite: "s (port)".to_owned(),
        seed: 1,
        repeats: 1,
        dataset: DatasetRef {
            name: "d".to_owned(),
            hash: "h".to_owned(),
            cases,
            ..DatasetRef::default()
        },
        candidates: vec![column("a"), column("b")],
        scorers: vec![scorer("exact")],
        primary: "exact".to_owned(),
        reference: None,
        margin: 0.05,
        max_failed: 0.02,
        prices: String::new(),
        prices_hash: String::new(),
        price_table: String::new(),
        judges: BTreeMap::new(),
        keys: BTreeMap::new(),
        prompts: BTreeMap::new(),
        chosen: Default::default(),
        early: None,
        confirms: None,
        drill: Vec::new(),
    };
    let case = |at: usize| Case {
        id: format!("c{at:03}"),
        vars: Map::new(),
        target: Some(Value::String("yes".to_owned())),
        group: None,
        tags: vec![
            if at.is_multiple_of(2) { "even" } else { "odd" }.to_owned(),
            "all".to_owned(),
        ],
        line: at,
    };
    let mut stored = Stored {
        run: RunRow {
            id: "r".to_owned(),
            suite: plan.suite.clone(),
            started: String::new(),
            plan: Value::Null,
            trials: 2 * cases,
            complete: true,
        },
        cases: (0..cases).map(case).collect(),
        left_out: Vec::new(),
        records: BTreeMap::new(),
        judges: BTreeMap::new(),
        scores: HashMap::new(),
        preferences: Vec::new(),
        loose: Vec::new(),
    };
    for column in &plan.candidates {
        for (at, case) in stored.cases.iter().enumerate() {
            let (outcome, value) = ask(&column.name, at);
            let trial = plan.trial_id(case, column, 0);
            let answered = matches!(outcome, Outcome::Answered(_));
            let record = Record {
                trial: trial.clone(),
                judged: None,
                case: case.id.clone(),
                candidate: column.name.clone(),
                repeat: 0,
                key: String::new(),
                outcome,
                origin: Origin::Live,
                attempts: Vec::new(),
            };
            stored.records.insert(trial.clone(), record);
            if answered {
                let scored = Scored {
                    trial: trial.clone(),
                    scorer: "exact".to_owned(),
                    definition: String::new(),
                    result: Ok(Score {
                        value,
                        ..Score::pass(true, "said so")
                    }),
                };
                stored
                    .scores
                    .insert(trial, [("exact".to_owned(), scored)].into());
            }
        }
    }
    (plan, stored)
}

fn pair() -> Pair {
    Pair {
        from: "a".to_owned(),
        to: "b".to_owned(),
        ..Pair::default()
    }
}

fn ported(cases: usize, ask: impl Fn(&str, usize) -> (Outcome, f64)) -> Ported {
    let (plan, stored) = run(cases, ask);
    let asked = Asked {
        plan: &plan,
        stored: Some(&stored),
        lint: &[],
        margin: 0.05,
        equivalence: false,
    };
    port(&asked, &pair())
}

#[test]
fn every_oddity_is_seen_where_it_is() {
    let tool = |arguments: Value| ToolCall {
        id: "1".to_owned(),
        name: "f".to_owned(),
        arguments,
    };
    let cases: Vec<(Outcome, &[Oddity])> = vec![
        (reply("yes", |_| ()), &[]),
        (
            Outcome::Failed(Failure::new(FailureKind::Timeout, "late")),
            &[Oddity::Failed],
        ),
        (
            reply("", |it| it.refusal = Some("no".to_owned())),
            &[Oddity::Refused, Oddity::Empty],
        ),
        (
            reply("ye", |it| it.finish = Some(Finish::Length)),
            &[Oddity::Cut],
        ),
        (reply(" \n", |_| ()), &[Oddity::Empty]),
        (
            reply("", |it| it.usage.reasoning = Some(64)),
            &[Oddity::Empty, Oddity::EmptyAfterReasoning],
        ),
        (
            reply("", |it| it.reasoning_text = Some("hm".to_owned())),
            &[Oddity::Empty, Oddity::EmptyAfterReasoning],
        ),
        (reply("```json\n{\"a\": 1}\n```", |_| ()), &[Oddity::Fenced]),
        (reply("I would say yes.", |_| ()), &[Oddity::Around]),
        (
            reply("", |it| it.tool_calls = vec![tool(json!({"x": 1}))]),
            &[],
        ),
        (
            reply("", |it| it.tool_calls = vec![tool(json!("{\"x\": "))]),
            &[Oddity::MalformedToolCall],
        ),
        (reply("Это ответ", |_| ()), &[Oddity::Language]),
    ];
    let (plan, stored) = run(cases.len(), |name, at| match name {
        "a" => (reply("It is what it is", |_| ()), 1.0),
        _ => (cases[at].0.clone(), 0.0),
    });
    let first = Replies::of(&plan, &stored, "a").unwrap();
    let said = Replies::of(&plan, &stored, "b").unwrap();
    let expected = first.expected(false);
    assert!(!expected.json);
    for (at, (_, wanted)) in cases.iter().enumerate() {
        let found = Oddity::ALL.into_iter();
        let found: Vec<Oddity> = found
            .filter(|odd| said.share(at, *odd, &expected) == Some(1.0))
            .collect();
        assert_eq!(found, *wanted, "case {at}");
    }
    assert_eq!(
        said.share(1, Oddity::Cut, &expected),
        None,
        "no reply is not an uncut one"
    );
    assert!(Replies::of(&plan, &stored, "c").is_none());
}

#[test]
fn json_is_expected_where_the_first_model_gives_it() {
    let (plan, stored) = run(4, |name, at| match (name, at) {
        ("a", 3) => (reply("hm", |_| ()), 0.0),
        ("a", _) => (reply("{\"x\": 1}", |_| ()), 1.0),
        (_, 0) => (reply("{\"x\": ", |_| ()), 0.0),
        (_, 1) => (reply("Here: {\"x\": 1} Bye", |_| ()), 0.0),
        (_, 2) => (reply("```\n{\"x\": 1}\n```", |_| ()), 0.0),
        _ => (reply("{\"x\": 2}", |_| ()), 1.0),
    });
    let said = Replies::of(&plan, &stored, "b").unwrap();
    let expected = Replies::of(&plan, &stored, "a").unwrap().expected(false);
    assert!(expected.json);
    let odd = [Oddity::InvalidJson, Oddity::Around, Oddity::Fenced];
    for (at, odd) in odd.into_iter().enumerate() {
        let shares: Vec<_> = (0..4)
            .map(|case| said.share(case, odd, &expected))
            .collect();
        let one = |case: usize| Some(f64::from(u8::from(case == at)));
        assert_eq!(shares, [one(0), one(1), one(2), one(3)], "{odd:?}");
    }
}

#[test]
fn shifts_are_paired_and_hints_name_the_setting() {
    let found = ported(40, |name, at| match (name, at % 4) {
        ("b", 0) => (
            reply("", |it| {
                it.usage.reasoning = Some(60);
                it.finish = Some(Finish::Length);
            }),
            0.0,
        ),
        ("b", _) => (reply("yes, but let me explain all of that", |_| ()), 1.0),
        _ => (reply("yes", |_| ()), 1.0),
    });
    assert_eq!(found.verdict, Answer::NotPortable);
    let cut = found.shifts.odd[&Oddity::Cut];
    assert_eq!((cut.from, cut.to, cut.difference.n), (0.0, 0.25, 40));
    assert!(cut.difference.low.is_some_and(|low| low > 0.1));
    let said = found.hints.join("\n");
    for part in [
        "`params.max_tokens` (now 64)",
        "`params.reasoning.effort`",
        "answer alone",
        "times as long",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(
        !said.contains("`params.stop`"),
        "every empty answer was reasoned about: {said}"
    );
    assert_eq!(found.flips.len(), 10);
    assert_eq!(
        found.flips[0].why,
        "cut by the token limit; empty after reasoning; said so"
    );
    // Half of the cases are even, and all of the losses; the tag of all cases is no slice.
    let tags: Vec<&str> = found
        .slices
        .iter()
        .map(|slice| slice.tag.as_str())
        .collect();
    assert_eq!(tags, ["even", "odd"]);
    assert_eq!((found.slices[0].losses, found.slices[1].losses), (10, 0));
    assert!(found.slices[0].p_adjusted.is_some_and(|p| p < 0.01));
}

#[test]
fn failures_are_missing_and_never_a_pass() {
    let fails = || Outcome::Failed(Failure::new(FailureKind::ContextLength, "long"));
    let found = ported(40, |name, at| match (name, at) {
        ("b", 0..20) => (fails(), 0.0),
        _ => (reply("yes", |_| ()), 1.0),
    });
    assert_eq!(found.verdict, Answer::Invalid, "{}", found.sentence);
    assert_eq!(found.shifts.odd[&Oddity::Failed].to, 0.5);
    assert!(found.hints[0].contains("20 calls failed (context_length)"));
    let found = ported(10, |name, _| match name {
        "b" => (fails(), 0.0),
        _ => (reply("yes", |_| ()), 1.0),
    });
    assert_eq!(found.verdict, Answer::Invalid, "{}", found.sentence);
}

/// A model of which three in ten answers are wrong, held against itself 200 times.
#[test]
fn a_noisy_model_is_seldom_found_worse_than_itself() {
    let (mut worse, mut portable) = (0, 0);
    for seed in 0..200u64 {
        let found = ported(100, |name, at| {
            let hash = blake3::hash(format!("{seed} {name} {at}").as_bytes());
            let good = f64::from(u8::from(hash.as_bytes()[0] >= 77));
            (reply("yes", |_| ()), good)
        });
        worse += u32::from(found.verdict == Answer::NotPortable);
        portable += u32::from(found.verdict == Answer::Portable);
    }
    println!("of 200: {worse} not portable, {portable} portable");
    // One-sided 5 %: 10 are expected, more than 18 come once in a hundred times.
    assert!(worse <= 18, "{worse} of 200");
}
