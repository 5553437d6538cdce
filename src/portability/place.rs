//! From a field of a call back to the line that set it.

use crate::plan::Placed;
use crate::project::Project;
use crate::prompt::Prompt;
use crate::source::{At, Document};
use std::sync::Arc;

/// The files that a plan was made of.
pub struct Written<'a> {
    /// The project, with its suite.
    pub project: &'a Project,
    /// Every prompt, with its place.
    pub prompts: Vec<&'a Placed>,
}

impl Written<'_> {
    /// Where the first of these fields was set for a candidate: by its model, else by its prompt, else
    /// for the whole suite; where none of them is written, where the model is.
    pub(super) fn candidate(
        &self,
        name: &str,
        prompt: &Arc<Prompt>,
        fields: &[&'static str],
    ) -> Option<At> {
        let suite = &self.project.doc;
        let model = self.model(name);
        let prompt = self.prompt(prompt);
        for field in fields {
            let below = pointer(field);
            let of_model = model
                .as_ref()
                .and_then(|model| within(suite, &format!("{model}{below}")));
            let of_prompt = || {
                let (doc, place) = prompt.as_ref()?;
                within(doc, &format!("{place}{below}")).or_else(|| {
                    let schema = *field == "params.response_schema";
                    within(doc, &format!("{place}/output_schema")).filter(|_| schema)
                })
            };
            let of_suite = || within(suite, &below).filter(|_| below.starts_with("/params/"));
            if let Some(at) = of_model.or_else(of_prompt).or_else(of_suite) {
                return Some(at);
            }
        }
        suite.problem(&model?, "", "").at
    }

    /// Where a scorer is written.
    pub(super) fn scorer(&self, name: &str) -> Option<At> {
        let scorers = self.project.suite.scorers.iter();
        let called = |scorer: &serde_json::Value| scorer == name || scorer["name"] == name;
        let place = match scorers.into_iter().position(called) {
            Some(index) => format!("/scorers/{index}"),
            None => "/scorers".to_owned(),
        };
        self.project.doc.problem(&place, "", "").at
    }

    /// The pointer of the model that a candidate is made of; `None` if the suite does not list it.
    fn model(&self, candidate: &str) -> Option<String> {
        let own = |name: &str| {
            let rest = candidate.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" @ "))
        };
        let mut models = self.project.suite.models.iter();
        let index = models.position(|spec| {
            let map = spec.options();
            own(map.name.as_ref().unwrap_or(&map.model))
        })?;
        let pointer = format!("/models/{index}");
        self.project.doc.node(&pointer).map(|_| pointer)
    }

    /// The document that a prompt stands in, and where.
    fn prompt(&self, prompt: &Arc<Prompt>) -> Option<(Document, String)> {
        let mut placed = self.prompts.iter();
        let placed = placed.find(|placed| Arc::ptr_eq(&placed.prompt, prompt))?;
        let Some(file) = &placed.file else {
            return Some((self.project.doc.clone(), placed.pointer.clone()));
        };
        let structured = ["yaml", "yml", "toml", "json"];
        let ending = file.rsplit('.').next().unwrap_or_default();
        let source = self.project.catalog.text(file).ok();
        let source = source.filter(|_| structured.contains(&ending))?;
        Some((Document::parse(source).ok()?, String::new()))
    }
}

/// The JSON pointer of a field below a model, a prompt or the suite.
fn pointer(field: &str) -> String {
    format!("/{}", field.replace('.', "/"))
}

/// The place of a node, if there is one.
fn within(doc: &Document, pointer: &str) -> Option<At> {
    doc.node(pointer)?;
    doc.problem(pointer, "", "").at
}
