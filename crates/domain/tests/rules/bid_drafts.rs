//! Bids that are being written: who may, when, and what is kept of who saved.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, ChallengeStatus as C, Membership, OrganisationKind, Procedure, Refusal, Role, UserId,
    bid::{BidDraft, DraftSave, SAVE_TIME},
};

use crate::records::{agency, bidder, challenge, company, deadline, id, organisation};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

fn begin(actor: &Actor, status: C, now: DateTime<Utc>) -> domain::Result<BidDraft> {
    let company = organisation(company(), OrganisationKind::Company);
    BidDraft::begin(id(70), actor, &challenge(status), &company, now).map(|(draft, _)| draft)
}

fn colleague(role: Role) -> Actor {
    Actor { memberships: vec![Membership::new(company(), vec![role])], ..Actor::new(id(71)) }
}

#[test]
fn a_draft_is_begun_by_a_bidder_while_bids_are_taken() {
    let draft = begin(&bidder(), C::Published, deadline() - MICROSECOND).unwrap();
    assert_eq!((draft.version, draft.saved_by, draft.saved_at), (1, bidder().user, deadline() - MICROSECOND));
    assert_eq!(begin(&bidder(), C::Published, deadline()), Err(Refusal::DeadlinePassed));
    let owner = colleague(Role::Owner);
    assert_eq!(begin(&owner, C::Published, deadline() - MICROSECOND), Err(Refusal::RoleMissing(Role::Bidder)));
    assert_eq!(begin(&bidder(), C::Closed, deadline() - MICROSECOND), Err(Refusal::DeadlinePassed));
    for status in [C::Suspended, C::Cancelled] {
        assert!(matches!(begin(&bidder(), status, deadline() - MICROSECOND), Err(Refusal::WrongState { .. })));
    }
    let agency = organisation(agency(), OrganisationKind::Agency);
    let everything = Actor { memberships: vec![Membership::new(agency.id, Role::ALL.into())], ..Actor::new(id(72)) };
    let refused = BidDraft::begin(id(70), &everything, &challenge(C::Published), &agency, deadline() - MICROSECOND);
    assert_eq!(refused, Err(Refusal::RoleMissing(Role::Bidder)));
    let mut consultation = challenge(C::Published);
    consultation.content.procedure = Procedure::MarketConsultation;
    let company = organisation(company(), OrganisationKind::Company);
    let refused = BidDraft::begin(id(70), &bidder(), &consultation, &company, deadline() - MICROSECOND);
    assert!(matches!(refused, Err(Refusal::WrongProcedure { .. })));
}

#[test]
fn it_exists_for_the_bidders_of_its_company_alone_even_after_the_deadline() {
    let mut draft = begin(&bidder(), C::Published, deadline() - MICROSECOND).unwrap();
    let late = deadline() + TimeDelta::days(3);
    draft.save(&colleague(Role::Bidder), late).unwrap();
    assert_eq!((draft.saved_by, draft.saved_at), (id::<UserId>(71), late));
    draft.discard(&colleague(Role::Bidder)).unwrap();
    let administrator = Actor { administrator: true, auditor: true, ..Actor::new(id(73)) };
    for other in [colleague(Role::Owner), administrator] {
        let (before, hidden) = (draft.clone(), Refusal::NotFound("bid draft"));
        assert_eq!(draft.require_visible(&other), Err(hidden.clone()));
        assert_eq!(draft.save(&other, late), Err(hidden.clone()));
        assert_eq!(draft.discard(&other), Err(hidden));
        assert_eq!(draft, before);
    }
}

#[test]
fn its_events_are_the_companys_and_tell_nothing_but_that_there_is_one() {
    let company = organisation(company(), OrganisationKind::Company);
    let (draft, begun) =
        BidDraft::begin(id(70), &bidder(), &challenge(C::Published), &company, deadline() - MICROSECOND).unwrap();
    for event in [begun, draft.discard(&bidder()).unwrap(), draft.expire()] {
        assert_eq!((event.organisation, event.public, event.confidential.is_null()), (Some(company.id), None, true));
    }
}

#[test]
fn saves_of_one_person_within_a_quarter_of_an_hour_are_one_entry() {
    let begun = begin(&bidder(), C::Published, deadline() - TimeDelta::days(1)).unwrap();
    let saved = |by: u128, version: i32, after: TimeDelta| BidDraft {
        saved_by: id(by),
        saved_at: begun.saved_at + after,
        version,
        ..begun.clone()
    };
    let first = DraftSave::followed_by(None, &saved(71, 1, TimeDelta::zero()));
    assert_eq!((first.number, first.version), (1, 1));
    let second = DraftSave::followed_by(Some(&first), &saved(71, 2, SAVE_TIME - MICROSECOND));
    assert_eq!((second.number, second.version, second.begun_at), (1, 2, first.begun_at));
    let third = DraftSave::followed_by(Some(&second), &saved(71, 3, SAVE_TIME));
    assert_eq!((third.number, third.begun_at), (2, begun.saved_at + SAVE_TIME));
    let another = DraftSave::followed_by(Some(&second), &saved(74, 3, MICROSECOND));
    assert_eq!((another.number, another.by), (2, id(74)));
}
