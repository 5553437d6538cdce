//! A provider's address where every customer has one of their own: filled from the environment.

use super::target::Astray;
use crate::provider::catalog::Provider;

/// Looks an environment variable up.
type Var<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The provider's address. `{A|B}` in it stands for the first of these variables that is set, and
/// `{A=x}` for `x` where it is not.
pub(super) fn own(provider: &Provider, var: Var<'_>) -> Result<String, Astray> {
    let template = provider.base_url.ok_or(Astray::Address(provider.name))?;
    let mut url = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (hole, after) = after.split_once('}').unwrap_or((after, ""));
        url.push_str(before);
        url.push_str(&filled(provider, hole, var)?);
        rest = after;
    }
    url.push_str(rest);
    // The one place of Vertex AI that is nowhere in particular has no label of its own.
    let url = url.replace("https://global-aiplatform.", "https://aiplatform.");
    Ok(url.trim_end_matches('/').to_owned())
}

fn filled(provider: &Provider, hole: &str, var: Var<'_>) -> Result<String, Astray> {
    let (names, usual) = match hole.split_once('=') {
        Some((names, usual)) => (names, Some(usual)),
        None => (hole, None),
    };
    let found = names.split('|').find_map(|name| Some((name, var(name)?)));
    match (found, usual) {
        // A whole address is looked at as one later; a part of one must not become two.
        (Some((_, value)), _) if is_plain(&value) || value.contains("://") => Ok(value),
        (Some((name, _)), _) => Err(Astray::Part(provider.name, name.to_owned())),
        (None, Some(usual)) => Ok(usual.to_owned()),
        (None, None) => Err(Astray::Unset(provider.name, names.replace('|', " or "))),
    }
}

fn is_plain(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    !value.is_empty() && value.bytes().all(plain)
}

/// Azure's address for a deployment: a bare one is completed. With an `api-version` the deployment
/// stands in the path; without, it is the v1 form, where the body names it.
pub(super) fn azure(url: &str, deployment: &str, api: &str, version: Option<&str>) -> String {
    let (base, query) = match url.split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (url, None),
    };
    let base = base.trim_end_matches('/');
    let bare = base
        .split_once("://")
        .is_some_and(|(_, rest)| !rest.contains('/'));
    if !bare {
        return url.to_owned();
    }
    let stated = query.is_some_and(|query| query.contains("api-version="));
    let query = match (query, version) {
        (Some(query), _) if stated => query.to_owned(),
        (_, Some(version)) => format!("api-version={version}"),
        _ => return format!("{base}/openai/v1"),
    };
    let folder = match api {
        "openai-responses" => "/openai".to_owned(),
        _ if base.ends_with(".services.ai.azure.com") => "/models".to_owned(),
        _ => format!("/openai/deployments/{deployment}"),
    };
    format!("{base}{folder}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Aim, Target, aim};
    use crate::prompt::{Message, Role};
    use crate::provider::Call;
    use secrecy::ExposeSecret;

    fn set(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        |name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    fn target(
        model: &str,
        base_url: Option<&str>,
        var: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Target, Astray> {
        let wanted = Aim {
            model,
            base_url,
            ..Aim::default()
        };
        aim(&wanted, var)
    }

    /// The address of a request, the header that carries its key, and its body.
    fn asked(target: &Target, stream: bool) -> (String, String, serde_json::Value) {
        let call = Call {
            model: target.wire_model.clone(),
            messages: vec![Message::text(Role::User, "hi")],
            stream,
            ..Call::default()
        };
        let request = target.dialect.encode(&call, &target.endpoint).unwrap();
        let secret = request.secret.as_ref();
        let secret = secret.map(|(name, key)| format!("{name}: {}", key.expose_secret()));
        let body = serde_json::from_slice(&request.body).unwrap();
        (request.url, secret.unwrap_or_default(), body)
    }

    #[test]
    fn vertex_speaks_two_dialects() {
        let var = set(&[
            ("GOOGLE_ACCESS_TOKEN", "ya29.token"),
            ("VERTEXAI_PROJECT", "my-project"),
            ("VERTEXAI_LOCATION", "europe-west4"),
        ]);
        let gemini = target("vertex_ai/gemini-2.5-pro", None, &var).unwrap();
        let (url, secret, _) = asked(&gemini, false);
        let place = "https://europe-west4-aiplatform.googleapis.com/v1/projects/my-project/locations/europe-west4";
        assert_eq!(
            url,
            format!("{place}/publishers/google/models/gemini-2.5-pro:generateContent")
        );
        assert_eq!(secret, "authorization: Bearer ya29.token");
        let claude = target("vertex_ai/claude-sonnet-4-5@20250929", None, &var).unwrap();
        let (url, secret, body) = asked(&claude, true);
        assert_eq!(
            url,
            format!(
                "{place}/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict"
            )
        );
        assert_eq!(secret, "authorization: Bearer ya29.token");
        assert_eq!(body["anthropic_version"], "vertex-2023-10-16");
        assert!(body.get("model").is_none() && body["stream"] == true);
        let plain = asked(&claude, false).0;
        assert!(plain.ends_with(":rawPredict"), "{plain}");
    }

    #[test]
    fn vertex_without_a_region_is_global_and_without_a_project_says_so() {
        let var = set(&[("GOOGLE_CLOUD_PROJECT", "p")]);
        let found = target("vertex_ai/gemini-2.5-pro", None, &var).unwrap();
        assert!(
            found
                .endpoint
                .base_url
                .starts_with("https://aiplatform.googleapis.com/v1/projects/p/locations/global/")
        );
        assert_eq!(found.key_missing[0], "GOOGLE_ACCESS_TOKEN");
        let error = target("vertex_ai/gemini-2.5-pro", None, &set(&[]))
            .err()
            .unwrap();
        assert_eq!(
            error.to_string(),
            "vertex_ai needs VERTEXAI_PROJECT or GOOGLE_CLOUD_PROJECT to be set for its address, or give the model a `base_url`"
        );
        let var = set(&[("VERTEXAI_PROJECT", "p/../../x?")]);
        assert!(matches!(
            target("vertex_ai/gemini-2.5-pro", None, &var),
            Err(Astray::Part(..))
        ));
    }

    #[test]
    fn azure_in_its_forms() {
        let url = |base: &str, version: Option<&str>| azure(base, "dep", "openai-chat", version);
        let mine = "https://r.openai.azure.com";
        assert_eq!(url(mine, None), format!("{mine}/openai/v1"));
        assert_eq!(
            url(mine, Some("2024-10-21")),
            format!("{mine}/openai/deployments/dep?api-version=2024-10-21")
        );
        let stated = format!("{mine}/?api-version=2025-01-01");
        assert_eq!(
            url(&stated, Some("old")),
            format!("{mine}/openai/deployments/dep?api-version=2025-01-01")
        );
        let whole = format!("{mine}/openai/deployments/other?api-version=1");
        assert_eq!(url(&whole, Some("2")), whole);
        assert_eq!(
            azure(mine, "dep", "openai-responses", Some("1")),
            format!("{mine}/openai?api-version=1")
        );
        assert_eq!(
            url("https://r.services.ai.azure.com", Some("1")),
            "https://r.services.ai.azure.com/models?api-version=1"
        );
        let var = set(&[
            ("AZURE_API_BASE", "https://r.openai.azure.com/"),
            ("AZURE_API_VERSION", "2024-10-21"),
            ("AZURE_API_KEY", "k"),
        ]);
        let (url, secret, _) = asked(&target("azure/dep", None, &var).unwrap(), false);
        assert_eq!(
            url,
            format!("{mine}/openai/deployments/dep/chat/completions?api-version=2024-10-21")
        );
        assert_eq!(secret, "api-key: k");
        // someone else's host gets neither a form nor the key
        let moved = target("azure/dep", Some("https://evil.example"), &var).unwrap();
        let (url, secret, _) = asked(&moved, false);
        assert_eq!(
            (url.as_str(), secret.as_str()),
            ("https://evil.example/chat/completions", "")
        );
    }

    #[test]
    fn bedrock_signs_where_there_is_no_bearer_key() {
        let var = set(&[
            ("AWS_REGION", "us-west-2"),
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "token"),
        ]);
        let model = "bedrock/us.anthropic.claude-x-v1:0";
        let found = target(model, None, &var).unwrap();
        assert!(found.key_missing.is_empty());
        assert_eq!(found.endpoint.auth, crate::provider::Auth::SigV4);
        let call = Call {
            messages: vec![Message::text(Role::User, "hi")],
            ..Call::default()
        };
        let request = found.dialect.encode(&call, &found.endpoint).unwrap();
        assert!(request.secret.is_none());
        assert_eq!(request.sign.unwrap().expose_secret(), "AKID:secret:token");
        assert!(
            request
                .url
                .starts_with("https://bedrock-runtime.us-west-2.amazonaws.com/model/")
        );
        // credentials stay at home
        let moved = target(model, Some("https://bedrock.evil.example"), &var).unwrap();
        assert!(
            moved.endpoint.key.is_none() && moved.endpoint.auth == crate::provider::Auth::Bearer
        );
        let bearer = set(&[
            ("AWS_DEFAULT_REGION", "us-west-2"),
            ("AWS_BEARER_TOKEN_BEDROCK", "b"),
        ]);
        let found = target(model, None, &bearer).unwrap();
        assert_eq!(found.endpoint.auth, crate::provider::Auth::Bearer);
        let none = target(model, None, &set(&[("AWS_REGION", "x")])).unwrap();
        assert_eq!(
            none.key_missing,
            [
                "AWS_BEARER_TOKEN_BEDROCK",
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            ]
        );
    }

    #[test]
    fn a_server_on_this_machine_needs_no_key() {
        for name in [
            "llamacpp",
            "lm_studio",
            "hosted_vllm",
            "litellm_proxy",
            "ollama",
        ] {
            let found = target(&format!("{name}/m"), None, &set(&[])).unwrap();
            assert!(found.key_missing.is_empty(), "{name}");
            assert!(found.endpoint.key.is_none(), "{name}");
        }
        let set = set(&[("LLAMACPP_API_KEY", "k")]);
        assert!(
            target("llamacpp/m", None, &set)
                .unwrap()
                .endpoint
                .key
                .is_some()
        );
        let away = target("groq/m", None, &|_: &str| None).unwrap();
        assert_eq!(away.key_missing, ["GROQ_API_KEY"]);
    }
}
