//! Hostile answers, recorded replies, runs that do not end, names that mean nothing.

use super::{port, ported, project, server};
use crate::run::right;
use crate::server::{Server, chat};
use serde_json::Value;

#[test]
fn a_hostile_answer_is_obeyed_nowhere() {
    let server = Server::start(|request| match request.model() {
        "evil" => chat(
            "evil",
            "\u{1b}[31m\u{202e} <script>alert(1)</script> |x| @everyone\n::error::y\r\n```",
        ),
        model => chat(model, &right(request)),
    });
    let project = project(&server, &["good", "evil"], 12);
    for format in ["terminal", "markdown", "json"] {
        let said = ported(
            &project,
            &format!("--from good --to evil --format {format}"),
        );
        assert_eq!(said.code, 1);
        assert!(said.out.contains("script"), "{}", said.out);
        assert!(
            !said.out.contains(['\u{1b}', '\u{202e}', '\r']),
            "{}",
            said.out
        );
        assert!(!said.out.lines().any(|line| line.starts_with("::error")));
        if format == "markdown" {
            assert!(!said.out.contains("<script>") && !said.out.contains("@everyone"));
            assert!(!said.out.contains("|x|"), "{}", said.out);
        }
    }
}

#[test]
fn replies_that_are_recorded_need_no_server_and_no_control() {
    let server = server();
    let project = project(&server, &["good", "bad"], 20);
    assert_eq!(
        project.run(&["run", "--quiet", "--record", "r.jsonl"]).code,
        0
    );
    let before = server.requests().len();
    let args = "--from good --to bad --replay r.jsonl --offline --store other.db";
    let (code, found) = port(&project, args);
    assert_eq!((code, &found["verdict"]), (1, &"not_portable".into()));
    assert_eq!(found["control"], Value::Null);
    let (from_store, found) = port(&project, "--from good --to bad --offline");
    assert_eq!((from_store, &found["contrast"]["losses"]), (1, &10.into()));
    let missing = ported(&project, "--from good --to good --offline");
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("not recorded"), "{}", missing.err);
    assert_eq!(server.requests().len(), before);
}

#[test]
fn a_run_that_did_not_end_has_no_verdict() {
    let server = server();
    let project = project(&server, &["good", "bad"], 40);
    let (code, found) = port(&project, "--from good --to bad --max-cost 0.001");
    assert_eq!((code, &found["verdict"]), (3, &"invalid".into()));
    let next = found["next"].as_str().unwrap();
    assert!(next.contains("higher --max-cost"), "{next}");
    let (code, _) = port(&project, "--from good --to bad");
    assert_eq!(
        (code, server.requests().len()),
        (1, 120),
        "no reply was paid twice"
    );
}

#[test]
fn names_that_mean_nothing_or_too_much_are_told() {
    let server = server();
    let project = project(&server, &["good", "goods"], 2);
    let told = [
        ("--from good --to goods --model x", "--from and --to"),
        ("--from nobody/x --to goods", "nobody"),
        ("--from good --to good* --no-control", "no single model"),
        (
            "--from good --to goods --rewrite nowhere.yaml",
            "nowhere.yaml",
        ),
        (
            "--from good --to goods --format pdf",
            "formats: terminal, json, markdown",
        ),
    ];
    for (args, part) in told {
        let said = ported(&project, args);
        assert_eq!(said.code, 2, "{args}: {}", said.err);
        assert!(said.err.contains(part), "{args}: {}", said.err);
    }
    assert_eq!(
        ported(&project, "--from good --to goods --margin 0").code,
        2
    );
    assert_eq!(server.requests().len(), 0);
}
