//! Work that takes the processor for longer than a request may hold its thread.

use crate::Error;
use actix_web::web;

/// Does it on a thread of its own.
///
/// # Errors
/// If the server is stopping.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    web::block(work).await.map_err(|error| Error::Internal(error.to_string()))
}
