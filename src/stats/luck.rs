//! What choosing the best afterwards gains by luck alone.

/// The expected highest of one independent draw from each column's values: what an oracle over the columns would show if
/// cases had nothing to do with who is right. For passes and fails 1-Π(1-p_m). `None` without columns or with an empty one.
pub fn highest(columns: &[Vec<f64>]) -> Option<f64> {
    if columns.is_empty() || columns.iter().any(Vec::is_empty) {
        return None;
    }
    let tagged = columns.iter().enumerate();
    let mut values: Vec<(f64, usize)> = tagged
        .flat_map(|(column, values)| values.iter().map(move |value| (*value, column)))
        .collect();
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut up_to = vec![0_usize; columns.len()];
    let (mut expected, mut before) = (0.0, 0.0);
    for same in values.chunk_by(|a, b| a.0 == b.0) {
        for (_, column) in same {
            up_to[*column] += 1;
        }
        let shares = up_to.iter().zip(columns);
        let now: f64 = shares
            .map(|(n, all)| *n as f64 / all.len() as f64)
            .product();
        expected += same[0].0 * (now - before);
        before = now;
    }
    Some(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_passes_it_is_the_chance_that_one_passes() {
        let columns = [vec![1.0, 0.0, 0.0, 0.0], vec![1.0, 1.0, 0.0, 0.0]];
        let found = highest(&columns).unwrap();
        assert!((found - (1.0 - 0.75 * 0.5)).abs() < 1e-12);
    }

    #[test]
    fn of_scores_it_is_the_mean_over_all_pairs() {
        let (a, b) = (vec![0.1, 0.5, 0.9], vec![0.4, 0.6]);
        let pairs = a.iter().flat_map(|a| b.iter().map(|b| f64::max(*a, *b)));
        let mean = pairs.sum::<f64>() / 6.0;
        assert!((highest(&[a, b]).unwrap() - mean).abs() < 1e-12);
        assert_eq!(highest(&[]), None);
        assert_eq!(highest(&[vec![]]), None);
    }
}
