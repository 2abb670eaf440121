//! The keys that sign tokens and encrypt secrets: configured, or made once and kept in the data directory.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

use super::{Config, Secret};

/// Shortest key: the output length of SHA-256 (RFC 7518, section 3.2).
const KEY_BYTES: usize = 32;

/// Why there is no key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The key file could not be read or made.
    #[error("key file {path}: {source}")]
    File {
        /// The key file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The configured key or the content of the key file is not 32 or more bytes in hexadecimal.
    #[error("the key from {0} is not 64 or more hexadecimal digits")]
    Malformed(String),
    /// The operating system gave no random bytes.
    #[error("no random bytes for a key: {0}")]
    Random(#[from] getrandom::Error),
}

impl Config {
    /// The key that signs tokens, at least 32 bytes: `auth.signing_key`, else the content of `<data>/signing.key`.
    ///
    /// A missing file is made, readable by its owner alone; callers at the same time all get the key of the one that
    /// was first.
    pub fn signing_key(&self) -> Result<Vec<u8>, KeyError> {
        self.key(self.auth.signing_key.as_ref(), "auth.signing_key", "signing.key")
    }

    /// The key that encrypts what the program must be able to read again, at least 32 bytes: `auth.encryption_key`,
    /// else the content of `<data>/encryption.key`, made in the same manner.
    pub fn encryption_key(&self) -> Result<Vec<u8>, KeyError> {
        self.key(self.auth.encryption_key.as_ref(), "auth.encryption_key", "encryption.key")
    }

    /// The key that signs receipts, at least 32 bytes: `auth.receipt_key`, else the content of `<data>/receipt.key`, made
    /// in the same manner.
    pub fn receipt_key(&self) -> Result<Vec<u8>, KeyError> {
        self.key(self.auth.receipt_key.as_ref(), "auth.receipt_key", "receipt.key")
    }

    fn key(&self, configured: Option<&Secret>, name: &str, file: &str) -> Result<Vec<u8>, KeyError> {
        if let Some(key) = configured {
            return decode(key.expose(), name);
        }
        let path = self.data.join(file);
        if !path.exists() {
            let key = random_key()?;
            create(&self.data, &path, &key).map_err(|source| KeyError::File { path: path.clone(), source })?;
        }
        let text = fs::read_to_string(&path).map_err(|source| KeyError::File { path: path.clone(), source })?;
        decode(text.trim_end(), &path.display().to_string())
    }
}

fn random_key() -> Result<String, getrandom::Error> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key)?;
    Ok(key.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes the key beside its place and moves it there complete, unless somebody else was faster.
fn create(data: &Path, path: &Path, key: &str) -> io::Result<()> {
    create_private_directory(data)?;
    // Such a file has mode 0600 from the start.
    let mut file = NamedTempFile::new_in(data)?;
    writeln!(file, "{key}")?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => return Err(error.error),
        _ => {}
    }
    // Without this a power cut could forget the name of a key that is in use.
    if cfg!(unix) { File::open(data)?.sync_all() } else { Ok(()) }
}

/// Creates a directory that only its owner can read, with its parents.
pub fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

fn decode(text: &str, origin: &str) -> Result<Vec<u8>, KeyError> {
    from_hexadecimal(text).ok_or_else(|| KeyError::Malformed(origin.to_owned()))
}

/// The bytes written in hexadecimal, when there are enough of them for a key.
pub(super) fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<_>>>()?;
    let (pairs, odd) = digits.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low)).collect::<Result<Vec<_>, _>>().ok()?;
    (odd.is_empty() && bytes.len() >= KEY_BYTES).then_some(bytes)
}
