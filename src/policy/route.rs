//! From a route as it is written to its policy and the models that it asks; all that is wrong with
//! it at once. What its names lead to is for the caller to find out.

use super::classify::REQUEST;
use super::rules::{Rule, Rules};
use super::{
    Cascade, Check, Choice, Classifier, DEFAULT, Fallback, Latency, MOST_HOPS, Policy, Weighted,
};
use crate::project::{
    AcceptMap, CostMap, HopMap, HopSpec, LatencyMap, On, RouteMap, RuleMap, StageSpec, Trigger,
};
use crate::source::{Document, Problem, Source};
use crate::template::{Syntax, Template};
use regex::{Regex, RegexBuilder};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most models of one route.
pub const MOST_MODELS: usize = 32;
/// Bytes that a compiled pattern may take.
const PATTERN: usize = 1 << 20;

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

    fn rules(&mut self, cost: &CostMap) -> Option<Rules> {
        let rules = cost.rules.iter().enumerate();
        let rules: Vec<Rule> = rules.map(|(at, rule)| self.rule(at, rule)).collect();
        let mut labels = Vec::new();
        if let Some(classifier) = &cost.classifier {
            for (label, model) in &classifier.labels {
                let at = format!("/cost/classifier/labels/{}", escaped(label));
                labels.push((label.clone(), self.leaf(model, at)));
            }
        }
        let otherwise = self.leaf(&cost.otherwise, "/cost/else");
        if rules.is_empty() && cost.classifier.is_none() {
            self.fault(
                "/cost",
                "a route by cost with neither rules nor a classifier",
                "write `rules`, `classifier` or both",
            );
            return None;
        }
        let classifier = match &cost.classifier {
            None => None,
            Some(_) => Some(self.classifier(cost, labels)?),
        };
        Some(Rules {
            rules,
            classifier,
            otherwise,
        })
    }

    fn rule(&mut self, at: usize, rule: &RuleMap) -> Rule {
        let place = format!("/cost/rules/{at}");
        let hop = self.leaf(&rule.model, format!("{place}/use"));
        let mut made = Rule {
            least: rule.min_prompt_tokens,
            most: rule.max_prompt_tokens,
            hop,
            ..Rule::default()
        };
        let written = rule.tags.iter().flat_map(|tags| tags.as_slice());
        for word in written.clone() {
            let (list, tag) = match word.strip_prefix("not:") {
                Some(tag) => (&mut made.none, tag.trim()),
                None => (&mut made.any, word.trim()),
            };
            list.push(tag.to_owned());
            let tag = (tag.to_owned(), format!("{place}/tags"));
            if tag.0.is_empty() {
                self.fault(tag.1, "`tags` names an empty tag", "remove it");
            } else {
                self.tags.push(tag);
            }
        }
        if let Some(pattern) = &rule.matches {
            match compile(pattern) {
                Ok(regex) => made.matches = Some(regex),
                Err(why) => {
                    let title = format!("this is no regular expression: {why}");
                    let help =
                        "the syntax is that of Rust's `regex`: no look-around, no back-references";
                    self.fault(format!("{place}/matches"), title, help);
                }
            }
        }
        match (&rule.column, &rule.is) {
            (Some(column), Some(values)) => {
                let values = values.as_slice().iter().map(|it| it.trim().to_owned());
                made.column = Some((column.clone(), values.collect()));
                self.columns
                    .push((column.clone(), format!("{place}/column")));
            }
            (Some(_), None) => self.fault(
                &place,
                "`column` without `is`",
                "say its values: `is: [a, b]`",
            ),
            (None, Some(_)) => self.fault(&place, "`is` without `column`", "say of which column"),
            (None, None) => {}
        }
        let bounds = rule.min_prompt_tokens.zip(rule.max_prompt_tokens);
        if bounds.is_some_and(|(least, most)| least > most) {
            let title = "no prompt has at least the one and at most the other";
            self.fault(format!("{place}/min_prompt_tokens"), title, "swap them");
        }
        let says = rule.min_prompt_tokens.is_some()
            || rule.max_prompt_tokens.is_some()
            || written.count() > 0
            || rule.matches.is_some()
            || rule.column.is_some()
            || rule.is.is_some();
        if !says {
            let title = "a rule that fits every request";
            self.fault(
                &place,
                title,
                "say when it fits, or write its model under `else`",
            );
        }
        made
    }

    fn classifier(&mut self, cost: &CostMap, labels: Vec<(String, usize)>) -> Option<Classifier> {
        let map = cost.classifier.as_ref()?;
        let place = "/cost/classifier";
        if labels.len() < 2 {
            let title = "a classifier chooses between two labels or more";
            self.fault(
                format!("{place}/labels"),
                title,
                "add labels, or leave it out",
            );
            return None;
        }
        let names: Vec<&str> = labels.iter().map(|(label, _)| label.as_str()).collect();
        let bare = |label: &str| {
            let ends = [label.chars().next(), label.chars().next_back()];
            ends.iter().all(|c| c.is_some_and(char::is_alphanumeric))
        };
        if let Some(odd) = names.iter().find(|name| !bare(name)) {
            let title = format!("the label {odd:?} does not begin and end with a letter or digit");
            self.fault(format!("{place}/labels"), title, "name it with a word");
        }
        let mut lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
        lower.sort();
        if let Some(twice) = lower.windows(2).find(|pair| pair[0] == pair[1]) {
            let title = format!("two labels are {:?} but for their case", twice[0]);
            self.fault(
                format!("{place}/labels"),
                title,
                "give them different words",
            );
        }
        let text = map.prompt.clone().unwrap_or_else(|| asking(&names));
        let span = 0..text.len();
        let source = Arc::new(Source::new("the classifier's prompt", text.clone()));
        let template = match Template::parse(&text, &source, span, Syntax::Handlebars) {
            Ok(template) => template,
            Err(problem) => {
                let at = format!("{place}/prompt");
                let help = problem.help.first().map_or("", String::as_str);
                self.fault(at, problem.title, help);
                return None;
            }
        };
        for name in template.names().iter().filter(|it| it.name != REQUEST) {
            self.columns
                .push((name.name.clone(), format!("{place}/prompt")));
        }
        // A hop of its own, last: it is asked something else than those that answer.
        let hop = HopMap {
            model: map.model.clone(),
            params: map.params.clone(),
            ..HopMap::default()
        };
        let at = format!("{place}/model");
        self.leaves.push(Leaf { hop, at });
        Some(Classifier {
            hop: self.leaves.len() - 1,
            template,
            labels,
        })
    }

    fn latency(&mut self, map: &LatencyMap) -> Latency {
        let mut of = Vec::new();
        for (at, model) in map.of.iter().enumerate() {
            let place = format!("/latency/of/{at}");
            let hop = self.leaf(model, &place);
            self.once(&mut of, hop, model, place);
        }
        let target = map.target_p95.map(|period| period.0.as_secs_f64() * 1000.0);
        if target == Some(0.0) {
            self.fault(
                "/latency/target_p95",
                "nothing is that fast",
                "write more than 0",
            );
        }
        Latency {
            of,
            by: map.by,
            target_ms: target,
        }
    }

    /// Adds a hop to a list that holds each model once.
    fn once(&mut self, list: &mut Vec<usize>, hop: usize, model: &str, at: String) {
        if list.contains(&hop) {
            let title = format!("{model} stands here twice");
            self.fault(at, title, "name each model once");
        }
        list.push(hop);
    }

    fn cascade(&mut self, stages: &[StageSpec]) -> Cascade {
        let (mut hops, mut checks) = (Vec::new(), Vec::new());
        for (at, stage) in stages.iter().map(StageSpec::options).enumerate() {
            let place = format!("/cascade/{at}");
            let hop = self.leaf(&stage.model, &place);
            self.once(&mut hops, hop, &stage.model, place.clone());
            let last = at + 1 == stages.len();
            match (&stage.accept, last) {
                (None, false) => self.fault(
                    &place,
                    "nothing is asked after a stage without `accept`",
                    "say what its answer must pass: `accept: {scorer: NAME}`",
                ),
                (Some(_), true) => self.fault(
                    format!("{place}/accept"),
                    "the last stage's answer is taken in any case",
                    "remove `accept`, or add a stage after it",
                ),
                _ => {}
            }
            let accept = stage.accept.as_ref();
            checks.push(accept.and_then(|it| self.check(it, &format!("{place}/accept"))));
        }
        Cascade {
            stages: hops.into_iter().zip(checks).collect(),
        }
    }

    fn check(&mut self, map: &AcceptMap, place: &str) -> Option<Check> {
        match (&map.scorer, &map.confidence, map.logprob) {
            (Some(scorer), None, None) => {
                let at = format!("{place}/scorer");
                self.scorers.push((scorer.clone(), at));
                Some(Check::Scorer(scorer.clone()))
            }
            (None, Some(confidence), None) => {
                let path = confidence.path.clone();
                if !path.starts_with('/') {
                    let title = format!("{path:?} is no JSON pointer");
                    let help = format!("it begins with a slash: {:?}", format!("/{path}"));
                    self.fault(format!("{place}/confidence/path"), title, &help);
                }
                let at_least = confidence.at_least;
                Some(Check::Confidence { path, at_least })
            }
            (None, None, Some(least)) => Some(Check::Logprob(least)),
            _ => {
                let title = "`accept` is one of `scorer`, `confidence` and `logprob`";
                self.fault(place, title, "write one of them");
                None
            }
        }
    }

    fn weighted(&mut self, weights: &BTreeMap<String, f64>) -> Weighted {
        let mut parts = Vec::new();
        for (model, weight) in weights {
            let at = format!("/weighted/{}", escaped(model));
            if !(weight.is_finite() && *weight >= 0.0) {
                self.fault(
                    &at,
                    "a weight is 0 or more",
                    "weights are parts: 3 and 1 are ¾ and ¼",
                );
            }
            parts.push((self.leaf(model, at), *weight));
        }
        if !parts.iter().any(|(_, weight)| *weight > 0.0) {
            self.fault(
                "/weighted",
                "no model has a weight",
                "give one of them more than 0",
            );
        }
        Weighted { parts }
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

/// What a classifier is asked that brings no prompt.
fn asking(labels: &[&str]) -> String {
    format!(
        "Read the request between the two lines of dashes. Which of these words describes it best: {}? \
         Answer with that word alone, and do not answer the request itself.\n---\n{{{{{REQUEST}}}}}\n---",
        labels.join(", ")
    )
}

fn compile(pattern: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern)
        .size_limit(PATTERN)
        .dfa_size_limit(PATTERN)
        .build();
    built.map_err(|error| {
        let shown = error.to_string();
        let last = shown.lines().last().unwrap_or_default();
        last.trim_start_matches("error: ").to_owned()
    })
}

/// A step of a JSON pointer (RFC 6901).
fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}
