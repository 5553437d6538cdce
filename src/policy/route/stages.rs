//! A route by times, by stages or by shares, as it is written.

use super::{Making, escaped};
use crate::policy::{Cascade, Check, Latency, Weighted};
use crate::project::{AcceptMap, LatencyMap, StageSpec};
use std::collections::BTreeMap;

impl Making {
    pub(super) fn latency(&mut self, map: &LatencyMap) -> Latency {
        let mut of = Vec::new();
        for (at, model) in map.of.iter().enumerate() {
            let place = format!("/latency/of/{at}");
            let hop = self.leaf(model, &place);
            self.once(&mut of, hop, model, place);
        }
        let target = map.target_p95.map(|period| period.0.as_secs_f64() * 1000.0);
        if target == Some(0.0) {
            self.fault(
                "/latency/target_p95",
                "nothing is that fast",
                "write more than 0",
            );
        }
        Latency {
            of,
            by: map.by,
            target_ms: target,
        }
    }

    /// Adds a hop to a list that holds each model once.
    fn once(&mut self, list: &mut Vec<usize>, hop: usize, model: &str, at: String) {
        if list.contains(&hop) {
            let title = format!("{model} stands here twice");
            self.fault(at, title, "name each model once");
        }
        list.push(hop);
    }

    pub(super) fn cascade(&mut self, stages: &[StageSpec]) -> Cascade {
        let (mut hops, mut checks) = (Vec::new(), Vec::new());
        for (at, stage) in stages.iter().map(StageSpec::options).enumerate() {
            let place = format!("/cascade/{at}");
            let hop = self.leaf(&stage.model, &place);
            self.once(&mut hops, hop, &stage.model, place.clone());
            let last = at + 1 == stages.len();
            match (&stage.accept, last) {
                (None, false) => self.fault(
                    &place,
                    "nothing is asked after a stage without `accept`",
                    "say what its answer must pass: `accept: {scorer: NAME}`",
                ),
                (Some(_), true) => self.fault(
                    format!("{place}/accept"),
                    "the last stage's answer is taken in any case",
                    "remove `accept`, or add a stage after it",
                ),
                _ => {}
            }
            let accept = stage.accept.as_ref();
            checks.push(accept.and_then(|it| self.check(it, &format!("{place}/accept"))));
        }
        Cascade {
            stages: hops.into_iter().zip(checks).collect(),
        }
    }

    fn check(&mut self, map: &AcceptMap, place: &str) -> Option<Check> {
        match (&map.scorer, &map.confidence, map.logprob) {
            (Some(scorer), None, None) => {
                let at = format!("{place}/scorer");
                self.scorers.push((scorer.clone(), at));
                Some(Check::Scorer(scorer.clone()))
            }
            (None, Some(confidence), None) => {
                let path = confidence.path.clone();
                if !path.starts_with('/') {
                    let title = format!("{path:?} is no JSON pointer");
                    let help = format!("it begins with a slash: {:?}", format!("/{path}"));
                    self.fault(format!("{place}/confidence/path"), title, &help);
                }
                let at_least = confidence.at_least;
                Some(Check::Confidence { path, at_least })
            }
            (None, None, Some(least)) => Some(Check::Logprob(least)),
            _ => {
                let title = "`accept` is one of `scorer`, `confidence` and `logprob`";
                self.fault(place, title, "write one of them");
                None
            }
        }
    }

    pub(super) fn weighted(&mut self, weights: &BTreeMap<String, f64>) -> Weighted {
        let mut parts = Vec::new();
        for (model, weight) in weights {
            let at = format!("/weighted/{}", escaped(model));
            if !(weight.is_finite() && *weight >= 0.0) {
                self.fault(
                    &at,
                    "a weight is 0 or more",
                    "weights are parts: 3 and 1 are ¾ and ¼",
                );
            }
            parts.push((self.leaf(model, at), *weight));
        }
        if !parts.iter().any(|(_, weight)| *weight > 0.0) {
            self.fault(
                "/weighted",
                "no model has a weight",
                "give one of them more than 0",
            );
        }
        Weighted { parts }
    }
}
