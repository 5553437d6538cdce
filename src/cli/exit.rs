//! How a command ends, for scripts.

use std::process::ExitCode;

/// An exit code with its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Good.
    Good,
    /// A gate failed, or may not be judged.
    Failed,
    /// The user's files or flags are wrong.
    Usage,
    /// The run is incomplete.
    Incomplete,
    /// A gate cannot decide.
    Undecided,
    /// Interrupted twice by Ctrl-C, or by SIGTERM.
    Interrupted(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Good => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Incomplete => 3,
            Exit::Undecided => 4,
            Exit::Interrupted(signal) => 128 + signal,
        })
    }
}
