//! Versions of calendars and of minimum periods, and the dates computed for challenges.

use crate::{
    Conn, Error, Result,
    schema::{calendar_versions, challenge_timelines, minimum_period_versions},
    sql_types::{At, Json, Key},
};
use diesel::prelude::*;
use domain::{
    CalendarCode, ChallengeId, MinimumPeriodsVersion, Procedure, Timeline, days::CalendarVersion,
    minimum_periods::MinimumDays,
};

/// Some versions that administrators made of a calendar, the newest first, from the one before `before` on.
pub fn calendar_page(
    conn: &mut Conn,
    code: CalendarCode,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<CalendarVersion>> {
    let of_calendar = calendar_versions::table.filter(calendar_versions::calendar.eq(code.as_str()));
    let newest_first = of_calendar.order(calendar_versions::version.desc()).limit(limit);
    let rows: Vec<CalendarRow> = match before {
        Some(before) => newest_first
            .filter(calendar_versions::version.lt(before))
            .select(CalendarRow::as_select())
            .load(&mut conn.db)?,
        None => newest_first.select(CalendarRow::as_select()).load(&mut conn.db)?,
    };
    rows.into_iter().map(TryInto::try_into).collect()
}

/// A version that an administrator made of a calendar.
pub fn find_calendar(conn: &mut Conn, code: CalendarCode, version: i32) -> Result<CalendarVersion> {
    let row = calendar_versions::table.find((code.as_str(), version)).select(CalendarRow::as_select());
    row.first(&mut conn.db)?.try_into()
}

/// Adds a version. Of two who make the same number at once, one is refused.
pub fn insert_calendar(conn: &mut Conn, version: &CalendarVersion) -> Result<()> {
    let Some((made_by, made_at)) = version.made else { return Err(Error::corrupt("calendar version", "shipped")) };
    let row = CalendarRow {
        calendar: version.code.as_str().to_owned(),
        version: version.version,
        changes: Json::of(&version.changes),
        reason: version.reason.clone(),
        made_at: At(made_at),
        made_by_id: Key::of(made_by),
    };
    diesel::insert_into(calendar_versions::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Some versions that administrators made of a procedure's minimum periods, the newest first, from the one before
/// `before` on.
pub fn minimum_page(
    conn: &mut Conn,
    procedure: Procedure,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<MinimumPeriodsVersion>> {
    let of_procedure = minimum_period_versions::table.filter(minimum_period_versions::procedure.eq(procedure.as_str()));
    let newest_first = of_procedure.order(minimum_period_versions::version.desc()).limit(limit);
    let rows: Vec<MinimumRow> = match before {
        Some(before) => newest_first
            .filter(minimum_period_versions::version.lt(before))
            .select(MinimumRow::as_select())
            .load(&mut conn.db)?,
        None => newest_first.select(MinimumRow::as_select()).load(&mut conn.db)?,
    };
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Adds a version. Of two who make the same number at once, one is refused.
pub fn insert_minimum(conn: &mut Conn, version: &MinimumPeriodsVersion) -> Result<()> {
    let Some((made_by, made_at)) = version.made else { return Err(Error::corrupt("minimum periods", "shipped")) };
    let row = MinimumRow {
        procedure: version.procedure.as_str().to_owned(),
        version: version.version,
        days: Json::of(&version.periods.days()),
        reason: version.reason.clone(),
        made_at: At(made_at),
        made_by_id: Key::of(made_by),
    };
    diesel::insert_into(minimum_period_versions::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// The dates that were computed for a challenge; none before its publication.
pub fn timeline(conn: &mut Conn, challenge: ChallengeId) -> Result<Option<Timeline>> {
    let row = challenge_timelines::table.find(Key::of(challenge)).select(challenge_timelines::timeline);
    row.first::<Json>(&mut conn.db).optional()?.map(Json::read).transpose()
}

/// Keeps the dates of a challenge in the place of those kept before. Whoever calls holds the challenge's lock.
pub fn put_timeline(conn: &mut Conn, challenge: ChallengeId, timeline: &Timeline) -> Result<()> {
    let kept = || challenge_timelines::timeline.eq(Json::of(timeline));
    let row = challenge_timelines::table.find(Key::of(challenge));
    if diesel::update(row).set(kept()).execute(&mut conn.db)? == 0 {
        let row = (challenge_timelines::challenge_id.eq(Key::of(challenge)), kept());
        diesel::insert_into(challenge_timelines::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = calendar_versions)]
struct CalendarRow {
    calendar: String,
    version: i32,
    changes: Json,
    reason: String,
    made_at: At,
    made_by_id: Key,
}

impl TryFrom<CalendarRow> for CalendarVersion {
    type Error = Error;

    fn try_from(row: CalendarRow) -> Result<Self> {
        Ok(Self {
            code: CalendarCode::parse(&row.calendar).ok_or_else(|| Error::corrupt("calendar", &row.calendar))?,
            version: row.version,
            changes: row.changes.read()?,
            reason: row.reason,
            made: Some((row.made_by_id.id(), row.made_at.0)),
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = minimum_period_versions)]
struct MinimumRow {
    procedure: String,
    version: i32,
    days: Json,
    reason: String,
    made_at: At,
    made_by_id: Key,
}

impl TryFrom<MinimumRow> for MinimumPeriodsVersion {
    type Error = Error;

    fn try_from(row: MinimumRow) -> Result<Self> {
        let procedure = Procedure::parse(&row.procedure).ok_or_else(|| Error::corrupt("procedure", &row.procedure))?;
        let days: MinimumDays = row.days.read()?;
        Ok(Self {
            procedure,
            version: row.version,
            periods: procedure.default_minimum_periods().lasting(days),
            reason: row.reason,
            made: Some((row.made_by_id.id(), row.made_at.0)),
        })
    }
}
