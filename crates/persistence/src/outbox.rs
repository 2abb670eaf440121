//! Mails to be sent: written in the transaction of what they tell, sent after it by a worker.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{outbox_mails, users},
    sql_types::{At, Json, Key},
};
use chrono::{DateTime, Utc};
pub use chrono_tz::Tz;
use diesel::prelude::*;
use domain::{MailId, account::Email};
use std::collections::HashMap;

/// A mail that waits to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// Its id; makes the `Message-ID`, so that a repeated sending is recognised.
    pub id: MailId,
    /// To whom.
    pub recipient_name: String,
    /// At which address.
    pub recipient_address: String,
    /// The time zone of whoever has that address; UTC for people without an account.
    pub time_zone: Tz,
    /// What it tells, as `notifications` reads it.
    pub message: serde_json::Value,
    /// When it was written; the date of the mail.
    pub created_at: DateTime<Utc>,
    /// How often it was tried before.
    pub attempts: i32,
    /// Whether it comes from a sandbox.
    pub sandbox: bool,
}

/// Writes a mail to a person. One that a sandbox writes is sent now all the same, whatever time it is there.
pub fn enqueue(
    conn: &mut Conn,
    name: &str,
    email: &Email,
    message: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<()> {
    let real = conn.in_sandbox().unwrap_or(now);
    let row = (
        outbox_mails::id.eq(Key::of(conn.new_id::<MailId>())),
        outbox_mails::recipient_name.eq(name),
        outbox_mails::recipient_address.eq(email.as_str()),
        outbox_mails::message.eq(Json(message)),
        outbox_mails::created_at.eq(At(real)),
        outbox_mails::next_attempt_at.eq(Some(At(real))),
        outbox_mails::attempts.eq(0),
        outbox_mails::sandbox.eq(conn.in_sandbox().is_some()),
    );
    diesel::insert_into(outbox_mails::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Stores what a mail would take, to nobody, as if it had been sent.
pub fn enqueue_nothing(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    let row = (
        outbox_mails::id.eq(Key::of(conn.new_id::<MailId>())),
        outbox_mails::recipient_name.eq(""),
        outbox_mails::recipient_address.eq(""),
        outbox_mails::message.eq(Json(serde_json::Value::Null)),
        outbox_mails::created_at.eq(At(now)),
        outbox_mails::sent_at.eq(At(now)),
        outbox_mails::attempts.eq(0),
    );
    diesel::insert_into(outbox_mails::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Whether there are mails that are due.
pub fn any_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
    let due = outbox_mails::table.filter(outbox_mails::next_attempt_at.le(At(now))).select(outbox_mails::id).limit(1);
    Ok(due.first::<Key>(&mut conn.db).optional()?.is_some())
}

/// Takes mails that are due, until `lease_until`: nobody else takes them before, and if this process dies they are due
/// again then.
pub fn lease(conn: &mut Conn, now: DateTime<Utc>, lease_until: DateTime<Utc>, limit: i64) -> Result<Vec<Waiting>> {
    let due = outbox_mails::table
        .filter(outbox_mails::next_attempt_at.le(At(now)))
        .order(outbox_mails::next_attempt_at)
        .limit(limit);
    let rows: Vec<Row> = match &mut conn.db {
        AnyConnection::Postgres(pg) => due.for_update().skip_locked().select(Row::as_select()).load(pg)?,
        AnyConnection::Sqlite(sqlite) => due.select(Row::as_select()).load(sqlite)?,
    };
    for row in &rows {
        let lease = outbox_mails::next_attempt_at.eq(Some(At(lease_until)));
        diesel::update(outbox_mails::table.find(row.id)).set(lease).execute(&mut conn.db)?;
    }
    let zones = time_zones(conn, &rows)?;
    Ok(rows.into_iter().map(|row| row.waiting(&zones)).collect())
}

/// The time zones of the recipients who have an account, by address.
fn time_zones(conn: &mut Conn, rows: &[Row]) -> Result<HashMap<String, Tz>> {
    let addresses: Vec<_> = rows.iter().map(|row| &row.recipient_address).collect();
    let zones = users::table.filter(users::email.eq_any(addresses)).select((users::email, users::time_zone));
    let zones: Vec<(String, String)> = zones.load(&mut conn.db)?;
    let read = |(email, zone): (String, String)| Ok((email, zone.parse().map_err(|_| Error::corrupt("zone", &zone))?));
    zones.into_iter().map(read).collect()
}

/// Notes that a mail was sent, and forgets what it said: it may have held a link.
pub fn sent(conn: &mut Conn, id: MailId, now: DateTime<Utc>) -> Result<()> {
    let done = (
        outbox_mails::sent_at.eq(At(now)),
        outbox_mails::next_attempt_at.eq(None::<At>),
        outbox_mails::message.eq(Json(serde_json::Value::Null)),
        outbox_mails::attempts.eq(outbox_mails::attempts + 1),
    );
    diesel::update(outbox_mails::table.find(Key::of(id))).set(done).execute(&mut conn.db)?;
    Ok(())
}

/// Notes a failure: another attempt at `next`, or none. Too late if another worker has sent it since: nothing changes.
pub fn failed(conn: &mut Conn, id: MailId, error: &str, next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<()> {
    let done = (
        outbox_mails::next_attempt_at.eq(next.map(At)),
        outbox_mails::failed_at.eq(next.is_none().then_some(At(now))),
        outbox_mails::last_error.eq(error),
        outbox_mails::attempts.eq(outbox_mails::attempts + 1),
    );
    let unsent = outbox_mails::table.find(Key::of(id)).filter(outbox_mails::sent_at.is_null());
    diesel::update(unsent).set(done).execute(&mut conn.db)?;
    Ok(())
}

/// Deletes mails written before an instant, sent or not.
pub fn delete_older(conn: &mut Conn, than: DateTime<Utc>) -> Result<()> {
    diesel::delete(outbox_mails::table.filter(outbox_mails::created_at.lt(At(than)))).execute(&mut conn.db)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox_mails)]
struct Row {
    id: Key,
    recipient_name: String,
    recipient_address: String,
    message: Json,
    created_at: At,
    attempts: i32,
    sandbox: bool,
}

impl Row {
    fn waiting(self, zones: &HashMap<String, Tz>) -> Waiting {
        Waiting {
            time_zone: zones.get(&self.recipient_address).copied().unwrap_or(Tz::UTC),
            id: self.id.id(),
            recipient_name: self.recipient_name,
            recipient_address: self.recipient_address,
            message: self.message.0,
            created_at: self.created_at.0,
            attempts: self.attempts,
            sandbox: self.sandbox,
        }
    }
}
