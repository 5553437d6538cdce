//! `bakeoff explain`: what a word means – a kind of scorer, or a scorer that is a file.

use super::args::Global;
use super::exit::Exit;
use super::host::Host;
use super::list::{catalog, hanging};
use crate::project::{Catalog, Origin};
use crate::score::{KINDS, Kind};
use crate::source::{Document, Problem, did_you_mean, plain};
use serde_json::{Value, json};

/// Explain a kind of scorer, or a scorer of the project: what it looks at, its range, what it needs, an example.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The word: a kind of scorer, or the name of a file in scorers/.
    pub word: String,
    /// human or json.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
}

/// An explanation: lines of label and text for people, an object for programs.
struct Told {
    title: String,
    lines: Vec<(&'static str, String)>,
    value: Value,
}

/// Who may know a word, asked in this order.
const KNOWING: &[fn(&Catalog, &str) -> Option<Told>] = &[kind, file];

/// Runs the command.
pub fn explain(host: &Host, global: &Global, args: &Args) -> Result<Exit, Problem> {
    let catalog = catalog(host, global);
    let told = KNOWING.iter().find_map(|known| known(&catalog, &args.word));
    let Some(told) = told else {
        return Err(unknown(&catalog, &args.word));
    };
    match args.format.as_deref() {
        Some("json") => host.print(&format!("{:#}\n", told.value)),
        None | Some("human") => host.print(&shown(&told, host.width)),
        Some(other) => {
            let problem = Problem::error(format!("explain has no format {other:?}"));
            return Err(problem.help("formats: human, json"));
        }
    }
    Ok(Exit::Good)
}

fn unknown(catalog: &Catalog, word: &str) -> Problem {
    let files = files(catalog);
    let kinds = KINDS.iter().map(|kind| kind.name);
    let problem = Problem::error(format!("nothing is called {word:?}"));
    match did_you_mean(word, kinds.chain(files.iter().map(String::as_str))) {
        Some(near) => problem.help(format!("did you mean {near:?}?")),
        None => problem.help("see `bakeoff list scorers`"),
    }
}

fn shown(told: &Told, width: usize) -> String {
    let mut out = hanging("", &plain(&told.title), width);
    let widest = told.lines.iter().map(|(label, _)| label.len()).max();
    let widest = widest.unwrap_or(0);
    for (label, text) in &told.lines {
        let first = format!("  {label:widest$}  ");
        let text = plain(text);
        match *label {
            // what is to be copied is not broken
            "example" | "gives" => out += &format!("{first}{text}\n"),
            _ => out += &hanging(&first, &text, width),
        }
    }
    out
}

/// A kind of scorer.
fn kind(_: &Catalog, word: &str) -> Option<Told> {
    let kind = KINDS.iter().find(|kind| kind.name == word)?;
    let (line, gives) = example(kind);
    let mut lines = vec![
        ("range", format!("{}; {}", kind.range, kind.direction)),
        ("needs", needs(kind).to_owned()),
    ];
    if !kind.params.is_empty() {
        lines.push(("params", kind.params.to_owned()));
    }
    if !kind.short.is_empty() {
        lines.push(("or", kind.short.to_owned()));
    }
    lines.push(("example", line.to_string()));
    lines.push(("gives", gives.to_string()));
    Some(Told {
        title: format!("{}: {}", kind.name, kind.about),
        lines,
        value: about(kind),
    })
}

/// All about a kind, for programs.
pub fn about(kind: &Kind) -> Value {
    let (line, gives) = example(kind);
    json!({
        "name": kind.name, "about": kind.about, "params": kind.params, "short": kind.short,
        "range": kind.range, "direction": kind.direction, "needs": kind.needs,
        "example": line, "gives": gives, "origin": "kind",
    })
}

/// What a kind needs beside the reply.
pub fn needs(kind: &Kind) -> &'static str {
    match kind.needs {
        "" => "nothing but the reply",
        needs => needs,
    }
}

/// A kind's example: the line for `score --try`, and what comes out.
fn example(kind: &Kind) -> (Value, Value) {
    let mut line: Value = serde_json::from_str(kind.example).expect("a test runs every example");
    let fields = line.as_object_mut().expect("an example is an object");
    fields.remove("says");
    let gives = fields.remove("gives").unwrap_or_default();
    (line, gives)
}

/// A scorer that is a file.
fn file(catalog: &Catalog, word: &str) -> Option<Told> {
    let endings = ["yaml", "yml", "toml", "json"];
    let paths = endings.map(|ending| format!("scorers/{word}.{ending}"));
    let entries = catalog.list("scorers");
    let entry = entries.iter().find(|entry| paths.contains(&entry.path))?;
    let document = Document::parse(catalog.text(&entry.path).ok()?).ok()?;
    let top = document.top();
    let child = |key: &str| top.child(key);
    let text = |key: &str| child(key).and_then(|it| it.text().map(str::to_owned));
    let of = KINDS.iter().find(|kind| child(kind.name).is_some());
    let (name, what) = match of {
        Some(kind) => (kind.name, kind.about),
        None if child("criteria").is_some() => {
            ("judge", "a rubric: it needs a `model` that judges")
        }
        None => return None,
    };
    let origin = match entry.origin {
        Origin::Shipped => "shipped",
        Origin::Project => "project",
    };
    let about = text("about")
        .or_else(|| text("criteria"))
        .unwrap_or_default();
    let kind = KINDS.iter().find(|kind| kind.name == name)?;
    let mut lines = vec![
        ("file", format!("{} ({origin})", entry.path)),
        ("kind", format!("{name}: {what}")),
        ("range", format!("{}; {}", kind.range, kind.direction)),
        ("needs", needs(kind).to_owned()),
    ];
    if name == "judge" {
        let line = json!({word: {"model": "provider/name"}});
        lines.push(("write", line.to_string()));
    }
    let value = json!({
        "name": word, "path": entry.path, "origin": origin, "kind": name, "about": about,
        "range": kind.range, "direction": kind.direction, "needs": kind.needs,
    });
    Some(Told {
        title: format!("{word}: {}", about.trim()),
        lines,
        value,
    })
}

fn files(catalog: &Catalog) -> Vec<String> {
    let entries = catalog.list("scorers").into_iter();
    let stem = |path: String| {
        Some(
            path.strip_prefix("scorers/")?
                .rsplit_once('.')?
                .0
                .to_owned(),
        )
    };
    entries.filter_map(|entry| stem(entry.path)).collect()
}
