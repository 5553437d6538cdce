//! How fast text metrics are: pairs of texts a second on one core, 376 characters each.
//!
//! `BAKEOFF_PAIRS=FILE` writes the pairs as JSON lines, so that `benches/text.py FILE` can measure the
//! Python libraries on the same ones. Each line is the median of rounds, with the slowest and the
//! quickest beside it.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark reads the real world, prints and may panic"
)]

use bakeoff::text::bleu::Bleu;
use bakeoff::text::chrf::Chrf;
use bakeoff::text::rouge::{Variant, rouge};
use bakeoff::text::{damerau, jaro, lcs, levenshtein, rates, squad, ter, words::code_points};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Characters of a text.
const LENGTH: usize = 376;
/// Pairs that are gone through again and again.
const PAIRS: usize = 200;
/// Rounds of which the median is shown.
const ROUNDS: usize = 7;
/// How long a round lasts at least.
const ROUND: Duration = Duration::from_millis(150);

const WORDS: &str = "the of and a to in is was for on with that by as at from it an were are this which be \
    committee rejected proposal because budget incomplete water boils hundred degrees level quickly summarised \
    three main arguments report router seconds reconnect nobody expected train arrive before noon library \
    closes early public holidays package shipped latency rose deploy errors running jumping swimming favourite \
    bridge finished yet refund policy allows returns within thirty days delivery invoice paid receipt mailed";

/// A source of numbers that is the same everywhere (Numerical Recipes' 64-bit congruential one).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % n
    }
}

/// A text, and the same with about every fifth word changed, gone or moved.
fn pair(draw: &mut Draw) -> (String, String) {
    let known: Vec<&str> = WORDS.split_whitespace().collect();
    let text = |words: &[&str]| -> String {
        let mut text = String::new();
        for (at, word) in words.iter().enumerate() {
            text.push_str(word);
            text.push_str(if at % 12 == 11 { ". " } else { " " });
        }
        text.chars().take(LENGTH).collect()
    };
    let words: Vec<&str> = (0..90).map(|_| known[draw.below(known.len())]).collect();
    let mut other = words.clone();
    for _ in 0..18 {
        let at = draw.below(other.len() - 1);
        match draw.below(3) {
            0 => other[at] = known[draw.below(known.len())],
            1 => drop(other.remove(at)),
            _ => other.swap(at, at + 1),
        }
    }
    (text(&words), text(&other))
}

fn measure(name: &str, pairs: &[(String, String)], metric: impl Fn(&str, &str) -> f64) {
    let mut rates: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let (started, mut done) = (Instant::now(), 0_usize);
            while started.elapsed() < ROUND {
                for (a, b) in pairs {
                    black_box(metric(black_box(a), black_box(b)));
                }
                done += pairs.len();
            }
            done as f64 / started.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    let (low, mid, high) = (rates[0], rates[ROUNDS / 2], rates[ROUNDS - 1]);
    println!("{name:24} {mid:>12.0} pairs/s   ({low:.0} to {high:.0})");
}

fn main() {
    let mut draw = Draw(376);
    let pairs: Vec<(String, String)> = (0..PAIRS).map(|_| pair(&mut draw)).collect();
    if let Some(file) = std::env::var_os("BAKEOFF_PAIRS") {
        let lines = pairs
            .iter()
            .map(|pair| serde_json::to_string(pair).unwrap() + "\n");
        std::fs::write(file, lines.collect::<String>()).unwrap();
    }
    let (bleu, chrf) = (
        Bleu {
            effective_order: true,
            ..Bleu::default()
        },
        Chrf::default(),
    );
    let plus = Chrf {
        words: 2,
        ..Chrf::default()
    };
    let points = |of: fn(&[u32], &[u32]) -> f64| {
        move |a: &str, b: &str| of(&code_points(a), &code_points(b))
    };
    measure("levenshtein", &pairs, points(levenshtein::similarity));
    measure("osa", &pairs, points(|a, b| levenshtein::osa(a, b) as f64));
    measure(
        "damerau",
        &pairs,
        points(|a, b| damerau::distance(a, b) as f64),
    );
    measure("indel", &pairs, points(lcs::indel_similarity));
    measure("jaro_winkler", &pairs, points(jaro::jaro_winkler));
    measure("wer", &pairs, |a, b| {
        rates::words(a, b).rate().unwrap_or(0.0)
    });
    measure("squad f1", &pairs, |a, b| squad::overlap(a, b).f1);
    measure("rougeL", &pairs, |a, b| rouge(Variant::L, a, b, false).f1);
    measure("rougeL, stemmer", &pairs, |a, b| {
        rouge(Variant::L, a, b, true).f1
    });
    measure("rouge2", &pairs, |a, b| {
        rouge(Variant::N(2), a, b, false).f1
    });
    measure("rougeLsum", &pairs, |a, b| {
        rouge(Variant::Lsum, a, b, false).f1
    });
    measure("sentence BLEU", &pairs, |a, b| {
        bleu.score(&bleu.counts(a, &[b])).unwrap().score
    });
    measure("chrF", &pairs, |a, b| chrf.score(&chrf.counts(a, &[b])));
    measure("chrF++", &pairs, |a, b| plus.score(&plus.counts(a, &[b])));
    measure("TER", &pairs, |a, b| {
        let (edits, length) = ter::Ter::default().edits(a, &[b]);
        ter::Ter::score(edits, length)
    });
}
