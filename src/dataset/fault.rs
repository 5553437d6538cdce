//! What is wrong in the lines of a data file, gathered while it streams by.

use crate::project::Catalog;
use crate::source::{Problem, Source};
use std::collections::BTreeMap;
use std::io::{BufRead, Read};
use std::sync::Arc;

/// Most problems of one file that are shown.
const SHOWN: usize = 50;
/// Most bytes of a line that are kept to be shown.
const KEPT: u64 = 4_000;

/// Something wrong in one line.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) line: usize,
    /// Byte of the line, from 0; nothing means the line as a whole.
    pub(super) byte: Option<usize>,
    pub(super) title: String,
    pub(super) label: String,
    pub(super) help: Option<String>,
}

/// All that is wrong, up to a limit, and the count of the rest.
#[derive(Debug, Default)]
pub(super) struct Faults {
    list: Vec<Fault>,
    more: usize,
}

impl Faults {
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn push(&mut self, line: usize, title: impl Into<String>, label: impl Into<String>) {
        self.add(Fault {
            line,
            byte: None,
            title: title.into(),
            label: label.into(),
            help: None,
        });
    }

    pub(super) fn add(&mut self, fault: Fault) {
        if self.list.len() < SHOWN {
            self.list.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// The problems with their lines, which are read once more to be shown.
    pub(super) fn into_problems(mut self, path: &str, catalog: &Catalog) -> Vec<Problem> {
        self.list.sort_by_key(|fault| fault.line);
        let lines = self.lines(path, catalog);
        let problem = |fault: Fault| {
            let problem = Problem::error(fault.title);
            let problem = match lines.get(&fault.line) {
                None => problem.help(format!("in {path}")),
                Some(line) => {
                    let length = line.text.len();
                    let span = match fault.byte {
                        Some(byte) => byte.min(length)..(byte + 1).min(length),
                        None => 0..length,
                    };
                    problem.at(line, span, fault.label)
                }
            };
            match fault.help {
                Some(help) => problem.help(help),
                None => problem,
            }
        };
        let mut problems: Vec<Problem> = self.list.into_iter().map(problem).collect();
        if self.more > 0 {
            let title = format!("{} more lines of {path} have problems", self.more);
            problems.push(Problem::error(title));
        }
        problems
    }

    /// The wanted lines, each with its number and no more of it than is shown.
    fn lines(&self, path: &str, catalog: &Catalog) -> BTreeMap<usize, Arc<Source>> {
        let mut found = BTreeMap::new();
        let mut wanted = self
            .list
            .iter()
            .map(|fault| fault.line)
            .filter(|line| *line > 0);
        let Ok((mut reader, _)) = catalog.open(path, u64::MAX) else {
            return found;
        };
        let mut next = wanted.next();
        for number in 1.. {
            let Some(line) = next else { break };
            let mut text = Vec::new();
            let read = reader.by_ref().take(KEPT).read_until(b'\n', &mut text);
            if !matches!(read, Ok(1..)) {
                break;
            }
            if text.last() != Some(&b'\n') && reader.skip_until(b'\n').is_err() {
                break;
            }
            if number == line {
                let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
                let shown = String::from_utf8_lossy(text);
                let source = Source::excerpt(path, number, shown.trim_end());
                found.insert(number, Arc::new(source));
                next = wanted.find(|line| *line > number);
            }
        }
        found
    }
}

/// Problems with rows (line 0: the format has no lines), each at its line of the file.
pub(super) fn at_lines(
    wrong: Vec<(usize, Problem)>,
    path: &str,
    catalog: &Catalog,
) -> Vec<Problem> {
    let mut faults = Faults::default();
    let mut help = Vec::new();
    let mut wrong = wrong;
    wrong.sort_by_key(|(line, _)| *line);
    for (line, problem) in wrong {
        faults.push(line, problem.title, "");
        help.push(problem.help);
    }
    let mut problems = faults.into_problems(path, catalog);
    for (problem, help) in problems.iter_mut().zip(help) {
        problem.help.extend(help);
    }
    problems
}
