//! What a chain of fallbacks delivers: the first hop that is up answers.

/// One hop of a chain, as measured by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hop {
    /// The probability that it answers.
    pub availability: f64,
    /// Its mean quality when it answers.
    pub quality: f64,
    /// Its mean cost when it answers, in any unit.
    pub cost: f64,
    /// Its mean time when it answers, in any unit.
    pub latency: f64,
    /// What a call to it costs when it fails (0 where failures are free).
    pub failed_cost: f64,
    /// How long one waits before giving it up, in the unit of `latency`.
    pub failed_latency: f64,
}

/// What a chain delivers per call, on average.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// The share of calls that someone answers.
    pub served: f64,
    /// The share that nobody answers; kept apart, since 1-served would lose its digits.
    pub unserved: f64,
    /// The share that each hop answers.
    pub by_hop: Vec<f64>,
    /// Mean quality, an unanswered call counted as 0.
    pub quality: f64,
    /// Mean quality of the answered calls; `None` if nothing is ever answered.
    pub quality_served: Option<f64>,
    /// Mean cost, failed hops included.
    pub cost: f64,
    /// Mean time, waiting for failed hops included.
    pub latency: f64,
}

/// The chain of `hops`, asked in order. `common` is the share of outages with a common cause (the same cloud or vendor), in
/// 0..=1: unserved = common·max(1-a_j) + (1-common)·Π(1-a_j). 0 takes all outages as independent, which is optimistic; .1
/// across vendors and .5 within one are sensible. `None` without hops, or for numbers that are not finite or not shares.
pub fn chain(hops: &[Hop], common: f64) -> Option<Delivered> {
    let share = |v: f64| (0.0..=1.0).contains(&v);
    let sound = |h: &Hop| {
        let rest = [
            h.quality,
            h.cost,
            h.latency,
            h.failed_cost,
            h.failed_latency,
        ];
        share(h.availability) && rest.iter().all(|v| v.is_finite())
    };
    if hops.is_empty() || !share(common) || !hops.iter().all(sound) {
        return None;
    }
    let apart = down_apart(hops);
    let together = down_together(hops);
    let mix = |a: f64, b: f64| (1.0 - common) * a + common * b;
    let quality = mix(apart.quality, together.quality);
    let served = mix(apart.served, together.served);
    let both = apart.by_hop.iter().zip(&together.by_hop);
    Some(Delivered {
        served,
        unserved: mix(apart.unserved, together.unserved),
        by_hop: both.map(|(a, b)| mix(*a, *b)).collect(),
        quality,
        quality_served: (served > 0.0).then(|| quality / served),
        cost: mix(apart.cost, together.cost),
        latency: mix(apart.latency, together.latency),
    })
}

/// Every hop fails on its own.
fn down_apart(hops: &[Hop]) -> Delivered {
    let mut reached = 1.0;
    let mut found = Delivered::nothing();
    for hop in hops {
        found.answer(hop, reached * hop.availability);
        reached *= 1.0 - hop.availability;
        found.fail(hop, reached);
    }
    found.unserved = reached;
    found.served = 1.0 - reached;
    found
}

/// All hops fail at once, as often as the worst of them.
fn down_together(hops: &[Hop]) -> Delivered {
    let up = hops.iter().map(|h| h.availability).fold(1.0, f64::min);
    let mut found = Delivered::nothing();
    for (place, hop) in hops.iter().enumerate() {
        found.answer(hop, if place == 0 { up } else { 0.0 });
        found.fail(hop, 1.0 - up);
    }
    found.unserved = 1.0 - up;
    found.served = up;
    found
}

impl Delivered {
    fn nothing() -> Self {
        Delivered {
            served: 0.0,
            unserved: 1.0,
            by_hop: Vec::new(),
            quality: 0.0,
            quality_served: None,
            cost: 0.0,
            latency: 0.0,
        }
    }

    fn answer(&mut self, hop: &Hop, share: f64) {
        self.by_hop.push(share);
        self.quality += share * hop.quality;
        self.cost += share * hop.cost;
        self.latency += share * hop.latency;
    }

    fn fail(&mut self, hop: &Hop, share: f64) {
        self.cost += share * hop.failed_cost;
        self.latency += share * hop.failed_latency;
    }
}

/// P(L > t) of hedged requests, the first answer taken: ΠP(L_j > t), as if their times were independent. Recorded times
/// of the same cases say it better. 1 without requests.
pub fn hedged(later: &[f64]) -> f64 {
    later.iter().map(|p| p.clamp(0.0, 1.0)).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(availability: f64) -> Hop {
        Hop {
            availability,
            quality: 0.8,
            cost: 2.0,
            latency: 1.0,
            failed_cost: 0.5,
            failed_latency: 10.0,
        }
    }

    #[test]
    fn failed_hops_are_paid_and_waited_for() {
        let found = chain(&[hop(0.9), hop(0.5)], 0.0).unwrap();
        assert!((found.served - 0.95).abs() < 1e-12);
        assert!((found.quality_served.unwrap() - 0.8).abs() < 1e-12);
        // .95·2 answered, a tenth fails once, a twentieth twice
        assert!((found.cost - (1.9 + 0.05 + 0.025)).abs() < 1e-12);
        assert!((found.latency - (0.95 + 1.0 + 0.5)).abs() < 1e-12);
    }

    #[test]
    fn common_causes_leave_as_many_unserved_as_the_worst_hop() {
        let hops = [hop(0.99), hop(0.9)];
        let unserved = |common| chain(&hops, common).unwrap().unserved;
        assert!((unserved(0.0) - 0.001).abs() < 1e-12);
        assert!((unserved(1.0) - 0.1).abs() < 1e-12);
        assert!((unserved(0.5) - 0.0505).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_chain_has_no_answer() {
        assert_eq!(chain(&[], 0.0), None);
        assert_eq!(chain(&[hop(1.5)], 0.0), None);
        assert_eq!(chain(&[hop(0.5)], 2.0), None);
        assert_eq!(chain(&[hop(0.0)], 0.1).unwrap().quality_served, None);
    }
}
