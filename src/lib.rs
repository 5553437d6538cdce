//! bakeoff: pick, migrate and guard LLM prompts with numbers that can be trusted.
//!
//! A run fills a table: a row per case, a column per candidate (model × prompt × parameters), a cell
//! per repeat. A cell first gets a reply, then scores; everything else only reads the table. Data
//! goes one way, and each arrow is one function:
//!
//! ```text
//! bakeoff.yaml + folders → Project → Plan → (run) → stored replies → (score) → stored scores → Summary → Report
//! ```
//!
//! The rooms, from the ground up; each uses only those before it:
//!
//! - [`source`] a user's files and what is wrong in them · [`stats`] numbers in, numbers out · [`text`]
//!   texts in, numbers out
//! - [`calibration`] judges held against people · [`template`] texts with variables · [`project`] the suite and its files
//! - [`dataset`] the cases · [`prompt`] templates made into conversations
//! - [`provider`] neutral calls and replies, and their translation to HTTP
//! - [`policy`] which model is asked next · [`plan`] every trial, resolved · [`store`] what is kept
//! - [`run`] the engine · [`score`] from a reply to a score
//! - [`summary`] what a run says
//! - [`gate`] did it get worse? · [`route`] what is a policy worth? · [`portability`] what will not carry over
//! - [`report`] how it is shown · [`serve`] an endpoint that runs a policy · [`cli`] the command line
//!
//! ```no_run
//! use bakeoff::{dataset::Dataset, project::Project};
//! use std::path::Path;
//!
//! let project = Project::load(None, Path::new("."), false).expect("a suite without mistakes");
//! let block = project.doc.top().child("dataset").expect("every suite has a dataset");
//! let dataset = Dataset::read(&block, &project.catalog).expect("a dataset without mistakes");
//! println!("{}: {} cases", project.suite.name, dataset.cases.len());
//! ```
#![warn(missing_docs)]
#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        clippy::print_stdout,
        reason = "tests measure, and print what they measured"
    )
)]

pub mod calibration;
pub mod cli;
pub mod dataset;
pub mod gate;
pub mod plan;
pub mod policy;
pub mod portability;
pub mod project;
pub mod prompt;
pub mod provider;
pub mod report;
pub mod route;
pub mod run;
pub mod score;
pub mod serve;
pub mod source;
pub mod stats;
pub mod store;
pub mod summary;
pub mod template;
pub mod text;
