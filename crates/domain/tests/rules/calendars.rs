//! The shipped calendars against tables written by hand, and Easter against another algorithm.

use chrono::{Datelike, NaiveDate};
use domain::{
    Calendar, CalendarCode,
    days::{self, CalendarChanges},
};

use crate::days::date;

/// Easter Sundays as almanacs print them.
const EASTERS: &str = "1990-04-15 1991-03-31 1992-04-19 1993-04-11 1994-04-03 1995-04-16 1996-04-07 1997-03-30 \
    1998-04-12 1999-04-04 2000-04-23 2001-04-15 2002-03-31 2003-04-20 2004-04-11 2005-03-27 2006-04-16 2007-04-08 \
    2008-03-23 2009-04-12 2010-04-04 2011-04-24 2012-04-08 2013-03-31 2014-04-20 2015-04-05 2016-03-27 2017-04-16 \
    2018-04-01 2019-04-21 2020-04-12 2021-04-04 2022-04-17 2023-04-09 2024-03-31 2025-04-20 2026-04-05 2027-03-28 \
    2028-04-16 2029-04-01 2030-04-21 2031-04-13 2032-03-28 2033-04-17 2034-04-09 2035-03-25 2036-04-13 2037-04-05 \
    2038-04-25 2039-04-10 2040-04-01 2049-04-18 2050-04-10 2076-04-19 2100-03-28";

#[test]
fn easter_is_when_almanacs_say() {
    for easter in EASTERS.split_whitespace().map(date) {
        assert_eq!(days::easter(easter.year()), Some(easter));
        assert_eq!(clavius(easter.year()), easter, "the algorithm of the tests is right, too");
    }
}

#[test]
fn easter_agrees_with_clavius_for_all_years() {
    for year in 1900..=2200 {
        assert_eq!(days::easter(year), Some(clavius(year)));
    }
}

#[test]
fn holidays_of_2026() {
    for (code, table) in [
        (
            "EU",
            "01-01 01-02 04-02 04-03 04-06 05-01 05-09 05-14 05-15 05-25 07-21 08-15 11-01 11-02 12-24 12-25 12-26 \
                12-27 12-28 12-29 12-30 12-31",
        ),
        ("BE", "01-01 04-06 05-01 05-14 05-25 07-21 08-15 11-01 11-11 12-25"),
        ("DE", "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"),
        ("FR", "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"),
        ("NL", "01-01 04-03 04-06 04-27 05-05 05-14 05-25 12-25 12-26"),
        ("PT", "01-01 04-03 04-05 04-25 05-01 06-04 06-10 08-15 10-05 11-01 12-01 12-08 12-25"),
        ("SI", "01-01 01-02 02-08 04-05 04-06 04-27 05-01 05-02 05-24 06-25 08-15 10-31 11-01 12-25 12-26"),
    ] {
        let holidays = shipped(code).holidays(2026);
        let days: Vec<_> = holidays.iter().map(|holiday| holiday.day.format("%m-%d").to_string()).collect();
        assert_eq!(days.join(" "), table.split_whitespace().collect::<Vec<_>>().join(" "), "{code}");
    }
}

#[test]
fn holidays_have_changed_over_the_years() {
    for (code, day, name) in [
        ("SI", "2012-01-02", Some("New Year")),
        ("SI", "2013-01-02", None),
        ("SI", "2016-01-02", None),
        ("SI", "2017-01-02", Some("New Year")),
        ("SI", "2023-08-14", Some("Solidarity Day")),
        ("SI", "2024-08-14", None),
        ("NL", "2013-04-30", Some("Queen's Day")),
        ("NL", "2013-04-27", None),
        ("NL", "2006-04-29", Some("Queen's Day")), // the 30th was a Sunday
        ("NL", "2006-04-30", None),
        ("NL", "2014-04-26", Some("King's Day")), // the 27th was a Sunday
        ("NL", "2014-04-27", None),
        ("NL", "2025-04-26", Some("King's Day")),
        ("NL", "2026-04-27", Some("King's Day")),
        ("NL", "2026-04-26", None),
        ("PT", "2012-06-07", Some("Corpus Christi")),
        ("PT", "2013-05-30", None),
        ("PT", "2016-05-26", Some("Corpus Christi")),
        ("PT", "2012-10-05", Some("Republic Day")),
        ("PT", "2015-10-05", None),
        ("PT", "2016-10-05", Some("Republic Day")),
        ("PT", "2013-11-01", None),
        ("PT", "2016-11-01", Some("All Saints' Day")),
        ("PT", "2015-12-01", None),
        ("PT", "2016-12-01", Some("Restoration of Independence")),
        ("DE", "2017-10-31", Some("Reformation Day")),
        ("DE", "2018-10-31", None),
        ("EU", "2026-04-02", Some("Maundy Thursday")),
        ("BE", "2026-04-02", None),
        ("FR", "2026-04-03", None), // Good Friday is a holiday in Alsace and Moselle only
        ("FR", "2100-05-17", Some("Whit Monday")),
    ] {
        assert_eq!(shipped(code).holiday(date(day)), name, "{code} {day}");
    }
}

#[test]
fn a_country_without_a_calendar_takes_that_of_the_european_union() {
    for (country, code) in [("SI", "SI"), ("DE", "DE"), ("AT", "EU"), ("US", "EU"), ("si", "EU")] {
        assert_eq!(CalendarCode::of_country(country).as_str(), code);
    }
    for code in CalendarCode::ALL {
        assert_eq!(CalendarCode::parse(code.as_str()), Some(code));
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
}

#[test]
fn administrators_add_and_remove_holidays_and_make_people_work() {
    let added = [(date("2026-03-03"), "Fair".to_owned()), (date("2026-01-01"), "Opening".to_owned())].into();
    let (removed, extra_working_days) = ([date("2026-02-08"), date("2026-05-01")].into(), [date("2026-12-26")].into());
    let changes = CalendarChanges { added, removed, extra_working_days, ..CalendarChanges::default() };
    let calendar = Calendar::new(Some(CalendarCode::Si), 2, changes).unwrap();
    assert_eq!(calendar.holiday(date("2026-03-03")), Some("Fair"));
    assert_eq!(calendar.holiday(date("2026-01-01")), Some("Opening"), "an entry replaces a computed name");
    assert_eq!(calendar.holiday(date("2026-05-01")), None);
    assert!(calendar.is_working_day(date("2026-05-01")) && !calendar.is_working_day(date("2027-05-01")));
    assert!(!calendar.is_working_day(date("2026-02-08")), "still a Sunday");
    assert!(calendar.is_working_day(date("2026-12-26")), "though it is a holiday and a Saturday");
    assert_eq!(calendar.holidays(2026).len(), 15 + 1 - 2);
}

fn shipped(code: &str) -> Calendar {
    Calendar::shipped(CalendarCode::parse(code).unwrap())
}

/// Easter Sunday by the epact and the Sunday letter, as Clavius explained the Gregorian reform.
pub fn clavius(year: i32) -> NaiveDate {
    let golden = year % 19 + 1;
    let century = year / 100 + 1;
    let dropped_leap_years = 3 * century / 4 - 12;
    let moon = (8 * century + 5) / 25 - 5;
    let sunday = 5 * year / 4 - dropped_leap_years - 10;
    let mut epact = (11 * golden + 20 + moon - dropped_leap_years).rem_euclid(30);
    if epact == 24 || (epact == 25 && golden > 11) {
        epact += 1;
    }
    let full_moon = if epact > 23 { 74 - epact } else { 44 - epact };
    let of_march = full_moon + 7 - (sunday + full_moon) % 7;
    let first_of_march = NaiveDate::from_ymd_opt(year, 3, 1).unwrap();
    first_of_march + chrono::TimeDelta::days(i64::from(of_march) - 1)
}
