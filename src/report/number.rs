//! Numbers as people read them: rounded to what their interval supports, with a unit, never a false 0.

/// What stands where a number exists but nobody told us.
pub const UNKNOWN: &str = "unknown";
/// What stands where there is no such number.
pub const NONE: &str = "—";

/// How a scorer's numbers are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// All within 0 and 1: percent, and differences in points.
    Percent,
    /// Anything else: as it is.
    Raw,
}

impl Scale {
    /// The scale that these values ask for.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Scale {
        let percent = values
            .into_iter()
            .all(|v| (-1e-9..=1.0 + 1e-9).contains(&v));
        if percent { Scale::Percent } else { Scale::Raw }
    }

    /// The value in the unit shown.
    fn shown(self, value: f64) -> f64 {
        match self {
            Scale::Percent => value * 100.0,
            Scale::Raw => value,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Scale::Percent => "%",
            Scale::Raw => "",
        }
    }

    /// `84%`
    pub fn value(self, value: f64, low: Option<f64>, high: Option<f64>) -> String {
        let digits = self.digits(value, low, high);
        format!("{}{}", minus(self.shown(value), digits), self.sign())
    }

    /// `76–90%`; empty without both limits.
    pub fn range(self, value: f64, low: Option<f64>, high: Option<f64>) -> String {
        let digits = self.digits(value, low, high);
        let (Some(low), Some(high)) = (low, high) else {
            return String::new();
        };
        let (low, high) = (self.shown(low), self.shown(high));
        let dash = if low < 0.0 { " to " } else { "–" };
        format!(
            "{}{dash}{}{}",
            minus(low, digits),
            minus(high, digits),
            self.sign()
        )
    }

    /// `−0.4 points`
    pub fn difference(self, value: f64, low: Option<f64>, high: Option<f64>) -> String {
        let text = signed(self.shown(value), self.change_digits(low, high));
        match self {
            Scale::Percent if text == "+1" || text == "−1" => format!("{text} point"),
            Scale::Percent => format!("{text} points"),
            Scale::Raw => text,
        }
    }

    /// `−3.1 to +2.2`; empty without any limit.
    pub fn difference_range(self, low: Option<f64>, high: Option<f64>) -> String {
        let digits = self.change_digits(low, high);
        let show = |v: f64| signed(self.shown(v), digits);
        match (low, high) {
            (Some(low), Some(high)) => format!("{} to {}", show(low), show(high)),
            (Some(low), None) => format!("{} or more", show(low)),
            (None, Some(high)) => format!("{} or less", show(high)),
            (None, None) => String::new(),
        }
    }

    /// `5 points`
    pub fn margin(self, margin: f64) -> String {
        let shown = format!("{}", (self.shown(margin) * 100.0).round() / 100.0);
        match self {
            Scale::Percent if shown == "1" => "1 point".to_owned(),
            Scale::Percent => format!("{shown} points"),
            Scale::Raw => shown,
        }
    }

    /// Decimals that an interval this wide supports.
    fn width_digits(self, low: Option<f64>, high: Option<f64>) -> usize {
        let (Some(low), Some(high)) = (low, high) else {
            return if self == Scale::Percent { 0 } else { 2 };
        };
        let width = (self.shown(high) - self.shown(low)).abs();
        if width <= 0.0 {
            return if self == Scale::Percent { 0 } else { 2 };
        }
        // an interval 6 wide needs no decimals, one 0.6 wide needs one
        (6.0 / width).log10().ceil().clamp(0.0, 4.0) as usize
    }

    /// As many decimals as keep 99.6 % from reading 100 %, and 0.4 % from reading 0 %.
    fn digits(self, value: f64, low: Option<f64>, high: Option<f64>) -> usize {
        let digits = self.width_digits(low, high);
        let full =
            |d: usize| self == Scale::Percent && value < 1.0 && rounds(value * 100.0, d, 100.0);
        let none = |d: usize| value > 0.0 && rounds(self.shown(value), d, 0.0);
        (digits..4).find(|d| !full(*d) && !none(*d)).unwrap_or(4)
    }

    /// As many decimals as keep a limit beside zero from reading zero: it carries the verdict.
    fn change_digits(self, low: Option<f64>, high: Option<f64>) -> usize {
        let digits = self.width_digits(low, high);
        let hides = |d: usize| {
            [low, high]
                .into_iter()
                .flatten()
                .any(|v| v != 0.0 && rounds(self.shown(v), d, 0.0))
        };
        (digits..3).find(|d| !hides(*d)).unwrap_or(digits)
    }
}

fn rounds(value: f64, digits: usize, to: f64) -> bool {
    let ten = 10f64.powi(digits as i32);
    (value * ten).round() == to * ten
}

/// With a real minus sign.
fn minus(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    if value < 0.0 && text.contains(|c| ('1'..='9').contains(&c)) {
        format!("−{text}")
    } else {
        text
    }
}

fn signed(value: f64, digits: usize) -> String {
    let text = minus(value, digits);
    if value > 0.0 && text.contains(|c| ('1'..='9').contains(&c)) {
        format!("+{text}")
    } else {
        text
    }
}

/// `$0.00124`: three digits that count, from a dollar up cents.
pub fn money(usd: f64) -> String {
    let size = usd.abs();
    if size == 0.0 {
        return "$0".to_owned();
    }
    let digits = if size >= 1.0 {
        2
    } else {
        (2 - size.log10().floor() as i32).clamp(2, 12) as usize
    };
    let text = format!("{size:.digits$}");
    let text = match digits {
        2 => text,
        _ => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
    };
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = grouped(whole);
    let dot = if rest.is_empty() { "" } else { "." };
    let sign = if usd < 0.0 { "−" } else { "" };
    format!("{sign}${whole}{dot}{rest}")
}

/// Money, or `unknown`.
pub fn money_or_unknown(usd: Option<f64>) -> String {
    usd.map_or_else(|| UNKNOWN.to_owned(), money)
}

/// `640 ms`, `1.8 s`, `2 min 5 s`.
pub fn duration(ms: f64) -> String {
    if ms == 0.0 {
        "0 ms".to_owned()
    } else if ms < 9.95 {
        format!("{ms:.1} ms")
    } else if ms < 999.5 {
        format!("{ms:.0} ms")
    } else if ms < 9_950.0 {
        format!("{:.1} s", ms / 1000.0)
    } else if ms < 59_500.0 {
        format!("{:.0} s", ms / 1000.0)
    } else {
        let seconds = (ms / 1000.0).round();
        let (minutes, rest) = ((seconds / 60.0).floor(), seconds % 60.0);
        match rest {
            0.0 => format!("{minutes:.0} min"),
            _ => format!("{minutes:.0} min {rest:.0} s"),
        }
    }
}

/// `240–340 ms`, `0.8–1.2 s`: a range of durations, the unit once where it is the same.
pub fn durations(low: f64, high: f64) -> String {
    let (low, high) = (duration(low), duration(high));
    match (low.split_once(' '), high.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number}–{high}"),
        _ => format!("{low} – {high}"),
    }
}

/// `81`, `7.4`: tokens a second.
pub fn speed(tokens_per_s: f64) -> String {
    match tokens_per_s < 9.95 {
        true => format!("{tokens_per_s:.1}"),
        false => count(tokens_per_s.round() as usize),
    }
}

/// `1,234`
pub fn count(n: usize) -> String {
    grouped(&n.to_string())
}

/// `1 case`, `2 cases`
pub fn counted(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_round_to_their_interval() {
        let p = Scale::Percent;
        assert_eq!(p.value(0.8412, Some(0.76), Some(0.90)), "84%");
        assert_eq!(p.range(0.8412, Some(0.7601), Some(0.8999)), "76–90%");
        assert_eq!(p.value(0.8412, Some(0.836), Some(0.846)), "84.1%");
        assert_eq!(p.value(1.0, Some(0.9), Some(1.0)), "100%");
        assert_eq!(p.value(0.9967, Some(0.9), Some(1.0)), "99.7%");
        assert_eq!(
            Scale::of([0.2, 3.0]).value(3.4567, Some(3.1), Some(3.8)),
            "3.5"
        );
    }

    #[test]
    fn differences_carry_their_sign() {
        let p = Scale::Percent;
        let (low, high) = (Some(-0.031), Some(0.022));
        assert_eq!(p.difference(-0.004, low, high), "−0.4 points");
        assert_eq!(p.difference_range(low, high), "−3.1 to +2.2");
        assert_eq!(p.difference_range(Some(0.003), Some(0.12)), "+0.3 to +12.0");
        assert_eq!(p.margin(0.05), "5 points");
    }

    #[test]
    fn money_keeps_the_digits_that_count() {
        let shown = [0.0, 0.00012, 0.001_244, 0.123, 1.5, 1234.5].map(money);
        assert_eq!(
            shown,
            ["$0", "$0.00012", "$0.00124", "$0.123", "$1.50", "$1,234.50"]
        );
        assert_eq!(money_or_unknown(None), "unknown");
    }

    #[test]
    fn durations_have_their_unit() {
        assert_eq!(durations(240.0, 340.0), "240–340 ms");
        assert_eq!(durations(711.0, 1_200.0), "711 ms – 1.2 s");
        let shown = [0.4, 640.4, 999.9, 1_812.0, 12_300.0, 60_000.0, 125_000.0].map(duration);
        assert_eq!(
            shown,
            [
                "0.4 ms",
                "640 ms",
                "1.0 s",
                "1.8 s",
                "12 s",
                "1 min",
                "2 min 5 s"
            ]
        );
    }
}
