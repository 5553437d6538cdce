//! What is wrong with a route is said at once and at its place.

use super::*;
use crate::source::Source;

fn doc(yaml: &str) -> Document {
    Document::yaml(Source::new("bakeoff.yaml", yaml).into()).unwrap()
}

fn map(yaml: &str) -> RouteMap {
    doc(yaml).top().read().unwrap()
}

fn faults(yaml: &str) -> Vec<String> {
    let faults = Route::of(&map(yaml)).unwrap_err();
    let told = faults.into_iter();
    told.map(|fault| format!("{}: {}", fault.at, fault.title))
        .collect()
}

#[test]
fn what_is_wrong_with_a_route_is_said_at_once_and_at_its_place() {
    let wrong = |yaml: &str, told: &[&str]| assert_eq!(faults(yaml), told, "{yaml}");
    wrong("{name: r}", &[": a route without a policy"]);
    wrong(
        "{name: '', cascade: [a], weighted: {b: 1}}",
        &[
            "/weighted: a route by cascade and by weighted",
            "/name: a route without a name",
        ],
    );
    wrong(
        "{name: r, cost: {else: a}}",
        &["/cost: a route by cost with neither rules nor a classifier"],
    );
    wrong(
        "{name: r, cost: {rules: [{use: a}, {column: x, use: b}, {tags: ['not:'], use: c}], else: d}}",
        &[
            "/cost/rules/0: a rule that fits every request",
            "/cost/rules/1: `column` without `is`",
            "/cost/rules/2/tags: `tags` names an empty tag",
        ],
    );
    let found = faults("{name: r, cost: {rules: [{matches: '(?=a)', use: a}], else: d}}");
    assert!(
        found[0].starts_with("/cost/rules/0/matches: this is no regular expression: look-around"),
        "{found:?}"
    );
    wrong(
        "{name: r, cascade: [a, {use: b, accept: {scorer: s}}]}",
        &[
            "/cascade/0: nothing is asked after a stage without `accept`",
            "/cascade/1/accept: the last stage's answer is taken in any case",
        ],
    );
    wrong(
        "{name: r, cascade: [{use: a, accept: {}}, {use: a, accept: {confidence: {path: x, at_least: 1}}}, b]}",
        &[
            "/cascade/0/accept: `accept` is one of `scorer`, `confidence` and `logprob`",
            "/cascade/1: a stands here twice",
            "/cascade/1/accept/confidence/path: \"x\" is no JSON pointer",
        ],
    );
    wrong(
        "{name: r, weighted: {a: 0}, fallback: [{model: b, on: any}]}",
        &["/weighted: no model has a weight"],
    );
    wrong(
        "{name: r, fallback: [{model: b, on: any}, c]}",
        &["/fallback/0/on: the first model of a fallback is always asked: nothing leads to it"],
    );
    wrong(
        "{name: r, cost: {classifier: {model: t, labels: {A: x, a: y}}, else: z}}",
        &["/cost/classifier/labels: two labels are \"a\" but for their case"],
    );
}

#[test]
fn a_fault_is_drawn_where_the_route_stands() {
    let file = doc("routes:\n  - {name: r, weighted: {a/b: -1, c: 1}}\n");
    let map: RouteMap = file.top().child("routes").unwrap().children()[0]
        .1
        .read()
        .unwrap();
    let fault = Route::of(&map).unwrap_err().remove(0);
    let problem = fault.problem(&file, "/routes/0");
    let at = problem.at.unwrap();
    assert_eq!(&at.source.text[at.span], "-1");
    assert!(problem.help[0].starts_with("weights are parts"));
}
