//! Links of people who have an account: for another password, for another address.

use crate::{
    Conn, Error, Result,
    accounts::LinkPurpose,
    schema::one_time_links,
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{OneTimeLinkId, UserId, account::Email};

/// A link that can still be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLink {
    /// Whose it is.
    pub user: UserId,
    /// The address that it is about, if it is about one.
    pub email: Option<Email>,
    /// Until when it can be used.
    pub expires_at: DateTime<Utc>,
}

/// Stores a link by the hash of its token. Without a person it opens nothing: it is stored so that somebody unknown costs
/// as much as somebody known.
pub fn insert(
    conn: &mut Conn,
    purpose: LinkPurpose,
    token_hash: &str,
    user: Option<UserId>,
    email: Option<&Email>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let row = (
        one_time_links::id.eq(Key::of(conn.new_id::<OneTimeLinkId>())),
        one_time_links::purpose.eq(purpose.as_str()),
        one_time_links::token_hash.eq(token_hash),
        one_time_links::user_id.eq(user.map(Key::of)),
        one_time_links::email.eq(email.map(Email::as_str)),
        one_time_links::expires_at.eq(At(expires_at)),
    );
    diesel::insert_into(one_time_links::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// A link that can be used, without using it.
pub fn find(
    conn: &mut Conn,
    purpose: LinkPurpose,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<AccountLink>> {
    let found = one_time_links::table
        .filter(one_time_links::token_hash.eq(token_hash))
        .filter(one_time_links::purpose.eq(purpose.as_str()))
        .filter(one_time_links::used_at.is_null())
        .filter(one_time_links::expires_at.gt(At(now)))
        .select((one_time_links::user_id, one_time_links::email, one_time_links::expires_at));
    let found: Option<(Option<Key>, Option<String>, At)> = found.first(&mut conn.db).optional()?;
    let Some((Some(user), email, expires_at)) = found else { return Ok(None) };
    let parse = |email: String| Email::parse(&email).map_err(|_| Error::corrupt("e-mail address of link", email));
    Ok(Some(AccountLink { user: user.id(), email: email.map(parse).transpose()?, expires_at: expires_at.0 }))
}

/// Uses up a link, or gives nothing if it is unknown, used or expired. The database decides who is first.
pub fn take(
    conn: &mut Conn,
    purpose: LinkPurpose,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<AccountLink>> {
    let Some(link) = find(conn, purpose, token_hash, now)? else { return Ok(None) };
    let unused = one_time_links::table
        .filter(one_time_links::token_hash.eq(token_hash))
        .filter(one_time_links::used_at.is_null());
    let used = diesel::update(unused).set(one_time_links::used_at.eq(At(now))).execute(&mut conn.db)?;
    Ok((used == 1).then_some(link))
}

/// Makes a person's links of some kinds useless.
pub fn revoke(conn: &mut Conn, user: UserId, purposes: &[LinkPurpose]) -> Result<()> {
    let purposes: Vec<_> = purposes.iter().map(|purpose| purpose.as_str()).collect();
    let links = one_time_links::table
        .filter(one_time_links::user_id.eq(Key::of(user)))
        .filter(one_time_links::purpose.eq_any(purposes));
    diesel::delete(links).execute(&mut conn.db)?;
    Ok(())
}

/// Whether somebody else than `user` had the address lately and can still take it back.
pub fn is_kept_back(conn: &mut Conn, email: &Email, user: Option<UserId>, now: DateTime<Utc>) -> Result<bool> {
    let live = one_time_links::table
        .filter(one_time_links::email.eq(email.as_str()))
        .filter(one_time_links::purpose.eq(LinkPurpose::UndoEmailChange.as_str()))
        .filter(one_time_links::used_at.is_null())
        .filter(one_time_links::expires_at.gt(At(now)))
        .select(one_time_links::user_id);
    let holders: Vec<Option<Key>> = live.load(&mut conn.db)?;
    Ok(holders.into_iter().flatten().any(|holder| Some(holder.id()) != user))
}
