//! Signing in through OpenID providers (OpenID Connect Core 1.0, authorization code flow with PKCE).
//!
//! Whoever begins a sign-in gets a secret, the *binding*. The code that the person brings back from the provider is worth
//! a session only together with it, so an address that was stolen on the way, or was slipped to somebody to log them in
//! as another (RFC 9700, 4.7), is worth nothing.

mod id_token;
mod provider;
mod web;

pub use provider::{Answer, Metadata, Provider, ProviderSettings, Providers};

use crate::{
    Caller, Result, accounts,
    attempts::{self, Counter},
    log_ins, mail, second_factors,
    sessions::{self, Issued},
    tokens::{self, Secret},
    vault::Vault,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, IdentityId, OidcSignInId, Refusal, UserId,
    account::{Client, Code},
    identity::{CODE_LIFETIME, Claims, Identity, SIGN_IN_LIFETIME, check_redirect_path},
};
use notifications::SecurityChange;
use persistence::{
    Conn,
    identities::{self, SignIn},
};

/// The most identities that a list shows; nobody has that many.
const LIST: i64 = 100;

/// A sign-in that was begun.
pub struct Begun {
    /// Comes back in the address that the provider sends the browser to.
    pub state: Secret,
    /// Comes back inside the ID token.
    pub nonce: Secret,
    /// For whoever began it, to be presented at the end.
    pub binding: Secret,
    /// Until when the provider may answer.
    pub expires_at: DateTime<Utc>,
}

/// Begins a sign-in.
pub fn begin(conn: &mut Conn, provider: &Provider, redirect_path: Option<String>) -> Result<Begun> {
    redirect_path.as_deref().map(check_redirect_path).transpose()?;
    let expires_at = conn.now()? + SIGN_IN_LIFETIME;
    let begun =
        Begun { state: Secret::generate()?, nonce: Secret::generate()?, binding: Secret::generate()?, expires_at };
    let sign_in = SignIn {
        provider: provider.name().to_owned(),
        state_hash: begun.state.hash(),
        nonce_hash: begun.nonce.hash(),
        binding_hash: begun.binding.hash(),
        redirect_path,
        expires_at,
    };
    identities::begin(conn, &sign_in)?;
    Ok(begun)
}

/// The provider answers: its answer is taken once. A browser that shows a binding must show the right one; one that shows
/// none may belong to a program that keeps the binding for the end.
pub fn take(conn: &mut Conn, state: &str, binding: Option<&str>) -> Result<(OidcSignInId, SignIn)> {
    let now = conn.now()?;
    let taken = identities::answer(conn, &tokens::hash(state), now)?;
    let (id, sign_in) = taken.ok_or(Refusal::TokenInvalid)?;
    let foreign = binding.is_some_and(|binding| tokens::hash(binding) != sign_in.binding_hash);
    if foreign { Err(Refusal::TokenInvalid.into()) } else { Ok((id, sign_in)) }
}

/// The provider has said who it is: finds the person, or makes an account, and gives the code that is worth a session.
pub fn finish(
    conn: &mut Conn,
    request_id: &str,
    sign_in: OidcSignInId,
    provider: &Provider,
    claims: &Claims,
) -> Result<Secret> {
    let now = conn.now()?;
    let user = match identities::find_by_subject(conn, &claims.issuer, &claims.subject)? {
        Some(identity) => {
            identities::touch(conn, identity.id, now)?;
            identity.user
        }
        None => link(conn, request_id, provider, claims)?,
    };
    let code = Secret::generate()?;
    identities::grant_code(conn, sign_in, user, &code.hash(), now + CODE_LIFETIME)?;
    Ok(code)
}

/// A first time: links the account with the verified address, or a new one.
fn link(conn: &mut Conn, request_id: &str, provider: &Provider, claims: &Claims) -> Result<UserId> {
    let now = conn.now()?;
    let email = claims.vouched_email(provider.domains())?;
    let user = match persistence::accounts::find_by_email(conn, &email)? {
        Some(user) => {
            let change = SecurityChange::IdentityLinked { provider: provider.label().to_owned() };
            mail::send_security_notice(conn, user.id, change, now)?;
            user.id
        }
        None => accounts::create(conn, request_id, claims.registration(email), false)?,
    };
    let organisation = provider.organisation();
    let (identity, event) = Identity::link(conn.new_id(), user, provider.name(), organisation, claims, now);
    identities::insert(conn, &identity)?;
    let origin = persistence::events::Origin { actor: Some(user), request_id };
    persistence::events::record(conn, origin, now, event)?;
    Ok(user)
}

/// What somebody brings to be logged in.
pub struct Ticket {
    /// From the end of the sign-in.
    pub code: String,
    /// From its beginning.
    pub binding: String,
    /// For an account that takes one-time codes whoever vouches.
    pub second: Option<Code>,
}

/// Exchanges the code for a session. A refusal that is no error is kept: with a wrong one-time code the ticket is used
/// up, or it would be one to guess with.
pub fn log_in(
    conn: &mut Conn,
    request_id: &str,
    vault: &Vault,
    ticket: &Ticket,
    client: &Client,
    lifetime: TimeDelta,
) -> Result<Result<Issued, Refusal>> {
    let now = conn.now()?;
    let user = identities::redeem(conn, &tokens::hash(&ticket.code), &tokens::hash(&ticket.binding), now)?;
    let user = accounts::find(conn, user.ok_or(Refusal::TokenInvalid)?)?;
    persistence::accounts::state(conn, user.id)?.require_active()?;
    let counter = [Counter::provider(user.id)];
    attempts::count(conn, &counter)?;
    match second_factors::check(conn, request_id, vault, user.id, ticket.second.as_ref())? {
        Ok(()) => attempts::succeed(conn, &counter)?,
        Err(Refusal::OneTimeCodeRequired) => return Err(Refusal::OneTimeCodeRequired.into()),
        Err(refusal) => return Ok(Err(refusal)),
    }
    log_ins::tell_of_new_client(conn, user.id, client, now)?;
    sessions::start(conn, &user, client, lifetime).map(Ok)
}

/// A person's own, the newest first; at most 100.
pub fn list(conn: &mut Conn, actor: &Actor) -> Result<Vec<Identity>> {
    Ok(identities::of_user(conn, actor.user, LIST)?)
}

/// A person gives up one of their own.
pub fn unlink(conn: &mut Conn, caller: &Caller, id: IdentityId) -> Result<()> {
    let now = conn.now()?;
    let event = identities::find(conn, id)?.unlink(&caller.actor)?;
    identities::delete(conn, id)?;
    caller.record(conn, now, event)
}
