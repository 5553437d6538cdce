//! Where the data of tests over recorded exchanges lies, and how they speak past the harness.

use std::io::Write;
use std::path::PathBuf;

/// The folder named by an environment variable, else `../shared/NAME` where that exists. Without
/// it the test says aloud that it did not run.
pub fn folder(variable: &str, name: &str) -> Option<PathBuf> {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(name);
    let folder = std::env::var_os(variable).map_or(default, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    say(&format!(
        "not run: no data at {} (set {variable})",
        folder.display()
    ));
    None
}

/// Prints a line that the test harness does not swallow.
pub fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error is open");
}
