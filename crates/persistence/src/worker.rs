//! The database threads: each owns a connection and takes work in order.
//!
//! Waiting thus happens in one fair, bounded queue and not in a pool. On SQLite one thread writes, and commits for
//! everybody who waits at once (group commit).

use crate::{
    Clock, Conn, Error, Result,
    job::{Answer, Job, Verdict},
};
use crossbeam_channel::Receiver;
use std::time::{Duration, Instant};

/// A connection idle for longer than this is tried before use: the server may have been restarted.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// The most pieces of work that share one commit.
const GROUP: usize = 128;

/// How a thread treats the work it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// No transaction: reads.
    Read,
    /// A transaction for each piece of work.
    Write,
    /// A transaction for all that wait; each in a savepoint of its own.
    GroupWrite,
}

/// Work and what it needs.
pub(crate) struct Task {
    pub(crate) job: Job,
    pub(crate) mode: Mode,
}

/// A thread's own connection, opened when needed and given up when broken.
struct Slot {
    url: String,
    clock: Clock,
    conn: Option<Conn>,
    used: Instant,
}

/// Serves the queue until every sender is gone.
pub(crate) fn serve(url: String, clock: Clock, queue: &Receiver<Task>) {
    let mut slot = Slot { url, clock, conn: None, used: Instant::now() };
    while let Ok(task) = queue.recv() {
        match task.mode {
            Mode::Read => slot.read(task.job),
            Mode::Write => slot.write(task.job),
            Mode::GroupWrite => {
                let waiting = queue.try_iter().take(GROUP - 1).map(|task| task.job);
                let group = std::iter::once(task.job).chain(waiting).collect();
                slot.write_group(group);
            }
        }
        slot.used = Instant::now();
    }
}

impl Slot {
    /// The connection, opened afresh if there is none or if it no longer answers.
    fn conn(&mut self) -> Result<&mut Conn> {
        if self.used.elapsed() > TRUSTED_IDLE && self.conn.as_mut().is_some_and(|conn| !conn.answers()) {
            self.conn = None;
        }
        match &mut self.conn {
            Some(conn) => Ok(conn),
            empty => Ok(empty.insert(Conn::open(&self.url, self.clock.clone())?)),
        }
    }

    /// After a failure: keeps the connection only if it still answers.
    fn check(&mut self) {
        if self.conn.as_mut().is_some_and(|conn| !conn.answers()) {
            self.conn = None;
        }
    }

    fn read(&mut self, job: Job) {
        match job.run(self.conn()) {
            Verdict::Commit(answer) => answer(Ok(())),
            Verdict::RollBack(answer) => {
                self.check();
                answer(Ok(()));
            }
            Verdict::Abandoned => {}
        }
    }

    fn write(&mut self, job: Job) {
        let begun = self.conn().and_then(|conn| conn.begin().map(|()| conn));
        let Ok(conn) = begun else {
            let failed = begun.map(drop);
            self.check();
            refuse(job, failed);
            return;
        };
        match job.run(Ok(conn)) {
            Verdict::Commit(answer) => answer(self.commit()),
            Verdict::RollBack(answer) => {
                self.roll_back();
                answer(Ok(()));
            }
            Verdict::Abandoned => self.roll_back(),
        }
    }

    fn write_group(&mut self, group: Vec<Job>) {
        let begun = self.conn().and_then(Conn::begin);
        if let Err(error) = begun {
            self.check();
            for job in group {
                refuse(job, Err(copy(&error)));
            }
            return;
        }
        let mut answers = Vec::with_capacity(group.len());
        for job in group {
            if let Some(answer) = self.in_savepoint(job) {
                answers.push(answer);
            }
        }
        let committed = self.commit();
        for answer in answers {
            answer(committed.as_ref().copied().map_err(copy));
        }
    }

    /// Runs one piece of the group; gives back the answer that waits for the commit.
    fn in_savepoint(&mut self, job: Job) -> Option<Answer> {
        let conn = self.conn.as_mut()?;
        if let Err(error) = conn.savepoint() {
            refuse(job, Err(error));
            return None;
        }
        let verdict = job.run(Ok(conn));
        let conn = self.conn.as_mut()?;
        match verdict {
            Verdict::Commit(answer) => match conn.commit() {
                Ok(()) => Some(answer),
                Err(error) => {
                    answer(Err(error));
                    None
                }
            },
            // It may have been refused because of what another of the group did: that must be kept first.
            Verdict::RollBack(answer) => conn.rollback().ok().map(|()| answer),
            Verdict::Abandoned => conn.rollback().ok().and(None),
        }
    }

    /// A commit that fails for another reason than a constraint may or may not have happened.
    fn commit(&mut self) -> Result<()> {
        let Some(conn) = &mut self.conn else { return Err(Error::Unavailable("no connection".to_owned())) };
        let committed = conn.commit();
        committed.map_err(|error| {
            self.conn = None;
            match error {
                Error::ConcurrentChange | Error::Duplicate(_) | Error::Corrupt(_) => error,
                other => Error::OutcomeUnknown(other.to_string()),
            }
        })
    }

    fn roll_back(&mut self) {
        if self.conn.as_mut().is_some_and(|conn| conn.rollback().is_err()) {
            self.conn = None;
        }
    }
}

/// Tells the caller that the work could not even start.
fn refuse(job: Job, why: Result<()>) {
    let error = why.err().unwrap_or(Error::Overloaded);
    if let Verdict::RollBack(answer) | Verdict::Commit(answer) = job.run(Err(error)) {
        answer(Ok(()));
    }
}

/// The same failure, told to everybody in the group.
fn copy(error: &Error) -> Error {
    match error {
        Error::OutcomeUnknown(why) => Error::OutcomeUnknown(why.clone()),
        Error::ConcurrentChange => Error::ConcurrentChange,
        Error::Overloaded => Error::Overloaded,
        other => Error::Unavailable(other.to_string()),
    }
}
