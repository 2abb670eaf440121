//! The key that signs tokens: configured, or made once and kept in the data directory.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

use super::Config;

/// Shortest key: the output length of SHA-256 (RFC 7518, section 3.2).
const KEY_BYTES: usize = 32;
const FILE_NAME: &str = "signing.key";

/// Why there is no signing key.
#[derive(Debug, Error)]
pub enum SigningKeyError {
    /// The key file could not be read or made.
    #[error("signing key file {path}: {source}")]
    File {
        /// The key file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The configured key or the content of the key file is not 32 or more bytes in hexadecimal.
    #[error("signing key from {0} is not 64 or more hexadecimal digits")]
    Malformed(String),
    /// The operating system gave no random bytes.
    #[error("no random bytes for a signing key: {0}")]
    Random(#[from] getrandom::Error),
}

impl Config {
    /// The key that signs tokens, at least 32 bytes: `auth.signing_key`, else the content of `<data>/signing.key`.
    ///
    /// A missing file is made, readable by its owner alone; callers at the same time all get the key of the one that
    /// was first.
    pub fn signing_key(&self) -> Result<Vec<u8>, SigningKeyError> {
        if let Some(key) = &self.auth.signing_key {
            return decode(key.expose(), "auth.signing_key");
        }
        let path = self.data.join(FILE_NAME);
        if !path.exists() {
            let key = random_key()?;
            create(&self.data, &path, &key).map_err(|source| SigningKeyError::File { path: path.clone(), source })?;
        }
        let text = fs::read_to_string(&path).map_err(|source| SigningKeyError::File { path: path.clone(), source })?;
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
    // Without this a power cut could forget the name of a key that has signed tokens.
    if cfg!(unix) { File::open(data)?.sync_all() } else { Ok(()) }
}

/// Creates a directory that only its owner can read, with its parents.
pub fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

fn decode(text: &str, origin: &str) -> Result<Vec<u8>, SigningKeyError> {
    from_hexadecimal(text).ok_or_else(|| SigningKeyError::Malformed(origin.to_owned()))
}

/// The bytes written in hexadecimal, when there are enough of them for a key.
pub(super) fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<_>>>()?;
    let (pairs, odd) = digits.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low)).collect::<Result<Vec<_>, _>>().ok()?;
    (odd.is_empty() && bytes.len() >= KEY_BYTES).then_some(bytes)
}
