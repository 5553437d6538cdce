use super::*;
use crate::route::{Cell, Recorded, Request};
use crate::stats::resample::Draw;

/// Cases of two kinds: the cheap model is right on the easy ones (and on a few hard ones), the dear one nearly always.
/// Whether the category says which kind a case is of is `knows`.
fn made(n: usize, seed: u64, knows: bool) -> Matrix {
    let mut draw = Draw::new(seed, 0);
    let mut chance = || f64::from(draw.coins()) / 4_294_967_296.0;
    let mut recorded = Recorded {
        candidates: vec!["a/cheap".to_owned(), "b/dear".to_owned()],
        ..Recorded::default()
    };
    let mut cells = [Vec::new(), Vec::new()];
    for case in 0..n {
        let easy = case % 2 == 0;
        let said = if knows { easy } else { chance() < 0.5 };
        recorded.requests.push(Request {
            id: format!("{case:04}"),
            tags: vec![format!("category={}", if said { "easy" } else { "hard" })],
            tokens: Some((100.0 * chance()) as u64),
            ..Request::default()
        });
        let right = [if easy { 0.97 } else { 0.2 }, 0.93];
        for (side, (p, cost)) in right.into_iter().zip([1e-4, 1e-3]).enumerate() {
            cells[side].push(Cell {
                score: Some(f64::from(u8::from(chance() < p))),
                cost: Some(cost * (0.5 + chance())),
                ..Cell::default()
            });
        }
    }
    recorded.cells = cells.into();
    recorded.matrix()
}

#[test]
fn a_category_that_knows_is_found_and_what_it_saves_is_the_truth() {
    let found = fit(&made(300, 1, true), &Wishes::new(0.05, 1), "exact").unwrap();
    assert_eq!(found.decision.recommended, Recommended::Route, "{found:?}");
    let tried = &found.tried[found.decision.tried.unwrap()];
    assert_eq!(tried.by, By::Category("category".to_owned()));
    // half the cases go to a model at a tenth of the cost
    assert!((tried.saving.value - 0.45).abs() < 0.05, "{tried:?}");
    assert!(tried.saving.low.unwrap() > 0.35 && tried.coin_flip.is_none_or(|saved| saved < 0.2));
    let block = found.routes.unwrap();
    assert!(block.contains("tags: [\"category="), "{block}");
}

#[test]
fn noise_is_never_approved() {
    let mut approved = 0;
    for seed in 0..40 {
        let found = fit(
            &made(100, 100 + seed, false),
            &Wishes::new(0.05, seed),
            "exact",
        )
        .unwrap();
        approved += found.tried.iter().filter(|tried| tried.approved).count();
        assert_ne!(
            found.decision.recommended,
            Recommended::Route,
            "{seed} {found:#?}"
        );
    }
    assert_eq!(approved, 0);
}

#[test]
fn the_same_on_any_number_of_threads() {
    let matrix = made(90, 7, true);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| fit(&matrix, &Wishes::new(0.05, 1), "exact").unwrap())
    };
    let (one, four) = (on(1), on(4));
    assert_eq!(one, four);
    assert_eq!(
        serde_json::to_string(&one).unwrap(),
        serde_json::to_string(&four).unwrap()
    );
}

#[test]
fn few_cases_and_unknown_costs_are_said() {
    let few = fit(&made(20, 1, true), &Wishes::new(0.05, 1), "exact").unwrap();
    assert!(few.tried.is_empty() && few.refused[0].why.contains("too few"));
    let mut free = made(60, 1, true);
    free.cost = None;
    assert!(fit(&free, &Wishes::new(0.05, 1), "exact").is_err());
}
