//! Publishing at a set time.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Challenge, ChallengeStatus as C, OrganisationKind, Procedure, Refusal, Result, challenge::FARTHEST};

use crate::records::{agency, at, author, challenge, content, deadline, fields, officer, organisation, rules};

fn now() -> DateTime<Utc> {
    at("2026-05-04T08:00:00Z")
}

fn approved() -> Challenge {
    Challenge { published_at: None, ..challenge(C::Approved) }
}

fn schedule(challenge: &Challenge, publish_at: DateTime<Utc>) -> Result<()> {
    let agency = organisation(agency(), OrganisationKind::Agency);
    let rules = rules(Procedure::SmallPilot);
    challenge.schedule(&officer(), &agency, &rules, publish_at, now()).map(drop)
}

#[test]
fn a_time_is_set_for_what_is_approved_and_for_nothing_else() {
    for status in C::ALL.iter().copied() {
        let challenge = Challenge { status, ..approved() };
        assert_eq!(schedule(&challenge, now() + TimeDelta::days(1)).is_ok(), status == C::Approved, "{status:?}");
        assert_eq!(challenge.unschedule(&officer()).is_ok(), status == C::Approved, "{status:?}");
    }
    assert!(matches!(approved().unschedule(&author()), Err(Refusal::RoleMissing(_))));
}

/// The deadline is Monday 15 June. Ten calendar days after Tuesday 2 June end with Friday 12 June; after Wednesday 3 June
/// with a Saturday, and so with Monday.
#[test]
fn the_minimum_period_is_counted_from_the_set_time() {
    schedule(&approved(), at("2026-06-02T21:59:59Z")).unwrap_or_else(|e| panic!("{e:?}"));
    let refused = schedule(&approved(), at("2026-06-02T22:00:00Z")).unwrap_err();
    assert_eq!(fields(refused), [("/submissionDeadline".to_owned(), "period_too_short")]);
    for outside in [now(), now() - TimeDelta::seconds(1), now() + FARTHEST + TimeDelta::seconds(1)] {
        assert_eq!(fields(schedule(&approved(), outside).unwrap_err()), [("/publishAt".to_owned(), "out_of_range")]);
    }
}

#[test]
fn what_is_looked_at_when_the_time_comes_is_what_an_officer_would_be_held_to() {
    let (trusted, rules) = (organisation(agency(), OrganisationKind::Agency), rules(Procedure::SmallPilot));
    let (scheduled, _) = approved().schedule(&officer(), &trusted, &rules, at("2026-06-02T08:00:00Z"), now()).unwrap();
    let publish = |challenge: &mut Challenge, agency, now| {
        challenge.publish_as_scheduled(&scheduled, agency, &rules, now).map(drop)
    };
    let mut published = approved();
    publish(&mut published, &trusted, scheduled.publish_at).unwrap();
    assert_eq!((published.status, published.published_at), (C::Published, Some(scheduled.publish_at)));
    let late = publish(&mut approved(), &trusted, deadline() - TimeDelta::days(3)).unwrap_err();
    assert_eq!(fields(late), [("/submissionDeadline".to_owned(), "period_too_short")]);
    let mut unverified = trusted.clone();
    unverified.verified_at = None;
    let refused = publish(&mut approved(), &unverified, scheduled.publish_at);
    assert!(matches!(refused, Err(Refusal::OrganisationUnverified(_))), "{refused:?}");
    let mut gone = approved();
    gone.content.summary.clear();
    assert_eq!(
        fields(publish(&mut gone, &trusted, scheduled.publish_at).unwrap_err()),
        [("/summary".to_owned(), "required")]
    );
    assert_eq!(gone.content.title, content().title);
    assert_eq!(gone.status, C::Approved);
}
