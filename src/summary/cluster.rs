//! Numbers for clusters that have names.

use std::collections::HashMap;

/// A number for each name, the same for the same one, in the order of first mention; a case without a name
/// is a cluster of its own. `None` where no two cases share one.
pub fn clusters<'a>(names: impl IntoIterator<Item = Option<&'a str>>) -> Option<Vec<usize>> {
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut next = 0;
    let mut fresh = || {
        next += 1;
        next - 1
    };
    let number = |name: Option<&'a str>| match name {
        Some(name) => *known.entry(name).or_insert_with(&mut fresh),
        None => fresh(),
    };
    let numbers: Vec<usize> = names.into_iter().map(number).collect();
    (next < numbers.len()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shared_names_make_clusters() {
        let some = clusters([Some("b"), None, Some("a"), Some("b"), None]);
        assert_eq!(some, Some(vec![0, 1, 2, 0, 3]));
        assert_eq!(clusters([Some("a"), None, Some("b")]), None);
        assert_eq!(clusters([]), None);
    }
}
