use super::*;
use serde_json::json;

fn read(text: &str) -> Result<Node, Problem> {
    parse(&Arc::new(Source::new("a.toml", text)))
}

#[test]
fn every_kind_of_value() {
    let text = "s = 'x'\ni = 1_000\nh = 0x1f\nf = 1.5\nb = true\nd = 2024-01-01\nl = [1, {a = 2}]\n[t.u]\nv = inf\n";
    let node = read(text).unwrap();
    let expected = json!({
        "s": "x", "i": 1000, "h": 31, "f": 1.5, "b": true, "d": "2024-01-01",
        "l": [1, {"a": 2}], "t": {"u": {"v": "inf"}}
    });
    assert_eq!(node.to_value(), expected);
    let order: Vec<&str> = node
        .entries()
        .iter()
        .map(|(key, _)| key.text.as_str())
        .collect();
    assert_eq!(order, ["s", "i", "h", "f", "b", "d", "l", "t"]);
}

#[test]
fn what_is_wrong_is_located() {
    let drawn = read("a = 1\nb = \n").unwrap_err().draw(false);
    assert!(drawn.contains("a.toml:2:"), "{drawn}");
    let drawn = read("a = 1\na = 2\n").unwrap_err().draw(false);
    assert!(drawn.contains("a.toml:2:1"), "{drawn}");
    assert!(read(&format!("a = {}", "[".repeat(100_000))).is_err());
    let path = vec!["a"; 70].join(".");
    assert!(read(&format!("{}1", format!("{path} = {{").repeat(70))).is_err());
    let nested = format!("{}b=1{}", format!("{path} = {{").repeat(70), "}".repeat(70));
    assert!(
        read(&format!("[{path}]\n{nested}"))
            .unwrap_err()
            .title
            .contains("64 deep")
    );
    assert!(read(&"[[a]]\n[a.b]\n".repeat(3)).is_ok());
}
