//! Damerau's distance: insertions, deletions, substitutions and swaps of neighbours at 1 each, with
//! edits between the swapped allowed.

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// The distance, in linear space: Zhao and Sahni, "String correction using the Damerau-Levenshtein
/// distance" (2019).
pub fn distance(a: &[u32], b: &[u32]) -> usize {
    let far = a.len().max(b.len()) as i64 + 1;
    let width = b.len();
    // row[j + 1] is column j; row[0] stands before the first
    let mut before = vec![far; width + 2];
    let mut row: Vec<i64> = std::iter::once(far).chain(0..=width as i64).collect();
    // for each column the cell before the last one where both symbols met
    let mut met = vec![far; width + 2];
    // symbols as small numbers, and of each the last row where it stood
    let mut numbers: HashMap<u32, usize, FixedState> = HashMap::default();
    let mut small = |symbols: &[u32]| -> Vec<usize> {
        let number = symbols.iter().map(|symbol| {
            let next = numbers.len();
            *numbers.entry(*symbol).or_insert(next)
        });
        number.collect()
    };
    let (a, b) = (small(a), small(b));
    let mut seen = vec![-1_i64; numbers.len()];
    for (i, x) in (1_i64..).zip(&a) {
        std::mem::swap(&mut row, &mut before);
        let mut same = -1_i64;
        let mut corner = row[1];
        let mut earlier = far;
        row[1] = i;
        for (j, y) in (1_i64..).zip(&b) {
            let at = j as usize + 1;
            let step = i64::from(x != y);
            let mut best = (before[at - 1] + step)
                .min(row[at - 1] + 1)
                .min(before[at] + 1);
            if x == y {
                same = j;
                met[at] = before[at - 2];
                earlier = corner;
            } else {
                let up = i - seen[*y];
                let left = j - same;
                if left == 1 {
                    best = best.min(met[at] + up);
                } else if up == 1 {
                    best = best.min(earlier + left);
                }
            }
            corner = row[at];
            row[at] = best;
        }
        seen[*x] = i;
    }
    row[width + 1] as usize
}
