//! Where the files that prompts and cases name are read, and what a picture may be.

use super::Part;
use crate::dataset::Dataset;
use crate::project::Catalog;
use crate::source::{Problem, clip};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The largest picture that is sent, in bytes; providers take less.
const LARGEST: u64 = 20 << 20;

/// The files around prompts and cases. Nothing is fetched: addresses are passed on.
#[derive(Debug, Clone)]
pub struct Files {
    catalog: Catalog,
    /// The dataset's folder.
    dataset: String,
}

impl Files {
    /// The files of a project whose dataset this is.
    pub fn new(catalog: &Catalog, dataset: &Dataset) -> Files {
        Files {
            catalog: catalog.clone(),
            dataset: folder(&dataset.file).to_owned(),
        }
    }

    /// The path in the project of a file: beside the dataset, beside the prompt, or in the project's
    /// folder, in this order.
    fn find(&self, path: &str, beside: &str) -> String {
        let places = [self.dataset.as_str(), beside].map(|folder| joined(folder, path));
        let found = places.into_iter().find(|place| self.catalog.has(place));
        found.unwrap_or_else(|| path.to_owned())
    }

    /// The bytes of a picture's file.
    pub(super) fn bytes(&self, path: &str, beside: &str) -> Result<Vec<u8>, Problem> {
        if path.is_empty() {
            return Err(Problem::error("the picture's path is empty"));
        }
        self.catalog.bytes(&self.find(path, beside), LARGEST)
    }

    /// Problems with cases, each at its line of the dataset's file.
    pub(super) fn at_lines(&self, dataset: &Dataset, wrong: Vec<(usize, Problem)>) -> Vec<Problem> {
        dataset.at_lines(wrong, &self.catalog)
    }

    /// The picture in a file; its bytes say what it is.
    pub(super) fn picture(&self, path: &str, beside: &str) -> Result<Part, Problem> {
        let bytes = self.bytes(path, beside)?;
        let media_type = sniff(&bytes).ok_or_else(|| no_picture(&format!("`{}`", clip(path))))?;
        Ok(part(media_type, STANDARD.encode(bytes)))
    }
}

/// A file's folder, empty for the project's own.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path from a folder of the project; its `.` and `..` are gone as far as they go.
pub(super) fn joined(folder: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let mut steps: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(path.split('/')) {
        match (step, steps.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => drop(steps.pop()),
            _ => steps.push(step),
        }
    }
    steps.join("/")
}

/// The picture in a `data:` address.
pub(super) fn data_url(url: &str) -> Result<Part, Problem> {
    let rest = url.get("data:".len()..).unwrap_or_default();
    let Some((head, data)) = rest.split_once(',') else {
        return Err(Problem::error("a `data:` address has no comma"));
    };
    let Some(media_type) = head.strip_suffix(";base64") else {
        return Err(Problem::error("a `data:` address that is not base64")
            .help("write it as data:image/png;base64,…"));
    };
    inline(data, Some(media_type), "the `data:` address")
}

/// The picture in base64. `what` names it in what is said of a mistake.
pub(super) fn inline(data: &str, media_type: Option<&str>, what: &str) -> Result<Part, Problem> {
    let bytes = STANDARD
        .decode(data)
        .map_err(|error| Problem::error(format!("{what} is no base64: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        let title = format!("{what} is larger than {} MiB", LARGEST >> 20);
        return Err(Problem::error(title));
    }
    let stated = media_type.filter(|stated| !stated.is_empty());
    let media_type = match (sniff(&bytes), stated) {
        (Some(found), _) => found,
        (None, Some(stated)) => stated,
        (None, None) => return Err(no_picture(what)),
    };
    Ok(part(media_type, data.to_owned()))
}

fn part(media_type: &str, data: String) -> Part {
    Part::Image {
        media_type: Some(media_type.to_owned()),
        data: Some(data),
        url: None,
    }
}

pub(super) fn no_picture(what: &str) -> Problem {
    Problem::error(format!("{what} is no picture"))
        .help("PNG, JPEG, GIF and WebP are taken, told apart by their first bytes")
}

/// What a picture is by its first bytes: the signatures of PNG (ISO/IEC 15948), JPEG (ITU-T T.81),
/// GIF (GIF89a) and WebP (RIFF container).
pub(super) fn sniff(bytes: &[u8]) -> Option<&'static str> {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    if bytes.starts_with(PNG) {
        Some("image/png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Some("image/gif")
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_picture_is() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(sniff(b"GIF89a"), Some("image/gif"));
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(sniff(b"RIFF\0\0\0\0WAVE"), None);
        assert_eq!(sniff(b"OPENAI_API_KEY=sk-"), None);
    }

    #[test]
    fn paths_are_joined() {
        assert_eq!(joined("data/x", "../img/a.png"), "data/img/a.png");
        assert_eq!(joined("", "./a.png"), "a.png");
        assert_eq!(joined("a", "../../b"), "../b");
        assert_eq!(joined("a", "/b"), "/b");
    }

    #[test]
    fn data_addresses() {
        let good = data_url("data:image/png;base64,R0lGODlhAA==").unwrap();
        // its bytes say that it is a GIF
        assert_eq!(good, part("image/gif", "R0lGODlhAA==".into()));
        for (bad, why) in [
            ("data:image/png;base64", "no comma"),
            ("data:text/plain,abc", "not base64"),
            ("data:image/png;base64,%%", "is no base64"),
            ("data:;base64,AAAA", "is no picture"),
        ] {
            let said = data_url(bad).unwrap_err().title;
            assert!(said.contains(why), "{bad}: {said}");
        }
    }
}
