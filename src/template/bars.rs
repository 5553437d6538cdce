//! Handlebars. The parsed template is looked over once: partials and decorators are refused, unknown
//! helpers named, and every bare `{{name}}` is made a lookup of that name in the values, so that a
//! column called `len` is a column and a list prints as JSON.

use super::{Capped, Fault, MAX_OUTPUT, Wanted, amiss};
use crate::source::did_you_mean;
use handlebars::template::{BlockParam, HelperTemplate, Parameter, Template, TemplateElement};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, Path, RenderContext, RenderError,
    RenderErrorReason, TemplateError, no_escape,
};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::ops::Range;

/// Helpers that take a block.
const BLOCKS: &[&str] = &["if", "unless", "each", "with"];
/// Helpers that give a value.
const VALUES: &[&str] = &[
    "json", "lookup", "len", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not",
];
/// Our own helpers; the space keeps the names out of reach.
const SHOW: &str = "show value";
const STEP: &str = "count step";
/// Most rounds of all loops of one rendering.
const MAX_STEPS: u32 = 100_000;

thread_local! {
    /// Rounds left for the rendering that runs on this thread.
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

/// A parsed Handlebars template.
#[derive(Debug)]
pub(super) struct Bars {
    registry: Handlebars<'static>,
    text: String,
}

impl Bars {
    /// Parses; also the variables that the template needs.
    pub(super) fn parse(text: &str) -> Result<(Bars, Vec<Wanted>), Fault> {
        let mut template = Template::compile(text).map_err(|error| syntax_fault(text, &error))?;
        let mut look = Look {
            text,
            scope: Vec::new(),
            names: Vec::new(),
        };
        look.template(&mut template)?;
        let mut registry = Handlebars::new();
        registry.register_escape_fn(no_escape);
        registry.set_strict_mode(true);
        registry.register_helper(SHOW, Box::new(Show));
        registry.register_helper(STEP, Box::new(Step));
        registry.register_helper("json", Box::new(Json));
        registry.register_template("", template);
        let text = text.to_owned();
        Ok((Bars { registry, text }, look.names))
    }

    pub(super) fn render(&self, vars: &Map<String, Value>) -> Result<String, Fault> {
        STEPS.set(MAX_STEPS);
        let mut out = Capped::new(MAX_OUTPUT);
        match self.registry.render_to_write("", vars, &mut out) {
            Ok(()) => Ok(out.into_text()),
            Err(_) if out.over() => Err(Fault::new("the rendered text is over 4 MiB", 0..0)),
            Err(error) => Err(render_fault(&self.text, &error)),
        }
    }
}

/// The walk over a parsed template.
struct Look<'t> {
    text: &'t str,
    /// A level per block that changes what names mean, with the names it gives its item.
    scope: Vec<Vec<String>>,
    names: Vec<Wanted>,
}

impl Look<'_> {
    fn template(&mut self, template: &mut Template) -> Result<(), Fault> {
        for (index, element) in template.elements.iter_mut().enumerate() {
            let mapping = template.mapping.get(index);
            let at = mapping.map_or(0, |place| offset(self.text, place.0, place.1));
            match element {
                TemplateElement::Expression(call) | TemplateElement::HtmlExpression(call) => {
                    self.expression(call, at)?;
                }
                TemplateElement::HelperBlock(call) => self.block(call, at)?,
                TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
                _ => {
                    let title = "partials and decorators (`{{> …}}`, `{{* …}}`) are not allowed";
                    let help = "write the text here, or put it into a column";
                    return Err(Fault::new(title, self.tag(at)).help(help));
                }
            }
        }
        Ok(())
    }

    fn expression(&mut self, call: &mut HelperTemplate, at: usize) -> Result<(), Fault> {
        if call.params.is_empty() && call.hash.is_empty() {
            let value = std::mem::replace(&mut call.name, Parameter::Name(SHOW.to_owned()));
            self.parameter(&value, at)?;
            call.params.push(value);
            return Ok(());
        }
        self.call(call, VALUES, at)
    }

    fn block(&mut self, call: &mut HelperTemplate, at: usize) -> Result<(), Fault> {
        let name = call_name(&call.name).to_owned();
        if name == "raw" {
            return Ok(());
        }
        self.call(call, BLOCKS, at)?;
        let nests = matches!(name.as_str(), "each" | "with");
        if nests {
            self.scope.push(given_names(call.block_param.as_ref()));
        }
        if let Some(inner) = &mut call.template {
            self.template(inner)?;
            if let (true, Some(first)) = (name == "each", inner.mapping.first().cloned()) {
                inner.elements.insert(0, step());
                inner.mapping.insert(0, first);
            }
        }
        if nests {
            self.scope.pop();
        }
        match &mut call.inverse {
            Some(other) => self.template(other),
            None => Ok(()),
        }
    }

    fn call(&mut self, call: &HelperTemplate, known: &[&str], at: usize) -> Result<(), Fault> {
        let name = call_name(&call.name);
        if !known.contains(&name) {
            let title = format!("unknown helper `{name}`");
            let help = match did_you_mean(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("helpers here: {}", known.join(", ")),
            };
            return Err(Fault::new(title, self.find(name, at)).help(help));
        }
        if call.params.is_empty() {
            let title = format!("`{name}` needs a value to work on");
            return Err(Fault::new(title, self.tag(at)));
        }
        let mut all = call.params.iter().chain(call.hash.values());
        all.try_for_each(|parameter| self.parameter(parameter, at))
    }

    fn parameter(&mut self, parameter: &Parameter, at: usize) -> Result<(), Fault> {
        match parameter {
            Parameter::Literal(_) => Ok(()),
            Parameter::Name(raw) => {
                self.want(raw, at);
                Ok(())
            }
            Parameter::Path(Path::Relative((_, raw))) => {
                self.want(raw, at);
                Ok(())
            }
            Parameter::Path(_) => Ok(()),
            Parameter::Subexpression(inner) => match inner.as_element() {
                TemplateElement::Expression(call) if call.params.is_empty() => {
                    self.parameter(&call.name, at)
                }
                TemplateElement::Expression(call) => self.call(call, VALUES, at),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Notes the top-level variable that a path leads through, if it is one.
    fn want(&mut self, raw: &str, at: usize) {
        let (mut path, rooted) = match raw.strip_prefix("@root") {
            Some(rest) => (rest.trim_start_matches(['.', '/']), true),
            None => (raw, false),
        };
        let mut level = if rooted { 0 } else { self.scope.len() };
        loop {
            if let Some(rest) = path.strip_prefix("../") {
                path = rest;
                level = level.saturating_sub(1);
            } else if let Some(rest) = path
                .strip_prefix("./")
                .or(path.strip_prefix("this."))
                .or(path.strip_prefix("this/"))
            {
                path = rest;
            } else {
                break;
            }
        }
        let name = match path.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(rest),
            None => path.split(['.', '/']).next().unwrap_or(path),
        };
        let given = self.scope.iter().flatten().any(|given| given == name);
        if level > 0 || name.is_empty() || name == "this" || (given && path == raw) {
            return;
        }
        self.names.push((name.to_owned(), self.find(name, at)));
    }

    /// The first `word` at or after an offset.
    fn find(&self, word: &str, at: usize) -> Range<usize> {
        match self.text[at..].find(word) {
            Some(found) => at + found..at + found + word.len(),
            None => self.tag(at),
        }
    }

    /// The tag at an offset.
    fn tag(&self, at: usize) -> Range<usize> {
        let rest = &self.text[at..];
        at..at + rest.find("}}").map_or(rest.len(), |end| end + 2)
    }
}

fn call_name(name: &Parameter) -> &str {
    match name {
        Parameter::Name(name) | Parameter::Path(Path::Relative((_, name))) => name,
        _ => "(…)",
    }
}

fn given_names(given: Option<&BlockParam>) -> Vec<String> {
    let given = match given {
        None => Vec::new(),
        Some(BlockParam::Single(one)) => vec![one],
        Some(BlockParam::Pair((one, two))) => vec![one, two],
        Some(_) => Vec::new(),
    };
    given
        .into_iter()
        .map(|name| call_name(name).to_owned())
        .collect()
}

/// The call of [`Step`]. The crate's types cannot be made from outside, so one is parsed and renamed.
fn step() -> TemplateElement {
    let mut template = Template::compile("{{step null}}").expect("a fixed, valid template");
    let mut element = template.elements.pop().expect("it has one element");
    if let TemplateElement::Expression(call) = &mut element {
        call.name = Parameter::Name(STEP.to_owned());
    }
    element
}

/// Writes a value plainly; a list or a map as JSON.
struct Show;

impl HelperDef for Show {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let Some(value) = helper.param(0).filter(|value| !value.is_value_missing()) else {
            let path = helper.param(0).and_then(|value| value.relative_path());
            return Err(RenderError::strict_error(path));
        };
        match value.value() {
            Value::Null => Ok(()),
            Value::String(text) => Ok(out.write(text)?),
            other => Ok(out.write(&other.to_string())?),
        }
    }
}

/// Writes a value as JSON.
struct Json;

impl HelperDef for Json {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        match helper.param(0).filter(|value| !value.is_value_missing()) {
            Some(value) => Ok(out.write(&value.value().to_string())?),
            None => Err(RenderError::strict_error(None)),
        }
    }
}

/// Counts a loop's round.
struct Step;

impl HelperDef for Step {
    fn call<'reg: 'rc, 'rc>(
        &self,
        _: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        _: &mut dyn Output,
    ) -> HelperResult {
        let left = STEPS.get();
        STEPS.set(left.saturating_sub(1));
        if left == 0 {
            let said = "the loops run more than 100,000 rounds".to_owned();
            return Err(RenderErrorReason::Other(said).into());
        }
        Ok(())
    }
}

fn syntax_fault(text: &str, error: &TemplateError) -> Fault {
    let at = error
        .pos()
        .map_or(0, |(line, column)| offset(text, line, column));
    let said = error.reason().to_string();
    let end = (at + 2).min(text.len());
    let end = text.ceil_char_boundary(end);
    // The parser's list of everything it would have taken helps nobody.
    if let Some(fault) = amiss::fault(text) {
        return fault;
    }
    let help = "`{{name}}` puts a value in, `{{[a name]}}` one whose name has blanks, `\\{{` writes two braces";
    let title = match said.contains("invalid handlebars syntax") {
        true => "this is no Handlebars".to_owned(),
        false => said,
    };
    Fault::new(title, at..end).help(help)
}

fn render_fault(text: &str, error: &RenderError) -> Fault {
    let at = match (error.line_no, error.column_no) {
        (Some(line), Some(column)) => offset(text, line, column),
        _ => 0,
    };
    let rest = &text[at..];
    let tag = at..at + rest.find("}}").map_or(rest.len(), |end| end + 2);
    match error.reason() {
        RenderErrorReason::MissingVariable(Some(name)) => {
            Fault::new(format!("`{name}` has no value here"), tag)
        }
        RenderErrorReason::MissingVariable(None) => Fault::new("no value here", tag),
        other => Fault::new(other.to_string(), tag),
    }
}

/// The byte at a line and a column, both from 1, the column in characters.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let rest = &text[start..];
    let column = rest.char_indices().nth(column.saturating_sub(1));
    start + column.map_or(rest.len(), |(at, _)| at)
}
