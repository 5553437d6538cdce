//! Files that the binary carries: a path in a project, and the text found there if the project has
//! no file of that path.

/// A path and the text of that file in this repository.
macro_rules! ship {
    ($path:literal) => {
        ($path, include_str!(concat!("../../", $path)))
    };
}

/// Path and text of every shipped file, by path.
pub(super) const SHIPPED: &[(&str, &str)] = &[
    ship!("datasets/support-triage/about.yaml"),
    ship!("datasets/support-triage/data.csv"),
    ship!("datasets/support-triage/labels.csv"),
    ship!("datasets/support-triage/prompts/triage-short.yaml"),
    ship!("datasets/support-triage/prompts/triage.yaml"),
    ship!("datasets/support-triage/replies.jsonl"),
    ship!("datasets/support-triage/right-desk.yaml"),
    ship!("datasets/support-triage/triage.schema.json"),
    ship!("reports/case.html.hbs"),
    ship!("reports/cases.css"),
    ship!("reports/compare.html.hbs"),
    ship!("reports/explorer/card.js"),
    ship!("reports/explorer/keys.js"),
    ship!("reports/explorer/list.js"),
    ship!("reports/explorer/state.js"),
    ship!("reports/explorer/store.js"),
    ship!("reports/explorer/words.js"),
    ship!("reports/figures.css"),
    ship!("reports/gate.html.hbs"),
    ship!("reports/parts/candidates.html.hbs"),
    ship!("reports/parts/cases.html.hbs"),
    ship!("reports/parts/charts.html.hbs"),
    ship!("reports/parts/comparisons.html.hbs"),
    ship!("reports/parts/differences.html.hbs"),
    ship!("reports/parts/foot.html.hbs"),
    ship!("reports/parts/head.html.hbs"),
    ship!("reports/parts/labels.html.hbs"),
    ship!("reports/parts/sheet.html.hbs"),
    ship!("reports/parts/slices.html.hbs"),
    ship!("reports/parts/strips.html.hbs"),
    ship!("reports/parts/top.html.hbs"),
    ship!("reports/port.html.hbs"),
    ship!("reports/route.html.hbs"),
    ship!("reports/select.html.hbs"),
    ship!("reports/summary.css"),
    ship!("reports/summary.html.hbs"),
    ship!("reports/summary.js"),
    ship!("reports/summary.md.hbs"),
    ship!("scorers/concise.yaml"),
    ship!("scorers/factual.yaml"),
    ship!("scorers/faithful.yaml"),
    ship!("scorers/follows-instructions.yaml"),
    ship!("scorers/helpful.yaml"),
    ship!("scorers/letter.yaml"),
    ship!("scorers/placeholders.sh"),
    ship!("scorers/placeholders.yaml"),
    ship!("scorers/python-parses.py"),
    ship!("scorers/python-parses.yaml"),
    ship!("scorers/safe-refusal.yaml"),
    ship!("scorers/tone.yaml"),
    ship!("scorers/yes-no.yaml"),
];

#[cfg(test)]
mod tests {
    use super::SHIPPED;
    use std::path::Path;

    fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => files(&path, found),
                path => found.push(path),
            }
        }
    }

    #[test]
    fn every_file_of_the_three_folders_is_shipped() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        for folder in ["datasets", "scorers", "reports"] {
            files(&root.join(folder), &mut found);
        }
        for path in found {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            let text = SHIPPED.iter().find(|(path, _)| *path == name);
            let (_, text) = text.unwrap_or_else(|| panic!("{name} is missing in shipped.rs"));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), **text, "{name}");
        }
        assert!(SHIPPED.is_sorted_by_key(|(path, _)| path));
    }
}
