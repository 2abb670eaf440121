//! Who belongs to an organisation, in which roles.

use crate::{
    Conn, Error, Result,
    schema::{member_roles, members, organisations, users},
    sql_types::{At, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use domain::{
    Member, MemberId, OrganisationId, OrganisationKind, Role, UserId,
    account::User,
    member::{MOST_MEMBERS, Suspension},
};

/// Adds a member with roles.
pub fn insert(conn: &mut Conn, member: &Member) -> Result<()> {
    let row = (
        members::id.eq(Key::of(member.id)),
        members::organisation_id.eq(Key::of(member.organisation)),
        members::user_id.eq(Key::of(member.user)),
        members::joined_at.eq(At(member.joined_at)),
        Changes::from(member),
    );
    diesel::insert_into(members::table).values(row).execute(&mut conn.db)?;
    insert_roles(conn, member)
}

/// Saves a changed member, unless somebody else changed it first.
pub fn update(conn: &mut Conn, member: &mut Member) -> Result<()> {
    let current = members::table.find(Key::of(member.id)).filter(members::version.eq(member.version));
    member.version += 1;
    if diesel::update(current).set(Changes::from(&*member)).execute(&mut conn.db)? != 1 {
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
    lock_organisation(conn, organisation)?;
    of(conn, organisation)
}

/// How many members an organisation has; on PostgreSQL nobody joins or goes until the transaction ends.
pub fn lock_count(conn: &mut Conn, organisation: OrganisationId) -> Result<usize> {
    lock_organisation(conn, organisation)?;
    let members = members::table.filter(members::organisation_id.eq(Key::of(organisation))).select(count_star());
    Ok(usize::try_from(members.first::<i64>(&mut conn.db)?).unwrap_or(usize::MAX))
}

/// On PostgreSQL, holds the row of an organisation until the transaction ends; on SQLite one writes at a time anyway.
pub(crate) fn lock_organisation(conn: &mut Conn, organisation: OrganisationId) -> Result<()> {
    if let crate::connection::AnyConnection::Postgres(pg) = &mut conn.db {
        let row = organisations::table.find(Key::of(organisation)).select(organisations::id);
        row.for_update().first::<Key>(pg)?;
    }
    Ok(())
}

/// The members of an organisation, in the order in which they joined; at most [`MOST_MEMBERS`].
pub fn of(conn: &mut Conn, organisation: OrganisationId) -> Result<Vec<Member>> {
    let rows: Vec<Row> = members::table
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(members::organisation_id.eq(Key::of(organisation)))
        .order(members::id)
        .limit(MOST_MEMBERS as i64)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    let roles: Vec<(Key, String)> = member_roles::table
        .inner_join(members::table.on(members::id.eq(member_roles::member_id)))
        .filter(members::organisation_id.eq(Key::of(organisation)))
        .order(member_roles::role)
        .select((member_roles::member_id, member_roles::role))
        .load(&mut conn.db)?;
    rows.into_iter().map(|row| row.with(&roles)).collect()
}

/// Whether somebody with this address belongs to the organisation.
pub fn has_address(conn: &mut Conn, organisation: OrganisationId, email: &domain::account::Email) -> Result<bool> {
    let member = members::table
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(members::organisation_id.eq(Key::of(organisation)))
        .filter(users::email.eq(email.as_str()))
        .select(members::id);
    Ok(member.first::<Key>(&mut conn.db).optional()?.is_some())
}

/// The people who can act in a role in an organisation at present: whom to write to.
pub fn holders(conn: &mut Conn, organisation: OrganisationId, role: Role) -> Result<Vec<User>> {
    let ids: Vec<Key> = members::table
        .inner_join(member_roles::table.on(member_roles::member_id.eq(members::id)))
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(members::organisation_id.eq(Key::of(organisation)))
        .filter(members::suspended_at.is_null())
        .filter(users::suspended_at.is_null())
        .filter(users::deactivated_at.is_null())
        .filter(users::erased_at.is_null())
        .filter(member_roles::role.eq(role.as_str()))
        .select(members::user_id)
        .load(&mut conn.db)?;
    let ids: Vec<UserId> = ids.into_iter().map(Key::id).collect();
    crate::accounts::find_all(conn, &ids)
}

/// Those of these people who belong to a sandbox, whichever.
pub fn playing_in_sandboxes(conn: &mut Conn, people: &[UserId]) -> Result<Vec<UserId>> {
    let people: Vec<_> = people.iter().map(|user| Key::of(*user)).collect();
    let ids: Vec<Key> = members::table
        .inner_join(organisations::table.on(organisations::id.eq(members::organisation_id)))
        .filter(members::user_id.eq_any(people))
        .filter(members::suspended_at.is_null())
        .filter(organisations::sandbox.eq(true))
        .select(members::user_id)
        .distinct()
        .load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// Whose certification ends by `before`, in that order, after the one at `after`: member and organisation.
pub fn uncertified(
    conn: &mut Conn,
    before: DateTime<Utc>,
    after: Option<(DateTime<Utc>, MemberId)>,
    limit: i64,
) -> Result<Vec<(DateTime<Utc>, MemberId, OrganisationId)>> {
    let mut query = members::table
        .inner_join(organisations::table.on(organisations::id.eq(members::organisation_id)))
        .filter(members::certified_until.le(At(before)))
        .filter(members::suspended_at.is_null())
        .filter(organisations::sandbox.eq(false))
        .order((members::certified_until, members::id))
        .limit(limit)
        .select((members::certified_until.assume_not_null(), members::id, members::organisation_id))
        .into_boxed();
    if let Some((until, id)) = after {
        let (until, id) = (At(until), Key::of(id));
        let later = members::certified_until.eq(until).and(members::id.gt(id));
        query = query.filter(members::certified_until.ge(until)).filter(members::certified_until.gt(until).or(later));
    }
    let rows: Vec<(At, Key, Key)> = query.load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(until, id, organisation)| (until.0, id.id(), organisation.id())).collect())
}

/// Certifies until `until` those members of agencies, but for sandboxes, who have no date yet: founders, and whoever joined while
/// certifications were off. Gives how many.
pub fn certify_new(conn: &mut Conn, until: DateTime<Utc>, limit: i64) -> Result<usize> {
    let new: Vec<Key> = members::table
        .inner_join(organisations::table.on(organisations::id.eq(members::organisation_id)))
        .filter(members::certified_until.is_null())
        .filter(organisations::kind.eq(OrganisationKind::Agency.as_str()))
        .filter(organisations::sandbox.eq(false))
        .limit(limit)
        .select(members::id)
        .load(&mut conn.db)?;
    let rows = members::table.filter(members::id.eq_any(new)).filter(members::certified_until.is_null());
    Ok(diesel::update(rows).set(members::certified_until.eq(At(until))).execute(&mut conn.db)?)
}

fn insert_roles(conn: &mut Conn, member: &Member) -> Result<()> {
    for role in &member.roles {
        let row = (member_roles::member_id.eq(Key::of(member.id)), member_roles::role.eq(role.as_str()));
        diesel::insert_into(member_roles::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}

/// What can change about a member.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = members, treat_none_as_null = true)]
struct Changes {
    suspended_at: Option<At>,
    suspension_reason: Option<String>,
    certified_until: Option<At>,
    certification_warned_at: Option<At>,
    version: i32,
}

impl From<&Member> for Changes {
    fn from(member: &Member) -> Self {
        Self {
            suspended_at: at(member.suspension.as_ref().map(|suspension| suspension.at)),
            suspension_reason: member.suspension.as_ref().map(|suspension| suspension.reason.clone()),
            certified_until: at(member.certified_until),
            certification_warned_at: at(member.certification_warned_at),
            version: member.version,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = members)]
struct Row {
    id: Key,
    organisation_id: Key,
    user_id: Key,
    #[diesel(select_expression = users::name)]
    name: String,
    joined_at: At,
    suspended_at: Option<At>,
    suspension_reason: Option<String>,
    certified_until: Option<At>,
    certification_warned_at: Option<At>,
    #[diesel(select_expression = (users::suspended_at, users::deactivated_at, users::erased_at))]
    out_of_use: (Option<At>, Option<At>, Option<At>),
    version: i32,
}

impl Row {
    /// The member, with the roles that are among these.
    fn with(self, roles: &[(Key, String)]) -> Result<Member> {
        let own = roles.iter().filter(|(member, _)| *member == self.id);
        let roles = own.map(|(_, r)| Role::parse(r).ok_or_else(|| Error::corrupt("role", r))).collect::<Result<_>>()?;
        let reason = self.suspension_reason.unwrap_or_default();
        Ok(Member {
            id: self.id.id(),
            organisation: self.organisation_id.id(),
            user: self.user_id.id(),
            name: self.name,
            roles,
            joined_at: self.joined_at.0,
            suspension: instant(self.suspended_at).map(|at| Suspension { at, reason }),
            certified_until: instant(self.certified_until),
            certification_warned_at: instant(self.certification_warned_at),
            reachable: self.out_of_use == (None, None, None),
            version: self.version,
        })
    }
}
