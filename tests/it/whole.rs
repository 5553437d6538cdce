//! Figures over all cases that are no mean: corpus BLEU, error rates, classification reports, from
//! the reply to the report.

use crate::project::Project;
use crate::server::{Request, Server, chat};
use bakeoff::text::bleu::Bleu;
use serde_json::{Value, json};

const TEXTS: [&str; 4] = [
    "the quick brown fox jumps over the lazy dog",
    "a committee rejected the proposal because the budget was incomplete",
    "water boils at one hundred degrees at sea level",
    "she quickly summarised the three main arguments of the report",
];
const LABELS: [&str; 3] = ["bug", "billing", "other"];
const CASES: usize = 24;

fn number(request: &Request) -> usize {
    let prompt = request.prompt();
    let digits = prompt.split_whitespace().find_map(|word| word.parse().ok());
    digits.expect("every prompt has a number")
}

/// A text with every `n`-th word gone, and more of it gone the larger the case.
fn worse(text: &str, case: usize, model: &str) -> String {
    let gone = match model {
        "good" => 9,
        _ => 3 + case % 2,
    };
    let words = text.split(' ').enumerate();
    let kept = words.filter(|(at, _)| !(at + case).is_multiple_of(gone));
    kept.map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

fn project(server: &Server, column: fn(usize) -> String, scorers: &str, groups: bool) -> Project {
    let mut rows = String::from("id,question,target,group\n");
    for case in 0..CASES {
        let group = if groups { case / 4 } else { case };
        rows += &format!("q{case:02},say {case} please,{},g{group}\n", column(case));
    }
    let url = server.base_url();
    let models = ["good", "bad"].map(|model| {
        format!("  - {{name: {model}, api: openai-chat, base_url: \"{url}\", model: {model}, price: {{input: 1, output: 2}}}}\n")
    });
    let suite = format!(
        "name: whole\ndataset: data.csv\nprompts:\n  - {{name: ask, messages: [{{user: \"{{{{question}}}}\"}}]}}\n\
         models:\n{}scorers: {scorers}\n",
        models.concat()
    );
    Project::new(&[("data.csv", &rows), ("bakeoff.yaml", &suite)])
}

fn near(found: &Value, expected: f64) -> bool {
    (found.as_f64().expect("a number") - expected).abs() < 1e-12
}

#[test]
fn corpus_bleu_is_made_of_counts_and_not_of_scores() {
    let text = |case: usize| TEXTS[case % TEXTS.len()].to_owned();
    let server = Server::start(move |request| {
        let case = number(request);
        chat(request.model(), &worse(&text(case), case, request.model()))
    });
    let scorers = "[bleu, {name: mean-bleu, bleu: {summary: mean}}, wer, {chrf: {word_order: 2}}]";
    let project = project(&server, text, scorers, false);
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let summary = said.json();
    let bleu = Bleu::default();
    for (at, model) in ["good", "bad"].iter().enumerate() {
        let scores = &summary["candidates"][at]["scores"];
        let mut sums = vec![0.0; 10];
        let (mut gone, mut all) = (0, 0);
        for case in 0..CASES {
            let (text, said) = (text(case), worse(&text(case), case, model));
            let counts = bleu.counts(&said, &[&text]);
            sums.iter_mut()
                .zip(counts)
                .for_each(|(sum, count)| *sum += count);
            all += text.split(' ').count();
            gone += text.split(' ').count() - said.split(' ').count();
        }
        let corpus = bleu.score(&sums).unwrap().score / 100.0;
        assert!(near(&scores["bleu"]["value"], corpus), "{model}: {scores}");
        assert!(near(
            &scores["wer"]["value"],
            1.0 - gone as f64 / all as f64
        ));
        for scorer in ["bleu", "wer", "chrf"] {
            let cell = &scores[scorer];
            assert_eq!(cell["method"], "bootstrap", "{scorer}");
            assert_eq!(cell["n"], CASES);
            let [low, value, high] = ["low", "value", "high"].map(|of| cell[of].as_f64().unwrap());
            assert!(low < value && value < high, "{scorer}: {cell}");
        }
        assert_eq!(scores["mean-bleu"]["method"], "bca");
        assert!(!near(&scores["mean-bleu"]["value"], corpus));
    }
    let contrast = &summary["contrasts"][0];
    assert_eq!(contrast["method"], "bootstrap");
    assert_eq!(
        (&contrast["gains"], &contrast["verdict"]),
        (&json!(0), &json!("regressed"))
    );
    let value = |at: usize| {
        summary["candidates"][at]["scores"]["bleu"]["value"]
            .as_f64()
            .unwrap()
    };
    assert!(near(&contrast["difference"]["value"], value(1) - value(0)));
    assert_eq!(summary["best"]["tied"], json!(["good"]));
    // the same from the store, and the same after scoring again
    let again = project.run(&["report", "--format", "json"]).json();
    assert_eq!(again["candidates"], summary["candidates"]);
    let again = project.run(&["score", "--format", "json"]).json();
    assert_eq!(
        again["candidates"][0]["scores"],
        summary["candidates"][0]["scores"]
    );
}

#[test]
fn labels_have_a_report_in_every_format() {
    let label = |case: usize| LABELS[case % 3].to_owned();
    let server = Server::start(move |request| {
        let case = number(request);
        let text = match (request.model(), case % 6) {
            ("bad", 0) => "billing".to_owned(),
            ("bad", 1) => "no idea".to_owned(),
            _ => label(case),
        };
        chat(request.model(), &text)
    });
    let scorers = "[{label: {of: [bug, billing, other], summary: macro_f1}}]";
    let project = project(&server, label, scorers, true);
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let summary = said.json();
    let cell = &summary["candidates"][1]["scores"]["label"];
    let report = &cell["report"];
    // of 24: 4 bugs taken for billing, 4 billings not named
    assert_eq!(report["labels"], json!(["billing", "bug", "other"]));
    assert_eq!(
        report["matrix"],
        json!([[4, 0, 0, 4], [4, 4, 0, 0], [0, 0, 8, 0]])
    );
    assert!(near(&report["accuracy"], 16.0 / 24.0));
    let f1 = [0.5, 2.0 / 3.0, 1.0];
    assert!(near(&report["macro_f1"], f1.iter().sum::<f64>() / 3.0));
    assert!(near(&report["by_label"]["billing"]["precision"], 0.5));
    assert_eq!(cell["value"], report["macro_f1"]);
    assert_eq!(cell["method"], "bootstrap", "{cell}");
    assert_eq!(summary["candidates"][0]["scores"]["label"]["value"], 1.0);
    let sentence =
        "bad, label: 67% right, macro F1 72%; mistakes: billing → no label (4), bug → billing (4)";
    let told = project.run(&["report", "--format", "terminal"]).out;
    assert!(told.replace('\n', " ").contains(sentence), "{told}");
    let page = project.run(&["report", "--format", "markdown"]).out;
    assert!(page.contains("| bug | 4 | **4** |"), "{page}");
    let page = project.run(&["report", "--format", "html"]).out;
    assert!(page.contains("<h2 id=\"labels-title\">Labels</h2>"));
}
