//! The id of a request: the caller's own if it is sound, otherwise a fresh one.

use actix_web::{HttpMessage, HttpRequest, http::header::HeaderMap};

/// The header that carries it, both ways.
pub(crate) const HEADER: &str = "x-request-id";

/// The id, kept with the request.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) String);

impl RequestId {
    /// Takes the caller's id if it is short and plain, so that nobody writes into the log.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let sound = |id: &&str| {
            (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(sound);
        #[allow(clippy::disallowed_methods, reason = "an id that never reaches a rule")]
        Self(given.map_or_else(|| uuid::Uuid::now_v7().to_string(), ToOwned::to_owned))
    }
}

/// The id of a request that passed the middleware.
pub(crate) fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}
