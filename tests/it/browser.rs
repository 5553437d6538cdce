//! The page in a real browser: chromium driven by playwright-core, checked by axe-core. What is checked is in
//! `tests/browser/*.mjs`; here are the runs that the pages are of, and what is true of them.
//!
//! Without a browser the tests say aloud that they did not run; `BAKEOFF_BROWSER=1` makes that a failure.

mod payloads;
mod site;
mod tools;

use crate::project::Project;
use crate::server::{Answer, Server, chat, chat_frames, error};
use crate::shared::say;
use serde_json::{Value, json};
use site::{Site, page};
use std::time::Duration;
use tools::Tools;

const CASES: usize = 40;

fn number(prompt: &str) -> usize {
    let digits = prompt.split_whitespace().find_map(|word| word.parse().ok());
    digits.expect("every prompt has a number")
}

/// What the three models make of a case: `good` and `bad` are right or wrong, `odd` is everything else.
fn answer(model: &str, case: usize, seen: usize) -> Answer {
    let right = || chat(model, &format!("{}", case + 1));
    let wrong = || chat(model, "it is the quince that I would rather speak of");
    let told = |delta: Value, finish: &str| {
        let mut frames = chat_frames(model, "");
        let last = frames.len() - 2;
        let chunk = json!({"id": "c1", "model": model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
        frames[last] = format!("data: {chunk}\n\n");
        Answer::Stream(frames, Duration::ZERO)
    };
    match (model, case % 10) {
        ("good", _) if case == 5 && seen == 0 => error(503, "come again later"),
        ("good", _) if case.is_multiple_of(7) => wrong(),
        ("good", _) => right(),
        ("bad", _) if case.is_multiple_of(3) => right(),
        ("bad", _) => wrong(),
        (_, 0) => error(400, "the medlar was refused"),
        (_, 1) => told(json!({"refusal": "I would rather not."}), "stop"),
        (_, 2) => told(json!({"content": "a long story about"}), "length"),
        (_, 3) => told(json!({}), "stop"),
        (_, 4) => told(
            json!({"tool_calls": [{"index": 0, "id": "t1", "type": "function",
                "function": {"name": "add_up", "arguments": "{\"of\": [1, 2]}"}}]}),
            "tool_calls",
        ),
        _ => right(),
    }
}

/// The ids of the cases that this is true of.
fn ids(is: impl Fn(usize) -> bool) -> Vec<String> {
    let cases = (0..CASES).filter(|case| is(*case));
    cases.map(|case| format!("q{case:03}")).collect()
}

/// Address and ids that must be listed there; computed from what the server said, not from the page.
fn expected() -> Vec<(String, Vec<String>)> {
    let good = |n: usize| !n.is_multiple_of(7);
    let bad = |n: usize| n.is_multiple_of(3);
    // odd is right, wrong, or (none) without a reply
    let odd = |n: usize| (!n.is_multiple_of(10)).then_some(n % 10 > 4);
    let list = |hash: &str, is: &dyn Fn(usize) -> bool| (hash.to_owned(), ids(is));
    vec![
        list("", &|_| true),
        list("show=wrong&candidate=good", &|n| !good(n)),
        list("show=right&candidate=bad", &bad),
        list("show=wrong&candidate=odd", &|n| odd(n) == Some(false)),
        list("show=failed", &|n| n % 10 == 0),
        list("show=failed&candidate=bad", &|_| false),
        list("show=refused&candidate=odd", &|n| n % 10 == 1),
        list("show=cut", &|n| n % 10 == 2),
        list("show=empty", &|n| matches!(n % 10, 1 | 3)),
        list("show=none", &|n| {
            !good(n) && !bad(n) && odd(n) != Some(true)
        }),
        list("show=right", &|n| good(n) && bad(n) && odd(n) == Some(true)),
        list("show=flips", &|n| {
            good(n) != bad(n) || odd(n).is_some_and(|odd| odd != good(n))
        }),
        list("show=flips&candidate=bad&against=good", &|n| {
            good(n) != bad(n)
        }),
        list("show=gains&candidate=bad&against=good", &|n| {
            bad(n) && !good(n)
        }),
        list("show=losses&candidate=bad&against=good", &|n| {
            !bad(n) && good(n)
        }),
        list("show=wrong&candidate=bad&tag=lang%3Dde", &|n| {
            !bad(n) && n % 4 == 0
        }),
        list("show=wrong&candidate=bad&scorer=polite", &|n| bad(n)),
        // words of a reply, of an error, of a prompt, of an id; and all words count
        list("q=quince", &|n| !good(n) || !bad(n)),
        list("q=medlar", &|n| n % 10 == 0),
        list("q=%22please%20what%20is%2017%20%22", &|n| n == 17),
        list("q=q03", &|n| n / 10 == 3),
        list("q=quince%20medlar", &|n| {
            n % 10 == 0 && (!good(n) || !bad(n))
        }),
        list("q=MEDLAR", &|n| n % 10 == 0),
        list("q=nobody%20says%20this", &|_| false),
    ]
}

fn project(server: &Server) -> Project {
    let mut rows = String::from("id,question,target,lang\n");
    for case in 0..CASES {
        let lang = ["de", "en", "en", "fr"][case % 4];
        rows += &format!("q{case:03},what is {case} + 1?,{},{lang}\n", case + 1);
    }
    let url = server.base_url();
    let models = ["good", "bad", "odd"].map(|model| {
        format!("  - {{name: {model}, api: openai-chat, base_url: \"{url}\", model: {model}, price: {{input: 1, output: 2}}}}\n")
    });
    let suite = format!(
        "name: mixed\ndataset: {{path: data.csv, target: target, tags: [lang]}}\n\
         prompts:\n  - {{name: ask, messages: [{{system: Be brief.}}, {{user: \"Please {{{{question}}}}\"}}]}}\n\
         models:\n{}scorers: [exact, {{name: polite, contains: rather}}]\nprimary: exact\nlimits: {{max_failed: 50%}}\n",
        models.concat()
    );
    Project::new(&[("data.csv", &rows), ("bakeoff.yaml", &suite)])
}

#[test]
fn the_page_works_in_a_browser() {
    let Some(tools) = Tools::find() else { return };
    let server = Server::start(|it| answer(it.model(), number(&it.prompt()), it.seen));
    let project = project(&server);
    let mixed = page(&project, &["run"]);
    let triage = site::triage();
    let task = json!({
        "page": mixed,
        "triage": triage.path().join("out/summary.html"),
        "lists": expected(),
        "pictures": std::env::var("BAKEOFF_PICTURES").ok(),
    });
    say(&tools.check("explorer.mjs", &task, 45));
}

#[test]
fn no_text_of_a_run_is_ever_obeyed() {
    let Some(tools) = Tools::find() else { return };
    let payloads = payloads::payloads();
    assert_eq!(payloads.len(), 600);
    let site = Site::hostile(&payloads);
    let task = json!({
        "payloads": payloads,
        "pages": site.pages,
        "control": site.control,
    });
    say(&tools.check("hostile.mjs", &task, 12));
}

#[test]
#[ignore = "takes minutes: a page of 10,000 cases"]
fn ten_thousand_cases_stay_usable() {
    let Some(tools) = Tools::find() else { return };
    let text = |case: usize| {
        let words = [
            "kettle", "invoice", "parcel", "garden", "lamp", "cable", "mirror",
        ];
        let word = |at: usize| words[(case * 31 + at * at * 7 + at) % words.len()];
        let text: Vec<&str> = (0..90).map(word).collect();
        text.join(" ")
    };
    let mut rows = String::from("id,ticket,target\n");
    for case in 0..10_000 {
        let target = words_of(case);
        rows += &format!("case-{case:05},ticket {case} {},{target}\n", text(case));
    }
    let server = Server::start(move |it| {
        let case = number(&it.prompt());
        let right = it.model() == "good" || case.is_multiple_of(3);
        let said = if right { words_of(case) } else { "neither" };
        chat(it.model(), &format!("{said} {}", text(case)))
    });
    let url = server.base_url();
    let models = ["good", "bad"].map(|model| {
        format!("  - {{name: {model}, api: openai-chat, base_url: \"{url}\", model: {model}, price: {{input: 1, output: 2}}}}\n")
    });
    let suite = format!(
        "name: large\ndataset: data.csv\nprompts:\n  - {{name: ask, messages: [{{user: \"{{{{ticket}}}}\"}}]}}\n\
         models:\n{}scorers: [{{contains: \"{{{{target}}}}\"}}]\n",
        models.concat()
    );
    let project = Project::new(&[("data.csv", &rows), ("bakeoff.yaml", &suite)]);
    let large = page(&project, &["run", "-q"]);
    say(&tools.check("large.mjs", &json!({"page": large, "cases": 10_000}), 8));
}

fn words_of(case: usize) -> &'static str {
    ["alpha", "beta", "gamma", "delta"][case % 4]
}
