//! Templates: text with holes, filled once from a map of values. Handlebars, or Jinja for `.j2`.
//!
//! Strict (a name without a value is an error), never escaped, bounded in nesting, steps and output,
//! without partials or anything else that could read a file or call itself. A value is put in as it
//! is: template syntax inside it stays text.

mod amiss;
mod bars;
mod bounds;
mod jinja;
mod page;
mod parts;
mod place;

pub use page::{render_each, render_page, render_whole};

use crate::source::{Block, Problem, Source, Span, clip, did_you_mean};
use place::Place;
use serde_json::{Map, Value};
use std::ops::Range;
use std::sync::Arc;

/// Most bytes that one template may render.
const MAX_OUTPUT: usize = 4 << 20;

/// Whose syntax a template is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `{{name}}`, `{{#each names}}`.
    Handlebars,
    /// `{{ name }}`, `{% for name in names %}`.
    Jinja,
}

/// A variable that a template needs, and where it first asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The variable.
    pub name: String,
    /// Its bytes in the template's source.
    pub span: Span,
}

/// A parsed template.
#[derive(Debug, Clone)]
pub struct Template {
    place: Place,
    names: Vec<Name>,
    engine: Engine,
}

#[derive(Debug, Clone)]
enum Engine {
    /// No hole in it.
    Plain(Arc<str>),
    Bars(Arc<bars::Bars>),
    Jinja(Arc<jinja::Jinja>),
}

/// A variable with the bytes of the template that ask for it.
type Wanted = (String, Range<usize>);

/// What is wrong with a template, in offsets of its own text.
#[derive(Debug)]
struct Fault {
    title: String,
    at: Range<usize>,
    help: Option<String>,
}

impl Fault {
    fn new(title: impl Into<String>, at: Range<usize>) -> Self {
        let title = title.into();
        let help = None;
        Fault { title, at, help }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Template {
    /// Parses `text`, which stands at `span` of `source` (there it may be quoted or indented).
    pub fn parse(
        text: &str,
        source: &Arc<Source>,
        span: Span,
        syntax: Syntax,
    ) -> Result<Template, Problem> {
        let place = Place::new(source, span, text);
        let parsed = bounds::check(text, syntax).and_then(|()| match syntax {
            Syntax::Handlebars if !text.contains("{{") => {
                Ok((Engine::Plain(text.into()), Vec::new()))
            }
            Syntax::Handlebars => {
                bars::Bars::parse(text).map(|(bars, names)| (Engine::Bars(Arc::new(bars)), names))
            }
            Syntax::Jinja => jinja::Jinja::parse(text)
                .map(|(jinja, names)| (Engine::Jinja(Arc::new(jinja)), names)),
        });
        let (engine, names) = parsed.map_err(|fault| place.problem(fault))?;
        let mut known: Vec<Name> = Vec::new();
        for (name, at) in names {
            if known.iter().all(|known| known.name != name) {
                let span = place.span(at);
                known.push(Name { name, span });
            }
        }
        Ok(Template {
            place,
            names: known,
            engine,
        })
    }

    /// Parses a whole file; its last line break is the editor's, not the template's.
    pub fn of_file(source: &Arc<Source>, syntax: Syntax) -> Result<Template, Problem> {
        let text = &source.text;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        Template::parse(text, source, 0..text.len(), syntax)
    }

    /// Parses the Handlebars text of a block; a number or a list there is a problem.
    pub fn of_block(block: &Block) -> Result<Template, Problem> {
        let Some(text) = block.text() else {
            let title = format!("a template is text, not {}", block.node().value.name());
            return Err(block.problem(title, "expected text"));
        };
        let source = &block.doc().source;
        Template::parse(text, source, block.node().span.clone(), Syntax::Handlebars)
    }

    /// The top-level variables it needs, in order of appearance.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// The template's text.
    pub fn text(&self) -> &str {
        self.place.text()
    }

    /// It has no hole: it says the same whatever the values are.
    pub fn is_plain(&self) -> bool {
        matches!(self.engine, Engine::Plain(_))
    }

    /// The syntax's name, which is part of what the text means.
    pub fn syntax(&self) -> &'static str {
        match self.engine {
            Engine::Plain(_) | Engine::Bars(_) => "handlebars",
            Engine::Jinja(_) => "jinja",
        }
    }

    /// A problem for each variable that is not among `columns`.
    pub fn check<'a>(&self, columns: impl IntoIterator<Item = &'a str> + Clone) -> Vec<Problem> {
        let known = |name: &str| columns.clone().into_iter().any(|column| column == name);
        let unknown = self.names.iter().filter(|name| !known(&name.name));
        let problem = |name: &Name| {
            let columns: Vec<&str> = columns.clone().into_iter().collect();
            let title = format!("unknown variable `{}`", clip(&name.name));
            let mut problem =
                Problem::error(title).at(self.place.source(), name.span.clone(), "no such column");
            if let Some(meant) = did_you_mean(&name.name, columns.iter().copied()) {
                problem = problem.help(format!("did you mean `{meant}`?"));
            }
            problem.help(format!("known here: {}", columns.join(", ")))
        };
        unknown.map(problem).collect()
    }

    /// The text with every hole filled from `vars`: text as it is, numbers and true/false plainly, a
    /// list or a map as JSON.
    pub fn render(&self, vars: &Map<String, Value>) -> Result<String, Problem> {
        let rendered = match &self.engine {
            Engine::Plain(text) => return Ok(text.to_string()),
            Engine::Bars(bars) => bars.render(vars),
            Engine::Jinja(jinja) => jinja.render(vars),
        };
        rendered.map_err(|fault| self.place.problem(fault))
    }
}

/// A writer that stops at a limit, so that nested loops cannot fill the memory.
struct Capped {
    text: Vec<u8>,
    limit: usize,
}

impl Capped {
    fn new(limit: usize) -> Self {
        let text = Vec::new();
        Capped { text, limit }
    }

    fn over(&self) -> bool {
        self.text.len() >= self.limit
    }

    fn into_text(self) -> String {
        String::from_utf8(self.text).expect("engines write whole strings")
    }
}

impl std::io::Write for Capped {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        if self.text.len() + piece.len() > self.limit {
            self.text.resize(self.limit, b' ');
            return Err(std::io::Error::other("the output is too long"));
        }
        self.text.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The bytes of a line (from 1) of a text, without its indentation.
fn line_range(text: &str, line: usize) -> Range<usize> {
    let start = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let rest = &text[start..];
    let rest = &rest[..rest.find('\n').unwrap_or(rest.len())];
    let indent = rest.len() - rest.trim_start().len();
    start + indent..start + rest.trim_end().len().max(indent)
}

#[cfg(test)]
mod tests;
