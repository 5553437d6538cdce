//! A small world of lanes and requests, moved by its own clock, that the policy routes.

use super::*;
use crate::policy::{Draw, Recent, Ticket};

/// How long each lane takes at a time, ms; `None` is a failure after 5 ms.
type Pace = fn(usize, f64) -> Option<f64>;

struct World {
    policy: Latency,
    lanes: Vec<Recent>,
    costs: Vec<Option<f64>>,
    /// When it is over, lane, ticket, how long it took, whether it was answered.
    flying: Vec<(f64, usize, Ticket, f64, bool)>,
}

impl World {
    fn new(lanes: usize, target_ms: Option<f64>) -> World {
        let policy = Latency {
            of: (0..lanes).collect(),
            by: Timed::Total,
            target_ms,
        };
        World {
            policy,
            lanes: vec![Recent::default(); lanes],
            costs: vec![None; lanes],
            flying: Vec::new(),
        }
    }

    fn land(&mut self, now: f64) {
        self.flying.sort_by(|a, b| a.0.total_cmp(&b.0));
        while self.flying.first().is_some_and(|it| it.0 <= now) {
            let (when, lane, ticket, ms, fine) = self.flying.remove(0);
            match fine {
                true => self.lanes[lane].answered(ticket, None, ms, when),
                false => self.lanes[lane].failed(ticket, ms, when),
            }
        }
    }

    /// A request every 50 ms from `from` to `to`; how many each lane was given.
    fn run(&mut self, from: f64, to: f64, pace: Pace) -> Vec<usize> {
        let mut given = vec![0; self.lanes.len()];
        let mut now = from;
        while now < to {
            self.land(now);
            let lanes = self.lanes.iter().zip(&self.costs);
            let loads: Vec<Load> = lanes
                .map(|(lane, cost)| Load {
                    cost_usd: *cost,
                    ..lane.load(Timed::Total, now)
                })
                .collect();
            let draw = Draw::new(1, "quick", &now.to_string(), 0);
            let seen = Seen {
                loads: &loads,
                draw,
                ..Seen::default()
            };
            let lane = self.policy.next(&seen, &[]).unwrap().hop;
            given[lane] += 1;
            let ticket = self.lanes[lane].begin();
            self.lanes[lane].sent(ticket, now);
            let ms = pace(lane, now);
            let took = ms.unwrap_or(5.0);
            self.flying
                .push((now + took, lane, ticket, took, ms.is_some()));
            now += 50.0;
        }
        given
    }
}

/// The first lane slows down from 200 ms to 5 s between 20 s and 50 s.
fn slows(lane: usize, now: f64) -> Option<f64> {
    let slow = lane == 0 && (20_000.0..50_000.0).contains(&now);
    Some(if slow { 5000.0 } else { 200.0 })
}

#[test]
fn equal_lanes_share() {
    let given = World::new(3, None).run(0.0, 20_000.0, slows);
    assert!(given.iter().all(|n| (90..=180).contains(n)), "{given:?}");
}

#[test]
fn a_lane_that_slows_down_is_left_within_seconds_and_stays_left() {
    let mut world = World::new(3, None);
    world.run(0.0, 20_000.0, slows);
    let first = world.run(20_000.0, 22_000.0, slows);
    assert!(first[0] <= 8, "of 40 in the first two seconds: {first:?}");
    let mut seconds = Vec::new();
    for second in 22..50 {
        let from = f64::from(second) * 1000.0;
        seconds.push(world.run(from, from + 1000.0, slows)[0]);
    }
    let most = seconds.iter().max().copied();
    assert!(most <= Some(2), "no swinging back: {seconds:?}");
    assert!(
        seconds.iter().sum::<usize>() <= 12,
        "probes only: {seconds:?}"
    );
    // Well again: what is left of the slow answers is forgotten within a minute.
    world.run(50_000.0, 110_000.0, slows);
    let after = world.run(110_000.0, 120_000.0, slows);
    assert!(after[0] >= 40, "{after:?}");
}

#[test]
fn a_lane_that_fails_at_once_is_no_fast_lane() {
    let fails: Pace = |lane, _| (lane != 0).then_some(200.0);
    let given = World::new(3, None).run(0.0, 30_000.0, fails);
    assert!(given[0] <= 30, "of 600: {given:?}");
}

#[test]
fn with_a_target_the_cheapest_that_holds_it_is_taken() {
    // The cheap lane is slow from 20 s to 50 s; the middle one holds the target as well.
    let mut world = World::new(3, Some(1000.0));
    world.costs = vec![Some(1.0), Some(2.0), Some(3.0)];
    let before = world.run(0.0, 20_000.0, slows);
    assert_eq!(before, [400, 0, 0]);
    let first = world.run(20_000.0, 22_000.0, slows);
    assert!(
        first[0] <= 21,
        "until the oldest is over the target: {first:?}"
    );
    let later = world.run(22_000.0, 50_000.0, slows);
    assert!(later[0] <= 3 && later[2] <= 5, "{later:?}");
    world.run(50_000.0, 90_000.0, slows);
    let after = world.run(90_000.0, 95_000.0, slows);
    assert_eq!(after, [100, 0, 0], "cheap again");
}

#[test]
fn what_cannot_be_had_leads_to_another_lane_once() {
    use crate::policy::Came;
    use crate::provider::FailureKind;
    let world = World::new(3, None);
    let closed = Load {
        closed: true,
        ..Load::default()
    };
    let loads = [Load::default(), closed, Load::default()];
    let seen = Seen {
        loads: &loads,
        ..Seen::default()
    };
    let failed = |hop, kind| Step::new(hop, Came::Failed(kind));
    let one = failed(0, FailureKind::Server);
    let next = |so_far: &[Step]| world.policy.next(&seen, so_far).map(|pick| pick.hop);
    assert_eq!(next(std::slice::from_ref(&one)), Some(2));
    let two = failed(2, FailureKind::Server);
    assert_eq!(
        next(&[one.clone(), two.clone()]),
        Some(1),
        "closed, but there is no other"
    );
    assert_eq!(next(&[one, two, failed(1, FailureKind::Auth)]), None);
    assert_eq!(next(&[failed(0, FailureKind::InvalidRequest)]), None);
}

#[test]
fn a_stream_that_has_begun_is_not_late() {
    let mut lane = Recent::default();
    let ticket = lane.begin();
    lane.sent(ticket, 0.0);
    lane.heard(ticket);
    let first = lane.load(Timed::FirstToken, 9000.0);
    let total = lane.load(Timed::Total, 9000.0);
    assert_eq!((first.oldest_ms, total.oldest_ms), (0.0, 9000.0));
    lane.answered(ticket, Some(100.0), 9100.0, 9100.0);
    assert_eq!(lane.load(Timed::FirstToken, 9100.0).p95_ms, Some(100.0));
    assert_eq!(lane.load(Timed::Total, 9100.0).time_ms, Some(9100.0));
    assert_eq!(
        lane.load(Timed::Total, 60_000.0).p95_ms,
        None,
        "too long ago"
    );
}
