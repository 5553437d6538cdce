//! Keys for clients, and what is in the log: as lines, or as the cases of a dataset.

use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::host::Host;
use crate::cli::stored::trouble;
use crate::cli::{place, stored};
use crate::serve::hash;
use crate::source::Problem;
use crate::store::Served;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Which requests, and where to.
#[derive(Debug, Clone, Args)]
pub struct Since {
    /// Only requests since then: `2026-11`, `2026-11-20`, `2026-11-20T12:00:00Z`.
    #[arg(long, value_name = "TIME", default_value = "")]
    pub since: String,
    /// A file that does not exist yet (default: stdout).
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Makes a client's key.
pub(super) fn key(host: &Host, name: &str) -> Result<Exit, Problem> {
    let key = format!("bk-{}", BASE64_URL_SAFE_NO_PAD.encode(Host::random()?));
    host.print(&format!("{key}\n"));
    host.say("this key is not shown again; the suite gets its hash:\n");
    let name = json!(name);
    host.say(&format!(
        "serve:\n  keys:\n    - {{name: {name}, hash: \"{}\"}}",
        hash(&key)
    ));
    Ok(Exit::Good)
}

/// A row of the log as JSON.
pub(super) fn line(served: &Served) -> Option<serde_json::Value> {
    let end = served.end.as_ref().map(|end| crate::store::End {
        content: None,
        ..end.clone()
    });
    Some(
        json!({"id": served.id, "at": served.at, "client": served.client, "model": served.model,
        "counted_usd": served.counted_usd, "end": end}),
    )
}

/// Writes what `show` makes of each request.
pub(super) fn listed(
    host: &Host,
    global: &Global,
    args: &Since,
    show: &dyn Fn(&Served) -> Option<serde_json::Value>,
) -> Result<Exit, Problem> {
    let (_, path) = place(host, global);
    let store = stored::open(&path)?;
    let served = store.served(&args.since).map_err(|error| trouble(&error))?;
    let lines: Vec<String> = served
        .iter()
        .filter_map(show)
        .map(|it| format!("{it}\n"))
        .collect();
    let Some(out) = &args.out else {
        host.print(&lines.concat());
        return Ok(Exit::Good);
    };
    create(&host.cwd.join(out), &lines.concat())
        .map_err(|e| Problem::error(format!("cannot write {}: {e}", out.display())))?;
    host.say(&format!(
        "{}: {} of {} requests",
        out.display(),
        lines.len(),
        served.len()
    ));
    Ok(Exit::Good)
}

fn create(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
