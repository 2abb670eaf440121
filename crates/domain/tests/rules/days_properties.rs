//! Periods against an independent implementation that walks day by day, and minute by minute.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{Calendar, Period, days::CalendarChanges};
use proptest::prelude::*;

use crate::days::{date, dates, end_of_calendar_days, end_of_working_days};

proptest! {
    #[test]
    fn calendar_days_agree_with_walking(case in cases()) {
        let end = end_of_calendar_days(case.event, case.days, case.zone, &case.calendar());
        let period_ending = |day: NaiveDate| case.after_event().take_while(|d| *d <= day).collect::<Vec<_>>();
        let last_day = case.after_event().find(|day| {
            let period = period_ending(*day);
            let worked = period.iter().filter(|day| case.works(**day)).count();
            case.works(*day) && period.len() >= case.days as usize && (case.days < 2 || worked >= 2)
        });
        prop_assert_eq!(Some(end.last_day), last_day);
        let nominal = case.after_event().nth(case.days as usize - 1).unwrap();
        let skipped: Vec<_> = case.after_event().take_while(|d| *d < end.last_day).filter(|d| *d >= nominal && !case.works(*d)).collect();
        prop_assert_eq!(dates(&end.skipped), skipped);
    }

    #[test]
    fn working_days_agree_with_walking(case in cases()) {
        let end = end_of_working_days(case.event, case.days, case.zone, &case.calendar());
        let last_day = case.after_event().filter(|day| case.works(*day)).nth(case.days as usize - 1);
        prop_assert_eq!(Some(end.last_day), last_day);
        let skipped: Vec<_> = case.after_event().take_while(|d| *d < end.last_day).filter(|d| !case.works(*d)).collect();
        prop_assert_eq!(dates(&end.skipped), skipped);
    }

    #[test]
    fn so_many_whole_days_lie_before_a_deadline(case in cases()) {
        let deadline_day = case.event.with_timezone(&case.zone).date_naive();
        for (period, counts) in [
            (Period::calendar_days(case.days), false),
            (Period::working_days(case.days), true),
        ] {
            let end = period.before(case.event, case.zone, &case.calendar());
            let kept = end.last_day.iter_days().skip(1).take_while(|day| *day < deadline_day);
            let kept: Vec<_> = kept.filter(|day| !counts || case.works(*day)).collect();
            prop_assert_eq!(kept.len(), case.days as usize, "so many days are free");
            prop_assert_eq!(kept[0], end.last_day.succ_opt().unwrap(), "and not one more: the first of them counts");
        }
    }

    #[test]
    fn the_end_is_the_first_minute_of_a_later_day(case in cases()) {
        let end = end_of_calendar_days(case.event, case.days, case.zone, &case.calendar());
        let local_date = |at: DateTime<Utc>| at.with_timezone(&case.zone).date_naive();
        let start = end.last_day.and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::hours(16);
        let first = (0..60 * 60).map(|minute| start + TimeDelta::minutes(minute)).find(|at| local_date(*at) > end.last_day);
        prop_assert_eq!(Some(end.ends_at), first);
    }

    #[test]
    fn longer_periods_never_end_earlier(case in cases()) {
        let next = case.days + 1;
        for end_of in [end_of_calendar_days, end_of_working_days] {
            let end = |days| end_of(case.event, days, case.zone, &case.calendar()).ends_at;
            prop_assert!(end(case.days) <= end(next));
        }
    }
}

#[derive(Debug)]
struct Case {
    event: DateTime<Utc>,
    days: u32,
    zone: Tz,
    holidays: Vec<NaiveDate>,
    extra: Vec<NaiveDate>,
}

impl Case {
    fn calendar(&self) -> Calendar {
        let added = self.holidays.iter().map(|day| (*day, "Holiday".to_owned())).collect();
        let extra_working_days = self.extra.iter().copied().collect();
        Calendar::new(None, 1, CalendarChanges { added, extra_working_days, ..CalendarChanges::default() }).unwrap()
    }

    fn works(&self, day: NaiveDate) -> bool {
        let free = day.weekday().number_from_monday() > 5 || self.holidays.contains(&day);
        self.extra.contains(&day) || !free
    }

    /// The days after the local day of the event.
    fn after_event(&self) -> impl Iterator<Item = NaiveDate> {
        self.event.with_timezone(&self.zone).date_naive().iter_days().skip(1)
    }
}

/// Zones with full hours and without, east and west, in which midnight was skipped or came twice.
const ZONES: [Tz; 12] = [
    Tz::UTC,
    Tz::Europe__Brussels,
    Tz::Atlantic__Azores,
    Tz::America__Sao_Paulo,
    Tz::America__Santiago,
    Tz::America__Havana,
    Tz::America__St_Johns,
    Tz::Africa__Cairo,
    Tz::Asia__Beirut,
    Tz::Asia__Kathmandu,
    Tz::Pacific__Apia,
    Tz::Pacific__Kiritimati,
];

fn cases() -> impl Strategy<Value = Case> {
    let days_near = |count| prop::collection::vec(0u64..60, 0..count);
    (0i64..50 * 365 * 24 * 60, 1u32..40, prop::sample::select(ZONES.to_vec()), days_near(20), days_near(4)).prop_map(
        |(minutes, days, zone, holidays, extra)| {
            let event = date("1990-01-01").and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::minutes(minutes);
            let day_after = |offset| event.date_naive() + chrono::Days::new(offset);
            let [holidays, extra] = [holidays, extra].map(|offsets| offsets.into_iter().map(day_after).collect());
            Case { event, days, zone, holidays, extra }
        },
    )
}
