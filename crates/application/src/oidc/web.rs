//! Calls to providers: no redirects, little time, little content, certificates of the system, TLS by rustls.

use crate::{Error, Result};
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use ureq::{
    Agent, Body, http,
    tls::{Certificate, RootCerts, TlsConfig},
};

/// For one call, from the name to the last byte. Three of them fit into the time a request has by default.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The most that a provider may answer, in bytes.
const LIMIT: u64 = 512 * 1024;

/// A client for calls to providers.
pub(super) struct Web(Agent);

impl Web {
    /// Reads the certificates that this machine trusts.
    pub(super) fn new() -> Self {
        let trusted = rustls_native_certs::load_native_certs().certs;
        let trusted: Vec<_> = trusted.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&trusted))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .build();
        Self(config.into())
    }

    /// A document.
    pub(super) fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T> {
        read(self.0.get(url).header("accept", "application/json").call()).and_then(successful)
    }

    /// A document for whoever bears the token.
    pub(super) fn get_as<T: DeserializeOwned>(&self, url: &str, token: &str) -> Result<T> {
        let request = self.0.get(url).header("accept", "application/json");
        read(request.header("authorization", format!("Bearer {token}")).call()).and_then(successful)
    }

    /// What a form gets for an answer. A refusal is not an outage.
    pub(super) fn post<T: DeserializeOwned>(
        &self,
        url: &str,
        authorization: Option<&str>,
        form: &[(&str, &str)],
    ) -> Result<T> {
        let mut request = self.0.post(url).header("accept", "application/json");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let (status, body) = read(request.send_form(form.iter().copied()))?;
        if status.is_client_error() {
            return Err(Error::SignInNotProven(format!("the token endpoint answered {status}")));
        }
        successful((status, body))
    }
}

type Answer = (http::StatusCode, Vec<u8>);

fn read(answer: std::result::Result<http::Response<Body>, ureq::Error>) -> Result<Answer> {
    let mut answer = answer.map_err(unavailable)?;
    let body = answer.body_mut().with_config().limit(LIMIT).read_to_vec().map_err(unavailable)?;
    Ok((answer.status(), body))
}

fn successful<T: DeserializeOwned>((status, body): Answer) -> Result<T> {
    if status != http::StatusCode::OK {
        return Err(Error::ProviderUnavailable(format!("it answered {status}")));
    }
    serde_json::from_slice(&body).map_err(unavailable)
}

fn unavailable(error: impl std::fmt::Display) -> Error {
    Error::ProviderUnavailable(error.to_string())
}
