//! Which trial is started next: in the plan's order, but a slow lane never holds up the others.

use super::engine::Engine;
use crate::plan::{Plan, Trial};
use std::collections::{BTreeMap, HashSet, VecDeque};

/// Trials started ahead of their turn, so that their intents are on disk when it comes.
const AHEAD: usize = 2;

pub(super) struct Queue<'a> {
    plan: &'a Plan,
    engine: &'a Engine,
    rest: std::slice::Iter<'a, Trial>,
    done: &'a HashSet<String>,
    lanes: BTreeMap<&'a str, Waiting>,
}

#[derive(Default)]
struct Waiting {
    started: usize,
    backlog: VecDeque<Trial>,
}

impl<'a> Queue<'a> {
    pub(super) fn new(plan: &'a Plan, engine: &'a Engine, done: &'a HashSet<String>) -> Queue<'a> {
        let lanes = plan.candidates.iter().map(|candidate| {
            let lane = candidate.target.lane.as_str();
            (lane, Waiting::default())
        });
        let lanes = lanes.collect();
        Queue {
            plan,
            engine,
            rest: plan.trials.iter(),
            done,
            lanes,
        }
    }

    fn lane(&self, trial: Trial) -> &'a str {
        &self.plan.candidate(trial).target.lane
    }

    fn room(&self, lane: &str) -> bool {
        let most = self.plan.limits.concurrency as usize;
        self.lanes[lane].started < AHEAD * self.engine.lanes[lane].limit().min(most)
    }

    /// The next trial to start; `None` if all lanes have enough.
    pub(super) fn next(&mut self) -> Option<Trial> {
        // Of the lanes that fell behind, the one that is furthest behind.
        let behind = |waiting: &Waiting| waiting.backlog.front().map(|trial| trial.case);
        let open = self.lanes.iter().filter(|(lane, _)| self.room(lane));
        let open = open
            .filter_map(|(lane, waiting)| Some((behind(waiting)?, *lane)))
            .min();
        if let Some((_, lane)) = open {
            let waiting = self.lanes.get_mut(lane).expect("the lane was just found");
            waiting.started += 1;
            return waiting.backlog.pop_front();
        }
        if !self.lanes.keys().any(|lane| self.room(lane)) {
            return None;
        }
        while let Some(&trial) = self.rest.next() {
            if !self.done.is_empty() && self.done.contains(&self.plan.trial_id(trial)) {
                continue;
            }
            let lane = self.lane(trial);
            let room = self.room(lane);
            let waiting = self
                .lanes
                .get_mut(lane)
                .expect("every candidate's lane is known");
            if room {
                waiting.started += 1;
                return Some(trial);
            }
            waiting.backlog.push_back(trial);
        }
        None
    }

    /// A trial is no longer under way.
    pub(super) fn landed(&mut self, trial: Trial) {
        let lane = self.lane(trial);
        self.lanes
            .get_mut(lane)
            .expect("every candidate's lane is known")
            .started -= 1;
    }

    /// Trials that were never started.
    pub(super) fn left(&self) -> usize {
        let rest = self
            .rest
            .clone()
            .filter(|trial| !self.done.contains(&self.plan.trial_id(**trial)))
            .count();
        rest + self
            .lanes
            .values()
            .map(|waiting| waiting.backlog.len())
            .sum::<usize>()
    }
}
