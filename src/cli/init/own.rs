//! A suite for the user's own cases: what the columns are for is guessed, said, and written where it can be changed.

use super::asking::{self, Asking};
use super::job::Job;
use super::scoring::{Scoring, scoring};
use super::{Args, New, quoted, served};
use crate::cli::host::Host;
use crate::dataset::{Dataset, Guess, guess};
use crate::project::Catalog;
use crate::report::counted;
use crate::source::{Problem, did_you_mean, plain_line};
use std::path::{Path, PathBuf};

/// Largest data file that is copied into the project, in bytes.
const MAX_DATA: u64 = 64 << 20;
/// Models that are asked where nobody names any: small and cheap ones, of providers whose key is set first.
const MODELS: &[&str] = &[
    "openai/gpt-4o-mini",
    "anthropic/claude-3-5-haiku-20241022",
    "gemini/gemini-1.5-flash",
    "groq/llama-3.3-70b-versatile",
    "mistral/mistral-small-latest",
];

/// A project for the cases in a file.
pub fn project(
    host: &Host,
    args: &Args,
    job: Job,
    folder: &Path,
    data: &Path,
) -> Result<New, Vec<Problem>> {
    let one = |problem| vec![problem];
    let given = host.cwd.join(data);
    let dataset = read(&given)?;
    if let Some(target) = &args.target
        && !dataset.columns.contains(target)
    {
        return Err(vec![no_column(target, &dataset)]);
    }
    let guessed = guess(&dataset, args.target.as_deref());
    let scoring = scoring(&dataset, guessed.target.as_deref());
    let mut files = Vec::new();
    let path = match inside(&given, folder) {
        Some(path) => path,
        None => {
            let name = data.file_name().unwrap_or_default().to_string_lossy();
            let path = format!("datasets/{name}");
            files.push((path.clone(), text(&given).map_err(one)?));
            path
        }
    };
    let input = guessed.input.as_deref();
    let asking = match &args.prompt {
        None => asking::made(input, &scoring),
        Some(prompt) => {
            let given = host.cwd.join(prompt);
            let inside = inside(&given, folder);
            let text = text(&given).map_err(one)?;
            asking::own(prompt, text, inside, &dataset.columns, input).map_err(one)?
        }
    };
    let models = models(host, args, job);
    let name = args.name.clone().unwrap_or_else(|| {
        let stem = data.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    });
    let made = Made {
        name,
        path,
        guessed,
        scoring,
        asking,
        models,
    };
    files.insert(0, ("bakeoff.yaml".into(), made.suite(args, job)));
    let told = made.told(data, &dataset);
    let keys = made.keys(host, args);
    files.extend(made.asking.file);
    let last = made.models.len() - 1;
    Ok(New {
        files,
        told,
        before: [
            keys,
            vec!["bakeoff check    # what it costs and could show; sends nothing".into()],
        ]
        .concat(),
        next: job.commands(&made.models[0], &made.models[last]),
    })
}

/// All that the new suite says.
struct Made {
    name: String,
    path: String,
    guessed: Guess,
    scoring: Scoring,
    asking: Asking,
    models: Vec<String>,
}

impl Made {
    fn suite(&self, args: &Args, job: Job) -> String {
        let mut dataset = vec![format!("path: {}", quoted(&self.path))];
        let named = [
            ("id", &self.guessed.id),
            ("target", &self.guessed.target),
            ("group", &self.guessed.group),
        ];
        for (role, column) in named {
            dataset.extend(
                column
                    .as_ref()
                    .map(|column| format!("{role}: {}", quoted(column))),
            );
        }
        if !self.guessed.tags.is_empty() {
            let tags: Vec<String> = self.guessed.tags.iter().map(|tag| quoted(tag)).collect();
            dataset.push(format!("tags: [{}]", tags.join(", ")));
        }
        let models = self.models.iter().map(|model| match &args.base_url {
            None => format!("  - {}\n", quoted(model)),
            Some(url) => format!(
                "  - {{name: {}, api: openai-chat, base_url: {}, model: {}, price: {{input: 0, output: 0}}}}\n",
                quoted(model), serde_json::Value::from(url.as_str()), quoted(model)
            ),
        });
        format!(
            "# yaml-language-server: $schema=./bakeoff.schema.json\n\
             name: {}\ndataset: {{{}}}\nprompts:\n  - {}\nmodels:\n{}\
             params: {{temperature: 0, max_tokens: {}}}\nscorers:\n{}primary: {}\nlimits: {{max_cost: 5.00}}    # USD, never passed\n{}",
            quoted(&self.name),
            dataset.join(", "),
            quoted(&self.asking.path),
            models.collect::<String>(),
            self.scoring.max_tokens(),
            self.scoring.yaml(),
            self.scoring.primary(),
            job.rules(self.scoring.primary())
        )
    }

    /// What was made of the data, column by column.
    fn told(&self, data: &Path, dataset: &Dataset) -> Vec<String> {
        let guessed = &self.guessed;
        let cases = counted(dataset.cases.len(), "case");
        let mut lines = vec![format!(
            "{}: {cases}",
            plain_line(&data.display().to_string())
        )];
        let mut say =
            |role: &str, text: String| lines.push(format!("  {role:<7}{}", plain_line(&text)));
        let hashed = "none found: a hash of the row (say `id: COLUMN` in bakeoff.yaml)";
        say("id", guessed.id.clone().unwrap_or_else(|| hashed.into()));
        match (&guessed.target, dataset.columns.len()) {
            (Some(target), _) => say("target", format!("{target}: {}", self.scoring.told())),
            (None, _) => say(
                "target",
                "none found: name the column with the expected answers, --target COLUMN".into(),
            ),
        }
        if let Some(input) = &guessed.input {
            say("input", input.clone());
        }
        if let Some(group) = &guessed.group {
            say("group", format!("{group}: its cases belong together"));
        }
        if !guessed.tags.is_empty() {
            say("tags", guessed.tags.join(", "));
        }
        let named = [&guessed.id, &guessed.target, &guessed.input, &guessed.group];
        let used = |name: &String| {
            named.into_iter().flatten().any(|used| used == name) || guessed.tags.contains(name)
        };
        let rest = dataset.columns.iter().filter(|name| !used(name));
        let rest: Vec<&str> = rest.map(String::as_str).collect();
        if !rest.is_empty() {
            say("other", rest.join(", "));
        }
        lines.push(format!("  {}", plain_line(&self.asking.told)).replacen(
            "prompt   ",
            "prompt ",
            1,
        ));
        lines.push(format!("  models {}", self.models.join(", ")));
        lines
    }

    /// What must be set before models can be asked.
    fn keys(&self, host: &Host, args: &Args) -> Vec<String> {
        if args.base_url.is_some() {
            return Vec::new();
        }
        let keys = self
            .models
            .iter()
            .filter_map(|model| served(model).ok().flatten());
        let mut keys: Vec<&str> = keys.filter(|key| host.var(key).is_none()).collect();
        keys.dedup();
        keys.iter().map(|key| format!("export {key}=…")).collect()
    }
}

/// The models as wished, else two that the keys of this machine could ask.
fn models(host: &Host, args: &Args, job: Job) -> Vec<String> {
    let wanted = if job == Job::Gate { 1 } else { 2 };
    let key = |model: &str| served(model).ok().flatten().and_then(|key| host.var(key));
    let mut others: Vec<&str> = MODELS.to_vec();
    others.sort_by_key(|model| key(model).is_none());
    let mut models = args.model.clone();
    let enough = if job == Job::Port { 2 } else { 1 };
    if models.is_empty() || (models.len() < enough && args.base_url.is_none()) {
        let others = others
            .iter()
            .filter(|name| !args.model.iter().any(|it| it == *name));
        let missing = wanted - models.len().min(wanted);
        models.extend(others.take(missing).map(|name| (*name).to_owned()));
    }
    models
}

/// The data as it is, wherever it lies.
fn read(path: &Path) -> Result<Dataset, Vec<Problem>> {
    if !path.is_file() {
        let title = format!("there is no file {}", path.display());
        return Err(vec![Problem::error(title).help(
            "--data takes your cases: csv, tsv, jsonl, json, yaml or parquet",
        )]);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Dataset::load(&name, &Catalog::new(folder, true))
}

fn text(path: &Path) -> Result<String, Problem> {
    let shown = path.display();
    let fail = |e: std::io::Error| Problem::error(format!("cannot read {shown}: {e}"));
    if std::fs::metadata(path).map_err(fail)?.len() > MAX_DATA {
        return Err(Problem::error(format!("{shown} is larger than 64 MB"))
            .help("put it into the project's folder yourself, and name it with --data"));
    }
    std::fs::read_to_string(path).map_err(|e| {
        let problem = fail(e);
        problem.help("a file that is no text is not copied: put it into the project's folder first")
    })
}

/// The path in the project, if the file is there already.
fn inside(path: &Path, folder: &Path) -> Option<String> {
    let real = |path: &Path| -> Option<PathBuf> { path.canonicalize().ok() };
    let within = real(path)?.strip_prefix(real(folder)?).ok()?.to_owned();
    let steps = within
        .iter()
        .map(|step| step.to_string_lossy().into_owned());
    Some(steps.collect::<Vec<_>>().join("/"))
}

fn no_column(name: &str, dataset: &Dataset) -> Problem {
    let columns = &dataset.columns;
    let problem = Problem::error(format!("the dataset has no column {name:?}"));
    let problem = match did_you_mean(name, columns.iter().map(String::as_str)) {
        Some(meant) => problem.help(format!("did you mean {meant:?}?")),
        None => problem,
    };
    problem.help(format!("columns: {}", columns.join(", ")))
}
