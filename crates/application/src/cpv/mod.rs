//! The common procurement vocabulary: looking codes up, and loading the full list.

mod list;

pub use list::{List, ListError, parse};

use crate::{Result, record_unattended};
use domain::{
    Checks,
    cpv::{CpvCode, CpvEntry, WrittenCode, imported},
};
use persistence::{Conn, cpv};
use std::collections::BTreeMap;

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Codes that are new.
    pub added: usize,
    /// Codes that have another name or check digit now.
    pub changed: usize,
    /// Codes that are as they were.
    pub unchanged: usize,
}

/// Some codes that begin with the digits, or whose name holds each word, of `search`; see [`cpv::page`].
pub fn search(
    conn: &mut Conn,
    search: &str,
    parent: Option<Option<CpvCode>>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<CpvEntry>> {
    Ok(cpv::page(conn, search, parent, after, limit)?)
}

/// Codes that an author wrote, with or without check digits; notes what is wrong with them at `/cpvCodes`.
pub fn read_codes(conn: &mut Conn, written: &[String], checks: &mut Checks) -> Result<Vec<CpvCode>> {
    let at = |i: usize| format!("/cpvCodes/{i}");
    let read = |(i, text): (usize, &String)| match WrittenCode::parse(text) {
        Ok(code) => Some((i, code)),
        Err(error) => {
            checks.require(false, at(i), error.code(), error.to_string());
            None
        }
    };
    let codes: Vec<_> = written.iter().enumerate().filter_map(read).collect();
    let wanted: Vec<_> = codes.iter().map(|(_, written)| written.code.clone()).collect();
    let known = cpv::find_all(conn, &wanted)?;
    let mut found = Vec::new();
    for (i, code) in codes {
        match code.check(&known) {
            Ok(code) => found.push(code),
            Err(error) => checks.require(false, at(i), error.code(), error.to_string()),
        }
    }
    Ok(found)
}

/// Adds codes and changes those that are there already. None is removed: profiles may use it. Of codes whose check
/// digit the new list does not tell the old one is kept. Doing it twice changes nothing, and is no event.
pub fn import(conn: &mut Conn, list: &List) -> Result<Imported> {
    let now = conn.now()?;
    let done = merge(conn, &list.entries)?;
    if done.added + done.changed > 0 {
        let event = imported(done.added, done.changed, &list.sha256);
        record_unattended(conn, "codes import cpv", now, event)?;
    }
    Ok(done)
}

fn merge(conn: &mut Conn, entries: &[CpvEntry]) -> Result<Imported> {
    let old: BTreeMap<CpvCode, CpvEntry> =
        cpv::all(conn)?.into_iter().map(|entry| (entry.code.clone(), entry)).collect();
    let mut new = old.clone();
    for entry in entries {
        let check_digit = entry.check_digit.or_else(|| old.get(&entry.code)?.check_digit);
        new.insert(entry.code.clone(), CpvEntry { check_digit, ..entry.clone() });
    }
    let mut imported = Imported::default();
    for entry in entries {
        let (before, now) = (old.get(&entry.code), &new[&entry.code]);
        let parent = nearest(&new, &entry.code);
        match before {
            None => {
                cpv::insert(conn, now, parent.as_ref())?;
                imported.added += 1;
            }
            Some(before) if before == now && parent == nearest(&old, &entry.code) => imported.unchanged += 1,
            Some(_) => {
                cpv::update(conn, now, parent.as_ref())?;
                imported.changed += 1;
            }
        }
    }
    Ok(imported)
}

/// The nearest code above that the list has: it leaves some steps out.
fn nearest(list: &BTreeMap<CpvCode, CpvEntry>, code: &CpvCode) -> Option<CpvCode> {
    std::iter::successors(code.parent(), CpvCode::parent).find(|above| list.contains_key(above))
}
