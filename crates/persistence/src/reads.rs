//! The read log: who read which confidential record.

use crate::{
    Conn, Result,
    schema::reads,
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{Read, ReadId, UserId};

/// Stores that somebody read something, in the transaction that reads it.
pub fn record(conn: &mut Conn, reader: UserId, request_id: &str, now: DateTime<Utc>, reads: &[Read]) -> Result<()> {
    for read in reads {
        let row = (
            reads::id.eq(Key::of(conn.new_id::<ReadId>())),
            reads::reader_id.eq(Key::of(reader)),
            reads::organisation_id.eq(read.organisation.map(Key::of)),
            reads::subject_kind.eq(read.subject.kind()),
            reads::subject_id.eq(Key(read.subject.uuid())),
            reads::person_id.eq(read.person.map(Key::of)),
            reads::read_at.eq(At(now)),
            reads::request_id.eq(request_id),
        );
        diesel::insert_into(reads::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}
