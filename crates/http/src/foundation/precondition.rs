//! ETags: which version of a record the caller has seen (RFC 9110, 8.8.3 and 13.1).

use crate::Error;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use sha2::{Digest, Sha256};
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
    let tag = given.to_str().ok().and_then(|tag| tag.trim().strip_prefix('"')?.strip_suffix('"'));
    let tag = tag.filter(|tag| !tag.contains('"')).ok_or(Error::MalformedHeader("If-Match"))?;
    let version = tag.split_once('-').map_or(tag, |(version, _)| version);
    // Tags are compared letter by letter: `"01"` was never given to anybody.
    Ok(version.parse().ok().filter(|seen: &i32| *seen > 0 && seen.to_string() == version).unwrap_or(NEVER))
}

/// A version that no record has.
const NEVER: i32 = -1;

/// The strong ETag of a version as somebody sees it. Two readers may see different parts of the same version, and one
/// reader more of it later, so the content is in the tag too; `If-Match` looks at the version only.
pub(crate) fn etag(version: i32, body: &str) -> String {
    let hash: String = Sha256::digest(body).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{version}-{hash}\"")
}
