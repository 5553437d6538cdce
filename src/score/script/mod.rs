//! `script`: a program of the user's own scores the answers, a JSON object a line in, one a line out.
//!
//! Only with `--allow-exec`. Whatever goes wrong leaves the answer unscored, with the reason.

mod pool;
mod worker;

use super::kind::{Built, Given, HIGHER, Kind};
use super::quote::tell;
use super::{Ask, Build, Graded, Score, Scorer, Unscored};
use crate::project::{Period, Size};
use crate::provider::keys;
use crate::source::Problem;
use futures_util::future::BoxFuture;
use pool::{Patience, Pool};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tempfile::TempDir;
use worker::Program;

/// The kind `script`.
pub(super) const KIND: Kind = Kind {
    name: "script",
    about: "a program of your own: JSON lines in and out, long-lived, limited in time and memory",
    params: "command: [python3, scorers/mine.py], timeout: 10s, startup: 30s, memory: 2GB, env: [NAME, ...], workers: N",
    short: "the program and its arguments",
    range: "0 to 1",
    direction: HIGHER,
    needs: "--allow-exec",
    example: r#"{"scorer": {"script": ["sh", "-c", "while read -r line; do echo '{\"value\": 0.5, \"why\": \"so so\"}'; done"]}, "output": "hi", "gives": {"value": 0.5, "why": "so so"}}"#,
    build: script,
    schema: |generator| {
        let short = generator.subschema_for::<Vec<String>>();
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [short, params]})
    },
};

/// What `script` takes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// The program and its arguments; it is started in the project's folder.
    command: Vec<String>,
    /// How long an answer may take.
    #[serde(default = "ten_seconds")]
    timeout: Period,
    /// How much longer the first answer of a program may take, which has to start first.
    #[serde(default = "half_a_minute")]
    startup: Period,
    /// How much memory (address space) each of its processes may take.
    #[serde(default = "two_gigabytes")]
    memory: Size,
    /// Variables of the environment that it sees, beside PATH and LANG; never a key.
    #[serde(default)]
    env: Vec<String>,
    /// How many run at once; the number of cores if not given.
    #[serde(default)]
    #[schemars(range(min = 1, max = 256))]
    workers: Option<u32>,
}

fn ten_seconds() -> Period {
    Period::seconds(10)
}

fn half_a_minute() -> Period {
    Period::seconds(30)
}

fn two_gigabytes() -> Size {
    Size::megabytes(2000)
}

fn script(given: &Given<'_, '_>, build: &Build<'_>) -> Built {
    let params = match given.short() {
        Some(block) => Params {
            command: block.read()?,
            timeout: ten_seconds(),
            startup: half_a_minute(),
            memory: two_gigabytes(),
            env: Vec::new(),
            workers: None,
        },
        None => given.params()?,
    };
    let Some(name) = params.command.first().filter(|name| !name.is_empty()) else {
        return Err(given.wrong("command", ["the command is empty".into()]));
    };
    let Some(around) = build.programs else {
        let title = format!("the suite wants to run the program {:?}", tell(name));
        let at = given.block.child("command");
        let problem = at.as_ref().unwrap_or(given.block).problem(title, "");
        return Err(vec![
            problem.help("allow it with --allow-exec, if you trust this suite"),
        ]);
    };
    let secret = |name: &&String| is_secret(name);
    if let Some(name) = params.env.iter().find(secret) {
        let why = format!("{name} looks like a key, and no program gets one");
        return Err(given.wrong("env", [why]));
    }
    let (command, files) = on_disk(&params.command, given, build)?;
    Ok(Box::new(Script {
        pool: Pool::new(
            Program {
                command,
                folder: build.root().to_owned(),
                env: environment(&params.env, around),
                memory: params.memory.bytes,
            },
            Patience {
                answer: params.timeout.0,
                startup: params.startup.0,
            },
            params
                .workers
                .map_or_else(rayon::current_num_threads, |n| n as usize),
        ),
        _files: files,
    }))
}

/// What a program sees of the environment: how to find programs, the language, and what is listed.
fn environment(listed: &[String], around: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let names = ["PATH", "LANG"]
        .into_iter()
        .chain(listed.iter().map(String::as_str));
    let seen = names.filter_map(|name| Some((name.to_owned(), around.get(name)?.clone())));
    // Python holds what it prints back from a pipe unless it is told not to
    let python = ["PYTHONUNBUFFERED", "PYTHONUTF8"].map(|name| (name.to_owned(), "1".to_owned()));
    seen.chain(python).collect()
}

/// Whether a variable holds a secret, going by its name.
fn is_secret(name: &str) -> bool {
    const ENDS: &[&str] = &["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIALS"];
    let upper = name.to_ascii_uppercase();
    keys::is_known(name) || ENDS.iter().any(|end| upper.ends_with(end))
}

/// The command with the shipped files that it names written to a folder; those of the project are
/// where they are. Either count in the scorer's definition.
fn on_disk(
    command: &[String],
    given: &Given<'_, '_>,
    build: &Build<'_>,
) -> Result<(Vec<String>, Option<TempDir>), Vec<Problem>> {
    let mut words = command.to_vec();
    let mut folder: Option<TempDir> = None;
    for word in &mut words {
        let Some(text) = build.part(word) else {
            continue;
        };
        if build.root().join(&*word).exists() {
            continue;
        }
        let kept = folder.take().map_or_else(tempfile::tempdir, Ok);
        let written = kept.and_then(|kept| {
            let path = kept.path().join(word.replace('/', "-"));
            std::fs::write(&path, &text.text)?;
            Ok((path, kept))
        });
        let (path, kept) = written.map_err(|error| {
            let why = format!("cannot write the shipped {word}: {error}");
            given.wrong("command", [why])
        })?;
        folder = Some(kept);
        *word = path.to_string_lossy().into_owned();
    }
    Ok((words, folder))
}

/// A program that scores.
struct Script {
    pool: Pool,
    /// Shipped files that the program is made of, as long as it may run.
    _files: Option<TempDir>,
}

/// What a program answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[serde(default)]
    value: Option<f64>,
    #[serde(default)]
    passed: Option<bool>,
    #[serde(default)]
    why: Option<String>,
    #[serde(default)]
    unscored: Option<String>,
}

/// The line that a program is asked by. Its keys come in this order, `output` first.
fn question(graded: &Graded<'_>) -> String {
    let (case, reply) = (graded.case, graded.reply);
    let calls = reply.tool_calls.iter();
    let calls = calls.map(|call| json!({"name": call.name, "arguments": call.arguments}));
    let line = json!({
        "output": reply.text,
        "target": graded.target,
        "vars": case.vars,
        "case": case.id,
        "tags": case.tags,
        "reply": {
            "tool_calls": calls.collect::<Vec<_>>(),
            "refusal": reply.refusal,
            "finish_reason": reply.finish,
            "reasoning_text": reply.reasoning_text,
            "output_tokens": reply.usage.output,
            "latency_ms": graded.latency_ms,
            "cost_usd": graded.cost_usd,
        },
    });
    format!("{line}\n")
}

/// The score in a program's line.
fn read(line: &str) -> Result<Score, String> {
    let answer: Map<String, Value> = serde_json::from_str(line).map_err(|error| {
        let said = tell(line);
        format!("the program's answer is no JSON object ({error}): {said}")
    })?;
    let answer: Answer = serde_json::from_value(Value::Object(answer)).map_err(|error| {
        format!(
            "the program's answer is wrong: {}",
            tell(&error.to_string())
        )
    })?;
    if let Some(why) = answer.unscored {
        return Err(tell(&why));
    }
    let value = match (answer.value, answer.passed) {
        (Some(value), _) => value,
        (None, Some(passed)) => f64::from(u8::from(passed)),
        (None, None) => return Err("the program's answer has no `value`".into()),
    };
    if !(0.0..=1.0).contains(&value) {
        return Err(format!("the program's value {value} is not from 0 to 1"));
    }
    let why = answer
        .why
        .as_deref()
        .map(tell)
        .filter(|why| !why.is_empty());
    Ok(Score {
        value,
        passed: answer.passed,
        why: why.unwrap_or_else(|| "the program does not say why".into()),
        parts: None,
    })
}

impl Scorer for Script {
    fn score<'a>(
        &'a self,
        graded: Graded<'a>,
        _ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Score, Unscored>> {
        Box::pin(async move {
            let line = self.pool.ask(question(&graded).as_bytes()).await;
            line.and_then(|line| read(&line)).map_err(Unscored)
        })
    }

    fn waits(&self) -> bool {
        true
    }

    fn passes(&self) -> bool {
        false
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
