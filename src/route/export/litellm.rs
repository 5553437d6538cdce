//! Routes as the config of a LiteLLM proxy: `model_list` and `router_settings` as LiteLLM 1.106
//! reads them (`litellm/router.py`, `litellm/types/router.py`, `router_strategy/`).
//!
//! A route is a group of deployments of its name; each model that it may ask later is a group of its
//! own. `cost-based-routing` is never written: it asks the cheapest whatever the request says, which
//! is no policy of ours.

use super::deployment::deployment;
use super::{Exported, file, warning};
use crate::policy::{DEFAULT, Route};
use crate::project::{HopMap, HopSpec, On, Project, RouteMap, Timed, Trigger};
use crate::provider::Prices;
use crate::source::Problem;
use serde_json::{Map, Value, json};

/// Kinds of failure that LiteLLM's `fallbacks` are for, beside those of [`DEFAULT`].
const ALSO: [Trigger; 3] = [
    Trigger::InvalidRequest,
    Trigger::ToolUseFailed,
    Trigger::Malformed,
];

/// These of the suite's routes. An error where nothing can be carried of any of them.
pub fn litellm(
    project: &Project,
    picked: &[usize],
    prices: &Prices,
) -> Result<Exported, Vec<Problem>> {
    let mut making = Making {
        project,
        prices,
        groups: Vec::new(),
        list: Vec::new(),
        settings: [const { Vec::new() }; 3],
        longest: 0,
        weighted: Vec::new(),
        quick: Vec::new(),
        lost: Vec::new(),
    };
    let mut carried = 0;
    for index in picked {
        let pointer = format!("/routes/{index}");
        let map = &project.suite.routes[*index];
        Route::of(map).map_err(|faults| {
            let faults = faults.into_iter();
            let faults = faults.map(|fault| fault.problem(&project.doc, &pointer));
            faults.collect::<Vec<_>>()
        })?;
        carried += usize::from(making.route(map, &pointer));
    }
    if carried == 0 {
        let mut problems = making.lost;
        let title = "nothing of these routes can be carried to LiteLLM";
        problems.push(Problem::error(title).help("--format bakeoff carries all of them"));
        return Err(problems);
    }
    let head = [
        "LiteLLM proxy config made by `bakeoff route export --format litellm`",
        "As in bakeoff, no model is left out for its earlier failures (disable_cooldowns).",
    ];
    let value = making.value();
    Ok(file(&head, making.lost, &value))
}

struct Making<'a> {
    project: &'a Project,
    prices: &'a Prices,
    /// Models by themselves: name, parameters.
    groups: Vec<(String, Value)>,
    /// The deployments of routes.
    list: Vec<Value>,
    /// By kind of fallback: on failures, on a too long prompt, on a content filter.
    settings: [Vec<Value>; 3],
    longest: usize,
    weighted: Vec<String>,
    quick: Vec<String>,
    lost: Vec<Problem>,
}

impl Making<'_> {
    fn lose(&mut self, pointer: &str, title: String) {
        let problem = warning(self.project, pointer, title);
        if !self.lost.iter().any(|known| known.title == problem.title) {
            self.lost.push(problem);
        }
    }

    /// Whether the route could be carried.
    fn route(&mut self, map: &RouteMap, pointer: &str) -> bool {
        let name = &map.name;
        let before = self.lost.len();
        let plain = |model: &String| HopSpec::Name(model.clone()).options();
        let mut first: Vec<(HopMap, Option<f64>)> = Vec::new();
        let mut later: Vec<(HopMap, Vec<Trigger>, String)> = Vec::new();
        if let Some(cost) = &map.cost {
            for at in 0..cost.rules.len() {
                self.lose(&format!("{pointer}/cost/rules/{at}"), format!("{name} is left out: LiteLLM decides by no rule on length, tags, text or columns"));
            }
            if cost.classifier.is_some() {
                self.lose(
                    &format!("{pointer}/cost/classifier"),
                    format!("{name} is left out: LiteLLM asks no classifier of this kind"),
                );
            }
            first.push((plain(&cost.otherwise), None));
        }
        for (at, stage) in map.cascade.iter().flatten().enumerate() {
            let stage = stage.options();
            let place = format!("{pointer}/cascade/{at}");
            if stage.accept.is_some() {
                self.lose(
                    &format!("{place}/accept"),
                    format!("{name} is left out: LiteLLM checks no answer before it takes it"),
                );
            }
            match at {
                0 => first.push((plain(&stage.model), None)),
                _ => later.push((plain(&stage.model), vec![Trigger::Any], place)),
            }
        }
        if self.lost.len() > before {
            return false;
        }
        for (model, share) in map.weighted.iter().flatten() {
            first.push((plain(model), Some(*share)));
        }
        if let Some(latency) = &map.latency {
            self.lose(&format!("{pointer}/latency"), format!("{name}: LiteLLM asks the model with the lowest mean of its last times, not the better of two drawn by peak and load; where it fails, it may be asked once more before the others"));
            if latency.by == Timed::FirstToken {
                self.lose(
                    &format!("{pointer}/latency/by"),
                    format!("{name}: LiteLLM counts the time to the first token of streams alone"),
                );
            }
            if latency.target_p95.is_some() {
                self.lose(&format!("{pointer}/latency/target_p95"), format!("{name}: LiteLLM keeps no target p95, and does not prefer the cheapest that would"));
            }
            for (at, model) in latency.of.iter().enumerate() {
                first.push((plain(model), None));
                later.push((
                    plain(model),
                    DEFAULT.to_vec(),
                    format!("{pointer}/latency/of/{at}"),
                ));
            }
            self.quick.push(name.clone());
        }
        for (at, hop) in map.fallback.iter().map(HopSpec::options).enumerate() {
            let place = format!("{pointer}/fallback/{at}");
            let on = hop.on.as_ref().map_or(DEFAULT.to_vec(), On::words);
            if hop.attempts.is_some() {
                self.lose(
                    &format!("{place}/attempts"),
                    format!("{name}: LiteLLM has one num_retries for all models"),
                );
            }
            match first.is_empty() {
                true => first.push((hop, None)),
                false => later.push((hop, on, place)),
            }
        }
        if let Some(model) = &map.last_resort {
            later.push((
                plain(model),
                vec![Trigger::Any],
                format!("{pointer}/last_resort"),
            ));
        }
        if map.weighted.is_some() {
            self.weighted.push(name.clone());
            if self.project.suite.limits.attempts > 1 {
                self.lose(
                    &format!("{pointer}/weighted"),
                    format!("{name}: a retry of LiteLLM draws again among the models"),
                );
            }
            if !later.is_empty() {
                self.lose(&format!("{pointer}/fallback"), format!("{name}: LiteLLM may ask the model that was drawn and failed once more, as a fallback"));
            }
        }
        for (hop, share) in &first {
            let mut params = self.params(hop, map, pointer);
            if let Some(share) = share {
                params["weight"] = json!(share);
            }
            self.list
                .push(json!({"model_name": name, "litellm_params": params}));
        }
        self.fallbacks(map, pointer, &later);
        true
    }

    fn fallbacks(
        &mut self,
        map: &RouteMap,
        pointer: &str,
        later: &[(HopMap, Vec<Trigger>, String)],
    ) {
        let name = &map.name;
        let mut lists: [Vec<String>; 3] = Default::default();
        let mut wrong = false;
        for (hop, on, place) in later {
            let has = |words: &[Trigger]| {
                on.iter()
                    .any(|word| words.contains(word) || *word == Trigger::Any)
            };
            let kinds = [
                has(&DEFAULT) || has(&ALSO),
                has(&[Trigger::ContextLength]),
                has(&[Trigger::ContentFilter, Trigger::Refusal]),
            ];
            let every = on.contains(&Trigger::Any) || DEFAULT.iter().all(|word| on.contains(word));
            if kinds[0] && !every {
                let words: Vec<&str> = on.iter().map(|word| word.name()).collect();
                self.lose(
                    &format!("{place}/on"),
                    format!(
                        "{name}: LiteLLM falls back to {} on every failure, not on {} alone",
                        hop.model,
                        words.join(", ")
                    ),
                );
            }
            wrong |= kinds[0] && !on.contains(&Trigger::Any);
            for word in [Trigger::Refusal, Trigger::Cut, Trigger::Empty] {
                if on.contains(&word) {
                    let how = match word {
                        Trigger::Refusal => "only where a provider's filter says so",
                        _ => "LiteLLM takes it as an answer",
                    };
                    self.lose(
                        &format!("{place}/on"),
                        format!(
                            "{name}: `{}` does not lead to {}: {how}",
                            word.name(),
                            hop.model
                        ),
                    );
                }
            }
            if !kinds.contains(&true) {
                continue;
            }
            let group = self.group(hop, map, place);
            for (list, _) in lists.iter_mut().zip(kinds).filter(|(_, is)| *is) {
                if !list.contains(&group) {
                    list.push(group.clone());
                }
            }
        }
        if wrong {
            self.lose(
                pointer,
                format!("{name}: LiteLLM falls back on a wrong request (invalid_request) too"),
            );
        }
        self.longest = lists.iter().map(Vec::len).fold(self.longest, usize::max);
        if lists.iter().any(|list| !list.is_empty()) {
            // An empty list keeps LiteLLM from taking the general one for these failures.
            for (setting, list) in self.settings.iter_mut().zip(lists) {
                setting.push(Value::Object(Map::from_iter([(name.clone(), json!(list))])));
            }
        }
    }

    /// The name of the group that is this model alone.
    fn group(&mut self, hop: &HopMap, map: &RouteMap, pointer: &str) -> String {
        let params = self.params(hop, map, pointer);
        let taken = |name: &str| {
            self.project
                .suite
                .routes
                .iter()
                .any(|route| route.name == name)
        };
        let names = [hop.model.clone(), format!("{} of {}", hop.model, map.name)];
        let numbered = (2..).map(|n| format!("{} of {} {n}", hop.model, map.name));
        for name in names.into_iter().chain(numbered) {
            match self.groups.iter().find(|(known, _)| *known == name) {
                Some((_, known)) if *known == params => return name,
                Some(_) => {}
                None if taken(&name) => {}
                None => {
                    self.groups.push((name.clone(), params));
                    return name;
                }
            }
        }
        unreachable!("there are more numbers than groups")
    }

    /// `litellm_params` of a model.
    fn params(&mut self, hop: &HopMap, map: &RouteMap, pointer: &str) -> Value {
        let (params, lost) = deployment(self.project, self.prices, hop, map);
        for title in lost {
            self.lose(pointer, title);
        }
        params
    }

    fn value(&self) -> Value {
        let alone = self.groups.iter();
        let alone =
            alone.map(|(name, params)| json!({"model_name": name, "litellm_params": params}));
        let list: Vec<Value> = self.list.iter().cloned().chain(alone).collect();
        let limits = &self.project.suite.limits;
        let mut settings = json!({
            "routing_strategy": "simple-shuffle",
            "num_retries": limits.attempts - 1,
            "timeout": limits.timeout.0.as_secs_f64(),
            "disable_cooldowns": true,
        });
        match (self.quick.is_empty(), self.weighted.is_empty()) {
            (false, true) => settings["routing_strategy"] = json!("latency-based-routing"),
            (false, false) => {
                settings["routing_groups"] = json!([{"group_name": "by latency", "models": self.quick, "routing_strategy": "latency-based-routing"}]);
            }
            _ => {}
        }
        let names = [
            "fallbacks",
            "context_window_fallbacks",
            "content_policy_fallbacks",
        ];
        for (name, entries) in names.into_iter().zip(&self.settings) {
            if !entries.is_empty() {
                settings[name] = json!(entries);
            }
        }
        // LiteLLM stops after five.
        if self.longest > 5 {
            settings["max_fallbacks"] = json!(self.longest);
        }
        json!({"model_list": list, "router_settings": settings})
    }
}
