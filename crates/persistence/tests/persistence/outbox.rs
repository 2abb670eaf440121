//! Mails: each taken by one worker at a time, none forgotten.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{Bool, Integer, Nullable, Text},
};
use domain::MailId;
use persistence::{
    Conn, Result,
    outbox::{self, Waiting},
};
use serde_json::json;
use testing::{Backend, on_both};
use tokio::task::JoinSet;

use crate::support::{World, run, user};

const LEASE: TimeDelta = TimeDelta::minutes(5);

/// What the table says about the only mail in it.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Stored {
    #[diesel(sql_type = Text)]
    message: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Bool)]
    waits: bool,
    #[diesel(sql_type = Bool)]
    sent: bool,
    #[diesel(sql_type = Bool)]
    failed: bool,
    #[diesel(sql_type = Nullable<Text>)]
    last_error: Option<String>,
}

fn stored(world: &World) -> Stored {
    let query = sql_query(
        "SELECT CAST(message AS text) AS message, attempts, next_attempt_at IS NOT NULL AS waits,
                sent_at IS NOT NULL AS sent, failed_at IS NOT NULL AS failed, last_error FROM outbox_mails",
    );
    match world.database.url.strip_prefix("sqlite:") {
        Some(file) => query.get_result(&mut SqliteConnection::establish(file).unwrap()),
        None => query.get_result(&mut PgConnection::establish(&world.database.url).unwrap()),
    }
    .unwrap()
}

/// Writes mails that are due, and says since when.
fn enqueue(world: &World, number: usize) -> DateTime<Utc> {
    world.write(move |conn| {
        let (now, ada) = (conn.now()?, user(conn, "ada")?);
        for n in 0..number {
            let message = json!({ "number": n, "link": "https://example.org/secret" });
            outbox::enqueue(conn, &ada.name, &ada.email, message, now)?;
        }
        Ok(now)
    })
}

fn lease(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Waiting>> {
    outbox::lease(conn, now, now + LEASE, 10)
}

/// Takes the only mail there is.
fn lease_one(world: &World, now: DateTime<Utc>) -> Waiting {
    let (any, mut mails) = world.write(move |conn| Ok((outbox::any_due(conn, now)?, lease(conn, now)?)));
    assert_eq!((any, mails.len()), (true, 1));
    mails.remove(0)
}

fn nothing_is_due(world: &World, now: DateTime<Utc>) -> bool {
    let (any, taken) = world.write(move |conn| Ok((outbox::any_due(conn, now)?, lease(conn, now)?)));
    assert_eq!(any, !taken.is_empty());
    taken.is_empty()
}

on_both! {
    fn each_mail_is_taken_once_by_many_workers(backend: Backend) {
        let world = World::new(backend);
        let now = enqueue(&world, 100);
        let taken: HashMap<MailId, usize> = run(async {
            let mut workers = JoinSet::new();
            for _ in 0..8 {
                let db = world.db.clone();
                workers.spawn(async move {
                    let mut mine = Vec::new();
                    // A worker may find nothing while others hold what is left: several rounds.
                    for _ in 0..20 {
                        mine.extend(db.write(move |conn| outbox::lease(conn, now, now + LEASE, 3)).await.unwrap());
                    }
                    mine
                });
            }
            let mut taken = HashMap::new();
            for mail in workers.join_all().await.into_iter().flatten() {
                *taken.entry(mail.id).or_default() += 1;
            }
            taken
        });
        assert_eq!(taken.len(), 100);
        assert!(taken.values().all(|times| *times == 1));
    }

    fn a_mail_says_what_was_written(backend: Backend) {
        let world = World::new(backend);
        let now = enqueue(&world, 1);
        let mail = lease_one(&world, now);
        assert_eq!((mail.recipient_name.as_str(), mail.recipient_address.as_str()), ("ada", "ada@example.org"));
        assert_eq!(mail.message, json!({ "number": 0, "link": "https://example.org/secret" }));
        assert_eq!((mail.created_at, mail.attempts), (now, 0));
    }

    fn a_lease_that_ran_out_is_taken_again(backend: Backend) {
        let world = World::new(backend);
        let now = enqueue(&world, 1);
        let first = lease_one(&world, now);
        assert!(nothing_is_due(&world, now + LEASE - TimeDelta::microseconds(1)));
        assert_eq!(lease_one(&world, now + LEASE).id, first.id);
    }

    fn what_was_sent_is_wiped_and_never_sent_again(backend: Backend) {
        let world = World::new(backend);
        let now = enqueue(&world, 1);
        let id = lease_one(&world, now).id;
        world.write(move |conn| outbox::sent(conn, id, now));
        assert!(nothing_is_due(&world, now + TimeDelta::days(365)));
        let message = "null".to_owned();
        let expected = Stored { message, attempts: 1, waits: false, sent: true, failed: false, last_error: None };
        assert_eq!(stored(&world), expected);
    }

    fn a_failure_is_tried_again_at_the_time_given(backend: Backend) {
        let world = World::new(backend);
        let now = enqueue(&world, 1);
        let (id, next) = (lease_one(&world, now).id, now + TimeDelta::minutes(1));
        world.write(move |conn| outbox::failed(conn, id, "greylisted", Some(next), now));
        assert!(nothing_is_due(&world, next - TimeDelta::microseconds(1)));
        assert_eq!(lease_one(&world, next).attempts, 1);
        let after = stored(&world);
        assert!(after.waits && !after.failed && !after.sent);
        assert_eq!(after.last_error.as_deref(), Some("greylisted"));
    }

    fn a_final_failure_is_kept_and_not_tried_again(backend: Backend) {
        let world = World::new(backend);
        let now = enqueue(&world, 1);
        let id = lease_one(&world, now).id;
        world.write(move |conn| outbox::failed(conn, id, "no such mailbox", None, now));
        assert!(nothing_is_due(&world, now + TimeDelta::days(365)));
        let after = stored(&world);
        assert!(after.failed && !after.waits && !after.sent && after.message.contains("secret"));
    }

    /// A worker so slow that its lease ran out reports after the one who took over.
    fn a_late_failure_does_not_revive_what_was_sent(backend: Backend) {
        let world = World::new(backend);
        let now = enqueue(&world, 1);
        let id = lease_one(&world, now).id;
        let later = now + LEASE;
        lease_one(&world, later);
        world.write(move |conn| outbox::sent(conn, id, later));
        world.write(move |conn| outbox::failed(conn, id, "timed out", Some(later), later));
        assert!(nothing_is_due(&world, later + TimeDelta::days(1)));
        assert!(stored(&world).sent);
    }
}
