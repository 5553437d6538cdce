//! `bakeoff init`: a project for one of the three jobs – the shipped sample, which runs at once and offline, or a
//! suite for the user's own cases and prompt.

mod asking;
mod job;
mod own;
mod sample;
mod scoring;

use super::args::{Cli, Global};
use super::exit::Exit;
use super::host::Host;
use super::output::put;
use super::schema;
use crate::provider::catalog::resolve;
use crate::report::shell;
use crate::source::Problem;
use clap::Parser;
use job::Job;
use std::path::{Path, PathBuf};

/// What the continuous integration runs.
const WORKFLOW: &str = include_str!("init/workflow.yml");
/// What is not committed.
const IGNORED: &[&str] = &["/.bakeoff/", "/bakeoff-report/"];

/// `bakeoff init`
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The folder (made if it is not there).
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// What it is for: to choose a model, to move a prompt to another model, or to guard one in CI.
    #[arg(long, value_name = "JOB")]
    job: Option<Job>,
    /// Your cases: a csv, tsv, jsonl, json, yaml or parquet file.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Your prompt: a prompt file, or a text with {{COLUMN}} where a case's text goes.
    #[arg(long, value_name = "FILE", requires = "data")]
    prompt: Option<PathBuf>,
    /// The column with the expected answer, where its name does not say so.
    #[arg(long, value_name = "COLUMN", requires = "data")]
    target: Option<String>,
    /// A model to ask, provider/name; may be given several times.
    #[arg(long, value_name = "MODEL")]
    model: Vec<String>,
    /// The models are served at this address, by an OpenAI-compatible server of your own.
    #[arg(long, value_name = "URL", requires = "model", requires = "data")]
    base_url: Option<String>,
    /// The suite's name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Overwrite files that are there.
    #[arg(long)]
    force: bool,
    /// Run it at once.
    #[arg(long)]
    run: bool,
    /// Ask nothing.
    #[arg(long, short)]
    yes: bool,
}

/// A file of the new project: its path and its text.
type File = (String, String);

/// A new project, not yet written.
struct New {
    files: Vec<File>,
    /// What was made of the user's files, a line each.
    told: Vec<String>,
    /// What to do before the first run, a command each.
    before: Vec<String>,
    /// Commands of the job, the first of which can be run at once.
    next: Vec<Vec<String>>,
}

/// Runs the command.
pub fn init(host: &Host, global: &Global, args: &Args) -> Result<Exit, Vec<Problem>> {
    let args = &wishes(host, args);
    let job = args.job.unwrap_or(Job::Select);
    for model in args.model.iter().filter(|_| args.base_url.is_none()) {
        served(model).map_err(|problem| vec![problem])?;
    }
    let folder = host.cwd.join(&args.dir);
    let mut new = match &args.data {
        Some(data) => own::project(host, args, job, &folder, data)?,
        None => sample::project(args, job)?,
    };
    let written = new.files.len();
    new.files
        .push(("bakeoff.schema.json".into(), schema::text()));
    new.files
        .push((".github/workflows/bakeoff.yml".into(), WORKFLOW.into()));
    let there = new.files.iter().map(|(path, _)| path.as_str());
    let there: Vec<&str> = there.filter(|path| folder.join(path).exists()).collect();
    if !there.is_empty() && !args.force {
        let problem = Problem::error(format!("{} is there already", there.join(", ")));
        let help = "choose another folder, or overwrite it with --force";
        return Err(vec![problem.help(help)]);
    }
    for (path, text) in &new.files {
        write(&folder, path, text).map_err(|problem| vec![problem])?;
    }
    ignore(&folder).map_err(|problem| vec![problem])?;
    host.print(&tell(args, &new, written));
    match (args.run, new.next.first()) {
        (true, Some(words)) => at_once(host, global, &folder, words),
        _ => Ok(Exit::Good),
    }
}

/// What was written, what was made of the user's files, and what to do now.
fn tell(args: &Args, new: &New, own: usize) -> String {
    let paths = new.files.iter().map(|(path, _)| path.as_str());
    let paths: Vec<&str> = paths.collect();
    let mut out = format!("written: {}\n", paths[..own].join(", "));
    out += &format!("         {}, .gitignore\n", paths[own..].join(", "));
    for line in &new.told {
        out += &format!("{line}\n");
    }
    if args.run {
        return out + "\n";
    }
    out += "\nnext:\n";
    if args.dir != Path::new(".") {
        out += &format!("  cd {}\n", shell(&args.dir.display().to_string()));
    }
    for line in &new.before {
        out += &format!("  {line}\n");
    }
    for words in &new.next {
        let words: Vec<String> = words.iter().map(|word| shell(word)).collect();
        out += &format!("  bakeoff {}\n", words.join(" "));
    }
    out
}

/// Runs the job's first command in the new project, as if it had been typed there.
fn at_once(
    host: &Host,
    global: &Global,
    folder: &Path,
    words: &[String],
) -> Result<Exit, Vec<Problem>> {
    let typed = ["bakeoff".to_owned()]
        .into_iter()
        .chain(words.iter().cloned());
    let mut cli = Cli::try_parse_from(typed)
        .map_err(|error| vec![Problem::error(error.to_string().trim().to_owned())])?;
    cli.global = Global {
        file: Some(folder.to_owned()),
        ..global.clone()
    };
    super::dispatch(host, &cli)
}

/// By flags, else by questions on a terminal.
fn wishes(host: &Host, args: &Args) -> Args {
    let mut args = args.clone();
    let decided = args.job.is_some() || args.data.is_some() || !args.model.is_empty();
    if !host.answers() || args.yes || decided {
        return args;
    }
    let said = |question: &str| Some(host.ask(question)).filter(|said| !said.is_empty());
    let asked = "What for? 1 choose a model, 2 move a prompt to another model, 3 guard a prompt in CI [1]: ";
    args.job = said(asked).and_then(|word| Job::meant(&word));
    args.data =
        said("Your cases, a CSV or JSONL file [a sample that runs offline]: ").map(Into::into);
    if args.data.is_some() {
        args.prompt = said("Your prompt, a file [one is written]: ").map(Into::into);
    }
    let models =
        "Models to ask, as openai/gpt-4o-mini anthropic/claude-3-5-haiku-20241022 [none]: ";
    let models = said(models).unwrap_or_default();
    args.model = models
        .split([' ', ','])
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    args
}

/// The variable of the key that a model needs, if it needs one.
fn served(model: &str) -> Result<Option<&'static str>, Problem> {
    if model.contains(char::is_whitespace) {
        return Err(Problem::error(format!(
            "{model:?} is no model: it has a space"
        )));
    }
    let found = resolve(model).map_err(|error| {
        Problem::error(format!("{model}: {error}"))
            .help("`bakeoff list providers` lists them; a server of your own: --base-url URL")
    })?;
    Ok(found.provider.keys.first().copied())
}

/// Text as YAML that says nothing else.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain);
    let meant = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    match word && !meant.contains(&text.to_ascii_lowercase().as_str()) {
        true => text.to_owned(),
        // JSON's quotes are YAML's, so no name can be anything but a name.
        false => serde_json::Value::from(text).to_string(),
    }
}

fn write(folder: &Path, path: &str, text: &str) -> Result<(), Problem> {
    let path = folder.join(path);
    let fail = |e: std::io::Error| Problem::error(format!("cannot write {}: {e}", path.display()));
    std::fs::create_dir_all(path.parent().expect("every file is in a folder")).map_err(fail)?;
    put(&path, text.as_bytes()).map_err(fail)
}

/// Adds our folders to `.gitignore`, leaving what is there, byte for byte.
fn ignore(folder: &Path) -> Result<(), Problem> {
    let path = folder.join(".gitignore");
    let fail =
        |what, e: std::io::Error| Problem::error(format!("cannot {what} {}: {e}", path.display()));
    let mut bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(fail("read", e)),
    };
    let known = String::from_utf8_lossy(&bytes).into_owned();
    let is_new = |line: &&&str| !known.lines().any(|known| known.trim() == **line);
    let new: Vec<&str> = IGNORED.iter().filter(is_new).copied().collect();
    if new.is_empty() {
        return Ok(());
    }
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    bytes.extend(format!("{}\n", new.join("\n")).bytes());
    put(&path, &bytes).map_err(|e| fail("write", e))
}
