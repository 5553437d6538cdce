//! Showing a run while it goes on: bars on a terminal, a line every 15 seconds elsewhere, JSON lines in a file.

use super::host::Host;
use crate::provider::FailureKind;
use crate::report::clip;
use crate::run::{Event, Watch};
use crate::source::{plain, plain_line, unheeded};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;
use tokio::time::Instant;
use unicode_width::UnicodeWidthStr;

/// Everyone who looks on.
#[derive(Default)]
pub struct Watches(Vec<Box<dyn Watch>>);

impl Watches {
    /// Bars on a terminal, lines elsewhere, nothing when quiet; and a file of events if one is asked for.
    pub fn new(host: &Host, events: Option<std::fs::File>) -> Watches {
        let mut watches: Vec<Box<dyn Watch>> = Vec::new();
        if !host.quiet {
            let bars = host.stderr_tty && !host.ci;
            watches.push(if bars {
                Box::new(Bars {
                    width: host.width,
                    ..Bars::default()
                })
            } else {
                Box::new(Lines::default())
            });
        }
        if let Some(file) = events {
            watches.push(Box::new(Events(file)));
        }
        Watches(watches)
    }
}

impl Watch for Watches {
    fn see(&mut self, event: &Event) {
        for watch in &mut self.0 {
            watch.see(event);
        }
    }
}

/// A JSON line per event.
struct Events(std::fs::File);

impl Watch for Events {
    fn see(&mut self, event: &Event) {
        if *event == Event::Tick {
            return;
        }
        if let Ok(mut line) = serde_json::to_vec(event) {
            line.push(b'\n');
            // The store is the truth; a full disk shows itself there.
            let _ = self.0.write_all(&line);
        }
    }
}

/// What both displays count.
#[derive(Default)]
struct Tally {
    done: BTreeMap<String, usize>,
    totals: Vec<(String, usize)>,
    before: usize,
    failed: usize,
    retries: usize,
    cache: usize,
    recorded: usize,
    spent: f64,
    cap: Option<f64>,
    waiting: BTreeMap<String, (FailureKind, Instant)>,
}

impl Tally {
    fn count(&mut self, event: &Event) {
        match event {
            Event::Started {
                candidates,
                done,
                cap_usd,
                ..
            } => {
                self.totals.clone_from(candidates);
                self.before = *done;
                self.cap = *cap_usd;
            }
            Event::Finished {
                candidate,
                failure,
                origin,
                spent_usd,
                ..
            } => {
                *self.done.entry(candidate.clone()).or_default() += 1;
                self.failed += usize::from(failure.is_some());
                self.cache += usize::from(*origin == "cache");
                self.recorded += usize::from(*origin == "recorded");
                self.spent = self.spent.max(*spent_usd);
            }
            Event::Retrying { .. } => self.retries += 1,
            Event::Waiting { lane, kind, wait } => {
                self.waiting
                    .insert(lane.clone(), (*kind, Instant::now() + *wait));
            }
            _ => {}
        }
    }

    fn total(&self) -> usize {
        self.totals.iter().map(|(_, n)| n).sum()
    }

    fn finished(&self) -> usize {
        self.before + self.done.values().sum::<usize>()
    }

    /// "12/300 trials, 4.1/s, 70 s left" at a speed measured since `start`.
    fn pace(&self, start: Instant) -> String {
        let (finished, total) = (self.finished(), self.total());
        let here = self.done.values().sum::<usize>() as f64;
        let rate = here / start.elapsed().as_secs_f64().max(1e-3);
        let left = (total - finished.min(total)) as f64 / rate.max(1e-9);
        let left = if here > 0.0 {
            format!(", {rate:.1}/s, {left:.0} s left")
        } else {
            String::new()
        };
        format!("{finished}/{total} trials{left}")
    }

    /// "$0.012 of $5.00 · anthropic waits 12 s (rate_limit) · 2 failed · 3 retries".
    fn status(&self) -> String {
        let mut parts = vec![match self.cap {
            Some(cap) => format!("${:.4} of ${cap:.2}", self.spent),
            None => format!("${:.4}", self.spent),
        }];
        let now = Instant::now();
        for (lane, (kind, until)) in self.waiting.iter().filter(|(_, (_, until))| *until > now) {
            parts.push(format!(
                "{} waits {} s ({})",
                plain_line(lane),
                (*until - now).as_secs() + 1,
                kind.name()
            ));
        }
        let mut some = |n: usize, one: &str, more: &str| match n {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            n => parts.push(format!("{n} {more}")),
        };
        some(self.failed, "failed", "failed");
        some(self.retries, "retry", "retries");
        some(self.cache, "from the cache", "from the cache");
        some(self.recorded, "recorded", "recorded");
        parts.join(" · ")
    }
}

/// What is said whatever the display.
fn remark(event: &Event) -> Option<String> {
    match event {
        Event::Closed {
            lane,
            kind,
            message,
        } => Some(format!(
            "{lane}: nothing more is sent ({}): {}",
            kind.name(),
            plain(message)
        )),
        Event::Stopping { why } => Some(format!(
            "stopping: {}; finishing what is in flight",
            plain(why)
        )),
        _ => None,
    }
}

/// A bar per candidate and a line of status, on a terminal.
#[derive(Default)]
struct Bars {
    /// Columns of the terminal.
    width: usize,
    tally: Tally,
    screen: Option<MultiProgress>,
    bars: BTreeMap<String, ProgressBar>,
    status: Option<ProgressBar>,
}

impl Bars {
    fn start(&mut self) {
        let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        let widest = self
            .tally
            .totals
            .iter()
            .map(|(name, _)| plain_line(name).width())
            .max()
            .unwrap_or(0);
        // A line that the terminal wraps cannot be drawn over.
        let widest = widest.min((self.width / 3).max(8));
        let line = match self.width {
            0..60 => "{prefix} {wide_bar} {pos:>4}/{len:<4} {eta:>4}",
            _ => "{prefix} {wide_bar} {pos:>4}/{len:<4} {rate:>7} {eta:>4} left",
        };
        let style = ProgressStyle::with_template(line)
            .expect("the template is a constant shape")
            .progress_chars("━╸─")
            .with_key(
                "rate",
                |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                    let _ = write!(out, "{:.1}/s", state.per_sec());
                },
            );
        for (name, total) in &self.tally.totals {
            let short = clip(&plain_line(name), widest);
            let short = format!(
                "{short}{}",
                " ".repeat(widest.saturating_sub(short.width()))
            );
            let bar = screen.add(
                ProgressBar::new(*total as u64)
                    .with_style(style.clone())
                    .with_prefix(short),
            );
            self.bars.insert(name.clone(), bar);
        }
        let style = ProgressStyle::with_template("{wide_msg}").expect("a constant template");
        self.status = Some(screen.add(ProgressBar::new_spinner().with_style(style)));
        self.screen = Some(screen);
    }
}

impl Watch for Bars {
    fn see(&mut self, event: &Event) {
        self.tally.count(event);
        if matches!(event, Event::Started { .. }) {
            self.start();
        }
        let Some(screen) = &self.screen else { return };
        if let Some(remark) = remark(event) {
            let _ = screen.println(remark);
        }
        if let Event::Finished { candidate, .. } = event
            && let Some(bar) = self.bars.get(candidate)
        {
            bar.inc(1);
        }
        if let Some(status) = &self.status {
            status.set_message(self.tally.status());
        }
        if matches!(event, Event::Ended { .. }) {
            let _ = screen.clear();
        }
    }
}

/// A line every 15 seconds, for logs.
#[derive(Default)]
struct Lines {
    tally: Tally,
    start: Option<Instant>,
    said: Option<Instant>,
}

const EVERY: Duration = Duration::from_secs(15);

impl Watch for Lines {
    fn see(&mut self, event: &Event) {
        self.tally.count(event);
        let mut err = std::io::stderr().lock();
        if let Some(remark) = remark(event) {
            let _ = writeln!(err, "{}", unheeded(&remark));
        }
        let start = *self.start.get_or_insert_with(Instant::now);
        let due = self.said.unwrap_or(start).elapsed() >= EVERY;
        if due && !matches!(event, Event::Ended { .. }) {
            self.said = Some(Instant::now());
            let (pace, status) = (self.tally.pace(start), self.tally.status());
            let _ = writeln!(err, "{}", unheeded(&format!("{pace} · {status}")));
        }
    }
}
