//! A chat completion, whole or in chunks → a reply. Both ways go through [`Chat`].

use super::usage;
use crate::provider::call::{Failure, Finish, Reply};
use crate::provider::http::HttpResponse;
use crate::provider::lenient::{append, at, count, lay_over, list, money, text, words};
use crate::provider::logprobs::Logprobs;
use crate::provider::stream::{Answer, flat, settle};
use crate::provider::tool_calls::{Piece, ToolCalls};
use crate::provider::{Seen, Segment, failure};
use serde_json::{Map, Value, json};

/// The reply in a whole response.
pub(super) fn whole(response: &HttpResponse) -> Result<Reply, Failure> {
    let body = failure::json_of(response)?;
    let mut chat = Chat {
        whole: true,
        ..Chat::default()
    };
    chat.take("", &body);
    if !chat.begun {
        return settle(chat, Some(failure::without("choices", &body)));
    }
    chat.ended = true;
    settle(chat, None)
}

/// A reply as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Chat {
    text: String,
    reasoning: Option<String>,
    refusal: Option<String>,
    calls: ToolCalls,
    finish: Option<String>,
    usage: Option<Value>,
    cost: Option<f64>,
    id: Option<String>,
    model: Option<String>,
    tier: Option<String>,
    logprobs: Logprobs,
    /// What belongs into the next turn unchanged.
    details: Vec<Value>,
    signatures: Map<String, Value>,
    /// An error that stands in the choice itself.
    failure: Option<Failure>,
    /// The answer is no stream: its `message` counts, not the empty `delta` that some add.
    whole: bool,
    begun: bool,
    ended: bool,
}

impl Answer for Chat {
    fn take(&mut self, _: &str, body: &Value) -> Seen {
        for (name, place) in [
            ("id", &mut self.id),
            ("model", &mut self.model),
            ("service_tier", &mut self.tier),
        ] {
            if let Some(word) = words(body, &[name]) {
                *place = Some(word.into());
            }
        }
        // Groq states the usage in a place of its own, and with `include_usage` in both
        for place in [at(body, &["x_groq", "usage"]), at(body, &["usage"])] {
            lay_over(&mut self.usage, place.unwrap_or_default());
        }
        self.cost = money(body, &["cost", "usd"]).or(self.cost);
        self.take_choice(body)
    }

    fn done(&mut self) {
        self.ended |= self.begun;
    }

    fn ended(&self) -> bool {
        self.ended
    }

    fn failure(&self) -> Option<Failure> {
        // the provider stopped half-way and says so in the finish reason alone
        let stopped = || match self.finish.as_deref()? {
            word @ ("insufficient_system_resource" | "error") => {
                let message = format!("the model stopped: {word}");
                failure::in_body(&json!({"error": {"type": word, "message": message}}))
            }
            _ => None,
        };
        self.failure.clone().or_else(stopped)
    }

    fn segments(&self) -> Vec<Segment<'_>> {
        let mut parts = flat(self.reasoning.as_ref(), &self.text, self.refusal.as_ref());
        parts.extend(self.calls.segments());
        parts
    }

    fn so_far(self) -> Reply {
        let stated_cost = self.usage.as_ref().and_then(usage::stated_cost);
        let state = self.state();
        Reply {
            text: self.text,
            reasoning_text: self.reasoning,
            refusal: self.refusal,
            vectors: Vec::new(),
            tool_calls: self.calls.finish(),
            finish: self.finish.as_deref().map(finish),
            finish_raw: self.finish,
            usage: usage::counts(self.usage, self.model.as_deref()),
            logprob: self.logprobs.mean(),
            stated_cost: stated_cost.or(self.cost),
            stated: Map::new(),
            served_model: self.model,
            id: self.id,
            service_tier: self.tier,
            state,
            warnings: Vec::new(),
        }
    }
}

impl Chat {
    fn take_choice(&mut self, body: &Value) -> Seen {
        let mut choices = list(body, &["choices"]).iter();
        let first = |choice: &&Value| count(choice, &["index"]).unwrap_or(0) == 0;
        let Some(choice) = choices.find(first) else {
            return Seen::Nothing;
        };
        self.begun = true;
        if let Some(word) = words(choice, &["finish_reason"]) {
            self.finish = Some(word.into());
            self.ended = true;
        }
        lay_over(&mut self.usage, at(choice, &["usage"]).unwrap_or_default());
        self.logprobs.take(list(choice, &["logprobs", "content"]));
        if at(choice, &["error"]).is_some() {
            self.failure = failure::in_body(choice);
        }
        let places = match self.whole {
            true => ["message", "delta"],
            false => ["delta", "message"],
        };
        match places.iter().find_map(|place| at(choice, &[place])) {
            Some(message) => self.take_message(message),
            None => Seen::Nothing,
        }
    }

    fn take_message(&mut self, message: &Value) -> Seen {
        let mut seen = Seen::Nothing;
        let thought = words(message, &["reasoning_content"])
            .or_else(|| words(message, &["reasoning"]))
            .unwrap_or_default();
        seen = seen.max(self.think(thought));
        seen = seen.max(match at(message, &["content"]) {
            Some(Value::String(text)) => self.say(text),
            Some(Value::Array(parts)) => {
                let seen = parts.iter().map(|part| self.take_part(part));
                seen.max().unwrap_or(Seen::Nothing)
            }
            _ => Seen::Nothing,
        });
        if let Some(refusal) = words(message, &["refusal"]) {
            append(&mut self.refusal, refusal);
            seen = Seen::Visible;
        }
        for call in list(message, &["tool_calls"]) {
            if self.take_call(call) {
                seen = Seen::Visible;
            }
        }
        if let Some(call) = at(message, &["function_call"])
            && self.calls.add(piece(call, Some(0), ""))
        {
            seen = Seen::Visible;
        }
        self.details
            .extend_from_slice(list(message, &["reasoning_details"]));
        seen
    }

    /// A part of a content list: text, or (Mistral) thinking.
    fn take_part(&mut self, part: &Value) -> Seen {
        match text(part, &["type"]) {
            Some("thinking") => match at(part, &["thinking"]) {
                Some(Value::String(text)) => self.think(text),
                _ => {
                    let texts = list(part, &["thinking"]).iter();
                    let texts = texts.filter_map(|part| text(part, &["text"]));
                    let thought: String = texts.collect();
                    self.think(&thought)
                }
            },
            Some("refusal") => {
                append(
                    &mut self.refusal,
                    text(part, &["refusal"]).unwrap_or_default(),
                );
                Seen::Visible
            }
            _ => self.say(text(part, &["text"]).unwrap_or_default()),
        }
    }

    fn take_call(&mut self, call: &Value) -> bool {
        let Some(function) = at(call, &["function"]) else {
            return false;
        };
        let id = text(call, &["id"]).unwrap_or_default();
        if let Some(extra) = at(call, &["extra_content"]) {
            self.signatures.insert(id.into(), extra.clone());
        }
        self.calls.add(piece(function, count(call, &["index"]), id))
    }

    fn say(&mut self, text: &str) -> Seen {
        self.text.push_str(text);
        match text.is_empty() {
            true => Seen::Nothing,
            false => Seen::Visible,
        }
    }

    fn think(&mut self, text: &str) -> Seen {
        append(&mut self.reasoning, text);
        match text.is_empty() {
            true => Seen::Nothing,
            false => Seen::Token,
        }
    }

    /// What OpenRouter, DeepSeek and Google's compatible endpoint want back on the next turn.
    fn state(&self) -> Option<Value> {
        let mut fields = Map::new();
        if !self.details.is_empty() {
            fields.insert("reasoning_details".into(), json!(self.details));
        }
        let deepseek = self
            .model
            .as_deref()
            .is_some_and(|m| m.contains("deepseek"));
        if let (true, Some(thought)) = (deepseek, &self.reasoning) {
            fields.insert("reasoning_content".into(), json!(thought));
        }
        if fields.is_empty() && self.signatures.is_empty() {
            return None;
        }
        Some(json!({"openai-chat": {"fields": fields, "tool_calls": self.signatures}}))
    }
}

fn piece<'a>(function: &'a Value, index: Option<u64>, id: &'a str) -> Piece<'a> {
    Piece {
        index,
        id,
        name: text(function, &["name"]).unwrap_or_default(),
        arguments: at(function, &["arguments"]),
    }
}

/// The finish reasons of OpenAI and of those who speak like it.
fn finish(word: &str) -> Finish {
    match word.to_ascii_lowercase().as_str() {
        "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" => Finish::Stop,
        "length" | "max_tokens" | "model_length" => Finish::Length,
        "tool_calls" | "function_call" | "tool_use" => Finish::ToolCalls,
        "content_filter" | "safety" | "refusal" => Finish::ContentFilter,
        "error" | "insufficient_system_resource" => Finish::Error,
        _ => Finish::Other,
    }
}
