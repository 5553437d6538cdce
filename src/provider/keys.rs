//! Which key may go where. A suite can be changed by a pull request; a key must not follow it.
//!
//! The rule: a known provider's key goes to that provider's own origins only; another origin gets
//! the variable that the suite names for it, never a known one, else no key. Addresses are read
//! more strictly than clients read them, so that no two readers can see two hosts in one.

use super::catalog::{PROVIDERS, Provider};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Variables with other well-known secrets, which a suite may not name either.
const SECRETS: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "CARGO_REGISTRY_TOKEN",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "HF_TOKEN",
    "HUGGINGFACE_API_KEY",
    "NPM_TOKEN",
    "PYPI_TOKEN",
    "SSH_AUTH_SOCK",
    "VAULT_TOKEN",
];

/// Why an address is not used, or a key not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The address itself is not acceptable.
    #[error("the address `{url}` is refused: {why}")]
    Address {
        /// As it was written, without what could be a password.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The variable belongs to someone else.
    #[error(
        "{variable} holds another service's secret and does not go to {origin}: name a variable of its own"
    )]
    Variable {
        /// The variable.
        variable: String,
        /// Where it was to go.
        origin: String,
    },
    /// A key would travel readable by everyone between.
    #[error("a key is sent over https only (or to this machine), not to {origin}")]
    Plain {
        /// Where it was to go.
        origin: String,
    },
}

/// Scheme, host and port of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Whether it is https.
    pub secure: bool,
    /// Lower-case name or IP address.
    pub host: String,
    /// The port, also where it is the scheme's default.
    pub port: u16,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (scheme, default) = if self.secure {
            ("https", 443)
        } else {
            ("http", 80)
        };
        write!(out, "{scheme}://{}", self.host)?;
        match self.port == default {
            true => Ok(()),
            false => write!(out, ":{}", self.port),
        }
    }
}

impl Origin {
    /// Reads the origin of an http(s) address; anything that could be read in two ways is refused.
    pub fn of(url: &str) -> Result<Self, Refused> {
        let refused = |why| Refused::Address {
            url: url
                .rsplit('@')
                .next()
                .unwrap_or_default()
                .chars()
                .filter(|c| !c.is_control())
                .collect(),
            why,
        };
        if url.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(refused(
                "it holds white space, control characters or a backslash",
            ));
        }
        let (scheme, rest) = url
            .split_once("://")
            .ok_or(refused("it must begin with https:// or http://"))?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(refused("it must begin with https:// or http://")),
        };
        if rest.contains('#') {
            return Err(refused("it has a fragment"));
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(refused("it holds a user name; give the key by `key:`"));
        }
        let (host, port) = match authority.rfind(']') {
            Some(end) => (
                &authority[..=end],
                authority[end + 1..]
                    .strip_prefix(':')
                    .or((authority.len() > end + 1).then_some("?")),
            ),
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let host = host.to_ascii_lowercase();
        let bracketed = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let good = match bracketed {
            Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
            None => {
                !host.is_empty()
                    && host
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
            }
        };
        if !good {
            return Err(refused(
                "its host is no plain ASCII name (write an international name in its xn-- form)",
            ));
        }
        let port = match port {
            None => {
                if secure {
                    443
                } else {
                    80
                }
            }
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| refused("its port is no port"))?
            }
            Some(_) => return Err(refused("its port is no port")),
        };
        Ok(Origin { secure, host, port })
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost"
            || bare.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
            || bare.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Whether a key may travel there without being readable on the way.
    pub fn is_private(&self) -> bool {
        self.secure || self.is_loopback()
    }

    fn is_one_of(&self, own: &[&str]) -> bool {
        own.iter()
            .any(|pattern| match pattern.strip_prefix("https://") {
                Some(name) if name.contains('*') => {
                    self.secure && self.port == 443 && fits(&self.host, name)
                }
                _ => Origin::of(pattern).as_ref() == Ok(self),
            })
    }
}

/// Whether a host has the labels of a pattern, where a leading `*` is any beginning of one label.
fn fits(host: &str, pattern: &str) -> bool {
    let (host, pattern) = (host.split('.'), pattern.split('.'));
    let one = |(label, wanted): (&str, &str)| match wanted.strip_prefix('*') {
        Some(end) => label.len() > end.len() && label.ends_with(end),
        None => label == wanted,
    };
    host.clone().count() == pattern.clone().count() && host.zip(pattern).all(one)
}

/// Whether an origin is one of the provider's own.
pub fn is_own(provider: &Provider, origin: &Origin) -> bool {
    origin.is_one_of(provider.origins)
}

/// The variables whose key may be sent to `base_url`, in the order to look in; none means that the
/// call goes without a key. `named` is the variable that the suite names (`key:`).
pub fn key_allowed<'a>(
    provider: Option<&Provider>,
    base_url: &str,
    named: Option<&'a str>,
) -> Result<Vec<&'a str>, Refused> {
    let origin = Origin::of(base_url)?;
    let own = provider.filter(|provider| is_own(provider, &origin));
    let variables: Vec<&'a str> = match (named, own) {
        (Some(name), own) => {
            let its_own = own.is_some_and(|provider| provider.keys.contains(&name));
            if !its_own && is_known(name) {
                return Err(Refused::Variable {
                    variable: name.into(),
                    origin: origin.to_string(),
                });
            }
            vec![name]
        }
        (None, Some(provider)) => provider.keys.to_vec(),
        (None, None) => Vec::new(),
    };
    if !variables.is_empty() && !origin.is_private() {
        return Err(Refused::Plain {
            origin: origin.to_string(),
        });
    }
    Ok(variables)
}

/// Whether a variable is known to hold a secret: a provider's key, or another well-known one.
pub fn is_known(variable: &str) -> bool {
    let known = |name: &&str| name.eq_ignore_ascii_case(variable);
    SECRETS.iter().any(known) || PROVIDERS.iter().any(|row| row.keys.iter().any(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::catalog::provider;

    fn openai(url: &str) -> String {
        match key_allowed(provider("openai"), url, None) {
            Ok(variables) => variables.join(","),
            Err(_) => "refused".into(),
        }
    }

    #[test]
    fn a_key_reaches_its_own_origin_only() {
        for url in [
            "https://api.openai.com/v1",
            "https://API.OpenAI.com/v1",
            "HTTPS://api.openai.com:443/anything",
            "https://api.openai.com:0443",
            "https://api.openai.com?@evil.example",
        ] {
            assert_eq!(openai(url), "OPENAI_API_KEY", "{url}");
        }
        for url in [
            "https://api.openai.com.evil.example/v1",
            "https://api.openai.com./v1",
            "https://api.openai.com:8443/v1",
            "http://api.openai.com/v1",
            "https://evil.example/api.openai.com",
            "https://evil.example?https://api.openai.com",
            "https://xapi.openai.com",
            "https://openai.com",
            "https://api-openai.com",
            "https://api.openai.com-evil.example",
            "https://xn--pi-openai-x1a.com",
            "https://93.184.216.34/v1",
            "https://127.0.0.1/v1",
            "http://127.0.0.1:8080/v1",
            "http://localhost:11434/v1",
            "https://[2001:db8::1]/v1",
            "https://2130706433/v1",
        ] {
            assert_eq!(openai(url), "", "{url}");
        }
        for url in [
            "https://api.openai.com@evil.example/v1",
            "https://user:pass@api.openai.com/v1",
            "https://api.openai.com\\@evil.example",
            "https://api.openai.com#@evil.example",
            "https://api.openai.com%2eevil.example",
            "https://аpi.openai.com/v1",
            "https://api。openai.com/v1",
            "https://api.openai\t.com/v1",
            " https://api.openai.com/v1",
            "https:api.openai.com",
            "https:/api.openai.com",
            "https:///api.openai.com",
            "//api.openai.com",
            "ftp://api.openai.com",
            "file:///etc/passwd",
            "javascript://api.openai.com",
            "https://api.openai.com:/v1",
            "https://api.openai.com:99999/v1",
            "https://api.openai.com:443:443",
            "https://[::1/v1",
            "https://[::1]x/v1",
            "https://",
            "",
        ] {
            assert_eq!(openai(url), "refused", "{url}");
        }
    }

    #[test]
    fn another_origin_needs_a_variable_of_its_own() {
        let to = |url, named| key_allowed(None, url, Some(named));
        assert_eq!(to("https://llm.example/v1", "LLM_KEY"), Ok(vec!["LLM_KEY"]));
        assert_eq!(
            to("http://127.0.0.1:8080/v1", "LOCAL_KEY"),
            Ok(vec!["LOCAL_KEY"])
        );
        assert_eq!(
            to("http://[::1]:8080/v1", "LOCAL_KEY"),
            Ok(vec!["LOCAL_KEY"])
        );
        for known in [
            "OPENAI_API_KEY",
            "openai_api_key",
            "AZURE_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
        ] {
            assert!(
                matches!(
                    to("https://llm.example/v1", known),
                    Err(Refused::Variable { .. })
                ),
                "{known}"
            );
        }
        for plain in [
            "http://llm.example/v1",
            "http://127.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://0.0.0.0:1/",
            "http://localhost.evil.example/",
            "http://10.0.0.1/",
        ] {
            assert!(
                matches!(to(plain, "LLM_KEY"), Err(Refused::Plain { .. })),
                "{plain}"
            );
        }
        assert_eq!(key_allowed(None, "http://10.0.0.1/v1", None), Ok(vec![]));
        let groq = key_allowed(
            provider("groq"),
            "https://api.groq.com/openai/v1",
            Some("OPENAI_API_KEY"),
        );
        assert!(groq.is_err());
        let own = key_allowed(
            provider("openai"),
            "https://api.openai.com/v1",
            Some("TEAM_KEY"),
        );
        assert_eq!(own, Ok(vec!["TEAM_KEY"]));
    }

    #[test]
    fn a_customers_own_subdomain() {
        let azure = |url| {
            key_allowed(provider("azure"), url, None)
                .unwrap_or_default()
                .len()
        };
        assert_eq!(azure("https://mine.openai.azure.com/openai/v1"), 2);
        for url in [
            "https://openai.azure.com",
            "https://a.b.openai.azure.com",
            "https://evilopenai.azure.com",
            "https://x.azure-api.net",
            "https://mine.openai.azure.com:444",
        ] {
            assert_eq!(azure(url), 0, "{url}");
        }
    }

    #[test]
    fn a_refusal_repeats_no_password() {
        let refused = Origin::of("https://user:hunter2@api.openai.com/v1").unwrap_err();
        assert!(!refused.to_string().contains("hunter2"));
    }
}
