//! The database is away: callers learn it soon and as what it is, and all is well when it is back.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use persistence::{Conn, Db, Error, Options, Result, accounts};
use testing::Cluster;
use tokio::task::JoinSet;

use crate::support::{email, gate, run, user};

/// How soon a caller must learn it: two seconds, and something for a crowded machine.
const SOON: Duration = Duration::from_millis(2_500);

/// After this long, an idle connection is tried before it is used: one second, and something more.
const TRUSTED: Duration = Duration::from_millis(1_100);

/// A server of the test's own, which it may stop, with a migrated database.
fn server() -> (Cluster, String) {
    let cluster = Cluster::start_private();
    cluster.create_database("outage", None);
    let url = cluster.url("outage");
    persistence::migrate(&url).unwrap();
    (cluster, url)
}

fn open(url: &str) -> Db {
    Db::open(&Options { connections: 4, ..Options::new(url) }).unwrap()
}

fn read(conn: &mut Conn) -> Result<()> {
    accounts::administrator_exists(conn).map(drop)
}

fn write(conn: &mut Conn) -> Result<()> {
    let id: domain::UserId = conn.new_id();
    user(conn, &format!("user-{id}")).map(drop)
}

/// Reads and writes at once, more than there are connections.
async fn calls(db: &Db) -> Vec<(Result<()>, Duration)> {
    let mut calls = JoinSet::new();
    for n in 0..16 {
        let db = db.clone();
        calls.spawn(async move {
            let begun = Instant::now();
            let result = if n % 2 == 0 { db.read(read).await } else { db.write(write).await };
            (result, begun.elapsed())
        });
    }
    calls.join_all().await
}

async fn assert_all_succeed(db: &Db) {
    for (result, _) in calls(db).await {
        result.unwrap();
    }
}

/// All fail, soon, as what they are: nobody is told of a fault in the program, and nobody waits.
async fn assert_all_fail(db: &Db) {
    for (result, took) in calls(db).await {
        assert!(matches!(result, Err(Error::Unavailable(_) | Error::Overloaded)), "{result:?}");
        assert!(took < SOON, "{took:?}");
    }
}

#[test]
fn a_crash_of_the_server_is_noticed_and_survived() {
    let (cluster, url) = server();
    let db = open(&url);
    run(async {
        assert_all_succeed(&db).await;
        cluster.stop_immediate();
        assert_all_fail(&db).await;
        assert_all_fail(&db).await;
        cluster.start_again();
        tokio::time::sleep(TRUSTED).await;
        assert_all_succeed(&db).await;
    });
}

/// Connections that were idle all along are found broken before somebody's work fails on them.
#[test]
fn a_restart_that_nobody_noticed_harms_nobody() {
    let (cluster, url) = server();
    let db = open(&url);
    run(async {
        assert_all_succeed(&db).await;
        cluster.stop_immediate();
        cluster.start_again();
        tokio::time::sleep(TRUSTED).await;
        assert_all_succeed(&db).await;
    });
}

/// The connection that one read failed on does not fail the next.
#[test]
fn a_broken_connection_is_given_up_at_once() {
    let (cluster, url) = server();
    let db = Db::open(&Options { connections: 1, ..Options::new(url) }).unwrap();
    run(async {
        db.read(read).await.unwrap();
        cluster.stop_immediate();
        db.read(read).await.unwrap_err();
        cluster.start_again();
        db.read(read).await.unwrap();
    });
}

#[test]
fn a_program_may_start_before_its_database() {
    let (cluster, url) = server();
    cluster.stop_immediate();
    let db = open(&url);
    run(async {
        assert_all_fail(&db).await;
        cluster.start_again();
        assert_all_succeed(&db).await;
    });
}

/// When the server goes between the last statement and the commit, nobody can say what became of it, and nobody says
/// that it succeeded.
#[test]
fn a_write_cut_off_before_its_commit_is_not_a_success() {
    let (cluster, url) = server();
    let db = open(&url);
    run(async {
        let (gate, opener) = gate();
        let writer = db.clone();
        let cut_off = tokio::spawn(async move {
            let done = writer.write(move |conn| {
                user(conn, "ada")?;
                gate.wait();
                Ok::<_, Error>(())
            });
            done.await
        });
        opener.arrived();
        cluster.stop_immediate();
        opener.open();
        let answer = cut_off.await.unwrap();
        assert!(matches!(answer, Err(Error::OutcomeUnknown(_))), "{answer:?}");
        cluster.start_again();
        assert_eq!(db.read(|conn| accounts::find_by_email(conn, &email("ada"))).await.unwrap(), None);
    });
}

/// A statement that fails because the server goes is told apart from an unknown outcome: nothing was committed.
#[test]
fn a_write_cut_off_in_the_middle_changed_nothing() {
    let (cluster, url) = server();
    let db = open(&url);
    run(async {
        let (gate, opener) = gate();
        let writer = db.clone();
        let cut_off = tokio::spawn(async move {
            let done = writer.write(move |conn| {
                user(conn, "ada")?;
                gate.wait();
                user(conn, "bob").map(drop)
            });
            done.await
        });
        opener.arrived();
        cluster.stop_immediate();
        opener.open();
        let answer = cut_off.await.unwrap();
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
        cluster.start_again();
        assert_eq!(db.read(|conn| accounts::find_by_email(conn, &email("ada"))).await.unwrap(), None);
    });
}

/// It accepts connections, as a machine does whose program hangs, and never says a word.
#[test]
fn a_server_that_never_answers_is_given_up_on() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let db = open(&format!("postgres://{}/x", silent.local_addr().unwrap()));
    run(async {
        assert_all_fail(&db).await;
        assert_all_fail(&db).await;
    });
}
