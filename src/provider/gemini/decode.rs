//! Generated content, whole or in chunks → a reply. Both ways go through [`Content`].

use super::NAME;
use crate::prompt::ToolCall;
use crate::provider::call::{Failure, Finish, Reply, Usage};
use crate::provider::http::HttpResponse;
use crate::provider::lenient::{append, at, count, lay_over, list, text, words};
use crate::provider::stream::{Answer, flat, settle, whole_call};
use crate::provider::{Seen, Segment, failure};
use serde_json::{Map, Value, json};

/// The reply in a whole response; a stream asked for without `alt=sse` is a list of chunks.
pub(super) fn whole(response: &HttpResponse) -> Result<Reply, Failure> {
    let body = failure::json_of(response)?;
    let mut content = Content::default();
    let mut errors = Vec::new();
    match &body {
        Value::Array(chunks) => {
            for chunk in chunks {
                content.take("", chunk);
                errors.extend(failure::in_body(chunk));
            }
        }
        one => {
            content.take("", one);
            content.ended |= content.begun;
        }
    }
    if !content.begun {
        let failure = failure::without("candidates", &body);
        return settle(content, Some(failure));
    }
    settle(content, errors.into_iter().next())
}

/// A reply as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Every part as it came, neighbouring plain texts joined.
    parts: Vec<Value>,
    text: String,
    reasoning: Option<String>,
    calls: Vec<ToolCall>,
    signed: bool,
    usage: Option<Value>,
    id: Option<String>,
    model: Option<String>,
    finish: Option<String>,
    logprob: Option<f64>,
    warnings: Vec<String>,
    begun: bool,
    ended: bool,
}

impl Answer for Content {
    fn take(&mut self, _: &str, chunk: &Value) -> Seen {
        lay_over(
            &mut self.usage,
            at(chunk, &["usageMetadata"]).unwrap_or_default(),
        );
        for (name, place) in [
            ("responseId", &mut self.id),
            ("modelVersion", &mut self.model),
        ] {
            if let Some(word) = words(chunk, &[name]) {
                *place = Some(word.into());
            }
        }
        if let Some(reason) = words(chunk, &["promptFeedback", "blockReason"]) {
            self.finish = Some(reason.into());
            (self.begun, self.ended) = (true, true);
        }
        let mut candidates = list(chunk, &["candidates"]).iter();
        let first = |candidate: &&Value| count(candidate, &["index"]).unwrap_or(0) == 0;
        let Some(candidate) = candidates.find(first) else {
            return Seen::Nothing;
        };
        self.begun = true;
        if let Some(word) = words(candidate, &["finishReason"]) {
            // no end yet: with code execution more may follow; the last one counts
            self.finish = Some(word.into());
            self.ended = true;
            if let Some(message) = words(candidate, &["finishMessage"]).filter(|_| word != "STOP") {
                self.warnings.push(message.into());
            }
        }
        self.logprob = at(candidate, &["avgLogprobs"])
            .and_then(Value::as_f64)
            .or(self.logprob);
        let parts = list(candidate, &["content", "parts"]).iter();
        let seen = parts.map(|part| self.take_part(part));
        seen.max().unwrap_or(Seen::Nothing)
    }

    fn ended(&self) -> bool {
        self.ended
    }

    fn segments(&self) -> Vec<Segment<'_>> {
        let mut parts = flat(self.reasoning.as_ref(), &self.text, None);
        parts.extend(self.calls.iter().map(whole_call));
        parts
    }

    fn so_far(self) -> Reply {
        let called = !self.calls.is_empty();
        let tier = self
            .usage
            .as_ref()
            .and_then(|raw| Some(words(raw, &["serviceTier"])?.to_string()));
        Reply {
            text: self.text,
            reasoning_text: self.reasoning,
            refusal: None,
            vectors: Vec::new(),
            tool_calls: self.calls,
            finish: self.finish.as_deref().map(|word| finish(word, called)),
            finish_raw: self.finish,
            usage: counts(self.usage),
            logprob: self.logprob,
            stated_cost: None,
            stated: Map::new(),
            served_model: self.model,
            id: self.id,
            service_tier: tier,
            state: self.signed.then(|| json!({NAME: {"parts": self.parts}})),
            warnings: self.warnings,
        }
    }
}

impl Content {
    fn take_part(&mut self, part: &Value) -> Seen {
        self.keep(part);
        if let Some(call) = at(part, &["functionCall"]) {
            let own = |field: &str| text(call, &[field]).unwrap_or_default().to_string();
            let id = match own("id") {
                id if id.is_empty() => format!("call_{}", self.calls.len()),
                id => id,
            };
            self.calls.push(ToolCall {
                id,
                name: own("name"),
                arguments: at(call, &["args"])
                    .cloned()
                    .unwrap_or_else(|| Value::Object(Map::new())),
            });
            return Seen::Visible;
        }
        let Some(words) = words(part, &["text"]) else {
            return Seen::Nothing;
        };
        if at(part, &["thought"]) == Some(&json!(true)) {
            append(&mut self.reasoning, words);
            return Seen::Token;
        }
        self.text.push_str(words);
        Seen::Visible
    }

    /// Keeps the part for the next turn, joined to the last one if both are plain text.
    fn keep(&mut self, part: &Value) {
        self.signed |= at(part, &["thoughtSignature"]).is_some();
        let plain = |part: &Value| {
            part.as_object().is_some_and(|part| part.len() == 1) && part["text"].is_string()
        };
        if let Some(last) = self.parts.last_mut()
            && plain(last)
            && plain(part)
        {
            let joined = [&*last, part].map(|part| part["text"].as_str().unwrap_or_default());
            last["text"] = json!(joined.concat());
            return;
        }
        self.parts.push(part.clone());
    }
}

/// Tool prompts are input and thoughts are output here, and both are stated apart.
fn counts(raw: Option<Value>) -> Usage {
    let Some(raw) = raw else {
        return Usage::default();
    };
    let stated = |name: &str| count(&raw, &[name]);
    let sum = |a: Option<u64>, b: Option<u64>| match (a, b) {
        (None, None) => None,
        (a, b) => Some(a.unwrap_or(0) + b.unwrap_or(0)),
    };
    Usage {
        input: sum(
            stated("promptTokenCount"),
            stated("toolUsePromptTokenCount"),
        ),
        output: sum(stated("candidatesTokenCount"), stated("thoughtsTokenCount")),
        cached_input: stated("cachedContentTokenCount"),
        cache_write: None,
        reasoning: stated("thoughtsTokenCount"),
        raw: Some(raw),
    }
}

fn finish(word: &str, called: bool) -> Finish {
    match word {
        "STOP" if called => Finish::ToolCalls,
        "STOP" => Finish::Stop,
        "MAX_TOKENS" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "MODEL_ARMOR"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "JAILBREAK"
        | "LANGUAGE" => Finish::ContentFilter,
        // the model's own fault, and an answer: it is scored, as an empty one
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "TOO_MANY_TOOL_CALLS" => Finish::Error,
        _ => Finish::Other,
    }
}
