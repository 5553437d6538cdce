//! How fast replies are read: every recorded exchange, framed and decoded, in MB/s and events/s.
//!
//! The recordings lie where `BAKEOFF_RECORDINGS` says; without them nothing is measured. Each line is
//! the median of rounds over all bodies of its kind, with the quickest and the slowest round beside it.
//! No benchmark crate: one would change the features of what the binary is made of.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a benchmark reads the real world and may panic"
)]

#[path = "../tests/it/shared.rs"]
mod shared;

use bakeoff::provider::{DIALECTS, Frame, Frames, Framing, HttpResponse, dialect};
use base64::Engine;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

/// How much of a body a read brings, as networks have it.
const PIECE: usize = 1400;

/// A recorded response of one dialect.
struct Recorded {
    api: String,
    framing: Option<Framing>,
    response: HttpResponse,
}

fn recorded() -> Vec<Recorded> {
    let Some(folder) = shared::folder("BAKEOFF_RECORDINGS", "recordings") else {
        return Vec::new();
    };
    let file = File::open(folder.join("exchanges.jsonl.gz")).unwrap();
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    let records = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let read = records.map(|record| {
        let text = record["response_body"].as_str().unwrap();
        let headers = record["response_headers"].as_object().unwrap().iter();
        let response = HttpResponse {
            status: record["status"].as_u64().unwrap() as u16,
            headers: headers
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            body: match record["response_body_encoding"].as_str() {
                Some("base64") => {
                    let standard = base64::engine::general_purpose::STANDARD;
                    standard.decode(text).unwrap().into()
                }
                _ => text.to_owned().into(),
            },
        };
        let framing = response.header("content-type").and_then(Framing::of);
        Recorded {
            api: record["api"].as_str().unwrap().to_owned(),
            framing: framing.filter(|_| response.status == 200),
            response,
        }
    });
    read.collect()
}

/// The frames of a body that comes in pieces, each handed to `take`.
fn frames(framing: Framing, body: &[u8], take: &mut dyn FnMut(&Frame)) {
    let mut frames = Frames::new(framing);
    let mut out = Vec::new();
    for piece in body.chunks(PIECE) {
        frames.push(piece, &mut out).unwrap();
        out.drain(..).for_each(|frame| take(&frame));
    }
    frames.end(&mut out).unwrap();
    out.drain(..).for_each(|frame| take(&frame));
}

/// Reads one response to its end, whatever it says.
fn decode(one: &Recorded) {
    let dialect = dialect(&one.api).unwrap().dialect;
    match one.framing {
        Some(framing) => {
            let mut decoder = dialect.stream();
            frames(framing, &one.response.body, &mut |frame| {
                black_box(decoder.frame(frame));
            });
            drop(black_box(decoder.finish()));
        }
        None => drop(black_box(dialect.decode(&one.response))),
    }
}

/// How long each line is measured, after a fifth of it to warm up.
const TIME: Duration = Duration::from_secs(1);

/// Seconds of each round within `time`, at least five.
fn rounds(time: Duration, round: &dyn Fn()) -> Vec<f64> {
    let start = Instant::now();
    let mut seconds = Vec::new();
    while seconds.len() < 5 || start.elapsed() < time {
        let before = Instant::now();
        round();
        seconds.push(before.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    seconds
}

/// Measures the reading of some bodies and says how it went.
fn measure(name: &str, some: &[&Recorded], read: &dyn Fn(&Recorded)) {
    if some.is_empty() {
        return;
    }
    let bytes: usize = some.iter().map(|one| one.response.body.len()).sum();
    let mut events = 0;
    for one in some {
        match one.framing {
            Some(framing) => frames(framing, &one.response.body, &mut |_| events += 1),
            None => events += 1,
        }
    }
    let round = || some.iter().for_each(|one| read(one));
    rounds(TIME / 5, &round);
    let seconds = rounds(TIME, &round);
    let speed = |seconds: f64| bytes as f64 / seconds / 1e6;
    let median = seconds[seconds.len() / 2];
    shared::say(&format!(
        "{name:28} {:8.1} MB/s ({:.1} to {:.1}) {:10.0} events/s   {} bodies, {bytes} bytes, {events} events, {} rounds",
        speed(median),
        speed(seconds[seconds.len() - 1]),
        speed(seconds[0]),
        f64::from(events) / median,
        some.len(),
        seconds.len(),
    ));
}

fn main() {
    let all = recorded();
    let some =
        |what: &dyn Fn(&Recorded) -> bool| all.iter().filter(|one| what(one)).collect::<Vec<_>>();
    let streamed = |one: &Recorded| one.framing.is_some();
    measure("frames alone", &some(&streamed), &|one| {
        let framing = one.framing.expect("only streams are taken");
        frames(framing, &one.response.body, &mut |frame| {
            black_box(frame.data.len());
        });
    });
    measure("streams", &some(&streamed), &decode);
    measure("whole", &some(&|one| !streamed(one)), &decode);
    for spoken in DIALECTS {
        let own = |one: &Recorded| one.api == spoken.name;
        let name = spoken.name;
        measure(
            &format!("{name} streams"),
            &some(&|one| own(one) && streamed(one)),
            &decode,
        );
        measure(
            &format!("{name} whole"),
            &some(&|one| own(one) && !streamed(one)),
            &decode,
        );
    }
}
