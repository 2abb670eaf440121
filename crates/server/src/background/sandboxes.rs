//! What happens by itself in sandboxes: the same as elsewhere, by the clocks of their challenges.

use super::{LOOK, news, pause, report};
use application::{
    Error,
    sandboxes::{self, Look},
};
use chrono::TimeDelta;
use domain::ChallengeId;
use persistence::{Conn, Db};
use tokio::time::sleep;

/// How long ago a clock may have been moved to be looked at before all others: more than a look takes, with those of other
/// processes.
const JUST_MOVED: TimeDelta = TimeDelta::seconds(5);

/// Acts on what is due in a sandbox just after somebody moved its clock.
pub async fn follow_moved_clocks(db: Db) {
    let mut commits = db.commits();
    loop {
        let moved = |conn: &mut Conn| {
            let since = conn.now()? - JUST_MOVED;
            sandboxes::look_at_moved(conn, since)
        };
        if let Err(error) = go_on(&db, moved).await {
            pause("looking for clocks that were moved", &error).await;
        }
        news(&mut commits).await;
    }
}

/// Acts on what is due in all sandboxes: a few of them at each look, however many there are.
pub async fn keep_sandboxes_going(db: Db) {
    let mut after = None;
    loop {
        match go_on(&db, move |conn| sandboxes::look_at_next(conn, after)).await {
            Ok(last) => after = last,
            Err(error) => pause("looking after sandboxes", &error).await,
        }
        sleep(LOOK).await;
    }
}

/// Lets happen what a look finds; says where it ended.
async fn go_on<F>(db: &Db, look: F) -> Result<Option<ChallengeId>, Error>
where
    F: FnOnce(&mut Conn) -> Result<Look, Error> + Send + 'static,
{
    let Look { due, last } = db.read(look).await?;
    for id in due {
        report("going on in a sandbox", sandboxes::go_on(db, id).await);
    }
    Ok(last)
}
