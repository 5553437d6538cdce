//! `list`: the items of a list or a set in the reply against those of the target.

use super::super::kind::Kind;
use super::super::normal::{Normal, Punctuation, Space, Unicode};
use super::super::quote::list;
use super::super::reading::{self, Around};
use super::super::{Check, Graded, Score, Unscored, compare};
use crate::text::Overlap;
use crate::text::lcs;
use crate::text::words::Numbers;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;
use serde_json::Value;

/// The kind `list`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "list",
    about: "the items listed in the reply are the target's, in any order or in order",
    params: "measure: f1 | precision | recall | jaccard | exact, order: false, case: false, punctuation: ignore | keep",
    short: "the measure",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "list", "output": "- Oslo\n- Bergen\n- Rome", "target": ["Bergen", "Oslo", "Tromsø"], "gives": {"value": 0.6666666666666666, "why": "F1 0.667: 2 of 3 expected items, 1 other; missing \"Tromsø\"; other \"Rome\""}}"#,
    build: |given, _| {
        let params = match given.short() {
            Some(block) => Params {
                measure: block.read()?,
                ..Params::default()
            },
            None => given.params()?,
        };
        if params.order && params.measure == Measure::Jaccard {
            return Err(given.wrong("order", ["`jaccard` knows no order".to_owned()]));
        }
        Ok(Box::new(Items(params)))
    },
    schema: |generator| {
        let measure = generator.subschema_for::<Measure>();
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [measure, {"type": "null"}, params]})
    },
};

/// What `list` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// What the score is.
    measure: Measure,
    /// Whether the order counts, and how often an item is there.
    order: bool,
    /// Whether upper and lower case differ.
    case: bool,
    /// Punctuation.
    punctuation: Punctuation,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            measure: Measure::F1,
            order: false,
            case: false,
            punctuation: Punctuation::Ignore,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Measure {
    /// The harmonic mean of both.
    #[default]
    F1,
    /// The share of the items given that are expected.
    Precision,
    /// The share of the expected items that are given.
    Recall,
    /// Items in both ÷ items in either.
    Jaccard,
    /// Whether both have the same items.
    Exact,
}

/// Items compared.
const ITEMS: usize = 20_000;

/// The items given against those expected.
struct Items(Params);

impl Check for Items {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let expected = match compare::target(graded)? {
            Value::Array(items) => items
                .iter()
                .map(|item| compare::text(item).into_owned())
                .collect(),
            other => items(&compare::text(other)),
        };
        let found = items(&graded.reply.text);
        if expected.len().max(found.len()) > ITEMS {
            return Err(Unscored(format!("more than {ITEMS} items")));
        }
        let (expected, found) = (self.kept(&expected), self.kept(&found));
        let mut numbers = Numbers::default();
        let a: Vec<u32> = expected.iter().map(|(form, _)| numbers.of(form)).collect();
        let b: Vec<u32> = found.iter().map(|(form, _)| numbers.of(form)).collect();
        let missing: Vec<&str> = only(&expected, &a, &b);
        let other: Vec<&str> = only(&found, &b, &a);
        let shared = match self.0.order {
            true => lcs::length(&a, &b),
            false => a.len() - missing.len(),
        };
        let overlap = Overlap::of(shared, b.len(), a.len());
        let both_empty = a.is_empty() && b.is_empty();
        let same = match self.0.order {
            true => a == b,
            false => missing.is_empty() && other.is_empty(),
        };
        let (name, value) = match self.0.measure {
            _ if both_empty => ("F1", 1.0),
            Measure::F1 => ("F1", overlap.f1),
            Measure::Precision => ("precision", overlap.precision),
            Measure::Recall => ("recall", overlap.recall),
            Measure::Jaccard => (
                "jaccard",
                shared as f64 / (a.len() + b.len() - shared) as f64,
            ),
            Measure::Exact => ("exact", f64::from(u8::from(same))),
        };
        let order = if self.0.order { " in order" } else { "" };
        let mut why = format!(
            "{name} {value:.3}: {shared} of {} expected items{order}, {} other",
            a.len(),
            b.len() - shared
        );
        for (what, items) in [("missing", missing), ("other", other)] {
            if !items.is_empty() {
                why += &format!("; {what} {}", list(&items));
            }
        }
        Ok(match self.0.measure {
            Measure::Exact => Score::pass(same, why),
            _ => Score::graded(value, why),
        })
    }

    fn needs_target(&self) -> bool {
        true
    }

    fn passes(&self) -> bool {
        self.0.measure == Measure::Exact
    }
}

impl Items {
    /// The items in the form that is compared and as they stand; without order each form once.
    fn kept(&self, items: &[String]) -> Vec<(String, String)> {
        let normal = |punctuation| Normal {
            case: self.0.case,
            trim: true,
            space: Space::Collapse,
            punctuation,
            unicode: Unicode::Nfkc,
        };
        let mut kept: Vec<(String, String)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for item in items {
            let mut form = normal(self.0.punctuation).apply(item).into_owned();
            // an item like `+` is nothing but punctuation
            if form.is_empty() {
                form = normal(Punctuation::Keep).apply(item).into_owned();
            }
            if !form.is_empty() && (self.0.order || seen.insert(form.clone())) {
                kept.push((form, item.trim().to_owned()));
            }
        }
        kept
    }
}

/// The items whose form the other list has not.
fn only<'a>(items: &'a [(String, String)], ids: &[u32], others: &[u32]) -> Vec<&'a str> {
    let others: std::collections::HashSet<u32> = others.iter().copied().collect();
    let kept = items.iter().zip(ids).filter(|(_, id)| !others.contains(id));
    kept.map(|((_, item), _)| item.as_str()).collect()
}

/// The items of a text: a JSON list, else lines with bullets or numbers, else lines, else what stands
/// between semicolons or commas.
fn items(text: &str) -> Vec<String> {
    if let Ok(Value::Array(items)) = reading::json(text, Around::Prose) {
        return items
            .iter()
            .map(|item| compare::text(item).into_owned())
            .collect();
    }
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let bulleted: Vec<&str> = lines.iter().filter_map(|line| bulleted(line)).collect();
    if !bulleted.is_empty() {
        return bulleted.into_iter().map(str::to_owned).collect();
    }
    if let [_, _, ..] = lines.as_slice() {
        return lines.into_iter().map(str::to_owned).collect();
    }
    let line = lines.first().copied().unwrap_or_default();
    let marks: &[char] = match line.contains(';') {
        true => &[';'],
        false => &[',', '、', '，'],
    };
    let parts: Vec<&str> = line
        .split(marks)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let last = parts.len().saturating_sub(1);
    let mut items = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let part = if at == last {
            part.trim_end_matches(['.', '。'])
        } else {
            part
        };
        let bare = part
            .strip_prefix("and ")
            .or_else(|| part.strip_prefix("or "));
        match (at == last, bare, part.split_once(" and ")) {
            (true, Some(bare), _) => items.push(bare.to_owned()),
            (true, None, Some((a, b))) => items.extend([a.trim().to_owned(), b.trim().to_owned()]),
            _ => items.push(part.to_owned()),
        }
    }
    items
}

/// What follows a bullet or a number.
fn bulleted(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '*', '•', '–', '·', '+']);
    let rest = rest.or_else(|| {
        let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = after.len() < line.len() && line.len() - after.len() <= 4;
        number.then(|| after.strip_prefix(['.', ')'])).flatten()
    })?;
    let item = rest.strip_prefix([' ', '\t'])?.trim();
    (!item.is_empty()).then_some(item)
}
