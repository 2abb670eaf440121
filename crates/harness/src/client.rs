//! Calls over the network, as any program makes them.

use std::time::Duration;

use serde_json::Value;
use ureq::{Agent, http};

use crate::process::Server;

/// Somebody who calls a server, over connections of their own.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    token: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub text: String,
    /// The body, if it is JSON.
    pub body: Value,
}

impl Client {
    /// Calls a server, without a token.
    pub fn new(server: &Server) -> Self {
        Self::at(server.url())
    }

    /// As [`Client::new`], for what listens at this address.
    pub fn at(base: String) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(20)));
        Self { agent: config.build().into(), base, token: None }
    }

    /// Stays where it is sent from, as a test of redirects must.
    pub fn without_redirects(server: &Server) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(20)));
        let agent = config.max_redirects(0).max_redirects_will_error(false).build().into();
        Self { agent, ..Self::new(server) }
    }

    /// The same server, for somebody else, over other connections.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.anew() }
    }

    /// The same person at another server.
    pub fn at_server(&self, server: &Server) -> Self {
        Self { token: self.token.clone(), ..Self::new(server) }
    }

    /// The same server, for nobody in particular, over other connections.
    pub fn anew(&self) -> Self {
        Self::at(self.base.clone())
    }

    /// A GET.
    pub fn get(&self, path: &str) -> Response {
        self.send("GET", path, &[], None).unwrap()
    }

    /// A POST with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Response {
        self.send("POST", path, &[], Some(body)).unwrap()
    }

    /// A POST without a body.
    pub fn act(&self, path: &str) -> Response {
        self.send("POST", path, &[], None).unwrap()
    }

    /// What a browser sends for a form; the fields need no escaping but for spaces.
    pub fn submit_form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
        self.exchange("POST", path, &[("content-type", "application/x-www-form-urlencoded")], fields.join("&")).unwrap()
    }

    /// Any call.
    ///
    /// # Errors
    /// No answer came.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Response, ureq::Error> {
        match body {
            Some(body) => {
                let headers = [headers, &[("content-type", "application/json")]].concat();
                self.exchange(method, path, &headers, body.to_string())
            }
            None => self.exchange(method, path, headers, String::new()),
        }
    }

    /// Any call, with a body of any kind.
    ///
    /// # Errors
    /// No answer came.
    pub fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Response, ureq::Error> {
        let mut request = http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match method {
            "GET" | "DELETE" => self.agent.run(request.body(()).unwrap()),
            _ => self.agent.run(request.body(body).unwrap()),
        };
        let mut answer = answer?;
        let text = answer.body_mut().read_to_string()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Response { status: answer.status().as_u16(), headers: answer.headers().clone(), text, body })
    }
}

impl Response {
    /// Fails the test unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// A header, empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The field `id` of the body.
    pub fn id(&self) -> String {
        self.string("id")
    }

    /// A field of the body.
    #[track_caller]
    pub fn string(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", self.text)).to_owned()
    }
}
