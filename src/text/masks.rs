//! Where each symbol stands in a pattern, as bits: what the bit-parallel algorithms read.

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Words in a row up to which every symbol has a row of its own.
const SHORT: usize = 16;
/// In longer patterns, places of a symbol from which on it has one: so rows are few.
const FREQUENT: usize = 64;

/// For each symbol of a pattern the places where it stands, 64 to a word.
pub(super) struct Masks {
    /// Words in a row.
    pub blocks: usize,
    /// Rows of `blocks` words; the first is made anew for each symbol that has none of its own.
    bits: Vec<u64>,
    /// Rows of the symbols below 256.
    small: [u32; 256],
    /// Rows of the others.
    large: HashMap<u32, u32, FixedState>,
    /// Places of the symbols without a row.
    rare: HashMap<u32, Vec<u32>, FixedState>,
    /// The symbol that the first row shows.
    shown: Option<u32>,
}

impl Masks {
    pub fn new(pattern: &[u32]) -> Self {
        let blocks = pattern.len().div_ceil(64).max(1);
        let mut masks = Masks {
            blocks,
            bits: vec![0; blocks],
            small: [0; 256],
            large: HashMap::default(),
            rare: HashMap::default(),
            shown: None,
        };
        if blocks > SHORT {
            for (place, symbol) in (0_u32..).zip(pattern) {
                masks.rare.entry(*symbol).or_default().push(place);
            }
            masks.rare.retain(|_, places| places.len() < FREQUENT);
        }
        for (place, symbol) in pattern.iter().enumerate() {
            if masks.rare.contains_key(symbol) {
                continue;
            }
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
    pub fn row(&mut self, symbol: u32) -> &[u64] {
        let row = match self.small.get(symbol as usize) {
            Some(row) => *row,
            None => self.large.get(&symbol).copied().unwrap_or(0),
        };
        if row == 0 && !self.rare.is_empty() {
            self.show(symbol);
        }
        let start = row as usize * self.blocks;
        &self.bits[start..start + self.blocks]
    }

    /// Makes the first row that of a symbol without one of its own.
    fn show(&mut self, symbol: u32) {
        let flip = |bits: &mut [u64], places: Option<&Vec<u32>>| {
            for place in places.into_iter().flatten() {
                bits[*place as usize / 64] ^= 1 << (place % 64);
            }
        };
        let before = self.shown.replace(symbol);
        flip(
            &mut self.bits,
            before.and_then(|before| self.rare.get(&before)),
        );
        flip(&mut self.bits, self.rare.get(&symbol));
    }
}
