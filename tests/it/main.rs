//! The integration tests: one binary, a module per command or campaign.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may panic, print what they checked, and read the real world"
)]

mod architecture;
mod before;
mod chain;
mod commands;
mod gate;
mod golden;
mod hands;
mod kinds;
mod pictures;
mod project;
mod real;
mod recordings;
mod resume;
mod run;
mod sdk_requests;
mod server;
mod shared;
mod talk;
mod trouble;
mod wire;
