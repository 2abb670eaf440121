//! The outage ledger, the notes to it, and the last sign of life. Entries are added, never changed and never deleted.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{challenges, outage_notes, outages},
    settings,
    sql_types::{At, Key, instant},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use diesel::prelude::*;
use domain::{ChallengeId, ChallengeStatus, EventId, Outage, OutageCause, OutageId, OutageNote};

/// Where a page of the ledger goes on: after this start and id, downwards.
pub type After = (DateTime<Utc>, OutageId);

/// Where the next page of touched challenges goes on: after this deadline and id.
pub type AfterDeadline = (DateTime<Utc>, ChallengeId);

/// The setting that holds the last sign of life.
const HEARTBEAT: &str = "heartbeat";

/// The last sign of life of any process, by the database's clock as it is, in demos too.
pub fn last_beat(conn: &mut Conn) -> Result<Option<DateTime<Utc>>> {
    settings::find(conn, HEARTBEAT)?.map(|text| parse(&text)).transpose()
}

/// The same; on PostgreSQL no other process gives a sign of life before this transaction ends.
pub fn lock_last_beat(conn: &mut Conn) -> Result<Option<DateTime<Utc>>> {
    settings::lock(conn, HEARTBEAT)?.map(|text| parse(&text)).transpose()
}

/// Gives a sign of life.
pub fn put_beat(conn: &mut Conn, at: DateTime<Utc>) -> Result<()> {
    settings::put(conn, HEARTBEAT, &at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

fn parse(text: &str) -> Result<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text).map_err(|_| Error::corrupt("heartbeat", text))?;
    Ok(at.to_utc())
}

/// Adds an entry, and which event tells it.
pub fn insert(conn: &mut Conn, outage: &Outage, event: EventId) -> Result<()> {
    let row = Row {
        id: Key::of(outage.id),
        started_at: At(outage.started_at),
        ended_at: At(outage.ended_at),
        cause: outage.cause.as_str().to_owned(),
        text: outage.text.clone(),
        reported_by_id: outage.reported_by.map(Key::of),
        recorded_at: At(outage.recorded_at),
        event_id: Key::of(event),
    };
    diesel::insert_into(outages::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// The entry with this id, and the event that tells it.
pub fn find(conn: &mut Conn, id: OutageId) -> Result<(Outage, EventId)> {
    outages::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.read()
}

/// The entry with this id; others who want to say something about it wait. SQLite has one writer anyway.
pub fn lock(conn: &mut Conn, id: OutageId) -> Result<Outage> {
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            outages::table.find(Key::of(id)).for_update().select(Row::as_select()).first(pg)?
        }
        AnyConnection::Sqlite(sqlite) => outages::table.find(Key::of(id)).select(Row::as_select()).first(sqlite)?,
    };
    Ok(row.read()?.0)
}

/// These entries, the earliest first.
pub fn find_all(conn: &mut Conn, ids: &[OutageId]) -> Result<Vec<Outage>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<Row> = outages::table
        .filter(outages::id.eq_any(keys))
        .order((outages::started_at, outages::id))
        .select(Row::as_select())
        .load(&mut conn.db)?;
    rows.into_iter().map(|row| Ok(row.read()?.0)).collect()
}

/// One page of the ledger, the latest start first.
pub fn page(conn: &mut Conn, after: Option<After>, limit: i64) -> Result<Vec<Outage>> {
    let mut query = outages::table
        .order((outages::started_at.desc(), outages::id.desc()))
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if let Some((started_at, id)) = after {
        let earlier = outages::started_at.lt(At(started_at)).or(outages::id.lt(Key::of(id)));
        query = query.filter(outages::started_at.le(At(started_at))).filter(earlier);
    }
    let rows: Vec<Row> = query.load(&mut conn.db)?;
    rows.into_iter().map(|row| Ok(row.read()?.0)).collect()
}

/// Adds a note.
pub fn insert_note(conn: &mut Conn, note: &OutageNote) -> Result<()> {
    let row = NoteRow {
        id: Key::of(note.id),
        outage_id: Key::of(note.outage),
        number: note.number,
        text: note.text.clone(),
        noted_by_id: Key::of(note.noted_by),
        noted_at: At(note.noted_at),
    };
    diesel::insert_into(outage_notes::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// The notes to these entries, the first of each first.
pub fn notes_to(conn: &mut Conn, ids: &[OutageId]) -> Result<Vec<OutageNote>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<NoteRow> = outage_notes::table
        .filter(outage_notes::outage_id.eq_any(keys))
        .order((outage_notes::outage_id, outage_notes::number))
        .select(NoteRow::as_select())
        .load(&mut conn.db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Entries of which not all touched challenges have been found yet, the oldest first.
pub fn unexamined(conn: &mut Conn, limit: i64) -> Result<Vec<OutageId>> {
    let ids: Vec<Key> = outages::table
        .filter(outages::examined_at.is_null())
        .order(outages::recorded_at)
        .limit(limit)
        .select(outages::id)
        .load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// Notes that all touched challenges have been found.
pub fn note_examined(conn: &mut Conn, id: OutageId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(outages::table.find(Key::of(id))).set(outages::examined_at.eq(At(now))).execute(&mut conn.db)?;
    Ok(())
}

/// Challenges that can have been touched: not opened yet, and with a deadline after the start of the outage and less than
/// `window` after its end; by their deadlines.
pub fn perhaps_touched(
    conn: &mut Conn,
    outage: &Outage,
    window: TimeDelta,
    after: Option<AfterDeadline>,
    limit: i64,
) -> Result<Vec<AfterDeadline>> {
    let statuses = [ChallengeStatus::Published, ChallengeStatus::Suspended, ChallengeStatus::Closed];
    let (from, until) = (At(outage.started_at), At(outage.ended_at + window));
    let solutions = challenges::solution_deadline.gt(from).and(challenges::solution_deadline.lt(until));
    let offers = challenges::submission_deadline.gt(from).and(challenges::submission_deadline.lt(until));
    let mut query = challenges::table
        .filter(challenges::status.eq_any(statuses.map(ChallengeStatus::as_str)))
        .filter(challenges::sandbox.eq(false))
        .filter(solutions.assume_not_null().or(offers.assume_not_null()))
        .order((challenges::submission_deadline, challenges::id))
        .limit(limit)
        .select((challenges::submission_deadline, challenges::id))
        .into_boxed();
    if let Some((deadline, id)) = after {
        let later = challenges::submission_deadline.gt(At(deadline)).or(challenges::id.gt(Key::of(id)));
        query = query.filter(challenges::submission_deadline.ge(At(deadline))).filter(later.assume_not_null());
    }
    let rows: Vec<(Option<At>, Key)> = query.load(&mut conn.db)?;
    Ok(rows.into_iter().filter_map(|(deadline, id)| Some((instant(deadline)?, id.id()))).collect())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = outages)]
pub(crate) struct Row {
    id: Key,
    started_at: At,
    ended_at: At,
    cause: String,
    text: Option<String>,
    reported_by_id: Option<Key>,
    recorded_at: At,
    event_id: Key,
}

impl Row {
    /// The entry, and the event that tells it.
    pub(crate) fn read(self) -> Result<(Outage, EventId)> {
        let outage = Outage {
            id: self.id.id(),
            started_at: self.started_at.0,
            ended_at: self.ended_at.0,
            cause: OutageCause::parse(&self.cause).ok_or_else(|| Error::corrupt("cause of an outage", &self.cause))?,
            text: self.text,
            reported_by: self.reported_by_id.map(Key::id),
            recorded_at: self.recorded_at.0,
        };
        Ok((outage, self.event_id.id()))
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = outage_notes)]
struct NoteRow {
    id: Key,
    outage_id: Key,
    number: i32,
    text: String,
    noted_by_id: Key,
    noted_at: At,
}

impl From<NoteRow> for OutageNote {
    fn from(row: NoteRow) -> Self {
        Self {
            id: row.id.id(),
            outage: row.outage_id.id(),
            number: row.number,
            text: row.text,
            noted_by: row.noted_by_id.id(),
            noted_at: row.noted_at.0,
        }
    }
}
