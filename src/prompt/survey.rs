//! Tries the pictures that prompts name for the cases, before anything is asked: one that is missing
//! or no picture is said with its line, and their bytes become part of the dataset's hash.

use super::files::{Files, sniff};
use super::step::{Piece, Step};
use super::{Picture, Prompt};
use crate::dataset::{Case, Dataset};
use crate::source::{Problem, clip};
use std::collections::BTreeMap;

/// One file: the hash of its bytes, or what is wrong with it.
type Seen = Result<String, Problem>;

/// Looks at every picture's file once, one at a time. What is wrong stands at the case's line; a
/// template that cannot be rendered is left to whoever renders the prompt.
pub fn survey<'a>(
    prompts: impl IntoIterator<Item = &'a Prompt>,
    dataset: &mut Dataset,
    files: &Files,
) -> Vec<Problem> {
    let mut seen: BTreeMap<(String, String), Seen> = BTreeMap::new();
    let mut wrong: Vec<(usize, Problem)> = Vec::new();
    for prompt in prompts {
        let pictures: Vec<&Picture> = pictures(prompt).collect();
        for case in &dataset.cases {
            for path in paths(prompt, &pictures, case) {
                let key = (prompt.folder.clone(), path.clone());
                if seen.contains_key(&key) {
                    continue;
                }
                let found = look(&path, &prompt.folder, files);
                if let Err(problem) = &found {
                    wrong.push((case.line, super::of_case(problem.clone(), case)));
                }
                seen.insert(key, found);
            }
        }
    }
    if wrong.is_empty() && !seen.is_empty() {
        let mut hasher = blake3::Hasher::new();
        hasher.update(dataset.hash.as_bytes());
        for ((_, path), hash) in &seen {
            let hash = hash.as_deref().unwrap_or_default();
            hasher
                .update(&(path.len() as u64).to_le_bytes())
                .update(path.as_bytes())
                .update(hash.as_bytes());
        }
        dataset.hash = hasher.finalize().to_hex()[..32].to_owned();
    }
    files.at_lines(dataset, wrong)
}

fn pictures(prompt: &Prompt) -> impl Iterator<Item = &Picture> {
    let says = prompt.messages.iter().filter_map(|step| match step {
        Step::Say(say) => Some(say),
        _ => None,
    });
    says.flat_map(|say| &say.parts)
        .filter_map(|piece| match piece {
            Piece::Image(picture) => Some(picture),
            Piece::Text(_) => None,
        })
}

fn paths(prompt: &Prompt, pictures: &[&Picture], case: &Case) -> Vec<String> {
    if pictures.is_empty() {
        return Vec::new();
    }
    let vars = prompt.vars(case);
    let paths = pictures
        .iter()
        .filter_map(|picture| picture.path(&vars).ok().flatten());
    paths.collect()
}

fn look(path: &str, beside: &str, files: &Files) -> Seen {
    let bytes = files.bytes(path, beside)?;
    match sniff(&bytes) {
        Some(_) => Ok(blake3::hash(&bytes).to_hex().to_string()),
        None => Err(super::files::no_picture(&format!("`{}`", clip(path)))),
    }
}
