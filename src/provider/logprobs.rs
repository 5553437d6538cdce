//! Log probabilities of an answer's tokens, as OpenAI's APIs and their likes state them, to one mean.

use super::lenient::at;
use serde_json::Value;

/// What has been stated so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Logprobs {
    sum: f64,
    tokens: u32,
}

impl Logprobs {
    /// More tokens: `[{"token": "a", "logprob": -0.1}, …]`.
    pub fn take(&mut self, tokens: &[Value]) {
        let stated = tokens
            .iter()
            .filter_map(|it| at(it, &["logprob"])?.as_f64());
        for value in stated.filter(|value| *value <= 0.0) {
            self.sum += value;
            self.tokens += 1;
        }
    }

    /// Their mean.
    pub fn mean(self) -> Option<f64> {
        (self.tokens > 0).then(|| self.sum / f64::from(self.tokens))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_mean_is_over_all_that_was_stated() {
        let mut logprobs = Logprobs::default();
        assert_eq!(logprobs.mean(), None);
        let first = json!([{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": null}]);
        logprobs.take(first.as_array().unwrap());
        logprobs.take(json!([{"logprob": -1.5}]).as_array().unwrap());
        assert_eq!(logprobs.mean(), Some(-1.0));
    }
}
