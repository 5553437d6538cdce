//! `pairwise`: a model says which of two answers to the same case is better, asked in both orders. A
//! judge that contradicts itself has seen a tie.

use super::params::{RubricOrFile, limit, rubric, sampling, yes};
use super::prompt::{self, Section};
use super::rubric::Rubric;
use super::verdict::{named, object, strict};
use super::{facts, material, silent};
use crate::prompt::{Message, Role};
use crate::provider::{self, Ask, Call, Reply};
use crate::score::kind::{Built, Given, Kind};
use crate::score::quote::{quote, tell};
use crate::score::{
    Against, Build, Compare, Graded, JudgeFacts, Order, Preferred, Score, Scorer, Unscored,
};
use futures_util::future::{BoxFuture, join};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;
use serde_json::json;

/// The kind `pairwise`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "pairwise",
    about: "a model says which of two candidates' answers is better, in both orders; the score is the \
            share of comparisons won",
    params: "rubric: FILE or text, model: provider/name, against: all, reference or a candidate, \
             structured: true, max_chars: 50000, unpinned: false, params: {temperature: 0}",
    short: "",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a model, and another candidate's answer",
    example: r#"{"scorer": {"pairwise": {"rubric": "The answer is polite.", "model": "openai/gpt-4o-2024-08-06"}}, "output": "Happy to help!", "gives": {"unscored": "one answer alone: this scorer compares two"}}"#,
    build: build_pairwise,
    schema: SchemaGenerator::subschema_for::<Params>,
};

/// What `pairwise` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// What to compare by: a file of the project, the text itself, or a rubric as in such a file.
    #[serde(default)]
    rubric: Option<RubricOrFile>,
    /// The model that judges: `provider/name`.
    model: String,
    /// `all`: every two candidates; `reference`: each with the suite's reference; or a candidate's name.
    #[serde(default = "all")]
    against: String,
    /// Ask for the verdict by a JSON Schema.
    #[serde(default = "yes")]
    structured: bool,
    /// The most characters of a column or an answer that are shown.
    #[serde(default = "limit")]
    #[schemars(range(min = 1))]
    max_chars: usize,
    /// Judge by a name that its provider may give to another model tomorrow.
    #[serde(default)]
    unpinned: bool,
    /// The judge's sampling parameters; temperature 0 if not given.
    #[serde(default)]
    params: Option<provider::Params>,
}

fn all() -> String {
    "all".into()
}

fn build_pairwise(given: &Given<'_, '_>, build: &Build<'_>) -> Built {
    let params: Params = given.params()?;
    let mut problems = Vec::new();
    let rubric = rubric(given, params.rubric.as_ref(), None, build, &mut problems)?;
    if params.model.trim().is_empty() {
        problems.extend(given.wrong("model", ["`model` is empty".into()]));
    }
    match problems.is_empty() {
        true => Ok(Box::new(Versus::new(params, rubric))),
        false => Err(problems),
    }
}

/// A model that compares.
struct Versus {
    rubric: Rubric,
    model: String,
    against: Against,
    max_chars: usize,
    unpinned: bool,
    params: provider::Params,
}

/// Which place won.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Winner {
    First,
    Second,
    Tie,
}

/// The fields as they must be; serde refuses a field that stands twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    reason: String,
    winner: String,
}

impl Versus {
    fn new(params: Params, rubric: Rubric) -> Self {
        let mut sampling = sampling(params.params);
        if params.structured {
            let winner = json!({"type": "string", "enum": ["first", "second", "tie"]});
            let reason = json!({"type": "string"});
            let schema = strict(vec![("reason", reason), ("winner", winner)]);
            sampling.response_schema = Some(named(schema));
        }
        Versus {
            rubric,
            model: params.model,
            against: match params.against.as_str() {
                "all" => Against::All,
                "reference" => Against::Reference,
                name => Against::Candidate(name.to_owned()),
            },
            max_chars: params.max_chars,
            unpinned: params.unpinned,
            params: sampling,
        }
    }

    /// The call that shows one answer first and the other second.
    fn call(&self, first: &Graded<'_>, second: &Graded<'_>) -> Result<Call, Unscored> {
        let mut sections = material(&self.rubric, first, self.max_chars)?;
        for (name, graded) in [("answer first", first), ("answer second", second)] {
            let text = prompt::answer(graded.reply);
            sections.push(Section::new(name, &text, self.max_chars));
        }
        Ok(Call {
            messages: prompt::comparison(&self.rubric, &sections),
            params: self.params.clone(),
            ..Call::default()
        })
    }
}

/// The verdict of a reply: who won, and why.
fn read(reply: &Reply) -> Result<(Winner, String), Unscored> {
    let fields: Fields = object(reply).map_err(Unscored)?;
    let winner = match fields.winner.as_str() {
        "first" => Winner::First,
        "second" => Winner::Second,
        "tie" => Winner::Tie,
        other => {
            let other = quote(other);
            return Err(Unscored(format!(
                "the judge's verdict names the winner {other}: it is first, second or tie"
            )));
        }
    };
    match fields.reason.trim().is_empty() {
        true => Err(Unscored("the judge's verdict gives no reason".into())),
        false => Ok((winner, tell(&fields.reason))),
    }
}

/// What two verdicts make of `a`: `straight` saw it first, `swapped` saw it second.
fn settle(straight: Winner, swapped: Winner) -> (f64, Order) {
    let places = [straight, swapped].map(|winner| match winner {
        Winner::First => 1,
        Winner::Second => -1,
        Winner::Tie => 0,
    });
    match places.iter().sum::<i32>() {
        0 => (f64::from(places[0] + 1) / 2.0, Order::Consistent),
        1.. => (0.5, Order::First),
        _ => (0.5, Order::Second),
    }
}

impl Compare for Versus {
    fn against(&self) -> &Against {
        &self.against
    }

    fn compare<'a>(
        &'a self,
        a: Graded<'a>,
        b: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Preferred, Unscored>> {
        Box::pin(async move {
            if prompt::answer(a.reply) == prompt::answer(b.reply) {
                return Ok(Preferred {
                    value: 0.5,
                    order: Order::Same,
                    why: "the answers are the same".into(),
                });
            }
            let (straight, swapped) = (self.call(&a, &b)?, self.call(&b, &a)?);
            let asked = join(
                ask.ask(&self.model, straight, 0),
                ask.ask(&self.model, swapped, 0),
            );
            let (straight, swapped) = asked.await;
            let (straight, why) = read(&straight.map_err(|failure| silent(&failure))?)?;
            let (swapped, other) = read(&swapped.map_err(|failure| silent(&failure))?)?;
            let (value, order) = settle(straight, swapped);
            let why = match order {
                Order::First => format!("whichever stands first: {why} / {other}"),
                Order::Second => format!("whichever stands second: {why} / {other}"),
                Order::Consistent | Order::Same => why,
            };
            Ok(Preferred { value, order, why })
        })
    }
}

impl Scorer for Versus {
    fn score<'a>(
        &'a self,
        _graded: Graded<'a>,
        _ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Score, Unscored>> {
        let why = "one answer alone: this scorer compares two";
        Box::pin(async move { Err(Unscored(why.into())) })
    }

    fn pairwise(&self) -> Option<&dyn Compare> {
        Some(self)
    }

    fn judge(&self) -> Option<JudgeFacts> {
        let system = prompt::comparing(&self.rubric);
        Some(JudgeFacts {
            question: super::question(&self.rubric),
            models: vec![self.model.clone()],
            grades: Vec::new(),
            asks: facts(&self.rubric, &system, &self.params) + &self.max_chars.to_string(),
            unpinned: self.unpinned,
        })
    }

    fn models(&self) -> Vec<String> {
        vec![self.model.clone(); 2]
    }

    fn calls(&self) -> Vec<(String, Call)> {
        let system = prompt::comparing(&self.rubric);
        let messages = [(Role::System, system.as_str()), (Role::User, "two answers")];
        let call = Call {
            messages: messages
                .map(|(role, text)| Message::text(role, text))
                .into(),
            params: self.params.clone(),
            ..Call::default()
        };
        vec![(self.model.clone(), call)]
    }

    fn needs_target(&self) -> bool {
        self.rubric.reference
    }

    fn passes(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
