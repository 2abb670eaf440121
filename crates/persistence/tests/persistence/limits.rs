//! More work than the database can do is refused, in time and for good.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use persistence::{Conn, Db, Error, Result, accounts};
use testing::{Backend, on_both};

use crate::support::{Opener, World, email, gate, queued, run, user};

/// What "at once" means on a crowded machine.
const AT_ONCE: Duration = Duration::from_millis(500);

#[derive(Clone, Copy)]
enum Kind {
    Read,
    Write,
}

impl Kind {
    async fn call<T: Send + 'static>(
        self,
        db: Db,
        work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self {
            Self::Read => db.read(work).await,
            Self::Write => db.write(work).await,
        }
    }
}

/// One connection, and room for two who wait.
fn narrow(backend: Backend) -> World {
    World::with(backend, |options| (options.connections, options.queue) = (1, 2))
}

/// Occupies the only connection until the gate is opened.
fn occupy(world: &World, kind: Kind) -> (tokio::task::JoinHandle<Result<()>>, Opener) {
    let (gate, opener) = gate();
    let occupied = tokio::spawn(kind.call(world.db.clone(), move |_| {
        gate.wait();
        Ok(())
    }));
    opener.arrived();
    (occupied, opener)
}

async fn a_full_queue_refuses_at_once(world: World, kind: Kind) {
    let (first, opener) = occupy(&world, kind);
    let second = queued(kind.call(world.db.clone(), |_| Ok(2))).await;
    let third = queued(kind.call(world.db.clone(), |_| Ok(3))).await;
    let begun = Instant::now();
    for _ in 0..100 {
        let refused = kind.call::<()>(world.db.clone(), |_| panic!("this must never run")).await;
        assert!(matches!(refused, Err(Error::Overloaded)), "{refused:?}");
    }
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    opener.open();
    first.await.unwrap().unwrap();
    assert_eq!((second.await.unwrap(), third.await.unwrap()), (2, 3));
    kind.call(world.db.clone(), |_| Ok(())).await.unwrap();
}

async fn who_waited_too_long_is_refused_for_good(world: World, kind: Kind) {
    let (first, opener) = occupy(&world, kind);
    let ran = Arc::new(AtomicBool::new(false));
    let flag = ran.clone();
    let begun = Instant::now();
    let refused = kind
        .call(world.db.clone(), move |conn| {
            flag.store(true, Ordering::SeqCst);
            user(conn, "ada").map(drop)
        })
        .await;
    let waited = begun.elapsed();
    assert!(matches!(refused, Err(Error::Overloaded)), "{refused:?}");
    assert!((Duration::from_millis(1_400)..Duration::from_secs(2)).contains(&waited), "{waited:?}");
    opener.open();
    first.await.unwrap().unwrap();
    // The queue is served in order: after this one, the other would have run.
    let found = kind.call(world.db.clone(), |conn| accounts::find_by_email(conn, &email("ada")));
    assert_eq!(found.await.unwrap(), None);
    assert!(!ran.load(Ordering::SeqCst));
}

on_both! {
    fn a_full_queue_refuses_writes_at_once(backend: Backend) {
        run(a_full_queue_refuses_at_once(narrow(backend), Kind::Write));
    }

    fn a_full_queue_refuses_reads_at_once(backend: Backend) {
        run(a_full_queue_refuses_at_once(narrow(backend), Kind::Read));
    }

    fn a_write_that_waited_too_long_never_happens(backend: Backend) {
        run(who_waited_too_long_is_refused_for_good(narrow(backend), Kind::Write));
    }

    fn a_read_that_waited_too_long_never_happens(backend: Backend) {
        run(who_waited_too_long_is_refused_for_good(narrow(backend), Kind::Read));
    }

    /// Work that has started may be done already: its caller waits to learn how it ended.
    fn work_that_has_started_is_waited_for(backend: Backend) {
        let world = narrow(backend);
        run(async {
            let slow = world.db.write(|conn| {
                std::thread::sleep(Duration::from_millis(1_700));
                user(conn, "ada")
            });
            slow.await.unwrap();
        });
        assert!(world.has_user("ada"));
    }
}
