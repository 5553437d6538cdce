//! `bakeoff judge label`: shows a person a random sample of answers, one at a time, and keeps what they say.
//!
//! A line in, a line out: it works on any terminal, and with its answers piped in.

use super::{Judged, Label, reply};
use crate::calibration::{Label as Given, read, worth};
use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::host::Host;
use crate::dataset::Case;
use crate::plan::short_hash;
use crate::provider::Reply;
use crate::source::{Problem, Source, plain};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One answer to label.
struct Open<'a> {
    case: &'a Case,
    candidate: &'a str,
    repeat: u32,
    reply: &'a Reply,
}

/// Runs the command.
pub(super) fn label(host: &Host, global: &Global, args: &Label) -> Result<Exit, Vec<Problem>> {
    let judged = Judged::open(host, global, &args.run, &args.scorer)?;
    let file = host.cwd.join(&args.out);
    let mut given = before(&file)?;
    let sample = sample(&judged, args.n as usize);
    if sample.is_empty() {
        let title = format!("the run has no answer that {} is for", args.scorer);
        return Err(vec![Problem::error(title)]);
    }
    let facts = judged.scorer().judge();
    let question = facts.map_or_else(String::new, |facts| facts.question);
    host.show(&format!("{}\n", plain(&question)));
    let keys = keys(&judged);
    let mut at = 0;
    let mut done = Vec::new();
    while let Some(open) = sample.get(at) {
        if given.iter().any(|it| is(it, open, &args.rater)) {
            at += 1;
            continue;
        }
        let left = sample
            .iter()
            .filter(|it| !given.iter().any(|one| is(one, it, &args.rater)));
        let (n, left) = (sample.len(), left.count());
        host.show(&format!("\n── {} of {n} ──\n{}", n - left + 1, shown(open)));
        let Some(said) = host.answer(&format!("\n{keys}, s skip, u undo, q quit > ")) else {
            break;
        };
        match said.as_str() {
            "q" | "Q" => break,
            "s" | "S" => at += 1,
            "u" | "U" => match done.pop() {
                Some(last) => {
                    given.retain(|it| !is(it, &sample[last], &args.rater));
                    keep(&file, &given).map_err(|problem| vec![problem])?;
                    at = last;
                }
                None => host.say("nothing to undo"),
            },
            said if worth(said, &judged.judge.grades).is_some() => {
                given.push(Given {
                    case: open.case.id.clone(),
                    candidate: Some(open.candidate.to_owned()),
                    repeat: open.repeat,
                    label: said.to_owned(),
                    rater: args.rater.clone(),
                    line: 0,
                });
                keep(&file, &given).map_err(|problem| vec![problem])?;
                done.push(at);
                at += 1;
            }
            _ => host.say(&format!("that is none of: {keys}, s, u, q")),
        }
    }
    let mine = sample
        .iter()
        .filter(|open| given.iter().any(|it| is(it, open, &args.rater)));
    let mine = mine.count();
    host.say(&format!(
        "\n{mine} of {} labelled, in {}; next: bakeoff judge calibrate --scorer {} --labels {}",
        sample.len(),
        args.out.display(),
        args.scorer,
        args.out.display()
    ));
    Ok(Exit::Good)
}

/// The labels that the file holds already.
fn before(file: &PathBuf) -> Result<Vec<Given>, Vec<Problem>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(file).map_err(|error| {
        vec![Problem::error(format!(
            "cannot read {}: {error}",
            file.display()
        ))]
    })?;
    match text.lines().count() {
        0 | 1 => Ok(Vec::new()),
        _ => read(&Arc::new(Source::new(file.display().to_string(), text))),
    }
}

/// Writes all labels, beside the old file first, so that none is lost.
fn keep(file: &Path, given: &[Given]) -> Result<(), Problem> {
    let fail = |error: String| Problem::error(format!("cannot write {}: {error}", file.display()));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["case", "candidate", "repeat", "label", "rater"];
    let mut row = |cells: [&str; 5]| writer.write_record(cells).map_err(|e| fail(e.to_string()));
    row(head)?;
    for it in given {
        let candidate = it.candidate.as_deref().unwrap_or_default();
        row([
            &it.case,
            candidate,
            &it.repeat.to_string(),
            &it.label,
            &it.rater,
        ])?;
    }
    let bytes = writer.into_inner().map_err(|e| fail(e.to_string()))?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let write = || {
        std::fs::create_dir_all(folder)?;
        let mut beside = tempfile::NamedTempFile::new_in(folder)?;
        std::io::Write::write_all(&mut beside, &bytes)?;
        beside.persist(file).map(drop).map_err(|error| error.error)
    };
    write().map_err(|error| fail(error.to_string()))
}

/// A random sample of the run's answers: the first of an order that depends on the run's seed alone, so that
/// a larger sample holds a smaller one.
fn sample(judged: &Judged, n: usize) -> Vec<Open<'_>> {
    let seed = judged.plan.seed.to_string();
    let records = judged.stored.records.iter();
    let mut all: Vec<(String, Open<'_>)> = records
        .filter_map(|(trial, record)| {
            let case = judged.stored.cases.iter().find(|it| it.id == record.case)?;
            let open = Open {
                case,
                candidate: &record.candidate,
                repeat: record.repeat,
                reply: reply(record)?,
            };
            let order = short_hash(&["label", &seed, trial]);
            judged.scorer().applies(case).then_some((order, open))
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().take(n).map(|(_, open)| open).collect()
}

fn is(given: &Given, open: &Open<'_>, rater: &str) -> bool {
    given.case == open.case.id
        && given.candidate.as_deref() == Some(open.candidate)
        && given.repeat == open.repeat
        && given.rater == rater
}

/// The case and the answer, with nothing that could move the terminal, and no name of a model.
fn shown(open: &Open<'_>) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => plain(text).into_owned(),
        other => plain(&other.to_string()).into_owned(),
    };
    let vars = open.case.vars.iter();
    let vars = vars.filter(|(_, value)| Some(*value) != open.case.target.as_ref());
    let mut out: String = vars
        .map(|(name, value)| format!("{}:\n{}\n\n", plain(name), text(value)))
        .collect();
    if let Some(target) = &open.case.target {
        out += &format!("expected:\n{}\n\n", text(target));
    }
    let said = match (&open.reply.refusal, open.reply.text.is_empty()) {
        (Some(refusal), true) => refusal,
        _ => &open.reply.text,
    };
    out += &format!("ANSWER:\n{}\n", plain(said));
    for call in &open.reply.tool_calls {
        let call = format!("[tool call] {} {}", call.name, call.arguments);
        out += &format!("{}\n", plain(&call));
    }
    out
}

/// What may be typed.
fn keys(judged: &Judged) -> String {
    let grades = &judged.judge.grades;
    match grades.iter().any(|(grade, _)| grade == "true") {
        true => "y yes, n no".into(),
        false => {
            let names: Vec<&str> = grades.iter().map(|(grade, _)| grade.as_str()).collect();
            names.join("/")
        }
    }
}
