//! A row for each provider. A service that speaks a known dialect is one more row.

use super::{Provider, Quirks, Thinking};
use crate::provider::http::Auth;

const NONE: Quirks = Quirks {
    max_completion_tokens: false,
    no_stream_options: false,
    top_k: false,
    merge_turns: false,
    thinking: Thinking::Effort,
    vertex: false,
};
const TOP_K: Quirks = Quirks {
    top_k: true,
    ..NONE
};

const BLANK: Provider = Provider {
    name: "",
    aliases: &[],
    dialect: "openai-chat",
    base_url: None,
    origins: &[],
    auth: Auth::Bearer,
    keys: &[],
    quirks: NONE,
    prices: None,
    signs: false,
    models: &[],
    bare: &[],
};

/// Where Vertex AI is.
const VERTEX: &[&str] = &[
    "https://aiplatform.googleapis.com",
    "https://*-aiplatform.googleapis.com",
];

/// Every provider that bakeoff knows by name.
pub const PROVIDERS: &[Provider] = &[
    Provider {
        name: "openai",
        base_url: Some("https://api.openai.com/v1"),
        origins: &["https://api.openai.com"],
        keys: &["OPENAI_API_KEY"],
        quirks: Quirks {
            max_completion_tokens: true,
            ..NONE
        },
        prices: Some("openai"),
        bare: &["gpt-", "chatgpt-", "o1", "o3", "o4"],
        ..BLANK
    },
    Provider {
        name: "anthropic",
        aliases: &["claude"],
        dialect: "anthropic-messages",
        base_url: Some("https://api.anthropic.com"),
        origins: &["https://api.anthropic.com"],
        auth: Auth::Header("x-api-key"),
        keys: &["ANTHROPIC_API_KEY"],
        prices: Some("anthropic"),
        bare: &["claude-"],
        ..BLANK
    },
    Provider {
        name: "gemini",
        aliases: &["google"],
        dialect: "gemini",
        base_url: Some("https://generativelanguage.googleapis.com/v1beta"),
        origins: &["https://generativelanguage.googleapis.com"],
        auth: Auth::Header("x-goog-api-key"),
        keys: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        prices: Some("google"),
        bare: &["gemini-"],
        ..BLANK
    },
    Provider {
        name: "vertex_ai",
        aliases: &["vertex"],
        dialect: "gemini",
        base_url: Some(concat!(
            "https://{VERTEXAI_LOCATION|GOOGLE_CLOUD_LOCATION=global}-aiplatform.googleapis.com",
            "/v1/projects/{VERTEXAI_PROJECT|GOOGLE_CLOUD_PROJECT}",
            "/locations/{VERTEXAI_LOCATION|GOOGLE_CLOUD_LOCATION=global}/publishers/google"
        )),
        origins: VERTEX,
        keys: &["GOOGLE_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"],
        prices: Some("google"),
        ..BLANK
    },
    Provider {
        name: "vertex_ai",
        aliases: &["vertex"],
        dialect: "anthropic-messages",
        base_url: Some(concat!(
            "https://{VERTEXAI_LOCATION|GOOGLE_CLOUD_LOCATION=global}-aiplatform.googleapis.com",
            "/v1/projects/{VERTEXAI_PROJECT|GOOGLE_CLOUD_PROJECT}",
            "/locations/{VERTEXAI_LOCATION|GOOGLE_CLOUD_LOCATION=global}/publishers/anthropic"
        )),
        origins: VERTEX,
        keys: &["GOOGLE_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"],
        quirks: Quirks {
            vertex: true,
            ..NONE
        },
        prices: Some("google"),
        models: &["claude-"],
        ..BLANK
    },
    Provider {
        name: "groq",
        base_url: Some("https://api.groq.com/openai/v1"),
        origins: &["https://api.groq.com"],
        keys: &["GROQ_API_KEY"],
        prices: Some("groq"),
        ..BLANK
    },
    Provider {
        name: "together_ai",
        aliases: &["together", "togetherai"],
        base_url: Some("https://api.together.xyz/v1"),
        origins: &["https://api.together.xyz", "https://api.together.ai"],
        keys: &["TOGETHERAI_API_KEY", "TOGETHER_API_KEY"],
        quirks: TOP_K,
        prices: Some("together"),
        ..BLANK
    },
    Provider {
        name: "perplexity",
        base_url: Some("https://api.perplexity.ai"),
        origins: &["https://api.perplexity.ai"],
        keys: &["PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"],
        quirks: Quirks {
            merge_turns: true,
            no_stream_options: true,
            ..TOP_K
        },
        prices: Some("perplexity"),
        bare: &["sonar"],
        ..BLANK
    },
    Provider {
        name: "mistral",
        dialect: "mistral-chat",
        base_url: Some("https://api.mistral.ai/v1"),
        origins: &["https://api.mistral.ai"],
        keys: &["MISTRAL_API_KEY"],
        prices: Some("mistral"),
        bare: &[
            "mistral-",
            "ministral-",
            "magistral-",
            "codestral-",
            "devstral-",
            "pixtral-",
            "voxtral-",
            "open-mi",
        ],
        ..BLANK
    },
    Provider {
        name: "cerebras",
        base_url: Some("https://api.cerebras.ai/v1"),
        origins: &["https://api.cerebras.ai"],
        keys: &["CEREBRAS_API_KEY"],
        prices: Some("cerebras"),
        ..BLANK
    },
    Provider {
        name: "openrouter",
        base_url: Some("https://openrouter.ai/api/v1"),
        origins: &["https://openrouter.ai"],
        keys: &["OPENROUTER_API_KEY"],
        quirks: Quirks {
            thinking: Thinking::Object,
            ..TOP_K
        },
        prices: Some("openrouter"),
        ..BLANK
    },
    Provider {
        name: "deepseek",
        base_url: Some("https://api.deepseek.com"),
        origins: &["https://api.deepseek.com"],
        keys: &["DEEPSEEK_API_KEY"],
        quirks: Quirks {
            thinking: Thinking::Switch,
            ..NONE
        },
        prices: Some("deepseek"),
        bare: &["deepseek-chat", "deepseek-reasoner", "deepseek-v4"],
        ..BLANK
    },
    Provider {
        name: "xai",
        aliases: &["x-ai", "grok"],
        base_url: Some("https://api.x.ai/v1"),
        origins: &["https://api.x.ai"],
        keys: &["XAI_API_KEY"],
        prices: Some("x-ai"),
        bare: &["grok-"],
        ..BLANK
    },
    Provider {
        name: "fireworks_ai",
        aliases: &["fireworks"],
        base_url: Some("https://api.fireworks.ai/inference/v1"),
        origins: &["https://api.fireworks.ai"],
        keys: &["FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"],
        quirks: TOP_K,
        prices: Some("fireworks"),
        ..BLANK
    },
    Provider {
        name: "cohere",
        aliases: &["cohere_chat"],
        dialect: "cohere-v2",
        base_url: Some("https://api.cohere.com"),
        origins: &["https://api.cohere.com", "https://api.cohere.ai"],
        keys: &["COHERE_API_KEY", "CO_API_KEY"],
        prices: Some("cohere"),
        bare: &["command-"],
        ..BLANK
    },
    Provider {
        name: "bedrock",
        aliases: &["bedrock_converse"],
        dialect: "bedrock-converse",
        base_url: Some(
            "https://bedrock-runtime.{AWS_REGION|AWS_DEFAULT_REGION|AWS_REGION_NAME}.amazonaws.com",
        ),
        signs: true,
        origins: &["https://bedrock-runtime.*.amazonaws.com"],
        keys: &["AWS_BEARER_TOKEN_BEDROCK"],
        prices: Some("aws"),
        ..BLANK
    },
    Provider {
        name: "azure",
        aliases: &["azure_ai"],
        base_url: Some("{AZURE_API_BASE|AZURE_OPENAI_ENDPOINT}"),
        // the key never goes to `azure-api.net`, whose owners can read headers
        origins: &[
            "https://*.openai.azure.com",
            "https://*.services.ai.azure.com",
            "https://*.cognitiveservices.azure.com",
        ],
        auth: Auth::Header("api-key"),
        keys: &["AZURE_API_KEY", "AZURE_OPENAI_API_KEY"],
        quirks: Quirks {
            max_completion_tokens: true,
            ..NONE
        },
        prices: Some("azure"),
        ..BLANK
    },
    Provider {
        name: "ollama",
        aliases: &["ollama_chat"],
        dialect: "ollama-chat",
        base_url: Some("http://localhost:11434"),
        origins: &["http://localhost:11434"],
        ..BLANK
    },
    Provider {
        name: "hosted_vllm",
        aliases: &["vllm"],
        base_url: Some("http://localhost:8000/v1"),
        origins: &["http://localhost:8000"],
        keys: &["HOSTED_VLLM_API_KEY"],
        quirks: TOP_K,
        ..BLANK
    },
    Provider {
        name: "llamacpp",
        aliases: &["llama_cpp"],
        base_url: Some("http://localhost:8080/v1"),
        origins: &["http://localhost:8080"],
        keys: &["LLAMACPP_API_KEY"],
        quirks: TOP_K,
        ..BLANK
    },
    Provider {
        name: "lm_studio",
        aliases: &["lmstudio"],
        base_url: Some("http://localhost:1234/v1"),
        origins: &["http://localhost:1234"],
        keys: &["LM_STUDIO_API_KEY"],
        quirks: TOP_K,
        ..BLANK
    },
    Provider {
        name: "litellm_proxy",
        aliases: &["litellm"],
        base_url: Some("http://localhost:4000"),
        origins: &["http://localhost:4000"],
        keys: &["LITELLM_PROXY_API_KEY", "LITELLM_API_KEY"],
        quirks: TOP_K,
        prices: Some("litellm"),
        ..BLANK
    },
];
