//! Bidding together: who asks, who answers, and which bids may name it.

use crate::records::{
    agency, at, bidder, challenge, company, deadline, fields, id, member, officer, organisation, owner,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, BidId, Challenge, ChallengeStatus, Consortium, Event, Organisation, OrganisationId, OrganisationKind,
    Refusal, Role,
    consortium::{Asked, MOST_CHANGES, MOST_PARTNERS, Participation, PartnerStatus, shared_participants},
    member::Suspension,
};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    at("2026-06-01T10:00:00Z")
}

fn published() -> Challenge {
    challenge(ChallengeStatus::Published)
}

fn firm(number: u128) -> Organisation {
    organisation(id(number), OrganisationKind::Company)
}

/// The agency of the challenge.
fn buyer() -> Organisation {
    organisation(id(1), OrganisationKind::Agency)
}

fn formed() -> Consortium {
    Consortium::form(id(80), &bidder(), &published(), &firm(2), now()).unwrap().0
}

fn ask(consortium: &mut Consortium, partner: u128) -> Result<Asked, Refusal> {
    consortium.ask(&bidder(), &published(), &buyer(), &firm(partner), "Tests.", now())
}

fn confirm(consortium: &mut Consortium, partner: u128) -> Result<Vec<Event>, Refusal> {
    let seen = consortium.composition;
    consortium.confirm(&owner(id(partner)), &published(), id(partner), seen, now())
}

/// With the partners 4 and 5, both of which confirmed.
fn complete() -> Consortium {
    let mut consortium = formed();
    for partner in [4, 5] {
        ask(&mut consortium, partner).unwrap();
    }
    for partner in [4, 5] {
        confirm(&mut consortium, partner).unwrap();
    }
    consortium
}

fn statuses(consortium: &Consortium) -> Vec<PartnerStatus> {
    consortium.partners.iter().map(|partner| partner.status).collect()
}

fn standing(consortium: &Consortium) -> Result<(), Refusal> {
    let partners: Vec<_> = (4..30).map(firm).collect();
    consortium.require_complete(id(50), company(), &partners)
}

#[test]
fn who_bids_for_a_company_forms_one_while_bids_are_taken() {
    let form = |actor: &Actor, challenge: &Challenge, lead: &Organisation, at| {
        Consortium::form(id(80), actor, challenge, lead, at).map(drop)
    };
    assert_eq!(form(&bidder(), &published(), &firm(2), now()), Ok(()));
    assert_eq!(form(&owner(company()), &published(), &firm(2), now()), Err(Refusal::RoleMissing(Role::Bidder)));
    let agency = organisation(agency(), OrganisationKind::Agency);
    assert_eq!(form(&officer(), &published(), &agency, now()), Err(Refusal::RoleMissing(Role::Bidder)));
    let last = deadline() - TimeDelta::microseconds(1);
    assert_eq!(form(&bidder(), &published(), &firm(2), last), Ok(()));
    assert_eq!(form(&bidder(), &published(), &firm(2), deadline()), Err(Refusal::DeadlinePassed));
    let draft = Challenge { published_at: None, ..challenge(ChallengeStatus::Draft) };
    assert_eq!(form(&bidder(), &draft, &firm(2), now()), Err(Refusal::NotFound("challenge")));
}

#[test]
fn the_lead_asks_others_and_never_itself_the_agency_or_somebody_twice() {
    let mut consortium = formed();
    let asked = ask(&mut consortium, 4).unwrap();
    assert_eq!(asked.partners, [id(4)]);
    assert!(asked.events.iter().all(|event| event.public.is_none()));
    let whose: Vec<_> = asked.events.iter().map(|event| event.organisation).collect();
    assert_eq!(whose, [Some(company()), Some(id(4))], "each of the two sees its own event");
    for (partner, code) in [(4, "duplicate"), (2, "duplicate"), (1, "agency")] {
        let refused = ask(&mut consortium, partner).unwrap_err();
        assert_eq!(fields(refused), [("/organisation".to_owned(), code)]);
    }
    let above = Organisation { parent: Some(id(7)), ..buyer() };
    let below = Organisation { parent: Some(id(1)), ..firm(8) };
    for (agency, organisation) in [(&above, &firm(7)), (&buyer(), &below)] {
        let refused = consortium.ask(&bidder(), &published(), agency, organisation, "Tests.", now()).unwrap_err();
        assert_eq!(fields(refused), [("/organisation".to_owned(), "agency")]);
    }
    let long = "x".repeat(2001);
    for part in ["  ", &long] {
        let refused = consortium.ask(&bidder(), &published(), &buyer(), &firm(6), part, now()).unwrap_err();
        assert_eq!(fields(refused)[0].0, "/part");
    }
    let (partner, stranger) = (member(40, id(4), &[Role::Bidder]), member(41, id(9), &[Role::Bidder]));
    let try_as = |consortium: &mut Consortium, actor: &Actor| {
        consortium.ask(actor, &published(), &buyer(), &firm(6), "Tests.", now()).map(drop)
    };
    assert_eq!(try_as(&mut consortium, &partner), Err(Refusal::RoleMissing(Role::Bidder)));
    assert_eq!(try_as(&mut consortium, &stranger), Err(Refusal::NotFound("consortium")));
    assert_eq!(statuses(&consortium), [PartnerStatus::Asked]);
}

#[test]
fn there_are_at_most_fifteen_partners_and_a_hundred_changes() {
    let mut consortium = formed();
    for partner in 4..4 + MOST_PARTNERS as u128 {
        ask(&mut consortium, partner).unwrap();
    }
    let full = Refusal::TooMany { what: "partners", most: MOST_PARTNERS };
    assert_eq!(ask(&mut consortium, 30).unwrap_err(), full);
    consortium.composition = MOST_CHANGES + 1;
    let part = consortium.change_part(&bidder(), &published(), id(4), "More.", now());
    assert!(matches!(part, Err(Refusal::LimitReached(_))));
}

#[test]
fn who_bids_for_a_partner_or_owns_it_answers_for_what_they_saw() {
    let mut consortium = formed();
    ask(&mut consortium, 4).unwrap();
    let seen = consortium.composition;
    let mut confirm = |actor: &Actor, partner: u128, composition: i32, at| {
        consortium.confirm(actor, &published(), id(partner), composition, at).map(drop)
    };
    let plain = member(40, id(4), &[]);
    assert_eq!(confirm(&plain, 4, seen, now()), Err(Refusal::RoleMissing(Role::Bidder)));
    assert_eq!(confirm(&bidder(), 4, seen, now()), Err(Refusal::RoleMissing(Role::Bidder)), "the lead does not");
    assert_eq!(confirm(&bidder(), 9, seen, now()), Err(Refusal::NotFound("partner")));
    assert_eq!(confirm(&owner(id(9)), 4, seen, now()), Err(Refusal::NotFound("consortium")));
    assert_eq!(confirm(&owner(id(4)), 4, seen - 1, now()), Err(Refusal::ConcurrentChange));
    assert_eq!(confirm(&owner(id(4)), 4, seen, deadline()), Err(Refusal::DeadlinePassed));
    assert_eq!(confirm(&owner(id(4)), 4, seen, now()), Ok(()));
    assert_eq!(confirm(&member(42, id(4), &[Role::Bidder]), 4, seen, now()), Err(Refusal::AlreadyDone));
}

#[test]
fn a_bid_names_it_only_if_everybody_confirmed_it_as_it_is() {
    assert_eq!(standing(&complete()), Ok(()));
    assert_eq!(fields(standing(&formed()).unwrap_err()), [("/consortium".to_owned(), "no_partners")]);
    let wrong = complete().require_complete(id(51), company(), &[]).unwrap_err();
    assert_eq!(fields(wrong), [("/consortium".to_owned(), "unknown")], "another challenge");
    let wrong = complete().require_complete(id(50), id(4), &[]).unwrap_err();
    assert_eq!(fields(wrong), [("/consortium".to_owned(), "unknown")], "another company");
    let not_confirmed = [("/consortium".to_owned(), "partner_not_confirmed")];
    let mut more = complete();
    ask(&mut more, 6).unwrap();
    assert_eq!(fields(standing(&more).unwrap_err()).len(), 3, "with somebody new, all are asked again");
    let mut other_part = complete();
    let asked = other_part.change_part(&bidder(), &published(), id(4), "More.", now()).unwrap();
    assert_eq!(asked.partners, [id(4), id(5)], "everybody confirms the whole");
    confirm(&mut other_part, 4).unwrap();
    assert_eq!(fields(standing(&other_part).unwrap_err()), not_confirmed);
    confirm(&mut other_part, 5).unwrap();
    assert_eq!(standing(&other_part), Ok(()));
    let mut fewer = complete();
    let asked = fewer.remove(&bidder(), &published(), id(4), false, now()).unwrap();
    assert_eq!(asked.partners, [id(5)]);
    assert_eq!(fields(standing(&fewer).unwrap_err()), not_confirmed);
    let mut left = complete();
    left.decline(&owner(id(5)), &published(), id(5), now()).unwrap();
    assert_eq!(fields(standing(&left).unwrap_err()), not_confirmed);
    let suspension = Some(Suspension { at: now(), reason: "So.".to_owned() });
    let partners = [firm(4), Organisation { suspension, ..firm(5) }];
    let told = complete().require_complete(id(50), company(), &partners);
    assert_eq!(told, Ok(()), "the lead does not learn who is suspended");
}

#[test]
fn a_confirmation_is_taken_back_until_the_deadline_or_while_the_challenge_is_suspended() {
    let decline = |challenge: &Challenge, at| complete().decline(&owner(id(4)), challenge, id(4), at).map(drop);
    assert_eq!(decline(&published(), deadline() - TimeDelta::microseconds(1)), Ok(()));
    assert_eq!(decline(&published(), deadline()), Err(Refusal::DeadlinePassed));
    assert_eq!(decline(&challenge(ChallengeStatus::Closed), now()), Err(Refusal::DeadlinePassed));
    assert_eq!(decline(&challenge(ChallengeStatus::Suspended), now()), Ok(()));
    let mut twice = complete();
    twice.decline(&owner(id(4)), &published(), id(4), now()).unwrap();
    let again = twice.decline(&owner(id(4)), &published(), id(4), now());
    assert_eq!(again.map(drop), Err(Refusal::AlreadyDone));
    assert!(confirm(&mut twice, 4).is_ok(), "and it may change its mind again");
}

#[test]
fn who_is_named_in_the_box_is_not_taken_out_unless_it_left() {
    let remove = |mut consortium: Consortium, in_bid| {
        let removed = consortium.remove(&bidder(), &published(), id(4), in_bid, now());
        removed.map(|_| consortium.partners.len())
    };
    assert_eq!(remove(complete(), false), Ok(1));
    assert!(matches!(remove(complete(), true), Err(Refusal::WrongState { subject: "bid", .. })));
    let mut left = complete();
    left.decline(&owner(id(4)), &published(), id(4), now()).unwrap();
    assert_eq!(remove(left, true), Ok(1));
    let mut nobody = complete();
    let removed = nobody.remove(&bidder(), &published(), id(9), false, now());
    assert_eq!(removed.map(drop), Err(Refusal::NotFound("partner")));
}

#[test]
fn only_the_lead_and_those_who_were_asked_see_it() {
    let consortium = complete();
    let sees = |actor: &Actor| consortium.require_visible(actor);
    for insider in [member(60, company(), &[]), member(61, id(4), &[]), owner(id(5))] {
        assert_eq!(sees(&insider), Ok(()));
    }
    for outsider in [officer(), crate::records::administrator(), owner(id(9))] {
        assert_eq!(sees(&outsider), Err(Refusal::NotFound("consortium")));
    }
}

#[test]
fn who_takes_part_in_two_bids_is_a_fact_about_both() {
    let takes_part = |organisation: u128, bid: u128| Participation { organisation: id(organisation), bid: id(bid) };
    let all = [takes_part(2, 60), takes_part(4, 60), takes_part(4, 61), takes_part(5, 62), takes_part(2, 62)];
    let shared = |bid: u128| shared_participants(&all, id::<BidId>(bid));
    assert_eq!(shared(60), [takes_part(2, 62), takes_part(4, 61)]);
    assert_eq!(shared(61), [takes_part(4, 60)]);
    assert_eq!(shared(62), [takes_part(2, 60)]);
    assert_eq!(shared(63), []);
}

proptest! {
    /// Whatever people do, a bid can name it exactly if each partner confirmed after the last change.
    #[test]
    fn nobody_is_bound_by_what_they_did_not_confirm(steps in prop::collection::vec((0..5_u8, 4..8_u128), 0..40)) {
        let mut consortium = formed();
        // Who is in, and whether they agreed to what it is now: kept apart from the rules.
        let mut agreed: Vec<(OrganisationId, bool)> = Vec::new();
        for (step, number) in steps {
            let partner: OrganisationId = id(number);
            let done = match step {
                0 => ask(&mut consortium, number).map(drop),
                1 => consortium.remove(&bidder(), &published(), partner, false, now()).map(drop),
                2 => consortium.change_part(&bidder(), &published(), partner, "Other.", now()).map(drop),
                3 => confirm(&mut consortium, number).map(drop),
                _ => consortium.decline(&owner(partner), &published(), partner, now()).map(drop),
            };
            if done.is_err() {
                continue;
            }
            match step {
                0 => {
                    agreed.iter_mut().for_each(|(_, agrees)| *agrees = false);
                    agreed.push((partner, false));
                }
                1 => {
                    agreed.retain(|(known, _)| *known != partner);
                    agreed.iter_mut().for_each(|(_, agrees)| *agrees = false);
                }
                2 => agreed.iter_mut().for_each(|(_, agrees)| *agrees = false),
                _ => agreed.iter_mut().filter(|(known, _)| *known == partner).for_each(|(_, agrees)| *agrees = step == 3),
            }
        }
        let expected = !agreed.is_empty() && agreed.iter().all(|(_, agrees)| *agrees);
        prop_assert_eq!(standing(&consortium).is_ok(), expected);
    }
}
