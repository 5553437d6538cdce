//! A run, resolved: every trial that will be asked, nothing defaulted later.
//!
//! `resolve.rs` makes it from a project, `estimate.rs` says what it will cost. Nothing is sent here.

mod chain;
mod choose;
mod early;
mod estimate;
mod hop;
mod limits;
mod pace;
mod paths;
mod place;
mod resolve;
mod route;
mod snapshot;
mod target;

pub use early::{Early, Stopped, rounds};
pub use estimate::{Estimate, Line, Unsendable, estimate, input_ceiling};
pub use hop::{Asked, Hop, keep_reasoning};
pub use limits::{LaneCaps, Limits};
pub use pace::{ASSUMED_SECONDS, Pace};
pub use resolve::{Choice, Keys, Placed, embedder, judge, resolve};
pub use route::Told;
pub use snapshot::{Chosen, Column, ColumnHop, DatasetRef, JudgeRef, ScorerRef, Snapshot};
pub use target::{Aim, Astray, Target, aim};

use crate::dataset::{Case, Dataset};
use crate::policy::Policy;
use crate::project::RouteMap;
use crate::prompt::{Conversation, Files, Message, Prompt};
use crate::provider::lint::Drops;
use crate::provider::{Call, HttpRequest, Params, Unsupported};
use crate::source::Problem;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One column of the matrix: a model with a prompt and parameters.
#[derive(Clone)]
pub struct Candidate {
    /// Hash of model, prompt and parameters.
    pub id: String,
    /// The name in reports; unique in a plan.
    pub name: String,
    /// Where it is asked; of a chain, its first hop.
    pub target: Target,
    /// What it is asked with.
    pub prompt: Arc<Prompt>,
    /// Sampling and other parameters; of a chain, its first hop's.
    pub params: Params,
    /// How many earlier candidates send exactly the same: their replies must not be shared.
    pub twin: u32,
    /// How many requests of others are exactly those of its first hop; without a chain the same as `twin`.
    pub alike: u32,
    /// Most attempts at its first hop, where the chain says so.
    pub attempts: Option<u32>,
    /// The hops after the first, if it is a chain or a route.
    pub fallback: Vec<Hop>,
    /// Which hop is asked when.
    pub policy: Policy,
    /// The route as it is written, if it is one.
    pub route: Option<Arc<RouteMap>>,
}

/// One cell of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// Index into the dataset's cases.
    pub case: u32,
    /// Index into the plan's candidates.
    pub candidate: u32,
    /// From 0.
    pub repeat: u32,
}

/// How a trial begins.
pub struct Opening<'a> {
    /// Its first request, for each hop.
    pub hops: Vec<Asked<'a>>,
    /// What its policy is told of it.
    pub told: Told<'a>,
    /// The least number of requests that it takes.
    pub least: u32,
    /// The greatest.
    pub most: u32,
    /// Bytes of text that its script says after the first reply.
    pub later: usize,
}

/// A run, resolved.
pub struct Plan {
    /// The suite's name.
    pub suite: String,
    /// The one seed.
    pub seed: u64,
    /// The selected cases.
    pub dataset: Arc<Dataset>,
    /// The files that they and the prompts name.
    pub files: Files,
    /// The columns.
    pub candidates: Vec<Candidate>,
    /// Models that scorers ask, by the suite's spelling.
    pub judges: BTreeMap<String, Target>,
    /// How often each case is asked of each candidate.
    pub repeats: u32,
    /// Every trial, in the order of sending.
    pub trials: Vec<Trial>,
    /// Caps and patience.
    pub limits: Limits,
    /// The scorers' names, kinds and hashes; they themselves are the score room's.
    pub scorers: Vec<ScorerRef>,
    /// The scorer that decides.
    pub primary: String,
    /// The candidate that the others are held against, if named.
    pub reference: Option<String>,
    /// Within what difference a candidate counts as not worse.
    pub margin: f64,
    /// What may be taken out of calls.
    pub drops: Drops,
}

/// Tokens of output that are assumed where a call does not limit them.
pub const ASSUMED_OUTPUT: u64 = 4096;

impl Plan {
    /// Asks these candidates instead, each on its own even where they are alike, and remakes the trials.
    pub fn ask_of(&mut self, candidates: Vec<Candidate>) {
        self.candidates = candidates;
        chain::twins(&mut self.candidates);
        let columns = self.candidates.len();
        self.trials = interleave(&self.dataset, columns, self.repeats, self.seed);
    }

    /// The case of a trial.
    pub fn case(&self, trial: Trial) -> &Case {
        &self.dataset.cases[trial.case as usize]
    }

    /// The candidate of a trial.
    pub fn candidate(&self, trial: Trial) -> &Candidate {
        &self.candidates[trial.candidate as usize]
    }

    /// The trial's id: a hash of content, the same in every run that asks the same.
    pub fn trial_id(&self, trial: Trial) -> String {
        let (case, candidate) = (self.case(trial), self.candidate(trial));
        snapshot::trial_id(&case.id, &candidate.id, candidate.twin, trial.repeat)
    }

    /// How a trial begins, and how many requests it may take.
    pub fn opening(&self, trial: Trial) -> Result<Opening<'_>, RequestError> {
        let conversation = self.conversation(trial)?;
        Ok(Opening {
            hops: self.ask(trial, &conversation, &[])?,
            told: self.told(trial, &conversation, &[]),
            least: conversation.least(),
            most: conversation.most(),
            later: conversation.later(),
        })
    }

    /// The conversation of a trial.
    pub fn conversation(&self, trial: Trial) -> Result<Conversation, RequestError> {
        let prompt = &self.candidate(trial).prompt;
        let made = prompt.conversation(self.case(trial), &self.files);
        made.map_err(|problem| RequestError::Prompt(Box::new(problem)))
    }

    /// The neutral call that asks these messages, as a trial's first hop is sent it.
    fn call(&self, trial: Trial, messages: Vec<Message>) -> Result<Call, RequestError> {
        let Candidate {
            target,
            prompt,
            params,
            ..
        } = self.candidate(trial);
        let tools = prompt.tools_for(self.case(trial));
        let tools = tools.map_err(|problem| RequestError::Prompt(Box::new(problem)))?;
        // A case that brings no tools has nothing to choose from.
        let chooses = !tools.is_empty() || prompt.tools_from.is_none();
        Ok(Call {
            model: target.wire_model.clone(),
            messages,
            tools,
            tool_choice: prompt.tool_choice.clone().filter(|_| chooses),
            parallel_tool_calls: prompt.parallel_tool_calls.filter(|_| chooses),
            params: params.clone(),
            stream: true,
        })
    }
}

/// The most tokens of output that a call with these parameters can bring, all choices together.
pub fn output_ceiling(params: &Params) -> u64 {
    const NAMES: [&str; 4] = [
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
        "num_predict",
    ];
    let raw = NAMES
        .iter()
        .filter_map(|name| params.extra.get(*name)?.as_u64());
    let one = raw.chain(params.max_tokens).max().unwrap_or(ASSUMED_OUTPUT);
    one.saturating_mul(params.n.unwrap_or(1).max(1))
}

/// A trial cannot be put into a request.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RequestError {
    /// The prompt cannot be rendered for this case.
    #[error("{}", .0.title)]
    Prompt(Box<Problem>),
    /// The provider has no such thing.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
}

/// The hash of all that is sent: endpoint, model, body, repeat. The order of the body's keys means
/// nothing to a server, so it does not count.
pub fn key(request: &HttpRequest, repeat: u32, twin: u32) -> String {
    let mut hasher = blake3::Hasher::new();
    let body = sorted(&request.body);
    for part in [request.method.as_bytes(), request.url.as_bytes(), &body] {
        hasher
            .update(&(part.len() as u64).to_le_bytes())
            .update(part);
    }
    hasher
        .update(&repeat.to_le_bytes())
        .update(&twin.to_le_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

/// A JSON body with the keys of every object in order; other bytes as they are.
fn sorted(body: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return body.to_vec();
    };
    value.sort_all_objects();
    serde_json::to_vec(&value).unwrap_or_else(|_| body.to_vec())
}

/// A hash of a list of texts, 32 hex digits.
pub fn short_hash(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher
            .update(&(part.len() as u64).to_le_bytes())
            .update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// Trials case by case, each case's candidates in an order of its own drawn from the seed.
pub fn interleave(dataset: &Dataset, candidates: usize, repeats: u32, seed: u64) -> Vec<Trial> {
    let mut trials = Vec::with_capacity(dataset.cases.len() * candidates * repeats as usize);
    for (index, case) in dataset.cases.iter().enumerate() {
        for repeat in 0..repeats {
            let mut order: Vec<u32> = (0..candidates as u32).collect();
            shuffle(&mut order, seed, &[&case.id, &repeat.to_string()]);
            trials.extend(order.into_iter().map(|candidate| Trial {
                case: index as u32,
                candidate,
                repeat,
            }));
        }
    }
    trials
}

/// A Fisher–Yates shuffle from (seed, purpose).
fn shuffle(items: &mut [u32], seed: u64, purpose: &[&str]) {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"order").update(&seed.to_le_bytes());
    for part in purpose {
        hasher
            .update(&(part.len() as u64).to_le_bytes())
            .update(part.as_bytes());
    }
    let mut random = ChaCha8Rng::from_seed(*hasher.finalize().as_bytes());
    for last in (1..items.len()).rev() {
        let pick = random.next_u64() % (last as u64 + 1);
        items.swap(last, pick as usize);
    }
}
