//! Which refusals are put on a company's record, and what the record says.

use domain::{BidAction, BidId, ChallengeId, FieldError, OrganisationId, Refusal, RefusalRecord, Role, Subject};
use uuid::Uuid;

#[test]
fn a_refusal_that_tells_nothing_new_to_the_company_is_on_the_record() {
    let field = |code| FieldError::new("/price/amount", code, "no");
    let cases = [
        (Refusal::DeadlinePassed, "deadline_passed", &[][..]),
        (
            Refusal::WrongState { subject: "challenge", status: "suspended", allowed: "published" },
            "wrong_state",
            &["challenge_suspended"],
        ),
        (Refusal::RoleMissing(Role::Bidder), "role_missing", &[]),
        (Refusal::TermsNotAccepted(2), "terms_not_accepted", &[]),
        (
            Refusal::Invalid(vec![field("above_ceiling"), field("wrong_currency"), field("above_ceiling")]),
            "invalid",
            &["above_ceiling", "wrong_currency"],
        ),
        (Refusal::Incomplete("replace it: 45000.00".to_owned()), "incomplete", &[]),
        (Refusal::AlreadyBid, "already_bid", &[]),
        (Refusal::AlreadyDone, "already_done", &[]),
        (Refusal::ConcurrentChange, "concurrent_change", &[]),
    ];
    for (refusal, reason, problems) in cases {
        let record = RefusalRecord::of(&refusal).unwrap();
        assert_eq!(
            (record.reason, record.problems.as_slice()),
            (reason, &problems.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>()[..])
        );
    }
    assert_eq!(RefusalRecord::stale().reason, "stale");
}

#[test]
fn what_does_not_exist_for_somebody_leaves_no_record() {
    for refusal in [Refusal::NotFound("challenge"), Refusal::NotFound("bid"), Refusal::NotAMember] {
        assert_eq!(RefusalRecord::of(&refusal), None);
    }
}

#[test]
fn the_event_of_a_refusal_is_the_companys_alone() {
    let (challenge, company) = (ChallengeId(Uuid::from_u128(1)), OrganisationId(Uuid::from_u128(2)));
    let bid = BidId(Uuid::from_u128(3));
    let record = RefusalRecord { reason: "invalid", problems: vec!["above_ceiling".to_owned()] };
    for action in BidAction::ALL {
        let event = record.event(action, challenge, company, Some(bid));
        assert_eq!((event.kind, event.subject, event.organisation), ("bid.refused", Subject::Bid(bid), Some(company)));
        assert_eq!(event.public, None);
        assert_eq!(event.confidential["action"], action.as_str());
        assert_eq!(event.confidential["problems"], serde_json::json!(["above_ceiling"]));
    }
    assert_eq!(record.event(BidAction::Submit, challenge, company, None).subject, Subject::Organisation(company));
}
