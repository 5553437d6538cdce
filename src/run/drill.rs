//! Rehearsed outages: faults that stand in front of some models' requests. Retries, fallback, routes and budget behind
//! them are the real ones.

use super::job::Job;
use super::transport::{Incoming, Transport, UNREACHED};
use crate::plan::{Plan, Target};
use crate::provider::{Failure, FailureKind, HttpRequest, HttpResponse};
use crate::source::did_you_mean;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;
use std::time::Duration;

/// What befalls a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No connection comes about; nothing is sent.
    Down,
    /// This HTTP status comes back; nothing is sent.
    Status(u16),
    /// Nothing comes back until patience ends; nothing is sent.
    Hang,
    /// The request is sent, and its response is held back for so long.
    Slow(Duration),
}

impl Fault {
    /// The failure that it is to whoever asks this target.
    pub fn failure(self, target: &Target) -> Failure {
        match self {
            Fault::Down => unreached("drill: cannot connect"),
            Fault::Hang | Fault::Slow(_) => Failure::new(FailureKind::Timeout, "drill: no answer"),
            Fault::Status(status) => {
                let response = HttpResponse {
                    status,
                    headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                    body: said(status).into(),
                };
                let decoded = target.dialect.decode(&response);
                decoded
                    .err()
                    .unwrap_or_else(|| Failure::new(FailureKind::Server, "drill"))
            }
        }
    }
}

/// A fault as it is written: `openai=down`, `local=slow:5s`, `a=429:30%`.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Whom it befalls: a provider, a lane, a model or a candidate.
    pub name: String,
    /// What.
    pub fault: Fault,
    /// The share of requests that it befalls.
    pub share: f64,
    /// As it was written.
    pub text: String,
}

/// What a fault may look like.
const FORMS: &str = "give a name and a fault: NAME=down, NAME=hang, NAME=503, NAME=slow:5s; of some requests only: NAME=429:30%";

impl Spec {
    /// Reads `NAME=FAULT[:SHARE%]`.
    pub fn parse(text: &str) -> Result<Spec, String> {
        let (name, said) = text.rsplit_once('=').ok_or(FORMS)?;
        let (said, share) = match said.rsplit_once(':') {
            Some((fault, share)) if share.ends_with('%') => (fault, percent(share).ok_or(FORMS)?),
            _ => (said, 1.0),
        };
        let fault = match said.split_once(':') {
            None if said == "down" => Fault::Down,
            None if said == "hang" => Fault::Hang,
            None => {
                let status = said.parse::<u16>().ok();
                Fault::Status(status.filter(|it| (400..600).contains(it)).ok_or(FORMS)?)
            }
            Some(("slow", time)) => Fault::Slow(duration(time).ok_or(FORMS)?),
            Some(_) => return Err(FORMS.into()),
        };
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Err(FORMS.into());
        }
        Ok(Spec {
            name,
            fault,
            share,
            text: text.to_owned(),
        })
    }
}

/// A share of more than nothing.
fn percent(text: &str) -> Option<f64> {
    let share = text.strip_suffix('%')?.trim().parse::<f64>().ok()? / 100.0;
    (share > 0.0 && share <= 1.0).then_some(share)
}

/// `5s`, `500ms`, `2m`, or a number of seconds.
fn duration(text: &str) -> Option<Duration> {
    let at = text.find(char::is_alphabetic).unwrap_or(text.len());
    let unit = match &text[at..] {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    let time = text[..at].trim().parse::<f64>().ok()?;
    Duration::try_from_secs_f64(time * unit)
        .ok()
        .filter(|time| !time.is_zero())
}

/// A fault and the models that it befalls, by lane and the name that their API knows.
#[derive(Debug, Clone)]
struct Aimed {
    spec: Spec,
    at: BTreeSet<(String, String)>,
}

/// The faults of a run; none, as a rule.
#[derive(Debug, Clone, Default)]
pub struct Drill {
    seed: u64,
    faults: Vec<Aimed>,
}

fn place(target: &Target) -> (String, String) {
    (target.lane.clone(), target.wire_model.clone())
}

impl Drill {
    /// Aims faults at what a plan asks; a name that means nothing there is said, with the nearest one that does.
    pub fn aim(specs: &[Spec], plan: &Plan) -> Result<Drill, Vec<(String, Vec<String>)>> {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for candidate in &plan.candidates {
            names.insert(&candidate.name);
            for target in candidate.targets() {
                names.extend([target.name.as_str(), &target.lane]);
                names.extend(target.provider.map(|provider| provider.name));
            }
        }
        let (mut faults, mut unknown) = (Vec::new(), Vec::new());
        for spec in specs {
            let name = spec.name.as_str();
            let meant = |target: &&Target| {
                let provider = target.provider.map(|provider| provider.name);
                [target.name.as_str(), &target.lane].contains(&name) || provider == Some(name)
            };
            let every = || plan.candidates.iter();
            let named = every().filter(|candidate| candidate.name == name);
            let own = named.flat_map(|candidate| candidate.targets());
            let direct = every()
                .flat_map(|candidate| candidate.targets())
                .filter(meant);
            let at: BTreeSet<_> = direct.chain(own).map(place).collect();
            if at.is_empty() {
                let near = did_you_mean(name, names.iter().copied());
                let near = near.map(|near| format!("did you mean {near:?}?"));
                let known: Vec<&str> = names.iter().copied().collect();
                let known = format!("there are: {}", known.join(", "));
                let title = format!(
                    "--drill {}: nothing that is asked is called {name:?}",
                    spec.text
                );
                unknown.push((title, near.into_iter().chain([known]).collect()));
            }
            let spec = spec.clone();
            faults.push(Aimed { spec, at });
        }
        match unknown.is_empty() {
            true => Ok(Drill {
                seed: plan.seed,
                faults,
            }),
            false => Err(unknown),
        }
    }

    /// The faults as they were written.
    pub fn texts(&self) -> Vec<String> {
        let texts = self.faults.iter().map(|it| it.spec.text.clone());
        texts.collect()
    }

    /// The faults that may befall a request to this model, the first that does counting.
    pub fn of<'a>(&'a self, target: &Target) -> impl Iterator<Item = &'a Spec> {
        let place = place(target);
        let at = self.faults.iter().filter(move |it| it.at.contains(&place));
        at.map(|it| &it.spec)
    }

    /// Whether anything may befall a request of this job to this model. Judges are spared: they measure.
    pub(super) fn threatens(&self, job: &Job<'_>, target: &Target) -> bool {
        job.judged.is_none() && self.of(target).next().is_some()
    }

    /// What befalls an attempt: drawn by the seed, the trial and the attempt's number alone.
    pub(super) fn fault(&self, job: &Job<'_>, target: &Target, number: u32) -> Option<Fault> {
        if job.judged.is_some() {
            return None;
        }
        let drawn = self.of(target).enumerate().find(|(at, spec)| {
            let seed = format!("drill {} {} {number} {at}", self.seed, job.trial);
            let hash = blake3::hash(seed.as_bytes());
            let bytes: [u8; 8] = hash.as_bytes()[..8].try_into().expect("a hash is longer");
            spec.share >= 1.0 || (u64::from_le_bytes(bytes) as f64) < spec.share * u64::MAX as f64
        });
        drawn.map(|(_, spec)| spec.fault)
    }
}

/// A transport with a fault before it, for one attempt; without one it is the transport itself.
pub(super) struct Faulty<'a> {
    pub fault: Option<Fault>,
    pub inner: Option<&'a dyn Transport>,
}

impl Transport for Faulty<'_> {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<Incoming, Failure>> {
        Box::pin(async move {
            match self.fault {
                Some(Fault::Down) => return Err(unreached("drill: cannot connect")),
                Some(Fault::Hang) => std::future::pending().await,
                Some(Fault::Status(status)) => return Ok(refusal(status)),
                Some(Fault::Slow(_)) | None => {}
            }
            let inner = self.inner.ok_or_else(|| unreached("nothing may be sent"))?;
            let incoming = inner.send(request).await?;
            if let Some(Fault::Slow(time)) = self.fault {
                tokio::time::sleep(time).await;
            }
            Ok(incoming)
        })
    }

    fn sends(&self) -> bool {
        matches!(self.fault, None | Some(Fault::Slow(_)))
    }
}

fn unreached(why: &str) -> Failure {
    Failure {
        error_type: Some(UNREACHED.to_owned()),
        ..Failure::new(FailureKind::Transport, why)
    }
}

/// The body of such a response.
fn said(status: u16) -> String {
    let message = format!("drill: status {status}");
    serde_json::json!({"error": {"message": message, "type": "drill"}}).to_string()
}

/// A response of this status, as a server in trouble gives it.
fn refusal(status: u16) -> Incoming {
    let body = Bytes::from(said(status));
    Incoming {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: futures_util::stream::iter([Ok(body)]).boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        let read = |text: &str| Spec::parse(text).map(|it| (it.name, it.fault, it.share));
        let is = |name: &str, fault, share| Ok((name.to_owned(), fault, share));
        assert_eq!(read("openai=down"), is("openai", Fault::Down, 1.0));
        assert_eq!(read("a=429:30%"), is("a", Fault::Status(429), 0.3));
        assert_eq!(read("b=hang"), is("b", Fault::Hang, 1.0));
        let slow = Fault::Slow(Duration::from_millis(1500));
        assert_eq!(
            read("qwen2.5:0.5b=slow:1.5s"),
            is("qwen2.5:0.5b", slow, 1.0)
        );
        assert_eq!(read("a=slow:1500ms:20%"), is("a", slow, 0.2));
        for bad in [
            "",
            "a",
            "a=",
            "=down",
            "a=up",
            "a=200",
            "a=429:0%",
            "a=429:101%",
            "a=slow",
            "a=slow:0s",
            "a=slow:-1s",
            "a=slow:1h",
            "a=down:x",
            "a=slow:9e99s",
            "a=slow:nans",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
