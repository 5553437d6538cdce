//! Where each symbol stands in a pattern, as bits: what the bit-parallel algorithms read.

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// For each symbol of a pattern the places where it stands, 64 to a word.
pub(super) struct Masks {
    /// Words in a row.
    pub blocks: usize,
    /// Rows of `blocks` words; the first is that of symbols the pattern has not.
    bits: Vec<u64>,
    /// Rows of the symbols below 256.
    small: [u32; 256],
    /// Rows of the others.
    large: HashMap<u32, u32, FixedState>,
}

impl Masks {
    pub fn new(pattern: &[u32]) -> Self {
        let blocks = pattern.len().div_ceil(64).max(1);
        let mut masks = Masks {
            blocks,
            bits: vec![0; blocks],
            small: [0; 256],
            large: HashMap::default(),
        };
        for (place, symbol) in pattern.iter().enumerate() {
            let new = (masks.bits.len() / blocks) as u32;
            let row = match masks.small.get_mut(*symbol as usize) {
                Some(row) => row,
                None => masks.large.entry(*symbol).or_default(),
            };
            if *row == 0 {
                *row = new;
                masks.bits.resize(masks.bits.len() + blocks, 0);
            }
            masks.bits[*row as usize * blocks + place / 64] |= 1 << (place % 64);
        }
        masks
    }

    /// The symbol's places.
    pub fn row(&self, symbol: u32) -> &[u64] {
        let row = match self.small.get(symbol as usize) {
            Some(row) => *row,
            None => self.large.get(&symbol).copied().unwrap_or(0),
        };
        let start = row as usize * self.blocks;
        &self.bits[start..start + self.blocks]
    }
}
