//! News of challenges on their way to everybody who is told.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::announcements,
    sql_types::{At, Json, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{AnnouncementId, ChallengeId, UserId};

/// News on their way.
#[derive(Debug, Clone, PartialEq)]
pub struct Announcement {
    /// Their id.
    pub id: AnnouncementId,
    /// About which challenge.
    pub challenge: ChallengeId,
    /// What is told, as `notifications` reads it.
    pub message: serde_json::Value,
    /// Who is being told.
    pub audience: Audience,
    /// The last one who has their mail.
    pub after: Option<UserId>,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// Whether it comes from a sandbox.
    pub sandbox: bool,
}

/// Who is told: one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody who follows.
    Followers,
    /// Everybody who bids for a company with a bid in the box and does not follow.
    Bidders,
    /// Everybody who bids for a company whose bid does not take all material changes into account, and nobody else.
    Unconfirmed,
}

impl Audience {
    fn as_str(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Bidders => "bidders",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

/// Puts news on their way.
pub fn insert(conn: &mut Conn, announcement: &Announcement) -> Result<()> {
    let row = Row {
        id: Key::of(announcement.id),
        challenge_id: Key::of(announcement.challenge),
        message: Json(announcement.message.clone()),
        audience: announcement.audience.as_str().to_owned(),
        after_user_id: announcement.after.map(Key::of),
        created_at: At(conn.in_sandbox().unwrap_or(announcement.created_at)),
        sandbox: announcement.sandbox,
    };
    diesel::insert_into(announcements::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Whether there are any.
pub fn any(conn: &mut Conn) -> Result<bool> {
    Ok(announcements::table.select(announcements::id).first::<Key>(&mut conn.db).optional()?.is_some())
}

/// The oldest that nobody else is telling. Whoever tells one of a sandbox acts in the sandbox.
pub fn lock_next(conn: &mut Conn) -> Result<Option<Announcement>> {
    let next = announcements::table.order(announcements::id).limit(1);
    let row: Option<Row> = match &mut conn.db {
        AnyConnection::Postgres(pg) => next.for_update().skip_locked().select(Row::as_select()).first(pg).optional()?,
        AnyConnection::Sqlite(sqlite) => next.select(Row::as_select()).first(sqlite).optional()?,
    };
    let next: Option<Announcement> = row.map(TryInto::try_into).transpose()?;
    if let Some(next) = next.as_ref().filter(|next| next.sandbox) {
        conn.enter_sandbox(next.created_at);
    }
    Ok(next)
}

/// Notes how far it has come.
pub fn update(conn: &mut Conn, announcement: &Announcement) -> Result<()> {
    let progress = (
        announcements::audience.eq(announcement.audience.as_str()),
        announcements::after_user_id.eq(announcement.after.map(Key::of)),
    );
    diesel::update(announcements::table.find(Key::of(announcement.id))).set(progress).execute(&mut conn.db)?;
    Ok(())
}

/// Everybody has their mail.
pub fn delete(conn: &mut Conn, id: AnnouncementId) -> Result<()> {
    diesel::delete(announcements::table.find(Key::of(id))).execute(&mut conn.db)?;
    Ok(())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = announcements)]
struct Row {
    id: Key,
    challenge_id: Key,
    message: Json,
    audience: String,
    after_user_id: Option<Key>,
    created_at: At,
    sandbox: bool,
}

impl TryFrom<Row> for Announcement {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let audience = [Audience::Followers, Audience::Bidders, Audience::Unconfirmed]
            .into_iter()
            .find(|a| a.as_str() == row.audience);
        Ok(Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            message: row.message.0,
            audience: audience.ok_or_else(|| Error::corrupt("audience", &row.audience))?,
            after: row.after_user_id.map(Key::id),
            created_at: row.created_at.0,
            sandbox: row.sandbox,
        })
    }
}
