//! `override`: parameters of a scorer that a case's columns replace, where they say something.

use super::kind::{Given, Kind};
use super::quote::tell;
use super::{Ask, Build, Call, Graded, JudgeFacts, Parted, Score, Scorer, Unscored};
use crate::dataset::Case;
use crate::project::Catalog;
use crate::source::{Block, Document, Problem, Source, clip, did_you_mean};
use futures_util::future::BoxFuture;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Scorers that are kept, one for every value that the columns have together.
const KEPT: usize = 1000;

/// Which columns replace what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Override {
    /// The whole value under the kind's key.
    Whole(String),
    /// Parameters by name.
    Params(BTreeMap<String, String>),
}

impl Override {
    /// What the key `override` says: a column, or a map of parameters to columns.
    pub(super) fn read(block: &Block<'_>, columns: &[String]) -> Result<Self, Vec<Problem>> {
        let read = match block.text() {
            Some(column) => Override::Whole(column.to_owned()),
            None => Override::Params(block.read()?),
        };
        let known = |column: &str| columns.iter().any(|known| known == column);
        let mut problems = Vec::new();
        for (at, column) in read.columns(block) {
            if !known(&column) {
                let title = format!("unknown column `{}`", clip(&column));
                let problem = at.problem(title, "no such column");
                let near = did_you_mean(&column, columns.iter().map(String::as_str));
                problems.push(match near {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem.help(format!("columns: {}", columns.join(", "))),
                });
            }
        }
        match problems.is_empty() {
            true => Ok(read),
            false => Err(problems),
        }
    }

    fn columns<'b>(&self, block: &Block<'b>) -> Vec<(Block<'b>, String)> {
        let at = |key: &str| block.child(key).unwrap_or_else(|| block.clone());
        match self {
            Override::Whole(column) => vec![(block.clone(), column.clone())],
            Override::Params(params) => params
                .iter()
                .map(|(key, column)| (at(key), column.clone()))
                .collect(),
        }
    }

    /// As data, for the scorer's definition.
    pub(super) fn written(&self) -> Value {
        match self {
            Override::Whole(column) => json!(column),
            Override::Params(params) => json!(params),
        }
    }
}

/// A scorer with parameters of the case's own.
pub(super) struct Varying {
    kind: &'static Kind,
    base: Box<dyn Scorer>,
    params: Value,
    columns: Override,
    catalog: Catalog,
    known: Vec<String>,
    made: Mutex<HashMap<String, Arc<dyn Scorer>>>,
}

impl Varying {
    /// `base`, which was built from `value`, with what is overridden.
    pub(super) fn new(
        given: &Given<'_, '_>,
        base: Box<dyn Scorer>,
        columns: Override,
        build: &Build<'_>,
    ) -> Result<Self, Vec<Problem>> {
        let why = match base.pairwise() {
            Some(_) => Some("compares answers: no case has parameters of its own for that"),
            // Else the data would choose the program.
            None if given.kind.name == "script" => Some("runs the suite's own program"),
            None => None,
        };
        if let Some(why) = why {
            let title = format!("`{}` {why}", given.kind.name);
            let problem = given.block.problem(title, "");
            return Err(vec![problem.help("take its `override` out")]);
        }
        let params = match given.bare {
            true => Value::Null,
            false => given.block.value(),
        };
        if let Override::Params(named) = &columns {
            if !matches!(params, Value::Null | Value::Object(_)) {
                let why =
                    "parameters are overridden in the long form, `{kind: {parameter: value}}`";
                return Err(vec![given.block.problem(why, "")]);
            }
            let known = parameters(given.kind);
            if let Some(strange) = named.keys().find(|name| !known.contains(name)) {
                let title = format!("`{}` has no parameter `{}`", given.kind.name, clip(strange));
                let problem = given.block.problem(title, "");
                return Err(vec![
                    problem.help(format!("parameters: {}", known.join(", "))),
                ]);
            }
        }
        Ok(Varying {
            kind: given.kind,
            base,
            params,
            columns,
            catalog: build.catalog().clone(),
            known: build.columns.to_vec(),
            made: Mutex::default(),
        })
    }

    /// The parameters of a case that says something about them.
    fn of_case(&self, case: &Case) -> Option<Value> {
        match &self.columns {
            Override::Whole(column) => cell(case, column),
            Override::Params(named) => {
                let mut params = self.params.as_object().cloned().unwrap_or_default();
                let before = params.clone();
                for (name, column) in named {
                    if let Some(value) = cell(case, column) {
                        params.insert(name.clone(), value);
                    }
                }
                (params != before).then_some(Value::Object(params))
            }
        }
    }

    /// The scorer with these parameters.
    fn made(&self, params: Value) -> Result<Arc<dyn Scorer>, Unscored> {
        let text = json!({ self.kind.name: params }).to_string();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(&text) {
            return Ok(known.clone());
        }
        let wrong = |problems: Vec<Problem>| {
            let told = problems
                .first()
                .map_or("", |problem| problem.title.as_str());
            Unscored(format!("the case's override is wrong: {}", tell(told)))
        };
        let source = Arc::new(Source::new("override", text.as_str()));
        let document = Document::json(source).map_err(|problem| wrong(vec![problem]))?;
        let top = document.top();
        let block = top.child(self.kind.name);
        let given = Given {
            kind: self.kind,
            block: block.as_ref().unwrap_or(&top),
            bare: false,
        };
        // No program is allowed here: a case does not choose what is run.
        let build = Build::new(&self.catalog, &self.known);
        let scorer = (self.kind.build)(&given, &build).map_err(wrong)?;
        if scorer.models() != self.base.models() {
            return Err(Unscored("an override may not change who is asked".into()));
        }
        let scorer: Arc<dyn Scorer> = Arc::from(scorer);
        if made.len() < KEPT {
            made.insert(text, scorer.clone());
        }
        Ok(scorer)
    }
}

/// A cell that says something: JSON where it is JSON, else text.
fn cell(case: &Case, column: &str) -> Option<Value> {
    match case.vars.get(column)? {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => {
            let json = serde_json::from_str(text.trim());
            Some(json.unwrap_or_else(|_| Value::String(text.clone())))
        }
        value => Some(value.clone()),
    }
}

/// The names of a kind's parameters.
fn parameters(kind: &Kind) -> Vec<String> {
    let schema = (kind.schema)(&mut SchemaGenerator::default()).to_value();
    let branches = schema["anyOf"].as_array().cloned().unwrap_or_default();
    let maps = branches.iter().chain([&schema]);
    let names = maps.filter_map(|branch| branch["properties"].as_object());
    names.flat_map(Map::keys).cloned().collect()
}

impl Scorer for Varying {
    fn score<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Score, Unscored>> {
        match self.of_case(graded.case) {
            None => self.base.score(graded, ask),
            Some(params) => Box::pin(async move {
                let scorer = self.made(params)?;
                scorer.score(graded, ask).await
            }),
        }
    }

    fn score_parts<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Parted, Unscored>> {
        match self.of_case(graded.case) {
            None => self.base.score_parts(graded, ask),
            Some(params) => Box::pin(async move {
                let scorer = self.made(params)?;
                scorer.score_parts(graded, ask).await
            }),
        }
    }

    fn parts(&self) -> Vec<String> {
        self.base.parts()
    }

    fn judge(&self) -> Option<JudgeFacts> {
        self.base.judge()
    }

    fn calls(&self) -> Vec<(String, Call)> {
        self.base.calls()
    }

    fn models(&self) -> Vec<String> {
        self.base.models()
    }

    fn embedders(&self) -> Vec<String> {
        self.base.embedders()
    }

    fn waits(&self) -> bool {
        self.base.waits()
    }

    fn figure(&self) -> bool {
        self.base.figure()
    }

    fn needs_target(&self) -> bool {
        self.base.needs_target()
    }

    fn passes(&self) -> bool {
        self.base.passes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Project, Scripted, case, graded, reply};
    use super::*;
    use futures_util::FutureExt;

    fn score(scorer: &str, text: &str, own: Value) -> Result<Score, Unscored> {
        let built = Project::new(&[]).build(&format!("- {scorer}"));
        let built = built.unwrap_or_else(|problems| panic!("{}", testing::told(&problems)));
        let (mut case, reply, ask) = (case(Some(json!(100))), reply(text), Scripted::default());
        case.vars.insert("question".into(), own);
        built[0]
            .score(graded(&case, &reply), &ask)
            .now_or_never()
            .unwrap()
    }

    #[test]
    fn a_case_has_its_own_parameters() {
        let numeric = "{numeric: {tolerance: 1}, override: {tolerance: question}}";
        let value = |own: Value| score(numeric, "it is 104", own).unwrap().value;
        assert_eq!(value(json!("")), 0.0);
        assert_eq!(value(json!(null)), 0.0);
        assert_eq!(value(json!("5")), 1.0);
        assert_eq!(value(json!("5%")), 1.0);
        assert_eq!(value(json!(3)), 0.0);
        let contains = "{contains: refund, override: question}";
        assert_eq!(score(contains, "a cat", json!("")).unwrap().value, 0.0);
        assert_eq!(score(contains, "a cat", json!("cat")).unwrap().value, 1.0);
        let bare = "{numeric: , override: {tolerance: question}}";
        assert_eq!(score(bare, "104", json!("5")).unwrap().value, 1.0);
        let wrong = score(numeric, "104", json!("much")).unwrap_err().0;
        assert!(
            wrong.starts_with("the case's override is wrong: "),
            "{wrong}"
        );
        let judge = "{judge: {rubric: Right?, model: m}, override: {model: question}}";
        assert!(
            score(judge, "x", json!("other"))
                .unwrap_err()
                .0
                .contains("who is asked")
        );
    }

    #[test]
    fn what_is_wrong_is_located() {
        let wrong = |scorer: &str| {
            let built = Project::new(&[]).build(&format!("- {scorer}"));
            testing::told(&built.err().expect("has problems"))
        };
        let told = wrong("{numeric: , override: {tolerance: qestion}}");
        assert_eq!(
            told,
            "2:37 unknown column `qestion` | did you mean `question`?"
        );
        let told = wrong("{numeric: {take: first}, override: {tolerence: question}}");
        assert!(
            told.contains("`numeric` has no parameter `tolerence`"),
            "{told}"
        );
        assert!(wrong("{length: 3, override: {max: question}}").contains("long form"));
        let pairwise = "{pairwise: {rubric: Kind?, model: m}, override: {max_chars: question}}";
        assert!(wrong(pairwise).contains("compares answers"));
    }

    #[test]
    fn no_case_chooses_a_program() {
        let refused = |scorer: &str| {
            let env = BTreeMap::new();
            let built = Project::new(&[]).build_allowing(&format!("- {scorer}"), &env);
            testing::told(&built.err().expect("has problems"))
        };
        for over in ["question", "{command: question}"] {
            let told = refused(&format!("{{script: {{command: [sh]}}, override: {over}}}"));
            assert!(told.contains("runs the suite's own program"), "{told}");
        }
        let inside = "{all: [exact], override: question}";
        let told = score(inside, "x", json!([{"script": {"command": ["sh"]}}]))
            .unwrap_err()
            .0;
        assert!(told.contains("wants to run the program"), "{told}");
    }

    #[test]
    fn a_judge_with_parameters_of_the_cases_is_a_judge() {
        let rubric = "{criteria: {kind: {criteria: Kind?}, short: {criteria: Short?}}}";
        let scorer =
            format!("{{judge: {{rubric: {rubric}, model: m}}, override: {{max_chars: question}}}}");
        let built = Project::new(&[]).build(&format!("- {scorer}"));
        let built = built.unwrap_or_else(|problems| panic!("{}", testing::told(&problems)));
        assert_eq!(built[0].judge().unwrap().models, ["m"]);
        assert_eq!(built[0].parts(), ["judge.kind", "judge.short"]);
        assert_eq!(built[0].calls().len(), 1);
        let says =
            r#"{"kind": {"reason": "r", "grade": true}, "short": {"reason": "r", "grade": false}}"#;
        for own in [json!(""), json!("100")] {
            let (mut case, reply, ask) = (case(None), reply("x"), Scripted::saying(&[says]));
            case.vars.insert("question".into(), own);
            let parted = built[0].score_parts(graded(&case, &reply), &ask);
            let parted = parted.now_or_never().unwrap().unwrap();
            assert_eq!(parted.parts.len(), 2);
        }
    }
}
