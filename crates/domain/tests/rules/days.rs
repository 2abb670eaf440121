//! Periods computed by hand.

use chrono::{DateTime, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use domain::{
    Calendar, CalendarCode, ComputedDate, Period, PeriodRule,
    days::{CalendarChanges, NamedDay},
};

const BRUSSELS: Tz = Tz::Europe__Brussels;

#[test]
fn calendar_periods_follow_regulation_1182_71() {
    // event (10:00 in Brussels), days, last day; Good Friday 2026 is 3 April, Easter Monday 6 April.
    for (event, days, last_day) in [
        ("2026-03-02", 1, "2026-03-03"),  // the day of the event is not counted
        ("2026-03-02", 10, "2026-03-12"), // Monday to Thursday
        ("2026-03-02", 30, "2026-04-01"), // over the change to summer time
        ("2026-03-06", 1, "2026-03-09"),  // Saturday -> Monday
        ("2026-03-06", 2, "2026-03-10"),  // Sunday -> Monday, but two working days -> Tuesday
        ("2026-03-06", 3, "2026-03-10"),  // Monday would be the only working day
        ("2026-03-06", 4, "2026-03-10"),
        ("2026-03-05", 2, "2026-03-09"), // Saturday -> Monday; Friday and Monday are two
        ("2026-03-27", 7, "2026-04-07"), // Good Friday -> over the weekend and Easter Monday -> Tuesday
        ("2026-04-02", 1, "2026-04-07"), // one day needs one working day only
        ("2026-04-02", 2, "2026-04-08"), // two days need Tuesday and Wednesday
        ("2026-04-03", 1, "2026-04-07"), // an event on a holiday starts a period like any other
    ] {
        let end = end_of_calendar_days(at(event, 8), days, BRUSSELS, &easter());
        assert_eq!(end.last_day, date(last_day), "{days} calendar days from {event}");
    }
}

#[test]
fn working_periods_count_only_working_days() {
    for (event, days, last_day, skipped) in [
        ("2026-03-02", 1, "2026-03-03", &[][..]),
        ("2026-03-02", 5, "2026-03-09", &["2026-03-07", "2026-03-08"]),
        ("2026-03-06", 1, "2026-03-09", &["2026-03-07", "2026-03-08"]),
        ("2026-03-07", 1, "2026-03-09", &["2026-03-08"]),
        ("2026-04-01", 3, "2026-04-08", &["2026-04-03", "2026-04-04", "2026-04-05", "2026-04-06"]),
    ] {
        let end = end_of_working_days(at(event, 8), days, BRUSSELS, &easter());
        assert_eq!(end.last_day, date(last_day), "{days} working days from {event}");
        assert_eq!(dates(&end.skipped), skipped.iter().copied().map(date).collect::<Vec<_>>(), "{event}");
    }
}

#[test]
fn the_day_of_the_event_is_the_local_one() {
    let late_in_the_evening_utc = at("2026-03-02", 23); // 00:00 on 3 March in Brussels
    let end = |zone| end_of_calendar_days(late_in_the_evening_utc, 1, zone, &Calendar::weekends_only());
    assert_eq!(end(Tz::UTC).last_day, date("2026-03-03"));
    assert_eq!(end(BRUSSELS).last_day, date("2026-03-04"));
}

#[test]
fn a_day_ends_when_the_next_one_begins() {
    // zone, event, last day, end; all after one day
    for (zone, event, ends_at) in [
        (BRUSSELS, "2026-03-25", "2026-03-26T23:00:00Z"),
        (BRUSSELS, "2026-03-28", "2026-03-29T22:00:00Z"), // 23 hours long
        (BRUSSELS, "2026-10-24", "2026-10-25T23:00:00Z"), // 25 hours long
        (Tz::Africa__Cairo, "2026-04-22", "2026-04-23T22:00:00Z"), // midnight is skipped: 24:00 -> 01:00
        (Tz::America__Havana, "2026-10-30", "2026-11-01T04:00:00Z"), // the hour from midnight comes twice
        (Tz::America__Sao_Paulo, "2018-02-16", "2018-02-18T03:00:00Z"), // the hour before midnight comes twice
        (Tz::Pacific__Apia, "2011-12-28", "2011-12-30T10:00:00Z"), // 30 December did not exist
        (Tz::Asia__Kathmandu, "2026-03-02", "2026-03-03T18:15:00Z"),
    ] {
        let end = end_of_calendar_days(at(event, 12), 1, zone, &every_day());
        assert_eq!(end.ends_at, ends_at.parse::<DateTime<Utc>>().unwrap(), "one day from {event} in {zone}");
    }
}

#[test]
fn extra_working_days_win_over_weekends_and_holidays() {
    let calendar = calendar(2, &[("2026-03-03", "Fair")], &["2026-03-03", "2026-03-07"]);
    let working = |day| calendar.is_working_day(date(day));
    assert_eq!([working("2026-03-03"), working("2026-03-07"), working("2026-03-08")], [true, true, false]);
    assert_eq!((calendar.name(), calendar.version()), ("weekends", 2));
}

#[test]
fn a_date_explains_itself_in_a_sentence() {
    let calendar_days = |event, days| end_of_calendar_days(at(event, 8), days, BRUSSELS, &easter()).explanation();
    let working_days = |event, days| end_of_working_days(at(event, 8), days, BRUSSELS, &easter()).explanation();
    let regulation = "(Europe/Brussels, calendar weekends version 3, Regulation (EEC, Euratom) No 1182/71, \
                      article 3(1), (2)(b), (4) and (5))";
    assert_eq!(
        calendar_days("2026-03-02", 1),
        format!(
            "A period of 1 calendar day from Monday 2 March 2026 (not counted) ends at the end of \
             Tuesday 3 March 2026 {regulation}."
        )
    );
    for (event, days, reason) in [
        ("2026-03-27", 7, ", because Friday 3 April 2026 (Good Friday) is not a working day."),
        ("2026-03-06", 3, ", because it must hold two working days."),
        (
            "2026-03-06",
            2,
            ", because Sunday 8 March 2026 is not a working day and the period must hold two working days.",
        ),
    ] {
        assert!(
            calendar_days(event, days).ends_with(&format!("{regulation}{reason}")),
            "{}",
            calendar_days(event, days)
        );
    }
    let articles = "Regulation (EEC, Euratom) No 1182/71, articles 2(2) and 3(1), (2)(b) and (3)";
    assert_eq!(
        working_days("2026-03-27", 6),
        format!(
            "A period of 6 working days from Friday 27 March 2026 (not counted) ends at the end of Wednesday 8 April 2026 \
             (Europe/Brussels, calendar weekends version 3, {articles}), not counting 4 days of weekends, \
             Friday 3 April 2026 (Good Friday) and Monday 6 April 2026 (Easter Monday)."
        )
    );
    assert!(working_days("2026-03-06", 1).ends_with("not counting 2 days of weekends."));
    assert!(working_days("2026-03-07", 1).ends_with("not counting 1 day of the weekend."));
    assert!(working_days("2026-03-02", 1).ends_with("(3))."));
}

#[test]
fn a_sentence_names_no_more_than_ten_holidays() {
    let belgium = Calendar::shipped(CalendarCode::Be);
    for (days, ending) in [
        (250, "Wednesday 11 November 2026 (Armistice Day) and Friday 25 December 2026 (Christmas Day)."),
        (260, "Friday 25 December 2026 (Christmas Day) and Friday 1 January 2027 (New Year's Day)."),
        (320, "Friday 1 January 2027 (New Year's Day) and 1 more holiday."),
        (500, "Friday 1 January 2027 (New Year's Day) and 8 more holidays."),
    ] {
        let sentence = Period::working_days(days).after(at("2026-01-02", 8), BRUSSELS, &belgium).explanation();
        assert!(sentence.ends_with(ending), "{days}: {sentence}");
    }
}

#[test]
fn a_period_of_no_days_ends_with_the_day_of_the_event() {
    // A Friday and a Saturday; only the calendar period moves to a working day.
    for (event, calendar_end, working_end) in
        [("2026-03-06", "2026-03-06", "2026-03-06"), ("2026-03-07", "2026-03-09", "2026-03-07")]
    {
        assert_eq!(end_of_calendar_days(at(event, 8), 0, BRUSSELS, &easter()).last_day, date(calendar_end));
        assert_eq!(end_of_working_days(at(event, 8), 0, BRUSSELS, &easter()).last_day, date(working_end));
    }
}

#[test]
fn nothing_ends_beyond_the_last_date() {
    let latest = DateTime::<Utc>::MAX_UTC;
    for zone in [BRUSSELS, Tz::America__Havana, Tz::UTC] {
        for end_of in [end_of_calendar_days, end_of_working_days] {
            let end = end_of(latest, 40, zone, &Calendar::weekends_only());
            assert_eq!((end.last_day, end.ends_at), (NaiveDate::MAX, latest), "{zone}");
        }
    }
}

#[test]
fn a_calendar_has_a_working_day_in_the_week() {
    let week = || (0..7u8).map(|day| Weekday::try_from(day).unwrap());
    let free = |weekend: Vec<_>| Calendar::new(None, 1, CalendarChanges { weekend, ..CalendarChanges::default() });
    assert!(free(week().collect()).is_err());
    assert!(free(week().skip(1).collect()).is_ok());
}

#[test]
fn a_computed_date_survives_json() {
    let end = end_of_calendar_days(at("2026-03-27", 8), 7, BRUSSELS, &easter());
    let json = serde_json::to_string(&end).unwrap();
    assert!(json.contains(&format!(r#""rule":"{}""#, end.rule.as_str())), "{json}");
    assert_eq!(serde_json::from_str::<ComputedDate>(&json).unwrap(), end);
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(day: &str, hour: u32) -> DateTime<Utc> {
    date(day).and_hms_opt(hour, 0, 0).unwrap().and_utc()
}

fn easter() -> Calendar {
    calendar(3, &[("2026-04-03", "Good Friday"), ("2026-04-06", "Easter Monday")], &[])
}

fn every_day() -> Calendar {
    Calendar::new(None, 1, CalendarChanges { weekend: Vec::new(), ..CalendarChanges::default() }).unwrap()
}

/// A calendar of weekends with these holidays and extra working days.
fn calendar(version: i32, holidays: &[(&str, &str)], extra: &[&str]) -> Calendar {
    let added = holidays.iter().map(|(day, name)| (date(day), (*name).to_owned())).collect();
    let extra_working_days = extra.iter().copied().map(date).collect();
    Calendar::new(None, version, CalendarChanges { added, extra_working_days, ..CalendarChanges::default() }).unwrap()
}

pub fn dates(days: &[NamedDay]) -> Vec<NaiveDate> {
    days.iter().map(|named| named.day).collect()
}

/// The end of so many calendar days.
pub fn end_of_calendar_days(event: DateTime<Utc>, days: u32, zone: Tz, calendar: &Calendar) -> ComputedDate {
    Period { days, rule: PeriodRule::CalendarDays }.after(event, zone, calendar)
}

/// The end of so many working days.
pub fn end_of_working_days(event: DateTime<Utc>, days: u32, zone: Tz, calendar: &Calendar) -> ComputedDate {
    Period { days, rule: PeriodRule::WorkingDays }.after(event, zone, calendar)
}
