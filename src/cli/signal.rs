//! Ctrl-C and SIGTERM: the first stops sending, the second leaves at once.

use crate::run::{Stop, Urgency};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// How long requests in flight may go on after the first signal.
const GRACE: Duration = Duration::from_secs(30);

/// Which signal came last: 0 until one does.
pub type Heard = Arc<AtomicU8>;

const INTERRUPT: u8 = 2;
const TERMINATE: u8 = 15;

/// Turns signals into a [`Stop`], until it is aborted; `next` says how the work goes on later.
pub async fn listen(stop: Stop, heard: Heard, quiet: bool, next: String) {
    let say = |text: &str| {
        if !quiet {
            super::host::note(text);
        }
    };
    loop {
        heard.store(signal().await, Ordering::Relaxed);
        stop.press();
        if stop.urgency() == Urgency::Now {
            say("leaving");
            continue;
        }
        say(&format!("stopping: finishing what is in flight; {next}"));
        let late = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GRACE).await;
            late.press();
        });
    }
}

/// The number of the next signal that asks us to end.
#[cfg(unix)]
pub(super) async fn signal() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => tokio::select! {
            _ = tokio::signal::ctrl_c() => INTERRUPT,
            _ = terminated.recv() => TERMINATE,
        },
        Err(_) => {
            drop(tokio::signal::ctrl_c().await);
            INTERRUPT
        }
    }
}

#[cfg(not(unix))]
pub(super) async fn signal() -> u8 {
    drop(tokio::signal::ctrl_c().await);
    INTERRUPT
}
