//! What can be found is what the challenges say now.

use domain::{
    Challenge, ChallengeStatus,
    discovery::{Filters, Search, closest},
};
use persistence::{
    Conn, Result, challenges,
    listings::{self, Expression, Order, Window},
    organisations, search_words,
};
use testing::{Backend, on_both};

use crate::support::{Scene, World, scene};

/// A scene whose challenge everybody may read.
fn public_scene(conn: &mut Conn) -> Result<Scene> {
    let mut scene = scene(conn)?;
    scene.challenge.status = ChallengeStatus::Published;
    scene.challenge.published_at = Some(conn.now()?);
    challenges::update(conn, &mut scene.challenge)?;
    Ok(scene)
}

fn hits(conn: &mut Conn, word: &str) -> Result<usize> {
    let wanted = Search::of(vec![word.to_owned()]).unwrap().words.remove(0);
    let expression = Expression(vec![wanted.stems.into_iter().chain([wanted.word]).collect()]);
    let counts = [false, true].map(|common| {
        let window = Window { upto: None, limit: 10, common };
        listings::hits(conn, &expression, &Filters::default(), window).map(|hits| hits.len())
    });
    let [one, other] = counts;
    let one = one?;
    assert_eq!(one, other?, "whichever way it is looked for");
    Ok(one)
}

fn documents(conn: &mut Conn, word: &str) -> Result<Option<i64>> {
    Ok(search_words::documents(conn, &[word.to_owned()])?.remove(word))
}

/// Makes the database as an earlier version of the program would have left it.
fn alter(world: &World, statement: &str) {
    use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
    match world.database.url.strip_prefix("sqlite:") {
        Some(file) => SqliteConnection::establish(file).unwrap().batch_execute(statement).unwrap(),
        None => PgConnection::establish(&world.database.url).unwrap().batch_execute(statement).unwrap(),
    }
}

on_both! {
    fn a_changed_text_is_found_by_its_new_words_only(backend: Backend) {
        let world = World::new(backend);
        world.write(|conn| {
            let mut scene = public_scene(conn)?;
            assert_eq!((hits(conn, "leaking")?, documents(conn, "leaking")?), (1, Some(1)));
            scene.challenge.content.title = "Clogged pipes".to_owned();
            challenges::update(conn, &mut scene.challenge)?;
            assert_eq!((hits(conn, "leaking")?, documents(conn, "leaking")?), (0, Some(0)));
            assert_eq!((hits(conn, "clogged")?, documents(conn, "clogged")?), (1, Some(1)));
            assert_eq!((hits(conn, "pipes")?, documents(conn, "pipes")?), (1, Some(1)));
            assert_eq!(search_words::challenges(conn)?, 1);
            assert!(search_words::beginning_with(conn, "leak", 10)?.is_empty());
            assert!(search_words::alike(conn, "leakinf", 10)?.is_empty());
            let alike = search_words::alike(conn, "clogges", 10)?;
            assert_eq!(closest("clogges", &alike).as_deref(), Some("clogged"));
            Ok(())
        });
    }

    fn what_is_not_listed_or_was_by_other_rules_is_listed_again(backend: Backend) {
        let world = World::new(backend);
        let challenge = world.write(|conn| Ok(public_scene(conn)?.challenge));
        assert!(world.write(|conn| listings::outdated(conn, None, 10)).is_empty());
        for (left_by_an_earlier_version, counted) in [
            ("UPDATE challenge_listings SET index_version = 0; UPDATE search_words SET index_version = 0", 1),
            ("DELETE FROM challenge_topics; DELETE FROM challenge_listings; DELETE FROM __challenge_words; DELETE FROM search_words", 1),
        ] {
            alter(&world, left_by_an_earlier_version);
            let id = challenge.id;
            world.write(move |conn| {
                let outdated = listings::outdated(conn, None, 10)?;
                assert_eq!(outdated.iter().map(|(_, id)| *id).collect::<Vec<_>>(), [id]);
                assert!(listings::outdated(conn, outdated.last().copied(), 10)?.is_empty());
                // Twice, as when two processes do it.
                listings::index_stored(conn, &[id])?;
                listings::index_stored(conn, &[id])?;
                listings::purge(conn)?;
                assert!(listings::outdated(conn, None, 10)?.is_empty());
                assert_eq!((hits(conn, "leaking")?, documents(conn, "leaking")?), (1, Some(counted)));
                assert_eq!(search_words::challenges(conn)?, counted);
                Ok(())
            });
        }
    }

    fn challenges_published_at_one_moment_have_places_of_their_own(backend: Backend) {
        let world = World::new(backend);
        let (ids, listed) = world.write(|conn| {
            let first = public_scene(conn)?.challenge;
            let others: Vec<_> = (0..3)
                .map(|n| Challenge { id: conn.new_id(), reference: format!("SAME-{n}"), ..first.clone() })
                .collect();
            challenges::insert_all(conn, &others[..2])?;
            challenges::insert_all(conn, &others[2..])?;
            let ids: Vec<_> = others.iter().rev().map(|challenge| challenge.id).chain([first.id]).collect();
            Ok((ids, listings::page(conn, &Filters::default(), Order::Newest(None), 10)?))
        });
        assert_eq!(listed.iter().map(|listed| listed.challenge).collect::<Vec<_>>(), ids);
    }

    fn an_agency_that_moves_takes_its_challenges_along(backend: Backend) {
        let world = World::new(backend);
        world.write(|conn| {
            let mut scene = public_scene(conn)?;
            scene.agency.country = "MT".to_owned();
            organisations::update(conn, &mut scene.agency)?;
            let malta = Filters { countries: vec!["MT".to_owned()], ..Filters::default() };
            assert_eq!(listings::page(conn, &malta, Order::Newest(None), 10)?.len(), 1);
            Ok(())
        });
    }
}
