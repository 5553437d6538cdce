//! USD per million tokens at one length of prompt, and what counts cost at them.

use super::counts::Counts;
use crate::project::Price;
use crate::provider::call::Usage;
use serde::Serialize;

/// USD per million tokens; what has no price of its own is `None` and billed as what it is part of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Rates {
    /// Input tokens.
    pub input: f64,
    /// Input tokens read from a cache; `None` is as `input`.
    pub cached_input: Option<f64>,
    /// Input tokens written to a cache; `None` is as `input`.
    pub cache_write: Option<f64>,
    /// Input tokens written to a cache for an hour; `None` is as `cache_write`.
    pub cache_write_1h: Option<f64>,
    /// Output tokens.
    pub output: f64,
}

impl Rates {
    /// The suite's own prices for a prompt of so many tokens: the highest tier that it is above.
    pub fn of(price: &Price, prompt: u64) -> Rates {
        let tiers = price.tiers.iter().filter(|tier| prompt > tier.above);
        match tiers.max_by_key(|tier| tier.above) {
            Some(tier) => Rates {
                input: tier.input,
                cached_input: tier.cached_input,
                cache_write: tier.cache_write,
                cache_write_1h: tier.cache_write_1h,
                output: tier.output,
            },
            None => Rates {
                input: price.input,
                cached_input: price.cached_input,
                cache_write: price.cache_write,
                cache_write_1h: price.cache_write_1h,
                output: price.output,
            },
        }
    }

    fn cost(&self, counts: Counts) -> f64 {
        let write = self.cache_write.unwrap_or(self.input);
        let parts = [
            (counts.input - counts.cached - counts.written, self.input),
            (counts.cached, self.cached_input.unwrap_or(self.input)),
            (counts.written - counts.hour, write),
            (counts.hour, self.cache_write_1h.unwrap_or(write)),
            (counts.output, self.output),
        ];
        let usd = parts.iter().map(|(tokens, rate)| *tokens as f64 * rate);
        usd.sum::<f64>() / 1e6
    }

    /// The dearest that an input token can be.
    fn dearest_input(&self) -> f64 {
        let others = [self.cached_input, self.cache_write, self.cache_write_1h];
        others.into_iter().flatten().fold(self.input, f64::max)
    }
}

/// The cost of these counts at the suite's own price; `None` where input or output is not stated.
pub fn at_price(price: &Price, usage: &Usage) -> Option<f64> {
    let counts = Counts::of(usage)?;
    Some(Rates::of(price, counts.input).cost(counts) + price.per_request.unwrap_or(0.0))
}

/// The most that so many tokens can cost at the suite's own price: every tier that a prompt of at
/// most this length can fall into, every kind of input.
pub fn worst_price(price: &Price, input: u64, output: u64) -> f64 {
    let reached = price.tiers.iter().map(|tier| tier.above);
    let lengths = reached
        .filter(|above| *above < input)
        .map(|above| above + 1);
    let rates = lengths.chain([0]).map(|length| Rates::of(price, length));
    let worst = rates
        .map(|rates| (input as f64 * rates.dearest_input() + output as f64 * rates.output) / 1e6);
    worst.fold(0.0, f64::max) + price.per_request.unwrap_or(0.0)
}
