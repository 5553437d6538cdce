//! HTTP: connections, paths, keys, bounds of size and time. What is asked and answered is `answer.rs`'s.

use super::answer::Life;
use super::anthropic::Messages;
use super::caller::{Header, Told, again};
use super::openai::Chat;
use super::shared::Shared;
use super::trouble::{Cause, Trouble};
use super::wire::Wire;
use crate::run::{Stop, Urgency};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout};

/// The largest body of a request.
const LARGEST: usize = 32 << 20;
/// The deepest nesting of a request: what is kept of it stands in other JSON.
const DEEPEST: usize = 96;
/// How long a client may take to send a request's head, and how long a connection may be idle.
const HEAD: Duration = Duration::from_secs(60);
/// How long a client may take to send a request's body.
const READING: Duration = Duration::from_secs(60);
/// Connections at once.
const CONNECTIONS: usize = 8192;
/// How often what was closed is tried again.
const REOPEN: Duration = Duration::from_secs(30);

/// Serves until `stop`: then nothing new is begun, and what is under way has until the second stop.
pub async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: Stop) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let reopening = tokio::spawn(reopen(shared.clone()));
    loop {
        let place = places.clone().acquire_owned();
        let accepted = tokio::select! {
            accepted = async { (place.await, listener.accept().await) } => accepted,
            () = stop.reached(Urgency::Soon) => break,
        };
        match accepted {
            (Ok(place), Ok((stream, _))) => {
                let (shared, stop) = (shared.clone(), stop.clone());
                tokio::spawn(async move {
                    connection(stream, shared, stop).await;
                    drop(place);
                });
            }
            // Out of files, most likely: those that are open will close.
            _ => sleep(Duration::from_millis(10)).await,
        }
    }
    drop(listener);
    shared.leave();
    reopening.abort();
    let done = async {
        while shared.under_way() > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        () = done => {}
        () = stop.reached(Urgency::Now) => shared.setup.engine.stop.press(),
    }
    shared.setup.engine.stop.press();
    // Every connection gets to say its last words.
    let all = places.acquire_many(CONNECTIONS as u32);
    let _ = timeout(Duration::from_secs(1), all).await;
}

/// Opens lanes again that a wrong key or an empty purse closed.
async fn reopen(shared: Arc<Shared>) {
    loop {
        sleep(REOPEN).await;
        let lanes = shared.setup.engine.lanes.values();
        lanes.for_each(crate::run::Lane::reopen);
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>, stop: Stop) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = shared.clone();
        async move { Ok::<_, Infallible>(handle(shared, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.reached(Urgency::Soon) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// A body on its way out: whole, or as it comes.
enum Out {
    Whole(Option<Bytes>),
    Stream(mpsc::Receiver<Bytes>),
}

impl Body for Out {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match &mut *self {
            Out::Whole(bytes) => Poll::Ready(bytes.take()),
            Out::Stream(pieces) => pieces.poll_recv(context),
        };
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Out::Whole(None))
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Out::Whole(bytes) => {
                let length = bytes.as_ref().map_or(0, Bytes::len);
                hyper::body::SizeHint::with_exact(length as u64)
            }
            Out::Stream(_) => hyper::body::SizeHint::default(),
        }
    }
}

async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> Response<Out> {
    let id = (shared.setup.clock.id)();
    let path = request.uri().path().trim_end_matches('/').to_owned();
    // Errors are said in the dialect of the path.
    let wire: &'static dyn Wire = match path.as_str() {
        "/v1/messages" | "/messages" => &Messages,
        _ if request.headers().contains_key("anthropic-version") => &Messages,
        _ => &Chat,
    };
    match route(&shared, &path, wire, &id, request).await {
        Ok(mut response) => {
            name(&mut response, &id);
            response
        }
        Err(trouble) => {
            shared.metrics.refuse(trouble.word);
            let (status, body) = wire.error(&trouble, &id);
            let mut response = whole(status, &again(&trouble), body.to_string().into());
            name(&mut response, &id);
            response
        }
    }
}

/// The request's id, as both SDKs look for it.
fn name(response: &mut Response<Out>, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert("x-request-id", id.clone());
        response.headers_mut().insert("request-id", id);
    }
}

async fn route(
    shared: &Arc<Shared>,
    path: &str,
    wire: &'static dyn Wire,
    id: &str,
    request: Request<Incoming>,
) -> Result<Response<Out>, Trouble> {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let host = header("host").or_else(|| request.uri().authority().map(|it| it.as_str()));
    shared.setup.guard.check(host, header("origin"))?;
    let method = match path {
        "/v1/chat/completions" | "/chat/completions" | "/v1/messages" | "/messages" => Method::POST,
        "/health" | "/metrics" | "/v1/models" | "/models" => Method::GET,
        _ if path.starts_with("/v1/models/") => Method::GET,
        _ => {
            let why = format!("there is nothing at {path:?}");
            return Err(Trouble::new(Cause::NotFound, "no_such_path", why));
        }
    };
    if request.method() != method {
        let why = format!("{path} takes {method} only");
        return Err(Trouble::new(Cause::Method, "method", why));
    }
    if path == "/health" {
        return Ok(health(shared));
    }
    let bearer = header("authorization").and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
    });
    let client = shared.setup.clients.who(bearer.or(header("x-api-key")))?;
    if path == "/metrics" {
        let page = shared.metrics.page(shared.under_way());
        let mut response = whole(200, &[], page.into());
        let kind = HeaderValue::from_static("text/plain; version=0.0.4");
        response.headers_mut().insert("content-type", kind);
        return Ok(response);
    }
    if method == Method::GET {
        return models(shared, path.strip_prefix("/v1/models/"));
    }
    let kind = header("content-type").unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/json") {
        let why = "the body must be JSON: `content-type: application/json`";
        return Err(Trouble::bad_request(why, ""));
    }
    let tags = tags(header("x-bakeoff-tags").unwrap_or_default());
    let begun = Instant::now();
    let inside = shared.enter()?;
    let body = body(request.into_body()).await?;
    let mut asked = wire.read(&body)?;
    asked.tags.extend(tags);
    drop(body);
    let visit = client
        .map(|client| client.enter(&asked.model))
        .transpose()?;
    let life = Life {
        shared: shared.clone(),
        wire,
        request: asked,
        id: id.to_owned(),
        at: (shared.setup.clock.now)(),
        begun,
        visit,
        _inside: inside,
    };
    let (tell, told) = oneshot::channel();
    tokio::spawn(life.live(tell));
    match told.await {
        Ok(Told::Whole(status, headers, body)) => Ok(whole(status, &headers, body.into())),
        Ok(Told::Stream(headers, pieces)) => {
            let mut response = Response::new(Out::Stream(pieces));
            put(&mut response, &headers);
            let headers = response.headers_mut();
            headers.insert(
                "content-type",
                HeaderValue::from_static("text/event-stream"),
            );
            headers.insert("cache-control", HeaderValue::from_static("no-cache"));
            Ok(response)
        }
        Err(_) => {
            let why = "this server failed; its log may say why";
            Err(Trouble::new(Cause::Upstream, "internal", why))
        }
    }
}

/// The caller's own words about a request: `lang=de, urgent`.
fn tags(text: &str) -> Vec<(String, String)> {
    let words = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            (name.trim().to_owned(), value.trim().to_owned())
        })
        .collect()
}

/// The JSON of a body, within its bounds.
async fn body(body: Incoming) -> Result<Value, Trouble> {
    let too_large = || {
        let why = format!("the body is larger than {} MiB", LARGEST >> 20);
        Trouble::new(Cause::TooLarge, "too_large", why)
    };
    if body.size_hint().lower() > LARGEST as u64 {
        return Err(too_large());
    }
    let mut body = Limited::new(body, LARGEST);
    let mut bytes = BytesMut::new();
    let reading = async {
        while let Some(frame) = body.frame().await {
            let frame =
                frame.map_err(
                    |error| match error.is::<http_body_util::LengthLimitError>() {
                        true => too_large(),
                        false => Trouble::bad_request("the body broke off", ""),
                    },
                )?;
            if let Some(more) = frame.data_ref() {
                bytes.extend_from_slice(more);
            }
        }
        Ok(())
    };
    let read: Result<Result<(), Trouble>, _> = timeout(READING, reading).await;
    read.map_err(|_| {
        let why = format!("the body did not come within {} s", READING.as_secs());
        Trouble::new(Cause::Timeout, "slow_body", why)
    })??;
    let value: Value = serde_json::from_slice(&bytes)
        .map_err(|error| Trouble::bad_request(format!("the body is no JSON: {error}"), ""))?;
    match deeper_than(&value, DEEPEST) {
        true => {
            let why = format!("the body is nested more than {DEEPEST} deep");
            Err(Trouble::bad_request(why, ""))
        }
        false => Ok(value),
    }
}

fn deeper_than(value: &Value, left: usize) -> bool {
    let inner = |value: &Value| left == 0 || deeper_than(value, left - 1);
    match value {
        Value::Array(items) => items.iter().any(inner),
        Value::Object(fields) => fields.values().any(inner),
        _ => false,
    }
}

fn health(shared: &Shared) -> Response<Out> {
    let (status, word) = match (shared.is_broken(), shared.is_leaving()) {
        (true, _) => (503, "log broken"),
        (_, true) => (503, "leaving"),
        _ => (200, "ok"),
    };
    let body = json!({"status": word, "in_flight": shared.under_way()});
    whole(status, &[], body.to_string().into())
}

/// The names that may be asked, as a list that both SDKs can read; or one of them.
fn models(shared: &Shared, one: Option<&str>) -> Result<Response<Out>, Trouble> {
    let entry = |name: &str| {
        json!({"id": name, "object": "model", "type": "model", "display_name": name,
            "created": 0, "created_at": "1970-01-01T00:00:00Z", "owned_by": "bakeoff"})
    };
    let body = match one {
        Some(name) => {
            shared.candidate(name)?;
            entry(name)
        }
        None => {
            let names = shared.names();
            let all: Vec<Value> = names.iter().map(|name| entry(name)).collect();
            json!({"object": "list", "data": all, "has_more": false,
                "first_id": names.first(), "last_id": names.last()})
        }
    };
    Ok(whole(200, &[], body.to_string().into()))
}

fn whole(status: u16, headers: &[Header], body: Bytes) -> Response<Out> {
    let mut response = Response::new(Out::Whole(Some(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", kind);
    put(&mut response, headers);
    response
}

/// Headers of ours; what no header can hold is left out of them.
fn put(response: &mut Response<Out>, headers: &[Header]) {
    for (name, value) in headers {
        let plain = value
            .chars()
            .map(|c| if matches!(c, ' '..='~') { c } else { '?' });
        let plain: String = plain.take(1000).collect();
        if let Ok(value) = HeaderValue::from_str(&plain) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
}
