//! Dates in running text, in the customs of several languages; a date may lack its day or its year.

use regex::{Captures, Regex};
use std::fmt;
use std::sync::LazyLock;

/// A date of which not all need be known, but at least a month or a year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Date {
    pub year: Option<i16>,
    pub month: Option<i8>,
    pub day: Option<i8>,
}

impl Date {
    /// The date, if the calendar has it.
    fn new(year: Option<i16>, month: Option<i8>, day: Option<i8>) -> Option<Self> {
        let date = Date { year, month, day };
        // without a year, 29 February may be
        let real =
            jiff::civil::Date::new(year.unwrap_or(2000), month.unwrap_or(1), day.unwrap_or(1));
        real.is_ok().then_some(date)
    }

    /// Whether the other says all that this says, and the same.
    pub fn is_in(&self, other: &Date) -> bool {
        fn holds<T: PartialEq>(own: Option<T>, other: Option<T>) -> bool {
            own.is_none() || own == other
        }
        holds(self.year, other.year) && holds(self.month, other.month) && holds(self.day, other.day)
    }
}

impl fmt::Display for Date {
    /// As ISO 8601 writes it, `--05-03` without a year.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(f, "{year:04}")?,
            None => write!(f, "-")?,
        }
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        self.day.map_or(Ok(()), |day| write!(f, "-{day:02}"))
    }
}

/// The first letters of the months' names, long enough to tell them apart, in English, German,
/// French, Spanish, Italian, Portuguese and Dutch.
const MONTHS: [&str; 12] = [
    "jan|jän|ene|gen|janv",
    "feb|fév|fev|févr",
    "mar|mär|mrz|maa|mrt|maerz",
    "apr|avr|abr",
    "may|mai|mei|mayo|mag|maj",
    "jun|juin|giu",
    "jul|juil|lug",
    "aug|aoû|aou|ago",
    "sep|set",
    "oct|okt|ott|out",
    "nov",
    "dec|dez|déc|dic",
];

/// A month by its name; `juin` and `juil` differ in the fourth letter.
fn month(name: &str) -> Option<i8> {
    let name = name.to_lowercase();
    let mut months = (1_i8..).zip(MONTHS);
    months
        .find(|(_, starts)| starts.split('|').any(|start| name.starts_with(start)))
        .map(|(number, _)| number)
}

const NAME: &str = concat!(
    r"(jan(?:uary|uar|vier|uari|eiro)?|jänner|enero|ene|gennaio|gen",
    r"|feb(?:ruary|ruar|rero|braio|ruari)?|f[ée]vr?(?:ier|ereiro)?",
    r"|mar(?:ch|s|zo|ço)?|märz|mär|maerz|mrz|maart|mrt",
    r"|apr(?:il|ile)?|avr(?:il)?|abr(?:il)?|may(?:o)?|mai(?:o)?|mei|mag(?:gio)?",
    r"|june?|juni|junio|junho|juin|giu(?:gno)?|july?|juli|julio|julho|juil(?:let)?|lug(?:lio)?",
    r"|aug(?:ust|ustus)?|ao[uû]t|ago(?:sto)?",
    r"|sept?(?:ember|embre|iembre|tembre)?|set(?:tembre|embro)?",
    r"|oct(?:ober|obre|ubre)?|okt(?:ober)?|ott(?:obre)?|out(?:ubro)?",
    r"|nov(?:ember|embre|iembre|embro)?|dec(?:ember)?|dez(?:ember|embro)?|d[ée]c(?:embre)?|dic(?:iembre|embre)?)\b\.?",
);
const DAY: &str = r"(0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th|er|º|ª|\.)?";
const YEAR: &str = r"((?:1[0-9]|20)[0-9]{2})";

/// Which parts the groups of a pattern hold.
#[derive(Debug, Clone, Copy)]
enum Order {
    YearMonthDay,
    /// Numbers between slashes or dashes: which is the day is a matter of custom.
    Custom,
    DayMonthYear,
    NameDayYear,
    MonthYear,
    YearMonth,
    MonthDay,
    DayMonth,
    Year,
}

/// The patterns, the most telling first: what one has taken the next ones do not see.
static PATTERNS: LazyLock<Vec<(Regex, Order)>> = LazyLock::new(|| {
    let of = r"(?:\s*(?:of|de|del|di|d[’'])\s*|[\s,.-]*)";
    let rules = [
        (
            r"\b([0-9]{4})\s*[-/.]\s*(0?[1-9]|1[0-2])\s*[-/.]\s*(0?[1-9]|[12][0-9]|3[01])(?:\b|T)"
                .to_owned(),
            Order::YearMonthDay,
        ),
        (
            r"([0-9]{4})\s*[年년]\s*([0-9]{1,2})\s*[月월]\s*([0-9]{1,2})\s*[日일号]".to_owned(),
            Order::YearMonthDay,
        ),
        (
            r"\b((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])\b".to_owned(),
            Order::YearMonthDay,
        ),
        (
            r"\b([0-3]?[0-9])\.\s?([01]?[0-9])\.\s?([0-9]{4}|[0-9]{2})\b".to_owned(),
            Order::DayMonthYear,
        ),
        (
            r"\b([0-3]?[0-9])\s?[/-]\s?([0-3]?[0-9])\s?[/-]\s?([0-9]{4}|[0-9]{2})\b".to_owned(),
            Order::Custom,
        ),
        (
            format!(r"(?i)\b{DAY}{of}{NAME}{of}{YEAR}\b"),
            Order::DayMonthYear,
        ),
        (
            format!(r"(?i)\b{NAME}\s*{DAY},?\s*{YEAR}\b"),
            Order::NameDayYear,
        ),
        (
            r"([0-9]{4})\s*[年년]\s*([0-9]{1,2})\s*[月월]".to_owned(),
            Order::YearMonth,
        ),
        (format!(r"(?i)\b{NAME}{of}{YEAR}\b"), Order::MonthYear),
        (
            r"([0-9]{1,2})\s*[月월]\s*([0-9]{1,2})\s*[日일号]".to_owned(),
            Order::MonthDay,
        ),
        (format!(r"(?i)\b{DAY}{of}{NAME}"), Order::DayMonth),
        (format!(r"(?i)\b{NAME}\s*{DAY}\b"), Order::MonthDay),
        (
            r"\b([0-9]{4})-(0[1-9]|1[0-2])\b".to_owned(),
            Order::YearMonth,
        ),
        (format!(r"\b{YEAR}\b|{YEAR}\s*[年년]"), Order::Year),
    ];
    let made = rules
        .into_iter()
        .map(|(rule, order)| (Regex::new(&rule).expect("a fixed pattern"), order));
    made.collect()
});

/// Every date in a text, in order. `day_first` decides of two numbers that both may be a month.
pub(super) fn dates(text: &str, day_first: bool) -> Vec<Date> {
    let mut left = text.to_owned();
    let mut found: Vec<(usize, Date)> = Vec::new();
    for (rule, order) in PATTERNS.iter() {
        // a year alone is a date only where there is nothing better
        if matches!(order, Order::Year) && !found.is_empty() {
            break;
        }
        let mut taken = Vec::new();
        for parts in rule.captures_iter(&left) {
            let whole = parts.get(0).expect("group 0 is the match").range();
            // 30 February is no date, nor is what is left of it
            let date = date(&parts, *order, day_first);
            found.extend(date.map(|date| (whole.start, date)));
            taken.push(whole);
        }
        for range in taken {
            let blank = "\u{1}".repeat(range.len());
            left.replace_range(range, &blank);
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, date)| date).collect()
}

fn date(parts: &Captures<'_>, order: Order, day_first: bool) -> Option<Date> {
    let texts: Vec<&str> = parts
        .iter()
        .skip(1)
        .flatten()
        .map(|part| part.as_str())
        .collect();
    let small = |at: usize| texts.get(at)?.parse::<i8>().ok();
    let named = |at: usize| small(at).or_else(|| month(texts.get(at)?));
    let year = |at: usize| {
        let text = texts.get(at)?;
        let year: i16 = text.parse().ok()?;
        // POSIX: two digits are 1969 to 2068
        Some(match (text.len(), year) {
            (2, 0..=68) => year + 2000,
            (2, _) => year + 1900,
            _ => year,
        })
    };
    match order {
        Order::YearMonthDay => Date::new(Some(year(0)?), Some(named(1)?), Some(small(2)?)),
        Order::DayMonthYear => Date::new(Some(year(2)?), Some(named(1)?), Some(small(0)?)),
        Order::NameDayYear => Date::new(Some(year(2)?), Some(named(0)?), Some(small(1)?)),
        Order::MonthYear => Date::new(Some(year(1)?), Some(named(0)?), None),
        Order::YearMonth => Date::new(Some(year(0)?), Some(named(1)?), None),
        Order::MonthDay => Date::new(None, Some(named(0)?), Some(small(1)?)),
        Order::DayMonth => Date::new(None, Some(named(1)?), Some(small(0)?)),
        Order::Year => Date::new(Some(year(0)?), None, None),
        Order::Custom => {
            let (first, second) = (small(0)?, small(1)?);
            let day_first = (day_first || first > 12) && second <= 12;
            let (day, month) = if day_first {
                (first, second)
            } else {
                (second, first)
            };
            Date::new(Some(year(2)?), Some(month), Some(day))
        }
    }
}
