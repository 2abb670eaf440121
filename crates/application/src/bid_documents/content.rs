//! What is in an opened document: whether it is what the offer says, and the content itself, never held in memory as a whole.

use super::Opened;
use crate::{Error, Result};
use bytes::Bytes;
use domain::{
    bid::{DocumentDamage, OfferedDocument},
    file::MediaType,
};
use futures_util::{
    TryStreamExt,
    stream::{self, IntoAsyncRead},
};
use sealing::{DocumentError, DocumentReader, SecretKey};
use sha2::{Digest, Sha256};
use std::{io, pin::Pin};
use storage::{Content, Hash, Storage};

/// How much of a document shows its kind.
const HEAD: usize = 8 << 10;

type Encrypted = IntoAsyncRead<Pin<Box<dyn stream::Stream<Item = io::Result<Bytes>> + Send>>>;

/// Reads a document to its end, and says what is wrong with it.
///
/// # Errors
/// If the storage does not answer: then nothing is said.
pub async fn examine(storage: &Storage, opened: &Opened) -> Result<Option<DocumentDamage>> {
    match look_through(storage, opened).await {
        Ok(seen) => Ok(seen.damage(&opened.offered)),
        Err(error) => Ok(Some(damage(error)?)),
    }
}

/// The content of a document, piece by piece. A change of what is kept breaks it off, so [`examine`] it before.
///
/// # Errors
/// If the storage does not answer, or the document does not open.
pub async fn plain_text(storage: &Storage, opened: &Opened) -> Result<Content> {
    let broken = |error| storage::Error::Unavailable(format!("a document of a bid: {error}"));
    let reader = reader(storage, opened).await.map_err(broken)?;
    let left = usize::try_from(opened.offered.size).unwrap_or_default();
    let pieces = stream::try_unfold((reader, left), move |(mut reader, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let ended = || DocumentError::Read(io::ErrorKind::UnexpectedEof.into());
        let next = reader.next().await.and_then(|piece| piece.ok_or_else(ended));
        let mut piece = next.map_err(broken)?;
        piece.truncate(left);
        let left = left - piece.len();
        Ok(Some((Bytes::from(piece), (reader, left))))
    });
    Ok(Box::pin(pieces))
}

async fn reader(storage: &Storage, opened: &Opened) -> Result<DocumentReader<Encrypted>, DocumentError> {
    let key = SecretKey::parse(opened.offered.key.expose()).ok_or(DocumentError::NotDecryptable)?;
    let hash = opened.stored.sha256.as_deref().and_then(Hash::parse);
    let missing = || DocumentError::Read(io::Error::other(storage::Error::Missing));
    let size = opened.stored.size.unsigned_abs();
    let kept = storage.store.open(hash.ok_or_else(missing)?, 0..size).await;
    let kept = kept.map_err(|error| DocumentError::Read(io::Error::other(error)))?;
    let kept: Pin<Box<dyn stream::Stream<Item = _> + Send>> = Box::pin(kept.map_err(io::Error::other));
    DocumentReader::open(&key, kept.into_async_read()).await
}

/// What of a failure is the document's, and what is the storage's.
fn damage(error: DocumentError) -> Result<DocumentDamage> {
    match error {
        DocumentError::NotDecryptable => Ok(DocumentDamage::NotDecryptable),
        DocumentError::Read(error) => match error.downcast::<storage::Error>() {
            Ok(storage::Error::Missing) => Ok(DocumentDamage::Lost),
            Ok(error) => Err(error.into()),
            Err(error) => Err(Error::Storage(error.into())),
        },
    }
}

/// What was seen of a document: the content that the offer names, and what fills it up.
struct Seen {
    left: usize,
    head: Vec<u8>,
    hash: Sha256,
    filled_up: bool,
}

async fn look_through(storage: &Storage, opened: &Opened) -> Result<Seen, DocumentError> {
    let mut reader = reader(storage, opened).await?;
    let left = usize::try_from(opened.offered.size).unwrap_or_default();
    let mut seen = Seen { left, head: Vec::new(), hash: Sha256::new(), filled_up: true };
    while let Some(piece) = reader.next().await? {
        seen.add(&piece);
    }
    Ok(seen)
}

impl Seen {
    fn add(&mut self, piece: &[u8]) {
        let (content, rest) = piece.split_at(piece.len().min(self.left));
        self.left -= content.len();
        self.head.extend_from_slice(&content[..content.len().min(HEAD - self.head.len())]);
        self.hash.update(content);
        self.filled_up &= rest.iter().all(|byte| *byte == 0);
    }

    fn damage(self, offered: &OfferedDocument) -> Option<DocumentDamage> {
        let hash: String = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if self.left > 0 || !self.filled_up || hash != offered.sha256 {
            return Some(DocumentDamage::OtherContent);
        }
        let begins = |kind: MediaType| kind.begins_as(&self.head);
        (!offered.media_type().is_some_and(begins)).then_some(DocumentDamage::WrongType)
    }
}
