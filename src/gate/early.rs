//! What is certain before every case was asked: a bet on each rule about a scorer, round by round, in an
//! order drawn beforehand. The same looks stop a run while it goes and judge it afterwards.
//!
//! Betting after Waudby-Smith & Ramdas (2023): a wealth of 1/α shows its claim at level α at any look. With a
//! fifth of α here and the rest for the test at the end, both together err in at most α (union bound).

use super::judge::{claim, margin};
use super::pair::{about, mean};
use super::words::{paired, points};
use super::{BETS, FLAG, Question, Versus};
use crate::plan::{Stopped, rounds};
use crate::project::Rule;
use crate::stats::anytime::Bets;
use crate::summary::judge::UNMATCHED;
use crate::summary::{Asked, Trace};
use std::collections::HashMap;

/// The order of a run's cases, where it may stop early.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rounds {
    /// Ids of cases; the cases of a cluster are one round.
    pub order: Vec<Vec<String>>,
    /// How many cases the suite chose: what the usual margin hangs on.
    pub planned: usize,
    /// Where it stopped, if it did.
    pub stopped: Option<Stopped>,
}

impl Rounds {
    /// The order of these cases: ids, each with its cluster.
    pub fn new<'a>(seed: u64, cases: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let cases: Vec<_> = cases.into_iter().collect();
        let order = rounds(seed, cases.iter().copied()).into_iter();
        let names =
            |round: Vec<usize>| round.into_iter().map(|at| cases[at].0.to_owned()).collect();
        Rounds {
            order: order.map(names).collect(),
            planned: cases.len(),
            stopped: None,
        }
    }

    /// Where it stopped, if it left out cases of this candidate.
    pub(super) fn stopped(&self, now: &Trace) -> Option<&Stopped> {
        let cases: usize = self.order.iter().map(Vec::len).sum();
        self.stopped.as_ref().filter(|_| now.cases.len() < cases)
    }
}

/// What a bet has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    /// Worse by more than the margin.
    Worse,
    /// Not worse by the margin.
    NotWorse,
}

/// A bet on one rule of one candidate.
struct Bet {
    versus: usize,
    scorer: String,
    margin: f64,
    bets: Bets,
    /// Log wealth at which worse, and not worse, is shown.
    stakes: (f64, f64),
    /// Cases seen, and how many of them cannot be compared.
    seen: (f64, f64),
    /// What it showed first.
    sure: Option<Sure>,
}

/// Looks at a run round by round.
pub struct Looks {
    order: Vec<Vec<String>>,
    next: usize,
    /// By candidate: where each case stands, now and in the baseline.
    places: Vec<HashMap<String, (usize, Option<usize>)>>,
    bets: Vec<Bet>,
    /// Whether every rule is one that can be bet on: only then is a pass certain.
    whole: bool,
}

impl Looks {
    /// Before the first look.
    pub fn new(question: &Question<'_>) -> Looks {
        let order = question.rounds.clone().unwrap_or_default();
        let cases = order.planned;
        let mut bets = Vec::new();
        for versus in 0..question.pairs.len() {
            for rule in question.rules {
                let Rule::Scorer(about) = rule else { continue };
                if !paired(rule) || question.changed_scorers.contains(&about.scorer) {
                    continue;
                }
                let margin = margin(about, cases);
                bets.push(Bet {
                    versus,
                    scorer: about.scorer.clone(),
                    margin,
                    bets: Bets::new(margin),
                    stakes: (-(claim(question) * BETS).ln(), -(FLAG * BETS).ln()),
                    seen: (0.0, 0.0),
                    sure: None,
                });
            }
        }
        let simple = |rule: &Rule| match rule {
            Rule::Scorer(rule) => rule.min.is_none(),
            Rule::Metric(_) => false,
        };
        Looks {
            order: order.order,
            next: 0,
            places: question.pairs.iter().map(places).collect(),
            bets,
            whole: question.rules.iter().all(simple),
        }
    }

    /// Looks at every round that has all its answers, as far as there is none without.
    pub fn look(&mut self, pairs: &[Versus<'_>]) {
        while let Some(round) = self.order.get(self.next) {
            let asked = |versus: usize, id: &String| {
                let (now, before) = self.places[versus].get(id).copied()?;
                let before = before.zip(pairs[versus].before);
                let before = before.map(|(at, trace)| &trace.cases[at]);
                Some((&pairs[versus].now.cases[now], before))
            };
            let ready = (0..pairs.len()).all(|versus| {
                let mut cases = round.iter();
                cases.all(|id| {
                    asked(versus, id)
                        .is_some_and(|(now, before)| is_asked(now) && before.is_none_or(is_asked))
                })
            });
            if !ready {
                return;
            }
            for bet in &mut self.bets {
                let versus = bet.versus;
                bet.see(round.iter().filter_map(|id| asked(versus, id)));
            }
            self.next += 1;
        }
    }

    /// Why no more need be asked: a rule is broken for certain, or every rule holds for certain.
    pub fn certain(&self, pairs: &[Versus<'_>]) -> Option<String> {
        let told = |bet: &Bet, what: &str| {
            let name = &pairs[bet.versus].now.name;
            format!("{} of {name} is {what} {}", bet.scorer, points(bet.margin))
        };
        let worse = self.bets.iter().find(|bet| bet.sure == Some(Sure::Worse));
        if let Some(bet) = worse {
            return Some(told(bet, "worse than the baseline by more than"));
        }
        let holds = |bet: &Bet| bet.sure == Some(Sure::NotWorse);
        let first = self.bets.first()?;
        let sure = self.whole && self.bets.iter().all(holds);
        sure.then(|| match self.bets.len() {
            1 => told(first, "not worse than the baseline by"),
            _ => "no rule is broken by its margin".to_owned(),
        })
    }

    /// What was shown of a scorer of a candidate.
    pub(super) fn of(&self, versus: usize, scorer: &str) -> Option<Sure> {
        let mut bets = self.bets.iter();
        let bet = bets.find(|bet| bet.versus == versus && bet.scorer == scorer)?;
        bet.sure
    }

    /// Whether anything is worse for certain.
    pub(super) fn any_worse(&self) -> bool {
        self.bets.iter().any(|bet| bet.sure == Some(Sure::Worse))
    }
}

impl Bet {
    /// One round: the mean difference of its cases. What is missing counts against the candidate.
    fn see<'a>(&mut self, cases: impl Iterator<Item = (&'a Asked, Option<&'a Asked>)>) {
        let (mut sum, mut n) = (0.0, 0.0);
        for (now, before) in cases {
            let Some(before) = before else {
                self.seen = (self.seen.0 + 1.0, self.seen.1 + 1.0);
                continue;
            };
            if !about(&self.scorer, now.trials.iter().chain(&before.trials)) {
                continue;
            }
            let (score, gap) = mean(&now.trials, &self.scorer, 0.0);
            let (old, old_gap) = mean(&before.trials, &self.scorer, 1.0);
            self.seen = (self.seen.0 + 1.0, self.seen.1 + gap.max(old_gap));
            sum += score - old;
            n += 1.0;
        }
        if n > 0.0 {
            self.bets.see(sum / n);
        }
        let comparable = self.seen.1 <= UNMATCHED * self.seen.0;
        if self.sure.is_none() && comparable {
            let (worse, not_worse) = self.stakes;
            self.sure = match (
                self.bets.worse() >= worse,
                self.bets.not_worse() >= not_worse,
            ) {
                (true, _) => Some(Sure::Worse),
                (_, true) => Some(Sure::NotWorse),
                _ => None,
            };
        }
    }
}

/// Whether every trial of a case was asked.
fn is_asked(case: &Asked) -> bool {
    let open = |missing: &Option<String>| missing.as_deref() == Some("unsent");
    !case.trials.is_empty() && !case.trials.iter().any(|trial| open(&trial.missing))
}

/// Where each case of a candidate stands, and the same case in the baseline.
fn places(versus: &Versus<'_>) -> HashMap<String, (usize, Option<usize>)> {
    let old: HashMap<&str, (usize, &str)> = match versus.before {
        Some(Trace { cases, .. }) => cases
            .iter()
            .enumerate()
            .map(|(at, case)| (case.id.as_str(), (at, case.hash.as_str())))
            .collect(),
        None => HashMap::new(),
    };
    let same = |case: &Asked| {
        let (at, hash) = old.get(case.id.as_str())?;
        (*hash == case.hash).then_some(*at)
    };
    let cases = versus.now.cases.iter().enumerate();
    cases
        .map(|(at, case)| (case.id.clone(), (at, same(case))))
        .collect()
}
