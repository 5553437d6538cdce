//! From a prompt's file, or its place in the suite, to a [`Prompt`].

use super::{Prompt, Role};
use crate::dataset::Dataset;
use crate::project::{Catalog, Examples, Params, PromptMap, ResponseSchema, SchemaSpec, Turn};
use crate::source::{Block, Document, Problem, Source};
use crate::template::{Syntax, Template};
use serde_json::{Value, json};
use std::sync::Arc;

impl Prompt {
    /// The prompt at a block of the suite: a path, or the prompt itself.
    pub fn read(block: &Block, catalog: &Catalog) -> Result<Prompt, Vec<Problem>> {
        let Some(path) = block.text() else {
            return whole(block, &default_name(block), catalog);
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
                whole(&doc.top(), name, catalog)
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
    let messages = vec![(Role::User, template)];
    Ok(hashed(Prompt {
        name: name.to_owned(),
        hash: String::new(),
        messages,
        examples: Vec::new(),
        params: Params::default(),
        tools: Vec::new(),
        tool_choice: None,
        parallel_tool_calls: None,
    }))
}

/// A prompt with its messages, parameters and tools.
fn whole(block: &Block, name: &str, catalog: &Catalog) -> Result<Prompt, Vec<Problem>> {
    let map: PromptMap = block.read()?;
    let name = map.name.as_deref().unwrap_or(name).to_owned();
    let mut problems = Vec::new();
    let mut messages = Vec::new();
    let turns = block.child("messages").map(|turns| turns.children());
    for ((_, place), turn) in turns.unwrap_or_default().iter().zip(&map.messages) {
        let (key, role) = match turn {
            Turn::System(_) => ("system", Role::System),
            Turn::User(_) => ("user", Role::User),
            Turn::Assistant(_) => ("assistant", Role::Assistant),
        };
        match place.child(key).as_ref().map(Template::of_block) {
            Some(Ok(template)) => messages.push((role, template)),
            Some(Err(problem)) => problems.push(problem),
            None => {}
        }
    }
    let mut params = map.params;
    let schema = map
        .output_schema
        .map(|spec| output_schema(&spec, block, catalog));
    match schema {
        Some(Ok(_)) if params.response_schema.is_some() => {
            let title = "`output_schema` and `params.response_schema` say the same thing twice";
            problems.push(
                block
                    .key_problem("output_schema", title, "")
                    .help("keep one"),
            );
        }
        Some(Ok(schema)) => {
            params.response_schema = Some(ResponseSchema {
                name: plain_name(&name),
                schema,
                strict: None,
            });
        }
        Some(Err(problem)) => problems.push(problem),
        None => {}
    }
    let examples = match examples(map.examples.as_ref(), block, catalog) {
        Ok(examples) => examples,
        Err(wrong) => {
            problems.extend(wrong);
            Vec::new()
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(hashed(Prompt {
        name,
        hash: String::new(),
        messages,
        examples,
        params,
        tools: map.tools,
        tool_choice: map.tool_choice,
        parallel_tool_calls: map.parallel_tool_calls,
    }))
}

fn output_schema(spec: &SchemaSpec, block: &Block, catalog: &Catalog) -> Result<Value, Problem> {
    let path = match spec {
        SchemaSpec::Inline(schema) => return Ok(Value::Object(schema.clone())),
        SchemaSpec::Path(path) => path,
    };
    let place = block
        .child("output_schema")
        .unwrap_or_else(|| block.clone());
    let source = catalog.text(path).map_err(|problem| Problem {
        at: problem.at.or(place.problem("", "").at),
        ..problem
    })?;
    let doc = Document::parse(source)?;
    match doc.root.to_value() {
        schema @ Value::Object(_) => Ok(schema),
        _ => Err(doc.problem("", "a JSON Schema is a map", "expected a map")),
    }
}

fn examples(
    spec: Option<&Examples>,
    block: &Block,
    catalog: &Catalog,
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
    let loaded = Dataset::load(path, catalog).map_err(|mut problems| {
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
    let text =
        |(role, template): &(Role, Template)| json!([role, template.text(), template.syntax()]);
    let all = json!([
        prompt.messages.iter().map(text).collect::<Vec<_>>(),
        prompt.examples,
        prompt.params,
        prompt.tools,
        prompt.tool_choice,
        prompt.parallel_tool_calls,
    ]);
    prompt.hash = blake3::hash(all.to_string().as_bytes()).to_hex()[..32].to_owned();
    prompt
}
