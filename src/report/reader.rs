//! One case, to be read in a terminal: what was asked, what each candidate made of it – side by side where there is
//! room –, why it was scored so, every attempt, and the command that asks it again.

use super::number::{NONE, duration, money};
use super::telling::{Mark, odd};
use super::terminal::{BAD, FAINT, GOOD, STRONG, clip, wrap};
use super::{CaseView, Report, TrialView, shell, text_of};
use crate::prompt::{Message, Part, Role};
use crate::source::{plain, plain_line};
use crate::store::{Attempt, Outcome, Record};
use anstyle::Style;
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// The least width of a reply that stands beside another.
const BESIDE: usize = 46;
/// What stands between two.
const BETWEEN: &str = " │ ";
/// Longest variable that stands on one line with its name.
const SHORT: usize = 60;
/// Longest line of text without a wrap: wider is tiring to read.
const WIDEST: usize = 120;

/// A case to be read.
pub struct Reading<'a> {
    /// The run that it is of.
    pub report: &'a Report,
    /// The case.
    pub case: &'a CaseView,
    /// What is stored of its trials.
    pub records: Vec<&'a Record>,
    /// The prompts as they were sent, each with the candidates that it was sent to.
    pub prompts: Vec<(Vec<String>, Vec<Message>)>,
    /// Why a prompt is not shown, where it is not.
    pub unshown: Option<String>,
}

/// A line of the page with how it looks.
struct Line(Option<Style>, String);

/// The case as text.
pub fn reader(reading: &Reading<'_>, width: usize, color: bool) -> String {
    let width = width.max(super::terminal::NARROWEST);
    let text = width.min(WIDEST);
    let mut lines = head(reading, text);
    let trials: Vec<&TrialView> = reading.case.trials.iter().collect();
    let fit = (width + BETWEEN.width()) / (BESIDE + BETWEEN.width());
    let columns = fit.min(trials.len()).max(1);
    for row in trials.chunks(columns) {
        lines.push(Line(None, String::new()));
        if columns == 1 {
            lines.extend(row.iter().flat_map(|trial| answer(reading, trial, text)));
        } else {
            let each = (width - BETWEEN.width() * (columns - 1)) / columns;
            let blocks = row
                .iter()
                .map(|trial| answer(reading, trial, each.min(WIDEST)));
            beside(&mut lines, blocks.collect(), each.min(WIDEST), color);
        }
    }
    lines.extend(foot(reading, text));
    let mut out = String::new();
    for Line(style, text) in &lines {
        out += painted(*style, text.trim_end(), color).trim_end();
        out.push('\n');
    }
    out
}

fn painted(style: Option<Style>, text: &str, color: bool) -> String {
    match style.filter(|_| color && !text.is_empty()) {
        Some(style) => format!("{style}{text}{style:#}"),
        None => text.to_owned(),
    }
}

/// Blocks of lines beside each other.
fn beside(lines: &mut Vec<Line>, blocks: Vec<Vec<Line>>, width: usize, color: bool) {
    let most = blocks.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..most {
        let cells = blocks.iter().map(|block| match block.get(at) {
            Some(Line(style, text)) => {
                let room = " ".repeat(width.saturating_sub(text.width()));
                format!("{}{room}", painted(*style, text, color))
            }
            None => " ".repeat(width),
        });
        lines.push(Line(None, cells.collect::<Vec<_>>().join(BETWEEN)));
    }
}

/// Which case it is, and what went in.
fn head(reading: &Reading<'_>, width: usize) -> Vec<Line> {
    let case = reading.case;
    let tags = match case.tags.is_empty() {
        true => String::new(),
        false => format!("  [{}]", case.tags.join(", ")),
    };
    let title = format!("case {}{tags}", case.id);
    let mut lines = vec![Line(Some(STRONG), plain_line(&title).into_owned())];
    let id = |value: &serde_json::Value| text_of(value) == case.id;
    let brief = |(name, text): &(Cow<'_, str>, Cow<'_, str>)| {
        !text.contains('\n') && name.width() + 2 + text.width() <= SHORT
    };
    let (short, long): (Vec<_>, Vec<_>) = case
        .vars
        .iter()
        .filter(|(_, value)| !id(value))
        .map(|(name, value)| (plain_line(name), text_of(value)))
        .partition(brief);
    let names = short.iter().map(|(name, _)| name.width()).max();
    for (name, text) in short {
        let room = " ".repeat(names.unwrap_or(0) - name.width());
        lines.push(Line(None, format!("{name}{room}  {}", plain_line(&text))));
    }
    for (name, text) in long {
        lines.push(Line(None, String::new()));
        lines.push(Line(Some(FAINT), name.into_owned()));
        lines.extend(indented(&text, width));
    }
    let shown = case
        .vars
        .values()
        .any(|value| Some(value) == case.target.as_ref());
    if let Some(target) = case.target.as_ref().filter(|_| !shown) {
        lines.push(Line(None, String::new()));
        lines.push(Line(Some(FAINT), "target".into()));
        lines.extend(indented(&text_of(target), width));
    }
    lines
}

/// What a candidate made of it.
fn answer(reading: &Reading<'_>, trial: &TrialView, width: usize) -> Vec<Line> {
    let mark = Mark::of(&[trial], &reading.report.summary.best.scorer);
    let style = match mark {
        Mark::Right => Some(GOOD),
        Mark::Wrong | Mark::Failed => Some(BAD),
        _ => Some(STRONG),
    };
    let repeat = match trial.repeat {
        0 => String::new(),
        n => format!(" (repeat {})", n + 1),
    };
    let title = format!("{} {}{repeat}", mark.sign(), trial.candidate);
    let mut lines = vec![Line(style, clip(&plain_line(&title), width))];
    match (&trial.text, &trial.failure) {
        (Some(text), _) if text.is_empty() => lines.push(Line(Some(FAINT), "  no text".into())),
        (Some(text), _) => lines.extend(indented(text, width)),
        (None, Some(failure)) => lines.extend(indented(&format!("failed: {failure}"), width)),
        (None, None) => lines.push(Line(Some(FAINT), "  not asked yet".into())),
    }
    let mut records = reading.records.iter().filter(|it| it.judged.is_none());
    let record = records
        .find(|it| it.candidate == trial.candidate && it.repeat == trial.repeat)
        .copied();
    if let Some(Outcome::Answered(reply)) = record.map(|record| &record.outcome) {
        for call in &reply.tool_calls {
            let call = format!("calls {}({})", call.name, text_of(&call.arguments));
            lines.extend(indented(&call, width));
        }
    }
    for (scorer, score) in &trial.scores {
        let value = score.value.map_or_else(
            || "unscored".to_owned(),
            |value| format!("{}", (value * 1e4).round() / 1e4),
        );
        let why = match score.why.is_empty() {
            true => String::new(),
            false => format!("  {}", score.why),
        };
        let first = format!("  {}: {value}", plain_line(scorer));
        lines.extend(hung(&format!("{first}{}", plain_line(&why)), width, None));
    }
    if trial.text.is_some() {
        lines.extend(hung(
            &format!("  {}", facts(trial).join(" · ")),
            width,
            Some(FAINT),
        ));
    }
    lines.extend(attempts(record, width));
    lines
}

fn facts(trial: &TrialView) -> Vec<String> {
    let mut facts: Vec<String> = odd(trial).into_iter().map(str::to_owned).collect();
    facts.extend(
        trial
            .finish
            .as_ref()
            .map(|finish| format!("finish {finish}")),
    );
    facts.extend(trial.input_tokens.map(|n| format!("{n} tokens in")));
    facts.extend(trial.output_tokens.map(|n| format!("{n} out")));
    facts.extend(trial.latency_ms.map(duration));
    let first = trial.first_token_ms.map(duration);
    facts.extend(first.map(|time| format!("first token {time}")));
    facts.push(trial.cost_usd.map_or_else(|| "cost unknown".into(), money));
    let served = trial.hop.as_ref().or(trial.served_model.as_ref());
    facts.extend(served.map(|model| format!("served by {model}")));
    facts.push(trial.origin.clone());
    facts
        .iter()
        .map(|fact| plain_line(fact).into_owned())
        .collect()
}

/// Every attempt, where there was more than the one that answered.
fn attempts(record: Option<&Record>, width: usize) -> Vec<Line> {
    let Some(record) = record else {
        return Vec::new();
    };
    let routed = |attempt: &Attempt| attempt.at.as_ref().is_some_and(|at| at.why.is_some());
    let one = record.attempts.len() < 2 && matches!(record.outcome, Outcome::Answered(_));
    if one && !record.attempts.iter().any(routed) {
        return Vec::new();
    }
    let line = |attempt: &Attempt| {
        let how = how(attempt);
        let at = attempt.at.as_ref().map_or(String::new(), |at| {
            let why = at.why.as_ref();
            let why = why.map_or(String::new(), |why| format!(" ({why})"));
            format!(" at hop {}, {}{why}", at.hop, at.model)
        });
        let cost = attempt.cost.as_ref();
        let cost = cost.map_or_else(|| NONE.to_owned(), |cost| money(cost.usd));
        let time = duration(attempt.times.latency());
        let text = format!("  attempt {}{at}: {time}, {cost}, {how}", attempt.number);
        hung(&plain_line(&text), width, Some(FAINT))
    };
    record.attempts.iter().flat_map(line).collect()
}

/// How an attempt ended.
fn how(attempt: &Attempt) -> String {
    match (&attempt.failure, &attempt.passed) {
        (Some(failure), _) => format!("{}: {}", failure.kind.name(), failure.message),
        (None, Some(passed)) => {
            let odd = passed.why.iter().map(|word| word.name().to_owned());
            let check = attempt.checked.as_ref().map(|it| it.verdict.why.clone());
            let why: Vec<String> = odd.chain(check).collect();
            match why.is_empty() {
                true => format!("said: {}", passed.reply.text),
                false => format!("answered, passed over: {}", why.join(", ")),
            }
        }
        (None, None) => match &attempt.checked {
            Some(checked) => format!("answered, {}", checked.verdict.why),
            None => "answered".to_owned(),
        },
    }
}

/// The prompt, and the command that asks again.
fn foot(reading: &Reading<'_>, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (names, messages) in &reading.prompts {
        lines.push(Line(None, String::new()));
        let of = match reading.prompts.len() {
            1 => String::new(),
            _ => format!(" of {}", names.join(", ")),
        };
        lines.push(Line(
            Some(STRONG),
            clip(&plain_line(&format!("prompt{of}")), width),
        ));
        for message in messages {
            let role = match message.role {
                Role::System => "system",
                Role::User => "user",
                Role::Assistant => "assistant",
                Role::Tool => "tool",
            };
            lines.push(Line(Some(FAINT), role.into()));
            for part in &message.parts {
                match part {
                    Part::Text { text } => lines.extend(indented(text, width)),
                    Part::Image { .. } => lines.push(Line(Some(FAINT), "  (a picture)".into())),
                }
            }
            for call in &message.tool_calls {
                let call = format!("calls {}({})", call.name, text_of(&call.arguments));
                lines.extend(indented(&call, width));
            }
        }
    }
    if let Some(why) = &reading.unshown {
        lines.push(Line(None, String::new()));
        lines.extend(hung(&plain_line(why), width, Some(FAINT)));
    }
    lines.push(Line(None, String::new()));
    let case = shell(&reading.case.id);
    lines.extend(hung(
        &format!("ask it again: bakeoff run --fresh --only {case}"),
        width,
        Some(FAINT),
    ));
    lines
}

/// Text in lines of this width, two columns in.
fn indented(text: &str, width: usize) -> Vec<Line> {
    let safe = plain(text);
    let lines = safe.lines().flat_map(|line| {
        let wrapped = wrap(&line.replace('\t', "    "), width, "  ");
        wrapped.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    lines.map(|line| Line(None, line)).collect()
}

/// A line that goes on below itself, four columns in.
fn hung(text: &str, width: usize, style: Option<Style>) -> Vec<Line> {
    let indent = text.len() - text.trim_start().len();
    let wrapped = wrap(text.trim_start(), width.saturating_sub(indent + 2), "");
    let lines = wrapped.lines().enumerate().map(|(at, line)| {
        let more = if at == 0 { 0 } else { 2 };
        Line(style, format!("{}{line}", " ".repeat(indent + more)))
    });
    lines.collect()
}
