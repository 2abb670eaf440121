//! Accounts at OpenID providers, and the sign-ins that are under way.

use crate::{
    Conn, Result,
    schema::{oidc_identities, oidc_sign_ins},
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{IdentityId, OidcSignInId, UserId, identity::Identity};

/// Links an account at a provider to a person.
pub fn insert(conn: &mut Conn, identity: &Identity) -> Result<()> {
    diesel::insert_into(oidc_identities::table).values(Row::from(identity)).execute(&mut conn.db)?;
    Ok(())
}

/// The one with this id.
pub fn find(conn: &mut Conn, id: IdentityId) -> Result<Identity> {
    Ok(oidc_identities::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.into())
}

/// The one with this subject at this issuer.
pub fn find_by_subject(conn: &mut Conn, issuer: &str, subject: &str) -> Result<Option<Identity>> {
    let of = oidc_identities::issuer.eq(issuer).and(oidc_identities::subject.eq(subject));
    let row = oidc_identities::table.filter(of).select(Row::as_select()).first(&mut conn.db).optional()?;
    Ok(row.map(Into::into))
}

/// Those of a person, the newest first; at most `limit`.
pub fn of_user(conn: &mut Conn, user: UserId, limit: i64) -> Result<Vec<Identity>> {
    let of = oidc_identities::table.filter(oidc_identities::user_id.eq(Key::of(user)));
    let rows = of.order(oidc_identities::id.desc()).limit(limit).select(Row::as_select());
    Ok(rows.load(&mut conn.db)?.into_iter().map(Into::into).collect())
}

/// Notes that it was used to sign in.
pub fn touch(conn: &mut Conn, id: IdentityId, now: DateTime<Utc>) -> Result<()> {
    let used = oidc_identities::last_used_at.eq(At(now));
    diesel::update(oidc_identities::table.find(Key::of(id))).set(used).execute(&mut conn.db)?;
    Ok(())
}

/// Takes the link back.
pub fn delete(conn: &mut Conn, id: IdentityId) -> Result<()> {
    diesel::delete(oidc_identities::table.find(Key::of(id))).execute(&mut conn.db)?;
    Ok(())
}

/// A sign-in that begins. Secrets come as hashes.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The provider, by its name in the configuration.
    pub provider: String,
    /// Comes back in the address that the provider sends the browser to.
    pub state_hash: String,
    /// Comes back inside the ID token.
    pub nonce_hash: String,
    /// Known to whoever began it, and to nobody else.
    pub binding_hash: String,
    /// Where the browser goes in the end.
    pub redirect_path: Option<String>,
    /// Until when the provider may answer.
    pub expires_at: DateTime<Utc>,
}

/// Begins a sign-in.
pub fn begin(conn: &mut Conn, sign_in: &SignIn) -> Result<OidcSignInId> {
    let id = conn.new_id::<OidcSignInId>();
    let row = (
        oidc_sign_ins::id.eq(Key::of(id)),
        oidc_sign_ins::provider.eq(&sign_in.provider),
        oidc_sign_ins::state_hash.eq(&sign_in.state_hash),
        oidc_sign_ins::nonce_hash.eq(&sign_in.nonce_hash),
        oidc_sign_ins::binding_hash.eq(&sign_in.binding_hash),
        oidc_sign_ins::redirect_path.eq(&sign_in.redirect_path),
        oidc_sign_ins::expires_at.eq(At(sign_in.expires_at)),
    );
    diesel::insert_into(oidc_sign_ins::table).values(row).execute(&mut conn.db)?;
    Ok(id)
}

/// The sign-in with this state that the provider answers now, for the first time and in time; the database decides who
/// is first.
pub fn answer(conn: &mut Conn, state_hash: &str, now: DateTime<Utc>) -> Result<Option<(OidcSignInId, SignIn)>> {
    let waiting = oidc_sign_ins::table
        .filter(oidc_sign_ins::state_hash.eq(state_hash))
        .filter(oidc_sign_ins::answered_at.is_null())
        .filter(oidc_sign_ins::expires_at.gt(At(now)));
    if diesel::update(waiting).set(oidc_sign_ins::answered_at.eq(At(now))).execute(&mut conn.db)? == 0 {
        return Ok(None);
    }
    let found = oidc_sign_ins::table.filter(oidc_sign_ins::state_hash.eq(state_hash));
    let row = found.select(SignInRow::as_select()).first(&mut conn.db)?;
    Ok(Some((row.id.id(), row.into())))
}

/// The person is known: from now until `expires_at` the code is worth a session.
pub fn grant_code(
    conn: &mut Conn,
    id: OidcSignInId,
    user: UserId,
    code_hash: &str,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let granted = (
        oidc_sign_ins::user_id.eq(Key::of(user)),
        oidc_sign_ins::code_hash.eq(code_hash),
        oidc_sign_ins::code_expires_at.eq(At(expires_at)),
    );
    diesel::update(oidc_sign_ins::table.find(Key::of(id))).set(granted).execute(&mut conn.db)?;
    Ok(())
}

/// Uses a code up, and tells whose it is; nothing if it is unknown, used, expired, or was begun by somebody else.
pub fn redeem(conn: &mut Conn, code_hash: &str, binding_hash: &str, now: DateTime<Utc>) -> Result<Option<UserId>> {
    let granted = oidc_sign_ins::table
        .filter(oidc_sign_ins::code_hash.eq(code_hash))
        .filter(oidc_sign_ins::binding_hash.eq(binding_hash))
        .filter(oidc_sign_ins::code_expires_at.gt(At(now)));
    let found = granted.select((oidc_sign_ins::id, oidc_sign_ins::user_id));
    let found = found.first::<(Key, Option<Key>)>(&mut conn.db).optional()?;
    let Some((id, Some(user))) = found else { return Ok(None) };
    // Whoever deletes it is the first.
    let first = diesel::delete(oidc_sign_ins::table.find(id)).execute(&mut conn.db)? == 1;
    Ok(first.then(|| user.id()))
}

/// Forgets sign-ins that nobody can finish any longer.
pub fn purge(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let dead = oidc_sign_ins::expires_at.le(At(now - domain::identity::CODE_LIFETIME));
    Ok(diesel::delete(oidc_sign_ins::table.filter(dead)).execute(&mut conn.db)?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = oidc_sign_ins)]
struct SignInRow {
    id: Key,
    provider: String,
    state_hash: String,
    nonce_hash: String,
    binding_hash: String,
    redirect_path: Option<String>,
    expires_at: At,
}

impl From<SignInRow> for SignIn {
    fn from(row: SignInRow) -> Self {
        Self {
            provider: row.provider,
            state_hash: row.state_hash,
            nonce_hash: row.nonce_hash,
            binding_hash: row.binding_hash,
            redirect_path: row.redirect_path,
            expires_at: row.expires_at.0,
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = oidc_identities)]
struct Row {
    id: Key,
    user_id: Key,
    provider: String,
    issuer: String,
    subject: String,
    linked_at: At,
    last_used_at: At,
}

impl From<&Identity> for Row {
    fn from(identity: &Identity) -> Self {
        Self {
            id: Key::of(identity.id),
            user_id: Key::of(identity.user),
            provider: identity.provider.clone(),
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            linked_at: At(identity.linked_at),
            last_used_at: At(identity.last_used_at),
        }
    }
}

impl From<Row> for Identity {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.id(),
            user: row.user_id.id(),
            provider: row.provider,
            issuer: row.issuer,
            subject: row.subject,
            linked_at: row.linked_at.0,
            last_used_at: row.last_used_at.0,
        }
    }
}
