use super::super::testing::{Scripted, case, graded, reply};
use super::*;
use crate::provider::{Failure, FailureKind, Reply};
use serde_json::json;

fn judge(rubric: Value, more: Value) -> Judge {
    let mut params = json!({"rubric": "", "model": "openai/judge"});
    params
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let rubric = serde_json::from_value(rubric).unwrap();
    Judge::new(serde_json::from_value(params).unwrap(), rubric)
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

#[test]
fn bad_scales_are_refused() {
    for scale in [
        json!("bool"),
        json!({}),
        json!({"1": "x"}),
        json!({"a": "x", "b": "y"}),
        json!(["x", "y"]),
    ] {
        assert!(serde_json::from_value::<Scale>(scale).is_err());
    }
}
