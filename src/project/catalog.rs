//! Names of files → their content: the project's file, else the shipped one of the same path.
//!
//! Reads only below the project's folder, symbolic links followed first, unless the command line
//! says `--allow-path`. Paths are relative to that folder wherever they are written.

use super::shipped::SHIPPED;
use crate::source::{Problem, Source, did_you_mean};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest text file that is read whole, in bytes.
const MAX_TEXT: u64 = 64 << 20;

/// The files of a project.
#[derive(Debug, Clone)]
pub struct Catalog {
    root: PathBuf,
    allow_path: bool,
    only_shipped: bool,
}

/// Where a file of the catalog comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The project's own.
    Project,
    /// Carried by the binary.
    Shipped,
}

/// A file that the catalog knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the project.
    pub path: String,
    /// Where it comes from.
    pub origin: Origin,
}

impl Catalog {
    /// The files below `root`, and beyond it if `allow_path`.
    pub fn new(root: impl Into<PathBuf>, allow_path: bool) -> Self {
        Catalog {
            root: root.into(),
            allow_path,
            only_shipped: false,
        }
    }

    /// Only what the binary carries, whatever lies around.
    pub fn shipped() -> Self {
        Catalog {
            only_shipped: true,
            ..Catalog::new("", false)
        }
    }

    /// The project's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A text file, whole.
    pub fn text(&self, path: &str) -> Result<Arc<Source>, Problem> {
        let bytes = self.bytes(path, MAX_TEXT)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Arc::new(Source::new(path, text))),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let lossy = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let source = Arc::new(Source::new(path, lossy));
                Err(Problem::error(format!("`{path}` is not UTF-8"))
                    .at(&source, at..at + 1, "the first bad byte")
                    .help("save it as UTF-8"))
            }
        }
    }

    /// A file's bytes, if there are at most `max`.
    pub fn bytes(&self, path: &str, max: u64) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        let (reader, _) = self.open(path, max)?;
        let read = reader.take(max + 1).read_to_end(&mut bytes);
        read.map_err(|error| Problem::error(format!("cannot read `{path}`: {error}")))?;
        if bytes.len() as u64 > max {
            return Err(too_large(path, max));
        }
        Ok(bytes)
    }

    /// A file to read piece by piece, and its size.
    pub fn open(&self, path: &str, max: u64) -> Result<(Box<dyn BufRead + Send>, u64), Problem> {
        let found = match self.find(path)? {
            Some(found) => found,
            None => {
                let text = shipped(path).ok_or_else(|| self.missing(path))?;
                return Ok((Box::new(Cursor::new(text)), text.len() as u64));
            }
        };
        let unread =
            |error: std::io::Error| Problem::error(format!("cannot read `{path}`: {error}"));
        let kind = std::fs::metadata(&found).map_err(unread)?;
        if !kind.is_file() {
            return Err(Problem::error(format!("`{path}` is no file")));
        }
        let file = File::open(&found).map_err(unread)?;
        let opened = file.metadata().map_err(unread)?;
        // Whoever exchanged the path since it was looked at must not be followed.
        if self.find(path)?.as_ref() != Some(&found) || !same(&kind, &opened) {
            return Err(Problem::error(format!(
                "`{path}` changed while it was opened"
            )));
        }
        if opened.len() > max {
            return Err(too_large(path, max));
        }
        let reader = BufReader::with_capacity(1 << 16, file);
        Ok((Box::new(reader), opened.len()))
    }

    /// Whether there is such a file or folder, here or shipped.
    pub fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let below = |(name, _): &(&str, &str)| name.starts_with(&folder);
        matches!(self.find(path), Ok(Some(_)))
            || shipped(path).is_some()
            || SHIPPED.iter().any(below)
    }

    /// Whether the path is a folder, here or shipped.
    pub fn is_folder(&self, path: &str) -> bool {
        match self.find(path) {
            Ok(Some(found)) => found.is_dir(),
            _ => shipped(path).is_none() && self.has(path),
        }
    }

    /// Every file below a folder of the project (`datasets`, `scorers`, …) and the shipped ones.
    pub fn list(&self, folder: &str) -> Vec<Entry> {
        let mut found = BTreeMap::new();
        let below = |path: &str| path.starts_with(&format!("{folder}/"));
        for (path, _) in SHIPPED.iter().filter(|(path, _)| below(path)) {
            found.insert((*path).to_owned(), Origin::Shipped);
        }
        if let Ok(Some(start)) = self.find(folder) {
            walk(&start, folder, 4, &mut found);
        }
        let entry = |(path, origin)| Entry { path, origin };
        found.into_iter().map(entry).collect()
    }

    /// The real path of a file of the project; nothing if there is none; a problem if it may not be
    /// read.
    fn find(&self, path: &str) -> Result<Option<PathBuf>, Problem> {
        if path.is_empty() || path.contains('\0') {
            return Err(Problem::error(format!("`{path}` is no path")));
        }
        if self.only_shipped {
            return Ok(None);
        }
        let root = self.root.canonicalize().map_err(|error| {
            Problem::error(format!("cannot read `{}`: {error}", self.root.display()))
        })?;
        let Ok(found) = root.join(path).canonicalize() else {
            // Not even whether a file exists is told of a place that may not be read.
            let climbs =
                Path::new(path).is_absolute() || path.split(['/', '\\']).any(|step| step == "..");
            return if climbs && !self.allow_path {
                Err(outside(path))
            } else {
                Ok(None)
            };
        };
        if self.allow_path || found.starts_with(&root) {
            Ok(Some(found))
        } else {
            Err(outside(path))
        }
    }

    fn missing(&self, path: &str) -> Problem {
        let problem = Problem::error(format!("there is no file `{path}`"));
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut known = BTreeMap::new();
        if let Ok(Some(start)) = self.find(if folder.is_empty() { "." } else { folder }) {
            walk(&start, folder, 1, &mut known);
        }
        let top = path.split('/').next().unwrap_or(path);
        let listed = self.list(top);
        let listed = listed.iter().map(|entry| entry.path.as_str());
        let names: Vec<&str> = known.keys().map(String::as_str).chain(listed).collect();
        match did_you_mean(path, names.iter().copied()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None if known.is_empty() => problem,
            None => {
                let near: Vec<&str> = known.keys().take(8).map(String::as_str).collect();
                problem.help(format!("there are: {}", near.join(", ")))
            }
        }
    }
}

fn shipped(path: &str) -> Option<&'static str> {
    let found = SHIPPED.iter().find(|(name, _)| *name == path);
    found.map(|(_, text)| *text)
}

fn walk(folder: &Path, name: &str, depth: usize, found: &mut BTreeMap<String, Origin>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let Some(file) = file.to_str().filter(|file| !file.starts_with('.')) else {
            continue;
        };
        let path = match name {
            "" => file.to_owned(),
            _ => format!("{name}/{file}"),
        };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 1 => walk(&entry.path(), &path, depth - 1, found),
            Ok(kind) if kind.is_file() || kind.is_symlink() => {
                found.insert(path, Origin::Project);
            }
            _ => {}
        }
    }
}

fn outside(path: &str) -> Problem {
    Problem::error(format!("`{path}` is outside the project's folder"))
        .help("move it into the project, or allow it with `--allow-path`")
}

fn too_large(path: &str, max: u64) -> Problem {
    Problem::error(format!("`{path}` is larger than {} MiB", max >> 20))
}

#[cfg(unix)]
fn same(a: &std::fs::Metadata, b: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same(a: &std::fs::Metadata, b: &std::fs::Metadata) -> bool {
    a.len() == b.len()
}

#[cfg(test)]
mod tests;
