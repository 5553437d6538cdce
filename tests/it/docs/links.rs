//! Links between pages lead to pages, and to headings that are there; every page of the book is in its table.

use super::{name, pages, root};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The targets of a page's links, outside code.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        if code {
            continue;
        }
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let end = after.find(')').unwrap_or(after.len());
            links.push(after[..end].to_owned());
            rest = &after[end..];
        }
    }
    links
}

/// A heading's anchor, as mdBook and GitHub make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    kept.collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let plain = headings.map(|line| anchor(line.trim_start_matches('#')));
    plain.collect()
}

fn dead(page: &Path, target: &str) -> Option<String> {
    if target.starts_with("http") || target.starts_with("mailto:") {
        return None;
    }
    let (file, part) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => page.to_owned(),
        file => page.parent()?.join(file),
    };
    if !path.exists() {
        return Some(format!("{}: {target} is not there", name(page)));
    }
    let wanted = !part.is_empty() && path.extension().is_some_and(|ending| ending == "md");
    let found = wanted && anchors(&fs::read_to_string(&path).ok()?).contains(part);
    (wanted && !found).then(|| format!("{}: {target} has no such heading", name(page)))
}

#[test]
fn links_lead_somewhere() {
    let mut faults = Vec::new();
    let mut count = 0;
    for page in pages() {
        for target in links(&fs::read_to_string(&page).unwrap()) {
            count += 1;
            faults.extend(dead(&page, &target));
        }
    }
    println!("{count} links");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_book_holds_every_page() {
    let table = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let listed: BTreeSet<String> = links(&table).into_iter().collect();
    for page in pages() {
        if let Ok(inside) = page.strip_prefix(root().join("docs"))
            && inside != Path::new("SUMMARY.md")
        {
            let inside = inside.display().to_string();
            assert!(
                listed.contains(&inside),
                "{inside} is not in docs/SUMMARY.md"
            );
        }
    }
}
