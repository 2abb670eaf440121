//! What happens by itself in sandboxes, each of whose challenges has a time of its own.

use crate::{Result, change_notices, clock, obligations, openings, publication, rehearsals, scheduler, shortlists};
use chrono::{DateTime, Utc};
use domain::{ChallengeId, challenge::ChallengeClock};
use persistence::{Conn, Db, Scope, challenge_clocks};

/// How many challenges one look takes up.
const BATCH: i64 = 50;

/// How many clocks that were just moved are looked at before their turn.
const MOST_MOVED: i64 = 200;

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Where there is something to do.
    pub due: Vec<ChallengeId>,
    /// The last that was looked at; none if all have had their turn.
    pub last: Option<ChallengeId>,
}

/// Clocks that somebody moved since, the last moved first.
pub fn moved(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<ChallengeClock>> {
    Ok(challenge_clocks::touched(conn, since, MOST_MOVED)?)
}

/// Looks at some of those that go on, after one of them.
pub fn look_at_next(conn: &mut Conn, after: Option<ChallengeId>) -> Result<Look> {
    let clocks = challenge_clocks::running(conn, after, BATCH)?;
    look(conn, &clocks)
}

/// Looks at the challenges of these clocks.
pub fn look(conn: &mut Conn, clocks: &[ChallengeClock]) -> Result<Look> {
    let real = conn.now()?;
    let mut due = Vec::new();
    for clock in clocks {
        if is_due(conn, Scope::Sandbox(clock.challenge, clock.at(real)))? {
            due.push(clock.challenge);
        }
    }
    Ok(Look { due, last: clocks.last().map(|clock| clock.challenge) })
}

fn is_due(conn: &mut Conn, scope: Scope) -> Result<bool> {
    Ok(!publication::due(conn, scope)?.is_empty()
        || !change_notices::needing_reminder(conn, scope)?.is_empty()
        || !rehearsals::due(conn, scope)?.is_empty()
        || !shortlists::due(conn, scope)?.is_empty()
        || !scheduler::due(conn, scope)?.is_empty()
        || !openings::over(conn, scope)?.is_empty()
        || !obligations::needing_attention(conn, scope)?.is_empty())
}

/// Does what is due for a challenge by its own clock, in the order in which it would have happened. What fails holds up nothing.
///
/// # Errors
/// The first one. The next look finds what is left.
pub async fn go_on(db: &Db, id: ChallengeId) -> Result<()> {
    let published = each(db, id, publication::due, publication::publish_due).await;
    let reminded = each(db, id, change_notices::needing_reminder, change_notices::remind).await;
    let rehearsed = each(db, id, rehearsals::due, rehearsals::ask_again).await;
    let listed = each(db, id, shortlists::due, shortlists::close).await;
    let closed = each(db, id, scheduler::due, scheduler::close).await;
    let opened = open(db, id).await;
    let told = each(db, id, obligations::needing_attention, obligations::remind).await;
    published.and(reminded).and(rehearsed).and(listed).and(closed).and(opened).and(told)
}

async fn each<I: Send + 'static, T: Send + 'static>(
    db: &Db,
    id: ChallengeId,
    due: fn(&mut Conn, Scope) -> Result<Vec<I>>,
    act: fn(&mut Conn, I) -> Result<T>,
) -> Result<()> {
    let mut done = Ok(());
    for found in db.read(move |conn| by_its_clock(conn, id, due)).await? {
        done = done.and(db.write(move |conn| act(conn, found)).await.map(drop));
    }
    done
}

async fn open(db: &Db, id: ChallengeId) -> Result<()> {
    let mut done = Ok(());
    for (id, kind) in db.read(move |conn| by_its_clock(conn, id, openings::over)).await? {
        done = done.and(openings::proceed(db, id, kind).await);
    }
    done
}

/// Forgets in sandboxes, by their clocks, what is left of those who thought of bidding: one after the other, so that none
/// holds up the market or another.
///
/// # Errors
/// The first one. What could not be forgotten now is found again.
pub async fn forget(db: &Db) -> Result<()> {
    let (mut done, mut after) = (Ok(()), None);
    loop {
        let found = db.read(move |conn| with_leftovers(conn, after)).await?;
        let Some(last) = found.last().copied() else { return done };
        for id in found {
            let forgotten = db.write(move |conn| by_its_clock(conn, id, scheduler::forget_bidding));
            done = done.and(forgotten.await);
        }
        after = Some(last);
    }
}

fn with_leftovers(conn: &mut Conn, after: Option<ChallengeId>) -> Result<Vec<ChallengeId>> {
    let clocks = challenge_clocks::with_leftovers(conn, after, BATCH)?;
    Ok(clocks.into_iter().map(|clock| clock.challenge).collect())
}

/// What is done from here on is done in the sandbox: events and mails say so.
fn by_its_clock<T>(conn: &mut Conn, id: ChallengeId, act: fn(&mut Conn, Scope) -> Result<T>) -> Result<T> {
    let now = clock::of_id(conn, id)?;
    act(conn, Scope::Sandbox(id, now))
}
