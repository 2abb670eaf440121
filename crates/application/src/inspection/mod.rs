//! What office files tell besides what one sees of them: comments, changes, hidden parts, names of people.
//!
//! Office files are archives of XML documents (ECMA-376, ISO/IEC 26300). Whoever made one may mean harm, so how much is
//! unpacked is limited, and what cannot be looked into is not taken.

mod archive;
mod office_open_xml;
mod open_document;
mod xml;

use archive::Archive;
use domain::file::{Finding, FindingKind, MediaType, Rejection};
use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

/// Looks into a file of this kind, and says why it is not taken or what was found. Files that are no archives tell nothing
/// besides what one sees of them.
pub fn inspect(kind: MediaType, file: impl Read + Seek) -> Result<Vec<Finding>, Rejection> {
    if !kind.is_archive() {
        return Ok(Vec::new());
    }
    let mut archive = Archive::open(file)?;
    let mut found = Found::default();
    let name = kind.as_str();
    if name.starts_with("application/vnd.openxmlformats-officedocument.") {
        office_open_xml::inspect(name, &mut archive, &mut found)?;
    } else if name.starts_with("application/vnd.oasis.opendocument.") {
        open_document::inspect(name, &mut archive, &mut found)?;
    }
    Ok(found.0.into_iter().map(|(kind, count)| Finding { kind, count }).collect())
}

/// What was found so far, and how often.
#[derive(Default)]
struct Found(BTreeMap<FindingKind, u32>);

impl Found {
    fn add(&mut self, kind: FindingKind) {
        let count = self.0.entry(kind).or_default();
        *count = count.saturating_add(1);
    }

    fn add_if(&mut self, there: bool, kind: FindingKind) {
        if there {
            self.add(kind);
        }
    }
}
