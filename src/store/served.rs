//! What was served: a row a request. With its content, if that is kept, it is a case of a future dataset.

use super::{Store, StoreError};
use crate::prompt::Message;
use crate::provider::{FailureKind, Tool, Usage};
use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One request to `serve`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Served {
    /// Its id, sortable by time.
    pub id: String,
    /// When it came, RFC 3339 in UTC.
    pub at: String,
    /// The client, where clients have keys.
    pub client: Option<String>,
    /// The name that it asked for.
    pub model: String,
    /// What it counts under spending caps, USD; while it is under way, the most that it can cost.
    pub counted_usd: f64,
    /// How it ended; `None` while it is under way, and for good where the server was killed.
    pub end: Option<End>,
}

/// How a request ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct End {
    /// The caller's dialect.
    pub api: String,
    /// Whether the reply was streamed.
    pub stream: bool,
    /// The status that the caller got; 499 where it went away.
    pub status: u16,
    /// What went wrong, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// The model that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why that one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Every request to a provider.
    pub attempts: Vec<Tried>,
    /// Tokens of the reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What all attempts cost, USD; `None` is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// Until the first piece of the reply was passed on, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_ms: Option<f64>,
    /// Until the end, ms.
    pub total_ms: f64,
    /// The caller's own words about the request.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Fields that were not sent on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// What was said, where it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// One request to a provider.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tried {
    /// The model.
    pub model: String,
    /// How long it took, ms.
    pub ms: f64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureKind>,
    /// What it cost, USD; `None` is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
}

/// What was said, with what was to be blanked blanked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// The conversation.
    pub messages: Vec<Message>,
    /// The tools that the model could call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// The reply as the next turn would repeat it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<Message>,
}

/// Writes a request's row, over that of its beginning.
pub(super) fn put(to: &Transaction<'_>, served: &Served) -> rusqlite::Result<()> {
    let sql =
        "INSERT OR REPLACE INTO served (id, at, client, model, usd, body) VALUES (?,?,?,?,?,?)";
    let body = served.end.as_ref();
    let body = body.map(|end| serde_json::to_string(end).expect("the row is plain data"));
    let row = params![
        served.id,
        served.at,
        served.client,
        served.model,
        served.counted_usd,
        body
    ];
    to.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Served> {
    let body: Option<String> = row.get(5)?;
    Ok(Served {
        id: row.get(0)?,
        at: row.get(1)?,
        client: row.get(2)?,
        model: row.get(3)?,
        counted_usd: row.get(4)?,
        end: body.and_then(|body| serde_json::from_str(&body).ok()),
    })
}

impl Store {
    /// What counts under spending caps since then (RFC 3339 or a prefix of it): in all, or of one client.
    pub fn served_usd(&self, client: Option<&str>, since: &str) -> Result<f64, StoreError> {
        let sql = "SELECT COALESCE(SUM(usd), 0.0) FROM served WHERE at >= ?1 AND (?2 IS NULL OR client = ?2)";
        self.read(|db| db.query_row(sql, params![since, client], |row| row.get(0)))
    }

    /// Requests since then, oldest first.
    pub fn served(&self, since: &str) -> Result<Vec<Served>, StoreError> {
        let sql = "SELECT id, at, client, model, usd, body FROM served WHERE at >= ? ORDER BY id";
        self.read(|db| db.prepare(sql)?.query_map([since], read)?.collect())
    }
}
