//! What happens by itself in sandboxes: the same as elsewhere, by the clocks of their challenges.

use super::{LOOK, news, pause, report};
use application::{
    Error,
    sandboxes::{self, Look},
};
use chrono::TimeDelta;
use domain::{ChallengeId, challenge::ChallengeClock};
use persistence::{Conn, Db};
use tokio::time::sleep;

/// How long ago a clock may have been moved to be looked at before all others: more than a look takes, with those of other
/// processes.
const JUST_MOVED: TimeDelta = TimeDelta::seconds(5);

/// Acts on what is due in a sandbox just after somebody moved its clock.
pub async fn follow_moved_clocks(db: Db) {
    let (mut commits, mut known) = (db.commits(), Vec::new());
    loop {
        match follow(&db, &known).await {
            Ok(moved) => known = moved,
            Err(error) => pause("looking for clocks that were moved", &error).await,
        }
        news(&mut commits).await;
    }
}

/// Looks once at each clock that was moved, whatever else is written, unless something fails. Gives those that are known from
/// then on.
async fn follow(db: &Db, known: &[ChallengeClock]) -> Result<Vec<ChallengeClock>, Error> {
    let moved = db.read(|conn| {
        let since = conn.now()? - JUST_MOVED;
        sandboxes::moved(conn, since)
    });
    let mut moved = moved.await?;
    let new: Vec<_> = moved.iter().filter(|clock| !known.contains(clock)).copied().collect();
    if !new.is_empty() {
        let Went { failed, .. } = go_on(db, move |conn| sandboxes::look(conn, &new)).await?;
        moved.retain(|clock| !failed.contains(&clock.challenge));
    }
    Ok(moved)
}

/// Acts on what is due in all sandboxes: a few of them at each look, however many there are.
pub async fn keep_sandboxes_going(db: Db) {
    let mut after = None;
    loop {
        match go_on(&db, move |conn| sandboxes::look_at_next(conn, after)).await {
            Ok(Went { last, .. }) => after = last,
            Err(error) => pause("looking after sandboxes", &error).await,
        }
        sleep(LOOK).await;
    }
}

/// How a look went.
struct Went {
    /// Where something could not be done.
    failed: Vec<ChallengeId>,
    /// Where it ended.
    last: Option<ChallengeId>,
}

/// Lets happen what a look finds.
async fn go_on<F>(db: &Db, look: F) -> Result<Went, Error>
where
    F: FnOnce(&mut Conn) -> Result<Look, Error> + Send + 'static,
{
    let Look { due, last } = db.read(look).await?;
    let mut failed = Vec::new();
    for id in due {
        let went_on = sandboxes::go_on(db, id).await;
        if went_on.is_err() {
            failed.push(id);
        }
        report("going on in a sandbox", went_on);
    }
    Ok(Went { failed, last })
}
