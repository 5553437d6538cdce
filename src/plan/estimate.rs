//! What a run will ask and cost, before anything is sent.
//!
//! Token counts are estimates from bytes (3.6 bytes a token, the middle of what common vocabularies
//! reach on English and JSON); what is billed is what the provider states.

use super::pace::{Pace, pace};
use super::paths::ways;
use super::{Hop, Opening, Plan, RequestError, Target, Trial, output_ceiling};
use crate::dataset::Case;
use crate::provider::price::ListPrice;
use crate::provider::{HttpRequest, Prices};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

const BYTES_PER_TOKEN: f64 = 3.6;
/// Tokens of a picture, in the middle: one of a megapixel by what providers document.
const PICTURE: f64 = 1200.0;
/// Tokens that no picture exceeds where providers scale it down first, with room to spare.
const PICTURE_CEILING: u64 = 16_384;
/// The share of the output limit that a terse reply uses: the low end of the estimate.
pub(super) const TERSE: f64 = 0.1;
/// Tokens of a judge's instructions and rubric.
const RUBRIC: f64 = 500.0;
/// Most tokens of a verdict: what a judge asks for by itself.
const VERDICT: f64 = 2048.0;

/// The whole run.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Estimate {
    /// A line a candidate.
    pub candidates: Vec<Line>,
    /// A line a model that judges: at most so many calls, since a judge's reply may be known too.
    pub judges: Vec<Line>,
    /// Requests to be sent, judges' among them.
    pub calls: usize,
    /// Replies that are recorded or cached.
    pub known: usize,
    /// Lowest and highest likely cost, USD; `None` if no price is known for one of the models.
    pub cost_usd: Option<(f64, f64)>,
    /// How long it takes.
    pub pace: Pace,
}

/// One candidate, or one model that judges.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its model.
    pub model: String,
    /// What its requests share with others of the same provider and key.
    pub lane: String,
    /// Requests to be sent.
    pub calls: usize,
    /// Replies that are recorded or cached.
    pub known: usize,
    /// Estimated tokens of input, all calls together.
    pub input_tokens: u64,
    /// Most tokens of output, all calls together.
    pub output_tokens: u64,
    /// Lowest and highest likely cost, USD; `None` without a price.
    pub cost_usd: Option<(f64, f64)>,
}

/// A candidate that cannot be asked some of its trials.
#[derive(Debug, Clone)]
pub struct Unsendable {
    /// The first of them.
    pub trial: Trial,
    /// Why.
    pub error: RequestError,
    /// How many there are.
    pub trials: usize,
}

/// Tokens of all calls of a line, at the least and at the most.
#[derive(Clone, Copy, Default)]
struct Tokens {
    input: (f64, f64),
    output: (f64, f64),
}

/// An upper bound of the tokens of a request's input: no vocabulary has a token of less than a byte.
pub fn input_ceiling(request: &HttpRequest) -> u64 {
    let pictures = request.pictures;
    let text = request.body.len().saturating_sub(pictures.bytes) as u64;
    text + 64 + PICTURE_CEILING * pictures.count as u64
}

/// Counts and prices every trial. `known` says whether a trial's reply is there already, by the
/// trial or the keys of its hops; `judging` names the models that are asked about a candidate's answer, an entry a call.
///
/// Every prompt is rendered and every request encoded, so what cannot be sent shows itself here.
pub fn estimate(
    plan: &Plan,
    prices: &Prices,
    known: &dyn Fn(Trial, &[&str]) -> bool,
    judging: &dyn Fn(&Case, usize) -> Vec<String>,
) -> Result<Estimate, Vec<Unsendable>> {
    let candidates = plan.candidates.iter();
    let mut lines: Vec<(Line, Tokens)> = candidates
        .map(|candidate| {
            let (line, sum) = line(&candidate.name, &candidate.target);
            let model = candidate.model();
            (Line { model, ..line }, sum)
        })
        .collect();
    let judges = plan.judges.iter();
    let mut judges: BTreeMap<&str, (Line, Tokens)> = judges
        .map(|(name, target)| (name.as_str(), line(name, target)))
        .collect();
    let cases = plan.dataset.cases.iter();
    let about: Vec<f64> = cases
        .map(|case| match judges.is_empty() {
            true => 0.0,
            false => tokens(text(case).len()),
        })
        .collect();
    // Of a route: what its trials cost by the way that each may go.
    let mut routed: Vec<Option<(f64, f64)>> = vec![Some((0.0, 0.0)); lines.len()];
    let mut bad: HashMap<u32, Unsendable> = HashMap::new();
    for &trial in &plan.trials {
        let opening = match plan.opening(trial) {
            Ok(opening) => opening,
            Err(error) => {
                let first = bad.entry(trial.candidate).or_insert(Unsendable {
                    trial,
                    error,
                    trials: 0,
                });
                first.trials += 1;
                continue;
            }
        };
        let candidate = plan.candidate(trial);
        let most = output_ceiling(&candidate.params) as f64;
        let (line, sum) = &mut lines[trial.candidate as usize];
        let ways = (!candidate.policy.is_chain()).then(|| ways(candidate, &opening, prices));
        let key = |hop: usize| opening.hops[hop].key.as_str();
        let is_known = match &ways {
            Some(ways) => {
                let each = |hop: &usize| known(trial, &[key(*hop)]);
                known(trial, &[]) || ways.first.iter().all(each)
            }
            None => known(trial, &(0..opening.hops.len()).map(key).collect::<Vec<_>>()),
        };
        if is_known {
            line.known += 1;
        } else {
            let calls = ways.as_ref().map_or(1, |ways| ways.calls);
            line.calls += calls * opening.least as usize;
            let low = asked_of(&opening, 0, opening.least, TERSE * most);
            let high = asked_of(&opening, 0, opening.most, most);
            sum.add((low.0, high.0), (low.1, high.1));
            let cost = ways.and_then(|ways| ways.cost_usd);
            let costs = &mut routed[trial.candidate as usize];
            *costs = costs
                .zip(cost)
                .map(|(sum, next)| (sum.0 + next.0, sum.1 + next.1));
        }
        if judges.is_empty() {
            continue;
        }
        let about = about[trial.case as usize];
        for model in judging(plan.case(trial), trial.candidate as usize) {
            let Some((line, sum)) = judges.get_mut(model.as_str()) else {
                continue;
            };
            line.calls += 1;
            if plan.judges[&model].dialect.embeds() {
                // the answer and the target, which is one of the case's columns
                let low = if is_known { 0.0 } else { TERSE * most };
                sum.add((low, about + most), (0.0, 0.0));
                continue;
            }
            let high = RUBRIC + about + most;
            if is_known {
                // What was judged once costs nothing; whether it was by this rubric is not known here.
                sum.add((0.0, high), (0.0, VERDICT));
            } else {
                let low = RUBRIC + about + TERSE * most;
                sum.add((low, high), (TERSE * VERDICT, VERDICT));
            }
        }
    }
    if !bad.is_empty() {
        let mut bad: Vec<Unsendable> = bad.into_values().collect();
        bad.sort_by_key(|bad| bad.trial.candidate);
        return Err(bad);
    }
    let lines = lines.into_iter().zip(plan.candidates.iter().zip(routed));
    let candidates: Vec<Line> = lines
        .map(|((line, sum), (candidate, cost_usd))| {
            let first = priced(line, sum, &candidate.target, prices);
            match candidate.policy.is_chain() {
                true => dearest(first, sum, &candidate.fallback, prices),
                false => Line { cost_usd, ..first },
            }
        })
        .collect();
    let judges: Vec<Line> = judges
        .into_values()
        .zip(plan.judges.values())
        .map(|((line, sum), target)| priced(line, sum, target, prices))
        .collect();
    let all = || candidates.iter().chain(&judges);
    let costs = all().filter(|line| line.calls > 0).map(|it| it.cost_usd);
    let add = |sum: (f64, f64), cost: (f64, f64)| (sum.0 + cost.0, sum.1 + cost.1);
    Ok(Estimate {
        calls: all().map(|line| line.calls).sum(),
        known: all().map(|line| line.known).sum(),
        cost_usd: costs
            .collect::<Option<Vec<_>>>()
            .map(|costs| costs.into_iter().fold((0.0, 0.0), add)),
        pace: pace(&plan.limits, all()),
        candidates,
        judges,
    })
}

impl Tokens {
    fn add(&mut self, input: (f64, f64), output: (f64, f64)) {
        self.input.0 += input.0;
        self.input.1 += input.1;
        self.output.0 += output.0;
        self.output.1 += output.1;
    }
}

fn line(name: &str, target: &Target) -> (Line, Tokens) {
    let line = Line {
        name: name.to_owned(),
        model: target.name.clone(),
        lane: target.lane.clone(),
        calls: 0,
        known: 0,
        input_tokens: 0,
        output_tokens: 0,
        cost_usd: None,
    };
    (line, Tokens::default())
}

fn priced(mut line: Line, sum: Tokens, target: &Target, prices: &Prices) -> Line {
    line.input_tokens = sum.input.1 as u64;
    line.output_tokens = sum.output.1 as u64;
    line.cost_usd = target.list_price(prices).map(|price| {
        let cost = |tokens: (f64, f64)| cost_of(&price, tokens, line.calls as f64);
        (
            cost((sum.input.0, sum.output.0)),
            cost((sum.input.1, sum.output.1)),
        )
    });
    line
}

/// What so many tokens in and out cost, in so many requests.
pub(super) fn cost_of(price: &ListPrice, (input, output): (f64, f64), requests: f64) -> f64 {
    let tokens = input * price.rates.input + output * price.rates.output;
    tokens / 1e6 + requests * price.per_request
}

/// Tokens in and out of a trial at one hop that takes so many requests, each with replies of so many
/// tokens.
pub(super) fn asked_of(opening: &Opening, hop: usize, requests: u32, reply: f64) -> (f64, f64) {
    let request = &opening.hops[hop].request;
    let pictures = request.pictures;
    let text = request.body.len().saturating_sub(pictures.bytes);
    let first = tokens(text) + PICTURE * pictures.count as f64;
    let (n, later) = (f64::from(requests), tokens(opening.later));
    // Each request repeats all that was said before it; what the script says later is said by the last.
    let input = n * first + (n - 1.0) * later + reply * n * (n - 1.0) / 2.0;
    (input, n * reply)
}

/// A chain's line: as if its first hop answered, at the least, and its dearest one, at the most.
fn dearest(mut line: Line, sum: Tokens, later: &[Hop], prices: &Prices) -> Line {
    for hop in later {
        let other = priced(line.clone(), sum, &hop.target, prices).cost_usd;
        let both = line.cost_usd.zip(other);
        line.cost_usd = both.map(|((low, high), (_, other))| (low, high.max(other)));
    }
    line
}

fn tokens(bytes: usize) -> f64 {
    (bytes as f64 / BYTES_PER_TOKEN).ceil()
}

fn text(case: &Case) -> String {
    serde_json::to_string(&case.vars).unwrap_or_default()
}
