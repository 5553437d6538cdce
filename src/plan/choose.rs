//! Which models and prompts of the suite the command line chose, by name or by glob.

use super::{Choice, Placed};
use crate::source::{Problem, did_you_mean};
use globset::{GlobBuilder, GlobMatcher};

/// The patterns of one flag, and which of them found something.
pub(super) struct Picker<'a> {
    wanted: Vec<(&'a str, Option<GlobMatcher>)>,
    found: Vec<bool>,
}

impl<'a> Picker<'a> {
    pub(super) fn new(wanted: &'a [String]) -> Picker<'a> {
        let pattern = |text: &'a String| {
            let glob = GlobBuilder::new(text).build();
            (text.as_str(), glob.ok().map(|glob| glob.compile_matcher()))
        };
        Picker {
            wanted: wanted.iter().map(pattern).collect(),
            found: vec![false; wanted.len()],
        }
    }

    /// Whether something of these names is wanted; where nothing is, everything is.
    pub(super) fn picks(&mut self, names: &[&str]) -> bool {
        let mut picked = self.wanted.is_empty();
        for ((text, glob), found) in self.wanted.iter().zip(&mut self.found) {
            let hit = |name: &&str| name == text || glob.as_ref().is_some_and(|g| g.is_match(name));
            if names.iter().any(hit) {
                *found = true;
                picked = true;
            }
        }
        picked
    }

    /// The patterns that found nothing.
    pub(super) fn missed(&self) -> impl Iterator<Item = &'a str> {
        let pairs = self.wanted.iter().zip(&self.found);
        pairs
            .filter(|(_, found)| !**found)
            .map(|((text, _), _)| *text)
    }
}

/// The suite's prompts that are wanted; `own` are those that models bring themselves, and are left to the caller.
pub(super) fn prompts<'p>(
    prompts: &'p [Placed],
    own: impl Iterator<Item = &'p Placed>,
    choice: &Choice,
    problems: &mut Vec<Problem>,
) -> Vec<&'p Placed> {
    let mut picker = Picker::new(&choice.prompts);
    let kept: Vec<&Placed> = prompts
        .iter()
        .filter(|placed| picker.picks(&placed.names()))
        .collect();
    let mut names: Vec<&str> = prompts.iter().map(|it| it.prompt.name.as_str()).collect();
    for placed in own {
        picker.picks(&placed.names());
        names.push(&placed.prompt.name);
    }
    for wanted in picker.missed() {
        let problem = Problem::error(format!("--prompt {wanted}: the suite has no such prompt"));
        let problem = match did_you_mean(wanted, names.iter().copied()) {
            Some(near) => problem.help(format!("did you mean {near:?}?")),
            None => problem,
        };
        problems.push(problem.help(format!("prompts: {}", names.join(", "))));
    }
    kept
}

impl Placed {
    /// What it may be chosen by: its name, its file.
    pub(super) fn names(&self) -> Vec<&str> {
        let name = self.prompt.name.as_str();
        std::iter::once(name).chain(self.file.as_deref()).collect()
    }
}
