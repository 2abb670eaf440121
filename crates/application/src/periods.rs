//! Calendars, minimum periods, and the dates of challenges that follow from them.

use crate::{Caller, Result, clock};
use chrono::{DateTime, Utc};
use domain::{
    Actor, CalendarCode, Challenge, ChallengeId, MinimumPeriodsVersion, PeriodRules, Procedure, Refusal, Timeline,
    days::{CalendarDraft, CalendarVersion},
    minimum_periods::{MinimumDays, Warning},
};
use persistence::{Conn, challenges, organisations, periods};

use crate::error::require_current;

/// The version of a calendar that is in force.
pub fn calendar(conn: &mut Conn, code: CalendarCode) -> Result<CalendarVersion> {
    let newest = periods::calendar_page(conn, code, None, 1)?.pop();
    Ok(newest.unwrap_or_else(|| CalendarVersion::shipped(code)))
}

/// A version of a calendar.
pub fn calendar_version(conn: &mut Conn, code: CalendarCode, version: i32) -> Result<CalendarVersion> {
    if version == 1 { Ok(CalendarVersion::shipped(code)) } else { Ok(periods::find_calendar(conn, code, version)?) }
}

/// Some versions of a calendar, the newest first; the last of all is the one that comes with the program.
pub fn calendar_versions(
    conn: &mut Conn,
    code: CalendarCode,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<CalendarVersion>> {
    let found = periods::calendar_page(conn, code, before, limit)?;
    Ok(down_to_shipped(found, before, limit, CalendarVersion::shipped(code)))
}

/// An administrator makes the next version of a calendar, having seen version `expected`.
pub fn change_calendar(
    conn: &mut Conn,
    caller: &Caller,
    code: CalendarCode,
    expected: i32,
    draft: &CalendarDraft,
    reason: &str,
) -> Result<CalendarVersion> {
    let current = calendar(conn, code)?;
    require_current(current.version, Some(expected))?;
    let now = conn.now()?;
    let (version, event) = current.replace(&caller.actor, draft, reason, now)?;
    periods::insert_calendar(conn, &version)?;
    caller.record(conn, now, event)?;
    Ok(version)
}

/// The minimum periods of a procedure that are in force.
pub fn minimum(conn: &mut Conn, procedure: Procedure) -> Result<MinimumPeriodsVersion> {
    let newest = periods::minimum_page(conn, procedure, None, 1)?.pop();
    Ok(newest.unwrap_or_else(|| MinimumPeriodsVersion::shipped(procedure)))
}

/// Some versions of a procedure's minimum periods, the newest first; the last of all comes with the program.
pub fn minimum_versions(
    conn: &mut Conn,
    procedure: Procedure,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<MinimumPeriodsVersion>> {
    let found = periods::minimum_page(conn, procedure, before, limit)?;
    Ok(down_to_shipped(found, before, limit, MinimumPeriodsVersion::shipped(procedure)))
}

/// An administrator raises minimum periods, or takes that back, having seen version `expected`.
pub fn change_minimum(
    conn: &mut Conn,
    caller: &Caller,
    procedure: Procedure,
    expected: i32,
    days: MinimumDays,
    reason: &str,
) -> Result<MinimumPeriodsVersion> {
    let current = minimum(conn, procedure)?;
    require_current(current.version, Some(expected))?;
    let now = conn.now()?;
    let (version, event) = current.replace(&caller.actor, days, reason, now)?;
    periods::insert_minimum(conn, &version)?;
    caller.record(conn, now, event)?;
    Ok(version)
}

/// By what the dates of a challenge are computed now: the calendar of its agency's country, the periods of its procedure.
pub fn rules(conn: &mut Conn, challenge: &Challenge) -> Result<PeriodRules> {
    let country = organisations::find(conn, challenge.agency)?.country;
    let calendar = calendar(conn, CalendarCode::of_country(&country))?.calendar();
    let minimum = minimum(conn, challenge.content.procedure)?;
    Ok(PeriodRules { calendar, minimum, zone: challenge.content.zone })
}

/// As [`rules`], for a challenge that is published: by the minimum periods of its publication, whatever was raised since.
pub fn rules_in_force(conn: &mut Conn, challenge: &Challenge) -> Result<PeriodRules> {
    let rules = rules(conn, challenge)?;
    let Some(kept) = persistence::periods::timeline(conn, challenge.id)? else { return Ok(rules) };
    let versions = minimum_versions(conn, challenge.content.procedure, Some(kept.minimum_version + 1), 1)?;
    Ok(match versions.into_iter().next() {
        Some(minimum) => PeriodRules { minimum, ..rules },
        None => rules,
    })
}

/// The dates of a challenge, for those who may see it, and what is not advisable about them. Those that were kept at its
/// publication and award; before, what they would be if it were published now. A market consultation has none.
pub fn timeline(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<(Timeline, Vec<Warning>)> {
    let (challenge, _) = challenges::find_with_agency(conn, id)?;
    challenge.require_visible(viewer)?;
    if !challenge.content.procedure.takes_bids() {
        return Err(Refusal::NotFound("timeline").into());
    }
    let rules = rules(conn, &challenge)?;
    let open_from = challenge.published_at.map_or_else(|| clock::of(conn, &challenge), Ok)?;
    let deadline = challenge.content.submission_deadline;
    let kept = periods::timeline(conn, id)?;
    let timeline = kept.unwrap_or_else(|| challenge.content.timeline(&rules, open_from, None));
    let warnings = deadline.map_or_else(Vec::new, |deadline| rules.warnings(open_from, deadline));
    Ok((timeline, warnings))
}

/// Refuses if the challenge could not be published now, for its deadline.
pub(crate) fn check(conn: &mut Conn, challenge: &Challenge, now: DateTime<Utc>) -> Result<()> {
    let rules = rules(conn, challenge)?;
    Ok(challenge.require_minimum_period(&rules, now).map(drop)?)
}

/// Adds the version that comes with the program to those from the database, where a page has come to the end of them.
fn down_to_shipped<T>(mut found: Vec<T>, before: Option<i32>, limit: i64, shipped: T) -> Vec<T> {
    let more = usize::try_from(limit).unwrap_or(usize::MAX);
    if found.len() < more && before.is_none_or(|before| before > 1) {
        found.push(shipped);
    }
    found
}
