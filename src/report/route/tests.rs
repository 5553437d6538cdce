use super::*;
use crate::report::Look;
use crate::route::fit::{Wishes, fit as fitted};
use crate::route::simulate::simulate;
use crate::route::{Matrix, drill, read};
use crate::source::Problem;

/// Two models, of which the cheap one is right on one category.
fn matrix() -> Matrix {
    let mut table = "case,candidate,category,score,cost_usd,latency_ms\n".to_owned();
    for case in 0..120 {
        let easy = case % 2 == 0;
        let right = [easy || case % 9 == 0, case % 17 != 3];
        for (name, (right, (cost, ms))) in ["cheap", "dear"]
            .iter()
            .zip(right.into_iter().zip([(0.0001, 300), (0.002, 900)]))
        {
            let category = if easy { "easy" } else { "hard" };
            table += &format!(
                "{case:03},{name},{category},{},{cost},{}\n",
                u8::from(right),
                ms + case % 50
            );
        }
    }
    read("t.csv", table.as_bytes()).unwrap().matrix()
}

fn shown(render: &dyn Fn(&Look) -> Option<String>) -> String {
    let part = |_: &str| Err(Problem::error("none"));
    let look = Look {
        width: 120,
        color: false,
        part: &part,
    };
    render(&look).unwrap()
}

#[test]
fn a_fit_says_what_is_saved_and_what_a_coin_flip_would_have() {
    let found = fitted(&matrix(), &Wishes::new(0.05, 1), "score").unwrap();
    let text = shown(&|look| fit(&found, "terminal", look));
    assert!(text.starts_with("Route by category: saves "), "{text}");
    assert!(
        text.contains("of which a coin flip would have given"),
        "{text}"
    );
    assert!(
        text.contains("routes:\n  - name: \"by category\""),
        "{text}"
    );
    let json = shown(&|look| fit(&found, "json", look));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "bakeoff.route/1");
    assert_eq!(json["decision"]["recommended"], "route");
    assert_eq!(json["sentence"], verdict(&found));
    let markdown = shown(&|look| fit(&found, "markdown", look));
    assert!(markdown.contains("```yaml\nroutes:"), "{markdown}");
}

#[test]
fn a_simulation_shows_every_baseline_and_the_oracles_luck() {
    let found = simulate(&matrix(), &[], Vec::new(), &Wishes::new(0.05, 1), "score");
    let text = shown(&|look| simulation(&found, "terminal", look));
    for word in [
        "cheap",
        "dear",
        "coin flip: ",
        "random",
        "oracle",
        "APGR",
        "picking the best of 2",
    ] {
        assert!(text.contains(word), "no {word}: {text}");
    }
    let json = shown(&|look| simulation(&found, "json", look));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["best"], "dear");
    assert!(json["zero_router"]["aiq"].is_f64());
}

#[test]
fn a_drill_counts_nines_only_as_far_as_calls_show_them() {
    let (availability, limits) = drill::Link::measured(0, 200);
    let link = drill::Link {
        model: "a/m".to_owned(),
        provider: "a".to_owned(),
        availability,
        limits,
        measured: 200,
        quality: 0.9,
        cost: 0.001,
        latency: 500.0,
        failed_latency: 10_000.0,
    };
    let found = [drill::drill("safe", vec![link], &drill::Outage::default())];
    let text = shown(&|look| drills(&found, &["run x".to_owned()], "terminal", look));
    assert!(text.contains("(≥ 98.2%)"), "{text}");
    assert!(text.contains("show at least 98.2 %"), "{text}");
}
