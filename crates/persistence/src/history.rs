//! What happened to one record, read back from the events.

use crate::{
    Conn, Result,
    schema::{events, users},
    sql_types::{At, Json, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{EventId, Subject};

/// Something that happened to a record.
#[derive(Debug, Clone, PartialEq)]
pub struct PastEvent {
    /// Its id.
    pub id: EventId,
    /// What happened.
    pub kind: String,
    /// When, by the database's clock.
    pub occurred_at: DateTime<Utc>,
    /// The name of the person who did it.
    pub actor_name: Option<String>,
    /// What everybody may know about it.
    pub payload: serde_json::Value,
    /// Why.
    pub reason: Option<String>,
}

type Row = (Key, String, At, Option<String>, Option<Json>, Option<String>);

/// One page of the events of these kinds about a record, the newest first.
pub fn page(
    conn: &mut Conn,
    subject: Subject,
    kinds: &[&str],
    before: Option<EventId>,
    limit: i64,
) -> Result<Vec<PastEvent>> {
    let mut query = events::table
        .left_join(users::table.on(users::id.nullable().eq(events::actor_id)))
        .filter(events::subject_id.eq(Key(subject.uuid())))
        .filter(events::kind.eq_any(kinds.to_vec()))
        .order(events::id.desc())
        .limit(limit)
        .select((
            events::id,
            events::kind,
            events::occurred_at,
            users::name.nullable(),
            events::public_payload,
            events::reason,
        ))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(events::id.lt(Key::of(before)));
    }
    let rows: Vec<Row> = query.load(&mut conn.db)?;
    let event = |(id, kind, occurred_at, actor_name, payload, reason): Row| {
        let payload = payload.map(|payload| payload.0).unwrap_or_default();
        PastEvent { id: id.id(), kind, occurred_at: occurred_at.0, actor_name, payload, reason }
    };
    Ok(rows.into_iter().map(event).collect())
}
