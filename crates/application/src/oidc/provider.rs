//! The providers that the operator configured, and the talk with them. Everything here that reaches the network blocks,
//! for seconds at worst, and must not run inside a transaction.

use super::{
    Begun,
    id_token::{self, Keys, Payload},
    web::Web,
};
use crate::{Error, Result};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use domain::{OrganisationId, Refusal, identity::Claims};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::{Url, form_urlencoded::byte_serialize};

/// How long what a provider publishes about itself is believed.
const FRESH: Duration = Duration::from_secs(3600);

/// How long it is believed at least: a token with an unknown key must not make us ask again and again.
const PAUSE: Duration = Duration::from_secs(5);

/// What the operator says of a provider.
#[derive(Clone)]
pub struct ProviderSettings {
    /// Its name here, in lower case.
    pub name: String,
    /// Its issuer identifier: a URL, exactly as in its tokens.
    pub issuer: String,
    /// What it knows us by.
    pub client_id: String,
    /// Proves to it that we are that client.
    pub client_secret: String,
    /// Its name for people.
    pub label: String,
    /// The organisation that runs it, if one of ours does; told in the events of its sign-ins.
    pub organisation: Option<OrganisationId>,
    /// The mail domains it may speak for, in lower case.
    pub domains: Vec<String>,
}

/// All configured providers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Providers(Arc<Vec<Arc<Provider>>>);

impl Providers {
    /// `callback` is the address that providers send browsers back to; `key` is this installation's secret.
    pub fn new(settings: Vec<ProviderSettings>, callback: &str, key: &[u8]) -> Self {
        let provider = |settings| {
            let (callback, key) = (callback.to_owned(), key.to_vec());
            Arc::new(Provider { settings, callback, key, web: Web::new(), known: Mutex::default() })
        };
        Self(Arc::new(settings.into_iter().map(provider).collect()))
    }

    /// All of them, in the order of their names.
    pub fn all(&self) -> &[Arc<Provider>] {
        &self.0
    }

    /// The one of this name.
    pub fn find(&self, name: &str) -> Result<Arc<Provider>> {
        let found = self.0.iter().find(|provider| provider.settings.name == name);
        Ok(found.ok_or(Refusal::NotFound("provider"))?.clone())
    }
}

/// A provider.
pub struct Provider {
    settings: ProviderSettings,
    callback: String,
    key: Vec<u8>,
    web: Web,
    known: Mutex<Option<(Instant, Arc<Metadata>)>>,
}

/// What a provider publishes about itself (OpenID Connect Discovery 1.0), with its keys.
#[derive(Debug)]
pub struct Metadata {
    published: Published,
    keys: Keys,
}

#[derive(Debug, Deserialize)]
struct Published {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    userinfo_endpoint: Option<Url>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct PublishedKeys {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

/// What a provider sent the browser back with.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Worth an ID token, once.
    pub code: String,
    /// As the sign-in began with it.
    pub state: String,
    /// Who answers (RFC 9207).
    pub issuer: Option<String>,
    /// Hash of the nonce that the sign-in began with.
    pub nonce_hash: String,
}

impl Provider {
    /// Its name here.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Its name for people.
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// The mail domains it may speak for.
    pub fn domains(&self) -> &[String] {
        &self.settings.domains
    }

    /// The organisation that runs it.
    pub fn organisation(&self) -> Option<OrganisationId> {
        self.settings.organisation
    }

    /// What it publishes about itself, at most an hour old. Reaches the network.
    pub fn metadata(&self) -> Result<Arc<Metadata>> {
        self.not_older_than(FRESH)
    }

    fn not_older_than(&self, age: Duration) -> Result<Arc<Metadata>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, metadata)) = known.filter(|(since, _)| since.elapsed() < age) {
            return Ok(metadata);
        }
        let fresh = Arc::new(self.ask()?);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), fresh.clone()));
        Ok(fresh)
    }

    fn ask(&self) -> Result<Metadata> {
        let issuer = &self.settings.issuer;
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let published: Published = self.web.get(&place)?;
        if published.issuer != *issuer {
            return Err(Error::ProviderUnavailable(format!("it calls itself {}", published.issuer)));
        }
        let secure = |url: &Url| url.scheme() == "https" || !issuer.starts_with("https:");
        let endpoints = [&published.authorization_endpoint, &published.token_endpoint, &published.jwks_uri];
        if !endpoints.into_iter().chain(&published.userinfo_endpoint).all(secure) {
            return Err(Error::ProviderUnavailable("it has an endpoint without encryption".to_owned()));
        }
        let keys: PublishedKeys = self.web.get(published.jwks_uri.as_str())?;
        Ok(Metadata { published, keys: Keys::read(keys.keys) })
    }

    /// Where the person signs in.
    pub fn authorization_url(&self, metadata: &Metadata, begun: &Begun) -> String {
        let state = begun.state.reveal();
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.code_verifier(state).as_bytes()));
        let mut url = metadata.published.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.callback)
            .append_pair("scope", "openid email profile")
            .append_pair("state", state)
            .append_pair("nonce", begun.nonce.reveal())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        url.into()
    }

    /// Who signed in, by the provider's own word. Reaches the network.
    pub fn claims(&self, answer: &Answer) -> Result<Claims> {
        let metadata = self.metadata()?;
        self.check_issuer(&metadata, answer.issuer.as_deref())?;
        let tokens = self.exchange(&metadata, answer)?;
        // A provider may change its keys at any time.
        let metadata = if metadata.keys.know(&tokens.id_token) { metadata } else { self.not_older_than(PAUSE)? };
        let Self { settings: ProviderSettings { issuer, client_id, .. }, .. } = self;
        let payload = id_token::check(&tokens.id_token, &metadata.keys, issuer, client_id, &answer.nonce_hash)?;
        Ok(self.complete(&metadata, payload, tokens.access_token.as_deref())?.claims())
    }

    /// With several providers, one of them must not pass its answers off as another's (RFC 9207, 2.4).
    fn check_issuer(&self, metadata: &Metadata, named: Option<&str>) -> Result<()> {
        let required = metadata.published.authorization_response_iss_parameter_supported;
        let right = named.map_or(!required, |named| named == self.settings.issuer);
        if right { Ok(()) } else { Err(Error::SignInNotProven("another provider answered".to_owned())) }
    }

    fn exchange(&self, metadata: &Metadata, answer: &Answer) -> Result<Tokens> {
        let ProviderSettings { client_id, client_secret, .. } = &self.settings;
        let verifier = self.code_verifier(&answer.state);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", &answer.code),
            ("redirect_uri", &self.callback),
            ("code_verifier", &verifier),
        ];
        let methods = &metadata.published.token_endpoint_auth_methods_supported;
        // Without a word the provider takes HTTP Basic (OpenID Connect Discovery 1.0, 3).
        let basic = methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic");
        let authorization = basic.then(|| basic_authorization(client_id, client_secret));
        if !basic {
            form.extend([("client_id", client_id.as_str()), ("client_secret", client_secret)]);
        }
        self.web.post(metadata.published.token_endpoint.as_str(), authorization.as_deref(), &form)
    }

    /// Many providers tell the address only to who asks with the access token.
    fn complete(&self, metadata: &Metadata, mut payload: Payload, access_token: Option<&str>) -> Result<Payload> {
        let asked = metadata.published.userinfo_endpoint.as_ref().zip(access_token);
        let Some((endpoint, token)) = asked.filter(|_| payload.email.is_none()) else { return Ok(payload) };
        let told: Payload = self.web.get_as(endpoint.as_str(), token)?;
        if told.sub != payload.sub {
            return Err(Error::SignInNotProven("the userinfo endpoint tells of somebody else".to_owned()));
        }
        (payload.email, payload.email_verified) = (told.email, told.email_verified);
        payload.name = payload.name.or(told.name);
        Ok(payload)
    }

    /// The secret of PKCE (RFC 7636), derived from the state so that it need not be stored: our tables know only the
    /// hash of the state, the browser only the state, and neither the key.
    fn code_verifier(&self, state: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return String::new() };
        mac.update(b"oidc code verifier ");
        mac.update(state.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

/// RFC 6749, 2.3.1: both parts are encoded as in a form first.
fn basic_authorization(id: &str, secret: &str) -> String {
    let encoded = |part: &str| byte_serialize(part.as_bytes()).collect::<String>();
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}
