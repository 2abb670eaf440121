//! All or nothing, whoever else writes at the same moment.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::BigInt};
use domain::account::User;
use persistence::{Conn, Error, Result, accounts};
use testing::{Backend, on_both};
use tokio::task::JoinSet;

use crate::support::{World, email, gate, queued, run, user};

on_both! {
    fn a_failed_write_changes_nothing(backend: Backend) {
        let world = World::new(backend);
        let failed = world.try_write::<()>(|conn| {
            user(conn, "ada")?;
            Err(Error::NotFound)
        });
        assert!(matches!(failed, Err(Error::NotFound)), "{failed:?}");
        assert!(!world.has_user("ada"));
    }

    fn a_panic_changes_nothing_and_the_next_write_works(backend: Backend) {
        // One connection, so that the next write has the one of the panic.
        let world = World::with(backend, |options| options.connections = 1);
        let failed = world.try_write::<()>(|conn| {
            user(conn, "ada")?;
            panic!("on purpose");
        });
        assert!(matches!(failed, Err(Error::Corrupt(_))), "{failed:?}");
        world.write(|conn| user(conn, "bob"));
        assert!(!world.has_user("ada") && world.has_user("bob"));
    }

    /// PostgreSQL undoes a transaction in which a statement failed, and answers a `COMMIT` as if nothing were wrong.
    fn success_is_never_reported_for_what_was_undone(backend: Backend) {
        let world = World::new(backend);
        world.write(|conn| user(conn, "ada"));
        let answer = world.try_write(|conn| {
            user(conn, "bob")?;
            // Careless: the use case goes on.
            assert!(matches!(user(conn, "ada"), Err(Error::Duplicate(_))));
            Ok(())
        });
        assert_eq!(world.has_user("bob"), answer.is_ok(), "{answer:?}");
        assert!(matches!(answer, Ok(()) | Err(Error::Corrupt(_))), "{answer:?}");
        world.write(|conn| user(conn, "cleo"));
        assert!(world.has_user("cleo"));
    }

    fn each_success_is_visible_after_its_answer_and_no_failure_is(backend: Backend) {
        let world = World::new(backend);
        run(async {
            let mut writers = JoinSet::new();
            for n in 0..64 {
                let db = world.db.clone();
                writers.spawn(async move {
                    let succeeded = db.write(move |conn| write_or_fail(conn, n)).await.is_ok();
                    let email = email(&format!("writer-{n}"));
                    let stored = db.read(move |conn| accounts::find_by_email(conn, &email)).await.unwrap().is_some();
                    assert_eq!((succeeded, stored), (n % 4 == 0, n % 4 == 0), "writer {n}");
                });
            }
            writers.join_all().await;
        });
    }

    fn of_two_who_write_the_same_one_is_refused(backend: Backend) {
        let world = World::new(backend);
        let answers = run(async {
            let mut writers = JoinSet::new();
            for _ in 0..8 {
                let db = world.db.clone();
                writers.spawn(async move { db.write(|conn| user(conn, "ada")).await.map(|_| ()) });
            }
            writers.join_all().await
        });
        let refused = |answer: &&Result<()>| matches!(answer, Err(Error::Duplicate(name)) if name == "users_email_key");
        assert_eq!(answers.iter().filter(refused).count(), 7, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    }

    fn the_clock_is_the_machines_and_never_goes_backwards(backend: Backend) {
        let world = World::new(backend);
        let times = world.write(|conn| (0..1000).map(|_| conn.now()).collect::<Result<Vec<_>>>());
        assert!(times.is_sorted());
        assert!((times[999] - world.db.clock().now()).abs() < TimeDelta::seconds(1));
    }

    fn the_clock_can_be_moved(backend: Backend) {
        let world = World::new(backend);
        let before = world.write(Conn::now);
        world.db.clock().advance(TimeDelta::days(30));
        let moved = world.write(Conn::now) - before - TimeDelta::days(30);
        assert!((TimeDelta::zero()..TimeDelta::seconds(5)).contains(&moved), "{moved}");
        assert_eq!(world.db.clock().offset(), TimeDelta::days(30));
    }

    fn instants_are_kept_to_the_microsecond(backend: Backend) {
        let world = World::new(backend);
        let seconds = ["1969-12-31T23:59:59.999999", "2026-03-29T01:00:00.000001", "9999-12-31T23:59:59.123456"];
        for (n, instant) in seconds.map(|seconds| format!("{seconds}Z")).into_iter().enumerate() {
            let at: DateTime<Utc> = instant.parse().unwrap();
            let found = world.write(move |conn| {
                let ada = User { id: conn.new_id(), created_at: at, ..user(conn, &format!("ada-{n}"))? };
                let ada = User { email: email(&format!("eve-{n}")), ..ada };
                accounts::insert(conn, &ada)?;
                accounts::find(conn, ada.id)
            });
            assert_eq!(found.created_at, at);
        }
        let now = world.write(Conn::now);
        assert_eq!(now.timestamp_subsec_nanos() % 1000, 0, "what the clock says can be kept");
    }
}

/// Every fourth succeeds; the others add a row as well, and then fail in three ways.
fn write_or_fail(conn: &mut Conn, n: usize) -> Result<()> {
    user(conn, &format!("writer-{n}"))?;
    match n % 4 {
        0 => Ok(()),
        1 => Err(Error::NotFound),
        2 => user(conn, &format!("writer-{n}")).map(|_| ()),
        _ => panic!("on purpose"),
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What other connections see.
fn committed_users(file: &str) -> i64 {
    let mut other = SqliteConnection::establish(file).unwrap();
    sql_query("SELECT count(*) AS count FROM users").get_result::<Count>(&mut other).unwrap().count
}

#[test]
fn all_who_wait_share_one_commit() {
    let world = World::new(Backend::Sqlite);
    let file = world.database.url.strip_prefix("sqlite:").unwrap().to_owned();
    run(async {
        let ((gate, opener), db) = (gate(), world.db.clone());
        let wait = move |_: &mut Conn| {
            gate.wait();
            Ok::<_, Error>(())
        };
        let first = tokio::spawn(async move { db.write(wait).await });
        opener.arrived();
        let mut waiting = Vec::new();
        for n in 0..64 {
            let (db, file) = (world.db.clone(), file.clone());
            waiting.push(queued(async move { db.write(move |conn| join_group(conn, n, &file)).await }).await);
        }
        opener.open();
        first.await.unwrap().unwrap();
        for call in waiting {
            assert_eq!(call.await.unwrap(), 0, "saw another's work committed before its own");
        }
    });
    assert_eq!(committed_users(&file), 64);
}

/// Adds a person, and gives how many are committed at that moment.
fn join_group(conn: &mut Conn, n: usize, file: &str) -> Result<i64> {
    user(conn, &format!("writer-{n}"))?;
    Ok(committed_users(file))
}
