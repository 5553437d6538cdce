//! A call made ready for its target: linted, and without what may be dropped.

use super::asked::{Asked, Place};
use super::finding::{Finding, Severity, Transform};
use super::wish::{Wish, wishes};
use super::{Scope, field, lint};
use crate::provider::call::Call;

/// What was found in a call, and what was asked of the target.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settled {
    /// By the rules' ids; what was dropped is a warning.
    pub findings: Vec<Finding>,
    /// What was asked, and what is sent of it.
    pub wishes: Vec<Wish>,
}

/// What may be taken out of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drops {
    /// Nothing.
    Nothing,
    /// That the reply is to come in pieces: it was not the user who asked for that.
    Stream,
    /// What a judge brings by itself besides: its temperature of 0, and the schema of its verdict, which is
    /// parsed strictly all the same.
    Judging,
    /// Every parameter that is refused and can be left out.
    Params,
}

impl Drops {
    /// What a run may take out: the stream, which is its own choice, and parameters if told so.
    pub fn in_a_run(params: bool) -> Drops {
        if params { Drops::Params } else { Drops::Stream }
    }

    /// What may be taken out of a judge's calls in the same run.
    pub fn for_judges(self) -> Drops {
        self.max(Drops::Judging)
    }
}

/// Lints a call and takes out of it what its target refuses and may be left out.
///
/// What is dropped first can make the rest acceptable (no effort, no reasoning, so a temperature may
/// stay), so one finding is seen to after the other, reasoning before all else.
pub fn settle(call: &mut Call, to: &Place, drops: Drops) -> Settled {
    let mut findings = lint(&Asked::new(call, to), Scope::All);
    let mut before = None;
    let mut dropped: Vec<Finding> = Vec::new();
    while let Some(finding) = next(&findings, drops) {
        before.get_or_insert_with(|| call.clone());
        let finding = findings.swap_remove(finding);
        for field in &finding.fields {
            field::drop(call, field);
        }
        dropped.push(Finding {
            severity: finding.severity.min(Severity::Warning),
            transform: Transform::Dropped,
            ..finding
        });
        if dropped.len() >= LIMIT {
            break;
        }
        findings = lint(&Asked::new(call, to), Scope::All);
    }
    findings.extend(dropped);
    findings.sort_by_key(|finding| finding.rule);
    let wishes = wishes(before.as_ref().unwrap_or(call), call, &findings);
    Settled { findings, wishes }
}

/// What [`Drops::Judging`] may drop.
const JUDGING: [&str; 3] = ["stream", "params.temperature", "params.response_schema"];

/// More findings than there are rules cannot be dropped.
const LIMIT: usize = 64;

/// The finding to be seen to next: about reasoning if there is one.
fn next(findings: &[Finding], drops: Drops) -> Option<usize> {
    let open = |finding: &Finding| {
        let may = match drops {
            Drops::Nothing => false,
            Drops::Stream => finding.fields == ["stream"],
            Drops::Judging => finding.fields.iter().all(|field| JUDGING.contains(field)),
            Drops::Params => true,
        };
        if !may {
            return false;
        }
        let sent = !matches!(finding.transform, Transform::LeftOut | Transform::Renamed);
        finding.drops && finding.severity > Severity::Note && !finding.fields.is_empty() && sent
    };
    let about = |finding: &Finding| {
        let mut fields = finding.fields.iter();
        fields.any(|field| field.starts_with("params.reasoning"))
    };
    let first = |of: &dyn Fn(&Finding) -> bool| findings.iter().position(of);
    first(&|finding| open(finding) && about(finding)).or_else(|| first(&open))
}
