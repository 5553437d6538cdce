//! Parts of a page: `{{> parts/table}}` in `reports/summary.html.hbs` stands for the text of
//! `reports/parts/table.html.hbs`. Put in before anything is parsed; a part takes in no other part.

use super::line_range;
use crate::source::{Problem, Source};
use std::sync::Arc;

/// A template by its path.
pub type Part<'a> = &'a (dyn Fn(&str) -> Result<Arc<Source>, Problem> + Sync);

/// A page's template with its parts put in, and where each line is from.
pub(super) struct Whole {
    /// The text.
    pub text: String,
    pieces: Vec<Piece>,
}

/// Lines in a row from one file.
struct Piece {
    /// Their first line in the whole, from 1.
    at: usize,
    /// That line in its file.
    line: usize,
    source: Arc<Source>,
}

impl Whole {
    /// A template without parts.
    pub fn plain(name: &str, text: &str) -> Whole {
        let source = Arc::new(Source::new(name, text));
        let (at, line) = (1, 1);
        Whole {
            text: text.to_owned(),
            pieces: vec![Piece { at, line, source }],
        }
    }

    /// The template at this path with its parts.
    pub fn of(path: &str, part: Part<'_>) -> Result<Whole, Problem> {
        let page = read(path, part)?;
        let mut whole = Whole {
            text: String::new(),
            pieces: Vec::new(),
        };
        let mut rest = page.text.as_str();
        while let Some(found) = rest.find("{{>") {
            let done = page.text.len() - rest.len();
            whole.put(&page, done, &rest[..found]);
            let tag = &rest[found + 3..];
            let (name, after) = tag.split_once("}}").unwrap_or((tag, ""));
            let wrong = |title: String| {
                let line = line_of(&page.text, done + found);
                Problem::error(title).at(&page, line_range(&page.text, line), "")
            };
            let known = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
            let name = name.trim();
            if name.is_empty() || !name.chars().all(known) {
                return Err(wrong(format!("{{{{>{name}}}}} names no part"))
                    .help("such as {{> parts/table}}: a path without its ending"));
            }
            let inner = read(&beside(path, name), part).map_err(|problem| {
                let why = &problem.title;
                wrong(format!("the part {name} cannot be taken in: {why}"))
            })?;
            if inner.text.contains("{{>") {
                let line = line_of(&inner.text, inner.text.find("{{>").unwrap_or(0));
                let problem = Problem::error("a part takes in no other part");
                return Err(problem.at(&inner, line_range(&inner.text, line), ""));
            }
            whole.put(&inner, 0, inner.text.trim_end_matches('\n'));
            rest = after;
        }
        whole.put(&page, page.text.len() - rest.len(), rest);
        Ok(whole)
    }

    fn put(&mut self, source: &Arc<Source>, from: usize, text: &str) {
        // What begins with a line's end says nothing of that line.
        let next = usize::from(text.starts_with('\n'));
        self.pieces.push(Piece {
            at: line_of(&self.text, self.text.len()) + next,
            line: line_of(&source.text, from) + next,
            source: Arc::clone(source),
        });
        self.text.push_str(text);
    }

    /// A problem at a line of the whole, told at the line of its file.
    pub fn problem(&self, title: String, line: Option<usize>) -> Problem {
        let line = line.unwrap_or(1);
        let piece = self.pieces.iter().rfind(|piece| piece.at <= line);
        match piece.or(self.pieces.first()) {
            Some(piece) => {
                let range = line_range(&piece.source.text, piece.line + line - piece.at);
                Problem::error(title).at(&piece.source, range, "")
            }
            None => Problem::error(title),
        }
    }
}

/// The file, with one kind of line end.
fn read(path: &str, part: Part<'_>) -> Result<Arc<Source>, Problem> {
    let source = part(path)?;
    Ok(match source.text.contains('\r') {
        true => Arc::new(Source::new(
            source.name.clone(),
            source.text.replace("\r\n", "\n"),
        )),
        false => source,
    })
}

/// `reports/parts/table.html.hbs` for `parts/table` in `reports/summary.html.hbs`.
fn beside(path: &str, name: &str) -> String {
    let (folder, file) = path.rsplit_once('/').unwrap_or((".", path));
    let ending = file.split_once('.').map_or("", |(_, ending)| ending);
    format!("{folder}/{name}.{ending}")
}

/// The line of this byte, from 1.
fn line_of(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(path: &str) -> Result<Arc<Source>, Problem> {
        let text = match path {
            "reports/a.html.hbs" => "1\n{{> parts/b}}\n{{x}}{{>parts/b}}\n",
            "reports/parts/b.html.hbs" => "b\r\n{{#if}}\n",
            "reports/loop.html.hbs" => "\n{{> loop}}",
            "reports/lost.html.hbs" => "{{> lost/part}}",
            "reports/odd.html.hbs" => "{{> ../x}}",
            _ => return Err(Problem::error("there is no such file")),
        };
        Ok(Arc::new(Source::new(path, text)))
    }

    #[test]
    fn parts_are_put_in_and_lines_stay_theirs() {
        let whole = Whole::of("reports/a.html.hbs", &files).unwrap();
        assert_eq!(whole.text, "1\nb\n{{#if}}\n{{x}}b\n{{#if}}\n");
        for (line, told) in [
            (1, "a.html.hbs:1"),
            (3, "b.html.hbs:2"),
            (5, "b.html.hbs:2"),
        ] {
            let problem = whole.problem("x".to_owned(), Some(line));
            assert!(
                problem.draw(false).contains(told),
                "{}",
                problem.draw(false)
            );
        }
    }

    #[test]
    fn a_part_that_is_not_there_or_not_allowed_is_told_where_it_is_named() {
        for (path, told) in [
            ("reports/loop.html.hbs", "no other part"),
            ("reports/lost.html.hbs", "lost/part cannot be taken in"),
            ("reports/odd.html.hbs", "names no part"),
        ] {
            let Err(problem) = Whole::of(path, &files) else {
                panic!("{path} is no page");
            };
            let drawn = problem.draw(false);
            assert!(drawn.contains(told) && drawn.contains(path), "{drawn}");
        }
    }
}
