use super::*;
use crate::provider::FailureKind;

fn lane(concurrency: Option<u32>, rpm: Option<f64>, tpm: Option<f64>) -> Lane {
    Lane::new(
        Caps {
            concurrency,
            rpm,
            tpm,
        },
        64,
        false,
    )
}

fn tokens(input: u64) -> Need {
    Need { input, output: 0 }
}

#[tokio::test(start_paused = true)]
async fn never_more_in_flight_than_the_limit() {
    let lane = lane(Some(2), None, None);
    let first = lane.enter("m", Need::default()).await.expect("open");
    let _second = lane.enter("m", Need::default()).await.expect("open");
    let third = lane.enter("m", Need::default());
    tokio::pin!(third);
    assert!(
        tokio::time::timeout(Duration::from_secs(1), &mut third)
            .await
            .is_err()
    );
    drop(first);
    assert!(
        tokio::time::timeout(Duration::from_secs(1), third)
            .await
            .is_ok()
    );
}

#[tokio::test(start_paused = true)]
async fn requests_a_minute_are_spaced() {
    let lane = lane(None, Some(60.0), None);
    let start = Instant::now();
    for _ in 0..11 {
        lane.enter("m", Need::default())
            .await
            .expect("open")
            .clean();
    }
    assert!((start.elapsed().as_secs_f64() - 10.0).abs() < 0.05);
}

#[tokio::test(start_paused = true)]
async fn tokens_a_minute_are_spaced() {
    let lane = lane(None, None, Some(6000.0));
    let start = Instant::now();
    for _ in 0..4 {
        lane.enter("m", tokens(1000)).await.expect("open").clean();
    }
    assert!((start.elapsed().as_secs_f64() - 30.0).abs() < 0.05);
}

#[tokio::test(start_paused = true)]
async fn grows_by_one_a_clean_round_and_halves_once_a_burst() {
    let lane = lane(None, None, None);
    assert_eq!(lane.limit(), 20);
    for _ in 0..100 {
        lane.enter("m", Need::default())
            .await
            .expect("open")
            .clean();
    }
    assert_eq!(lane.limit(), 20, "an idle lane learns nothing");
    let mut full = Vec::new();
    for _ in 0..20 {
        full.push(lane.enter("m", Need::default()).await.expect("open"));
    }
    for _ in 0..20 {
        full.pop().expect("a pass").clean();
        full.push(lane.enter("m", Need::default()).await.expect("open"));
    }
    drop(full);
    assert_eq!(lane.limit(), 21);
    let burst = [
        lane.enter("m", Need::default()).await,
        lane.enter("m", Need::default()).await,
        lane.enter("m", Need::default()).await,
    ];
    for pass in burst {
        pass.expect("open").limited();
    }
    assert_eq!(lane.limit(), 10);
    tokio::time::advance(Duration::from_millis(1)).await;
    lane.enter("m", Need::default())
        .await
        .expect("open")
        .limited();
    assert_eq!(lane.limit(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_cap_is_a_ceiling() {
    let lane = lane(Some(3), None, None);
    for _ in 0..50 {
        lane.enter("m", Need::default())
            .await
            .expect("open")
            .clean();
    }
    assert_eq!(lane.limit(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_everyone_and_a_closed_lane_refuses() {
    let lane = lane(None, None, None);
    lane.pause(Duration::from_secs(9));
    let start = Instant::now();
    drop(lane.enter("m", Need::default()).await.expect("open"));
    assert!(start.elapsed() >= Duration::from_secs(9));
    lane.close(None, &Failure::new(FailureKind::Auth, "wrong key"));
    assert_eq!(
        lane.enter("m", Need::default())
            .await
            .err()
            .map(|failure| failure.kind),
        Some(FailureKind::Auth)
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_model_is_closed_alone_and_only_if_it_never_answered() {
    let lane = lane(None, None, None);
    let refused = Failure::new(FailureKind::Auth, "no access");
    lane.enter("good", Need::default())
        .await
        .expect("open")
        .clean();
    assert!(!lane.close(Some("good"), &refused));
    assert!(lane.close(Some("bad"), &refused));
    assert!(!lane.close(Some("bad"), &refused), "told once");
    assert!(lane.closed("good").is_none() && lane.closed("bad").is_some());
    assert!(lane.enter("bad", Need::default()).await.is_err());
    assert!(lane.enter("good", Need::default()).await.is_ok());
}
