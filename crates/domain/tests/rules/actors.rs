//! What a person may do because of who they are, and what auditors may look at.

use crate::records::{administrator, agency, company, id, member, organisation, owner, staff};
use domain::{
    Actor, AuditView, DelegatedRole, Membership, OrganisationId, OrganisationKind, Read, Refusal, Role, Subject,
};
use proptest::prelude::*;

fn auditor() -> Actor {
    Actor { auditor: true, ..Actor::new(id(91)) }
}

#[test]
fn roles_have_the_names_under_which_they_are_stored() {
    let names = Role::ALL.map(Role::as_str);
    let expected =
        ["owner", "author", "officer", "evaluator", "pilot_manager", "finance", "bidder", "auditor", "coordinator"];
    assert_eq!(names, expected);
    assert_eq!(names.map(Role::parse), Role::ALL.map(Some));
    assert_eq!(Role::parse("Owner"), None);
}

#[test]
fn a_role_counts_where_it_is_held_and_nowhere_else() {
    let actor = staff(10, &[Role::Author]);
    assert!(actor.belongs_to(agency()) && !actor.belongs_to(company()));
    assert!(actor.holds(Role::Author, agency()) && actor.holds_anywhere(Role::Author));
    assert_eq!(actor.require(Role::Author, agency()), Ok(()));
    assert_eq!(actor.require(Role::Author, company()), Err(Refusal::RoleMissing(Role::Author)));
    assert_eq!(actor.require(Role::Officer, agency()), Err(Refusal::RoleMissing(Role::Officer)));
    assert!(!actor.holds_anywhere(Role::Officer));
}

#[test]
fn running_or_auditing_the_platform_gives_no_role_in_an_organisation() {
    for actor in [administrator(), auditor()] {
        assert!(!actor.belongs_to(agency()));
        assert!(Role::ALL.into_iter().all(|role| !actor.holds(role, agency()) && !actor.holds_anywhere(role)));
    }
    assert_eq!(administrator().require_administrator(), Ok(()));
    for actor in [auditor(), owner(agency()), Actor::new(id(92))] {
        assert_eq!(actor.require_administrator(), Err(Refusal::AdministratorOnly));
    }
}

fn role() -> impl Strategy<Value = Role> {
    proptest::sample::select(Role::ALL.as_slice())
}

/// Members of up to three organisations, some of whose roles colleagues lent.
fn people() -> impl Strategy<Value = Actor> {
    let roles = || proptest::collection::vec(role(), 0..3);
    proptest::collection::btree_map(1_u128..=3, (roles(), roles()), 0..=3).prop_map(|memberships| {
        let one = |(organisation, (own, lent)): (u128, (Vec<Role>, Vec<Role>))| {
            let mut membership = Membership::new(id(organisation), own);
            lent.into_iter().for_each(|role| membership.lend(DelegatedRole { role, from: id(7) }));
            membership
        };
        Actor { memberships: memberships.into_iter().map(one).collect(), ..Actor::new(id(9)) }
    })
}

proptest! {
    #[test]
    fn acting_for_one_organisation_keeps_the_rights_there_and_no_others(actor in people(), chosen in 1_u128..=4) {
        let chosen: OrganisationId = id(chosen);
        let acting = actor.clone().acting_for(chosen);
        prop_assert_eq!(acting.is_ok(), actor.belongs_to(chosen));
        let Ok(acting) = acting else { return Ok(()) };
        for role in Role::ALL {
            prop_assert_eq!(acting.holds_anywhere(role), actor.holds(role, chosen));
            for organisation in (1..=4).map(id) {
                let kept = organisation == chosen && actor.holds(role, chosen);
                prop_assert_eq!(acting.holds(role, organisation), kept);
            }
        }
    }

    #[test]
    fn a_lent_role_is_held_once_and_always_told_apart(own in proptest::collection::vec(role(), 0..4), lent in role()) {
        let own: Vec<_> = std::collections::BTreeSet::from_iter(own).into_iter().collect();
        let mut membership = Membership::new(agency(), own.clone());
        let delegated = DelegatedRole { role: lent, from: id(7) };
        membership.lend(delegated);
        prop_assert_eq!(membership.roles.iter().filter(|role| **role == lent).count(), 1);
        prop_assert!(membership.roles.iter().all(|role| *role == lent || own.contains(role)));
        let actor = Actor { memberships: vec![membership], ..Actor::new(id(9)) };
        prop_assert_eq!(actor.delegated_in(agency()), [delegated]);
        prop_assert_eq!(actor.delegated_in(company()), []);
    }
}

#[test]
fn the_platform_is_audited_by_its_auditors_and_not_by_those_who_run_it() {
    assert_eq!(AuditView::of_platform(&auditor()), Ok(AuditView::Platform));
    for actor in [administrator(), staff(15, &[Role::Auditor]), owner(agency())] {
        assert_eq!(AuditView::of_platform(&actor), Err(Refusal::AuditorOnly), "{actor:?}");
    }
}

/// Who looks into which kind of organisation: an inside view, an outside one, or why not.
#[test]
fn an_organisation_is_audited_by_its_auditors_and_where_it_may_have_none_by_its_owners() {
    let inside = |organisation| Ok(AuditView::Organisation { id: organisation, member: true, bidder: false });
    let bidding = |organisation| Ok(AuditView::Organisation { id: organisation, member: true, bidder: true });
    let outside = |organisation| Ok(AuditView::Organisation { id: organisation, member: false, bidder: false });
    let (city, firm) = (agency(), company());
    let nobody = Refusal::NotFound("organisation");
    for (actor, of_city, of_firm) in [
        (auditor(), outside(city), outside(firm)),
        (Actor { auditor: true, ..owner(firm) }, outside(city), inside(firm)),
        (staff(15, &[Role::Auditor]), inside(city), Err(nobody.clone())),
        (owner(city), Err(Refusal::RoleMissing(Role::Auditor)), Err(nobody.clone())),
        (owner(firm), Err(nobody.clone()), inside(firm)),
        (member(22, firm, &[Role::Owner, Role::Bidder]), Err(nobody.clone()), bidding(firm)),
        (member(21, firm, &[Role::Bidder]), Err(nobody.clone()), Err(Refusal::RoleMissing(Role::Owner))),
        (administrator(), Err(nobody.clone()), Err(nobody.clone())),
        (Actor::new(id(92)), Err(nobody.clone()), Err(nobody.clone())),
    ] {
        let seen = |id, kind| AuditView::of_organisation(&actor, &organisation(id, kind));
        assert_eq!(seen(city, OrganisationKind::Agency), of_city, "{actor:?}");
        assert_eq!(seen(firm, OrganisationKind::Company), of_firm, "{actor:?}");
    }
}

#[test]
fn what_is_sealed_is_shown_to_insiders_and_every_look_at_others_is_logged() {
    let insider = AuditView::Organisation { id: company(), member: true, bidder: false };
    let outsider = AuditView::Organisation { id: company(), member: false, bidder: false };
    let oneself = AuditView::of_person(&auditor());
    assert_eq!(oneself, AuditView::Person(id(91)));
    assert!(insider.shows_sealed() && !insider.shows_drafts());
    let bidder = AuditView::Organisation { id: company(), member: true, bidder: true };
    assert!(bidder.shows_drafts());
    for view in [outsider, AuditView::Platform, oneself] {
        assert!(!view.shows_sealed() && !view.shows_drafts(), "{view:?}");
    }
    let logged = |subject, organisation| Some(Read { subject, organisation, person: None });
    for view in [insider, outsider] {
        assert_eq!(view.read(), logged(Subject::Organisation(company()), Some(company())));
    }
    assert_eq!(AuditView::Platform.read(), logged(Subject::Platform, None));
    assert_eq!(oneself.read(), None);
}

#[test]
fn who_looks_behind_the_public_side_of_an_organisation_is_on_record_there() {
    let firm = organisation(company(), OrganisationKind::Company);
    let expected = Read { subject: Subject::Organisation(company()), organisation: Some(company()), person: None };
    assert_eq!(firm.read(), expected);
}
