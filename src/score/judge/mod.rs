//! `judge`: a model, or a panel of models, grades the answer by a rubric. What it says counts only as a
//! verdict in the form asked for; anything else leaves the answer unscored, neither passed nor failed.

mod panel;
mod params;
mod prompt;
mod rubric;
mod scale;
mod verdict;
pub(super) mod versus;

pub(super) use params::build_with;
pub(super) use rubric::Rubric;

use super::kind::Kind;
use super::{Graded, JudgeFacts, Parted, Score, Scorer, Unscored, compare};
use crate::provider::{self, Ask, Call, Failure};
use futures_util::future::{BoxFuture, join_all};
use panel::{Panel, Said};
use params::Params;
use prompt::Section;
use schemars::SchemaGenerator;

/// The kind `judge`.
pub(super) const KIND: Kind = Kind {
    name: "judge",
    about: "a model, or a panel, grades the answer by a rubric; no clear verdict, no score",
    params: "rubric: FILE or text, model: provider/name or models: [a, b, c], combine: mean, majority or \
             median, quorum: 2, repeats: 1, structured: true, max_chars: 50000, unpinned: false, \
             params: {temperature: 0}",
    short: "",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a model",
    example: r#"{"scorer": {"judge": {"rubric": "The answer is polite.", "model": "openai/gpt-4o-2024-08-06"}}, "output": "Happy to help!", "says": ["{\"reason\": \"it is friendly\", \"grade\": true}"], "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, build| build_with(given, None, build),
    schema: SchemaGenerator::subschema_for::<Params>,
};

/// Models that grade.
struct Judge {
    rubric: Rubric,
    panel: Panel,
    repeats: u32,
    max_chars: usize,
    unpinned: bool,
    params: provider::Params,
}

impl Judge {
    /// A judge by this rubric.
    fn new(params: Params, panel: Panel, rubric: Rubric) -> Self {
        let mut sampling = params::sampling(params.params);
        if params.structured {
            sampling.response_schema = Some(verdict::schema(&rubric));
        }
        Judge {
            rubric,
            panel,
            repeats: params.repeats.max(1),
            max_chars: params.max_chars,
            unpinned: params.unpinned,
            params: sampling,
        }
    }

    /// The call that asks for a verdict, and whether the answer had to be cut for it.
    fn call(&self, graded: &Graded<'_>) -> Result<(Call, bool), Unscored> {
        let mut sections = material(&self.rubric, graded, self.max_chars)?;
        let answer = Section::new("answer", &prompt::answer(graded.reply), self.max_chars);
        let cut = answer.cut > 0;
        sections.push(answer);
        let call = Call {
            messages: prompt::messages(&self.rubric, &sections),
            params: self.params.clone(),
            ..Call::default()
        };
        Ok((call, cut))
    }

    /// The whole score and its parts from what enough members said.
    fn score(&self, said: &[Said], missing: &[Unscored], cut: bool) -> Parted {
        let asked = self.rubric.asked();
        let by_criterion = |index: usize| {
            let values: Vec<f64> = said.iter().map(|one| one.value(index)).collect();
            self.panel.combine.of(&values)
        };
        let values: Vec<f64> = (0..asked.len()).map(by_criterion).collect();
        let weights: f64 = asked.iter().map(|it| it.weight).sum();
        let weighted = |values: &dyn Fn(usize) -> f64| {
            let each = asked.iter().enumerate();
            each.map(|(at, it)| it.weight * values(at)).sum::<f64>() / weights
        };
        let short = match (self.panel.several(), missing) {
            (true, [first, ..]) => {
                let (there, of) = (said.len(), self.panel.models.len());
                format!(" ({there} of {of} judges; {first})")
            }
            _ => String::new(),
        };
        let cut = match cut {
            true => " (only the start of the answer was shown)",
            false => "",
        };
        let boolean = self.rubric.boolean();
        let score = |index: usize| {
            let value = values[index];
            let what = self.told(said, index, value);
            let reason = &said[0].repeats[0][index].reason;
            Score {
                value,
                passed: boolean.then_some(value > 0.5),
                why: format!("{what}{short}{cut}: {reason}"),
                parts: None,
            }
        };
        if !self.rubric.several() {
            return Parted {
                score: score(0),
                parts: self.votes(said, &|one| one.value(0)),
                nothing: false,
            };
        }
        let told = asked.iter().zip(&values);
        let told: Vec<String> = told
            .map(|(it, value)| format!("{} {value:.2}", it.name))
            .collect();
        let why = format!("{}{short}{cut}", told.join(", "));
        let whole = Score::graded(weighted(&|at| values[at]), why);
        let criteria = asked.iter().enumerate();
        let criteria = criteria.map(|(at, it)| (format!(".{}", it.name), score(at)));
        let votes = self.votes(said, &|one| weighted(&|at| one.value(at)));
        Parted {
            score: whole,
            parts: criteria.chain(votes).collect(),
            nothing: false,
        }
    }

    /// Each member's vote, where there is a panel.
    fn votes(&self, said: &[Said], value: &dyn Fn(&Said) -> f64) -> Vec<(String, Score)> {
        let several = self.panel.several();
        let vote = |one: &Said| {
            let name = format!("@{}", self.panel.models[one.member]);
            let why = one.repeats[0][0].reason.clone();
            (name, Score::graded(value(one), why))
        };
        let votes = said.iter().filter(|_| several).map(vote);
        votes.collect()
    }

    /// The grades of a criterion in a few words.
    fn told(&self, said: &[Said], index: usize, value: f64) -> String {
        let asked = self.rubric.asked();
        let scale = asked[index].scale;
        let verdicts = said.iter().flat_map(|one| &one.repeats);
        let grades: Vec<&str> = verdicts
            .map(|verdicts| verdicts[index].grade.shown.as_str())
            .collect();
        match (grades.as_slice(), scale) {
            ([one], _) => scale.said(one),
            (all, scale::Scale::Boolean) => {
                let yes = all.iter().filter(|it| **it == "true").count();
                let n = all.len();
                match self.panel.several() {
                    false => format!("{yes} of {n} verdicts: meets the rubric"),
                    true => {
                        let how = self.panel.combine.name();
                        format!("{yes} of {n} verdicts: meets the rubric, {how} {value:.2}")
                    }
                }
            }
            (all, _) => scale.said(&all.join(", ")),
        }
    }

    /// Asks one member for all its verdicts.
    async fn member(&self, member: usize, call: &Call, ask: &dyn Ask) -> Result<Said, Unscored> {
        let model = &self.panel.models[member];
        let asked = (0..self.repeats).map(|repeat| ask.ask(model, call.clone(), repeat));
        let mut repeats = Vec::new();
        for reply in join_all(asked).await {
            let reply = reply.map_err(|failure| silent(&failure))?;
            repeats.push(verdict::verdicts(&reply, &self.rubric).map_err(Unscored)?);
        }
        Ok(Said { member, repeats })
    }
}

/// Why a judge that failed gave no verdict.
fn silent(failure: &Failure) -> Unscored {
    Unscored(format!(
        "the judge did not answer: {}",
        super::quote::tell(&failure.message)
    ))
}

/// What a judge sees of the case.
fn material(
    rubric: &Rubric,
    graded: &Graded<'_>,
    max_chars: usize,
) -> Result<Vec<Section>, Unscored> {
    let section = |name: &str, text: &str| Section::new(name, text, max_chars);
    let mut sections = Vec::new();
    match &rubric.show {
        Some(columns) => {
            for column in columns {
                let value = graded.case.vars.get(column);
                let value =
                    value.ok_or_else(|| Unscored(format!("the case has no column {column:?}")))?;
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
    if rubric.reference {
        let target = compare::target(graded)?;
        sections.push(section("reference answer", &compare::text(target)));
    }
    Ok(sections)
}

impl Scorer for Judge {
    fn score<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Score, Unscored>> {
        Box::pin(async move { Ok(self.score_parts(graded, ask).await?.score) })
    }

    fn score_parts<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Parted, Unscored>> {
        Box::pin(async move {
            let (call, cut) = self.call(&graded)?;
            let members = 0..self.panel.models.len();
            let asked = members.map(|member| self.member(member, &call, ask));
            let (mut said, mut missing) = (Vec::new(), Vec::new());
            for (member, answer) in join_all(asked).await.into_iter().enumerate() {
                match answer {
                    Ok(one) => said.push(one),
                    Err(Unscored(why)) if self.panel.several() => {
                        let model = &self.panel.models[member];
                        missing.push(Unscored(format!("{model}: {why}")));
                    }
                    Err(unscored) => missing.push(unscored),
                }
            }
            match missing.first() {
                Some(first) if said.len() < self.panel.quorum.max(1) => Err(first.clone()),
                _ => Ok(Judge::score(self, &said, &missing, cut)),
            }
        })
    }

    fn parts(&self) -> Vec<String> {
        match self.rubric.several() {
            false => Vec::new(),
            true => {
                let asked = self.rubric.asked();
                asked.iter().map(|it| format!(".{}", it.name)).collect()
            }
        }
    }

    fn judge(&self) -> Option<JudgeFacts> {
        let asked = self.rubric.asked();
        let grades = match self.rubric.several() {
            false => asked[0].scale.grades(),
            true => Vec::new(),
        };
        Some(JudgeFacts {
            question: question(&self.rubric),
            models: self.panel.models.clone(),
            grades: grades.into_iter().map(|it| (it.shown, it.value)).collect(),
            asks: format!(
                "{}{} {} {} {}",
                facts(&self.rubric, &prompt::system(&self.rubric), &self.params),
                self.panel.combine.name(),
                self.panel.quorum,
                self.repeats,
                self.max_chars
            ),
            unpinned: self.unpinned,
        })
    }

    fn models(&self) -> Vec<String> {
        let models = self.panel.models.iter();
        models
            .flat_map(|model| vec![model.clone(); self.repeats as usize])
            .collect()
    }

    fn calls(&self) -> Vec<(String, Call)> {
        let call = Call {
            messages: prompt::messages(&self.rubric, &[]),
            params: self.params.clone(),
            ..Call::default()
        };
        let models = self.panel.models.iter();
        models.map(|model| (model.clone(), call.clone())).collect()
    }

    fn needs_target(&self) -> bool {
        self.rubric.reference
    }

    fn passes(&self) -> bool {
        self.rubric.boolean()
    }
}

/// The criteria and grades, for a person.
fn question(rubric: &Rubric) -> String {
    let asked = rubric.asked().into_iter();
    asked
        .map(|it| format!("{}\n{}", it.criteria, it.scale.told()))
        .collect()
}

/// All that a judge is asked with, but the material: what a calibration holds for.
fn facts(rubric: &Rubric, system: &str, params: &provider::Params) -> String {
    let params = serde_json::to_string(params).expect("parameters are plain data");
    let worth: Vec<Vec<f64>> = rubric
        .asked()
        .iter()
        .map(|it| it.scale.grades().iter().map(|grade| grade.value).collect())
        .collect();
    let weights: Vec<f64> = rubric.asked().iter().map(|it| it.weight).collect();
    let shown = (&rubric.show, rubric.reference);
    format!("{system}\n{params}\n{worth:?} {weights:?} {shown:?}\n")
}

#[cfg(test)]
mod tests;
