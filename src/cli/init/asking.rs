//! The prompt of a new project: the user's, as a file that bakeoff reads, or one made for the data.

use super::File;
use super::scoring::Scoring;
use crate::source::Problem;
use std::path::Path;

/// Endings of files that are prompts already.
const PROMPTS: &[&str] = &[
    "yaml",
    "yml",
    "toml",
    "json",
    "hbs",
    "handlebars",
    "j2",
    "jinja",
    "jinja2",
];

/// A prompt for the new suite.
pub struct Asking {
    /// Its path as the suite writes it.
    pub path: String,
    /// The file, where it has to be written.
    pub file: Option<File>,
    /// What was made of it.
    pub told: String,
}

/// A prompt made for what the data expects.
pub fn made(input: Option<&str>, scoring: &Scoring) -> Asking {
    let hole = input.map_or_else(String::new, hole);
    let instruction = scoring.instruction();
    let mut text = String::from("messages:\n");
    if !instruction.is_empty() {
        text += &format!("  - system: {}\n", json(&instruction));
    }
    text += &format!("  - user: {}\n", json(&hole));
    let path = "prompts/ask.yaml".to_owned();
    Asking {
        told: format!("prompt   made for it: {path}"),
        file: Some((path.clone(), text)),
        path,
    }
}

/// The user's own prompt. `inside` is its path in the project, if it is there.
pub fn own(
    path: &Path,
    text: String,
    inside: Option<String>,
    columns: &[String],
    input: Option<&str>,
) -> Result<Asking, Problem> {
    let shown = path.display();
    if text.trim().is_empty() {
        return Err(Problem::error(format!("the prompt {shown} is empty")));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    if PROMPTS.contains(&ending) {
        let there = inside.is_some();
        let path = inside.unwrap_or_else(|| format!("prompts/{name}"));
        return Ok(Asking {
            told: format!("prompt   {shown}, as it is"),
            file: (!there).then(|| (path.clone(), text)),
            path,
        });
    }
    if text.contains("{{") {
        let path = format!("prompts/{stem}.hbs");
        let told = format!("prompt   {shown} → {path}, one user message");
        return Ok(Asking {
            told,
            file: Some((path.clone(), text)),
            path,
        });
    }
    let single = columns
        .iter()
        .filter(|name| text.contains(&format!("{{{name}}}")));
    let single: Vec<&String> = single.collect();
    if !single.is_empty() {
        let filled = single.iter().fold(text, |text, name| {
            text.replace(&format!("{{{name}}}"), &hole(name))
        });
        let path = format!("prompts/{stem}.hbs");
        let names: Vec<String> = single.iter().map(|name| format!("{{{name}}}")).collect();
        let told = format!(
            "prompt   {shown} → {path}, one user message; {} became {{{{…}}}}",
            names.join(", ")
        );
        return Ok(Asking {
            told,
            file: Some((path.clone(), filled)),
            path,
        });
    }
    let Some(input) = input else {
        let title = format!("the prompt {shown} has no place for a case's text");
        let help = format!(
            "write {{{{COLUMN}}}} into it; columns: {}",
            columns.join(", ")
        );
        return Err(Problem::error(title).help(help));
    };
    let path = format!("prompts/{stem}.yaml");
    let system = text.trim_end().lines().map(|line| match line.is_empty() {
        true => "\n".to_owned(),
        false => format!("      {line}\n"),
    });
    let user = json(&hole(input));
    // An indentation of its own first line would be read as the block's.
    let text = match text.starts_with([' ', '\t']) || text.contains(['\r', '\t', '\u{feff}']) {
        true => format!(
            "messages:\n  - system: {}\n  - user: {user}\n",
            json(text.trim_end())
        ),
        false => format!(
            "messages:\n  - system: |\n{}  - user: {user}\n",
            system.collect::<String>()
        ),
    };
    let told = format!(
        "prompt   {shown} → {path}: the system message; the user's is {}",
        hole(input)
    );
    Ok(Asking {
        told,
        file: Some((path.clone(), text)),
        path,
    })
}

/// The place of a column's text in a template.
fn hole(column: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || c == '_';
    match column.chars().all(plain) {
        true => format!("{{{{{column}}}}}"),
        false => format!("{{{{[{column}]}}}}"),
    }
}

/// Text in JSON's quotes, which are YAML's.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
