//! What keeps it from serving: all of it at once, before anything listens.

use super::Serve;
use crate::cli::ready::missing_keys;
use crate::plan::Plan;
use crate::project::Project;
use crate::provider::Prices;
use crate::source::Problem;

/// All that keeps it from serving.
pub(super) fn wrong(args: &Serve, project: &Project, plan: &Plan, prices: &Prices) -> Vec<Problem> {
    let config = &project.suite.serve;
    let at = |pointer: &str, title: String| project.doc.problem(pointer, title, "");
    let targets = plan
        .candidates
        .iter()
        .flat_map(|it| it.targets().map(|target| (&*it.name, target)));
    let targets: Vec<_> = targets.collect();
    let mut problems = missing_keys(targets.iter().copied());
    if project.suite.replay.is_some() {
        let title = "the suite replays recordings, and what callers ask is in none".to_owned();
        problems.push(at("/replay", title));
    }
    if !args.listen.ip().is_loopback() && config.keys.is_empty() {
        let title = format!(
            "{} can be reached from elsewhere, and nobody would need a key",
            args.listen
        );
        let help = "make keys with `bakeoff serve key NAME`, or listen on 127.0.0.1";
        problems.push(Problem::error(title).help(help));
    }
    let known = |name: &str| {
        plan.candidates
            .iter()
            .any(|candidate| candidate.name == name)
    };
    for (name, meant) in &config.names {
        if !known(meant) {
            let title = format!("{name:?} stands for {meant:?}, which is not served");
            problems.push(at(&format!("/serve/names/{name}"), title));
        } else if known(name) {
            let title = format!("{name:?} is a model's own name already");
            problems.push(at(&format!("/serve/names/{name}"), title));
        }
    }
    for (index, client) in config.keys.iter().enumerate() {
        let digits = client.hash.strip_prefix("sha256:").unwrap_or_default();
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != 64 || !digits.bytes().all(hex) {
            let title = "this is no hash of a key".to_owned();
            let problem = at(&format!("/serve/keys/{index}/hash"), title);
            problems.push(
                problem.help("make a key with `bakeoff serve key NAME`, which shows its hash"),
            );
        }
        let mut before = config.keys[..index].iter();
        if before.any(|other| other.name == client.name || other.hash == client.hash) {
            let title = format!("the client {:?} is there twice", client.name);
            problems.push(at(&format!("/serve/keys/{index}"), title));
        }
        let all = |name: &&String| !known(name) && !config.names.contains_key(*name);
        if let Some(name) = client.models.iter().find(all) {
            let title = format!("{name:?} is not served");
            problems.push(at(&format!("/serve/keys/{index}/models"), title));
        }
    }
    let capped = args.max_cost.is_some()
        || config.max_cost.is_some()
        || config.keys.iter().any(|client| client.max_cost.is_some());
    if capped && !args.allow_unpriced {
        for (_, target) in targets
            .iter()
            .filter(|(_, target)| target.list_price(prices).is_none())
        {
            let title = format!(
                "{} has no known price, so no spending cap can hold",
                target.name
            );
            let help = "give it `price: {input: USD, output: USD}` per million tokens, or allow it with --allow-unpriced";
            problems.push(Problem::error(title).help(help));
        }
    }
    problems
}
