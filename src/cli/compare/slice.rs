//! The slice that is asked for must be one that cases are in.

use super::unknown;
use crate::source::Problem;
use crate::summary::side::Side;
use std::collections::BTreeSet;

/// A slice that no case is in is a mistake.
pub(super) fn known_slice(sides: &[Side], wanted: Option<&str>) -> Result<(), Problem> {
    let Some(wanted) = wanted else { return Ok(()) };
    let cases = || sides.iter().flat_map(|side| side.cases.iter());
    let tags = || cases().flat_map(|case| &case.tags).map(String::as_str);
    let column = |tag: &str| tag.split('=').next() == Some(wanted);
    let group = |name: &str| wanted == "group" || wanted.strip_prefix("group=") == Some(name);
    let in_group = cases().any(|case| case.group.as_deref().is_some_and(group));
    if in_group || tags().any(|tag| tag == wanted || column(tag)) {
        return Ok(());
    }
    let known: BTreeSet<&str> = tags().collect();
    let known: Vec<&str> = known.into_iter().take(30).collect();
    Err(unknown("tag", wanted, &known))
}
