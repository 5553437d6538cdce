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
    ahead: usize,
    begun: HashSet<u32>,
    /// Whether only the cases that are begun are finished.
    closing: bool,
}

#[derive(Default)]
struct Waiting {
    started: usize,
    backlog: VecDeque<Trial>,
}

impl<'a> Queue<'a> {
    /// `closely` starts no trial ahead of its turn: it may not be wanted then.
    pub(super) fn new(
        plan: &'a Plan,
        engine: &'a Engine,
        done: &'a HashSet<String>,
        closely: bool,
    ) -> Queue<'a> {
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
            ahead: if closely { 1 } else { AHEAD },
            begun: HashSet::new(),
            closing: false,
        }
    }

    /// From now on only trials of cases that are begun.
    pub(super) fn begin_no_more(&mut self) {
        self.closing = true;
        let (plan, done) = (self.plan, self.done);
        if !done.is_empty() {
            let known = plan.trials.iter();
            let known = known.filter(|trial| done.contains(&plan.trial_id(**trial)));
            self.begun.extend(known.map(|trial| trial.case));
        }
        let begun = &self.begun;
        for waiting in self.lanes.values_mut() {
            waiting.backlog.retain(|trial| begun.contains(&trial.case));
        }
    }

    fn wanted(&self, trial: Trial) -> bool {
        !self.closing || self.begun.contains(&trial.case)
    }

    fn lane(&self, trial: Trial) -> &'a str {
        &self.plan.candidate(trial).target.lane
    }

    fn room(&self, lane: &str) -> bool {
        let most = self.plan.limits.concurrency as usize;
        self.lanes[lane].started < self.ahead * self.engine.lanes[lane].limit().min(most)
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
            let trial = waiting.backlog.pop_front();
            self.begun.extend(trial.map(|trial| trial.case));
            return trial;
        }
        if !self.lanes.keys().any(|lane| self.room(lane)) {
            return None;
        }
        while let Some(&trial) = self.rest.next() {
            if !self.done.is_empty() && self.done.contains(&self.plan.trial_id(trial)) {
                continue;
            }
            if !self.wanted(trial) {
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
                self.begun.insert(trial.case);
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

    /// Wanted trials that were never started.
    pub(super) fn left(&self) -> usize {
        let rest = self
            .rest
            .clone()
            .filter(|trial| self.wanted(**trial))
            .filter(|trial| !self.done.contains(&self.plan.trial_id(**trial)))
            .count();
        rest + self
            .lanes
            .values()
            .map(|waiting| waiting.backlog.len())
            .sum::<usize>()
    }
}
