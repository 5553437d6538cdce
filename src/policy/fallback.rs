//! Fallback: models in a fixed order, each asked when what came before it is of a kind that leads to it.

use super::{Came, Step};
use crate::project::Trigger;
use crate::provider::FailureKind;

/// The longest chain.
pub const MOST_HOPS: usize = 8;

/// What leads to a hop that does not say: that a model cannot be had. A bad request would be bad
/// elsewhere too, and a refusal is an answer.
pub const DEFAULT: [Trigger; 8] = [
    Trigger::RateLimit,
    Trigger::Overloaded,
    Trigger::Server,
    Trigger::Timeout,
    Trigger::Transport,
    Trigger::Quota,
    Trigger::Auth,
    Trigger::NotFound,
];

/// What leads to each of the models that are asked when others gave no answer, in order. The default
/// is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fallback {
    /// Hop, and the words that lead there.
    rest: Vec<(usize, Vec<Trigger>)>,
}

impl Fallback {
    /// A chain; `on` says of each hop after the first what leads to it.
    pub fn new(on: Vec<Vec<Trigger>>) -> Fallback {
        let rest = (1..).zip(on).collect();
        Fallback { rest }
    }

    /// Hops that come after a policy's own, each with what leads to it.
    pub(super) fn after(rest: Vec<(usize, Vec<Trigger>)>) -> Fallback {
        Fallback { rest }
    }

    /// Its hops, in order.
    pub(super) fn hops(&self) -> impl Iterator<Item = usize> {
        self.rest.iter().map(|(hop, _)| *hop)
    }

    /// What leads to a hop; nothing leads to one that a policy chooses.
    pub fn on(&self, hop: usize) -> &[Trigger] {
        let found = self.rest.iter().find(|(own, _)| *own == hop);
        found.map_or(&[], |(_, on)| on.as_slice())
    }

    /// Whether an answer of this hop may lead on to another one.
    pub fn may_pass_over(&self, hop: usize) -> bool {
        let odd = [Trigger::Refusal, Trigger::Cut, Trigger::Empty];
        let own = self.rest.iter().position(|(own, _)| *own == hop);
        let later = self.rest.iter().skip(own.map_or(0, |at| at + 1));
        later.flat_map(|(_, on)| on).any(|word| odd.contains(word))
    }

    /// The hop to ask after what came so far; `None` when it is over. A chain begins with hop 0.
    ///
    /// It is the first later hop that the last outcome leads to. Hops that were passed by unasked
    /// hide nothing: what came before them counts as well. No hop is asked twice.
    pub fn next(&self, so_far: &[Step]) -> Option<usize> {
        if so_far.is_empty() {
            return Some(0);
        }
        let unasked = |step: &&Step| matches!(step.came, Came::Closed(_));
        let since = so_far.iter().rev().take_while(unasked).count() + 1;
        let reasons = &so_far[so_far.len().saturating_sub(since)..];
        let place = |step: &Step| self.hops().position(|hop| hop == step.hop);
        let from = so_far.iter().filter_map(place).max();
        let later = &self.rest[from.map_or(0, |at| at + 1)..];
        let asked = |hop: usize| so_far.iter().any(|step| step.hop == hop);
        let leading = |on: &[Trigger]| reasons.iter().any(|step| leads(on, &step.came));
        let next = later.iter().find(|(hop, on)| !asked(*hop) && leading(on));
        next.map(|(hop, _)| *hop)
    }
}

/// Whether one of these words stands for what came.
pub(super) fn leads(on: &[Trigger], came: &Came) -> bool {
    match came {
        Came::Answered(odd) => odd.iter().any(|word| on.contains(word)),
        Came::Said(_) => false,
        Came::Failed(kind) | Came::Closed(kind) => {
            word_of(*kind).is_some_and(|word| on.contains(&word) || on.contains(&Trigger::Any))
        }
    }
}

/// The word for a kind of failure. Our own cap ends a run, whatever the chain.
fn word_of(kind: FailureKind) -> Option<Trigger> {
    Some(match kind {
        FailureKind::Auth => Trigger::Auth,
        FailureKind::NotFound => Trigger::NotFound,
        FailureKind::Quota => Trigger::Quota,
        FailureKind::RateLimit => Trigger::RateLimit,
        FailureKind::Overloaded => Trigger::Overloaded,
        FailureKind::Server => Trigger::Server,
        FailureKind::Timeout => Trigger::Timeout,
        FailureKind::Transport => Trigger::Transport,
        FailureKind::ContextLength => Trigger::ContextLength,
        FailureKind::ContentFilter => Trigger::ContentFilter,
        FailureKind::InvalidRequest => Trigger::InvalidRequest,
        FailureKind::ToolUseFailed => Trigger::ToolUseFailed,
        FailureKind::Malformed => Trigger::Malformed,
        FailureKind::Budget => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Finish, Reply};

    fn failed(hop: usize, kind: FailureKind) -> Step {
        Step::new(hop, Came::Failed(kind))
    }

    fn chain(on: &[&[Trigger]]) -> Fallback {
        Fallback::new(on.iter().map(|words| words.to_vec()).collect())
    }

    #[test]
    fn one_model_is_asked_and_that_is_all() {
        let single = Fallback::default();
        assert_eq!(single.next(&[]), Some(0));
        assert_eq!(single.next(&[failed(0, FailureKind::Server)]), None);
    }

    #[test]
    fn what_cannot_be_had_leads_on_and_what_is_wrong_does_not() {
        use FailureKind::*;
        let chain = chain(&[&DEFAULT]);
        for kind in [
            RateLimit, Overloaded, Server, Timeout, Transport, Quota, Auth, NotFound,
        ] {
            assert_eq!(chain.next(&[failed(0, kind)]), Some(1), "{kind:?}");
        }
        for kind in [
            ContextLength,
            ContentFilter,
            InvalidRequest,
            ToolUseFailed,
            Malformed,
            Budget,
        ] {
            assert_eq!(chain.next(&[failed(0, kind)]), None, "{kind:?}");
        }
    }

    #[test]
    fn the_first_hop_that_the_failure_leads_to_is_asked() {
        let chain = chain(&[
            &[Trigger::ContextLength],
            &[Trigger::RateLimit],
            &[Trigger::Any],
        ]);
        let next = |kind| chain.next(&[failed(0, kind)]);
        assert_eq!(next(FailureKind::ContextLength), Some(1));
        assert_eq!(next(FailureKind::RateLimit), Some(2));
        assert_eq!(next(FailureKind::InvalidRequest), Some(3));
        let late = [
            failed(0, FailureKind::RateLimit),
            failed(2, FailureKind::RateLimit),
        ];
        assert_eq!(chain.next(&late), Some(3), "never back, never twice");
    }

    #[test]
    fn a_hop_passed_by_hides_nothing() {
        let chain = chain(&[&DEFAULT, &[Trigger::RateLimit], &[Trigger::Quota]]);
        let limited = failed(0, FailureKind::RateLimit);
        let closed = |hop| Step::new(hop, Came::Closed(FailureKind::Auth));
        assert_eq!(chain.next(&[limited.clone(), closed(1)]), Some(2));
        assert_eq!(chain.next(&[limited, closed(1), closed(2)]), None);
        assert_eq!(chain.next(&[closed(0)]), Some(1));
    }

    #[test]
    fn an_answer_leads_on_only_where_its_oddity_is_named() {
        let refusal = Reply {
            refusal: Some("no".into()),
            text: "no".into(),
            ..Reply::default()
        };
        let cut = Reply {
            finish: Some(Finish::Length),
            text: "and".into(),
            ..Reply::default()
        };
        let fine = Reply {
            text: "yes".into(),
            ..Reply::default()
        };
        let next = |on: &[Trigger], reply: &Reply| {
            let step = Step::new(0, Came::answered(reply));
            chain(&[on]).next(&[step])
        };
        for reply in [&refusal, &cut, &fine, &Reply::default()] {
            assert_eq!(next(&DEFAULT, reply), None);
            assert_eq!(
                next(&[Trigger::Any], reply),
                None,
                "an answer is no failure"
            );
        }
        assert_eq!(next(&[Trigger::Refusal], &refusal), Some(1));
        assert_eq!(next(&[Trigger::Refusal], &cut), None);
        assert_eq!(next(&[Trigger::Cut, Trigger::Empty], &cut), Some(1));
        assert_eq!(next(&[Trigger::Empty], &Reply::default()), Some(1));
    }

    proptest::proptest! {
        /// Whatever comes, a chain goes forward only and ends.
        #[test]
        fn a_chain_ends(hops in 0usize..8, kinds in proptest::collection::vec(0usize..4, 16)) {
            let chain = Fallback::new(vec![DEFAULT.to_vec(); hops]);
            let mut past: Vec<Step> = Vec::new();
            while let Some(hop) = chain.next(&past) {
                proptest::prop_assert!(past.last().is_none_or(|last| hop > last.hop) && hop <= hops);
                let came = match kinds[hop] {
                    0 => Came::Failed(FailureKind::Server),
                    1 => Came::Closed(FailureKind::Auth),
                    2 => Came::Answered(vec![Trigger::Refusal]),
                    _ => Came::Failed(FailureKind::InvalidRequest),
                };
                past.push(Step::new(hop, came));
            }
            proptest::prop_assert!(past.len() <= hops + 1);
        }
    }
}
