//! Recorded replies in a file: one JSON line each, written from the store, read for a replay.
//!
//! A line holds the neutral reply and its attempts, found again by the hash of all that was sent.
//! Wire bytes are not kept: the file stays small and readable, and a newer decoder changes nothing.

use crate::provider::Reply;
use crate::source::{Problem, Source};
use crate::store::{Attempt, Origin, Outcome, Record};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// One recorded reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Hash of all that was sent.
    pub key: String,
    /// When, RFC 3339.
    pub recorded: String,
    /// The case's id, for the reader.
    pub case: String,
    /// The candidate's name, for the reader.
    pub candidate: String,
    /// From 0.
    pub repeat: u32,
    /// The reply.
    pub reply: Reply,
    /// Every exchange, in order, with its times.
    pub attempts: Vec<Attempt>,
}

/// Replies by the hash of what was sent.
pub type Replays = HashMap<String, Recorded>;

/// Reads a replay file. Every bad line is a problem of its own.
pub fn read(source: &Arc<Source>) -> Result<Replays, Vec<Problem>> {
    let mut replays = HashMap::new();
    let mut problems = Vec::new();
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let span = start..start + line.trim_end().len();
        start += line.len();
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<Recorded>(line) {
            Ok(recorded) => {
                replays.insert(recorded.key.clone(), recorded);
            }
            Err(error) => problems.push(
                Problem::error("this line of the replay file is no recorded reply")
                    .at(
                        source,
                        span.start..span.end.min(span.start + 80),
                        error.to_string(),
                    )
                    .help("record it again with `bakeoff run --record FILE`"),
            ),
        }
    }
    if problems.is_empty() {
        Ok(replays)
    } else {
        Err(problems)
    }
}

/// Writes the answered records, in the order given, so that the file is whole or unchanged.
///
/// `started` is the time of the run, for replies that were asked in it.
pub fn write<'a>(
    path: &Path,
    records: impl Iterator<Item = &'a Record>,
    started: &str,
) -> std::io::Result<usize> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let mut out = std::io::BufWriter::new(file.as_file_mut());
    let mut lines = 0;
    for record in records {
        let Outcome::Answered(reply) = &record.outcome else {
            continue;
        };
        let recorded = match &record.origin {
            Origin::Recorded(date) | Origin::Cache(date) => date.clone(),
            Origin::Live => started.to_owned(),
        };
        let line = Recorded {
            key: record.key.clone(),
            recorded,
            case: record.case.clone(),
            candidate: record.candidate.clone(),
            repeat: record.repeat,
            reply: (**reply).clone(),
            attempts: record.attempts.clone(),
        };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
        lines += 1;
    }
    out.flush()?;
    drop(out);
    file.as_file().sync_all()?;
    readable(&file)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(lines)
}

/// A temporary file is private; what the user commits should be as readable as any other.
fn readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}
