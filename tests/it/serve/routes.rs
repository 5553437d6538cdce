//! Routes behind the endpoint: by what the request says, cascades, and what cannot be served.

use super::{Endpoint, ask, either, log, streamed};
use crate::project::Project;
use crate::server::{Request, Server};
use serde_json::{Value, json};

fn routed(server: &Server, routes: &str) -> Project {
    Project::arithmetic(&server.base_url(), &["a", "b"], 1, routes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_goes_by_what_the_request_says() {
    let server = Server::start(|request| either(request, &format!("from {}", request.model())));
    let routes = "routes:\n  - name: by\n    cost:\n      rules:\n        - {tags: [lang=de], use: b}\n        - {min_prompt_tokens: 50, use: b}\n        - {matches: refund, use: b}\n      else: a\n";
    let project = routed(&server, routes);
    let endpoint = Endpoint::start(&project, &[]);
    let mut tagged = ask("by", "x");
    tagged["metadata"] = json!({"lang": "de"});
    for (body, model, why) in [
        (ask("by", "x"), "a", "else"),
        (tagged, "b", "rule 1"),
        (ask("by", &"word ".repeat(60)), "b", "rule 2"),
        (ask("by", "a refund, please"), "b", "rule 3"),
    ] {
        let said = endpoint.say("/v1/chat/completions", &body).await;
        assert_eq!(said.status, 200, "{}", said.text);
        assert_eq!(said.header("x-bakeoff-served-by"), model);
        assert!(
            said.header("x-bakeoff-why").starts_with(why),
            "{}",
            said.header("x-bakeoff-why")
        );
        let stream = endpoint.say("/v1/chat/completions", &streamed(body)).await;
        assert_eq!(stream.header("x-bakeoff-served-by"), model);
        assert!(
            stream.header("x-bakeoff-why").starts_with(why),
            "{}",
            stream.header("x-bakeoff-why")
        );
    }
    let request = endpoint
        .post("/v1/messages", &ask("by", "x"))
        .header("x-bakeoff-tags", "urgent, lang=de");
    let said = request.send().await.unwrap();
    assert_eq!(said.headers()["x-bakeoff-served-by"], "b");
    assert_eq!(
        log(&project).pop().unwrap()["end"]["tags"],
        json!({"urgent": "", "lang": "de"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascade_tells_only_the_answer_that_stands() {
    fn sure(request: &Request) -> Value {
        let confidence = match (request.model(), request.prompt().as_str()) {
            ("a", "hard") => 0.1,
            _ => 0.9,
        };
        json!({"by": request.model(), "confidence": confidence})
    }
    let server = Server::start(|request| either(request, &sure(request).to_string()));
    let accept = "{use: a, accept: {confidence: {path: /confidence, at_least: 0.8}}}";
    let routes = format!("routes:\n  - {{name: careful, cascade: [{accept}, b]}}\n");
    let project = routed(&server, &routes);
    let endpoint = Endpoint::start(&project, &[]);
    for (prompt, model, attempts) in [("easy", "a", "1"), ("hard", "b", "2")] {
        let said = endpoint
            .say("/v1/chat/completions", &ask("careful", prompt))
            .await;
        assert_eq!(said.header("x-bakeoff-served-by"), model, "{}", said.text);
        assert_eq!(said.header("x-bakeoff-attempts"), attempts);
        let stream = endpoint
            .say("/v1/messages", &streamed(ask("careful", prompt)))
            .await;
        let events = stream.events();
        let text = events
            .iter()
            .filter_map(|event| event["delta"]["text"].as_str());
        let answer: Value = serde_json::from_str(&text.collect::<String>()).unwrap();
        assert_eq!(answer["by"], json!(model), "one answer, and the right one");
    }
    let escalated = &log(&project)[2]["end"];
    assert!(
        escalated["why"].as_str().unwrap().starts_with("escalated"),
        "{escalated}"
    );
    // both answers are paid
    assert_eq!(escalated["cost_usd"], 0.000036);
}

#[test]
fn a_cascade_that_only_a_dataset_can_judge_is_not_served() {
    let server = Server::start(|request| either(request, "x"));
    let routes = "routes:\n  - {name: careful, cascade: [{use: a, accept: {scorer: exact}}, b]}\n";
    let project = routed(&server, routes);
    let said = project.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("it needs a target"), "{}", said.err);
}
