//! Minimum periods: who changes them, how far, and what they say about a deadline.

use domain::{
    Actor, Calendar, CalendarCode, MinimumPeriodsVersion, PeriodRules, Procedure, Refusal, UserId,
    days::{CalendarDraft, CalendarVersion, NamedDay},
    minimum_periods::MinimumDays,
};

use crate::{
    days::date,
    records::{at, id, officer},
};

fn administrator() -> Actor {
    Actor { administrator: true, ..Actor::new(id::<UserId>(1)) }
}

fn slovenia(minimum: MinimumPeriodsVersion) -> PeriodRules {
    PeriodRules { calendar: Calendar::shipped(CalendarCode::Si), minimum, zone: CalendarCode::Si.zone() }
}

fn days(open: u32, questions: u32, answers: u32, standstill: u32) -> MinimumDays {
    MinimumDays { open, questions, answers, standstill }
}

#[test]
fn only_administrators_change_minimum_periods_and_calendars() {
    let now = at("2026-05-01T08:00:00Z");
    let minimum = MinimumPeriodsVersion::shipped(Procedure::SmallPilot);
    let raised = minimum.replace(&officer(), days(14, 5, 3, 2), "More time.", now);
    assert_eq!(raised.unwrap_err(), Refusal::AdministratorOnly);
    let (raised, event) = minimum.replace(&administrator(), days(14, 5, 3, 2), "More time.", now).unwrap();
    assert_eq!((raised.version, raised.periods.open.days), (2, 14));
    assert_eq!((event.kind, event.reason.as_deref()), ("minimum_periods.changed", Some("More time.")));
    assert_eq!(raised.periods.open.rule, minimum.periods.open.rule, "the kind of days stays");

    let added = vec![NamedDay { day: date("2026-05-04"), name: "Fair".to_owned() }];
    let draft = CalendarDraft { weekend: vec![], added, removed: vec![], extra_working_days: vec![] };
    let shipped = CalendarVersion::shipped(CalendarCode::Si);
    let refused = shipped.replace(&officer(), &draft, "A fair.", now).unwrap_err();
    assert_eq!(refused, Refusal::AdministratorOnly);
    let (changed, event) = shipped.replace(&administrator(), &draft, "A fair.", now).unwrap();
    assert_eq!((changed.version, event.kind), (2, "calendar.changed"));
    assert!(!changed.calendar().is_working_day(date("2026-05-04")));
    assert!(changed.calendar().is_working_day(date("2026-05-03")), "without a weekend Sundays are worked");
}

#[test]
fn a_small_pilot_that_is_open_for_less_than_28_days_gets_a_warning() {
    // Friday 1 May 2026 + 28 days = Friday 29 May, whose end is 22:00 UTC.
    for (procedure, deadline, warned) in [
        (Procedure::SmallPilot, "2026-05-29T21:59:59.999999Z", true),
        (Procedure::SmallPilot, "2026-05-29T22:00:00Z", false),
        (Procedure::OpenPilot, "2026-05-20T22:00:00Z", false),
    ] {
        let rules = slovenia(MinimumPeriodsVersion::shipped(procedure));
        let warnings = rules.warnings(at("2026-05-01T08:00:00Z"), at(deadline));
        assert_eq!(warnings.len(), usize::from(warned), "{deadline}");
        for warning in warnings {
            assert_eq!((warning.pointer, warning.code), ("/submissionDeadline", "short_period"));
            assert!(warning.detail.contains("2026-05-29T22:00:00Z"), "{}", warning.detail);
        }
    }
}

#[test]
fn a_deadline_leaves_time_for_questions() {
    let (published, now) = (at("2026-05-04T08:00:00Z"), at("2026-05-01T08:00:00Z"));
    let minimum = MinimumPeriodsVersion::shipped(Procedure::SmallPilot);
    let (long, _) = minimum.replace(&administrator(), days(10, 20, 3, 2), "Many questions.", now).unwrap();
    let rules = slovenia(long);
    // The 20th working day before Monday 1 June is Monday 4 May: questions would have ended on Sunday.
    for (deadline, in_time) in [("2026-06-01T10:00:00Z", false), ("2026-06-02T10:00:00Z", true)] {
        let timeline = rules.timeline(published, Some(at(deadline)));
        let checked = timeline.check(at(deadline), &Default::default());
        assert_eq!(checked.is_ok(), in_time, "{deadline}");
        if let Err(Refusal::Invalid(errors)) = checked {
            assert_eq!((errors[0].pointer.as_str(), errors[0].code), ("/submissionDeadline", "period_too_short"));
            assert!(errors[0].detail.starts_with("leaves no time for questions: Leaving 20 whole working days before"));
        }
    }
}

#[test]
fn a_draft_without_a_deadline_has_an_earliest_one() {
    let rules = slovenia(MinimumPeriodsVersion::shipped(Procedure::OpenPilot));
    let timeline = rules.timeline(at("2026-11-27T08:00:00Z"), None);
    assert_eq!(timeline.earliest_deadline.last_day, date("2026-12-28"), "Sunday the 27th moves");
    assert_eq!((timeline.questions_until, timeline.answers_by, timeline.standstill), (None, None, None));
}
