//! A comparison as a reader sees it: one plain sentence first, then where it comes from.

mod detail;

use super::html::fact;
use super::number::{NONE, Scale, count, counted, money};
use super::prose::{Block, Table, render};
use super::sheet::{self, Sheet};
use super::{Look, Report, annotation, differences, json, junit, words};
use crate::source::Problem;
use crate::summary::Verdict;
use crate::summary::compare::{Compared, Comparison};

/// Most differences that are told in a sentence each.
const TOLD: usize = 40;

/// The comparison as `terminal`, `markdown`, `json`, `junit` or `github`; `None` for another format.
pub fn comparison(found: &Comparison, format: &str, look: &Look) -> Option<String> {
    match format {
        "junit" => Some(junit::of_comparison(found)),
        "github" => Some(annotation::commands(&annotation::of_comparison(found))),
        _ => render(format, &|| blocks(found), &|| json::document(found), look),
    }
}

/// The comparison as a page; `run` is the run it is of, with the name that commands accept.
pub fn comparison_page(
    found: &Comparison,
    run: Option<(&str, &Report)>,
    look: &Look,
) -> Result<String, Problem> {
    let scale = scale(found);
    let forest = differences::forest(
        "differences",
        scale,
        found.contrasts.iter().map(|c| &c.contrast),
    );
    let mut methods: Vec<&str> = found
        .contrasts
        .iter()
        .map(|c| c.contrast.method.as_str())
        .collect();
    methods.extend(found.candidates.iter().map(|c| c.method));
    methods.push("margin");
    let several = found.contrasts.len() > 1;
    methods.extend(several.then_some("holm"));
    methods.extend(found.best.as_ref().map(|_| "tied"));
    let single = found.contrasts.first().filter(|_| !several);
    methods.extend(single.filter(|c| !c.slices.is_empty()).map(|_| "bh"));
    methods.extend(
        single
            .and_then(|c| c.cost_ratio.or(c.latency_ratio))
            .map(|_| "ratio_of_means"),
    );
    methods.extend(single.map(|_| "noise"));
    let sheet = Sheet {
        kind: "Comparison",
        suite: found.sources.join(", "),
        run,
        blocks: blocks(found),
        charts: forest.into_iter().collect(),
        methods,
        facts: vec![
            fact("Compared", found.sources.join(", ")),
            fact("Margin", Scale::Percent.margin(found.margin)),
        ],
    };
    sheet::page("reports/compare.html.hbs", sheet, look)
}

fn blocks(found: &Comparison) -> Vec<Block> {
    let scale = scale(found);
    let mut said = Vec::new();
    match &found.contrasts[..] {
        [] => said.push(Block::Lead("There is nothing to compare.".into())),
        [one] => {
            said.push(Block::Lead(words::difference(scale, &one.contrast)));
            said.extend(detail::money_and_time(one));
        }
        several => said.extend(field(found, several)),
    }
    said.push(Block::Table(candidates(found, scale)));
    if let [one] = &found.contrasts[..] {
        said.extend(detail::of(one, scale));
    } else {
        let told = found.contrasts.iter().take(TOLD);
        said.extend(told.map(|c| sentence(c, found.contrasts.len(), scale)));
        if found.contrasts.len() > TOLD {
            let more = counted(found.contrasts.len() - TOLD, "more difference");
            said.push(Block::Item(format!("{more}: see --format json")));
        }
    }
    said.extend(found.notes.iter().cloned().map(Block::Caution));
    said.extend(repeats(found).map(Block::Caution));
    said.push(Block::Small(facts(found)));
    said
}

/// How the scores are read.
pub(super) fn scale(found: &Comparison) -> Scale {
    let scores = found.candidates.iter().filter_map(|c| c.score);
    Scale::of(
        scores
            .flat_map(|s| [Some(s.value), s.low, s.high])
            .flatten(),
    )
}

/// What several candidates show together.
fn field(found: &Comparison, all: &[Compared]) -> Vec<Block> {
    let mut said = Vec::new();
    if let Some(best) = &found.best {
        let tied: Vec<&str> = best.tied.iter().map(String::as_str).collect();
        said.push(Block::Lead(match (tied.len(), found.candidates.len()) {
            (0, _) => format!("Nobody can be called the best on {}.", best.scorer),
            (1, _) => format!("{} is best on {}.", tied[0], best.scorer),
            (n, all) if n == all => {
                format!(
                    "The data cannot tell the {n} candidates apart on {}.",
                    best.scorer
                )
            }
            _ => format!(
                "{} could be the best on {}: the data cannot tell them apart.",
                words::list(&tied),
                best.scorer
            ),
        }));
        said.extend(words::left_out(best).into_iter().map(Block::Caution));
    }
    let below = |p: Option<f64>| p.is_some_and(|p| p < 0.05);
    let raw = all.iter().filter(|c| below(c.contrast.p_exact)).count();
    let corrected = all.iter().filter(|c| below(c.p_adjusted)).count();
    let text = format!(
        "Of {} {raw} differ one by one at 5%, {corrected} after Holm's correction for looking at all of them.",
        counted(all.len(), "pair")
    );
    said.push(match said.is_empty() {
        true => Block::Lead(text),
        false => Block::Say(text),
    });
    said
}

fn sentence(c: &Compared, family: usize, scale: Scale) -> Block {
    let text = words::difference(scale, &c.contrast);
    let claim = matches!(c.contrast.verdict, Verdict::Improved | Verdict::Regressed);
    let stands = c.p_adjusted.is_none_or(|p| p < 0.05);
    if claim && !stands {
        let family = count(family);
        return Block::Item(format!(
            "{text} It does not stand after correcting for {family} comparisons."
        ));
    }
    match c.contrast.verdict {
        Verdict::Improved => Block::Good(text),
        Verdict::Regressed | Verdict::Invalid => Block::Bad(text),
        _ => Block::Item(text),
    }
}

fn candidates(found: &Comparison, scale: Scale) -> Table {
    let priced = found.candidates.iter().any(|c| c.cost_per_case.is_some());
    let mut head = vec!["candidate", found.scorer.as_str(), "95% CI", "n"];
    head.extend(priced.then_some("cost/case"));
    let rows = found.candidates.iter().map(|c| {
        let tied = found.best.as_ref().map(|best| &best.tied);
        let tied = tied.is_some_and(|tied| tied.len() > 1 && tied.contains(&c.name));
        let none = || NONE.to_owned();
        let mut row = vec![
            format!("{} {}", if tied { "*" } else { " " }, c.name),
            c.score
                .map_or_else(none, |s| scale.value(s.value, s.low, s.high)),
            c.score
                .map(|s| scale.range(s.value, s.low, s.high))
                .filter(|range| !range.is_empty())
                .unwrap_or_else(none),
            count(c.score.map_or(0, |s| s.n)),
        ];
        if priced {
            row.push(c.cost_per_case.map_or_else(none, money));
        }
        row
    });
    Table {
        title: String::new(),
        rows: rows.collect(),
        head: head.into_iter().map(str::to_owned).collect(),
    }
}

/// Whether more cases or more repeats would help, where repeats tell.
fn repeats(found: &Comparison) -> Option<String> {
    let measured: Vec<_> = found.candidates.iter().filter_map(|c| c.repeats).collect();
    let cases = measured.iter().filter(|noise| noise.add_cases).count();
    (!measured.is_empty()).then(|| {
        let advice = match cases == measured.len() {
            true => "more cases would help more than more repeats",
            false => "more repeats would still help; more cases always do",
        };
        format!("{:.1} repeats a case: {advice}", measured[0].per_case)
    })
}

fn facts(found: &Comparison) -> String {
    let mut methods: Vec<&str> = found
        .contrasts
        .iter()
        .map(|c| c.contrast.method.as_str())
        .collect();
    methods.sort_unstable();
    methods.dedup();
    let marked = found.best.as_ref().is_some_and(|best| best.tied.len() > 1);
    let star = if marked {
        "* could be the best · "
    } else {
        ""
    };
    format!(
        "{star}differences are first minus second · 95% intervals: {} · margin {} · {}",
        methods.join(", "),
        Scale::Percent.margin(found.margin),
        found.sources.join(", ")
    )
}
