use super::*;

fn rated(index: usize, label: f64, judge: f64) -> Rated {
    Rated {
        case: format!("case-{index:03}"),
        candidate: "a".into(),
        repeat: 0,
        answer: String::new(),
        chars: 10 + 3 * index,
        own_family: Some(index.is_multiple_of(2)),
        judge,
        people: [("me".to_owned(), label)].into(),
    }
}

fn about(grades: &[(String, f64)]) -> About<'_> {
    About {
        scorer: "helpful",
        models: &[],
        judge: "hash",
        grades,
        position: None,
        seed: 1,
    }
}

fn boolean() -> Vec<(String, f64)> {
    vec![("true".into(), 1.0), ("false".into(), 0.0)]
}

/// `n` answers, every second of them good, the judge wrong on one of `wrong`.
fn judged(n: usize, wrong: usize) -> Vec<Rated> {
    let one = |index: usize| {
        let label = f64::from(u8::from(index.is_multiple_of(2)));
        let judge = if index % wrong == 1 {
            1.0 - label
        } else {
            label
        };
        rated(index, label, judge)
    };
    (0..n).map(one).collect()
}

#[test]
fn a_good_judge_looks_good_and_a_coin_looks_like_one() {
    let grades = boolean();
    let good = calibrate(&about(&grades), judged(60, 10)).unwrap();
    assert_eq!(good.levels[0].grade, "false");
    assert_eq!(good.confusion, [[24, 6], [0, 30]]);
    assert_eq!(good.agreement.percent.value, 0.9);
    let kappa = good.agreement.kappa.unwrap();
    assert!((kappa.value - 0.8).abs() < 1e-12 && kappa.low.unwrap() > 0.6);
    let alpha = good.agreement.alpha.unwrap();
    assert!(alpha.low.unwrap() < alpha.value && alpha.value < alpha.high.unwrap());
    assert_eq!(good.agreement.between_people.map(|it| it.value), None);
    assert_eq!(good.bias.value, 0.1);
    assert!(good.usable());
    let mut coin = judged(60, 1000);
    for (index, one) in coin.iter_mut().enumerate() {
        one.judge = f64::from(u8::from(index % 4 < 2));
    }
    let coin = calibrate(&about(&grades), coin).unwrap();
    assert!(coin.agreement.kappa.unwrap().value.abs() < 1e-12);
    assert!(!coin.usable());
    let why = coin.correct(&[], &[1.0, 0.0, 1.0], 0.95).unwrap_err();
    assert!(why.contains("hardly better than a coin"), "{why}");
    assert!(
        !calibrate(&about(&grades), judged(10, 9)).unwrap().usable(),
        "too few"
    );
    assert_eq!(calibrate(&about(&grades), judged(1, 9)), None);
}

#[test]
fn corrections_pull_a_generous_judge_down() {
    let grades = boolean();
    let mut all = judged(60, 1000);
    for one in all.iter_mut().filter(|it| it.label() == 0.0).take(10) {
        one.judge = 1.0;
    }
    let calibration = calibrate(&about(&grades), all.clone()).unwrap();
    let pairs: Vec<(f64, f64)> = all.iter().map(|it| (it.label(), it.judge)).collect();
    let rest: Vec<f64> = (0..120).map(|i| f64::from(u8::from(i % 3 != 0))).collect();
    let raw = (pairs.iter().map(|it| it.1).sum::<f64>() + rest.iter().sum::<f64>()) / 180.0;
    let ppi = calibration.correct(&pairs, &rest, 0.95).unwrap();
    assert_eq!(ppi.method, "ppi++");
    assert!(ppi.estimate.value < raw && ppi.estimate.low.unwrap() < ppi.estimate.value);
    let outside = calibration.correct(&[], &rest, 0.95).unwrap();
    assert_eq!(outside.method, "rogan_gladen");
    assert!((outside.estimate.value - 0.5).abs() < 1e-9, "{outside:?}");
    let width = |it: &Corrected| it.estimate.high.unwrap() - it.estimate.low.unwrap();
    assert!(
        width(&outside) > width(&ppi),
        "labels of this very run say more"
    );
    assert_eq!(
        calibration.correct(&pairs, &[], 0.95).unwrap().method,
        "labels"
    );
    let few = calibration.correct(&pairs[..9], &[0.5], 0.95).unwrap_err();
    assert!(few.contains("9 of its answers"), "{few}");
}

#[test]
fn leanings_are_seen_beside_the_labels() {
    let grades: Vec<(String, f64)> = (1..=5)
        .map(|it| (it.to_string(), f64::from(it - 1) / 4.0))
        .collect();
    let long = |index: usize| {
        let label = (index % 3) as f64 / 4.0;
        let judge = label + if index >= 30 { 0.5 } else { 0.0 } + (index % 2) as f64 / 100.0;
        Rated {
            chars: if index >= 30 { 400 } else { 100 },
            own_family: Some(index >= 30),
            ..rated(index, label, judge)
        }
    };
    let found = calibrate(&about(&grades), (0..60).map(long).collect()).unwrap();
    let length = found.probes.length.unwrap();
    assert!(
        (length.value - 0.25).abs() < 1e-2,
        "two doublings bring half a point"
    );
    assert!((found.probes.own_family.unwrap().value - 0.5).abs() < 1e-9);
    assert!(found.agreement.quadratic_kappa.unwrap() < found.agreement.percent.value + 1.0);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Calibration>(&text).unwrap(), found);
}
