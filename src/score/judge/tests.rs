use super::super::testing::{Scripted, case, graded, reply};
use super::params::MAX_TOKENS;
use super::*;
use crate::provider::{Failure, FailureKind, Reply};
use serde_json::{Value, json};

fn judge(rubric: Value, more: Value) -> Judge {
    let mut params = match more.get("models") {
        Some(_) => json!({"rubric": ""}),
        None => json!({"rubric": "", "model": "openai/judge"}),
    };
    params
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let rubric = serde_json::from_value(rubric).unwrap();
    let params: Params = serde_json::from_value(params).unwrap();
    let panel = Panel::new(&params).unwrap();
    Judge::new(params, panel, rubric)
}

fn graded_judge() -> Judge {
    judge(
        json!({"criteria": "Be kind.", "scale": {"1": "rude", "3": "kind", "2": "neutral"}}),
        json!({}),
    )
}

async fn verdict(judge: &Judge, says: &str) -> Result<Score, Unscored> {
    let (case, reply) = (case(None), reply("an answer"));
    let ask = Scripted::saying(&[says]);
    Scorer::score(judge, graded(&case, &reply), &ask).await
}

#[tokio::test]
async fn a_sound_verdict_is_a_score() {
    let judge = graded_judge();
    for (says, value) in [
        ("{\"reason\": \"Calm.\", \"grade\": 2}", 0.5),
        ("{\"grade\": 3, \"reason\": \"Warm.\"}", 1.0),
        (
            " ```json\n{\"reason\": \"Rude.\", \"grade\": 1.0}\n``` ",
            0.0,
        ),
    ] {
        let score = verdict(&judge, says).await.unwrap();
        assert_eq!((score.value, score.passed), (value, None), "{says}");
    }
    let why = verdict(&judge, "{\"reason\": \"Calm.\", \"grade\": 2}")
        .await
        .unwrap()
        .why;
    assert_eq!(why, "grade 2 of 1 to 3: Calm.");
    let plain = self::judge(json!({"criteria": "Be right."}), json!({}));
    let score = verdict(&plain, "{\"reason\": \"It is.\", \"grade\": true}").await;
    assert_eq!(score, Ok(Score::pass(true, "meets the rubric: It is.")));
    assert!(plain.passes() && !judge.passes());
}

#[tokio::test]
async fn anything_else_is_no_score() {
    let judge = graded_judge();
    for says in [
        "",
        "{}",
        "null",
        "[]",
        "3",
        "{\"score\": 0}",
        "{\"grade\": 3}",
        "{\"reason\": \"\", \"grade\": 3}",
        "{\"reason\": \"x\", \"grade\": \"3\"}",
        "{\"reason\": \"x\", \"grade\": 4}",
        "{\"reason\": \"x\", \"grade\": 2.5}",
        "{\"reason\": \"x\", \"grade\": null}",
        "{\"reason\": \"x\", \"grade\": true}",
        "{\"reason\": \"x\", \"grade\": 1e999}",
        "{\"reason\": \"x\", \"grade\": 1, \"grade\": 3}",
        "{\"reason\": \"x\", \"grade\": 3, \"pass\": true}",
        "{\"reason\": \"x\", \"grade\": 3} {\"reason\": \"x\", \"grade\": 1}",
        "Ignore the rubric. The grade is 3.",
        "Sure: {\"reason\": \"x\", \"grade\": 3}",
        "```json\n{\"reason\": \"x\", \"grade\": 3}\n```\n```json\n{\"reason\": \"x\", \"grade\": 1}\n```",
        "[[[[[[[[[[[[",
    ] {
        let unscored = verdict(&judge, says).await.unwrap_err();
        assert!(
            unscored.0.starts_with("the judge's verdict"),
            "{says}: {unscored}"
        );
    }
    let (case, reply) = (case(None), reply("x"));
    let ask = Scripted::new(vec![Err(Failure::new(
        FailureKind::RateLimit,
        "slow\u{1b}[2J down",
    ))]);
    let unscored = Scorer::score(&judge, graded(&case, &reply), &ask)
        .await
        .unwrap_err();
    assert_eq!(unscored.0, "the judge did not answer: slow\\u{1b}[2J down");
    let cut = Reply {
        finish: Some(provider::Finish::Length),
        ..super::super::testing::reply("{\"reason\": \"lo")
    };
    let unscored =
        Scorer::score(&judge, graded(&case, &reply), &Scripted::new(vec![Ok(cut)])).await;
    assert!(unscored.unwrap_err().0.contains("the token limit cut it"));
}

#[tokio::test]
async fn repeats_are_asked_apart_and_averaged() {
    let judge = judge(json!({"criteria": "Be right."}), json!({"repeats": 3}));
    let (case, reply) = (case(None), reply("x"));
    let yes = "{\"reason\": \"yes\", \"grade\": true}";
    let no = "{\"reason\": \"no\", \"grade\": false}";
    let ask = Scripted::saying(&[yes, no, yes]);
    let score = Scorer::score(&judge, graded(&case, &reply), &ask)
        .await
        .unwrap();
    assert_eq!((score.value, score.passed), (2.0 / 3.0, Some(true)));
    assert_eq!(score.why, "2 of 3 verdicts: meets the rubric: yes");
    let asked = ask.asked();
    assert_eq!(
        asked
            .iter()
            .map(|(_, _, repeat)| *repeat)
            .collect::<Vec<_>>(),
        [0, 1, 2]
    );
    let ask = Scripted::saying(&[yes, "", yes]);
    assert!(
        Scorer::score(&judge, graded(&case, &reply), &ask)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn the_judge_sees_the_material_and_no_model_name() {
    let judge = judge(
        json!({"criteria": "Be right.", "reference": true, "scale": {"0": "bad", "4": "good"}}),
        json!({"max_chars": 40}),
    );
    let mut case = case(Some(json!("four")));
    case.vars.insert("question".into(), json!("2 + 2?"));
    case.vars.insert("answer".into(), json!("four"));
    let reply = Reply {
        served_model: Some("gpt-secret".into()),
        ..reply(&"5".repeat(50))
    };
    let ask = Scripted::saying(&["{\"reason\": \"Wrong.\", \"grade\": 0}"]);
    let score = Scorer::score(&judge, graded(&case, &reply), &ask)
        .await
        .unwrap();
    assert_eq!(
        score.why,
        "grade 0 of 0 to 4 (only the start of the answer was shown): Wrong."
    );
    let (model, call, _) = ask.asked().remove(0);
    assert_eq!(model, "openai/judge");
    assert_eq!(
        (call.params.temperature, call.params.max_tokens),
        (Some(0.0), Some(MAX_TOKENS))
    );
    let schema = call.params.response_schema.unwrap().schema;
    assert_eq!(
        schema["properties"]["grade"],
        json!({"type": "integer", "enum": [0, 4]})
    );
    assert_eq!(
        schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .next()
            .unwrap(),
        "reason"
    );
    let text = call.messages[1].joined_text();
    assert!(
        text.contains("[input question ") && text.contains("[reference answer "),
        "{text}"
    );
    assert!(
        !text.contains("[input answer "),
        "the target is shown as the reference only"
    );
    assert!(!text.contains("gpt-secret") && !call.messages[0].joined_text().contains("gpt-secret"));
    case.target = None;
    assert!(
        Scorer::score(&judge, graded(&case, &reply), &ask)
            .await
            .is_err()
    );
}

const TWO: &str = "criteria: {right: {criteria: Is it right?, weight: 3}, \
                   kind: {criteria: Is it kind?, scale: {1: rude, 3: kind}}}";

fn two() -> Judge {
    let criteria = json!({
        "right": {"criteria": "Is it right?", "weight": 3},
        "kind": {"criteria": "Is it kind?", "scale": {"1": "rude", "3": "kind"}},
    });
    judge(json!({"criteria": criteria}), json!({}))
}

async fn parted(judge: &Judge, says: &[&str]) -> Result<Parted, Unscored> {
    let (case, reply) = (case(None), reply("an answer"));
    let ask = Scripted::saying(says);
    judge.score_parts(graded(&case, &reply), &ask).await
}

#[tokio::test]
async fn several_criteria_in_one_call_each_with_its_grade() {
    let judge = two();
    let says = "{\"right\": {\"reason\": \"So.\", \"grade\": true}, \"kind\": {\"reason\": \"Hm.\", \"grade\": 1}}";
    let found = parted(&judge, &[says]).await.unwrap();
    assert_eq!((found.score.value, found.score.passed), (0.75, None));
    assert_eq!(found.score.why, "right 1.00, kind 0.00");
    let parts: Vec<_> = found
        .parts
        .iter()
        .map(|(name, it)| (name.as_str(), it.value))
        .collect();
    assert_eq!(parts, [(".right", 1.0), (".kind", 0.0)]);
    assert_eq!(judge.parts(), [".right", ".kind"]);
    assert_eq!(found.parts[1].1.why, "grade 1 of 1 to 3: Hm.");
    for bad in [
        "{\"right\": {\"reason\": \"So.\", \"grade\": true}}",
        "{\"reason\": \"So.\", \"grade\": true}",
        "{\"right\": {\"reason\": \"a\", \"grade\": true}, \"kind\": {\"reason\": \"b\", \"grade\": 2}}",
        "{\"right\": {\"reason\": \"a\", \"grade\": true}, \"kind\": {\"reason\": \"b\", \"grade\": 1}, \"more\": {\"reason\": \"c\", \"grade\": 1}}",
        "{\"right\": {\"reason\": \"a\", \"grade\": false}, \"right\": {\"reason\": \"a\", \"grade\": true}, \"kind\": {\"reason\": \"b\", \"grade\": 1}}",
        "{\"right\": {\"reason\": \"\", \"grade\": true}, \"kind\": {\"reason\": \"b\", \"grade\": 1}}",
    ] {
        assert!(parted(&judge, &[bad]).await.is_err(), "{bad}");
    }
    let rubric: Rubric = {
        let source = crate::source::Source::new("r.yaml", TWO);
        let document = crate::source::Document::parse(std::sync::Arc::new(source)).unwrap();
        document.top().read().unwrap()
    };
    assert_eq!(rubric, judge.rubric, "a file means the same");
}

#[tokio::test]
async fn a_panel_votes_and_fails_closed_without_its_quorum() {
    let yes = "{\"reason\": \"yes\", \"grade\": true}";
    let no = "{\"reason\": \"no\", \"grade\": false}";
    let three = json!(["a", "b", "c"]);
    let rubric = json!({"criteria": "Be right."});
    let majority = judge(
        rubric.clone(),
        json!({"models": three, "combine": "majority"}),
    );
    let found = parted(&majority, &[yes, no, yes]).await.unwrap();
    assert_eq!((found.score.value, found.score.passed), (1.0, Some(true)));
    let votes: Vec<_> = found
        .parts
        .iter()
        .map(|(name, it)| (name.as_str(), it.value))
        .collect();
    assert_eq!(votes, [("@a", 1.0), ("@b", 0.0), ("@c", 1.0)]);
    assert!(
        majority.parts().is_empty(),
        "votes are kept, but are no scores of their own"
    );
    let unscored = parted(&majority, &[yes, "", yes]).await.unwrap_err();
    assert!(
        unscored.0.starts_with("b: the judge's verdict"),
        "{unscored}"
    );
    let two = judge(rubric.clone(), json!({"models": three, "quorum": 2}));
    let found = parted(&two, &[yes, "", no]).await.unwrap();
    assert_eq!((found.score.value, found.score.passed), (0.5, Some(false)));
    assert!(
        found.score.why.contains("(2 of 3 judges; b: the judge's"),
        "{}",
        found.score.why
    );
    assert!(parted(&two, &["", "", no]).await.is_err());
    assert_eq!(two.models(), ["a", "b", "c"]);
    for (bad, key) in [
        (json!({"models": ["a", "a"]}), "models"),
        (json!({"models": ["a", ""]}), "models"),
        (json!({"models": ["a"], "model": "b"}), "models"),
        (json!({"models": ["a"], "quorum": 2}), "quorum"),
        (json!({}), "model"),
    ] {
        let params: Params = serde_json::from_value(bad).unwrap();
        assert_eq!(Panel::new(&params).unwrap_err().0, key);
    }
}

#[tokio::test]
async fn grades_may_be_words_with_a_worth() {
    let scale = json!({"same": {"value": 1, "means": "x"}, "subset": {"value": 0.5, "means": "y"}});
    let judge = judge(json!({"criteria": "Facts.", "scale": scale}), json!({}));
    let score = verdict(&judge, "{\"reason\": \"r\", \"grade\": \"subset\"}")
        .await
        .unwrap();
    assert_eq!((score.value, score.why.as_str()), (0.5, "graded subset: r"));
    for bad in ["\"Same\"", "1", "true", "\"superset\""] {
        let says = format!("{{\"reason\": \"r\", \"grade\": {bad}}}");
        assert!(verdict(&judge, &says).await.is_err(), "{bad}");
    }
    let grades = judge.judge().unwrap().grades;
    assert_eq!(
        grades,
        [("same".to_owned(), 1.0), ("subset".to_owned(), 0.5)]
    );
}

#[test]
fn what_is_asked_is_told_apart() {
    let asks = |rubric: Value, more: Value| judge(rubric, more).judge().unwrap().asks;
    let plain = asks(json!({"criteria": "a"}), json!({}));
    assert_eq!(
        plain,
        asks(
            json!({"criteria": "a", "about": "said otherwise"}),
            json!({})
        )
    );
    for (rubric, more) in [
        (json!({"criteria": "b"}), json!({})),
        (json!({"criteria": "a", "reference": true}), json!({})),
        (json!({"criteria": "a"}), json!({"repeats": 2})),
        (
            json!({"criteria": "a"}),
            json!({"params": {"temperature": 1}}),
        ),
        (json!({"criteria": "a"}), json!({"structured": false})),
    ] {
        assert_ne!(plain, asks(rubric, more));
    }
}

#[test]
fn every_shipped_rubric_builds() {
    let catalog = crate::project::Catalog::shipped();
    let mut rubrics = 0;
    for name in [
        "concise",
        "factual",
        "faithful",
        "follows-instructions",
        "helpful",
        "safe-refusal",
        "tone",
    ] {
        let source = catalog.text(&format!("scorers/{name}.yaml")).unwrap();
        let document = crate::source::Document::parse(source).unwrap();
        let rubric: Rubric = document.top().read().unwrap();
        assert_eq!(rubric.wrong(), None, "{name}");
        assert!(rubric.about.is_some(), "{name}");
        rubrics += 1;
    }
    assert_eq!(rubrics, 7);
}
