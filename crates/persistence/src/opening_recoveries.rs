//! When bidders are asked for the keys of their envelopes.

use crate::{
    Conn, Error, Result, Scope,
    schema::opening_recoveries::{self, dsl},
    scope::in_scope,
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    ChallengeId,
    opening::{EnvelopeKind, Recovery},
};

/// That bidders of a challenge are asked for these keys, if so.
pub fn find(conn: &mut Conn, challenge: ChallengeId, kind: EnvelopeKind) -> Result<Option<Recovery>> {
    let columns = (dsl::reason, dsl::called_by_id, dsl::called_at, dsl::due_at);
    let row: Option<(String, Key, At, At)> = opening_recoveries::table
        .find((Key::of(challenge), kind.as_str()))
        .select(columns)
        .first(&mut conn.db)
        .optional()?;
    Ok(row.map(|(reason, called_by, called_at, due_at)| Recovery {
        kind,
        reason,
        called_by: called_by.id(),
        called_at: called_at.0,
        due_at: due_at.0,
    }))
}

/// Keeps that they are asked.
pub fn insert(conn: &mut Conn, challenge: ChallengeId, recovery: &Recovery) -> Result<()> {
    let row = (
        dsl::challenge_id.eq(Key::of(challenge)),
        dsl::kind.eq(recovery.kind.as_str()),
        dsl::reason.eq(&recovery.reason),
        dsl::called_by_id.eq(Key::of(recovery.called_by)),
        dsl::called_at.eq(At(recovery.called_at)),
        dsl::due_at.eq(At(recovery.due_at)),
    );
    diesel::insert_into(opening_recoveries::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Sessions whose bidders had their time, and that have not ended.
pub fn over(conn: &mut Conn, scope: Scope, now: DateTime<Utc>, limit: i64) -> Result<Vec<(ChallengeId, EnvelopeKind)>> {
    use crate::schema::challenges;
    let waiting = challenges::status.eq("closed").and(dsl::kind.eq(EnvelopeKind::Quality.as_str()));
    let solutions = challenges::status
        .eq("published")
        .and(challenges::solutions_opened_at.is_null())
        .and(dsl::kind.eq(EnvelopeKind::Solution.as_str()));
    let prices = challenges::status
        .eq("evaluating")
        .and(challenges::prices_opened_at.is_null())
        .and(dsl::kind.eq(EnvelopeKind::Price.as_str()));
    let query = opening_recoveries::table
        .inner_join(challenges::table.on(challenges::id.eq(dsl::challenge_id)))
        .filter(dsl::due_at.le(At(now)))
        .filter(waiting.or(solutions).or(prices))
        .order(dsl::due_at)
        .select((dsl::challenge_id, dsl::kind))
        .limit(limit)
        .into_boxed();
    let rows: Vec<(Key, String)> = in_scope!(query, scope).load(&mut conn.db)?;
    let session = |(challenge, kind): (Key, String)| {
        let kind = EnvelopeKind::parse(&kind).ok_or_else(|| Error::corrupt("kind of envelope", &kind))?;
        Ok((challenge.id(), kind))
    };
    rows.into_iter().map(session).collect()
}
