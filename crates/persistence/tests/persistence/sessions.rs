//! Who is asking: never from an ended session, never with a role that was taken away, never twice with one token.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Delegation, Membership, Organisation, OrganisationKind, Role, SessionId, UserId, administration::Person,
    member::Suspension,
};
use persistence::{
    Result, administration, delegations, erasure, lifecycle, members, organisations,
    sessions::{self, TokenUse},
};
use testing::{Backend, on_both};
use tokio::task::JoinSet;

use crate::support::{World, member, organisation, run, user};

const LIFE: TimeDelta = TimeDelta::hours(1);

/// A person with a session that lasts for an hour and its first refresh token, `token`.
fn log_in(world: &World) -> (UserId, SessionId, DateTime<Utc>) {
    world.write(|conn| {
        let (ada, now) = (user(conn, "ada")?, conn.now()?);
        let session = sessions::insert(conn, ada.id, &Default::default(), now, now + LIFE)?;
        sessions::insert_token(conn, session, "token", now)?;
        Ok((ada.id, session, now))
    })
}

fn use_token(world: &World, token: &'static str, now: DateTime<Utc>) -> TokenUse {
    world.write(move |conn| sessions::use_token(conn, token, now))
}

fn has_actor(world: &World, session: SessionId, now: DateTime<Utc>) -> bool {
    world.write(move |conn| sessions::actor(conn, session, now)).is_some()
}

/// An administrator keeps somebody out, or lets them in again; sessions stay.
fn suspend(world: &World, user: UserId, suspended_at: Option<DateTime<Utc>>) {
    world.write(move |conn| {
        let person = administration::person(conn, user)?;
        let suspension_reason = suspended_at.map(|_| "So.".to_owned());
        administration::update_person(conn, &Person { suspended_at, suspension_reason, ..person })
    });
}

/// Puts an account to sleep that was last used when it was made; sessions stay.
fn deactivate(world: &World, user: UserId, now: DateTime<Utc>) {
    let slept = world.write(move |conn| {
        let idle = lifecycle::idle(conn, now + LIFE, None, 10)?;
        let idle = idle.into_iter().find(|idle| idle.user == user);
        idle.map_or(Ok(false), |idle| lifecycle::deactivate(conn, &idle, now))
    });
    assert!(slept);
}

on_both! {
    fn of_many_uses_of_a_refresh_token_one_is_the_first(backend: Backend) {
        let world = World::new(backend);
        let (ada, session, now) = log_in(&world);
        let uses = run(async {
            let mut uses = JoinSet::new();
            for _ in 0..16 {
                let db = world.db.clone();
                uses.spawn(async move { db.write(move |conn| sessions::use_token(conn, "token", now)).await.unwrap() });
            }
            uses.join_all().await
        });
        assert_eq!(uses.iter().filter(|used| **used == TokenUse::Fresh(session, ada)).count(), 1);
        assert_eq!(uses.iter().filter(|used| **used == TokenUse::Reused(session)).count(), 15);
    }

    fn a_token_that_was_never_issued_is_unknown(backend: Backend) {
        let world = World::new(backend);
        let (_, _, now) = log_in(&world);
        assert_eq!(use_token(&world, "another", now), TokenUse::Unknown);
    }

    fn a_token_dies_with_its_session(backend: Backend) {
        let world = World::new(backend);
        let (_, session, now) = log_in(&world);
        world.write(move |conn| sessions::end(conn, session, "log-out", now));
        assert_eq!(use_token(&world, "token", now), TokenUse::Ended);
    }

    fn a_token_works_until_its_session_expires(backend: Backend) {
        let world = World::new(backend);
        let (ada, session, now) = log_in(&world);
        world.write(move |conn| sessions::insert_token(conn, session, "second", now));
        let last = now + LIFE - TimeDelta::microseconds(1);
        assert_eq!(use_token(&world, "token", last), TokenUse::Fresh(session, ada));
        assert_eq!(use_token(&world, "second", now + LIFE), TokenUse::Ended);
    }

    fn there_is_an_actor_until_the_session_expires(backend: Backend) {
        let world = World::new(backend);
        let (_, session, now) = log_in(&world);
        assert!(has_actor(&world, session, now + LIFE - TimeDelta::microseconds(1)));
        assert!(!has_actor(&world, session, now + LIFE));
    }

    fn an_ended_session_has_no_actor(backend: Backend) {
        let world = World::new(backend);
        let (ada, session, now) = log_in(&world);
        let other = world.write(move |conn| sessions::insert(conn, ada, &Default::default(), now, now + LIFE));
        world.write(move |conn| sessions::end(conn, session, "log-out", now));
        assert!(!has_actor(&world, session, now));
        assert!(has_actor(&world, other, now), "only that one ended");
    }

    /// Whoever is kept out has their sessions ended, too; were one left, or begun at the same moment, it would not count.
    fn who_is_suspended_deactivated_or_erased_has_no_session_whatever_the_rows_say(backend: Backend) {
        let world = World::new(backend);
        let (ada, session, now) = log_in(&world);
        for suspended_at in [Some(now), None] {
            suspend(&world, ada, suspended_at);
            assert_eq!(has_actor(&world, session, now), suspended_at.is_none());
        }
        deactivate(&world, ada, now);
        assert!(!has_actor(&world, session, now));
        let session = world.write(move |conn| {
            let bob = user(conn, "bob")?;
            erasure::erase(conn, &bob, &[], now)?;
            sessions::insert(conn, bob.id, &Default::default(), now, now + LIFE)
        });
        assert!(!has_actor(&world, session, now));
    }

    fn a_lent_role_counts_in_its_organisation_while_the_lender_holds_it_there(backend: Backend) {
        let world = World::new(backend);
        let (ada, session, now) = log_in(&world);
        let (town, city, lender) = world.write(move |conn| {
            let ada = persistence::accounts::find(conn, ada)?;
            let bob = user(conn, "bob")?;
            let town = organisation(conn, OrganisationKind::Agency, "Town")?;
            let city = organisation(conn, OrganisationKind::Agency, "City")?;
            member(conn, &town, &ada, &[])?;
            member(conn, &city, &ada, &[])?;
            member(conn, &town, &bob, &[Role::Officer])?;
            let lender = member(conn, &city, &bob, &[Role::Officer])?;
            let lent = Delegation {
                id: conn.new_id(),
                organisation: city.id,
                delegator: bob.id,
                delegate: ada.id,
                role: Role::Officer,
                reason: "Holiday.".to_owned(),
                starts_at: now,
                ends_at: now + LIFE,
                revoked_at: None,
                created_at: now,
            };
            delegations::insert(conn, &lent)?;
            Ok((town.id, city.id, lender))
        });
        let lent_in = || {
            let memberships = world.write(move |conn| sessions::actor(conn, session, now)).unwrap().memberships;
            let held = memberships.into_iter().filter(|membership| membership.roles.contains(&Role::Officer));
            held.map(|membership| membership.organisation).collect::<Vec<_>>()
        };
        assert!(town < city, "the other organisation comes first");
        assert_eq!(lent_in(), [city]);
        let bob = lender.user;
        for suspended_at in [Some(now), None] {
            suspend(&world, bob, suspended_at);
            assert_eq!(lent_in().is_empty(), suspended_at.is_some());
        }
        for suspension in [Some(Suspension { at: now, reason: "So.".to_owned() }), None] {
            let is_suspended = suspension.is_some();
            world.write(move |conn| {
                let found = organisations::find(conn, city)?;
                organisations::update(conn, &mut Organisation { suspension, ..found })
            });
            assert_eq!(lent_in().is_empty(), is_suspended, "nobody has a role in a suspended organisation");
        }
        let gone = lender.clone();
        world.write(move |conn| members::delete(conn, &gone));
        assert_eq!(lent_in(), [], "what the lender holds in another organisation does not count");
        world.write(move |conn| members::insert(conn, &lender));
        assert_eq!(lent_in(), [city]);
        deactivate(&world, bob, now);
        assert_eq!(lent_in(), []);
    }

    fn roles_are_those_of_this_very_moment(backend: Backend) {
        let world = World::new(backend);
        let (ada, session, now) = log_in(&world);
        let memberships = || world.write(move |conn| sessions::actor(conn, session, now)).unwrap().memberships;
        assert_eq!(memberships(), []);

        let mut member = world.write(move |conn| {
            let city = organisation(conn, OrganisationKind::Agency, "City")?;
            let ada = persistence::accounts::find(conn, ada)?;
            member(conn, &city, &ada, &[Role::Owner, Role::Author])
        });
        let organisation = member.organisation;
        assert_eq!(memberships(), [Membership::new(organisation, vec![Role::Author, Role::Owner])]);

        member.roles = Vec::new();
        let member = world.write(move |conn| -> Result<_> {
            members::update(conn, &mut member)?;
            Ok(member)
        });
        assert_eq!(memberships(), [Membership::new(organisation, Vec::new())], "a member without a role");

        world.write(move |conn| members::delete(conn, &member));
        assert_eq!(memberships(), []);
    }
}
