//! The real world, read in one place: environment, clock, terminal. Everything else gets values.

use super::args::{Global, When};
use crate::source::{Problem, spelled, unheeded};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What a command knows of the world.
pub struct Host {
    /// The folder it was started in.
    pub cwd: PathBuf,
    /// Environment variables, with those of `--env-file` that were not set.
    pub env: BTreeMap<String, String>,
    /// Stdin is a terminal.
    pub stdin_tty: bool,
    /// Stderr is a terminal.
    pub stderr_tty: bool,
    /// Colours on stdout.
    pub colour: bool,
    /// Colours on stderr.
    pub stderr_colour: bool,
    /// Columns of the terminal; 80 where there is none.
    pub width: usize,
    /// A CI service runs us.
    pub ci: bool,
    /// Only results.
    pub quiet: bool,
}

impl Host {
    /// Reads the world.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn new(global: &Global) -> Result<Host, Problem> {
        let cwd = std::env::current_dir()
            .map_err(|e| Problem::error(format!("cannot read the current folder: {e}")))?;
        let mut env: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        if let Some(file) = &global.env_file {
            let fail = |e: dotenvy::Error| {
                Problem::error(format!("cannot read the env file {}: {e}", file.display()))
            };
            for line in dotenvy::from_path_iter(file).map_err(fail)? {
                let (name, value) = line.map_err(fail)?;
                env.entry(name).or_insert(value);
            }
        }
        let set = |name: &str| env.get(name).is_some_and(|value| !value.is_empty());
        let (stdout_tty, stderr_tty) = (
            std::io::stdout().is_terminal(),
            std::io::stderr().is_terminal(),
        );
        let plain = set("NO_COLOR") || env.get("TERM").is_some_and(|term| term == "dumb");
        let forced = env
            .get("CLICOLOR_FORCE")
            .is_some_and(|value| value != "0" && !value.is_empty());
        let colour = |tty: bool| match global.color {
            When::Always => true,
            When::Never => false,
            When::Auto => !plain && (tty || forced),
        };
        let width = terminal_width(&env, stdout_tty || stderr_tty);
        let (colour, stderr_colour) = (colour(stdout_tty), colour(stderr_tty));
        let services = ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD"];
        let ci = services.into_iter().any(set);
        Ok(Host {
            cwd,
            env,
            stdin_tty: std::io::stdin().is_terminal(),
            stderr_tty,
            colour,
            stderr_colour,
            width,
            ci,
            quiet: global.quiet,
        })
    }

    /// A variable of the environment or the env file.
    pub fn var(&self, name: &str) -> Option<String> {
        self.env
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    }

    /// Now, RFC 3339 in UTC, to the second.
    pub fn now(&self) -> String {
        clock().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Now, as AWS's signature wants it.
    pub fn signing_time() -> String {
        clock().strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// The time and new ids, for those who ask again and again.
    pub fn clock() -> crate::serve::Clock {
        crate::serve::Clock {
            now: || clock().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            seconds: || clock().as_second(),
            id: || uuid::Uuid::now_v7().to_string(),
        }
    }

    /// 256 bits that nobody can guess.
    pub fn random() -> Result<[u8; 32], Problem> {
        let mut bytes = [0; 32];
        let filled = getrandom::fill(&mut bytes);
        filled.map_err(|e| Problem::error(format!("the system gives no random numbers: {e}")))?;
        Ok(bytes)
    }

    /// Seconds since 1970, UTC.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    pub fn seconds(&self) -> i64 {
        jiff::Timestamp::now().as_second()
    }

    /// A new run's id: sortable by time (UUIDv7).
    pub fn new_id(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }

    /// A text file, or stdin for `-`.
    pub fn read(&self, path: &Path) -> Result<String, Problem> {
        let fail =
            |e: std::io::Error| Problem::error(format!("cannot read {}: {e}", path.display()));
        if path == Path::new("-") {
            return std::io::read_to_string(std::io::stdin().lock()).map_err(fail);
        }
        std::fs::read_to_string(self.cwd.join(path)).map_err(fail)
    }

    /// Whether someone is there to be asked.
    pub fn answers(&self) -> bool {
        self.stdin_tty && self.stderr_tty && !self.ci && !self.quiet
    }

    /// Asks a question and reads a line; empty where nothing is said.
    pub fn ask(&self, question: &str) -> String {
        message(question);
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(_) => line.trim().to_owned(),
            Err(_) => String::new(),
        }
    }

    /// Writes what a question is about, quiet or not.
    pub fn show(&self, text: &str) {
        message(text);
    }

    /// Asks a question and reads a line; `None` once nothing more will be said.
    pub fn answer(&self, question: &str) -> Option<String> {
        message(question);
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim().to_owned()),
        }
    }

    /// Writes results that people read, or JSON: nothing that the log of a CI service would obey. A closed
    /// pipe is not our problem.
    pub fn print(&self, text: &str) {
        let shown = spelled(text);
        let shown = match self.ci {
            true => unheeded(&shown),
            false => Cow::Borrowed(&*shown),
        };
        heed(write(&mut std::io::stdout().lock(), &shown));
    }

    /// Writes results as they are.
    pub fn print_bytes(&self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        heed(out.write_all(bytes).and_then(|()| out.flush()));
    }

    /// Writes a message, unless quiet.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            note(text);
        }
    }

    /// Writes problems.
    pub fn complain(&self, problems: &[Problem]) {
        for problem in problems {
            let drawn = problem.draw(self.stderr_colour);
            note(drawn.trim_end_matches('\n'));
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the wall clock"
)]
fn clock() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Writes a message to stderr.
pub fn note(text: &str) {
    message(&format!("{text}\n"));
}

/// Writes to stderr, which is for people: no log obeys it.
fn message(text: &str) {
    let _ = write(&mut std::io::stderr().lock(), &unheeded(&spelled(text)));
}

/// Results that could not be written; a reader that has gone away does not count.
static LOST: AtomicBool = AtomicBool::new(false);

/// Whether results were lost on their way to stdout.
pub fn lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

fn heed(written: std::io::Result<()>) {
    if written.is_err_and(|error| error.kind() != std::io::ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

fn write(to: &mut dyn Write, text: &str) -> std::io::Result<()> {
    to.write_all(text.as_bytes())?;
    to.flush()
}

fn terminal_width(env: &BTreeMap<String, String>, tty: bool) -> usize {
    let stated = env.get("COLUMNS").and_then(|columns| columns.parse().ok());
    let asked = || {
        terminal_size::terminal_size()
            .filter(|_| tty)
            .map(|(width, _)| usize::from(width.0))
    };
    stated
        .or_else(asked)
        .filter(|width| (20..=1000).contains(width))
        .unwrap_or(80)
}
