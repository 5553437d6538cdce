//! The dialect of Mistral's API: chat completions with a few words of its own.

use super::openai_chat::OpenAiChat;

/// As Mistral spells it.
pub(super) const MISTRAL: OpenAiChat = OpenAiChat {
    name: "mistral-chat",
    path: "/v1/chat/completions",
    seed: "random_seed",
    required: "any",
    bare_image: true,
    user_in_metadata: true,
    top_k: true,
    no_stream_options: true,
    few_options: true,
};
