//! The table on the terminal, with what it says below it, in as many columns as the terminal has.

use super::number::{self, NONE, Scale};
use super::{Format, Look, Report, cases, facts, judges, labels, words};
use crate::source::plain_line;
use crate::summary::{Latency, Row, Summary, Verdict};
use anstyle::{AnsiColor, Style};
use tabled::builder::Builder;
use tabled::settings::object::{Columns, Rows};
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Padding, Style as Theme};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The summary as text.
pub const FORMAT: Format = Format {
    name: "terminal",
    file: "",
    about: "the table and the verdict, for reading in a terminal",
    render: |report, look| Ok(render(report, look).into_bytes()),
};

/// The least width that a table is made for.
pub(super) const NARROWEST: usize = 40;
/// The column of odd answers.
const ODD: &str = "refused/cut";
/// Label reports that are told; all are on the page.
const REPORTS: usize = 6;
/// Blanks between two columns.
pub(super) const GAP: usize = 2;
pub(super) const STRONG: Style = Style::new().bold();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();
pub(super) const FAINT: Style = Style::new().dimmed();

fn render(report: &Report, look: &Look) -> String {
    let summary = &report.summary;
    let width = look.width.max(NARROWEST);
    let paint = |style: Style, text: &str| match look.color {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    };
    let mut columns = columns(summary);
    let dropped = fit(&mut columns, width);
    let mut out = draw(&columns, |text| paint(STRONG, text));
    let mut say = |style: Option<Style>, first: &str, text: &str| {
        let text = wrap(&plain_line(text), width, first);
        for line in text.lines() {
            out += &style.map_or_else(|| line.to_owned(), |style| paint(style, line));
            out.push('\n');
        }
    };
    if summary.best.tied.len() > 1 {
        say(
            Some(FAINT),
            "",
            "* could be the best: the data cannot tell these apart",
        );
    }
    for missing in words::missing(summary) {
        say(Some(FAINT), "", &missing);
    }
    if dropped.iter().any(|head| head == ODD) {
        words::odd(summary)
            .iter()
            .for_each(|line| say(Some(FAINT), "", line));
    }
    if !dropped.is_empty() {
        let text = format!("not shown at this width: {}", dropped.join(", "));
        say(Some(FAINT), "", &text);
    }
    say(None, "", "");
    say(Some(STRONG), "", &words::headline(summary));
    for sentence in words::choice(summary) {
        say(None, "", &sentence);
    }
    if !summary.complete {
        say(
            Some(BAD),
            "",
            "The run is incomplete: not every trial has an outcome.",
        );
    }
    let reports = labels::labels(summary);
    if !reports.is_empty() {
        say(None, "", "");
    }
    for report in reports.iter().take(REPORTS) {
        say(None, "", &report.sentence);
    }
    if reports.len() > REPORTS {
        let text = format!("{} more label reports on the page", reports.len() - REPORTS);
        say(Some(FAINT), "", &text);
    }
    if !summary.contrasts.is_empty() {
        say(None, "", "");
    }
    for contrast in &summary.contrasts {
        let style = match contrast.verdict {
            Verdict::Improved => Some(GOOD),
            Verdict::Regressed | Verdict::Invalid => Some(BAD),
            _ => None,
        };
        say(style, "- ", &words::contrast(summary, contrast));
    }
    let comparisons = judges::comparisons(summary);
    if !comparisons.is_empty() {
        say(None, "", "");
    }
    for sentence in &comparisons {
        say(None, "- ", sentence);
    }
    let notes = [summary.notes.clone(), judges::trust(summary)].concat();
    if !notes.is_empty() {
        say(None, "", "");
    }
    for note in &notes {
        say(None, "! ", note);
    }
    say(None, "", "");
    if let Some(ways) = cases::ways(report) {
        say(Some(FAINT), "", &ways);
    }
    say(Some(FAINT), "", &facts::honesty(summary));
    out
}

/// A column: its header, its cells, and how soon it may be left out (0: never).
struct Column {
    head: String,
    cells: Vec<String>,
    spare: u8,
    left: bool,
}

fn columns(summary: &Summary) -> Vec<Column> {
    let rows = &summary.candidates;
    let best = &summary.best;
    let column = |head: &str, spare: u8, cell: &dyn Fn(&Row) -> String| Column {
        head: plain_line(head).into_owned(),
        cells: rows
            .iter()
            .map(|row| plain_line(&cell(row)).into_owned())
            .collect(),
        spare,
        left: false,
    };
    let name = column("candidate", 0, &|row| {
        let tied = best.tied.len() > 1 && best.tied.contains(&row.name);
        format!("{} {}", if tied { "*" } else { " " }, row.name)
    });
    let mut columns = vec![Column { left: true, ..name }];
    let score = |scorer: &str| words::scale(summary, scorer);
    let primary = score(&best.scorer);
    columns.push(column(&best.scorer, 0, &|row| {
        value(primary, row, &best.scorer)
    }));
    columns.push(column("95% CI", 1, &|row| {
        let cell = row.scores.get(&best.scorer);
        let range = cell.and_then(|c| Some(primary.range(c.value?, c.low, c.high)));
        range.filter(|r| !r.is_empty()).unwrap_or(NONE.to_owned())
    }));
    columns.push(column("n", 2, &|row| {
        row.scores
            .get(&best.scorer)
            .map_or(NONE.to_owned(), |c| number::count(c.n))
    }));
    for scorer in summary.scorers.iter().filter(|s| **s != best.scorer) {
        let scale = score(scorer);
        columns.push(column(scorer, 7, &|row| secondary(scale, row, scorer)));
    }
    columns.push(column("cost/case", 1, &|row| {
        let mark = if row.cost_unknown > 0 && row.cost_usd.per_case.is_some() {
            "?"
        } else {
            ""
        };
        number::money_or_unknown(row.cost_usd.per_case) + mark
    }));
    columns.push(column("p50", 3, &|row| median(&row.latency_ms)));
    columns.push(column("p95", 5, &|row| {
        row.latency_ms
            .p95
            .map_or(NONE.to_owned(), |e| number::duration(e.value))
    }));
    columns.push(column("first token", 8, &|row| median(&row.first_token_ms)));
    columns.push(column("tokens/s", 9, &|row| {
        let p50 = row.tokens_per_s.p50;
        p50.map_or(NONE.to_owned(), |e| number::speed(e.value))
    }));
    columns.push(column("failed", 2, &|row| number::count(row.failed)));
    columns.push(column(ODD, 6, &|row| {
        format!("{}/{}", row.refused, row.cut)
    }));
    columns
}

fn secondary(scale: Scale, row: &Row, scorer: &str) -> String {
    let fewer = row.scores.get(scorer).filter(|cell| cell.unscored > 0);
    let shown = value(scale, row, scorer);
    match fewer {
        Some(cell) => format!("{shown} (n = {})", number::count(cell.n)),
        None => shown,
    }
}

fn value(scale: Scale, row: &Row, scorer: &str) -> String {
    let cell = row.scores.get(scorer);
    let shown = cell.and_then(|c| Some(scale.value(c.value?, c.low, c.high)));
    shown.unwrap_or_else(|| NONE.to_owned())
}

fn median(latency: &Latency) -> String {
    latency
        .p50
        .map_or(NONE.to_owned(), |e| number::duration(e.value))
}

/// Keeps the columns that fit, the most needed first, and shortens names if even those do not; says what is gone.
fn fit(columns: &mut Vec<Column>, width: usize) -> Vec<String> {
    let wide = |c: &Column| {
        let texts = c.cells.iter().chain([&c.head]);
        texts.map(|t| t.width()).max().unwrap_or(0)
    };
    shorten(&mut columns[0], (width / 2).max(16));
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|at| columns[*at].spare);
    let mut used = 0;
    let mut keep = vec![false; columns.len()];
    for at in order {
        let more = wide(&columns[at]) + if used == 0 { 0 } else { GAP };
        keep[at] = columns[at].spare == 0 || used + more <= width;
        used += if keep[at] { more } else { 0 };
    }
    let mut kept = keep.iter();
    let gone = columns.extract_if(.., |_| !kept.next().expect("a mark a column"));
    let dropped = gone.map(|column| column.head).collect();
    if used > width {
        let left = wide(&columns[0]).saturating_sub(used - width).max(8);
        shorten(&mut columns[0], left);
        for column in &mut columns[1..] {
            shorten(column, 12);
        }
    }
    dropped
}

fn shorten(column: &mut Column, width: usize) {
    for text in column.cells.iter_mut().chain([&mut column.head]) {
        *text = clip(text, width);
    }
}

/// At most this wide, with `…` where something is gone.
pub(crate) fn clip(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= width
    });
    fits.chain(['…']).collect()
}

fn draw(columns: &[Column], strong: impl Fn(&str) -> String) -> String {
    let mut builder = Builder::new();
    builder.push_record(columns.iter().map(|c| c.head.as_str()));
    for row in 0..columns[0].cells.len() {
        builder.push_record(columns.iter().map(|c| c.cells[row].as_str()));
    }
    let mut table = builder.build();
    let line = HorizontalLine::new('─');
    table
        .with(Theme::empty().horizontals([(1, line)]))
        .modify(Columns::new(..), Padding::new(0, GAP, 0, 0))
        .modify(Columns::last(), Padding::zero())
        .modify(Columns::new(1..), Alignment::right());
    table.modify(Rows::first(), Alignment::left());
    for (at, column) in columns.iter().enumerate() {
        let side = if column.left {
            Alignment::left()
        } else {
            Alignment::right()
        };
        table.modify(Columns::one(at), side);
    }
    let text = table.to_string();
    let mut out = String::with_capacity(text.len() + 32);
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_end();
        out += &if at == 0 {
            strong(line)
        } else {
            line.to_owned()
        };
        out.push('\n');
    }
    out
}

/// The text in lines at most this wide, each ended; lines after the first hang under its text.
pub(crate) fn wrap(text: &str, width: usize, first: &str) -> String {
    let hang = " ".repeat(first.width());
    let (mut out, mut line, mut used) = (String::new(), first.to_owned(), first.width());
    let mut start = true;
    for word in text.split(' ') {
        let space = usize::from(!start);
        if !start && used + space + word.width() > width {
            out += line.trim_end();
            out.push('\n');
            (line, used, start) = (hang.clone(), hang.len(), true);
        }
        if !start {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > width {
                out += &line;
                out.push('\n');
                (line, used) = (hang.clone(), hang.len());
            }
            line.push(c);
            used += wide;
        }
        start = false;
    }
    out + line.trim_end() + "\n"
}
