//! What every figure must keep to, whatever it is fed: no label covers another, nothing lies outside,
//! a screen reader finds title and description, and a hostile name stays text.

use super::chart::front;
use super::*;
use crate::report::number::Scale;
use crate::stats::Estimate;
use proptest::prelude::*;

/// Where a text lies: left, top, right, bottom.
type Span = (f64, f64, f64, f64);

fn attribute(tag: &str, name: &str) -> Option<f64> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[at..].split('"').next()?.parse().ok()
}

/// Every upright text of a figure with the room it takes.
fn texts(svg: &str) -> Vec<(String, Span)> {
    let parts = svg.split("<text").skip(1);
    let texts = parts.filter_map(|part| {
        let (tag, rest) = part.split_once('>')?;
        let text = rest.split('<').next()?.to_owned();
        let (x, y) = (attribute(tag, "x")?, attribute(tag, "y")?);
        let plain = text
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
        let plain = plain.replace("&quot;", "\"").replace("&#39;", "'");
        let w = plain.width() as f64 * LETTER;
        let left = match tag {
            tag if tag.contains("\"end\"") => x - w,
            tag if tag.contains("\"middle\"") => x - w / 2.0,
            _ => x,
        };
        Some((text, (left, y - 10.0, left + w, y + 3.0)))
    });
    texts.collect()
}

/// Holds a figure to all of it; gives back its texts.
fn sound(svg: &str) -> Vec<(String, Span)> {
    for odd in ["<script", "onload='"] {
        assert!(!svg.contains(odd), "{odd} in {svg}");
    }
    // in what is drawn: a name may hold such letters
    let tags = svg.split('<').filter_map(|piece| piece.split_once('>'));
    for (tag, _) in tags {
        assert!(!tag.contains("NaN") && !tag.contains("inf"), "{tag}");
    }
    assert_eq!(svg.matches("<svg").count(), 1);
    assert!(
        svg.contains("role=\"img\"") && svg.contains("<title id=") && svg.contains("<desc id=")
    );
    let view = svg
        .split("viewBox=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let view: Vec<f64> = view.split(' ').map(|n| n.parse().unwrap()).collect();
    let texts = texts(svg);
    for (text, (left, top, right, bottom)) in &texts {
        let inside = *left >= -0.5 && *top >= 0.0 && *right <= view[2] + 0.5 && *bottom <= view[3];
        assert!(
            inside,
            "{text:?} lies outside: {left} {top} {right} {bottom} of {view:?}"
        );
    }
    for (at, (text, a)) in texts.iter().enumerate() {
        for (other, b) in &texts[..at] {
            let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
            assert!(apart, "{text:?} covers {other:?}: {a:?} {b:?}\n{svg}");
        }
    }
    for circle in svg.split("<circle").skip(1) {
        let (x, y) = (
            attribute(circle, "cx").unwrap(),
            attribute(circle, "cy").unwrap(),
        );
        assert!((0.0..=view[2]).contains(&x) && (0.0..=view[3]).contains(&y));
    }
    texts
}

/// Names as people and attackers choose them.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,9}",
        "(anthropic|openai|groq)/[a-z0-9-]{4,60}",
        Just("</svg><script>alert(1)</script>\" onload='x'".to_owned()),
        Just("請求".repeat(30)),
        Just("\u{202e}abc\u{1b}[31m".to_owned()),
        Just(String::new()),
    ]
}

fn estimate() -> impl Strategy<Value = Estimate> {
    let near = |v: f64, by: Option<f64>, sign: f64| by.map(|by| (v + sign * by).clamp(0.0, 1.0));
    let by = || proptest::option::of(0.0..0.4f64);
    (0.0..=1.0f64, by(), by(), 0..500usize).prop_map(move |(value, low, high, n)| Estimate {
        value,
        low: near(value, low, -1.0),
        high: near(value, high, 1.0),
        n,
    })
}

/// One, some or twenty candidates.
fn many<T: std::fmt::Debug>(one: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    proptest::collection::vec(one, 1..=20)
}

fn percent(v: f64) -> String {
    Scale::Percent.difference(v, Some(v), None)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_scatter_is_sound(points in many((name(), estimate(), estimate(), -7..4i32, any::<bool>()))) {
        let points: Vec<Point> = points
            .into_iter()
            .map(|(name, x, y, size, tied)| {
                let by = 10f64.powi(size);
                let scaled = |v: Option<f64>| v.map(|v| v * by);
                let x = Estimate { value: x.value * by, low: scaled(x.low), high: scaled(x.high), n: x.n };
                Point { name, x, y, tied }
            })
            .collect();
        let count = points.len();
        let chart = Chart {
            hull: Vec::new(),
            id: "x",
            title: "<quality> & cost",
            x_title: "cost per case",
            x_text: crate::report::number::money,
            y_title: "a_rather_long_name_of_a_scorer_that_somebody_made_up_on_a_friday_afternoon",
            scale: Scale::Percent,
            points,
        };
        let svg = chart.draw();
        sound(&svg);
        prop_assert_eq!(svg.matches("<circle").count(), count);
    }

    #[test]
    fn a_forest_is_sound(rows in many((name(), estimate(), proptest::option::of(-0.2..0.2f64)))) {
        let branches = rows.into_iter().map(|(name, e, bound)| Branch {
            numbers: format!("{} ({} to {})", percent(e.value - 0.5), e.low.unwrap_or(0.0), 1.0),
            name,
            value: e.value - 0.5,
            low: e.low.map(|v| v - 0.5),
            high: e.high.map(|v| v - 0.5),
            bound,
            class: "regressed".to_owned(),
        });
        let branches: Vec<Branch> = branches.collect();
        let count = branches.len();
        let ends = ("← worse than the one with the long name", "better than the one with the long name →");
        let svg = Forest { id: "f", title: "t", branches, text: &percent, ends }.draw();
        let texts = sound(&svg);
        prop_assert!(texts.len() >= 2 * count);
    }

    #[test]
    fn times_are_sound(
        rows in many((name(), proptest::collection::vec(0.0..1e6f64, 0..300), any::<bool>())),
        shrink in 0..6i32,
    ) {
        let rows = rows.into_iter().map(|(name, values, tied)| {
            let values: Vec<f64> = values.iter().map(|v| v / 10f64.powi(shrink)).collect();
            let at = |q| crate::stats::quantile::estimate(&values, q, 0.95);
            let (p50, p95) = (at(0.5), at(0.95));
            Times { name, numbers: "p50 1.2 s · p95 12 s".to_owned(), p50, p95, values, tied }
        });
        let rows: Vec<Times> = rows.collect();
        let svg = Spread { id: "s", title: "t", rows, text: crate::report::number::duration, name: "seconds" }.draw();
        sound(&svg);
        // a thousand replies make no large figure
        prop_assert!(svg.len() < 20 * 6_000);
    }

    #[test]
    fn a_heat_map_is_sound(
        rows in many(name()),
        columns in proptest::collection::vec(name(), 1..=14),
        cell in proptest::option::of(0.0..=1.0f64),
    ) {
        let one = |shade: f64| Cell { text: "63%".to_owned(), shade, few: shade < 0.3, title: "<63%>".to_owned() };
        let rows: Vec<_> = rows.into_iter().map(|row| (row, columns.iter().map(|_| cell.map(one)).collect())).collect();
        let columns = columns.into_iter().enumerate().map(|(at, head)| Column {
            group: ["", "a long name of a group", "x"][at / 5].to_owned(),
            head,
            small: "n = 12".to_owned(),
        });
        let columns = columns.collect();
        sound(&Heat { id: "h", title: "t", said: "d", columns, rows }.draw());
    }

    #[test]
    fn a_strip_is_bounded_and_tells_its_cases(changes in proptest::collection::vec(proptest::option::of(-1.0..=1.0f64), 0..2_000)) {
        let all: Vec<Bar> = changes.iter().enumerate().map(|(at, change)| Bar {
            change: *change,
            case: at + 1,
            title: format!("case \"{at}\" <b>"),
        }).collect();
        let svg = bars("12 gained, 3 lost", &all);
        prop_assert!(svg.len() < 60_000 && !svg.contains("<b>") && !svg.contains("NaN"));
        prop_assert!(svg.contains("aria-label=\"12 gained, 3 lost\""));
        let linked = svg.matches("<a href=\"#case-").count();
        if changes.len() <= 300 {
            prop_assert_eq!(linked, changes.iter().filter(|c| **c != Some(0.0)).count());
        } else {
            prop_assert_eq!(linked, 0);
        }
    }
}

fn point(name: &str, x: f64, y: f64) -> Point {
    let estimate = |value, low, high| Estimate {
        value,
        low,
        high,
        n: 10,
    };
    Point {
        name: name.to_owned(),
        x: estimate(x, None, None),
        y: estimate(y, Some(y - 0.1), Some(y + 0.1)),
        tied: y > 0.7,
    }
}

#[test]
fn the_front_holds_what_none_beats() {
    let points = [
        ("a", 3.0, 0.9),
        ("b", 1.0, 0.5),
        ("c", 2.0, 0.4),
        ("d", 1.0, 0.3),
        ("e", 4.0, 0.9),
    ];
    let points: Vec<Point> = points.iter().map(|(n, x, y)| point(n, *x, *y)).collect();
    let names: Vec<&str> = front(&points).iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
}

#[test]
fn points_at_one_place_are_all_drawn() {
    let chart = Chart {
        hull: Vec::new(),
        id: "x",
        title: "t",
        x_title: "cost",
        x_text: |v| format!("{v}"),
        y_title: "score",
        scale: Scale::Percent,
        points: vec![point("the same", 0.0, 1.0); 30],
    };
    let svg = chart.draw();
    sound(&svg);
    assert_eq!(svg.matches("<circle").count(), 30);
}

#[test]
fn an_interval_without_a_limit_reaches_the_edge() {
    let branch = Branch {
        name: "a".to_owned(),
        numbers: "+2 points or more".to_owned(),
        value: 0.04,
        low: Some(0.02),
        high: None,
        bound: Some(-0.05),
        class: "improved".to_owned(),
    };
    let text = |v: f64| format!("{v:.2}");
    let svg = Forest {
        id: "f",
        title: "t",
        branches: vec![branch],
        text: &text,
        ends: ("", ""),
    }
    .draw();
    assert!(svg.contains("H430.0\""), "{svg}");
    assert!(svg.contains("class=\"zone\"") && svg.contains("class=\"bound\""));
    sound(&svg);
}

#[test]
fn text_is_cut_to_its_room() {
    assert_eq!(fit("qwen2.5-coder", 200.0), "qwen2.5-coder");
    assert_eq!(fit("qwen2.5-coder", 6.7 * 6.0), "qwen2…");
    assert_eq!(fit("請求請求請求", 6.7 * 6.0), "請求…");
    assert_eq!(fit("", 10.0), "");
}
