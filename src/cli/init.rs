//! `bakeoff init`: a project that runs at once, offline – the shipped dataset and its recorded replies, cut down.

use super::args;
use super::exit::Exit;
use super::host::Host;
use super::output::put;
use super::schema;
use crate::dataset::{Dataset, Selection};
use crate::project::{Catalog, Sample};
use crate::provider::catalog::resolve;
use crate::source::Problem;
use std::collections::HashSet;
use std::path::Path;

/// Cases of the new project.
const CASES: usize = 12;
/// The seed that they are drawn with: every new project is the same.
const SEED: u64 = 1;
/// The shipped dataset that a new project begins with.
const SHIPPED: &str = "datasets/support-triage";

/// The suite's name where nobody gives another.
const NAME: &str = "support-triage";

const SUITE: &str = "\
# yaml-language-server: $schema=./bakeoff.schema.json
#
# Which model sorts support tickets best? This project runs as it is, offline: the replies of the two small
# models below were recorded. To ask for real: take the `replay:` line out, and name models that you have
# a key for, for example
#   - openai/gpt-4o-mini
#   - anthropic/claude-3-5-haiku-20241022
#   - {name: local, api: openai-chat, base_url: \"http://127.0.0.1:8080/v1\", model: my-model, price: {input: 0, output: 0}}
name: support-triage
dataset: {path: datasets/tickets.csv, target: expected, group: customer, tags: [lang, difficulty]}
prompts:
  - prompts/triage.yaml
models:
  - {name: qwen2.5-coder-1.5b, api: openai-chat, base_url: \"http://127.0.0.1:18082/v1\", model: qwen2.5-coder-1.5b, price: {input: 0.05, output: 0.10}}
  - {name: smollm2-135m, api: openai-chat, base_url: \"http://127.0.0.1:18080/v1\", model: smollm2-135m, price: {input: 0.01, output: 0.02}}
params: {temperature: 0, max_tokens: 96}
scorers:
  - {name: label, json: {fields: [/label]}}
  - {name: priority, json: {fields: [/priority]}}
  - {name: valid, json: {schema: schemas/triage.json}}
primary: label
limits: {max_cost: 1.00}
replay: datasets/replies.jsonl
";

/// Runs for every pull request.
const WORKFLOW: &str = include_str!("init/workflow.yml");

const IGNORED: &[&str] = &["/.bakeoff/", "/bakeoff-report/"];

/// Runs the command.
pub fn init(host: &Host, args: &args::Init) -> Result<Exit, Vec<Problem>> {
    let folder = host.cwd.join(&args.dir);
    let suite = suite(&wishes(host, args)).map_err(|problem| vec![problem])?;
    let files = files(suite)?;
    let there: Vec<&str> = files
        .iter()
        .map(|(path, _)| path.as_str())
        .filter(|path| folder.join(path).exists())
        .collect();
    if !there.is_empty() && !args.force {
        let problem = Problem::error(format!("{} is there already", there.join(", ")));
        return Err(vec![
            problem.help("choose another folder, or overwrite it with --force"),
        ]);
    }
    for (path, text) in &files {
        write(&folder, path, text).map_err(|problem| vec![problem])?;
    }
    ignore(&folder).map_err(|problem| vec![problem])?;
    let place = if args.dir == Path::new(".") {
        String::new()
    } else {
        format!("cd {} && ", args.dir.display())
    };
    host.print(&format!(
        "{} files written. Now: {place}bakeoff run\n",
        files.len()
    ));
    Ok(Exit::Good)
}

/// What the new suite is to say.
#[derive(Default)]
struct Wishes {
    name: Option<String>,
    model: Option<String>,
}

/// By flags, else by questions on a terminal.
fn wishes(host: &Host, args: &args::Init) -> Wishes {
    let (mut name, mut model) = (args.name.clone(), args.model.clone());
    if host.answers() && !args.yes {
        let said = |question: &str| Some(host.ask(question)).filter(|said| !said.is_empty());
        name = name.or_else(|| said(&format!("Name of the suite [{NAME}]: ")));
        model = model.or_else(|| {
            said("A model to ask later, as openai/gpt-4o-mini or anthropic/claude-3-5-haiku-20241022 [none]: ")
        });
    }
    Wishes { name, model }
}

/// The suite as wished. A model goes in as a comment: its replies are not recorded, and the project must run at once.
fn suite(wishes: &Wishes) -> Result<String, Problem> {
    let mut suite = SUITE.to_owned();
    if let Some(name) = &wishes.name {
        // JSON's quotes are YAML's, so no name can be anything but a name.
        let name = serde_json::Value::from(name.as_str());
        suite = suite.replace(&format!("name: {NAME}\n"), &format!("name: {name}\n"));
    }
    if let Some(model) = &wishes.model {
        if model.contains(char::is_whitespace) {
            return Err(Problem::error(format!(
                "{model:?} is no model: it has a space"
            )));
        }
        let found = resolve(model).map_err(|error| Problem::error(format!("{model}: {error}")))?;
        let key = match found.provider.keys.first() {
            Some(key) => format!("export {key}=…, "),
            None => String::new(),
        };
        let line = format!(
            "  # - {model}  # to ask it: {key}and take out this `#` and the `replay:` line\n"
        );
        suite = suite.replace("\nparams:", &format!("\n{line}params:"));
    }
    Ok(suite)
}

/// Every file of a new project.
fn files(suite: String) -> Result<Vec<(String, String)>, Vec<Problem>> {
    let shipped = Catalog::shipped();
    let text = |path: &str| {
        shipped
            .text(&format!("{SHIPPED}/{path}"))
            .map(|source| source.text.clone())
            .map_err(|problem| vec![problem])
    };
    let whole = Dataset::load(SHIPPED, &shipped)?;
    let sample = Some(Sample {
        n: CASES,
        by: Some("difficulty".into()),
    });
    let few = whole
        .select(&Selection {
            sample,
            seed: SEED,
            ..Selection::default()
        })
        .map_err(|problem| vec![problem])?;
    let ids: HashSet<&str> = few.cases.iter().map(|case| case.id.as_str()).collect();
    Ok(vec![
        ("bakeoff.yaml".into(), suite),
        ("bakeoff.schema.json".into(), schema::text()),
        (
            "datasets/tickets.csv".into(),
            rows(&text("data.csv")?, &ids)?,
        ),
        (
            "datasets/replies.jsonl".into(),
            replies(&text("replies.jsonl")?, &ids),
        ),
        ("prompts/triage.yaml".into(), text("prompts/triage.yaml")?),
        ("schemas/triage.json".into(), text("triage.schema.json")?),
        (".github/workflows/bakeoff.yml".into(), WORKFLOW.into()),
    ])
}

/// The rows of a CSV file with these ids, in its first column.
fn rows(text: &str, ids: &HashSet<&str>) -> Result<String, Vec<Problem>> {
    let wrong = |e: csv::Error| {
        vec![Problem::error(format!(
            "cannot read the shipped dataset: {e}"
        ))]
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(reader.headers().map_err(wrong)?)
        .map_err(wrong)?;
    for row in reader.records() {
        let row = row.map_err(wrong)?;
        if row.get(0).is_some_and(|id| ids.contains(id)) {
            writer.write_record(&row).map_err(wrong)?;
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| vec![Problem::error(e.to_string())])?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The recorded replies to these cases by the two models of the new suite.
fn replies(text: &str, ids: &HashSet<&str>) -> String {
    let wanted = |line: &&str| {
        let Ok(reply) = serde_json::from_str::<serde_json::Value>(line) else {
            return false;
        };
        let case = reply["case"].as_str().is_some_and(|id| ids.contains(id));
        case && reply["candidate"]
            .as_str()
            .is_some_and(|name| SUITE.contains(&format!("{{name: {name},")))
    };
    text.lines()
        .filter(wanted)
        .map(|line| format!("{line}\n"))
        .collect()
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
