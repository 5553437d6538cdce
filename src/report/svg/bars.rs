//! A strip of cases: a bar up where a candidate did better, down where it did worse. Stretched to the
//! width it is given, so it holds no text but what a pointer or a screen reader asks for.

use super::{escape, put};

/// Cases that are bars of their own; of more, several share one.
const SINGLE: usize = 300;
/// Bars that a strip has room for at least: a few cases do not become walls.
const LEAST: usize = 72;
/// Half of a strip's height.
const HALF: f64 = 12.0;

/// One case.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// By how much the score differs, −1 to 1; `None` where one of the two has no score.
    pub change: Option<f64>,
    /// The number of the case in the page.
    pub case: usize,
    /// What a pointer is told.
    pub title: String,
}

/// The strip as an `<svg>` element; `said` tells what is to be seen in words.
pub fn bars(said: &str, bars: &[Bar]) -> String {
    let lot = bars.len().div_ceil(SINGLE).max(1);
    let columns = bars.len().div_ceil(lot);
    let mut out = String::new();
    // links inside an image would not be reached: then it is a group
    let role = if lot == 1 { "group" } else { "img" };
    put(
        &mut out,
        format_args!(
            "<svg class=\"bars\" viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"{role}\" aria-label=\"{}\" xmlns=\"http://www.w3.org/2000/svg\"><path class=\"grid\" d=\"M0 {HALF}H{columns}\"/>",
            columns.max(LEAST),
            2.0 * HALF,
            escape(said),
        ),
    );
    match lot {
        1 => bars
            .iter()
            .enumerate()
            .for_each(|(x, bar)| single(&mut out, x, bar)),
        _ => bars
            .chunks(lot)
            .enumerate()
            .for_each(|(x, lot)| several(&mut out, x, lot)),
    }
    out.push_str("</svg>");
    out
}

fn single(out: &mut String, x: usize, bar: &Bar) {
    let (class, way) = match bar.change {
        None => ("gap", 0.0),
        Some(0.0) => return,
        Some(change) if change > 0.0 => ("gain", change),
        Some(change) => ("loss", change),
    };
    // a small difference is still to be seen
    let height = if class == "gap" {
        3.0
    } else {
        (way.abs() * (HALF - 1.0)).max(3.0)
    };
    let y = match class {
        "gain" => HALF - height,
        "gap" => HALF - 1.5,
        _ => HALF,
    };
    put(
        out,
        format_args!(
            "<a href=\"#case-{}\" tabindex=\"-1\"><title>{}</title><path class=\"{class}\" d=\"M{} {y:.1}h.8v{height:.1}h-.8z\"/></a>",
            bar.case,
            escape(&bar.title),
            x as f64 + 0.1,
        ),
    );
}

/// Some cases in one bar: how many of them gained, how many lost.
fn several(out: &mut String, x: usize, lot: &[Bar]) {
    let share = |of: &dyn Fn(f64) -> bool| {
        let those = lot.iter().filter(|bar| bar.change.is_some_and(of));
        those.count() as f64 / lot.len() as f64 * (HALF - 1.0)
    };
    let (up, down) = (share(&|c| c > 0.0), share(&|c| c < 0.0));
    let x = x as f64 + 0.1;
    if up > 0.0 {
        put(
            out,
            format_args!("<path class=\"gain\" d=\"M{x} {HALF}h.8v-{up:.1}h-.8z\"/>"),
        );
    }
    if down > 0.0 {
        put(
            out,
            format_args!("<path class=\"loss\" d=\"M{x} {HALF}h.8v{down:.1}h-.8z\"/>"),
        );
    }
}
