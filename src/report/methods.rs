//! The statistical methods in plain words, so that every name on a page leads to a paragraph of that page.

use crate::summary::Summary;
use serde::Serialize;
use std::collections::BTreeSet;

/// A statistical method in plain words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Method {
    /// Its name in results: the paragraph's id in a page is `method-` and this.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it does.
    pub about: &'static str,
}

const fn method(name: &'static str, title: &'static str, about: &'static str) -> Method {
    Method { name, title, about }
}

/// Every method, those that make intervals of one candidate first.
const METHODS: &[Method] = &[
    method(
        "wilson",
        "Wilson",
        "The range of true pass rates that would not make the observed rate surprising. It stays honest near 0% and 100% and with few cases.",
    ),
    method(
        "bca",
        "BCa bootstrap",
        "The cases are drawn again 10,000 times with replacement; the interval is where the middle 95% of those means lie, corrected for bias and skew.",
    ),
    method(
        "bootstrap",
        "bootstrap of the whole",
        "A figure over all cases that is no mean, like corpus BLEU or macro F1: the cases (or their groups) are drawn again up to 10,000 times with replacement and the figure is made anew; the interval is where the middle 95% lie.",
    ),
    method(
        "cr2",
        "CR2 cluster",
        "Cases of one group (a customer, a document) resemble each other; this interval counts the groups, not the rows, and corrects for few groups.",
    ),
    method(
        "newcombe",
        "Newcombe paired",
        "Both candidates answered the same cases, so only the cases on which they differ count; the interval of the difference of two rates on the same cases.",
    ),
    method(
        "ppi++",
        "PPI++",
        "People labelled a random part of these answers; the judge's scores of the rest count as far as they follow those labels, and the interval holds the uncertainty of both.",
    ),
    method(
        "rogan_gladen",
        "Rogan-Gladen",
        "The judge's share of passes, corrected by how often it is right on what people passed and on what they failed; the interval holds the uncertainty of those two as well, and is wide for a weak judge.",
    ),
    method(
        "labels",
        "people's labels",
        "Every answer has a person's label, so the judge is not asked.",
    ),
    method(
        "t",
        "paired t",
        "The interval of the mean of the case-by-case differences. Where fewer than ten cases differ, one imagined win and one imagined loss are added, since a handful of equal differences looks far too certain.",
    ),
    method(
        "margin",
        "margin (non-inferiority)",
        "How much worse would not matter. \"Not worse\" is said only where the whole interval lies above the margin; that no drop was found does not show it.",
    ),
    method(
        "tied",
        "could be the best (max-T)",
        "Intervals for all pairs that hold together. Whoever is not shown to be behind anybody could be the best; the list holds the true best with 95%.",
    ),
    method(
        "holm",
        "Holm",
        "Of many pairs some differ by luck. The correction keeps the chance of even one false claim at 5%.",
    ),
    method(
        "bh",
        "Benjamini-Hochberg",
        "For slices, which are looked at to find where to look: of those that stand out, one in twenty may be luck.",
    ),
    method(
        "mcnemar",
        "McNemar",
        "Could a fair coin have split gained and lost like this? The exact test errs on the safe side.",
    ),
    method(
        "two_stage",
        "two-stage gate",
        "A drop that shows at 5% is flagged. Only if both sides, asked afresh, still show it at 1% on all replies together does it block: about one unchanged change in 200.",
    ),
    method(
        "order_statistic",
        "order statistics",
        "Median and P95 are replies of this run, and so are their limits: the replies that are 95% sure to enclose the true value. Below 72 replies P95 has no upper limit, and none is given.",
    ),
    method(
        "ratio_of_means",
        "ratio",
        "Cost is compared as the ratio of the means, latency as the ratio of the geometric means, each on the same cases, with an interval that is symmetric in times, not in dollars or seconds.",
    ),
    method(
        "paired_bootstrap",
        "paired bootstrap",
        "Cases are drawn again with replacement, both sides together, and the change of the quantile is made anew each time.",
    ),
    method(
        "noise",
        "noise floor (A/A)",
        "By how much two runs of the very same candidate differ. It is known only where cases were asked more than once.",
    ),
    method(
        "stability",
        "stability",
        "The rule that chose is repeated on resampled cases. Where fewer than 80% of them choose the same, the data do not separate the first two, and the cheaper one is named.",
    ),
    method(
        "winner",
        "winner's luck",
        "The highest of several looks better than it is, since luck helped it to the top. The corrected score takes that off.",
    ),
    method(
        "bradley_terry",
        "Bradley-Terry",
        "A ranking from who was preferred to whom, a tie half a win each; errors count cases.",
    ),
];

/// Other names that results have for the same.
const ALIASES: &[(&str, &[&str])] = &[
    ("mean", &["wilson", "bca", "cr2"]),
    ("paired", &["newcombe", "t", "cr2"]),
];

/// These methods, each once, in the order of the list; a name that has no paragraph is left out.
pub fn methods<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Method> {
    let mut used = BTreeSet::new();
    for name in names {
        match ALIASES.iter().find(|(alias, _)| *alias == name) {
            Some((_, all)) => used.extend(all.iter().copied()),
            None => drop(used.insert(name)),
        }
    }
    let known = METHODS.iter().filter(|it| used.contains(it.name));
    known.copied().collect()
}

/// The method of this name; none where a result names none.
pub fn known(name: &str) -> Option<Method> {
    METHODS.iter().find(|it| it.name == name).copied()
}

/// The methods behind the intervals of a summary's scores and differences.
pub fn of_intervals(summary: &Summary) -> Vec<Method> {
    let cells = summary.candidates.iter().flat_map(|r| r.scores.values());
    let scores = cells.map(|c| c.method.as_str());
    methods(scores.chain(summary.contrasts.iter().map(|c| c.method.as_str())))
}

/// All that a summary's page uses.
pub fn of_summary(summary: &Summary) -> Vec<Method> {
    let mut names: Vec<&str> = of_intervals(summary).iter().map(|it| it.name).collect();
    if !summary.contrasts.is_empty() {
        names.extend(["margin", "tied"]);
    }
    let timed = |it: &crate::summary::Row| it.latency_ms.p50.is_some();
    if summary.candidates.iter().any(timed) {
        names.push("order_statistic");
    }
    if summary.pairwise.iter().any(|it| !it.strengths.is_empty()) {
        names.push("bradley_terry");
    }
    methods(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ids_and_aliases_lead_somewhere() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_+".contains(c);
        for (at, it) in METHODS.iter().enumerate() {
            assert!(it.name.chars().all(plain), "{}", it.name);
            assert!(METHODS[..at].iter().all(|other| other.name != it.name));
            assert!(it.about.ends_with('.'), "{}", it.name);
        }
        for (_, all) in ALIASES {
            assert!(all.iter().all(|name| known(name).is_some()));
        }
        let found = methods(["paired", "wilson", "none", "t"]);
        let found: Vec<&str> = found.iter().map(|it| it.name).collect();
        assert_eq!(found, ["wilson", "cr2", "newcombe", "t"]);
    }
}
