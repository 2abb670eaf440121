//! Files that are read up to a limit, and written once.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use crate::commands::{Failure, failed};

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone.
    Owner,
    /// Whoever may read other files here.
    Usual,
}

/// The whole of a file, which has at most this many bytes.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| cannot("read", path, &error))?;
    // Room for all of it from the start: where it holds a secret, growing would leave copies behind.
    let size = file.metadata().map_or(0, |it| it.len());
    bytes.reserve(usize::try_from(size).unwrap_or(limit).min(limit) + 64);
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| cannot("read", path, &error))?;
    match bytes.len() > limit {
        true => Err(Failure::Refused(format!("{}: larger than {limit} bytes", path.display()))),
        false => Ok(bytes),
    }
}

/// Writes a file that does not exist, so that it stays.
pub fn write(path: &Path, content: &[u8], access: Access) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if access == Access::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let written = options.open(path).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    written.map_err(|error| cannot("write", path, &error))
}

/// Makes a directory that does not exist, for its owner alone.
pub fn new_directory(path: &Path) -> Result<(), Failure> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| cannot("create", path, &error))
}

/// Refuses a file that is there already, before anything is done in vain.
pub fn must_be_new(path: &Path) -> Result<(), Failure> {
    match path.symlink_metadata() {
        Ok(_) => Err(exists(path)),
        Err(_) => Ok(()),
    }
}

fn exists(path: &Path) -> Failure {
    Failure::Usage(format!("{} exists; nothing is overwritten", path.display()))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => failed(format!("cannot {what} {}: {error}", path.display())),
    }
}
