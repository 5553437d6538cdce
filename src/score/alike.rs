//! When two JSON values count as alike: numbers within a tolerance, texts in any case, lists in any
//! order.

use super::compare;
use super::matching::pairs;
use super::numeric::Tolerance;
use serde_json::Value;

/// The longest lists that are compared in any order.
const LONGEST: usize = 500;

/// How exact two values must agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alike {
    /// How far off a number may be.
    pub tolerance: Tolerance,
    /// Whether upper and lower case differ.
    pub case: bool,
    /// Whether the order of lists counts.
    pub order: bool,
}

impl Default for Alike {
    fn default() -> Self {
        Alike {
            tolerance: Tolerance::default(),
            case: true,
            order: true,
        }
    }
}

impl Alike {
    /// Whether the value found is as good as the one that is expected.
    pub(super) fn same(&self, expected: &Value, found: &Value) -> bool {
        match (expected, found) {
            (Value::Number(a), Value::Number(b)) => {
                compare::same(expected, found)
                    || self.tolerance != Tolerance::default()
                        && a.as_f64()
                            .zip(b.as_f64())
                            .is_some_and(|(a, b)| (a - b).abs() <= self.tolerance.within(a))
            }
            (Value::String(a), Value::String(b)) => {
                a == b || !self.case && a.to_lowercase() == b.to_lowercase()
            }
            (Value::Array(a), Value::Array(b)) if a.len() != b.len() => false,
            (Value::Array(a), Value::Array(b)) if self.order || a.len() > LONGEST => {
                a.iter().zip(b).all(|(a, b)| self.same(a, b))
            }
            (Value::Array(a), Value::Array(b)) => {
                let pairs = pairs(a.len(), b.len(), |i, j| self.same(&a[i], &b[j]));
                pairs.iter().all(Option::is_some)
            }
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, a)| b.get(key).is_some_and(|b| self.same(a, b)))
            }
            (a, b) => a == b,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_leniency_alone() {
        let (a, b) = (
            json!({"n": 100, "t": "Éa", "l": [1, 2, 2]}),
            json!({"n": 101, "t": "éA", "l": [2, 1, 2]}),
        );
        let same = |alike: Alike, key: &str| alike.same(&a[key], &b[key]);
        let exact = Alike::default();
        assert!(["n", "t", "l"].iter().all(|key| !same(exact, key)));
        let near = Alike {
            tolerance: Tolerance::Relative(0.01),
            ..exact
        };
        assert!(same(near, "n") && !same(near, "t"));
        let loose = Alike {
            case: false,
            ..exact
        };
        assert!(same(loose, "t") && !same(loose, "l"));
        let any = Alike {
            order: false,
            ..exact
        };
        assert!(same(any, "l") && !same(any, "n"));
        assert!(!any.same(&json!([1, 1, 2]), &json!([1, 2, 2])));
        let all = Alike {
            tolerance: Tolerance::Absolute(1.0),
            case: false,
            order: false,
        };
        assert!(all.same(&a, &b) && exact.same(&a, &a));
        assert!(!exact.same(&json!(9007199254740993_u64), &json!(9007199254740992_u64)));
    }
}
