//! JSONPath (RFC 9535): a place, or several, in a JSON value.

use super::compare;
use super::quote::quote;
use jsonpath_rust::parser::model::{JpQuery, Segment, Selector};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use serde_json::Value;

/// Characters that a path may have.
const LONGEST: usize = 1000;
/// Values that a path may select.
const MOST: usize = 100_000;

/// A JSONPath, parsed.
#[derive(Debug)]
pub(super) struct Path {
    written: String,
    query: JpQuery,
    /// It can select no more than one value (RFC 9535, 2.3.5.1: a singular query).
    single: bool,
}

impl Path {
    /// A path as it is written, or what is wrong with it.
    pub(super) fn read(written: &str) -> Result<Path, String> {
        if written.len() > LONGEST {
            return Err(format!("a path has at most {LONGEST} characters"));
        }
        let query = parse_json_path(written).map_err(|_| {
            format!("{written:?} is no JSONPath: write one as `$.label` or `$.items[0].name`")
        })?;
        let one = |segment: &Segment| {
            let plain =
                |selector: &Selector| matches!(selector, Selector::Name(_) | Selector::Index(_));
            matches!(segment, Segment::Selector(selector) if plain(selector))
        };
        Ok(Path {
            written: written.to_owned(),
            single: query.segments.iter().all(one),
            query,
        })
    }

    /// What the path selects, as text: the one value of a path that can select one only, else the
    /// list of all; or why there is nothing.
    pub(super) fn text(&self, value: &Value) -> Result<String, String> {
        let nothing = || format!("nothing at {}", quote(&self.written));
        let found = js_path_process(&self.query, value).map_err(|_| nothing())?;
        match found.as_slice() {
            [] => Err(nothing()),
            [one] if self.single => Ok(compare::text(one.val).into_owned()),
            many if many.len() > MOST => Err(format!(
                "more than {MOST} values at {}",
                quote(&self.written)
            )),
            many => {
                let all = many.iter().map(|one| one.val.clone());
                Ok(Value::Array(all.collect()).to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_place_or_several() {
        let value = json!({"a": {"b": "x", "n": [1, 2.5, null]}, "odd key": true, "items": [{"p": 1}, {"p": 9}]});
        let text = |path: &str| Path::read(path).unwrap().text(&value);
        assert_eq!(text("$.a.b"), Ok("x".into()));
        assert_eq!(text("$.a.n[-2]"), Ok("2.5".into()));
        assert_eq!(text("$['odd key']"), Ok("true".into()));
        assert_eq!(text("$.a.n[2]"), Ok("null".into()));
        assert_eq!(text("$.items[*].p"), Ok("[1,9]".into()));
        assert_eq!(text("$.items[?@.p > 3].p"), Ok("[9]".into()));
        assert_eq!(text("$..p"), Ok("[1,9]".into()));
        assert_eq!(text("$.a.c"), Err("nothing at \"$.a.c\"".into()));
        assert_eq!(
            text("$.items[?@.p > 30]"),
            Err("nothing at \"$.items[?@.p > 30]\"".into())
        );
        for wrong in ["", "a.b", "$.", "$[", "/a", &"$.a".repeat(400)] {
            assert!(Path::read(wrong).is_err(), "{wrong}");
        }
        assert!(Path::read(&format!("$[?{}@.a{}]", "(".repeat(3000), ")".repeat(3000))).is_err());
    }
}
