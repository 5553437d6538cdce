//! The network: proxies in effect; and with `--ping` whether endpoints answer, and what time they have.

use super::{Check, State};
use crate::cli::host::Host;
use crate::plan::Target;
use crate::provider::{HttpRequest, listing};
use crate::run::{Incoming, Live, Transport};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long an endpoint may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Seconds that the clock may be off before dates in replies are misread …
const OFF: i64 = 30;
/// … and before certificates and signed requests are refused.
const FAR_OFF: i64 = 300;

/// Variables that send requests through a proxy, and the one that exempts hosts.
const PROXIES: &[&str] = &[
    "https_proxy",
    "HTTPS_PROXY",
    "http_proxy",
    "HTTP_PROXY",
    "all_proxy",
    "ALL_PROXY",
];
const EXEMPT: &[&str] = &["no_proxy", "NO_PROXY"];

/// The proxy variables that are set.
pub(super) fn proxy(host: &Host) -> Vec<Check> {
    let set = |names: &[&'static str]| {
        let found = names
            .iter()
            .filter_map(|name| Some((*name, host.var(name)?)));
        found.collect::<Vec<_>>()
    };
    let proxies = set(PROXIES);
    if proxies.is_empty() {
        return vec![Check::new("proxy", State::Ok, "none is set")];
    }
    let exempt = set(EXEMPT);
    let exempt = exempt.first().map_or("none", |(_, hosts)| hosts.as_str());
    let said = proxies
        .iter()
        .map(|(name, url)| format!("{name}={}", hidden(url)));
    let said: Vec<String> = said.collect();
    let text = format!("{}; exempt: {exempt} and this machine", said.join(", "));
    vec![
        Check::new("proxy", State::Note, text)
            .help("unset it, or name hosts in NO_PROXY, if requests should go straight"),
    ]
}

/// A proxy's address without its password.
fn hidden(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
            let scheme = if scheme.is_empty() {
                String::new()
            } else {
                format!("{scheme}://")
            };
            format!("{scheme}***@{host}")
        }
        None => url.to_owned(),
    }
}

/// Asks every endpoint once for its list of models.
pub(super) fn ping(host: &Host, targets: &[Target]) -> Vec<Check> {
    let mut asked: BTreeMap<String, &Target> = BTreeMap::new();
    for target in targets {
        asked
            .entry(format!("{} {}", target.lane, target.endpoint.base_url))
            .or_insert(target);
    }
    if asked.is_empty() {
        return vec![Check::new(
            "reach",
            State::Note,
            "there is no endpoint to ask: no suite, no key",
        )];
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            return vec![Check::new(
                "reach",
                State::Broken,
                format!("cannot start: {error}"),
            )];
        }
    };
    let network = Live::new(PATIENCE);
    let (mut checks, mut off) = (Vec::new(), Vec::new());
    for target in asked.into_values() {
        let request = listing(target.api, &target.endpoint);
        let keyed = request.secret.is_some();
        let answer = runtime.block_on(answer(&network, request));
        if let Ok(Incoming { headers, .. }) = &answer {
            let date = headers.iter().find(|(name, _)| name == "date");
            let date = date.and_then(|(_, date)| jiff::fmt::rfc2822::parse(date).ok());
            off.extend(date.map(|date| host.seconds() - date.timestamp().as_second()));
        }
        checks.push(reached(target, keyed, answer.map(|it| it.status)));
    }
    runtime.shutdown_background();
    checks.extend(clock(&off));
    checks
}

async fn answer(network: &Live, request: HttpRequest) -> Result<Incoming, String> {
    match tokio::time::timeout(PATIENCE, network.send(request)).await {
        Ok(answer) => answer.map_err(|failure| failure.message),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

/// What an answer (or none) says of an endpoint.
fn reached(target: &Target, keyed: bool, answer: Result<u16, String>) -> Check {
    let place = format!("{} at {}", target.lane, target.endpoint.base_url);
    let check = |state, what: String| Check::new("reach", state, format!("{place}: {what}"));
    match answer {
        Ok(200..=299) if keyed => check(State::Ok, "answers, and takes the key".into()),
        Ok(200..=299) => check(State::Ok, "answers".into()),
        Ok(status @ (401 | 403)) if keyed => check(
            State::Broken,
            format!("answers, but refuses the key (status {status})"),
        )
        .help("make a new key at the provider, or check which account and project it is for"),
        Ok(status @ (401 | 403)) if target.endpoint.key.is_none() => check(
            State::Warning,
            format!("answers, and wants a key (status {status})"),
        )
        .help("name its variable by `key:`"),
        Ok(status @ (408 | 429 | 500..=599)) => check(
            State::Warning,
            format!("answers with status {status}: it is busy or in trouble"),
        )
        .help("try again later"),
        Ok(status) => check(
            State::Ok,
            format!("answers (it lists no models: status {status})"),
        ),
        Err(why) => check(State::Broken, why).help("check the address, the network and the proxy"),
    }
}

/// The clock against the servers' dates: the smallest difference, since a slow answer only adds to it.
fn clock(off: &[i64]) -> Option<Check> {
    let off = *off.iter().min_by_key(|seconds| seconds.abs())?;
    let side = if off < 0 { "slow" } else { "fast" };
    let text = format!("{} s {side} against the servers' dates", off.abs());
    let help = "set it (for example `timedatectl set-ntp true`): dates in replies are misread, and certificates may be refused";
    Some(match off.abs() {
        0..OFF => Check::new("clock", State::Ok, text),
        OFF..FAR_OFF => Check::new("clock", State::Warning, text).help(help),
        _ => Check::new("clock", State::Broken, text).help(help),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_password_is_hidden() {
        assert_eq!(hidden("http://u:p@ss@proxy:3128"), "http://***@proxy:3128");
        assert_eq!(hidden("u:p@proxy:3128"), "***@proxy:3128");
        assert_eq!(hidden("http://proxy:3128"), "http://proxy:3128");
    }

    #[test]
    fn a_clock_is_judged_by_the_smallest_difference() {
        let state = |off: &[i64]| clock(off).map(|check| check.state);
        assert_eq!(state(&[]), None);
        assert_eq!(state(&[0, 400]), Some(State::Ok));
        assert_eq!(state(&[-45, 400]), Some(State::Warning));
        assert_eq!(state(&[-301]), Some(State::Broken));
    }
}
