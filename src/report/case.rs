//! A case as a page shows it: what went in, and beside each other what every candidate made of it.

use super::number::{count, counted, duration, money};
use super::telling::{Judged, odd};
use super::{CaseView, Report, ScoreView, TrialView, Try, text_of};
use crate::source::{plain, plain_line};
use serde::Serialize;
use serde_json::Value;

/// No more characters of one text than this are put into a page.
const LONGEST: usize = 20_000;
/// No more characters of a scorer's reason.
const LONGEST_WHY: usize = 1_000;
/// A text of more bytes or lines than this gets a box of its own to scroll in.
const LONG: (usize, usize) = (700, 14);

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
    /// The command that asks it again.
    pub again: String,
    /// Shown unfolded.
    pub open: bool,
}

/// A name and its text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The text needs a box of its own to scroll in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
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

/// One answer. What is empty is left out of JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Said {
    /// `repeat 2`; empty without repeats.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub repeat: String,
    /// The text; empty if there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The text needs a box of its own to scroll in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub long: bool,
    /// What is said in place of a text: `no text`, the failure.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub instead: String,
    /// The model's reasoning, its refusal, what it had said when it failed, the tools it called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Field>,
    /// What the scorers say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Point>,
    /// Cost, time, tokens and what was odd, with dots between.
    pub facts: String,
    /// First token, tokens read, the wait before, the model that answered; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub details: String,
    /// The attempts, where there was more than one or none brought an answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<TryLine>,
}

/// A score as texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The scorer.
    pub name: String,
    /// `✓`, `✗`, the number, `not scored`
    pub value: String,
    /// `right`, `wrong`, `part` or `unscored`.
    pub class: &'static str,
    /// Why; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// An attempt as texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TryLine {
    /// Its number, and of a chain its model.
    pub name: String,
    /// After what time it was sent.
    pub sent: String,
    /// How long it took.
    pub time: String,
    /// What it cost.
    pub cost: String,
    /// How it ended.
    pub how: String,
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
            trials: mine()
                .map(|trial| said(trial, &report.summary.best.scorer, repeated))
                .collect(),
        }
    });
    let fields = case
        .vars
        .iter()
        .filter(|(name, value)| !said_elsewhere(case, name, value));
    let fields = fields.map(|(name, value)| field(name, &text_of(value)));
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
        fields: fields.collect(),
        answers: answers.collect(),
        show: format!("{} {}", report.show, shell(&case.id)),
        again: format!("{} {}", report.again, shell(&only(&case.id))),
        open,
    }
}

/// The column is the id, the expected answer or a tag, which a case shows anyway.
fn said_elsewhere(case: &CaseView, name: &str, value: &Value) -> bool {
    let text = text_of(value);
    let tag = || format!("{name}={text}");
    text == case.id || case.target.as_ref() == Some(value) || case.tags.contains(&tag())
}

fn field(name: &str, text: &str) -> Field {
    Field {
        name: plain_line(name).into_owned(),
        text: cut(text),
        long: long(text),
    }
}

fn said(trial: &TrialView, primary: &str, repeated: bool) -> Said {
    let instead = match (&trial.failure, trial.text.as_deref()) {
        (Some(why), _) => cut(why),
        (None, None) => "not asked".to_owned(),
        (None, Some("")) if trial.tool_calls.is_empty() => "no text".to_owned(),
        _ => String::new(),
    };
    let refusal = trial.refusal.as_ref();
    let refusal = refusal.filter(|refusal| trial.text.as_ref() != Some(refusal));
    let texts = [
        ("reasoning", trial.reasoning.as_ref()),
        ("refusal", refusal),
        ("said before it failed", trial.partial.as_ref()),
    ];
    let texts = texts
        .iter()
        .filter_map(|(name, text)| Some(field(name, text.filter(|text| !text.is_empty())?)));
    let calls = trial.tool_calls.iter().map(|call| {
        let arguments = match &call.arguments {
            Value::String(text) => text.clone(),
            value => format!("{value:#}"),
        };
        field(&format!("tool call: {}", call.name), &arguments)
    });
    let first = trial.scores.get_key_value(primary).into_iter();
    let others = trial.scores.iter().filter(|(name, _)| *name != primary);
    let telling = trial.tries.len() > 1 || trial.failure.is_some();
    let tries = trial.tries.iter().filter(|_| telling);
    Said {
        repeat: if repeated {
            format!("repeat {}", trial.repeat + 1)
        } else {
            String::new()
        },
        text: trial.text.as_deref().map(cut).unwrap_or_default(),
        long: trial.text.as_deref().is_some_and(long),
        instead,
        more: texts.chain(calls).collect(),
        scores: first.chain(others).map(point).collect(),
        facts: plain_line(&facts(trial).join(" · ")).into_owned(),
        details: plain_line(&details(trial).join(" · ")).into_owned(),
        tries: tries.map(try_line).collect(),
    }
}

fn point((name, score): (&String, &ScoreView)) -> Point {
    let (value, class) = match (score.passed, score.value) {
        (Some(true), Some(1.0)) => ("✓".to_owned(), "right"),
        (Some(false), Some(0.0)) => ("✗".to_owned(), "wrong"),
        (passed, Some(value)) => {
            let rounded = format!("{}", (value * 1000.0).round() / 1000.0);
            let class = match passed {
                Some(true) => "right",
                Some(false) => "wrong",
                None => "part",
            };
            (rounded, class)
        }
        (_, None) => ("not scored".to_owned(), "unscored"),
    };
    let why: String = score.why.chars().take(LONGEST_WHY).collect();
    let more = if why.len() < score.why.len() {
        "…"
    } else {
        ""
    };
    Point {
        name: plain_line(name).into_owned(),
        value,
        class,
        why: plain(&(why + more)).into_owned(),
    }
}

fn try_line(attempt: &Try) -> TryLine {
    let model = attempt.model.iter().map(|model| format!(" {model}"));
    TryLine {
        name: plain_line(&format!("{}{}", attempt.number, model.collect::<String>())).into_owned(),
        sent: duration(attempt.sent_after_ms),
        time: duration(attempt.ms),
        cost: attempt.cost_usd.map_or("unknown".to_owned(), money),
        how: cut(&attempt.how),
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

/// What only a reader of this one case wants to know.
fn details(trial: &TrialView) -> Vec<String> {
    let mut facts = Vec::new();
    let first = trial.first_token_ms.filter(|_| trial.latency_ms.is_some());
    facts.extend(first.map(|ms| format!("first token after {}", duration(ms))));
    let read = trial.input_tokens.filter(|_| trial.text.is_some());
    facts.extend(read.map(|n| counted(n as usize, "token") + " in"));
    let live = trial.origin == "live" && trial.tries.len() == 1;
    let alone = trial.tries.first().filter(|_| live);
    let waited = alone.filter(|it| it.sent_after_ms >= 1.0);
    facts.extend(waited.map(|it| format!("waited {}", duration(it.sent_after_ms))));
    let served = trial.served_model.iter();
    let served = served.filter(|model| !trial.candidate.ends_with(*model));
    facts.extend(served.map(|model| format!("answered by {model}")));
    facts
}

fn long(text: &str) -> bool {
    text.len() > LONG.0 || text.lines().count() > LONG.1
}

/// Safe to look at and of bounded length.
pub(super) fn cut(text: &str) -> String {
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

/// What `--only` takes for this case. It splits its words at commas and reads `tag:` as a tag: there, a glob's `?`
/// stands for one character, and what a glob would take for more than itself is put in brackets.
fn only(id: &str) -> String {
    let tag = id.starts_with("tag:");
    if !tag && !id.contains(',') {
        return id.to_owned();
    }
    let word = id.char_indices().map(|(at, c)| match c {
        ',' => "?".to_owned(),
        't' if at == 0 && tag => "?".to_owned(),
        '*' | '?' | '[' | ']' | '{' | '}' | '\\' => format!("[{c}]"),
        c => c.to_string(),
    });
    word.collect()
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

#[cfg(test)]
mod tests {
    use super::only;
    use globset::Glob;

    #[test]
    fn only_names_the_case_whatever_its_id() {
        for id in ["a", "a-1", "x[1]", "a,b", "a,b[*]?{c}", "tag:de", "tag:a,b"] {
            let word = only(id);
            assert!(!word.contains(',') && !word.starts_with("tag:"), "{word}");
            let found = word == id || Glob::new(&word).unwrap().compile_matcher().is_match(id);
            assert!(found, "{id}: {word}");
        }
    }
}
