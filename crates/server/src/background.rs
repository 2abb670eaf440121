//! What runs beside the API: numbering events, shutting boxes at their deadline, sending mails.
//!
//! Each task acts on what the database says, so any number of processes may run them, and a restart loses nothing.

mod closing;
mod files;
mod outages;
mod sandboxes;

pub use closing::close_challenges;
pub use files::{check_uploads, examine_documents, purge_uploads, scan_files, stand_down_scanner};
pub use outages::{give_signs_of_life, propose_extensions};
pub use sandboxes::{follow_moved_clocks, keep_sandboxes_going};

use application::{
    Error, api_keys, change_notices, delivery, discovery, documents, events, followers, lifecycle, obligations,
    openings, publication, rehearsals, saved_searches,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ChallengeId, LifecyclePolicy};
use http::State;
use notifications::{Envelope, Mailbox, Mailer, Message, MessageId, Product, SendError};
use persistence::{Conn, Db, Scope, outbox::Waiting};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, watch},
    time::{sleep, timeout},
};

/// How long a task waits for news of this process before it looks for work of others.
const LOOK: Duration = Duration::from_secs(1);

/// How long a task waits after a write for others.
const BREATH: Duration = Duration::from_millis(50);

/// How often openings that were interrupted are looked for. Usually whoever brings the last share sees to the rest.
const OPENINGS: Duration = Duration::from_secs(15);

/// How often what need not be kept is forgotten, and what expires is looked for.
const PURGE: TimeDelta = TimeDelta::hours(1);

/// Where mails come from.
#[derive(Clone)]
pub struct Sender {
    /// How they leave.
    pub mailer: Mailer,
    /// Who they are from.
    pub from: Mailbox,
    /// What they say about this installation.
    pub product: Product,
    /// The host in their `Message-ID`.
    pub host: String,
}

/// Gives committed events their positions, just after the commit.
pub async fn number_events(db: Db) {
    let mut commits = db.commits();
    loop {
        match db.read(events::any_unsequenced).await {
            Ok(true) => {
                report("numbering events", db.write(events::sequence).await);
                sleep(BREATH).await;
            }
            Ok(false) => news(&mut commits).await,
            Err(error) => pause("numbering events", &error).await,
        }
    }
}

/// Waits until something is written, and then for what is written just after it: many writes share one look.
async fn news(commits: &mut watch::Receiver<()>) {
    drop(timeout(LOOK, commits.changed()).await);
    sleep(BREATH).await;
}

/// Publishes each challenge whose set time has come, those of a downtime included.
pub async fn publish_challenges(db: Db) {
    loop {
        each(&db, "publishing a challenge", publication::due, publication::publish_due).await;
        sleep(LOOK).await;
    }
}

/// Reminds bidders to confirm what they offered before the challenge changed, when the deadline is near.
pub async fn remind_of_changes(db: Db) {
    loop {
        each(&db, "reminding bidders of changes", change_notices::needing_reminder, change_notices::remind).await;
        sleep(LOOK).await;
    }
}

/// Asks opening committees to rehearse once more when the deadline is near.
pub async fn ask_for_rehearsals(db: Db) {
    loop {
        each(&db, "asking for a rehearsal", rehearsals::due, rehearsals::ask_again).await;
        sleep(LOOK).await;
    }
}

/// Goes on with openings that a crash interrupted.
pub async fn finish_openings(db: Db) {
    loop {
        match db.read(openings::unfinished).await {
            Ok(found) => {
                for (id, kind) in found {
                    report("opening bids", openings::proceed(&db, id, kind).await);
                }
            }
            Err(error) => pause("looking for openings", &error).await,
        }
        sleep(OPENINGS).await;
    }
}

/// Does something about each challenge for which it is time.
async fn each(
    db: &Db,
    what: &str,
    due: fn(&mut Conn, Scope) -> Result<Vec<ChallengeId>, Error>,
    act: fn(&mut Conn, ChallengeId) -> Result<bool, Error>,
) {
    match db.read(move |conn| due(conn, Scope::Real)).await {
        Ok(found) => {
            for id in found {
                report(what, db.write(move |conn| act(conn, id)).await);
            }
        }
        Err(error) => pause(what, &error).await,
    }
}

/// Warns of accounts and memberships that end by themselves, and ends them.
pub async fn end_what_lapses(db: Db, policy: LifecyclePolicy) {
    let mut looked: Option<DateTime<Utc>> = None;
    loop {
        let now = db.clock().now();
        if looked.is_none_or(|looked| now - looked >= lifecycle::LOOK) {
            looked = Some(now);
            report("looking after accounts", idle_accounts(&db, policy).await);
            report("looking after certifications", certifications(&db, policy).await);
        }
        sleep(LOOK).await;
    }
}

async fn idle_accounts(db: &Db, policy: LifecyclePolicy) -> Result<(), Error> {
    let mut after = None;
    loop {
        after = db.write(move |conn| lifecycle::idle_accounts(conn, policy, after.as_ref())).await?;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn certifications(db: &Db, policy: LifecyclePolicy) -> Result<(), Error> {
    let mut after = None;
    loop {
        after = db.write(move |conn| lifecycle::certifications(conn, policy, after)).await?;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Tells owners which of their documents will expire, and people which of their API keys.
pub async fn announce_expiries(db: Db) {
    let mut looked: Option<DateTime<Utc>> = None;
    loop {
        let now = db.clock().now();
        if looked.is_none_or(|looked| now - looked >= PURGE) {
            looked = Some(now);
            report("looking after documents", expiries(&db).await);
            report("looking after API keys", expiring_keys(&db).await);
        }
        sleep(LOOK).await;
    }
}

async fn expiries(db: &Db) -> Result<(), Error> {
    loop {
        let expiring = db.read(documents::expiring).await?;
        if expiring.is_empty() {
            return Ok(());
        }
        for (organisation, id) in expiring {
            db.write(move |conn| documents::remind(conn, organisation, id)).await?;
        }
    }
}

/// Writes the mails with news of challenges to everybody who is told, just after they happened.
pub async fn announce(db: Db) {
    let mut commits = db.commits();
    loop {
        match db.read(followers::any_news).await {
            Ok(true) => {
                if let Err(error) = db.write(followers::announce).await {
                    pause("telling news", &error).await;
                }
            }
            Ok(false) => news(&mut commits).await,
            Err(error) => pause("looking for news", &error).await,
        }
    }
}

/// Makes public challenges findable that are not, or that an earlier version of the program indexed by other rules. Challenges
/// that are published meanwhile are found at once, since that is part of publishing.
pub async fn index_challenges(db: Db) {
    let mut looked: Option<DateTime<Utc>> = None;
    loop {
        let now = db.clock().now();
        if looked.is_none_or(|looked| now - looked >= PURGE) {
            looked = Some(now);
            report("indexing challenges", catch_up(&db).await);
        }
        sleep(LOOK).await;
    }
}

async fn catch_up(db: &Db) -> Result<(), Error> {
    let mut after = None;
    loop {
        let places = db.read(move |conn| discovery::outdated(conn, after)).await?;
        after = places.last().copied();
        if after.is_none() {
            return db.write(discovery::forget_earlier_versions).await;
        }
        db.write(move |conn| discovery::index(conn, &places)).await?;
    }
}

/// Reminds those who owe something, and tells what is late.
pub async fn remind_of_obligations(db: Db) {
    loop {
        match db.read(|conn| obligations::needing_attention(conn, Scope::Real)).await {
            Ok(due) => {
                for id in due {
                    let reminded = db.write(move |conn| obligations::remind(conn, id)).await;
                    report("reminding of an obligation", reminded);
                }
            }
            Err(error) => pause("looking for obligations", &error).await,
        }
        sleep(LOOK).await;
    }
}

/// Tells people what is new in the searches that they keep.
pub async fn tell_of_searches(db: Db) {
    loop {
        match db.read(saved_searches::due).await {
            Ok(due) => {
                for id in due {
                    report(
                        "telling what is new in a search",
                        db.write(move |conn| saved_searches::alert(conn, id)).await,
                    );
                }
            }
            Err(error) => pause("looking for searches", &error).await,
        }
        sleep(LOOK).await;
    }
}

async fn expiring_keys(db: &Db) -> Result<(), Error> {
    loop {
        let expiring = db.read(api_keys::expiring).await?;
        if expiring.is_empty() {
            return Ok(());
        }
        for (organisation, id) in expiring {
            db.write(move |conn| api_keys::remind(conn, organisation, id)).await?;
        }
    }
}

/// Writes down once a minute which sessions and API keys were used.
pub async fn note_sessions(state: State) {
    loop {
        sleep(Duration::from_secs(60)).await;
        if let Err(error) = http::write_down_seen(&state).await {
            tracing::warn!(%error, "noting which sessions and keys were used failed");
        }
    }
}

/// Sends the mails of the outbox. Holds `in_hand` while it has taken some: whoever locks it lets the task finish those and
/// take no more. What a stopped process leaves unsent waits until its lease ends.
pub async fn send_mails(db: Db, sender: Sender, in_hand: Arc<Mutex<()>>) {
    let mut commits = db.commits();
    loop {
        match db.read(delivery::any_due).await {
            Ok(false) => news(&mut commits).await,
            Ok(true) => {
                let taken = in_hand.lock().await;
                let sent = send_some(&db, &sender).await;
                drop(taken);
                if let Err(error) = sent {
                    pause("taking mails", &error).await;
                }
            }
            Err(error) => pause("looking for mails", &error).await,
        }
    }
}

async fn send_some(db: &Db, sender: &Sender) -> Result<(), Error> {
    for mail in db.write(delivery::take).await? {
        deliver(db, sender, mail).await;
    }
    Ok(())
}

async fn deliver(db: &Db, sender: &Sender, mail: Waiting) {
    let id = mail.id;
    let (one, of) = (mail.clone(), sender.clone());
    let sent = actix_web::rt::task::spawn_blocking(move || send(&of, &one)).await;
    let sent = sent.unwrap_or_else(|_| Err(SendError::Transient("the mailer panicked".to_owned())));
    let noted = match sent {
        Ok(()) => {
            metrics::counter!("provoco_mails_total", "result" => "sent").increment(1);
            db.write(move |conn| delivery::sent(conn, id)).await
        }
        Err(error) => {
            metrics::counter!("provoco_mails_total", "result" => "failed").increment(1);
            let (words, transient) = (error.to_string(), error.is_transient());
            let next = db.write(move |conn| delivery::failed(conn, &mail, &words, transient)).await;
            tracing::warn!(mail = %id, %error, next = ?next.as_ref().ok().copied().flatten(), "a mail was not sent");
            next.map(drop)
        }
    };
    report("noting a mail", noted);
}

fn send(sender: &Sender, mail: &Waiting) -> Result<(), SendError> {
    let unreadable = |error: &dyn std::fmt::Display| SendError::Permanent(error.to_string());
    let message: Message = serde_json::from_value(mail.message.clone()).map_err(|error| unreadable(&error))?;
    let to = Mailbox { name: mail.recipient_name.clone(), address: mail.recipient_address.clone() };
    let rendered =
        notifications::render(&message, &to, &sender.product, mail.time_zone).map_err(|error| unreadable(&error))?;
    let rendered = if mail.sandbox { rendered.of_sandbox() } else { rendered };
    sender.mailer.send(&Envelope {
        message_id: MessageId::new(mail.id.0, &sender.host),
        from: sender.from.clone(),
        to,
        references: None,
        date: mail.created_at,
        mail: rendered,
    })
}

/// After a failure: says so, and waits a little.
async fn pause(what: &str, error: &Error) {
    tracing::warn!(%error, "{what} failed; trying again");
    sleep(LOOK).await;
}

fn report<T>(what: &str, result: Result<T, Error>) {
    if let Err(error) = result {
        tracing::warn!(%error, "{what} failed; trying again");
    }
}
