//! A route of the suite replayed: its own policy decides, case by case, on what was recorded.

use super::recorded::LOGPROB;
use super::{Matrix, Missing, Replay, Way};
use crate::policy::{Came, Check, Draw, Pick, Policy, Request, Route, Seen, Step, Verdict};
use crate::project::RouteMap;
use crate::provider::Reply;
use serde_json::{Map, Value};

/// What is known of answers beyond their scores.
pub trait Answers {
    /// The answers of a candidate to a case, one a repeat; none where only scores are known.
    fn replies(&self, candidate: &str, case: &str) -> Vec<&Reply>;
    /// Whether a scorer said that an answer passed, if that is known.
    fn passed(&self, candidate: &str, case: &str, repeat: usize, scorer: &str) -> Option<bool>;
    /// The columns of a case, if they are known whole.
    fn columns(&self, case: &str) -> Option<&Map<String, Value>>;
}

/// Of a table: scores and signals only.
pub struct ScoresOnly;

impl Answers for ScoresOnly {
    fn replies(&self, _: &str, _: &str) -> Vec<&Reply> {
        Vec::new()
    }

    fn passed(&self, _: &str, _: &str, _: usize, _: &str) -> Option<bool> {
        None
    }

    fn columns(&self, _: &str) -> Option<&Map<String, Value>> {
        None
    }
}

/// Most models that one request is taken to.
const MOST_STEPS: usize = 64;

/// Replays a route. What it cannot be replayed for is said.
pub fn replay(
    map: &RouteMap,
    matrix: &Matrix,
    answers: &dyn Answers,
    seed: u64,
) -> Result<Replay, Missing> {
    let missing = |why: String| Missing {
        name: map.name.clone(),
        why,
    };
    let route = Route::of(map).map_err(|faults| {
        let titles: Vec<String> = faults.into_iter().map(|fault| fault.title).collect();
        missing(titles.join("; "))
    })?;
    if route.policy.latency().is_some() {
        let why = "it chooses by how fast its models answered lately, which no stored answer says";
        return Err(missing(why.to_owned()));
    }
    let rules = map.cost.as_ref().map_or(&[][..], |cost| &cost.rules);
    let reads = rules.iter().any(|rule| {
        rule.max_prompt_tokens.is_some()
            || rule.min_prompt_tokens.is_some()
            || rule.matches.is_some()
    });
    if reads && matrix.tokens().is_none() {
        let why = "its rules read the prompt, and the prompts are not known";
        return Err(missing(why.to_owned()));
    }
    let mut ways = Vec::with_capacity(matrix.len());
    for case in 0..matrix.len() {
        let one = Case {
            route: &route,
            matrix,
            answers,
            seed,
            case,
        };
        ways.push(one.ways().map_err(missing)?);
    }
    Ok(Replay {
        name: map.name.clone(),
        ways,
        router_cost: 0.0,
    })
}

struct Case<'a> {
    route: &'a Route,
    matrix: &'a Matrix,
    answers: &'a dyn Answers,
    seed: u64,
    case: usize,
}

impl Case<'_> {
    /// The way of each repeat, each as probable as the others.
    fn ways(&self) -> Result<Vec<Way>, String> {
        let id = &self.matrix.requests[self.case].id;
        let repeats = self
            .matrix
            .candidates
            .iter()
            .map(|name| self.answers.replies(name, id).len());
        let repeats = repeats.max().unwrap_or(1).max(1);
        let mut ways: Vec<Way> = Vec::new();
        for repeat in 0..repeats {
            let asked = self.asked(repeat)?;
            let share = 1.0 / repeats as f64;
            match ways.iter_mut().find(|way| way.asked == asked) {
                Some(way) => way.share += share,
                None => ways.push(Way { share, asked }),
            }
        }
        Ok(ways)
    }

    /// Who is asked, in order.
    fn asked(&self, repeat: usize) -> Result<Vec<usize>, String> {
        let known = &self.matrix.requests[self.case];
        let columns: Map<String, Value>;
        let vars = match self.answers.columns(&known.id) {
            Some(vars) => vars,
            None => {
                let cells = known.columns.iter();
                columns = cells
                    .map(|(k, v)| (k.clone(), Value::String(v.clone())))
                    .collect();
                &columns
            }
        };
        let seen = Seen {
            request: Request {
                prompt_tokens: known.tokens.unwrap_or(0),
                text: known.text.as_deref().unwrap_or_default(),
                tags: &known.tags,
                vars: Some(vars),
            },
            loads: &[],
            draw: Draw::new(self.seed, &self.route.name, &known.id, repeat as u32),
        };
        let policy = &self.route.policy;
        let (mut steps, mut asked) = (Vec::new(), Vec::new());
        while let Some(Pick { hop, .. }) = policy.next(&seen, &steps) {
            let model = &self.route.leaves[hop].hop.model;
            if policy.classifier(hop).is_some() {
                return Err(format!("what its classifier {model} says was not recorded"));
            }
            let place = self.matrix.place(model);
            let candidate = place.ok_or_else(|| format!("{model} is not in the matrix"))?;
            asked.push(candidate);
            steps.push(self.step(policy, hop, candidate, repeat)?);
            if asked.len() > MOST_STEPS {
                return Err("it does not end".to_owned());
            }
        }
        match asked.is_empty() {
            true => Err("it asks nobody".to_owned()),
            false => Ok(asked),
        }
    }

    /// What came of asking a candidate: the recorded answer, else what its signals say of it.
    fn step(
        &self,
        policy: &Policy,
        hop: usize,
        candidate: usize,
        repeat: usize,
    ) -> Result<Step, String> {
        let name = &self.matrix.candidates[candidate];
        let signal = |signal: &str| {
            let known = self.matrix.signals.get(signal);
            let value = known.and_then(|known| known[candidate][self.case]);
            value.ok_or_else(|| format!("{signal:?} was not recorded of every answer of {name}"))
        };
        let id = &self.matrix.requests[self.case].id;
        let scored = match policy.scorer(hop) {
            Some(scorer) => {
                let said = self.answers.passed(name, id, repeat, scorer);
                let passed = match said {
                    Some(passed) => passed,
                    None => signal(scorer)? >= PASSED,
                };
                Some(Verdict::scored(scorer, Ok(passed)))
            }
            None => None,
        };
        let replies = self.answers.replies(name, id);
        if let Some(reply) = replies.get(repeat).or(replies.last()) {
            if matches!(policy.check(hop), Some(Check::Logprob(_))) && reply.logprob.is_none() {
                return Err(format!(
                    "the log probability of an answer of {name} was not recorded"
                ));
            }
            return Ok(policy.answered(hop, reply, scored));
        }
        let verdict = match policy.check(hop) {
            None => None,
            Some(Check::Scorer(_)) => scored,
            Some(Check::Logprob(least)) => Some(at_least(signal(LOGPROB)?, *least)),
            Some(Check::Confidence {
                path,
                at_least: least,
            }) => Some(at_least(signal(path.trim_start_matches('/'))?, *least)),
        };
        let came = Came::Answered(Vec::new());
        Ok(Step { hop, came, verdict })
    }
}

/// From this score on an answer has passed a scorer whose word was not kept.
const PASSED: f64 = 0.5;

fn at_least(value: f64, least: f64) -> Verdict {
    Verdict {
        accepted: value >= least,
        why: format!("{value} of {least}"),
    }
}
