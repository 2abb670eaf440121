//! Files on their way out: always as an attachment, in parts if asked for (RFC 9110, 13 and 14), never held in memory.

use crate::Error;
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::SizedStream,
    http::{
        StatusCode,
        header::{
            self, Charset, ContentDisposition, ContentRange, ContentRangeSpec, DispositionParam, DispositionType, ETag,
            EntityTag, ExtendedValue, Header, IfMatch, IfNoneMatch, IfRange, Range,
        },
    },
};
use futures_util::stream;
use storage::{Content, Hash, Storage};

/// Marks a request for the head alone.
pub(crate) struct HeadOnly;

/// A file that somebody may have.
pub(crate) struct Download {
    /// What it is called.
    pub(crate) name: String,
    /// Its media type.
    pub(crate) media_type: String,
    /// Its size in bytes.
    pub(crate) size: i64,
    /// SHA-256 of its content, in hexadecimal; the ETag.
    pub(crate) sha256: String,
}

impl Download {
    /// The answer to a request for this file.
    pub(crate) async fn answer(self, request: &HttpRequest, storage: &Storage) -> Result<HttpResponse, Error> {
        let tag = EntityTag::new_strong(self.sha256.clone());
        if !matches(request, &tag)? {
            return Ok(HttpResponse::NotModified().insert_header(ETag(tag)).finish());
        }
        let size = self.size.unsigned_abs();
        let part = part(request, &tag, size)?;
        let (first, end) = part.map_or((0, size), |(first, last)| (first, last + 1));
        let mut response =
            HttpResponse::build(if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK });
        if let Some(range) = part {
            let spec = ContentRangeSpec::Bytes { range: Some(range), instance_length: Some(size) };
            response.insert_header(ContentRange(spec));
        }
        response.insert_header((header::ACCEPT_RANGES, "bytes")).insert_header(ETag(tag));
        response.insert_header(attachment(&self.name)).content_type(self.media_type.as_str());
        let content: Content = if is_head(request) {
            Box::pin(stream::empty())
        } else {
            let hash = Hash::parse(&self.sha256).ok_or_else(|| Error::Internal("a file without a hash".to_owned()))?;
            storage.store.open(hash, first..end).await.map_err(application::Error::from)?
        };
        Ok(response.body(SizedStream::new(end - first, content)))
    }
}

/// Whether the head alone is asked for.
pub(crate) fn is_head(request: &HttpRequest) -> bool {
    request.extensions().contains::<HeadOnly>()
}

/// What `H` says, if the request has one that can be read; one that cannot is as good as none.
pub(crate) fn said<H: Header>(request: &HttpRequest) -> Option<H> {
    request.headers().contains_key(H::name()).then(|| H::parse(request).ok()).flatten()
}

/// Whether the caller lacks the file (RFC 9110, 13.2.2); refuses if it must be another.
fn matches(request: &HttpRequest, tag: &EntityTag) -> Result<bool, Error> {
    match said::<IfMatch>(request) {
        Some(IfMatch::Items(tags)) if !tags.iter().any(|one| one.strong_eq(tag)) => {
            return Err(application::Error::Stale.into());
        }
        _ => {}
    }
    Ok(match said::<IfNoneMatch>(request) {
        None => true,
        Some(IfNoneMatch::Any) => false,
        Some(IfNoneMatch::Items(tags)) => !tags.iter().any(|one| one.weak_eq(tag)),
    })
}

/// The first and the last byte, if a part is asked for. Several parts at once are not given: who asks for them gets all.
fn part(request: &HttpRequest, tag: &EntityTag, size: u64) -> Result<Option<(u64, u64)>, Error> {
    let current = match said::<IfRange>(request) {
        None => !request.headers().contains_key(header::IF_RANGE),
        Some(IfRange::EntityTag(seen)) => seen.strong_eq(tag),
        // Nothing here has a date of its own.
        Some(IfRange::Date(_)) => false,
    };
    match said::<Range>(request).filter(|_| current) {
        Some(Range::Bytes(parts)) if parts.len() == 1 => {
            let satisfiable = parts[0].to_satisfiable_range(size);
            satisfiable.map(Some).ok_or(Error::RangeNotSatisfiable(size))
        }
        _ => Ok(None),
    }
}

/// The name as it is (RFC 8187), and for old programs one that they can read (RFC 6266, 4.3).
pub(crate) fn attachment(name: &str) -> ContentDisposition {
    let plain = |letter: char| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '_' };
    let fallback: String = name.chars().map(plain).filter(|letter| !['"', '\\', '%'].contains(letter)).collect();
    let value = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value: name.into() };
    let mut parameters = vec![DispositionParam::Filename(fallback)];
    if !name.is_ascii() || name.contains('%') {
        parameters.push(DispositionParam::FilenameExt(value));
    }
    ContentDisposition { disposition: DispositionType::Attachment, parameters }
}
