//! What the numbers say, in sentences: one home, so that every format says the same.
//!
//! *Better* and *worse* are said only where the interval leaves zero out; never a p-value.

use super::number::{Scale, count, counted, duration, money};
use crate::summary::{Best, Contrast, Row, ScoreCell, Summary, Verdict};

/// How this scorer's numbers are read.
pub fn scale(summary: &Summary, scorer: &str) -> Scale {
    let cells = summary
        .candidates
        .iter()
        .filter_map(|r| r.scores.get(scorer));
    Scale::of(cells.flat_map(|c| [c.value, c.low, c.high]).flatten())
}

/// The row of this candidate.
pub fn row<'a>(summary: &'a Summary, name: &str) -> Option<&'a Row> {
    summary.candidates.iter().find(|row| row.name == name)
}

/// The first sentence a reader needs: who is best, and whether that is known.
pub fn headline(summary: &Summary) -> String {
    let best = &summary.best;
    let scale = scale(summary, &best.scorer);
    let found = best.name.as_deref().and_then(|name| row(summary, name));
    let cell = found.and_then(|row| row.scores.get(&best.scorer));
    let (Some(row), Some(cell)) = (found, cell) else {
        if !best.left_out.is_empty() {
            return format!("Nobody can be called the best on {}.", best.scorer);
        }
        return format!("Nothing was scored on {}.", best.scorer);
    };
    let score = score(scale, cell);
    let others: Vec<&str> = tied_others(summary);
    if summary.candidates.len() == 1 {
        return format!("{} scores {score} on {}.", row.name, best.scorer);
    }
    if others.is_empty() {
        return format!("{} is best on {}: {score}.", row.name, best.scorer);
    }
    format!(
        "{} scores highest on {}, {score}, tied with {}: the data cannot tell them apart.",
        row.name,
        best.scorer,
        list(&others)
    )
}

/// What follows the headline: the rest of the field, and the cheapest and fastest that could be the best.
pub fn choice(summary: &Summary) -> Vec<String> {
    let left_out = left_out(&summary.best);
    if summary.best.name.is_none() {
        return left_out;
    }
    let scored = |row: &Row| {
        let cell = row.scores.get(&summary.best.scorer);
        cell.is_some_and(|cell| cell.value.is_some())
    };
    let rest = summary.candidates.iter();
    let out = |row: &Row| summary.best.left_out.iter().any(|it| it.name == row.name);
    let rest = rest.filter(|row| !summary.best.tied.contains(&row.name) && !out(row));
    let (behind, silent): (Vec<&Row>, Vec<&Row>) = rest.partition(|row| scored(row));
    let names =
        |rows: &[&Row]| -> Vec<String> { rows.iter().map(|row| row.name.clone()).collect() };
    let (behind, silent) = (names(&behind), names(&silent));
    let behind: Vec<&str> = behind.iter().map(String::as_str).collect();
    let silent: Vec<&str> = silent.iter().map(String::as_str).collect();
    let mut said = left_out;
    if !silent.is_empty() {
        said.push(format!(
            "Without a score, so not compared: {}.",
            list(&silent)
        ));
    }
    match behind.as_slice() {
        [] => {}
        [one] => said.push(format!("{one} is behind by more than chance.")),
        [_, _] | [_, _, _] => {
            said.push(format!("{} are behind by more than chance.", list(&behind)))
        }
        all => said.push(format!(
            "The other {} candidates are behind by more than chance.",
            all.len()
        )),
    }
    let tied: Vec<&Row> = summary
        .best
        .tied
        .iter()
        .filter_map(|n| row(summary, n))
        .collect();
    if tied.len() < 2 {
        return said;
    }
    let least = |by: fn(&Row) -> Option<f64>| {
        let known = tied.iter().filter_map(|r| Some((by(r)?, r.name.as_str())));
        known.min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let mut parts = Vec::new();
    if let Some((usd, name)) = least(|r| r.cost_usd.per_case) {
        parts.push(format!("cheapest {name} at {} a case", money(usd)));
    }
    // Times of a few answers among many that came from the cache say little.
    let timed = |r: &Row| (2 * r.latency_ms.n >= r.answered).then_some(r.latency_ms.p50?.value);
    // The fastest is known only where every time is.
    let all = tied.iter().all(|row| timed(row).is_some());
    if let Some((ms, name)) = least(timed).filter(|_| all) {
        parts.push(format!("fastest {name}, {} at the median", duration(ms)));
    }
    if !parts.is_empty() {
        said.push(format!("Of the tied, {}.", parts.join("; ")));
    }
    let unpriced: Vec<&str> = tied
        .iter()
        .filter(|r| r.cost_usd.per_case.is_none())
        .map(|r| r.name.as_str())
        .collect();
    if !unpriced.is_empty() {
        said.push(format!("The cost of {} is unknown.", list(&unpriced)));
    }
    said
}

/// Who is neither best nor tied, and why, a sentence each.
pub fn left_out(best: &Best) -> Vec<String> {
    let said = best.left_out.iter();
    said.map(|it| format!("{} may not be compared: {}.", it.name, it.why))
        .collect()
}

/// `84% (95% CI 76–90%, n = 99)`
pub fn score(scale: Scale, cell: &ScoreCell) -> String {
    let Some(value) = cell.value else {
        return format!("not scored (n = {})", count(cell.n));
    };
    let shown = scale.value(value, cell.low, cell.high);
    match scale.range(value, cell.low, cell.high) {
        range if range.is_empty() => format!("{shown} (n = {})", count(cell.n)),
        range => format!("{shown} (95% CI {range}, n = {})", count(cell.n)),
    }
}

/// One paired difference of a run as a sentence.
pub fn contrast(summary: &Summary, c: &Contrast) -> String {
    difference(scale(summary, &c.scorer), c)
}

/// One paired difference as a sentence.
pub fn difference(scale: Scale, c: &Contrast) -> String {
    let d = &c.difference;
    let (a, b, scorer) = (&c.a, &c.b, &c.scorer);
    if c.verdict == Verdict::Invalid {
        let why = c.reason.clone().unwrap_or_else(|| {
            let unmatched = counted(c.unmatched, "case");
            format!("{unmatched} with a score for only one of them")
        });
        return format!("{a} and {b} may not be compared on {scorer}: {why}.");
    }
    let by = scale.difference(d.value, d.low, d.high);
    let range = match scale.difference_range(d.low, d.high) {
        range if range.is_empty() => String::new(),
        range => format!(", 95% CI {range}"),
    };
    let margin = scale.margin(c.margin);
    let above = d.low.is_some_and(|low| low > 0.0);
    let below = d.high.is_some_and(|high| high < 0.0);
    let claim = match c.verdict {
        Verdict::Improved if above => format!("{a} is better than {b} on {scorer} ({by}{range})"),
        Verdict::Regressed if below => format!("{a} is worse than {b} on {scorer} ({by}{range})"),
        Verdict::SlightlyWorse => format!(
            "{a} is slightly worse than {b} on {scorer}, within the margin ({by}{range}, margin {margin})"
        ),
        Verdict::NotWorse => {
            format!(
                "{a} is not worse than {b} on {scorer} ({by}{range}; one-sided 95%, margin {margin})"
            )
        }
        _ => format!("The data cannot tell {a} from {b} on {scorer} ({by}{range})"),
    };
    let need = match (c.verdict, c.need) {
        (Verdict::Inconclusive, Some(need)) => format!(
            " To tell, about {} would be needed; {} were compared.",
            counted(need, "case"),
            count(d.n)
        ),
        _ => String::new(),
    };
    format!("{claim}: {}.{need}", flips(c))
}

/// `12 cases gained, 14 lost, 174 unchanged`
pub fn flips(c: &Contrast) -> String {
    let same = c.difference.n.saturating_sub(c.gains + c.losses);
    format!(
        "{} gained, {} lost, {} unchanged",
        counted(c.gains, "case"),
        count(c.losses),
        count(same)
    )
}

/// The verdict in a word or two.
pub fn verdict(v: Verdict) -> &'static str {
    match v {
        Verdict::Improved => "better",
        Verdict::NotWorse => "not worse",
        Verdict::SlightlyWorse => "slightly worse",
        Verdict::Regressed => "worse",
        Verdict::Inconclusive => "cannot tell",
        Verdict::Invalid => "not comparable",
    }
}

/// The verdict's name in results, for style sheets.
pub fn class(v: Verdict) -> String {
    let name = serde_json::to_value(v).expect("a verdict is a word");
    super::text_of(&name).into_owned()
}

/// What is missing from the table, a line each: failures by kind, answers without a score or a known cost.
pub fn missing(summary: &Summary) -> Vec<String> {
    let line = |what: &str, of: &dyn Fn(&Row) -> Option<String>| {
        let rows = summary.candidates.iter();
        let said: Vec<String> = rows
            .filter_map(|r| Some(format!("{} {}", r.name, of(r)?)))
            .collect();
        (!said.is_empty()).then(|| format!("{what}: {}", said.join("; ")))
    };
    let of = |n: usize, all: usize| (n > 0).then(|| format!("{} of {}", count(n), count(all)));
    let scorer = &summary.best.scorer;
    [
        line("no reply", &|r| (r.failed > 0).then(|| failures(r))),
        line("not scored", &|r| {
            of(r.scores.get(scorer)?.unscored, r.answered)
        }),
        line("cost unknown", &|r| of(r.cost_unknown, r.answered)),
        line("latency not counted", &|r| {
            let l = &r.latency_ms;
            of(l.excluded, l.n + l.excluded)
        }),
        line("answered by hop", &hops),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Which model of a chain gave how many of its answers, and how long that took with all that failed before.
fn hops(row: &Row) -> Option<String> {
    let said = row.hops.iter().enumerate().map(|(at, hop)| {
        let share = hop.share.unwrap_or_default() * 100.0;
        let (at, model, n) = (at + 1, &hop.model, count(hop.answered));
        let over = hop.passed_over.filter(|n| *n > 0);
        let over = over.map_or(String::new(), |n| format!(", {} passed over", count(n)));
        format!("{at} {model} {n} ({share:.0}%{over})")
    });
    let said: Vec<String> = said.collect();
    let took = row.total_ms.p50.zip(row.total_ms.p95);
    let took = took.map_or(String::new(), |(p50, p95)| {
        let (p50, p95) = (duration(p50.value), duration(p95.value));
        format!(", from the first request on p50 {p50}, p95 {p95}")
    });
    (!said.is_empty()).then(|| format!("{}{took}", said.join(", ")))
}

/// Refused, cut and empty answers in a line, where there are any.
pub fn odd(summary: &Summary) -> Option<String> {
    let rows = summary.candidates.iter().filter_map(|r| {
        let kinds = [(r.refused, "refused"), (r.cut, "cut"), (r.empty, "empty")];
        let said = kinds.into_iter().filter(|(n, _)| *n > 0);
        let said: Vec<String> = said
            .map(|(n, what)| format!("{} {what}", count(n)))
            .collect();
        (!said.is_empty()).then(|| format!("{} {}", r.name, said.join(", ")))
    });
    let said: Vec<String> = rows.collect();
    (!said.is_empty()).then(|| format!("answered, but: {}", said.join("; ")))
}

/// Failures by kind: `2 rate_limit, 1 timeout`.
pub fn failures(row: &Row) -> String {
    let kinds: Vec<String> = row
        .failures
        .iter()
        .map(|(kind, n)| format!("{n} {kind}"))
        .collect();
    kinds.join(", ")
}

/// The candidates that the data cannot tell from the best, but the best itself.
pub fn tied_others(summary: &Summary) -> Vec<&str> {
    let best = &summary.best;
    let tied = best.tied.iter().map(String::as_str);
    tied.filter(|name| Some(*name) != best.name.as_deref())
        .collect()
}

/// `A, B and C`
pub fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::summary::LeftOut;

    fn said(verdict: Verdict, low: f64, high: f64) -> String {
        let summary = fixture::report().summary;
        let mut c = summary.contrasts[0].clone();
        c.verdict = verdict;
        c.difference.value = (low + high) / 2.0;
        (c.difference.low, c.difference.high) = (Some(low), Some(high));
        contrast(&summary, &c)
    }

    #[test]
    fn each_verdict_has_its_sentence() {
        assert_eq!(
            said(Verdict::NotWorse, -0.031, 0.022),
            "claude-haiku is not worse than openai/gpt-4o on exact (−0.5 points, 95% CI −3.1 to +2.2; \
             one-sided 95%, margin 5 points): 1 case gained, 2 lost, 8 unchanged."
        );
        assert!(said(Verdict::Improved, 0.01, 0.11).contains(" is better than "));
        assert!(said(Verdict::Regressed, -0.2, -0.06).contains(" is worse than "));
        assert!(said(Verdict::SlightlyWorse, -0.04, -0.01).contains("slightly worse"));
        assert!(said(Verdict::Inconclusive, -0.2, 0.1).contains("about 310 cases would be needed"));
        assert!(said(Verdict::Invalid, -0.2, 0.1).contains("may not be compared"));
    }

    #[test]
    fn better_and_worse_need_an_interval_without_zero() {
        for verdict in [Verdict::Improved, Verdict::Regressed, Verdict::Inconclusive] {
            let text = said(verdict, -0.01, 0.2);
            assert!(text.starts_with("The data cannot tell"), "{text}");
        }
    }

    #[test]
    fn the_headline_says_who_is_tied() {
        let mut summary = fixture::report().summary;
        assert!(headline(&summary).contains("tied with claude-haiku and llama-fast"));
        summary.best.tied.truncate(1);
        let alone = "openai/gpt-4o is best on exact: 75% (95% CI 47–91%, n = 12).";
        assert_eq!(headline(&summary), alone);
        assert!(choice(&summary)[0].starts_with("claude-haiku, llama-fast and local are behind"));
        summary.candidates.truncate(1);
        assert!(headline(&summary).starts_with("openai/gpt-4o scores 75%"));
        assert!(choice(&summary).is_empty());
    }

    #[test]
    fn who_may_not_be_compared_is_named_and_nothing_else() {
        let mut summary = fixture::report().summary;
        let name = summary.best.tied.remove(2);
        let why = "7 of 12 trials failed, more than 2 %".to_owned();
        summary.best.left_out.push(LeftOut { name, why });
        let said = choice(&summary);
        assert_eq!(
            said[0],
            "llama-fast may not be compared: 7 of 12 trials failed, more than 2 %."
        );
        assert!(!said[1..].join(" ").contains("llama-fast"), "{said:?}");
        (summary.best.name, summary.best.tied) = (None, Vec::new());
        assert_eq!(
            headline(&summary),
            "Nobody can be called the best on exact."
        );
    }

    #[test]
    fn nobody_is_the_fastest_where_a_time_is_unknown() {
        let mut summary = fixture::report().summary;
        assert!(choice(&summary).join(" ").contains("fastest"));
        summary.candidates[0].latency_ms = Default::default();
        assert!(!choice(&summary).join(" ").contains("fastest"));
    }

    #[test]
    fn an_unknown_cost_is_named_and_never_the_cheapest() {
        let mut summary = fixture::report().summary;
        summary.candidates[2].cost_usd = Default::default();
        let said = choice(&summary).join(" ");
        assert!(said.contains("cheapest claude-haiku at $0.0009"), "{said}");
        assert!(
            said.contains("The cost of llama-fast is unknown."),
            "{said}"
        );
    }
}
