//! Committees, their rehearsals, and the sessions in which they open envelopes.

use chrono::{DateTime, Utc};
use domain::{
    Actor, Bid, BidStatus, Challenge, ChallengeStatus as C, Committee, Money, Opening, OpeningKey, Panel, Refusal,
    Result,
    bid::{DisqualificationCode, Offer},
    opening::{EnvelopeFailure, EnvelopeKind, Holder, SealedBy, require_passphrase},
};
use proptest::prelude::*;

use crate::records::{
    at, author, bid, challenge, committee, deadline, euro, fields, finance, id, offer, officer, session,
};

fn now() -> DateTime<Utc> {
    at("2026-05-03T07:00:00Z")
}

fn key(number: u128) -> OpeningKey {
    OpeningKey {
        id: id(90 + number),
        user: id(10 + number),
        recipient: format!("age1{number}"),
        protected: None,
        created_at: at("2026-05-01T07:00:00Z"),
        replaced_at: None,
    }
}

fn keys() -> Vec<OpeningKey> {
    (1..=9).map(key).collect()
}

fn named(people: u128) -> Panel {
    Panel { opening_committee: (1..=people).map(|number| id(10 + number)).collect(), ..Panel::default() }
}

fn form(people: u128, threshold: Option<u8>) -> Result<Committee> {
    let challenge = challenge(C::Approved);
    Committee::form(&officer(), &challenge, &named(people), &keys(), threshold, now()).map(|(committee, _)| committee)
}

#[test]
fn more_than_half_are_needed_unless_something_else_is_said() {
    for (people, expected) in [(2, 2), (3, 2), (4, 3), (5, 3), (9, 5)] {
        let formed = form(people, None).unwrap();
        assert_eq!((formed.threshold, formed.holders.len()), (expected, usize::try_from(people).unwrap()));
        assert!(formed.holders.iter().zip(1..).all(|(holder, index)| holder.index == index));
        assert!(!formed.is_rehearsed());
    }
}

proptest! {
    #[test]
    fn at_least_two_and_at_most_all_are_needed(people in 2_u128..=9, threshold: u8) {
        let formed = form(people, Some(threshold));
        let allowed = threshold >= 2 && u128::from(threshold) <= people;
        prop_assert_eq!(formed.as_ref().map(|formed| formed.threshold).ok(), allowed.then_some(threshold));
        if !allowed {
            prop_assert_eq!(fields(formed.unwrap_err()), [("/threshold".to_owned(), "out_of_range")]);
        }
    }
}

#[test]
fn a_committee_takes_two_people_with_keys_and_somebody_who_may_form_it() {
    assert!(matches!(form(0, None), Err(Refusal::Incomplete(_))));
    assert!(matches!(form(1, None), Err(Refusal::Incomplete(_))));
    let formed = |actor: &Actor, status, keys: &[OpeningKey]| {
        Committee::form(actor, &challenge(status), &named(2), keys, None, now()).map(drop)
    };
    assert!(matches!(formed(&officer(), C::Approved, &keys()[..1]), Err(Refusal::Incomplete(_))));
    let replaced = OpeningKey { replaced_at: Some(now()), ..key(1) };
    assert!(matches!(formed(&officer(), C::Approved, &[replaced, key(2)]), Err(Refusal::Incomplete(_))));
    for status in C::ALL.iter().copied() {
        let before = [C::Draft, C::InReview, C::ChangesRequested, C::Approved].contains(&status);
        for actor in [author(), officer()] {
            assert_eq!(formed(&actor, status, &keys()).is_ok(), before, "{status:?}");
        }
    }
    assert!(formed(&finance(), C::Draft, &keys()).is_err());
}

#[test]
fn a_challenge_is_published_only_with_the_people_and_keys_that_rehearsed() {
    let (panel, sound) = (named(3), committee());
    let ready = |committee: Option<&Committee>, panel: &Panel, keys: &[OpeningKey]| {
        Committee::require_ready(committee, panel, keys, &(1..=9).map(|n| id(10 + n)).collect::<Vec<_>>()).is_ok()
    };
    assert!(ready(Some(&sound), &panel, &keys()));
    let two = [id(11), id(12)];
    assert!(Committee::require_ready(Some(&sound), &panel, &keys(), &two).is_err(), "somebody is no officer any more");
    assert!(!ready(None, &panel, &keys()));
    assert!(!ready(Some(&sound), &named(2), &keys()), "somebody is not named any more");
    let mut reordered = panel.clone();
    reordered.opening_committee.swap(0, 1);
    assert!(!ready(Some(&sound), &reordered, &keys()));
    assert!(!ready(Some(&sound), &panel, &keys()[1..]), "somebody has another key");
    let mut one_left = sound.clone();
    one_left.holders[2].rehearsed_at = None;
    assert!(!ready(Some(&one_left), &panel, &keys()));
}

#[test]
fn each_holder_rehearses_once_and_after_the_publication_all_over_again() {
    let mut formed = form(3, None).unwrap();
    let approved = challenge(C::Approved);
    let holder = holding;
    formed.rehearse(&holder(1), &approved, now()).unwrap();
    assert_eq!(formed.rehearse(&holder(1), &approved, now()).unwrap_err(), Refusal::AlreadyDone);
    assert!(matches!(formed.rehearse(&holder(9), &approved, now()), Err(Refusal::NotFound(_))));
    assert!(!formed.is_rehearsed());
    for number in [2, 3] {
        formed.rehearse(&holder(number), &approved, now()).unwrap();
    }
    assert!(formed.is_rehearsed());
    assert!(formed.clone().rehearse_again(&approved, now()).is_err(), "before the publication it is formed anew");
    formed.rehearse_again(&challenge(C::Published), deadline()).unwrap();
    assert!(!formed.is_rehearsed());
    assert_eq!((formed.threshold, formed.rehearsal_started_at), (2, deadline()));
}

/// An officer who holds a key.
fn holding(number: u128) -> Actor {
    Actor { user: id(10 + number), ..officer() }
}

#[test]
fn shares_are_for_holders_after_the_deadline_and_in_the_right_state() {
    let may = |kind, actor: &Actor, challenge: &Challenge, at| {
        session(kind, &[]).require_open_to(actor, challenge, &committee(), at)
    };
    let quality = |actor: &Actor, at| may(EnvelopeKind::Quality, actor, &challenge(C::Closed), at);
    assert_eq!(quality(&holding(1), deadline()), Ok(()));
    assert_eq!(quality(&holding(1), deadline() - chrono::TimeDelta::microseconds(1)), Err(Refusal::DeadlineNotReached));
    assert!(matches!(quality(&holding(8), deadline()), Err(Refusal::RoleMissing(_))), "no holder");
    assert!(matches!(quality(&Actor::new(id(11)), deadline()), Err(Refusal::RoleMissing(_))), "an officer no more");
    for status in C::ALL.iter().copied() {
        let quality = may(EnvelopeKind::Quality, &holding(1), &challenge(status), deadline());
        assert_eq!(quality.is_ok(), status == C::Closed, "{status:?}");
        let price = may(EnvelopeKind::Price, &holding(1), &challenge(status), deadline());
        assert_eq!(price.is_ok(), status == C::Evaluating, "{status:?}");
    }
    let opened = Challenge { prices_opened_at: Some(deadline()), ..challenge(C::Evaluating) };
    assert_eq!(may(EnvelopeKind::Price, &holding(1), &opened, deadline()), Err(Refusal::AlreadyDone));
}

#[test]
fn a_session_is_complete_when_enough_different_people_came() {
    let mut session: Opening = session(EnvelopeKind::Quality, &[]);
    for (number, first, complete) in [(1, true, false), (1, false, false), (3, true, true), (3, false, true)] {
        assert_eq!(session.attend(&holding(number)), first);
        assert_eq!((session.is_complete(), session.require_complete().is_ok()), (complete, complete));
    }
    assert_eq!(session.attended(), [id(11), id(13)]);
    let mut closed = challenge(C::Closed);
    let alone = Opening::of(&committee(), EnvelopeKind::Quality, vec![id(11)]);
    assert!(matches!(closed.open(&alone, 2, deadline()), Err(Refusal::FourEyes(_))));
    closed.open(&session, 2, deadline()).unwrap();
    let mut evaluating = challenge(C::Evaluating);
    assert!(matches!(evaluating.open_prices(&alone, deadline()), Err(Refusal::FourEyes(_))));
    evaluating.open_prices(&session, deadline()).unwrap();
    assert_eq!(evaluating.prices_opened_at, Some(deadline()));
    assert_eq!(evaluating.open_prices(&session, deadline()).unwrap_err(), Refusal::AlreadyDone);
}

#[test]
fn an_offer_is_the_sum_of_its_parts() {
    let whole = offer(3_850_000);
    let (quality, price) = whole.parts();
    assert_eq!(Offer::join(&quality, &price), whole);
    assert_eq!((quality.check(), price.check(&challenge(C::Published), 1)), (Ok(()), Ok(())));
    let (mut lacking, mut dear) = (price.clone(), price);
    lacking.amounts.clear();
    let wrong = lacking.check(&challenge(C::Published), 1).unwrap_err();
    assert_eq!(fields(wrong), [("/milestones".to_owned(), "amount_missing")]);
    let most = euro(Money::MAX_MINOR);
    dear.amounts = vec![most, most];
    let wrong = dear.check(&challenge(C::Published), 2).unwrap_err();
    assert_eq!(fields(wrong), [("/milestones".to_owned(), "sum_not_price")], "and nothing overflows");
}

#[test]
fn what_gave_nothing_can_only_be_disqualified() {
    let mut empty = Bid { quality: None, ..bid(BidStatus::Opened) };
    assert!(matches!(empty.admit(&officer(), &challenge(C::Opened)), Err(Refusal::Incomplete(_))));
    empty.disqualify(&officer(), &challenge(C::Opened), DisqualificationCode::Incomplete, "Nothing in it.").unwrap();
}

#[test]
fn a_price_that_does_not_fit_disqualifies_during_the_evaluation_and_a_good_one_does_not() {
    let sealed = challenge(C::Evaluating);
    let opened = Challenge { prices_opened_at: Some(deadline()), ..challenge(C::Evaluating) };
    let good = Bid { price: Some(offer(3_850_000).parts().1), ..bid(BidStatus::Admitted) };
    let above = Bid { price: Some(offer(4_500_001).parts().1), ..good.clone() };
    let unreadable = Bid { price: None, ..good.clone() };
    for (bid, challenge, allowed) in
        [(&good, &opened, false), (&above, &opened, true), (&unreadable, &opened, true), (&unreadable, &sealed, false)]
    {
        let code = DisqualificationCode::NotResponsive;
        let outcome = bid.clone().disqualify(&officer(), challenge, code, "The price.");
        assert_eq!(outcome.is_ok(), allowed, "{outcome:?}");
        assert_eq!(bid.require_price(&opened).is_ok(), bid == &good);
    }
}

#[test]
fn names_lead_back_to_what_they_name() {
    assert!(EnvelopeKind::ALL.into_iter().all(|kind| EnvelopeKind::parse(kind.as_str()) == Some(kind)));
    assert!(EnvelopeFailure::ALL.into_iter().all(|it| EnvelopeFailure::parse(it.as_str()) == Some(it)));
    assert!([SealedBy::Server, SealedBy::Company].into_iter().all(|by| SealedBy::parse(by.as_str()) == Some(by)));
    assert_eq!((EnvelopeKind::parse("x"), EnvelopeFailure::parse(""), SealedBy::parse("x")), (None, None, None));
}

#[test]
fn a_passphrase_has_some_length() {
    for (length, allowed) in [(0, false), (11, false), (12, true), (200, true), (201, false)] {
        assert_eq!(require_passphrase(&"ß".repeat(length)).is_ok(), allowed, "{length}");
    }
}

/// That the table above is about the committee that it thinks it is.
#[test]
fn the_committee_of_these_tests_is_the_one_that_its_panel_names() {
    let holders: Vec<Holder> = committee().holders;
    assert_eq!(holders.iter().map(|holder| holder.user).collect::<Vec<_>>(), named(3).opening_committee);
}
