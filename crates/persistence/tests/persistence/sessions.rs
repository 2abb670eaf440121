//! Who is asking: never from an ended session, never with a role that was taken away, never twice with one token.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Membership, OrganisationKind, Role, SessionId, UserId};
use persistence::{
    Result, members,
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
