//! Pages of a report: Handlebars over one JSON value. Not strict; HTML-escaped where the page is HTML.

use super::parts::{Part, Whole};
use super::{Capped, bounds};
use crate::source::Problem;
use handlebars::{
    Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, ScopedJson, html_escape,
    no_escape,
};
use serde_json::Value;

/// Most bytes of one page.
const MAX_PAGE: usize = 1 << 30;

/// Renders the page template `name` (its file's path) over `data`. Values are HTML-escaped if the
/// name ends `.html.hbs`; `{{{json value}}}` writes JSON that is safe inside a `<script>`.
pub fn render_page(name: &str, text: &str, data: &Value) -> Result<String, Problem> {
    one(name, &Whole::plain(name, text), data)
}

/// Renders the page template at `path`, its parts (`{{> parts/table}}`) put in.
pub fn render_whole(path: &str, part: Part<'_>, data: &Value) -> Result<String, Problem> {
    one(path, &Whole::of(path, part)?, data)
}

/// Renders the same template, parsed once, over each of `data`.
pub fn render_each(name: &str, text: &str, data: &[Value]) -> Result<Vec<String>, Problem> {
    each(name, &Whole::plain(name, text), data)
}

fn one(name: &str, whole: &Whole, data: &Value) -> Result<String, Problem> {
    let mut pages = each(name, whole, std::slice::from_ref(data))?;
    Ok(pages.pop().expect("one value in, one page out"))
}

fn each(name: &str, whole: &Whole, data: &[Value]) -> Result<Vec<String>, Problem> {
    let problem = |title: String, line: Option<usize>| whole.problem(title, line);
    let text = whole.text.as_str();
    if partial(text) {
        return Err(problem(
            "a page takes in parts of the report folder, as {{> parts/table}}, and no other partials"
                .to_owned(),
            None,
        ));
    }
    bounds::handlebars(text).map_err(|fault| problem(fault.title, None))?;
    let mut registry = Handlebars::new();
    registry.register_escape_fn(if name.ends_with(".html.hbs") {
        html_escape
    } else {
        no_escape
    });
    registry.register_helper("json", Box::new(ScriptJson));
    let parsed = registry.register_template_string("", text);
    parsed.map_err(|error| {
        problem(
            error.reason().to_string(),
            error.pos().map(|(line, _)| line),
        )
    })?;
    let page = |data: &Value| {
        let mut out = Capped::new(MAX_PAGE);
        match registry.render_to_write("", data, &mut out) {
            Ok(()) => Ok(out.into_text()),
            Err(error) => Err(problem(error.reason().to_string(), error.line_no)),
        }
    };
    data.iter().map(page).collect()
}

/// Whether a tag takes in a partial or defines one: both could call themselves.
fn partial(text: &str) -> bool {
    text.split("{{").skip(1).any(|tag| {
        let tag = tag.trim_start_matches(|c: char| c == '{' || c == '~' || c.is_whitespace());
        let tag = tag.strip_prefix('#').unwrap_or(tag).trim_start();
        tag.starts_with(['>', '*'])
    })
}

/// JSON in which nothing can end a `<script>` element.
struct ScriptJson;

impl HelperDef for ScriptJson {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let value = helper.param(0).map_or(&Value::Null, |param| param.value());
        let json = value.to_string();
        let json = json.replace('<', "\\u003c").replace('>', "\\u003e");
        let json = json
            .replace('\u{2028}', "\\u2028")
            .replace('\u{2029}', "\\u2029");
        Ok(ScopedJson::Derived(Value::String(json)))
    }
}
