//! Files that are read up to a limit, and written once.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::commands::{Failure, failed};

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

/// Writes a file that does not exist, for its owner alone. It is there whole, and stays, or not at all.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let directory = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = (|| {
        // Such a file has mode 0600 from the start.
        let mut file = NamedTempFile::new_in(directory)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path)?;
        // Without this a power cut could forget the name of a key that is needed.
        if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
    })();
    written.map_err(|error: io::Error| cannot("write", path, &error))
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
