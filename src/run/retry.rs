//! Whether to try again, and when: a pure policy. The sleeping is the engine's.

use crate::provider::{Failure, FailureKind};
use std::time::Duration;

/// The longest wait that is still worth it; a server that wants more is given up on.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

const FIRST_WAIT: Duration = Duration::from_millis(500);

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Wait this long, then send again.
    Retry(Duration),
    /// The trial has failed.
    GiveUp,
}

/// Decides after attempt `number` (from 1) of at most `attempts` failed.
///
/// The wait is the larger of the server's wish and exponential backoff with full jitter; `jitter`
/// is a uniform draw from 0..1. A kind that the model caused (`tool_use_failed`, `malformed`) is
/// tried once more only; the server's `x-should-retry` overrides the kind.
pub fn decide(number: u32, attempts: u32, failure: &Failure, jitter: f64) -> Decision {
    use FailureKind::{
        Auth, Budget, ContentFilter, ContextLength, InvalidRequest, Malformed, NotFound,
        Overloaded, Quota, RateLimit, Server, Timeout, ToolUseFailed, Transport,
    };
    let most = match failure.kind {
        RateLimit | Overloaded | Server | Timeout | Transport => attempts,
        ToolUseFailed | Malformed => attempts.min(2),
        Auth | NotFound | Quota | ContextLength | ContentFilter | InvalidRequest | Budget => 1,
    };
    let most = match failure.should_retry {
        Some(true) if failure.kind != Budget => attempts,
        Some(false) => 1,
        _ => most,
    };
    let wish = failure.retry_after.unwrap_or_default();
    if number >= most || wish > LONGEST_WAIT {
        return Decision::GiveUp;
    }
    let ceiling = FIRST_WAIT
        .saturating_mul(1 << (number - 1).min(16))
        .min(LONGEST_WAIT);
    Decision::Retry(wish.max(ceiling.mul_f64(jitter.clamp(0.0, 1.0))))
}

/// The same failure this often in a row, each time while others were answered: it is this request's own.
const SAME: u32 = 6;

/// How often a request met the very same failure while others on its lane were answered.
#[derive(Debug, Default)]
pub struct Alike {
    last: Option<Failure>,
    times: u32,
    answers: u64,
}

impl Alike {
    /// Takes another failure in; `answers` counts what the lane has answered so far. Whether to
    /// stop, whatever `attempts` and the server say. Waiting cures "too many" and "overloaded".
    pub fn again(&mut self, failure: &Failure, answers: u64) -> bool {
        let others = answers > self.answers;
        self.answers = answers;
        let curable = matches!(
            failure.kind,
            FailureKind::RateLimit | FailureKind::Overloaded
        );
        let said = |it: &Failure| {
            (
                it.kind,
                it.http_status,
                it.error_type.clone(),
                it.code.clone(),
            )
        };
        let same = self
            .last
            .as_ref()
            .is_some_and(|last| said(last) == said(failure));
        self.times = match (curable, same && others) {
            (true, _) => 0,
            (false, true) => self.times + 1,
            (false, false) => 1,
        };
        self.last = Some(failure.clone());
        self.times >= SAME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_its_own_ends_a_trial_and_a_broken_server_does_not() {
        let again = |kind: FailureKind, others: u64| {
            let mut alike = Alike::default();
            (1..=100).find(|n| alike.again(&failure(kind), n * others))
        };
        assert_eq!(again(FailureKind::Server, 1), Some(u64::from(SAME)));
        assert_eq!(
            again(FailureKind::Server, 0),
            None,
            "nobody else is answered"
        );
        assert_eq!(again(FailureKind::RateLimit, 1), None);
        let mut alike = Alike::default();
        let kinds = [FailureKind::Server, FailureKind::Transport];
        let mixed = (0..100).find(|n| alike.again(&failure(kinds[*n % 2]), *n as u64));
        assert_eq!(mixed, None, "not the same failure");
    }

    fn failure(kind: FailureKind) -> Failure {
        Failure::new(kind, "x")
    }

    #[test]
    fn passing_trouble_is_retried_until_the_attempts_are_used() {
        let trouble = failure(FailureKind::Server);
        assert_eq!(
            decide(1, 4, &trouble, 1.0),
            Decision::Retry(Duration::from_millis(500))
        );
        assert_eq!(
            decide(3, 4, &trouble, 0.5),
            Decision::Retry(Duration::from_millis(1000))
        );
        assert_eq!(decide(4, 4, &trouble, 1.0), Decision::GiveUp);
    }

    #[test]
    fn what_waiting_cannot_cure_is_not_retried() {
        for kind in [
            FailureKind::Auth,
            FailureKind::Quota,
            FailureKind::InvalidRequest,
            FailureKind::ContextLength,
        ] {
            assert_eq!(
                decide(1, 4, &failure(kind), 0.0),
                Decision::GiveUp,
                "{kind:?}"
            );
        }
        assert_eq!(
            decide(2, 4, &failure(FailureKind::Malformed), 0.0),
            Decision::GiveUp
        );
    }

    #[test]
    fn the_server_is_heard_but_not_without_bound() {
        let mut limited = failure(FailureKind::RateLimit);
        limited.retry_after = Some(Duration::from_secs(7));
        assert_eq!(
            decide(1, 4, &limited, 0.3),
            Decision::Retry(Duration::from_secs(7))
        );
        limited.retry_after = Some(Duration::from_secs(3600));
        assert_eq!(decide(1, 4, &limited, 0.3), Decision::GiveUp);
        let mut told = failure(FailureKind::InvalidRequest);
        told.should_retry = Some(true);
        assert!(matches!(decide(1, 4, &told, 0.0), Decision::Retry(_)));
        let mut told = failure(FailureKind::Server);
        told.should_retry = Some(false);
        assert_eq!(decide(1, 4, &told, 0.0), Decision::GiveUp);
    }
}
