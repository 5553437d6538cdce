use crate::provider::{Allowance, Counted};
use crate::run::{Caps, Lane, Need, Pass};
use proptest::prelude::*;
use std::time::Duration;
use tokio::time::Instant;

fn lane(concurrency: u32) -> Lane {
    let caps = Caps {
        concurrency: Some(concurrency),
        ..Caps::default()
    };
    Lane::new(caps, concurrency, true)
}

fn requests(left: u64, limit: Option<u64>, reset: Option<f64>) -> Allowance {
    Allowance {
        of: Counted::Requests,
        left,
        limit,
        reset: reset.map(Duration::from_secs_f64),
    }
}

fn need() -> Need {
    Need {
        input: 10,
        output: 90,
    }
}

async fn enter<'a>(lane: &'a Lane, model: &'a str) -> Pass<'a> {
    let pass = lane.enter(model, need()).await.expect("open");
    pass.go();
    pass
}

/// One request that is answered with this; when it could be sent.
async fn ask(lane: &Lane, model: &str, said: &[Allowance]) -> Instant {
    let pass = enter(lane, model).await;
    let at = Instant::now();
    pass.heard(said);
    pass.clean();
    at
}

#[tokio::test(start_paused = true)]
async fn nothing_left_waits_for_the_renewal_and_for_that_model_only() {
    let lane = lane(8);
    let start = ask(&lane, "m", &[requests(0, Some(100), Some(12.0))]).await;
    let other = ask(&lane, "other", &[]).await;
    assert_eq!(other - start, Duration::ZERO);
    let next = ask(&lane, "m", &[]).await;
    assert!((next - start).as_secs_f64() >= 12.0, "{:?}", next - start);
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_counts_as_used() {
    let lane = lane(8);
    ask(&lane, "m", &[requests(2, None, Some(30.0))]).await;
    let (first, second) = (enter(&lane, "m").await, enter(&lane, "m").await);
    let third = lane.enter("m", need());
    tokio::pin!(third);
    let early = tokio::time::timeout(Duration::from_secs(20), &mut third).await;
    assert!(early.is_err(), "two were left and two are under way");
    // An answer says that there is more by now.
    first.heard(&[requests(5, Some(8), Some(10.0))]);
    let now = tokio::time::timeout(Duration::from_secs(5), third).await;
    assert!(now.is_ok());
    drop(second);
}

#[tokio::test(start_paused = true)]
async fn answers_out_of_order_are_put_right() {
    let lane = lane(8);
    let (early, late) = (enter(&lane, "m").await, enter(&lane, "m").await);
    let third = enter(&lane, "m").await;
    late.heard(&[requests(0, Some(9), Some(10.0))]);
    early.heard(&[requests(5, Some(9), Some(10.1))]);
    let blocked = tokio::time::timeout(Duration::from_secs(9), lane.enter("m", need())).await;
    assert!(blocked.is_err(), "of one window the least counts");
    // A statement of an earlier window, late: it does not close the new one.
    tokio::time::advance(Duration::from_secs(2)).await;
    let fresh = enter(&lane, "m").await;
    fresh.heard(&[requests(7, Some(9), Some(10.0))]);
    third.heard(&[requests(0, Some(9), Some(1.0))]);
    let open = tokio::time::timeout(Duration::from_millis(1), lane.enter("m", need())).await;
    assert!(open.is_ok());
}

#[tokio::test(start_paused = true)]
async fn absurd_statements_never_freeze_a_lane() {
    let decade = 10.0 * 365.0 * 86400.0;
    for (said, most) in [
        (requests(0, Some(10), Some(decade)), 60.0),
        (requests(0, None, None), 10.0),
        (requests(0, Some(10), Some(0.0)), 0.0),
        (requests(0, Some(u64::MAX), Some(1e-9)), 1.0),
        (requests(u64::MAX, None, Some(decade)), 0.0),
    ] {
        let lane = lane(4);
        let start = ask(&lane, "m", &[said]).await;
        let waited = (ask(&lane, "m", &[]).await - start).as_secs_f64();
        assert!(waited <= most + 0.01, "{said:?}: {waited} s");
        // After a guess one request goes, and its answer (of which nothing is stated) frees the rest.
        let start = Instant::now();
        let _passes = [enter(&lane, "m").await, enter(&lane, "m").await];
        assert!(start.elapsed() < Duration::from_millis(10), "{said:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_guess_one_request_goes_to_hear_what_is_true() {
    let lane = lane(8);
    ask(&lane, "m", &[requests(0, None, None)]).await;
    let probe = enter(&lane, "m").await;
    let second = tokio::time::timeout(Duration::from_secs(5), lane.enter("m", need())).await;
    assert!(second.is_err(), "one at a time");
    probe.heard(&[requests(50, Some(50), Some(60.0))]);
    let _more = [enter(&lane, "m").await, enter(&lane, "m").await];
}

#[tokio::test(start_paused = true)]
async fn a_renewed_limit_lets_no_more_go_than_it_holds() {
    let lane = lane(64);
    ask(&lane, "m", &[requests(0, Some(5), Some(1.0))]).await;
    let mut passes = Vec::new();
    for _ in 0..5 {
        passes.push(enter(&lane, "m").await);
    }
    let sixth = tokio::time::timeout(Duration::from_secs(30), lane.enter("m", need())).await;
    assert!(sixth.is_err());
}

#[tokio::test(start_paused = true)]
async fn tokens_count_by_what_a_request_may_need() {
    let lane = lane(64);
    let tokens = |of, left| Allowance {
        of,
        ..requests(left, Some(1000), Some(30.0))
    };
    for (said, go) in [
        (tokens(Counted::Tokens, 350), 3),
        (tokens(Counted::Input, 350), 35),
        (tokens(Counted::Output, 350), 3),
        // More than there is left: one alone all the same.
        (tokens(Counted::Output, 50), 1),
        (tokens(Counted::Output, 0), 0),
    ] {
        let model = format!("{said:?}");
        let pass = enter(&lane, &model).await;
        pass.heard(&[said]);
        pass.clean();
        let mut passes = Vec::new();
        while let Ok(pass) =
            tokio::time::timeout(Duration::from_millis(1), lane.enter(&model, need())).await
        {
            passes.push(pass.expect("open"));
            tokio::time::advance(Duration::from_millis(50)).await;
            if passes.len() > 40 {
                break;
            }
        }
        assert!(passes.len() <= go, "{said:?}: {}", passes.len());
        assert!(!passes.is_empty() || go == 0, "{said:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_scarce_is_spread_and_what_is_not_goes_at_once() {
    let lane = lane(64);
    ask(&lane, "m", &[requests(50, Some(100), Some(60.0))]).await;
    let start = Instant::now();
    for _ in 0..20 {
        enter(&lane, "m").await.clean();
    }
    assert_eq!(start.elapsed(), Duration::ZERO, "half of it is left");
    let mut left = 10;
    ask(&lane, "m", &[requests(left, Some(100), Some(60.0))]).await;
    let start = Instant::now();
    for _ in 0..10 {
        left -= 1;
        let rest = 60.0 - start.elapsed().as_secs_f64();
        ask(&lane, "m", &[requests(left, Some(100), Some(rest))]).await;
    }
    let took = start.elapsed().as_secs_f64();
    assert!((40.0..60.0).contains(&took), "ten requests in {took} s");
}

#[tokio::test(start_paused = true)]
async fn what_was_never_sent_costs_nothing() {
    let lane = lane(8);
    ask(&lane, "m", &[requests(1, Some(100), Some(30.0))]).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    for _ in 0..5 {
        drop(lane.enter("m", need()).await.expect("open"));
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    let pass = tokio::time::timeout(Duration::from_secs(16), enter(&lane, "m")).await;
    // Sent and never answered: it may have been counted.
    drop(pass.expect("one is left"));
    let more = tokio::time::timeout(Duration::from_secs(1), enter(&lane, "m")).await;
    assert!(more.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever a server states, no request waits longer than a minute for it, and the user's caps hold.
    #[test]
    fn statements_only_ever_hold_back_and_never_for_long(
        said in proptest::collection::vec(
            (0u8..4, prop_oneof![Just(0u64), 1u64..50, any::<u64>()],
             proptest::option::of(prop_oneof![1u64..100, any::<u64>()]),
             proptest::option::of(prop_oneof![Just(0.0), 0.001f64..5.0, 1e3f64..1e12])),
            1..40,
        ),
        cap in 1u32..5,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let lane = lane(cap);
            let mut under_way: Vec<Pass<'_>> = Vec::new();
            for (of, left, limit, reset) in said {
                if under_way.len() == cap as usize {
                    drop(under_way.remove(0));
                }
                let start = Instant::now();
                let entering = lane.enter("m", need());
                // What is under way may have to end first: only then may nothing hold it any longer.
                tokio::pin!(entering);
                let mut waits = 0;
                let pass = loop {
                    match tokio::time::timeout(Duration::from_secs(61), &mut entering).await {
                        Ok(pass) => break pass.expect("open"),
                        Err(_) => {
                            assert!(!under_way.is_empty(), "frozen for {:?}", start.elapsed());
                            drop(under_way.remove(0));
                            waits += 1;
                            assert!(waits < 10);
                        }
                    }
                };
                pass.go();
                let of = [Counted::Requests, Counted::Tokens, Counted::Input, Counted::Output][of as usize];
                let reset = reset.map(Duration::from_secs_f64);
                pass.heard(&[Allowance { of, left, limit, reset }]);
                under_way.push(pass);
                assert!(under_way.len() <= cap as usize);
            }
        });
    }
}
