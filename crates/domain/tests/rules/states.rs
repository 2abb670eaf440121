//! Every action in every state: allowed where the table says so, refused and without effect everywhere else.

use domain::{
    Bid, BidStatus, Challenge, ChallengeStatus, Contract, ContractStatus, Event, Milestone, MilestoneStatus,
    OrganisationKind, Procedure, Refusal, Result,
    bid::{DisqualificationCode, HandedIn},
    challenge::{CancelReason, CloseWithoutAwardReason},
    contract::{OutcomeDecision, PilotOutcome},
    opening::EnvelopeKind,
};
use std::fmt::Debug;

use crate::records::{
    agency, at, author, award, bid, bidder, challenge, content, contract, deadline, finance, id, offer, officer,
    organisation, panel, pilot_manager, rules, session,
};
use ChallengeStatus as C;

/// Tries an action on a record in a state: it must succeed exactly if `allowed`, and otherwise change nothing.
fn try_in<R: Clone + PartialEq + Debug, T: Debug>(
    record: &R,
    status: &'static str,
    allowed: bool,
    act: impl FnOnce(&mut R) -> Result<T>,
) -> Option<R> {
    let mut changed = record.clone();
    let outcome = act(&mut changed);
    if allowed {
        outcome.unwrap();
        return Some(changed);
    }
    let refused = matches!(&outcome, Err(Refusal::WrongState { status: told, .. }) if *told == status);
    assert!(refused, "in {status}: {outcome:?}");
    assert_eq!(changed, *record);
    None
}

type ChallengeAction = (&'static str, fn(&mut Challenge) -> Result<Event>, &'static [C], C);

const BEFORE_AWARD: &[C] = &[
    C::Draft,
    C::InReview,
    C::ChangesRequested,
    C::Approved,
    C::Published,
    C::Suspended,
    C::Closed,
    C::Opened,
    C::Evaluating,
];

/// The actions on a challenge, the states in which they are possible, and the state they lead to.
const CHALLENGE_ACTIONS: [ChallengeAction; 13] = [
    (
        "submit",
        |c| c.submit_for_review(&author(), at("2026-05-01T09:00:00Z")),
        &[C::Draft, C::ChangesRequested],
        C::InReview,
    ),
    (
        "request changes",
        |c| c.request_changes(&officer(), "Say more."),
        &[C::InReview, C::Approved],
        C::ChangesRequested,
    ),
    ("approve", |c| c.approve(&officer(), &panel(), at("2026-05-01T10:00:00Z")), &[C::InReview], C::Approved),
    ("publish", publish, &[C::Approved], C::Published),
    ("close", |c| c.close(deadline()), &[C::Published], C::Closed),
    ("open", |c| c.open(&session(EnvelopeKind::Quality, &[id(11), id(12)]), 2, deadline()), &[C::Closed], C::Opened),
    ("start evaluation", |c| c.start_evaluation(&officer(), &[bid(BidStatus::Admitted)]), &[C::Opened], C::Evaluating),
    (
        "award",
        |c| c.award(&award(), &rules(Procedure::SmallPilot)).map(|(_, event)| event),
        &[C::Evaluating],
        C::Awarded,
    ),
    ("close without award", close_without_award, &[C::Evaluating], C::ClosedWithoutAward),
    (
        "start pilots",
        |c| c.start_pilots(&officer(), &contracts(ContractStatus::Active), late()),
        &[C::Awarded],
        C::Piloting,
    ),
    (
        "start late pilots",
        |c| c.start_pilots(&officer(), &contracts(ContractStatus::Completed), late()),
        &[C::Awarded],
        C::Piloting,
    ),
    (
        "complete",
        |c| c.complete(&pilot_manager(), &contracts(ContractStatus::Completed), late()),
        &[C::Piloting],
        C::Completed,
    ),
    ("cancel", |c| c.cancel(&officer(), CancelReason::Other, "Gone.", late()), BEFORE_AWARD, C::Cancelled),
];

fn publish(challenge: &mut Challenge) -> Result<Event> {
    let agency = organisation(agency(), OrganisationKind::Agency);
    let rules = rules(Procedure::SmallPilot);
    challenge.publish(&officer(), &agency, &rules, at("2026-05-04T08:00:00Z")).map(|(_, event)| event)
}

fn close_without_award(challenge: &mut Challenge) -> Result<Event> {
    challenge.close_without_award(&officer(), &[], CloseWithoutAwardReason::NoBids, "Nobody bid.", late())
}

fn late() -> chrono::DateTime<chrono::Utc> {
    at("2026-09-01T08:00:00Z")
}

fn contracts(status: ContractStatus) -> Vec<Contract> {
    vec![contract(status, MilestoneStatus::Paid).0]
}

#[test]
fn a_challenge_moves_along_its_states_and_no_other_way() {
    for (name, act, allowed, leads_to) in CHALLENGE_ACTIONS {
        for status in C::ALL.iter().copied() {
            println!("{name} in {}", status.as_str());
            if let Some(after) = try_in(&challenge(status), status.as_str(), allowed.contains(&status), act) {
                assert_eq!(after.status, leads_to);
            }
        }
    }
}

#[test]
fn a_challenge_is_edited_only_before_the_review_and_its_panel_only_before_the_approval() {
    for status in C::ALL.iter().copied() {
        let editable = matches!(status, C::Draft | C::ChangesRequested);
        let edited = try_in(&challenge(status), status.as_str(), editable, |c| c.edit(&author(), content()));
        assert!(edited.is_none_or(|after| after.status == status));
        let panel_editable = editable || status == C::InReview;
        try_in(&challenge(status), status.as_str(), panel_editable, |c| c.require_panel_editable(&officer()));
    }
}

#[test]
fn bids_are_taken_while_the_challenge_is_published_and_in_no_other_state() {
    for status in C::ALL.iter().copied() {
        let open = challenge(status).require_open(at("2026-06-01T08:00:00Z"));
        match status {
            C::Published => assert_eq!(open, Ok(())),
            C::Closed => assert_eq!(open, Err(Refusal::DeadlinePassed)),
            _ => assert!(matches!(open, Err(Refusal::WrongState { .. })), "{status:?}"),
        }
    }
}

type BidAction = (&'static str, fn(&mut Bid) -> Result<()>, BidStatus, BidStatus);

#[test]
fn a_bid_moves_along_its_states_and_no_other_way() {
    use BidStatus as B;
    let actions: [BidAction; 7] = [
        (
            "replace",
            |b| b.replace(&bidder(), &published(), HandedIn::InClear(&offer(1)), early()).map(drop),
            B::Submitted,
            B::Submitted,
        ),
        ("withdraw", |b| b.withdraw(&bidder(), &published(), early()).map(drop), B::Submitted, B::Withdrawn),
        ("open", Bid::open, B::Submitted, B::Opened),
        ("admit", |b| b.admit(&officer(), &challenge(C::Opened)).map(drop), B::Opened, B::Admitted),
        ("disqualify", disqualify, B::Opened, B::Disqualified),
        ("win", |b| b.conclude(true), B::Admitted, B::Awarded),
        ("lose", |b| b.conclude(false), B::Admitted, B::NotAwarded),
    ];
    for (name, act, allowed, leads_to) in actions {
        for status in B::ALL {
            println!("{name} in {}", status.as_str());
            if let Some(after) = try_in(&bid(status), status.as_str(), status == allowed, act) {
                assert_eq!(after.status, leads_to);
            }
        }
    }
}

fn published() -> Challenge {
    challenge(C::Published)
}

fn early() -> chrono::DateTime<chrono::Utc> {
    at("2026-06-01T08:00:00Z")
}

fn disqualify(bid: &mut Bid) -> Result<()> {
    bid.disqualify(&officer(), &challenge(C::Opened), DisqualificationCode::Incomplete, "No plan.").map(drop)
}

#[test]
fn the_formal_check_happens_only_between_opening_and_evaluation() {
    for status in C::ALL.iter().copied() {
        let allowed = status == C::Opened;
        let admit = |b: &mut Bid| b.admit(&officer(), &challenge(status));
        try_in(&bid(BidStatus::Opened), status.as_str(), allowed, admit);
    }
}

#[test]
fn a_contract_is_signed_before_it_is_active_and_completed_after() {
    use ContractStatus as S;
    for status in [S::Draft, S::SignedByOne, S::Active, S::Completed] {
        let made = || contract(status, MilestoneStatus::Paid).0;
        let signable = matches!(status, S::Draft | S::SignedByOne);
        let sign = |c: &mut Contract| c.sign(&officer(), &challenge(C::Awarded), late());
        try_in(&made(), status.as_str(), signable, sign);
        let complete = |c: &mut Contract| {
            let outcome =
                PilotOutcome { decision: OutcomeDecision::Stop, learning: "Much.".to_owned(), brilliant_failure: true };
            c.complete(&pilot_manager(), &[contract(S::Active, MilestoneStatus::Paid).1], outcome, late())
        };
        try_in(&made(), status.as_str(), status == S::Active, complete);
    }
}

type MilestoneAction = (&'static str, fn(&mut Milestone) -> Result<Event>, &'static [MilestoneStatus], MilestoneStatus);

#[test]
fn a_milestone_moves_along_its_states_and_no_other_way() {
    use MilestoneStatus as M;
    let actions: [MilestoneAction; 5] = [
        ("deliver", |m| m.deliver(&bidder(), &active(), "Here.", late()), &[M::Planned, M::Rejected], M::Delivered),
        ("accept", |m| m.accept(&pilot_manager(), &active(), late()), &[M::Delivered], M::Accepted),
        ("reject", |m| m.reject(&pilot_manager(), &active(), "No.", late()), &[M::Delivered], M::Rejected),
        ("invoice", |m| m.invoice(&bidder(), &active(), "2026-1", late()), &[M::Accepted], M::Invoiced),
        ("pay", |m| m.pay(&finance(), &active(), "SI56", late()), &[M::Invoiced], M::Paid),
    ];
    for (name, act, allowed, leads_to) in actions {
        for status in [M::Planned, M::Delivered, M::Accepted, M::Rejected, M::Invoiced, M::Paid] {
            println!("{name} in {}", status.as_str());
            let made = contract(ContractStatus::Active, status).1;
            if let Some(after) = try_in(&made, status.as_str(), allowed.contains(&status), act) {
                assert_eq!(after.status, leads_to);
            }
        }
    }
}

fn active() -> Contract {
    contract(ContractStatus::Active, MilestoneStatus::Planned).0
}

#[test]
fn nothing_is_delivered_before_both_have_signed() {
    for status in [ContractStatus::Draft, ContractStatus::SignedByOne, ContractStatus::Completed] {
        let (contract, milestone) = contract(status, MilestoneStatus::Planned);
        try_in(&milestone, status.as_str(), false, |m| m.deliver(&bidder(), &contract, "Here.", late()));
    }
}
