//! ETags: which version of a record the caller has seen (RFC 9110, 8.8.3 and 13.1).

use crate::Error;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use std::future::{Ready, ready};

/// The version that the caller has seen: from `If-Match`, or zero with `If-None-Match: *` (there is none yet).
/// A handler that takes one cannot be called without.
pub(crate) struct Precondition(pub(crate) i32);

impl FromRequest for Precondition {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request).map(Self))
    }
}

fn read(request: &HttpRequest) -> Result<i32, Error> {
    let headers = request.headers();
    if headers.get(header::IF_NONE_MATCH).is_some_and(|value| value == "*") {
        return Ok(0);
    }
    let given = headers.get(header::IF_MATCH).ok_or(Error::PreconditionRequired)?;
    let version = given.to_str().ok().and_then(|tag| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    version.ok_or(Error::MalformedHeader("If-Match"))
}

/// The strong ETag of a version.
pub(crate) fn etag(version: i32) -> String {
    format!("\"{version}\"")
}
