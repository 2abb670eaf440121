//! More time after an outage: how much, for whom, and who decides.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, BidStatus, Challenge, ChallengeStatus as C, Outage, OutagePolicy, Procedure, Refusal, Result,
    bid::HandedIn,
    challenge::{
        ChangeReason, Extended, ExtensionProposal, Place, ProposalOutcome, ProposalStatus, Section, Shortlisting,
    },
};
use proptest::prelude::*;

use crate::{
    outages::outage,
    records::{at, author, bid, bidder, challenge, deadline, fields, id, officer, rules},
};

fn policy() -> OutagePolicy {
    OutagePolicy::default()
}

fn went_on_at_the_deadline() -> Outage {
    outage(deadline() - TimeDelta::hours(1), deadline() + TimeDelta::hours(2))
}

fn proposed(challenge: &Challenge, outage: &Outage) -> ExtensionProposal {
    challenge.propose_extension(id(110), outage, outage.ended_at).unwrap().0
}

fn extend(
    challenge: &mut Challenge,
    proposals: &mut [ExtensionProposal],
    outages: &[Outage],
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Extended> {
    let place = Place { id: id(120), present: 2, revision: 5 };
    let rules = rules(challenge.content.procedure);
    challenge.extend_after_outage(actor, (proposals, outages), (place, false), (&rules, &policy()), now)
}

#[test]
fn what_holders_were_handed_shares_of_takes_no_more_bids() {
    let (mut closed, outage) = (challenge(C::Closed), went_on_at_the_deadline());
    let mut proposals = [proposed(&closed, &outage)];
    let (rules, place) = (rules(Procedure::SmallPilot), Place { id: id(120), present: 0, revision: 1 });
    let now = outage.ended_at;
    let grounds = (&mut proposals[..], &[outage][..]);
    let refused = closed.extend_after_outage(&officer(), grounds, (place, true), (&rules, &policy()), now);
    assert!(matches!(refused, Err(Refusal::WrongState { status: "being opened", .. })));
}

/// The challenge in this state after an officer accepted at `now`, and what came of it.
fn accepted(status: C, now: DateTime<Utc>) -> Result<(Challenge, ExtensionProposal, Extended)> {
    let (mut challenge, outage) = (challenge(status), went_on_at_the_deadline());
    let mut proposals = [proposed(&challenge, &outage)];
    let extended = extend(&mut challenge, &mut proposals, &[outage], &officer(), now)?;
    let [proposal] = proposals;
    Ok((challenge, proposal, extended))
}

#[test]
fn the_deadline_leaves_the_lost_time_a_day_and_a_working_day() {
    // The deadline is on Monday 15 June at noon in Ljubljana.
    for (lost, now, expected, why) in [
        (TimeDelta::hours(3), "2026-06-15T12:00:30Z", "2026-06-16T22:00:00Z", "the next working day, until its end"),
        (TimeDelta::hours(1), "2026-06-14T11:00:00Z", "2026-06-15T22:00:00Z", "decided on Sunday: Monday"),
        (TimeDelta::hours(60), "2026-06-15T12:00:00Z", "2026-06-17T22:00:00Z", "all the time that was lost"),
        (TimeDelta::hours(1), "2026-06-19T12:00:00Z", "2026-06-22T22:00:00Z", "decided on Friday: not on Saturday"),
    ] {
        let rules = rules(Procedure::SmallPilot);
        let extension = rules.extension_after_outage(&policy(), deadline(), lost, at(now));
        assert_eq!(extension.deadline, at(expected), "{why}");
        assert!(extension.explanation().contains("1 working day"), "{}", extension.explanation());
    }
    let bare = OutagePolicy { working_days: 0, ..policy() };
    let extension = rules(Procedure::SmallPilot).extension_after_outage(
        &bare,
        deadline(),
        TimeDelta::seconds(61),
        at("2026-06-15T12:00:30Z"),
    );
    assert_eq!(extension.deadline, at("2026-06-16T12:01:00Z"), "to the full minute");
    assert_eq!(
        extension.explanation(),
        "The deadline moves by at least the 2 minute(s) that were lost, and leaves at least 24 hour(s) from the decision on."
    );
}

#[test]
fn what_was_closed_takes_bids_again_and_everybody_is_told_why() {
    let now = at("2026-06-15T12:30:00Z");
    let (challenge, proposal, extended) = accepted(C::Closed, now).unwrap();
    let expected = at("2026-06-16T22:00:00Z");
    assert_eq!((challenge.status, challenge.closed_at, challenge.deadline()), (C::Published, None, Ok(expected)));
    challenge.require_open(now).unwrap();
    assert!(extended.reopened);
    let kinds: Vec<_> = extended.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["challenge.changed", "challenge.reopened"]);
    assert!(extended.events.iter().all(|event| event.public.is_some()));
    let notice = extended.notice;
    assert_eq!((notice.code, notice.material, notice.number), (ChangeReason::Outage, false, 3));
    assert_eq!((notice.deadline_before, notice.deadline), (deadline(), expected));
    assert_eq!((notice.revision_before, notice.revision), (5, 6));
    assert_eq!(notice.sections, [Section::Timeline]);
    assert!(notice.reason.contains("from 2026-06-15T09:00:00Z until 2026-06-15T12:00:00Z"), "{}", notice.reason);
    assert_eq!(proposal.status(), ProposalStatus::Accepted);
    assert_eq!(proposal.decision.unwrap().outcome, ProposalOutcome::Accepted(3));
    let mut bid = bid(BidStatus::Submitted);
    bid.replace(&bidder(), &challenge, HandedIn::Sealed, now).unwrap();
}

#[test]
fn only_an_officer_decides_and_only_while_nothing_was_opened() {
    let now = at("2026-06-15T12:30:00Z");
    for status in C::ALL.iter().copied() {
        let outcome = accepted(status, now);
        assert_eq!(outcome.is_ok(), [C::Published, C::Closed].contains(&status), "{status:?}");
        if let Err(refused) = outcome {
            assert!(matches!(refused, Refusal::WrongState { subject: "challenge", .. }), "{refused:?}");
        }
    }
    let (mut challenge, outage) = (challenge(C::Closed), went_on_at_the_deadline());
    let before = challenge.clone();
    for (actor, refused) in
        [(author(), Refusal::RoleMissing(domain::Role::Officer)), (bidder(), Refusal::NotFound("extension proposal"))]
    {
        let mut proposals = [proposed(&challenge, &outage)];
        let outages = [outage.clone()];
        assert_eq!(extend(&mut challenge, &mut proposals, &outages, &actor, now), Err(refused.clone()));
        assert_eq!(challenge.dismiss_extension(&actor, &mut proposals[0], "No.", now), Err(refused));
        assert_eq!(proposals[0].status(), ProposalStatus::Open);
    }
    assert_eq!(challenge, before);
}

#[test]
fn the_responses_of_a_closed_consultation_are_known() {
    let (mut challenge, outage) = (challenge(C::Closed), went_on_at_the_deadline());
    challenge.content.procedure = Procedure::MarketConsultation;
    let mut proposals = [proposed(&challenge, &outage)];
    let refused = extend(&mut challenge, &mut proposals, &[outage], &officer(), at("2026-06-15T12:30:00Z"));
    assert!(matches!(refused, Err(Refusal::WrongState { .. })), "{refused:?}");
}

#[test]
fn a_proposal_is_decided_once() {
    let (mut challenge, outage, now) = (challenge(C::Published), went_on_at_the_deadline(), deadline());
    let mut proposal = proposed(&challenge, &outage);
    let silent = challenge.dismiss_extension(&officer(), &mut proposal, " ", now);
    assert_eq!(fields(silent.unwrap_err()), [("/reason".to_owned(), "required")]);
    let event = challenge.dismiss_extension(&officer(), &mut proposal, "Nobody bids at night.", now).unwrap();
    assert_eq!((event.kind, event.reason.as_deref()), ("challenge.extension_dismissed", Some("Nobody bids at night.")));
    assert!(event.public.is_some());
    assert_eq!(proposal.status(), ProposalStatus::Dismissed);
    let again = challenge.dismiss_extension(&officer(), &mut proposal, "Again.", now);
    assert!(matches!(again, Err(Refusal::WrongState { status: "dismissed", .. })), "{again:?}");
    let accepted = extend(&mut challenge, &mut [proposal], &[outage], &officer(), now);
    assert!(matches!(accepted, Err(Refusal::WrongState { status: "dismissed", .. })), "{accepted:?}");
    assert_eq!(challenge.deadline(), Ok(deadline()));
}

#[test]
fn one_decision_settles_all_outages_that_are_proposed() {
    let (mut challenge, now) = (challenge(C::Published), deadline() - TimeDelta::hours(1));
    let outages = [
        outage(deadline() - TimeDelta::hours(20), deadline() - TimeDelta::hours(10)),
        outage(deadline() - TimeDelta::hours(12), deadline() - TimeDelta::hours(2)),
    ];
    let mut proposals = [proposed(&challenge, &outages[0]), proposed(&challenge, &outages[1])];
    let extended = extend(&mut challenge, &mut proposals, &outages, &officer(), now).unwrap();
    assert!(!extended.reopened && extended.events.len() == 1);
    assert!(challenge.deadline().unwrap() >= deadline() + TimeDelta::hours(18));
    assert_eq!(extended.notice.reason.matches("could not be used").count(), 2);
    assert!(proposals.iter().all(|proposal| proposal.status() == ProposalStatus::Accepted));
}

proptest! {
    /// Whenever an officer decides, and however long it lasted: bidders get back what they lost and have a day.
    #[test]
    fn nobody_loses_time(
        start in -30_000_i64..0, length in 1_i64..60_000, decided in 0_i64..60_000, least in 1_i64..100, days in 0_u32..8,
    ) {
        let begun = deadline() + TimeDelta::minutes(start);
        let outage = outage(begun, begun + TimeDelta::minutes(length));
        let now = outage.ended_at + TimeDelta::minutes(decided);
        let policy = OutagePolicy { least: TimeDelta::hours(least), working_days: days, ..policy() };
        let rules = rules(Procedure::SmallPilot);
        let after = rules.extension_after_outage(&policy, deadline(), outage.length(), now).deadline;
        prop_assert!(after >= deadline() + outage.length());
        prop_assert!(after >= now + policy.least && after > now);
        let working = rules.extension_after_outage(&policy, deadline(), outage.length(), now).working_days;
        prop_assert_eq!(working.is_some(), days > 0);
        prop_assert!(working.is_none_or(|date| after >= date.ends_at && date.days == days));
    }
}

#[test]
fn more_time_for_solutions_leaves_the_minimum_period_for_offers() {
    let rules = rules(Procedure::SmallPilot);
    for day in 0..14 {
        let mut two_stages = challenge(C::Published);
        let solutions = at("2026-05-18T09:00:00Z") + TimeDelta::days(day);
        two_stages.content.shortlisting = Some(Shortlisting { solution_deadline: Some(solutions), most: 4 });
        let published = two_stages.published_at.unwrap();
        let earliest = two_stages.content.timeline(&rules, published, None).earliest_deadline.ends_at;
        two_stages.content.submission_deadline = Some(earliest);
        let mut outage = went_on_at_the_deadline();
        let moved = solutions - deadline();
        (outage.started_at, outage.ended_at) = (outage.started_at + moved, outage.ended_at + moved);
        let mut proposals = [proposed(&two_stages, &outage)];
        let now = outage.ended_at;
        extend(&mut two_stages, &mut proposals, &[outage], &officer(), now).unwrap();
        let timeline = two_stages.content.timeline(&rules, published, None);
        assert!(two_stages.deadline().unwrap() >= timeline.earliest_deadline.ends_at, "{solutions}");
        assert!(two_stages.solution_deadline().unwrap() > solutions);
    }
}
