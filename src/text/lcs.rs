//! The longest common subsequence: Hyyrö, "Bit-parallel LCS-length computation revisited" (2004).

use super::levenshtein::{share, trimmed};
use super::masks::Masks;

/// The length of the longest common subsequence.
pub fn length(a: &[u32], b: &[u32]) -> usize {
    let (x, y) = trimmed(a, b);
    let alike = a.len() - x.len();
    let (pattern, text) = if x.len() < y.len() { (y, x) } else { (x, y) };
    if text.is_empty() {
        return alike;
    }
    let mut masks = Masks::new(pattern);
    let mut open = vec![!0_u64; masks.blocks];
    for symbol in text {
        step(&mut open, masks.row(*symbol));
    }
    alike + closed(&open, pattern.len())
}

/// The indel distance: insertions and deletions only.
pub fn indel_distance(a: &[u32], b: &[u32]) -> usize {
    a.len() + b.len() - 2 * length(a, b)
}

/// 1 − indel distance ÷ the sum of both lengths; 1 for two empty sequences.
pub fn indel_similarity(a: &[u32], b: &[u32]) -> f64 {
    share(indel_distance(a, b), a.len() + b.len())
}

/// The length of the longest common subsequence ÷ the longer length; 1 for two empty sequences.
pub fn similarity(a: &[u32], b: &[u32]) -> f64 {
    let most = a.len().max(b.len());
    share(most - length(a, b), most)
}

/// Which symbols of `expected` are in its longest common subsequence with `found`: of several, the
/// one that a walk back from the ends meets which goes up rather than left.
pub(super) fn members(expected: &[u32], found: &[u32]) -> Vec<usize> {
    if expected.is_empty() || found.is_empty() {
        return Vec::new();
    }
    let mut masks = Masks::new(expected);
    let mut columns = vec![!0_u64; masks.blocks * (found.len() + 1)];
    for (column, symbol) in found.iter().enumerate() {
        let (before, now) = columns.split_at_mut((column + 1) * masks.blocks);
        let now = &mut now[..masks.blocks];
        now.copy_from_slice(&before[column * masks.blocks..]);
        step(now, masks.row(*symbol));
    }
    let (mut i, mut j) = (expected.len(), found.len());
    let mut members = Vec::new();
    while i > 0 && j > 0 {
        // the table grows from row i - 1 to row i in this column
        let grows = columns[j * masks.blocks + (i - 1) / 64] >> ((i - 1) % 64) & 1 == 0;
        if expected[i - 1] == found[j - 1] {
            members.push(i - 1);
            (i, j) = (i - 1, j - 1);
        } else if grows {
            j -= 1;
        } else {
            i -= 1;
        }
    }
    members
}

fn step(open: &mut [u64], row: &[u64]) {
    let mut carry = false;
    for (open, at) in open.iter_mut().zip(row) {
        let met = *open & at;
        let (sum, over) = open.overflowing_add(met);
        let (sum, more) = sum.overflowing_add(u64::from(carry));
        carry = over || more;
        *open = sum | (*open & !at);
    }
}

/// How many of the first `length` bits are off.
fn closed(open: &[u64], length: usize) -> usize {
    let within = |block: usize| match length - block * 64 {
        64.. => !0,
        rest => (1_u64 << rest) - 1,
    };
    let blocks = open.iter().enumerate();
    blocks
        .map(|(block, open)| (!open & within(block)).count_ones() as usize)
        .sum()
}
