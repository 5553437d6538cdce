use super::*;

fn parse(name: &str, text: &str) -> Document {
    Document::parse(Arc::new(Source::new(name, text)))
        .unwrap_or_else(|p| panic!("{}", p.draw(false)))
}

fn at<'a>(doc: &'a Document, pointer: &str) -> &'a str {
    &doc.source.text[doc.span(pointer)]
}

#[test]
fn the_same_tree_from_three_formats() {
    let yaml = parse(
        "a.yaml",
        "name: x\nlimits:\n  max_cost: 5.5\n  list: [1, two, true]\n",
    );
    let toml = parse(
        "a.toml",
        "name = 'x'\n[limits]\nmax_cost = 5.5\nlist = [1, 'two', true]\n",
    );
    let json = r#"{"name": "x", "limits": {"max_cost": 5.5, "list": [1, "two", true]}}"#;
    let json = parse("a.json", json);
    assert_eq!(yaml.root.to_value(), toml.root.to_value());
    assert_eq!(yaml.root.to_value(), json.root.to_value());
    for doc in [yaml, toml, json] {
        assert_eq!(at(&doc, "/limits/max_cost"), "5.5");
        assert_eq!(at(&doc, "/limits/list/1").trim_matches(['\'', '"']), "two");
    }
}

#[test]
fn a_pointer_falls_back_to_the_nearest_ancestor() {
    let doc = parse("a.yaml", "models:\n  - openai/gpt-4o\n  - {model: x/y}\n");
    assert_eq!(at(&doc, "/models/0/model"), "openai/gpt-4o");
    assert_eq!(at(&doc, "/models/1/model"), "x/y");
    assert_eq!(at(&doc, "/models/7"), "openai/gpt-4o");
    let problem = doc
        .problem("/models/1/model", "no such model", "here")
        .draw(false);
    assert!(problem.contains("a.yaml:3:13"), "{problem}");
}

#[test]
fn pointers_escape_slashes_and_tildes() {
    let doc = parse("a.yaml", "a/b: {c~d: 1}\n");
    let block = doc.top().child("a/b").and_then(|block| block.child("c~d"));
    let block = block.expect("both keys are there");
    assert_eq!(block.pointer(), "/a~1b/c~0d");
    assert_eq!(doc.node(block.pointer()), Some(block.node()));
}

#[test]
fn children_of_maps_and_lists() {
    let doc = parse("a.yaml", "- exact\n- contains: refund\n");
    let children = doc.top().children();
    assert_eq!(children[0].1.text(), Some("exact"));
    let inner = children[1].1.children();
    assert_eq!(inner[0].0, "contains");
    assert_eq!(inner[0].1.pointer(), "/1/contains");
    assert_eq!(inner[0].1.value(), "refund");
}

mod any_input {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", ending in "yaml|toml|json") {
            check(&format!("x.{ending}"), &text);
        }

        #[test]
        fn never_panics_on_near_misses(
            text in "([\\[\\]{}:,\"'|>#&*!\\-?%@`=\\\\ \n\r\té\u{feff}0-9a-eE.+]|: |- |<<: |null|\"\"){0,60}",
            ending in "yaml|toml|json",
        ) {
            check(&format!("x.{ending}"), &text);
        }
    }

    fn check(name: &str, text: &str) {
        match Document::parse(Arc::new(Source::new(name, text))) {
            Ok(doc) => spans(&doc.root, text),
            Err(problem) => drop(problem.draw(false)),
        }
    }

    fn spans(node: &Node, text: &str) {
        assert!(text.get(node.span.clone()).is_some(), "{:?}", node);
        node.items().iter().for_each(|item| spans(item, text));
        for (key, value) in node.entries() {
            assert!(text.get(key.span.clone()).is_some());
            spans(value, text);
        }
    }
}
