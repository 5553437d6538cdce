//! What the columns of an unknown file are probably for: by their names first, then by what is in them.
//!
//! A guess is said to the user and written into the suite, where it can be changed; nothing else rests on it.

use super::Dataset;
use serde_json::Value;
use std::collections::HashSet;

/// Names of columns with an id; any other that ends with `id` may be one.
const IDS: &[&str] = &["id", "case", "key", "uuid", "no", "number", "nr", "index"];
/// Names of columns with the expected answer, the surest first.
const TARGETS: &[&str] = &[
    "target",
    "expected",
    "gold",
    "truth",
    "label",
    "answer",
    "correct",
    "ideal",
    "reference",
    "category",
    "class",
    "intent",
    "sentiment",
    "output",
    "solution",
    "completion",
    "summary",
    "translation",
    "response",
];
/// Names of columns whose rows belong together where they share a value.
const GROUPS: &[&str] = &[
    "group",
    "customer",
    "user",
    "account",
    "conversation",
    "session",
    "thread",
    "document",
    "doc",
    "author",
];
/// Names of columns that are put into a prompt.
const INPUTS: &[&str] = &[
    "input", "text", "question", "query", "prompt", "message", "ticket", "body", "content",
];
/// Most values of a column that becomes tags.
const MOST_TAGS: usize = 12;
/// Longest value of a column that becomes tags, in characters.
const LONGEST_TAG: usize = 24;
/// Most columns that become tags.
const MOST_TAG_COLUMNS: usize = 3;

/// What each column is probably for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guess {
    /// The column with the case's id.
    pub id: Option<String>,
    /// The column with the expected answer.
    pub target: Option<String>,
    /// The column that the prompt asks about.
    pub input: Option<String>,
    /// The column of the cluster that a case belongs to.
    pub group: Option<String>,
    /// Columns to slice by.
    pub tags: Vec<String>,
}

/// Guesses the roles of a dataset's columns; `target` is the expected answer's where the user said so.
pub fn guess(dataset: &Dataset, target: Option<&str>) -> Guess {
    let columns: Vec<Column> = dataset
        .columns
        .iter()
        .map(|name| Column::of(dataset, name))
        .collect();
    let mut guess = Guess::default();
    let best = |names: &[&str], fits: &dyn Fn(&Column) -> bool| {
        let ranked = columns.iter().filter(|column| fits(column));
        let ranked = ranked.filter_map(|column| Some((column.rank(names)?, column)));
        let best = ranked.min_by_key(|(rank, _)| *rank);
        best.map(|(_, column)| column.name.to_owned())
    };
    let named_id = |column: &Column| column.words.last().is_some_and(|word| word == "id");
    guess.id = best(&IDS[..1], &|column| column.tells_apart())
        .or_else(|| best(IDS, &|column| column.tells_apart()))
        .or_else(|| {
            let mut found = columns.iter().filter(|it| named_id(it) && it.tells_apart());
            found.next().map(|column| column.name.to_owned())
        });
    let id = guess.id.clone();
    let free = |column: &Column| Some(column.name) != id.as_deref();
    guess.target = match target {
        Some(name) => Some(name.to_owned()),
        None => best(TARGETS, &|column| free(column) && column.filled > 0),
    };
    let target = guess.target.clone();
    let free = |column: &Column| free(column) && Some(column.name) != target.as_deref();
    guess.group = best(GROUPS, &|column| free(column) && column.repeats());
    let group = guess.group.clone();
    let free = |column: &Column| free(column) && Some(column.name) != group.as_deref();
    guess.input = best(INPUTS, &|column| free(column) && !column.slices()).or_else(|| {
        let rest = columns.iter().filter(|column| free(column));
        let longest = rest.max_by_key(|column| (column.length, std::cmp::Reverse(column.at)));
        longest.map(|column| column.name.to_owned())
    });
    let input = guess.input.clone();
    let sliced = columns
        .iter()
        .filter(|column| free(column) && Some(column.name) != input.as_deref() && column.slices());
    let tags = sliced.take(MOST_TAG_COLUMNS);
    guess.tags = tags.map(|column| column.name.to_owned()).collect();
    guess
}

/// A column, looked through once.
struct Column<'a> {
    at: usize,
    name: &'a str,
    /// The words of its name: `ticketId` and `ticket_id` are the same two.
    words: Vec<String>,
    /// Cases with a value.
    filled: usize,
    cases: usize,
    /// Different values.
    distinct: usize,
    /// Characters of all values.
    length: usize,
    /// Characters of the longest value.
    longest: usize,
    plain: bool,
}

impl<'a> Column<'a> {
    fn of(dataset: &'a Dataset, name: &'a str) -> Column<'a> {
        let at = dataset.columns.iter().position(|it| it == name);
        let values = dataset.cases.iter().filter_map(|case| case.vars.get(name));
        let full = |value: &&Value| !matches!(value, Value::Null) && value.as_str() != Some("");
        let values: Vec<&Value> = values.filter(full).collect();
        let mut distinct = HashSet::new();
        let (mut length, mut longest, mut plain) = (0, 0, true);
        for value in &values {
            plain &= !matches!(value, Value::Array(_) | Value::Object(_));
            let shown = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let characters = shown.chars().count();
            length += characters;
            longest = longest.max(characters);
            distinct.insert(shown);
        }
        Column {
            at: at.unwrap_or_default(),
            name,
            words: words(name),
            filled: values.len(),
            cases: dataset.cases.len(),
            distinct: distinct.len(),
            length,
            longest,
            plain,
        }
    }

    /// How near its name is to one of these: the whole name first, then one of its words.
    fn rank(&self, names: &[&str]) -> Option<(usize, usize)> {
        let whole = self.words.concat();
        let exact = names.iter().position(|name| *name == whole);
        let part = |name: &str| self.words.iter().any(|word| word == name);
        let part = names.iter().position(|name| part(name));
        exact.map(|at| (0, at)).or_else(|| part.map(|at| (1, at)))
    }

    /// Every case has a value of its own.
    fn tells_apart(&self) -> bool {
        self.plain && self.filled == self.cases && self.distinct == self.cases && self.longest <= 64
    }

    /// Several cases share a value, and there are several values.
    fn repeats(&self) -> bool {
        self.plain && self.filled == self.cases && self.distinct > 1 && self.distinct < self.cases
    }

    /// Its values are few and short enough to slice by, and each stands there more than once on the average.
    fn slices(&self) -> bool {
        self.distinct <= MOST_TAGS
            && self.repeats()
            && self.distinct * 2 <= self.cases
            && self.longest <= LONGEST_TAG
    }
}

/// The words of a name, small: at underscores, blanks, hyphens and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        let starts = c.is_uppercase() && small;
        if !c.is_alphanumeric() || starts {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            let last = words.last_mut().expect("there is always one");
            last.extend(c.to_lowercase());
        }
        small = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests;
