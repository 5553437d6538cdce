//! Which cases of a dataset a run asks: by name, a sample, a limit, a shard, in this order.

use super::{Case, Dataset, hash, no_column, tags};
use crate::project::Sample;
use crate::source::{Problem, did_you_mean};
use globset::{Glob, GlobMatcher};
use serde_json::Value;
use std::collections::BTreeMap;

/// A choice of cases; the default is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Ids, globs over ids, or `tag:NAME` (a glob too; `de` finds `lang=de`); a case is in if one of
    /// them says so.
    pub only: Vec<String>,
    /// A random sample.
    pub sample: Option<Sample>,
    /// At most this many, the first ones.
    pub limit: Option<usize>,
    /// One part of several.
    pub shard: Option<Shard>,
    /// The seed of the sample.
    pub seed: u64,
}

/// Part `part` (from 1) of `of`: every `of`-th case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    pub part: usize,
    /// How many parts there are.
    pub of: usize,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let parts = parts.and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((part, of)) if 1 <= part && part <= of => Ok(Shard { part, of }),
            _ => Err(format!("`{text}` is no shard: write 1/3, 2/3 or 3/3")),
        }
    }
}

impl Dataset {
    /// The dataset with only the selected cases, in the same order.
    pub fn select(mut self, selection: &Selection) -> Result<Dataset, Problem> {
        if !selection.only.is_empty() {
            self.cases = only(std::mem::take(&mut self.cases), &selection.only)?;
        }
        if let Some(sample) = &selection.sample {
            if let Some(column) = sample
                .by
                .as_ref()
                .filter(|name| !self.columns.contains(name))
            {
                return Err(no_column(column, &self.columns));
            }
            self.cases = sampled(std::mem::take(&mut self.cases), sample, selection.seed);
        }
        if let Some(limit) = selection.limit {
            self.cases.truncate(limit);
        }
        if let Some(Shard { part, of }) = selection.shard {
            self.whole = Some(hash::cases(&self.cases));
            let mut position = 0..;
            self.cases
                .retain(|_| position.next().is_some_and(|at: usize| at % of == part - 1));
        }
        if self.cases.is_empty() {
            let title = format!("no case of {} is selected", self.name);
            return Err(Problem::error(title));
        }
        self.hash = hash::cases(&self.cases);
        Ok(self)
    }
}

impl Dataset {
    /// All the cases again, of all the shards in their order; `None` if these cannot be the parts of one dataset.
    pub fn of_shards(name: &str, file: &str, parts: Vec<Vec<Case>>) -> Option<Dataset> {
        let all: usize = parts.iter().map(Vec::len).sum();
        let of = parts.len();
        let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
        let cases: Option<Vec<Case>> = (0..all).map(|at| parts[at % of].next()).collect();
        let cases = cases?;
        Some(Dataset {
            name: name.to_owned(),
            file: file.to_owned(),
            columns: Vec::new(),
            hash: hash::cases(&cases),
            cases,
            whole: None,
        })
    }
}

/// What one word of `--only` asks for.
enum Wanted {
    Id(String, GlobMatcher),
    Tag(GlobMatcher),
}

impl Wanted {
    fn parse(word: &str) -> Result<Wanted, Problem> {
        let tag = word.strip_prefix("tag:");
        let glob = Glob::new(tag.unwrap_or(word));
        // an id that is no glob, with a stray bracket, is still an id
        let glob = glob.or_else(|error| match tag {
            None => Glob::new(&globset::escape(word)),
            Some(_) => Err(error),
        });
        let glob = glob.map_err(|error| Problem::error(format!("`{word}`: {error}")))?;
        let glob = glob.compile_matcher();
        Ok(match tag {
            Some(_) => Wanted::Tag(glob),
            None => Wanted::Id(word.to_owned(), glob),
        })
    }

    fn takes(&self, case: &Case) -> bool {
        match self {
            Wanted::Id(id, glob) => case.id == *id || glob.is_match(&case.id),
            Wanted::Tag(glob) => case
                .tags
                .iter()
                .any(|tag| glob.is_match(tag) || glob.is_match(tags::value(tag))),
        }
    }
}

fn only(cases: Vec<Case>, words: &[String]) -> Result<Vec<Case>, Problem> {
    let wanted: Vec<Wanted> = words
        .iter()
        .map(|word| Wanted::parse(word))
        .collect::<Result<_, _>>()?;
    for (word, wanted) in words.iter().zip(&wanted) {
        if !cases.iter().any(|case| wanted.takes(case)) {
            return Err(nothing(word, &cases));
        }
    }
    let taken = |case: &Case| wanted.iter().any(|wanted| wanted.takes(case));
    Ok(cases.into_iter().filter(taken).collect())
}

fn nothing(word: &str, cases: &[Case]) -> Problem {
    let problem = Problem::error(format!("no case is `{word}`"));
    let (prefix, word, names): (_, &str, Vec<&str>) = match word.strip_prefix("tag:") {
        Some(tag) => {
            let tags = cases.iter().flat_map(|case| &case.tags).map(String::as_str);
            let tags: std::collections::BTreeSet<&str> = tags.collect();
            ("tag:", tag, tags.into_iter().collect())
        }
        None => (
            "",
            word,
            cases.iter().map(|case| case.id.as_str()).collect(),
        ),
    };
    match did_you_mean(word, names.iter().copied()) {
        Some(meant) => problem.help(format!("did you mean `{prefix}{meant}`?")),
        None if names.is_empty() => problem.help("the cases have no tags"),
        None => {
            let some: Vec<&str> = names.iter().take(5).copied().collect();
            problem.help(format!("there are: {}, …", some.join(", ")))
        }
    }
}

/// A sample of `n`: from each value of the column its proportionate share (largest remainder), the
/// same cases for the same seed, whatever the order or the rest of the file.
fn sampled(cases: Vec<Case>, sample: &Sample, seed: u64) -> Vec<Case> {
    let total = cases.len();
    if sample.n >= total {
        return cases;
    }
    let mut strata: BTreeMap<String, Vec<([u8; 32], usize)>> = BTreeMap::new();
    for (index, case) in cases.iter().enumerate() {
        let value = sample.by.as_ref().and_then(|column| case.vars.get(column));
        let value = value.map(Value::to_string).unwrap_or_default();
        strata
            .entry(value)
            .or_default()
            .push((draw(seed, &case.id), index));
    }
    let share = |size: usize| (sample.n as u128) * (size as u128);
    let mut counts: Vec<usize> = strata
        .values()
        .map(|s| (share(s.len()) / total as u128) as usize)
        .collect();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    let sizes: Vec<usize> = strata.values().map(Vec::len).collect();
    order.sort_by_key(|at| std::cmp::Reverse(share(sizes[*at]) % total as u128));
    let missing = sample.n - counts.iter().sum::<usize>();
    for at in order.into_iter().take(missing) {
        counts[at] += 1;
    }
    let mut taken = vec![false; total];
    for (stratum, count) in strata.into_values().zip(counts) {
        let mut stratum = stratum;
        stratum.sort_unstable();
        for (_, index) in stratum.into_iter().take(count) {
            taken[index] = true;
        }
    }
    let mut taken = taken.into_iter();
    cases
        .into_iter()
        .filter(|_| taken.next() == Some(true))
        .collect()
}

/// A case's place in the random order of a seed: the smallest are drawn. Independent of all other
/// cases, so a dataset that grows keeps most of its sample.
fn draw(seed: u64, id: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("bakeoff 1 dataset sample");
    hasher.update(&seed.to_le_bytes());
    hasher.update(id.as_bytes());
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests;
