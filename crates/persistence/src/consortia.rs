//! Organisations that bid together.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{consortia, consortium_partners},
    sql_types::{At, Key, at, instant},
};
use diesel::prelude::*;
use domain::{
    Consortium, ConsortiumId, OrganisationId,
    consortium::{Partner, PartnerStatus},
};

/// Adds a consortium, which has no partners yet.
pub fn insert(conn: &mut Conn, consortium: &Consortium) -> Result<()> {
    diesel::insert_into(consortia::table).values(Row::from(consortium)).execute(&mut conn.db)?;
    Ok(())
}

/// The consortium with this id.
pub fn find(conn: &mut Conn, id: ConsortiumId) -> Result<Consortium> {
    let row: Row = consortia::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?;
    one(conn, row)
}

/// The consortium with this id, for a change of it or for a bid that names it: others who want either wait.
pub fn lock(conn: &mut Conn, id: ConsortiumId) -> Result<Consortium> {
    let row = consortia::table.find(Key::of(id));
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => row.for_update().select(Row::as_select()).first(pg)?,
        AnyConnection::Sqlite(sqlite) => row.select(Row::as_select()).first(sqlite)?,
    };
    one(conn, row)
}

/// One page of those that an organisation leads or is asked into, the newest first.
pub fn page_of_organisation(
    conn: &mut Conn,
    organisation: OrganisationId,
    after: Option<ConsortiumId>,
    limit: i64,
) -> Result<Vec<Consortium>> {
    let key = Key::of(organisation);
    let asked = consortium_partners::table
        .filter(consortium_partners::organisation_id.eq(key))
        .select(consortium_partners::consortium_id);
    let mut query = consortia::table
        .filter(consortia::lead_id.eq(key).or(consortia::id.eq_any(asked)))
        .order(consortia::id.desc())
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(consortia::id.lt(Key::of(after)));
    }
    let rows = query.load(&mut conn.db)?;
    with_partners(conn, rows)
}

/// Saves a changed consortium. Its row must be locked.
pub fn update(conn: &mut Conn, consortium: &mut Consortium) -> Result<()> {
    let current = consortia::table.find(Key::of(consortium.id)).filter(consortia::version.eq(consortium.version));
    consortium.version += 1;
    let changed = diesel::update(current).set(Row::from(&*consortium)).execute(&mut conn.db)?;
    if changed != 1 {
        return Err(Error::ConcurrentChange);
    }
    let old = consortium_partners::table.filter(consortium_partners::consortium_id.eq(Key::of(consortium.id)));
    diesel::delete(old).execute(&mut conn.db)?;
    for partner in &consortium.partners {
        let row = PartnerRow::of(consortium.id, partner);
        diesel::insert_into(consortium_partners::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}

fn one(conn: &mut Conn, row: Row) -> Result<Consortium> {
    with_partners(conn, vec![row])?.pop().ok_or(Error::NotFound)
}

fn with_partners(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Consortium>> {
    let keys: Vec<_> = rows.iter().map(|row| row.id).collect();
    let partners: Vec<PartnerRow> = consortium_partners::table
        .filter(consortium_partners::consortium_id.eq_any(keys))
        .order((consortium_partners::added_at, consortium_partners::organisation_id))
        .select(PartnerRow::as_select())
        .load(&mut conn.db)?;
    let of = |id: Key| partners.iter().filter(move |partner| partner.consortium_id == id);
    rows.into_iter()
        .map(|row| {
            let partners = of(row.id).map(PartnerRow::partner).collect::<Result<_>>()?;
            Ok(row.consortium(partners))
        })
        .collect()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = consortia)]
struct Row {
    id: Key,
    challenge_id: Key,
    lead_id: Key,
    composition: i32,
    created_at: At,
    version: i32,
}

impl From<&Consortium> for Row {
    fn from(consortium: &Consortium) -> Self {
        Self {
            id: Key::of(consortium.id),
            challenge_id: Key::of(consortium.challenge),
            lead_id: Key::of(consortium.lead),
            composition: consortium.composition,
            created_at: At(consortium.created_at),
            version: consortium.version,
        }
    }
}

impl Row {
    fn consortium(self, partners: Vec<Partner>) -> Consortium {
        Consortium {
            id: self.id.id(),
            challenge: self.challenge_id.id(),
            lead: self.lead_id.id(),
            partners,
            composition: self.composition,
            created_at: self.created_at.0,
            version: self.version,
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = consortium_partners)]
struct PartnerRow {
    consortium_id: Key,
    organisation_id: Key,
    part: String,
    status: String,
    added_at: At,
    asked_at: At,
    answered_at: Option<At>,
}

impl PartnerRow {
    fn of(consortium: ConsortiumId, partner: &Partner) -> Self {
        Self {
            consortium_id: Key::of(consortium),
            organisation_id: Key::of(partner.organisation),
            part: partner.part.clone(),
            status: partner.status.as_str().to_owned(),
            added_at: At(partner.added_at),
            asked_at: At(partner.asked_at),
            answered_at: at(partner.answered_at),
        }
    }

    fn partner(&self) -> Result<Partner> {
        let status = PartnerStatus::parse(&self.status);
        Ok(Partner {
            organisation: self.organisation_id.id(),
            part: self.part.clone(),
            status: status.ok_or_else(|| Error::corrupt("partner status", &self.status))?,
            added_at: self.added_at.0,
            asked_at: self.asked_at.0,
            answered_at: instant(self.answered_at),
        })
    }
}
