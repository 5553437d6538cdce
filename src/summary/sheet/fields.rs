//! What a row of the table may say, and everything that can be wrong with it.

use crate::source::{Problem, Source, did_you_mean, plain_line};
use crate::summary::side::CaseKey;
use std::collections::HashMap;
use std::sync::Arc;

/// The columns that mean something.
pub(super) const COLUMNS: [&str; 8] = [
    "case",
    "candidate",
    "score",
    "repeat",
    "group",
    "tags",
    "cost_usd",
    "latency_ms",
];
/// Those that every table needs.
pub(super) const NEEDED: usize = 3;

/// Most problems that are kept.
const SHOWN: usize = 50;
/// Longest id that is kept, bytes.
const LONGEST: usize = 4_096;

/// One row: names by number, absent numbers as NaN.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub candidate: u32,
    pub case: u32,
    pub repeat: u32,
    pub line: u32,
    pub score: f64,
    pub cost: f64,
    pub latency: f64,
}

/// Names numbered in the order of first mention.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Arc<str>, u32>,
    order: Vec<Arc<str>>,
}

impl Names {
    /// The number of a name, and whether it is new.
    fn number(&mut self, name: &str) -> (u32, bool) {
        if let Some(number) = self.numbers.get(name) {
            return (*number, false);
        }
        let (number, name) = (self.order.len() as u32, Arc::<str>::from(name));
        self.numbers.insert(name.clone(), number);
        self.order.push(name);
        (number, true)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(|name| &**name)
    }
}

/// The problems of a file, up to a limit, and the count of the rest.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<Problem>,
    more: usize,
}

impl Problems {
    pub fn add(&mut self, problem: Problem) {
        match self.list.len() < SHOWN {
            true => self.list.push(problem),
            false => self.more += 1,
        }
    }

    pub fn into_all(mut self) -> Vec<Problem> {
        if self.more > 0 {
            let title = format!("{} more problems in this table", self.more);
            self.list.push(Problem::error(title));
        }
        self.list
    }
}

/// The cells of a line under the names of [`COLUMNS`]; `None` where there is nothing.
pub(super) struct Line<'a> {
    pub number: u64,
    pub cells: [Option<&'a str>; COLUMNS.len()],
    /// The line as it is shown, and where in it each cell stands.
    pub shown: &'a dyn Fn() -> (String, [std::ops::Range<usize>; COLUMNS.len()]),
}

/// All rows read so far.
pub(super) struct Rows<'a> {
    name: &'a str,
    pub rows: Vec<Row>,
    pub cases: Names,
    pub candidates: Names,
    pub keys: Vec<CaseKey>,
    pub problems: Problems,
}

impl<'a> Rows<'a> {
    pub fn new(name: &'a str) -> Self {
        Rows {
            name,
            rows: Vec::new(),
            cases: Names::default(),
            candidates: Names::default(),
            keys: Vec::new(),
            problems: Problems::default(),
        }
    }

    pub fn name(&self) -> &'a str {
        self.name
    }

    /// A problem at one cell of a line, or at the line.
    fn bad(&mut self, line: &Line<'_>, column: Option<usize>, title: String, help: &str) {
        let (text, spans) = (line.shown)();
        let whole = 0..text.len();
        let span = column.map_or(whole, |column| spans[column].clone());
        let source = Source::excerpt(self.name, line.number as usize, text);
        let problem = Problem::error(title).at(&Arc::new(source), span, "");
        self.problems.add(match help {
            "" => problem,
            help => problem.help(help),
        });
    }

    /// A problem of a whole line, whose text may be shown.
    pub fn bad_line(&mut self, number: u64, text: &str, title: &str, help: &str) {
        let shown: String = text.chars().take(200).collect();
        let length = shown.len();
        let source = Source::excerpt(self.name, number as usize, shown);
        let problem = Problem::error(title).at(&Arc::new(source), 0..length, "");
        self.problems.add(problem.help(help));
    }

    /// Takes a line.
    pub fn take(&mut self, line: &Line<'_>) {
        let [case, candidate, score, repeat, group, tags, cost, latency] = line.cells;
        let mut sound = true;
        for (column, cell) in [(0, case), (1, candidate)] {
            let name = COLUMNS[column];
            let title = match cell {
                None => format!("this row names no {name}"),
                Some(text) if text.len() > LONGEST => {
                    format!("this {name} is longer than {LONGEST} bytes")
                }
                Some(_) => continue,
            };
            self.bad(line, Some(column), title, "");
            sound = false;
        }
        let score = self.number(line, 2, score, |v| (0.0..=1.0).contains(&v), RANGE);
        let cost = self.number(line, 6, cost, |v| v >= 0.0, "a cost is 0 or more, in USD");
        let latency = self.number(line, 7, latency, |v| v > 0.0, "a latency is above 0, in ms");
        let repeat = match repeat.map(|text| text.trim().parse::<u32>()) {
            None => 0,
            Some(Ok(repeat)) => repeat,
            Some(Err(_)) => {
                let title = format!("{:?} is no repeat", said(repeat));
                self.bad(line, Some(3), title, "repeats are numbered 0, 1, 2 …");
                return;
            }
        };
        let (true, Some(case), Some(candidate), Some(score), Some(cost), Some(latency)) =
            (sound, case, candidate, score, cost, latency)
        else {
            return;
        };
        let (number, new) = self.cases.number(case);
        if new {
            self.keys.push(CaseKey {
                id: case.to_owned(),
                content: String::new(),
                group: group.map(str::to_owned),
                tags: tags.map(words).unwrap_or_default(),
            });
        } else {
            let known = self.keys[number as usize].group.as_deref();
            if group.is_some() && known != group {
                let title = format!(
                    "case {:?} is in group {:?} here and in {:?} before",
                    said(Some(case)),
                    said(group),
                    known.unwrap_or("none")
                );
                self.bad(line, Some(4), title, "a case belongs to one group");
                return;
            }
        }
        self.rows.push(Row {
            candidate: self.candidates.number(candidate).0,
            case: number,
            repeat,
            line: u32::try_from(line.number).unwrap_or(u32::MAX),
            score,
            cost,
            latency,
        });
    }

    /// A finite number that holds, NaN for an empty cell; `None` if it is a problem.
    fn number(
        &mut self,
        line: &Line<'_>,
        column: usize,
        cell: Option<&str>,
        holds: fn(f64) -> bool,
        help: &str,
    ) -> Option<f64> {
        let Some(text) = cell.map(str::trim).filter(|text| !text.is_empty()) else {
            return Some(f64::NAN);
        };
        let title = match text.parse::<f64>() {
            Ok(value) if value.is_finite() && holds(value) => return Some(value),
            Ok(value) if value.is_finite() => {
                format!("{} is out of range: {text}", COLUMNS[column])
            }
            _ => format!("{:?} is no number", said(Some(text))),
        };
        self.bad(line, Some(column), title, help);
        None
    }

    /// Sorts the rows and finds those that say the same thing twice.
    pub fn check_twice(&mut self) {
        let key = |row: &Row| (row.candidate, row.case, row.repeat);
        self.rows.sort_unstable_by_key(|row| (key(row), row.line));
        let twice = self
            .rows
            .windows(2)
            .filter(|two| key(&two[0]) == key(&two[1]));
        let mut twice: Vec<[Row; 2]> = twice.map(|two| [two[0], two[1]]).collect();
        twice.sort_unstable_by_key(|[_, second]| second.line);
        for [first, second] in twice {
            let case = &self.keys[second.case as usize].id;
            let candidate = &self.candidates.order[second.candidate as usize];
            let text = format!("{case} … {candidate}");
            let title = format!(
                "case {:?} has two rows for candidate {:?}{}",
                said(Some(case)),
                said(Some(candidate)),
                match second.repeat {
                    0 => String::new(),
                    repeat => format!(", repeat {repeat}"),
                }
            );
            let source = Source::excerpt(self.name, second.line as usize, text.clone());
            let problem = Problem::error(title).at(&Arc::new(source), 0..text.len(), "");
            let first = format!("the first is in line {}", first.line);
            self.problems.add(problem.help(first).help(
                "where a case was asked several times, number the rows in a column `repeat`",
            ));
        }
    }
}

const RANGE: &str = "scores lie between 0 and 1: divide by the highest possible one";

fn said(cell: Option<&str>) -> String {
    let text: String = cell.unwrap_or_default().chars().take(60).collect();
    plain_line(&text).into_owned()
}

/// The words of a cell `tags`: separated by blanks, commas, semicolons or bars.
fn words(cell: &str) -> Vec<String> {
    let words = cell.split([' ', ',', ';', '|']);
    let mut words: Vec<String> = words.filter(|w| !w.is_empty()).map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words
}

/// Where each of [`COLUMNS`] stands in a header.
pub(super) type Places = [Option<usize>; COLUMNS.len()];

/// Where each of [`COLUMNS`] stands in a header, and the columns that mean nothing here.
pub(super) fn places(name: &str, header: &[String]) -> Result<(Places, Vec<String>), Box<Problem>> {
    let place = |column: &str| header.iter().position(|head| head == column);
    let missing: Vec<&str> = COLUMNS[..NEEDED]
        .iter()
        .filter(|column| place(column).is_none())
        .copied()
        .collect();
    if !missing.is_empty() {
        let text = header.join(", ");
        let (end, _) = text.char_indices().nth(300).unwrap_or((text.len(), ' '));
        let text = text[..end].to_owned();
        let length = text.len();
        let source = Arc::new(Source::excerpt(name, 1, text));
        let title = format!("{name} has no column {}", missing.join(", "));
        if header.len() == 1 && header[0].contains(';') {
            let title = format!("the columns of {name} are separated by `;`");
            let problem = Problem::error(title).at(&source, 0..length, "");
            let help = "save it with commas, or with tabs as a .tsv file";
            return Err(Box::new(problem.help(help)));
        }
        let mut problem = Problem::error(title).at(&source, 0..length, "");
        for column in missing {
            if let Some(near) = did_you_mean(column, header.iter().map(String::as_str)) {
                problem = problem.help(format!("rename {near:?} to {column:?}?"));
            }
        }
        let known = format!("columns: {}", COLUMNS.join(", "));
        return Err(Box::new(problem.help(known)));
    }
    let unused = header
        .iter()
        .filter(|head| !COLUMNS.contains(&head.as_str()));
    Ok((COLUMNS.map(place), unused.cloned().collect()))
}
