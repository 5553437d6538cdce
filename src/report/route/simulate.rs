//! A simulation in words and tables.

use super::{change, document, missing, or_none, percent, points, saving};
use crate::report::number::{Scale, count, duration, money};
use crate::report::prose::{Block, Table, render};
use crate::report::{Look, words};
use crate::route::simulate::{Kind, Policy, Simulation};

/// The simulation as `terminal`, `markdown` or `json`; `None` for another format.
pub fn simulation(found: &Simulation, format: &str, look: &Look) -> Option<String> {
    let said = || document("simulate", &lead(found), found);
    render(format, &|| blocks(found), &said, look)
}

pub(super) fn blocks(found: &Simulation) -> Vec<Block> {
    let mut said = vec![Block::Lead(lead(found))];
    let routes = found
        .policies
        .iter()
        .filter(|policy| policy.kind == Kind::Route);
    said.extend(
        routes
            .skip(1)
            .map(|policy| Block::Say(sentence(found, policy))),
    );
    said.push(Block::Table(table(found)));
    said.extend(zero_router(found).map(Block::Say));
    if let Some(gap) = &found.gap {
        let number = |value: Option<f64>| or_none(value, |v| format!("{v:.3}"));
        let row = |r: &crate::route::simulate::Recovery| {
            vec![
                r.by.clone(),
                number(r.apgr),
                or_none(r.cpt50, percent),
                or_none(r.cpt80, percent),
            ]
        };
        said.push(Block::Table(Table {
            title: format!("What sends a case from {} to {}", gap.weak, gap.strong),
            head: ["by", "APGR", "CPT50", "CPT80"].map(str::to_owned).to_vec(),
            rows: gap.routers.iter().map(row).collect(),
        }));
    }
    let stops = found
        .policies
        .iter()
        .filter(|policy| policy.kind == Kind::Route);
    said.extend(stops.filter_map(|policy| {
        let stops = policy.stops_paying?;
        Some(Block::Item(format!(
            "{} stops paying when {} costs less than {:.1} times the others it asks (now {:.1} times)",
            policy.name, found.best, stops.below, stops.price_ratio
        )))
    }));
    said.extend(oracle(found).map(Block::Caution));
    said.extend(
        found
            .cannot
            .iter()
            .map(|it| Block::Caution(format!("{} cannot be simulated: {}", it.name, it.why))),
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

fn lead(found: &Simulation) -> String {
    let first = found
        .policies
        .iter()
        .find(|policy| policy.kind == Kind::Route);
    if let Some(policy) = first {
        return sentence(found, policy);
    }
    let flip = found
        .policies
        .iter()
        .rfind(|policy| policy.kind == Kind::Mixture);
    let saved = flip.and_then(|flip| Some((flip, flip.saving?.value)));
    match (saved, &found.zero_router) {
        (Some((flip, saved)), _) => format!(
            "{} is the best single model; {} would save {} for {} of quality, without knowing anything.",
            found.best,
            flip.name.replacen("coin flip: ", "a coin flip (", 1) + ")",
            percent(saved),
            Scale::Percent.margin(found.margin),
        ),
        (None, Some(zero)) if zero.corners.len() == 1 => format!(
            "{} is the best and the cheapest: there is nothing to route.",
            found.best
        ),
        _ => format!("{} is the best single model.", found.best),
    }
}

fn sentence(found: &Simulation, policy: &Policy) -> String {
    let quality = policy.difference.as_ref().map(change).unwrap_or_default();
    let against = format!("{quality} points against {}", found.best);
    let bound = policy.bound.is_some_and(|bound| bound > -found.margin);
    let shown = match bound {
        true => format!(
            "shown not to be worse than −{}",
            Scale::Percent.margin(found.margin)
        ),
        false => format!("not shown to hold −{}", Scale::Percent.margin(found.margin)),
    };
    let Some(saved) = &policy.saving else {
        return format!("{}: {against}, {shown}.", policy.name);
    };
    let flips = match policy.saving_at_iso_quality.zip(policy.cost) {
        Some((iso, cost)) => {
            let base = cost / (1.0 - saved.value);
            let flip = 1.0 - cost / (1.0 - iso) / base;
            format!("; a coin flip of the same quality saves {}", percent(flip))
        }
        None => "; no coin flip is as good".to_owned(),
    };
    format!(
        "{} saves {} at {against}, {shown}{flips}.",
        policy.name,
        saving(saved)
    )
}

fn table(found: &Simulation) -> Table {
    let timed = found.policies.iter().any(|policy| policy.p95.is_some());
    let mut head = vec![
        "policy",
        found.scorer.as_str(),
        "against best",
        "cost/case",
        "saves",
        "over flips",
    ];
    head.extend(timed.then_some("p50"));
    head.extend(timed.then_some("p95"));
    head.push("changed");
    let row = |policy: &Policy| {
        let quality = &policy.quality;
        let mut row = vec![
            policy.name.clone(),
            Scale::Percent.value(quality.value, quality.low, quality.high),
            or_none(policy.difference.as_ref(), change),
            or_none(policy.cost, money),
            or_none(policy.saving.as_ref(), |it| percent(it.value)),
            or_none(policy.excess.as_ref(), points),
        ];
        if timed {
            row.extend(
                [&policy.p50, &policy.p95].map(|it| or_none(it.as_ref(), |p| duration(p.value))),
            );
        }
        row.push(format!("{:.0}", policy.changed_per_100));
        row
    };
    Table {
        title: String::new(),
        rows: found.policies.iter().map(row).collect(),
        head: head.into_iter().map(str::to_owned).collect(),
    }
}

fn zero_router(found: &Simulation) -> Option<String> {
    let zero = found.zero_router.as_ref()?;
    let corners: Vec<&str> = zero
        .corners
        .iter()
        .map(|corner| corner.model.as_str())
        .collect();
    let with = match zero.aiq_with_policies {
        Some(with) => format!(", {with:.4} with the policies"),
        None => String::new(),
    };
    let aiq = zero
        .aiq
        .map_or(String::new(), |aiq| format!("; its AIQ is {aiq:.4}{with}"));
    Some(match corners.len() {
        1 => format!("The hull is one point, {}{aiq}.", corners[0]),
        _ => format!(
            "The hull of the single models: {}{aiq}.",
            words::list(&corners)
        ),
    })
}

/// The oracle is never shown without its chance-level twin.
fn oracle(found: &Simulation) -> Option<String> {
    let oracle = found
        .policies
        .iter()
        .find(|policy| policy.kind == Kind::Oracle)?;
    let chance = found.oracle_by_chance?;
    Some(format!(
        "The oracle's {} is no aim: if which case it is had nothing to do with who is right, picking the best of {} answers afterwards would show {}.",
        Scale::Percent.value(oracle.quality.value, None, None),
        found
            .policies
            .iter()
            .filter(|policy| policy.kind == Kind::Single)
            .count(),
        Scale::Percent.value(chance, None, None),
    ))
}

fn facts(found: &Simulation) -> String {
    let clusters = found
        .clusters
        .map_or(String::new(), |n| format!(" in {} clusters", count(n)));
    format!(
        "{} cases{clusters} · replayed, nothing was asked · differences in points, 95% intervals, case by case · margin {} · changed: of 100 cases, those not answered by {} · {}",
        count(found.cases),
        Scale::Percent.margin(found.margin),
        found.best,
        found.sources.join(", ")
    )
}
