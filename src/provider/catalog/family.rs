//! Which family a model is of: models of one family share training and taste, and prefer each other's words.

/// Parts of model names, and the family that they tell. The first that fits counts: a model made from
/// another's answers is named after both.
const FAMILIES: &[(&str, &str)] = &[
    ("deepseek", "deepseek"),
    ("claude", "claude"),
    ("gemini", "gemini"),
    ("gemma", "gemini"),
    ("gpt", "gpt"),
    ("davinci", "gpt"),
    ("qwen", "qwen"),
    ("qwq", "qwen"),
    ("llama", "llama"),
    ("mistral", "mistral"),
    ("mixtral", "mistral"),
    ("ministral", "mistral"),
    ("magistral", "mistral"),
    ("codestral", "mistral"),
    ("devstral", "mistral"),
    ("pixtral", "mistral"),
    ("command", "command"),
    ("aya", "command"),
    ("grok", "grok"),
    ("nova", "nova"),
    ("titan", "nova"),
    ("phi-", "phi"),
    ("phi3", "phi"),
    ("phi4", "phi"),
    ("glm", "glm"),
    ("kimi", "kimi"),
    ("moonshot", "kimi"),
    ("smollm", "smollm"),
    ("granite", "granite"),
    ("nemotron", "nemotron"),
    ("olmo", "olmo"),
    ("jamba", "jamba"),
    ("sonar", "sonar"),
];

/// The family of a model by its name; `None` where the name tells none.
pub fn family(model: &str) -> Option<&'static str> {
    let name = model.rsplit('/').next().unwrap_or(model).to_lowercase();
    let known = FAMILIES.iter().find(|(part, _)| name.contains(part));
    let reasoner = || {
        let mut letters = name.chars();
        let o = letters.next() == Some('o') && letters.next().is_some_and(|c| c.is_ascii_digit());
        o.then_some("gpt")
    };
    known.map(|(_, family)| *family).or_else(reasoner)
}

#[cfg(test)]
mod tests {
    use super::family;

    #[test]
    fn names_tell_families() {
        for (name, expected) in [
            ("openai/gpt-4o-2024-08-06", Some("gpt")),
            ("openrouter/openai/o3-mini", Some("gpt")),
            ("groq/llama-3.3-70b-versatile", Some("llama")),
            ("together_ai/Qwen/Qwen2.5-72B", Some("qwen")),
            ("groq/deepseek-r1-distill-llama-70b", Some("deepseek")),
            ("open-mixtral-8x22b", Some("mistral")),
            ("local", None),
            ("olympus", None),
        ] {
            assert_eq!(family(name), expected, "{name}");
        }
    }
}
