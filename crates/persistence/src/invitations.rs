//! Invitations to organisations.

use crate::{
    Conn, Error, Result,
    schema::{invitations, organisations, users},
    sql_types::{At, Json, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use domain::{
    Invitation, InvitationId, OrganisationId,
    account::Email,
    invitation::{InvitationStatus, KEPT_AFTERWARDS},
};

/// Adds an invitation, found by the hash of its token.
pub fn insert(conn: &mut Conn, invitation: &Invitation, token_hash: &str) -> Result<()> {
    let row = (Row::from(invitation), invitations::token_hash.eq(token_hash));
    diesel::insert_into(invitations::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Saves an answered invitation, unless somebody else was faster.
pub fn close(conn: &mut Conn, invitation: &Invitation) -> Result<()> {
    let open = invitations::table.find(Key::of(invitation.id)).filter(invitations::status.eq(OPEN));
    let closed =
        (invitations::status.eq(invitation.status.as_str()), invitations::closed_at.eq(at(invitation.closed_at)));
    let changed = diesel::update(open).set(closed).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// Saves an invitation that is sent again with another token, unless somebody else answered it or sent it meanwhile.
pub fn send_again(conn: &mut Conn, invitation: &Invitation, before: DateTime<Utc>, token_hash: &str) -> Result<()> {
    let open = invitations::table
        .find(Key::of(invitation.id))
        .filter(invitations::status.eq(OPEN))
        .filter(invitations::sent_at.eq(At(before)));
    let sent = (
        invitations::token_hash.eq(token_hash),
        invitations::sent_at.eq(At(invitation.sent_at)),
        invitations::expires_at.eq(At(invitation.expires_at)),
    );
    let changed = diesel::update(open).set(sent).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// The invitation of an organisation with this id.
pub fn find(conn: &mut Conn, organisation: OrganisationId, id: InvitationId) -> Result<Invitation> {
    let row = invitations::table.find(Key::of(id)).filter(invitations::organisation_id.eq(Key::of(organisation)));
    row.select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The invitation with this token.
pub fn find_by_token(conn: &mut Conn, token_hash: &str) -> Result<Option<Invitation>> {
    let row = invitations::table.filter(invitations::token_hash.eq(token_hash)).select(Row::as_select());
    row.first(&mut conn.db).optional()?.map(TryInto::try_into).transpose()
}

/// The unanswered invitation of an address to an organisation, whether it has expired or not.
pub fn find_open(conn: &mut Conn, organisation: OrganisationId, email: &Email) -> Result<Option<Invitation>> {
    let row = invitations::table
        .filter(invitations::organisation_id.eq(Key::of(organisation)))
        .filter(invitations::email.eq(email.as_str()))
        .filter(invitations::status.eq(OPEN))
        .select(Row::as_select());
    row.first(&mut conn.db).optional()?.map(TryInto::try_into).transpose()
}

/// How many invitations of an organisation wait for an answer; on PostgreSQL nobody adds one until the transaction ends.
pub fn lock_count(conn: &mut Conn, organisation: OrganisationId, now: DateTime<Utc>) -> Result<usize> {
    crate::members::lock_organisation(conn, organisation)?;
    let open = invitations::table
        .filter(invitations::organisation_id.eq(Key::of(organisation)))
        .filter(invitations::status.eq(OPEN))
        .filter(invitations::expires_at.gt(At(now)))
        .select(count_star());
    Ok(usize::try_from(open.first::<i64>(&mut conn.db)?).unwrap_or(usize::MAX))
}

/// Some invitations of an organisation, the newest first; of one status, if one is given.
pub fn page(
    conn: &mut Conn,
    organisation: OrganisationId,
    status: Option<InvitationStatus>,
    now: DateTime<Utc>,
    after: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<Invitation>> {
    use InvitationStatus::{Expired, Open};
    let mut query = invitations::table
        .filter(invitations::organisation_id.eq(Key::of(organisation)))
        .order(invitations::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(status) = status {
        let stored = if status == Expired { Open } else { status };
        query = query.filter(invitations::status.eq(stored.as_str()));
    }
    match status {
        Some(Open) => query = query.filter(invitations::expires_at.gt(At(now))),
        Some(Expired) => query = query.filter(invitations::expires_at.le(At(now))),
        _ => {}
    }
    if let Some(after) = after {
        query = query.filter(invitations::id.lt(Key::of(after)));
    }
    query.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// The names that a mail or a page about an invitation shows: of the organisation, and of whoever invites.
pub fn names(conn: &mut Conn, invitation: &Invitation) -> Result<(String, String)> {
    let organisation = organisations::table.find(Key::of(invitation.organisation)).select(organisations::legal_name);
    let inviter = users::table.find(Key::of(invitation.invited_by)).select(users::name);
    Ok((organisation.first(&mut conn.db)?, inviter.first(&mut conn.db)?))
}

/// Forgets invitations some time after their end, and with them the addresses.
pub fn purge(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let old = invitations::table.filter(invitations::expires_at.le(At(now - KEPT_AFTERWARDS)));
    Ok(diesel::delete(old).execute(&mut conn.db)?)
}

/// Forgets all invitations to an address, for somebody who wants to be erased.
pub fn forget(conn: &mut Conn, email: &Email) -> Result<usize> {
    Ok(diesel::delete(invitations::table.filter(invitations::email.eq(email.as_str()))).execute(&mut conn.db)?)
}

/// The status of whatever waits for an answer.
const OPEN: &str = "open";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations)]
struct Row {
    id: Key,
    organisation_id: Key,
    email: String,
    roles: Json,
    message: Option<String>,
    status: String,
    invited_by_id: Key,
    created_at: At,
    sent_at: At,
    expires_at: At,
    closed_at: Option<At>,
}

impl From<&Invitation> for Row {
    fn from(invitation: &Invitation) -> Self {
        Self {
            id: Key::of(invitation.id),
            organisation_id: Key::of(invitation.organisation),
            email: invitation.email.as_str().to_owned(),
            roles: Json::of(&invitation.roles),
            message: invitation.message.clone(),
            status: invitation.status.as_str().to_owned(),
            invited_by_id: Key::of(invitation.invited_by),
            created_at: At(invitation.created_at),
            sent_at: At(invitation.sent_at),
            expires_at: At(invitation.expires_at),
            closed_at: at(invitation.closed_at),
        }
    }
}

impl TryFrom<Row> for Invitation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let status = InvitationStatus::parse(&row.status);
        Ok(Self {
            id: row.id.id(),
            organisation: row.organisation_id.id(),
            email: Email::parse(&row.email).map_err(|_| Error::corrupt("address of invitation", row.id))?,
            roles: row.roles.read()?,
            message: row.message,
            status: status.ok_or_else(|| Error::corrupt("status of invitation", &row.status))?,
            invited_by: row.invited_by_id.id(),
            created_at: row.created_at.0,
            sent_at: row.sent_at.0,
            expires_at: row.expires_at.0,
            closed_at: instant(row.closed_at),
        })
    }
}
