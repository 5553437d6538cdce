use super::*;
use crate::summary::Verdict;
use crate::summary::sheet::{Layout, read};

fn question(margin: f64) -> Question {
    Question {
        scorer: "score".into(),
        margin,
        max_failed: 0.02,
        slice: None,
        seed: 1,
        cases: "x".into(),
    }
}

/// A table of 0/1 scores, a case a column of `scores`: (candidate, score of case i).
fn compared_on(rows: &[(&str, &str)]) -> Comparison {
    let mut text = String::from("case,candidate,score,tags\n");
    for (candidate, scores) in rows {
        for (case, score) in scores.chars().enumerate() {
            let tag = ["lang=de", "lang=fr"][case % 2];
            text += &format!("c{case:03},{candidate},{score},{tag}\n");
        }
    }
    let sheet = read("t.csv", Layout::Csv, text.as_bytes()).unwrap();
    let n = sheet.sides.len();
    let pairs: Vec<_> = (0..n)
        .flat_map(|i| (i + 1..n).map(move |j| (i, j)))
        .collect();
    compare(&sheet.sides, &pairs, &question(0.05))
}

#[test]
fn a_difference_says_where_it_comes_from() {
    let a = "1".repeat(60);
    // every second case, the French ones, is lost by b in the first forty
    let b: String = (0..60)
        .map(|i| if i % 2 == 1 && i < 40 { '0' } else { '1' })
        .collect();
    let found = compared_on(&[("a", &a), ("b", &b)]);
    let [c] = &found.contrasts[..] else { panic!() };
    assert_eq!(
        (c.contrast.gains, c.contrast.losses, c.unchanged),
        (20, 0, 40)
    );
    assert_eq!(c.contrast.verdict, Verdict::Improved);
    assert_eq!((c.p_adjusted, c.noise_floor), (None, None));
    let names: Vec<_> = c
        .slices
        .iter()
        .map(|s| (s.slice.as_str(), s.stands_out))
        .collect();
    assert_eq!(names, [("lang=fr", true), ("lang=de", false)]);
    assert_eq!(c.moved.len(), 20);
    assert_eq!((c.moved[0].a, c.moved[0].b), (1.0, 0.0));
    assert_eq!(found.best.unwrap().tied, ["a"]);
}

#[test]
fn several_are_corrected_and_the_noise_of_repeats_is_measured() {
    let all = "1".repeat(40);
    let half = "10".repeat(20);
    let found = compared_on(&[("a", &all), ("b", &half), ("c", &all)]);
    let p: Vec<_> = found
        .contrasts
        .iter()
        .map(|c| c.p_adjusted.unwrap())
        .collect();
    assert!(p[0] < 0.01 && p[1] == 1.0 && p[2] < 0.01, "{p:?}");
    let mut text = String::from("case,candidate,score,repeat\n");
    for case in 0..30 {
        for repeat in 0..3 {
            for candidate in ["a", "b"] {
                let score = u8::from((case + repeat) % 3 != 0);
                text += &format!("{case},{candidate},{score},{repeat}\n");
            }
        }
    }
    let sheet = read("t.csv", Layout::Csv, text.as_bytes()).unwrap();
    let found = compare(&sheet.sides, &[(0, 1)], &question(0.05));
    // within-variance 1/3 on both sides: 1.96·√(2·(1/3)/(30·3))
    let floor = found.contrasts[0].noise_floor.unwrap();
    assert!(
        (floor - 1.96 * (2.0 / 270.0_f64).sqrt()).abs() < 1e-9,
        "{floor}"
    );
    assert!(!found.candidates[0].repeats.unwrap().add_cases);
}
