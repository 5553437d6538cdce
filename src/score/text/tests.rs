use super::super::testing::{Project, case, graded, reply};
use super::super::{Named, Nobody, Score, Unscored};
use futures_util::FutureExt;
use serde_json::{Value, json};

/// The scorer of a definition, or what is wrong with it.
fn with<T>(scorer: Value, then: impl FnOnce(Result<&Named, String>) -> T) -> T {
    let built = Project::new(&[]).build(&format!("- {scorer}"));
    match &built {
        Ok(named) => then(Ok(&named[0])),
        Err(problems) => then(Err(super::super::testing::told(problems))),
    }
}

fn scored(scorer: Value, output: &str, target: Value) -> Result<Score, Unscored> {
    with(scorer, |named| {
        let (case, reply) = (case(Some(target)), reply(output));
        let named = named.unwrap_or_else(|why| panic!("{why}"));
        let score = named.score(graded(&case, &reply), &Nobody);
        score.now_or_never().expect("it asks nobody")
    })
}

fn value(scorer: Value, output: &str, target: Value) -> f64 {
    let score = scored(scorer.clone(), output, target);
    score.unwrap_or_else(|why| panic!("{scorer}: {why}")).value
}

#[test]
fn a_text_is_like_itself_by_every_metric() {
    let text = "The quick brown fox jumps over the lazy dog.";
    for scorer in [
        json!("edit"),
        json!({"edit": "osa"}),
        json!({"edit": "damerau"}),
        json!({"edit": "indel"}),
        json!({"edit": "lcs"}),
        json!({"edit": "jaro"}),
        json!({"edit": {"metric": "jaro_winkler", "unit": "grapheme"}}),
        json!({"edit": {"unit": "word"}}),
        json!("wer"),
        json!("cer"),
        json!("ter"),
        json!("squad"),
        json!({"squad": "exact_match"}),
        json!("rouge"),
        json!({"rouge": "rouge2"}),
        json!({"rouge": "rougeLsum"}),
        json!({"rouge": {"metric": "rouge1", "stemmer": true, "measure": "recall"}}),
        json!("bleu"),
        json!({"bleu": "char"}),
        json!({"bleu": {"smooth": "add-k", "smooth_value": 0.5, "summary": "mean"}}),
        json!("chrf"),
        json!({"chrf": {"word_order": 2}}),
        json!("bag_of_words"),
        json!({"bag_of_words": "jaccard"}),
        json!("list"),
        json!({"list": {"order": true, "measure": "exact"}}),
    ] {
        assert!(
            (value(scorer.clone(), text, json!(text)) - 1.0).abs() < 1e-9,
            "{scorer}"
        );
        // of several references the closest counts
        let several = value(scorer.clone(), text, json!(["nothing alike", text]));
        assert!(
            scorer.to_string().contains("ter")
                || scorer.to_string().contains("list")
                || (several - 1.0).abs() < 1e-9,
            "{scorer}"
        );
        assert!(value(scorer.clone(), "", json!(text)) < 0.01, "{scorer}");
    }
}

#[test]
fn a_metric_that_means_nothing_here_says_so() {
    let chinese = json!("今天天气很好，我们去公园散步吧。");
    let why =
        |scorer: Value| match scored(scorer, "今天天气不错，我们去公园散步。", chinese.clone())
        {
            Ok(score) => score.why,
            Err(unscored) => unscored.0,
        };
    assert!(
        why(json!("rouge")).contains("a to z"),
        "{}",
        why(json!("rouge"))
    );
    assert!(why(json!("bleu")).contains("`tokenize: zh`"));
    assert!(!why(json!({"bleu": "zh"})).contains("tokenize"));
    assert!(why(json!("wer")).contains("`cer`"));
    assert!(why(json!("squad")).contains("no spaces"));
    let mixed = scored(json!("rouge"), "ABC", json!("ABC 今天天气很好")).unwrap();
    assert!(
        mixed.why.contains("only 3 of the target's 9 letters"),
        "{}",
        mixed.why
    );
    for scorer in ["wer", "cer", "bleu", "chrf", "rouge"] {
        assert!(scored(json!(scorer), "x", json!(" ")).is_err(), "{scorer}");
    }
    assert!(scored(json!("chrf"), &"x".repeat(100_001), json!("x")).is_err());
    let long = "x".repeat(30_000);
    assert!(scored(json!({"edit": "damerau"}), &long, json!(long)).is_err());
}

#[test]
fn hundred_thousand_characters_take_no_time() {
    let text = "a b c d e ".repeat(10_000);
    let other = "a c b d f ".repeat(10_000);
    let started = std::time::Instant::now();
    for scorer in [
        "edit",
        "wer",
        "cer",
        "squad",
        "rouge",
        "bleu",
        "chrf",
        "bag_of_words",
        "list",
    ] {
        let _ = scored(json!(scorer), &text, json!(other));
    }
    assert!(scored(json!("ter"), &text, json!(other)).is_err());
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

#[test]
fn the_letter_that_is_chosen() {
    for (output, target, right) in [
        ("B", "B", true),
        ("b)", "B", true),
        ("**B**", "B", true),
        ("(B) because", "B", true),
        ("The answer is B.", "B", true),
        ("Answer: (C)\n", "C", true),
        ("\\boxed{D}", "D", true),
        ("A is wrong. The correct answer is B, not C.", "B", true),
        ("I think A good choice is hard. It must be C.", "C", true),
        ("答案是B。", "B", true),
        ("Die richtige Antwort ist C", "C", true),
        ("Ｂ", "B", true),
        ("A or B", "A", false),
        ("E", "A", false),
        ("none of them", "A", false),
        ("C. Paris", "C", true),
        ("The answer is a tie", "A", false),
        ("A is correct.", "A", true),
        ("A and B are both wrong", "A", false),
        ("Option B seems right", "B", true),
        ("", "A", false),
    ] {
        let score = scored(json!("choice"), output, json!(target)).unwrap();
        assert_eq!(score.passed, Some(right), "{output}: {}", score.why);
    }
    assert_eq!(value(json!({"choice": 5}), "E", json!("E")), 1.0);
    assert!(scored(json!("choice"), "A", json!("Paris")).is_err());
    assert!(with(json!({"choice": 1}), |named| named.is_err()));
}

#[test]
fn dates_however_they_are_written() {
    for (output, target, right) in [
        ("2024-05-03", "May 3, 2024", true),
        ("on 3 May 2024.", "2024-05-03", true),
        ("May 3rd, 2024", "2024/05/03", true),
        ("3.5.2024", "2024-05-03", true),
        ("03.05.24", "2024-05-03", true),
        ("5/3/2024", "2024-05-03", true),
        ("3/5/2024", "2024-05-03", false),
        ("13/5/2024", "2024-05-13", true),
        ("am 3. Mai 2024", "2024-05-03", true),
        ("le 3 mai 2024", "2024-05-03", true),
        ("el 3 de mayo de 2024", "2024-05-03", true),
        ("2024年5月3日", "2024-05-03", true),
        ("20240503", "2024-05-03", true),
        ("2024-05-03T10:00:00Z", "2024-05-03", true),
        ("3 May 2024", "May 2024", true),
        ("May 2024", "3 May 2024", false),
        ("in 2024", "2024", true),
        ("3 May", "--", false),
        ("July 4", "4 July", true),
        ("4 July 1776", "July 4", true),
        ("30 February 2024", "2024-02-30", false),
        ("29 February 2024", "2024-02-29", true),
        ("first 1 May 2024, then 3 May 2024", "2024-05-03", true),
        ("March 15", "Mar 15", true),
        ("She may leave.", "2024-05-03", false),
        ("15 août 2023", "2023-08-15", true),
        ("1 December 2023", "2023-12-01", true),
        ("Sept. 9, 2021", "2021-09-09", true),
    ] {
        match scored(json!("date"), output, json!(target)) {
            Ok(score) => assert_eq!(
                score.passed,
                Some(right),
                "{output} / {target}: {}",
                score.why
            ),
            Err(why) => assert!(!right, "{output} / {target}: {why}"),
        }
    }
    let day_first = json!({"date": {"day_first": true, "take": "only"}});
    assert_eq!(
        value(day_first.clone(), "3/5/2024", json!("2024-05-03")),
        1.0
    );
    assert_eq!(
        value(day_first, "3/5/2024 or 4/5/2024", json!("2024-05-03")),
        0.0
    );
}

#[test]
fn items_of_lists_and_sets() {
    let cities = json!(["Oslo", "Bergen", "Tromsø"]);
    for (output, f1) in [
        ("Oslo, Bergen and Tromsø", 1.0),
        ("Oslo, Bergen, and Tromsø.", 1.0),
        ("1. Tromsø\n2) oslo\n3. BERGEN", 1.0),
        ("[\"Bergen\", \"Oslo\", \"Tromsø\"]", 1.0),
        ("Oslo; Bergen", 0.8),
        ("Rome", 0.0),
        ("", 0.0),
        ("The cities are:\n- Oslo\n- Oslo\n* Bergen", 0.8),
        ("Oslo\nBergen\nTromsø", 1.0),
        ("Oslo、Bergen、Tromsø", 1.0),
    ] {
        assert!(
            (value(json!("list"), output, cities.clone()) - f1).abs() < 1e-9,
            "{output}"
        );
    }
    let order = json!({"list": {"order": true}});
    assert!((value(order, "Bergen, Oslo, Tromsø", cities.clone()) - 2.0 / 3.0).abs() < 1e-9);
    assert_eq!(
        value(json!({"list": "recall"}), "Oslo, Rome", cities.clone()),
        1.0 / 3.0
    );
    assert_eq!(
        value(json!({"list": "jaccard"}), "Oslo, Rome", cities.clone()),
        0.25
    );
    let exact = scored(json!({"list": "exact"}), "Oslo, Bergen", cities).unwrap();
    assert_eq!((exact.passed, exact.value), (Some(false), 0.0));
    assert!(exact.why.contains("missing \"Tromsø\""), "{}", exact.why);
    assert_eq!(value(json!("list"), "[]", json!([])), 1.0);
    assert_eq!(value(json!("list"), "+, -", json!(["+", "-"])), 1.0);
}

#[test]
fn final_answers_and_squad() {
    assert_eq!(
        value(
            json!("final_answer"),
            "So 2 + 2 = 4. The answer is 4.",
            json!("#### 4")
        ),
        1.0
    );
    assert_eq!(
        value(json!("final_answer"), "It costs $1,234.50", json!("1234.5")),
        1.0
    );
    assert_eq!(
        value(
            json!({"final_answer": "strict"}),
            "The answer is 4",
            json!(4)
        ),
        0.0
    );
    assert_eq!(
        value(json!({"final_answer": "strict"}), "#### 4", json!(4)),
        1.0
    );
    assert!(scored(json!("final_answer"), "4", json!("four")).is_err());
    assert_eq!(
        value(
            json!({"squad": "exact_match"}),
            "the Eiffel Tower!",
            json!("Eiffel tower")
        ),
        1.0
    );
    assert_eq!(value(json!("squad"), "the", json!("a")), 1.0);
}

#[test]
fn wrong_parameters_are_told() {
    for (scorer, about) in [
        (json!({"bleu": {"max_order": 0}}), "`max_order` is 1 to 9"),
        (
            json!({"bleu": {"smooth_value": 1}}),
            "`smooth_value` is for",
        ),
        (json!({"bleu": "14b"}), "13a"),
        (json!({"chrf": {"char_order": 0}}), "`char_order`"),
        (json!({"chrf": {"beta": -1}}), "`beta`"),
        (json!({"edit": "hamming"}), "levenshtein"),
        (json!({"rouge": "rougeX"}), "rouge1"),
        (
            json!({"list": {"measure": "jaccard", "order": true}}),
            "no order",
        ),
        (
            json!({"one_of": {"of": ["a", "b"], "summary": "macro_f1"}}),
            "use `label`",
        ),
    ] {
        let told = with(scorer.clone(), |named| named.err());
        let told = told.unwrap_or_else(|| panic!("{scorer} is taken"));
        assert!(told.contains(about), "{scorer}: {told}");
    }
}
