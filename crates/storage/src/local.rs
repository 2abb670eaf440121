//! Files in a directory of this machine.

use crate::{Content, Error, Hash, Pending, Result, Store, directory, error::blocking};
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use std::{
    fs,
    io::{ErrorKind, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};

/// How much of a file is in memory at a time.
const PIECE: usize = 64 << 10;

/// Files in a directory, named by their hash: `<first two digits>/<all digits>`.
pub struct LocalStore {
    directory: PathBuf,
}

impl LocalStore {
    /// In this directory, which is made when it is first needed.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    fn path(&self, hash: Hash) -> PathBuf {
        let name = hash.to_string();
        self.directory.join(&name[..2]).join(name)
    }
}

impl Store for LocalStore {
    fn put<'a>(&'a self, hash: Hash, file: &'a Path) -> Pending<'a, ()> {
        let (from, to) = (file.to_owned(), self.path(hash));
        Box::pin(blocking(move || take_over(&from, &to)))
    }

    fn open(&self, hash: Hash, range: Range<u64>) -> Pending<'_, Content> {
        let path = self.path(hash);
        Box::pin(async move {
            let mut file = File::open(path).await?;
            if file.metadata().await?.len() < range.end {
                return Err(Error::Missing);
            }
            file.seek(SeekFrom::Start(range.start)).await?;
            // One piece is read while the one before is sent.
            file.set_max_buf_size(PIECE);
            let left = range.end.saturating_sub(range.start);
            Ok(Box::pin(stream::try_unfold((file, left), next_piece)) as Content)
        })
    }

    fn size(&self, hash: Hash) -> Pending<'_, Option<u64>> {
        let path = self.path(hash);
        Box::pin(blocking(move || match fs::metadata(path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }))
    }

    fn delete(&self, hash: Hash) -> Pending<'_, ()> {
        let path = self.path(hash);
        Box::pin(blocking(move || remove(&path)))
    }
}

/// Gives a finished file its place. The name appears there all at once, and only when the content is on the disk.
fn take_over(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        return remove(from);
    }
    let folder = to.parent().unwrap_or(to);
    fs::File::open(from)?.sync_all()?;
    directory::create(folder)?;
    match fs::rename(from, to) {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::NotFound && to.exists() => {}
        renamed => renamed?,
    }
    directory::sync(folder)
}

/// Removes a file; fine if there is none.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

async fn next_piece((mut file, left): (File, u64)) -> Result<Option<(Bytes, (File, u64))>> {
    if left == 0 {
        return Ok(None);
    }
    let mut piece = BytesMut::with_capacity(PIECE);
    let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
    let read = (&mut file).take(most as u64).read_buf(&mut piece).await?;
    if read == 0 {
        return Err(Error::Missing);
    }
    Ok(Some((piece.freeze(), (file, left - read as u64))))
}
