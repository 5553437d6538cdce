//! The network, all of it: a request goes out, a status, headers and a stream of bytes come in.

use crate::provider::keys::Origin;
use crate::provider::sigv4::sign;
use crate::provider::{Failure, FailureKind, HttpRequest};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashSet;
use std::error::Error;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// A response whose body is still arriving.
pub struct Incoming {
    /// HTTP status.
    pub status: u16,
    /// Headers, lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body, piece by piece.
    pub body: BoxStream<'static, Result<Bytes, Failure>>,
}

/// Sends one request. No retries, no redirects: the engine's loop is the only one.
pub trait Transport: Send + Sync {
    /// The response's head, and its body as it comes.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<Incoming, Failure>>;

    /// Whether anything leaves this machine: what does not is not billed, however it ends.
    fn sends(&self) -> bool {
        true
    }
}

/// The real network.
pub struct Live {
    connect: Duration,
    /// Made when first needed, by whether connections are used again and whether a proxy may be asked.
    clients: [OnceLock<reqwest::Client>; 4],
    closing: Mutex<HashSet<String>>,
    /// The time as AWS's signature wants it.
    clock: Option<fn() -> String>,
}

impl Live {
    /// A client that waits at most `connect` for a connection.
    pub fn new(connect: Duration) -> Live {
        Live {
            connect,
            clients: Default::default(),
            closing: Mutex::default(),
            clock: None,
        }
    }

    /// The same with a clock that tells the time as `20150830T123600Z`; signatures need one.
    #[must_use]
    pub fn with_clock(self, clock: fn() -> String) -> Live {
        Live {
            clock: Some(clock),
            ..self
        }
    }

    /// The headers that carry the request's secrets.
    fn secrets(&self, request: &HttpRequest) -> Result<Vec<(&'static str, SecretString)>, Failure> {
        let refused = |why: String| Failure {
            error_type: Some(UNREACHED.to_owned()),
            ..Failure::new(FailureKind::Auth, why)
        };
        let mut secrets: Vec<_> = request.secret.iter().cloned().collect();
        if let Some(credentials) = &request.sign {
            let clock = self
                .clock
                .ok_or_else(|| refused("no clock to sign by".into()))?;
            let signed = sign(request, credentials, &clock());
            secrets.extend(signed.map_err(|error| refused(error.to_string()))?);
        }
        Ok(secrets)
    }

    /// The client for an origin. Some servers close after a streamed reply without saying so, and
    /// the next request then meets the closing: once seen, that origin gets no connection twice.
    /// What is meant for this machine never goes through a proxy: it may carry a key in the clear.
    fn client(&self, origin: &str) -> Result<&reqwest::Client, Failure> {
        let closing = self.closing.lock().unwrap_or_else(PoisonError::into_inner);
        let (reuse, proxy) = (!closing.contains(origin), !is_loopback(origin));
        let place = &self.clients[usize::from(reuse) + 2 * usize::from(proxy)];
        match place.get() {
            Some(client) => Ok(client),
            None => {
                let made = client(self.connect, reuse, proxy)?;
                Ok(place.get_or_init(|| made))
            }
        }
    }
}

/// Whether an origin is this machine, as far as its name says so.
fn is_loopback(origin: &str) -> bool {
    Origin::of(origin).is_ok_and(|origin| origin.is_loopback())
}

/// Redirects are off, since they could carry a key to another origin; so is everything that would
/// send a request twice.
fn client(connect: Duration, reuse: bool, proxy: bool) -> Result<reqwest::Client, Failure> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that makes an HTTP client"
    )]
    let builder = reqwest::Client::builder();
    let builder = if proxy { builder } else { builder.no_proxy() };
    let client = builder
        .connect_timeout(connect)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        // below the five seconds after which many servers close: a request must not meet that
        .pool_idle_timeout(Duration::from_secs(4))
        .pool_max_idle_per_host(if reuse { usize::MAX } else { 0 })
        .tcp_nodelay(true)
        .user_agent(concat!("bakeoff/", env!("CARGO_PKG_VERSION")))
        .build();
    client.map_err(|error| {
        let help = "is the package ca-certificates installed?";
        let why = format!("cannot set up HTTPS: {} ({help})", chain(&error, ""));
        Failure {
            error_type: Some(UNREACHED.to_owned()),
            should_retry: Some(false),
            ..Failure::new(FailureKind::Transport, why)
        }
    })
}

impl Transport for Live {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<Incoming, Failure>> {
        Box::pin(async move {
            let origin = origin(&request.url);
            let client = self.client(origin)?;
            let mut out = match request.method {
                "GET" => client.get(&request.url),
                _ => client.post(&request.url).body(request.body.clone()),
            };
            for (name, value) in &request.headers {
                out = out.header(*name, value);
            }
            for (name, value) in &self.secrets(&request)? {
                let value = reqwest::header::HeaderValue::from_str(value.expose_secret());
                let mut value = value.map_err(|_| {
                    let why = "the key has characters that a header cannot hold (a line break?)";
                    Failure::new(FailureKind::Auth, why)
                })?;
                value.set_sensitive(true);
                out = out.header(*name, value);
            }
            let sent = out.send().await;
            let response = sent.map_err(|error| {
                let failure = failure(&error, &request.url);
                if failure.error_type.as_deref() == Some(CLOSED) {
                    let mut closing = self.closing.lock().unwrap_or_else(PoisonError::into_inner);
                    closing.insert(origin.to_owned());
                }
                failure
            })?;
            let status = response.status().as_u16();
            let named =
                |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.as_str().to_owned(), value)
                };
            let headers = response.headers().iter().map(named).collect();
            let body = response.bytes_stream();
            let url = request.url.clone();
            let body = body.map(move |piece| piece.map_err(|error| failure(&error, &url)));
            Ok(Incoming {
                status,
                headers,
                body: body.boxed(),
            })
        })
    }
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    &url[..end]
}

/// No connection came about: nothing was sent, nothing can be billed.
pub(super) const UNREACHED: &str = "connect";
/// The connection was closed before anything of a response came.
const CLOSED: &str = "closed";

fn failure(error: &reqwest::Error, url: &str) -> Failure {
    let kind = match error.is_timeout() {
        true => FailureKind::Timeout,
        false => FailureKind::Transport,
    };
    let message = chain(error, url);
    let what = if error.is_connect() {
        Some(UNREACHED)
    } else if message.contains("closed before message completed") {
        Some(CLOSED)
    } else {
        None
    };
    Failure {
        error_type: what.map(str::to_owned),
        ..Failure::new(kind, message)
    }
}

/// `host:port` of an address: the rest of it may hold what the user wants kept.
fn place(url: &str) -> Option<String> {
    let url = reqwest::Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// An error with its causes, and of the address the host and port alone.
fn chain(error: &reqwest::Error, url: &str) -> String {
    let place = place(url).map_or(String::new(), |place| format!(" to {place}"));
    let mut text = match error.is_connect() {
        true => format!("cannot connect{place}"),
        false => format!("the connection{place} broke"),
    };
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_and_a_port_alone() {
        let url = "https://me:word@api.example.com/v1/models?key=secret";
        assert_eq!(place(url).as_deref(), Some("api.example.com:443"));
        let url = "http://[::1]:8080/v1#x";
        assert_eq!(place(url).as_deref(), Some("[::1]:8080"));
        assert_eq!(place("nowhere"), None);
    }
}
