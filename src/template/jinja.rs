//! Jinja, through minijinja: no loader, no host objects, strict, and with fuel so that loops end.

use super::{Capped, Fault, MAX_OUTPUT, Wanted, line_range};
use crate::source::on_deep_stack;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value};
use std::ops::Range;

/// Instructions that one rendering may take. Small, because fuel does not count bytes.
const FUEL: u64 = 50_000;

/// A parsed Jinja template.
#[derive(Debug)]
pub(super) struct Jinja {
    environment: Environment<'static>,
    text: String,
}

impl Jinja {
    /// Parses; also the variables that the template needs.
    pub(super) fn parse(text: &str) -> Result<(Jinja, Vec<Wanted>), Fault> {
        if let Some((word, at)) = other_file(text) {
            let title = format!("`{{% {word} %}}` is not allowed: a prompt is one file");
            return Err(Fault::new(title, at));
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(64);
        environment.set_formatter(|out, _, value| {
            let written = match value.kind() {
                ValueKind::Undefined => return Err(ErrorKind::UndefinedError.into()),
                ValueKind::None => Ok(()),
                ValueKind::Bool => out.write_str(if value.is_true() { "true" } else { "false" }),
                ValueKind::Seq | ValueKind::Map => match serde_json::to_string(value) {
                    Ok(json) => out.write_str(&json),
                    Err(_) => write!(out, "{value}"),
                },
                _ => write!(out, "{value}"),
            };
            written.map_err(Error::from)
        });
        // minijinja recurses along chains, as long as `bounds` lets them be.
        let added = on_deep_stack(|| environment.add_template_owned("prompt", text.to_owned()));
        added
            .map_err(|said| Fault::new(said, 0..0))?
            .map_err(|error| fault(text, &error))?;
        let names = {
            let template = environment.get_template("prompt");
            let template = template.map_err(|error| fault(text, &error))?;
            let mut names: Vec<_> = template.undeclared_variables(false).into_iter().collect();
            let globals: Vec<&str> = environment.globals().map(|(name, _)| name).collect();
            names.retain(|name| !globals.contains(&name.as_str()));
            let mut names: Vec<_> = names.into_iter().map(|name| wanted(text, name)).collect();
            names.sort_by_key(|(_, at)| at.start);
            names
        };
        let text = text.to_owned();
        Ok((Jinja { environment, text }, names))
    }

    pub(super) fn render(&self, vars: &Map<String, Value>) -> Result<String, Fault> {
        let mut out = Capped::new(MAX_OUTPUT);
        let template = self.environment.get_template("prompt");
        let template = template.map_err(|error| fault(&self.text, &error))?;
        let rendered = template.render_captured_to(Serde(vars), &mut out).map(drop);
        match rendered {
            Ok(()) => Ok(out.into_text()),
            Err(_) if out.over() => Err(Fault::new("the rendered text is over 4 MiB", 0..0)),
            Err(error) => Err(fault(&self.text, &error)),
        }
    }
}

/// A tag that reaches for another template.
fn other_file(text: &str) -> Option<(&'static str, Range<usize>)> {
    let mut tags = text.match_indices("{%");
    tags.find_map(|(at, _)| {
        let inside = text[at + 2..].trim_start_matches(['-', '+']).trim_start();
        let words = ["include", "import", "extends", "from"];
        let mut words = words.into_iter().filter(|word| inside.starts_with(word));
        words.next().map(|word| {
            let start = text.len() - inside.len();
            (word, start..start + word.len())
        })
    })
}

/// The variable with the place where a tag first names it.
fn wanted(text: &str, name: String) -> Wanted {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut hits = text.match_indices(name.as_str()).filter(|(at, _)| {
        let (before, after) = (&text[..*at], &text[at + name.len()..]);
        let opened = before.rfind("{{").max(before.rfind("{%"));
        let closed = before.rfind("}}").max(before.rfind("%}"));
        opened > closed && !before.ends_with(word) && !after.starts_with(word)
    });
    let start = hits.next().map_or(0, |(at, _)| at);
    let end = start + name.len();
    (name, start..end)
}

fn fault(text: &str, error: &Error) -> Fault {
    let at = error.line().map_or(0..0, |line| line_range(text, line));
    let title = match (error.kind(), error.detail()) {
        (ErrorKind::UndefinedError, _) => "a name on this line has no value".to_owned(),
        (ErrorKind::OutOfFuel, _) => "the template runs too long".to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    Fault::new(title, at)
}
