//! `bakeoff plan`: cases against repeats against money, before any is spent.

use super::args::Global;
use super::args::margin;
use super::exit::Exit;
use super::host::Host;
use super::{place, stored};
use crate::report::{self, Look};
use crate::source::Problem;
use crate::store::Store;
use crate::summary::outlook::{Grid, Spread, outlook};
use crate::summary::side::sides;
use crate::summary::summarise;
use clap::Args;

/// What a run could see: detectable differences by cases and repeats, and what they cost.
#[derive(Debug, Clone, Args)]
pub struct Plan {
    /// The run whose spread and prices are taken: a unique prefix of its id, or latest.
    #[arg(default_value = "latest")]
    pub run: String,
    /// Numbers of cases.
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = [50, 100, 200, 500], value_parser = clap::value_parser!(u64).range(2..=100_000_000))]
    pub cases: Vec<u64>,
    /// Numbers of repeats.
    #[arg(long, value_name = "K,…", value_delimiter = ',', default_values_t = [1, 2, 4], value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeats: Vec<u32>,
    /// Judgements of each answer.
    #[arg(long, value_name = "J,…", value_delimiter = ',', default_values_t = [1], value_parser = clap::value_parser!(u32).range(0..=100))]
    pub judges: Vec<u32>,
    /// The margin that "not worse" is to be shown within, in score (default: the run's).
    #[arg(long, value_name = "SCORE", value_parser = margin)]
    pub margin: Option<f64>,
    /// terminal, markdown or json.
    #[arg(long, value_name = "FORMAT", default_value = "terminal", value_parser = ["terminal", "markdown", "json"])]
    pub format: String,
}

/// Runs the command.
pub fn run(host: &Host, global: &Global, args: &Plan) -> Result<Exit, Vec<Problem>> {
    let (_, path) = place(host, global);
    let mut grid = Grid {
        cases: args.cases.iter().map(|n| *n as usize).collect(),
        repeats: args.repeats.clone(),
        judgements: args.judges.clone(),
        margin: args.margin.unwrap_or(0.05),
        candidates: 2,
        usd_per_call: (None, None),
    };
    let mut spread = Spread::assumed();
    if path.exists() || args.run != "latest" {
        let store = stored::open(&path).map_err(|problem| vec![problem])?;
        let empty = store.runs().is_ok_and(|runs| runs.is_empty());
        if !empty || args.run != "latest" {
            measure(&store, args, &mut grid, &mut spread).map_err(|problem| vec![problem])?;
        }
    }
    let part = |_: &str| Err(Problem::error("an outlook has no template"));
    let look = Look {
        width: host.width,
        color: host.colour,
        part: &part,
    };
    let found = outlook(spread, &grid);
    let text = report::outlook(&found, &args.format, &look).expect("clap checks the format");
    host.print(&text);
    Ok(Exit::Good)
}

/// Takes spread, margin and costs from a run.
fn measure(
    store: &Store,
    args: &Plan,
    grid: &mut Grid,
    spread: &mut Spread,
) -> Result<(), Problem> {
    let (plan, data) = stored::load(store, &args.run)?;
    let summary = summarise(&plan, &data);
    grid.margin = args.margin.unwrap_or(plan.margin);
    grid.candidates = plan.candidates.len().max(1);
    let sum = |of: &dyn Fn(&crate::summary::Row) -> Option<f64>| -> Option<f64> {
        let parts: Option<Vec<f64>> = summary.candidates.iter().map(of).collect();
        parts.map(|parts| parts.iter().sum())
    };
    let answered: usize = summary.candidates.iter().map(|row| row.answered).sum();
    let each = |total: Option<f64>| total.filter(|_| answered > 0).map(|t| t / answered as f64);
    grid.usd_per_call = (
        each(sum(&|row| row.cost_usd.answers)),
        each(sum(&|row| row.cost_usd.judges)),
    );
    if let Some(found) = Spread::measured(&sides(&plan, &data, &plan.primary)) {
        *spread = Spread {
            from: Some(stored::short_id(store, &data.run.id)),
            scorer: Some(plan.primary.clone()),
            ..found
        };
    }
    Ok(())
}

/// The spread that the newest run of a suite measured by a scorer; the assumed one where there is none.
pub(super) fn spread_of(store: Option<&Store>, suite: &str, scorer: &str) -> Spread {
    let measured = |store: &Store| {
        let runs = store.runs().ok()?.into_iter().take(20);
        let mut runs = runs.filter(|run| run.suite == suite && run.complete);
        runs.find_map(|run| {
            let plan = stored::snapshot(&run).ok()?;
            let known = plan.scorers.iter().any(|known| known.name == scorer);
            // a run of many thousand cases is not read again for an outlook
            if !known || plan.candidates.len() < 2 || run.trials > 20_000 {
                return None;
            }
            let id = stored::short_id(store, &run.id);
            let data = store.load(run).ok()?;
            let found = Spread::measured(&sides(&plan, &data, scorer))?;
            Some(Spread {
                from: Some(id),
                scorer: Some(scorer.to_owned()),
                ..found
            })
        })
    };
    store.and_then(measured).unwrap_or_else(Spread::assumed)
}
