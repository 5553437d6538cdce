//! bakeoff: pick, migrate and guard LLM prompts with numbers that can be trusted.
#![warn(missing_docs)]
