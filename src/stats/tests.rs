//! Properties of the statistics as a whole: truths are covered, equal models raise no alarms, order and threads do not
//! matter, no input panics.

use super::*;
use crate::stats::anytime::Bets;
use crate::stats::resample::{Bootstrap, Draw};
use proptest::prelude::*;

/// Uniform and normal numbers from a seed.
struct Luck(Draw);

impl Luck {
    fn new(seed: u64) -> Self {
        Luck(Draw::new(seed, u64::MAX))
    }
    fn uniform(&mut self) -> f64 {
        (f64::from(self.0.coins()) + 0.5) / 4_294_967_296.0
    }
    fn normal(&mut self) -> f64 {
        normal::quantile(self.uniform())
    }
    fn passes(&mut self, rates: &[f64]) -> Vec<f64> {
        rates
            .iter()
            .map(|p| f64::from(u8::from(self.uniform() < *p)))
            .collect()
    }
    /// Pass rates of `n` cases, most of them high: √u has the distribution Beta(2, 1).
    fn rates(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.uniform().sqrt()).collect()
    }
}

/// The share of `runs` in which something happened.
fn share(runs: u32, mut happens: impl FnMut(u32) -> bool) -> f64 {
    f64::from((0..runs).filter(|run| happens(*run)).count() as u32) / f64::from(runs)
}

#[test]
fn equal_models_regress_at_about_alpha() {
    let mut luck = Luck::new(1);
    for repeats in [1, 3] {
        let alarms = share(1_500, |_| {
            let rates = luck.rates(60);
            let mut scores = || {
                let tries: Vec<_> = (0..repeats).map(|_| luck.passes(&rates)).collect();
                let mean = |i: usize| tries.iter().map(|t| t[i]).sum::<f64>() / f64::from(repeats);
                (0..60).map(mean).collect::<Vec<_>>()
            };
            let (a, b) = (scores(), scores());
            let found = paired::paired(&a, &b, None, 0.95, 1).unwrap();
            found.one_sided_95.unwrap().1 < 0.0
        });
        assert!(
            (0.03..=0.07).contains(&alarms),
            "{repeats} repeats: {alarms}"
        );
    }
}

#[test]
fn sparse_losses_are_not_overlooked() {
    // one case in twenty loses all: where a plain t lower limit errs in one run of ten
    let mut luck = Luck::new(2);
    let missed = share(1_000, |_| {
        let a: Vec<f64> = luck.passes(&[0.95; 60]).iter().map(|p| 0.5 * p).collect();
        let found = paired::paired(&a, &[0.5; 60], None, 0.95, 1).unwrap();
        assert!(found.note.is_some() || found.losses >= paired::SPARSE);
        found.one_sided_95.unwrap().0 > -0.025
    });
    assert!(missed <= 0.06, "{missed}");
}

#[test]
fn clustered_intervals_cover() {
    let mut luck = Luck::new(3);
    let sizes = [2, 3, 5, 8, 12, 20, 4, 4, 6, 6];
    let covered = share(1_000, |_| {
        let (mut y, mut groups) = (Vec::new(), Vec::new());
        for (group, size) in sizes.iter().enumerate() {
            let shared = 0.55 * luck.normal();
            for _ in 0..*size {
                y.push(shared + 0.84 * luck.normal());
                groups.push(group);
            }
        }
        let (low, high) = cluster::mean(&y, &groups).unwrap().interval(0.95);
        low <= 0.0 && high >= 0.0
    });
    assert!((0.925..=0.975).contains(&covered), "{covered}");
}

#[test]
fn skewed_means_are_covered_on_both_sides() {
    let mut luck = Luck::new(4);
    let truth = 0.8; // of u^{1/4}
    let (mut below, mut above) = (0, 0);
    for seed in 0..600 {
        let x: Vec<f64> = (0..50).map(|_| luck.uniform().sqrt().sqrt()).collect();
        let (low, high) = Bootstrap::of_mean(&x, 500, seed).unwrap().bca(0.95);
        below += i32::from(high < truth);
        above += i32::from(low > truth);
    }
    assert!(
        below <= 30 && above <= 30 && below + above >= 10,
        "{below} {above}"
    );
}

#[test]
fn order_statistics_cover_at_least_as_promised() {
    let mut luck = Luck::new(5);
    let covered = share(2_000, |_| {
        let x: Vec<f64> = (0..100).map(|_| luck.uniform()).collect();
        let found = quantile::estimate(&x, 0.95, 0.95).unwrap();
        found.low.unwrap() <= 0.95 && 0.95 <= found.high.unwrap()
    });
    assert!(covered >= 0.95, "{covered}");
}

#[test]
fn bets_seldom_win_by_luck() {
    let mut luck = Luck::new(6);
    let mut won = [0; 2];
    for _ in 0..1_000 {
        // exactly at the margin, so that both claims are false
        let mut bets = Bets::new(0.1);
        let (mut pass, mut fail) = (false, false);
        for _ in 0..150 {
            let u = luck.uniform();
            bets.see(f64::from(i8::from(u > 0.9) - i8::from(u < 0.2)));
            pass |= bets.not_worse() >= 20.0_f64.ln();
            fail |= bets.worse() >= 20.0_f64.ln();
        }
        won[0] += i32::from(pass);
        won[1] += i32::from(fail);
    }
    assert!(won.iter().all(|w| *w <= 60), "{won:?}");
}

#[test]
fn the_best_are_told_from_the_rest() {
    let scores = |fails: usize| (0..40).map(|i| f64::from(u8::from(i >= fails))).collect();
    let models: Vec<Vec<f64>> = [1, 2, 25].map(scores).to_vec();
    let tied = many::tied_with_best(&models, None, 0.95, 1);
    assert_eq!(tied, [true, true, false]);
    let winner = many::winner(&models, None, 1).unwrap();
    assert_eq!(winner.place, 0);
    assert!(winner.first[0] > 0.5 && winner.first[2] == 0.0);
    assert_eq!(many::tied_with_best(&models[..1], None, 0.95, 1), [true]);
    assert_eq!(
        many::tied_with_best(&models, Some(&[0; 40]), 0.95, 1),
        [true; 3]
    );
}

#[test]
fn a_winner_by_luck_is_corrected() {
    let mut luck = Luck::new(8);
    let models: Vec<Vec<f64>> = (0..5).map(|_| luck.passes(&[0.85; 100])).collect();
    let winner = many::winner(&models, None, 1).unwrap();
    assert!(winner.mean - winner.corrected > 0.01, "{winner:?}");
    assert!((winner.first.iter().sum::<f64>() - 1.0).abs() < 1e-9);
}

#[test]
fn planning_numbers() {
    let percent = |x: f64| (x * 1000.0).round() / 10.0;
    let mde = |n, psi| percent(power::mde_paired_binary(n, psi, 0.05, 0.8));
    assert_eq!(
        [mde(50, 0.05), mde(100, 0.1), mde(500, 0.3)],
        [8.9, 8.9, 6.9]
    );
    let cases = |sd, margin| power::cases_not_worse(sd, margin, 0.0, 0.05, 0.8).ceil();
    assert_eq!(
        [cases(0.2, 0.05), cases(0.2, 0.02), cases(0.45, 0.05)],
        [99.0, 619.0, 501.0]
    );
    assert_eq!(power::need(50, 0.2, 0.05, 0.05, 0.8), Some(99));
    // ninety-nine were there already: plan for a truth half-way to the margin
    assert!(power::need(99, 0.2, 0.05, 0.05, 0.8) > Some(390));
    assert!(power::need(10, 0.2, 0.05, 0.05, 0.8) > Some(99));
    assert_eq!(power::need(50, 0.0, 0.05, 0.05, 0.8), None);
    assert_eq!(power::need(50, 0.2, 0.0, 0.05, 0.8), None);
}

#[test]
fn groups_too_few_give_no_interval() {
    let (a, b) = ([1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.0]);
    let found = paired::paired(&a, &b, Some(&[1, 1, 2, 2]), 0.95, 1).unwrap();
    assert_eq!((found.method, found.difference.low), ("none", None));
    let mean = mean::of_scores(&a, Some(&[1, 1, 2, 2]), 0.95, 1).unwrap();
    assert_eq!((mean.method, mean.estimate.low), ("none", None));
    let alone = paired::paired(&a, &b, Some(&[1, 2, 3, 4]), 0.95, 1).unwrap();
    assert_eq!(alone.method, "newcombe");
}

#[test]
fn threads_do_not_matter() {
    let mut luck = Luck::new(7);
    let mut sample = || -> Vec<f64> { (0..70).map(|_| luck.uniform().powi(6)).collect() };
    let models = [sample(), sample(), sample()];
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            (
                paired::paired(&models[0], &models[1], None, 0.95, 3),
                mean::of_scores(&models[2], None, 0.95, 3),
                many::simultaneous(&models, None, 0.95, 3),
                flips::test(&models[0], 3),
            )
        })
    };
    assert_eq!(on(1), on(4));
}

fn pairs() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let quarter = || (0..=4_u8).prop_map(|x| f64::from(x) / 4.0);
    let pass = || (0..=1_u8).prop_map(f64::from);
    prop_oneof![
        prop::collection::vec((quarter(), quarter()), 1..60),
        prop::collection::vec((pass(), pass()), 1..60),
        prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 1..60),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn order_does_not_matter(pairs in pairs().prop_shuffle()) {
        let found = |pairs: &[(f64, f64)]| {
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
            (paired::paired(&a, &b, None, 0.95, 1), mean::of_scores(&a, None, 0.95, 1))
        };
        let mut sorted = pairs.clone();
        sorted.sort_by(|a, b| a.partial_cmp(b).unwrap());
        prop_assert_eq!(found(&pairs), found(&sorted));
    }

    #[test]
    fn intervals_hold_their_estimate_and_mirror(pairs in pairs()) {
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let one = paired::paired(&a, &b, None, 0.95, 1).unwrap();
        let other = paired::paired(&b, &a, None, 0.95, 1).unwrap();
        let (low, high) = (one.difference.low.unwrap(), one.difference.high.unwrap());
        prop_assert!(-1.0 <= low && low <= one.difference.value && one.difference.value <= high && high <= 1.0);
        prop_assert!((one.difference.value + other.difference.value).abs() < 1e-12);
        prop_assert_eq!((one.gains, one.losses), (other.losses, other.gains));
        if one.method != "bca" {
            prop_assert!((low + other.difference.high.unwrap()).abs() < 1e-9);
        }
        let (near_low, near_high) = one.one_sided_95.unwrap();
        prop_assert!(low <= near_low && near_high <= high);
    }

    #[test]
    fn no_numbers_panic(
        a in prop::collection::vec(prop::num::f64::ANY, 0..12),
        b in prop::collection::vec(prop::num::f64::ANY, 0..12),
        groups in prop::collection::vec(0..6_usize, 0..12),
        p in prop::num::f64::ANY,
    ) {
        let models = [a.clone(), b.clone()];
        paired::paired(&a, &b, Some(&groups), p, 1);
        paired::t_test(&a, p, Alternative::Greater, p);
        mean::of_scores(&a, Some(&groups), p, 1);
        mean::bootstrap_t(&a, p, 20, 1);
        mean::stratified(&a, &groups, &b);
        many::tied_with_best(&models, Some(&groups), p, 1);
        many::winner(&models, None, 1);
        quantile::estimate(&a, p, p);
        quantile::harrell_davis(&a, p);
        quantile::paired_change(&a, &b, p, p, 1);
        cluster::mean(&a, &groups);
        ratio::fieller(&a, &b, p);
        ratio::of_means(&a, &b, p);
        ratio::of_geometric_means(&a, &b, p);
        noninferior::tost(&a, p, p);
        independent::welch(&a, &b, Alternative::Less, p);
        repeats::components(&models);
        ranks::signed_rank_exact(&a, Alternative::TwoSided);
        ranks::signed_rank_normal(&a, Alternative::TwoSided, true);
        ranks::friedman(&models);
        ranks::pearson(&a, &b, p);
        ranks::kendall(&a, &b);
        correction::holm(&a);
        correction::benjamini_hochberg(&a);
        flips::test(&a, 1);
        verdict::read(p, p, p);
        power::need(a.len(), p, p, p, p);
        power::mde_paired_t(a.len(), p, p, p);
        student::quantile(p, p);
        beta::quantile(p, p, p);
        chi_squared::quantile(p, p);
        agreement::krippendorff(&[a.iter().copied().map(Some).collect()], agreement::Level::Ratio);
        discrimination::discrimination(&[true, false], &a);
        let mut bets = Bets::new(p);
        a.iter().for_each(|d| bets.see(*d));
    }

    #[test]
    fn corrections_are_ordered(p in prop::collection::vec(0.0..=1.0_f64, 1..20)) {
        let (holm, hochberg) = (correction::holm(&p), correction::hochberg(&p));
        let (bonferroni, bh) = (correction::bonferroni(&p), correction::benjamini_hochberg(&p));
        for i in 0..p.len() {
            prop_assert!(p[i] <= bh[i] + 1e-15 && bh[i] <= hochberg[i] + 1e-15);
            prop_assert!(hochberg[i] <= holm[i] + 1e-15 && holm[i] <= bonferroni[i] + 1e-15);
        }
    }

    #[test]
    fn rates_rise_with_successes(n in 1..400_usize, k in 0..400_usize, confidence in 0.5..0.999_f64) {
        let k = k % n;
        for interval in [rate::wilson, rate::clopper_pearson, rate::jeffreys, rate::agresti_coull] {
            let (low, high) = interval(k, n, confidence);
            let more = interval(k + 1, n, confidence);
            prop_assert!(0.0 <= low && low < high && high <= 1.0);
            prop_assert!(low <= more.0 && high <= more.1);
        }
    }

    #[test]
    fn quantiles_invert_their_distributions(p in 1e-6..0.999_999_f64, a in 0.3..500.0_f64, b in 0.3..500.0_f64) {
        prop_assert!((beta::cdf(beta::quantile(p, a, b), a, b) - p).abs() < 1e-9);
        prop_assert!((student::cdf(student::quantile(p, a), a) - p).abs() < 1e-9);
        prop_assert!((chi_squared::sf(chi_squared::quantile(p, a), a) - (1.0 - p)).abs() < 1e-9);
        prop_assert!((normal::cdf(normal::quantile(p)) - p).abs() < 1e-12);
    }
}
