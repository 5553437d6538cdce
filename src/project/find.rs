//! Where the suite is.

use crate::source::Problem;
use std::path::{Path, PathBuf};

/// Names of a suite's file.
const NAMES: [&str; 3] = ["bakeoff.yaml", "bakeoff.yml", "bakeoff.toml"];
/// What marks the top of a repository; the search goes no higher.
const TOPS: [&str; 4] = [".git", ".hg", ".jj", ".svn"];

/// The folder and the file name of the suite.
pub(super) fn suite(path: Option<&Path>, cwd: &Path) -> Result<(PathBuf, String), Problem> {
    let Some(path) = path else {
        return nearest(cwd);
    };
    let path = cwd.join(path);
    if path.is_dir() {
        return in_folder(&path)?.ok_or_else(|| none_in(&path));
    }
    let (Some(folder), Some(file)) = (path.parent(), path.file_name()) else {
        return Err(none_in(&path));
    };
    if !path.exists() {
        let title = format!("there is no file `{}`", path.display());
        return Err(Problem::error(title).help("`bakeoff init` makes a project"));
    }
    let file = file.to_string_lossy().into_owned();
    Ok((folder.to_owned(), file))
}

fn nearest(cwd: &Path) -> Result<(PathBuf, String), Problem> {
    let is_top = |folder: &Path| TOPS.iter().any(|top| folder.join(top).exists());
    let inside = cwd.ancestors().any(is_top);
    for folder in cwd.ancestors() {
        if let Some(found) = in_folder(folder)? {
            return Ok(found);
        }
        if !inside || is_top(folder) {
            break;
        }
    }
    Err(none_in(cwd))
}

fn in_folder(folder: &Path) -> Result<Option<(PathBuf, String)>, Problem> {
    let there = NAMES.iter().filter(|name| folder.join(name).is_file());
    let there: Vec<&str> = there.copied().collect();
    match there.as_slice() {
        [] => Ok(None),
        [name] => Ok(Some((folder.to_owned(), (*name).to_owned()))),
        [first, second, ..] => {
            let title = format!("both {first} and {second} are in {}", folder.display());
            Err(Problem::error(title).help("keep one of them, or name it with --file"))
        }
    }
}

fn none_in(folder: &Path) -> Problem {
    let title = format!("there is no bakeoff.yaml in {}", folder.display());
    Problem::error(title).help("`bakeoff init` makes a project that runs at once")
}
