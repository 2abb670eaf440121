//! Where files are kept, by what is in them ([`Store`]), and where they wait while they arrive ([`Incoming`]).
//!
//! Paths are made of hashes and ids alone, never of anything that a caller wrote.

mod directory;
mod error;
mod hash;
mod incoming;
mod local;
#[cfg(feature = "s3")]
mod s3;

pub use error::{Error, Result};
pub use hash::Hash;
pub use incoming::{Claim, Incoming, Taken, Writer};
pub use local::LocalStore;
#[cfg(feature = "s3")]
pub use s3::{S3Settings, S3Store};

use bytes::Bytes;
use futures_util::Stream;
use std::{
    ops::Range,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
};

/// What takes a while.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// The content of a file, piece by piece.
pub type Content = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// Keeps files by the SHA-256 of their content, so that each is there once. Everything may be repeated.
pub trait Store: Send + Sync {
    /// Takes over a finished file, which must have this hash. Once this has succeeded it is kept, even through a power cut,
    /// and the original may be gone. Fine too if it is kept already, whether the original is still there or not.
    fn put<'a>(&'a self, hash: Hash, file: &'a Path) -> Pending<'a, ()>;

    /// Reads these bytes of a file; fails with [`Error::Missing`] if there is no such file.
    fn open(&self, hash: Hash, range: Range<u64>) -> Pending<'_, Content>;

    /// The size of a file in bytes, if there is one.
    fn size(&self, hash: Hash) -> Pending<'_, Option<u64>>;

    /// Removes a file; fine if there is none.
    fn delete(&self, hash: Hash) -> Pending<'_, ()>;
}

/// The files of an installation. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    /// Those that are whole.
    pub store: Arc<dyn Store>,
    /// Those that are on their way.
    pub incoming: Incoming,
}

impl Storage {
    /// Everything below one directory, which is made when it is first needed.
    pub fn local(directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        let incoming = Incoming::new(directory.join("incoming"));
        Self { store: Arc::new(LocalStore::new(directory.join("objects"))), incoming }
    }

    /// Whole files in a service that speaks S3; those on their way below a directory, which is made when it is first needed.
    #[cfg(feature = "s3")]
    pub fn s3(directory: impl Into<PathBuf>, settings: S3Settings) -> Result<Self> {
        let incoming = Incoming::new(directory.into().join("incoming"));
        Ok(Self { store: Arc::new(S3Store::new(settings)?), incoming })
    }
}
