//! The database of this process: queues in front of threads that own connections.

use crate::{
    Clock, Conn, Error, Result,
    connection::is_postgres,
    job::{Job, Progress},
    worker::{Mode, Task, serve},
};
use crossbeam_channel::{Sender, TrySendError, bounded};
use std::{sync::Arc, thread, time::Duration};
use tokio::{
    sync::{oneshot, watch},
    time::timeout,
};

/// How long a request waits for its turn.
const TURN: Duration = Duration::from_millis(1_500);

/// How long a request waits for work that has started.
const WORK: Duration = Duration::from_secs(8);

/// How to reach the database, and the limits.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite:<file>`, `postgres://...` or `postgresql://...`.
    pub url: String,
    /// Threads that own a connection: all of them on PostgreSQL, the reading ones on SQLite; at least 1.
    pub connections: usize,
    /// How many requests may wait for a turn; further ones are refused with [`Error::Overloaded`].
    pub queue: usize,
    /// The clock.
    pub clock: Clock,
}

impl Options {
    /// Eight connections, 1,024 waiting requests, the machine's clock.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), connections: 8, queue: 1024, clock: Clock::default() }
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    reads: Sender<Task>,
    writes: Sender<Task>,
    write_mode: Mode,
    clock: Clock,
    committed: Arc<watch::Sender<()>>,
}

impl Db {
    /// Starts the threads. Connections are opened when first needed, so this succeeds while the database is down.
    pub fn open(options: &Options) -> Result<Self> {
        let start = |name: String, queue| {
            let (url, clock) = (options.url.clone(), options.clock.clone());
            let run = move || serve(url, clock, &queue);
            thread::Builder::new().name(name).spawn(run).map(drop).map_err(|e| Error::Unavailable(e.to_string()))
        };
        let (reads, queue) = bounded(options.queue);
        for n in 0..options.connections.max(1) {
            start(format!("db-{n}"), queue.clone())?;
        }
        let (writes, write_mode) = if is_postgres(&options.url) {
            (reads.clone(), Mode::Write)
        } else {
            let (writes, queue) = bounded(options.queue);
            start("db-writer".to_owned(), queue)?;
            (writes, Mode::GroupWrite)
        };
        Ok(Self {
            reads,
            writes,
            write_mode,
            clock: options.clock.clone(),
            committed: Arc::new(watch::Sender::new(())),
        })
    }

    /// The clock of this database.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Changes after each write of this process: there may be events to sequence and mails to send.
    pub fn commits(&self) -> watch::Receiver<()> {
        self.committed.subscribe()
    }

    /// Reads.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    {
        let (job, receiver, progress) = Job::new(work);
        enqueue(&self.reads, job, Mode::Read)?;
        wait(receiver, &progress).await
    }

    /// Runs one use case in one transaction: all of it is kept, durably, before the answer, or nothing.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    {
        let (job, receiver, progress) = Job::new(work);
        enqueue(&self.writes, job, self.write_mode)?;
        let result = wait(receiver, &progress).await;
        self.committed.send_replace(());
        result
    }

    /// As [`Db::write`], outside of asynchronous code: commands, set-up, tests. Waits for its turn without limit.
    pub fn write_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    {
        let (job, receiver, _) = Job::new(work);
        enqueue(&self.writes, job, self.write_mode)?;
        let result = receiver.blocking_recv().unwrap_or_else(|_| Err(gone().into()));
        self.committed.send_replace(());
        result
    }
}

fn enqueue(queue: &Sender<Task>, job: Job, mode: Mode) -> Result<()> {
    queue.try_send(Task { job, mode }).map_err(|error| match error {
        TrySendError::Full(_) => Error::Overloaded,
        TrySendError::Disconnected(_) => gone(),
    })
}

async fn wait<T, E: From<Error>>(mut receiver: oneshot::Receiver<Result<T, E>>, progress: &Progress) -> Result<T, E> {
    let answer = match timeout(TURN, &mut receiver).await {
        Ok(answer) => answer,
        Err(_) if progress.give_up() => return Err(Error::Overloaded.into()),
        Err(_) => match timeout(WORK, receiver).await {
            Ok(answer) => answer,
            Err(_) => return Err(Error::OutcomeUnknown("the database takes too long".to_owned()).into()),
        },
    };
    answer.unwrap_or_else(|_| Err(gone().into()))
}

fn gone() -> Error {
    Error::Unavailable("the database threads have stopped".to_owned())
}
