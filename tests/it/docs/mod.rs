//! The documentation is true: every console block is run, every link leads somewhere, every page is in
//! the book, and the generated pages are what the program says today.

mod console;
mod links;
mod reference;

use std::fs;
use std::path::{Path, PathBuf};

/// The project's own folder.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every page that a reader may meet: those at the top, and all of the book.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for folder in [root(), root().join(".github")] {
        gather(&folder, false, &mut pages);
    }
    gather(&root().join("docs"), true, &mut pages);
    pages.sort();
    assert!(pages.len() > 10, "the documentation was not found");
    pages
}

fn gather(folder: &Path, deep: bool, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            if deep {
                gather(&path, deep, into);
            }
        } else if path.extension().is_some_and(|ending| ending == "md") {
            into.push(path);
        }
    }
}

/// A page's name as a reader of the repository knows it.
fn name(page: &Path) -> String {
    let name = page.strip_prefix(root()).unwrap_or(page);
    name.display().to_string()
}
