//! What would be ignored, misread or recommended without grounds is refused, and said with what to do.

use crate::project::Project;
use crate::run::right;
use crate::server::{Server, chat, error};
use serde_json::json;

#[test]
fn who_mostly_fails_is_neither_best_nor_recommended() {
    let server = Server::start(|request| {
        let right = right(request);
        let number: i64 = right.parse().unwrap();
        match request.model() {
            "flaky" if number % 3 != 0 => error(400, "no"),
            "good" if number == 7 => chat("good", "wrong"),
            model => chat(model, &right),
        }
    });
    let project = Project::arithmetic(&server.base_url(), &["flaky", "good"], 30, "");
    let said = project.run(&["run"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.out.contains("good is best on exact"), "{}", said.out);
    let told = "flaky may not be compared: 20 of 30 trials failed, more than 2 %";
    assert!(said.out.contains(told), "{}", said.out);
    let summary = project.run(&["show", "latest", "--format", "json"]).json();
    assert_eq!(summary["best"]["name"], "good");
    assert_eq!(summary["best"]["tied"], json!(["good"]));
    assert_eq!(summary["best"]["left_out"][0]["name"], "flaky");
    let found = project.run(&["select", "--format", "json"]).json();
    assert_eq!(found["recommended"]["name"], "good");
    assert_eq!(found["cases"], 30);
    let said = project.run(&["select"]);
    assert!(said.out.contains("flaky is left out"), "{}", said.out);
    let said = project.run(&["compare"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("nothing was compared"), "{}", said.err);
}

#[test]
fn a_table_has_its_own_scorer_and_its_own_tags() {
    let project = Project::new(&[]);
    let mut rows = String::from("case,candidate,score,tags\n");
    for case in 0..20 {
        rows += &format!("{case},a,1,lang=de\n{case},b,0,lang=de\n");
    }
    project.write("s.csv", &rows);
    for (args, told) in [
        (&["compare", "--scorer", "zzz"][..], "no scorer \"zzz\""),
        (&["select", "--scorer", "zzz"], "no scorer \"zzz\""),
        (&["compare", "--slice", "land"], "did you mean \"lang=de\""),
    ] {
        let said = project.run(&[args, &["--table", "s.csv"]].concat());
        assert_eq!(said.code, 2, "{args:?}: {}", said.out);
        let near = said.err.contains(told) || said.err.contains("tags: lang=de");
        assert!(near, "{}", said.err);
    }
    let good = ["compare", "--table", "s.csv", "--slice", "lang"];
    assert_eq!(project.run(&good).code, 0);
    project.write("s.csv", &rows.replace(',', ";"));
    let said = project.run(&["compare", "--table", "s.csv"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("separated by `;`"), "{}", said.err);
}

#[test]
fn a_dataset_with_semicolons_is_told_what_it_is() {
    let project = Project::arithmetic("http://localhost:1", &["m"], 3, "");
    let rows = project.read("data.csv").replace(',', ";");
    project.write("data.csv", &rows);
    let said = project.run(&["check"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("separated by `;`"), "{}", said.err);
    assert!(said.err.contains(".tsv"), "{}", said.err);
}

#[test]
fn a_price_file_without_a_model_is_not_taken() {
    let project = Project::new(&[("none.json", "[]")]);
    let said = project.run(&["prices", "update", "--from", "none.json"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("no model"), "{}", said.err);
}

#[test]
fn models_that_nobody_knows_are_an_error() {
    let project = Project::new(&[]);
    let said = project.run(&["list", "models", "nope/*"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("nope/*"), "{}", said.err);
}

#[test]
fn a_replay_without_the_replies_is_found_by_check() {
    let project = Project::new(&[]);
    assert_eq!(project.run(&["init", "."]).code, 0);
    let suite = project.read("bakeoff.yaml");
    let data = suite.lines().find(|line| line.starts_with("replay:"));
    assert!(data.is_some(), "{suite}");
    let line = suite.lines().take_while(|l| !l.starts_with("replay:"));
    let line = format!("`replay:` (line {})", line.count() + 1);
    assert_eq!(project.run(&["check"]).code, 0);
    let changed = suite.replace("params: {", "params: {top_p: 0.123, ");
    assert_ne!(changed, suite);
    project.write("bakeoff.yaml", &changed);
    for command in ["check", "run"] {
        let said = project.run(&[command]);
        assert_eq!(said.code, 2, "{}{}", said.out, said.err);
        assert!(said.err.contains("not recorded"), "{}", said.err);
        assert!(said.err.contains(&line), "{line}: {}", said.err);
    }
}

#[test]
fn a_conversation_needs_its_turns_and_a_command_is_words() {
    let project = Project::arithmetic("http://localhost:1", &["m"], 3, "");
    let suite = project.read("bakeoff.yaml");
    let talk = "messages: [{user: \"{{question}}\"}, reply, {user: more}, reply, {user: and}], max_turns: 1";
    project.write(
        "bakeoff.yaml",
        &suite.replace("messages: [{user: \"{{question}}\"}]", talk),
    );
    let said = project.run(&["check"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("take 3 requests"), "{}", said.err);
    let script = "scorers: [{script: {command: python3 ok.py}}]";
    project.write("bakeoff.yaml", &suite.replace("scorers: [exact]", script));
    let said = project.run(&["check"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("[python3, ok.py]"), "{}", said.err);
}

#[test]
fn an_address_that_nobody_serves_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let address = format!("http://127.0.0.1:{port}/v1?key=kept");
    let project = Project::arithmetic(&address, &["m"], 1, "limits: {attempts: 1}\n");
    let said = project.run(&["run", "--format", "json"]);
    let told = format!("cannot connect to 127.0.0.1:{port}");
    let all = format!("{}{}", said.out, said.err);
    assert!(all.contains(&told), "{all}");
    assert!(!all.contains("kept"), "{all}");
}

#[test]
fn a_chain_s_hops_are_looked_at_as_the_models_they_name() {
    let suite = "dataset: data.csv\nprompts: [{name: p, messages: [{user: \"{{q}}\"}]}]\nmodels:\n  \
        - {name: near, api: openai-chat, base_url: \"http://localhost:1\", model: small}\n  \
        - {name: both, fallback: [{model: near}, {model: openai/gpt-4o}]}\nscorers: [exact]\n";
    let project = Project::new(&[
        ("bakeoff.yaml", suite),
        ("data.csv", "id,q,target\na,b,c\n"),
    ]);
    let said = project.run(&["doctor"]);
    assert!(!said.out.contains("near,"), "{}", said.out);
    assert!(!said.out.contains("near:"), "{}", said.out);
    assert!(
        said.out.contains("OPENAI_API_KEY is not set"),
        "{}",
        said.out
    );
    let listed = project.run(&["list", "models", "--format", "json"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    let near = listed.out.matches("http://localhost:1").count();
    assert_eq!(near, 2, "the model and the hop: {}", listed.out);
}
