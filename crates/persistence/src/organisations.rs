//! Organisations.

use crate::{
    Conn, Error, Result, listings,
    schema::{member_roles, members, organisations},
    sql_types::{At, Key, at, instant},
};
use diesel::prelude::*;
use domain::{Organisation, OrganisationId, OrganisationKind, Role, UserId, member::Suspension};

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

/// Whether one of these organisations is verified and not suspended.
pub fn any_trusted(conn: &mut Conn, ids: &[OrganisationId]) -> Result<bool> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let trusted = organisations::table
        .filter(organisations::id.eq_any(keys))
        .filter(organisations::verified_at.is_not_null())
        .filter(organisations::suspended_at.is_null())
        .filter(organisations::sandbox.eq(false))
        .select(organisations::id);
    Ok(trusted.first::<Key>(&mut conn.db).optional()?.is_some())
}

/// How many sandboxes a person owns.
pub fn count_sandboxes(conn: &mut Conn, owner: UserId) -> Result<usize> {
    let count: i64 = organisations::table
        .inner_join(members::table.on(members::organisation_id.eq(organisations::id)))
        .inner_join(member_roles::table.on(member_roles::member_id.eq(members::id)))
        .filter(members::user_id.eq(Key::of(owner)))
        .filter(member_roles::role.eq(Role::Owner.as_str()))
        .filter(organisations::sandbox.eq(true))
        .count()
        .get_result(&mut conn.db)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// One page of all organisations but sandboxes, of the parts of one of them, or of those whose name begins so in any case, in the
/// order in which they came.
pub fn page(
    conn: &mut Conn,
    parent: Option<OrganisationId>,
    name: Option<&str>,
    after: Option<OrganisationId>,
    limit: i64,
) -> Result<Vec<Organisation>> {
    let mut query = organisations::table
        .filter(organisations::sandbox.eq(false))
        .select(Row::as_select())
        .order(organisations::id)
        .limit(limit)
        .into_boxed();
    if let Some(parent) = parent {
        query = query.filter(organisations::parent_id.eq(Key::of(parent)));
    }
    if let Some(beginning) = name.map(search_name) {
        // Up to the last letter that there can be, so that the index serves.
        let end = format!("{beginning}{}", char::MAX);
        query = query.filter(organisations::search_name.between(beginning, end));
    }
    if let Some(after) = after {
        query = query.filter(organisations::id.gt(Key::of(after)));
    }
    query.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// A name, or the beginning of one, without a difference between large and small letters. Greek has two small sigmas,
/// one for the end of a word, which the beginning of a name may cut off.
fn search_name(name: &str) -> String {
    name.to_lowercase().replace('ς', "σ")
}

/// The level that an organisation is on, counted from 1 at the top; at most `deepest`.
pub fn level(conn: &mut Conn, organisation: &Organisation, deepest: usize) -> Result<usize> {
    let (mut level, mut parent) = (1, organisation.parent);
    while let Some(id) = parent.filter(|_| level < deepest) {
        let above = organisations::table.find(Key::of(id)).select(organisations::parent_id);
        parent = above.first::<Option<Key>>(&mut conn.db)?.map(Key::id);
        level += 1;
    }
    Ok(level)
}

/// The names of these organisations.
pub fn names_of(conn: &mut Conn, ids: &[OrganisationId]) -> Result<Vec<(OrganisationId, String)>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows = organisations::table.filter(organisations::id.eq_any(keys));
    let rows: Vec<(Key, String)> = rows.select((organisations::id, organisations::legal_name)).load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(id, name)| (id.id(), name)).collect())
}

/// Saves a changed organisation, unless somebody else changed it first.
pub fn update(conn: &mut Conn, organisation: &mut Organisation) -> Result<()> {
    let current =
        organisations::table.find(Key::of(organisation.id)).filter(organisations::version.eq(organisation.version));
    organisation.version += 1;
    let changed = diesel::update(current).set(Row::from(&*organisation)).execute(&mut conn.db)?;
    if changed == 1 { listings::move_agency(conn, organisation) } else { Err(Error::ConcurrentChange) }
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
    parent_id: Option<Key>,
    suspended_at: Option<At>,
    suspension_reason: Option<String>,
    search_name: String,
    sandbox: bool,
}

impl From<&Organisation> for Row {
    fn from(organisation: &Organisation) -> Self {
        Self {
            id: Key::of(organisation.id),
            kind: organisation.kind.as_str().to_owned(),
            legal_name: organisation.legal_name.clone(),
            search_name: search_name(&organisation.legal_name),
            sandbox: organisation.sandbox,
            country: organisation.country.clone(),
            verified_at: at(organisation.verified_at),
            created_at: At(organisation.created_at),
            version: organisation.version,
            parent_id: organisation.parent.map(Key::of),
            suspended_at: organisation.suspension.as_ref().map(|suspension| At(suspension.at)),
            suspension_reason: organisation.suspension.as_ref().map(|suspension| suspension.reason.clone()),
        }
    }
}

impl TryFrom<Row> for Organisation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let reason = row.suspension_reason.unwrap_or_default();
        Ok(Self {
            id: row.id.id(),
            kind: OrganisationKind::parse(&row.kind).ok_or_else(|| Error::corrupt("organisation kind", &row.kind))?,
            legal_name: row.legal_name,
            country: row.country,
            verified_at: instant(row.verified_at),
            created_at: row.created_at.0,
            version: row.version,
            parent: row.parent_id.map(Key::id),
            sandbox: row.sandbox,
            suspension: instant(row.suspended_at).map(|at| Suspension { at, reason }),
        })
    }
}
