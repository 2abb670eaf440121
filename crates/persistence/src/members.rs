//! Who belongs to an organisation, in which roles.

use crate::{
    Conn, Error, Result,
    schema::{member_roles, members, organisations, users},
    sql_types::{At, Key},
};
use diesel::prelude::*;
use domain::{Member, OrganisationId, Role, UserId, account::User};

/// Adds a member with roles.
pub fn insert(conn: &mut Conn, member: &Member) -> Result<()> {
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
pub fn update(conn: &mut Conn, member: &mut Member) -> Result<()> {
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
pub fn delete(conn: &mut Conn, member: &Member) -> Result<()> {
    let current = members::table.find(Key::of(member.id)).filter(members::version.eq(member.version));
    if diesel::delete(current).execute(&mut conn.db)? == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// The members of an organisation, in the order in which they joined. On PostgreSQL the organisation's row is locked,
/// so that two changes cannot both leave it without an owner.
pub fn lock(conn: &mut Conn, organisation: OrganisationId) -> Result<Vec<Member>> {
    if let crate::connection::AnyConnection::Postgres(pg) = &mut conn.db {
        let row = organisations::table.find(Key::of(organisation)).select(organisations::id);
        row.for_update().first::<Key>(pg)?;
    }
    of(conn, organisation)
}

/// The members of an organisation, in the order in which they joined; at most 1,000.
pub fn of(conn: &mut Conn, organisation: OrganisationId) -> Result<Vec<Member>> {
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

fn insert_roles(conn: &mut Conn, member: &Member) -> Result<()> {
    for role in &member.roles {
        let row = (member_roles::member_id.eq(Key::of(member.id)), member_roles::role.eq(role.as_str()));
        diesel::insert_into(member_roles::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}
