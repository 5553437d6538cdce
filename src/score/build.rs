//! From a suite's `scorers:` to scorers: names, kinds and files resolved, everything checked before
//! the first call is paid.

use super::common::{COMMON, Common};
use super::judge::{self, Rubric};
use super::kind::Given;
use super::named::Target;
use super::piece::Piece;
use super::vary::Varying;
use super::{Build, KINDS, Kind, Named};
use crate::source::{self, Block, Problem, clip, did_you_mean};
use serde_json::{Value, json};
use std::collections::HashSet;

/// The scorers of a suite (the map with `scorers:`), or all that is wrong with them.
pub fn build_all(suite: &Block<'_>, build: &Build<'_>) -> Result<Vec<Named>, Vec<Problem>> {
    let list = suite.child("scorers");
    let blocks = match list.as_ref().map(|list| &list.node().value) {
        Some(source::Kind::List(items)) if !items.is_empty() => {
            list.as_ref().map(Block::children).unwrap_or_default()
        }
        None | Some(source::Kind::List(_) | source::Kind::Null) => {
            let at = list.as_ref().unwrap_or(suite);
            let problem = at.problem("no scorers: nothing would be measured", "");
            return Err(vec![
                problem.help("add one to `scorers:`, for example `- exact`"),
            ]);
        }
        Some(_) => {
            let at = list.as_ref().unwrap_or(suite);
            return Err(vec![
                at.problem("`scorers` is a list", "")
                    .help("write `scorers: [exact]`"),
            ]);
        }
    };
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    let mut given = HashSet::new();
    for (_, block) in &blocks {
        match definition(block, build) {
            Err(more) => problems.extend(more),
            Ok(named) => {
                let explicit = block.child("name");
                match explicit {
                    Some(at) if !given.insert(named.name.clone()) => {
                        let title = format!("two scorers are called `{}`", clip(&named.name));
                        problems.push(
                            at.problem(title, "the second one")
                                .help("give one another `name`"),
                        );
                    }
                    at => all.push((named, at.is_some())),
                }
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut taken = given;
    let named = all.into_iter().map(|(mut named, explicit)| {
        if !explicit {
            named.name = free(&named.name, &taken);
            taken.insert(named.name.clone());
        }
        named
    });
    Ok(named.collect())
}

/// `name`, or the first of `name-2`, `name-3` … that is not taken.
fn free(name: &str, taken: &HashSet<String>) -> String {
    let numbered = (2..).map(|n| format!("{name}-{n}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names
        .find(|name| !taken.contains(name))
        .expect("the names do not end")
}

/// One scorer from its definition: a name, or a map with one kind and the common keys.
pub(super) fn definition(block: &Block<'_>, build: &Build<'_>) -> Result<Named, Vec<Problem>> {
    if build.depth > 16 {
        return Err(vec![block.problem("scorers are nested too deep", "")]);
    }
    match &block.node().value {
        source::Kind::Text(name) => resolve(name, block, true, Common::default(), build),
        source::Kind::Map(_) => from_map(block, build),
        _ => {
            let problem = block.problem("a scorer is a name or a map", "");
            Err(vec![
                problem.help("for example `exact`, or `{contains: refund}`"),
            ])
        }
    }
}

fn from_map(block: &Block<'_>, build: &Build<'_>) -> Result<Named, Vec<Problem>> {
    let mut problems = Vec::new();
    let on = block.child("on").map(|on| Piece::of(&on, build));
    let on = on.transpose().map_err(|more| problems.extend(more));
    let on = on.unwrap_or_default();
    let groups = on.as_ref().map_or(&[][..], |on| &on.names);
    let columns = [build.columns, groups].concat();
    let build = &build.over(&columns);
    let common = Common {
        on,
        ..Common::read(block, build, &mut problems)
    };
    let rest = block
        .children()
        .into_iter()
        .filter(|(key, _)| !COMMON.contains(&key.as_str()));
    let (kinds, unknown): (Vec<_>, Vec<_>) =
        rest.partition(|(key, _)| kind(key).is_some() || build.file(key).is_some());
    for (key, _) in &unknown {
        let what = if kinds.is_empty() { "scorer" } else { "key" };
        let problem = block.key_problem(key, format!("unknown {what} `{}`", clip(key)), "");
        problems.push(problem.help(meant(key, build)));
    }
    match kinds.as_slice() {
        [(key, value)] => match resolve(key, value, false, common, build) {
            Ok(named) if problems.is_empty() => return Ok(named),
            Ok(_) => {}
            Err(more) => problems.extend(more),
        },
        [] if unknown.is_empty() => {
            let problem = block.problem("a scorer without a kind", "");
            problems.push(problem.help(format!("give it one of {}", names().join(", "))));
        }
        [] => {}
        [(first, _), (second, _), ..] => {
            let title = format!(
                "two kinds in one scorer: `{}` and `{}`",
                clip(first),
                clip(second)
            );
            let problem = block.key_problem(second, title, "");
            problems.push(problem.help("make them two scorers, or parts of `all: […]`"));
        }
    }
    Err(problems)
}

/// The scorer that a kind's or a file's name and the value beside it mean.
fn resolve(
    name: &str,
    value: &Block<'_>,
    bare: bool,
    common: Common,
    build: &Build<'_>,
) -> Result<Named, Vec<Problem>> {
    let before = build.seen.borrow().len();
    let mut named = match (kind(name), build.file(name)) {
        (Some(_), Some(path)) => {
            let title = format!("`{name}` is a kind of scorer and the file {path}");
            let problem = value.problem(title, "");
            return Err(vec![problem.help("give the file another name")]);
        }
        (Some(kind), None) => {
            let given = Given {
                kind,
                block: value,
                bare,
            };
            let mut scorer = (kind.build)(&given, build)?;
            if let Some(columns) = common.vary.clone() {
                scorer = Box::new(Varying::new(&given, scorer, columns, build)?);
            }
            finish(kind, value, bare, common, scorer)
        }
        (None, Some(path)) => from_file(name, &path, value, bare, common, build)?,
        (None, None) => {
            let problem = value.problem(format!("unknown scorer `{}`", clip(name)), "");
            return Err(vec![problem.help(meant(name, build))]);
        }
    };
    let mut hasher = blake3::Hasher::new_derive_key("bakeoff scorer 1");
    hasher.update(named.definition.as_bytes());
    for file in &build.seen.borrow()[before..] {
        hasher.update(file.text.as_bytes());
        hasher.update(&(file.text.len() as u64).to_le_bytes());
    }
    named.definition = hasher.finalize().to_hex()[..32].to_owned();
    Ok(named)
}

/// The scorer with all that is said about it; its `definition` is still the text, not its hash.
fn finish(
    kind: &'static Kind,
    value: &Block<'_>,
    bare: bool,
    common: Common,
    scorer: Box<dyn super::Scorer>,
) -> Named {
    let when = common.when.unwrap_or_default();
    let own = common.target.as_ref().map(|target| match target {
        Target::Value(value) => json!({ "value": value }),
        Target::Phrase(phrase) => json!({ "template": phrase.written() }),
    });
    let mut definition = json!({
        "kind": kind.name,
        "params": if bare { Value::Null } else { sorted(value.value()) },
        "threshold": common.threshold,
        "when": [when.any, when.none],
        "target": own,
    });
    if let Some(vary) = &common.vary {
        definition["override"] = vary.written();
    }
    if let Some(on) = &common.on {
        definition["on"] = sorted(on.written.clone());
    }
    Named {
        name: common.name.unwrap_or_else(|| kind.name.to_owned()),
        kind: kind.name,
        weight: common.weight.unwrap_or(1.0),
        definition: definition.to_string(),
        threshold: common.threshold,
        when,
        target: common.target,
        on: common.on,
        scorer,
    }
}

/// A scorer from a file in `scorers/`: a definition like any other, or a rubric, which still needs
/// the judge's model.
fn from_file(
    name: &str,
    path: &str,
    value: &Block<'_>,
    bare: bool,
    common: Common,
    build: &Build<'_>,
) -> Result<Named, Vec<Problem>> {
    if build.inside.iter().any(|outer| outer == name) {
        let title = format!("the scorer `{name}` names itself");
        return Err(vec![value.problem(title, "")]);
    }
    let file = build.document(path, value)?;
    let top = file.top();
    if common.vary.is_some() {
        let title = format!("`{name}` is a file's scorer: its `override` stands in the file");
        return Err(vec![
            value.problem(title, "").help(format!("put it into {path}")),
        ]);
    }
    let common = Common {
        name: common.name.or_else(|| Some(name.to_owned())),
        ..common
    };
    if top.child("criteria").is_some() {
        if bare || (value.child("model").is_none() && value.child("models").is_none()) {
            let problem = value.problem(
                format!("`{name}` is a rubric: it needs a model that judges"),
                "",
            );
            return Err(vec![
                problem.help(format!("write `{{{name}: {{model: provider/name}}}}`")),
            ]);
        }
        let rubric = top.read::<Rubric>()?;
        let given = Given {
            kind: &judge::KIND,
            block: value,
            bare,
        };
        let scorer = judge::build_with(&given, Some((rubric, &top)), build)?;
        return Ok(finish(&judge::KIND, value, bare, common, scorer));
    }
    if !bare && value.node().value != source::Kind::Null {
        let problem = value.problem(
            format!("`{name}` is a file's scorer and takes no parameters"),
            "",
        );
        return Err(vec![
            problem.help(format!("change {path}, or write its kind here")),
        ]);
    }
    let inner = definition(&top, &build.within(name))?;
    let own = Common {
        name: None,
        weight: Some(inner.weight),
        threshold: inner.threshold,
        when: Some(inner.when),
        target: inner.target,
        on: inner.on,
        vary: None,
    };
    let common = common.or(own);
    Ok(finish(
        kind(inner.kind).expect("it was built from it"),
        &top,
        false,
        common,
        inner.scorer,
    ))
}

fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.name == name)
}

fn names() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.name).collect()
}

/// What an unknown key was meant to be, or what there is.
fn meant(key: &str, build: &Build<'_>) -> String {
    let files = build.files();
    let known = names()
        .into_iter()
        .chain(COMMON)
        .chain(files.iter().map(String::as_str));
    match did_you_mean(key, known) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!(
            "there are {}, and the files in scorers/: {}",
            names().join(", "),
            files.join(", ")
        ),
    }
}

/// The same value with every map's keys in order, so that their order changes no hash.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect()
        }
        one => one,
    }
}

#[cfg(test)]
mod tests;
