use super::*;
use serde_json::json;

fn read(text: &str) -> Result<Node, Problem> {
    parse(&Arc::new(Source::new("a.json", text)))
}

#[test]
fn reads_what_serde_json_reads() {
    let text = " {\"a\": [1, -2.5e3, \"\\u00e9\\ud83d\\ude00\\\"\", true, null, {}], \"ü\": []} \n";
    let expected: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(read(text).unwrap().to_value(), expected);
    assert_eq!(read("\u{feff}[1]").unwrap().to_value(), json!([1]));
}

#[test]
fn what_is_wrong_is_located() {
    let place = |text: &str| {
        let drawn = read(text).expect_err(text).draw(false);
        let at = drawn.find("a.json:").expect("has a place") + 7;
        drawn[at..].lines().next().unwrap().to_owned()
    };
    assert_eq!(place("{\"a\": 1,\n \"a\": 2}"), "2:2");
    assert_eq!(place("{\"a\": 1\n \"b\": 2}"), "2:2");
    assert_eq!(place("[1, 2"), "1:6");
    assert_eq!(place("[1] 2"), "1:5");
    assert_eq!(place("{a: 1}"), "1:2");
    assert_eq!(place("[01]"), "1:2");
    assert_eq!(place("\"a\\"), "1:1");
    assert_eq!(place("[\"\\q\"]"), "1:2");
    read(&"[".repeat(100_000)).unwrap_err();
}
