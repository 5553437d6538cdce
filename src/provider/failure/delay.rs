//! How long the server wishes us to wait, from every place where one says it.
//!
//! Dates need a "now": it is the response's own `date` header, so no clock is read here (a
//! transport adds that header where a server left it out).

use crate::provider::http::HttpResponse;
use crate::provider::lenient::{list, text};
use jiff::{Timestamp, fmt::rfc2822};
use serde_json::Value;
use std::time::Duration;

/// The wish of a whole error response.
pub(super) fn wished(response: &HttpResponse, body: &Value, message: &str) -> Option<Duration> {
    let milliseconds = response
        .header("retry-after-ms")
        .and_then(|value| value.trim().parse::<f64>().ok())
        .and_then(|ms| seconds(ms / 1000.0))
        // Azure sends `retry-after: 1` beside `retry-after-ms: 0`
        .filter(|wish| !wish.is_zero());
    milliseconds
        .or_else(|| retry_after(response))
        .or_else(|| in_body(body))
        .or_else(|| reset_of_exhausted(response))
        .or_else(|| in_text(message))
}

/// Google's `RetryInfo` in the details of an error.
pub(super) fn in_body(body: &Value) -> Option<Duration> {
    let body = body.get(0).unwrap_or(body);
    let mut details = list(body, &["error", "details"]).iter();
    details.find_map(|detail| duration(text(detail, &["retryDelay"])?))
}

/// "Please try again in 1.5s", "Please retry in 48.9s".
pub(super) fn in_text(message: &str) -> Option<Duration> {
    let lower = message.to_ascii_lowercase();
    let after = ["try again in ", "retry in ", "retry after "]
        .iter()
        .find_map(|words| lower.find(words).map(|at| at + words.len()))?;
    let rest = &lower[after..];
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || "hms.".contains(c)))
        .unwrap_or(rest.len());
    let number = rest[..end].trim_end_matches('.');
    let unit = rest[end..].trim_start();
    if number.ends_with(|c: char| c.is_ascii_digit()) {
        let factor = match unit {
            _ if unit.starts_with("ms") || unit.starts_with("milli") => 0.001,
            _ if unit.starts_with("min") => 60.0,
            _ if unit.starts_with("hour") => 3600.0,
            _ => 1.0,
        };
        return seconds(number.parse::<f64>().ok()? * factor);
    }
    duration(number)
}

fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    if let Ok(number) = value.parse::<f64>() {
        return seconds(number);
    }
    until(
        rfc2822::parse(value).ok()?.timestamp(),
        response.header("date"),
    )
}

/// The time until the limit that has nothing left is renewed; of several, the last.
fn reset_of_exhausted(response: &HttpResponse) -> Option<Duration> {
    let resets = response.headers.iter().filter_map(|(name, left)| {
        if !name.contains("ratelimit") || left.trim().parse::<f64>().ok()? > 0.0 {
            return None;
        }
        let reset = name.replace("remaining", "reset");
        if reset == *name {
            return None;
        }
        self::reset(response.header(&reset)?, response.header("date"))
    });
    resets.max()
}

/// A time of renewal in any of its forms: a length of time, seconds, a point in time. `date` is the
/// response's own.
pub(in crate::provider) fn reset(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    match value.parse::<f64>() {
        // OpenRouter counts milliseconds, others seconds, since 1970
        Ok(number) if number > 1e11 => until(unix(number / 1000.0)?, date),
        Ok(number) if number > 1e9 => until(unix(number)?, date),
        Ok(number) => seconds(number),
        Err(_) => match value.parse::<Timestamp>() {
            Ok(time) => until(time, date),
            Err(_) => duration(value),
        },
    }
}

fn unix(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_second(seconds.ceil() as i64).ok()
}

fn until(time: Timestamp, date: Option<&str>) -> Option<Duration> {
    let now = rfc2822::parse(date?).ok()?.timestamp();
    Some(time.duration_since(now).try_into().unwrap_or_default())
}

fn seconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number).ok()
}

/// `6ms`, `26.521s`, `20m52.666s`, `1h2m`, `0s`.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number: f64 = rest[..end].parse().ok()?;
        let unit = &rest[end..];
        let (factor, length) = match unit {
            _ if unit.starts_with("ms") => (0.001, 2),
            _ if unit.starts_with('s') => (1.0, 1),
            _ if unit.starts_with('m') => (60.0, 1),
            _ if unit.starts_with('h') => (3600.0, 1),
            _ if unit.starts_with('d') => (86400.0, 1),
            _ => return None,
        };
        total += number * factor;
        rest = &unit[length..];
    }
    seconds(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(headers: &[(&str, &str)], message: &str) -> Option<f64> {
        let headers = headers.iter().map(|(k, v)| (k.to_string(), v.to_string()));
        let response = HttpResponse {
            status: 429,
            headers: headers.collect(),
            ..HttpResponse::default()
        };
        wished(&response, &Value::Null, message).map(|wish| wish.as_secs_f64())
    }

    const NOW: (&str, &str) = ("date", "Fri, 20 Nov 2026 10:00:00 GMT");

    #[test]
    fn headers_in_their_order() {
        assert_eq!(
            wish(&[("retry-after-ms", "250"), ("retry-after", "9")], ""),
            Some(0.25)
        );
        assert_eq!(
            wish(&[("retry-after-ms", "0"), ("retry-after", "1")], ""),
            Some(1.0)
        );
        assert_eq!(
            wish(&[("retry-after", "1.5")], "try again in 7s"),
            Some(1.5)
        );
        let date = ("retry-after", "Fri, 20 Nov 2026 10:00:30 GMT");
        assert_eq!(wish(&[date, NOW], ""), Some(30.0));
        assert_eq!(wish(&[date], ""), None);
        let past = ("retry-after", "Fri, 20 Nov 2026 09:00:30 GMT");
        assert_eq!(wish(&[past, NOW], ""), Some(0.0));
        for odd in ["-5", "NaN", "soon", "1e400", ""] {
            assert_eq!(wish(&[("retry-after", odd)], ""), None, "{odd}");
        }
    }

    #[test]
    fn the_exhausted_limit_counts() {
        let openai = [
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "1m51.5s"),
            ("x-ratelimit-remaining-tokens", "12"),
            ("x-ratelimit-reset-tokens", "20m52.666s"),
        ];
        assert_eq!(wish(&openai, ""), Some(111.5));
        let anthropic = [
            ("anthropic-ratelimit-tokens-remaining", "0"),
            ("anthropic-ratelimit-tokens-reset", "2026-11-20T10:00:12Z"),
            NOW,
        ];
        assert_eq!(wish(&anthropic, ""), Some(12.0));
        let openrouter = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1795168805000"),
            NOW,
        ];
        assert_eq!(wish(&openrouter, ""), Some(5.0));
    }

    #[test]
    fn sentences() {
        for (text, expected) in [
            ("Please try again in 1.5s. Visit", 1.5),
            ("Please retry in 48.9s.", 48.9),
            ("try again in 7m12s", 432.0),
            ("Please try again in 6ms", 0.006),
            ("try again in 2 minutes", 120.0),
            ("retry after 3 seconds", 3.0),
        ] {
            assert_eq!(wish(&[], text), Some(expected), "{text}");
        }
        assert_eq!(wish(&[], "try again in a while"), None);
    }
}
