use super::super::testing::{self, Project, Scripted};
use super::*;
use futures_util::FutureExt;

/// The project that these tests build in.
fn project() -> Project {
    Project::new(&[
        (
            "scorers/polite.yaml",
            "contains: {all: [please], case: false}\nthreshold: 0.5\n",
        ),
        (
            "scorers/kind.yaml",
            "criteria: Be kind.\nscale: {1: rude, 2: neutral, 3: kind}\nshow: [question]\n",
        ),
        ("scorers/loop.yaml", "not: loop\n"),
        ("schemas/a.json", "{\"type\": \"object\"}"),
        ("schemas/bad.json", "{\"type\": \"objct\"}"),
    ])
}

fn built(scorers: &str) -> Vec<Named> {
    project()
        .build(scorers)
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Every problem as `line:column title | help`.
fn wrong(scorers: &str) -> String {
    let problems = project().build(scorers).err().expect("has problems");
    testing::told(&problems)
}

#[test]
fn short_and_long_forms() {
    let named = built(
        "- exact
- exact: {case: false}
- {name: three, exact: Paris, weight: 2, threshold: 0.9, when: [a, 'not:b'], target: '{{question}}'}
- contains: refund
- {contains: {any: [a], none: ['{{question}}']}}
- regex: '^[A-C]$'
- {regex: {pattern: '(?<l>[A-C])', group: l}}
- numeric
- {numeric: {tolerance: 1%}}
- {numeric: {tolerance: 0.01, decimal: ','}}
- {label: {of: [bug, billing]}}
- {label: [1, 2]}
- {one_of: [yes, no]}
- json
- {json: {schema: schemas/a.json}}
- {json: {schema: {type: object}, fields: [/a]}}
- {length: 200}
- {length: {max: 20, unit: words}}
- {latency: 2s}
- {latency: {max: 500ms}}
- {cost: 0.01}
- {cost: {max: 1}}
- {not: {contains: x}}
- {not: exact}
- {all: [exact, {length: 10}]}
- {any: [exact, json]}
- {mean: [{exact: , weight: 3}, json]}
- {judge: {rubric: scorers/kind.yaml, model: openai/gpt-4o}, threshold: 0.5}
- {judge: {rubric: Is it right?, model: openai/gpt-4o, repeats: 3}}
- {judge: {rubric: {criteria: Right?, scale: boolean}, model: m, params: {max_tokens: 9}}}
- polite
- {polite: , name: p2}
- {kind: {model: openai/gpt-4o}}
",
    );
    let names: Vec<&str> = named.iter().map(|named| named.name.as_str()).collect();
    assert_eq!(
        names[..5],
        ["exact", "exact-2", "three", "contains", "contains-2"]
    );
    assert_eq!(names[30..], ["polite", "p2", "kind"]);
    assert_eq!(
        (
            named[2].weight,
            named[2].needs_target(),
            named[0].needs_target()
        ),
        (2.0, false, true)
    );
    assert_eq!(named[2].tags().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(named[27].models(), ["openai/gpt-4o"]);
    assert_eq!((named[30].kind, named[32].kind), ("contains", "judge"));
    assert!(named[30].passes() && !named[32].passes() && !named[26].passes());
    let definitions: HashSet<&str> = named
        .iter()
        .map(|named| named.definition.as_str())
        .collect();
    assert_eq!(
        definitions.len(),
        named.len() - 1,
        "only polite and p2 are the same"
    );
}

#[test]
fn a_definition_is_what_counts() {
    let hash = |scorer: &str| built(&format!("- {scorer}"))[0].definition.clone();
    assert_eq!(hash("exact"), hash("{exact: , name: other, weight: 3}"));
    assert_eq!(
        hash("{exact: {case: false, trim: false}}"),
        hash("{exact: {trim: false, case: false}}")
    );
    assert_ne!(hash("exact"), hash("{exact: , threshold: 0.5}"));
    let before = project().build("- polite").unwrap()[0].definition.clone();
    let other = Project::new(&[(
        "scorers/polite.yaml",
        "contains: {all: [please]}\nthreshold: 0.5\n",
    )]);
    assert_ne!(before, other.build("- polite").unwrap()[0].definition);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let told = wrong(
        "- exakt
- {contains: {any: ['{{qestion}}', ''], cas: false}, treshold: 1}
- {exact: , regex: x}
- {name: x, exact: }
- {name: x, exact: }
- {name: y}
- 7
- {regex: 'a('}
- {json: {schema: schemas/none.json}}
- {json: {schema: schemas/bad.json, fields: [a]}}
- {json: {strict: true, extract: true}}
- {length: {min: 3, max: 2}}
- length
- {numeric: 0.01}
- {numeric: {tolerance: -1}}
- {latency: 2}
- {cost: -1}
- {label: {of: []}}
- {label: }
- {contains: [a, b]}
- {all: []}
- {all: exact}
- {not: {mean: [exact]}}
- {all: [{exact: , weight: 2}, exac]}
- {mean: [exact], weight: 0, threshold: high, when: '', name: ''}
- {judge: {model: m}}
- {judge: {rubric: scorers/kindd.yaml, model: ''}}
- {judge: {rubric: {criteria: ' ', show: [qestion]}, model: m, repeats: 0}}
- kind
- {polite: {all: [x]}}
- loop
",
    );
    // a new kind changes nothing here
    let told = told.replace(&names().join(", "), "every kind");
    insta::assert_snapshot!(told);
}

#[test]
fn a_file_may_not_hide_behind_a_kind() {
    let project = Project::new(&[("scorers/exact.yaml", "exact: {case: false}")]);
    let told = testing::told(&project.build("- exact").err().unwrap());
    assert_eq!(
        told,
        "2:3 `exact` is a kind of scorer and the file scorers/exact.yaml | give the file another name"
    );
}

#[test]
fn no_scorers_is_an_error() {
    let none = "1:8 no scorers: nothing would be measured \
                | add one to `scorers:`, for example `- exact`";
    assert_eq!(wrong(""), none);
    assert_eq!(wrong("  []"), none.replace("1:8", "2:3"));
    assert_eq!(
        wrong("  exact"),
        "2:3 `scorers` is a list | write `scorers: [exact]`"
    );
}

#[test]
fn common_keys_do_their_work() {
    let named = built(
        "- {exact: {case: false}, target: '{{question}}', when: [a, 'not:b'], threshold: 0.5}",
    );
    let mut case = testing::case(None);
    case.vars.insert("question".into(), json!(["Yes", "{{x}}"]));
    let result = |case: &crate::dataset::Case, text: &str| {
        let reply = testing::reply(text);
        named[0]
            .score(testing::graded(case, &reply), &Scripted::default())
            .now_or_never()
            .unwrap()
    };
    assert_eq!(result(&case, "yes").unwrap().value, 1.0);
    assert_eq!(result(&case, "{{X}}").unwrap().value, 1.0);
    assert_eq!(result(&case, "no").unwrap().passed, Some(false));
    assert!(
        result(&case, &"x".repeat((1 << 20) + 1))
            .unwrap_err()
            .0
            .contains("too long")
    );
    for (tags, applies) in [(vec![], false), (vec!["a"], true), (vec!["a", "b"], false)] {
        case.tags = tags.into_iter().map(str::to_owned).collect();
        assert_eq!(named[0].applies(&case), applies);
    }
    case.vars.clear();
    assert!(result(&case, "yes").is_err());
}

#[test]
fn the_schema_for_editors_knows_every_kind() {
    let schema = source::schema_of::<super::super::Definition>().to_string();
    for kind in KINDS {
        assert!(
            schema.contains(&format!("\"{}\":", kind.name)),
            "{}",
            kind.name
        );
    }
    let schema = source::schema_of::<super::super::Definition>();
    let schema = jsonschema::options().offline().build(&schema).unwrap();
    assert!(schema.is_valid(&json!({"contains": "x", "weight": 1})));
    assert!(schema.is_valid(&json!({"all": ["exact", {"not": {"regex": "x"}}]})));
    assert!(!schema.is_valid(&json!({"contains": {"an": ["x"]}})));
    assert!(!schema.is_valid(&json!({"all": []})));
}

#[test]
fn the_shipped_scorers_build() {
    let scorers = "
- letter
- yes-no
- concise: {model: m}
- {judge: {rubric: scorers/faithful.yaml, model: m}}
- {name: h, helpful: {model: m}}
";
    let named = Project::new(&[]).build(scorers);
    let named = named.unwrap_or_else(|problems| panic!("{}", testing::told(&problems)));
    let names: Vec<&str> = named.iter().map(|named| named.name.as_str()).collect();
    assert_eq!(names, ["letter", "yes-no", "concise", "judge", "h"]);
}
