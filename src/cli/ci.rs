//! What a CI service gets beside the results: a step's summary and outputs, the body of a comment, a log that
//! obeys nobody but us. Where it was found changes what is added, never a verdict.

use super::host::Host;
use crate::report::bounded;
use crate::source::{Problem, plain_line};
use crate::summary::{Row, Summary};
use std::path::{Path, PathBuf};

/// GitHub refuses a step's summary above 1 MiB.
const SUMMARY: usize = 900_000;
/// GitHub refuses a comment above 65,536 characters.
const COMMENT: usize = 60_000;

/// Makes Markdown of at most so many bytes.
type Made<'a> = &'a dyn Fn(usize) -> Result<String, Problem>;

/// How a command ended, for the steps that follow.
pub struct Told<'a> {
    /// A word: `pass`, `portable`, `complete` …
    pub verdict: String,
    /// What the run cost, USD; `None` is unknown.
    pub cost_usd: Option<f64>,
    /// The file or folder to read on in.
    pub report: Option<&'a Path>,
}

/// Markdown as the body of a comment: begun by a line that nobody sees and that finds it again, and short enough.
pub fn comment(command: &str, suite: &str, text: &str) -> String {
    let word = |c: char| match c.is_alphanumeric() || "._ ".contains(c) {
        true => c,
        false => '-',
    };
    let suite: String = suite.chars().take(60).map(word).collect();
    let marker = format!("<!-- bakeoff {command}: {} -->\n", suite.trim());
    let room = COMMENT - marker.len();
    format!("{marker}{}", bounded(text, room))
}

/// Adds to the step's summary and outputs, where there are any.
pub fn tell(host: &Host, told: &Told<'_>, made: Made<'_>) {
    summary(host, made);
    if let Some(file) = host.var("GITHUB_OUTPUT") {
        append(host, &host.cwd.join(file), &outputs(host, told));
    }
}

/// Adds to the step's summary, where there is one.
pub fn summary(host: &Host, made: Made<'_>) {
    if let Some(file) = host.var("GITHUB_STEP_SUMMARY") {
        let file = host.cwd.join(file);
        let there = std::fs::metadata(&file).map_or(0, |it| it.len());
        let room = SUMMARY.saturating_sub(usize::try_from(there).unwrap_or(SUMMARY));
        // Too little to say anything: what is there already stands.
        if room > 1_000 {
            match made(room - 1) {
                Ok(text) => append(host, &file, &format!("{text}\n")),
                Err(problem) => host.complain(&[problem]),
            }
        }
    }
}

fn outputs(host: &Host, told: &Told<'_>) -> String {
    let cost = told.cost_usd.map(|usd| usd.to_string());
    let report = told.report.map(|path| path.display().to_string());
    let pairs = [
        ("verdict", Some(told.verdict.clone())),
        ("cost", cost),
        ("report", report),
    ];
    let line = |(name, value): (&str, Option<String>)| {
        let value = value.unwrap_or_default();
        match value.contains(['\n', '\r']) {
            false => format!("{name}={value}\n"),
            true => {
                let end = host.new_id();
                format!("{name}<<{end}\n{value}\n{end}\n")
            }
        }
    };
    pairs.map(line).concat()
}

fn append(host: &Host, file: &Path, text: &str) {
    let open = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file);
    let written = open.and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
    if let Err(error) = written {
        let title = format!("cannot add to {}: {error}", file.display());
        host.complain(&[Problem::warning(title)]);
    }
}

/// Prints what `made` makes in this format: for people so that no log obeys it, for programs as it is.
pub fn print(
    host: &Host,
    format: &str,
    made: &dyn Fn(&str) -> Result<String, Problem>,
) -> Result<(), Problem> {
    let text = made(format)?;
    match format {
        "terminal" | "json" => host.print(&text),
        "github" => print_github(host, &text, &made("terminal")?),
        _ => host.print_bytes(text.as_bytes()),
    }
    Ok(())
}

/// Prints workflow commands, and after them what people read, in which the log obeys nothing.
pub fn print_github(host: &Host, commands: &str, text: &str) {
    let token = host.new_id();
    let text = text.trim_end_matches('\n');
    let shown = format!("{commands}::stop-commands::{token}\n{text}\n::{token}::\n");
    host.print_bytes(shown.as_bytes());
}

/// A file of the project as the repository knows it: from the folder that the service checked out, else from
/// the one that the command was started in.
pub fn in_repository(host: &Host, root: &Path, file: &str) -> String {
    if file.is_empty() {
        return String::new();
    }
    let named = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];
    let checkout = named.into_iter().find_map(|name| host.var(name));
    let checkout = checkout.map_or_else(|| host.cwd.clone(), PathBuf::from);
    let path = root.join(file);
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (path, checkout) = (real(&path), real(&checkout));
    let path = path.strip_prefix(&checkout).map_or(file.to_owned(), |it| {
        it.display().to_string().replace('\\', "/")
    });
    plain_line(&path).into_owned()
}

/// What a run cost in all, USD: answers, waste and judges; `None` if a part of it is unknown.
pub fn spent(summary: &Summary) -> Option<f64> {
    let cost = |row: &Row| {
        let known = row.cost_unknown == 0;
        let (answers, waste) = (row.cost_usd.answers?, row.cost_usd.waste?);
        known.then_some(answers + waste + row.cost_usd.judges.unwrap_or(0.0))
    };
    summary.candidates.iter().map(cost).sum()
}

/// A verdict as its JSON spells it.
pub fn word(verdict: impl serde::Serialize) -> String {
    let spelled = serde_json::to_value(verdict).unwrap_or_default();
    spelled.as_str().unwrap_or_default().to_owned()
}

/// Whether GitLab runs us, which reads a code quality report from a file.
pub fn gitlab(host: &Host) -> bool {
    host.var("GITLAB_CI").is_some()
}
