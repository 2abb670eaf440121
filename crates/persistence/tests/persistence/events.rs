//! The public feed omits nothing and repeats nothing, however many write, number and read at once (guarantee G12).

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::Duration,
};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{BigInt, Nullable},
};
use domain::{Event, EventId, Subject, UserId};
use persistence::{
    Conn, Db, Error, Result,
    events::{self, Origin, PublicEvent, any_unsequenced, public_after, sequence},
};
use serde_json::json;
use testing::{Backend, on_both};
use tokio::task::JoinSet;

use crate::support::{World, gate, random, run};

const WRITERS: u64 = 32;
const READERS: u64 = 4;

#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Positions {
    #[diesel(sql_type = Nullable<BigInt>)]
    position: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    public_position: Option<i64>,
}

/// The positions of all events, confidential ones too, in the order in which they were given.
fn positions(url: &str) -> Vec<Positions> {
    let query = sql_query("SELECT position, public_position FROM events ORDER BY position");
    match url.strip_prefix("sqlite:") {
        Some(file) => query.load(&mut SqliteConnection::establish(file).unwrap()),
        None => query.load(&mut PgConnection::establish(url).unwrap()),
    }
    .unwrap()
}

/// Every event has a position and every public one a public position, both 1, 2, 3 and so on.
fn assert_numbered(url: &str, all: usize, public: usize) {
    let positions = positions(url);
    let numbers = |count: usize| (1..=i64::try_from(count).unwrap()).collect::<Vec<_>>();
    assert_eq!(positions.iter().map(|row| row.position.unwrap()).collect::<Vec<_>>(), numbers(all));
    assert_eq!(positions.iter().filter_map(|row| row.public_position).collect::<Vec<_>>(), numbers(public));
}

fn record(conn: &mut Conn, public: bool) -> Result<EventId> {
    let (user, now) = (conn.new_id::<UserId>(), conn.now()?);
    let mut event = Event::confidential("user.tested", Subject::User(user), None);
    event.public = public.then(|| json!({ "user": user }));
    events::record(conn, Origin { actor: None, request_id: "test" }, now, event)
}

/// Records a few events, a transaction each, which stays open for a while; every fifth is rolled back. Gives the public
/// ones that were committed, and how many were committed in all.
async fn write_events(db: Db, seed: u64, pause: bool) -> (Vec<EventId>, usize) {
    let (mut public, mut committed) = (Vec::new(), 0);
    for number in random(seed, 1_000_000).take(8) {
        let (is_public, fails) = (number % 3 != 0, number % 5 == 0);
        let written = db.write(move |conn| {
            let id = record(conn, is_public)?;
            if pause {
                sleep(Duration::from_micros(number % 20_000));
            }
            if fails { Err(Error::NotFound) } else { Ok(id) }
        });
        match written.await {
            Ok(id) => {
                committed += 1;
                public.extend(is_public.then_some(id));
            }
            Err(error) => assert!(fails, "{error}"),
        }
    }
    (public, committed)
}

/// Numbers, as each process does in the background, until told to stop.
async fn keep_sequencing(db: Db, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        db.write(sequence).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Follows the public feed from its beginning, page by page, until told to stop and nothing more comes.
async fn follow(db: Db, page: i64, stop: Arc<AtomicBool>) -> Vec<PublicEvent> {
    let mut seen: Vec<PublicEvent> = Vec::new();
    loop {
        let last_round = stop.load(Ordering::SeqCst);
        let after = seen.last().map_or(0, |event| event.position);
        let events = db.read(move |conn| public_after(conn, after, page)).await.unwrap();
        assert!(events.iter().all(|event| event.position > after), "the feed goes back");
        if events.is_empty() && last_round {
            return seen;
        }
        if events.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        seen.extend(events);
    }
}

on_both! {
    fn every_reader_sees_every_public_event_once_and_in_the_same_order(backend: Backend) {
        // A connection for each writer, or they would commit in the order in which they begin.
        let connections = if backend == Backend::Postgres { 32 } else { 4 };
        let world = World::with(backend, |options| options.connections = connections);
        let (stop, stop_reading) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (written, feeds) = run(async {
            let (mut writers, mut sequencers, mut readers) = (JoinSet::new(), JoinSet::new(), JoinSet::new());
            for seed in 1..=WRITERS {
                writers.spawn(write_events(world.db.clone(), seed, backend == Backend::Postgres));
            }
            for page in 1..=READERS {
                readers.spawn(follow(world.another_process(), 2 * i64::try_from(page).unwrap(), stop_reading.clone()));
            }
            for _ in 0..2 {
                sequencers.spawn(keep_sequencing(world.another_process(), stop.clone()));
            }
            let written = writers.join_all().await;
            stop.store(true, Ordering::SeqCst);
            sequencers.join_all().await;
            world.db.write(sequence).await.unwrap();
            stop_reading.store(true, Ordering::SeqCst);
            (written, readers.join_all().await)
        });
        let public: BTreeSet<EventId> = written.iter().flat_map(|(public, _)| public).copied().collect();
        let all: usize = written.iter().map(|(_, committed)| committed).sum();
        assert!(public.len() > 100 && all > public.len() + 50, "{} of {all}", public.len());
        assert_numbered(&world.database.url, all, public.len());
        for feed in &feeds {
            assert!(feed.iter().map(|event| event.position).eq(1..=i64::try_from(public.len()).unwrap()));
            assert_eq!(feed.iter().map(|event| event.id).collect::<BTreeSet<_>>(), public);
            assert_eq!(feed, &feeds[0]);
        }
    }

    fn two_sequencers_never_give_a_number_twice(backend: Backend) {
        let world = World::new(backend);
        let other = world.another_process();
        world.write(|conn| (0..200).map(|n| record(conn, n % 2 == 0)).collect::<Result<Vec<_>>>());
        run(async {
            let mut sequencers = JoinSet::new();
            for n in 0..16 {
                let db = if n % 2 == 0 { world.db.clone() } else { other.clone() };
                sequencers.spawn(async move { db.write(sequence).await.unwrap() });
            }
            sequencers.join_all().await;
        });
        assert_numbered(&world.database.url, 200, 100);
    }

    fn what_waits_is_numbered_a_thousand_at_a_time(backend: Backend) {
        let world = World::new(backend);
        world.write(|conn| (0..1001).map(|_| record(conn, false)).collect::<Result<Vec<_>>>());
        assert!(world.write(sequence), "there is more");
        assert!(world.write(any_unsequenced));
        assert!(!world.write(sequence), "that was all");
        assert!(!world.write(any_unsequenced));
        assert_numbered(&world.database.url, 1001, 0);
    }

    fn the_feed_holds_what_was_made_public_and_nothing_else(backend: Backend) {
        let world = World::new(backend);
        let (id, now, user) = world.write(|conn| {
            let (user, now) = (conn.new_id::<UserId>(), conn.now()?);
            let event = Event::public("user.tested", Subject::User(user), None, json!({ "n": 1 }));
            let event = event.with(json!({ "secret": true })).because("to see");
            record(conn, false)?;
            let id = events::record(conn, Origin { actor: None, request_id: "test" }, now, event)?;
            sequence(conn)?;
            Ok((id, now, user))
        });
        let expected = PublicEvent {
            id,
            position: 1,
            kind: "user.tested".to_owned(),
            occurred_at: now,
            organisation: None,
            subject_kind: "user".to_owned(),
            subject_id: user.0,
            payload: json!({ "n": 1 }),
            reason: Some("to see".to_owned()),
        };
        assert_eq!(world.write(|conn| public_after(conn, 0, 10)), [expected]);
    }
}

/// A transaction that begins first may commit last: the feed must neither wait for it nor lose it. SQLite has one writer.
#[test]
fn an_event_that_commits_late_comes_late() {
    let world = World::new(Backend::Postgres);
    let ids = |feed: Vec<PublicEvent>| feed.into_iter().map(|event| event.id).collect::<Vec<_>>();
    run(async {
        let ((gate, opener), db) = (gate(), world.db.clone());
        let hesitate = move |conn: &mut Conn| {
            let id = record(conn, true)?;
            gate.wait();
            Ok::<_, Error>(id)
        };
        let late = tokio::spawn(async move { db.write(hesitate).await });
        opener.arrived();
        let early = world.db.write(|conn| record(conn, true)).await.unwrap();
        world.db.write(sequence).await.unwrap();
        assert_eq!(ids(world.db.read(|conn| public_after(conn, 0, 10)).await.unwrap()), [early]);
        opener.open();
        let late = late.await.unwrap().unwrap();
        world.db.write(sequence).await.unwrap();
        assert_eq!(ids(world.db.read(|conn| public_after(conn, 0, 10)).await.unwrap()), [early, late]);
    });
}
