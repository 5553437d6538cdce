//! The integration tests: one binary, a module per command or campaign.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may panic, print what they checked, and read the real world"
)]

mod allowance;
mod architecture;
mod before;
mod browser;
mod chain;
mod ci;
mod commands;
mod compare;
mod docs;
mod doctor;
mod drill;
mod early;
mod export;
mod extractors;
mod gaps;
mod gate;
mod gate_limits;
mod golden;
mod hands;
mod helps;
mod judges;
mod kinds;
mod lint;
mod mistakes;
mod never_green;
mod outputs;
mod pages;
mod pictures;
mod port;
mod prices;
mod project;
mod real;
mod recordings;
mod refused;
mod resume;
mod routes;
mod routing;
mod run;
mod sdk_requests;
mod serve;
mod server;
mod shared;
mod start;
mod state;
mod tables;
mod talk;
mod trouble;
mod whole;
mod wire;
mod written;
