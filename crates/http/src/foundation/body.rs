//! JSON bodies, checked against their published schema before anything else sees them.

use super::schema;
use crate::{Error, State};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, error::PayloadError, web};
use domain::Refusal;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::{future::Future, pin::Pin};
use utoipa::ToSchema;

/// The body of a request.
pub(crate) struct Body<T>(pub(crate) T);

/// The body of a request that says what changes: a JSON Merge Patch (RFC 7396), or JSON in the same form.
pub(crate) struct MergePatch<T>(pub(crate) T);

/// The media type of JSON.
const JSON: &str = "application/json";

/// The media type of changes (RFC 7396, 4).
const MERGE_PATCH: &str = "application/merge-patch+json";

/// The hash of the body, kept with the request: a repeated request must have the same one.
#[derive(Clone, Copy)]
pub(crate) struct BodyHash(pub(crate) [u8; 32]);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(request, payload, &[JSON]);
        Box::pin(async move { read.await.map(Self) })
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for MergePatch<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(request, payload, &[MERGE_PATCH, JSON]);
        Box::pin(async move { read.await.map(Self) })
    }
}

fn read<T: DeserializeOwned + ToSchema>(
    request: &HttpRequest,
    payload: &mut Payload,
    types: &'static [&str],
) -> impl Future<Output = Result<T, Error>> + use<T> {
    let limit = request.app_data::<web::Data<State>>().map_or(0, |state| state.settings.limits.body_bytes);
    let bytes = web::Bytes::from_request(request, payload);
    let request = request.clone();
    async move {
        if !types.iter().any(|known| request.content_type().eq_ignore_ascii_case(known)) {
            return Err(Error::UnsupportedMediaType);
        }
        let bytes = bytes.await.map_err(|error| match error.as_error() {
            Some(PayloadError::Overflow) => Error::BodyTooLarge(limit),
            _ => Error::BodyIncomplete,
        })?;
        request.extensions_mut().insert(BodyHash(Sha256::digest(&bytes).into()));
        parse(&bytes)
    }
}

fn parse<T: DeserializeOwned + ToSchema>(bytes: &[u8]) -> Result<T, Error> {
    let document = serde_json::from_slice(bytes).map_err(|error| Error::MalformedJson(error.to_string()))?;
    let name = T::name();
    let validator =
        schema::of_component(&name).ok_or_else(|| Error::Internal(format!("no schema for the body {name}")))?;
    let problems = schema::problems(&validator, &document);
    if !problems.is_empty() {
        return Err(Refusal::Invalid(problems).into());
    }
    serde_json::from_value(document).map_err(|error| Refusal::invalid("", "invalid", error.to_string()).into())
}
