//! What a failure means for its lane, and so for every request after it.

use super::engine::Engine;
use super::event::Event;
use super::retry::{Decision, LONGEST_WAIT};
use crate::plan::Target;
use crate::provider::{Failure, FailureKind};

impl Engine {
    /// What a failure means for its lane: a wrong key or an empty purse closes it, a refused model
    /// closes that model, "too many" makes all of it wait.
    pub(super) fn heed(&self, target: &Target, failure: &Failure, decision: Decision) {
        let lane = &self.lanes[&target.lane];
        let limited = matches!(
            failure.kind,
            FailureKind::RateLimit | FailureKind::Overloaded
        );
        let too_long = failure.retry_after.is_some_and(|wait| wait > LONGEST_WAIT);
        let whole = match failure.kind {
            FailureKind::Auth => failure.http_status != Some(403),
            FailureKind::Quota => failure.http_status == Some(402),
            _ if limited && too_long => true,
            FailureKind::RateLimit | FailureKind::Overloaded => {
                let wish = failure.retry_after;
                let wait = match decision {
                    Decision::Retry(wait) if failure.kind == FailureKind::RateLimit => Some(wait),
                    _ => wish,
                };
                if let Some(wait) = wait {
                    lane.pause(wait);
                    let (lane, kind) = (target.lane.clone(), failure.kind);
                    self.tell(Event::Waiting { lane, kind, wait });
                }
                return;
            }
            _ => return,
        };
        let model = (!whole).then_some(target.wire_model.as_str());
        if lane.close(model, failure) {
            let name = if whole { &target.lane } else { &target.name };
            self.tell(Event::Closed {
                lane: name.clone(),
                kind: failure.kind,
                message: failure.message.clone(),
            });
        }
    }
}
