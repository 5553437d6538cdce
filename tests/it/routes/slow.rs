//! A lane slows down in the middle of a run and recovers: requests leave it within a second, stay
//! away, and nothing swings back.

use super::{only, route};
use crate::run::right;
use crate::server::{Server, chat};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// When each request came, in ms since the first, and whether it was for lane `a`.
type Came = Arc<Mutex<Vec<(Instant, bool)>>>;

/// `a` takes 600 ms from 1.5 s after the first request on; otherwise both take 15 ms.
fn server(came: Came) -> Server {
    Server::start(move |request| {
        let is_a = request.model() == "a";
        let began = {
            let mut came = came.lock().unwrap();
            came.push((Instant::now(), is_a));
            came[0].0
        };
        let slow = is_a && began.elapsed() > Duration::from_millis(1500);
        std::thread::sleep(Duration::from_millis(if slow { 600 } else { 15 }));
        chat(request.model(), &right(request))
    })
}

/// Of the requests between two times, those for `a` and all.
fn between(came: &Came, from: u64, to: u64) -> (usize, usize) {
    let came = came.lock().unwrap();
    let at = |when: Instant| (when - came[0].0).as_millis() as u64;
    let some = came.iter().filter(|it| (from..to).contains(&at(it.0)));
    let some: Vec<bool> = some.map(|it| it.1).collect();
    (some.iter().filter(|is_a| **is_a).count(), some.len())
}

#[test]
fn requests_leave_a_lane_that_slows_down_and_stay_away() {
    let came = Came::default();
    let server = server(came.clone());
    let written = "{name: r, latency: {of: [a, b]}}";
    let more = "limits: {concurrency: 4}\n";
    let project = route(&server, &["a", "b"], written, 500, more);
    let (row, _) = only(&project, "r", &[]);
    assert_eq!(row["answered"], 500);
    let (a, all) = between(&came, 0, 1400);
    assert!(
        a * 4 >= all && a * 4 <= 3 * all,
        "shared while equal: {a} of {all}"
    );
    let (a, all) = between(&came, 2200, 60_000);
    assert!(all >= 50, "the run goes on at the other lane's pace: {all}");
    assert!(a * 10 <= all, "{a} of {all} went to the slow lane");
}
