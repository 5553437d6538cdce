//! A request to stop, passed from whoever hears Ctrl-C to everyone who sends.

use std::sync::Arc;
use tokio::sync::watch;

/// How urgently to stop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Go on.
    #[default]
    None,
    /// Send nothing more; finish what is in flight.
    Soon,
    /// Leave everything.
    Now,
}

#[derive(Debug, Default)]
struct State {
    urgency: Urgency,
    presses: u32,
}

/// Both ends of the signal. Clones share it.
#[derive(Debug, Clone)]
pub struct Stop {
    sender: Arc<watch::Sender<State>>,
}

impl Default for Stop {
    fn default() -> Self {
        Stop {
            sender: Arc::new(watch::Sender::new(State::default())),
        }
    }
}

impl Stop {
    /// A person wants it to stop: the first time soon, the second time now.
    pub fn press(&self) {
        self.sender.send_modify(|state| {
            state.presses += 1;
            state.urgency = match state.presses {
                1 => state.urgency.max(Urgency::Soon),
                _ => Urgency::Now,
            };
        });
    }

    /// The run itself wants to stop (a cap, the store): softly, and nobody has pressed yet.
    pub fn soon(&self) {
        self.sender
            .send_modify(|state| state.urgency = state.urgency.max(Urgency::Soon));
    }

    /// How urgent it is now.
    pub fn urgency(&self) -> Urgency {
        self.sender.borrow().urgency
    }

    /// Resolves when it is at least as urgent as this.
    pub async fn reached(&self, urgency: Urgency) {
        let mut receiver = self.sender.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        let _ = receiver.wait_for(|state| state.urgency >= urgency).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_of_our_own_does_not_make_the_first_press_urgent() {
        let stop = Stop::default();
        stop.soon();
        stop.press();
        assert_eq!(stop.urgency(), Urgency::Soon);
        stop.press();
        assert_eq!(stop.urgency(), Urgency::Now);
    }
}
