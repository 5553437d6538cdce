//! `bakeoff route drill`: computed; `run --drill` rehearses it.

use super::Common;
use super::input::{Input, input};
use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::host::Host;
use crate::plan::{Column, Snapshot};
use crate::policy::Route;
use crate::report;
use crate::route::drill::{Link, Outage, drill};
use crate::route::{Cell, Missing};
use crate::source::Problem;
use crate::stats::moments;
use crate::store::{Outcome, Stored};
use clap::Args;

/// What chains of fallbacks deliver when a provider is down or slow.
#[derive(Debug, Clone, Args)]
pub struct Drill {
    #[command(flatten)]
    common: Common,
    /// A chain of candidates, in the order of asking: A,B,C (default: the suite's routes with a fallback, and the run's chains).
    #[arg(long, value_name = "NAMES")]
    chain: Vec<String>,
    /// A provider or a model that answers nothing (several times, or with commas; default: each provider in turn).
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    down: Vec<String>,
    /// A provider or a model that takes so many times as long: openai=3.
    #[arg(long, value_name = "NAME=TIMES", value_parser = times, value_delimiter = ',')]
    slow: Vec<(String, f64)>,
    /// An availability to take instead of the measured one: openai=0.995 (a provider or a model).
    #[arg(long, value_name = "NAME=SHARE", value_parser = stated, value_delimiter = ',')]
    availability: Vec<(String, f64)>,
    /// The share of outages with a common cause (default: 0.1 across vendors, 0.5 within one).
    #[arg(long, value_name = "SHARE", value_parser = share)]
    common_cause: Option<f64>,
    /// How long a request is waited for in vain where no failure was measured, seconds.
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    timeout: f64,
}

/// The links of a chain as a run measured them, waited for so many seconds in vain where no failure was.
pub(super) fn links(input: &Input, models: &[String], timeout: f64) -> Result<Vec<Link>, String> {
    let link = |model: &String| link(input, model, &[], timeout);
    models.iter().map(link).collect()
}

/// Runs the command.
pub fn run(host: &Host, global: &Global, args: &Drill) -> Result<Exit, Vec<Problem>> {
    let input = input(host, global, &args.common)?;
    let outage = Outage {
        down: args.down.clone(),
        slow: args.slow.clone(),
        common: args.common_cause,
    };
    let (mut drills, mut cannot): (Vec<_>, Vec<Missing>) = (Vec::new(), Vec::new());
    for (name, models) in chains(&input, args) {
        let links = models
            .iter()
            .map(|model| link(&input, model, &args.availability, args.timeout));
        match links.collect::<Result<Vec<Link>, String>>() {
            Ok(links) => drills.push(drill(&name, links, &outage)),
            Err(why) => cannot.push(Missing { name, why }),
        }
    }
    for missing in &cannot {
        host.say(&format!(
            "{} cannot be computed: {}",
            missing.name, missing.why
        ));
    }
    if drills.is_empty() {
        let problem = Problem::error("there is no chain to compute");
        return Err(vec![problem.help(
            "name one: bakeoff route drill --chain openai/gpt-4o,groq/llama-3.3-70b-versatile",
        )]);
    }
    let format = &args.common.format;
    super::print(host, global, &|look| {
        let shown = report::drills(&drills, &input.sources, format, look);
        shown.ok_or_else(|| Problem::error("a drill has no page").help("--format markdown or json"))
    })?;
    Ok(Exit::Good)
}

/// The chains: by name, the models in the order of asking.
fn chains(input: &Input, args: &Drill) -> Vec<(String, Vec<String>)> {
    if !args.chain.is_empty() {
        let models = |chain: &String| chain.split(',').map(|m| m.trim().to_owned()).collect();
        return args
            .chain
            .iter()
            .map(|chain| (chain.replace(',', " → "), models(chain)))
            .collect();
    }
    let routes = input.routes.iter().filter_map(|map| {
        let route = Route::of(map)
            .ok()
            .filter(|route| route.policy.is_chain())?;
        let models: Vec<String> = route
            .leaves
            .iter()
            .map(|leaf| leaf.hop.model.clone())
            .collect();
        Some((map.name.clone(), models))
    });
    let mut found: Vec<(String, Vec<String>)> = routes.collect();
    let columns = input.run.iter().flat_map(|run| &run.0.candidates);
    for column in columns.filter(|column| !column.hops.is_empty()) {
        if found.iter().all(|(name, _)| *name != column.name) {
            let models = column.hops.iter().map(|hop| hop.model.clone()).collect();
            found.push((column.name.clone(), models));
        }
    }
    found
}

fn link(
    input: &Input,
    model: &str,
    stated: &[(String, f64)],
    timeout: f64,
) -> Result<Link, String> {
    let recorded = &input.recorded;
    let by = |names: &[String]| names.iter().position(|name| name == model);
    let place = by(&recorded.candidates).or_else(|| by(&recorded.aliases));
    let place = place.ok_or_else(|| format!("{model} was not asked by itself"))?;
    let cells = &recorded.cells[place];
    let mean = |of: fn(&Cell) -> Option<f64>| {
        moments::mean(&cells.iter().filter_map(of).collect::<Vec<_>>())
    };
    let name = recorded
        .aliases
        .get(place)
        .unwrap_or(&recorded.candidates[place]);
    let provider = name
        .split_once('/')
        .map_or(name.as_str(), |(provider, _)| provider)
        .to_owned();
    let (failed, calls, gave_up) = match &input.run {
        Some(run) => failures(&run.0, &run.1, &recorded.candidates[place]),
        None => {
            let failed = cells.iter().filter(|cell| cell.score.is_none()).count();
            (failed, cells.len(), None)
        }
    };
    let said = stated
        .iter()
        .find(|(named, _)| *named == provider || named == model);
    let (availability, limits) = match said {
        Some((_, share)) => (*share, None),
        None => Link::measured(failed, calls),
    };
    let quality = mean(|cell| cell.score).ok_or_else(|| format!("{model} has no score"))?;
    Ok(Link {
        model: model.to_owned(),
        provider,
        availability,
        limits,
        measured: if said.is_some() { 0 } else { calls },
        quality,
        cost: mean(|cell| cell.cost).unwrap_or(0.0),
        latency: mean(|cell| cell.latency).unwrap_or(0.0),
        failed_latency: gave_up.unwrap_or(1000.0 * timeout),
    })
}

/// Failed and all trials of a candidate, and the mean time until one was given up, ms.
fn failures(plan: &Snapshot, data: &Stored, name: &str) -> (usize, usize, Option<f64>) {
    let column: Option<&Column> = plan.candidates.iter().find(|column| column.name == name);
    let Some(column) = column else {
        return (0, 0, None);
    };
    let trials = data
        .cases
        .iter()
        .flat_map(|case| (0..plan.repeats).map(|repeat| plan.trial_id(case, column, repeat)));
    let records = trials.filter_map(|trial| data.records.get(&trial));
    let (mut failed, mut calls, mut times) = (0, 0, Vec::new());
    for record in records {
        calls += 1;
        if matches!(record.outcome, Outcome::Failed(_)) {
            failed += 1;
            let last = record
                .attempts
                .last()
                .map(|last| last.after + last.times.end);
            times.extend(last.filter(|ms| *ms > 0.0));
        }
    }
    (failed, calls, moments::mean(&times))
}

fn pair(text: &str) -> Option<(String, f64)> {
    let (name, value) = text.split_once('=')?;
    let value = value.trim().parse::<f64>().ok().filter(|v| v.is_finite())?;
    Some((name.trim().to_owned(), value))
}

fn times(text: &str) -> Result<(String, f64), String> {
    let found = pair(text).filter(|(_, times)| *times >= 1.0);
    found.ok_or_else(|| "give a name and a factor of 1 or more, such as openai=3".into())
}

fn stated(text: &str) -> Result<(String, f64), String> {
    let found = pair(text).filter(|(_, share)| (0.0..=1.0).contains(share));
    found.ok_or_else(|| "give a name and a share, such as openai=0.995".into())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text
        .parse::<f64>()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "give a share from 0 to 1".into())
}
