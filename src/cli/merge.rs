//! `bakeoff merge`: the shards of one run, made on several machines, as the run that they are parts of.

use super::args::{Global, Output};
use super::exit::Exit;
use super::host::Host;
use super::output;
use super::stored::{self, snapshot, trouble};
use crate::dataset::Dataset;
use crate::plan::{DatasetRef, Snapshot};
use crate::source::Problem;
use crate::store::{RunRow, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `bakeoff merge`
#[derive(Debug, Clone, clap::Args)]
pub struct Merge {
    /// The stores that the shards were run into (`run --shard i/n --store FILE`); without any, this project's own.
    #[arg(value_name = "STORE")]
    stores: Vec<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// A shard, and where it is from.
struct Part {
    store: Arc<Store>,
    from: String,
    row: RunRow,
    plan: Snapshot,
    part: usize,
    of: usize,
}

/// Runs the command.
pub fn merge(host: &Host, global: &Global, args: &Merge) -> Result<Exit, Vec<Problem>> {
    let one = |problem| vec![problem];
    super::run::early(&args.output)?;
    let (root, path) = super::place(host, global);
    let parts = match args.stores.as_slice() {
        [] => own(&path)?,
        files => files
            .iter()
            .map(|file| newest(host, file))
            .collect::<Result<Vec<_>, _>>()?,
    };
    let parts = whole(parts)?;
    let (row, dataset) = together(&parts)?;
    let store = Store::open(&path).map_err(|e| vec![trouble(&e)])?;
    let from: Vec<(Arc<Store>, String)> = parts
        .iter()
        .map(|part| (Arc::clone(&part.store), part.row.id.clone()))
        .collect();
    store
        .merge(&row, &dataset, &from)
        .map_err(|e| vec![trouble(&e)])?;
    let id = stored::short_id(&store, &row.id);
    host.say(&format!(
        "{} shards, {} cases: run {id}",
        parts.len(),
        dataset.cases.len()
    ));
    let (plan, found) = stored::table(&store, &row.id).map_err(one)?;
    let mut report = stored::reported(&store, &plan, &found);
    let catalog = crate::project::Catalog::new(&root, global.allow_path);
    output::leave(host, &mut report, &args.output, &root, &|path| {
        catalog.text(path)
    })
    .map_err(one)?;
    if row.complete {
        return Ok(Exit::Good);
    }
    host.say(&format!(
        "incomplete: not every shard was; go on with: bakeoff resume {id}"
    ));
    Ok(Exit::Incomplete)
}

fn part(store: &Arc<Store>, from: String, row: RunRow) -> Result<Option<Part>, Vec<Problem>> {
    let plan = snapshot(&row).map_err(|problem| vec![problem])?;
    Ok(plan.chosen.shard.map(|(part, of)| Part {
        store: Arc::clone(store),
        from,
        row,
        plan,
        part,
        of,
    }))
}

/// The shards of this project's own store: of each part of the newest one's run, the newest.
fn own(path: &Path) -> Result<Vec<Part>, Vec<Problem>> {
    let store = stored::open(path).map_err(|problem| vec![problem])?;
    let mut parts: Vec<Part> = Vec::new();
    for row in store.runs().map_err(|e| vec![trouble(&e)])? {
        let from = format!("run {}", stored::short_id(&store, &row.id));
        let Some(found) = part(&store, from, row)? else {
            continue;
        };
        let first = parts.first();
        let alike =
            first.is_none_or(|first| first.of == found.of && first.row.suite == found.row.suite);
        if alike && !parts.iter().any(|known| known.part == found.part) {
            parts.push(found);
        }
    }
    Ok(parts)
}

/// The newest shard of another store.
fn newest(host: &Host, file: &Path) -> Result<Part, Vec<Problem>> {
    let path = host.cwd.join(file);
    let name = file.display().to_string();
    if !path.is_file() {
        let problem = Problem::error(format!("there is no store {name}"));
        return Err(vec![problem.help(
            "give the files that `bakeoff run --shard i/n --store FILE` wrote",
        )]);
    }
    let store = Store::open(&path).map_err(|e| vec![trouble(&e)])?;
    for row in store.runs().map_err(|e| vec![trouble(&e)])? {
        if let Some(found) = part(&store, name.clone(), row)? {
            return Ok(found);
        }
    }
    Err(vec![
        Problem::error(format!("{name} holds no run of a shard"))
            .help("run one with `bakeoff run --shard i/n`"),
    ])
}

/// The parts in their order, if they are all there, each once, and all of one run.
fn whole(mut parts: Vec<Part>) -> Result<Vec<Part>, Vec<Problem>> {
    parts.sort_by_key(|part| part.part);
    let Some(first) = parts.first() else {
        return Err(vec![
            Problem::error("there is no run of a shard here")
                .help("run one with `bakeoff run --shard i/n`, or name the stores that hold them"),
        ]);
    };
    let mut problems = Vec::new();
    for it in &parts {
        let mut lines = differences(first, it);
        lines.sort();
        lines.dedup();
        if !lines.is_empty() {
            let title = format!("{} and {} are not shards of one run", first.from, it.from);
            let problem = Problem::error(title);
            problems.push(lines.into_iter().fold(problem, Problem::help));
        }
    }
    for pair in parts.windows(2) {
        if pair[0].part == pair[1].part && pair[0].of == pair[1].of {
            problems.push(Problem::error(format!(
                "{} and {} are the same shard, {}/{}",
                pair[0].from, pair[1].from, pair[0].part, pair[0].of
            )));
        }
    }
    let missing: Vec<String> = (1..=first.of)
        .filter(|at| !parts.iter().any(|part| part.part == *at))
        .map(|at| format!("{at}/{}", first.of))
        .collect();
    if !missing.is_empty() {
        let title = format!(
            "not every shard is there: {} is missing",
            missing.join(", ")
        );
        problems.push(Problem::error(title).help("a report on a part would pass for one on all"));
    }
    match problems.is_empty() {
        true => Ok(parts),
        false => Err(problems),
    }
}

/// What keeps two shards from being parts of one run, a line each.
fn differences(a: &Part, b: &Part) -> Vec<String> {
    let plain = |it: &Part| Snapshot {
        dataset: DatasetRef {
            hash: it.plan.dataset.whole.clone().unwrap_or_default(),
            cases: 0,
            ..it.plan.dataset.clone()
        },
        ..it.plan.clone()
    };
    let mut lines = plain(a).changes(&plain(b));
    let mut differ = |what: &str, one: String, other: String| {
        if one != other {
            lines.push(format!("{what}: {one} and {other}"));
        }
    };
    differ("parts", a.of.to_string(), b.of.to_string());
    let scorers = |it: &Part| {
        let scorers = it.plan.scorers.iter();
        let scorers: Vec<String> = scorers
            .map(|it| format!("{} ({})", it.name, it.hash.get(..8).unwrap_or(&it.hash)))
            .collect();
        format!("{}, first {}", scorers.join(", "), it.plan.primary)
    };
    differ("scorers", scorers(a), scorers(b));
    differ(
        "margin",
        a.plan.margin.to_string(),
        b.plan.margin.to_string(),
    );
    let prices = |it: &Part| {
        let hash = it.plan.prices_hash.get(..8).unwrap_or_default();
        format!("{} ({hash})", it.plan.prices)
    };
    differ("price table", prices(a), prices(b));
    lines
}

/// The run that the parts are of, and all its cases in their order.
fn together(parts: &[Part]) -> Result<(RunRow, Dataset), Vec<Problem>> {
    let first = &parts[0];
    let mut cases = Vec::new();
    for part in parts {
        let stored = part.store.table(part.row.clone());
        cases.push(stored.map_err(|e| vec![trouble(&e)])?.cases);
    }
    let known = &first.plan.dataset;
    let dataset = Dataset::of_shards(&known.name, &known.file, cases);
    let dataset = dataset.filter(|it| known.whole.as_ref().is_none_or(|hash| *hash == it.hash));
    let Some(dataset) = dataset else {
        return Err(vec![
            Problem::error("the shards' cases are not those of the dataset that they are parts of")
                .help("run the shards again, all on the same files"),
        ]);
    };
    let mut plan = first.plan.clone();
    plan.dataset = DatasetRef {
        hash: dataset.hash.clone(),
        cases: dataset.cases.len(),
        whole: None,
        ..known.clone()
    };
    plan.chosen.shard = None;
    // Each part had its own cap; what they may cost together is the sum.
    let caps = parts.iter().map(|part| part.plan.chosen.max_cost);
    plan.chosen.max_cost = caps.sum();
    let started = parts.iter().map(|part| part.row.started.as_str()).min();
    let row = RunRow {
        id: id(parts),
        suite: first.row.suite.clone(),
        started: started.unwrap_or_default().to_owned(),
        plan: serde_json::to_value(&plan).expect("a snapshot is plain data"),
        trials: parts.iter().map(|part| part.row.trials).sum(),
        complete: parts.iter().all(|part| part.row.complete),
    };
    Ok((row, dataset))
}

/// The same for the same parts, so that merging them again changes nothing; a millisecond younger than the
/// youngest of them, so that it is newer than any (UUIDv7: 48 bits of time, then 74 free ones; RFC 9562).
fn id(parts: &[Part]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("bakeoff 1 merged run");
    for part in parts {
        hasher.update(part.row.id.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    let time = |part: &Part| {
        let uuid = uuid::Uuid::parse_str(&part.row.id).ok()?;
        let head: [u8; 8] = uuid.as_bytes()[..8].try_into().ok()?;
        Some(u64::from_be_bytes(head) >> 16)
    };
    let youngest = parts.iter().filter_map(time).max().unwrap_or(0) + 1;
    bytes[..6].copy_from_slice(&youngest.to_be_bytes()[2..]);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    uuid::Uuid::from_bytes(bytes).to_string()
}
