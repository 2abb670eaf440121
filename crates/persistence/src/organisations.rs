//! Organisations and their members.

use crate::{
    Conn, Error, Result,
    schema::{member_roles, members, organisations, users},
    sql_types::{At, Key, at, instant},
};
use diesel::prelude::*;
use domain::{
    Organisation, OrganisationId, OrganisationKind, Role, UserId,
    account::{Email, User},
    organisation::Member,
};

/// Adds an organisation.
pub fn insert(conn: &mut Conn, organisation: &Organisation) -> Result<()> {
    diesel::insert_into(organisations::table).values(Row::from(organisation)).execute(&mut conn.db)?;
    Ok(())
}

/// The organisation with this id.
pub fn find(conn: &mut Conn, id: OrganisationId) -> Result<Organisation> {
    organisations::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The organisations with these ids, in no order.
pub fn find_all(conn: &mut Conn, ids: &[OrganisationId]) -> Result<Vec<Organisation>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows = organisations::table.filter(organisations::id.eq_any(keys)).select(Row::as_select());
    rows.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// One page of all organisations, in the order in which they came.
pub fn page(conn: &mut Conn, after: Option<OrganisationId>, limit: i64) -> Result<Vec<Organisation>> {
    let mut query = organisations::table.select(Row::as_select()).order(organisations::id).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(organisations::id.gt(Key::of(after)));
    }
    query.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// Saves a changed organisation, unless somebody else changed it first.
pub fn update(conn: &mut Conn, organisation: &mut Organisation) -> Result<()> {
    let current =
        organisations::table.find(Key::of(organisation.id)).filter(organisations::version.eq(organisation.version));
    organisation.version += 1;
    let changed = diesel::update(current).set(Row::from(&*organisation)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// Adds a member with roles.
pub fn insert_member(conn: &mut Conn, member: &Member) -> Result<()> {
    let row = (
        members::id.eq(Key::of(member.id)),
        members::organisation_id.eq(Key::of(member.organisation)),
        members::user_id.eq(Key::of(member.user)),
        members::joined_at.eq(At(member.joined_at)),
        members::version.eq(member.version),
    );
    diesel::insert_into(members::table).values(row).execute(&mut conn.db)?;
    insert_roles(conn, member)
}

/// Saves a member's changed roles, unless somebody else changed them first.
pub fn update_member(conn: &mut Conn, member: &mut Member) -> Result<()> {
    let current = members::table.find(Key::of(member.id)).filter(members::version.eq(member.version));
    member.version += 1;
    if diesel::update(current).set(members::version.eq(member.version)).execute(&mut conn.db)? != 1 {
        return Err(Error::ConcurrentChange);
    }
    let roles = member_roles::table.filter(member_roles::member_id.eq(Key::of(member.id)));
    diesel::delete(roles).execute(&mut conn.db)?;
    insert_roles(conn, member)
}

/// Removes a member, roles included, unless somebody else changed them first.
pub fn delete_member(conn: &mut Conn, member: &Member) -> Result<()> {
    let current = members::table.find(Key::of(member.id)).filter(members::version.eq(member.version));
    if diesel::delete(current).execute(&mut conn.db)? == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// The members of an organisation, in the order in which they joined. On PostgreSQL the organisation's row is locked,
/// so that two changes cannot both leave it without an owner.
pub fn lock_members(conn: &mut Conn, organisation: OrganisationId) -> Result<Vec<Member>> {
    if let crate::connection::AnyConnection::Postgres(pg) = &mut conn.db {
        let row = organisations::table.find(Key::of(organisation)).select(organisations::id);
        row.for_update().first::<Key>(pg)?;
    }
    members(conn, organisation)
}

/// The members of an organisation, in the order in which they joined; at most 1,000.
pub fn members(conn: &mut Conn, organisation: OrganisationId) -> Result<Vec<Member>> {
    let rows: Vec<(Key, Key, String, At, i32)> = members::table
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(members::organisation_id.eq(Key::of(organisation)))
        .order(members::id)
        .limit(1000)
        .select((members::id, members::user_id, users::name, members::joined_at, members::version))
        .load(&mut conn.db)?;
    let roles: Vec<(Key, String)> = member_roles::table
        .inner_join(members::table.on(members::id.eq(member_roles::member_id)))
        .filter(members::organisation_id.eq(Key::of(organisation)))
        .order(member_roles::role)
        .select((member_roles::member_id, member_roles::role))
        .load(&mut conn.db)?;
    rows.into_iter()
        .map(|(id, user, name, joined_at, version)| {
            let own = roles.iter().filter(|(member, _)| *member == id);
            let roles =
                own.map(|(_, r)| Role::parse(r).ok_or_else(|| Error::corrupt("role", r))).collect::<Result<_>>()?;
            let (id, user) = (id.id(), user.id());
            Ok(Member { id, organisation, user, name, roles, joined_at: joined_at.0, version })
        })
        .collect()
}

/// The people who hold a role in an organisation: whom to write to.
pub fn holders(conn: &mut Conn, organisation: OrganisationId, role: Role) -> Result<Vec<User>> {
    let ids: Vec<Key> = members::table
        .inner_join(member_roles::table.on(member_roles::member_id.eq(members::id)))
        .filter(members::organisation_id.eq(Key::of(organisation)))
        .filter(member_roles::role.eq(role.as_str()))
        .select(members::user_id)
        .load(&mut conn.db)?;
    let ids: Vec<UserId> = ids.into_iter().map(Key::id).collect();
    crate::accounts::find_all(conn, &ids)
}

/// The person with this confirmed address, if there is one: who can become a member.
pub fn find_candidate(conn: &mut Conn, email: &Email) -> Result<Option<User>> {
    crate::accounts::find_by_email(conn, email)
}

fn insert_roles(conn: &mut Conn, member: &Member) -> Result<()> {
    for role in &member.roles {
        let row = (member_roles::member_id.eq(Key::of(member.id)), member_roles::role.eq(role.as_str()));
        diesel::insert_into(member_roles::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organisations, treat_none_as_null = true)]
struct Row {
    id: Key,
    kind: String,
    legal_name: String,
    country: String,
    verified_at: Option<At>,
    created_at: At,
    version: i32,
}

impl From<&Organisation> for Row {
    fn from(organisation: &Organisation) -> Self {
        Self {
            id: Key::of(organisation.id),
            kind: organisation.kind.as_str().to_owned(),
            legal_name: organisation.legal_name.clone(),
            country: organisation.country.clone(),
            verified_at: at(organisation.verified_at),
            created_at: At(organisation.created_at),
            version: organisation.version,
        }
    }
}

impl TryFrom<Row> for Organisation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.id(),
            kind: OrganisationKind::parse(&row.kind).ok_or_else(|| Error::corrupt("organisation kind", &row.kind))?,
            legal_name: row.legal_name,
            country: row.country,
            verified_at: instant(row.verified_at),
            created_at: row.created_at.0,
            version: row.version,
        })
    }
}
