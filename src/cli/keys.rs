//! Keys that do not come from the environment: a file, or a program that prints one.

use crate::project::{Catalog, KeySource};
use crate::source::Problem;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

/// A key is no longer than this.
const LONGEST: u64 = 16 * 1024;
/// How long a program may take to print one.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a key; a program is run only with `--allow-exec`.
pub fn read(
    source: &KeySource,
    catalog: &Catalog,
    env: &BTreeMap<String, String>,
    allow_exec: bool,
) -> Result<SecretString, Problem> {
    match source {
        KeySource::Env(name) => Err(Problem::error(format!(
            "the variable {name} is read from the environment"
        ))),
        KeySource::File(path) => tidy(
            &format!("the key file {path}"),
            catalog.bytes(path, LONGEST)?,
        ),
        KeySource::Command(words) if allow_exec => run(words, env),
        KeySource::Command(words) => {
            let program = words.first().map_or("", String::as_str);
            Err(Problem::error(format!(
                "the suite wants to run the program {program:?} to get a key"
            ))
            .help("allow it with --allow-exec, if you trust this suite"))
        }
    }
}

fn run(words: &[String], env: &BTreeMap<String, String>) -> Result<SecretString, Problem> {
    let Some((program, args)) = words.split_first() else {
        return Err(Problem::error("the key's `command` is empty")
            .help("write it as a list: [program, argument]"));
    };
    let fail = |e: std::io::Error| Problem::error(format!("cannot run {program:?} for a key: {e}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(fail)?;
    let printing = async {
        let mut child = Command::new(program)
            .args(args)
            .env_clear()
            .envs(env.iter().filter(|(name, _)| is_plain(name)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut printed = Vec::new();
        if let Some(out) = child.stdout.take() {
            out.take(LONGEST + 1).read_to_end(&mut printed).await?;
        }
        Ok((child.wait().await?, printed))
    };
    let ended = runtime.block_on(async { tokio::time::timeout(PATIENCE, printing).await });
    let (status, printed) = match ended {
        Ok(ended) => ended.map_err(fail)?,
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            let title =
                format!("{program:?}, which was to print a key, did not end in {seconds} s");
            return Err(Problem::error(title));
        }
    };
    if !status.success() {
        return Err(Problem::error(format!(
            "{program:?}, which was to print a key, ended with {status}"
        )));
    }
    tidy(&format!("what {program:?} printed"), printed)
}

/// Whether a program that prints one key may see this variable: what it needs to start, and no other key.
fn is_plain(name: &str) -> bool {
    const PLAIN: &[&str] = &[
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "TERM",
        "TMPDIR",
        "SYSTEMROOT",
        "USERPROFILE",
        "APPDATA",
        "LOCALAPPDATA",
        "TEMP",
        "PATHEXT",
    ];
    const SECRET: &[&str] = &["_KEY", "_TOKEN", "_SECRET", "_PASSWORD"];
    let name = name.to_ascii_uppercase();
    let named = PLAIN.contains(&name.as_str());
    let kind = name.starts_with("XDG_") || name.starts_with("LC_");
    (named || kind) && !SECRET.iter().any(|end| name.ends_with(end))
}

fn tidy(what: &str, bytes: Vec<u8>) -> Result<SecretString, Problem> {
    let text = String::from_utf8(bytes)
        .map_err(|_| Problem::error(format!("{what} is not text, so it is no key")))?;
    let key = text.trim();
    if key.is_empty() || key.len() as u64 > LONGEST || key.contains(char::is_whitespace) {
        return Err(Problem::error(format!(
            "{what} is not one word, so it is no key"
        )));
    }
    Ok(SecretString::from(key))
}
