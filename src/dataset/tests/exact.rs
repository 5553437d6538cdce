//! What a row says and where it stands, to the letter.

use super::*;

#[test]
fn a_quote_that_is_never_closed_swallows_nothing() {
    let files = Files::new(&[("d.csv", "id,text\n1,a\n2,\"b\n3,c\n4,d\n")]);
    assert_snapshot!(files.said("d.csv"), @r"d.csv:3:3 this quote is not closed, or not within 4 MiB | a quote within quotes is written twice");
    let files = Files::new(&[(
        "d.csv",
        "id,text\n1,\"a\" b\n2,\"c\"\"\n3,d\n4,\"e\"\n5,f\n",
    )]);
    assert_snapshot!(files.said("d.csv"), @r"
    d.csv:2:6 text after the closing quote | a quote within quotes is written twice
    d.csv:5:4 text after the closing quote | a quote within quotes is written twice
    ");
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let lines = |text: &str| -> Vec<usize> {
        let files = Files::new(&[("d.csv", text)]);
        let cases = files.good("d.csv").cases;
        cases.iter().map(|case| case.line).collect()
    };
    assert_eq!(lines("id,t\n1,a\n\n2,\"b\n\nc\"\n3,d"), [2, 4, 7]);
    assert_eq!(
        lines("\u{feff}id,t\r\n\r\n1,a\r\n2,\"b\n\nc\"\r\n3,d\r\n"),
        [3, 4, 7]
    );
    let files = Files::new(&[("mac.csv", "id,t\r1,a\r2,b\r")]);
    assert_snapshot!(files.said("mac.csv"), @r"mac.csv:1:5 a carriage return that ends no line | save the file with line feeds, or put the cell in quotes");
}

#[test]
fn numbers_too_long_for_a_number_stay_text() {
    let row = "{\"id\": 123456789012345678901234567890, \"n\": [1.50, -2, 1e3], \"z\": 18446744073709551615}";
    let files = Files::new(&[("d.jsonl", row.to_owned()), ("d.json", format!("[{row}]"))]);
    for name in ["d.jsonl", "d.json"] {
        let case = &files.good(name).cases[0];
        assert_eq!(case.id, "123456789012345678901234567890", "{name}");
        let rest = (&case.vars["n"], &case.vars["z"]);
        assert_eq!(
            rest,
            (&json!([1.5, -2, 1000.0]), &json!(u64::MAX)),
            "{name}"
        );
    }
}

#[test]
fn a_key_stands_once() {
    let files = Files::new(&[(
        "d.jsonl",
        "{\"a\": 1}\n{\"a\": 2, \"b\": {\"c\": 1, \"c\": 2}}\n{\"a\": 1, \"a\": 3}\n",
    )]);
    assert_snapshot!(files.said("d.jsonl"), @r"
    d.jsonl:2:24 duplicate key `c` | 
    d.jsonl:3:10 duplicate key `a` |
    ");
}

#[test]
fn the_hash_knows_no_order_of_columns_but_tags_and_groups() {
    let files = Files::new(&[("a.csv", "id,x,y\n1,2,3\n"), ("b.csv", "y,x,id\n3,2,1\n")]);
    let hash = |spec: &str| files.good(spec).hash;
    assert_eq!(hash("a.csv"), hash("b.csv"));
    assert_ne!(hash("a.csv"), hash("{path: a.csv, group: x}"));
    assert_ne!(hash("a.csv"), hash("{path: a.csv, tags: x}"));
}

#[test]
fn the_shipped_dataset_loads() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets");
    let catalog = Catalog::new(env!("CARGO_MANIFEST_DIR"), false);
    assert!(std::path::Path::new(root).exists());
    let dataset = Dataset::load("datasets/support-triage", &catalog).unwrap();
    assert_eq!(dataset.cases.len(), 100);
    let case = &dataset.cases[0];
    assert_eq!(case.group.as_deref(), Some("customer-01"));
    assert_eq!(case.tags, ["lang=en", "difficulty=easy"]);
}

#[test]
fn mistakes_in_about_are_shown_there() {
    let files = Files::new(&[
        (
            "d/about.yaml",
            "columns:\n  target: lable\n  tags: [lang]\n",
        ),
        ("d/data.csv", "id,label\n1,a\n"),
    ]);
    assert_snapshot!(files.said("d"), @r"
    d/about.yaml:2:11 the dataset has no column `lable` | did you mean `label`? / columns: id, label
    d/about.yaml:3:10 the dataset has no column `lang` | columns: id, label
    ");
}

#[test]
fn large_headers_and_lines_are_bounded() {
    let header: String = (0..300_000).map(|n| format!("c{n},")).collect();
    let files = Files::new(&[
        ("wide.csv", format!("{header}x\n{header}x\n")),
        ("long.jsonl", "x".repeat(40 << 20)),
        ("cell.csv", format!("id,t\n1,{}\n", "x".repeat(2 << 20))),
    ]);
    assert_snapshot!(files.said("wide.csv"), @r"wide.csv:1:1 more than 4096 columns |");
    assert!(files.said("long.jsonl").contains("longer than 4 MiB"));
    assert!(files.said("cell.csv").contains("`t` is longer than 1 MiB"));
}

#[test]
fn ids_are_short_text() {
    let files = Files::new(&[
        (
            "d.jsonl",
            "{\"id\": [1]}\n{\"id\": 5}\n{\"id\": null}\n{\"x\": 1}\n{\"id\": true}\n",
        ),
        ("d.csv", &format!("id\n{}\n \t\n", "é".repeat(200))),
    ]);
    assert_snapshot!(files.said("d.jsonl"), @r"
    d.jsonl:1:1 an id is text, not a list or a map | 
    d.jsonl:3:1 no id in column `id` | 
    d.jsonl:4:1 no id in column `id` |
    ");
    assert_snapshot!(files.said("d.csv"), @r"
    d.csv:2:1 the id is longer than 256 bytes | 
    d.csv:3:1 no id in column `id` |
    ");
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let text = format!(
        "- &a {{t: {}}}\n{}",
        "x".repeat(900_000),
        "- *a\n".repeat(20_000)
    );
    let files = Files::new(&[("d.yaml", text)]);
    assert!(files.said("d.yaml").len() < 10_000);
}

#[test]
fn tags_are_words() {
    let text = "id,lang,tags\n1,de,\"a b;c, a\"\n2,\"[en, 'fr']\",\"[\"\"x y\"\", 1]\"\n3,New York; Rome,\n";
    let files = Files::new(&[
        ("d.csv", text),
        (
            "d.jsonl",
            "{\"id\": 1, \"lang\": [\"de\", null, 5]}\n{\"id\": 2, \"lang\": null}\n",
        ),
    ]);
    let dataset = files.good("{path: d.csv, tags: [lang, tags]}");
    assert_eq!(dataset.cases[0].tags, ["lang=de", "a", "b", "c"]);
    assert_eq!(dataset.cases[1].tags, ["lang=en", "lang=fr", "x y", "1"]);
    assert_eq!(dataset.cases[2].tags, ["lang=New York", "lang=Rome"]);
    let typed = files.good("{path: d.jsonl, tags: lang}");
    assert_eq!(typed.cases[0].tags, ["lang=de", "lang=5"]);
    assert!(typed.cases[1].tags.is_empty());
    let only = Selection {
        only: vec!["tag:de".to_owned(), "tag:lang=R*".to_owned()],
        ..Selection::default()
    };
    assert_eq!(ids(&dataset.select(&only).unwrap()), ["1", "3"]);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let files = Files::new(&[
        ("d.csv", "key,label\n1,a,b\n2,c\n"),
        ("expected.csv", "key,expected\n1,a\n"),
        ("several/data.csv", "a\n1\n"),
        ("several/data.json", "[]"),
        ("lines.json", "{\"a\": 1}\n{\"a\": 2}\n"),
        ("lost/about.yaml", "title: Lost\ndata: nowhere.csv\n"),
    ]);
    assert_snapshot!(files.said("{path: d.csv, id: kye, tags: [label, lang], columns: {label: key}}"), @r"
    bakeoff.yaml:1:71 there is a column `label` already | 
    d.csv:2:1 a row of 3 fields under a header of 2 |
    ");
    assert_snapshot!(files.said("{path: d.csv, id: kye, tags: [label, lang]}"), @r"
    bakeoff.yaml:1:28 the dataset has no column `kye` | did you mean `key`? / columns: key, label
    bakeoff.yaml:1:47 the dataset has no column `lang` | columns: key, label
    d.csv:2:1 a row of 3 fields under a header of 2 |
    ");
    assert_eq!(files.good("expected.csv").cases[0].target, Some(json!("a")));
    assert_snapshot!(files.said("several"), @r"bakeoff.yaml:1:10 the folder `several` holds several datasets | say which in about.yaml: `data: data.csv` or `data: data.json`");
    assert_snapshot!(files.said("lines.json"), @r"lines.json:2:1 (nothing may follow here) more than one JSON value | an object a line is `format: jsonl`");
    assert_snapshot!(files.said("lost"), @r"lost/about.yaml:2:7 there is no file `lost/nowhere.csv` | there are: lost/about.yaml");
}

mod like_the_csv_crate {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever is read here, the csv crate reads alike.
        #[test]
        fn reads(body in "([a-c,\"\n]|\r\n|\"\"|,\"){0,40}") {
            let text = format!("h,i\n{body}");
            let files = Files::new(&[("d.csv", &text)]);
            if let Ok(dataset) = files.read("d.csv") {
                let mut reader = ::csv::Reader::from_reader(text.as_bytes());
                let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
                let cells = |case: &Case| case.vars.values().map(|cell| cell.as_str().unwrap().to_owned()).collect::<Vec<_>>();
                prop_assert_eq!(dataset.cases.iter().map(cells).collect::<Vec<_>>(), rows.collect::<Vec<_>>());
            }
        }
    }
}
