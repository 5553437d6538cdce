//! Putting a report where it was asked for: the report folder, and stdout.

use super::args::Output;
use super::host::Host;
use super::ready::report_folder;
use crate::report::{FORMATS, Format, Look, Report, format};
use crate::source::{Problem, Source, did_you_mean};
use std::path::Path;
use std::sync::Arc;

/// Text of a shipped or overridden file of `reports/`.
pub type Part<'a> = &'a (dyn Fn(&str) -> Result<Arc<Source>, Problem> + Sync);

/// The format of this name, or what is wrong with the name.
pub fn known(name: &str) -> Result<&'static Format, Problem> {
    format(name).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        let problem = Problem::error(format!("there is no report format {name:?}"));
        let problem = match did_you_mean(name, names.iter().copied()) {
            Some(near) => problem.help(format!("did you mean {near:?}?")),
            None => problem,
        };
        problem.help(format!("formats: {}", names.join(", ")))
    })
}

/// Renders one format.
pub fn render(
    host: &Host,
    report: &Report,
    format: &Format,
    part: Part<'_>,
) -> Result<Vec<u8>, Problem> {
    (format.render)(
        report,
        &Look {
            width: host.width,
            color: host.colour,
            part,
        },
    )
}

/// Writes every format that has a file into the folder, each whole or not at all, all at once.
pub fn write_folder(
    host: &Host,
    report: &Report,
    formats: &[&Format],
    folder: &Path,
    part: Part<'_>,
) -> Result<(), Problem> {
    let fail = |path: &Path, e: &dyn std::fmt::Display| {
        Problem::error(format!("cannot write {}: {e}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|e| fail(folder, &e))?;
    let write = |format: &Format| {
        let path = folder.join(format.file);
        put(&path, &render(host, report, format, part)?).map_err(|e| fail(&path, &e))
    };
    std::thread::scope(|scope| {
        let files = formats.iter().filter(|format| !format.file.is_empty());
        let writers: Vec<_> = files.map(|format| scope.spawn(|| write(format))).collect();
        let mut written = writers.into_iter().map(|writer| writer.join());
        written.try_for_each(|end| end.expect("a format that panics is a bug of ours"))
    })
}

/// Replaces a file in one step.
pub fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".bakeoff-")
        .tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// What `run`, `resume` and `score` leave: the folder with every format, and one format on stdout.
pub fn leave(
    host: &Host,
    report: &Report,
    output: &Output,
    root: &Path,
    part: Part<'_>,
) -> Result<(), Problem> {
    let printed = known(output.format.as_deref().unwrap_or("terminal"))?;
    let folder = report_folder(host, root, output);
    let all: Vec<&Format> = FORMATS.iter().collect();
    let written = write_folder(host, report, &all, &folder, part);
    // What can be shown is shown, whatever became of the folder.
    print(host, &render(host, report, printed, part)?);
    written?;
    if printed.name == "terminal" {
        let shown = folder.strip_prefix(&host.cwd).unwrap_or(&folder);
        host.say(&format!("report: {}", shown.join("summary.html").display()));
    }
    Ok(())
}

/// Bytes to stdout.
pub fn print(host: &Host, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => host.print(text),
        Err(_) => host.print_bytes(bytes),
    }
}
