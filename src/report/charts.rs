//! Quality against cost and against latency, each if two candidates or more can be shown.

use super::number::{self, duration};
use super::svg::{Chart, Point};
use super::view::Drawing;
use super::words;
use crate::stats::Estimate;
use crate::summary::{Row, Summary};

/// What is to be said below both.
const KEY: &str = "Boxes and bars are 95% intervals; the dashed line joins the candidates that none beats on both counts. Up and to the left is where to be.";

/// An amount that candidates are drawn against.
pub struct Amount<'a> {
    /// The figure's id.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The amount's name.
    pub name: &'a str,
    /// How it is written.
    pub text: fn(f64) -> String,
}

/// Cost of a case.
pub const COST: Amount = Amount {
    id: "by-cost",
    title: "Quality and cost",
    name: "cost per case",
    text: number::money,
};
/// Median latency.
pub const TIME: Amount = Amount {
    id: "by-time",
    title: "Quality and latency",
    name: "median latency",
    text: duration,
};
/// The slow end of the latency.
pub const TAIL: Amount = Amount {
    id: "by-tail",
    title: "Quality and P95 latency",
    name: "P95 latency",
    text: duration,
};

/// A candidate for a scatter, with what it is known to score and to need.
pub struct Spot<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its score.
    pub score: Option<Estimate>,
    /// The amount.
    pub amount: Option<Estimate>,
    /// Whether it could be the best.
    pub tied: bool,
}

/// The two scatters of a run.
pub fn charts(summary: &Summary) -> Vec<Drawing> {
    let scorer = &summary.best.scorer;
    let scale = words::scale(summary, scorer);
    let cost = |row: &Row| {
        let money = &row.cost_usd;
        money.per_case.map(|value| Estimate {
            value,
            low: money.low,
            high: money.high,
            n: row.answered,
        })
    };
    let draw = |amount: &Amount, of: &dyn Fn(&Row) -> Option<Estimate>| {
        let rows = summary.candidates.iter().map(|row| {
            let cell = row.scores.get(scorer);
            let score = cell.and_then(|cell| {
                Some(Estimate {
                    value: cell.value?,
                    low: cell.low,
                    high: cell.high,
                    n: cell.n,
                })
            });
            Spot {
                name: &row.name,
                score,
                amount: of(row),
                tied: summary.best.tied.contains(&row.name),
            }
        });
        scatter(amount, scorer, scale, rows.collect())
    };
    let both = [draw(&COST, &cost), draw(&TIME, &|row| row.latency_ms.p50)];
    both.into_iter().flatten().collect()
}

/// Candidates by score and amount; none if fewer than two have both.
pub fn scatter(
    amount: &Amount,
    scorer: &str,
    scale: number::Scale,
    spots: Vec<Spot>,
) -> Option<Drawing> {
    scatter_over(amount, scorer, scale, spots, Vec::new())
}

/// The same over the hull of random mixtures: its corners, each amount and score.
pub fn scatter_over(
    amount: &Amount,
    scorer: &str,
    scale: number::Scale,
    spots: Vec<Spot>,
    hull: Vec<(f64, f64)>,
) -> Option<Drawing> {
    let (mut points, mut gone) = (Vec::new(), Vec::new());
    for spot in spots {
        match (spot.amount, spot.score) {
            (Some(x), Some(y)) => points.push(Point {
                name: spot.name.to_owned(),
                x,
                y,
                tied: spot.tied,
            }),
            _ => gone.push(spot.name),
        }
    }
    if points.len() < 2 {
        return None;
    }
    let note = match gone.is_empty() {
        true => KEY.to_owned(),
        false => format!(
            "{KEY} Not shown, {} or score unknown: {}.",
            amount.name,
            words::list(&gone)
        ),
    };
    let chart = Chart {
        id: amount.id,
        title: amount.title,
        x_title: amount.name,
        x_text: amount.text,
        y_title: scorer,
        scale,
        points,
        hull,
    };
    Some(Drawing {
        title: amount.title.to_owned(),
        svg: chart.draw(),
        note,
    })
}
