//! Awards, each with the ranking it rests on.

use crate::{
    Conn, Result,
    schema::awards,
    sql_types::{At, Json, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{Award, ChallengeId, Ranking, UserId};

/// A recorded award.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Who decided.
    pub decided_by: UserId,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// Why, for everybody.
    pub reason: String,
    /// The frozen ranking.
    pub ranking: Ranking,
}

/// Records the award of a challenge; there is only one.
pub fn insert(conn: &mut Conn, challenge: ChallengeId, award: &Award) -> Result<()> {
    let row = (
        awards::challenge_id.eq(Key::of(challenge)),
        awards::decided_by_id.eq(Key::of(award.decided_by)),
        awards::decided_at.eq(At(award.decided_at)),
        awards::reason.eq(&award.reason),
        awards::ranking.eq(Json::of(&award.ranking)),
    );
    diesel::insert_into(awards::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// The award of a challenge, if it was made.
pub fn find(conn: &mut Conn, challenge: ChallengeId) -> Result<Option<Recorded>> {
    let row: Option<(Key, At, String, Json)> = awards::table
        .find(Key::of(challenge))
        .select((awards::decided_by_id, awards::decided_at, awards::reason, awards::ranking))
        .first(&mut conn.db)
        .optional()?;
    let read = |(by, at, reason, ranking): (Key, At, String, Json)| {
        Ok(Recorded { decided_by: by.id(), decided_at: at.0, reason, ranking: ranking.read()? })
    };
    row.map(read).transpose()
}
