//! A repeated request has the effect of one.

use chrono::TimeDelta;
use persistence::{
    Conn, Db, Error, Result,
    idempotency::{Claim, LIFETIME, Owner, Stored, claim, purge, store},
};
use testing::{Backend, on_both};
use tokio::task::JoinSet;

use crate::support::{World, gate, run, user};

fn answer() -> Stored {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Stored {
        status: 201,
        headers: vec![header("Location", "/bids/1"), header("Link", "<b>"), header("Link", "<a>")],
        body: "{\"z\":1.0,  \"a\":\"é\u{1f600}\\u0000\"}\r\n".to_owned(),
    }
}

fn claim_now(conn: &mut Conn, owner: Owner, key: &str, hash: &str) -> Result<Claim> {
    let now = conn.now()?;
    claim(conn, owner, key, hash, now)
}

fn an_owner(world: &World) -> Owner {
    world.write(|conn| Ok(Owner::Person(conn.new_id())))
}

/// Claims as a use case does: a new key gets its answer in the same transaction.
fn use_case(conn: &mut Conn, owner: Owner) -> Result<Claim> {
    let claimed = claim_now(conn, owner, "key", "hash")?;
    if claimed == Claim::New {
        store(conn, owner, "key", &answer())?;
    }
    Ok(claimed)
}

fn spawn_second(db: &Db, owner: Owner) -> tokio::task::JoinHandle<Result<Claim>> {
    let db = db.clone();
    tokio::spawn(async move { db.write(move |conn| use_case(conn, owner)).await })
}

on_both! {
    fn the_answer_comes_back_byte_for_byte(backend: Backend) {
        let world = World::new(backend);
        let owner = an_owner(&world);
        assert_eq!(world.write(move |conn| use_case(conn, owner)), Claim::New);
        assert_eq!(world.write(move |conn| use_case(conn, owner)), Claim::Answered(answer()));
    }

    fn another_request_with_the_key_is_told_apart(backend: Backend) {
        let world = World::new(backend);
        let owner = an_owner(&world);
        world.write(move |conn| use_case(conn, owner));
        assert_eq!(world.write(move |conn| claim_now(conn, owner, "key", "another hash")), Claim::Mismatch);
        assert_eq!(world.write(move |conn| claim_now(conn, owner, "another key", "hash")), Claim::New);
    }

    fn keys_are_private_to_their_owner(backend: Backend) {
        let world = World::new(backend);
        let (one, other) = (an_owner(&world), an_owner(&world));
        assert_eq!(world.write(move |conn| use_case(conn, one)), Claim::New);
        assert_eq!(world.write(move |conn| use_case(conn, other)), Claim::New);
    }

    fn of_many_at_once_one_does_the_work_and_all_get_its_answer(backend: Backend) {
        let world = World::new(backend);
        let owner = an_owner(&world);
        let claims = run(async {
            let mut claims = JoinSet::new();
            for _ in 0..16 {
                let db = world.db.clone();
                claims.spawn(async move { db.write(move |conn| use_case(conn, owner)).await.unwrap() });
            }
            claims.join_all().await
        });
        assert_eq!(claims.iter().filter(|claim| **claim == Claim::New).count(), 1);
        assert_eq!(claims.iter().filter(|claim| **claim == Claim::Answered(answer())).count(), 15);
    }

    fn the_second_waits_for_the_first(backend: Backend) {
        let world = World::new(backend);
        let owner = an_owner(&world);
        run(async {
            let (gate, opener) = gate();
            let first = tokio::spawn({
                let db = world.db.clone();
                async move {
                    db.write(move |conn| {
                        let claimed = use_case(conn, owner);
                        gate.wait();
                        claimed
                    })
                    .await
                }
            });
            opener.arrived();
            let second = spawn_second(&world.db, owner);
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            assert!(!second.is_finished());
            opener.open();
            assert_eq!(first.await.unwrap().unwrap(), Claim::New);
            assert_eq!(second.await.unwrap().unwrap(), Claim::Answered(answer()));
        });
    }

    fn when_the_first_fails_the_second_does_the_work(backend: Backend) {
        let world = World::new(backend);
        let owner = an_owner(&world);
        run(async {
            let (gate, opener) = gate();
            let first = tokio::spawn({
                let db = world.db.clone();
                async move {
                    db.write(move |conn| {
                        use_case(conn, owner)?;
                        gate.wait();
                        Err::<(), _>(Error::NotFound)
                    })
                    .await
                }
            });
            opener.arrived();
            let second = spawn_second(&world.db, owner);
            opener.open();
            assert!(first.await.unwrap().is_err());
            assert_eq!(second.await.unwrap().unwrap(), Claim::New);
        });
    }

    fn a_claim_that_is_rolled_back_leaves_nothing(backend: Backend) {
        let world = World::new(backend);
        let owner = an_owner(&world);
        let failed = world.try_write(move |conn| {
            assert_eq!(use_case(conn, owner)?, Claim::New);
            user(conn, "ada")?;
            user(conn, "ada")
        });
        assert!(matches!(failed, Err(Error::Duplicate(_))));
        assert_eq!(world.write(move |conn| use_case(conn, owner)), Claim::New);
    }

    fn answers_are_forgotten_after_seven_days_and_not_before(backend: Backend) {
        let world = World::new(backend);
        let owner = an_owner(&world);
        assert_eq!(LIFETIME, TimeDelta::days(7));
        world.write(move |conn| {
            let now = conn.now()?;
            let ages = [("old", LIFETIME + TimeDelta::microseconds(1)), ("due", LIFETIME), ("new", TimeDelta::zero())];
            for (key, age) in ages {
                claim(conn, owner, key, "hash", now - age)?;
                store(conn, owner, key, &answer())?;
            }
            assert_eq!(purge(conn, now)?, 1);
            assert_eq!(claim(conn, owner, "old", "hash", now)?, Claim::New);
            assert_eq!(claim(conn, owner, "due", "hash", now)?, Claim::Answered(answer()));
            assert_eq!(claim(conn, owner, "new", "hash", now)?, Claim::Answered(answer()));
            Ok(())
        });
    }
}
