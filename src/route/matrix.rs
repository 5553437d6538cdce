//! What every candidate made of every case: the matrix that policies are replayed on.

use super::hash;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Above this share of cases without a score a candidate takes no part.
pub const UNMATCHED: f64 = 0.02;

/// A case as far as a policy sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// The cluster it belongs to.
    pub group: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its columns: name and value.
    pub columns: BTreeMap<String, String>,
    /// What the user says, if that is known.
    pub text: Option<String>,
    /// Characters of the prompt, if they are known.
    pub characters: Option<u64>,
    /// Tokens of the prompt, estimated from its bytes, if that is known.
    pub tokens: Option<u64>,
}

/// What a candidate made of a case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// Its mean score; `None` where there is none.
    pub score: Option<f64>,
    /// Mean cost of an answer, USD.
    pub cost: Option<f64>,
    /// Latency, ms.
    pub latency: Option<f64>,
    /// Time to the first token, ms.
    pub first_token: Option<f64>,
    /// What else was recorded of the answer, by name: other scorers' results, a confidence.
    pub signals: BTreeMap<String, f64>,
}

/// All that was recorded, gaps and all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recorded {
    /// Names of the candidates.
    pub candidates: Vec<String>,
    /// The model of each, where that is another name; empty where there is none.
    pub aliases: Vec<String>,
    /// The cases.
    pub requests: Vec<Request>,
    /// Cells by candidate, then case.
    pub cells: Vec<Vec<Cell>>,
}

/// Who is not in the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The name of a candidate or a route.
    pub name: String,
    /// Why not.
    pub why: String,
}

/// The matrix without gaps: every candidate has a score for every case.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Names of the candidates.
    pub candidates: Vec<String>,
    /// The model of each, where that is another name.
    pub aliases: Vec<String>,
    /// The cases.
    pub requests: Vec<Request>,
    /// Scores by candidate, then case.
    pub quality: Vec<Vec<f64>>,
    /// Costs by candidate, then case, USD; `None` if they are not known.
    pub cost: Option<Vec<Vec<f64>>>,
    /// Latencies by candidate, then case, ms.
    pub latency: Vec<Vec<Option<f64>>>,
    /// Other things recorded: by name, candidate, case.
    pub signals: BTreeMap<String, Vec<Vec<Option<f64>>>>,
    /// Cluster of each case; `None` if there are no clusters.
    pub groups: Option<Vec<usize>>,
    /// Candidates that take no part.
    pub left_out: Vec<Missing>,
    /// Cases left out, since somebody has no score for them.
    pub dropped: usize,
}

impl Recorded {
    /// The matrix of the cases that all have a score for. Who lacks more than 2 % of them is left out, and so is who has no
    /// cost where at least two others have one.
    pub fn matrix(self) -> Matrix {
        let all = self.requests.len();
        let mut left_out = Vec::new();
        let mut taking: Vec<usize> = (0..self.candidates.len()).collect();
        taking.retain(|c| {
            let lacking = self.cells[*c].iter().filter(|cell| cell.score.is_none());
            let (lacking, name) = (lacking.count(), self.candidates[*c].clone());
            let whole = lacking as f64 <= UNMATCHED * all as f64 && lacking < all;
            if !whole {
                let why = format!("{lacking} of {all} cases have no score, more than 2 %");
                left_out.push(Missing { name, why });
            }
            whole
        });
        let priced = |c: &usize| {
            let scored = self.cells[*c].iter().filter(|cell| cell.score.is_some());
            scored.clone().count() > 0 && scored.clone().all(|cell| cell.cost.is_some())
        };
        let known: Vec<usize> = taking.iter().copied().filter(priced).collect();
        let costs = known.len() > 1 || (known.len() == 1 && taking.len() == 1);
        if costs {
            for c in taking.iter().filter(|c| !known.contains(c)) {
                let (name, why) = (
                    self.candidates[*c].clone(),
                    "its cost is unknown".to_owned(),
                );
                left_out.push(Missing { name, why });
            }
            taking = known;
        }
        let scored = |case: &usize| taking.iter().all(|c| self.cells[*c][*case].score.is_some());
        let cases: Vec<usize> = (0..all).filter(scored).collect();
        let take = |c: &usize, of: &dyn Fn(&Cell) -> Option<f64>| -> Vec<Option<f64>> {
            cases
                .iter()
                .map(|case| of(&self.cells[*c][*case]))
                .collect()
        };
        let sure = |c: &usize, of: &dyn Fn(&Cell) -> Option<f64>| -> Vec<f64> {
            take(c, of).into_iter().flatten().collect()
        };
        let mut signals: BTreeMap<String, Vec<Vec<Option<f64>>>> = BTreeMap::new();
        let cells = taking.iter().flat_map(|c| &self.cells[*c]);
        for name in cells.flat_map(|cell| cell.signals.keys()) {
            if !signals.contains_key(name) {
                let of = |cell: &Cell| cell.signals.get(name).copied();
                let by_candidate = taking.iter().map(|c| take(c, &of)).collect();
                signals.insert(name.clone(), by_candidate);
            }
        }
        let requests: Vec<Request> = cases.iter().map(|c| self.requests[*c].clone()).collect();
        Matrix {
            quality: taking.iter().map(|c| sure(c, &|it| it.score)).collect(),
            cost: costs.then(|| taking.iter().map(|c| sure(c, &|it| it.cost)).collect()),
            latency: taking.iter().map(|c| take(c, &|it| it.latency)).collect(),
            candidates: taking.iter().map(|c| self.candidates[*c].clone()).collect(),
            aliases: taking
                .iter()
                .filter_map(|c| self.aliases.get(*c).cloned())
                .collect(),
            groups: groups(&requests),
            dropped: all - cases.len(),
            signals,
            requests,
            left_out,
        }
    }
}

/// Cluster numbers of cases; `None` where no case shares one. A case without a group is its own.
fn groups(requests: &[Request]) -> Option<Vec<usize>> {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut next = 0;
    let mut fresh = || {
        next += 1;
        next - 1
    };
    let mut numbers = Vec::with_capacity(requests.len());
    for request in requests {
        numbers.push(match &request.group {
            Some(group) => *known.entry(group.as_str()).or_insert_with(&mut fresh),
            None => fresh(),
        });
    }
    (next < numbers.len()).then_some(numbers)
}

impl Matrix {
    /// How many cases.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// There is no case, or nobody.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty() || self.candidates.is_empty()
    }

    /// The place of a candidate: by its name, else by its model.
    pub fn place(&self, name: &str) -> Option<usize> {
        let by = |names: &[String]| names.iter().position(|known| known == name);
        by(&self.candidates).or_else(|| by(&self.aliases))
    }

    /// The columns that sort the cases: name → the value of each case. A tag `column=value` is a column; of several
    /// values of one case the first counts, a case without is in none (`""`). Columns whose values number 2..=`most`.
    pub fn categories(&self, most: usize) -> BTreeMap<String, Vec<String>> {
        let mut names: BTreeMap<&str, ()> = BTreeMap::new();
        for request in &self.requests {
            names.extend(request.columns.keys().map(|name| (name.as_str(), ())));
            let tags = request.tags.iter().filter_map(|tag| tag.split_once('='));
            names.extend(tags.map(|(column, _)| (column, ())));
        }
        let of = |name: &str| -> Vec<String> {
            let value = |request: &Request| {
                let tagged = request.tags.iter().filter_map(|tag| tag.split_once('='));
                let tagged = tagged.filter(|(column, _)| *column == name).map(|t| t.1);
                let column = request.columns.get(name).map(String::as_str);
                column
                    .or(tagged.into_iter().next())
                    .unwrap_or_default()
                    .to_owned()
            };
            self.requests.iter().map(value).collect()
        };
        let columns = names.into_keys().map(|name| (name.to_owned(), of(name)));
        let few = |values: &Vec<String>| {
            let mut seen: Vec<&String> = values.iter().collect();
            seen.sort_unstable();
            seen.dedup();
            (2..=most).contains(&seen.len())
        };
        columns.filter(|(_, values)| few(values)).collect()
    }

    /// Of the columns that sort the cases, those meant to: the column `category`, and tags. Another column may hold the
    /// right answer.
    pub fn declared(&self, most: usize) -> BTreeMap<String, Vec<String>> {
        let mut tags = BTreeSet::new();
        for request in &self.requests {
            let named = request.tags.iter().filter_map(|tag| tag.split_once('='));
            tags.extend(named.map(|(column, _)| column));
        }
        let mut found = self.categories(most);
        found.retain(|name, _| name == "category" || tags.contains(name.as_str()));
        found
    }

    /// The length of each prompt, characters; `None` unless it is known of every case.
    pub fn lengths(&self) -> Option<Vec<f64>> {
        let known = self.requests.iter().map(|request| request.characters);
        known.map(|length| Some(length? as f64)).collect()
    }

    /// The length of each prompt, estimated tokens; `None` unless it is known of every case.
    pub fn tokens(&self) -> Option<Vec<f64>> {
        let known = self.requests.iter().map(|request| request.tokens);
        known.map(|tokens| Some(tokens? as f64)).collect()
    }

    /// The mean score of each candidate.
    pub fn means(&self) -> Vec<f64> {
        let mean = |values: &Vec<f64>| crate::stats::moments::mean(values).unwrap_or(0.0);
        self.quality.iter().map(mean).collect()
    }

    /// The candidate with the highest mean score; of equal ones the cheaper, then the earlier.
    pub fn best(&self) -> usize {
        let means = self.means();
        let costs = self.mean_costs();
        let cost = |c: usize| costs.as_ref().map_or(0.0, |costs| costs[c]);
        let order = |a: &usize, b: &usize| {
            let better = means[*a].total_cmp(&means[*b]);
            better.then(cost(*b).total_cmp(&cost(*a))).then(b.cmp(a))
        };
        (0..self.candidates.len()).max_by(order).unwrap_or(0)
    }

    /// The mean cost of each candidate, USD.
    pub fn mean_costs(&self) -> Option<Vec<f64>> {
        let mean = |values: &Vec<f64>| crate::stats::moments::mean(values).unwrap_or(0.0);
        Some(self.cost.as_ref()?.iter().map(mean).collect())
    }

    /// A seed for one purpose, from what the cases are.
    pub fn seed(&self, seed: u64, purpose: &str) -> u64 {
        let ids = self.requests.iter().map(|request| request.id.as_str());
        seed ^ hash(ids.chain([purpose]))
    }
}
