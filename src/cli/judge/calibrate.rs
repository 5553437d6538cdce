//! `bakeoff judge calibrate`: labels beside the judge's scores, and what follows.

use super::told::told;
use super::{Calibrate, Judged, reply};
use crate::calibration::{
    About, Calibration, Label, Position, Rated, calibrate as reckon, read, worth,
};
use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::host::Host;
use crate::cli::judging::path;
use crate::cli::stored::trouble;
use crate::plan::{JudgeRef, short_hash};
use crate::provider::catalog::family;
use crate::source::{Problem, Source, did_you_mean};
use crate::store::{Note, Order};
use crate::summary::answer_hash;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Problems told at once.
const MOST: usize = 10;

/// Runs the command.
pub(super) fn calibrate(
    host: &Host,
    global: &Global,
    args: &Calibrate,
) -> Result<Exit, Vec<Problem>> {
    let as_json = match args.format.as_deref() {
        None | Some("human") => false,
        Some("json") => true,
        Some(other) => {
            let title = format!("judge calibrate has no format {other:?}");
            return Err(vec![Problem::error(title).help("formats: human, json")]);
        }
    };
    let judged = Judged::open(host, global, &args.run, &args.scorer)?;
    let text = host.read(&args.labels).map_err(|problem| vec![problem])?;
    let source = Arc::new(Source::new(args.labels.display().to_string(), text));
    let labels = read(&source)?;
    let (rated, skipped) = rated(&judged, &labels, &source)?;
    let about = About {
        scorer: &args.scorer,
        models: &judged.judge.models,
        judge: &judged.judge.hash,
        grades: &judged.judge.grades,
        position: position(&judged),
        seed: seed(&judged),
    };
    let Some(found) = reckon(&about, rated) else {
        let title = format!(
            "{} tells nothing of {}: too few labels of answers that it judged",
            source.name, args.scorer
        );
        let problem = skipped.iter().fold(Problem::error(title), Problem::help);
        return Err(vec![problem]);
    };
    for said in &skipped {
        host.say(said);
    }
    keep(&judged, &found)?;
    let file = path(&args.scorer);
    match as_json {
        true => host.print(&json(&found)),
        false => host.print(&told(&found)),
    }
    host.say(&format!("kept in {file}; commit it"));
    Ok(Exit::Good)
}

/// The calibration as it is kept: the same labels and scores give the same bytes.
fn json(found: &Calibration) -> String {
    let text = serde_json::to_string_pretty(found).expect("a calibration is plain data");
    text + "\n"
}

/// Into the project's file, and into what the store has of the run, so that its reports know.
fn keep(judged: &Judged, found: &Calibration) -> Result<(), Vec<Problem>> {
    let file = judged.loaded.project.root.join(path(&found.scorer));
    let write = || {
        std::fs::create_dir_all(file.parent().unwrap_or(&judged.loaded.project.root))?;
        std::fs::write(&file, json(found))
    };
    write().map_err(|error| {
        vec![Problem::error(format!(
            "cannot write {}: {error}",
            file.display()
        ))]
    })?;
    let mut plan = judged.plan.clone();
    let known = JudgeRef {
        calibration: Some(found.clone()),
        ..judged.judge.clone()
    };
    plan.judges.insert(found.scorer.clone(), known);
    let mut row = judged.row.clone();
    row.plan = serde_json::to_value(&plan).expect("a snapshot is plain data");
    let note = Note::Run(Box::new(row), judged.loaded.plan.dataset.clone());
    judged
        .store
        .write_now(note)
        .map_err(|error| vec![trouble(&error)])
}

fn seed(judged: &Judged) -> u64 {
    let hash = short_hash(&[&judged.plan.dataset.hash, &judged.scorer().name]);
    judged.plan.seed ^ u64::from_str_radix(&hash[..16], 16).unwrap_or_default()
}

/// Every labelled answer with the judge's score; and what had to be left out, a sentence each.
fn rated(
    judged: &Judged,
    labels: &[Label],
    source: &Source,
) -> Result<(Vec<Rated>, Vec<String>), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut found: BTreeMap<(String, String, u32), Rated> = BTreeMap::new();
    let (mut silent, mut unjudged) = (0, 0);
    for label in labels {
        let at = |why: String| Problem::error(format!("{}:{}: {why}", source.name, label.line));
        let (case, column) = match place(judged, label) {
            Ok(place) => place,
            Err((why, help)) => {
                problems.push(at(why).help(help));
                continue;
            }
        };
        let Some(label_worth) = worth(&label.label, &judged.judge.grades) else {
            let grades: Vec<&str> = judged.judge.grades.iter().map(|it| it.0.as_str()).collect();
            let why = format!("{:?} is no grade of {}", label.label, judged.scorer().name);
            problems.push(at(why).help(format!("grades: {}", grades.join(", "))));
            continue;
        };
        let trial = judged.plan.trial_id(case, column, label.repeat);
        let answer = judged.stored.records.get(&trial).and_then(reply);
        let (Some(answer), score) = (answer, judged.score(&trial)) else {
            silent += 1;
            continue;
        };
        let Some(score) = score else {
            unjudged += 1;
            continue;
        };
        let key = (case.id.clone(), column.name.clone(), label.repeat);
        let one = found.entry(key).or_insert_with(|| Rated {
            case: case.id.clone(),
            candidate: column.name.clone(),
            repeat: label.repeat,
            answer: answer_hash(answer),
            chars: answer.text.chars().count(),
            own_family: family(&column.model)
                .map(|kin| judged.judge.families.iter().any(|it| it == kin)),
            judge: score,
            people: BTreeMap::new(),
        });
        let rater = match label.rater.as_str() {
            "" => "unnamed",
            name => name,
        };
        if one.people.insert(rater.to_owned(), label_worth).is_some() {
            problems.push(at(format!("{rater} labels this answer a second time")));
        }
    }
    if !problems.is_empty() {
        let more = problems.len().saturating_sub(MOST);
        problems.truncate(MOST);
        if more > 0 {
            problems.push(Problem::error(format!("and {more} more like these")));
        }
        return Err(problems);
    }
    let name = &judged.scorer().name;
    let said = [
        (
            silent,
            "belong to trials that have no answer in this run".to_owned(),
        ),
        (
            unjudged,
            format!(
                "belong to answers that {name}, as it is now, did not judge; `bakeoff score` makes up for that"
            ),
        ),
    ];
    let said = said.into_iter().filter(|(n, _)| *n > 0);
    let said = said.map(|(n, what)| format!("{n} labels {what}"));
    Ok((found.into_values().collect(), said.collect()))
}

type Place<'a> = (&'a crate::dataset::Case, &'a crate::plan::Column);

/// The case and the candidate that a label means.
fn place<'a>(judged: &'a Judged, label: &Label) -> Result<Place<'a>, (String, String)> {
    let cases = &judged.stored.cases;
    let case = cases.iter().find(|case| case.id == label.case);
    let ids = cases.iter().map(|case| case.id.as_str());
    let near = |word: &str, near: Option<&str>| match near {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("the run is {}, and knows no {word:?}", judged.row.id),
    };
    let case = case.ok_or_else(|| {
        let help = near(&label.case, did_you_mean(&label.case, ids));
        (format!("there is no case {:?}", label.case), help)
    })?;
    let columns = &judged.plan.candidates;
    let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
    match (&label.candidate, columns.as_slice()) {
        (None, [one]) => Ok((case, one)),
        (None, _) => Err((
            "which candidate's answer is it?".into(),
            format!("give the column `candidate`: {}", names.join(", ")),
        )),
        (Some(name), _) => {
            let column = columns.iter().find(|it| it.name == *name);
            let help = || near(name, did_you_mean(name, names.iter().copied()));
            let column = column.ok_or_else(|| (format!("there is no candidate {name:?}"), help()));
            Ok((case, column?))
        }
    }
}

/// How pairwise scorers of the same models took to places in this run.
fn position(judged: &Judged) -> Option<Position> {
    let judges = &judged.plan.judges;
    let same = |scorer: &str| {
        let models = judges.get(scorer).map(|it| &it.models);
        models.is_some_and(|models| models.iter().any(|it| judged.judge.models.contains(it)))
    };
    let seen = judged.stored.preferences.iter();
    let seen = seen.filter(|it| same(&it.scorer));
    let orders: Vec<Order> = seen
        .filter_map(|it| Some(it.result.as_ref().ok()?.order))
        .collect();
    let count = |order: Order| orders.iter().filter(|it| **it == order).count();
    Position::of(
        count(Order::Consistent),
        count(Order::First),
        count(Order::Second),
    )
}
