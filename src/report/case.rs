//! A case as a page shows it: what went in, and beside each other what every candidate made of it.

use super::html::seen;
use super::number::{count, counted, duration, money};
use super::page::CASE;
use super::telling::{Judged, odd};
use super::{Look, Report, TrialView, text_of};
use crate::source::{Problem, plain, plain_line};
use crate::template::render_each;
use serde::Serialize;
use std::collections::BTreeSet;

/// No more characters of one text than this are put into a page.
const LONGEST: usize = 20_000;
/// No more characters of a scorer's reason.
const LONGEST_WHY: usize = 240;

/// A case, for a template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// Its place in the dataset, from 1.
    pub number: usize,
    /// Its id.
    pub id: String,
    /// What it can be filtered by, words with spaces between: `differ`, `best`, `none`, `missing`, `odd`, `wrong-2`.
    pub kinds: String,
    /// Its beginning, on a line.
    pub excerpt: String,
    /// The expected answer; may be empty.
    pub target: String,
    /// Tags, with commas between.
    pub tags: String,
    /// The variables.
    pub fields: Vec<Field>,
    /// What each candidate made of it.
    pub answers: Vec<Answer>,
    /// The command that shows it.
    pub show: String,
    /// Shown unfolded.
    pub open: bool,
}

/// A variable.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The text needs a box of its own to scroll in.
    pub long: bool,
}

/// One candidate's answers to a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The candidate.
    pub candidate: String,
    /// How they were judged together.
    pub mark: Sign,
    /// An answer a repeat.
    pub trials: Vec<Said>,
}

/// How answers were judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sign {
    /// `✓`, `✗`, `◐`, `!`, `?`
    pub sign: &'static str,
    /// `right`, `wrong`, `part`, `failed` or `unscored`.
    pub class: &'static str,
    /// The same in words.
    pub label: String,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Said {
    /// `repeat 2`; empty without repeats.
    pub repeat: String,
    /// The text; empty if there is none.
    pub text: String,
    /// The text needs a box of its own to scroll in.
    pub long: bool,
    /// What is said in place of a text: `no text`, the failure.
    pub instead: String,
    /// The model's reasoning; may be empty.
    pub reasoning: String,
    /// `exact 1 · same`
    pub scores: Vec<String>,
    /// Cost, time, tokens and what was odd, with dots between.
    pub facts: String,
}

/// The case at this place as a card.
pub fn card(report: &Report, at: usize, open: bool) -> Card {
    let case = &report.cases[at];
    let judged = Judged::of(report, case);
    let rows = report.summary.candidates.iter().zip(&judged.marks);
    let answers = rows.map(|(row, mark)| {
        let mine = || case.trials.iter().filter(|t| t.candidate == row.name);
        let repeated = mine().count() > 1;
        Answer {
            candidate: plain_line(&row.name).into_owned(),
            mark: Sign {
                sign: mark.sign(),
                class: mark.class(),
                label: mark.label(),
            },
            trials: mine().map(|trial| said(trial, repeated)).collect(),
        }
    });
    let fields: Vec<Field> = case
        .vars
        .iter()
        .map(|(name, value)| Field {
            name: plain_line(name).into_owned(),
            text: cut(&text_of(value)),
            long: long(&text_of(value)),
        })
        .collect();
    let texts = case.vars.values().filter_map(|v| v.as_str());
    let longest = texts.max_by_key(|text| text.len()).unwrap_or_default();
    let begin: String = longest.chars().take(160).collect();
    Card {
        number: at + 1,
        id: plain_line(&case.id).into_owned(),
        kinds: judged.kinds(),
        excerpt: plain_line(&begin).into_owned(),
        target: case
            .target
            .as_ref()
            .map(|t| cut(&text_of(t)))
            .unwrap_or_default(),
        tags: plain_line(&case.tags.join(", ")).into_owned(),
        fields,
        answers: answers.collect(),
        show: format!("{} {}", report.show, shell(&case.id)),
        open,
    }
}

/// These cases as a page shows them, each once, in this order; an id that the run has not is left out.
pub fn cards<'a>(
    report: &Report,
    ids: impl Iterator<Item = &'a str>,
    look: &Look,
) -> Result<Vec<String>, Problem> {
    let mut known = BTreeSet::new();
    let places = ids.filter_map(|id| report.cases.iter().position(|case| case.id == id));
    let cards = places.filter(|at| known.insert(*at)).map(|at| {
        let card = card(report, at, false);
        seen(serde_json::to_value(card).expect("a card is plain data with text keys"))
    });
    let cards: Vec<serde_json::Value> = cards.collect();
    render_each(CASE, &(look.part)(CASE)?.text, &cards)
}

fn said(trial: &TrialView, repeated: bool) -> Said {
    let instead = match (&trial.failure, trial.text.as_deref()) {
        (Some(why), _) => cut(why),
        (None, None) => "not asked".to_owned(),
        (None, Some("")) => "no text".to_owned(),
        _ => String::new(),
    };
    let scores = trial.scores.iter().map(|(name, score)| {
        let value = match (score.passed, score.value) {
            (Some(true), Some(1.0)) => "✓".to_owned(),
            (Some(false), Some(0.0)) => "✗".to_owned(),
            (_, Some(value)) => format!("{}", (value * 1000.0).round() / 1000.0),
            (_, None) => "not scored".to_owned(),
        };
        let why: String = score.why.chars().take(LONGEST_WHY).collect();
        let (dot, more) = match (why.is_empty(), why.len() < score.why.len()) {
            (true, _) => ("", ""),
            (false, cut) => (" · ", if cut { "…" } else { "" }),
        };
        plain_line(&format!("{name} {value}{dot}{why}{more}")).into_owned()
    });
    Said {
        repeat: if repeated {
            format!("repeat {}", trial.repeat + 1)
        } else {
            String::new()
        },
        text: trial.text.as_deref().map(cut).unwrap_or_default(),
        long: trial.text.as_deref().is_some_and(long),
        instead,
        reasoning: trial.reasoning.as_deref().map(cut).unwrap_or_default(),
        scores: scores.collect(),
        facts: plain_line(&facts(trial).join(" · ")).into_owned(),
    }
}

fn facts(trial: &TrialView) -> Vec<String> {
    let answered = trial.text.is_some();
    let mut facts: Vec<String> = odd(trial).into_iter().map(str::to_owned).collect();
    if answered {
        facts.push(trial.cost_usd.map_or("cost unknown".to_owned(), money));
    }
    facts.extend(trial.latency_ms.map(duration));
    if let Some(n) = trial.output_tokens.filter(|_| answered) {
        facts.push(counted(n as usize, "token") + " out");
    }
    facts.extend(trial.hop.as_ref().map(|hop| format!("served by {hop}")));
    if trial.attempts > 1 {
        facts.push(format!("{} attempts", trial.attempts));
    }
    if trial.origin != "live" {
        facts.push(trial.origin.clone());
    }
    facts
}

fn long(text: &str) -> bool {
    text.len() > 700 || text.lines().count() > 14
}

/// Safe to look at and of bounded length.
fn cut(text: &str) -> String {
    let safe = plain(text);
    match safe.char_indices().nth(LONGEST) {
        None => safe.into_owned(),
        Some((at, _)) => format!(
            "{}\n… {} more characters",
            &safe[..at],
            count(safe[at..].chars().count())
        ),
    }
}

/// A word for a POSIX shell, quoted where needed.
pub fn shell(word: &str) -> String {
    let safe = plain_line(word);
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match !safe.is_empty() && safe.chars().all(bare) {
        true => safe.into_owned(),
        false => format!("'{}'", safe.replace('\'', r"'\''")),
    }
}
