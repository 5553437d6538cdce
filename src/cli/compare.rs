//! `bakeoff compare`: candidates held against each other within a run, between two runs, or from a table of scores.

mod slice;

use super::args::Global;
use super::ci;
use super::exit::Exit;
use super::host::Host;
use super::{place, stored};
use crate::plan::Snapshot;
use crate::project::Catalog;
use crate::report::{self, Look, Report};
use crate::source::{Problem, did_you_mean};
use crate::store::{Store, Stored};
use crate::summary::Verdict;
use crate::summary::compare::{Compared, Comparison, Question, compare};
use crate::summary::sheet::{self, Layout, Sheet};
use crate::summary::side::{Side, sides};
use clap::Args;
use slice::known_slice;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Candidates of the newest run; two of them by name; two runs by id; or a table of scores made elsewhere.
#[derive(Debug, Clone, Args)]
pub struct Compare {
    /// A run (a unique prefix of its id, or latest), or a candidate of --run; differences are A minus B.
    pub a: Option<String>,
    /// Another run, or another candidate.
    pub b: Option<String>,
    /// Compare the scores in FILE (CSV, TSV or JSON lines; - for stdin): case, candidate, score [repeat, group, tags, cost_usd, latency_ms].
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    pub table: Option<PathBuf>,
    /// The run whose candidates A and B name.
    #[arg(long, value_name = "RUN", default_value = "latest")]
    pub run: String,
    /// The scorer (default: the run's primary one).
    #[arg(long, value_name = "NAME")]
    pub scorer: Option<String>,
    /// How much worse still counts as not worse, in score: 0.05 is 5 points (default: the suite's).
    #[arg(long, value_name = "SCORE", value_parser = super::args::margin)]
    pub margin: Option<f64>,
    /// Hold every other candidate against this one.
    #[arg(long, value_name = "NAME")]
    pub reference: Option<String>,
    /// Only slices of this tag, or of this column's tags.
    #[arg(long, value_name = "TAG")]
    pub slice: Option<String>,
    /// terminal, markdown, json, junit, github or html.
    #[arg(long, value_name = "FORMAT", default_value = "terminal", value_parser = ["terminal", "markdown", "json", "junit", "github", "html"])]
    pub format: String,
}

/// The margin where nothing says another one.
const MARGIN: f64 = 0.05;

/// Runs the command.
pub fn run(host: &Host, global: &Global, args: &Compare) -> Result<Exit, Vec<Problem>> {
    let found = match &args.table {
        Some(path) => of_table(host, path, args)?,
        None => of_runs(host, global, args).map_err(|problem| vec![problem])?,
    };
    let (root, store) = place(host, global);
    let catalog = Catalog::new(&root, global.allow_path);
    let look = Look {
        width: host.width,
        color: host.colour,
        part: &|path| catalog.text(path),
    };
    let run = match args.format.as_str() {
        "html" => run_of(&store, args)?,
        _ => None,
    };
    let made = |format: &str| match format {
        "html" => {
            let run = run.as_ref().map(|(name, report)| (name.as_str(), report));
            report::comparison_page(&found, run, &look)
        }
        _ => Ok(report::comparison(&found, format, &look).expect("clap checks the format")),
    };
    ci::print(host, &args.format, &made).map_err(|problem| vec![problem])?;
    if args.format == "github" {
        ci::summary(host, &|most| Ok(report::bounded(&made("markdown")?, most)));
    }
    // Nothing was measured: that must not pass for a good end.
    let all = |of: fn(&Compared) -> bool| found.contrasts.iter().all(of);
    let nothing = if all(|c| c.contrast.difference.n == 0) {
        "no case has a score on both sides"
    } else if all(|c| c.contrast.verdict == Verdict::Invalid) {
        "none of the differences may be made"
    } else {
        let cut = found
            .notes
            .iter()
            .any(|note| note.ends_with(stored::INCOMPLETE));
        return Ok(if cut { Exit::Incomplete } else { Exit::Good });
    };
    host.say(&format!("error: {nothing}, so nothing was compared"));
    Ok(Exit::Usage)
}

/// A table has the scores of one scorer, which no other name may be asked of.
pub(super) fn of_table_only(scorer: Option<&str>) -> Result<(), Problem> {
    match scorer {
        None | Some("score") => Ok(()),
        Some(other) => Err(unknown("scorer", other, &["score"])
            .help("a table's scores stand in its column `score`")),
    }
}

/// Reads a table of scores, and says what it is called.
pub(super) fn table(host: &Host, path: &Path) -> Result<(String, Sheet), Vec<Problem>> {
    let name = path.display().to_string();
    let input: Box<dyn BufRead> = match path == Path::new("-") {
        true => Box::new(BufReader::new(std::io::stdin())),
        false => {
            let file = std::fs::File::open(host.cwd.join(path));
            let file =
                file.map_err(|e| vec![Problem::error(format!("cannot read {name}: {e}"))])?;
            Box::new(BufReader::with_capacity(1 << 16, file))
        }
    };
    let sheet = sheet::read(&name, Layout::of(&name), input)?;
    Ok((name, sheet))
}

fn of_table(host: &Host, path: &Path, args: &Compare) -> Result<Comparison, Vec<Problem>> {
    of_table_only(args.scorer.as_deref()).map_err(|problem| vec![problem])?;
    let (name, sheet) = table(host, path)?;
    let Sheet {
        sides,
        cases,
        unused,
        ..
    } = sheet;
    let (pairs, chosen) = chosen(&sides, args).map_err(|problem| vec![problem])?;
    known_slice(&chosen, args.slice.as_deref()).map_err(|problem| vec![problem])?;
    let question = Question {
        scorer: "score".to_owned(),
        margin: args.margin.unwrap_or(MARGIN),
        max_failed: 1.0,
        slice: args.slice.clone(),
        seed: 1,
        cases,
    };
    let mut found = compare(&chosen, &pairs, &question);
    found.sources = vec![name];
    if !unused.is_empty() {
        found
            .notes
            .push(format!("columns not used: {}", unused.join(", ")));
    }
    Ok(found)
}

fn of_runs(host: &Host, global: &Global, args: &Compare) -> Result<Comparison, Problem> {
    let (_, path) = place(host, global);
    let store = stored::open(&path)?;
    let is_run = |name: &Option<String>| match name {
        Some(name) if name == "latest" => Ok(true),
        Some(name) => {
            let runs = store
                .find_runs(name)
                .map_err(|error| stored::trouble(&error))?;
            Ok(!runs.is_empty())
        }
        None => Ok(false),
    };
    match (is_run(&args.a)?, is_run(&args.b)?) {
        (true, true) => between(&store, args),
        (true, false) if args.b.is_none() => within(&store, args.a.as_deref(), None, args),
        (true, false) | (false, true) => {
            let (run, other) = match is_run(&args.a)? {
                true => (&args.a, &args.b),
                false => (&args.b, &args.a),
            };
            let (run, other) = (run.as_deref().unwrap_or(""), other.as_deref().unwrap_or(""));
            Err(
                Problem::error(format!("{run} is a run and {other:?} is not"))
                    .help("two runs: bakeoff compare RUN RUN")
                    .help(format!(
                        "two candidates of a run: bakeoff compare A B --run {run}"
                    )),
            )
        }
        (false, false) => {
            let names = args.a.as_deref().zip(args.b.as_deref());
            within(&store, None, names, args)
        }
    }
}

/// The one run that was compared within, for its page; none where there are two, or a table.
fn run_of(store: &Path, args: &Compare) -> Result<Option<(String, Report)>, Vec<Problem>> {
    let is_run = |name: &Option<String>| {
        let store = stored::open(store).ok();
        let found = store
            .zip(name.as_ref())
            .map(|(store, name)| store.find_runs(name));
        let found = found.is_some_and(|found| found.is_ok_and(|runs| !runs.is_empty()));
        found || name.as_deref() == Some("latest")
    };
    if args.table.is_some() || is_run(&args.b) {
        return Ok(None);
    }
    let named = args.a.as_deref().filter(|_| is_run(&args.a));
    stored::paged(store, named.unwrap_or(&args.run)).map(Some)
}

/// The candidates of one run.
fn within(
    store: &Store,
    run: Option<&str>,
    names: Option<(&str, &str)>,
    args: &Compare,
) -> Result<Comparison, Problem> {
    let (plan, data) = stored::load(store, run.unwrap_or(&args.run))?;
    let scorer = scorer(&plan, args.scorer.as_deref())?;
    let all = sides(&plan, &data, &scorer);
    let plain = Compare {
        a: names
            .map(|names| names.0.to_owned())
            .or_else(|| args.a.clone().filter(|_| run.is_none())),
        b: names.map(|names| names.1.to_owned()),
        reference: args.reference.clone().or_else(|| plan.reference.clone()),
        ..args.clone()
    };
    let (pairs, chosen) = chosen(&all, &plain)?;
    known_slice(&chosen, args.slice.as_deref())?;
    let mut found = compare(&chosen, &pairs, &question(&plan, scorer, args));
    found.sources = vec![format!("run {}", stored::short_id(store, &data.run.id))];
    found
        .notes
        .extend(stored::incomplete(&data, &found.sources[0]));
    Ok(found)
}

/// Two runs: candidates of the same name, or the only one of each.
fn between(store: &Store, args: &Compare) -> Result<Comparison, Problem> {
    let load = |wanted: &Option<String>| stored::load(store, wanted.as_deref().unwrap_or("latest"));
    let ((plan_a, data_a), (plan_b, data_b)) = (load(&args.a)?, load(&args.b)?);
    let scorer = scorer(&plan_a, args.scorer.as_deref())?;
    self::scorer(&plan_b, Some(&scorer))?;
    let (mut a, mut b) = (
        sides(&plan_a, &data_a, &scorer),
        sides(&plan_b, &data_b, &scorer),
    );
    let mut notes = Vec::new();
    let id = |data: &Stored| stored::short_id(store, &data.run.id);
    let (id_a, id_b) = (id(&data_a), id(&data_b));
    let definition = |plan: &Snapshot| {
        let known = plan.scorers.iter().find(|known| known.name == scorer);
        known.map(|known| known.hash.clone())
    };
    if definition(&plan_a) != definition(&plan_b) {
        notes.push(format!(
            "{scorer} is defined differently in the two runs: bring both up to date with `bakeoff score RUN`"
        ));
    }
    let mut pairs: Vec<(usize, usize)> = (0..a.len())
        .filter_map(|i| Some((i, b.iter().position(|side| side.name == a[i].name)?)))
        .collect();
    if pairs.is_empty() && a.len() == 1 && b.len() == 1 {
        pairs.push((0, 0));
    }
    if pairs.is_empty() {
        let names = |sides: &[Side]| {
            sides
                .iter()
                .map(|s| s.name.clone())
                .collect::<Vec<_>>()
                .join(", ")
        };
        return Err(Problem::error("the two runs have no candidate in common")
            .help(format!("{id_a}: {}", names(&a)))
            .help(format!("{id_b}: {}", names(&b))));
    }
    for (sides, id, used) in [
        (&a, &id_a, pairs.iter().map(|p| p.0).collect::<Vec<_>>()),
        (&b, &id_b, pairs.iter().map(|p| p.1).collect()),
    ] {
        let left = (0..sides.len()).filter(|index| !used.contains(index));
        let left: Vec<&str> = left.map(|index| sides[index].name.as_str()).collect();
        if !left.is_empty() {
            notes.push(format!("only in run {id}: {}", left.join(", ")));
        }
    }
    let same = pairs.iter().any(|(i, j)| a[*i].name == b[*j].name);
    if same {
        a.iter_mut()
            .for_each(|side| side.name += &format!(" @ {id_a}"));
        b.iter_mut()
            .for_each(|side| side.name += &format!(" @ {id_b}"));
    }
    let mut all = Vec::new();
    let mut places = Vec::new();
    for (i, j) in pairs {
        places.push((all.len(), all.len() + 1));
        all.extend([a[i].clone(), b[j].clone()]);
    }
    known_slice(&all, args.slice.as_deref())?;
    let mut found = compare(&all, &places, &question(&plan_a, scorer, args));
    found.sources = vec![format!("run {id_a}"), format!("run {id_b}")];
    notes.extend(stored::incomplete(&data_a, &found.sources[0]));
    notes.extend(stored::incomplete(&data_b, &found.sources[1]));
    found.notes.extend(notes);
    Ok(found)
}

fn question(plan: &Snapshot, scorer: String, args: &Compare) -> Question {
    Question {
        scorer,
        margin: args.margin.unwrap_or(plan.margin),
        max_failed: plan.max_failed,
        slice: args.slice.clone(),
        seed: plan.seed,
        cases: plan.dataset.hash.clone(),
    }
}

/// The scorer that is asked for, else the run's primary one.
pub(super) fn scorer(plan: &Snapshot, wanted: Option<&str>) -> Result<String, Problem> {
    let Some(wanted) = wanted else {
        return Ok(plan.primary.clone());
    };
    let names: Vec<&str> = plan
        .scorers
        .iter()
        .map(|scorer| scorer.name.as_str())
        .collect();
    if names.contains(&wanted) {
        return Ok(wanted.to_owned());
    }
    Err(unknown("scorer", wanted, &names))
}

/// Places of the sides to compare, first minus second.
type Pairs = Vec<(usize, usize)>;

/// Which pairs are asked for, and the sides that take part in them.
fn chosen(all: &[Side], args: &Compare) -> Result<(Pairs, Vec<Side>), Problem> {
    let names: Vec<&str> = all.iter().map(|side| side.name.as_str()).collect();
    let find = |wanted: &String| {
        let place = names.iter().position(|name| name == wanted);
        place.ok_or_else(|| unknown("candidate", wanted, &names))
    };
    let (a, b) = (
        args.a.as_ref().map(find).transpose()?,
        args.b.as_ref().map(find).transpose()?,
    );
    let reference = args.reference.as_ref().map(find).transpose()?;
    if let (Some(a), Some(b)) = (a, b) {
        if a == b {
            return Err(Problem::error("a candidate cannot be compared with itself"));
        }
        return Ok((vec![(0, 1)], vec![all[a].clone(), all[b].clone()]));
    }
    if all.len() < 2 {
        return Err(Problem::error("there is only one candidate")
            .help("compare two runs: bakeoff compare RUN RUN"));
    }
    let against = |one: usize| {
        (0..all.len())
            .filter(move |i| *i != one)
            .map(move |i| (i, one))
    };
    let pairs = match a.or(reference) {
        Some(one) => against(one).collect(),
        None => (0..all.len())
            .flat_map(|i| (i + 1..all.len()).map(move |j| (i, j)))
            .collect(),
    };
    Ok((pairs, all.to_vec()))
}

fn unknown(what: &str, wanted: &str, names: &[&str]) -> Problem {
    let problem = Problem::error(format!("there is no {what} {wanted:?}"));
    let problem = match did_you_mean(wanted, names.iter().copied()) {
        Some(near) => problem.help(format!("did you mean {near:?}?")),
        None => problem,
    };
    problem.help(format!("{what}s: {}", names.join(", ")))
}
