//! How many n-grams two sequences share, for every n up to some order.
//!
//! The first N symbols from each place are packed into one integer; sorted once, the n-grams of
//! every n ≤ N stand in runs, so a merge for each n is all that is left to do.

use std::collections::HashMap;
use std::ops::{BitAnd, BitOr, Shl, Shr};

/// Counts of the n-grams of one order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shared {
    /// In the first sequence.
    pub found: usize,
    /// Of these, in the others: each n-gram at most as often as in the one that has most of it.
    pub shared: usize,
}

/// The n-grams of `found` that are in any of `expected`, for n = 1..=orders. Symbols are from 1.
pub fn shared(found: &[u32], expected: &[&[u32]], orders: usize) -> Vec<Shared> {
    let most = found.iter().chain(expected.iter().copied().flatten()).max();
    let bits = most.map_or(1, |most| u32::BITS - most.leading_zeros());
    let shared: Vec<usize> = match bits as usize * orders {
        0 => Vec::new(),
        1..=64 => packed::<u64>(found, expected, orders, bits),
        65..=128 => packed::<u128>(found, expected, orders, bits),
        _ => (1..=orders).map(|n| counted(found, expected, n)).collect(),
    };
    let count = |n: usize| (found.len() + 1).saturating_sub(n);
    let shared = shared.into_iter().enumerate();
    shared
        .map(|(at, shared)| Shared {
            found: count(at + 1),
            shared,
        })
        .collect()
}

trait Word:
    Copy
    + Ord
    + Default
    + From<u32>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
    + BitOr<Output = Self>
    + BitAnd<Output = Self>
{
}
impl Word for u64 {}
impl Word for u128 {}

fn packed<K: Word>(found: &[u32], expected: &[&[u32]], orders: usize, bits: u32) -> Vec<usize> {
    let ours = keys::<K>(found, orders, bits);
    let theirs: Vec<Vec<K>> = expected.iter().map(|ids| keys(ids, orders, bits)).collect();
    let symbol = K::from(u32::MAX >> (32 - bits));
    let merge = |n: usize| {
        let shift = bits * (orders - n) as u32;
        let mut at = vec![0; theirs.len()];
        let (mut i, mut total) = (0, 0);
        while i < ours.len() {
            let gram = ours[i] >> shift;
            let run = ours[i..].iter().take_while(|key| **key >> shift == gram);
            let count = run.count();
            i += count;
            // a gram that runs over the end has a zero in its last place
            if gram & symbol == K::default() {
                continue;
            }
            let most = theirs.iter().zip(&mut at).map(|(keys, at)| {
                let before = keys[*at..].iter().take_while(|key| **key >> shift < gram);
                *at += before.count();
                let same = keys[*at..].iter().take_while(|key| **key >> shift == gram);
                same.count()
            });
            total += count.min(most.max().unwrap_or(0));
        }
        total
    };
    (1..=orders).map(merge).collect()
}

/// The first `orders` symbols from each place as one number, zeros beyond the end; ascending.
fn keys<K: Word>(ids: &[u32], orders: usize, bits: u32) -> Vec<K> {
    let mut window = K::default();
    let mut keys = Vec::with_capacity(ids.len());
    let width = bits * orders as u32;
    // from the end: the next symbol goes in at the top, the last one falls out at the bottom
    for id in ids.iter().rev() {
        window = (window >> bits) | (K::from(*id) << (width - bits));
        keys.push(window);
    }
    keys.sort_unstable();
    keys
}

/// The same for one order, for symbols too many to pack.
fn counted(found: &[u32], expected: &[&[u32]], n: usize) -> usize {
    let count = |ids: &[u32]| {
        let mut counts: HashMap<Vec<u32>, usize> = HashMap::new();
        for gram in ids.windows(n) {
            *counts.entry(gram.to_vec()).or_default() += 1;
        }
        counts
    };
    let theirs: Vec<_> = expected.iter().map(|ids| count(ids)).collect();
    let most = |gram| theirs.iter().filter_map(|counts| counts.get(gram)).max();
    let ours = count(found);
    ours.iter()
        .map(|(gram, count)| (*count).min(most(gram).copied().unwrap_or(0)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packing_counts_as_counting_does(
            found in prop::collection::vec(1_u32..5, 0..40),
            expected in prop::collection::vec(prop::collection::vec(1_u32..5, 0..40), 0..3),
            wide in 0_u32..3,
        ) {
            let scale = [1, 1000, 1 << 24][wide as usize];
            let widen = |ids: &[u32]| ids.iter().map(|id| id * scale).collect::<Vec<_>>();
            let (found, expected) = (widen(&found), expected.iter().map(|e| widen(e)).collect::<Vec<_>>());
            let expected: Vec<&[u32]> = expected.iter().map(Vec::as_slice).collect();
            for (at, got) in shared(&found, &expected, 5).iter().enumerate() {
                prop_assert_eq!(got.shared, counted(&found, &expected, at + 1));
                prop_assert_eq!(got.found, found.windows(at + 1).count());
            }
        }
    }
}
