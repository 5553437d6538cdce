use super::*;
use crate::dataset::Dataset;
use crate::provider::{Failure, FailureKind};

/// A store as version 1 wrote it: one run with an answer after a retry, and a trial that was cut off.
fn version_1(path: &Path) {
    let db = Connection::open(path).unwrap();
    db.execute_batch(schema::TABLES).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    db.execute_batch(
        r#"
        INSERT INTO runs VALUES ('r1', 's', '2026-01-01T00:00:00Z', '{"dataset":{"hash":"d"}}', 2, 0);
        INSERT INTO cases VALUES ('d', 0, '{"id":"c1","vars":{},"tags":[]}');
        INSERT INTO attempts VALUES ('r1', 't1', 1, 0.5,
          '{"number":1,"times":{"admitted":0.0,"sent":1.0,"end":5.0},"failure":{"kind":"server","message":"x"}}');
        INSERT INTO attempts VALUES ('r1', 't1', 2, 0.5,
          '{"number":2,"times":{"admitted":0.0,"sent":1.0,"end":9.0},"cost":{"usd":0.25,"source":"stated"}}');
        INSERT INTO attempts VALUES ('r1', 't2', 1, 0.5, NULL);
        INSERT INTO records VALUES ('r1', 't1', NULL, 'c1', 'm', 0, 'k', '"live"', '{"text":"hi","usage":{}}', NULL);
        "#,
    )
    .unwrap();
}

fn run(store: &Store) -> Stored {
    let row = store.find_runs("r1").unwrap().remove(0);
    store.load(row).unwrap()
}

fn failed(number: u32, hop: u32) -> Attempt {
    let at = At {
        hop,
        model: format!("m{hop}"),
        lane: "l".into(),
        why: None,
    };
    Attempt {
        number,
        at: Some(Box::new(at)),
        failure: Some(Failure::new(FailureKind::Server, "x")),
        ..Attempt::default()
    }
}

fn record(outcome: Outcome, attempts: Vec<Attempt>) -> Box<Record> {
    Box::new(Record {
        trial: "t2".into(),
        judged: None,
        case: "c1".into(),
        candidate: "m".into(),
        repeat: 0,
        key: "k2".into(),
        outcome,
        origin: Origin::Live,
        attempts,
    })
}

fn put(store: &Store, note: impl Fn(String) -> Note) {
    store.write_now(note("r1".into())).unwrap();
}

fn put_attempt(store: &Store, attempt: Attempt) {
    put(store, |run| Note::Attempt {
        run,
        trial: "t2".into(),
        attempt: Box::new(attempt.clone()),
    });
}

#[test]
fn a_store_of_version_1_opens_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    version_1(&path);
    let store = Store::open(&path).unwrap();
    let before = run(&store);
    assert_eq!(before.records["t1"].attempts.len(), 2);
    assert_eq!(before.records["t1"].answering().unwrap().number, 2);
    assert!(store.cut_off("r1").unwrap().is_empty(), "it knew no chains");
    assert!((store.spent("r1", 1).unwrap() - 1.25).abs() < 1e-9);
    put_attempt(&store, failed(2, 1));
    put(&store, |run| Note::Record {
        run,
        record: record(
            Outcome::Answered(Box::default()),
            vec![Attempt {
                failure: None,
                ..failed(3, 2)
            }],
        ),
    });
    drop(store);
    let again = Store::open(&path).unwrap();
    let after = run(&again);
    assert_eq!(after.records["t1"], before.records["t1"]);
    let trial = &after.records["t2"];
    assert_eq!(trial.attempts.len(), 2);
    let at = trial.answering().and_then(|it| it.at.clone()).unwrap();
    assert_eq!((at.hop, at.model.as_str()), (2, "m2"));
    let columns: Vec<(Option<u32>, Option<String>)> = again
        .read(|db| {
            db.prepare("SELECT hop, model FROM attempts WHERE trial = 't2' ORDER BY number")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .unwrap();
    assert_eq!(
        columns,
        [
            (None, None),
            (Some(1), Some("m1".into())),
            (Some(2), Some("m2".into()))
        ]
    );
}

#[test]
fn a_new_store_is_like_one_that_was_brought_up() {
    let folder = tempfile::tempdir().unwrap();
    let tables = |name: &str| -> Vec<String> {
        let store = Store::open(&folder.path().join(name)).unwrap();
        store
            .read(|db| {
                db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")?
                    .query_map([], |row| row.get(0))?
                    .collect()
            })
            .unwrap()
    };
    version_1(&folder.path().join("old.db"));
    assert_eq!(tables("old.db"), tables("new.db"));
}

#[test]
fn a_newer_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    drop(Store::open(&path).unwrap());
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", SCHEMA_VERSION + 1)
        .unwrap();
    let error = Store::open(&path).err().unwrap();
    assert!(error.why.contains("newer bakeoff"), "{error}");
}

#[test]
fn only_what_was_made_since_the_last_outcome_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store.db")).unwrap();
    let row = RunRow {
        id: "r1".into(),
        suite: "s".into(),
        started: String::new(),
        plan: serde_json::Value::Null,
        trials: 1,
        complete: false,
    };
    let dataset = std::sync::Arc::new(Dataset::empty());
    store.write_now(Note::Run(Box::new(row), dataset)).unwrap();
    let cut = || {
        let cut = store.cut_off("r1").unwrap();
        let numbers = cut.get("t2").map(|all| all.iter().map(|it| it.number));
        numbers
            .map(Iterator::collect::<Vec<u32>>)
            .unwrap_or_default()
    };
    put_attempt(&store, failed(1, 1));
    put_attempt(&store, failed(2, 2));
    assert_eq!(cut(), [1, 2], "no outcome yet");
    let failure = Failure::new(FailureKind::Server, "x");
    put(&store, |run| Note::Record {
        run,
        record: record(Outcome::Failed(failure.clone()), vec![failed(3, 2)]),
    });
    assert!(cut().is_empty(), "it has failed: it would begin anew");
    put_attempt(&store, failed(4, 1));
    assert_eq!(cut(), [4], "it began anew and was cut off");
    put(&store, |run| Note::Record {
        run,
        record: record(
            Outcome::Answered(Box::default()),
            vec![Attempt {
                failure: None,
                ..failed(5, 1)
            }],
        ),
    });
    assert!(cut().is_empty(), "answered");
}
