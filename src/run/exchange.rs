//! One HTTP exchange: send, read within bounds, decode, stamp the times. Knows no retries and no money.

use super::redact::Redactor;
use super::tap::Feed;
use super::transport::{Incoming, Transport};
use crate::provider::lint::told;
use crate::provider::{
    Cursor, Dialect, Failure, FailureKind, Frame, Frames, Framing, HttpRequest, HttpResponse,
    Reply, Seen, StreamDecoder, read_whole,
};
use crate::store::Times;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// The largest body that is read; more is a failure.
const LARGEST_BODY: usize = 16 << 20;

/// How long a stream that has said its last word may take to close, so that its connection can be used again.
const CLOSING: Duration = Duration::from_millis(50);

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The whole exchange.
    pub total: Duration,
    /// Until the response's head is there.
    pub first_byte: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
}

/// Sends the request and reads its response. `times` is filled as far as it goes, in ms since `queued`.
pub async fn exchange(
    transport: &dyn Transport,
    dialect: &dyn Dialect,
    request: HttpRequest,
    patience: Patience,
    queued: Instant,
    times: &mut Times,
) -> Result<Reply, Failure> {
    let exchange = Exchange {
        transport,
        dialect,
        patience,
        hear: &|_| {},
        feed: None,
    };
    exchange.send(request, queued, times).await
}

/// Names and values.
type Headers = [(String, String)];

/// How an exchange is made, and who hears the response's headers the moment they come.
pub(super) struct Exchange<'a> {
    pub transport: &'a dyn Transport,
    pub dialect: &'a dyn Dialect,
    pub patience: Patience,
    pub hear: &'a (dyn Fn(&Headers) + Send + Sync),
    /// Whom a streamed reply is passed on to while it comes.
    pub feed: Option<Feed<'a>>,
}

impl Exchange<'_> {
    pub async fn send(
        &self,
        request: HttpRequest,
        queued: Instant,
        times: &mut Times,
    ) -> Result<Reply, Failure> {
        let redactor = Redactor::of(&request);
        let (warnings, wishes) = (request.warnings.clone(), request.wishes.clone());
        times.sent = since(queued);
        let patience = self.patience;
        let deadline = Instant::now() + patience.total;
        let result = async {
            let first = patience.first_byte.min(patience.total);
            let sending = timeout(first, self.transport.send(request)).await;
            let incoming = sending.unwrap_or_else(|_| Err(late("the first byte", first)))?;
            times.headers = Some(since(queued));
            let Incoming {
                status,
                headers,
                body,
            } = incoming;
            (self.hear)(&headers);
            // What was sent back decides, not what was asked for: a refused stream answers with plain JSON.
            let body = Body {
                pieces: body,
                read: 0,
                patience,
                deadline,
            };
            let kind = headers.iter().find(|(name, _)| name == "content-type");
            let kind = kind.map_or("", |(_, value)| value.as_str());
            if let Some(framing) = Framing::of(kind).filter(|_| status == 200) {
                let stream = Streaming {
                    frames: Frames::new(framing),
                    decoder: self.dialect.stream(),
                    ready: Vec::new(),
                    over: false,
                    cursor: Cursor::default(),
                    feed: self.feed.as_ref().map(|feed| (feed, &redactor)),
                };
                return stream.read(body, queued, times).await;
            }
            read(self.dialect, status, headers, body).await
        };
        let result = result.await.map(|mut reply: Reply| {
            let told = told(&wishes, &reply);
            reply.warnings.extend(warnings.into_iter().chain(told));
            reply
        });
        if times.end == 0.0 {
            times.end = since(queued);
        }
        redactor.clean(result)
    }
}

/// A response that is no stream.
async fn read(
    dialect: &dyn Dialect,
    status: u16,
    headers: Vec<(String, String)>,
    mut body: Body,
) -> Result<Reply, Failure> {
    let mut whole = BytesMut::new();
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) => whole.extend_from_slice(&piece),
            // The status has said what it is; the rest of its explanation is not needed.
            Err(_) if status >= 400 => break,
            Err(failure) => return Err(failure),
        }
    }
    let response = HttpResponse {
        status,
        headers,
        body: whole.freeze(),
    };
    read_whole(dialect, &response)
}

/// A body that arrives, within its bounds of time and size.
struct Body {
    pieces: BoxStream<'static, Result<Bytes, Failure>>,
    read: usize,
    patience: Patience,
    deadline: Instant,
}

impl Body {
    async fn next(&mut self) -> Option<Result<Bytes, Failure>> {
        let idle = Instant::now() + self.patience.idle;
        let piece = timeout_at(idle.min(self.deadline), self.pieces.next()).await;
        let piece = match piece {
            Ok(piece) => piece?,
            Err(_) if idle < self.deadline => {
                Err(late("the next piece of the reply", self.patience.idle))
            }
            Err(_) => Err(late("the whole reply", self.patience.total)),
        };
        self.read += piece.as_ref().map_or(0, Bytes::len);
        if self.read > LARGEST_BODY {
            let message = format!("the reply is larger than {} MiB", LARGEST_BODY >> 20);
            return Some(Err(Failure {
                should_retry: Some(false),
                ..Failure::new(FailureKind::Transport, message)
            }));
        }
        Some(piece)
    }

    /// Reads what is left of a stream that is over, so that its connection can be used again.
    async fn close(mut self) {
        let rest = async { while let Some(Ok(_)) = self.pieces.next().await {} };
        let _ = timeout(CLOSING, rest).await;
    }
}

/// A streamed body on its way to a reply.
struct Streaming<'a> {
    frames: Frames,
    decoder: Box<dyn StreamDecoder>,
    ready: Vec<Frame>,
    /// The stream has said that it is over.
    over: bool,
    /// What was passed on.
    cursor: Cursor,
    feed: Option<(&'a Feed<'a>, &'a Redactor)>,
}

impl Streaming<'_> {
    async fn read(
        mut self,
        mut body: Body,
        queued: Instant,
        times: &mut Times,
    ) -> Result<Reply, Failure> {
        while let Some(piece) = body.next().await {
            let cut = match piece {
                Ok(piece) => self.frames.push(&piece, &mut self.ready),
                Err(failure) => Err(failure),
            };
            self.decode(queued, times);
            self.pass(self.over || cut.is_err()).await;
            if let Err(failure) = cut {
                return self.broken(failure);
            }
            if self.over {
                times.end = since(queued);
                body.close().await;
                return self.decoder.finish();
            }
        }
        let cut = std::mem::replace(&mut self.frames, Frames::new(Framing::Sse));
        let cut = cut.end(&mut self.ready);
        self.decode(queued, times);
        self.pass(true).await;
        match cut {
            Ok(()) => self.decoder.finish(),
            Err(failure) => self.broken(failure),
        }
    }

    async fn pass(&mut self, end: bool) {
        let Some((feed, redactor)) = self.feed else {
            return;
        };
        let news = feed.news(&*self.decoder, &mut self.cursor, redactor, end);
        if let Some(piece) = news {
            feed.pass(piece).await;
        }
    }

    fn decode(&mut self, queued: Instant, times: &mut Times) {
        for frame in self.ready.drain(..) {
            let seen = self.decoder.frame(&frame);
            self.over |= frame.is_last();
            if seen == Seen::Nothing {
                continue;
            }
            let now = since(queued);
            times.first_token.get_or_insert(now);
            times.last_token = Some(now);
            if seen == Seen::Visible {
                times.first_output.get_or_insert(now);
            }
        }
    }

    /// The stream broke. If the reply was complete by then, it is one; else what had arrived is kept
    /// with the failure, since it was billed.
    fn broken(self, failure: Failure) -> Result<Reply, Failure> {
        match self.decoder.finish() {
            Ok(reply) => Ok(reply),
            Err(inner) => Err(Failure {
                partial: failure.partial.clone().or(inner.partial),
                ..failure
            }),
        }
    }
}

fn late(what: &str, limit: Duration) -> Failure {
    let message = format!("{what} did not come within {} s", limit.as_secs_f64());
    Failure::new(FailureKind::Timeout, message)
}

/// Milliseconds since `start`.
pub(super) fn since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}
