//! Feeds: what programs fetch again and again, in formats of their own.

pub(crate) mod atom;
pub(crate) mod calendar;

use crate::foundation::download::said;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ETag, EntityTag, IfNoneMatch},
};
use domain::ChallengeId;
use sha2::{Digest, Sha256};

/// Where things are, for the links of a feed.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    /// The address of this installation, without a slash at the end.
    pub(crate) base_url: &'a str,
}

impl Site<'_> {
    /// What everything here is called by: the host, which outlasts its addresses.
    fn host(self) -> String {
        let authority = self.base_url.split("://").last().unwrap_or_default();
        authority.split([':', '/']).next().unwrap_or_default().to_owned()
    }

    /// Where people read a challenge.
    fn challenge(self, id: ChallengeId) -> String {
        format!("{}/challenges/{id}", self.base_url)
    }
}

/// A feed as it is sent.
pub(crate) struct Feed {
    /// Its media type.
    pub(crate) media_type: &'static str,
    /// Its content.
    pub(crate) body: String,
    /// Whether everybody gets the same.
    pub(crate) public: bool,
}

impl Feed {
    /// The answer: nothing, for who has it already (RFC 9110, 13.1).
    pub(crate) fn answer(self, request: &HttpRequest) -> HttpResponse {
        let digest = Sha256::digest(self.body.as_bytes());
        let tag = EntityTag::new_strong(digest[..16].iter().map(|byte| format!("{byte:02x}")).collect());
        let known = is_known(request, &tag);
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header(ETag(tag));
        let policy = if self.public { "public, max-age=300" } else { "private, no-cache" };
        response.insert_header((header::CACHE_CONTROL, policy));
        if known { response.finish() } else { response.content_type(self.media_type).body(self.body) }
    }
}

/// Only the tag counts, no date: what leaves a list makes it no newer, and two changes may fall into one second.
fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match said::<IfNoneMatch>(request) {
        Some(IfNoneMatch::Any) => true,
        Some(IfNoneMatch::Items(tags)) => tags.iter().any(|one| one.weak_eq(tag)),
        None => false,
    }
}

/// The text without characters that XML and calendars have no way to write.
fn plain(text: &str) -> String {
    let written = |letter: &char| match letter {
        '\n' | '\t' => true,
        // XML 1.0, section 2.2.
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => !other.is_control(),
    };
    text.chars().filter(written).collect()
}
