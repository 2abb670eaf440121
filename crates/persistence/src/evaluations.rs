//! Evaluators' sheets.

use crate::{
    Conn, Error, Result,
    challenges::score,
    schema::evaluations,
    sql_types::{At, Json, Key, at, instant},
};
use diesel::prelude::*;
use domain::{BidId, ChallengeId, CriterionId, CriterionScore, Evaluation, UserId};
use serde::{Deserialize, Serialize};

/// The sheet of an evaluator for a bid, if there is one.
pub fn find(conn: &mut Conn, bid: BidId, evaluator: UserId) -> Result<Option<Evaluation>> {
    let row = evaluations::table
        .filter(evaluations::bid_id.eq(Key::of(bid)))
        .filter(evaluations::evaluator_id.eq(Key::of(evaluator)))
        .select(Row::as_select())
        .first(&mut conn.db)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// All sheets of a challenge, by bid and evaluator.
pub fn of_challenge(conn: &mut Conn, challenge: ChallengeId) -> Result<Vec<Evaluation>> {
    let rows = evaluations::table
        .filter(evaluations::challenge_id.eq(Key::of(challenge)))
        .order((evaluations::bid_id, evaluations::evaluator_id))
        .select(Row::as_select())
        .load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// All sheets of an evaluator.
pub fn of_evaluator(conn: &mut Conn, evaluator: UserId) -> Result<Vec<Evaluation>> {
    let rows = evaluations::table
        .filter(evaluations::evaluator_id.eq(Key::of(evaluator)))
        .order(evaluations::id)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Adds a sheet.
pub fn insert(conn: &mut Conn, challenge: ChallengeId, evaluation: &Evaluation) -> Result<()> {
    let row = (Row::from(evaluation), evaluations::challenge_id.eq(Key::of(challenge)));
    diesel::insert_into(evaluations::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Saves a changed sheet, unless it was changed at the same moment elsewhere.
pub fn update(conn: &mut Conn, evaluation: &mut Evaluation) -> Result<()> {
    let current = evaluations::table.find(Key::of(evaluation.id)).filter(evaluations::version.eq(evaluation.version));
    evaluation.version += 1;
    let changed = diesel::update(current).set(Row::from(&*evaluation)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = evaluations, treat_none_as_null = true)]
struct Row {
    id: Key,
    bid_id: Key,
    evaluator_id: Key,
    scores: Json,
    submitted_at: Option<At>,
    version: i32,
}

/// A score in hundredths.
#[derive(Serialize, Deserialize)]
struct ScoreDocument {
    criterion: CriterionId,
    score: i64,
    comment: String,
}

impl From<&Evaluation> for Row {
    fn from(evaluation: &Evaluation) -> Self {
        let document = |s: &CriterionScore| ScoreDocument {
            criterion: s.criterion,
            score: s.score.hundredths(),
            comment: s.comment.clone(),
        };
        Self {
            id: Key::of(evaluation.id),
            bid_id: Key::of(evaluation.bid),
            evaluator_id: Key::of(evaluation.evaluator),
            scores: Json::of(&evaluation.scores.iter().map(document).collect::<Vec<_>>()),
            submitted_at: at(evaluation.submitted_at),
            version: evaluation.version,
        }
    }
}

impl TryFrom<Row> for Evaluation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let read = |s: ScoreDocument| {
            Ok(CriterionScore { criterion: s.criterion, score: score(s.score)?, comment: s.comment })
        };
        Ok(Self {
            id: row.id.id(),
            bid: row.bid_id.id(),
            evaluator: row.evaluator_id.id(),
            scores: row.scores.read::<Vec<_>>()?.into_iter().map(read).collect::<Result<_>>()?,
            submitted_at: instant(row.submitted_at),
            version: row.version,
        })
    }
}
