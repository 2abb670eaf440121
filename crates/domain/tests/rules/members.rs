//! What owners may do about members, and that no organisation loses its last owner.

use crate::records::{administrator, agency, at, company, fields, id, member, organisation, owner, staff};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, Event, Member, Organisation, OrganisationKind, Refusal, Result, Role,
    member::{CERTIFICATION_NOTICE, LAPSED, Suspension},
};
use proptest::prelude::*;

const YEAR: Option<TimeDelta> = Some(TimeDelta::days(365));

fn now() -> DateTime<Utc> {
    at("2026-06-01T08:00:00Z")
}

fn firm() -> Organisation {
    organisation(company(), OrganisationKind::Company)
}

fn city() -> Organisation {
    organisation(agency(), OrganisationKind::Agency)
}

fn person(user: u128, organisation: &Organisation, roles: &[Role]) -> Member {
    let name = format!("Person {user}");
    Member::new(id(100 + user), organisation.id, id(user), name, roles.to_vec(), at("2026-01-05T08:00:00Z"))
}

fn suspended(member: Member) -> Member {
    Member { suspension: Some(Suspension { at: now(), reason: "Left.".to_owned() }), ..member }
}

/// The actor is the owner that [`owner`] makes.
fn own_membership(organisation: &Organisation) -> Member {
    person(20, organisation, &[Role::Owner])
}

type Act = (&'static str, fn(&Actor, &mut Member) -> Result<Event>);

/// Everything that owners do to somebody else, who is a bidder.
const BY_OWNERS: [Act; 6] = [
    ("change roles", |actor, member| firm().change_roles(actor, member, &[], &[])),
    ("remove", |actor, member| firm().remove_member(actor, member, &[])),
    ("suspend", |actor, member| firm().suspend_member(actor, member, &[], "Left.", now())),
    ("reinstate", |actor, member| firm().reinstate_member(actor, member, YEAR, now())),
    ("recertify", |actor, member| firm().recertify_member(actor, member, &[], YEAR, now())),
    ("transfer", |actor, member| firm().transfer_ownership(actor, &mut own_membership(&firm()), member)),
];

#[test]
fn members_are_managed_by_owners_and_hidden_from_strangers() {
    for (name, act) in BY_OWNERS {
        let bidder = person(21, &firm(), &[Role::Bidder]);
        let made = if name == "reinstate" { suspended(bidder) } else { bidder };
        for (actor, refusal) in [
            (member(22, company(), &[Role::Bidder]), Refusal::RoleMissing(Role::Owner)),
            (member(22, company(), &[]), Refusal::RoleMissing(Role::Owner)),
            (owner(agency()), Refusal::NotFound("organisation")),
            (administrator(), Refusal::NotFound("organisation")),
        ] {
            let mut changed = made.clone();
            assert_eq!(act(&actor, &mut changed).unwrap_err(), refusal, "{name}");
            assert_eq!(changed, made, "{name}");
        }
        let event = act(&owner(company()), &mut made.clone()).unwrap();
        assert_eq!((event.organisation, event.public), (Some(company()), None), "{name}");
        assert_eq!(event.confidential["user"], serde_json::json!(made.user), "{name}");
    }
}

#[test]
fn members_see_each_other_and_nobody_else_does() {
    assert_eq!(firm().require_member(&member(22, company(), &[])), Ok(()));
    for actor in [owner(agency()), administrator(), Actor { auditor: true, ..Actor::new(id(91)) }] {
        assert_eq!(firm().require_member(&actor), Err(Refusal::NotFound("organisation")));
    }
}

#[test]
fn members_have_roles_that_exist_there_each_once() {
    let (boss, mut one) = (owner(company()), person(21, &firm(), &[]));
    for (roles, wrong) in [
        (vec![Role::Owner, Role::Bidder], vec![]),
        (vec![], vec![]),
        (vec![Role::Officer], vec![("/roles/0", "not_allowed")]),
        (vec![Role::Bidder, Role::Owner, Role::Bidder], vec![("/roles/2", "duplicate")]),
        (vec![Role::Bidder, Role::Finance, Role::Finance], {
            vec![("/roles/1", "not_allowed"), ("/roles/2", "not_allowed"), ("/roles/2", "duplicate")]
        }),
    ] {
        let before = one.roles.clone();
        let changed = firm().change_roles(&boss, &mut one, &[own_membership(&firm())], &roles);
        assert_eq!(one.roles, if wrong.is_empty() { roles } else { before });
        let told = changed.map_or_else(fields, |_| Vec::new());
        assert_eq!(told, wrong.into_iter().map(|(at, code)| (at.to_owned(), code)).collect::<Vec<_>>());
    }
}

#[test]
fn a_member_leaves_without_asking_and_the_last_active_owner_does_not() {
    let bidder = person(21, &firm(), &[Role::Bidder]);
    let event = firm().remove_member(&member(21, company(), &[Role::Bidder]), &bidder, &[]).unwrap();
    assert_eq!(event.kind, "organisation.member_removed");
    let outsider = firm().remove_member(&Actor::new(bidder.user), &bidder, &[]).unwrap_err();
    assert_eq!(outsider, Refusal::NotFound("organisation"), "a suspended member is none, and does not leave either");
    let (mine, boss) = (own_membership(&firm()), owner(company()));
    let other = person(22, &firm(), &[Role::Owner]);
    let away = Member { reachable: false, ..other.clone() };
    for (others, left) in [
        (vec![other.clone()], true),
        (vec![bidder.clone(), other.clone()], true),
        (vec![], false),
        (vec![bidder], false),
        (vec![suspended(other)], false),
        (vec![away], false),
    ] {
        let refusal = (!left).then_some(Refusal::LastOwner);
        assert_eq!(firm().remove_member(&boss, &mine, &others).err(), refusal);
        assert_eq!(firm().change_roles(&boss, &mut mine.clone(), &others, &[]).err(), refusal);
        assert_eq!(mine.clone().lapse(&others, now()).err(), refusal);
        assert!(firm().change_roles(&boss, &mut mine.clone(), &others, &[Role::Bidder, Role::Owner]).is_ok());
    }
}

#[test]
fn nobody_suspends_themself_or_the_suspended_and_a_reason_is_given() {
    let boss = owner(company());
    let themself = firm().suspend_member(&boss, &mut own_membership(&firm()), &[], "Tired.", now()).unwrap_err();
    assert_eq!(themself, Refusal::FourEyes("suspending a member"));
    let mut one = person(21, &firm(), &[Role::Bidder]);
    let blank = firm().suspend_member(&boss, &mut one, &[], " ", now()).unwrap_err();
    assert_eq!(fields(blank), [("/reason".to_owned(), "required")]);
    let event = firm().suspend_member(&boss, &mut one, &[], " Left. ", now()).unwrap();
    assert_eq!((event.kind, event.reason.as_deref()), ("organisation.member_suspended", Some("Left.")));
    assert_eq!(one, suspended(person(21, &firm(), &[Role::Bidder])));
    assert_eq!(firm().suspend_member(&boss, &mut one, &[], "Again.", now()).unwrap_err(), Refusal::AlreadyDone);
    assert_eq!(one.lapse(&[], now()).unwrap_err(), Refusal::AlreadyDone);
}

#[test]
fn whose_certification_lapses_is_suspended_for_that_reason() {
    let mut one = person(21, &city(), &[Role::Officer]);
    let event = one.lapse(&[], now()).unwrap();
    assert_eq!((event.kind, event.reason.as_deref()), ("organisation.member_suspended", Some(LAPSED)));
    assert_eq!(one.suspension, Some(Suspension { at: now(), reason: LAPSED.to_owned() }));
}

#[test]
fn who_is_suspended_or_unreachable_does_not_act_and_is_no_active_owner() {
    for roles in [vec![Role::Owner], vec![Role::Bidder]] {
        let one = person(21, &firm(), &roles);
        let owns = roles == [Role::Owner];
        assert_eq!((one.is_active(), one.is_active_owner()), (true, owns));
        let away = Member { reachable: false, ..one.clone() };
        for inactive in [suspended(one), suspended(away.clone()), away] {
            assert_eq!((inactive.is_active(), inactive.is_active_owner()), (false, false));
        }
    }
}

#[test]
fn a_suspended_member_is_let_in_again_and_vouched_for_and_an_active_one_is_not() {
    let boss = staff(20, &[Role::Owner]);
    let mut one = person(21, &city(), &[Role::Officer]);
    let active = city().reinstate_member(&boss, &mut one, YEAR, now()).unwrap_err();
    assert!(matches!(active, Refusal::WrongState { status: "active", .. }));
    let mut one = Member { certification_warned_at: Some(now()), ..suspended(one) };
    let refused = city().recertify_member(&boss, &mut one, &[], YEAR, now()).unwrap_err();
    assert!(matches!(refused, Refusal::WrongState { status: "suspended", .. }));
    city().reinstate_member(&boss, &mut one, YEAR, now()).unwrap();
    let certified_until = Some(at("2027-06-01T08:00:00Z"));
    assert_eq!(one, Member { certified_until, ..person(21, &city(), &[Role::Officer]) });
}

#[test]
fn agencies_alone_vouch_for_members_for_a_while() {
    for kind in OrganisationKind::ALL {
        let until = organisation(agency(), kind).certification(YEAR, now());
        assert_eq!(until, (kind == OrganisationKind::Agency).then(|| at("2027-06-01T08:00:00Z")), "{kind:?}");
    }
    assert_eq!(city().certification(None, now()), None);
}

#[test]
fn another_owner_vouches_for_an_owner_if_there_is_one() {
    let (boss, other) = (staff(20, &[Role::Owner]), person(22, &city(), &[Role::Owner]));
    for (others, alone) in [(vec![other.clone()], false), (vec![suspended(other)], true), (vec![], true)] {
        let mut mine = own_membership(&city());
        let vouched = city().recertify_member(&boss, &mut mine, &others, YEAR, now());
        assert_eq!(vouched.err(), (!alone).then_some(Refusal::FourEyes("vouching for an owner")));
        assert_eq!(mine.certified_until, alone.then(|| at("2027-06-01T08:00:00Z")));
    }
    let mut colleague = person(21, &city(), &[Role::Officer]);
    city().recertify_member(&boss, &mut colleague, &[own_membership(&city())], YEAR, now()).unwrap();
    assert_eq!(colleague.certified_until, Some(at("2027-06-01T08:00:00Z")));
}

#[test]
fn a_certification_is_due_thirty_days_before_its_end() {
    let until = |certified_until| Member { certified_until, ..person(21, &city(), &[]) };
    let microsecond = TimeDelta::microseconds(1);
    assert!(!until(None).certification_due(now()));
    assert!(!until(Some(now() + CERTIFICATION_NOTICE + microsecond)).certification_due(now()));
    assert!(until(Some(now() + CERTIFICATION_NOTICE)).certification_due(now()));
    assert!(until(Some(now() - microsecond)).certification_due(now()));
}

#[test]
fn ownership_passes_to_an_active_member_who_keeps_the_other_roles() {
    let boss = owner(company());
    let mut from = person(20, &firm(), &[Role::Owner, Role::Bidder]);
    for inactive in [
        suspended(person(21, &firm(), &[Role::Bidder])),
        Member { reachable: false, ..person(21, &firm(), &[Role::Bidder]) },
    ] {
        let refused = firm().transfer_ownership(&boss, &mut from, &mut inactive.clone()).unwrap_err();
        assert_eq!(fields(refused), [("/member".to_owned(), "not_active")]);
        assert_eq!(from.roles, [Role::Owner, Role::Bidder]);
    }
    let mut to = person(21, &firm(), &[Role::Bidder]);
    let event = firm().transfer_ownership(&boss, &mut from, &mut to).unwrap();
    assert_eq!((&*from.roles, &*to.roles), (&[Role::Bidder][..], &[Role::Owner, Role::Bidder][..]));
    assert_eq!(event.confidential, serde_json::json!({ "user": to.user, "from": from.user }));
    let (mut from, mut to) = (own_membership(&firm()), person(21, &firm(), &[Role::Owner]));
    firm().transfer_ownership(&boss, &mut from, &mut to).unwrap();
    assert_eq!((&*from.roles, &*to.roles), (&[][..], &[Role::Owner][..]));
}

/// A member who may be an owner, may be suspended, and may be away.
fn anybody() -> impl Strategy<Value = (bool, bool, bool)> {
    (any::<bool>(), any::<bool>(), any::<bool>())
}

/// Which act, and by and upon whom.
fn acts() -> impl Strategy<Value = Vec<(u8, usize, usize)>> {
    proptest::collection::vec((0_u8..6, 0_usize..4, 0_usize..4), 1..20)
}

/// Does the act, if it is allowed, to the member at `whom`; gives the members after it.
fn after(members: &[Member], act: u8, who: usize, whom: usize) -> Option<Vec<Member>> {
    let acting = members.get(who)?;
    let roles = if acting.is_active() { &*acting.roles } else { return None };
    let actor =
        Actor { memberships: vec![domain::Membership::new(company(), roles.to_vec())], ..Actor::new(acting.user) };
    let mut others = members.to_vec();
    let mut member = (whom < others.len()).then(|| others.remove(whom))?;
    match act {
        0 => firm().change_roles(&actor, &mut member, &others, &[]),
        1 => {
            firm().remove_member(&actor, &member, &others).ok()?;
            return Some(others);
        }
        2 => firm().suspend_member(&actor, &mut member, &others, "So.", now()),
        3 => firm().reinstate_member(&actor, &mut member, YEAR, now()),
        4 => member.lapse(&others, now()),
        _ => {
            let own = others.iter_mut().find(|other| other.user == actor.user)?;
            firm().transfer_ownership(&actor, own, &mut member)
        }
    }
    .ok()?;
    others.insert(whom, member);
    Some(others)
}

proptest! {
    #[test]
    fn whatever_members_do_in_whatever_order_an_active_owner_is_left(
        people in proptest::collection::vec(anybody(), 0..3),
        acts in acts(),
    ) {
        let made = |(user, (owns, is_suspended, away)): (u128, (bool, bool, bool))| {
            let roles: &[Role] = if owns { &[Role::Owner, Role::Bidder] } else { &[Role::Bidder] };
            let member = Member { reachable: !away, ..person(user, &firm(), roles) };
            if is_suspended { suspended(member) } else { member }
        };
        let others = (21..).zip(people).map(made);
        let mut members: Vec<_> = [own_membership(&firm())].into_iter().chain(others).collect();
        for (act, who, whom) in acts {
            members = after(&members, act, who, whom).unwrap_or(members);
            prop_assert!(members.iter().any(Member::is_active_owner), "{act} by {who} to {whom}");
        }
    }
}
