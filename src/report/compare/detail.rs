//! Where a single difference comes from: cost and time, noise, what came back, cases, slices.

use super::super::number::{NONE, Scale, count, counted};
use super::super::prose::{Block, Table};
use super::super::words;
use crate::stats::Estimate;
use crate::summary::compare::{Compared, Moved, Slice};

/// Cases shown.
const CASES: usize = 10;
/// Slices shown.
const SLICES: usize = 12;
/// Ids named of each kind that could not be matched.
const IDS: usize = 5;

/// Cost and latency as ratios, a sentence each, as far as they are known.
pub(super) fn money_and_time(c: &Compared) -> Vec<Block> {
    let names = (c.contrast.a.as_str(), c.contrast.b.as_str());
    let told = [
        (c.cost_ratio, "cheaper", "dearer", "Cost"),
        (c.latency_ratio, "faster", "slower", "Latency"),
    ];
    let told = told.into_iter();
    told.filter_map(|(r, less, more, what)| Some(Block::Say(ratio(names, r?, less, more, what))))
        .collect()
}

/// `A is 1.6 times cheaper than B (95% CI 1.4–1.8).`
fn ratio((a, b): (&str, &str), r: Estimate, less: &str, more: &str, what: &str) -> String {
    let (low, high) = (r.low.unwrap_or(0.0), r.high.unwrap_or(f64::INFINITY));
    let n = counted(r.n, "case");
    let times = |value: f64, low: f64, high: f64, word: &str| {
        let digits = digits(low, high);
        format!(
            "{a} is {value:.digits$} times {word} than {b} (95% CI {low:.digits$}–{high:.digits$}, {n})."
        )
    };
    if high < 1.0 {
        times(1.0 / r.value, 1.0 / high, 1.0 / low, less)
    } else if low > 1.0 {
        times(r.value, low, high, more)
    } else if low == high {
        format!("{what}: the same ({n}).")
    } else {
        let (digits, value) = (digits(low, high), r.value);
        format!(
            "{what}: no difference shown ({a} ÷ {b} {value:.digits$}, 95% CI {low:.digits$}–{high:.digits$}, {n})."
        )
    }
}

/// Decimals that a ratio's interval supports.
fn digits(low: f64, high: f64) -> usize {
    let width = high - low;
    if width.is_finite() && width > 0.0 {
        (0.6 / width).log10().ceil().clamp(0.0, 2.0) as usize + usize::from(high < 10.0)
    } else {
        2
    }
}

/// Everything else.
pub(super) fn of(c: &Compared, scale: Scale) -> Vec<Block> {
    let mut said = vec![noise(c, scale)];
    said.extend(c.shifts.iter().map(|shift| {
        Block::Item(format!(
            "{}: {} of {} for {}, {} of {} for {}",
            kind(shift.kind),
            count(shift.a),
            count(shift.of_a),
            c.contrast.a,
            count(shift.b),
            count(shift.of_b),
            c.contrast.b
        ))
    }));
    said.extend(unmatched(c));
    if !c.moved.is_empty() {
        said.push(Block::Table(moved(c, &c.moved)));
    }
    if !c.slices.is_empty() {
        said.push(Block::Table(slices(&c.slices, scale)));
        let hidden = c.slices.len().saturating_sub(SLICES);
        if hidden > 0 {
            said.push(Block::Small(format!(
                "{} not shown",
                counted(hidden, "more slice")
            )));
        }
    }
    said
}

fn noise(c: &Compared, scale: Scale) -> Block {
    Block::Say(match c.noise_floor {
        None => {
            "Noise between runs of the same candidate: not measured (every case was asked once; \
                 `--repeats 2` or more measures it)."
                .to_owned()
        }
        Some(floor) => {
            let shown = scale.difference(floor, Some(-floor), Some(floor));
            let shown = shown.trim_start_matches('+').to_owned();
            let above = c.contrast.difference.value.abs() > floor;
            let so = match above {
                true => "this difference is larger",
                false => "this difference is within it",
            };
            format!(
                "Noise: two runs of the same candidate on these cases differ by up to {shown} (95%); {so}."
            )
        }
    })
}

fn kind(kind: &str) -> &str {
    match kind {
        "failed" => "no reply",
        "unsent" => "not asked",
        "unscored" => "could not be scored",
        "cut" => "cut by the token limit",
        other => other,
    }
}

fn unmatched(c: &Compared) -> Vec<Block> {
    let u = &c.unmatched_cases;
    let kinds = [
        (
            u.only_a,
            &u.only_a_ids,
            format!("with a score for {} only", c.contrast.a),
        ),
        (
            u.only_b,
            &u.only_b_ids,
            format!("with a score for {} only", c.contrast.b),
        ),
        (
            u.changed,
            &u.changed_ids,
            "changed: same id, other content".to_owned(),
        ),
    ];
    let told = kinds.iter().filter(|(n, ..)| *n > 0).map(|(n, ids, what)| {
        let named: Vec<&str> = ids.iter().take(IDS).map(String::as_str).collect();
        let more = if *n > named.len() { " …" } else { "" };
        Block::Caution(format!(
            "{} {what}, not compared: {}{more}",
            counted(*n, "case"),
            named.join(", ")
        ))
    });
    told.collect()
}

fn moved(c: &Compared, all: &[Moved]) -> Table {
    let (shown, n) = (all.iter().take(CASES), c.contrast.gains + c.contrast.losses);
    let score = |v: f64| format!("{}", (v * 1000.0).round() / 1000.0);
    let row = |m: &Moved| vec![m.case.clone(), score(m.a), score(m.b)];
    Table {
        title: format!(
            "What moved the difference most ({} of {})",
            count(all.len().min(CASES)),
            counted(n, "changed case")
        ),
        head: vec!["case".into(), c.contrast.a.clone(), c.contrast.b.clone()],
        rows: shown.map(row).collect(),
    }
}

fn slices(all: &[Slice], scale: Scale) -> Table {
    let row = |slice: &Slice| {
        let d = slice.difference;
        let range = scale.difference_range(d.low, d.high);
        vec![
            format!(
                "{}{}",
                slice.slice,
                if slice.stands_out { " (!)" } else { "" }
            ),
            scale.difference(d.value, d.low, d.high),
            if range.is_empty() {
                NONE.to_owned()
            } else {
                range
            },
            count(d.n),
            format!("+{} −{}", slice.gains, slice.losses),
        ]
    };
    let out = all.iter().filter(|slice| slice.stands_out);
    let out: Vec<&str> = out.map(|slice| slice.slice.as_str()).collect();
    let so = match out.is_empty() {
        true => "none stands out after correcting for looking at all of them".to_owned(),
        false => format!(
            "(!) stands out even after correcting: {}",
            words::list(&out)
        ),
    };
    Table {
        title: format!("By slice, exploratory: {so}"),
        head: ["slice", "difference", "95% CI", "n", "gained/lost"]
            .map(str::to_owned)
            .to_vec(),
        rows: all.iter().take(SLICES).map(row).collect(),
    }
}
