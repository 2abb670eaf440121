//! What solutions and challenges are found by is kept in step with what they say.

use crate::{
    solution_listings::solution,
    support::{World, scene},
};
use chrono::TimeDelta;
use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use domain::{
    ChallengeId,
    cpv::CpvCode,
    solution::{SolutionStatus, Topic},
};
use persistence::{challenges, solutions, solutions::Sight, topics};
use testing::{Backend, on_both};

fn execute(url: &str, statement: &str) {
    match url.strip_prefix("sqlite:") {
        Some(file) => SqliteConnection::establish(file).unwrap().batch_execute(statement).unwrap(),
        None => PgConnection::establish(url).unwrap().batch_execute(statement).unwrap(),
    }
}

/// The statement of the migration that looks at the challenges that are there already.
fn backfill(backend: Backend) -> &'static str {
    let script = match backend {
        Backend::Sqlite => include_str!("../../../../migrations/sqlite/2026-11-24-000075_solutions/up.sql"),
        Backend::Postgres => include_str!("../../../../migrations/postgres/2026-11-24-000075_solutions/up.sql"),
    };
    let from = script.find("INSERT INTO challenge_matching_topics").unwrap();
    script[from..].split_inclusive(';').next().unwrap()
}

/// A challenge with codes and tags, and one without.
fn challenges_with_topics(world: &World) -> (ChallengeId, ChallengeId) {
    world.write(|conn| {
        let scene = scene(conn)?;
        let (bare, mut challenge) = (scene.challenge.id, scene.challenge);
        (challenge.id, challenge.reference) = (conn.new_id(), "PRV-2026-ANOTHER0".to_owned());
        challenge.content.cpv_codes = ["72212000", "72000000"].map(|code| CpvCode::parse(code).unwrap()).into();
        challenge.content.tags = vec!["flood".to_owned(), "über".to_owned()];
        challenges::insert(conn, &challenge)?;
        Ok((challenge.id, bare))
    })
}

on_both! {
    fn challenges_that_were_there_before_are_found_after_the_migration(backend: Backend) {
        let world = World::new(backend);
        let (id, bare) = challenges_with_topics(&world);
        let kept = world.write(move |conn| topics::of_challenges(conn, &[id, bare]));
        let mut keys: Vec<_> = kept[&id].iter().map(Topic::key).collect();
        keys.sort();
        assert_eq!(keys, ["cpv:72000000", "cpv:72212000", "division:72", "tag:flood", "tag:über"]);
        assert!(!kept.contains_key(&bare));
        execute(&world.database.url, "DELETE FROM challenge_matching_topics");
        execute(&world.database.url, backfill(backend));
        assert_eq!(world.write(move |conn| topics::of_challenges(conn, &[id, bare])), kept);
    }

    fn a_solution_is_found_while_it_is_in_the_catalogue(backend: Backend) {
        let world = World::new(backend);
        world.write(|conn| {
            let scene = scene(conn)?;
            let (mut solution, flood) = (solution(conn, &scene)?, Topic::Tag("flood".to_owned()));
            let id = solution.id;
            let found = |conn: &mut persistence::Conn| topics::solutions_about(conn, &[&flood], &Sight::default(), 9);
            assert_eq!(found(conn)?, []);
            (solution.status, solution.published_at) =
                (SolutionStatus::Published, Some(scene.user.created_at + TimeDelta::days(1)));
            solutions::update(conn, &mut solution)?;
            assert_eq!(found(conn)?, [id]);
            (solution.status, solution.published_at) = (SolutionStatus::Withdrawn, None);
            solutions::update(conn, &mut solution)?;
            assert_eq!(found(conn)?, []);
            Ok(())
        });
    }
}
