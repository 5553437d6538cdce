//! The integration tests: one binary, a module per command or campaign.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may panic, print what they checked, and read the real world"
)]

mod architecture;
mod before;
mod commands;
mod golden;
mod hands;
mod kinds;
mod project;
mod recordings;
mod resume;
mod run;
mod sdk_requests;
mod server;
mod shared;
mod trouble;
mod wire;
