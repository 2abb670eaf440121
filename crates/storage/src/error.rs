//! What can go wrong with files.

use std::io;

/// The result of an operation on files.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file, or less of it than there must be.
    #[error("the file is not there")]
    Missing,
    /// Somebody else is writing this file, in this process or another.
    #[error("somebody else is writing this file")]
    Busy,
    /// The disk, or the service behind the network, does not do its work.
    #[error("the storage is not available: {0}")]
    Unavailable(String),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// Runs what waits for the disk where it holds up nobody.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::Unavailable(error.to_string())))
}
