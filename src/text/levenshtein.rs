//! Levenshtein's distance (insert, delete, substitute at 1 each) and its restricted Damerau variant.
//!
//! Bit-parallel: Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit
//! distances" (2003); the band after Ukkonen (1985).

use super::masks::Masks;

/// The least number of insertions, deletions and substitutions between two sequences.
pub fn distance(a: &[u32], b: &[u32]) -> usize {
    let (a, b) = trimmed(a, b);
    let (pattern, text) = if a.len() < b.len() { (b, a) } else { (a, b) };
    if text.is_empty() {
        return pattern.len();
    }
    let mut masks = Masks::new(pattern);
    if masks.blocks == 1 {
        return one_word(&mut masks, pattern.len(), text);
    }
    // a distance up to the bound is exact; the longer length is never too small a bound
    let mut bound = (pattern.len() - text.len()).max(FIRST);
    loop {
        let found = banded(&mut masks, pattern.len(), text, bound);
        if found <= bound || bound >= pattern.len() {
            return found;
        }
        bound = (bound * 2).min(pattern.len());
    }
}

/// The first bound that is tried: its band is about three words wide.
const FIRST: usize = 128;

/// 1 − distance ÷ the longer length; 1 for two empty sequences.
pub fn similarity(a: &[u32], b: &[u32]) -> f64 {
    share(distance(a, b), a.len().max(b.len()))
}

/// 1 − distance ÷ its greatest possible value; 1 where that is 0.
pub(super) fn share(distance: usize, most: usize) -> f64 {
    if most == 0 {
        return 1.0;
    }
    1.0 - distance as f64 / most as f64
}

/// Without what both begin and end with.
pub(super) fn trimmed<'s>(a: &'s [u32], b: &'s [u32]) -> (&'s [u32], &'s [u32]) {
    let before = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[before..], &b[before..]);
    let after = a.iter().rev().zip(b.iter().rev());
    let after = after.take_while(|(a, b)| a == b).count();
    (&a[..a.len() - after], &b[..b.len() - after])
}

/// A pattern of at most 64 symbols.
fn one_word(masks: &mut Masks, length: usize, text: &[u32]) -> usize {
    let (mut up, mut down) = (!0_u64, 0_u64);
    let last = length - 1;
    let mut score = length;
    for symbol in text {
        let at = masks.row(*symbol)[0];
        let zero = ((at & up).wrapping_add(up) ^ up) | at | down;
        let right = down | !(zero | up);
        let left = zero & up;
        score += (right >> last & 1) as usize;
        score -= (left >> last & 1) as usize;
        let right = right << 1 | 1;
        up = left << 1 | !(zero | right);
        down = right & zero;
    }
    score
}

/// The distance if it is at most `bound`, else something larger. Who strays t rows from the diagonal
/// needs t edits to get there and as many as remain to the corner, so only a band of rows is looked
/// at; cells outside are taken as one more than their neighbour, which is never too little. The
/// pattern is the longer of the two.
fn banded(masks: &mut Masks, length: usize, text: &[u32], bound: usize) -> usize {
    let longer = length - text.len();
    let (above, below) = ((bound - longer) / 2, (bound + longer) / 2);
    let mut deltas = vec![(!0_u64, 0_u64); masks.blocks];
    let bottom = |block: usize| ((block + 1) * 64).min(length);
    let mut last = below.min(length - 1) / 64;
    let mut score = bottom(last);
    for (column, symbol) in text.iter().enumerate() {
        let first = column.saturating_sub(above) / 64;
        let reach = (column + below).min(length - 1) / 64;
        if reach > last {
            score += bottom(reach) - bottom(last);
            last = reach;
        }
        let row = &masks.row(*symbol)[first..=last];
        let (mut into_right, mut into_left) = (1, 0);
        let (mut right, mut left) = (0, 0);
        for (at, (up, down)) in row.iter().zip(&mut deltas[first..=last]) {
            let open = at | into_left;
            let zero = ((open & *up).wrapping_add(*up) ^ *up) | open | *down;
            right = *down | !(zero | *up);
            left = zero & *up;
            let (shifted, lower) = (right << 1 | into_right, left << 1 | into_left);
            (into_right, into_left) = (right >> 63, left >> 63);
            *up = lower | !(zero | shifted);
            *down = shifted & zero;
        }
        let end = (bottom(last) - 1) % 64;
        score += (right >> end & 1) as usize;
        score -= (left >> end & 1) as usize;
    }
    score
}

/// The optimal string alignment distance: also the swap of two neighbours at 1, but no symbol is
/// edited twice.
pub fn osa(a: &[u32], b: &[u32]) -> usize {
    let (pattern, text) = trimmed(a, b);
    if pattern.is_empty() || text.is_empty() {
        return pattern.len().max(text.len());
    }
    let mut masks = Masks::new(pattern);
    let end = (pattern.len() - 1) % 64;
    // of each block: rising, falling and zero deltas of the column before, and its mask
    let mut columns = vec![(!0_u64, 0_u64, 0_u64, 0_u64); masks.blocks];
    let mut score = pattern.len();
    for symbol in text {
        let (mut into_right, mut into_left) = (1, 0);
        let mut from_below = 0;
        let (mut ends_right, mut ends_left) = (0, 0);
        for (at, (up, down, zero, mask)) in masks.row(*symbol).iter().zip(&mut columns) {
            let unmet = !*zero & at;
            let swap = (unmet << 1 | from_below) & *mask;
            from_below = unmet >> 63;
            let open = at | into_left;
            *zero = ((open & *up).wrapping_add(*up) ^ *up) | open | *down | swap;
            *mask = *at;
            let right = *down | !(*zero | *up);
            let left = *zero & *up;
            (ends_right, ends_left) = (right >> end & 1, left >> end & 1);
            let (shifted, lower) = (right << 1 | into_right, left << 1 | into_left);
            (into_right, into_left) = (right >> 63, left >> 63);
            *up = lower | !(*zero | shifted);
            *down = shifted & *zero;
        }
        score += ends_right as usize;
        score -= ends_left as usize;
    }
    score
}
