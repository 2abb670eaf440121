//! Why companies do not bid: who says it, until when, and what the agency learns.

use crate::records::{
    agency, at, bidder, challenge, company, deadline, fields, id, member, officer, organisation, owner,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, Challenge, ChallengeStatus, NoBid, Organisation, OrganisationKind, Procedure, Refusal, Role,
    no_bid::{LONGEST_COMMENT, NO_BID_TIME, NoBidReason, SMALLEST_COUNT, Said, no_bid_counts},
};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    at("2026-06-01T10:00:00Z")
}

fn published() -> Challenge {
    challenge(ChallengeStatus::Published)
}

fn firm() -> Organisation {
    organisation(company(), OrganisationKind::Company)
}

fn said(reason: NoBidReason) -> Said {
    Said { reason, comment: None, shared: false }
}

fn commented(comment: &str, shared: bool) -> Said {
    Said { comment: Some(comment.to_owned()), shared, ..said(NoBidReason::Other) }
}

fn give(actor: &Actor, challenge: &Challenge, said: Said, at: DateTime<Utc>) -> Result<NoBid, Refusal> {
    NoBid::give(id(80), actor, challenge, &firm(), said, false, at).map(|(no_bid, _)| no_bid)
}

fn given() -> NoBid {
    give(&bidder(), &published(), said(NoBidReason::NoCapacity), now()).unwrap()
}

#[test]
fn it_can_be_said_until_two_weeks_after_the_deadline() {
    let last = deadline() + NO_BID_TIME - TimeDelta::microseconds(1);
    let closed = challenge(ChallengeStatus::Closed);
    for (challenge, at) in [(&published(), now()), (&published(), deadline()), (&closed, last)] {
        let mut no_bid = give(&bidder(), challenge, said(NoBidReason::NotOurField), at).unwrap();
        assert_eq!(
            no_bid.change(&bidder(), challenge, said(NoBidReason::BudgetTooLow), at).unwrap().kind,
            "no_bid.changed"
        );
        assert_eq!(no_bid.said.reason, NoBidReason::BudgetTooLow);
        assert!(no_bid.withdraw(&bidder(), challenge, at).is_ok());
    }
    let late = deadline() + NO_BID_TIME;
    let refused = Err(Refusal::DeadlinePassed);
    assert_eq!(give(&bidder(), &closed, said(NoBidReason::NotOurField), late).map(drop), refused);
    assert_eq!(given().change(&bidder(), &closed, said(NoBidReason::NotOurField), late).map(drop), refused);
    assert_eq!(given().withdraw(&bidder(), &closed, late).map(drop), refused);
}

#[test]
fn a_challenge_that_ends_before_its_deadline_ends_it_earlier() {
    let ended = Challenge { ended_at: Some(now()), ..challenge(ChallengeStatus::Cancelled) };
    assert_eq!(ended.no_bids_until(), Some(now() + NO_BID_TIME));
    let later = Challenge { ended_at: Some(deadline() + TimeDelta::days(60)), ..challenge(ChallengeStatus::Completed) };
    assert_eq!(later.no_bids_until(), Some(deadline() + NO_BID_TIME));
}

#[test]
fn only_those_who_bid_for_a_company_say_it_and_only_where_bids_are_taken() {
    let none = said(NoBidReason::NoCapacity);
    let give = |actor: &Actor, challenge: &Challenge, company: &Organisation, has_bid| {
        NoBid::give(id(80), actor, challenge, company, none.clone(), has_bid, now()).map(drop)
    };
    assert_eq!(give(&bidder(), &published(), &firm(), false), Ok(()));
    assert_eq!(give(&owner(company()), &published(), &firm(), false), Err(Refusal::RoleMissing(Role::Bidder)));
    let own = organisation(agency(), OrganisationKind::Agency);
    assert_eq!(give(&officer(), &published(), &own, false), Err(Refusal::RoleMissing(Role::Bidder)));
    let with_every_role = member(21, agency(), &Role::ALL);
    assert_eq!(give(&with_every_role, &published(), &own, false), Err(Refusal::RoleMissing(Role::Bidder)));
    assert!(matches!(give(&bidder(), &published(), &firm(), true), Err(Refusal::WrongState { subject: "bid", .. })));
    let draft = Challenge { published_at: None, ..challenge(ChallengeStatus::Draft) };
    assert_eq!(give(&bidder(), &draft, &firm(), false), Err(Refusal::NotFound("challenge")));
    let mut consultation = published();
    consultation.content.procedure = Procedure::MarketConsultation;
    assert!(matches!(give(&bidder(), &consultation, &firm(), false), Err(Refusal::WrongProcedure { .. })));
}

#[test]
fn it_belongs_to_its_company() {
    let stranger = member(22, id(3), &[Role::Bidder]);
    for actor in [&officer(), &stranger] {
        assert_eq!(given().require_visible(actor), Err(Refusal::NotFound("no-bid")));
        assert_eq!(given().withdraw(actor, &published(), now()).map(drop), Err(Refusal::NotFound("no-bid")));
    }
    let colleague = member(23, company(), &[]);
    assert_eq!(given().require_visible(&colleague), Ok(()));
    let wrong = given().change(&colleague, &published(), said(NoBidReason::Other), now());
    assert_eq!(wrong.map(drop), Err(Refusal::RoleMissing(Role::Bidder)));
    let (_, event) =
        NoBid::give(id(80), &bidder(), &published(), &firm(), said(NoBidReason::NoCapacity), false, now()).unwrap();
    assert_eq!((event.public, event.organisation), (None, Some(company())));
}

#[test]
fn comments_are_checked_and_all_that_is_wrong_is_told() {
    let wrong = |said: Said| fields(give(&bidder(), &published(), said, now()).unwrap_err());
    let required = || ("/comment".to_owned(), "required");
    assert_eq!(wrong(said(NoBidReason::Other)), [required()]);
    assert_eq!(wrong(commented(" \n", true)), [required(), ("/shared".to_owned(), "not_allowed")]);
    assert_eq!(wrong(commented(&"ä".repeat(LONGEST_COMMENT + 1), false)), [("/comment".to_owned(), "too_long")]);
    let kept = give(&bidder(), &published(), commented(&format!(" {} ", "ä".repeat(LONGEST_COMMENT)), true), now());
    assert_eq!(kept.unwrap().said.comment.unwrap().chars().count(), LONGEST_COMMENT);
    assert_eq!(wrong(Said { shared: true, ..said(NoBidReason::NoCapacity) }), [("/shared".to_owned(), "not_allowed")]);
}

#[test]
fn the_agency_learns_nothing_while_it_could_tell_how_many_bid() {
    let after = deadline() + NO_BID_TIME;
    let before = after - TimeDelta::microseconds(1);
    let shut = challenge(ChallengeStatus::Closed);
    let opened = Challenge { opened_at: Some(deadline()), ..challenge(ChallengeStatus::Opened) };
    assert!(!shut.shows_no_bids(after), "not opened");
    assert!(!opened.shows_no_bids(before) && opened.shows_no_bids(after));
    let cancelled = Challenge { ended_at: Some(now()), ..challenge(ChallengeStatus::Cancelled) };
    assert!(!cancelled.shows_no_bids(now()) && cancelled.shows_no_bids(now() + NO_BID_TIME));
}

proptest! {
    #[test]
    fn no_count_shows_fewer_than_three_companies(numbers in proptest::collection::vec(0_i64..7, 8)) {
        let counts: Vec<_> = NoBidReason::ALL.into_iter().zip(numbers).collect();
        let shown = no_bid_counts(counts.clone());
        for (reason, companies) in &counts {
            prop_assert_eq!(shown.contains(&(*reason, *companies)), *companies >= SMALLEST_COUNT);
        }
        prop_assert!(shown.windows(2).all(|pair| pair[0].1 >= pair[1].1));
    }

    #[test]
    fn places_are_never_negative_and_have_nothing_of_the_time(time: u64, random: u64) {
        let at = |time: u64| NoBid { id: domain::NoBidId(uuid::Uuid::from_u64_pair(time, random)), ..given() }.place();
        prop_assert!(at(time) >= 0);
        prop_assert_eq!(at(time), at(0));
    }
}
