//! Periods with the shipped calendars: the points of Regulation (EEC, Euratom) No 1182/71 one by one, cases worked by
//! hand, and properties against an implementation that ticks off days in a printed calendar.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use domain::{
    Calendar, CalendarCode, ComputedDate, Period,
    days::{self, Direction},
};
use proptest::prelude::*;

use crate::{
    calendars::clavius,
    days::{date, dates},
};

/// A period of so many `calendar` or `working` days.
fn period(days: u32, kind: &str) -> Period {
    match kind {
        "calendar" => Period::calendar_days(days),
        _ => Period::working_days(days),
    }
}

/// The end of a period from a local time, in the zone of a shipped calendar.
fn after(code: &str, from: &str, days: u32, kind: &str) -> ComputedDate {
    let code = CalendarCode::parse(code).unwrap();
    let event = days::start(from, code.zone(), "/from").unwrap();
    period(days, kind).after(event, code.zone(), &Calendar::shipped(code))
}

fn before(code: &str, deadline: &str, days: u32, kind: &str) -> ComputedDate {
    let code = CalendarCode::parse(code).unwrap();
    let deadline = days::start(deadline, code.zone(), "/from").unwrap();
    period(days, kind).before(deadline, code.zone(), &Calendar::shipped(code))
}

#[test]
fn article_2_2_working_days_are_no_holidays_saturdays_and_sundays() {
    // Wednesday 23 December 2026; Thursday is worked in Slovenia, Friday to Sunday are not.
    let end = after("SI", "2026-12-23T10:00", 3, "working");
    assert_eq!(end.last_day, date("2026-12-29"));
    assert_eq!(dates(&end.skipped), ["2026-12-25", "2026-12-26", "2026-12-27"].map(date));
}

#[test]
fn article_3_1_the_day_of_the_event_is_not_counted_whatever_its_hour() {
    for hour in ["00:00", "11:20", "23:59"] {
        assert_eq!(after("SI", &format!("2026-01-05T{hour}"), 10, "calendar").last_day, date("2026-01-15"));
    }
}

#[test]
fn article_3_2_b_a_period_ends_with_the_last_hour_of_its_last_day() {
    for (code, from, ends_at) in [
        ("SI", "2026-01-05", "2026-01-15T23:00:00Z"),
        ("PT", "2026-01-05", "2026-01-16T00:00:00Z"),
        ("BE", "2026-06-01", "2026-06-11T22:00:00Z"),
        ("PT", "2026-10-20", "2026-10-31T00:00:00Z"), // moves out of summer time on the way
        ("DE", "2026-03-17", "2026-03-27T23:00:00Z"), // and into it two days later
        ("DE", "2026-03-20", "2026-03-30T22:00:00Z"),
    ] {
        assert_eq!(
            after(code, from, 10, "calendar").ends_at,
            ends_at.parse::<DateTime<Utc>>().unwrap(),
            "{code} {from}"
        );
    }
}

#[test]
fn article_3_3_holidays_and_weekends_count_unless_days_are_working_days() {
    // Good Friday and Easter Monday lie within.
    assert_eq!(after("NL", "2026-04-01", 10, "calendar").last_day, date("2026-04-13"), "Saturday the 11th moves");
    assert_eq!(after("NL", "2026-04-01", 8, "calendar").last_day, date("2026-04-09"));
    assert_eq!(after("NL", "2026-04-01", 8, "working").last_day, date("2026-04-15"));
}

#[test]
fn article_3_4_a_last_day_that_is_not_worked_moves_forwards_and_never_counting_backwards() {
    let end = after("EU", "2026-03-23", 10, "calendar");
    assert_eq!(end.last_day, date("2026-04-07"), "Maundy Thursday, Good Friday, weekend, Easter Monday");
    assert_eq!(end.skipped[0].name, "Maundy Thursday");
    assert!(end.explanation().ends_with("because Thursday 2 April 2026 (Maundy Thursday) is not a working day."));
    assert_eq!(after("BE", "2026-03-23", 10, "calendar").last_day, date("2026-04-02"), "worked in Belgium");
    // Ten whole days before Thursday 16 April: the 6th, Easter Monday, is the first of them.
    assert_eq!(before("BE", "2026-04-16T12:00", 10, "calendar").last_day, date("2026-04-05"), "a Sunday");
}

#[test]
fn article_3_5_two_days_or_more_hold_two_working_days() {
    // Thursday 2 April 2026 in the Netherlands: the next working days are Tuesday and Wednesday.
    for (days, last_day) in
        [(1, "2026-04-07"), (2, "2026-04-08"), (3, "2026-04-08"), (6, "2026-04-08"), (7, "2026-04-09")]
    {
        assert_eq!(after("NL", "2026-04-02T09:00", days, "calendar").last_day, date(last_day), "{days} days");
    }
}

#[test]
fn cases_worked_by_hand() {
    for (code, from, days, kind, last_day) in [
        ("SI", "2026-01-05T11:20", 10, "calendar", "2026-01-15"),
        ("SI", "2026-01-05T11:20", 10, "working", "2026-01-19"),
        ("BE", "2026-12-15T16:00", 10, "calendar", "2026-12-28"), // Christmas, then a weekend
        ("BE", "2026-12-22T16:00", 10, "calendar", "2027-01-04"), // New Year's Day, then a weekend
        ("BE", "2026-12-23T16:00", 5, "working", "2026-12-31"),
        ("EU", "2026-12-14T16:00", 10, "calendar", "2027-01-04"), // the end of the year, and 2 January is a Saturday
        ("SI", "2025-12-31T09:00", 1, "calendar", "2026-01-05"),  // both days of New Year, then a weekend
        ("SI", "2015-12-31T09:00", 1, "calendar", "2016-01-04"),  // 2 January was a Saturday
        ("SI", "2014-12-31T09:00", 1, "calendar", "2015-01-02"),  // and was worked in 2015
        ("NL", "2026-04-24T09:00", 3, "calendar", "2026-04-29"),  // King's Day moves it, and two working days it holds
        ("PT", "2026-05-25T09:00", 10, "calendar", "2026-06-05"), // Corpus Christi
        ("DE", "2026-09-30T09:00", 3, "calendar", "2026-10-05"),
        ("FR", "2026-05-04T09:00", 3, "working", "2026-05-07"),
        ("FR", "2026-05-04T09:00", 4, "working", "2026-05-11"), // Victory Day
        ("SI", "2026-04-24T09:00", 4, "working", "2026-05-04"), // 27 April, 1 and 2 May
    ] {
        assert_eq!(after(code, from, days, kind).last_day, date(last_day), "{days} {kind} days from {from} in {code}");
    }
}

#[test]
fn deadlines_leave_whole_days_before_them() {
    for (code, deadline, days, kind, last_day) in [
        ("SI", "2026-01-15T12:00", 6, "calendar", "2026-01-08"),
        ("SI", "2026-01-15T12:00", 5, "working", "2026-01-07"), // 14, 13, 12, 9, 8 are kept free
        ("SI", "2026-01-15T12:00", 3, "working", "2026-01-11"), // 14, 13, 12; the Sunday before is the last day
        ("EU", "2026-01-08T12:00", 3, "working", "2026-01-04"), // 7, 6, 5
        ("EU", "2026-01-08T12:00", 4, "working", "2025-12-22"), // and 23 December
        ("SI", "2026-01-15T12:00", 0, "working", "2026-01-14"),
    ] {
        let end = before(code, deadline, days, kind);
        assert_eq!(end.last_day, date(last_day), "{days} {kind} days before {deadline} in {code}");
        assert_eq!(end.direction, Direction::Before);
    }
    assert_eq!(
        before("SI", "2026-01-15T12:00", 5, "working").explanation(),
        "Leaving 5 whole working days before Thursday 15 January 2026 (not counted), the time ends at the end of \
         Wednesday 7 January 2026 (Europe/Ljubljana, calendar SI version 1, Regulation (EEC, Euratom) No 1182/71, \
         articles 2(2) and 3(1), (2)(b) and (3)), not counting 2 days of weekends."
    );
}

#[test]
fn starts_are_instants_local_times_or_dates() {
    let zone = CalendarCode::Si.zone();
    for (text, instant) in [
        ("2026-01-05T11:20:00+01:00", "2026-01-05T10:20:00Z"),
        ("2026-01-05T10:20:00.5Z", "2026-01-05T10:20:00.5Z"),
        ("2026-07-05T11:20", "2026-07-05T09:20:00Z"),
        ("2026-07-05T11:20:59", "2026-07-05T09:20:59Z"),
        ("2026-07-05", "2026-07-04T22:00:00Z"),
        ("2100-12-31", "2100-12-30T23:00:00Z"),
    ] {
        assert_eq!(days::start(text, zone, "/from").unwrap(), instant.parse::<DateTime<Utc>>().unwrap(), "{text}");
    }
}

#[test]
fn starts_that_cannot_be_are_explained() {
    for (text, code, detail) in [
        ("tomorrow", "wrong_format", "must be an instant"),
        ("2026-02-30", "wrong_format", "must be an instant"),
        ("2026-1-5", "wrong_format", "must be an instant"),
        ("2026-01-05T1:20", "wrong_format", "must be an instant"),
        ("2026-01-05T11:20:00 01:00", "wrong_format", "write + as %2B"),
        ("2026-01-05T24:00", "wrong_format", "must be an instant"),
        ("", "wrong_format", "must be an instant"),
        ("1999-12-31", "out_of_range", "from 2000 to 2100"),
        ("2101-01-01T00:00", "out_of_range", "from 2000 to 2100"),
        ("+262000-01-01T00:00:00Z", "wrong_format", "must be an instant"),
        ("2026-03-29T02:30", "does_not_exist", "the next time that does is 2026-03-29T03:00:00+02:00"),
        ("2026-10-25T02:30", "ambiguous", "give 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"),
    ] {
        let problem = days::start(text, CalendarCode::Si.zone(), "/from").unwrap_err();
        assert_eq!((problem.pointer.as_str(), problem.code), ("/from", code), "{text}");
        assert!(problem.detail.contains(detail), "{text}: {}", problem.detail);
    }
}

/// A calendar of paper: month and day of the fixed holidays, and how many days after Easter the movable ones are.
type Printed = (&'static str, &'static [&'static str], &'static [i64]);

/// The holidays of the years from 2024 to 2035, in which no law changes.
const PRINTED: [Printed; 7] = [
    (
        "EU",
        &[
            "0101", "0102", "0501", "0509", "0721", "0815", "1101", "1102", "1224", "1225", "1226", "1227", "1228",
            "1229", "1230", "1231",
        ],
        &[-3, -2, 1, 39, 40, 50],
    ),
    ("BE", &["0101", "0501", "0721", "0815", "1101", "1111", "1225"], &[1, 39, 50]),
    ("DE", &["0101", "0501", "1003", "1225", "1226"], &[-2, 1, 39, 50]),
    ("FR", &["0101", "0501", "0508", "0714", "0815", "1101", "1111", "1225"], &[1, 39, 50]),
    ("NL", &["0101", "0505", "1225", "1226"], &[-2, 1, 39, 50]),
    ("PT", &["0101", "0425", "0501", "0610", "0815", "1005", "1101", "1201", "1208", "1225"], &[-2, 60]),
    ("SI", &["0101", "0102", "0208", "0427", "0501", "0502", "0625", "0815", "1031", "1101", "1225", "1226"], &[1]),
];

/// Whether the paper says that people work: it knows no Sundays, and King's Day by its weekday.
fn works((code, fixed, movable): Printed, day: NaiveDate) -> bool {
    let weekday = day.weekday().number_from_monday();
    let kings_day = code == "NL" && (day.month(), day.day()) == (4, 27) && weekday != 7;
    let after_easter = (day - clavius(day.year())).num_days();
    let printed = fixed.contains(&day.format("%m%d").to_string().as_str()) || movable.contains(&after_easter);
    weekday < 6 && !printed && !kings_day
}

/// Ticks off one day after the other until the period is full.
fn tick_off(printed: Printed, event: NaiveDate, days: u32, working: bool) -> NaiveDate {
    let (mut day, mut all, mut worked) = (event, 0, 0);
    loop {
        day = day.succ_opt().unwrap();
        all += 1;
        worked += u32::from(works(printed, day));
        let full = if working { worked >= days } else { all >= days && (days < 2 || worked >= 2) };
        if full && works(printed, day) {
            return day;
        }
    }
}

proptest! {
    #[test]
    fn shipped_calendars_agree_with_ticking_off_days_on_paper(
        printed in prop::sample::select(PRINTED.to_vec()),
        minutes in 0i64..10 * 365 * 24 * 60,
        days in 1u32..90,
        working: bool,
    ) {
        let code = CalendarCode::parse(printed.0).unwrap();
        let event = date("2024-01-02").and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::minutes(minutes);
        let local = event.with_timezone(&code.zone()).date_naive();
        let kind = if working { "working" } else { "calendar" };
        let end = period(days, kind).after(event, code.zone(), &Calendar::shipped(code));
        prop_assert_eq!(end.last_day, tick_off(printed, local, days, working));
        let last_instant = end.ends_at - TimeDelta::microseconds(1);
        prop_assert_eq!(last_instant.with_timezone(&code.zone()).date_naive(), end.last_day);
        prop_assert!(end.ends_at.with_timezone(&code.zone()).date_naive() > end.last_day);
        prop_assert!(end.skipped.iter().all(|skipped| !works(printed, skipped.day)));
    }
}
