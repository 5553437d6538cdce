//! What is wrong with a route is said before anything is sent, at its place.

use super::{route, school};
use crate::server::Server;

fn told(written: &str, more: &str) -> String {
    let server = Server::start(school);
    let project = route(&server, &["cheap", "strong"], written, 4, more);
    let said = project.run(&["check"]);
    assert_eq!(said.code, 2, "{written}: {}{}", said.out, said.err);
    assert!(server.requests().is_empty());
    format!("{}{}", said.out, said.err)
}

fn says(written: &str, words: &[&str]) {
    let told = told(written, "");
    for word in words {
        assert!(told.contains(word), "{word:?} is not in:\n{told}");
    }
}

#[test]
fn names_that_lead_nowhere_are_errors() {
    says(
        "{name: r, weighted: {chaep: 1, strong: 1}}",
        &["chaep", "did you mean the suite's \"cheap\"?"],
    );
    says(
        "{name: r, cascade: [{use: cheap, accept: {scorer: exakt}}, strong]}",
        &["no scorer is called \"exakt\"", "did you mean \"exact\"?"],
    );
    says(
        "{name: r, cost: {rules: [{column: qestion, is: x, use: cheap}], else: strong}}",
        &[
            "the dataset has no column \"qestion\"",
            "did you mean \"question\"?",
        ],
    );
    says(
        "{name: r, cost: {rules: [{tags: lang=de, use: cheap}], else: strong}}",
        &["no case has the tag \"lang=de\""],
    );
    says(
        "{name: r, cost: {classifier: {model: cheap, prompt: 'say {{qestion}}', labels: {a: cheap, b: strong}}, else: strong}}",
        &["the dataset has no column \"qestion\""],
    );
}

#[test]
fn words_that_are_none_are_errors() {
    says(
        "{name: r, cascde: [cheap, strong]}",
        &["unknown key `cascde`", "did you mean `cascade`?"],
    );
    says(
        "{name: r, cascade: [{use: cheap, acept: {scorer: exact}}, strong]}",
        &["unknown key `acept`", "did you mean `accept`?"],
    );
    says(
        "{name: r, latency: {of: [cheap, strong], by: tokens}}",
        &["unknown word `tokens`"],
    );
    says(
        "{name: r, latency: {of: [cheap, strong], target_p95: fast}}",
        &["`fast` is not a duration"],
    );
    says("{name: r}", &["a route without a policy"]);
    says("{weighted: {cheap: 1}}", &["missing key `name`"]);
}

#[test]
fn a_route_is_made_of_models() {
    let more = "  - {name: other, weighted: {cheap: 1, r: 1}}\n";
    let said = told("{name: r, weighted: {cheap: 1, strong: 1}}", more);
    assert!(said.contains("r is a route itself"), "{said}");
    let said = told("{name: cheap, weighted: {cheap: 1, strong: 1}}", "");
    assert!(
        said.contains("two candidates are called \"cheap\""),
        "{said}"
    );
    says(
        "{name: r, cascade: [{use: cheap, accept: {logprob: 0.5}}, strong]}",
        &["0.5"],
    );
}
