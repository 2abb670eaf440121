//! API keys, by their hashes.

use crate::{
    Conn, Error, Result,
    schema::{api_keys, member_roles, members, organisations, users},
    sql_types::{At, Json, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use domain::{
    ApiKey, ApiKeyId, Id, OrganisationId, UserId,
    api_key::{Creator, Previous},
};

/// Adds a key.
pub fn insert(conn: &mut Conn, key: &ApiKey) -> Result<()> {
    diesel::insert_into(api_keys::table).values(Row::from(key)).execute(&mut conn.db)?;
    Ok(())
}

/// Saves a changed key, all but its last use. Hold the organisation's row, as [`lock`] and [`lock_count`] do.
pub fn update(conn: &mut Conn, key: &ApiKey) -> Result<()> {
    let Row { hash, previous_hash, previous_until, expires_at, revoked_at, expiry_announced_at, .. } = Row::from(key);
    let changed = (
        api_keys::hash.eq(hash),
        api_keys::previous_hash.eq(previous_hash),
        api_keys::previous_until.eq(previous_until),
        api_keys::expires_at.eq(expires_at),
        api_keys::revoked_at.eq(revoked_at),
        api_keys::expiry_announced_at.eq(expiry_announced_at),
    );
    diesel::update(api_keys::table.find(Key::of(key.id))).set(changed).execute(&mut conn.db)?;
    Ok(())
}

/// The key that is called so in what its user sends.
pub fn find_by_token_name(conn: &mut Conn, name: &str) -> Result<Option<ApiKey>> {
    let row = api_keys::table.filter(api_keys::token_name.eq(name)).select(Row::as_select());
    row.first(&mut conn.db).optional()?.map(TryInto::try_into).transpose()
}

/// The key of an organisation with this id; on PostgreSQL nobody else changes one of its keys until the transaction ends.
pub fn lock(conn: &mut Conn, organisation: OrganisationId, id: ApiKeyId) -> Result<ApiKey> {
    crate::members::lock_organisation(conn, organisation)?;
    let row = api_keys::table.find(Key::of(id)).filter(api_keys::organisation_id.eq(Key::of(organisation)));
    row.select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// How many keys of an organisation are neither revoked nor expired; on PostgreSQL nobody adds one until the transaction
/// ends.
pub fn lock_count(conn: &mut Conn, organisation: OrganisationId, now: DateTime<Utc>) -> Result<usize> {
    crate::members::lock_organisation(conn, organisation)?;
    let live = api_keys::table
        .filter(api_keys::organisation_id.eq(Key::of(organisation)))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.gt(At(now)))
        .select(count_star());
    Ok(usize::try_from(live.first::<i64>(&mut conn.db)?).unwrap_or(usize::MAX))
}

/// Whoever made a key, as a member of its organisation with the roles of this very moment, lent ones left out; nobody if
/// the person or the membership is suspended, or there is none.
pub fn creator(conn: &mut Conn, key: &ApiKey) -> Result<Option<Creator>> {
    type Found = (At, bool, Option<At>, i32, Option<String>);
    let rows: Vec<Found> = members::table
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .inner_join(organisations::table.on(organisations::id.eq(members::organisation_id)))
        .left_join(member_roles::table.on(member_roles::member_id.eq(members::id)))
        .filter(members::organisation_id.eq(Key::of(key.organisation)))
        .filter(members::user_id.eq(Key::of(key.creator)))
        .filter(members::suspended_at.is_null())
        .filter(users::suspended_at.is_null())
        .filter(users::deactivated_at.is_null())
        .filter(users::erased_at.is_null())
        .order(member_roles::role)
        .select((
            members::joined_at,
            organisations::sandbox,
            organisations::suspended_at,
            users::accepted_terms,
            member_roles::role.nullable(),
        ))
        .load(&mut conn.db)?;
    let Some((joined_at, sandbox, suspended_at, accepted_terms, _)) = rows.first().cloned() else { return Ok(None) };
    let held = rows.iter().filter(|_| suspended_at.is_none()).filter_map(|(.., role)| role.as_deref());
    let roles = held.map(crate::sessions::parse_role).collect::<Result<_>>()?;
    Ok(Some(Creator { joined_at: joined_at.0, roles, accepted_terms, sandbox }))
}

/// A key in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: ApiKey,
    /// The name of whoever made it.
    pub creator_name: String,
    /// Since when they have access to the organisation without a break; nothing if they have none at present.
    pub creator_since: Option<DateTime<Utc>>,
}

/// Some keys of an organisation, those that are over included, the newest first.
pub fn page(conn: &mut Conn, organisation: OrganisationId, after: Option<ApiKeyId>, limit: i64) -> Result<Vec<Listed>> {
    let member = members::user_id
        .eq(api_keys::creator_id)
        .and(members::organisation_id.eq(api_keys::organisation_id))
        .and(members::suspended_at.is_null())
        .and(users::suspended_at.is_null())
        .and(users::deactivated_at.is_null());
    let mut query = api_keys::table
        .inner_join(users::table.on(users::id.eq(api_keys::creator_id)))
        .left_join(members::table.on(member))
        .filter(api_keys::organisation_id.eq(Key::of(organisation)))
        .order(api_keys::id.desc())
        .limit(limit)
        .select((Row::as_select(), users::name, members::joined_at.nullable()))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(api_keys::id.lt(Key::of(after)));
    }
    let rows: Vec<(Row, String, Option<At>)> = query.load(&mut conn.db)?;
    let listed = |(row, creator_name, since): (Row, _, _)| {
        Ok(Listed { key: row.try_into()?, creator_name, creator_since: instant(since) })
    };
    rows.into_iter().map(listed).collect()
}

/// The keys that a person made and that are still remembered, the oldest first.
pub fn of_creator(conn: &mut Conn, creator: UserId) -> Result<Vec<ApiKey>> {
    let own = api_keys::table.filter(api_keys::creator_id.eq(Key::of(creator))).order(api_keys::id);
    own.select(Row::as_select()).load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// Some keys that expire between two moments and whose creators were not told, the first to expire first.
pub fn expiring(
    conn: &mut Conn,
    (after, until): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<(OrganisationId, ApiKeyId)>> {
    let rows: Vec<(Key, Key)> = api_keys::table
        .filter(api_keys::expires_at.gt(At(after)))
        .filter(api_keys::expires_at.le(At(until)))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expiry_announced_at.is_null())
        .order((api_keys::expires_at, api_keys::id))
        .limit(limit)
        .select((api_keys::organisation_id, api_keys::id))
        .load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(organisation, id)| (organisation.id(), id.id())).collect())
}

/// Notes when a key was used last, and from which network.
pub fn seen(conn: &mut Conn, id: ApiKeyId, network: &str, now: DateTime<Utc>) -> Result<()> {
    let used = (api_keys::last_used_at.eq(At(now)), api_keys::last_used_network.eq(network));
    diesel::update(api_keys::table.find(Key::of(id))).set(used).execute(&mut conn.db)?;
    Ok(())
}

/// Forgets keys that expired before a moment.
pub fn purge(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(api_keys::table.filter(api_keys::expires_at.lt(At(before)))).execute(&mut conn.db)?)
}

/// Revokes all keys that a person made, and forgets where they were used.
pub(crate) fn revoke_all(conn: &mut Conn, creator: UserId, now: DateTime<Utc>) -> Result<()> {
    let own = api_keys::creator_id.eq(Key::of(creator));
    let live = api_keys::table.filter(own).filter(api_keys::revoked_at.is_null());
    diesel::update(live).set(api_keys::revoked_at.eq(At(now))).execute(&mut conn.db)?;
    let nowhere = api_keys::last_used_network.eq(None::<String>);
    diesel::update(api_keys::table.filter(own)).set(nowhere).execute(&mut conn.db)?;
    Ok(())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys)]
struct Row {
    id: Key,
    organisation_id: Key,
    creator_id: Key,
    name: String,
    token_name: String,
    hash: String,
    previous_hash: Option<String>,
    previous_until: Option<At>,
    scopes: Json,
    networks: Json,
    created_at: At,
    expires_at: At,
    revoked_at: Option<At>,
    last_used_at: Option<At>,
    last_used_network: Option<String>,
    expiry_announced_at: Option<At>,
}

impl From<&ApiKey> for Row {
    fn from(key: &ApiKey) -> Self {
        let previous = key.previous.as_ref();
        Self {
            id: Key::of(key.id),
            organisation_id: Key::of(key.organisation),
            creator_id: Key::of(key.creator),
            name: key.name.clone(),
            token_name: key.token_name.clone(),
            hash: key.hash.clone(),
            previous_hash: previous.map(|previous| previous.hash.clone()),
            previous_until: previous.map(|previous| At(previous.until)),
            scopes: Json::of(&key.scopes),
            networks: Json::of(&key.networks),
            created_at: At(key.created_at),
            expires_at: At(key.expires_at),
            revoked_at: at(key.revoked_at),
            last_used_at: key.last_use.as_ref().map(|(used_at, _)| At(*used_at)),
            last_used_network: key.last_use.as_ref().map(|(_, network)| network.clone()),
            expiry_announced_at: at(key.expiry_announced_at),
        }
    }
}

impl TryFrom<Row> for ApiKey {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let previous = row.previous_hash.zip(instant(row.previous_until));
        Ok(Self {
            id: ApiKeyId::from_uuid(row.id.0),
            organisation: row.organisation_id.id(),
            creator: row.creator_id.id(),
            name: row.name,
            token_name: row.token_name,
            hash: row.hash,
            previous: previous.map(|(hash, until)| Previous { hash, until }),
            scopes: row.scopes.read()?,
            networks: row.networks.read()?,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            revoked_at: instant(row.revoked_at),
            last_use: instant(row.last_used_at).zip(row.last_used_network),
            expiry_announced_at: instant(row.expiry_announced_at),
        })
    }
}
