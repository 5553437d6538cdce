//! Rows to cases: which column is the id, the target, the group, a tag.

use super::fault::Faults;
use super::places::Places;
use super::{Case, Row, Table, hash, no_column, tags};
use crate::project::DatasetMap;
use crate::source::{Problem, Source, clip};
use crate::template::{Syntax, Template};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Longest text of a cell, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Longest id, in bytes.
const MAX_ID: usize = 256;

/// The part that each column plays.
struct Roles {
    id: Option<String>,
    target: Target,
    group: Option<String>,
    tags: Vec<String>,
}

enum Target {
    None,
    Column(String),
    Template(Template),
}

/// The columns (renamed) and the cases; faults of single rows are added to `faults`.
pub(super) fn cases(
    table: Table,
    options: &DatasetMap,
    places: &Places<'_>,
    faults: &mut Faults,
) -> Result<(Vec<String>, Vec<Case>), Vec<Problem>> {
    let Table { columns, mut rows } = table;
    let columns = rename(columns, &mut rows, options, places)?;
    let roles = roles(&columns, options, places)?;
    let case = |row| case(row, &roles, faults);
    let cases: Vec<Case> = rows.into_iter().filter_map(case).collect();
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(cases.len());
    for case in &cases {
        if let Some(first) = seen.insert(&case.id, case.line) {
            let what = match &roles.id {
                Some(_) => format!("two rows have the id `{}`", clip(&case.id)),
                None => "two rows are the same".to_owned(),
            };
            faults.push(case.line, what, format!("the first is in line {first}"));
        }
    }
    Ok((columns, cases))
}

fn rename(
    mut columns: Vec<String>,
    rows: &mut [Row],
    options: &DatasetMap,
    places: &Places<'_>,
) -> Result<Vec<String>, Vec<Problem>> {
    if options.columns.is_empty() {
        return Ok(columns);
    }
    let mut new_names: HashMap<&str, &str> = HashMap::new();
    let mut problems = Vec::new();
    for (new, old) in &options.columns {
        if !columns.contains(old) {
            problems.push(places.place(no_column(old, &columns), &["columns", new]));
        } else if columns.contains(new) && !options.columns.values().any(|old| old == new) {
            let title = format!("there is a column `{new}` already");
            problems.push(places.place(Problem::error(title), &["columns", new]));
        }
        new_names.insert(old, new);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let renamed = |name: &str| (*new_names.get(name).unwrap_or(&name)).to_owned();
    for row in rows {
        let vars = std::mem::take(&mut row.vars);
        row.vars = vars
            .into_iter()
            .map(|(name, value)| (renamed(&name), value))
            .collect();
    }
    columns.iter_mut().for_each(|name| *name = renamed(name));
    Ok(columns)
}

fn roles(
    columns: &[String],
    options: &DatasetMap,
    places: &Places<'_>,
) -> Result<Roles, Vec<Problem>> {
    let mut problems = Vec::new();
    let has = |name: &str| columns.iter().any(|column| column == name);
    let default = |name: &str| has(name).then(|| name.to_owned());
    let mut named = |name: &String, keys: &[&str]| {
        if has(name) {
            return Some(name.clone());
        }
        problems.push(places.place(no_column(name, columns), keys));
        None
    };
    let id = match &options.id {
        Some(name) => named(name, &["id"]),
        None => default("id"),
    };
    let group = match &options.group {
        Some(name) => named(name, &["group"]),
        None => default("group"),
    };
    let tags = match options.tags.as_slice() {
        [] => default("tags").into_iter().collect(),
        names => {
            let named =
                |(index, name): (usize, &String)| named(name, &["tags", &index.to_string()]);
            names.iter().enumerate().filter_map(named).collect()
        }
    };
    let target = match &options.target {
        None => default("target")
            .or_else(|| default("expected"))
            .map(Target::Column),
        Some(text) if text.contains("{{") && !has(text) => {
            let template = template(text, columns, places).map(Target::Template);
            template.map_err(|wrong| problems.extend(wrong)).ok()
        }
        Some(name) => named(name, &["target"]).map(Target::Column),
    };
    let target = target.unwrap_or(Target::None);
    let roles = Roles {
        id,
        target,
        group,
        tags,
    };
    problems.sort_by_key(|problem| problem.at.as_ref().map(|at| at.span.start));
    if problems.is_empty() {
        Ok(roles)
    } else {
        Err(problems)
    }
}

fn template(text: &str, columns: &[String], places: &Places<'_>) -> Result<Template, Vec<Problem>> {
    let template = match places
        .part(&["target"])
        .filter(|part| part.text() == Some(text))
    {
        Some(target) => Template::of_block(&target),
        None => {
            let source = Arc::new(Source::new("target", text));
            Template::parse(text, &source, 0..text.len(), Syntax::Handlebars)
        }
    };
    let template = template.map_err(|problem| vec![problem])?;
    let problems = template.check(columns.iter().map(String::as_str));
    if problems.is_empty() {
        Ok(template)
    } else {
        Err(problems)
    }
}

fn case(row: Row, roles: &Roles, faults: &mut Faults) -> Option<Case> {
    let Row { line, vars } = row;
    if let Some((name, _)) = vars.iter().find(|(_, value)| too_long(value)) {
        faults.push(line, format!("`{}` is longer than 1 MiB", clip(name)), "");
        return None;
    }
    let id = match &roles.id {
        Some(column) => match vars.get(column).map(plain) {
            Some(id) if id.len() > MAX_ID => {
                faults.push(line, format!("the id is longer than {MAX_ID} bytes"), "");
                return None;
            }
            _ if matches!(vars.get(column), Some(Value::Array(_) | Value::Object(_))) => {
                faults.push(line, "an id is text, not a list or a map", "");
                return None;
            }
            Some(id) if !id.trim().is_empty() => id,
            _ => {
                faults.push(line, format!("no id in column `{column}`"), "");
                return None;
            }
        },
        None => hash::row(&vars),
    };
    let target = match &roles.target {
        Target::None => None,
        Target::Column(column) => vars.get(column).filter(|value| !is_empty(value)).cloned(),
        Target::Template(template) => match template.render(&vars) {
            Ok(text) => Some(Value::String(text)),
            Err(problem) => {
                faults.push(line, format!("the target: {}", problem.title), "");
                return None;
            }
        },
    };
    let group = roles.group.as_ref().and_then(|column| vars.get(column));
    let group = group.filter(|value| !is_empty(value)).map(plain);
    let tags = roles
        .tags
        .iter()
        .flat_map(|column| tags::of(column, vars.get(column)))
        .collect();
    Some(Case {
        id,
        vars,
        target,
        group,
        tags,
        line,
    })
}

fn too_long(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.len() > MAX_TEXT)
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Null) || value.as_str() == Some("")
}

/// A value as text: text as it is, nothing as nothing, the rest as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
