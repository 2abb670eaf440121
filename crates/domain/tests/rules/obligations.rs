//! Clocks: when something is due, what moves that, what is late, and when people are reminded.

use crate::records::{agency, at, company, id, member, owner, staff};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Obligation, ObligationKind, Refusal, Role, Subject,
    obligation::{AFTER, BEFORE, Due, Duty, Figures, MOST_PAUSES, Outcome, Reminder, Standing, Tally, figures},
};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

fn day(n: i64) -> DateTime<Utc> {
    at("2026-06-01T08:00:00Z") + TimeDelta::days(n)
}

/// Begun on day 0, due on day 5.
fn review() -> Obligation {
    let duty = Duty {
        kind: ObligationKind::ReviewChallenge,
        organisation: agency(),
        subject: Subject::Challenge(id(70)),
        challenge: Some(id(70)),
        waiting: agency(),
    };
    Obligation::open(id(50), duty, Due { at: day(5), computed: None }, day(0)).0
}

#[test]
fn what_is_done_before_it_is_due_is_in_time_to_the_microsecond() {
    for (when, met, withdrawn, before) in [
        (day(0), Outcome::Met, Outcome::Withdrawn, Standing::Open),
        (day(5) - MICROSECOND, Outcome::Met, Outcome::Withdrawn, Standing::Open),
        (day(5), Outcome::MetLate, Outcome::Unmet, Standing::Overdue),
        (day(50), Outcome::MetLate, Outcome::Unmet, Standing::Overdue),
    ] {
        assert_eq!(review().standing(when), before);
        let mut done = review();
        let event = done.meet(when).unwrap();
        assert_eq!((done.end, done.standing(when)), (Some((met, when)), Standing::Ended));
        assert_eq!((event.kind, event.public, event.organisation), ("obligation.met", None, Some(agency())));
        let mut in_vain = review();
        assert_eq!(in_vain.withdraw(when).unwrap().kind, "obligation.withdrawn");
        assert_eq!(in_vain.end, Some((withdrawn, when)));
        let again = Refusal::WrongState { subject: "obligation", status: "ended", allowed: "open, paused or overdue" };
        assert_eq!(done.meet(when).err(), Some(again.clone()));
        assert_eq!(in_vain.withdraw(when).err(), Some(again));
    }
}

#[test]
fn an_owner_or_officer_stops_the_clock_and_nobody_else() {
    for (actor, refusal) in [
        (owner(agency()), None),
        (staff(11, &[Role::Officer]), None),
        (staff(11, &[Role::Author, Role::Finance, Role::Auditor]), Some(Refusal::RoleMissing(Role::Officer))),
        (member(11, company(), &[Role::Owner]), Some(Refusal::NotFound("obligation"))),
    ] {
        let mut paused = review();
        assert_eq!(paused.pause(&actor, "Waiting.", day(1)).err(), refusal);
        let mut resumed = review();
        resumed.pause(&owner(agency()), "Waiting.", day(1)).unwrap();
        assert_eq!(resumed.resume(&actor, day(2)).err(), refusal);
    }
}

#[test]
fn a_pause_moves_the_due_date_by_its_length() {
    let officer = staff(11, &[Role::Officer]);
    let mut review = review();
    let event = review.pause(&officer, "Waiting for figures.", day(2)).unwrap();
    assert_eq!((event.kind, event.reason.as_deref()), ("obligation.paused", Some("Waiting for figures.")));
    assert_eq!(review.standing(day(40)), Standing::Paused);
    assert_eq!(review.due_at, day(5));
    review.resume(&officer, day(40)).unwrap();
    assert_eq!((review.due_at, review.standing(day(42))), (day(43), Standing::Open));
    review.pause(&officer, "Again.", day(42)).unwrap();
    // Done during a pause, it is in time however long that lasted.
    review.meet(day(90)).unwrap();
    assert_eq!((review.end, review.took_days()), (Some((Outcome::Met, day(90))), Some(4)));
    assert_eq!(review.pauses.iter().map(|pause| pause.until).collect::<Vec<_>>(), [Some(day(40)), Some(day(90))]);
}

#[test]
fn a_clock_stops_only_while_it_runs_and_nothing_is_late() {
    let officer = staff(11, &[Role::Officer]);
    let wrong = |status, allowed| Some(Refusal::WrongState { subject: "obligation", status, allowed });
    let mut late = review();
    assert_eq!(late.pause(&officer, "Late.", day(5)).err(), wrong("overdue", "open"));
    assert_eq!(late.resume(&officer, day(1)).err(), wrong("open", "paused"));
    late.pause(&officer, "Now.", day(1)).unwrap();
    assert_eq!(late.pause(&officer, "Twice.", day(1)).err(), wrong("paused", "open"));
    let mut unexplained = review();
    assert!(matches!(unexplained.pause(&officer, " ", day(1)), Err(Refusal::Invalid(_))));
    let mut often = review();
    for _ in 0..MOST_PAUSES {
        often.pause(&officer, "Again.", day(1)).unwrap();
        often.resume(&officer, day(1)).unwrap();
    }
    let too_many = Refusal::TooMany { what: "pauses", most: MOST_PAUSES };
    assert_eq!(often.pause(&officer, "Again.", day(1)).err(), Some(too_many));
}

/// (when it is looked at, the reminder, whether it is told to be late), one after the other.
#[test]
fn people_are_reminded_once_before_once_when_it_is_late_and_once_afterwards() {
    let soon = day(5) - BEFORE;
    let table: [&[(DateTime<Utc>, Option<Reminder>)]; 3] = [
        &[
            (soon - MICROSECOND, None),
            (soon, Some(Reminder::Before)),
            (day(5) - MICROSECOND, None),
            (day(5), Some(Reminder::Due)),
            (day(5) + AFTER - MICROSECOND, None),
            (day(5) + AFTER, Some(Reminder::After)),
            (day(500), None),
        ],
        // After a downtime.
        &[(day(30), Some(Reminder::Due)), (day(30), None), (day(30) + AFTER, Some(Reminder::After)), (day(99), None)],
        &[(soon, Some(Reminder::Before)), (day(8), Some(Reminder::Due)), (day(8) + AFTER, Some(Reminder::After))],
    ];
    for looks in table {
        let mut review = review();
        for (now, expected) in looks {
            let told = review.remind(*now);
            assert_eq!(told.as_ref().map(|(reminder, _)| *reminder), *expected, "{now}");
            let missed = told.and_then(|(_, event)| event).map(|event| event.kind);
            assert_eq!(missed, (*expected == Some(Reminder::Due)).then_some("obligation.missed"), "{now}");
        }
    }
}

#[test]
fn nobody_is_reminded_of_what_has_ended_or_stands_still_nor_at_once_of_what_is_short() {
    let officer = staff(11, &[Role::Officer]);
    let mut paused = review();
    paused.pause(&officer, "Waiting.", day(1)).unwrap();
    assert_eq!((paused.attention_at(), paused.remind(day(90))), (None, None));
    paused.resume(&officer, day(3)).unwrap();
    assert_eq!(paused.attention_at(), Some(day(7) - BEFORE));
    let mut done = review();
    done.meet(day(1)).unwrap();
    assert_eq!((done.attention_at(), done.remind(day(90))), (None, None));
    let mut short = review();
    short.due_at = day(0) + BEFORE;
    assert_eq!(short.attention_at(), Some(short.due_at));
}

#[test]
fn figures_count_what_was_late_and_take_the_median_of_what_was_done() {
    let (review, answer) = (ObligationKind::ReviewChallenge, ObligationKind::AnswerQuestion);
    let tally = |kind, year, end, count| Tally { kind, year, end, count };
    let given = [
        tally(answer, 2025, Some((Outcome::Met, 1)), 2),
        tally(answer, 2025, Some((Outcome::MetLate, 9)), 1),
        tally(answer, 2026, Some((Outcome::Met, 4)), 1),
        tally(answer, 2026, Some((Outcome::Met, 1)), 1),
        tally(answer, 2026, Some((Outcome::Unmet, 99)), 3),
        tally(answer, 2026, None, 4),
        tally(review, 2026, None, 1),
        tally(review, 2026, Some((Outcome::Withdrawn, 1)), 7),
    ];
    let expected = [
        (2026, review, Figures { open_overdue: 1, ..Figures::default() }),
        (
            2026,
            answer,
            Figures { met_in_time: 2, unmet: 3, open_overdue: 4, twice_median_days: Some(5), ..Figures::default() },
        ),
        (2025, answer, Figures { met_in_time: 2, met_late: 1, twice_median_days: Some(2), ..Figures::default() }),
    ];
    assert_eq!(figures(&given), expected);
    assert_eq!(figures(&[]), []);
}
