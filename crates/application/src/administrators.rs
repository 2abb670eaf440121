//! The first administrator: let in by a link that works once, shown on the server's own terminal.

use crate::{Result, tokens::Secret};
use domain::{
    Refusal, UserId,
    account::{ADMINISTRATOR_LINK_LIFETIME, Registration},
};
use persistence::{
    Conn,
    accounts::{self, LinkPurpose},
};

/// Whether the platform has an administrator.
pub fn exists(conn: &mut Conn) -> Result<bool> {
    Ok(accounts::administrator_exists(conn)?)
}

/// Makes the token of a link that lets one person become an administrator.
pub fn create_link(conn: &mut Conn) -> Result<String> {
    let token = Secret::generate()?;
    let expires_at = conn.now()? + ADMINISTRATOR_LINK_LIFETIME;
    accounts::insert_link(conn, LinkPurpose::CreateAdministrator, &token.hash(), None, expires_at)?;
    Ok(token.reveal().to_owned())
}

/// Uses up the link: makes an account that runs the platform. Whoever holds the link controls the server, so the
/// address counts as confirmed.
pub fn create(conn: &mut Conn, request_id: &str, token: &str, registration: Registration) -> Result<UserId> {
    let now = conn.now()?;
    let hash = crate::tokens::hash(token);
    accounts::use_link(conn, LinkPurpose::CreateAdministrator, &hash, now)?.ok_or(Refusal::TokenInvalid)?;
    if accounts::find_by_email(conn, &registration.email)?.is_some() {
        return Err(Refusal::invalid("/email", "taken", "an account has this address").into());
    }
    // Every start without an administrator printed one; none of them may make a second.
    accounts::revoke_links(conn, LinkPurpose::CreateAdministrator)?;
    crate::accounts::create(conn, request_id, registration, true)
}
