use super::super::super::testing::{Scripted, case, graded, reply};
use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn versus(more: Value) -> Versus {
    let mut params = json!({"model": "openai/judge"});
    params
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let params = serde_json::from_value(params).unwrap();
    Versus::new(params, Rubric::plain("Be kind."))
}

fn says(winner: &str) -> String {
    format!("{{\"reason\": \"because\", \"winner\": \"{winner}\"}}")
}

async fn both(straight: &str, swapped: &str) -> Result<Preferred, Unscored> {
    let (case, a, b) = (case(None), reply("one"), reply("two"));
    let ask = Scripted::saying(&[straight, swapped]);
    let versus = versus(json!({}));
    versus
        .compare(graded(&case, &a), graded(&case, &b), &ask)
        .await
}

#[tokio::test]
async fn only_what_holds_in_both_orders_is_a_win() {
    for (straight, swapped, value, order) in [
        ("first", "second", 1.0, Order::Consistent),
        ("second", "first", 0.0, Order::Consistent),
        ("tie", "tie", 0.5, Order::Consistent),
        ("first", "first", 0.5, Order::First),
        ("second", "second", 0.5, Order::Second),
        ("first", "tie", 0.5, Order::First),
        ("tie", "second", 0.5, Order::Second),
    ] {
        let found = both(&says(straight), &says(swapped)).await.unwrap();
        assert_eq!(
            (found.value, found.order),
            (value, order),
            "{straight} {swapped}"
        );
    }
}

#[tokio::test]
async fn anything_but_a_clear_verdict_is_no_preference() {
    for bad in [
        "",
        "first",
        "{\"winner\": \"first\"}",
        "{\"reason\": \"\", \"winner\": \"first\"}",
        "{\"reason\": \"x\", \"winner\": \"First\"}",
        "{\"reason\": \"x\", \"winner\": \"a\"}",
        "{\"reason\": \"x\", \"winner\": 1}",
        "{\"reason\": \"x\", \"winner\": \"first\", \"winner\": \"tie\"}",
        "{\"reason\": \"x\", \"winner\": \"first\", \"grade\": 5}",
        "{\"reason\": \"x\", \"winner\": \"first\"} {\"reason\": \"x\", \"winner\": \"first\"}",
    ] {
        assert!(both(bad, &says("second")).await.is_err(), "{bad}");
        assert!(both(&says("first"), bad).await.is_err(), "{bad}");
    }
}

#[tokio::test]
async fn the_orders_are_swapped_and_equal_answers_cost_nothing() {
    let (case, a, b) = (case(None), reply("one"), reply("two"));
    let ask = Scripted::saying(&[&says("first"), &says("second")]);
    let judge = versus(json!({"against": "local"}));
    let _ = judge
        .compare(graded(&case, &a), graded(&case, &b), &ask)
        .await;
    let asked: Vec<String> = ask
        .asked()
        .iter()
        .map(|(_, call, _)| call.messages[1].joined_text())
        .collect();
    let at = |text: &str, what: &str| text.find(what).unwrap();
    assert!(at(&asked[0], "\none\n") < at(&asked[0], "\ntwo\n"));
    assert!(at(&asked[1], "\ntwo\n") < at(&asked[1], "\none\n"));
    assert_eq!(judge.against(), &Against::Candidate("local".into()));
    let same = judge
        .compare(graded(&case, &a), graded(&case, &a), &Scripted::saying(&[]))
        .await;
    assert_eq!(same.unwrap().order, Order::Same);
}

proptest! {
    /// Swapping the answers mirrors the preference, whatever a judge says.
    #[test]
    fn order_is_symmetric(straight in 0usize..3, swapped in 0usize..3) {
        let all = [Winner::First, Winner::Second, Winner::Tie];
        let (value, order) = settle(all[straight], all[swapped]);
        let (mirrored, same) = settle(all[swapped], all[straight]);
        prop_assert_eq!(value, 1.0 - mirrored);
        prop_assert_eq!(order, same);
    }
}
