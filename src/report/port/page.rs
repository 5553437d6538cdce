//! `port.html`: for each target the verdict, the differences against the margin, what was said before
//! and now on the cases that moved, how answers changed, and what the lint found.

use super::parts::{Part, Said, parts};
use super::{rows, sign};
use crate::portability::{Guard, Oddity, Ported, Shift, Spread};
use crate::report::differences::{branch, tick};
use crate::report::explorer::cards;
use crate::report::html::{self, Frame, fact};
use crate::report::methods::methods;
use crate::report::number::{Scale, counted};
use crate::report::svg::{Branch, Forest};
use crate::report::view::Drawing;
use crate::report::{Look, Report};
use crate::source::Problem;
use crate::stats::Estimate;
use crate::summary::{Contrast, Verdict};
use serde::Serialize;

const PAGE: &str = "reports/port.html.hbs";
/// Cases that moved, side by side, of each target.
const FLIPS: usize = 40;
/// Slices drawn.
const SLICES: usize = 16;

/// All that `port.html.hbs` sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Page {
    #[serde(flatten)]
    frame: Frame,
    /// A row a target; empty for a single one.
    matrix: Vec<[String; 5]>,
    /// The targets.
    pairs: Vec<Pair>,
    /// Whether prompts rank alike, in sentences.
    alike: Vec<String>,
    /// The cases that moved as the run's page shows them.
    shown: Vec<String>,
}

/// One target.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Pair {
    from: String,
    to: String,
    word: &'static str,
    tone: &'static str,
    sentence: String,
    next: String,
    charts: Vec<Drawing>,
    flips: Vec<Moved>,
    more: String,
    shifts: Vec<Row>,
    /// Lint, guards, rewrite, what to try, what to know.
    parts: Vec<Told>,
}

/// A part as lines.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Told {
    title: &'static str,
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    sign: &'static str,
    tone: &'static str,
    text: String,
}

/// A case whose score moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Moved {
    class: &'static str,
    case: String,
    link: String,
    score: String,
    why: String,
    said_before: String,
    said_now: String,
}

/// A row of the table of shifts.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Row {
    name: String,
    from: String,
    to: String,
    change: String,
    range: String,
    rose: bool,
}

/// The results as a page; `run` is the run of all who were asked, by the name that commands accept.
pub fn port_page(
    ports: &[Ported],
    spread: &[Spread],
    run: Option<(&str, &Report)>,
    look: &Look,
) -> Result<String, Problem> {
    let frame = Frame {
        kind: "Port",
        run_short: run.map_or(String::new(), |(name, _)| name.to_owned()),
        complete: true,
        methods: methods(names(ports)),
        ..headed(ports)
    };
    let frame = match run {
        Some((_, report)) => frame.of_run(report),
        None => frame,
    };
    let mut frame = frame.styled(look)?;
    if let Some(margin) = ports.first().map(|it| it.margin) {
        let margin = Scale::Percent.margin(margin);
        frame.facts.insert(0, fact("Margin", margin));
    }
    let ids = ports.iter().flat_map(|it| it.flips.iter().take(FLIPS));
    let ids = ids.map(|flip| flip.case.as_str());
    let page = Page {
        frame,
        matrix: match ports {
            [_] => Vec::new(),
            all => rows(all),
        },
        pairs: ports
            .iter()
            .enumerate()
            .map(|(at, it)| pair(at, it, run))
            .collect(),
        alike: spread.iter().flat_map(super::alike).collect(),
        shown: match run {
            Some((_, report)) => cards(report, ids, look)?,
            None => Vec::new(),
        },
    };
    html::page(PAGE, look, &page)
}

/// The first thing to read.
fn headed(ports: &[Ported]) -> Frame {
    let frame = Frame::default();
    match ports {
        [one] => Frame {
            suite: format!("{} → {}", one.from, one.to),
            word: one.verdict.words().to_owned(),
            tone: tone(sign(one.verdict)),
            next: one.next.clone().unwrap_or_default(),
            ..frame
        }
        .saying(&one.sentence),
        all => {
            let good = |it: &&Ported| sign(it.verdict) == "✓";
            let good = all.iter().filter(good).count();
            let targets = counted(all.len(), "target");
            Frame {
                suite: all.first().map_or(String::new(), |it| it.from.clone()),
                headline: format!("The prompt carries over to {good} of {targets}."),
                ..frame
            }
        }
    }
}

fn tone(sign: &str) -> &'static str {
    match sign {
        "✓" => "good",
        "✗" => "bad",
        "?" | "!" => "open",
        _ => "",
    }
}

fn names(ports: &[Ported]) -> Vec<&str> {
    let mut names = vec!["margin"];
    for it in ports {
        names.extend(contrasts(it).iter().map(|(_, c)| c.method.as_str()));
        names.extend((!it.slices.is_empty()).then_some("bh"));
        let ratio = it
            .cost_ratio
            .or(it.latency_ratio)
            .or(it.shifts.length.map(|it| it.ratio));
        names.extend(ratio.map(|_| "ratio_of_means"));
        names.extend((!it.shifts.odd.is_empty()).then_some("newcombe"));
    }
    names
}

fn pair(at: usize, it: &Ported, run: Option<(&str, &Report)>) -> Pair {
    let place = |id: &str| run.and_then(|(_, r)| r.cases.iter().position(|case| case.id == id));
    let score = |v: f64| format!("{}", (v * 1000.0).round() / 1000.0);
    let flips = it.flips.iter().take(FLIPS).map(|flip| Moved {
        class: if flip.to < flip.from { "loss" } else { "gain" },
        case: flip.case.clone(),
        link: place(&flip.case).map_or(String::new(), |at| format!("#case-{}", at + 1)),
        score: format!("{} → {}", score(flip.from), score(flip.to)),
        why: flip.why.clone(),
        said_before: flip.from_text.clone(),
        said_now: flip.to_text.clone(),
    });
    // What a figure or a table says is not said again.
    let told = parts(it).into_iter();
    let told = told.filter(|part| part.title != "answers" && !part.title.starts_with("by tag"));
    Pair {
        from: it.from.clone(),
        to: it.to.clone(),
        word: it.verdict.words(),
        tone: tone(sign(it.verdict)),
        sentence: it.sentence.clone(),
        next: it.next.clone().unwrap_or_default(),
        charts: [scores(at, it), slices(at, it)]
            .into_iter()
            .flatten()
            .collect(),
        flips: flips.collect(),
        more: match it.flips.len().saturating_sub(FLIPS) {
            0 => String::new(),
            n => counted(n, "more case"),
        },
        shifts: shifts(it),
        parts: told.map(lines).collect(),
    }
}

fn lines(part: Part) -> Told {
    let line = |Said { sign, text }| Line {
        tone: tone(sign),
        sign,
        text,
    };
    Told {
        title: part.title,
        lines: part.lines.into_iter().map(line).collect(),
    }
}

/// Every difference of scores, with what it is called.
fn contrasts(it: &Ported) -> Vec<(String, &Contrast)> {
    let mut all: Vec<(String, &Contrast)> = Vec::new();
    all.extend(
        it.contrast
            .iter()
            .map(|c| ("the prompt as it is".to_owned(), c)),
    );
    let scores = |guard: &&Guard| !guard.share;
    all.extend(
        it.guards
            .iter()
            .filter(scores)
            .map(|it| (it.name.clone(), &it.contrast)),
    );
    if let Some(rewrite) = &it.rewrite {
        let name = &rewrite.prompt;
        all.push((format!("with {name}"), &rewrite.contrast));
        all.extend(
            rewrite
                .gain
                .iter()
                .map(|c| (format!("{name} against as it is"), c)),
        );
    }
    let control = it.control.iter();
    all.extend(control.map(|c| (format!("control: {} asked twice", it.from), c)));
    all
}

fn scores(at: usize, it: &Ported) -> Option<Drawing> {
    let scale = scale(it.unit);
    let shown = contrasts(it);
    let shown = shown
        .iter()
        .filter(|(_, c)| c.difference.n > 0 && c.verdict != Verdict::Invalid);
    let branches: Vec<Branch> = shown
        .map(|(name, c)| branch(name.clone(), scale, c))
        .collect();
    let title = format!("{} against {}", it.to, it.from);
    draw(
        &format!("scores-{at}"),
        title,
        branches,
        scale,
        format!(
            "By {}, case by case, with 95% intervals. What lies wholly to the right of the dashed margin is not worse. The control is the same model asked again: what no difference looks like.",
            it.scorer
        ),
    )
}

fn slices(at: usize, it: &Ported) -> Option<Drawing> {
    let scale = scale(it.unit);
    let branches = it.slices.iter().take(SLICES).map(|slice| {
        let d = slice.difference;
        Branch {
            name: format!("{} ({})", slice.tag, d.n),
            numbers: format!(
                "{}, {} better, {} worse",
                scale.difference(d.value, d.low, d.high),
                slice.gains,
                slice.losses
            ),
            value: d.value,
            low: d.low,
            high: d.high,
            bound: None,
            class: match slice.p_adjusted {
                Some(p) if p < 0.05 && d.value < 0.0 => "regressed".to_owned(),
                Some(p) if p < 0.05 => "improved".to_owned(),
                _ => "inconclusive".to_owned(),
            },
        }
    });
    let note =
        "Exploratory: coloured is what stands out after correcting for looking at all of them.";
    draw(
        &format!("tags-{at}"),
        "By tag".to_owned(),
        branches.collect(),
        scale,
        note.to_owned(),
    )
}

fn scale(unit: bool) -> Scale {
    if unit { Scale::Percent } else { Scale::Raw }
}

fn draw(
    id: &str,
    title: String,
    branches: Vec<Branch>,
    scale: Scale,
    note: String,
) -> Option<Drawing> {
    let text = |v: f64| tick(scale, v);
    let ends = ("← worse", "better →");
    (!branches.is_empty()).then(|| Drawing {
        svg: Forest {
            id,
            title: &title,
            branches,
            text: &text,
            ends,
        }
        .draw(),
        title,
        note,
    })
}

/// How answers changed: shares of odd ones, then ratios.
fn shifts(it: &Ported) -> Vec<Row> {
    let seen = it.shifts.odd.iter();
    let seen = seen.filter(|(_, shift)| shift.from > 0.0 || shift.to > 0.0);
    let share = |v: f64| Scale::Percent.value(v, None, None);
    let odd = |(odd, shift): (&Oddity, &Shift)| {
        let d = shift.difference;
        Row {
            name: odd.words().to_owned(),
            from: share(shift.from),
            to: share(shift.to),
            change: Scale::Percent.difference(d.value, d.low, d.high),
            range: Scale::Percent.difference_range(d.low, d.high),
            rose: d.low.is_some_and(|low| low > 0.0),
        }
    };
    let ratio = |name: &str, ratio: Option<Estimate>| {
        let it = ratio?;
        Some(Row {
            name: name.to_owned(),
            from: "1".to_owned(),
            to: times(it.value),
            change: format!("× {}", times(it.value)),
            range: match (it.low, it.high) {
                (Some(low), Some(high)) => format!("{} to {}", times(low), times(high)),
                _ => String::new(),
            },
            rose: false,
        })
    };
    let length = it.shifts.length.map(|it| it.ratio);
    let ratios = [
        ratio("length of an answer", length),
        ratio("cost of an answer", it.cost_ratio),
        ratio("latency", it.latency_ratio),
    ];
    seen.map(odd).chain(ratios.into_iter().flatten()).collect()
}

/// A ratio with the digits that count: `0.218`, `1.22`, `12`.
fn times(ratio: f64) -> String {
    let digits = match ratio {
        r if r < 1.0 => 3,
        r if r < 10.0 => 2,
        _ => 0,
    };
    format!("{ratio:.digits$}")
}
