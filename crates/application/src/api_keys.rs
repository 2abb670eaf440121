//! Keys with which programs act in the place of whoever made them.

use crate::{Caller, Error, Result, mail};
use chrono::{DateTime, Utc};
use domain::{
    Actor, ApiKey, ApiKeyId, Organisation, OrganisationId, Role, UserId,
    api_key::{self, EXPIRY_NOTICE, NAME_LENGTH, NewApiKey, Presented, Rotation, SECRET_LENGTH, Token},
};
use notifications::{ApiKeyCreated, ApiKeyExpires, ApiKeyRotated, Message};
pub use persistence::api_keys::Listed;
use persistence::{Conn, accounts, api_keys, members, organisations};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

/// The most that one look finds; the next look finds the rest.
const BATCH: i64 = 100;

/// A key with its secret, which is shown now and never again.
pub struct Issued {
    /// The key, as it is listed.
    pub listed: Listed,
    /// The secret.
    pub token: Token,
}

/// An owner makes a key that acts in their place. `known` are the scopes that operations take.
pub fn create(
    conn: &mut Conn,
    caller: &Caller,
    id: OrganisationId,
    new: &NewApiKey,
    known: &BTreeSet<String>,
) -> Result<Issued> {
    let organisation = organisations::find(conn, id)?;
    organisation.require_owner(&caller.actor)?;
    let live = api_keys::lock_count(conn, id, conn.machine_now())?;
    let now = conn.now()?;
    let name = api_key::name(&random::<NAME_LENGTH>()?);
    let token = Token::new(&name, &random::<SECRET_LENGTH>()?);
    let fresh = (conn.new_id(), name, token.hash());
    let (key, event) = organisation.create_api_key(&caller.actor, fresh, new, known, live, now)?;
    api_keys::insert(conn, &key)?;
    caller.record(conn, now, event)?;
    tell(conn, &organisation, &key, now, |organisation, creator| {
        Message::ApiKeyCreated(ApiKeyCreated {
            organisation,
            creator,
            name: key.name.clone(),
            prefix: key.prefix(),
            scopes: key.scopes.iter().cloned().collect(),
            expires_at: key.expires_at,
            link: mail::organisation_link(id),
        })
    })?;
    issued(conn, key, token)
}

/// Whoever made a key replaces its secret; the old one works on for a while.
pub fn rotate(
    conn: &mut Conn,
    caller: &Caller,
    (organisation, id): (OrganisationId, ApiKeyId),
    rotation: Rotation,
) -> Result<Issued> {
    let organisation = organisations::find(conn, organisation)?;
    organisation.require_owner(&caller.actor)?;
    let mut key = api_keys::lock(conn, organisation.id, id)?;
    let now = conn.now()?;
    let since = api_keys::creator(conn, &key)?.map(|creator| creator.joined_at);
    let status = key.status(since, now);
    let token = Token::new(&key.token_name, &random::<SECRET_LENGTH>()?);
    let event = organisation.rotate_api_key(&caller.actor, (&mut key, status), rotation, token.hash(), now)?;
    api_keys::update(conn, &key)?;
    caller.record(conn, now, event)?;
    let previous_until = key.previous.as_ref().map_or(now, |previous| previous.until);
    tell(conn, &organisation, &key, now, |organisation, creator| {
        Message::ApiKeyRotated(ApiKeyRotated {
            organisation,
            creator,
            name: key.name.clone(),
            prefix: key.prefix(),
            previous_until,
            expires_at: key.expires_at,
            link: mail::organisation_link(key.organisation),
        })
    })?;
    issued(conn, key, token)
}

/// An owner puts an end to a key, at once.
pub fn revoke(conn: &mut Conn, caller: &Caller, (organisation, id): (OrganisationId, ApiKeyId)) -> Result<()> {
    let organisation = organisations::find(conn, organisation)?;
    organisation.require_owner(&caller.actor)?;
    let mut key = api_keys::lock(conn, organisation.id, id)?;
    let now = conn.now()?;
    let event = organisation.revoke_api_key(&caller.actor, &mut key, now)?;
    api_keys::update(conn, &key)?;
    caller.record(conn, now, event)
}

/// Some keys of an organisation, the newest first, for its owners.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    id: OrganisationId,
    after: Option<ApiKeyId>,
    limit: i64,
) -> Result<Vec<Listed>> {
    organisations::find(conn, id)?.require_owner(actor)?;
    Ok(api_keys::page(conn, id, after, limit)?)
}

/// Whoever acts with a key that was sent from an address, with the roles of this very moment; `needed` are the scopes
/// that the operation takes, if it takes keys at all.
pub fn actor(conn: &mut Conn, sent: &Presented, from: IpAddr, needed: Option<&[String]>) -> Result<Actor> {
    let now = conn.machine_now();
    let key = api_keys::find_by_token_name(conn, &sent.name)?.ok_or(domain::Refusal::ApiKeyRejected)?;
    let creator = api_keys::creator(conn, &key)?;
    let actor = key.actor(&sent.hash, creator, from, now)?;
    key.require_scopes(needed)?;
    Ok(actor)
}

/// Notes when some keys were used last, and from which networks.
pub fn seen(conn: &mut Conn, keys: &[(ApiKeyId, String)], now: DateTime<Utc>) -> Result<()> {
    for (id, network) in keys {
        api_keys::seen(conn, *id, network, now)?;
    }
    Ok(())
}

/// Some keys that will expire soon and whose creators do not know it yet.
pub fn expiring(conn: &mut Conn) -> Result<Vec<(OrganisationId, ApiKeyId)>> {
    let now = conn.now()?;
    Ok(api_keys::expiring(conn, (now, now + EXPIRY_NOTICE), BATCH)?)
}

/// Tells whoever made one of them, unless they have no access any more. Does nothing if somebody else was faster.
pub fn remind(conn: &mut Conn, organisation: OrganisationId, id: ApiKeyId) -> Result<()> {
    let mut key = api_keys::lock(conn, organisation, id)?;
    let now = conn.now()?;
    if !key.announce_expiry(now) {
        return Ok(());
    }
    api_keys::update(conn, &key)?;
    if api_keys::creator(conn, &key)?.is_none() {
        return Ok(());
    }
    let message = Message::ApiKeyExpires(ApiKeyExpires {
        organisation: organisations::find(conn, organisation)?.legal_name,
        name: key.name.clone(),
        prefix: key.prefix(),
        expires_at: key.expires_at,
        link: mail::organisation_link(organisation),
    });
    mail::send_to_user(conn, key.creator, &message, now)
}

/// Tells whoever made the key, and the owners. The message gets the names of the organisation and of the former.
fn tell(
    conn: &mut Conn,
    organisation: &Organisation,
    key: &ApiKey,
    now: DateTime<Utc>,
    message: impl FnOnce(String, String) -> Message,
) -> Result<()> {
    let creator = accounts::find(conn, key.creator)?;
    let message = message(organisation.legal_name.clone(), creator.name.clone());
    let owners = members::holders(conn, organisation.id, Role::Owner)?;
    let told: BTreeMap<UserId, _> = owners.into_iter().chain([creator]).map(|user| (user.id, user)).collect();
    mail::send(conn, &told.into_values().collect::<Vec<_>>(), &message, now)
}

fn issued(conn: &mut Conn, key: ApiKey, token: Token) -> Result<Issued> {
    let creator_name = accounts::find(conn, key.creator)?.name;
    let creator_since = api_keys::creator(conn, &key)?.map(|creator| creator.joined_at);
    Ok(Issued { listed: Listed { key, creator_name, creator_since }, token })
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::Randomness(error.to_string()))?;
    Ok(bytes)
}
