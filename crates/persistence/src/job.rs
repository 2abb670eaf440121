//! A piece of work on its way to a database thread and back.

use crate::{Conn, Error, Result};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};
use tokio::sync::oneshot;

/// What a piece of work wants done with its transaction, and how to tell the caller when that is done.
pub(crate) enum Verdict {
    /// Keep the changes, then answer with the outcome of the commit.
    Commit(Answer),
    /// Undo the changes, then answer.
    RollBack(Answer),
    /// Nobody waits for it any more; it did not run.
    Abandoned,
}

/// Tells the caller; the argument is the outcome of the commit.
pub(crate) type Answer = Box<dyn FnOnce(Result<()>) + Send>;

/// Runs on a connection, or learns why there is none.
type Run = Box<dyn FnOnce(Result<&mut Conn>) -> Verdict + Send>;

/// Work for a database thread.
pub(crate) struct Job {
    run: Run,
}

/// Where a piece of work is: decides the race between the thread that takes it and the caller that gives up.
#[derive(Clone, Default)]
pub(crate) struct Progress(Arc<AtomicU8>);

const WAITING: u8 = 0;
const STARTED: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Progress {
    fn moves_to(&self, state: u8) -> bool {
        self.0.compare_exchange(WAITING, state, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Gives up unless the work has started; from then on it never will.
    pub(crate) fn give_up(&self) -> bool {
        self.moves_to(GIVEN_UP)
    }
}

impl Job {
    /// Wraps a use case. Its value reaches the caller only after the commit.
    pub(crate) fn new<T, E, F>(work: F) -> (Self, oneshot::Receiver<Result<T, E>>, Progress)
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let progress = Progress::default();
        let taken = progress.clone();
        let run = Box::new(move |conn: Result<&mut Conn>| {
            if !taken.moves_to(STARTED) {
                return Verdict::Abandoned;
            }
            let result = match conn {
                Ok(conn) => catch_unwind(AssertUnwindSafe(|| {
                    conn.leave_sandbox();
                    work(conn)
                }))
                .unwrap_or_else(|_| {
                    tracing::error!("a use case panicked; its transaction is rolled back");
                    Err(Error::Corrupt("a use case panicked".to_owned()).into())
                }),
                Err(error) => Err(error.into()),
            };
            let commits = result.is_ok();
            let answer: Answer = Box::new(move |committed| {
                // The caller may be gone; what was committed stays committed.
                drop(sender.send(committed.map_err(E::from).and(result)));
            });
            if commits { Verdict::Commit(answer) } else { Verdict::RollBack(answer) }
        });
        (Self { run }, receiver, progress)
    }

    /// Runs the work on a connection, or tells it why there is none.
    pub(crate) fn run(self, conn: Result<&mut Conn>) -> Verdict {
        (self.run)(conn)
    }
}
