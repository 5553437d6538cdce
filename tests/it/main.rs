//! The integration tests: one binary, a module per command or campaign.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may panic, print what they checked, and read the real world"
)]

mod golden;
mod recordings;
mod sdk_requests;
mod shared;
mod wire;
