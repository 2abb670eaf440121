//! Documents of a bid: each encrypted for a key of its own while it arrives, and decrypted while it is sent. Whoever has the key
//! reads it, so the key goes into the quality envelope, and is kept nowhere else before the opening.

use crate::{
    digest::Digest,
    error::LayerError,
    frame::{BUCKETS, bucket},
    hex::Hash,
    key::SecretKey,
    layer,
};
use age::{
    DecryptError, Decryptor,
    stream::{StreamReader, StreamWriter},
};
use futures_util::io::{AsyncBufRead, AsyncReadExt};
use rand_core::CryptoRng;
use std::{
    fmt,
    io::{self, ErrorKind, Write},
    iter, mem,
    sync::{Arc, Mutex, PoisonError},
};

/// The most bytes of a document: 50 MiB.
pub const MAX_DOCUMENT: usize = 50 << 20;

/// How many bytes of an encrypted document [`check_document`] looks at.
pub const DOCUMENT_HEAD: usize = layer::HEADER;

/// How much is filled up, or decrypted, at a time.
const PIECE: usize = 64 << 10;

/// How large a document of this size is once it is filled up and encrypted; nothing if it is too large.
pub fn document_size(content: usize) -> Option<usize> {
    bucket(content).filter(|_| content <= MAX_DOCUMENT).map(layer::layer_size)
}

/// What opens a document, and tells whether it is the right one.
#[derive(Debug)]
pub struct DocumentSecret {
    /// The key that it is encrypted for.
    pub key: SecretKey,
    /// How many bytes it has.
    pub size: usize,
    /// Their SHA-256.
    pub sha256: Hash,
}

/// Encrypts a document piece by piece. Nothing of it is kept but what was not given away yet.
pub struct DocumentWriter {
    writer: StreamWriter<Outbox>,
    out: Outbox,
    key: SecretKey,
    hash: Digest,
    content: usize,
    filled: usize,
}

impl fmt::Debug for DocumentWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentWriter").field("content", &self.content).finish_non_exhaustive()
    }
}

/// What was encrypted and is to be taken away.
#[derive(Clone, Default)]
struct Outbox(Arc<Mutex<Vec<u8>>>);

impl Outbox {
    fn take(&self) -> Vec<u8> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Outbox {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DocumentWriter {
    /// For a fresh key. There always is one: `age` takes any 32 bytes.
    pub fn new(randomness: &mut impl CryptoRng) -> Option<Self> {
        let (key, mut out) = (SecretKey::generate(randomness)?, Outbox::default());
        let (writer, header) = layer::begin(&key.recipient(), out.clone())?;
        let mut begun = out.take();
        begun.splice(..layer::header_end(&begun)?, header);
        out.write_all(&begun).ok()?;
        Some(Self { writer, out, key, hash: Digest::new(), content: 0, filled: 0 })
    }

    /// How many bytes of the document there are so far.
    pub fn written(&self) -> usize {
        self.content
    }

    /// Encrypts a piece of the document; gives what there is to be kept of it so far.
    ///
    /// # Errors
    /// If the document becomes larger than [`MAX_DOCUMENT`].
    pub fn write(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        if self.content + piece.len() > MAX_DOCUMENT {
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.content += piece.len();
        self.hash.update(piece);
        self.add(piece)
    }

    fn add(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        self.writer.write_all(piece)?;
        self.filled += piece.len();
        Ok(self.out.take())
    }

    /// Fills up behind the document, some at a time: until this gives nothing. From then on only [`Self::finish`] may follow.
    ///
    /// # Errors
    /// None that can happen.
    pub fn fill_up(&mut self) -> io::Result<Option<Vec<u8>>> {
        let missing = bucket(self.content).unwrap_or_default().saturating_sub(self.filled).min(PIECE);
        if missing == 0 {
            return Ok(None);
        }
        self.add(&vec![0; missing]).map(Some)
    }

    /// Gives the end, and what opens it.
    ///
    /// # Errors
    /// None that can happen.
    pub fn finish(self) -> io::Result<(Vec<u8>, DocumentSecret)> {
        let Self { writer, out, key, hash, content, .. } = self;
        writer.finish()?;
        Ok((out.take(), DocumentSecret { key, size: content, sha256: hash.finish() }))
    }
}

/// Checks what can be told without any secret of a document that somebody encrypted by themself, of which this is the head
/// (its first [`DOCUMENT_HEAD`] bytes), and the size of all of it.
///
/// # Errors
/// If it is not a file of `age` for exactly one key, of one of the sizes.
pub fn check_document(head: &[u8], size: u64) -> Result<(), LayerError> {
    layer::check(head)?;
    let allowed = BUCKETS.iter().any(|bucket| layer::layer_size(*bucket) as u64 == size);
    if allowed { Ok(()) } else { Err(LayerError::Size) }
}

/// Why a document is not read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is not encrypted for this key, or was changed since.
    #[error("the document does not open with this key, or was changed")]
    NotDecryptable,
    /// It could not be had.
    #[error("the document could not be read: {0}")]
    Read(io::Error),
}

impl From<io::Error> for DocumentError {
    /// What `age` finds wrong is `InvalidData`, and a file that ends too early is damaged, too.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Self::NotDecryptable,
            _ => Self::Read(error),
        }
    }
}

/// Decrypts a document piece by piece, with what fills it up behind.
pub struct DocumentReader<R> {
    reader: StreamReader<R>,
}

impl<R: AsyncBufRead + Unpin> DocumentReader<R> {
    /// Begins with an encrypted document.
    ///
    /// # Errors
    /// If it does not open with this key, or cannot be read.
    pub async fn open(key: &SecretKey, file: R) -> Result<Self, DocumentError> {
        let refused = |error| match error {
            DecryptError::Io(error) => DocumentError::from(error),
            _ => DocumentError::NotDecryptable,
        };
        let decryptor = Decryptor::new_async_buffered(file).await.map_err(refused)?;
        let identity = iter::once(key.identity() as &dyn age::Identity);
        Ok(Self { reader: decryptor.decrypt_async(identity).map_err(refused)? })
    }

    /// The next piece; nothing at the end. Each piece is as it was encrypted.
    ///
    /// # Errors
    /// If it was changed, broke off, or cannot be read.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, DocumentError> {
        let mut piece = vec![0; PIECE];
        let read = self.reader.read(&mut piece).await?;
        piece.truncate(read);
        Ok((read > 0).then_some(piece))
    }
}
