//! A fit in words and tables: the verdict first.

use super::{change, document, missing, or_none, percent, points, saving};
use crate::report::number::{Scale, count, duration, money};
use crate::report::prose::{Block, Table, render};
use crate::report::{Look, words};
use crate::route::fit::{Fit, Recommended, Tried};

/// The fit as `terminal`, `markdown` or `json`; `None` for another format.
pub fn fit(found: &Fit, format: &str, look: &Look) -> Option<String> {
    let said = || document("fit", &verdict(found), found);
    let mut text = render(format, &|| blocks(found), &said, look)?;
    if let Some(routes) = found.routes.as_ref().filter(|_| format != "json") {
        text += &match format {
            "markdown" => format!("\n```yaml\n{routes}```\n"),
            _ => format!("\n{routes}"),
        };
    }
    Some(text)
}

pub(super) fn blocks(found: &Fit) -> Vec<Block> {
    let mut said = vec![Block::Lead(verdict(found))];
    said.extend(why(found).into_iter().map(Block::Say));
    if !found.tried.is_empty() {
        said.push(Block::Table(table(found)));
    }
    if let Some(tried) = found.decision.tried.map(|place| &found.tried[place]) {
        said.push(Block::Table(rule(tried)));
    }
    said.extend(
        found
            .refused
            .iter()
            .map(|it| Block::Item(format!("{} was not tried: {}", it.name, it.why))),
    );
    said.extend(
        missing(&found.left_out, found.dropped, found.cases)
            .into_iter()
            .map(Block::Caution),
    );
    said.extend(found.notes.iter().cloned().map(Block::Caution));
    said.push(Block::Small(facts(found)));
    said
}

/// The verdict in one sentence.
pub fn verdict(found: &Fit) -> String {
    let decision = &found.decision;
    match (decision.recommended, &decision.mixture, decision.tried) {
        (Recommended::Route, _, Some(place)) => {
            let tried = &found.tried[place];
            let flip = tried
                .coin_flip
                .map_or("nothing".to_owned(), |share| percent(share.max(0.0)));
            format!(
                "Route by {}: saves {} at not worse than −{}, of which a coin flip would have given {flip}.",
                tried.name,
                saving(&tried.saving),
                Scale::Percent.margin(found.margin),
            )
        }
        (Recommended::Mixture, Some(mixed), _) => format!(
            "No router: send a random {} of requests to {} and the rest to {}, which saves {} at not worse than −{}.",
            percent(mixed.share),
            mixed.model,
            found.best.name,
            percent(mixed.saving),
            Scale::Percent.margin(found.margin),
        ),
        _ if decision.single == found.best.name => {
            format!("No router: take {} for everything.", decision.single)
        }
        _ => format!(
            "No router: take {} for everything, which saves {} and is shown not to be worse than {} by more than {}.",
            decision.single,
            percent(decision.single_saving),
            found.best.name,
            Scale::Percent.margin(found.margin),
        ),
    }
}

/// Why, a sentence each.
fn why(found: &Fit) -> Vec<String> {
    let mut said: Vec<String> = found
        .tried
        .iter()
        .map(|tried| reason(found, tried))
        .collect();
    if let Some(mixed) = &found.decision.mixture
        && found.decision.recommended != Recommended::Mixture
    {
        said.push(format!(
            "Without a router: {} of requests at random to {} would save {} and lose {} (expected), within the margin.",
            percent(mixed.share),
            mixed.model,
            percent(mixed.saving),
            Scale::Percent.margin(mixed.difference.abs()),
        ));
    }
    said
}

fn reason(found: &Fit, tried: &Tried) -> String {
    if tried.constant {
        let asked = tried
            .rule
            .first()
            .map_or("", |branch| branch.ask.last().map_or("", |s| s));
        return format!(
            "{}: nothing in it tells cases apart; the rule made of all cases asks {asked} always.",
            tried.name
        );
    }
    if tried.approved {
        return format!(
            "{}: {} points against {}, {} above coin flips of the same cost; all three lower bounds hold. On the cases it was made from it would claim {}.",
            tried.name,
            change(&tried.difference),
            found.best.name,
            change(&tried.excess),
            percent(tried.claimed_saving),
        );
    }
    let margin = Scale::Percent.margin(found.margin);
    let bad = [
        (
            !tried.quality_holds,
            format!(
                "quality may be worse than −{margin} ({})",
                change(&tried.difference)
            ),
        ),
        (
            !tried.saving_holds,
            format!(
                "that it saves anything is not shown ({})",
                saving(&tried.saving)
            ),
        ),
        (
            !tried.excess_holds,
            format!(
                "that it beats coin flips is not shown ({})",
                change(&tried.excess)
            ),
        ),
    ];
    let bad: Vec<String> = bad.into_iter().filter(|it| it.0).map(|it| it.1).collect();
    let bad: Vec<&str> = bad.iter().map(String::as_str).collect();
    format!(
        "{}: not approved, since {}. On the cases it was made from it would claim {}.",
        tried.name,
        words::list(&bad),
        percent(tried.claimed_saving),
    )
}

fn table(found: &Fit) -> Table {
    let timed = found.tried.iter().any(|tried| tried.p95.is_some());
    let mut head = vec![
        "router",
        "against best",
        "saves",
        "coin flip",
        "over flips",
        "cost/case",
    ];
    head.extend(timed.then_some("p95"));
    head.push("verdict");
    let row = |tried: &Tried| {
        let mut row = vec![
            tried.name.clone(),
            change(&tried.difference),
            saving(&tried.saving),
            or_none(tried.coin_flip, percent),
            points(&tried.excess),
            money(tried.cost),
        ];
        if timed {
            row.push(or_none(tried.p95, duration));
        }
        let verdict = match (tried.approved, tried.constant) {
            (true, _) => "approved",
            (_, true) => "no rule",
            _ => "no",
        };
        row.push(verdict.to_owned());
        row
    };
    Table {
        title: String::new(),
        rows: found.tried.iter().map(row).collect(),
        head: head.into_iter().map(str::to_owned).collect(),
    }
}

/// The decision table: when, whom to ask.
fn rule(tried: &Tried) -> Table {
    let row = |branch: &crate::route::fit::Branch| {
        vec![
            branch.when.clone(),
            branch.ask.join(" → "),
            count(branch.cases),
        ]
    };
    Table {
        title: format!("By {}", tried.name),
        head: ["when", "ask", "cases"].map(str::to_owned).to_vec(),
        rows: tried.rule.iter().map(row).collect(),
    }
}

fn facts(found: &Fit) -> String {
    let clusters = found
        .clusters
        .map_or(String::new(), |n| format!(" in {} clusters", count(n)));
    let tried = match found.tried.len() {
        0 | 1 => String::new(),
        n => format!(", divided among {n} routers"),
    };
    format!(
        "{} cases{clusters} · 5 folds 10 times, the whole on 200 bootstrap samples · intervals' lower limits are one-sided 95% bounds{tried} · margin {}, aimed at −{} · points against {} · {}",
        count(found.cases),
        Scale::Percent.margin(found.margin),
        Scale::Percent.margin(found.within),
        found.best.name,
        found.sources.join(", ")
    )
}
