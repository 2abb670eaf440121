//! Agreeing to be named: who asks, until when one can answer, and what counts.

use crate::records::{
    agency, at, bid, bidder, challenge, company, deadline, fields, id, member, officer, organisation, owner,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, Bid, BidStatus, Challenge, ChallengeStatus, OrganisationKind, Refusal, Role, TeamConsent,
    bid::TeamMember,
    team_consent::{ConsentStatus, MOST_ASKED, NewTeamConsent, TAKE_BACK_PAUSE, consent_problems},
};

fn now() -> DateTime<Utc> {
    at("2026-06-01T10:00:00Z")
}

fn published() -> Challenge {
    challenge(ChallengeStatus::Published)
}

fn new(name: &str, email: &str, role: &str) -> NewTeamConsent {
    NewTeamConsent { name: name.to_owned(), email: email.to_owned(), role: role.to_owned() }
}

fn maja() -> NewTeamConsent {
    new(" Maja Oblak ", "Maja.Oblak@people.example", " Leads the tests ")
}

fn ask(
    actor: &Actor,
    challenge: &Challenge,
    new: &NewTeamConsent,
    present: usize,
    at: DateTime<Utc>,
) -> Result<TeamConsent, Refusal> {
    let firm = organisation(company(), OrganisationKind::Company);
    TeamConsent::ask(id(80), actor, challenge, &firm, new, present, at).map(|(consent, _)| consent)
}

fn asked() -> TeamConsent {
    ask(&bidder(), &published(), &maja(), 0, now()).unwrap()
}

fn last() -> DateTime<Utc> {
    deadline() - TimeDelta::microseconds(1)
}

#[test]
fn who_bids_for_a_company_asks_while_bids_are_taken() {
    assert_eq!(asked().name, "Maja Oblak");
    assert_eq!(asked().status(), ConsentStatus::Asked);
    let ask = |actor: &Actor, challenge: &Challenge, present, at| ask(actor, challenge, &maja(), present, at).map(drop);
    assert_eq!(ask(&bidder(), &published(), MOST_ASKED - 1, last()), Ok(()));
    assert!(matches!(ask(&bidder(), &published(), MOST_ASKED, now()), Err(Refusal::TooMany { .. })));
    assert_eq!(ask(&bidder(), &published(), 0, deadline()), Err(Refusal::DeadlinePassed));
    assert_eq!(ask(&owner(company()), &published(), 0, now()), Err(Refusal::RoleMissing(Role::Bidder)));
    assert_eq!(ask(&officer(), &published(), 0, now()), Err(Refusal::RoleMissing(Role::Bidder)));
    let draft = Challenge { published_at: None, ..challenge(ChallengeStatus::Draft) };
    assert_eq!(ask(&bidder(), &draft, 0, now()), Err(Refusal::NotFound("challenge")));
    let agency = organisation(agency(), OrganisationKind::Agency);
    let everything = member(20, agency.id, &Role::ALL);
    let refused = TeamConsent::ask(id(80), &everything, &published(), &agency, &maja(), 0, now());
    assert_eq!(refused.map(drop), Err(Refusal::RoleMissing(Role::Bidder)));
}

#[test]
fn everything_wrong_is_told_at_once() {
    let wrong = fields(ask(&bidder(), &published(), &new(" ", "nowhere", &"x".repeat(201)), 0, now()).unwrap_err());
    let pointers: Vec<_> = wrong.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["/name", "/role", "/email"]);
}

#[test]
fn one_agrees_until_the_deadline_and_says_no_at_any_time() {
    let mut consent = asked();
    let event = consent.agree(&published(), now()).unwrap();
    assert_eq!((event.kind, event.public, event.organisation), ("team_consent.agreed", None, Some(company())));
    assert_eq!(consent.agree(&published(), now()).map(drop), Err(Refusal::AlreadyDone));
    consent.refuse(now()).unwrap();
    assert_eq!(consent.status(), ConsentStatus::TakenBack);
    assert_eq!(consent.refuse(now()).map(drop), Err(Refusal::AlreadyDone));
    consent.agree(&published(), last()).unwrap();
    assert_eq!((consent.status(), consent.agreed_at), (ConsentStatus::Agreed, Some(last())));
    for passed in [published(), challenge(ChallengeStatus::Closed), challenge(ChallengeStatus::Opened)] {
        assert!(asked().agree(&passed, deadline()).is_err());
    }
    assert!(asked().agree(&challenge(ChallengeStatus::Suspended), deadline()).is_ok());
    let mut refused = asked();
    refused.refuse(deadline()).unwrap();
    assert_eq!(refused.status(), ConsentStatus::Refused);
}

#[test]
fn what_is_taken_back_before_the_deadline_does_not_count_and_what_comes_later_is_noted() {
    let mut consent = asked();
    assert!(!consent.counts(deadline()));
    consent.agree(&published(), now()).unwrap();
    assert!(consent.counts(deadline()));
    let mut early = consent.clone();
    early.refuse(last()).unwrap();
    assert!(!early.counts(deadline()));
    consent.refuse(deadline()).unwrap();
    assert!(consent.counts(deadline()) && consent.refused_at == Some(deadline()));
    assert!(!consent.counts(deadline() + TimeDelta::days(1)), "the deadline was moved after all");
}

#[test]
fn a_request_is_taken_back_by_those_who_bid_after_a_while_and_before_the_deadline() {
    let later = now() + TAKE_BACK_PAUSE;
    let back = |actor: &Actor, at| asked().take_back_request(actor, &published(), at).map(drop);
    assert_eq!(back(&bidder(), later), Ok(()));
    assert!(matches!(back(&bidder(), later - TimeDelta::microseconds(1)), Err(Refusal::TooSoon(_))));
    assert_eq!(back(&bidder(), deadline()), Err(Refusal::DeadlinePassed));
    assert_eq!(back(&owner(company()), later), Err(Refusal::RoleMissing(Role::Bidder)));
    assert_eq!(back(&officer(), later), Err(Refusal::NotFound("team consent")));
    assert_eq!(back(&member(22, id(3), &[Role::Bidder]), later), Err(Refusal::NotFound("team consent")));
}

fn named(name: &str, role: &str) -> TeamMember {
    TeamMember { name: name.to_owned(), role: role.to_owned(), experience: None, days: None, consented: true }
}

fn opened(team: Vec<TeamMember>) -> Bid {
    let mut bid = bid(BidStatus::Opened);
    bid.quality.as_mut().unwrap().particulars.team = team;
    bid
}

#[test]
fn a_consent_is_for_a_name_and_a_role_in_one_bid() {
    let mut consent = asked();
    consent.agree(&published(), now()).unwrap();
    let bid = opened(vec![
        named("maja  OBLAK", "leads the Tests"),
        named("Maja Oblak", "Leads everything"),
        named("Mojca Oblak", "Leads the tests"),
    ]);
    let all = [consent.clone()];
    let found = bid.team_consents(&all);
    assert_eq!(found, [Some(&consent), None, None]);
    let problems = consent_problems(&found, Some(deadline()));
    let told: Vec<_> = problems.iter().map(|problem| (problem.pointer.as_str(), problem.code)).collect();
    assert_eq!(told, [("/team/1", "consent_missing"), ("/team/2", "consent_missing")]);
    for other in [TeamConsent { company: id(3), ..consent.clone() }, TeamConsent { challenge: id(51), ..consent }] {
        assert_eq!(bid.team_consents(&[other]), [None, None, None]);
    }
}

#[test]
fn of_two_people_of_one_name_who_agreed_counts() {
    let refused = TeamConsent { refused_at: Some(now()), ..asked() };
    let agreed = TeamConsent { id: id(81), agreed_at: Some(now()), ..asked() };
    let bid = opened(vec![named("Maja Oblak", "Leads the tests")]);
    assert_eq!(bid.team_consents(&[agreed.clone(), refused.clone()]), [Some(&agreed)]);
    assert_eq!(bid.team_consents(&[refused, agreed.clone()]), [Some(&agreed)]);
    assert!(bid.team_consents(&[]).iter().all(Option::is_none));
}
