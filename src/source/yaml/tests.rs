use super::*;
use serde_json::json;

fn read(text: &str) -> Node {
    let source = Arc::new(Source::new("a.yaml", text));
    parse(&source).unwrap_or_else(|problem| panic!("{}", problem.draw(false)))
}

fn fails(text: &str) -> String {
    let source = Arc::new(Source::new("a.yaml", text));
    parse(&source).expect_err("refused").draw(false)
}

#[test]
fn scalars_are_not_mangled() {
    let node = read(
        "[no, on, yes, true, 007, 012, 1:30, 1_000, 0x1f, ~, '5', 1e3, .5, -3, 2024-01-01, .nan]",
    );
    let expected = json!([
        "no",
        "on",
        "yes",
        true,
        "007",
        "012",
        "1:30",
        "1_000",
        31,
        null,
        "5",
        1000.0,
        0.5,
        -3,
        "2024-01-01",
        ".nan"
    ]);
    assert_eq!(node.to_value(), expected);
    let cells = node.to_cell();
    assert_eq!(cells[11], "1e3");
    assert_eq!(cells[12], ".5");
    assert_eq!(cells[13], -3);
    assert_eq!(cells[8], "0x1f");
}

#[test]
fn anchors_and_merges_unfold_where_they_are_used() {
    let text = "base: &b {x: 1, y: 007}\nuse: *b\nmore: {<<: *b, x: 2}\n";
    let node = read(text);
    assert_eq!(node.to_value()["use"], json!({"x": 1, "y": "007"}));
    assert_eq!(node.to_value()["more"], json!({"x": 2, "y": "007"}));
}

#[test]
fn an_empty_file_and_a_byte_order_mark() {
    assert_eq!(read("").value, Kind::Null);
    assert_eq!(read("# nothing\n").value, Kind::Null);
    let node = read("\u{feff}a: b\n");
    let (key, value) = &node.entries()[0];
    assert_eq!((key.span.clone(), value.span.clone()), (3..4, 6..7));
}

#[test]
fn duplicate_keys_bad_syntax_and_tags_are_located() {
    let drawn = fails("a: 1\nb: 2\na: 3\n");
    assert!(
        drawn.contains("duplicate key `a`") && drawn.contains("a.yaml:3:1"),
        "{drawn}"
    );
    let drawn = fails("a: [1, 2\nb: 3\n");
    assert!(drawn.contains("a.yaml:2:2"), "{drawn}");
    let drawn = fails("a: !!python/object/apply:os.system [\"id\"]\n");
    assert!(drawn.contains("a.yaml:1:36"), "{drawn}");
    let drawn = fails("a: 1\n---\nb: 2\n");
    assert!(drawn.contains("a.yaml:"), "{drawn}");
}

#[test]
fn bombs_are_refused() {
    let mut aliases = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for pair in "abcdefghijklm".as_bytes().windows(2) {
        let (from, to) = (pair[0] as char, pair[1] as char);
        let many = vec![format!("*{from}"); 9].join(", ");
        aliases += &format!("{to}: &{to} [{many}]\n");
    }
    let started = std::time::Instant::now();
    fails(&aliases);
    fails(&"[".repeat(100_000));
    fails(&"{a: ".repeat(100_000));
    fails(&"- ".repeat(50_000));
    let keys: String = (0..500_000).map(|n| format!("k{n}: 1\n")).collect();
    fails(&keys);
    assert!(fails(&"x".repeat(9 << 20)).contains("8 MiB"));
    let spent = started.elapsed();
    assert!(spent.as_secs() < 20, "{spent:?}");
}
