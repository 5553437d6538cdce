//! From a prompt's file, or its place in the suite, to a [`Prompt`].

use super::files::{folder, joined};
use super::step::{Piece, Say, Step};
use super::turns::Turns;
use super::{Column, Prompt, Role};
use crate::dataset::Dataset;
use crate::project::{
    Catalog, Examples, Params, PromptMap, ResponseSchema, SchemaSpec, Tool, ToolsSpec,
};
use crate::source::{Block, Document, Problem, Source, did_you_mean};
use crate::template::{Syntax, Template};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Prompt {
    /// The prompt at a block of the suite: a path, or the prompt itself.
    pub fn read(block: &Block, catalog: &Catalog) -> Result<Prompt, Vec<Problem>> {
        let Some(path) = block.text() else {
            let files = Around {
                catalog,
                folder: folder(&block.doc().source.name),
            };
            return whole(block, &default_name(block), &files);
        };
        let loaded = Prompt::load(path, catalog);
        loaded.map_err(|mut problems| {
            for problem in problems.iter_mut().filter(|problem| problem.at.is_none()) {
                problem.at = block.problem("", "").at;
            }
            problems
        })
    }

    /// The prompt in a file: `.yaml`, `.toml`, `.json`, `.hbs` or `.j2`.
    pub fn load(path: &str, catalog: &Catalog) -> Result<Prompt, Vec<Problem>> {
        let known = [
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
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        if !known.contains(&ending) {
            let title = format!("`{path}` is no prompt file");
            let help = "a prompt is .yaml or .toml, or one user message in .hbs or .j2";
            return Err(vec![Problem::error(title).help(help)]);
        }
        let source = catalog.text(path).map_err(|problem| vec![problem])?;
        Prompt::of_source(path, source, catalog)
    }

    /// The prompt in a text that is, or was, the file of this path; files that it names are today's.
    pub fn of_source(
        path: &str,
        source: Arc<Source>,
        catalog: &Catalog,
    ) -> Result<Prompt, Vec<Problem>> {
        let file = path.rsplit('/').next().unwrap_or(path);
        let (name, ending) = file.rsplit_once('.').unwrap_or((file, ""));
        match ending {
            "hbs" | "handlebars" => single(&source, name, Syntax::Handlebars),
            "j2" | "jinja" | "jinja2" => single(&source, name, Syntax::Jinja),
            _ => {
                let doc = Document::parse(source).map_err(|problem| vec![problem])?;
                let folder = folder(path);
                whole(&doc.top(), name, &Around { catalog, folder })
            }
        }
    }
}

fn default_name(block: &Block) -> String {
    let last = block.pointer().rsplit('/').next().unwrap_or_default();
    match last.parse::<usize>() {
        Ok(index) => format!("prompt-{}", index + 1),
        Err(_) => "prompt".to_owned(),
    }
}

/// A file that is one user message.
fn single(source: &Arc<Source>, name: &str, syntax: Syntax) -> Result<Prompt, Vec<Problem>> {
    let template = Template::of_file(source, syntax).map_err(|problem| vec![problem])?;
    let say = Say {
        role: Role::User,
        parts: vec![Piece::Text(template)],
        calls: Vec::new(),
        call: None,
        name: None,
    };
    Ok(hashed(Prompt {
        messages: vec![Step::Say(Box::new(say))],
        ..blank(name, folder(&source.name))
    }))
}

fn blank(name: &str, folder: &str) -> Prompt {
    Prompt {
        name: name.to_owned(),
        hash: String::new(),
        folder: folder.to_owned(),
        messages: Vec::new(),
        examples: Vec::new(),
        params: Params::default(),
        tools: Vec::new(),
        tools_from: None,
        tool_choice: None,
        parallel_tool_calls: None,
        tool_results: BTreeMap::new(),
        max_turns: None,
    }
}

/// The files that a prompt names: beside it, or from the project's folder.
struct Around<'a> {
    catalog: &'a Catalog,
    folder: &'a str,
}

impl Around<'_> {
    fn find(&self, path: &str) -> String {
        let beside = joined(self.folder, path);
        match self.catalog.has(&beside) {
            true => beside,
            false => path.to_owned(),
        }
    }

    /// A YAML or JSON file; that it is not there is said at `place`.
    fn document(&self, path: &str, place: &Block) -> Result<Document, Problem> {
        let source = self.catalog.text(&self.find(path));
        Document::parse(source.map_err(|problem| Problem {
            at: problem.at.or(place.problem("", "").at),
            ..problem
        })?)
    }
}

/// A prompt with its messages, parameters and tools.
fn whole(block: &Block, name: &str, files: &Around<'_>) -> Result<Prompt, Vec<Problem>> {
    let map: PromptMap = block.read()?;
    let name = map.name.as_deref().unwrap_or(name).to_owned();
    let mut problems = Vec::new();
    let mut turns = Turns::default();
    let places = block.child("messages").map(|turns| turns.children());
    let places = places.unwrap_or_default();
    let written = places.iter().zip(&map.messages);
    let messages: Vec<Step> = written
        .filter_map(|((_, place), turn)| turns.step(place, turn))
        .collect();
    problems.append(&mut turns.problems);
    problems.sort_by_key(|problem| problem.at.as_ref().map(|at| at.span.start));
    let mut params = map.params;
    if params.n.is_some_and(|n| n > 1) {
        let at = block.child("params").unwrap_or_else(|| block.clone());
        problems.push(several(&at));
    }
    if let Some(few) = map.max_turns.and_then(|most| too_few(most, &messages)) {
        problems.push(block.key_problem("max_turns", few, "").help(
            "every `reply` is a request, and so is the answer after the last message: raise it, or leave it out",
        ));
    }
    let schema = map
        .output_schema
        .map(|spec| output_schema(&spec, block, &name, files));
    match schema {
        Some(Ok(_)) if params.response_schema.is_some() => {
            let title = "`output_schema` and `params.response_schema` say the same thing twice";
            problems.push(
                block
                    .key_problem("output_schema", title, "")
                    .help("keep one"),
            );
        }
        Some(Ok(schema)) => params.response_schema = Some(schema),
        Some(Err(problem)) => problems.push(problem),
        None => {}
    }
    let mut kept = |found: Result<Vec<Value>, Vec<Problem>>| {
        found.unwrap_or_else(|wrong| {
            problems.extend(wrong);
            Vec::new()
        })
    };
    let examples = kept(examples(map.examples.as_ref(), block, files));
    let mut tools_from = None;
    let mut tools = Vec::new();
    match map.tools {
        None => {}
        Some(ToolsSpec::List(list)) => tools = list,
        Some(ToolsSpec::Path(path)) => match tools_in(&path, block, files) {
            Ok(list) => tools = list,
            Err(wrong) => problems.extend(wrong),
        },
        Some(ToolsSpec::From(from)) => {
            let place = block.child("tools").unwrap_or_else(|| block.clone());
            let place = place.child("from").unwrap_or(place);
            tools_from = Some(Column {
                name: from.from,
                place: Box::new(place.problem("", "")),
            });
        }
    }
    let mut tool_results = BTreeMap::new();
    let answers = block.child("tool_results").map(|it| it.children());
    for (tool, place) in answers.unwrap_or_default() {
        let known = || tools.iter().map(|tool| tool.name.as_str());
        if tools_from.is_none() && !known().any(|name| name == tool) {
            let title = format!("`tool_results` answers {tool:?}, and the prompt has no such tool");
            let problem = block.child("tool_results").unwrap_or_else(|| block.clone());
            let problem = problem.key_problem(&tool, title, "");
            let problem = match did_you_mean(&tool, known()) {
                Some(near) => problem.help(format!("did you mean {near:?}?")),
                None => problem,
            };
            let names: Vec<&str> = known().collect();
            problems.push(match names.as_slice() {
                [] => problem.help("list the tools under `tools:`"),
                names => problem.help(format!("tools: {}", names.join(", "))),
            });
        }
        match Template::of_block(&place) {
            Ok(template) => drop(tool_results.insert(tool, template)),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(hashed(Prompt {
        messages,
        examples,
        params,
        tools,
        tools_from,
        tool_choice: map.tool_choice,
        parallel_tool_calls: map.parallel_tool_calls,
        tool_results,
        max_turns: map.max_turns,
        ..blank(&name, files.folder)
    }))
}

/// Why these messages cannot all be had in so many requests.
fn too_few(most: u32, messages: &[Step]) -> Option<String> {
    let reply = |step: &&Step| matches!(step, Step::Reply);
    let last = usize::from(!messages.last().is_some_and(|step| reply(&step)));
    let replies = messages.iter().filter(reply).count();
    let needed = replies + last;
    (replies > 0 && needed > most as usize)
        .then(|| format!("`max_turns` is {most}, but these messages take {needed} requests"))
}

/// Only the first of several choices would be read, and all be paid.
fn several(params: &Block) -> Problem {
    params
        .key_problem("n", "`n` would pay for answers that are not read", "")
        .help("to ask each case several times, write `repeats` in the suite")
}

/// The tools in a file: a list, each as a prompt states it.
fn tools_in(path: &str, block: &Block, files: &Around<'_>) -> Result<Vec<Tool>, Vec<Problem>> {
    let place = block.child("tools").unwrap_or_else(|| block.clone());
    let doc = files
        .document(path, &place)
        .map_err(|problem| vec![problem])?;
    doc.top().read()
}

/// The schema, with its name and strictness where they are said beside it.
fn output_schema(
    spec: &SchemaSpec,
    block: &Block,
    name: &str,
    files: &Around<'_>,
) -> Result<ResponseSchema, Problem> {
    let map = match spec {
        SchemaSpec::Inline(schema) => schema.clone(),
        SchemaSpec::Path(path) => {
            let place = block
                .child("output_schema")
                .unwrap_or_else(|| block.clone());
            let doc = files.document(path, &place)?;
            match doc.root.to_value() {
                Value::Object(schema) => schema,
                _ => return Err(doc.problem("", "a JSON Schema is a map", "expected a map")),
            }
        }
    };
    Ok(wrapped(&map).unwrap_or_else(|| ResponseSchema {
        name: plain_name(name),
        schema: Value::Object(map),
        strict: None,
    }))
}

/// A map of `name`, `schema` and `strict` and of nothing else, as OpenAI's `json_schema` is.
fn wrapped(map: &Map<String, Value>) -> Option<ResponseSchema> {
    let is_schema = map.get("schema").is_some_and(Value::is_object);
    let read = || serde_json::from_value(Value::Object(map.clone())).ok();
    is_schema.then(read).flatten()
}

fn examples(
    spec: Option<&Examples>,
    block: &Block,
    files: &Around<'_>,
) -> Result<Vec<Value>, Vec<Problem>> {
    let Some(place) = block.child("examples") else {
        return Ok(Vec::new());
    };
    let path = match spec {
        Some(Examples::Path(path)) => path,
        _ => {
            return Ok(place
                .node()
                .items()
                .iter()
                .map(|item| item.to_cell())
                .collect());
        }
    };
    let loaded = Dataset::load(&files.find(path), files.catalog).map_err(|mut problems| {
        for problem in problems.iter_mut().filter(|problem| problem.at.is_none()) {
            problem.at = place.problem("", "").at;
        }
        problems
    })?;
    let vars = loaded
        .cases
        .into_iter()
        .map(|case| Value::Object(case.vars));
    Ok(vars.collect())
}

/// The name as providers take it for a schema: letters, digits, `_` and `-`, at most 64.
fn plain_name(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    name.chars().take(64).map(plain).collect()
}

fn hashed(mut prompt: Prompt) -> Prompt {
    let steps: Vec<Value> = prompt.messages.iter().map(Step::identity).collect();
    let mut all = vec![
        json!(steps),
        json!(prompt.examples),
        json!(prompt.params),
        json!(prompt.tools),
        json!(prompt.tool_choice),
        json!(prompt.parallel_tool_calls),
    ];
    // What few prompts have is added only where it is, so that the others keep their hash.
    if let Some(column) = &prompt.tools_from {
        all.push(json!(["tools_from", column.name]));
    }
    if !prompt.tool_results.is_empty() || prompt.max_turns.is_some() {
        let texts = prompt.tool_results.iter();
        let texts: BTreeMap<&str, &str> = texts
            .map(|(tool, text)| (tool.as_str(), text.text()))
            .collect();
        all.push(json!(["tool_results", texts, prompt.max_turns]));
    }
    let all = Value::Array(all).to_string();
    prompt.hash = blake3::hash(all.as_bytes()).to_hex()[..32].to_owned();
    prompt
}
