//! Files on their way: written piece by piece, by one writer at a time, each named by an id.

use crate::{Error, Result, directory, error::blocking, local::remove};
use bytes::Bytes;
use std::{
    fs::{self, File, TryLockError},
    io::{ErrorKind, Seek, SeekFrom},
    path::{Path, PathBuf},
};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// Where files wait until they are whole. Cheap to clone.
#[derive(Clone)]
pub struct Incoming {
    directory: PathBuf,
}

/// A file that nobody else writes until this is dropped, or the process ends.
pub struct Taken {
    file: File,
    directory: PathBuf,
}

/// Who writes a file until this is dropped, or the process ends.
pub struct Writer {
    file: tokio::fs::File,
    directory: PathBuf,
    written: u64,
}

/// Keeps everybody from writing a file until it is dropped.
pub struct Claim {
    _locked: File,
}

impl Incoming {
    /// In this directory, which is made when it is first needed.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Where the file of this id is, if it is.
    pub fn path(&self, id: Uuid) -> PathBuf {
        self.directory.join(id.to_string())
    }

    /// The file of this id, for writing: nobody else writes it until what comes of this is dropped.
    ///
    /// # Errors
    /// [`Error::Busy`] while somebody else writes it.
    pub async fn take(&self, id: Uuid) -> Result<Taken> {
        let (directory, path) = (self.directory.clone(), self.path(id));
        blocking(move || {
            directory::create(&directory)?;
            Ok(Taken { file: lock(directory::open_private(&path)?)?, directory })
        })
        .await
    }

    /// Keeps everybody from writing a file.
    ///
    /// # Errors
    /// [`Error::Busy`] while somebody writes it, [`Error::Missing`] if there is none.
    pub async fn claim(&self, id: Uuid) -> Result<Claim> {
        let path = self.path(id);
        blocking(move || Ok(Claim { _locked: lock(File::open(path)?)? })).await
    }

    /// Removes a file; fine if there is none.
    pub async fn remove(&self, id: Uuid) -> Result<()> {
        let path = self.path(id);
        blocking(move || remove(&path)).await
    }

    /// The ids of the files that are there.
    pub async fn list(&self) -> Result<Vec<Uuid>> {
        let directory = self.directory.clone();
        blocking(move || ids_in(&directory)).await
    }
}

/// Several processes may share the directory, so the lock is the file's own; it ends with whoever holds it.
fn lock(file: File) -> Result<File> {
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn ids_in(directory: &Path) -> Result<Vec<Uuid>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut ids = Vec::new();
    for entry in entries {
        ids.extend(entry?.file_name().to_str().and_then(|name| name.parse::<Uuid>().ok()));
    }
    Ok(ids)
}

impl Taken {
    /// Goes on writing after the first `offset` bytes; what follows them was never acknowledged and is dropped. So ask how
    /// much was acknowledged after the file is taken: before, somebody else may still be adding to it.
    ///
    /// # Errors
    /// [`Error::Missing`] if there is less than that.
    pub async fn after(self, offset: u64) -> Result<Writer> {
        blocking(move || {
            let Self { mut file, directory } = self;
            if file.metadata()?.len() < offset {
                return Err(Error::Missing);
            }
            file.set_len(offset)?;
            file.seek(SeekFrom::Start(offset))?;
            Ok(Writer { file: tokio::fs::File::from_std(file), directory, written: offset })
        })
        .await
    }
}

impl Writer {
    /// Adds a piece. It is kept for certain only after [`Writer::sync`].
    pub async fn write(&mut self, piece: &Bytes) -> Result<()> {
        self.file.write_all(piece).await?;
        self.written += piece.len() as u64;
        Ok(())
    }

    /// Makes what was written outlast a power cut; gives the size of the file.
    pub async fn sync(&mut self) -> Result<u64> {
        self.file.flush().await?;
        self.file.sync_data().await?;
        let directory = self.directory.clone();
        blocking(move || directory::sync(&directory)).await?;
        Ok(self.written)
    }

    /// How much was written, in bytes from the beginning of the file.
    pub fn written(&self) -> u64 {
        self.written
    }
}
