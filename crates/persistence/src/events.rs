//! The append-only log of what happened, and the sequencer that numbers it.

use crate::{
    Conn, Result,
    connection::AnyConnection,
    schema::events,
    sql_types::{At, Json, Key},
};
use chrono::{DateTime, Utc};
use diesel::{dsl::max, prelude::*};
use domain::{ChallengeId, Event, EventId, Id, OrganisationId, UserId};

/// Whose request an event came from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The person; nobody for what the system does by itself.
    pub actor: Option<UserId>,
    /// The request, or the job, it came from.
    pub request_id: &'a str,
}

/// An event of the public feed.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicEvent {
    /// Its id.
    pub id: EventId,
    /// Its place in the public feed: 1, 2, 3 and so on, without gaps.
    pub position: i64,
    /// What happened.
    pub kind: String,
    /// When, by the database's clock.
    pub occurred_at: DateTime<Utc>,
    /// The organisation that owns the subject.
    pub organisation: Option<OrganisationId>,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: uuid::Uuid,
    /// What everybody may know about it.
    pub payload: serde_json::Value,
    /// Why.
    pub reason: Option<String>,
}

/// Stores an event, in the transaction of the change that it tells. Those of sandboxes keep the real time too, and are never public.
pub fn record(conn: &mut Conn, origin: Origin<'_>, now: DateTime<Utc>, event: Event) -> Result<EventId> {
    let id = conn.new_id::<EventId>();
    let (event, now) = match conn.in_sandbox() {
        Some(real) => (event.of_sandbox(now), real),
        None => (event, now),
    };
    let row = (
        events::id.eq(Key::of(id)),
        events::kind.eq(event.kind),
        events::occurred_at.eq(At(now)),
        events::actor_id.eq(origin.actor.map(Key::of)),
        events::organisation_id.eq(event.organisation.map(Key::of)),
        events::subject_kind.eq(event.subject.kind()),
        events::subject_id.eq(Key(event.subject.uuid())),
        events::public_payload.eq(event.public.map(Json)),
        events::confidential_payload.eq(Json(event.confidential)),
        events::reason.eq(event.reason),
        events::request_id.eq(origin.request_id),
    );
    diesel::insert_into(events::table).values(row).execute(&mut conn.db)?;
    Ok(id)
}

/// When everybody last learned something of some challenges.
pub fn last_public(conn: &mut Conn, challenges: &[ChallengeId]) -> Result<Vec<(ChallengeId, DateTime<Utc>)>> {
    let keys: Vec<_> = challenges.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<(Key, Option<At>)> = events::table
        .filter(events::subject_id.eq_any(keys))
        .filter(events::public_payload.is_not_null())
        .group_by(events::subject_id)
        .select((events::subject_id, max(events::occurred_at)))
        .load(&mut conn.db)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id.id(), at?.0))).collect())
}

/// The most events that one run of the sequencer numbers.
const BATCH: i64 = 1000;

diesel::define_sql_function! {
    /// PostgreSQL's exclusive lock on a number, until the transaction ends; false if somebody else holds it.
    fn pg_try_advisory_xact_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// The sequencer's lock: "sequence" in ASCII.
const SEQUENCER: i64 = 0x7365_7175_656e_6365;

/// Numbers committed events that have no position yet; says whether there may be more.
///
/// Only one process at a time numbers, and only what it can see, that is, what is committed. An event that commits
/// later gets a later position, so a reader who goes by position skips nothing, and writers never wait for each other.
/// Of two events one of which could know of the other, the later has the later time: the clock is the database's.
pub fn sequence(conn: &mut Conn) -> Result<bool> {
    if let AnyConnection::Postgres(pg) = &mut conn.db
        && !diesel::select(pg_try_advisory_xact_lock(SEQUENCER)).get_result::<bool>(pg)?
    {
        return Ok(false);
    }
    let waiting: Vec<(Key, Option<Json>)> = events::table
        .filter(events::position.is_null())
        .order((events::occurred_at, events::id))
        .limit(BATCH)
        .select((events::id, events::public_payload))
        .load(&mut conn.db)?;
    if waiting.is_empty() {
        return Ok(false);
    }
    let (mut position, mut public) = last_positions(conn)?;
    for (id, payload) in &waiting {
        position += 1;
        public += i64::from(payload.is_some());
        let numbered = (events::position.eq(position), events::public_position.eq(payload.is_some().then_some(public)));
        diesel::update(events::table.find(id)).set(numbered).execute(&mut conn.db)?;
    }
    Ok(i64::try_from(waiting.len()).is_ok_and(|n| n == BATCH))
}

/// Whether there are committed events without a position.
pub fn any_unsequenced(conn: &mut Conn) -> Result<bool> {
    let waiting = events::table.filter(events::position.is_null()).select(events::id).limit(1);
    Ok(waiting.first::<Key>(&mut conn.db).optional()?.is_some())
}

fn last_positions(conn: &mut Conn) -> Result<(i64, i64)> {
    let last: Option<i64> = events::table.select(diesel::dsl::max(events::position)).first(&mut conn.db)?;
    let public: Option<i64> = events::table.select(diesel::dsl::max(events::public_position)).first(&mut conn.db)?;
    Ok((last.unwrap_or(0), public.unwrap_or(0)))
}

/// The public events after a position, in order.
pub fn public_after(conn: &mut Conn, position: i64, limit: i64) -> Result<Vec<PublicEvent>> {
    let rows: Vec<PublicRow> = events::table
        .filter(events::public_position.gt(position))
        .order(events::public_position)
        .limit(limit)
        .select(PublicRow::as_select())
        .load(&mut conn.db)?;
    Ok(rows.into_iter().filter_map(PublicRow::event).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
struct PublicRow {
    id: Key,
    public_position: Option<i64>,
    kind: String,
    occurred_at: At,
    organisation_id: Option<Key>,
    subject_kind: String,
    subject_id: Key,
    public_payload: Option<Json>,
    reason: Option<String>,
}

impl PublicRow {
    fn event(self) -> Option<PublicEvent> {
        Some(PublicEvent {
            id: EventId::from_uuid(self.id.0),
            position: self.public_position?,
            kind: self.kind,
            occurred_at: self.occurred_at.0,
            organisation: self.organisation_id.map(Key::id),
            subject_kind: self.subject_kind,
            subject_id: self.subject_id.0,
            payload: self.public_payload?.0,
            reason: self.reason,
        })
    }
}
