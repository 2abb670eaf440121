//! Roles lent to colleagues; which of them work at a moment is read along with the session.

use crate::{
    Conn, Error, Result,
    schema::delegations,
    sql_types::{At, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use domain::{Delegation, DelegationId, OrganisationId, Role};

/// Adds a delegation.
pub fn insert(conn: &mut Conn, delegation: &Delegation) -> Result<()> {
    diesel::insert_into(delegations::table).values(Row::from(delegation)).execute(&mut conn.db)?;
    Ok(())
}

/// Saves that a delegation was taken back, unless somebody else did so first.
pub fn revoke(conn: &mut Conn, delegation: &Delegation) -> Result<()> {
    let running = delegations::table.find(Key::of(delegation.id)).filter(delegations::revoked_at.is_null());
    let revoked = delegations::revoked_at.eq(at(delegation.revoked_at));
    if diesel::update(running).set(revoked).execute(&mut conn.db)? == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// The delegation of an organisation with this id.
pub fn find(conn: &mut Conn, organisation: OrganisationId, id: DelegationId) -> Result<Delegation> {
    let row = delegations::table.find(Key::of(id)).filter(delegations::organisation_id.eq(Key::of(organisation)));
    row.select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// How many delegations of an organisation run or are still to come; on PostgreSQL nobody adds one until the
/// transaction ends.
pub fn lock_count(conn: &mut Conn, organisation: OrganisationId, now: DateTime<Utc>) -> Result<usize> {
    crate::members::lock_organisation(conn, organisation)?;
    let running = delegations::table
        .filter(delegations::organisation_id.eq(Key::of(organisation)))
        .filter(delegations::revoked_at.is_null())
        .filter(delegations::ends_at.gt(At(now)))
        .select(count_star());
    Ok(usize::try_from(running.first::<i64>(&mut conn.db)?).unwrap_or(usize::MAX))
}

/// Some delegations of an organisation, the newest first.
pub fn page(
    conn: &mut Conn,
    organisation: OrganisationId,
    after: Option<DelegationId>,
    limit: i64,
) -> Result<Vec<Delegation>> {
    let mut query = delegations::table
        .filter(delegations::organisation_id.eq(Key::of(organisation)))
        .order(delegations::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(delegations::id.lt(Key::of(after)));
    }
    query.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = delegations)]
struct Row {
    id: Key,
    organisation_id: Key,
    delegator_id: Key,
    delegate_id: Key,
    role: String,
    reason: String,
    starts_at: At,
    ends_at: At,
    revoked_at: Option<At>,
    created_at: At,
}

impl From<&Delegation> for Row {
    fn from(delegation: &Delegation) -> Self {
        Self {
            id: Key::of(delegation.id),
            organisation_id: Key::of(delegation.organisation),
            delegator_id: Key::of(delegation.delegator),
            delegate_id: Key::of(delegation.delegate),
            role: delegation.role.as_str().to_owned(),
            reason: delegation.reason.clone(),
            starts_at: At(delegation.starts_at),
            ends_at: At(delegation.ends_at),
            revoked_at: at(delegation.revoked_at),
            created_at: At(delegation.created_at),
        }
    }
}

impl TryFrom<Row> for Delegation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.id(),
            organisation: row.organisation_id.id(),
            delegator: row.delegator_id.id(),
            delegate: row.delegate_id.id(),
            role: Role::parse(&row.role).ok_or_else(|| Error::corrupt("role", &row.role))?,
            reason: row.reason,
            starts_at: row.starts_at.0,
            ends_at: row.ends_at.0,
            revoked_at: instant(row.revoked_at),
            created_at: row.created_at.0,
        })
    }
}
