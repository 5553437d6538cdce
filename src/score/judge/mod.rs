//! `judge`: a model grades the answer by a rubric. What it says counts only as a verdict in the form
//! asked for; anything else leaves the answer unscored, neither passed nor failed.

mod prompt;
mod rubric;
mod verdict;

pub(super) use rubric::Rubric;

use super::kind::{Built, Given, Kind};
use super::{Build, Graded, Score, Scorer, Unscored, compare};
use crate::provider::{self, Ask, Call};
use crate::source::{Block, Problem, clip, did_you_mean};
use futures_util::future::{BoxFuture, join_all};
use prompt::Section;
use rubric::Scale;
use schemars::{JsonSchema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use verdict::Verdict;

/// The kind `judge`.
pub(super) const KIND: Kind = Kind {
    name: "judge",
    about: "a model grades the answer by a rubric; no clear verdict, no score",
    params: "rubric: FILE or text, model: provider/name, repeats: 1, structured: true, \
             max_chars: 50000, params: {temperature: 0}",
    short: "",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a model",
    example: r#"{"scorer": {"judge": {"rubric": "The answer is polite.", "model": "openai/gpt-4o"}}, "output": "Happy to help!", "says": ["{\"reason\": \"it is friendly\", \"grade\": true}"], "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, build| build_with(given, None, build),
    schema: SchemaGenerator::subschema_for::<Params>,
};

/// Tokens that a verdict may take, a judge's reasoning included, unless `params` says otherwise.
const MAX_TOKENS: u64 = 2048;

/// What `judge` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// What to grade by: a file of the project, the text itself, or a rubric as in such a file.
    #[serde(default)]
    rubric: Option<RubricOrFile>,
    /// The model that judges: `provider/name`.
    model: String,
    /// How many verdicts to take the mean of.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 20))]
    repeats: u32,
    /// Ask for the verdict by a JSON Schema.
    #[serde(default = "yes")]
    structured: bool,
    /// The most characters of a column or an answer that are shown.
    #[serde(default = "limit")]
    #[schemars(range(min = 1))]
    max_chars: usize,
    /// The judge's sampling parameters; temperature 0 if not given.
    #[serde(default)]
    params: Option<provider::Params>,
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

fn limit() -> usize {
    50_000
}

/// A rubric, its text, or the name of a file with one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
struct RubricOrFile(Value);

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

/// A judge by the parameters and the rubric that they name, or by one found already, with its place.
pub(super) fn build_with(
    given: &Given<'_, '_>,
    found: Option<(Rubric, &Block<'_>)>,
    build: &Build<'_>,
) -> Built {
    let params: Params = given.params()?;
    let at = given.block.child("rubric");
    let mut problems = Vec::new();
    let rubric = match (found, &params.rubric, &at) {
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
    if rubric.criteria.trim().is_empty() {
        problems.extend(given.wrong("rubric", ["the rubric has no criteria".into()]));
    }
    if params.model.trim().is_empty() {
        problems.extend(given.wrong("model", ["`model` is empty".into()]));
    }
    match problems.is_empty() {
        true => Ok(Box::new(Judge::new(params, rubric))),
        false => Err(problems),
    }
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

/// A model that grades.
struct Judge {
    rubric: Rubric,
    model: String,
    repeats: u32,
    max_chars: usize,
    params: provider::Params,
}

impl Judge {
    /// A judge by this rubric.
    fn new(params: Params, rubric: Rubric) -> Self {
        let mut sampling = params.params.unwrap_or(provider::Params {
            temperature: Some(0.0),
            ..provider::Params::default()
        });
        sampling.max_tokens.get_or_insert(MAX_TOKENS);
        if params.structured {
            sampling.response_schema = Some(verdict::schema(&rubric.scale));
        }
        Judge {
            rubric,
            model: params.model,
            repeats: params.repeats.max(1),
            max_chars: params.max_chars,
            params: sampling,
        }
    }

    /// The call that asks for a verdict, and whether the answer had to be cut for it.
    fn call(&self, graded: &Graded<'_>) -> Result<(Call, bool), Unscored> {
        let section = |name: &str, text: &str| Section::new(name, text, self.max_chars);
        let mut sections = Vec::new();
        match &self.rubric.show {
            Some(columns) => {
                for column in columns {
                    let value = graded.case.vars.get(column);
                    let value = value
                        .ok_or_else(|| Unscored(format!("the case has no column {column:?}")))?;
                    sections.push(section(&format!("input {column}"), &compare::text(value)));
                }
            }
            None => {
                let columns = graded.case.vars.iter();
                for (column, value) in columns.filter(|(_, value)| Some(*value) != graded.target) {
                    sections.push(section(&format!("input {column}"), &compare::text(value)));
                }
            }
        }
        if self.rubric.reference {
            let target = compare::target(graded)?;
            sections.push(section("reference answer", &compare::text(target)));
        }
        let answer = section("answer", &prompt::answer(graded.reply));
        let cut = answer.cut > 0;
        sections.push(answer);
        let call = Call {
            messages: prompt::messages(&self.rubric, &sections),
            params: self.params.clone(),
            ..Call::default()
        };
        Ok((call, cut))
    }

    fn score(&self, verdicts: &[Verdict], cut: bool) -> Score {
        let (low, high) = self.rubric.scale.ends();
        let sum: i64 = verdicts.iter().map(|verdict| verdict.grade - low).sum();
        let value = sum as f64 / (verdicts.len() as f64 * (high - low) as f64);
        let grades: Vec<String> = verdicts
            .iter()
            .map(|verdict| verdict.grade.to_string())
            .collect();
        let reason = verdicts
            .first()
            .map_or("", |verdict| verdict.reason.as_str());
        let (passed, what) = match (&self.rubric.scale, verdicts.len()) {
            (Scale::Boolean, 1) if sum == 1 => (Some(true), "meets the rubric".to_owned()),
            (Scale::Boolean, 1) => (Some(false), "does not meet the rubric".to_owned()),
            (Scale::Boolean, n) => (
                Some(value > 0.5),
                format!("{sum} of {n} verdicts: meets the rubric"),
            ),
            (_, 1) => (
                None,
                format!("grade {} of {low} to {high}", grades.concat()),
            ),
            _ => (
                None,
                format!("grades {} of {low} to {high}", grades.join(", ")),
            ),
        };
        let cut = if cut {
            " (only the start of the answer was shown)"
        } else {
            ""
        };
        Score {
            value,
            passed,
            why: format!("{what}{cut}: {reason}"),
            parts: None,
        }
    }
}

impl Scorer for Judge {
    fn score<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Score, Unscored>> {
        Box::pin(async move {
            let (call, cut) = self.call(&graded)?;
            let asked = (0..self.repeats).map(|repeat| ask.ask(&self.model, call.clone(), repeat));
            let mut verdicts = Vec::new();
            for reply in join_all(asked).await {
                let reply = reply.map_err(|failure| {
                    Unscored(format!(
                        "the judge did not answer: {}",
                        super::quote::tell(&failure.message)
                    ))
                })?;
                verdicts.push(Verdict::read(&reply, &self.rubric.scale).map_err(Unscored)?);
            }
            Ok(Judge::score(self, &verdicts, cut))
        })
    }

    fn models(&self) -> Vec<String> {
        vec![self.model.clone(); self.repeats as usize]
    }

    fn calls(&self) -> Vec<(String, Call)> {
        let call = Call {
            messages: prompt::messages(&self.rubric, &[]),
            params: self.params.clone(),
            ..Call::default()
        };
        vec![(self.model.clone(), call)]
    }

    fn needs_target(&self) -> bool {
        self.rubric.reference
    }

    fn passes(&self) -> bool {
        self.rubric.scale == Scale::Boolean
    }
}

#[cfg(test)]
mod tests;
