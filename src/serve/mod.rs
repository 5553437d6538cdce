//! An endpoint that answers like a provider and asks the suite's models through the engine: with its
//! retries, fallbacks, lanes and caps.
//!
//! A caller speaks chat completions (`openai`) or messages (`anthropic`); both are [`wire::Wire`]s,
//! pure translations to and from the neutral call. `answer.rs` is one request's life, `server.rs` the
//! only file that knows HTTP. Nothing here decides which model answers: that is the candidate's policy.

mod answer;
pub mod anthropic;
mod caller;
mod calls;
mod clients;
mod content;
mod dataset;
mod fields;
mod guard;
mod metrics;
mod note;
pub mod openai;
mod purse;
mod server;
mod shared;
mod trouble;
pub mod wire;

pub use clients::{Clients, hash};
pub use content::Blank;
pub use dataset::case;
pub use guard::Guard;
pub use purse::Purse;
pub use server::serve;
pub use shared::{Clock, Setup, Shared};
pub use trouble::{Cause, Trouble};
