//! Opening committees, the envelopes of their rehearsals, and who came to an opening.

use crate::{
    Conn, Error, Result, Scope,
    schema::{opening_attendances, opening_committees, opening_holders, opening_keys},
    scope::in_scope,
    sql_types::{At, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use domain::{
    ChallengeId, ChallengeStatus, Committee, UserId,
    bid::BidStage,
    opening::{EnvelopeKind, Holder},
};

/// The envelope of a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// What is written on it, as JSON.
    pub manifest: String,
    /// The shares in the order of the holders, in Base64.
    pub share_files: Vec<String>,
}

/// The committee of a challenge, if there is one.
pub fn find(conn: &mut Conn, challenge: ChallengeId) -> Result<Option<Committee>> {
    let head: Option<(i32, At)> = opening_committees::table
        .find(Key::of(challenge))
        .select((opening_committees::threshold, opening_committees::rehearsal_started_at))
        .first(&mut conn.db)
        .optional()?;
    let Some((threshold, started)) = head else { return Ok(None) };
    let rows: Vec<(HolderRow, String)> = opening_holders::table
        .inner_join(opening_keys::table.on(opening_keys::id.eq(opening_holders::key_id)))
        .filter(opening_holders::challenge_id.eq(Key::of(challenge)))
        .order(opening_holders::holder_index)
        .select((HolderRow::as_select(), opening_keys::recipient))
        .load(&mut conn.db)?;
    let holders = rows.into_iter().map(holder).collect::<Result<_>>()?;
    Ok(Some(Committee { challenge, threshold: small(threshold)?, holders, rehearsal_started_at: started.0 }))
}

fn holder((row, recipient): (HolderRow, String)) -> Result<Holder> {
    Ok(Holder {
        index: small(row.holder_index)?,
        user: row.user_id.id(),
        key: row.key_id.id(),
        recipient,
        rehearsed_at: instant(row.rehearsed_at),
    })
}

fn small(number: i32) -> Result<u8> {
    u8::try_from(number).map_err(|_| Error::corrupt("number of holders", number.to_string()))
}

/// Stores a committee with the envelope of its rehearsal, in place of what was there before.
pub fn put(conn: &mut Conn, committee: &Committee, rehearsal: &Rehearsal) -> Result<()> {
    let challenge = Key::of(committee.challenge);
    let columns = (opening_committees::solutions_began_at, opening_committees::opening_began_at);
    let began = opening_committees::table.find(challenge).select(columns);
    let (solutions, offers): (Option<At>, Option<At>) = began.first(&mut conn.db).optional()?.unwrap_or_default();
    let before = opening_holders::table.filter(opening_holders::challenge_id.eq(challenge));
    diesel::delete(before).execute(&mut conn.db)?;
    diesel::delete(opening_committees::table.find(challenge)).execute(&mut conn.db)?;
    let row = (
        opening_committees::challenge_id.eq(challenge),
        opening_committees::threshold.eq(i32::from(committee.threshold)),
        opening_committees::rehearsal_manifest.eq(&rehearsal.manifest),
        opening_committees::rehearsal_started_at.eq(At(committee.rehearsal_started_at)),
        opening_committees::solutions_began_at.eq(solutions),
        opening_committees::opening_began_at.eq(offers),
    );
    diesel::insert_into(opening_committees::table).values(row).execute(&mut conn.db)?;
    for (holder, file) in committee.holders.iter().zip(&rehearsal.share_files) {
        let row = HolderRow::of(committee.challenge, holder);
        let row = (row, opening_holders::share_file.eq(file));
        diesel::insert_into(opening_holders::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}

/// What is written on the envelope of the newest rehearsal, and a holder's share of it.
pub fn rehearsal_share(conn: &mut Conn, challenge: ChallengeId, index: u8) -> Result<(String, String)> {
    let found = opening_holders::table
        .inner_join(opening_committees::table.on(opening_committees::challenge_id.eq(opening_holders::challenge_id)))
        .filter(opening_holders::challenge_id.eq(Key::of(challenge)))
        .filter(opening_holders::holder_index.eq(i32::from(index)))
        .select((opening_committees::rehearsal_manifest, opening_holders::share_file));
    Ok(found.first(&mut conn.db)?)
}

/// Keeps that a holder has rehearsed.
pub fn rehearsed(conn: &mut Conn, challenge: ChallengeId, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let row = opening_holders::table
        .filter(opening_holders::challenge_id.eq(Key::of(challenge)))
        .filter(opening_holders::user_id.eq(Key::of(user)));
    diesel::update(row).set(opening_holders::rehearsed_at.eq(At(now))).execute(&mut conn.db)?;
    Ok(())
}

/// Published challenges of which a deadline, for solutions or for offers, comes before `until` and whose newest rehearsal is
/// older than `since`: the first few.
pub fn rehearsals_due(
    conn: &mut Conn,
    scope: Scope,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    before: chrono::TimeDelta,
    limit: i64,
) -> Result<Vec<ChallengeId>> {
    use crate::schema::challenges;
    let (from, until) = (At(now), At(until));
    let solutions = challenges::solution_deadline.gt(from).and(challenges::solution_deadline.le(until));
    let offers = challenges::submission_deadline.gt(from).and(challenges::submission_deadline.le(until));
    let columns = (
        challenges::id,
        challenges::solution_deadline,
        challenges::submission_deadline,
        opening_committees::rehearsal_started_at,
    );
    let query = challenges::table
        .inner_join(opening_committees::table.on(opening_committees::challenge_id.eq(challenges::id)))
        .filter(challenges::status.eq(ChallengeStatus::Published.as_str()))
        .filter(solutions.assume_not_null().or(offers.assume_not_null()))
        .order(challenges::submission_deadline)
        .select(columns)
        .into_boxed();
    let soon: Vec<(Key, Option<At>, Option<At>, At)> = in_scope!(query, scope).load(&mut conn.db)?;
    let due = |(_, solutions, offers, started): &(Key, Option<At>, Option<At>, At)| {
        let mut near = [solutions, offers].into_iter().flatten().filter(|at| (from.0..=until.0).contains(&at.0));
        near.any(|deadline| started.0 < deadline.0 - before)
    };
    let limit = usize::try_from(limit).unwrap_or(0);
    Ok(soon.into_iter().filter(due).map(|(id, ..)| id.id()).take(limit).collect())
}

/// Keeps that the first holder was handed shares of what belongs to a stage.
pub fn begin_opening(conn: &mut Conn, challenge: ChallengeId, stage: BidStage, now: DateTime<Utc>) -> Result<()> {
    if stage == BidStage::Solution {
        let shut = opening_committees::table.find(Key::of(challenge));
        let shut = shut.filter(opening_committees::solutions_began_at.is_null());
        diesel::update(shut).set(opening_committees::solutions_began_at.eq(At(now))).execute(&mut conn.db)?;
        return Ok(());
    }
    let shut =
        opening_committees::table.find(Key::of(challenge)).filter(opening_committees::opening_began_at.is_null());
    diesel::update(shut).set(opening_committees::opening_began_at.eq(At(now))).execute(&mut conn.db)?;
    Ok(())
}

/// Whether holders were handed shares of what was handed in for a stage of a challenge.
pub fn has_opening_begun(conn: &mut Conn, challenge: ChallengeId, stage: BidStage) -> Result<bool> {
    let columns = (opening_committees::solutions_began_at, opening_committees::opening_began_at);
    let found = opening_committees::table.find(Key::of(challenge)).select(columns);
    let found: Option<(Option<At>, Option<At>)> = found.first(&mut conn.db).optional()?;
    Ok(found.is_some_and(|(solutions, offers)| match stage {
        BidStage::Solution => solutions.is_some(),
        BidStage::Offer => offers.is_some(),
    }))
}

/// Who came to the opening of these envelopes so far, the first one first.
pub fn attended(conn: &mut Conn, challenge: ChallengeId, kind: EnvelopeKind) -> Result<Vec<UserId>> {
    let users: Vec<Key> = opening_attendances::table
        .filter(opening_attendances::challenge_id.eq(Key::of(challenge)))
        .filter(opening_attendances::kind.eq(kind.as_str()))
        .order((opening_attendances::attended_at, opening_attendances::user_id))
        .select(opening_attendances::user_id)
        .load(&mut conn.db)?;
    Ok(users.into_iter().map(Key::id).collect())
}

/// Records that somebody came.
pub fn attend(
    conn: &mut Conn,
    challenge: ChallengeId,
    kind: EnvelopeKind,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = (
        opening_attendances::challenge_id.eq(Key::of(challenge)),
        opening_attendances::kind.eq(kind.as_str()),
        opening_attendances::user_id.eq(Key::of(user)),
        opening_attendances::attended_at.eq(At(now)),
    );
    diesel::insert_into(opening_attendances::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Challenges whose solutions, quality envelopes or prices enough holders came to open, and where that has not ended.
pub fn unfinished_sessions(conn: &mut Conn, limit: i64) -> Result<Vec<(ChallengeId, EnvelopeKind)>> {
    use crate::schema::challenges;
    let counted: Vec<(Key, String, i64)> = opening_attendances::table
        .inner_join(challenges::table.on(challenges::id.eq(opening_attendances::challenge_id)))
        .filter(
            (challenges::status.eq(ChallengeStatus::Closed.as_str()))
                .and(opening_attendances::kind.eq(EnvelopeKind::Quality.as_str()))
                .or(challenges::status
                    .eq(ChallengeStatus::Published.as_str())
                    .and(challenges::solutions_opened_at.is_null())
                    .and(opening_attendances::kind.eq(EnvelopeKind::Solution.as_str())))
                .or(challenges::status
                    .eq(ChallengeStatus::Evaluating.as_str())
                    .and(challenges::prices_opened_at.is_null())
                    .and(opening_attendances::kind.eq(EnvelopeKind::Price.as_str()))),
        )
        .group_by((opening_attendances::challenge_id, opening_attendances::kind))
        .having(count_star().ge(2))
        .select((opening_attendances::challenge_id, opening_attendances::kind, count_star()))
        .order(opening_attendances::challenge_id)
        .limit(limit)
        .load(&mut conn.db)?;
    let session = |(challenge, kind, _): (Key, String, i64)| {
        let kind = EnvelopeKind::parse(&kind).ok_or_else(|| Error::corrupt("kind of envelope", &kind))?;
        Ok((challenge.id(), kind))
    };
    counted.into_iter().map(session).collect()
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = opening_holders)]
struct HolderRow {
    challenge_id: Key,
    holder_index: i32,
    user_id: Key,
    key_id: Key,
    rehearsed_at: Option<At>,
}

impl HolderRow {
    fn of(challenge: ChallengeId, holder: &Holder) -> Self {
        Self {
            challenge_id: Key::of(challenge),
            holder_index: i32::from(holder.index),
            user_id: Key::of(holder.user),
            key_id: Key::of(holder.key),
            rehearsed_at: at(holder.rehearsed_at),
        }
    }
}
