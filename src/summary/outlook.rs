//! What a run could see: detectable differences and needed cases, from the spread that an earlier run measured.
//!
//! These types are the `bakeoff.power/1` JSON, field by field.

use super::judge::POWER;
use super::pairing::Pairing;
use super::side::Side;
use crate::stats::{moments, power, repeats};
use serde::Serialize;

/// Two-sided error of the difference that is to be seen.
const ALPHA: f64 = 0.05;

/// How one case's difference between two candidates varies.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Spread {
    /// Variance over cases of the true difference; with `within` unknown, of the whole one.
    pub between: f64,
    /// Variance of one repeat, both sides together; null where cases were asked once.
    pub within: Option<f64>,
    /// The run that measured it; null if it is only assumed.
    pub from: Option<String>,
    /// The scorer that it was measured by.
    pub scorer: Option<String>,
}

impl Spread {
    /// What is assumed where no run tells: 15 % of the cases flip.
    pub fn assumed() -> Self {
        Spread {
            between: power::ASSUMED_DISCORDANT,
            within: None,
            from: None,
            scorer: None,
        }
    }

    /// What `sides` show: the mean over all pairs with the highest of them. `None` below two sides or ten cases of both,
    /// or if nothing ever differs.
    pub fn measured(sides: &[Side]) -> Option<Self> {
        let mean = |side: &Side| {
            let scores: Vec<f64> = side.cells.iter().filter_map(|cell| cell.score()).collect();
            moments::mean(&scores)
        };
        let scored: Vec<(f64, usize)> = sides
            .iter()
            .enumerate()
            .filter_map(|(index, side)| Some((mean(side)?, index)))
            .collect();
        let best = scored
            .iter()
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?
            .1;
        let others = scored.iter().filter(|(_, index)| *index != best);
        let pairs: Vec<(f64, Option<f64>)> = others
            .filter_map(|(_, index)| pair(&sides[*index], &sides[best]))
            .collect();
        let n = pairs.len() as f64;
        let within: Option<Vec<f64>> = pairs.iter().map(|pair| pair.1).collect();
        let between = pairs.iter().map(|pair| pair.0).sum::<f64>() / n;
        let within = within
            .map(|w| w.iter().sum::<f64>() / n)
            .filter(|w| w.is_finite());
        (between + within.unwrap_or(0.0) > 0.0).then_some(Spread {
            between,
            within,
            from: None,
            scorer: None,
        })
    }

    /// The variance of one case's difference with this many repeats a side. Without measured repeats more of them are not
    /// counted on.
    fn variance(&self, repeats: u32) -> f64 {
        self.between + self.within.unwrap_or(0.0) / f64::from(repeats.max(1))
    }

    /// The smallest difference that is seen in four runs of five (two-sided 5 %).
    pub fn detectable(&self, cases: usize, repeats: u32) -> f64 {
        power::mde(self.variance(repeats), cases, ALPHA, POWER).min(1.0)
    }

    /// Cases that show "not worse by the margin" in four runs of five, if nothing is worse (one-sided 5 %).
    pub fn needed(&self, margin: f64, repeats: u32) -> usize {
        let sd = self.variance(repeats).sqrt();
        power::cases_not_worse(sd, margin, 0.0, ALPHA, POWER).ceil() as usize
    }

    /// Repeats that make the most of the money when a new case costs nothing but its calls: 1 unless repeats vary more than
    /// cases. `None` where repeats were not measured.
    pub fn best_repeats(&self, case_over_call: f64) -> Option<u32> {
        let best = (case_over_call * self.within? / self.between).sqrt();
        best.is_finite()
            .then(|| best.round().clamp(1.0, 100.0) as u32)
    }

    /// Whether a further repeat would take less than 15 % off the error: within/K below a third of between.
    pub fn add_cases(&self, repeats: u32) -> Option<bool> {
        Some(self.within? / f64::from(repeats.max(1)) < self.between / 3.0)
    }
}

/// One pair's variance of the true difference and of a repeat; clusters are not counted.
fn pair(a: &Side, b: &Side) -> Option<(f64, Option<f64>)> {
    let pairing = Pairing::of(a, b);
    if pairing.both.len() < 10 {
        return None;
    }
    let gap = |(i, j): &(usize, usize)| a.cells[*i].tries.mean - b.cells[*j].tries.mean;
    let d: Vec<f64> = pairing.both.iter().map(gap).collect();
    let whole = moments::variance(&d)?;
    let within = |side: &Side, places: Vec<usize>| {
        let tries: Vec<_> = places
            .iter()
            .map(|place| side.cells[*place].tries)
            .collect();
        repeats::components_of(&tries).map(|c| (c.within(), c.repeats))
    };
    let (left, right) = (within(a, pairing.left()), within(b, pairing.right()));
    Some(match left.zip(right) {
        Some(((x, k), (y, l))) => ((whole - x / k - y / l).max(0.0), Some(x + y)),
        None => (whole, None),
    })
}

/// Cases by repeats: what could be seen, and what it would cost.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Outlook {
    /// Always `bakeoff.power/1`.
    pub schema: &'static str,
    /// What it rests on.
    pub spread: Spread,
    /// The margin.
    pub margin: f64,
    /// How many candidates the cost is for.
    pub candidates: usize,
    /// Mean cost of one call and of judging its answer, USD, over all candidates; null where unknown.
    pub usd_per_call: (Option<f64>, Option<f64>),
    /// A row a combination, by cases, then repeats, then judgements.
    pub rows: Vec<Prospect>,
    /// Cases needed for the margin, by repeats.
    pub needed: Vec<(u32, usize)>,
    /// More cases help more than more repeats; null where repeats were not measured.
    pub add_cases: Option<bool>,
}

/// One combination.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Prospect {
    /// Cases.
    pub cases: usize,
    /// Repeats of each.
    pub repeats: u32,
    /// Judgements of each answer.
    pub judgements: u32,
    /// The smallest difference that would be seen.
    pub detectable: f64,
    /// What it would cost, USD; null where unknown.
    pub cost_usd: Option<f64>,
}

/// What to look ahead at.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Numbers of cases.
    pub cases: Vec<usize>,
    /// Numbers of repeats.
    pub repeats: Vec<u32>,
    /// Judgements an answer.
    pub judgements: Vec<u32>,
    /// The margin.
    pub margin: f64,
    /// Candidates.
    pub candidates: usize,
    /// Cost of a call and of judging its answer once.
    pub usd_per_call: (Option<f64>, Option<f64>),
}

/// Looks ahead.
pub fn outlook(spread: Spread, grid: &Grid) -> Outlook {
    let (call, judge) = grid.usd_per_call;
    let mut rows = Vec::new();
    for cases in &grid.cases {
        for repeats in &grid.repeats {
            for judgements in &grid.judgements {
                let calls = *cases as f64 * f64::from(*repeats) * grid.candidates as f64;
                let judging = judge.unwrap_or(0.0) * f64::from(*judgements);
                rows.push(Prospect {
                    cases: *cases,
                    repeats: *repeats,
                    judgements: *judgements,
                    detectable: spread.detectable(*cases, *repeats),
                    cost_usd: call.map(|call| calls * (call + judging)),
                });
            }
        }
    }
    let needed = grid
        .repeats
        .iter()
        .map(|k| (*k, spread.needed(grid.margin, *k)));
    Outlook {
        schema: "bakeoff.power/1",
        margin: grid.margin,
        candidates: grid.candidates,
        usd_per_call: grid.usd_per_call,
        needed: needed.collect(),
        add_cases: spread.add_cases(grid.repeats.first().copied().unwrap_or(1)),
        rows,
        spread,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sheet::{Layout, read};

    #[test]
    fn the_assumed_spread_says_what_the_readme_says() {
        let spread = Spread::assumed();
        let points = [50, 100, 200].map(|n| (1000.0 * spread.detectable(n, 1)).round());
        assert_eq!(points, [153.0, 109.0, 77.0]);
        assert_eq!(spread.needed(0.05, 1), 371);
        assert_eq!(
            (spread.best_repeats(1.0), spread.add_cases(1)),
            (None, None)
        );
    }

    #[test]
    fn repeats_measured_earlier_say_what_repeats_would_buy() {
        // cases alike, repeats noisy: one in two passes
        let mut text = String::from("case,candidate,score,repeat\n");
        for case in 0..60 {
            for repeat in 0..4 {
                let flip = (case * 7 + repeat * 3) % 4 < 2;
                text += &format!("{case},a,{},{repeat}\n", u8::from(flip));
                text += &format!("{case},b,{},{repeat}\n", u8::from((case + repeat) % 2 == 0));
            }
        }
        let sheet = read("t.csv", Layout::Csv, text.as_bytes()).unwrap();
        let spread = Spread::measured(&sheet.sides).unwrap();
        assert!(spread.within.unwrap() > 0.5 && spread.between < 0.05);
        assert_eq!(spread.add_cases(1), Some(false));
        assert!(spread.detectable(100, 4) < 0.6 * spread.detectable(100, 1));
        assert_eq!(Spread::measured(&sheet.sides[..1]), None);
    }
}
