//! A selection as a reader sees it: whom to take, why, and how firmly.

use super::charts::{Amount, COST, Spot, TAIL, scatter};
use super::html::fact;
use super::number::{NONE, Scale, counted, duration, money};
use super::prose::{Block, Table, render};
use super::sheet::{self, Sheet};
use super::{Look, Report, json};
use crate::source::Problem;
use crate::stats::Estimate;
use crate::summary::select::{Met, Offer, Recommended, Selection, Switch};

/// The selection as `terminal`, `markdown` or `json`; `None` for another format.
pub fn selection(found: &Selection, format: &str, look: &Look) -> Option<String> {
    render(format, &|| blocks(found), &|| json::document(found), look)
}

/// The selection as a page; `run` is the run it is of, with the name that commands accept.
pub fn selection_page(
    found: &Selection,
    run: Option<(&str, &Report)>,
    look: &Look,
) -> Result<String, Problem> {
    let scale = scale(found);
    let draw = |amount: &Amount, of: fn(&Offer) -> Option<Estimate>| {
        let spots = found.candidates.iter().map(|c| Spot {
            name: &c.name,
            score: c.quality,
            amount: of(c),
            tied: c.tied,
        });
        scatter(amount, &found.scorer, scale, spots.collect())
    };
    let charts = [draw(&COST, |c| c.cost), draw(&TAIL, |c| c.p95)];
    let mut methods = vec!["tied", "stability", "order_statistic"];
    // A table does not say how its means were judged.
    match run {
        Some((_, report)) => {
            let rows = report.summary.candidates.iter();
            let cells = rows.filter_map(|row| row.scores.get(&found.scorer));
            methods.extend(cells.map(|cell| cell.method.as_str()));
        }
        None => methods.push("mean"),
    }
    methods.extend(found.margin.map(|_| "margin"));
    methods.extend(found.winner.as_ref().map(|_| "winner"));
    let sheet = Sheet {
        kind: "Selection",
        suite: found.sources.join(", "),
        run,
        blocks: blocks(found),
        charts: charts.into_iter().flatten().collect(),
        methods,
        facts: vec![fact("Selected from", found.sources.join(", "))],
    };
    sheet::page("reports/select.html.hbs", sheet, look)
}

fn scale(found: &Selection) -> Scale {
    let scores = found.candidates.iter().filter_map(|c| c.quality);
    Scale::of(
        scores
            .flat_map(|s| [Some(s.value), s.low, s.high])
            .flatten(),
    )
}

fn blocks(found: &Selection) -> Vec<Block> {
    let scale = scale(found);
    let mut said = vec![Block::Lead(lead(found))];
    if let Some(chosen) = &found.recommended {
        said.extend(why(found, chosen, scale).into_iter().map(Block::Say));
    }
    said.push(Block::Table(options(found, scale)));
    if !found.switching.is_empty() {
        said.push(Block::Table(switching(&found.switching)));
    }
    said.extend(found.notes.iter().cloned().map(Block::Caution));
    said.push(Block::Small(format!(
        "* could be the best · {} that all who may be chosen were scored on · 95% intervals · loss is against the best · {}",
        counted(found.cases, "case"),
        found.sources.join(", ")
    )));
    said
}

fn lead(found: &Selection) -> String {
    let Some(chosen) = &found.recommended else {
        return match found.notes.first() {
            Some(note) => format!("Nobody: {note}."),
            None => "Nobody can be recommended.".to_owned(),
        };
    };
    let name = &chosen.name;
    match (&chosen.runner_up, chosen.separated) {
        (Some(other), false) => {
            let cost = |name: &String| {
                let mut offers = found.candidates.iter();
                offers
                    .find(|it| it.name == *name)?
                    .cost
                    .map(|cost| cost.value)
            };
            let cheaper = cost(name).zip(cost(other)).is_some_and(|(a, b)| a < b);
            let take = match cheaper {
                true => format!("take {name}, the cheaper one"),
                false => "take either, or ask more cases".to_owned(),
            };
            format!("The data do not separate {name} and {other}; {take}.")
        }
        _ if found
            .candidates
            .iter()
            .any(|c| c.eligible && c.cost.is_none()) =>
        {
            format!(
                "Take {name}: the best of those that hold to the constraints, costs being unknown."
            )
        }
        _ if found.weights.is_some() => format!("Take {name}: it is worth most by your weights."),
        _ => format!("Take {name}: the cheapest that {}.", could(found)),
    }
}

fn could(found: &Selection) -> String {
    match found.margin {
        Some(margin) => format!(
            "is not worse than the best by more than {}",
            Scale::Percent.margin(margin)
        ),
        None => "could be the best".to_owned(),
    }
}

fn why(found: &Selection, chosen: &Recommended, scale: Scale) -> Vec<String> {
    let mut said = vec![format!(
        "{:.0}% of resampled runs choose it too.",
        100.0 * chosen.stability
    )];
    if let Some(winner) = &found.winner {
        said.push(format!(
            "Highest on {}: {} with {}; {} once the luck of being the highest is taken off.",
            found.scorer,
            winner.name,
            scale.value(
                winner.score,
                Some(winner.score - 0.01),
                Some(winner.score + 0.01)
            ),
            scale.value(
                winner.corrected,
                Some(winner.score - 0.01),
                Some(winner.score + 0.01)
            ),
        ));
    }
    if !chosen.sure {
        said.push("Not every constraint is shown to hold for it.".to_owned());
    }
    said
}

fn options(found: &Selection, scale: Scale) -> Table {
    let timed = found.candidates.iter().any(|c| c.p95.is_some());
    let limited = |c: &Offer| !c.constraints.is_empty() || c.left_out.is_some();
    let limited = found.candidates.iter().any(limited);
    let mut head = vec!["candidate", found.scorer.as_str(), "cost/case"];
    head.extend(timed.then_some("p95"));
    head.extend(["tier", "loss", "cost ×"]);
    head.extend(limited.then_some("limits"));
    head.push("chosen");
    let row = |c: &Offer| {
        let none = || NONE.to_owned();
        let mark = if c.tied { "*" } else { " " };
        let mut row = vec![
            format!("{mark} {}", c.name),
            c.quality
                .map_or_else(none, |q| scale.value(q.value, q.low, q.high)),
            c.cost.map_or_else(none, |cost| money(cost.value)),
        ];
        if timed {
            row.push(c.p95.map_or_else(none, |p| duration(p.value)));
        }
        let tier = c.tier.as_ref();
        row.push(tier.map_or_else(none, |tier| tier.tier.to_owned()));
        let loss = |e: Estimate| scale.difference(e.value, e.low, e.high);
        row.push(tier.and_then(|tier| tier.loss).map_or_else(none, loss));
        let times = tier.and_then(|tier| tier.times_cheaper);
        row.push(times.map_or_else(none, relative));
        if limited {
            row.push(kept(c));
        }
        row.push(format!("{:.0}%", 100.0 * c.chosen));
        row
    };
    Table {
        title: String::new(),
        rows: found.candidates.iter().map(row).collect(),
        head: head.into_iter().map(str::to_owned).collect(),
    }
}

/// How many times cheaper or dearer: `÷4.1`, `×12`.
fn relative(cheaper: f64) -> String {
    let (sign, times) = if cheaper >= 1.0 {
        ("÷", cheaper)
    } else {
        ("×", 1.0 / cheaper)
    };
    let digits = usize::from(times < 9.95);
    format!("{sign}{times:.digits$}")
}

/// Whether it holds to every constraint.
fn kept(c: &Offer) -> String {
    if c.left_out.is_some() {
        return "left out".to_owned();
    }
    let any = |met: Met| c.constraints.iter().any(|check| check.met == met);
    match (any(Met::No), any(Met::CannotTell)) {
        (true, _) => "broken",
        (_, true) => "cannot tell",
        _ => "met",
    }
    .to_owned()
}

fn switching(all: &[Switch]) -> Table {
    // a score of 1 is 100 points; prices are a case
    let price = |usd: f64| money(usd * 10.0);
    let row = |s: &Switch| {
        let range = match (s.from, s.to) {
            (_, None) if s.from == 0.0 => "always".to_owned(),
            (_, None) => format!("above {}", price(s.from)),
            (0.0, Some(to)) => format!("below {}", price(to)),
            (from, Some(to)) => format!("{} to {}", price(from), price(to)),
        };
        vec![s.name.clone(), range, format!("{:.0}%", 100.0 * s.share)]
    };
    Table {
        title: "If a point of quality is worth (USD per 1,000 cases)".into(),
        head: ["take", "worth", "resamples agree"]
            .map(str::to_owned)
            .to_vec(),
        rows: all.iter().map(row).collect(),
    }
}
