//! Calendars: which days are worked, and what administrators change in them.

use super::periods::NamedDayView;
use crate::{
    Answer,
    access::{Administrator, Anyone, As, Recent},
    foundation::{
        Body, EditProblems, PageParams, Paged, Precondition, Query, ReadProblems, Reply, query::WriteParams, wire,
    },
};
use actix_web::{get, put, web};
use application::periods;
use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use domain::{
    CalendarCode, Refusal,
    days::{CalendarDraft, CalendarVersion, NamedDay},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_calendars).service(get_calendar).service(change_calendar).service(list_calendar_versions);
}

/// A calendar.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Calendar)]
struct CalendarView {
    #[schema(schema_with = wire::calendar_code, example = "SI")]
    code: CalendarCode,
    #[schema(example = "Slovenia")]
    name: &'static str,
    /// In which its days begin and end.
    #[schema(example = "Europe/Ljubljana")]
    zone: &'static str,
    /// Where the holidays that are computed come from.
    #[schema(example = "Public Holidays and Non-working Days Act (ZPDPD)")]
    source: &'static str,
    /// What is not in it, though somebody might expect it.
    #[schema(example = "Public holidays on which people work, such as 23 December")]
    left_out: &'static str,
    /// Counted from 1, which comes with the program.
    #[schema(example = 2)]
    version: i32,
    /// The days of the week that are free.
    #[schema(schema_with = wire::weekdays)]
    weekend: Vec<&'static str>,
    /// Holidays besides those that are computed.
    added: Vec<NamedDayView>,
    /// Computed holidays that do not apply.
    removed: Vec<NaiveDate>,
    /// Free days on which people work all the same.
    extra_working_days: Vec<NaiveDate>,
    /// Why this version was made.
    #[schema(example = "The government has moved a working day.")]
    reason: String,
    /// When; none for the one that comes with the program.
    made_at: Option<DateTime<Utc>>,
}

impl From<CalendarVersion> for CalendarView {
    fn from(version: CalendarVersion) -> Self {
        let (code, changes) = (version.code, version.changes);
        let named = |(day, name)| NamedDay { day, name }.into();
        Self {
            code,
            name: code.name(),
            zone: code.zone().name(),
            source: code.source(),
            left_out: code.left_out(),
            version: version.version,
            weekend: changes.weekend.into_iter().map(wire::weekday).collect(),
            added: changes.added.into_iter().map(named).collect(),
            removed: changes.removed.into_iter().collect(),
            extra_working_days: changes.extra_working_days.into_iter().collect(),
            reason: version.reason,
            made_at: version.made.map(|(_, at)| at),
        }
    }
}

/// A calendar with the holidays of a year.
#[derive(Serialize, ToSchema)]
#[schema(as = CalendarYear)]
struct CalendarYearView {
    calendar: CalendarView,
    #[schema(example = 2026)]
    year: i32,
    /// The public holidays of the year, on whatever day of the week they fall.
    holidays: Vec<NamedDayView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CalendarList)]
struct CalendarListView {
    items: Vec<CalendarView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CalendarVersionPage)]
struct CalendarVersionPageView {
    items: Vec<CalendarView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CalendarParams {
    /// The holidays of which year; the current one if not said.
    #[param(minimum = 2000, maximum = 2110)]
    year: Option<i32>,
    /// An earlier version; the one in force if not said.
    #[param(minimum = 1, maximum = 1_000_000)]
    version: Option<i32>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = NamedDayInput)]
#[serde(deny_unknown_fields)]
struct NamedDayWire {
    #[schema(example = "2026-06-24")]
    day: NaiveDate,
    /// The English name of the holiday.
    #[schema(example = "Day of Mourning", min_length = 1, max_length = 100)]
    name: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangeCalendar {
    /// The days of the week that are free; at least one is not.
    #[schema(schema_with = wire::weekdays)]
    weekend: Vec<String>,
    /// Holidays besides those that are computed. One on the day of a computed holiday gives that another name.
    #[schema(max_items = 400)]
    added: Vec<NamedDayWire>,
    /// Computed holidays that do not apply.
    #[schema(max_items = 400)]
    removed: Vec<NaiveDate>,
    /// Free days on which people work all the same.
    #[schema(max_items = 400)]
    extra_working_days: Vec<NaiveDate>,
    /// Why; public.
    #[schema(example = "The government has moved a working day.", min_length = 1, max_length = 5000)]
    reason: String,
}

impl ChangeCalendar {
    fn draft(self) -> (CalendarDraft, String) {
        let weekend = self.weekend.iter().filter_map(|name| name.parse::<Weekday>().ok()).collect();
        let added = self.added.into_iter().map(|NamedDayWire { day, name }| NamedDay { day, name }).collect();
        let Self { removed, extra_working_days, reason, .. } = self;
        (CalendarDraft { weekend, added, removed, extra_working_days }, reason)
    }
}

fn code(path: &str) -> Result<CalendarCode, Refusal> {
    CalendarCode::parse(path).ok_or(Refusal::NotFound("calendar"))
}

/// List the calendars
///
/// All of them, each in the version that is in force. Agencies in a country without one take that of the European Union.
#[utoipa::path(tag = "calendars",
    responses((status = 200, description = "The calendars", body = CalendarListView), ReadProblems))]
#[get("/calendars")]
async fn list_calendars(who: Anyone) -> Answer {
    who.read(|conn, _| {
        let calendars = CalendarCode::ALL.map(|code| periods::calendar(conn, code).map(Into::into));
        let items = calendars.into_iter().collect::<Result<_, _>>()?;
        Reply::ok(&CalendarListView { items })
    })
    .await
}

/// See a calendar
///
/// With the holidays of a year; on demand in an earlier version, by which dates may have been computed.
#[utoipa::path(tag = "calendars", params(CalendarParams, ("calendar" = String, Path, description = "Its code", example = "SI", pattern = "^[A-Z]{2}$")),
    responses((status = 200, description = "The calendar", body = CalendarYearView), ReadProblems))]
#[get("/calendars/{calendar}")]
async fn get_calendar(who: Anyone, path: web::Path<String>, query: Query<CalendarParams>) -> Answer {
    who.read(move |conn, _| {
        let code = code(&path)?;
        let version = match query.0.version {
            Some(version) => periods::calendar_version(conn, code, version)?,
            None => periods::calendar(conn, code)?,
        };
        let year = query.0.year.map_or_else(|| conn.now().map(|now| now.year()), Ok)?;
        reply(version, year)
    })
    .await
}

/// Change a calendar
///
/// Takes an administrator and a step-up. Makes a new version, which becomes what is sent, for all dates that are computed
/// from now on; dates that were computed before keep the version that they were computed with.
#[utoipa::path(tag = "calendars", params(WriteParams, ("calendar" = String, Path, description = "Its code", example = "SI", pattern = "^[A-Z]{2}$"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = ChangeCalendar, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = CalendarYearView), EditProblems))]
#[put("/calendars/{calendar}")]
async fn change_calendar(
    who: As<Recent<Administrator>>,
    path: web::Path<String>,
    seen: Precondition,
    body: Body<ChangeCalendar>,
) -> Answer {
    who.write(move |conn, caller| {
        let (draft, reason) = body.0.draft();
        let version = periods::change_calendar(conn, caller, code(&path)?, seen.0, &draft, &reason)?;
        let year = conn.now()?.year();
        reply(version, year)
    })
    .await
}

fn reply(version: CalendarVersion, year: i32) -> Answer {
    let holidays = version.calendar().holidays(year).into_iter().map(Into::into).collect();
    let number = version.version;
    Ok(Reply::ok(&CalendarYearView { calendar: version.into(), year, holidays })?.version(number))
}

/// List the versions of a calendar
///
/// The newest first; the last is the one that comes with the program.
#[utoipa::path(tag = "calendars", params(PageParams, ("calendar" = String, Path, description = "Its code", example = "SI", pattern = "^[A-Z]{2}$")),
    responses((status = 200, description = "A page", body = CalendarVersionPageView), ReadProblems))]
#[get("/calendars/{calendar}/versions")]
async fn list_calendar_versions(who: Anyone, path: web::Path<String>, query: Query<PageParams>) -> Answer {
    let cursors = &who.state().cursors;
    let (code, list) = (code(&path)?, format!("calendars/{path}/versions"));
    let (before, limit) = query.0.read::<i32>(cursors, &list)?;
    let read =
        who.read(move |conn, _| Ok(Paged::cut(periods::calendar_versions(conn, code, before, limit + 1)?, limit)));
    let page = read.await?;
    let next = page.last(|last| cursors.seal(&list, &last.version)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&CalendarVersionPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}
