//! A simulation or a fit as a page: policies and baselines over what coin flips reach, and what the terminal says.

use super::{fit, simulate};
use crate::report::charts::{COST, Spot, TAIL, scatter, scatter_over};
use crate::report::number::Scale;
use crate::report::prose::Block;
use crate::report::sheet::{self, Sheet};
use crate::report::view::Drawing;
use crate::report::{Look, Report};
use crate::route::fit::Fit;
use crate::route::simulate::{Kind, Policy, Simulation};
use crate::source::Problem;
use crate::stats::Estimate;
use crate::stats::frontier;

/// The simulation as a page; `run` is the run it is of, with the name that commands accept.
pub fn simulation_page(
    found: &Simulation,
    run: Option<(&str, &Report)>,
    look: &Look,
) -> Result<String, Problem> {
    let hull = found.zero_router.as_ref().map_or(Vec::new(), |zero| {
        let corners = zero.corners.iter();
        corners
            .map(|corner| (corner.cost, corner.quality))
            .collect()
    });
    let marked = |amount: fn(&Policy) -> Option<Estimate>| -> Vec<Marked> {
        let known = found
            .policies
            .iter()
            .filter(|policy| amount(policy).is_some());
        known
            .map(|policy| {
                let route = policy.kind == Kind::Route;
                (policy.name.clone(), policy.quality, amount(policy), route)
            })
            .collect()
    };
    let by_cost = marked(|it| {
        it.cost
            .map(|value| Estimate::new(value, None, it.quality.n))
    });
    let by_tail = marked(|policy| policy.p95);
    let charts = [
        scatter_over(
            &COST,
            &found.scorer,
            Scale::Percent,
            as_spots(&by_cost),
            hull,
        ),
        scatter(&TAIL, &found.scorer, Scale::Percent, as_spots(&by_tail)),
    ];
    let charts = charts.into_iter().flatten().collect();
    page(
        "Routes, simulated",
        &found.sources,
        simulate::blocks(found),
        charts,
        run,
        look,
    )
}

/// The fit as a page.
pub fn fit_page(found: &Fit, run: Option<(&str, &Report)>, look: &Look) -> Result<String, Problem> {
    let point = |value: f64| Estimate::new(value, None, found.cases);
    let singles = found.models.iter().map(|model| {
        (
            model.name.clone(),
            point(model.quality),
            Some(point(model.cost)),
            false,
        )
    });
    let routers = found.tried.iter().map(|tried| {
        let name = format!("by {}", tried.name);
        (name, point(tried.quality), Some(point(tried.cost)), true)
    });
    let all: Vec<Marked> = singles.chain(routers).collect();
    let points: Vec<(f64, f64)> = found
        .models
        .iter()
        .map(|model| (model.cost, model.quality))
        .collect();
    let hull = frontier::hull(&points).map_or(Vec::new(), |hull| hull.corners);
    let chart = scatter_over(&COST, &found.scorer, Scale::Percent, as_spots(&all), hull);
    page(
        "Routers, fitted",
        &found.sources,
        fit::blocks(found),
        chart.into_iter().collect(),
        run,
        look,
    )
}

/// A name, its quality, an amount, and whether it is a policy.
type Marked = (String, Estimate, Option<Estimate>, bool);

fn as_spots<'a>(all: &'a [Marked]) -> Vec<Spot<'a>> {
    let spot = |(name, score, amount, tied): &'a Marked| Spot {
        name,
        score: Some(*score),
        amount: *amount,
        tied: *tied,
    };
    all.iter().map(spot).collect()
}

fn page(
    kind: &'static str,
    sources: &[String],
    blocks: Vec<Block>,
    mut charts: Vec<Drawing>,
    run: Option<(&str, &Report)>,
    look: &Look,
) -> Result<String, Problem> {
    for chart in &mut charts {
        chart.note += " The thin line is what coin flips between single models reach; what is marked is a policy.";
    }
    let sheet = Sheet {
        kind,
        suite: sources.join(", "),
        run,
        blocks,
        charts,
        methods: vec!["paired", "mean", "order_statistic"],
        facts: Vec::new(),
    };
    sheet::page("reports/route.html.hbs", sheet, look)
}
