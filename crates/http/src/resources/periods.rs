//! The calculator of periods.

use crate::{
    Answer, Error,
    access::Anyone,
    foundation::{Query, ReadProblems, Reply, wire},
};
use actix_web::get;
use application::periods;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    CalendarCode, ComputedDate, Period, PeriodRule,
    days::{self, Direction, NamedDay},
};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        Object, ObjectBuilder, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(compute_period);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodParams {
    calendar: CalendarCode,
    from: String,
    days: u32,
    kind: PeriodRule,
    direction: Option<Direction>,
}

/// Written out, because what is derived calls a parameter with a schema of its own optional.
impl IntoParams for PeriodParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(40));
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(days::LONGEST));
        let parameter = |name, required, description, schema: Object| {
            let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(required);
            parameter.description(Some(description)).schema(Some(schema)).build()
        };
        let calendar = "Whose holidays, and whose zone: one of `GET /calendars`.";
        let from = "The event: an instant such as `2026-01-05T11:20:00+01:00` (write `+` as `%2B`), a local time in the \
                    calendar's zone such as `2026-01-05T11:20`, or a date. In the years from 2000 to 2100.";
        let direction = "`before` counts back from a deadline; `after` if not said.";
        vec![
            parameter("calendar", Required::True, calendar, wire::calendar_code()),
            parameter("from", Required::True, from, text.examples(["2026-01-05T11:20"]).build()),
            parameter("days", Required::True, "How many days.", number.examples([10]).build()),
            parameter("kind", Required::True, "Which days count.", wire::period_kind()),
            parameter("direction", Required::False, direction, wire::period_direction()),
        ]
    }
}

/// A day that has a name.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedDay)]
pub(crate) struct NamedDayView {
    #[schema(example = "2026-04-06")]
    day: NaiveDate,
    /// Of the holiday, or of the day of the week.
    #[schema(example = "Easter Monday")]
    name: String,
}

impl From<NamedDay> for NamedDayView {
    fn from(NamedDay { day, name }: NamedDay) -> Self {
        Self { day, name }
    }
}

/// The end of a period, with everything it was computed from.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ComputedDate)]
pub(crate) struct ComputedDateView {
    /// Anything done before this instant is in time, anything done at it is late.
    #[schema(example = "2026-01-15T23:00:00Z")]
    ends_at: DateTime<Utc>,
    /// The local date with which the period ends.
    #[schema(example = "2026-01-15")]
    last_day: NaiveDate,
    /// The local date of the event, or of the deadline; it is not counted.
    #[schema(example = "2026-01-05")]
    event_day: NaiveDate,
    #[schema(example = 10)]
    days: u32,
    #[schema(schema_with = wire::period_kind, example = "calendar")]
    kind: PeriodRule,
    #[schema(schema_with = wire::period_direction, example = "after")]
    direction: Direction,
    /// The articles by which the days were counted.
    #[schema(example = "Regulation (EEC, Euratom) No 1182/71, article 3(1), (2)(b), (4) and (5)")]
    rule: &'static str,
    /// Working days: those that did not count. Calendar days: those that are not worked, over which the end moved.
    skipped: Vec<NamedDayView>,
    #[schema(example = "SI")]
    calendar: String,
    /// The version of the calendar.
    #[schema(example = 1)]
    calendar_version: i32,
    /// In which days begin and end.
    #[schema(example = "Europe/Ljubljana")]
    zone: String,
    /// All of this in a sentence.
    #[schema(
        example = "A period of 10 calendar days from Monday 5 January 2026 (not counted) ends at the end of Thursday 15 January 2026."
    )]
    explanation: String,
}

impl From<ComputedDate> for ComputedDateView {
    fn from(date: ComputedDate) -> Self {
        Self {
            explanation: date.explanation(),
            rule: date.legal_basis(),
            ends_at: date.ends_at,
            last_day: date.last_day,
            event_day: date.event_day,
            days: date.days,
            kind: date.rule,
            direction: date.direction,
            skipped: date.skipped.into_iter().map(Into::into).collect(),
            calendar: date.calendar,
            calendar_version: date.calendar_version,
            zone: date.zone.name().to_owned(),
        }
    }
}

/// A computed date as the API writes it, indented, for the command line.
///
/// # Errors
/// Never in practice: none of its parts can fail to be written.
pub fn computed_date_json(date: ComputedDate) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&ComputedDateView::from(date))
}

/// Compute a period
///
/// When a period of calendar or working days ends, with the newest version of a calendar, by Regulation (EEC, Euratom)
/// No 1182/71.
#[utoipa::path(tag = "calendars", params(PeriodParams),
    responses((status = 200, description = "Its end", body = ComputedDateView), ReadProblems))]
#[get("/periods")]
async fn compute_period(who: Anyone, query: Query<PeriodParams>) -> Answer {
    let PeriodParams { calendar: code, from, days, kind: rule, direction } = query.0;
    let moment = days::start(&from, code.zone(), "/from").map_err(|problem| Error::InvalidQuery(vec![problem]))?;
    who.read(move |conn, _| {
        let calendar = periods::calendar(conn, code)?.calendar();
        let direction = direction.unwrap_or(Direction::After);
        let end = Period { days, rule }.end(direction, moment, code.zone(), &calendar);
        Reply::ok(&ComputedDateView::from(end))
    })
    .await
}
