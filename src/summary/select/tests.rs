use super::*;
use crate::summary::sheet::{Layout, read};

/// (name, every how manieth case fails, cost)
fn selected(models: &[(&str, usize, f64)], change: impl FnOnce(&mut Wishes)) -> Selection {
    let mut text = String::from("case,candidate,score,cost_usd\n");
    for case in 0..120 {
        for (name, every, cost) in models {
            let score = u8::from(case % every != 1);
            text += &format!(
                "{case},{name},{score},{}\n",
                cost * (1.0 + 0.1 * f64::from(case as u8 % 3))
            );
        }
    }
    let sheet = read("t.csv", Layout::Csv, text.as_bytes()).unwrap();
    let mut wishes = Wishes {
        scorer: "score".into(),
        limits: Limits::default(),
        weights: None,
        margin: None,
        max_failed: 0.02,
        seed: 1,
        cases: "x".into(),
    };
    change(&mut wishes);
    select(&sheet.sides, &vec![None; models.len()], &wishes)
}

const MODELS: [(&str, usize, f64); 4] = [
    ("strong", 40, 0.01),
    ("same", 30, 0.004),
    ("weak", 3, 0.001),
    ("bad", 2, 0.002),
];

#[test]
fn the_cheapest_that_could_be_the_best_is_taken() {
    let found = selected(&MODELS, |_| {});
    let chosen = found.recommended.unwrap();
    assert_eq!(chosen.name, "same");
    assert!(chosen.stability > 0.95 && chosen.separated);
    let tiers: Vec<_> = found
        .candidates
        .iter()
        .map(|c| c.tier.as_ref().unwrap().tier)
        .collect();
    assert_eq!(tiers, ["frontier", "frontier", "fast", "beaten"]);
    let weak = found.candidates[2].tier.as_ref().unwrap();
    assert!((weak.times_cheaper.unwrap() - 4.0).abs() < 1e-9);
    assert!(weak.loss.unwrap().high.unwrap() < -0.2);
    let winner = found.winner.unwrap();
    assert!(winner.name == "strong" && winner.corrected < winner.score);
}

#[test]
fn constraints_are_met_broken_or_open() {
    let found = selected(&MODELS, |w| w.limits.max_cost = Some(0.003));
    assert_eq!(found.candidates[0].constraints[0].met, Met::No);
    assert_eq!(found.recommended.unwrap().name, "weak");
    let found = selected(&MODELS, |w| w.limits.min_quality = Some(0.97));
    assert_eq!(found.candidates[0].constraints[0].met, Met::CannotTell);
    assert!(!found.recommended.unwrap().sure);
    let found = selected(&MODELS, |w| w.limits.max_cost = Some(0.000_1));
    assert!(found.recommended.is_none() && found.notes[0].contains("no candidate"));
}

#[test]
fn what_a_point_is_worth_switches_the_choice() {
    let found = selected(&MODELS, |_| {});
    let names: Vec<_> = found.switching.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["weak", "same", "strong"]);
    assert_eq!(
        (found.switching[0].from, found.switching[2].to),
        (0.0, None)
    );
    assert!(found.switching[0].share > 0.9);
    let weighed = selected(&MODELS, |w| {
        w.weights = Some(Weights {
            quality: 1.0,
            cost: 2.0,
            latency: 0.0,
        });
    });
    assert_eq!(weighed.recommended.unwrap().name, "weak");
}

#[test]
fn equals_are_not_separated_and_the_cheaper_is_named() {
    // a margin that one resample in two or three shows to hold
    let near = [("a", 10, 0.01), ("b", 9, 0.005)];
    let found = selected(&near, |w| w.margin = Some(0.05));
    let chosen = found.recommended.unwrap();
    assert!(!chosen.separated, "{chosen:?}");
    assert_eq!(chosen.name, "b");
}

#[test]
fn who_was_not_scored_on_the_same_cases_is_not_recommended() {
    let mut text = String::from("case,candidate,score,cost_usd\n");
    for case in 0..60 {
        text += &format!("{case},good,{},0.01\n", u8::from(case % 20 != 1));
        if case % 3 == 0 {
            text += &format!("{case},flaky,1,0.001\n");
        }
    }
    let sheet = read("t.csv", Layout::Csv, text.as_bytes()).unwrap();
    let wishes = Wishes {
        scorer: "score".into(),
        limits: Limits::default(),
        weights: None,
        margin: None,
        max_failed: 0.02,
        seed: 1,
        cases: "x".into(),
    };
    let found = select(&sheet.sides, &[None, None], &wishes);
    assert_eq!(found.recommended.unwrap().name, "good");
    assert_eq!(found.cases, 60);
    let flaky = &found.candidates[1];
    assert!(!flaky.eligible && flaky.quality.is_some());
    let why = "flaky is left out, it may not be compared: 40 of 60 cases have a score for only one of it and good, more than 2 %";
    assert_eq!(found.notes[0], why);
    let mut sides = sheet.sides;
    for (side, failed) in sides.iter_mut().zip([2, 40]) {
        let trials = 60;
        side.counts = Some(crate::summary::side::Counts {
            trials,
            failed,
            ..Default::default()
        });
    }
    let found = select(&sides, &[None, None], &wishes);
    assert!(found.recommended.is_none());
    assert!(
        found.notes[1].contains("2 of 60 trials failed, more than 2 %"),
        "{:?}",
        found.notes
    );
}
