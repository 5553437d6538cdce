//! What is worth a line beside the code, of each kind of result.

use super::{Annotation, Level, Places};
use crate::gate::{Answer, Flip, Gated, Judged, Mode};
use crate::portability::{self, Ported};
use crate::report::telling::{ALL_WELL, Judged as Marked, order};
use crate::report::{Report, words};
use crate::summary::Verdict;
use crate::summary::compare::{Compared, Comparison};

/// The cases on which not all is right, the most telling first; a case that no candidate got right, or that
/// somebody has no answer to, is a warning.
pub fn of_report(report: &Report) -> Vec<Annotation> {
    let rows = &report.summary.candidates;
    let case = |at: usize| {
        let case = &report.cases[at];
        let marked = Marked::of(report, case);
        let marks = rows.iter().zip(&marked.marks);
        let marks: Vec<String> = marks
            .map(|(row, mark)| format!("{} {} ({})", mark.sign(), row.name, mark.label()))
            .collect();
        let target = case.target.as_ref().map_or(String::new(), |target| {
            format!("\nexpected: {}", crate::report::text_of(target))
        });
        let show = format!("{} {}", report.show, crate::report::shell(&case.id));
        Annotation {
            level: match marked.none || marked.missing {
                true => Level::Warning,
                false => Level::Notice,
            },
            title: format!("case {}", case.id),
            text: format!("{}{target}\n{show}", marks.join("\n")),
            at: Some((report.file.clone(), case.line))
                .filter(|(file, line)| !file.is_empty() && *line > 0),
        }
    };
    let told = order(report)
        .into_iter()
        .take_while(|(rank, _)| *rank < ALL_WELL);
    told.map(|(_, at)| case(at)).collect()
}

/// The rules that do not hold, then the cases that were lost, where they are written.
pub fn of_gate(gated: &Gated, places: &Places) -> Vec<Annotation> {
    let rule = |rule: &Judged| {
        let level = match rule.verdict {
            Verdict::Regressed if rule.flagged => Level::Warning,
            Verdict::Regressed | Verdict::Invalid => Level::Error,
            Verdict::Inconclusive if gated.mode == Mode::Release => Level::Warning,
            Verdict::Inconclusive => Level::Notice,
            _ => return None,
        };
        Some(Annotation {
            level,
            title: rule.rule.clone(),
            text: format!("{}: {}", rule.candidate, rule.reason),
            at: None,
        })
    };
    let mut all: Vec<Annotation> = gated.rules.iter().filter_map(rule).collect();
    if all.is_empty() {
        all.push(Annotation {
            level: match gated.verdict {
                Answer::Pass => Level::Notice,
                Answer::Undecided => Level::Warning,
                Answer::Fail | Answer::Invalid => Level::Error,
            },
            title: "bakeoff gate".into(),
            text: gated.sentence.clone(),
            at: None,
        });
    }
    // What was lost matters where the rules are not kept.
    let broken = all.iter().any(|it| it.level < Level::Notice);
    let lost = gated.flips.iter().filter(|flip| flip.now < flip.before);
    all.extend(lost.filter(|_| broken).map(|flip| loss(flip, places)));
    all
}

fn loss(flip: &Flip, places: &Places) -> Annotation {
    Annotation {
        level: Level::Warning,
        title: format!("case {}", flip.case),
        text: format!(
            "{} of {}: {} in the baseline, {} now",
            flip.scorer, flip.candidate, flip.before, flip.now
        ),
        at: places.at(&flip.case),
    }
}

/// Each verdict, what the lint found where it is written, and the cases that were lost.
pub fn of_ports(ports: &[Ported], places: &Places) -> Vec<Annotation> {
    let verdict = |it: &Ported| Annotation {
        level: match it.verdict {
            portability::Answer::Portable | portability::Answer::PortableAfterRewrite => {
                Level::Notice
            }
            portability::Answer::Inconclusive => Level::Warning,
            portability::Answer::NotPortable | portability::Answer::Invalid => Level::Error,
        },
        title: format!("{} → {}", it.from, it.to),
        text: it.sentence.clone(),
        at: None,
    };
    let mut all: Vec<Annotation> = ports.iter().map(verdict).collect();
    let mut lint: Vec<&serde_json::Value> = Vec::new();
    for row in ports.iter().flat_map(|it| &it.lint) {
        if !lint.contains(&row) {
            lint.push(row);
        }
    }
    all.extend(lint.into_iter().filter_map(finding));
    let lost = ports
        .iter()
        .flat_map(|it| it.flips.iter().map(move |flip| (it, flip)));
    let lost = lost.filter(|(_, flip)| flip.to < flip.from);
    all.extend(lost.map(|(it, flip)| Annotation {
        level: Level::Warning,
        title: format!("case {}", flip.case),
        text: format!(
            "{}: {} from {}, {} from {}\n{}",
            it.scorer, flip.from, it.from, flip.to, it.to, flip.why
        ),
        at: places.at(&flip.case),
    }));
    all
}

/// A row of the lint, as its JSON has it.
fn finding(row: &serde_json::Value) -> Option<Annotation> {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let level = match row["severity"].as_str() {
        Some("error") => Level::Error,
        Some("warning") => Level::Warning,
        _ => return None,
    };
    let line = row["line"].as_u64().and_then(|n| usize::try_from(n).ok());
    Some(Annotation {
        level,
        title: format!("{} [{}]", text("candidate"), text("rule")),
        text: format!("{}\n{}", text("message"), text("help")),
        at: row["file"].as_str().map(str::to_owned).zip(line),
    })
}

/// A difference each: what is worse warns, what may not be compared is an error.
pub fn of_comparison(found: &Comparison) -> Vec<Annotation> {
    let scale = crate::report::compare::scale(found);
    let difference = |it: &Compared| Annotation {
        level: match it.contrast.verdict {
            Verdict::Invalid => Level::Error,
            Verdict::Regressed => Level::Warning,
            _ => Level::Notice,
        },
        title: format!("{} − {}", it.contrast.a, it.contrast.b),
        text: words::difference(scale, &it.contrast),
        at: None,
    };
    found.contrasts.iter().map(difference).collect()
}
