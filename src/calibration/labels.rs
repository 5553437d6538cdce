//! People's labels from a file: CSV with a header, or a JSON object a line.

use crate::source::{Problem, Source, clip, did_you_mean};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What a person said of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The case.
    pub case: String,
    /// The candidate; may be left out where a run has one.
    pub candidate: Option<String>,
    /// From 0.
    pub repeat: u32,
    /// The grade as it was written.
    pub label: String,
    /// Who said it; empty where the file does not tell.
    pub rater: String,
    /// The line it stands on.
    pub line: usize,
}

/// The columns of a file of labels.
const COLUMNS: [&str; 5] = ["case", "candidate", "repeat", "label", "rater"];

/// Every label of a file, or all that is wrong with it.
pub fn read(source: &Arc<Source>) -> Result<Vec<Label>, Vec<Problem>> {
    let first = source.text.trim_start_matches('\u{feff}').trim_start();
    let rows = match first.starts_with('{') {
        true => json_lines(source),
        false => csv_rows(source),
    }?;
    let (mut labels, mut problems) = (Vec::new(), Vec::new());
    for (line, row) in rows {
        match label(&row, line) {
            Ok(label) => labels.push(label),
            Err(why) => problems.push(wrong(source, line, why)),
        }
    }
    if problems.is_empty() && labels.is_empty() {
        problems.push(Problem::error(format!("{} has no labels", source.name)));
    }
    match problems.is_empty() {
        true => Ok(labels),
        false => Err(problems),
    }
}

type Rows = Vec<(usize, Map<String, Value>)>;

fn json_lines(source: &Arc<Source>) -> Result<Rows, Vec<Problem>> {
    let lines = source.text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for (index, line) in lines {
        let line = line.trim_start_matches('\u{feff}');
        match serde_json::from_str::<Map<String, Value>>(line) {
            Ok(row) => rows.push((index + 1, row)),
            Err(error) => {
                problems.push(wrong(source, index + 1, format!("no JSON object: {error}")))
            }
        }
    }
    match problems.is_empty() {
        true => Ok(rows),
        false => Err(problems),
    }
}

fn csv_rows(source: &Arc<Source>) -> Result<Rows, Vec<Problem>> {
    let text = source.text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader.headers().cloned();
    let headers = headers.map_err(|error| vec![wrong(source, 1, error.to_string())])?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, |at| at.line() as usize);
            vec![wrong(source, line, error.to_string())]
        })?;
        let line = record.position().map_or(1, |at| at.line() as usize);
        let cells = headers.iter().zip(record.iter());
        let cells = cells.filter(|(_, cell)| !cell.is_empty());
        let cells = cells.map(|(name, cell)| (name.to_owned(), Value::from(cell)));
        rows.push((line, cells.collect()));
    }
    Ok(rows)
}

fn label(row: &Map<String, Value>, line: usize) -> Result<Label, String> {
    if let Some(odd) = row.keys().find(|name| !COLUMNS.contains(&name.as_str())) {
        let near = did_you_mean(odd, COLUMNS).map(|near| format!(", did you mean `{near}`?"));
        return Err(format!(
            "unknown column `{}`{}",
            clip(odd),
            near.unwrap_or_else(|| format!("; columns: {}", COLUMNS.join(", ")))
        ));
    }
    let text = |name: &str| match row.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.trim().to_owned()),
        Some(other) => Some(other.to_string()),
    };
    let repeat = text("repeat").map_or(Ok(0), |it| {
        let error = format!("`repeat` is {it:?}, no whole number");
        it.parse().map_err(|_| error)
    });
    Ok(Label {
        case: text("case").ok_or("no `case`")?,
        candidate: text("candidate"),
        repeat: repeat?,
        label: text("label").ok_or("no `label`")?,
        rater: text("rater").unwrap_or_default(),
        line,
    })
}

fn wrong(source: &Arc<Source>, line: usize, why: String) -> Problem {
    let start: usize = source
        .text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let rest = source.text.get(start..).unwrap_or_default();
    let end = start + rest.lines().next().map_or(0, str::len);
    Problem::error(why).at(source, start..end, "")
}

/// What a label is worth on a scale: a grade of it, or yes and no where it has true and false. A scale of
/// nothing takes numbers from 0 to 1.
pub fn worth(label: &str, grades: &[(String, f64)]) -> Option<f64> {
    let label = label.trim();
    let lower = label.to_lowercase();
    let boolean = grades.iter().any(|(grade, _)| grade == "true");
    let wanted = match lower.as_str() {
        "yes" | "y" | "pass" | "1" | "1.0" if boolean => "true",
        "no" | "n" | "fail" | "0" | "0.0" if boolean => "false",
        other => other,
    };
    if grades.is_empty() {
        return label.parse().ok().filter(|it| (0.0..=1.0).contains(it));
    }
    let same = |grade: &str| {
        let numbers = grade.parse::<f64>().ok().zip(wanted.parse::<f64>().ok());
        grade.to_lowercase() == wanted || numbers.is_some_and(|(a, b)| a == b)
    };
    let found = grades.iter().find(|(grade, _)| same(grade));
    found.map(|(_, worth)| *worth)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<Label>, Vec<Problem>> {
        read(&Arc::new(Source::new("labels", text)))
    }

    #[test]
    fn both_forms_say_the_same() {
        let csv = read_text("case,candidate,label,rater\na,\"x, y\",yes,\nb,z,4,Eve\n").unwrap();
        let json = "{\"case\": \"a\", \"candidate\": \"x, y\", \"label\": \"yes\"}\n\
                    {\"case\": \"b\", \"candidate\": \"z\", \"label\": 4, \"rater\": \"Eve\"}\n";
        let mut json = read_text(json).unwrap();
        json.iter_mut().for_each(|label| label.line += 1);
        assert_eq!(csv, json);
        assert_eq!(csv[0].candidate.as_deref(), Some("x, y"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, title) in [
            (
                "case,lable\na,1\n",
                "unknown column `lable`, did you mean `label`?",
            ),
            ("case,label\na,\n", "no `label`"),
            (
                "case,label,repeat\na,1,x\n",
                "`repeat` is \"x\", no whole number",
            ),
            ("case,label\n", "labels has no labels"),
            ("{\"case\": \"a\"}\n{\n", "no JSON object: "),
        ] {
            let problems = read_text(text).unwrap_err();
            assert!(
                problems[0].title.starts_with(title),
                "{:?}",
                problems[0].title
            );
        }
    }

    #[test]
    fn labels_are_worth_what_their_grade_is() {
        let boolean = [("true".to_owned(), 1.0), ("false".to_owned(), 0.0)];
        for (label, expected) in [("Yes", 1.0), ("0", 0.0), ("false", 0.0), ("pass", 1.0)] {
            assert_eq!(worth(label, &boolean), Some(expected), "{label}");
        }
        assert_eq!(worth("2", &boolean), None);
        let grades = [("1".to_owned(), 0.0), ("5".to_owned(), 1.0)];
        assert_eq!(
            (worth("5.0", &grades), worth("yes", &grades)),
            (Some(1.0), None)
        );
        assert_eq!((worth("0.5", &[]), worth("7", &[])), (Some(0.5), None));
    }
}
