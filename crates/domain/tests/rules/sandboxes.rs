//! Clocks of sandboxes, and what keeps sandboxes apart.

use crate::records::{agency, at, author, bidder, challenge, company, officer, organisation};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, Challenge, ChallengeStatus, Membership, Organisation, OrganisationId, OrganisationKind, Refusal, UserId,
    challenge::{ChallengeClock, ClockChange, FASTEST, ScheduledPublication},
};
use proptest::prelude::*;

fn toy() -> Challenge {
    Challenge { sandbox: true, ..challenge(ChallengeStatus::Published) }
}

fn start() -> DateTime<Utc> {
    at("2026-06-01T08:00:00Z")
}

const NOTHING: ClockChange = ClockChange { now: None, rate: None };

#[test]
fn only_author_and_officer_move_the_time_of_a_sandbox_and_nobody_that_of_a_real_challenge() {
    let faster = ClockChange { rate: Some(10), ..NOTHING };
    let mut clock = ChallengeClock::real(toy().id, start());
    assert_eq!(
        clock.change(&officer(), &challenge(ChallengeStatus::Published), faster, start()),
        Err(Refusal::NotASandbox)
    );
    let mut inside = bidder();
    inside.memberships[0].sandbox = true;
    assert!(matches!(clock.change(&inside, &toy(), faster, start()), Err(Refusal::RoleMissing(_))));
    assert_eq!(clock.change(&bidder(), &toy(), faster, start()), Err(Refusal::NotFound("challenge")));
    for actor in [author(), officer()] {
        let event = clock.change(&actor, &toy(), faster, start()).unwrap();
        assert_eq!((event.kind, event.public), ("challenge.clock_changed", None));
    }
}

#[test]
fn a_clock_goes_on_after_the_end() {
    for status in [ChallengeStatus::Completed, ChallengeStatus::Cancelled, ChallengeStatus::ClosedWithoutAward] {
        let ended = Challenge { status, ..toy() };
        let mut clock = ChallengeClock::real(ended.id, start());
        let change = clock.change(&officer(), &ended, ClockChange { rate: Some(2), ..NOTHING }, start());
        assert!(change.is_ok(), "reasons for not bidding, pauses and reminders come later");
    }
}

#[test]
fn a_clock_jumps_to_its_present_and_not_a_microsecond_back() {
    let mut clock = ChallengeClock { rate: 60, ..ChallengeClock::real(toy().id, start()) };
    let real = start() + TimeDelta::seconds(1);
    let present = start() + TimeDelta::seconds(60);
    let to = |now| ClockChange { now: Some(now), ..NOTHING };
    let back = clock.change(&officer(), &toy(), to(present - TimeDelta::microseconds(1)), real);
    assert!(matches!(back, Err(Refusal::Invalid(_))));
    clock.change(&officer(), &toy(), to(present), real).unwrap();
    assert_eq!((clock.at(real), clock.rate), (present, 60));
}

#[test]
fn a_clock_bears_that_the_real_one_is_set_back() {
    let mut clock = ChallengeClock::real(toy().id, start());
    let change = ClockChange { rate: Some(60), ..NOTHING };
    clock.change(&officer(), &toy(), change, start() - TimeDelta::seconds(2)).unwrap();
    assert_eq!((clock.real_at, clock.challenge_at), (start(), start()));
}

#[test]
fn the_name_of_a_sandbox_stays_within_what_a_name_may_have() {
    let registered = |letters: usize| {
        let (id, kind) = (OrganisationId(uuid::Uuid::nil()), OrganisationKind::Agency);
        Organisation::register_sandbox(id, kind, &"a".repeat(letters), "SI", 0, start())
    };
    assert_eq!(registered(180).unwrap().0.legal_name, format!("{} (sandbox 00000000)", "a".repeat(180)));
    assert!(matches!(registered(181), Err(Refusal::Invalid(_))));
}

#[test]
fn what_a_sandbox_publishes_is_seen_in_sandboxes_only() {
    let mut playing = bidder();
    assert_eq!(toy().require_visible(Some(&playing)), Err(Refusal::NotFound("challenge")));
    playing.memberships[0].sandbox = true;
    assert_eq!(toy().require_visible(Some(&playing)), Ok(()));
    assert_eq!(toy().require_visible(None), Err(Refusal::NotFound("challenge")));
    assert_eq!(toy().require_visible(Some(&officer())), Ok(()), "its own people");
    let draft = Challenge { published_at: None, ..toy() };
    assert_eq!(draft.require_visible(Some(&playing)), Err(Refusal::NotFound("challenge")));
    assert!(toy().is_published() && !toy().is_public());
    let elsewhere =
        Actor { memberships: vec![Membership::new(agency(), vec![])], ..Actor::new(UserId(uuid::Uuid::nil())) };
    assert!(!elsewhere.plays_in_sandboxes());
}

#[test]
fn a_sandbox_needs_no_verification_and_bids_in_no_real_challenge() {
    let mut toy_company = organisation(company(), OrganisationKind::Company);
    (toy_company.sandbox, toy_company.verified_at) = (true, None);
    assert_eq!(toy_company.require_trusted(), Ok(()));
    assert_eq!(toy_company.require_same_market(&challenge(ChallengeStatus::Published)), Err(Refusal::SandboxApart));
    assert_eq!(toy_company.require_same_market(&toy()), Ok(()));
    let real = organisation(company(), OrganisationKind::Company);
    assert_eq!(real.require_same_market(&toy()), Err(Refusal::SandboxApart));
}

#[test]
fn a_scheduled_publication_counts_from_the_set_time_in_a_sandbox_and_from_what_bidders_see_elsewhere() {
    let (publish_at, late) = (start(), start() + TimeDelta::days(2));
    let (scheduled_by, scheduled_at) = (officer().user, start() - TimeDelta::days(1));
    let scheduled = ScheduledPublication { challenge: toy().id, publish_at, scheduled_by, scheduled_at };
    assert_eq!(scheduled.takes_place_at(&toy(), late), publish_at);
    assert_eq!(scheduled.takes_place_at(&challenge(ChallengeStatus::Approved), late), late);
}

#[test]
fn nobody_is_certified_for_a_sandbox() {
    let lasts = Some(TimeDelta::days(365));
    let real = organisation(agency(), OrganisationKind::Agency);
    assert!(real.certification(lasts, start()).is_some());
    assert_eq!(Organisation { sandbox: true, ..real }.certification(lasts, start()), None);
}

proptest! {
    /// Whatever is done to a clock and whatever the real one does, time goes on, and is never behind the real time.
    #[test]
    fn time_only_goes_forward(
        steps in prop::collection::vec((-5_000_000_i64..10_000_000_000, 0_i64..100_000_000_000_000, 1..=FASTEST, any::<bool>()), 1..20)
    ) {
        let (mut real, mut last) = (start(), start());
        let mut clock = ChallengeClock::real(toy().id, start());
        for (passed, jump, rate, jumps) in steps {
            real += TimeDelta::microseconds(passed.max(0));
            let now = clock.at(real);
            prop_assert!(now >= last && now >= real);
            let now = if jumps { Some(now + TimeDelta::microseconds(jump)) } else { None };
            let before = clock;
            if clock.change(&officer(), &toy(), ClockChange { now, rate: Some(rate) }, real).is_err() {
                prop_assert_eq!(clock, before);
            }
            last = clock.at(real);
            prop_assert_eq!(last, now.filter(|_| clock != before).unwrap_or(last));
            // A real clock that is set back a little does not take the other one with it.
            prop_assert!(clock.at(real - TimeDelta::microseconds(passed.min(0).abs())) >= clock.challenge_at);
        }
    }
}
