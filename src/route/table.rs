//! A matrix made elsewhere: a CSV or TSV table, gzip or not, with a row a case and candidate.
//!
//! `case`, `candidate` and `score` must be there (`case_id` and `model` will do); `repeat`, `turn` or `epoch`, `group`, `tags`,
//! `cost_usd`, `latency_ms`, `first_token_ms` and `prompt` are known. Any other column whose value is the same in all rows of
//! a case sorts the cases; one that differs and holds numbers is a signal of the answer.

use super::{Cell, Recorded, Request};
use crate::policy::prompt_tokens;
use crate::source::{Problem, did_you_mean, plain_line};
use flate2::read::MultiGzDecoder;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

/// Most bytes of a table, unpacked.
const LARGEST: u64 = 4 << 30;
/// Most problems that are told one by one.
const SHOWN: usize = 50;

/// Names that a column may go by.
const ALIKE: [(&str, &str); 4] = [
    ("case_id", "case"),
    ("model", "candidate"),
    ("turn", "repeat"),
    ("epoch", "repeat"),
];
const NEEDED: [&str; 3] = ["case", "candidate", "score"];
const KNOWN: [&str; 6] = [
    "repeat",
    "group",
    "tags",
    "cost_usd",
    "latency_ms",
    "first_token_ms",
];

/// Reads a table; `name` is what messages call it.
pub fn read(name: &str, mut input: impl Read) -> Result<Recorded, Vec<Problem>> {
    let mut magic = Vec::new();
    let head = input.by_ref().take(2).read_to_end(&mut magic);
    head.map_err(|e| vec![Problem::error(format!("cannot read {name}: {e}"))])?;
    let packed = magic == [0x1f, 0x8b];
    let whole = std::io::Cursor::new(magic).chain(input);
    match packed {
        true => rows(name, MultiGzDecoder::new(whole).take(LARGEST)),
        false => rows(name, whole.take(LARGEST)),
    }
}

/// Sums of what several rows of one case and candidate say.
#[derive(Default, Clone)]
struct Sums {
    score: (f64, u32),
    missing: u32,
    cost: (f64, u32),
    latency: (f64, u32),
    first: (f64, u32),
    seen: Vec<String>,
    others: Vec<(f64, u32)>,
}

struct Names {
    order: Vec<String>,
    places: HashMap<String, usize>,
}

impl Names {
    fn new() -> Names {
        Names {
            order: Vec::new(),
            places: HashMap::new(),
        }
    }

    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.order.len();
        self.order.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        place
    }
}

/// A column that is not known by its name: what it has said of each case so far.
struct Other {
    name: String,
    by_case: Vec<Option<String>>,
    /// A case has it say different things.
    varies: bool,
    /// All that it says are numbers.
    numbers: bool,
}

fn rows(name: &str, input: impl Read) -> Result<Recorded, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let fail = |e: csv::Error| vec![Problem::error(format!("cannot read {name}: {e}"))];
    let base = name
        .strip_suffix(".gz")
        .unwrap_or(name)
        .to_ascii_lowercase();
    let tabs = base.ends_with(".tsv") || base.ends_with(".tab");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if tabs { b'\t' } else { b',' })
        .flexible(true)
        .from_reader(input);
    let header: Vec<String> = reader.headers().map_err(fail)?.iter().map(column).collect();
    let place = |column: &str| header.iter().position(|head| head == column);
    let lacking: Vec<&str> = NEEDED.into_iter().filter(|c| place(c).is_none()).collect();
    if let Some(first) = lacking.first() {
        let problem = Problem::error(format!("{name} has no column {}", lacking.join(", ")));
        let problem = match did_you_mean(first, header.iter().map(String::as_str)) {
            Some(near) => problem.help(format!("rename {near:?} to {first:?}?")),
            None => problem,
        };
        return Err(one(problem.help(format!("columns: {}", header.join(", ")))));
    }
    let [case_at, candidate_at, score_at] = NEEDED.map(|c| place(c).unwrap_or(0));
    let [repeat_at, group_at, tags_at, cost_at, latency_at, first_at] = KNOWN.map(place);
    let prompt_at = place("prompt");
    let known = |head: &str| NEEDED.contains(&head) || KNOWN.contains(&head) || head == "prompt";
    let others_at: Vec<usize> = (0..header.len())
        .filter(|at| !known(&header[*at]))
        .collect();
    let mut others: Vec<Other> = others_at
        .iter()
        .map(|at| Other {
            name: header[*at].clone(),
            by_case: Vec::new(),
            varies: false,
            numbers: true,
        })
        .collect();
    let (mut cases, mut candidates) = (Names::new(), Names::new());
    let mut requests: Vec<Request> = Vec::new();
    let mut cells: HashMap<(usize, usize), Sums> = HashMap::new();
    let mut problems = Vec::new();
    let mut bad = 0_usize;
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(fail(error)),
        }
        let line = record.position().map_or(0, csv::Position::line);
        let mut wrong = |what: String| {
            bad += 1;
            if problems.len() < SHOWN {
                problems.push(Problem::error(format!("{name}, line {line}: {what}")));
            }
        };
        if record.len() != header.len() {
            wrong(format!(
                "{} cells, the header has {}",
                record.len(),
                header.len()
            ));
            continue;
        }
        let text = |at: Option<usize>| at.and_then(|at| record.get(at)).map(str::trim);
        let (id, candidate) = (&record[case_at], &record[candidate_at]);
        if id.is_empty() || candidate.is_empty() {
            wrong("a row names its case and its candidate".to_owned());
            continue;
        }
        let number = |at: Option<usize>, holds: fn(f64) -> bool| -> Result<Option<f64>, String> {
            let Some(cell) = text(at).filter(|cell| !cell.is_empty()) else {
                return Ok(None);
            };
            let value = cell
                .parse::<f64>()
                .ok()
                .filter(|v| v.is_finite() && holds(*v));
            let shown: String = cell.chars().take(40).collect();
            let head = at.map_or("", |at| &header[at]);
            value
                .map(Some)
                .ok_or_else(|| format!("{head}: {:?} will not do", plain_line(&shown)))
        };
        let numbers = (
            number(Some(score_at), |_| true),
            number(cost_at, |v| v >= 0.0),
            number(latency_at, |v| v > 0.0),
            number(first_at, |v| v > 0.0),
        );
        let (score, cost, latency, first) = match numbers {
            (Ok(score), Ok(cost), Ok(latency), Ok(first)) => (score, cost, latency, first),
            (a, b, c, d) => {
                let all = [a, b, c, d].into_iter().filter_map(Result::err);
                wrong(all.collect::<Vec<_>>().join("; "));
                continue;
            }
        };
        let case = cases.place(id);
        if case == requests.len() {
            let prompt = prompt_at
                .map(|at| record[at].to_owned())
                .filter(|p| !p.is_empty());
            let words = text(tags_at)
                .unwrap_or_default()
                .split([' ', ',', ';', '|']);
            requests.push(Request {
                id: id.to_owned(),
                group: text(group_at).filter(|g| !g.is_empty()).map(str::to_owned),
                tags: words.filter(|w| !w.is_empty()).map(str::to_owned).collect(),
                columns: BTreeMap::new(),
                characters: prompt.as_deref().map(|text| text.chars().count() as u64),
                tokens: prompt.as_deref().map(|text| prompt_tokens(text.len())),
                text: prompt,
            });
        }
        let cell = cells
            .entry((candidates.place(candidate), case))
            .or_default();
        let repeat = text(repeat_at).unwrap_or_default().to_owned();
        if cell.seen.contains(&repeat) {
            wrong(format!(
                "case {id:?} has two rows for {candidate:?}: number them in a column `repeat`"
            ));
            continue;
        }
        cell.seen.push(repeat);
        let add = |sum: &mut (f64, u32), value: Option<f64>| {
            if let Some(value) = value {
                *sum = (sum.0 + value, sum.1 + 1);
            }
        };
        cell.missing += u32::from(score.is_none());
        add(&mut cell.score, score);
        add(&mut cell.cost, cost);
        add(&mut cell.latency, latency.map(f64::ln));
        add(&mut cell.first, first.map(f64::ln));
        cell.others.resize(others.len(), (0.0, 0));
        for (place, (other, at)) in others.iter_mut().zip(&others_at).enumerate() {
            let said = record[*at].trim();
            let value = said.parse::<f64>().ok().filter(|v| v.is_finite());
            other.numbers &= said.is_empty() || value.is_some();
            add(&mut cell.others[place], value);
            other.by_case.resize(requests.len(), None);
            match &other.by_case[case] {
                Some(before) => other.varies |= before != said,
                None => other.by_case[case] = Some(said.to_owned()),
            }
        }
    }
    if bad > problems.len() {
        problems.push(Problem::error(format!(
            "{} more problems",
            bad - problems.len()
        )));
    }
    if problems.is_empty() && requests.is_empty() {
        problems.push(Problem::error(format!("{name} has no rows")));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    for other in others.iter().filter(|other| !other.varies) {
        for (request, value) in requests.iter_mut().zip(&other.by_case) {
            if let Some(value) = value.as_ref().filter(|v| !v.is_empty() && v.len() <= 200) {
                request.columns.insert(other.name.clone(), value.clone());
            }
        }
    }
    let cell = |candidate: usize, case: usize| {
        let Some(sums) = cells.get(&(candidate, case)) else {
            return Cell::default();
        };
        let mean = |(sum, n): (f64, u32)| (n > 0).then(|| sum / f64::from(n));
        let signals = others
            .iter()
            .zip(&sums.others)
            .filter(|(other, _)| other.varies && other.numbers);
        Cell {
            score: mean(sums.score),
            cost: mean(sums.cost),
            latency: mean(sums.latency).map(f64::exp),
            first_token: mean(sums.first).map(f64::exp),
            signals: signals
                .filter_map(|(other, sum)| Some((other.name.clone(), mean(*sum)?)))
                .collect(),
        }
    };
    let all = 0..candidates.order.len();
    let cells = all.map(|c| (0..requests.len()).map(|case| cell(c, case)).collect());
    Ok(Recorded {
        aliases: Vec::new(),
        cells: cells.collect(),
        candidates: candidates.order,
        requests,
    })
}

/// A column's name, as it is known here.
fn column(head: &str) -> String {
    let head = head.trim().trim_start_matches('\u{feff}');
    let alike = ALIKE.iter().find(|(other, _)| *other == head);
    alike.map_or(head, |(_, known)| known).to_owned()
}
