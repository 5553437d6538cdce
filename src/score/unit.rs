//! Units beside numbers: `5 km`, `$3.2 million`, `45 %`, `1.5 kB`; each in the base unit of what it
//! measures, so that two amounts can be compared.

/// What an amount is of. Currencies are not exchanged: each is a dimension of its own.
pub(super) type Dimension = &'static str;

/// How an amount is brought to the base unit: its number times `scale` and `factor`, plus `offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unit {
    pub dimension: Dimension,
    /// Of a word that multiplies.
    pub scale: f64,
    pub factor: f64,
    pub offset: f64,
}

impl Unit {
    /// A number without a unit.
    pub const NONE: Unit = Unit {
        dimension: "",
        scale: 1.0,
        factor: 1.0,
        offset: 0.0,
    };

    /// The unit of a number that has none of its own beside one that may have.
    pub fn or(self, other: Unit) -> Unit {
        match self.dimension {
            "" => Unit {
                scale: self.scale,
                ..other
            },
            _ => self,
        }
    }

    /// An amount in the base unit.
    pub fn base(self, number: f64) -> f64 {
        number * self.scale * self.factor + self.offset
    }
}

/// Words that multiply: `3.2 million`, `5k`.
const SCALES: &[(&str, f64)] = &[
    ("thousand|k|tsd|mille|mil", 1e3),
    ("million|millions|mn|mio|millionen|millones", 1e6),
    ("billion|billions|bn|mrd|milliarden", 1e9),
    ("trillion|trillions|tn", 1e12),
    ("万", 1e4),
    ("億|亿", 1e8),
];

/// Dimension, names, factor. Names are compared as they stand, then without case.
const UNITS: &[(Dimension, &str, f64)] = &[
    ("share", "%|percent|per cent|pct|prozent", 0.01),
    ("share", "‰|permille", 0.001),
    ("share", "bp|bps|basis points", 0.0001),
    ("length", "m|meter|meters|metre|metres", 1.0),
    (
        "length",
        "km|kilometer|kilometers|kilometre|kilometres",
        1e3,
    ),
    ("length", "dm", 0.1),
    (
        "length",
        "cm|centimeter|centimeters|centimetre|centimetres",
        0.01,
    ),
    (
        "length",
        "mm|millimeter|millimeters|millimetre|millimetres",
        1e-3,
    ),
    (
        "length",
        "µm|μm|um|micrometer|micrometers|micron|microns",
        1e-6,
    ),
    ("length", "nm|nanometer|nanometers", 1e-9),
    ("length", "mi|mile|miles", 1609.344),
    ("length", "yd|yard|yards", 0.9144),
    ("length", "ft|foot|feet|′", 0.3048),
    ("length", "in|inch|inches|″", 0.0254),
    ("mass", "g|gram|grams|gramme|grammes", 1e-3),
    ("mass", "kg|kilogram|kilograms|kilo|kilos", 1.0),
    ("mass", "mg|milligram|milligrams", 1e-6),
    ("mass", "µg|μg|ug|mcg|microgram|micrograms", 1e-9),
    ("mass", "t|tonne|tonnes|metric tons", 1e3),
    ("mass", "lb|lbs|pound|pounds", 0.453_592_37),
    ("mass", "oz|ounce|ounces", 0.028_349_523_125),
    ("time", "s|sec|secs|second|seconds", 1.0),
    ("time", "ms|msec|millisecond|milliseconds", 1e-3),
    ("time", "µs|μs|us|microsecond|microseconds", 1e-6),
    ("time", "ns|nanosecond|nanoseconds", 1e-9),
    ("time", "min|mins|minute|minutes", 60.0),
    ("time", "h|hr|hrs|hour|hours", 3600.0),
    ("time", "d|day|days", 86_400.0),
    ("time", "wk|week|weeks", 604_800.0),
    ("data", "B|byte|bytes", 1.0),
    ("data", "kB|KB|kilobyte|kilobytes", 1e3),
    ("data", "MB|megabyte|megabytes", 1e6),
    ("data", "GB|gigabyte|gigabytes", 1e9),
    ("data", "TB|terabyte|terabytes", 1e12),
    ("data", "KiB|kibibyte|kibibytes", 1024.0),
    ("data", "MiB|mebibyte|mebibytes", 1_048_576.0),
    ("data", "GiB|gibibyte|gibibytes", 1_073_741_824.0),
    ("data", "TiB", 1_099_511_627_776.0),
    ("data", "bit|bits", 0.125),
    ("data", "kbit|kb", 125.0),
    ("data", "Mbit|Mb", 125_000.0),
    ("data", "Gbit|Gb", 125_000_000.0),
    ("area", "m²|m2|m^2|sqm|square meters|square metres", 1.0),
    (
        "area",
        "km²|km2|km^2|square kilometers|square kilometres",
        1e6,
    ),
    ("area", "cm²|cm2|cm^2", 1e-4),
    ("area", "ha|hectare|hectares", 1e4),
    ("area", "acre|acres", 4_046.856_422_4),
    ("area", "ft²|ft2|ft^2|sqft|square feet", 0.092_903_04),
    ("volume", "l|L|liter|liters|litre|litres", 1e-3),
    (
        "volume",
        "ml|mL|milliliter|milliliters|millilitre|millilitres",
        1e-6,
    ),
    ("volume", "cl|centiliter|centiliters", 1e-5),
    ("volume", "m³|m3|m^3|cubic meters|cubic metres", 1.0),
    ("volume", "gal|gallon|gallons", 0.003_785_411_784),
    ("speed", "m/s|mps", 1.0),
    ("speed", "km/h|kmh|kph", 1.0 / 3.6),
    ("speed", "mph|mi/h", 0.447_04),
    ("speed", "kn|knot|knots", 1852.0 / 3600.0),
    ("energy", "J|joule|joules", 1.0),
    ("energy", "kJ|kilojoule|kilojoules", 1e3),
    ("energy", "MJ", 1e6),
    ("energy", "Wh", 3600.0),
    ("energy", "kWh", 3.6e6),
    ("energy", "MWh", 3.6e9),
    ("energy", "cal|calorie|calories", 4.184),
    ("energy", "kcal", 4184.0),
    ("power", "W|watt|watts", 1.0),
    ("power", "kW|kilowatt|kilowatts", 1e3),
    ("power", "MW|megawatt|megawatts", 1e6),
    ("power", "GW|gigawatt|gigawatts", 1e9),
    ("power", "hp|horsepower", 745.699_871_582_270_2),
    ("pressure", "Pa|pascal", 1.0),
    ("pressure", "hPa|mbar", 100.0),
    ("pressure", "kPa", 1e3),
    ("pressure", "bar", 1e5),
    ("pressure", "atm", 101_325.0),
    ("pressure", "psi", 6_894.757_293_168),
    ("frequency", "Hz|hertz", 1.0),
    ("frequency", "kHz", 1e3),
    ("frequency", "MHz", 1e6),
    ("frequency", "GHz", 1e9),
    ("temperature", "K|kelvin", 1.0),
    ("USD", "$|USD|US$|dollar|dollars", 1.0),
    ("USD", "¢|cent|cents", 0.01),
    ("EUR", "€|EUR|euro|euros", 1.0),
    ("GBP", "£|GBP", 1.0),
    ("JPY", "JPY|yen|円", 1.0),
    ("CNY", "CNY|RMB|yuan|元", 1.0),
    ("JPY", "¥", 1.0),
    ("INR", "₹|INR|rupee|rupees", 1.0),
    ("CHF", "CHF|Fr.|francs", 1.0),
];

/// Units whose zero is elsewhere.
const SHIFTED: &[(&str, Unit)] = &[
    (
        "°C|℃|celsius|degrees celsius|degrees c",
        Unit {
            dimension: "temperature",
            scale: 1.0,
            factor: 1.0,
            offset: 273.15,
        },
    ),
    (
        "°F|℉|fahrenheit|degrees fahrenheit|degrees f",
        Unit {
            dimension: "temperature",
            scale: 1.0,
            factor: 5.0 / 9.0,
            offset: 273.15 - 32.0 * 5.0 / 9.0,
        },
    ),
];

/// The unit of a number from what stands right before and right after it.
pub(super) fn unit(before: &str, after: &str) -> Unit {
    let mut rest = after.trim_start_matches([' ', '\u{a0}', '-']);
    let mut scale = 1.0;
    // a single letter may be both: `5 m` is metres and `5 k` thousands
    if let Some((names, factor)) = SCALES
        .iter()
        .find(|(names, _)| longest(names, rest).is_some())
    {
        let length = longest(names, rest).unwrap_or(0);
        if named(rest).is_none_or(|(_, own)| own < length) {
            scale = *factor;
            rest = rest[length..].trim_start_matches([' ', '\u{a0}', '-']);
        }
    }
    let unit = named(rest).map(|(unit, _)| unit);
    let unit = unit.or_else(|| before_number(before));
    let found = unit.unwrap_or(Unit::NONE);
    Unit { scale, ..found }
}

/// The unit that a text begins with, and the name's length.
fn named(text: &str) -> Option<(Unit, usize)> {
    let plain = UNITS.iter().map(|(dimension, names, factor)| {
        let unit = Unit {
            dimension,
            scale: 1.0,
            factor: *factor,
            offset: 0.0,
        };
        (*names, unit)
    });
    let all = || plain.clone().chain(SHIFTED.iter().copied());
    let found = all().filter_map(|(names, unit)| Some((unit, longest(names, text)?)));
    let exact = found.max_by_key(|(_, length)| *length);
    exact.or_else(|| {
        let lower = text.to_lowercase();
        let found = all().filter_map(|(names, unit)| {
            // of the short ones the case tells: `Mb` and `MB`, `m` and `M`
            let length = longest(&names.to_lowercase(), &lower)?;
            (length > 2).then_some((unit, length))
        });
        let (unit, length) = found.max_by_key(|(_, length)| *length)?;
        text.is_char_boundary(length).then_some((unit, length))
    })
}

/// A currency's sign or code at the end of what stands before a number.
fn before_number(before: &str) -> Option<Unit> {
    let before = before.trim_end_matches([' ', '\u{a0}', '\\']);
    let currency = |(dimension, names, factor): &(Dimension, &str, f64)| {
        let code = dimension.len() == 3 && dimension.chars().all(|c| c.is_ascii_uppercase());
        let ends = names.split('|').any(|name| {
            let short = name.chars().count() <= 3;
            short && before.ends_with(name)
        });
        (code && ends).then_some(Unit {
            dimension,
            scale: 1.0,
            factor: *factor,
            offset: 0.0,
        })
    };
    UNITS.iter().find_map(currency)
}

/// The length of the longest of the names that the text begins with as a word of its own.
fn longest(names: &str, text: &str) -> Option<usize> {
    let ends = |name: &&str| {
        let Some(rest) = text.strip_prefix(*name) else {
            return false;
        };
        let word = name
            .chars()
            .next_back()
            .is_some_and(|c| c.is_ascii_alphanumeric());
        let goes_on = |c: char| {
            c.is_ascii_alphanumeric()
                || matches!(c, '²' | '³' | '^')
                || (c == '/' && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()))
        };
        !(word && rest.starts_with(goes_on))
    };
    let fit = names.split('|').filter(ends);
    fit.map(str::len).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(number: f64, before: &str, after: &str) -> (Dimension, f64) {
        let unit = unit(before, after);
        (unit.dimension, unit.base(number))
    }

    #[test]
    fn amounts_come_down_to_one_unit() {
        for (number, before, after, dimension, value) in [
            (5.0, "", " km away", "length", 5000.0),
            (5.0, "", "km/h", "speed", 5.0 / 3.6),
            (5.0, "", "k", "", 5000.0),
            (3.2, "US$", " million", "USD", 3.2e6),
            (3.2, "", " million km", "length", 3.2e9),
            (45.0, "", " %", "share", 0.45),
            (2.0, "", " kB.", "data", 2000.0),
            (2.0, "", "KiB", "data", 2048.0),
            (20.0, "", "°C", "temperature", 293.15),
            (68.0, "", " degrees Fahrenheit", "temperature", 293.15),
            (7.0, "EUR ", "", "EUR", 7.0),
            (7.0, "", " Euro", "EUR", 7.0),
            (3.0, "", " mice", "", 3.0),
            (3.0, "", " in the box", "length", 3.0 * 0.0254),
            (4.0, "", " m²", "area", 4.0),
            (90.0, "", " Minutes", "time", 5400.0),
            (1.0, "", "", "", 1.0),
        ] {
            let found = base(number, before, after);
            assert_eq!(found.0, dimension, "{number}{after}");
            assert!(
                (found.1 - value).abs() < 1e-9 * value.abs(),
                "{number}{after}: {found:?}"
            );
        }
    }
}
