//! Where a model is asked, and at what price: a name from the suite made into an endpoint.

use super::place;
use crate::provider::capability::{Capabilities, Overlay};
use crate::provider::catalog::{Provider, Quirks, resolve};
use crate::provider::keys::{Origin, Refused, is_own, key_allowed};
use crate::provider::lint::{Drops, Place, settle};
use crate::provider::price::{ListPrice, Priced, Rates, worst_price};
use crate::provider::sigv4::credentials;
use crate::provider::{
    Auth, Call, Cost, Dialect, Endpoint, HttpRequest, Price, Prices, Reply, Spoken, Unsupported,
    dialect,
};
use secrecy::SecretString;
use std::sync::Arc;

/// A model, resolved: dialect, endpoint, lane, price.
#[derive(Clone)]
pub struct Target {
    /// The model as the suite spells it (`groq/llama-3.3-70b-versatile`).
    pub name: String,
    /// What its requests share with others of the same provider and key: limits.
    pub lane: String,
    /// Who serves it; `None` for an endpoint of the user's own.
    pub provider: Option<&'static Provider>,
    /// The model as its API spells it.
    pub wire_model: String,
    /// The wire format's name.
    pub api: &'static str,
    /// The wire format.
    pub dialect: &'static dyn Dialect,
    /// Where to.
    pub endpoint: Arc<Endpoint>,
    /// What is known of the model.
    pub can: Capabilities,
    /// The suite's own price.
    pub price: Option<Price>,
    /// The variable that its key is from, if it has one; how it is got, where that is no variable.
    pub key_from: Option<String>,
    /// Variables that would hold its key, if it needs one and none of them is set.
    pub key_missing: Vec<String>,
}

impl Target {
    /// Where its calls go, as the portability lint sees it.
    pub fn place(&self) -> Place {
        Place {
            provider: self.provider,
            api: self.api,
            quirks: self.endpoint.quirks,
            can: self.can,
        }
    }

    /// The wire request of a call, without what is refused there and may be dropped.
    pub fn request(&self, mut call: Call, drops: Drops) -> Result<HttpRequest, Unsupported> {
        call.model.clone_from(&self.wire_model);
        let wishes = settle(&mut call, &self.place(), drops).wishes;
        let request = self.dialect.encode(&call, &self.endpoint)?;
        Ok(HttpRequest { wishes, ..request })
    }

    /// What a short prompt costs: by the suite's price, else the table's.
    pub fn list_price(&self, prices: &Prices) -> Option<ListPrice> {
        match (&self.price, self.provider) {
            (Some(price), _) => Some(ListPrice {
                rates: Rates::of(price, 0),
                per_request: price.per_request.unwrap_or(0.0),
            }),
            (None, Some(provider)) => prices.list_price(provider, &self.wire_model),
            (None, None) => None,
        }
    }

    /// The most that a request of so many tokens in and out can cost, USD; long-prompt steps and
    /// request fees of the price table included.
    pub fn worst_cost(&self, prices: &Prices, input: u64, output: u64) -> Option<f64> {
        match (&self.price, self.provider) {
            (Some(price), _) => Some(worst_price(price, input, output)),
            (None, Some(provider)) => prices.estimate(provider, &self.wire_model, input, output),
            (None, None) => None,
        }
    }

    /// What a reply (or the part of one that came) cost.
    pub fn cost(&self, prices: &Prices, reply: &Reply) -> Option<Cost> {
        let usage = &reply.usage;
        let nothing = usage.input == Some(0) && usage.output.unwrap_or(0) == 0;
        if nothing && reply.stated_cost.is_none() && !reply.text.is_empty() {
            // An answer made of no tokens: the server does not count, it only says 0.
            return None;
        }
        prices.cost(&Priced {
            provider: self.provider,
            asked: &self.wire_model,
            served: reply.served_model.as_deref(),
            service_tier: reply.service_tier.as_deref(),
            usage: &reply.usage,
            stated: reply.stated_cost,
            suite: self.price.as_ref(),
        })
    }
}

/// What the user says of a model.
#[derive(Debug, Clone, Default)]
pub struct Aim<'a> {
    /// `provider/name`, a bare well-known name, or with `api` any name.
    pub model: &'a str,
    /// The wire format.
    pub api: Option<&'a str>,
    /// Another address than the provider's own.
    pub base_url: Option<&'a str>,
    /// The variable that holds the key.
    pub key_name: Option<&'a str>,
    /// A key that comes from elsewhere (a file, a command); `key_name` then only names it.
    pub key: Option<SecretString>,
    /// The suite's own price.
    pub price: Option<Price>,
    /// Capabilities from elsewhere, over the own table.
    pub overlay: Option<&'a Overlay>,
}

/// Why an [`Aim`] leads nowhere.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Astray {
    /// The model's name means nothing.
    #[error(transparent)]
    Model(#[from] crate::provider::catalog::Unresolved),
    /// There is no such wire format.
    #[error("there is no api {0:?}{near} (known: {1})", near = crate::source::did_you_mean(.0, .1.split(", ")).map(|near| format!(", did you mean {near:?}?")).unwrap_or_default())]
    Api(String, String),
    /// Nobody knows where to send it.
    #[error("{0} has no address of its own: give the model a `base_url`")]
    Address(&'static str),
    /// The address is filled from a variable that is not set.
    #[error("{0} needs {1} to be set for its address, or give the model a `base_url`")]
    Unset(&'static str, String),
    /// The variable holds what cannot be a part of an address.
    #[error("{0} cannot be reached: {1} holds characters that no part of an address has")]
    Part(&'static str, String),
    /// A key may not go there, or the address is no address.
    #[error(transparent)]
    Key(#[from] Refused),
}

/// Finds the endpoint that is meant. `var` looks an environment variable up.
pub fn aim(aim: &Aim<'_>, var: &dyn Fn(&str) -> Option<String>) -> Result<Target, Astray> {
    // At an address of the user's own a bare name is taken as it is; a written prefix names a provider.
    let bare = !aim.model.contains('/');
    let resolved = match (aim.base_url, bare) {
        (Some(_), true) => None,
        _ => Some(resolve(aim.model)),
    };
    let (provider, wire_model) = match resolved {
        Some(Ok(resolved)) => (Some(resolved.provider), resolved.model),
        Some(Err(error)) if aim.api.is_none() && aim.base_url.is_none() => return Err(error.into()),
        _ => (None, aim.model.to_owned()),
    };
    let api = aim
        .api
        .or(provider.map(|provider| provider.dialect))
        .unwrap_or("openai-chat");
    let spoken = known_api(api)?;
    let own = provider.filter(|provider| provider.dialect == spoken.name);
    let base_url = match (aim.base_url, provider) {
        (Some(url), _) => url.trim_end_matches('/').to_owned(),
        (None, Some(provider)) => place::own(provider, var)?,
        (None, None) => return Err(Astray::Address("this model")),
    };
    let origin = Origin::of(&base_url)?;
    let at_home = provider.filter(|provider| is_own(provider, &origin));
    let base_url = match at_home {
        Some(azure) if azure.name == "azure" => {
            let version = var("AZURE_API_VERSION").or_else(|| var("OPENAI_API_VERSION"));
            let version = version.filter(|_| aim.base_url.is_none());
            place::azure(&base_url, &wire_model, spoken.name, version.as_deref())
        }
        _ => base_url,
    };
    let variables = key_allowed(provider, &base_url, aim.key_name)?;
    if aim.key.is_some() && !origin.is_private() {
        let origin = origin.to_string();
        return Err(Refused::Plain { origin }.into());
    }
    let found = variables
        .iter()
        .find_map(|name| Some(((*name).to_owned(), var(name)?)));
    let key = aim.key.clone().or_else(|| {
        found
            .as_ref()
            .map(|(_, key)| SecretString::from(key.as_str()))
    });
    let mut key_from = match (&aim.key, &found) {
        (Some(_), _) => aim.key_name.map(str::to_owned),
        (None, found) => found.as_ref().map(|(name, _)| name.clone()),
    };
    let mut auth = own.map_or(spoken.auth, |provider| provider.auth);
    let mut key_missing: Vec<String> = Vec::new();
    let signs = at_home.is_some_and(|provider| provider.signs) && aim.key_name.is_none();
    let key = match key {
        None if signs => {
            let signed = aws(var);
            if signed.is_some() {
                auth = Auth::SigV4;
                key_from = Some("AWS_ACCESS_KEY_ID".to_owned());
            } else {
                key_missing.push("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned());
            }
            signed
        }
        key => key,
    };
    // A server on this machine asks for a key only if it was started with one.
    let local = at_home.is_some() && origin.is_loopback() && aim.key_name.is_none();
    if key.is_none() && !local {
        let names = variables.iter().map(|name| (*name).to_owned());
        key_missing.splice(0..0, names);
    }
    let can = Capabilities::of(provider, &wire_model, aim.overlay);
    Ok(Target {
        can,
        name: aim.model.to_owned(),
        lane: lane(provider, aim, &origin),
        provider,
        wire_model,
        api: spoken.name,
        dialect: spoken.dialect,
        endpoint: Arc::new(Endpoint {
            base_url,
            auth,
            key,
            quirks: provider.map_or_else(Quirks::default, |provider| provider.quirks),
        }),
        price: aim.price.clone(),
        key_from,
        key_missing,
    })
}

/// AWS credentials, if they are set.
fn aws(var: &dyn Fn(&str) -> Option<String>) -> Option<SecretString> {
    let (id, secret) = (var("AWS_ACCESS_KEY_ID")?, var("AWS_SECRET_ACCESS_KEY")?);
    let token = var("AWS_SESSION_TOKEN");
    Some(credentials(&id, &secret, token.as_deref()))
}

fn known_api(name: &str) -> Result<&'static Spoken, Astray> {
    dialect(name).ok_or_else(|| {
        let names: Vec<&str> = crate::provider::DIALECTS
            .iter()
            .map(|spoken| spoken.name)
            .collect();
        Astray::Api(name.to_owned(), names.join(", "))
    })
}

/// The provider's name, or the place where it has been moved to; and the key's name, if it is not the usual one.
fn lane(provider: Option<&'static Provider>, aim: &Aim<'_>, origin: &Origin) -> String {
    let place = match (provider, aim.base_url) {
        (Some(provider), None) => provider.name.to_owned(),
        _ => match (origin.secure, origin.port) {
            (true, 443) | (false, 80) => origin.host.clone(),
            (_, port) => format!("{}:{port}", origin.host),
        },
    };
    match aim
        .key_name
        .filter(|name| provider.is_none_or(|provider| !provider.keys.contains(name)))
    {
        Some(name) => format!("{place}#{name}"),
        None => place,
    }
}
