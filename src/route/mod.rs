//! What a routing policy is worth, from what was recorded: no calls are made.
//!
//! A stored run, or a table, becomes a [`Matrix`] of cases × candidates. [`simulate`] replays policies on it beside the
//! baselines that must always be shown; [`fit`] makes policies of it, cross-fitted, and approves one only where its saving
//! will keep; [`drill`] says what a chain delivers when a provider is down.

mod baseline;
pub mod drill;
pub mod export;
pub mod fit;
mod gap;
mod matrix;
mod policy;
mod recorded;
mod replay;
pub mod simulate;
mod table;
#[cfg(test)]
mod tests;

pub use baseline::{oracle, singles};
pub use matrix::{Cell, Matrix, Missing, Recorded, Request};
pub use policy::{Answers, ScoresOnly, replay};
pub use recorded::{LOGPROB, Prompt, recorded, replies};
pub use replay::{Replay, Way};
pub use table::read;

/// 64 bits of BLAKE3 over words.
fn hash<'a>(words: impl Iterator<Item = &'a str>) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for word in words {
        hasher.update(&(word.len() as u64).to_le_bytes());
        hasher.update(word.as_bytes());
    }
    let bytes = hasher.finalize();
    u64::from_le_bytes(
        bytes.as_bytes()[..8]
            .try_into()
            .expect("eight bytes are eight"),
    )
}
