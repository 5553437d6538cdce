//! `bakeoff list models`: what is known of the suite's models, or of any: where they are asked, what
//! they hold, cost and can, until when they are served.

use super::args::{self, Global};
use super::exit::Exit;
use super::host::Host;
use super::tables;
use crate::plan::{Aim, Target, aim};
use crate::project::{Key, KeySource, ModelMap, Project};
use crate::provider::capability::{Overlay, Reasons, Sampling};
use crate::provider::catalog::PROVIDERS;
use crate::provider::{Prices, Reply, Usage};
use crate::source::{Problem, plain_line};
use serde_json::{Value, json};

/// Up to so many models are told in full, more in a line each.
const IN_FULL: usize = 12;

/// A model and what is known of it.
struct Known {
    name: String,
    map: ModelMap,
    /// Where it is asked, or why it cannot be.
    target: Result<Target, String>,
}

/// Runs the command.
pub fn list(host: &Host, global: &Global, args: &args::List) -> Result<Exit, Vec<Problem>> {
    let project = Project::load(global.file.as_deref(), &host.cwd, global.allow_path);
    let maps = match (&args.name, args.all, project) {
        (None, false, Err(problems)) => return Err(problems),
        (None, false, Ok(project)) => project.suite.asked(),
        (wanted, _, project) => {
            let wanted = wanted.as_deref().unwrap_or("*");
            let own = project.map_or_else(|_| Vec::new(), |project| project.suite.asked());
            let mut maps: Vec<ModelMap> = own.into_iter().filter(|it| fits(wanted, it)).collect();
            maps.extend(catalogue().filter(|map| fits(wanted, map)));
            if maps.is_empty() && !wanted.contains('*') {
                maps.push(named(wanted));
            }
            if maps.is_empty() {
                let problem = Problem::error(format!("no known model is meant by {wanted:?}"));
                return Err(vec![problem.help(
                    "`bakeoff list models --all` names all, `bakeoff list providers` the providers",
                )]);
            }
            maps
        }
    };
    let prices = tables::prices(host).map_err(|problem| vec![problem])?;
    let overlay = prices.overlay();
    let known = |map| known(host, map, overlay);
    let models: Vec<Known> = maps.into_iter().map(known).collect();
    match args.format.as_deref() {
        Some("json") => {
            let rows: Vec<Value> = models.iter().map(|model| model.json(&prices)).collect();
            host.print(&format!("{:#}\n", Value::Array(rows)));
        }
        None | Some("human") if models.len() > IN_FULL => {
            let lines = models.iter().map(|model| model.line(&prices));
            host.print(&lines.collect::<String>());
        }
        None | Some("human") => {
            let blocks: Vec<String> = models.iter().map(|model| model.block(&prices)).collect();
            host.print(&blocks.join("\n"));
        }
        Some(other) => {
            let problem = Problem::error(format!("list has no format {other:?}"));
            return Err(vec![problem.help("formats: human, json")]);
        }
    }
    Ok(Exit::Good)
}

fn named(model: &str) -> ModelMap {
    ModelMap {
        model: model.to_owned(),
        ..ModelMap::default()
    }
}

/// Every model that the price data knows at a provider that bakeoff knows.
fn catalogue() -> impl Iterator<Item = ModelMap> {
    PROVIDERS.iter().flat_map(|provider| {
        let models = crate::provider::capability::models(provider);
        models.map(|model| named(&format!("{}/{model}", provider.name)))
    })
}

/// Whether a name or a glob means a model.
fn fits(wanted: &str, map: &ModelMap) -> bool {
    let name = map.name.as_deref().unwrap_or_default();
    glob(wanted, &map.model) || glob(wanted, name)
}

/// `*` stands for anything.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let mut ends = (0..=text.len()).filter(|at| text.is_char_boundary(*at));
            ends.any(|at| glob(rest, &text[at..]))
        }),
    }
}

fn known(host: &Host, map: ModelMap, overlay: Option<&Overlay>) -> Known {
    let var = |name: &str| host.var(name);
    let key_name = match &map.key {
        Some(Key::Variable(name) | Key::From(KeySource::Env(name))) => Some(name.as_str()),
        _ => None,
    };
    let wanted = Aim {
        model: &map.model,
        api: map.api.as_deref(),
        base_url: map.base_url.as_deref(),
        key_name,
        price: map.price.clone(),
        overlay,
        ..Aim::default()
    };
    let target = aim(&wanted, &var).map_err(|error| error.to_string());
    Known {
        name: map.name.clone().unwrap_or_else(|| map.model.clone()),
        map,
        target,
    }
}

impl Known {
    /// USD per million tokens of input, input from a cache, and output.
    fn price(&self, prices: &Prices) -> Option<(f64, Option<f64>, f64)> {
        let target = self.target.as_ref().ok()?;
        let rates = target.list_price(prices)?.rates;
        let (input, output) = (rates.input, rates.output);
        let cached = Reply {
            usage: Usage {
                input: Some(1000),
                cached_input: Some(1000),
                output: Some(0),
                ..Usage::default()
            },
            ..Reply::default()
        };
        let cached = target.cost(prices, &cached).map(|cost| cost.usd * 1e3);
        Some((input, cached.filter(|usd| *usd < input), output))
    }

    fn json(&self, prices: &Prices) -> Value {
        let target = self.target.as_ref();
        let price = self.price(prices);
        json!({
            "name": self.name,
            "model": self.map.model,
            "provider": target.map_or("", |it| it.provider.map_or("", |it| it.name)),
            "api": target.map_or("", |it| it.api),
            "base_url": target.map_or("", |it| it.endpoint.base_url.as_str()),
            "key_set": target.map(|it| it.key_missing.is_empty()).unwrap_or(false),
            "price": price.map(|(input, cached, output)| json!({"input": input, "cached_input": cached, "output": output})),
            "capabilities": target.map(|it| json!(it.can)).unwrap_or_default(),
            "error": target.err(),
        })
    }

    /// What it can, in words.
    fn abilities(&self) -> Vec<String> {
        let Ok(target) = &self.target else {
            return Vec::new();
        };
        let can = &target.can;
        let mut words = Vec::new();
        let levels = can.efforts.map(|set| set.names()).unwrap_or_default();
        let by = match (levels.as_str(), can.budget) {
            ("", Some(true)) => " by a budget".to_owned(),
            ("", _) => String::new(),
            (levels, _) => format!(" ({levels})"),
        };
        words.extend(can.reasons.map(|reasons| match reasons {
            Reasons::Never => "does not reason".to_owned(),
            Reasons::WhenAsked => format!("reasons when asked{by}"),
            Reasons::UnlessOff => format!("reasons unless told not to{by}"),
            Reasons::Always => format!("always reasons{by}"),
        }));
        for (what, has) in [
            ("tools", can.tools),
            ("JSON Schema", can.schema),
            ("vision", can.vision),
            ("prefill", can.prefill),
        ] {
            words.extend(has.map(|has| match has {
                true => what.to_owned(),
                false => format!("no {what}"),
            }));
        }
        words.extend(can.sampling.and_then(|sampling| match sampling {
            Sampling::Taken => None,
            Sampling::IgnoredWhileReasoning => Some("ignores temperature while it reasons".into()),
            Sampling::RefusedWhileReasoning => Some("refuses temperature while it reasons".into()),
            Sampling::Refused => Some("refuses temperature".into()),
        }));
        words
    }

    /// What it holds, and until when it is served.
    fn sizes(&self) -> Vec<String> {
        let Ok(target) = &self.target else {
            return Vec::new();
        };
        let can = &target.can;
        let mut words = Vec::new();
        words.extend(can.context.map(|tokens| format!("context {tokens}")));
        words.extend(can.max_input.map(|tokens| format!("input {tokens}")));
        words.extend(can.max_output.map(|tokens| format!("output {tokens}")));
        words.extend(can.deprecated.map(|day| format!("served until {day}")));
        words.extend((can.alias == Some(true)).then(|| "an alias that moves".to_owned()));
        words
    }

    /// All that is known, a few lines of at most 80 columns.
    fn block(&self, prices: &Prices) -> String {
        let mut out = plain_line(&self.name).into_owned();
        if self.name != self.map.model {
            out.push_str(&format!(" = {}", plain_line(&self.map.model)));
        }
        out.push('\n');
        let mut facts = Vec::new();
        match &self.target {
            Err(why) => facts.push(why.clone()),
            Ok(target) => {
                let place = plain_line(&target.endpoint.base_url).into_owned();
                let key = match target.key_missing.first() {
                    Some(name) => format!(", {name} is not set"),
                    None if target.endpoint.key.is_some() => ", key set".to_owned(),
                    None => ", no key".to_owned(),
                };
                facts.push(format!("{} at {place}{key}", target.api));
                facts.push(match self.price(prices) {
                    None => "price unknown".to_owned(),
                    Some((input, cached, output)) => {
                        let cached = cached.map(|usd| format!(" ({usd} from a cache)"));
                        let cached = cached.unwrap_or_default();
                        format!("${input} in{cached}, ${output} out, per million tokens")
                    }
                });
            }
        }
        for words in [self.sizes(), self.abilities()] {
            facts.extend((!words.is_empty()).then(|| words.join(" · ")));
        }
        for fact in facts {
            for line in wrapped(&fact, 76) {
                out.push_str(&format!("  {line}\n"));
            }
        }
        out
    }

    /// The most important in a line.
    fn line(&self, prices: &Prices) -> String {
        let can = self
            .target
            .as_ref()
            .map(|target| target.can)
            .unwrap_or_default();
        let thousands = |tokens: Option<u64>| match tokens {
            Some(tokens) if tokens >= 1_000_000 => format!("{:.1}M", tokens as f64 / 1e6),
            Some(tokens) => format!("{}k", tokens / 1000),
            None => "?".to_owned(),
        };
        let price = match self.price(prices) {
            Some((input, _, output)) => format!("${input:.2}/${output:.2}"),
            None => "?".to_owned(),
        };
        let day = can.deprecated.map(|day| format!("until {day}"));
        let line = format!(
            "{:44}  {:>6}  {price:>15}  {}",
            plain_line(&self.name),
            thousands(can.context.or(can.max_input)),
            day.unwrap_or_default()
        );
        format!("{}\n", line.trim_end())
    }
}

/// A text in lines of at most so many characters, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is always one");
        match last.is_empty() {
            true => last.push_str(word),
            false if last.chars().count() + 1 + word.chars().count() <= width => {
                last.push(' ');
                last.push_str(word);
            }
            false => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_and_lines() {
        assert!(glob("openai/*mini*", "openai/gpt-5-mini-2025"));
        assert!(!glob("openai/*mini", "openai/gpt-5-mini-2025"));
        assert!(glob("*", "") && glob("a", "a") && !glob("a", "ab"));
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
    }
}
