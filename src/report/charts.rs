//! Which charts a report has: quality against cost and against latency.

use super::number::{self, duration};
use super::svg::{Chart, Point};
use super::view::Drawing;
use super::words;
use crate::stats::Estimate;
use crate::summary::{Row, Summary};

/// Quality against cost and against latency, each if two candidates or more can be shown.
pub fn charts(summary: &Summary) -> Vec<Drawing> {
    let scorer = &summary.best.scorer;
    let cost = |row: &Row| {
        let per_case = row.cost_usd.per_case;
        per_case.map(|value| Estimate {
            value,
            low: None,
            high: None,
            n: row.answered,
        })
    };
    let latency = |row: &Row| row.latency_ms.p50;
    let drawing = |id, title: &str, x_title, x_text, amount: &dyn Fn(&Row) -> Option<Estimate>| {
        let point = |row: &Row| {
            let cell = row.scores.get(scorer)?;
            Some(Point {
                name: row.name.clone(),
                x: amount(row)?,
                y: Estimate {
                    value: cell.value?,
                    low: cell.low,
                    high: cell.high,
                    n: cell.n,
                },
                tied: summary.best.tied.contains(&row.name),
            })
        };
        let (mut points, mut gone) = (Vec::new(), Vec::new());
        for row in &summary.candidates {
            match point(row) {
                Some(point) => points.push(point),
                None => gone.push(row.name.as_str()),
            }
        }
        let scale = words::scale(summary, scorer);
        let note = match gone.is_empty() {
            true => String::new(),
            false => format!(
                "Not shown, {x_title} or score unknown: {}.",
                words::list(&gone)
            ),
        };
        let chart = Chart {
            id,
            title,
            x_title,
            x_text,
            y_title: scorer,
            scale,
            points,
        };
        (chart.points.len() > 1).then(|| Drawing {
            title: title.to_owned(),
            svg: chart.draw(),
            note,
        })
    };
    let both = [
        drawing(
            "by-cost",
            "Quality and cost",
            "cost per case",
            number::money as fn(f64) -> String,
            &cost,
        ),
        drawing(
            "by-time",
            "Quality and latency",
            "median latency",
            duration,
            &latency,
        ),
    ];
    both.into_iter().flatten().collect()
}
