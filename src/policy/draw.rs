//! The luck of one request: numbers drawn from (seed, route, case, repeat), the same in every run.

/// A request's luck.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Draw {
    seed: [u8; 32],
}

impl Draw {
    /// The luck of a case's repeat on a route.
    pub fn new(seed: u64, route: &str, case: &str, repeat: u32) -> Draw {
        let mut hasher = blake3::Hasher::new_derive_key("bakeoff route draw");
        hasher.update(&seed.to_le_bytes());
        for part in [route, case] {
            let length = part.len() as u64;
            hasher.update(&length.to_le_bytes()).update(part.as_bytes());
        }
        hasher.update(&repeat.to_le_bytes());
        let seed = *hasher.finalize().as_bytes();
        Draw { seed }
    }

    /// A number from 0 up to, but not, 1: another one for every purpose.
    pub fn unit(self, purpose: u64) -> f64 {
        let hash = blake3::keyed_hash(&self.seed, &purpose.to_le_bytes());
        let bytes: [u8; 8] = std::array::from_fn(|at| hash.as_bytes()[at]);
        // 53 bits: every value is a multiple of 2⁻⁵³, so 1 is not reached
        (u64::from_le_bytes(bytes) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// An index below `n`, which is more than 0.
    pub fn below(self, purpose: u64, n: usize) -> usize {
        ((self.unit(purpose) * n as f64) as usize).min(n - 1)
    }
}
