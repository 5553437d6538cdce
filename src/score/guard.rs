//! `latency` and `cost`: a limit on the time or the money that an answer took.

use super::kind::Kind;
use super::{Check, Graded, Score, Unscored};
use crate::project::Period;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// The kind `latency`.
pub(super) const LATENCY: Kind = Kind {
    name: "latency",
    about: "the answer came in time; one from the cache has no latency and no score",
    params: "max: 2s",
    short: "the longest time: 2s, 500ms",
    range: "0 or 1",
    direction: "higher is better",
    needs: "the answer's time",
    example: r#"{"scorer": {"latency": "2s"}, "output": "hi", "latency_ms": 1500, "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, _| {
        let max = match given.short() {
            Some(block) => block.read::<Period>()?,
            None => given.params::<LatencyParams>()?.max,
        };
        let max = max.0.as_secs_f64() * 1000.0;
        Ok(Box::new(Guard {
            what: What::Latency,
            max,
        }))
    },
    schema: |generator| {
        let short = generator.subschema_for::<Period>();
        let params = generator.subschema_for::<LatencyParams>();
        json_schema!({"anyOf": [short, params]})
    },
};

/// The kind `cost`.
pub(super) const COST: Kind = Kind {
    name: "cost",
    about: "the answer cost no more than this; an unknown cost has no score",
    params: "max: 0.01 (USD)",
    short: "the highest cost in USD",
    range: "0 or 1",
    direction: "higher is better",
    needs: "the answer's cost",
    example: r#"{"scorer": {"cost": 0.01}, "output": "hi", "cost_usd": 0.02, "gives": {"value": 0.0, "passed": false}}"#,
    build: |given, _| {
        let max = match given.short() {
            Some(block) => block.read::<Dollars>()?.0,
            None => given.params::<CostParams>()?.max.0,
        };
        Ok(Box::new(Guard {
            what: What::Cost,
            max,
        }))
    },
    schema: |generator| {
        let short = generator.subschema_for::<Dollars>();
        let params = generator.subschema_for::<CostParams>();
        json_schema!({"anyOf": [short, params]})
    },
};

/// What `latency` takes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct LatencyParams {
    /// The longest time.
    max: Period,
}

/// What `cost` takes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct CostParams {
    /// The most an answer may cost, in USD.
    max: Dollars,
}

/// US dollars.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
struct Dollars(#[schemars(range(min = 0.0))] f64);

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Milliseconds of the successful attempt.
    Latency,
    /// US dollars.
    Cost,
}

/// An answer took no more than this.
struct Guard {
    /// What is limited.
    what: What,
    /// Milliseconds or dollars.
    max: f64,
}

impl Check for Guard {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let (found, unknown) = match self.what {
            What::Latency => (
                graded.latency_ms,
                "the answer has no latency of its own (from the cache?)",
            ),
            What::Cost => (graded.cost_usd, "what the answer cost is unknown"),
        };
        let found = found
            .filter(|found| found.is_finite())
            .ok_or_else(|| Unscored(unknown.into()))?;
        let passed = found <= self.max;
        let than = if passed { "within" } else { "more than" };
        Ok(Score::pass(
            passed,
            match self.what {
                What::Latency => format!("{found:.1} ms, {than} {} ms", self.max),
                What::Cost => format!("{found:.6} USD, {than} {} USD", self.max),
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{case, graded, reply};
    use super::*;

    #[test]
    fn unknown_is_not_zero() {
        let (case, reply) = (case(None), reply("hi"));
        let mut seen = graded(&case, &reply);
        let (slow, dear) = (
            Guard {
                what: What::Latency,
                max: 2000.0,
            },
            Guard {
                what: What::Cost,
                max: 0.01,
            },
        );
        assert!(slow.check(&seen).is_err() && dear.check(&seen).is_err());
        (seen.latency_ms, seen.cost_usd) = (Some(2000.4), Some(0.01));
        assert_eq!(
            slow.check(&seen).unwrap(),
            Score::pass(false, "2000.4 ms, more than 2000 ms")
        );
        assert_eq!(
            dear.check(&seen).unwrap(),
            Score::pass(true, "0.010000 USD, within 0.01 USD")
        );
        seen.cost_usd = Some(f64::NAN);
        assert!(dear.check(&seen).is_err());
    }
}
