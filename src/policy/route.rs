//! From a route as it is written to its policy and the models that it asks; all that is wrong with
//! it at once. What its names lead to is for the caller to find out.

mod cost;
mod stages;

use super::{Choice, DEFAULT, Fallback, MOST_HOPS, Policy};
use crate::project::{HopMap, HopSpec, On, RouteMap, Trigger};
use crate::source::{Document, Problem};

/// The most models of one route.
pub const MOST_MODELS: usize = 32;

/// A route: whom it may ask, and how it decides.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// The models that it may ask, by hop.
    pub leaves: Vec<Leaf>,
    /// How it decides.
    pub policy: Policy,
    /// The scorers that it asks, each with its place in the route.
    pub scorers: Vec<(String, String)>,
    /// The tags that it looks for, each with its place.
    pub tags: Vec<(String, String)>,
    /// The columns that it looks at, each with its place.
    pub columns: Vec<(String, String)>,
}

/// A model of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// The model, and what is special about it.
    pub hop: HopMap,
    /// Its place in the route: a JSON pointer.
    pub at: String,
}

/// What is wrong with a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where in it: a JSON pointer.
    pub at: String,
    /// What.
    pub title: String,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    /// A fault at a place of a route.
    pub fn new(at: impl Into<String>, title: impl Into<String>) -> Fault {
        let (at, title) = (at.into(), title.into());
        let help = None;
        Fault { at, title, help }
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }

    /// The problem, located in the file where the route stands at `pointer`.
    pub fn problem(self, doc: &Document, pointer: &str) -> Problem {
        let problem = doc.problem(&format!("{pointer}{}", self.at), self.title, "");
        self.help.into_iter().fold(problem, Problem::help)
    }
}

impl Route {
    /// The route that is written.
    pub fn of(map: &RouteMap) -> Result<Route, Vec<Fault>> {
        let mut making = Making::default();
        let choice = making.choice(map);
        let fallback = making.fallback(map);
        let Making {
            leaves,
            mut faults,
            scorers,
            tags,
            columns,
        } = making;
        if map.name.trim().is_empty() {
            faults.push(Fault::new("/name", "a route without a name"));
        }
        if leaves.len() > MOST_MODELS {
            let title = format!("a route of {} models is too large", leaves.len());
            faults.push(Fault::new("", title).help(format!("at most {MOST_MODELS}")));
        }
        match choice {
            Some(choice) if faults.is_empty() => Ok(Route {
                name: map.name.clone(),
                leaves,
                policy: Policy { choice, fallback },
                scorers,
                tags,
                columns,
            }),
            _ => Err(faults),
        }
    }
}

/// A route in the making.
#[derive(Default)]
struct Making {
    leaves: Vec<Leaf>,
    faults: Vec<Fault>,
    scorers: Vec<(String, String)>,
    tags: Vec<(String, String)>,
    columns: Vec<(String, String)>,
}

impl Making {
    fn fault(&mut self, at: impl Into<String>, title: impl Into<String>, help: &str) {
        self.faults.push(Fault::new(at, title).help(help));
    }

    /// The hop of a model that has nothing special about it.
    fn leaf(&mut self, model: &str, at: impl Into<String>) -> usize {
        let model = model.to_owned();
        let hop = HopMap {
            model,
            ..HopMap::default()
        };
        self.hop(hop, at)
    }

    fn hop(&mut self, hop: HopMap, at: impl Into<String>) -> usize {
        if let Some(known) = self.leaves.iter().position(|leaf| leaf.hop == hop) {
            return known;
        }
        let at = at.into();
        self.leaves.push(Leaf { hop, at });
        self.leaves.len() - 1
    }

    fn choice(&mut self, map: &RouteMap) -> Option<Choice> {
        let written = [
            ("cost", map.cost.is_some()),
            ("latency", map.latency.is_some()),
            ("cascade", map.cascade.is_some()),
            ("weighted", map.weighted.is_some()),
        ];
        let mut written = written.into_iter().filter(|(_, is)| *is);
        if let (Some((first, _)), Some((second, _))) = (written.next(), written.next()) {
            let title = format!("a route by {first} and by {second}");
            self.fault(
                format!("/{second}"),
                title,
                "keep one of them, and make another route for the other",
            );
            return None;
        }
        if let Some(cost) = &map.cost {
            return self.rules(cost).map(Choice::Rules);
        }
        if let Some(latency) = &map.latency {
            return Some(Choice::Latency(self.latency(latency)));
        }
        if let Some(cascade) = &map.cascade {
            return Some(Choice::Cascade(self.cascade(cascade)));
        }
        if let Some(weighted) = &map.weighted {
            return Some(Choice::Weighted(self.weighted(weighted)));
        }
        if map.fallback.is_empty() {
            self.fault(
                "",
                "a route without a policy",
                "write `cost`, `latency`, `cascade`, `weighted` or `fallback`",
            );
            return None;
        }
        Some(Choice::First)
    }

    /// The models after the policy's own. Without a policy the first of them begins.
    fn fallback(&mut self, map: &RouteMap) -> Fallback {
        let begins = self.leaves.is_empty();
        if map.fallback.len() > MOST_HOPS {
            let title = format!("a fallback of {} models is too long", map.fallback.len());
            self.fault("/fallback", title, &format!("at most {MOST_HOPS}"));
        }
        let mut rest: Vec<(usize, Vec<Trigger>)> = Vec::new();
        for (at, hop) in map.fallback.iter().map(HopSpec::options).enumerate() {
            let place = format!("/fallback/{at}");
            if begins && at == 0 && hop.on.is_some() {
                let title = "the first model of a fallback is always asked: nothing leads to it";
                let help = "write `on` at the model that it is to lead to";
                self.fault(format!("{place}/on"), title, help);
            }
            let on = hop.on.as_ref().map_or(DEFAULT.to_vec(), On::words);
            let hop = self.hop(HopMap { on: None, ..hop }, place);
            if !(begins && at == 0) {
                rest.push((hop, on));
            }
        }
        if let Some(model) = &map.last_resort {
            let hop = self.leaf(model, "/last_resort");
            rest.push((hop, vec![Trigger::Any]));
        }
        Fallback::after(rest)
    }
}

/// A step of a JSON pointer (RFC 6901).
fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
