//! Bodies that are a file.

use super::body::BodyHash;
use crate::Error;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, error::PayloadError, web};
use domain::organisation::LARGEST_FILE;
use sha2::{Digest, Sha256};
use std::{future::Future, pin::Pin};

/// The file that a request brings.
pub(crate) struct File {
    /// What is in it.
    pub(crate) content: web::Bytes,
    /// What the sender says it is.
    pub(crate) media_type: String,
}

impl FromRequest for File {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let stream = web::Payload::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let stream = stream.await.map_err(|_| Error::BodyIncomplete)?;
            let Ok(content) = stream.to_bytes_limited(LARGEST_FILE).await else {
                return Err(Error::BodyTooLarge(LARGEST_FILE));
            };
            let content = content.map_err(|error| match error.as_error() {
                Some(PayloadError::Overflow) => Error::BodyTooLarge(LARGEST_FILE),
                _ => Error::BodyIncomplete,
            })?;
            request.extensions_mut().insert(BodyHash(Sha256::digest(&content).into()));
            Ok(Self { content, media_type: request.content_type().to_owned() })
        })
    }
}
