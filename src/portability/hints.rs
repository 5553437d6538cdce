//! What to try when answers changed: a sentence for each finding, naming the setting. The same
//! findings give the same sentences.

use super::LintRow;
use super::oddity::{Oddity, Replies};
use super::shifts::{Shift, Shifts};
use crate::plan::Column;
use crate::provider::FailureKind;
use crate::provider::lint::Severity;
use std::collections::BTreeMap;

/// Answers this many times as long are worth a word.
const LONGER: f64 = 1.5;

/// What the hints are made from.
pub(super) struct Facts<'a> {
    /// The target.
    pub to: &'a Column,
    /// Its replies.
    pub said: &'a Replies<'a>,
    /// How they differ.
    pub shifts: &'a Shifts,
    /// Whether the prompt has a schema for its answers.
    pub schema: bool,
    /// The margin of the verdict: a rise of as much is told even if it is not shown.
    pub margin: f64,
}

/// What the lint says of the target and not of the first model.
pub(super) fn of_lint(lint: &[LintRow], from: &str, to: &str) -> Vec<String> {
    let telling = |row: &&LintRow| row.finding.severity > Severity::Note;
    let own = lint
        .iter()
        .filter(|row| row.candidate == to)
        .filter(telling);
    let known = |rule: &str| {
        let mut first = lint.iter().filter(|row| row.candidate == from);
        first.any(|row| row.finding.rule == rule)
    };
    let fresh = own.filter(|row| !known(row.finding.rule));
    fresh
        .map(|row| {
            let finding = &row.finding;
            format!("{}: {} [{}]", finding.message, finding.help, finding.rule)
        })
        .collect()
}

/// What the shifts say.
pub(super) fn of_shifts(facts: &Facts<'_>) -> Vec<String> {
    let mut hints = Vec::new();
    for (odd, shift) in &facts.shifts.odd {
        if rose(shift, facts.margin) {
            hints.extend(hint(*odd, shift, facts));
        }
    }
    let longer = facts
        .shifts
        .length
        .filter(|it| it.ratio.low.is_some_and(|low| low > LONGER));
    hints.extend(longer.map(|it| {
        let times = it.ratio.value;
        format!("answers are {times:.1} times as long: ask in the prompt for a short answer, or lower `params.max_tokens`")
    }));
    hints
}

/// Whether more replies are odd: shown, or by as much as the margin.
fn rose(shift: &Shift, margin: f64) -> bool {
    let shown = shift.difference.low.is_some_and(|low| low > 0.0);
    shift.to > shift.from && (shown || shift.to - shift.from >= margin)
}

fn hint(odd: Oddity, shift: &Shift, facts: &Facts<'_>) -> Option<String> {
    let share = format!("{:.0} % of the answers", (shift.to * 100.0).max(1.0));
    let limit = facts.to.params["max_tokens"].as_u64();
    let limit = limit.map_or_else(String::new, |limit| format!(" (now {limit})"));
    let model = &facts.to.model;
    Some(match odd {
        Oddity::Failed => failed(facts)?,
        Oddity::Refused => format!(
            "{share} are refusals: say in the system message who asks, what for, and that it is allowed; a filter of the provider's is set in `params.extra`"
        ),
        Oddity::Cut => format!(
            "{share} are cut: raise `params.max_tokens`{limit} for {model}, or ask in the prompt for a shorter answer"
        ),
        // The more telling one has a hint of its own.
        Oddity::Empty if all_reasoned(facts) => return None,
        Oddity::Empty => format!(
            "{share} are empty: look at one with `bakeoff show`; a `params.stop` that the model begins with, or a message that it takes for the end, does this"
        ),
        Oddity::EmptyAfterReasoning => format!(
            "{share} are empty after reasoning: raise `params.max_tokens`{limit}, or lower `params.reasoning.effort`"
        ),
        Oddity::InvalidJson if facts.schema => format!(
            "{share} hold no valid JSON in spite of `output_schema`: name the fields in the prompt too, with an example"
        ),
        Oddity::InvalidJson => format!(
            "{share} hold no valid JSON: give the prompt an `output_schema`, or show it an example in `examples`"
        ),
        Oddity::Fenced => format!(
            "{share} put their JSON in a Markdown fence: ask in the prompt for bare JSON without a fence, or give it an `output_schema`"
        ),
        Oddity::Around => format!(
            "{share} put text around the answer: ask in the prompt for the answer alone, or score with `label`, `contains` or `numeric`, which look for it"
        ),
        Oddity::MalformedToolCall => format!(
            "{share} call a tool with arguments that are no object: simplify the tool's `parameters`, describe each field, or set `parallel_tool_calls: false`"
        ),
        Oddity::Language => format!(
            "{share} are in another script: name the language of the answer in the system message"
        ),
    })
}

fn all_reasoned(facts: &Facts<'_>) -> bool {
    let share = |odd| facts.shifts.odd.get(&odd).map(|shift| shift.to);
    share(Oddity::Empty) == share(Oddity::EmptyAfterReasoning)
}

/// What to do about the most frequent failure.
fn failed(facts: &Facts<'_>) -> Option<String> {
    let mut kinds: BTreeMap<FailureKind, usize> = BTreeMap::new();
    for kind in facts
        .said
        .0
        .iter()
        .flatten()
        .filter_map(|seen| seen.failure)
    {
        *kinds.entry(kind).or_default() += 1;
    }
    let (kind, count) = kinds.into_iter().max_by_key(|(_, count)| *count)?;
    let what = match kind {
        FailureKind::RateLimit | FailureKind::Overloaded | FailureKind::Quota => {
            "lower its lane's caps in `limits.lanes`, or raise `limits.attempts`"
        }
        FailureKind::Timeout => "raise `limits.timeout`",
        FailureKind::ContextLength => "shorten the prompt, or lower `params.max_tokens`",
        FailureKind::ContentFilter => {
            "the provider filters what is asked: reword it, or set its filter in `params.extra`"
        }
        FailureKind::InvalidRequest => {
            "the API refuses the request: see its message in `bakeoff show`"
        }
        FailureKind::ToolUseFailed | FailureKind::Malformed => {
            "simplify the tool's `parameters`, or set `parallel_tool_calls: false`"
        }
        FailureKind::Auth => "check its key",
        FailureKind::NotFound => "check the model's name and `base_url`",
        FailureKind::Budget => "raise `limits.max_cost`",
        FailureKind::Server | FailureKind::Transport => {
            "ask again later, or raise `limits.attempts`"
        }
    };
    Some(format!("{count} calls failed ({}): {what}", kind.name()))
}
