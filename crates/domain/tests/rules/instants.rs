//! What happens one microsecond before an instant, and at it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Bid, BidStatus, Challenge, ChallengeStatus as C, ContractStatus, MilestoneStatus, OrganisationKind, Procedure,
    Refusal, bid::HandedIn, opening::EnvelopeKind,
};

use crate::records::{
    agency, at, award, bid, bidder, challenge, company, contract, deadline, id, offer, officer, organisation, rules,
    session,
};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

fn submit(now: DateTime<Utc>) -> domain::Result<Bid> {
    let company = organisation(company(), OrganisationKind::Company);
    Bid::submit(id(60), &bidder(), &challenge(C::Published), &company, HandedIn::InClear(&offer(1)), None, now)
        .map(|(bid, _)| bid)
}

#[test]
fn a_bid_is_taken_until_the_last_microsecond_and_refused_from_the_deadline_on() {
    assert_eq!(submit(deadline() - MICROSECOND).unwrap().submitted_at, deadline() - MICROSECOND);
    for late in [deadline(), deadline() + MICROSECOND, deadline() + TimeDelta::days(400)] {
        assert_eq!(submit(late), Err(Refusal::DeadlinePassed));
    }
}

#[test]
fn a_bid_is_replaced_and_withdrawn_until_the_last_microsecond() {
    let open = challenge(C::Published);
    let (just, late) = (deadline() - MICROSECOND, deadline());
    let mut in_time = bid(BidStatus::Submitted);
    in_time.replace(&bidder(), &open, HandedIn::InClear(&offer(1)), just).unwrap();
    assert_eq!((in_time.revision, in_time.submitted_at), (2, just));
    in_time.withdraw(&bidder(), &open, just).unwrap();
    assert_eq!(in_time.withdrawn_at, Some(just));
    let mut too_late = bid(BidStatus::Submitted);
    assert_eq!(too_late.replace(&bidder(), &open, HandedIn::InClear(&offer(1)), late), Err(Refusal::DeadlinePassed));
    assert_eq!(too_late.withdraw(&bidder(), &open, late), Err(Refusal::DeadlinePassed));
    assert_eq!(too_late, bid(BidStatus::Submitted));
}

#[test]
fn the_box_is_shut_and_opened_at_the_deadline_and_not_a_microsecond_before() {
    let both = session(EnvelopeKind::Quality, &[id(11), id(12)]);
    let early = deadline() - MICROSECOND;
    assert_eq!(challenge(C::Published).close(early), Err(Refusal::DeadlineNotReached));
    challenge(C::Published).close(deadline()).unwrap();
    assert_eq!(challenge(C::Closed).open(&both, 0, early), Err(Refusal::DeadlineNotReached));
    challenge(C::Closed).open(&both, 0, deadline()).unwrap();
}

fn publish(published_at: &str, procedure: Procedure, deadline: DateTime<Utc>) -> domain::Result<()> {
    let mut approved = Challenge { published_at: None, ..challenge(C::Approved) };
    approved.content.procedure = procedure;
    approved.content.submission_deadline = Some(deadline);
    let (agency, officer) = (organisation(agency(), OrganisationKind::Agency), officer());
    approved.publish(&officer, &agency, &rules(procedure), at(published_at)).map(drop)
}

/// The minimum period ends with the end of its last day in the challenge's zone (Ljubljana): the deadline may be that
/// very instant and nothing earlier.
#[test]
fn a_deadline_at_the_end_of_the_minimum_period_is_the_earliest() {
    let cases = [
        // Monday 4 May + 10 days = Thursday 14 May, whose end is 22:00 UTC in summer.
        ("2026-05-04T08:00:00Z", Procedure::SmallPilot, "2026-05-14T22:00:00Z"),
        // Wednesday 6 May + 10 days = Saturday 16 May, so to the end of Monday 18 May.
        ("2026-05-06T08:00:00Z", Procedure::SmallPilot, "2026-05-18T22:00:00Z"),
        // Monday 23 March 2026 in winter time + 10 days = Thursday 2 April in summer time: an hour less in all.
        ("2026-03-23T12:00:00Z", Procedure::SmallPilot, "2026-04-02T22:00:00Z"),
        // Monday 19 October 2026 in summer time + 10 days = Thursday 29 October in winter time: an hour more in all.
        ("2026-10-19T12:00:00Z", Procedure::SmallPilot, "2026-10-29T23:00:00Z"),
        // 23:30 UTC on 3 May is 4 May in Ljubljana.
        ("2026-05-03T23:30:00Z", Procedure::SmallPilot, "2026-05-14T22:00:00Z"),
        // Monday 4 May + 30 days = Wednesday 3 June.
        ("2026-05-04T08:00:00Z", Procedure::OpenPilot, "2026-06-03T22:00:00Z"),
    ];
    for (published_at, procedure, earliest) in cases {
        publish(published_at, procedure, at(earliest)).unwrap();
        let refused = publish(published_at, procedure, at(earliest) - MICROSECOND);
        let Err(Refusal::Invalid(errors)) = refused else { panic!("{published_at}: {refused:?}") };
        assert_eq!((&*errors[0].pointer, errors[0].code), ("/submissionDeadline", "period_too_short"));
    }
}

/// A small pilot waits two working days, an open one ten calendar days.
#[test]
fn nobody_signs_before_the_very_end_of_the_standstill_period() {
    let cases = [
        // Wednesday: Thursday and Friday.
        ("2026-07-01T08:00:00Z", Procedure::SmallPilot, "2026-07-03T22:00:00Z"),
        // Friday: Monday and Tuesday.
        ("2026-07-03T08:00:00Z", Procedure::SmallPilot, "2026-07-07T22:00:00Z"),
        // Saturday: Monday and Tuesday, too.
        ("2026-07-04T08:00:00Z", Procedure::SmallPilot, "2026-07-07T22:00:00Z"),
        // Wednesday + 10 days = Saturday 11 July, so to the end of Monday.
        ("2026-07-01T08:00:00Z", Procedure::OpenPilot, "2026-07-13T22:00:00Z"),
    ];
    for (decided_at, procedure, until) in cases {
        let mut challenge = challenge(C::Evaluating);
        challenge.content.procedure = procedure;
        let decision = domain::Award { decided_at: at(decided_at), ..award() };
        challenge.award(&decision, &rules(procedure)).unwrap();
        assert_eq!(challenge.standstill_until, Some(at(until)));
        let (mut contract, _) = contract(ContractStatus::Draft, MilestoneStatus::Planned);
        let early = contract.sign(&officer(), &challenge, at(until) - MICROSECOND);
        assert!(matches!(early, Err(Refusal::StandstillRunning(_))), "{early:?}");
        contract.sign(&officer(), &challenge, at(until)).unwrap();
    }
}
