use super::*;

fn game(a: usize, b: usize, score: f64, case: usize) -> Game {
    Game {
        a,
        b,
        score,
        case,
        style: Vec::new(),
    }
}

#[test]
fn two_models_are_the_log_odds() {
    let found = table(&[vec![0.0, 3.0], vec![1.0, 0.0]], &[]).unwrap();
    let (lead, error) = found.difference(0, 1);
    assert!((lead - 3.0_f64.ln()).abs() < 1e-9);
    // 1/(n p (1-p)) = 1/(4·¾·¼)
    assert!((error - (4.0_f64 / 3.0).sqrt()).abs() < 1e-9);
}

#[test]
fn an_always_winner_is_finite_and_said() {
    let found = table(&[vec![0.0, 9.0], vec![0.0, 0.0]], &[]).unwrap();
    assert!(found.pseudo && found.strengths[0].is_finite());
    assert!((found.difference(0, 1).0 - 19.0_f64.ln()).abs() < 1e-9);
    let ties = [vec![0.0, 2.0], vec![2.0, 0.0]];
    assert!(
        !table(&[vec![0.0, 9.0], vec![0.0, 0.0]], &ties)
            .unwrap()
            .pseudo
    );
}

#[test]
fn strangers_cannot_be_ranked() {
    let mut wins = vec![vec![0.0; 4]; 4];
    (wins[0][1], wins[1][0], wins[2][3], wins[3][2]) = (3.0, 2.0, 4.0, 1.0);
    assert_eq!(table(&wins, &[]), Err(Unrankable::Unconnected));
    let ties = [vec![0.0, 5.0], vec![5.0, 0.0]];
    let none = [vec![0.0; 2], vec![0.0; 2]];
    assert_eq!(davidson(&none, &ties), Err(Unrankable::Undetermined));
    assert_eq!(table(&[vec![0.0]], &[]), Err(Unrankable::Shape));
    assert_eq!(games(2, &[game(0, 2, 1.0, 0)]), Err(Unrankable::Shape));
    assert_eq!(games(2, &[]), Err(Unrankable::Unconnected));
}

#[test]
fn without_ties_all_models_agree() {
    let wins = [
        vec![0.0, 7.0, 9.0],
        vec![5.0, 0.0, 8.0],
        vec![2.0, 6.0, 0.0],
    ];
    let none = vec![vec![0.0; 3]; 3];
    let plain = table(&wins, &none).unwrap();
    for other in [davidson(&wins, &none), rao_kupper(&wins, &none)] {
        assert_eq!(other.unwrap().strengths, plain.strengths);
    }
}

#[test]
fn games_asked_twice_are_no_more_evidence() {
    let once: Vec<Game> = (0..60)
        .map(|case| {
            game(
                case % 3,
                (case + 1) % 3,
                f64::from(u8::from(case % 5 < 3)),
                case,
            )
        })
        .collect();
    let twice: Vec<Game> = once.iter().chain(&once).cloned().collect();
    let (once, twice) = (games(3, &once).unwrap(), games(3, &twice).unwrap());
    let (a, b) = (once.difference(0, 1), twice.difference(0, 1));
    assert!((a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9);
    assert!(twice.hessian_covariance[1][1] < 0.6 * once.hessian_covariance[1][1]);
}

#[test]
fn length_is_told_from_strength() {
    // the longer answer wins four times in five, whoever wrote it; model 0 writes longer ones more often
    let game = |case: usize| {
        let longer = if case % 4 < 3 { 1.0 } else { -1.0 };
        let wins = if case % 5 < 4 { longer } else { -longer };
        Game {
            style: vec![longer],
            ..game(0, 1, (wins + 1.0) / 2.0, case)
        }
    };
    let played: Vec<Game> = (0..400).map(game).collect();
    let plain: Vec<Game> = played
        .iter()
        .map(|g| Game {
            style: Vec::new(),
            ..g.clone()
        })
        .collect();
    let controlled = games(2, &played).unwrap();
    assert!(games(2, &plain).unwrap().difference(0, 1).0 > 0.5);
    assert!(controlled.difference(0, 1).0.abs() < 1e-6);
    assert!((controlled.style[0].0 - 4.0_f64.ln()).abs() < 1e-6);
}
