//! Who invites whom, how long an invitation works, and who may answer it.

use crate::records::{administrator, agency, at, company, fields, id, member, organisation, owner};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Event, Invitation, Member, Organisation, OrganisationKind, Refusal, Result, Role, UserId,
    account::{Email, User},
    invitation::{INVITATION_LIFETIME, InvitationStatus as S, MOST_OPEN, NewInvitation, RESEND_PAUSE},
    member::MOST_MEMBERS,
};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

fn sent() -> DateTime<Utc> {
    at("2026-06-01T08:00:00Z")
}

fn firm() -> Organisation {
    organisation(company(), OrganisationKind::Company)
}

fn new(email: &str, roles: &[Role], message: Option<&str>) -> NewInvitation {
    NewInvitation { email: email.to_owned(), roles: roles.to_vec(), message: message.map(ToOwned::to_owned) }
}

fn to_mira() -> NewInvitation {
    new("Mira@Calm.example", &[Role::Bidder], None)
}

fn invitation(status: S) -> Invitation {
    let (invitation, _) = firm().invite(id(40), &owner(company()), to_mira(), 0, sent()).unwrap();
    Invitation { status, ..invitation }
}

fn user(email: &str) -> User {
    User {
        id: id(21),
        email: Email::parse(email).unwrap(),
        name: "Mira".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        administrator: false,
        created_at: sent(),
    }
}

#[test]
fn statuses_have_the_names_under_which_they_are_stored() {
    assert_eq!(S::ALL.map(S::as_str), ["open", "accepted", "declined", "revoked", "expired"]);
    assert_eq!(S::ALL.map(|status| S::parse(status.as_str())), S::ALL.map(Some));
    assert_eq!(S::parse("Open"), None);
}

#[test]
fn owners_invite_and_to_strangers_there_is_nothing_to_be_invited_to() {
    for (actor, refusal) in [
        (member(22, company(), &[Role::Bidder]), Refusal::RoleMissing(Role::Owner)),
        (owner(agency()), Refusal::NotFound("organisation")),
        (administrator(), Refusal::NotFound("organisation")),
    ] {
        assert_eq!(firm().invite(id(40), &actor, to_mira(), 0, sent()).unwrap_err(), refusal);
    }
    let (made, event) = firm().invite(id(40), &owner(company()), to_mira(), MOST_OPEN - 1, sent()).unwrap();
    assert_eq!((made.organisation, made.invited_by, made.status), (company(), id(20), S::Open));
    assert_eq!((made.sent_at, made.expires_at), (sent(), at("2026-06-15T08:00:00Z")));
    assert_eq!((event.kind, event.organisation), ("organisation.member_invited", Some(company())));
    let told = serde_json::to_string(&(&event.public, &event.confidential)).unwrap();
    assert!(!told.contains("mira"), "an event never tells an address: {told}");
    let full = firm().invite(id(40), &owner(company()), to_mira(), MOST_OPEN, sent()).unwrap_err();
    assert!(matches!(full, Refusal::LimitReached(_)));
}

#[test]
fn an_invitation_is_checked_as_a_whole() {
    let long = "x".repeat(1001);
    let wrong = new("mira", &[Role::Officer, Role::Owner, Role::Owner], Some(&long));
    let refused = firm().invite(id(40), &owner(company()), wrong, 0, sent()).unwrap_err();
    let expected =
        [("/email", "wrong_format"), ("/roles/0", "not_allowed"), ("/roles/2", "duplicate"), ("/message", "too_long")];
    assert_eq!(fields(refused), expected.map(|(at, code)| (at.to_owned(), code)));
    for (message, kept) in [(Some(&long[1..]), Some(&long[1..])), (Some(" Hi. "), Some("Hi.")), (Some(" "), None)] {
        let new = new("mira@calm.example", &[], message);
        let (made, _) = firm().invite(id(40), &owner(company()), new, 0, sent()).unwrap();
        assert_eq!(made.message.as_deref(), kept);
    }
}

#[test]
fn an_invitation_works_until_the_last_microsecond_of_a_fortnight() {
    let end = sent() + INVITATION_LIFETIME;
    assert_eq!(invitation(S::Open).status_at(end - MICROSECOND), S::Open);
    assert_eq!(invitation(S::Open).status_at(end), S::Expired);
    for status in [S::Accepted, S::Declined, S::Revoked] {
        assert_eq!(invitation(status).status_at(end), status);
        assert_eq!(invitation(status).require_open(sent()), Err(Refusal::TokenInvalid));
    }
    assert_eq!(invitation(S::Open).require_open(end - MICROSECOND), Ok(()));
    assert_eq!(invitation(S::Open).require_open(end), Err(Refusal::TokenInvalid));
    assert_eq!(invitation(S::Open).decline(end).unwrap_err(), Refusal::TokenInvalid);
    let late = invitation(S::Open).accept(id(121), &firm(), 1, &user("mira@calm.example"), None, end);
    assert_eq!(late.unwrap_err(), Refusal::TokenInvalid);
}

fn later() -> DateTime<Utc> {
    sent() + RESEND_PAUSE
}

fn accept(invitation: &mut Invitation, email: &str, members: usize) -> Result<(Member, Event)> {
    invitation.accept(id(121), &firm(), members, &user(email), None, later())
}

type Act = (&'static str, fn(&mut Invitation) -> Result<Event>, S);

#[test]
fn what_is_answered_or_taken_back_stays_so() {
    let acts: [Act; 4] = [
        ("send again", |invitation| invitation.send_again(later()), S::Open),
        ("revoke", |invitation| invitation.revoke(later()), S::Revoked),
        ("decline", |invitation| invitation.decline(later()), S::Declined),
        ("accept", |invitation| accept(invitation, "mira@calm.example", 1).map(|(_, event)| event), S::Accepted),
    ];
    for (name, act, leads_to) in acts {
        let mut open = invitation(S::Open);
        act(&mut open).unwrap();
        assert_eq!((open.status, open.closed_at), (leads_to, (leads_to != S::Open).then(later)), "{name}");
        for status in [S::Accepted, S::Declined, S::Revoked] {
            let mut closed = invitation(status);
            let refusal = act(&mut closed).unwrap_err();
            let by_link = refusal == Refusal::TokenInvalid;
            assert!(by_link || matches!(refusal, Refusal::WrongState { status: s, .. } if s == status.as_str()));
            assert_eq!((by_link, closed), (["decline", "accept"].contains(&name), invitation(status)), "{name}");
        }
    }
}

#[test]
fn an_expired_invitation_is_taken_back_or_sent_again_with_a_fresh_period() {
    let late = sent() + INVITATION_LIFETIME * 2;
    assert_eq!(invitation(S::Open).revoke(late).unwrap().kind, "organisation.invitation_revoked");
    let mut expired = invitation(S::Open);
    expired.send_again(late).unwrap();
    assert_eq!((expired.sent_at, expired.expires_at), (late, late + INVITATION_LIFETIME));
    assert_eq!(expired.status_at(late), S::Open);
}

#[test]
fn the_same_mail_is_sent_once_an_hour() {
    let mut open = invitation(S::Open);
    assert!(matches!(open.send_again(later() - MICROSECOND), Err(Refusal::TooSoon(_))));
    assert_eq!(open, invitation(S::Open));
    assert!(open.send_again(later()).is_ok());
}

#[test]
fn whoever_has_the_address_joins_with_the_roles_while_there_is_room() {
    let mut open = invitation(S::Open);
    assert_eq!(accept(&mut open, "eva@calm.example", 1).unwrap_err(), Refusal::OtherAddress);
    let full = accept(&mut open, "mira@calm.example", MOST_MEMBERS).unwrap_err();
    assert!(matches!(full, Refusal::LimitReached(_)));
    assert_eq!(open, invitation(S::Open));
    let (member, event) = accept(&mut open, "mira@calm.example", MOST_MEMBERS - 1).unwrap();
    let joined = Member::new(id(121), company(), id(21), "Mira".to_owned(), vec![Role::Bidder], later());
    assert_eq!((member, event.kind), (joined, "organisation.member_joined"));
    assert_eq!(event.confidential["invitedBy"], serde_json::json!(id::<UserId>(20)));
}

#[test]
fn who_joins_an_agency_is_vouched_for_from_that_day_on() {
    let city = organisation(agency(), OrganisationKind::Agency);
    let new = new("mira@calm.example", &[Role::Officer], None);
    let (mut open, _) = city.invite(id(40), &owner(agency()), new, 0, sent()).unwrap();
    let year = Some(TimeDelta::days(365));
    let (member, _) = open.accept(id(121), &city, 1, &user("mira@calm.example"), year, sent()).unwrap();
    assert_eq!(member.certified_until, Some(at("2027-06-01T08:00:00Z")));
}
