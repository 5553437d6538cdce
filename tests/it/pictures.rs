//! Pictures of a dataset: sent as they are, part of what a run is known by, missing ones said at once.

use crate::project::Project;
use crate::server::{Server, chat};
use serde_json::json;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

fn project(server: &Server, rows: &str) -> Project {
    let suite = format!(
        "name: eyes\ndataset: data/cases.csv\nprompts: [prompts/look.yaml]\nmodels:\n  - {{name: m, api: openai-chat, base_url: \"{}\", model: m, price: {{input: 1, output: 2}}}}\nparams: {{max_tokens: 10}}\nscorers: [exact]\nlimits: {{max_cost: 1.0}}\n",
        server.base_url()
    );
    let prompt = "messages: [{user: [{text: What is this?}, {image: \"{{photo}}\"}]}]\n";
    let project = Project::new(&[
        ("bakeoff.yaml", &suite),
        ("data/cases.csv", &format!("id,photo,target\n{rows}")),
        ("prompts/look.yaml", prompt),
    ]);
    std::fs::write(project.path().join("data/cat.png"), PNG).unwrap();
    project
}

#[test]
fn pictures_go_out_and_their_bytes_count() {
    let server = Server::start(|request| chat(request.model(), "cat"));
    let project = project(&server, "a,cat.png,cat\nb,https://x.example/b.png,cat\n");
    let said = project.run(&["run"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let mut urls: Vec<String> = server
        .requests()
        .iter()
        .map(|it| {
            it.body["messages"][0]["content"][1]["image_url"]["url"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    urls.sort();
    assert_eq!(
        urls,
        [
            "data:image/png;base64,iVBORw0KGgpyZXN0",
            "https://x.example/b.png"
        ]
    );
    assert_eq!(project.run(&["run"]).code, 0);
    assert_eq!(server.requests().len(), 2, "both are cached");
    std::fs::write(
        project.path().join("data/cat.png"),
        [PNG, b"other"].concat(),
    )
    .unwrap();
    let said = project.run(&["resume"]);
    assert_eq!(said.code, 2, "{} {}", said.out, said.err);
    assert!(said.err.contains("dataset"), "{}", said.err);
    assert_eq!(project.run(&["run"]).code, 0);
    assert_eq!(server.requests().len(), 3, "the changed one is asked");
}

#[test]
fn a_missing_picture_stops_the_check() {
    let server = Server::start(|request| chat(request.model(), "cat"));
    let project = project(&server, "a,cat.png,cat\nb,dog.png,dog\n");
    for command in ["check", "run"] {
        let said = project.run(&[command]);
        assert_eq!(said.code, 2, "{}", said.err);
        for word in [
            "there is no file `dog.png`",
            "data/cases.csv:3:1",
            "case `b`",
        ] {
            assert!(said.err.contains(word), "{word}: {}", said.err);
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_conversation_is_carried_on_by_hand() {
    let server = Server::start(|request| chat(request.model(), "second"));
    let project = Project::new(&[]);
    let history = json!({"messages": [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "first", "state": {"openai-chat": {"fields": {"reasoning_content": "because"}}}},
        {"role": "user", "content": "two"},
    ]});
    project.write("call.json", &history.to_string());
    let url = server.base_url();
    let said = project.run(&[
        "call",
        "m",
        "--api",
        "openai-chat",
        "--base-url",
        &url,
        "--request",
        "call.json",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(
        said.json()["message"],
        json!({"role": "assistant", "content": "second"})
    );
    let sent = &server.requests()[0].body["messages"][1];
    assert_eq!(sent["reasoning_content"], "because");
}
