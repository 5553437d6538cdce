use super::*;
use crate::source::Source;
use insta::assert_snapshot;
use std::sync::Arc;

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source::new("bakeoff.yaml", text))
}

#[test]
fn place_line_mark_and_help() {
    let source = source("name: x\nparams:\n  temprature: 0\n");
    let problem = Problem::error("unknown key `temprature`")
        .at(&source, 18..28, "not a known key")
        .help("did you mean `temperature`?");
    assert_snapshot!(problem.draw(false), @r"
    error: unknown key `temprature`
     --> bakeoff.yaml:3:3
      |
    3 |   temprature: 0
      |   ^^^^^^^^^^ not a known key
      |
      = help: did you mean `temperature`?
    ");
    assert!(problem.draw(true).contains("\u{1b}["));
}

#[test]
fn a_problem_without_a_place_and_an_empty_file() {
    let problem = Problem::warning("no key for `openai`").help("set OPENAI_API_KEY");
    assert_snapshot!(problem.draw(false), @r"
    warning: no key for `openai`
     |
     = help: set OPENAI_API_KEY
    ");
    let problem = Problem::error("the suite is empty").at(&source(""), 0..0, "");
    assert_snapshot!(problem.draw(false), @r"
    error: the suite is empty
    --> bakeoff.yaml:1:1
    ");
}

#[test]
fn hostile_text_is_inert_and_the_column_holds() {
    let text = "a: \"\u{1b}[2J\u{202e}\u{9b}31m\r\" # \u{200b}x\n";
    let source = Arc::new(Source::new("evil\u{1b}]0;t\u{7}.yaml", text));
    let problem = Problem::error("bad \u{1b}[31m").at(&source, text.len() - 2..text.len() - 1, "");
    let drawn = problem.help("try \u{9d}").draw(false);
    assert!(drawn.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(!drawn.contains(['\u{202e}', '\u{200b}', '\u{9b}']));
    assert!(drawn.contains(":1:20"), "{drawn}");
}

#[test]
fn a_long_line_is_cut_around_the_mark() {
    for (before, shown) in [(3_000, true), (5_000_000, false)] {
        let text = format!("k: \"{}here{}\"", "é".repeat(before), "x".repeat(5_000_000));
        let at = text.find("here").unwrap();
        let problem = Problem::error("too long").at(&source(&text), at..at + 4, "this");
        let drawn = problem.draw(false);
        assert!(
            drawn.contains(&format!("bakeoff.yaml:1:{}", before + 5)),
            "{drawn}"
        );
        assert_eq!(drawn.contains("^^^^ this"), shown, "{drawn}");
        assert!(drawn.len() < 1_000);
    }
}

#[test]
fn spans_beyond_the_file_or_inside_a_character_do_not_panic() {
    let backwards = std::ops::Range { start: 5, end: 3 };
    for span in [0..0, 1..2, 2..999, 999..1_000, backwards] {
        Problem::error("x")
            .at(&source("é\nü"), span, "here")
            .draw(false);
    }
}
