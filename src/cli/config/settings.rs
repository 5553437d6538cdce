//! The settings of a loaded project, each with its origin.

use super::super::args::{Global, Selection};
use super::super::host::Host;
use super::super::load::Loaded;
use crate::plan::Candidate;
use crate::project::Project;
use crate::source::{Document, Kind, Node};
use serde_json::{Value, json};

/// A setting.
pub struct Setting {
    /// Its name, as the suite's keys: `limits.max_cost`; of a candidate, `candidate NAME: temperature`.
    pub name: String,
    /// What it is.
    pub value: Value,
    /// Who set it.
    pub origin: String,
}

/// Every setting: where the project is, the suite's, the defaults, and what each candidate is asked with.
pub fn settings(
    host: &Host,
    global: &Global,
    loaded: &Loaded,
    selection: &Selection,
) -> Vec<Setting> {
    let mut all = Settings {
        rows: Vec::new(),
        loaded,
    };
    all.place(host, global);
    let flags = flags(selection);
    let project = &loaded.project;
    leaves(&project.doc.root, "", &mut |name, node| {
        let over = flags.iter().find(|(flag, ..)| covers(flag, &name));
        match over {
            Some(_) => {}
            None => all.put(name, node.to_value(), place(&project.doc, node)),
        }
    });
    for (name, value, flag) in flags {
        all.put(name.to_owned(), value, flag.to_owned());
    }
    all.defaults();
    for candidate in &loaded.plan.candidates {
        all.candidate(candidate);
    }
    all.rows
}

struct Settings<'a> {
    rows: Vec<Setting>,
    loaded: &'a Loaded,
}

impl Settings<'_> {
    fn put(&mut self, name: impl Into<String>, value: Value, origin: impl Into<String>) {
        self.rows.push(Setting {
            name: name.into(),
            value,
            origin: origin.into(),
        });
    }

    /// Which files are meant.
    fn place(&mut self, host: &Host, global: &Global) {
        let by = |given: bool, variable: &str, flag: &str, usual: &str| match (
            given,
            host.var(variable),
        ) {
            (true, Some(_)) => variable.to_owned(),
            (true, None) => flag.to_owned(),
            (false, _) => usual.to_owned(),
        };
        let project = &self.loaded.project;
        let file = project.root.join(&project.file).display().to_string();
        let origin = by(
            global.file.is_some(),
            "BAKEOFF_FILE",
            "--file",
            "found here or above",
        );
        self.put("file", Value::from(file), origin);
        let store = self.loaded.store(global).display().to_string();
        let origin = by(
            global.store.is_some(),
            "BAKEOFF_STORE",
            "--store",
            "default",
        );
        self.put("store", Value::from(store), origin);
    }

    /// What nobody set.
    fn defaults(&mut self) {
        let plan = &self.loaded.plan;
        let limits = &plan.limits;
        let seconds = |time: std::time::Duration| Value::from(format!("{} s", time.as_secs_f64()));
        let known = [
            ("name", json!(plan.suite)),
            ("repeats", json!(plan.repeats)),
            ("seed", json!(plan.seed)),
            ("primary", json!(plan.primary)),
            ("reference", json!(plan.reference)),
            ("drop_params", json!(false)),
            ("limits.max_cost", json!(limits.max_cost)),
            ("limits.concurrency", json!(limits.concurrency)),
            ("limits.timeout", seconds(limits.timeout)),
            ("limits.connect", seconds(limits.connect)),
            ("limits.first_byte", seconds(limits.first_byte)),
            ("limits.idle", seconds(limits.idle)),
            ("limits.attempts", json!(limits.attempts)),
            ("limits.max_failed", json!(limits.max_failed)),
        ];
        for (name, value) in known {
            if !self.rows.iter().any(|row| row.name == name) {
                let origin = match name {
                    "name" => "default: the folder's name",
                    "primary" => "default: the first scorer",
                    _ => "default",
                };
                self.put(name, value, origin);
            }
        }
        let margin = self.loaded.plan.margin;
        let origin = match self.rows.iter().find(|row| row.name.ends_with(".margin")) {
            Some(row) => row.origin.clone(),
            None => "default".to_owned(),
        };
        self.put("margin", json!(margin), origin);
    }

    /// What a candidate is asked with.
    fn candidate(&mut self, candidate: &Candidate) {
        let project = &self.loaded.project;
        let index = model(project, candidate);
        let own = index.map(|index| format!("/models/{index}"));
        let at = |key: &str| {
            let own = own.as_ref()?;
            let pointer = if key.is_empty() {
                own.clone()
            } else {
                format!("{own}/{key}")
            };
            let block = project.doc.block(&pointer)?;
            Some(place(&project.doc, block.node()))
        };
        let model = at("model")
            .or_else(|| at(""))
            .unwrap_or_else(|| "--model".to_owned());
        let name = |what: &str| format!("candidate {}: {what}", candidate.name);
        let target = &candidate.target;
        self.put(name("model"), json!(candidate.model()), model.clone());
        let usual = match target.provider {
            Some(provider) => format!("default of {}", provider.name),
            None => "default".to_owned(),
        };
        self.put(
            name("api"),
            json!(target.api),
            at("api").unwrap_or_else(|| usual.clone()),
        );
        let address = at("base_url").unwrap_or(usual);
        self.put(name("base_url"), json!(target.endpoint.base_url), address);
        let key = match (&target.key_from, target.key_missing.as_slice()) {
            (Some(from), _) => (json!(from), "is set".to_owned()),
            (None, []) => (Value::Null, "none is needed".to_owned()),
            (None, names) => (json!(names.join(" or ")), "is not set".to_owned()),
        };
        self.put(
            name("key"),
            key.0,
            at("key").map_or(key.1.clone(), |at| format!("{at}, {}", key.1)),
        );
        let prompt = self.prompt(candidate);
        self.put(name("prompt"), json!(candidate.prompt.name), prompt.clone());
        let params = serde_json::to_value(&candidate.params).unwrap_or_default();
        for (key, value) in params
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, it)| !it.is_null())
        {
            let origin = at(&format!("params/{key}"))
                .or_else(|| self.of_prompt(candidate, key))
                .or_else(|| self.of_suite(&format!("/params/{key}")))
                .unwrap_or_else(|| prompt.clone());
            self.put(name(key), value.clone(), origin);
        }
    }

    fn of_suite(&self, pointer: &str) -> Option<String> {
        let doc = &self.loaded.project.doc;
        Some(place(doc, doc.block(pointer)?.node()))
    }

    /// Where the prompt is named.
    fn prompt(&self, candidate: &Candidate) -> String {
        let mut placed = self.loaded.prompts.iter().chain(self.loaded.own.values());
        let placed = placed.find(|it| std::sync::Arc::ptr_eq(&it.prompt, &candidate.prompt));
        let origin = placed.and_then(|placed| self.of_suite(&placed.pointer));
        origin.unwrap_or_else(|| "the suite".to_owned())
    }

    /// Where the prompt says a parameter of its own.
    fn of_prompt(&self, candidate: &Candidate, key: &str) -> Option<String> {
        let mut placed = self.loaded.prompts.iter().chain(self.loaded.own.values());
        let placed = placed.find(|it| std::sync::Arc::ptr_eq(&it.prompt, &candidate.prompt))?;
        let pointer = format!("/params/{key}");
        match &placed.file {
            None => self.of_suite(&format!("{}{pointer}", placed.pointer)),
            Some(file) => {
                let source = self.loaded.project.catalog.text(file).ok()?;
                let doc = Document::parse(source).ok()?;
                let block = doc.block(&pointer)?;
                Some(place(&doc, block.node()))
            }
        }
    }
}

/// The place in the suite of a candidate's model.
fn model(project: &Project, candidate: &Candidate) -> Option<usize> {
    project.suite.models.iter().position(|spec| {
        let map = spec.options();
        let name = map.name.unwrap_or(map.model);
        let rest = candidate.name.strip_prefix(name.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" @ "))
    })
}

/// `bakeoff.yaml:12`
fn place(doc: &Document, node: &Node) -> String {
    let (line, _) = doc.source.line_column(node.span.start);
    format!("{}:{line}", doc.source.name)
}

/// Every value of a document that is no map and no list of maps, with its name.
fn leaves(node: &Node, path: &str, see: &mut dyn FnMut(String, &Node)) {
    match &node.value {
        Kind::Map(entries) if !entries.is_empty() => {
            for (key, below) in entries {
                let path = match path {
                    "" => key.text.clone(),
                    path => format!("{path}.{}", key.text),
                };
                leaves(below, &path, see);
            }
        }
        Kind::List(items) if items.iter().any(|it| !it.entries().is_empty()) => {
            for (index, below) in items.iter().enumerate() {
                leaves(below, &format!("{path}[{index}]"), see);
            }
        }
        _ => see(path.to_owned(), node),
    }
}

/// Whether a flag's setting stands over this one.
fn covers(flag: &str, name: &str) -> bool {
    let rest = name.strip_prefix(flag);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// What the command line says, by the name of the setting that it stands over.
fn flags(selection: &Selection) -> Vec<(&'static str, Value, &'static str)> {
    let words = |words: &[String]| (!words.is_empty()).then(|| json!(words));
    let all: [(&'static str, Option<Value>, &'static str); 13] = [
        ("models", words(&selection.model), "--model"),
        ("prompts", words(&selection.prompt), "--prompt"),
        ("dataset.only", words(&selection.only), "--only"),
        ("dataset.limit", selection.limit.map(Value::from), "--limit"),
        (
            "dataset.sample",
            selection.sample.map(Value::from),
            "--sample",
        ),
        (
            "dataset.shard",
            selection
                .shard
                .map(|it| json!(format!("{}/{}", it.part, it.of))),
            "--shard",
        ),
        ("repeats", selection.repeats.map(Value::from), "--repeats"),
        ("seed", selection.seed.map(Value::from), "--seed"),
        (
            "limits.max_cost",
            selection.max_cost.map(Value::from),
            "--max-cost",
        ),
        (
            "limits.concurrency",
            selection.concurrency.map(Value::from),
            "--concurrency",
        ),
        (
            "drop_params",
            selection.drop_params.then(|| json!(true)),
            "--drop-params",
        ),
        (
            "replay",
            selection
                .replay
                .as_ref()
                .map(|path| json!(path.display().to_string())),
            "--replay",
        ),
        ("replay", selection.fresh.then_some(Value::Null), "--fresh"),
    ];
    let said = |(name, value, flag): (_, Option<Value>, _)| Some((name, value?, flag));
    all.into_iter().filter_map(said).collect()
}
