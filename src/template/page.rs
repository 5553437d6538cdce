//! Pages of a report: Handlebars over one JSON value. Not strict; HTML-escaped where the page is HTML.

use super::{Capped, bounds};
use crate::source::{Problem, Source};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, ScopedJson, html_escape,
    no_escape,
};
use serde_json::Value;
use std::sync::Arc;

/// Most bytes of one page.
const MAX_PAGE: usize = 1 << 30;

/// Renders the page template `name` (its file's path) over `data`. Values are HTML-escaped if the
/// name ends `.html.hbs`; `{{{json value}}}` writes JSON that is safe inside a `<script>`.
pub fn render_page(name: &str, text: &str, data: &Value) -> Result<String, Problem> {
    let mut pages = render_each(name, text, std::slice::from_ref(data))?;
    Ok(pages.pop().expect("one value in, one page out"))
}

/// Renders the same template, parsed once, over each of `data`.
pub fn render_each(name: &str, text: &str, data: &[Value]) -> Result<Vec<String>, Problem> {
    let source = Arc::new(Source::new(name, text));
    let problem = |title: String, line: Option<usize>| {
        let at = super::line_range(text, line.unwrap_or(1));
        Problem::error(title).at(&source, at, "")
    };
    if text.contains("{{>") || text.contains("{{#>") || text.contains("{{#*") {
        return Err(problem(
            "a page is one file, without partials".to_owned(),
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
