//! ZIP archives by people who may mean harm: little is unpacked, and nothing that says it is a lot.

use domain::file::Rejection;
use std::io::{Read, Seek};
use zip::ZipArchive;

/// The most entries of an archive.
const MOST_ENTRIES: usize = 20_000;

/// The most bytes that are unpacked of all entries together.
const MOST_UNPACKED: u64 = 512 << 20;

/// How many times larger than packed an entry may be. Deflate reaches 1,032, and honest documents 100 or so.
const MOST_RATIO: u64 = 300;

/// Below this many bytes the ratio says nothing.
const SMALL: u64 = 1 << 20;

/// An archive that can be looked into.
pub(super) struct Archive<R> {
    zip: ZipArchive<R>,
    names: Vec<String>,
    left: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the list of what is in it.
    pub(super) fn open(file: R) -> Result<Self, Rejection> {
        let mut zip = ZipArchive::new(file).map_err(unreadable)?;
        if zip.len() > MOST_ENTRIES || zip.has_overlapping_files().map_err(unreadable)? {
            return Err(Rejection::Unreadable);
        }
        let mut names = Vec::with_capacity(zip.len());
        for index in 0..zip.len() {
            let entry = zip.by_index_raw(index).map_err(unreadable)?;
            let bomb = entry.size() > SMALL && entry.size() / MOST_RATIO > entry.compressed_size();
            if entry.encrypted() || bomb || entry.size() > MOST_UNPACKED {
                return Err(Rejection::Unreadable);
            }
            names.push(entry.name().map_err(unreadable)?.into_owned());
        }
        Ok(Self { zip, names, left: MOST_UNPACKED })
    }

    /// The names of all entries.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Lets `look` read an entry; what it reads counts, whatever the entry says of its size.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        look: impl FnOnce(&mut dyn Read) -> Result<T, Rejection>,
    ) -> Result<Option<T>, Rejection> {
        let Some(index) = self.names.iter().position(|own| own == name) else { return Ok(None) };
        let entry = self.zip.by_index(index).map_err(unreadable)?;
        let mut limited = entry.take(self.left);
        let seen = look(&mut limited)?;
        self.left = limited.limit();
        if self.left == 0 { Err(Rejection::Unreadable) } else { Ok(Some(seen)) }
    }

    /// A short entry, as text.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Rejection> {
        self.read(name, |entry| {
            let mut text = String::new();
            entry.take(SMALL).read_to_string(&mut text).map_err(unreadable)?;
            Ok(text)
        })
    }
}

pub(super) fn unreadable<E>(_: E) -> Rejection {
    Rejection::Unreadable
}
