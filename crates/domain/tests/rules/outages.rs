//! When the service counts as unavailable, whose deadlines that touches, and what is reported.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, ChallengeStatus as C, Outage, OutageCause, OutagePolicy, Procedure, Refusal,
    challenge::Content,
    outage::{LONGEST_REPORT, MOST_NOTES, OutageReport, lost},
};
use proptest::prelude::*;

use crate::records::{administrator, at, challenge, deadline, fields, id, officer};

pub fn outage(from: DateTime<Utc>, until: DateTime<Utc>) -> Outage {
    Outage {
        id: id(100),
        started_at: from,
        ended_at: until,
        cause: OutageCause::Stopped,
        text: None,
        reported_by: None,
        recorded_at: until,
    }
}

fn beat() -> DateTime<Utc> {
    at("2026-06-14T20:00:00Z")
}

fn found(gap: TimeDelta) -> Option<Outage> {
    let policy = OutagePolicy::default();
    let found = Outage::detect(id(100), &policy, beat(), OutageCause::Stopped, beat() + gap);
    found.map(|(outage, _)| outage)
}

#[test]
fn a_gap_is_an_outage_when_it_is_longer_than_the_tolerance() {
    let tolerance = OutagePolicy::default().tolerance;
    for (gap, is_outage) in [
        (TimeDelta::zero(), false),
        (TimeDelta::seconds(10), false),
        (tolerance, false),
        (tolerance + TimeDelta::microseconds(1), true),
        (TimeDelta::days(400), true),
        // A clock that was set back tells nothing.
        (-TimeDelta::hours(1), false),
    ] {
        assert_eq!(found(gap).is_some(), is_outage, "{gap}");
    }
}

#[test]
fn what_was_noticed_is_told_to_everybody_from_the_last_sign_of_life_to_the_next() {
    let now = beat() + TimeDelta::minutes(83);
    let (policy, cause) = (OutagePolicy::default(), OutageCause::UnreachableDatabase);
    let (outage, event) = Outage::detect(id(100), &policy, beat(), cause, now).unwrap();
    assert_eq!((outage.started_at, outage.ended_at, outage.length()), (beat(), now, TimeDelta::minutes(83)));
    assert_eq!((outage.cause, outage.text, outage.reported_by), (cause, None, None));
    assert_eq!((event.kind, event.reason), ("outage.recorded", None));
    let public = event.public.unwrap();
    assert_eq!(public["startedAt"], "2026-06-14T20:00:00.000000Z");
    assert_eq!(public["cause"], "unreachable_database");
}

fn reported(from: &str, until: &str, text: &str, actor: &Actor) -> domain::Result<Outage> {
    let report = OutageReport { started_at: at(from), ended_at: at(until), text: text.to_owned() };
    Outage::report(id(100), actor, report, at("2026-06-15T12:00:00Z")).map(|(outage, _)| outage)
}

#[test]
fn an_administrator_reports_what_has_ended_and_says_what_happened() {
    let told = reported("2026-06-15T08:00:00.0000019Z", "2026-06-15T12:00:00Z", "Cut.", &administrator()).unwrap();
    assert_eq!(told.started_at, at("2026-06-15T08:00:00.000001Z"), "as exactly as it is kept");
    assert_eq!((told.cause, told.text.as_deref()), (OutageCause::Reported, Some("Cut.")));
    let refused = reported("2026-06-15T08:00:00Z", "2026-06-15T09:00:00Z", "Cut.", &officer());
    assert_eq!(refused, Err(Refusal::AdministratorOnly));
    for (from, until, text, wrong) in [
        ("2026-06-15T11:00:00Z", "2026-06-15T12:00:01Z", "Cut.", ("/endedAt", "in_future")),
        ("2026-06-15T11:00:00Z", "2026-06-15T11:00:00Z", "Cut.", ("/endedAt", "out_of_order")),
        ("2026-05-15T11:59:59Z", "2026-06-15T12:00:00Z", "Cut.", ("/startedAt", "too_long")),
        ("2026-06-15T11:00:00Z", "2026-06-15T12:00:00Z", " ", ("/text", "required")),
    ] {
        let refused = reported(from, until, text, &administrator());
        assert_eq!(fields(refused.unwrap_err()), [(wrong.0.to_owned(), wrong.1)], "{from} {until}");
    }
    let longest = at("2026-06-15T12:00:00Z") - LONGEST_REPORT;
    assert!(reported(&longest.to_rfc3339(), "2026-06-15T12:00:00Z", "Cut.", &administrator()).is_ok());
}

#[test]
fn notes_are_numbered_and_for_everybody() {
    let outage = outage(beat(), beat() + TimeDelta::hours(1));
    let note = |present| outage.annotate(id(101), &administrator(), "It was the switch.", present, deadline());
    let (first, event) = note(0).unwrap();
    assert_eq!((first.number, first.outage), (1, outage.id));
    assert_eq!((event.kind, event.reason.as_deref()), ("outage.annotated", Some("It was the switch.")));
    assert!(event.public.is_some());
    assert!(note(MOST_NOTES - 1).is_ok());
    assert!(matches!(note(MOST_NOTES), Err(Refusal::LimitReached(_))));
    let refused = outage.annotate(id(101), &officer(), "No.", 0, deadline());
    assert_eq!(refused.unwrap_err(), Refusal::AdministratorOnly);
}

#[test]
fn an_outage_touches_a_deadline_if_it_takes_something_of_the_last_hours() {
    let (window, second) = (TimeDelta::hours(24), TimeDelta::seconds(1));
    let opens = deadline() - window;
    for (from, until, touched, what) in [
        (opens - second * 9, opens, false, "over when the last hours begin"),
        (opens - second * 9, opens + second, true, "over just after they begin"),
        (deadline() - second * 9, deadline() - second, true, "shortly before"),
        (deadline() - second, deadline() + second, true, "going on when the deadline passed"),
        (deadline() - TimeDelta::days(9), deadline() + TimeDelta::days(9), true, "all of it"),
        (deadline(), deadline() + second, false, "begun when nothing was taken any more"),
    ] {
        for status in [C::Published, C::Suspended, C::Closed] {
            let found = challenge(status).is_touched_by(&outage(from, until), window);
            assert_eq!(found, touched, "{what}, {status:?}");
        }
    }
}

#[test]
fn only_what_nobody_opened_can_be_touched() {
    let during = outage(deadline() - TimeDelta::hours(1), deadline() + TimeDelta::hours(1));
    let window = TimeDelta::hours(24);
    for status in C::ALL.iter().copied() {
        let possible = [C::Published, C::Suspended, C::Closed].contains(&status);
        assert_eq!(challenge(status).is_touched_by(&during, window), possible, "{status:?}");
    }
    let mut hidden = challenge(C::Published);
    hidden.published_at = None;
    assert!(!hidden.is_touched_by(&during, window));
    let mut later = challenge(C::Published);
    later.published_at = Some(during.ended_at);
    assert!(!later.is_touched_by(&during, window), "it was not published yet");
}

#[test]
fn responses_of_a_consultation_are_read_after_closing_so_its_deadline_must_lie_ahead() {
    let window = TimeDelta::hours(24);
    let consultation = |status| {
        let base = challenge(status);
        let content = Content { procedure: Procedure::MarketConsultation, ..base.content.clone() };
        domain::Challenge { content, ..base }
    };
    let before = outage(deadline() - TimeDelta::hours(2), deadline() - TimeDelta::hours(1));
    let during = outage(deadline() - TimeDelta::hours(2), deadline() + TimeDelta::hours(1));
    assert!(consultation(C::Published).is_touched_by(&before, window));
    assert!(!consultation(C::Published).is_touched_by(&during, window));
    assert!(!consultation(C::Closed).is_touched_by(&before, window));
}

#[test]
fn what_two_outages_took_is_counted_once() {
    let span = |from: i64, until: i64| outage(beat() + TimeDelta::minutes(from), beat() + TimeDelta::minutes(until));
    for (spans, minutes) in [
        (vec![], 0),
        (vec![span(0, 10)], 10),
        (vec![span(20, 30), span(0, 10)], 20),
        (vec![span(0, 10), span(5, 15)], 15),
        (vec![span(0, 60), span(10, 20), span(59, 61)], 61),
    ] {
        assert_eq!(lost(&spans), TimeDelta::minutes(minutes));
    }
}

proptest! {
    /// Compared with counting minute by minute.
    #[test]
    fn lost_minutes_are_those_in_which_any_outage_went_on(spans in prop::collection::vec((0_i64..200, 1_i64..80), 0..6)) {
        let outages: Vec<_> = spans
            .iter()
            .map(|(from, length)| outage(beat() + TimeDelta::minutes(*from), beat() + TimeDelta::minutes(from + length)))
            .collect();
        let within = |minute: &i64| spans.iter().any(|(from, length)| (*from..from + length).contains(minute));
        let counted = i64::try_from((0..300).filter(within).count()).unwrap();
        prop_assert_eq!(lost(&outages), TimeDelta::minutes(counted));
    }

    /// Compared with asking for every minute of the last hours.
    #[test]
    fn a_touched_deadline_has_a_last_minute_in_which_the_outage_went_on(
        from in -4000_i64..1000, length in 1_i64..3000, window in 1_i64..50,
    ) {
        let begun = deadline() + TimeDelta::minutes(from);
        let outage = outage(begun, begun + TimeDelta::minutes(length));
        let minute_of_both = (-window * 60..0).any(|minute| (from..from + length).contains(&minute));
        let touched = challenge(C::Published).is_touched_by(&outage, TimeDelta::hours(window));
        prop_assert_eq!(touched, minute_of_both);
    }
}
