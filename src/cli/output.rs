//! Putting a report where it was asked for: the report folder, and stdout.

use super::args::Output;
use super::ci::{self, Told};
use super::host::Host;
use super::ready::report_folder;
use crate::report::{FORMATS, Format, Look, Report, format, markdown, raw_csv};
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

/// How a report of a project is made.
#[derive(Clone, Copy)]
pub struct Making<'a> {
    pub host: &'a Host,
    pub part: Part<'a>,
    /// CSV as it is, formulas and all.
    pub raw_csv: bool,
}

impl Making<'_> {
    fn look(&self) -> Look<'_> {
        Look {
            width: self.host.width,
            color: self.host.colour,
            part: self.part,
        }
    }

    /// Renders one format.
    pub fn render(&self, report: &Report, format: &Format) -> Result<Vec<u8>, Problem> {
        let made = || (format.render)(report, &self.look());
        match format.name {
            "csv" if self.raw_csv => Ok(raw_csv(report)),
            "markdown" => {
                let text = made()?;
                let text = String::from_utf8_lossy(&text);
                Ok(ci::comment("run", &report.summary.suite, &text).into_bytes())
            }
            _ => made(),
        }
    }

    /// Renders one format to stdout.
    pub fn print(&self, report: &Report, format: &Format) -> Result<(), Problem> {
        let bytes = self.render(report, format)?;
        match (format.name, std::str::from_utf8(&bytes)) {
            ("terminal" | "json", Ok(text)) => self.host.print(text),
            ("github", Ok(commands)) => {
                let text = self.render(report, known("terminal")?)?;
                ci::print_github(self.host, commands, &String::from_utf8_lossy(&text));
            }
            _ => self.host.print_bytes(&bytes),
        }
        Ok(())
    }

    /// Tells the CI service, if one runs us.
    pub fn tell(&self, report: &Report, folder: &Path) {
        let summary = &report.summary;
        let told = Told {
            verdict: if summary.complete {
                "complete"
            } else {
                "incomplete"
            }
            .to_owned(),
            cost_usd: ci::spent(summary),
            report: Some(folder),
        };
        ci::tell(self.host, &told, &|most| {
            markdown(report, &self.look(), most)
        });
    }
}

/// Writes every format that has a file into the folder, each whole or not at all, all at once.
pub fn write_folder(
    making: &Making<'_>,
    report: &Report,
    formats: &[&Format],
    folder: &Path,
) -> Result<(), Problem> {
    let fail = |path: &Path, e: &dyn std::fmt::Display| {
        Problem::error(format!("cannot write {}: {e}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|e| fail(folder, &e))?;
    let write = |format: &Format| {
        let path = folder.join(format.file);
        put(&path, &making.render(report, format)?).map_err(|e| fail(&path, &e))
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
    report: &mut Report,
    output: &Output,
    root: &Path,
    part: Part<'_>,
) -> Result<(), Problem> {
    let printed = known(output.format.as_deref().unwrap_or("terminal"))?;
    let folder = report_folder(host, root, output);
    let all: Vec<&Format> = FORMATS.iter().collect();
    let making = Making {
        host,
        part,
        raw_csv: output.raw_csv,
    };
    report.file = ci::in_repository(host, root, &report.file);
    let report = &*report;
    let mut written = write_folder(&making, report, &all, &folder);
    if ci::gitlab(host) {
        let quality = known("codequality").and_then(|it| making.render(report, it))?;
        let file = folder.join("codequality.json");
        let fail = |e| Problem::error(format!("cannot write {}: {e}", file.display()));
        written = written.and(put(&file, &quality).map_err(fail));
    }
    // What can be shown is shown, whatever became of the folder.
    making.print(report, printed)?;
    making.tell(report, &folder);
    written?;
    if printed.name == "terminal" {
        let shown = folder.strip_prefix(&host.cwd).unwrap_or(&folder);
        host.say(&format!("report: {}", shown.join("summary.html").display()));
    }
    Ok(())
}
