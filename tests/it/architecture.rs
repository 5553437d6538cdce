//! The house rules that the compiler cannot see: ranks, file sizes, one home for each of the heavy crates.

use std::fs;
use std::path::{Path, PathBuf};

/// Top-level modules by rank: a module may use only modules of a lower rank.
const RANKS: &[(&str, u8)] = &[
    ("source", 0),
    ("stats", 0),
    ("text", 0),
    ("calibration", 1),
    ("template", 1),
    ("project", 2),
    ("dataset", 3),
    ("prompt", 4),
    ("provider", 5),
    ("policy", 6),
    ("plan", 7),
    ("store", 8),
    ("run", 9),
    ("score", 9),
    ("summary", 10),
    ("gate", 11),
    ("route", 11),
    ("portability", 11),
    ("report", 12),
    ("serve", 12),
    ("cli", 13),
];

/// Longest file, tests included.
const LONGEST: usize = 400;

/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[];

/// Crates that have one home: (path fragment in the code, the files that may say it).
const HOMES: &[(&str, &[&str])] = &[
    (
        "polars::",
        &["src/summary/table.rs", "src/dataset/parquet.rs"],
    ),
    ("handlebars::", &["src/template"]),
    ("clap::", &["src/cli"]),
    ("reqwest::", &["src/run/transport.rs"]),
    ("rusqlite::", &["src/store"]),
    ("serde_saphyr::", &["src/source"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

/// Every Rust file below `folder`: path from the root, text.
fn files(folder: &str) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    sources(&root().join(folder), &mut paths);
    paths.sort();
    let named = paths.into_iter().map(|path| {
        let name = path
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .into_owned();
        (name, fs::read_to_string(&path).unwrap())
    });
    named.collect()
}

fn rank(module: &str) -> Option<u8> {
    RANKS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, rank)| *rank)
}

/// The code of a file, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines.map(|(index, line)| (index + 1, line))
}

#[test]
fn modules_use_only_lower_ranks() {
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for (name, text) in files("src") {
        let module = name
            .trim_start_matches("src/")
            .split(['/', '.'])
            .next()
            .unwrap()
            .to_owned();
        let Some(own) = rank(&module) else {
            assert!(
                matches!(module.as_str(), "lib" | "main"),
                "{name}: the module {module} has no rank"
            );
            continue;
        };
        for (line, text) in code(&text) {
            for used in text.split("crate::").skip(1) {
                let grouped = used.trim_start_matches('{');
                assert!(
                    used.len() == grouped.len(),
                    "{name}:{line}: write one `use crate::module` a line"
                );
                let used: String = used
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let Some(theirs) = rank(&used) else { continue };
                arrows += 1;
                if used != module && theirs >= own {
                    wrong.push(format!(
                        "{name}:{line}: {module} (rank {own}) uses {used} (rank {theirs})"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "against the ranks:\n{}", wrong.join("\n"));
    assert!(
        arrows > 50,
        "only {arrows} uses were seen: does this test still read the sources?"
    );
}

#[test]
fn files_are_rooms_not_halls() {
    let all: Vec<_> = files("src").into_iter().chain(files("tests")).collect();
    let long = all.iter().map(|(name, text)| (name, text.lines().count()));
    let long: Vec<_> = long
        .filter(|(name, lines)| *lines > LONGEST && !LONGER.iter().any(|(known, _)| known == name))
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:?}");
}

#[test]
fn heavy_crates_have_one_home() {
    let mut wrong = Vec::new();
    for (name, text) in files("src")
        .into_iter()
        .filter(|(name, _)| !name.ends_with("tests.rs"))
    {
        for (krate, homes) in HOMES {
            let home = homes.iter().any(|home| name.starts_with(home));
            let said = code(&text)
                .find(|(_, line)| line.contains(krate) && !line.contains(&format!("::{krate}")));
            if let (false, Some((line, _))) = (home, said) {
                wrong.push(format!("{name}:{line}: {krate} lives in {homes:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<_> = files("src")
        .into_iter()
        .filter(|(name, text)| !text.starts_with("//!") && !name.ends_with("tests.rs"))
        .collect();
    let names: Vec<_> = silent.iter().map(|(name, _)| name).collect();
    assert!(names.is_empty(), "no `//!` at the top: {names:?}");
}
