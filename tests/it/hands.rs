//! What the command line touches outside: keys by a program, files of the user, a terminal, a watch.

use crate::project::{Project, Said};
use crate::run::right;
use crate::server::{Server, chat};

#[test]
fn a_program_that_prints_a_key_sees_no_other_key() {
    let server = Server::start(|request| chat(request.model(), &right(request)));
    let project = Project::arithmetic(&server.base_url(), &["m"], 1, "");
    let key = "model: m, key: {command: [sh, -c, \"echo key-$OTHER_KEY-$HOME_TOKEN\"]},";
    let suite = project.read("bakeoff.yaml").replace("model: m,", key);
    project.write("bakeoff.yaml", &suite);
    let run = |args: &[&str]| -> Said {
        let mut command = project.command(args);
        command
            .env("OTHER_KEY", "secret")
            .env("HOME_TOKEN", "secret");
        command.output().unwrap().into()
    };
    let said = run(&["run"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--allow-exec"), "{}", said.err);
    let said = run(&["run", "--allow-exec"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let requests = server.requests();
    assert_eq!(requests[0].header("authorization"), Some("Bearer key--"));
}

#[test]
fn a_call_sends_no_key_in_clear_and_prints_no_escapes() {
    let server = Server::start(|request| chat(request.model(), "\u{1b}[31mred"));
    let project = Project::new(&[]);
    let call = ["call", "m", "--api", "openai-chat", "--prompt", "x"];
    let to = |more: &[&str]| -> Said {
        let mut command = project.command(&[&call[..], more].concat());
        command.env("MINE", "k-123456").output().unwrap().into()
    };
    let far = ["--base-url", "http://llm.example/v1", "--dry-run"];
    assert_eq!(to(&far).code, 0, "without a key there is nothing to read");
    let said = to(&[&far[..], &["--key-env", "MINE"]].concat());
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("https only"), "{}", said.err);
    let url = server.base_url();
    let near = ["--base-url", &url, "--key-env", "MINE", "--format", "text"];
    let said = to(&near);
    assert_eq!((said.code, said.out.as_str()), (0, "\\u{1b}[31mred\n"));
    for timeout in ["0", "-1", "nan", "inf", "1e300"] {
        let timeout = format!("--timeout={timeout}");
        assert_eq!(to(&[&timeout]).code, 2, "{timeout}");
    }
}

#[test]
fn init_keeps_what_is_there_and_takes_wishes() {
    let project = Project::new(&[]);
    let ignored = b"caf\xe9\nb";
    std::fs::write(project.path().join(".gitignore"), ignored).unwrap();
    let wish = [
        "init",
        "--name",
        "tri: \"age\"",
        "--model",
        "openai/gpt-4o-mini",
    ];
    let said = project.run(&wish);
    assert_eq!(said.code, 0, "{}", said.err);
    let bytes = std::fs::read(project.path().join(".gitignore")).unwrap();
    assert!(bytes.starts_with(b"caf\xe9\nb\n/.bakeoff/\n"));
    let suite = project.read("bakeoff.yaml");
    assert!(suite.contains("# - openai/gpt-4o-mini"), "{suite}");
    assert!(suite.contains("OPENAI_API_KEY"), "{suite}");
    let plan = project.run(&["check", "--format", "json"]);
    assert_eq!(plan.json()["suite"], "tri: \"age\"");
    let said = project.run(&["init", "other", "--model", "openia/gpt-4o"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("openai"), "{}", said.err);
}

#[test]
fn a_format_without_a_file_does_not_go_into_a_folder() {
    let server = Server::start(|request| chat(request.model(), &right(request)));
    let project = Project::arithmetic(&server.base_url(), &["m"], 2, "");
    assert_eq!(project.run(&["run"]).code, 0);
    for formats in ["terminal", "html,terminal"] {
        let said = project.run(&["report", "--format", formats, "--out", "there"]);
        assert_eq!(said.code, 2);
        assert!(said.err.contains("only printed"), "{}", said.err);
    }
    assert_eq!(project.run(&["report", "--out", "there"]).code, 0);
    assert!(project.path().join("there/summary.html").is_file());
}

#[cfg(unix)]
#[test]
fn a_watch_is_not_woken_by_its_own_files_and_hears_when_to_end() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    use std::time::Duration;
    let server = Server::start(|request| chat(request.model(), &right(request)));
    let project = Project::arithmetic(&server.base_url(), &["m"], 4, "");
    let args = "run --watch --record r.jsonl --events e.jsonl --store s.db --out .";
    let args: Vec<&str> = args.split(" ").collect();
    let mut child = project
        .command(&args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let err = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || {
        for line in err.lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
    let until = |wanted: &str| loop {
        let line = told.recv_timeout(Duration::from_secs(20));
        let line = line.unwrap_or_else(|_| panic!("{wanted:?} was not said"));
        assert!(!line.contains("panicked"), "{line}");
        if line.contains(wanted) {
            return;
        }
    };
    until("watching for changes");
    let quiet = told.recv_timeout(Duration::from_millis(1500));
    assert!(quiet.is_err(), "its own files woke it: {quiet:?}");
    let data = project.read("data.csv").replace("+ 1?,1\n", "+ 1?,7\n");
    project.write("data.csv", &data);
    until("data.csv changed");
    until("since the last run: ");
    until("m: exact 100% → 75%, 1 case lost (q000)");
    until("watching for changes");
    let kill = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(143));
}
