//! The largest set of pairs of two lists, each item in one pair at most: how lists are compared
//! where their order means nothing. Augmenting paths (Kuhn 1955, Berge 1957).

/// For each of `left` items the one of `right` items that it is paired with, if any.
pub(super) fn pairs(
    left: usize,
    right: usize,
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<Option<usize>> {
    let edges: Vec<Vec<usize>> = (0..left)
        .map(|a| (0..right).filter(|b| fits(a, *b)).collect())
        .collect();
    let mut of_right: Vec<Option<usize>> = vec![None; right];
    for start in 0..left {
        augment(start, &edges, &mut of_right);
    }
    let mut of_left = vec![None; left];
    for (b, a) in of_right.iter().enumerate() {
        if let Some(a) = a {
            of_left[*a] = Some(b);
        }
    }
    of_left
}

/// Pairs `start`, moving others to another partner where that makes room. Breadth first, so that no
/// list is too long for the stack.
fn augment(start: usize, edges: &[Vec<usize>], of_right: &mut [Option<usize>]) {
    let mut came_from: Vec<Option<usize>> = vec![None; of_right.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(a) = queue.pop_front() {
        for &b in &edges[a] {
            if came_from[b].is_some() {
                continue;
            }
            came_from[b] = Some(a);
            let Some(other) = of_right[b] else {
                return turn(b, start, &came_from, of_right);
            };
            queue.push_back(other);
        }
    }
}

/// Gives every item on the way to `end` the partner that it was reached from.
fn turn(end: usize, start: usize, came_from: &[Option<usize>], of_right: &mut [Option<usize>]) {
    let mut b = end;
    loop {
        let a = came_from[b].expect("the way was walked from the start");
        let before = of_right.iter().position(|of| *of == Some(a));
        of_right[b] = Some(a);
        match before {
            Some(before) if a != start => b = before,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(pairs: &[Option<usize>]) -> usize {
        pairs.iter().flatten().count()
    }

    #[test]
    fn greed_is_not_enough() {
        // 0 could take either, 1 only the first
        assert_eq!(pairs(2, 2, |a, b| a == 0 || b == 0), [Some(1), Some(0)]);
        assert_eq!(count(&pairs(3, 2, |_, _| true)), 2);
        assert_eq!(count(&pairs(0, 2, |_, _| true)), 0);
        assert_eq!(count(&pairs(500, 500, |_, _| true)), 500);
    }

    /// The size of a largest matching, by trying everything.
    fn best(a: usize, left: usize, right: usize, used: u32, table: &[bool]) -> usize {
        if a == left {
            return 0;
        }
        let without = best(a + 1, left, right, used, table);
        let with = (0..right).filter(|b| table[a * right + b] && used & (1 << b) == 0);
        with.map(|b| 1 + best(a + 1, left, right, used | 1 << b, table))
            .fold(without, usize::max)
    }

    proptest! {
        #[test]
        fn no_matching_is_larger(left in 0..6_usize, right in 0..6_usize, table in prop::collection::vec(any::<bool>(), 36)) {
            let found = pairs(left, right, |a, b| table[a * right + b]);
            prop_assert_eq!(count(&found), best(0, left, right, 0, &table));
            let mut taken: Vec<usize> = found.iter().flatten().copied().collect();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), count(&found));
            prop_assert!(found.iter().enumerate().all(|(a, b)| b.is_none_or(|b| table[a * right + b])));
        }
    }
}
