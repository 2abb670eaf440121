//! Suspensions of challenges.

use crate::{
    Conn, Error, Result,
    schema::challenge_suspensions,
    sql_types::{At, Key},
};
use diesel::prelude::*;
use domain::{
    ChallengeId,
    challenge::{Resumption, Suspension, SuspensionReason},
};

/// Adds a suspension.
pub fn insert(conn: &mut Conn, suspension: &Suspension) -> Result<()> {
    diesel::insert_into(challenge_suspensions::table).values(Row::from(suspension)).execute(&mut conn.db)?;
    Ok(())
}

/// Saves how a suspension ended.
pub fn update(conn: &mut Conn, suspension: &Suspension) -> Result<()> {
    let row = challenge_suspensions::table.find((Key::of(suspension.challenge), suspension.number));
    diesel::update(row).set(Row::from(suspension)).execute(&mut conn.db)?;
    Ok(())
}

/// The last suspension of a challenge; they are numbered without gaps.
pub fn last(conn: &mut Conn, challenge: ChallengeId) -> Result<Option<Suspension>> {
    let row = challenge_suspensions::table
        .filter(challenge_suspensions::challenge_id.eq(Key::of(challenge)))
        .order(challenge_suspensions::number.desc())
        .select(Row::as_select());
    row.first::<Row>(&mut conn.db).optional()?.map(TryInto::try_into).transpose()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = challenge_suspensions, primary_key(challenge_id, number))]
struct Row {
    challenge_id: Key,
    number: i32,
    code: String,
    reason: String,
    deadline_before: At,
    suspended_by_id: Key,
    suspended_at: At,
    resumption_reason: Option<String>,
    deadline: Option<At>,
    resumed_by_id: Option<Key>,
    resumed_at: Option<At>,
}

impl From<&Suspension> for Row {
    fn from(suspension: &Suspension) -> Self {
        let resumption = suspension.resumption.as_ref();
        Self {
            challenge_id: Key::of(suspension.challenge),
            number: suspension.number,
            code: suspension.code.as_str().to_owned(),
            reason: suspension.reason.clone(),
            deadline_before: At(suspension.deadline_before),
            suspended_by_id: Key::of(suspension.suspended_by),
            suspended_at: At(suspension.suspended_at),
            resumption_reason: resumption.map(|r| r.reason.clone()),
            deadline: resumption.map(|r| At(r.deadline)),
            resumed_by_id: resumption.map(|r| Key::of(r.resumed_by)),
            resumed_at: resumption.map(|r| At(r.resumed_at)),
        }
    }
}

impl TryFrom<Row> for Suspension {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let resumption = match (row.resumption_reason, row.deadline, row.resumed_by_id, row.resumed_at) {
            (Some(reason), Some(deadline), Some(by), Some(at)) => {
                Some(Resumption { reason, deadline: deadline.0, resumed_by: by.id(), resumed_at: at.0 })
            }
            _ => None,
        };
        Ok(Self {
            challenge: row.challenge_id.id(),
            number: row.number,
            code: SuspensionReason::parse(&row.code).ok_or_else(|| Error::corrupt("suspension reason", &row.code))?,
            reason: row.reason,
            deadline_before: row.deadline_before.0,
            suspended_by: row.suspended_by_id.id(),
            suspended_at: row.suspended_at.0,
            resumption,
        })
    }
}
