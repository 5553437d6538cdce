//! The generated pages of the book are what the program says today; `BAKEOFF_WRITE_DOCS=1` writes them.

use super::root;
use bakeoff::cli::reference;
use std::fs;

#[test]
fn generated_pages_are_current() {
    for (name, text) in reference::PAGES.iter().map(|(name, make)| (name, make())) {
        let path = root().join("docs").join(name);
        if std::env::var_os("BAKEOFF_WRITE_DOCS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "docs/{name} is out of date: BAKEOFF_WRITE_DOCS=1 cargo test generated_pages"
        );
    }
}
