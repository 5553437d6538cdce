//! The similarities of Jaro (1989) and Winkler (1990).

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Jaro's similarity: (m/|a| + m/|b| + (m − t)/m) / 3 with m symbols in common no further apart than
/// half the longer length, t of them (by pairs) out of order. 1 for two empty sequences.
pub fn jaro(a: &[u32], b: &[u32]) -> f64 {
    if a.is_empty() && b.is_empty() {
        return 1.0;
    }
    let window = (a.len().max(b.len()) / 2).saturating_sub(1);
    // the places of each symbol of b, and how many of them are used or out of reach for good
    let mut places: HashMap<u32, (Vec<usize>, usize), FixedState> = HashMap::default();
    for (place, symbol) in b.iter().enumerate() {
        places.entry(*symbol).or_default().0.push(place);
    }
    let mut in_a = Vec::new();
    let mut in_b = Vec::new();
    for (place, symbol) in a.iter().enumerate() {
        let Some((places, next)) = places.get_mut(symbol) else {
            continue;
        };
        while places.get(*next).is_some_and(|at| at + window < place) {
            *next += 1;
        }
        if places.get(*next).is_some_and(|at| *at <= place + window) {
            in_a.push(*symbol);
            in_b.push(places[*next]);
            *next += 1;
        }
    }
    if in_a.is_empty() {
        return 0.0;
    }
    in_b.sort_unstable();
    let out_of_order = in_a.iter().zip(&in_b).filter(|(x, at)| **x != b[**at]);
    let swapped = (out_of_order.count() / 2) as f64;
    let common = in_a.len() as f64;
    (common / a.len() as f64 + common / b.len() as f64 + (common - swapped) / common) / 3.0
}

/// Winkler's: above .7, each of up to four equal first symbols takes a tenth off what lacks to 1.
pub fn jaro_winkler(a: &[u32], b: &[u32]) -> f64 {
    let jaro = jaro(a, b);
    if jaro <= 0.7 {
        return jaro;
    }
    let prefix = a.iter().zip(b).take(4).take_while(|(a, b)| a == b).count();
    jaro + prefix as f64 * 0.1 * (1.0 - jaro)
}
