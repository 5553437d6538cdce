//! What a server says is left of its rate limits, read from the headers of any response.
//!
//! The names and forms are those of the recordings: OpenAI, Azure, Groq, xAI and Together
//! (`x-ratelimit-…`), Anthropic (`anthropic-ratelimit-…`), Mistral (the window in the name), and
//! LiteLLM, which passes its upstream's on as `llm_provider-…`. Headers may be missing: nothing is
//! ever concluded from that.

use super::failure::reset;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Requests; at Groq those of a day, elsewhere of a minute.
    Requests,
    /// Tokens of input and output.
    Tokens,
    /// Tokens of input.
    Input,
    /// Tokens of output.
    Output,
}

/// What is left of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// What it counts.
    pub of: Counted,
    /// What is left; less than nothing is nothing.
    pub left: u64,
    /// All of it.
    pub limit: Option<u64>,
    /// How long until it is renewed.
    pub reset: Option<Duration>,
}

/// The longest number that is believed: beyond it nothing can be counted exactly.
const MOST: f64 = 9e15;

/// Everything that the headers (lower-case names) state; a limit that is stated twice, as the tighter.
pub fn allowances(headers: &[(String, String)]) -> Vec<Allowance> {
    let date = header(headers, "date");
    let mut found: BTreeMap<Counted, Allowance> = BTreeMap::new();
    for (name, value) in headers {
        let Some((before, after)) = name.split_once("remaining") else {
            continue;
        };
        let Some(of) = counted(before, after) else {
            continue;
        };
        let Some(left) = number(value) else { continue };
        let other = |what: &str| header(headers, &format!("{before}{what}{after}"));
        let stated = Allowance {
            of,
            left,
            limit: other("limit").and_then(number).filter(|limit| *limit > 0),
            reset: other("reset").and_then(|value| reset(value, date)),
        };
        let tighter = |known: &Allowance| known.left <= stated.left;
        if !found.get(&of).is_some_and(tighter) {
            found.insert(of, stated);
        }
    }
    found.into_values().collect()
}

/// What a header counts, by what stands in its name before and after `remaining`. What is not about
/// requests or tokens of a short window (images, a month) is left alone.
fn counted(before: &str, after: &str) -> Option<Counted> {
    let before = before.strip_prefix("llm_provider-").unwrap_or(before);
    let what = match before {
        "x-ratelimit-" | "ratelimit-" => after.strip_prefix('-').unwrap_or(after),
        _ if after.is_empty() => before.strip_prefix("anthropic-ratelimit-")?,
        _ => return None,
    };
    match what.trim_end_matches('-') {
        "" | "requests" | "req-minute" | "req-10-second" => Some(Counted::Requests),
        "tokens" | "tokens-minute" => Some(Counted::Tokens),
        "input-tokens" => Some(Counted::Input),
        "output-tokens" => Some(Counted::Output),
        _ => None,
    }
}

/// A whole number, however it is written; a negative one is 0.
fn number(value: &str) -> Option<u64> {
    let number: f64 = value.trim().parse().ok()?;
    (number <= MOST).then_some(number.max(0.0) as u64)
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(headers: &[(&str, &str)]) -> Vec<(Counted, u64, Option<u64>, Option<f64>)> {
        let headers = headers.iter().map(|(k, v)| (k.to_string(), v.to_string()));
        let found = allowances(&headers.collect::<Vec<_>>()).into_iter();
        found
            .map(|it| {
                (
                    it.of,
                    it.left,
                    it.limit,
                    it.reset.map(|it| it.as_secs_f64()),
                )
            })
            .collect()
    }

    const NOW: (&str, &str) = ("date", "Fri, 20 Nov 2026 10:00:00 GMT");

    #[test]
    fn every_provider_s_form() {
        use Counted::*;
        let openai = [
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "499"),
            ("x-ratelimit-reset-requests", "120ms"),
            ("x-ratelimit-limit-tokens", "30000"),
            ("x-ratelimit-remaining-tokens", "29974"),
            ("x-ratelimit-reset-tokens", "20m52.666s"),
            ("x-ratelimit-remaining-input-images", "0"),
            ("x-ratelimit-remaining-tokens-usage-based", "0"),
        ];
        assert_eq!(
            of(&openai),
            [
                (Requests, 499, Some(500), Some(0.12)),
                (Tokens, 29974, Some(30000), Some(1252.666))
            ]
        );
        let azure = [
            ("x-ratelimit-remaining-requests", "9"),
            ("x-ratelimit-reset-requests", "10"),
        ];
        assert_eq!(of(&azure), [(Requests, 9, None, Some(10.0))]);
        let anthropic = [
            NOW,
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2026-11-20T10:00:12Z"),
            ("anthropic-ratelimit-input-tokens-limit", "40000"),
            ("anthropic-ratelimit-input-tokens-remaining", "39000"),
            (
                "anthropic-ratelimit-input-tokens-reset",
                "2026-11-20T10:00:01Z",
            ),
            ("anthropic-ratelimit-output-tokens-remaining", "8000"),
            ("anthropic-priority-input-tokens-remaining", "0"),
        ];
        assert_eq!(
            of(&anthropic),
            [
                (Requests, 0, Some(50), Some(12.0)),
                (Input, 39000, Some(40000), Some(1.0)),
                (Output, 8000, None, None)
            ]
        );
        let groq = [
            ("x-ratelimit-remaining-requests", "14369"),
            ("x-ratelimit-reset-requests", "17.563999999s"),
        ];
        assert_eq!(of(&groq), [(Requests, 14369, None, Some(17.563_999_999))]);
        let mistral = [
            ("x-ratelimit-limit-req-minute", "60"),
            ("x-ratelimit-remaining-req-minute", "59"),
            ("x-ratelimit-remaining-tokens-minute", "499000"),
            ("x-ratelimit-remaining-tokens-month", "0"),
            ("x-ratelimit-tokens-query-cost", "32"),
        ];
        assert_eq!(
            of(&mistral),
            [
                (Requests, 59, Some(60), None),
                (Tokens, 499_000, None, None)
            ]
        );
        let together = [
            ("x-ratelimit-limit", "10"),
            ("x-ratelimit-remaining", "3"),
            ("x-ratelimit-reset", "1"),
        ];
        assert_eq!(of(&together), [(Requests, 3, Some(10), Some(1.0))]);
    }

    #[test]
    fn a_proxy_s_own_and_its_upstream_s_the_tighter_counts() {
        let both = [
            ("llm_provider-x-ratelimit-remaining-requests", "2"),
            ("llm_provider-x-ratelimit-reset-requests", "3s"),
            ("x-ratelimit-remaining-requests", "100"),
        ];
        assert_eq!(of(&both), [(Counted::Requests, 2, None, Some(3.0))]);
    }

    #[test]
    fn odd_values() {
        let left = |value: &str| of(&[("x-ratelimit-remaining-requests", value)]);
        for none in ["", "many", "NaN", "inf", "1e300"] {
            assert!(left(none).is_empty(), "{none}");
        }
        assert_eq!(left("-5")[0].1, 0);
        assert_eq!(left("12.9")[0].1, 12);
        let past = [
            NOW,
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2016-11-20T10:00:12Z"),
        ];
        assert_eq!(of(&past)[0].3, Some(0.0));
        assert!(of(&[("remaining", "0"), ("x-remaining-cake", "0")]).is_empty());
    }

    proptest! {
        /// No header, however odd, is more than a bounded list of bounded numbers.
        #[test]
        fn nothing_panics(
            names in proptest::collection::vec("(llm_provider-)?(x-|anthropic-)?(ratelimit-)?(remaining|limit|reset|date)?(-(requests|tokens|input-tokens))?(-remaining|-reset)?", 0..8),
            values in proptest::collection::vec("\\PC{0,24}|-?[0-9]{0,25}(\\.[0-9]{0,3})?(ms|s|m|h)?", 8),
        ) {
            let headers: Vec<_> = names.into_iter().zip(values).collect();
            let found = allowances(&headers);
            prop_assert!(found.len() <= 4);
            prop_assert!(found.iter().all(|it| it.left as f64 <= MOST));
        }
    }
}
