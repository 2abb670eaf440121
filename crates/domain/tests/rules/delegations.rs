//! Who lends which role to whom, for how long, and who ends it.

use crate::records::{administrator, agency, at, company, fields, id, member, organisation, owner, staff};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, Delegation, Event, Member, Organisation, OrganisationKind, Refusal, Result, Role,
    delegation::{EARLIEST, LONGEST, MOST_DELEGATIONS, NewDelegation},
    member::Suspension,
};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

fn now() -> DateTime<Utc> {
    at("2026-06-01T08:00:00Z")
}

fn city() -> Organisation {
    organisation(agency(), OrganisationKind::Agency)
}

fn person(user: u128, roles: &[Role]) -> Member {
    Member::new(id(100 + user), agency(), id(user), format!("Person {user}"), roles.to_vec(), now())
}

fn suspended(member: Member) -> Member {
    Member { suspension: Some(Suspension { at: now(), reason: "Left.".to_owned() }), ..member }
}

/// The officer who lends, and the colleague.
fn officer() -> Member {
    person(11, &[Role::Officer, Role::Owner])
}

fn colleague() -> Member {
    person(12, &[Role::Author])
}

fn a_week() -> NewDelegation {
    let (role, reason) = (Role::Officer, "Holiday.".to_owned());
    NewDelegation { role, from: now(), until: now() + TimeDelta::days(7), reason }
}

fn delegate(actor: &Actor, from: &Member, to: &Member, new: NewDelegation) -> Result<(Delegation, Event)> {
    city().delegate(id(50), actor, (from, to), new, 0, now())
}

#[test]
fn people_lend_what_they_hold_and_owners_arrange_it_for_the_absent() {
    for (actor, refusal) in [
        (staff(11, &[Role::Officer]), None),
        (owner(agency()), None),
        (staff(12, &[Role::Author]), Some(Refusal::RoleMissing(Role::Owner))),
        (member(11, company(), &[Role::Owner]), Some(Refusal::NotFound("organisation"))),
        (administrator(), Some(Refusal::NotFound("organisation"))),
    ] {
        assert_eq!(delegate(&actor, &officer(), &colleague(), a_week()).err(), refusal, "{actor:?}");
    }
    let (lent, event) = delegate(&owner(agency()), &officer(), &colleague(), a_week()).unwrap();
    assert_eq!((lent.delegator, lent.delegate, lent.role), (id(11), id(12), Role::Officer));
    assert_eq!((event.kind, event.reason.as_deref()), ("organisation.role_delegated", Some("Holiday.")));
    assert_eq!((event.public, event.organisation), (None, Some(agency())));
    assert_eq!(event.confidential["from"], serde_json::json!(lent.delegator));
}

#[test]
fn only_a_role_that_the_one_holds_and_the_other_does_not_is_lent_between_active_members() {
    let away = |member: Member| Member { reachable: false, ..member };
    let second = person(12, &[Role::Officer]);
    let ownership = NewDelegation { role: Role::Owner, ..a_week() };
    let finance = NewDelegation { role: Role::Finance, ..a_week() };
    for (from, to, new, wrong) in [
        (officer(), colleague(), ownership, ("/role", "not_allowed")),
        (officer(), colleague(), finance, ("/role", "not_held")),
        (suspended(officer()), colleague(), a_week(), ("/role", "not_held")),
        (away(officer()), colleague(), a_week(), ("/role", "not_held")),
        (officer(), officer(), a_week(), ("/delegate", "not_allowed")),
        (officer(), suspended(colleague()), a_week(), ("/delegate", "not_active")),
        (officer(), away(colleague()), a_week(), ("/delegate", "not_active")),
        (officer(), second, a_week(), ("/delegate", "already_held")),
        (officer(), colleague(), NewDelegation { reason: " ".into(), ..a_week() }, ("/reason", "required")),
        (officer(), colleague(), NewDelegation { reason: "x".repeat(1001), ..a_week() }, ("/reason", "too_long")),
    ] {
        let refused = delegate(&owner(agency()), &from, &to, new).unwrap_err();
        assert_eq!(fields(refused), [(wrong.0.to_owned(), wrong.1)]);
    }
}

/// From when and until when, seen from now, and what is wrong with it.
#[test]
fn a_role_is_lent_for_92_days_at_most_and_planned_a_year_ahead_at_most() {
    let (zero, day) = (TimeDelta::zero(), TimeDelta::days(1));
    for (from, until, wrong) in [
        (zero, LONGEST, None),
        (zero, LONGEST + MICROSECOND, Some("/until")),
        (-day, LONGEST, None),
        (-day, LONGEST + MICROSECOND, Some("/until")),
        (EARLIEST, EARLIEST + LONGEST, None),
        (EARLIEST + MICROSECOND, EARLIEST + day, Some("/from")),
        (zero, MICROSECOND, None),
        (zero, zero, Some("/until")),
        (-day, zero, Some("/until")),
        (day, day - MICROSECOND, Some("/until")),
    ] {
        let new = NewDelegation { from: now() + from, until: now() + until, ..a_week() };
        let made = delegate(&owner(agency()), &officer(), &colleague(), new);
        match (made, wrong) {
            (Ok((lent, _)), None) => {
                assert_eq!((lent.starts_at, lent.ends_at), (now() + from.max(zero), now() + until));
            }
            (Err(refusal), Some(pointer)) => {
                assert_eq!(fields(refusal), [(pointer.to_owned(), "out_of_range")], "{from} {until}");
            }
            (made, _) => panic!("{from} {until}: {made:?}"),
        }
    }
}

#[test]
fn two_hundred_delegations_run_or_are_planned_at_most() {
    let lend =
        |running| city().delegate(id(50), &owner(agency()), (&officer(), &colleague()), a_week(), running, now());
    assert!(lend(MOST_DELEGATIONS - 1).is_ok());
    assert!(matches!(lend(MOST_DELEGATIONS), Err(Refusal::LimitReached(_))));
}

#[test]
fn either_of_the_two_or_an_owner_ends_a_delegation_and_nobody_else() {
    let (lent, _) = delegate(&owner(agency()), &officer(), &colleague(), a_week()).unwrap();
    for (actor, refusal) in [
        (staff(11, &[]), None),
        (staff(12, &[]), None),
        (owner(agency()), None),
        (staff(13, &[Role::Officer]), Some(Refusal::RoleMissing(Role::Owner))),
        (member(11, company(), &[Role::Owner]), Some(Refusal::NotFound("organisation"))),
        (administrator(), Some(Refusal::NotFound("organisation"))),
    ] {
        let mut changed = lent.clone();
        assert_eq!(city().revoke_delegation(&actor, &mut changed, now()).err(), refusal, "{actor:?}");
        assert_eq!(changed.revoked_at, refusal.is_none().then(now));
    }
}

#[test]
fn a_delegation_is_ended_once_and_before_its_end() {
    let (lent, _) = delegate(&owner(agency()), &officer(), &colleague(), a_week()).unwrap();
    let revoke = |lent: &mut Delegation, now| city().revoke_delegation(&owner(agency()), lent, now).map(|e| e.kind);
    let mut running = lent.clone();
    let last = lent.ends_at - MICROSECOND;
    assert_eq!(revoke(&mut running, last), Ok("organisation.delegation_revoked"));
    assert_eq!(revoke(&mut running, last), Err(Refusal::AlreadyDone));
    assert_eq!(revoke(&mut lent.clone(), lent.ends_at), Err(Refusal::AlreadyDone));
}
