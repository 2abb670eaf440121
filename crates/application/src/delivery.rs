//! Sending what the outbox holds: taken with a lease, sent at least once and always with the same `Message-ID`.

use crate::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::MailId;
use persistence::{
    Conn,
    outbox::{self, Waiting},
};

/// How long a worker may take for what it took; after that somebody else may.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// How many mails a worker takes at once.
const BATCH: i64 = 20;

/// For how long a mail is tried.
const PATIENCE: TimeDelta = TimeDelta::hours(72);

/// Whether there is anything to send.
pub fn any_due(conn: &mut Conn) -> Result<bool> {
    let now = conn.machine_now();
    Ok(outbox::any_due(conn, now)?)
}

/// Takes some mails.
pub fn take(conn: &mut Conn) -> Result<Vec<Waiting>> {
    let now = conn.now()?;
    Ok(outbox::lease(conn, now, now + LEASE, BATCH)?)
}

/// Notes that a mail was sent.
pub fn sent(conn: &mut Conn, id: MailId) -> Result<()> {
    let now = conn.now()?;
    Ok(outbox::sent(conn, id, now)?)
}

/// Notes that a mail could not be sent: it is tried again, later and later, for 72 hours, unless it never will work.
/// Gives when.
pub fn failed(conn: &mut Conn, mail: &Waiting, error: &str, worth_another_try: bool) -> Result<Option<DateTime<Utc>>> {
    let now = conn.now()?;
    let next = worth_another_try.then(|| now + pause(mail)).filter(|next| *next < mail.created_at + PATIENCE);
    outbox::failed(conn, mail.id, error, next, now)?;
    Ok(next)
}

/// 30 seconds, doubled with each attempt up to two hours; up to a quarter more, different for each mail, so that after
/// an outage not all of them come at once.
fn pause(mail: &Waiting) -> TimeDelta {
    let doubled = 30_i32 << mail.attempts.clamp(0, 8);
    let base = TimeDelta::seconds(i64::from(doubled)).min(TimeDelta::hours(2));
    let jitter = i32::try_from(mail.id.0.as_u64_pair().1 % 256).unwrap_or(0);
    base + base * jitter / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_two_hours_and_a_quarter() {
        let mail = |attempts, id: u128| Waiting {
            id: MailId(uuid::Uuid::from_u128(id)),
            recipient_name: String::new(),
            recipient_address: String::new(),
            time_zone: outbox::Tz::UTC,
            message: serde_json::Value::Null,
            created_at: DateTime::UNIX_EPOCH,
            attempts,
            sandbox: false,
        };
        assert_eq!(pause(&mail(0, 0)), TimeDelta::seconds(30));
        assert_eq!(pause(&mail(3, 0)), TimeDelta::seconds(240));
        assert_eq!(pause(&mail(1000, 0)), TimeDelta::hours(2));
        let longest = pause(&mail(1000, 255));
        assert!(longest > TimeDelta::hours(2) && longest < TimeDelta::minutes(150), "{longest}");
    }
}
