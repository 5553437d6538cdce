//! A route by what the request says, as it is written: rules, a classifier, else one model.

use super::{Leaf, Making, escaped};
use crate::policy::Classifier;
use crate::policy::classify::REQUEST;
use crate::policy::rules::{Rule, Rules};
use crate::project::{CostMap, HopMap, RuleMap};
use crate::source::Source;
use crate::template::{Syntax, Template};
use regex::{Regex, RegexBuilder};
use std::sync::Arc;

/// Bytes that a compiled pattern may take.
const PATTERN: usize = 1 << 20;

impl Making {
    pub(super) fn rules(&mut self, cost: &CostMap) -> Option<Rules> {
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
