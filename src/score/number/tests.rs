use super::*;
use proptest::prelude::*;

fn values(text: &str) -> Vec<f64> {
    numbers(text, Decimal::Auto)
        .iter()
        .map(|n| n.value)
        .collect()
}

#[test]
fn one_number_in_each_custom() {
    for (text, value) in [
        ("42", 42.0),
        ("The answer is 42.", 42.0),
        ("-5", -5.0),
        ("−5", -5.0),
        ("－５", -5.0),
        ("–5", -5.0),
        ("+7", 7.0),
        ("$18", 18.0),
        ("-$18.50", -18.5),
        ("$-18.50", -18.5),
        (r"\$1,234", 1234.0),
        ("US$ 5", 5.0),
        ("€ 1.234,50", 1234.5),
        ("1,234,567.891", 1234567.891),
        ("1.234.567,891", 1234567.891),
        ("1,234", 1234.0),
        ("1.234", 1.234),
        ("3,5", 3.5),
        ("0,123", 0.123),
        ("1'234'567", 1234567.0),
        ("1’234.5", 1234.5),
        ("1\u{a0}234\u{a0}567", 1234567.0),
        ("1\u{202f}234,56", 1234.56),
        ("1_000_000", 1e6),
        ("12,34,567", 1234567.0),
        ("1{,}234", 1234.0),
        ("1e-5", 1e-5),
        ("6.02E23", 6.02e23),
        ("1.5×10^3", 1500.0),
        ("1.5 × 10⁻³", 0.0015),
        (r"2*10**4", 20000.0),
        (".5", 0.5),
        ("50%", 50.0),
        ("价格是100元", 100.0),
        ("答案：１２３。", 123.0),
        ("答案是−3", -3.0),
        ("١٢٣٫٥", 123.5),
        ("१२", 12.0),
        (r"\boxed{42}", 42.0),
        ("**42**", 42.0),
        ("_42_", 42.0),
        ("x=-42", -42.0),
        ("(-42)", -42.0),
        ("- 5 apples", 5.0),
        ("5m²", 5.0),
        ("007", 7.0),
    ] {
        assert_eq!(values(text), [value], "{text}");
    }
}

#[test]
fn several_numbers_and_none() {
    assert_eq!(
        values("First 10, then 20, finally 30 apples"),
        [10.0, 20.0, 30.0]
    );
    assert_eq!(values("x = -3 or x = 4"), [-3.0, 4.0]);
    assert_eq!(values("3-5"), [3.0, 5.0]);
    assert_eq!(values("2024-05-06"), [2024.0, 5.0, 6.0]);
    assert_eq!(values("12.05.2024"), [12.0, 5.0, 2024.0]);
    assert_eq!(values("1,2,3"), [1.0, 2.0, 3.0]);
    assert_eq!(values("3.5,4.5"), [3.5, 4.5]);
    assert_eq!(values("100 200 300"), [100.0, 200.0, 300.0]);
    assert_eq!(values("gpt-4 H2O A1"), Vec::<f64>::new());
    assert_eq!(values("$ none – \u{0}"), Vec::<f64>::new());
}

#[test]
fn a_comma_can_be_asked_for() {
    let comma = |text| numbers(text, Decimal::Comma)[0].value;
    assert_eq!(comma("1.234"), 1234.0);
    assert_eq!(comma("1,234"), 1.234);
    assert_eq!(comma("1 234 567,5 €"), 1234567.5);
    let point = |text| numbers(text, Decimal::Point)[0].value;
    assert_eq!(point("1,234"), 1234.0);
    assert_eq!(point("1.234"), 1.234);
}

#[test]
fn equal_numbers_are_exactly_equal() {
    let exact = |text: &str| numbers(text, Decimal::Auto).remove(0).exact;
    assert_eq!(exact("1,500"), exact("1.5e3"));
    assert_eq!(exact("0.50"), exact(".5"));
    assert_eq!(exact("-0"), exact("0.00"));
    assert_ne!(exact("12345678901234567890"), exact("12345678901234567891"));
    assert_ne!(exact("0.1"), exact("0.10000000000000000001"));
    assert!(values("1e999")[0].is_infinite());
    assert_eq!(values("1e-99999999999999999999"), [0.0]);
}

proptest! {
    #[test]
    fn any_text_can_be_read(text in "\\PC{0,60}|[-+0-9.,'e%$ \u{a0}]{0,60}") {
        for decimal in [Decimal::Auto, Decimal::Point, Decimal::Comma] {
            for number in numbers(&text, decimal) {
                prop_assert!(!number.value.is_nan());
            }
        }
    }

    #[test]
    fn what_rust_prints_is_read_back(value in -1e15_f64..1e15) {
        prop_assert_eq!(numbers(&value.to_string(), Decimal::Point)[0].value, value);
        prop_assert_eq!(numbers(&format!("{value:e}"), Decimal::Point)[0].value, value);
    }
}
