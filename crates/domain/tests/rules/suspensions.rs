//! Taking no bids for a while takes no time away from anybody.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    BidStatus, Challenge, ChallengeStatus as C, Procedure, Refusal, Result, Timeline,
    bid::HandedIn,
    challenge::{Suspension, SuspensionReason},
};
use proptest::prelude::*;

use crate::records::{at, author, bid, bidder, challenge, deadline, fields, officer, rules};

fn suspended_at() -> DateTime<Utc> {
    at("2026-06-01T08:00:00Z")
}

fn suspended() -> (Challenge, Suspension) {
    let mut challenge = challenge(C::Published);
    let why = (SuspensionReason::Complaint, "It is looked into.");
    let (suspension, _) = challenge.suspend(&officer(), why, 0, suspended_at()).unwrap();
    (challenge, suspension)
}

fn resume(
    challenge: &mut Challenge,
    suspension: &mut Suspension,
    deadline: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Timeline> {
    let rules = rules(Procedure::SmallPilot);
    challenge.resume(&officer(), suspension, ("Rejected.", deadline), &rules, now).map(|(timeline, _)| timeline)
}

#[test]
fn only_an_officer_suspends_what_is_open_before_its_deadline() {
    let why = (SuspensionReason::Other, "Why.");
    for status in C::ALL.iter().copied() {
        let outcome = challenge(status).suspend(&officer(), why, 0, suspended_at());
        assert_eq!(outcome.is_ok(), status == C::Published, "{status:?}");
    }
    let late = challenge(C::Published).suspend(&officer(), why, 0, deadline());
    assert_eq!(late.unwrap_err(), Refusal::DeadlinePassed);
    let author = challenge(C::Published).suspend(&author(), why, 0, suspended_at());
    assert!(matches!(author, Err(Refusal::RoleMissing(_))));
    let silent = challenge(C::Published).suspend(&officer(), (why.0, " "), 0, suspended_at());
    assert_eq!(fields(silent.unwrap_err()), [("/reason".to_owned(), "required")]);
}

#[test]
fn while_it_is_suspended_no_bid_comes_in_and_one_can_be_withdrawn() {
    let (challenge, suspension) = suspended();
    assert_eq!((suspension.number, suspension.deadline_before), (1, deadline()));
    assert!(matches!(challenge.require_open(suspended_at()), Err(Refusal::WrongState { status: "suspended", .. })));
    let mut bid = bid(BidStatus::Submitted);
    let late = deadline() + TimeDelta::days(3);
    assert!(bid.replace(&bidder(), &challenge, HandedIn::Sealed, suspended_at()).is_err());
    bid.withdraw(&bidder(), &challenge, late).unwrap();
    assert!(challenge.clone().close(late).is_err(), "the deadline does not pass meanwhile");
}

#[test]
fn it_goes_on_with_the_time_that_was_left_to_the_full_minute() {
    let (mut challenge, mut suspension) = suspended();
    // Two weeks and two hours were left.
    let now = at("2026-07-10T09:30:20Z");
    let timeline = resume(&mut challenge, &mut suspension, None, now).unwrap();
    let expected = at("2026-07-24T11:31:00Z");
    assert_eq!((challenge.status, challenge.content.submission_deadline), (C::Published, Some(expected)));
    assert_eq!(suspension.resumption.unwrap().deadline, expected);
    assert_eq!(timeline.questions_until.unwrap().event_day, "2026-07-24".parse().unwrap());
    challenge.require_open(expected - TimeDelta::microseconds(1)).unwrap();
}

#[test]
fn time_that_a_change_added_meanwhile_is_not_eaten_by_the_suspension() {
    let (mut challenge, mut suspension) = suspended();
    let week = TimeDelta::days(7);
    challenge.content.submission_deadline = Some(deadline() + week);
    let now = at("2026-07-10T09:30:00Z");
    resume(&mut challenge, &mut suspension, None, now).unwrap();
    assert_eq!(challenge.content.submission_deadline, Some(at("2026-07-24T11:30:00Z") + week));
}

#[test]
fn award_and_pilots_are_expected_as_many_days_later() {
    let (mut challenge, mut suspension) = suspended();
    let day = |text: &str| Some(text.parse::<chrono::NaiveDate>().unwrap());
    challenge.content.planned_dates.expected_award = day("2026-07-01");
    challenge.content.planned_dates.pilot_start = day("2026-08-01");
    let before = challenge.content.submission_deadline.unwrap();
    resume(&mut challenge, &mut suspension, None, at("2026-07-10T09:30:00Z")).unwrap();
    let moved = challenge.content.submission_deadline.unwrap() - before;
    assert!(moved > TimeDelta::days(39) && moved < TimeDelta::days(40), "a begun day counts");
    let planned = &challenge.content.planned_dates;
    assert_eq!((planned.expected_award, planned.pilot_start), (day("2026-08-10"), day("2026-09-10")));
}

#[test]
fn a_named_deadline_leaves_at_least_as_much_time() {
    let now = at("2026-07-10T09:30:00Z");
    let earliest = at("2026-07-24T11:30:00Z");
    for (named, fine) in
        [(earliest, true), (earliest - TimeDelta::seconds(1), false), (earliest + TimeDelta::days(9), true)]
    {
        let (mut challenge, mut suspension) = suspended();
        let before = challenge.clone();
        let outcome = resume(&mut challenge, &mut suspension, Some(named), now);
        assert_eq!(outcome.is_ok(), fine, "{named}");
        if let Err(refused) = outcome {
            assert_eq!(fields(refused), [("/submissionDeadline".to_owned(), "period_too_short")]);
            assert_eq!(challenge, before);
        }
    }
    let (mut challenge, mut suspension) = suspended();
    resume(&mut challenge, &mut suspension, None, now).unwrap();
    let again = resume(&mut challenge, &mut suspension, None, now);
    assert!(matches!(again, Err(Refusal::WrongState { .. })), "{again:?}");
}

#[test]
fn dates_that_lay_ahead_move_along_and_those_that_had_passed_stay() {
    let (mut challenge, mut suspension) = suspended();
    let passed = at("2026-05-20T22:00:00Z");
    challenge.content.planned_dates.questions_until = Some(passed);
    challenge.content.planned_dates.answers_by = Some(at("2026-06-03T22:00:00Z"));
    // A week later to the second.
    resume(&mut challenge, &mut suspension, None, suspended_at() + TimeDelta::days(7)).unwrap();
    let planned = &challenge.content.planned_dates;
    assert_eq!((planned.questions_until, planned.answers_by), (Some(passed), Some(at("2026-06-10T22:00:00Z"))));
}

proptest! {
    /// However long it lasts: nobody has less time than before, and a deadline never comes nearer.
    #[test]
    fn nobody_loses_time(before_minutes in 1_i64..40_000, lasted_seconds in 0_i64..9_000_000) {
        let since = deadline() - TimeDelta::minutes(before_minutes);
        let mut challenge = challenge(C::Published);
        let why = (SuspensionReason::Other, "Why.");
        let (mut suspension, _) = challenge.suspend(&officer(), why, 3, since).unwrap();
        let now = since + TimeDelta::seconds(lasted_seconds);
        resume(&mut challenge, &mut suspension, None, now).unwrap();
        let after = challenge.deadline().unwrap();
        prop_assert!(after >= deadline() && after - now >= deadline() - since);
        prop_assert!(after - now < deadline() - since + TimeDelta::minutes(1));
    }
}
