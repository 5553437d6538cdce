//! Price tables on this machine: the one the user brought, kept below their data directory.
//!
//! The file is kept byte for byte under its SHA-256 (`prices/<sha256>.json`), and `prices/current.json`
//! names it. So a table is either there whole or not at all, and a run's hash can be checked by hand.

use super::host::Host;
use crate::provider::Prices;
use crate::provider::price::{Edition, Format, Table};
use crate::source::{Problem, plain_line};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MEND: &str = "load it again with `bakeoff prices update --from FILE`, or go back with `bakeoff prices update --bundled`";

/// What is kept beside a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    /// Which table.
    #[serde(flatten)]
    pub edition: Edition,
    /// What kind of file it is.
    pub format: Format,
    /// When it was loaded, RFC 3339.
    pub loaded: String,
}

/// Where the tables are, if the user has a home.
pub fn folder(host: &Host) -> Option<PathBuf> {
    let absolute = |name: &str| {
        host.var(name)
            .map(PathBuf::from)
            .filter(|it| it.is_absolute())
    };
    // https://specifications.freedesktop.org/basedir-spec: a relative path is to be ignored
    let data = absolute("XDG_DATA_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".local").join("share")))
        .or_else(|| absolute("LOCALAPPDATA"))?;
    Some(data.join("bakeoff").join("prices"))
}

/// The tables that price a command: the user's over the bundled one, else the bundled one alone.
pub fn prices(host: &Host) -> Result<Prices, Problem> {
    Ok(match current(host)? {
        Some((current, path)) => Prices::over(open(&current, &path)?),
        None => Prices::bundled(),
    })
}

/// The same for a whole run; what is wrong with them is added to the problems.
pub fn shared(host: &Host, problems: &mut Vec<Problem>) -> Arc<Prices> {
    Arc::new(prices(host).unwrap_or_else(|problem| {
        problems.push(problem);
        Prices::bundled()
    }))
}

/// A price file, with its bytes.
pub struct PriceFile {
    pub table: Table,
    pub format: Format,
    bytes: Vec<u8>,
}

/// Reads a price file that is named on the command line.
pub fn named(host: &Host, path: &Path, date: Option<&str>) -> Result<PriceFile, Problem> {
    let fail = |why: String| {
        Problem::error(format!(
            "cannot use the price file {}: {why}",
            path.display()
        ))
    };
    let at = host.cwd.join(path);
    let bytes = std::fs::read(&at).map_err(|e| fail(e.to_string()))?;
    let date = match date {
        Some(date) => date.to_owned(),
        None => modified(&at).map_err(|e| fail(e.to_string()))?,
    };
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let edition = Edition {
        date,
        sha256: sha256(&bytes),
        name: plain_line(&file).into_owned(),
    };
    let (mut table, format) = Table::read(&bytes, edition).map_err(|e| {
        fail(e.to_string()).help("it takes genai-prices' data.json (version 2) or LiteLLM's model_prices_and_context_window.json")
    })?;
    if table.models() == 0 {
        return Err(fail("it prices no model that bakeoff could ask".into())
            .help("it takes genai-prices' data.json (version 2) or LiteLLM's model_prices_and_context_window.json"));
    }
    table.edition.name = format!("{}, {} format", table.edition.name, format.name());
    Ok(PriceFile {
        table,
        format,
        bytes,
    })
}

/// What is loaded, and its file; `None` where the bundled table stands alone.
pub fn current(host: &Host) -> Result<Option<(Current, PathBuf)>, Problem> {
    let Some(folder) = folder(host) else {
        return Ok(None);
    };
    let path = folder.join("current.json");
    let fail = |why: String| {
        Problem::error(format!(
            "cannot read the price table's record {}: {why}",
            path.display()
        ))
        .help(MEND)
    };
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error.to_string())),
    };
    let current: Current = serde_json::from_slice(&text).map_err(|e| fail(e.to_string()))?;
    let hash = &current.edition.sha256;
    if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(fail("its hash is none".into()));
    }
    let file = folder.join(format!("{hash}.json"));
    Ok(Some((current, file)))
}

/// Reads the loaded table; what is not what was loaded is refused.
pub fn open(current: &Current, path: &Path) -> Result<Table, Problem> {
    let fail = |why: String| {
        Problem::error(format!(
            "cannot read the price table {}: {why}",
            path.display()
        ))
        .help(MEND)
    };
    let bytes = std::fs::read(path).map_err(|e| fail(e.to_string()))?;
    if sha256(&bytes) != current.edition.sha256 {
        return Err(fail(
            "it is not the file that was loaded (its SHA-256 differs)".into(),
        ));
    }
    let (table, _) =
        Table::read(&bytes, current.edition.clone()).map_err(|e| fail(e.to_string()))?;
    Ok(table)
}

/// Loads a price file for every command from now on.
pub fn keep(host: &Host, path: &Path, date: Option<&str>) -> Result<(Current, Table), Problem> {
    let PriceFile {
        table,
        format,
        bytes,
    } = named(host, path, date)?;
    let folder = folder(host).ok_or_else(|| {
        Problem::error("there is no place for the price table").help("set HOME or XDG_DATA_HOME")
    })?;
    let current = Current {
        edition: table.edition.clone(),
        format,
        loaded: host.now(),
    };
    let fail = |e: std::io::Error| {
        Problem::error(format!(
            "cannot keep the price table in {}: {e}",
            folder.display()
        ))
    };
    let record = serde_json::to_vec_pretty(&current).expect("a record is plain data");
    std::fs::create_dir_all(&folder).map_err(fail)?;
    place(&folder, &format!("{}.json", current.edition.sha256), &bytes).map_err(fail)?;
    place(&folder, "current.json", &record).map_err(fail)?;
    // Tables that nothing names any more.
    let old = std::fs::read_dir(&folder).map_err(fail)?.flatten();
    for file in old {
        let name = file.file_name().to_string_lossy().into_owned();
        if name != "current.json" && !name.starts_with(&current.edition.sha256) {
            std::fs::remove_file(file.path()).map_err(fail)?;
        }
    }
    Ok((current, table))
}

/// Goes back to the bundled table; whether there was another.
pub fn forget(host: &Host) -> Result<bool, Problem> {
    let Some(folder) = folder(host).filter(|folder| folder.exists()) else {
        return Ok(false);
    };
    std::fs::remove_dir_all(&folder).map_err(|e| {
        Problem::error(format!(
            "cannot remove the price table in {}: {e}",
            folder.display()
        ))
    })?;
    Ok(true)
}

/// Writes a file so that it is there whole or not at all.
fn place(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))?;
    Ok(())
}

/// The day on which a file was last written.
fn modified(path: &Path) -> std::io::Result<String> {
    let time = std::fs::metadata(path)?.modified()?;
    let time = jiff::Timestamp::try_from(time).map_err(std::io::Error::other)?;
    Ok(time.strftime("%Y-%m-%d").to_string())
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
