//! Answers, in a form that can be stored with an idempotency key and given again byte for byte.

use super::precondition::etag;
use crate::Error;
use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{Method, StatusCode, header},
};
use domain::Refusal;
use persistence::idempotency::Stored;
use serde::Serialize;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Reply {
    fn with_body<T: Serialize>(status: StatusCode, body: &T) -> Result<Self, Error> {
        let body = serde_json::to_string(body).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { status: status.as_u16(), headers: Vec::new(), body })
    }

    /// 200 with a document.
    pub(crate) fn ok<T: Serialize>(body: &T) -> Result<Self, Error> {
        Self::with_body(StatusCode::OK, body)
    }

    /// 201 with the new thing and its address.
    pub(crate) fn created<T: Serialize>(location: String, body: &T) -> Result<Self, Error> {
        Ok(Self::with_body(StatusCode::CREATED, body)?.header(header::LOCATION.as_str(), location))
    }

    /// 202 with a document: it goes on by mail.
    pub(crate) fn accepted<T: Serialize>(body: &T) -> Result<Self, Error> {
        Self::with_body(StatusCode::ACCEPTED, body)
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT.as_u16(), headers: Vec::new(), body: String::new() }
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Adds the ETag of the version shown.
    pub(crate) fn version(self, version: i32) -> Self {
        let etag = etag(version, &self.body);
        self.header(header::ETAG.as_str(), etag)
    }

    /// Adds the link to the next page (RFC 8288).
    pub(crate) fn next(self, request: &HttpRequest, cursor: Option<&String>) -> Self {
        let Some(cursor) = cursor else { return self };
        let kept = request.query_string().split('&').filter(|p| !p.is_empty() && !p.starts_with("after="));
        let query: Vec<_> = kept.map(ToOwned::to_owned).chain([format!("after={cursor}")]).collect();
        self.header(header::LINK.as_str(), format!("<{}?{}>; rel=\"next\"", request.path(), query.join("&")))
    }

    /// As it is stored.
    pub(crate) fn stored(&self) -> Stored {
        Stored { status: i32::from(self.status), headers: self.headers.clone(), body: self.body.clone() }
    }

    /// As it was stored.
    pub(crate) fn replayed(stored: Stored) -> Self {
        let status = u16::try_from(stored.status).unwrap_or(500);
        Self { status, headers: stored.headers, body: stored.body }.header("idempotent-replayed", "true")
    }

    fn is_known_to(&self, request: &HttpRequest) -> bool {
        let own = self.headers.iter().find(|(name, _)| name == header::ETAG.as_str()).map(|(_, value)| value.as_str());
        let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let reading = [Method::GET, Method::HEAD].contains(request.method());
        // The comparison is the weak one here (RFC 9110, 13.1.2).
        let same = |tag: &str, own| tag == "*" || tag.trim_start_matches("W/") == own;
        reading && own.zip(known).is_some_and(|(own, known)| known.split(',').any(|tag| same(tag.trim(), own)))
    }
}

/// What a write comes to; a dry run says what it would have come to.
pub(crate) trait Outcome: Send + 'static {
    /// What would have been answered, had it been stored.
    fn of_dry_run(self) -> Self;
}

impl Outcome for Reply {
    fn of_dry_run(self) -> Self {
        Self { status: 200, ..self }.header("dry-run", "true")
    }
}

/// A refusal whose transaction is kept all the same: the reuse of a token must end the session.
impl Outcome for Result<Reply, Refusal> {
    fn of_dry_run(self) -> Self {
        self.map(Outcome::of_dry_run)
    }
}

/// A refusal whose transaction is kept, because the attempt is on the record. A dry run leaves none.
impl Outcome for Result<Reply, Error> {
    fn of_dry_run(self) -> Self {
        self.map(Outcome::of_dry_run).map_err(|error| match error {
            Error::OnRecord(error, _) => Error::Application(error),
            other => other,
        })
    }
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let known = self.is_known_to(request);
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(if known { StatusCode::NOT_MODIFIED } else { status });
        for (name, value) in self.headers {
            response.append_header((name, value));
        }
        if known || self.body.is_empty() {
            response.finish()
        } else {
            response.content_type("application/json").body(self.body)
        }
    }
}
