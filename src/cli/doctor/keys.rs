//! Keys: is there one for every model, and may it go where it is to go? Values are never shown.

use super::{Check, State};
use crate::cli::host::Host;
use crate::plan::{Aim, Astray, Target, aim};
use crate::project::{Key, KeySource, ModelMap, Project};
use crate::provider::catalog::PROVIDERS;
use std::collections::BTreeSet;

/// The endpoints of the suite's models (of every provider with a key, without a suite), and how it
/// stands with their keys.
pub(super) fn keys(host: &Host, project: Option<&Project>) -> (Vec<Target>, Vec<Check>) {
    let (targets, mut checks) = match project {
        Some(project) => of_suite(host, project),
        None => of_all(host),
    };
    let mut named = BTreeSet::new();
    for variable in PROVIDERS.iter().flat_map(|row| row.keys) {
        if named.insert(*variable)
            && let Some(value) = host.env.get(*variable)
        {
            checks.extend(shape(variable, value));
        }
    }
    (targets, checks)
}

/// What is wrong with how a key is written, without telling what it is.
fn shape(variable: &str, value: &str) -> Option<Check> {
    let fault = if value.is_empty() {
        "is set, but empty"
    } else if value.trim() != value {
        "begins or ends with white space"
    } else if value.starts_with(['"', '\'']) {
        "begins with a quotation mark"
    } else if value.contains(|c: char| c.is_control() || !c.is_ascii()) {
        "holds characters that a header cannot carry"
    } else {
        return None;
    };
    let check = Check::new("key", State::Broken, format!("{variable} {fault}"));
    Some(check.help(format!("export {variable} again, the key alone")))
}

fn of_suite(host: &Host, project: &Project) -> (Vec<Target>, Vec<Check>) {
    let (mut targets, mut checks): (Vec<Target>, Vec<Check>) = Default::default();
    let offline = project.suite.replay.is_some();
    for map in project.suite.asked() {
        let (check, target) = of_model(host, &map, offline);
        if !checks.contains(&check) {
            checks.push(check);
        }
        targets.extend(target);
    }
    (targets, checks)
}

fn of_model(host: &Host, map: &ModelMap, offline: bool) -> (Check, Option<Target>) {
    let (named, elsewhere) = match &map.key {
        None => (None, None),
        Some(Key::Variable(name) | Key::From(KeySource::Env(name))) => (Some(name.as_str()), None),
        Some(Key::From(KeySource::File(_))) => (None, Some("a file")),
        Some(Key::From(KeySource::Command(_))) => (None, Some("a program")),
    };
    let wanted = Aim {
        model: &map.model,
        api: map.api.as_deref(),
        base_url: map.base_url.as_deref(),
        key_name: named,
        ..Aim::default()
    };
    let found = aim(&wanted, &|name| host.var(name));
    let model = &map.model;
    let check = match &found {
        Err(error @ Astray::Key(_)) => {
            let check = Check::new("key", State::Broken, format!("{model}: {error}"));
            check.help("a known provider's key goes to that provider only; name another variable by `key:`")
        }
        Err(error) => Check::new("key", State::Broken, format!("{model}: {error}"))
            .help("`bakeoff list providers` shows the names, `bakeoff check` the place"),
        Ok(_) if elsewhere.is_some() => {
            let from = elsewhere.unwrap_or_default();
            Check::new(
                "key",
                State::Note,
                format!("{model}: its key comes from {from}, which is not looked at"),
            )
        }
        Ok(target) => of_target(target, named, offline, host),
    };
    (check, found.ok())
}

fn of_target(target: &Target, named: Option<&str>, offline: bool, host: &Host) -> Check {
    let place = &target.lane;
    if !target.key_missing.is_empty() {
        let names = target.key_missing.join(" or ");
        let (state, why) = match offline {
            true => (State::Note, ", which a replay does not need"),
            false => (State::Broken, ""),
        };
        let check = Check::new("key", state, format!("{place}: {names} is not set{why}"));
        let first = &target.key_missing[0];
        return check.help(format!(
            "export {first}=…, or put it into a file and give --env-file FILE"
        ));
    }
    if target.endpoint.key.is_none() {
        return Check::new("key", State::Ok, format!("{place}: no key is sent"));
    }
    let provider = target.provider.map_or(&[][..], |row| row.keys);
    let variable = named.or_else(|| {
        provider
            .iter()
            .copied()
            .find(|name| host.var(name).is_some())
    });
    let variable = variable.unwrap_or("its key");
    Check::new("key", State::Ok, format!("{place}: {variable} is set"))
}

/// Without a suite: which of the known providers have a key.
fn of_all(host: &Host) -> (Vec<Target>, Vec<Check>) {
    let (mut targets, mut checks, mut without) = (Vec::new(), Vec::new(), Vec::new());
    for row in PROVIDERS.iter().filter(|row| !row.keys.is_empty()) {
        let Some(variable) = row.keys.iter().find(|name| host.var(name).is_some()) else {
            if !without.contains(&row.name) {
                without.push(row.name);
            }
            continue;
        };
        checks.push(Check::new(
            "key",
            State::Ok,
            format!("{}: {variable} is set", row.name),
        ));
        // Any name will do: only the endpoint counts.
        let model = format!("{}/model", row.name);
        let wanted = Aim {
            model: &model,
            ..Aim::default()
        };
        targets.extend(aim(&wanted, &|name| host.var(name)));
    }
    if !without.is_empty() {
        let text = format!("no key for {}", without.join(", "));
        checks.push(Check::new("key", State::Note, text));
    }
    (targets, checks)
}
