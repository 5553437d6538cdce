//! What a judge is built from: its parameters, and the rubric that they name.

use super::panel::{Combine, Panel};
use super::rubric::{Criteria, Rubric};
use super::{Judge, KIND};
use crate::provider;
use crate::score::Build;
use crate::score::kind::{Built, Given};
use crate::source::{Block, Problem, clip, did_you_mean};
use schemars::{JsonSchema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// Tokens that a verdict may take, a judge's reasoning included, unless `params` says otherwise.
pub(super) const MAX_TOKENS: u64 = 2048;

/// What `judge` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Params {
    /// What to grade by: a file of the project, the text itself, or a rubric as in such a file.
    #[serde(default)]
    pub rubric: Option<RubricOrFile>,
    /// The model that judges: `provider/name`.
    #[serde(default)]
    pub model: Option<String>,
    /// Several models that judge, as a panel.
    #[serde(default)]
    pub models: Vec<String>,
    /// How the members of a panel make one grade.
    #[serde(default)]
    pub combine: Combine,
    /// How many members of a panel must give a verdict; by default all of them.
    #[serde(default)]
    #[schemars(range(min = 1, max = 20))]
    pub quorum: Option<usize>,
    /// How many verdicts of each model to take the mean of.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 20))]
    pub repeats: u32,
    /// Ask for the verdict by a JSON Schema.
    #[serde(default = "yes")]
    pub structured: bool,
    /// The most characters of a column or an answer that are shown.
    #[serde(default = "limit")]
    #[schemars(range(min = 1))]
    pub max_chars: usize,
    /// Judge by a name that its provider may give to another model tomorrow.
    #[serde(default)]
    pub unpinned: bool,
    /// The judge's sampling parameters; temperature 0 if not given.
    #[serde(default)]
    pub params: Option<provider::Params>,
}

fn one() -> u32 {
    1
}

pub(super) fn yes() -> bool {
    true
}

pub(super) fn limit() -> usize {
    50_000
}

/// A rubric, its text, or the name of a file with one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub(super) struct RubricOrFile(Value);

impl JsonSchema for RubricOrFile {
    fn schema_name() -> Cow<'static, str> {
        "RubricOrFile".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> schemars::Schema {
        let rubric = generator.subschema_for::<Rubric>();
        json_schema!({"anyOf": [{"type": "string"}, rubric]})
    }
}

/// The sampling of a judge: as given, else temperature 0; never without a limit.
pub(super) fn sampling(given: Option<provider::Params>) -> provider::Params {
    let mut sampling = given.unwrap_or(provider::Params {
        temperature: Some(0.0),
        ..provider::Params::default()
    });
    sampling.max_tokens.get_or_insert(MAX_TOKENS);
    sampling
}

/// A judge by the parameters and the rubric that they name, or by one found already, with its place.
pub(in crate::score) fn build_with(
    given: &Given<'_, '_>,
    found: Option<(Rubric, &Block<'_>)>,
    build: &Build<'_>,
) -> Built {
    debug_assert_eq!(given.kind.name, KIND.name);
    let params: Params = given.params()?;
    let mut problems = Vec::new();
    let rubric = rubric(given, params.rubric.as_ref(), found, build, &mut problems)?;
    let panel = match Panel::new(&params) {
        Ok(panel) => panel,
        Err((key, why)) => {
            problems.extend(given.wrong(key, [why]));
            return Err(problems);
        }
    };
    match problems.is_empty() {
        true => Ok(Box::new(Judge::new(params, panel, rubric))),
        false => Err(problems),
    }
}

/// The rubric that is meant; what is wrong with it goes to `problems`.
pub(super) fn rubric(
    given: &Given<'_, '_>,
    named: Option<&RubricOrFile>,
    found: Option<(Rubric, &Block<'_>)>,
    build: &Build<'_>,
    problems: &mut Vec<Problem>,
) -> Result<Rubric, Vec<Problem>> {
    let at = given.block.child("rubric");
    let rubric = match (found, named, &at) {
        (Some((rubric, place)), None, _) => {
            problems.extend(columns(&rubric, place, build));
            rubric
        }
        (None, Some(RubricOrFile(Value::String(text))), Some(at)) if is_file(text) => {
            let file = build.document(text, at)?;
            let rubric = match file.top().text() {
                Some(text) => Rubric::plain(text),
                None => file.top().read()?,
            };
            problems.extend(columns(&rubric, &file.top(), build));
            rubric
        }
        (None, Some(RubricOrFile(Value::String(text))), _) => Rubric::plain(text),
        (None, Some(_), Some(at)) => {
            let rubric = at.read()?;
            problems.extend(columns(&rubric, at, build));
            rubric
        }
        (Some(_), Some(_), _) => {
            return Err(given.wrong("rubric", ["the file is the rubric already".into()]));
        }
        (None, _, _) => {
            return Err(vec![
                given.problem("missing key `rubric`: what is to be judged?"),
            ]);
        }
    };
    if let Some(why) = rubric.wrong() {
        problems.extend(given.wrong("rubric", [why]));
    }
    Ok(rubric)
}

/// Whether a rubric's text is the name of a file.
fn is_file(text: &str) -> bool {
    let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(
        ending,
        "yaml" | "yml" | "toml" | "json" | "md" | "txt" | "hbs"
    ) && !text.contains(char::is_whitespace)
}

/// A problem for each column of `show` that the dataset has not.
fn columns(rubric: &Rubric, at: &Block<'_>, build: &Build<'_>) -> Vec<Problem> {
    let show = at.child("show");
    let wanted = rubric.show.iter().flatten().enumerate();
    let unknown = wanted.filter(|(_, column)| !build.columns.contains(column));
    let problem = |(index, column): (usize, &String)| {
        let item = show
            .as_ref()
            .and_then(|show| show.child(&index.to_string()));
        let title = format!("unknown column `{}`", clip(column));
        let problem = item.as_ref().unwrap_or(at).problem(title, "no such column");
        match did_you_mean(column, build.columns.iter().map(String::as_str)) {
            Some(name) => problem.help(format!("did you mean `{name}`?")),
            None => problem.help(format!("columns: {}", build.columns.join(", "))),
        }
    };
    unknown.map(problem).collect()
}

impl Rubric {
    /// Whether the value is 0 or 1 and says passed or not.
    pub(super) fn boolean(&self) -> bool {
        matches!(self.criteria, Criteria::One(_)) && self.scale == super::scale::Scale::Boolean
    }
}
