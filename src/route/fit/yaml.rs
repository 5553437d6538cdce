//! A fitted rule in words, and as an entry of `routes:`.

use super::family::{By, Family, KINDS};
use super::{Branch, Matrix};
use serde_json::json;
use std::fmt::Write;

/// Neighbouring bins that do the same, each run of them: first and last bin, and the action.
fn runs(rule: &[usize]) -> Vec<(usize, usize, usize)> {
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    for (bin, action) in rule.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if run.2 == *action => run.1 = bin,
            _ => runs.push((bin, bin, *action)),
        }
    }
    runs
}

/// The actions of a table, each with its bins; by the first bin that has it.
fn groups(rule: &[usize]) -> Vec<(usize, Vec<usize>)> {
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for (bin, action) in rule.iter().enumerate() {
        match groups.iter_mut().find(|group| group.0 == *action) {
            Some(group) => group.1.push(bin),
            None => groups.push((*action, vec![bin])),
        }
    }
    groups
}

/// The rule in words.
pub(super) fn branches(matrix: &Matrix, family: &Family, rule: &[usize]) -> Vec<Branch> {
    let ask = |action: usize| -> Vec<String> {
        let names = family.actions[action].iter();
        names.map(|c| matrix.candidates[*c].clone()).collect()
    };
    let cases = |bins: &dyn Fn(usize) -> bool| {
        let held = family.bins.iter().filter(|bin| bins(**bin as usize));
        held.count()
    };
    if family.edges.is_empty() {
        let branch = |(action, bins): (usize, Vec<usize>)| Branch {
            when: bins
                .iter()
                .map(|bin| label(&family.labels[*bin]))
                .collect::<Vec<_>>()
                .join(", "),
            ask: ask(action),
            cases: cases(&|bin| bins.contains(&bin)),
        };
        return groups(rule).into_iter().map(branch).collect();
    }
    let of = match &family.by {
        By::Signal { name, .. } => name.as_str(),
        _ => "tokens",
    };
    let last = rule.len().saturating_sub(1);
    let branch = |(from, to, action): (usize, usize, usize)| Branch {
        when: match (from == 0, to == last) {
            (true, true) => "always".to_owned(),
            (true, false) => format!("{of} below {}", family.edges[to + 1]),
            (false, true) => format!("{of} from {}", family.edges[from]),
            (false, false) => format!(
                "{of} from {} below {}",
                family.edges[from],
                family.edges[to + 1]
            ),
        },
        ask: ask(action),
        cases: cases(&|bin| (from..=to).contains(&bin)),
    };
    runs(rule).into_iter().map(branch).collect()
}

fn label(text: &str) -> &str {
    if text.is_empty() { "(none)" } else { text }
}

/// The rule as a block to paste: `routes:` with one entry.
pub(super) fn block(matrix: &Matrix, family: &Family, rule: &[usize]) -> String {
    let name = |action: usize| {
        let last = family.actions[action].last().copied().unwrap_or(0);
        quoted(&matrix.candidates[last])
    };
    let mut out = format!(
        "routes:\n  - name: {}\n",
        quoted(&format!("by {}", family.by.name()))
    );
    if let By::Signal {
        name: signal,
        cheap,
    } = &family.by
    {
        cascade(&mut out, family, rule, signal, cheap, &name);
        return out;
    }
    out += "    cost:\n      rules:\n";
    let mut line = |text: String| {
        writeln!(out, "        - {{{text}}}").expect("a String takes every write");
    };
    let otherwise = match &family.by {
        By::Text => {
            let place = |kind: &str| family.labels.iter().position(|label| label == kind);
            for (kind, pattern) in KINDS {
                if let Some(bin) = place(kind) {
                    line(format!(
                        "matches: {}, use: {}",
                        quoted(pattern),
                        name(rule[bin])
                    ));
                }
            }
            place("other").map_or(rule[0], |bin| rule[bin])
        }
        By::Category(column) => {
            let mut groups = groups(rule);
            // the action of most cases is what is left
            let cases = |bins: &Vec<usize>| {
                let held = family
                    .bins
                    .iter()
                    .filter(|bin| bins.contains(&(**bin as usize)));
                held.count()
            };
            let most = (0..groups.len())
                .max_by_key(|at| cases(&groups[*at].1))
                .unwrap_or(0);
            let (otherwise, _) = groups.remove(most);
            for (action, bins) in groups {
                let values = bins.iter().map(|bin| family.labels[*bin].as_str());
                let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
                line(format!(
                    "{}, use: {}",
                    sorts(matrix, column, &values),
                    name(action)
                ));
            }
            otherwise
        }
        _ => {
            let all = runs(rule);
            for (_, to, action) in &all[..all.len() - 1] {
                // the first rule that fits decides, so upper limits are enough
                let most = family.edges[to + 1] - 1.0;
                line(format!("max_prompt_tokens: {most}, use: {}", name(*action)));
            }
            all[all.len() - 1].2
        }
    };
    writeln!(out, "      else: {}", name(otherwise)).expect("a String takes every write");
    out
}

/// What a rule says of a column: by tags where the cases have it as a tag.
fn sorts(matrix: &Matrix, column: &str, values: &[&str]) -> String {
    let tagged = matrix.requests.iter().flat_map(|request| &request.tags);
    let tagged = tagged
        .filter_map(|tag| tag.split_once('='))
        .any(|(name, _)| name == column);
    let list = |values: Vec<String>| {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        format!("[{}]", values.join(", "))
    };
    match tagged {
        true => format!(
            "tags: {}",
            list(values.iter().map(|v| format!("{column}={v}")).collect())
        ),
        false => format!(
            "column: {}, is: {}",
            quoted(column),
            list(values.iter().map(|v| (*v).to_owned()).collect())
        ),
    }
}

fn cascade(
    out: &mut String,
    family: &Family,
    rule: &[usize],
    signal: &str,
    cheap: &str,
    name: &dyn Fn(usize) -> String,
) {
    let all = runs(rule);
    let (Some((_, to, doubt)), true) = (all.first(), all.len() > 1) else {
        writeln!(out, "    cascade: [{}]", name(rule[0])).expect("a String takes every write");
        return;
    };
    let least = family.edges[to + 1];
    let accept = match (signal, signal.strip_prefix("confidence ")) {
        ("logprob", _) => format!("{{logprob: {least}}}"),
        (_, Some(path)) => {
            format!(
                "{{confidence: {{path: {}, at_least: {least}}}}}",
                quoted(path)
            )
        }
        // a scorer says whether the answer passed: its threshold is the scorer's own
        _ => format!(
            "{{scorer: {}}}  # with `threshold: {least}` at the scorer",
            quoted(signal)
        ),
    };
    writeln!(
        out,
        "    cascade:\n      - use: {}\n        accept: {accept}\n      - {}",
        quoted(cheap),
        name(*doubt)
    )
    .expect("a String takes every write");
}

/// A text as YAML takes it: JSON's quotes.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}
