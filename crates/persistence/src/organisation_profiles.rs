//! What organisations tell about themselves.

use crate::{
    Conn, Result,
    schema::organisation_profiles::{self, dsl},
    sql_types::{Json, Key},
};
use diesel::prelude::*;
use domain::{
    OrganisationId,
    organisation::{BeneficialOwner, Profile},
};
use std::collections::BTreeMap;

/// What is stored of a profile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stored {
    /// The profile.
    pub profile: Profile,
    /// What may be shown of the bank account.
    pub masked_iban: Option<String>,
}

/// The profile of an organisation; an empty one if it never wrote one.
pub fn find(conn: &mut Conn, organisation: OrganisationId) -> Result<Stored> {
    Ok(find_all(conn, &[organisation])?.remove(&organisation).unwrap_or_default())
}

/// The profiles of some organisations; those that never wrote one are left out.
pub fn find_all(conn: &mut Conn, organisations: &[OrganisationId]) -> Result<BTreeMap<OrganisationId, Stored>> {
    let keys: Vec<_> = organisations.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<(Key, Json, Option<String>)> = organisation_profiles::table
        .filter(dsl::organisation_id.eq_any(keys))
        .select((dsl::organisation_id, dsl::profile, dsl::iban_masked))
        .load(&mut conn.db)?;
    let stored =
        |(id, profile, masked_iban): (Key, Json, _)| Ok((id.id(), Stored { profile: profile.read()?, masked_iban }));
    rows.into_iter().map(stored).collect()
}

/// Saves a profile. The version of its organisation, saved before, keeps two who do so apart.
pub fn save(conn: &mut Conn, organisation: OrganisationId, profile: &Profile) -> Result<()> {
    prepare(conn, organisation)?;
    let row = organisation_profiles::table.find(Key::of(organisation));
    diesel::update(row).set(dsl::profile.eq(Json::of(profile))).execute(&mut conn.db)?;
    Ok(())
}

/// Who is behind an organisation.
pub fn beneficial_owners(conn: &mut Conn, organisation: OrganisationId) -> Result<Vec<BeneficialOwner>> {
    let row = organisation_profiles::table.find(Key::of(organisation)).select(dsl::beneficial_owners);
    row.first::<Json>(&mut conn.db).optional()?.map_or_else(|| Ok(Vec::new()), Json::read)
}

/// Saves who is behind an organisation, in the manner of [`save`].
pub fn save_beneficial_owners(conn: &mut Conn, organisation: OrganisationId, owners: &[BeneficialOwner]) -> Result<()> {
    prepare(conn, organisation)?;
    let row = organisation_profiles::table.find(Key::of(organisation));
    diesel::update(row).set(dsl::beneficial_owners.eq(Json::of(&owners))).execute(&mut conn.db)?;
    Ok(())
}

/// Saves an encrypted bank account and what may be shown of it, in the manner of [`save`].
pub fn save_iban(
    conn: &mut Conn,
    organisation: OrganisationId,
    sealed: Option<&str>,
    masked: Option<&str>,
) -> Result<()> {
    prepare(conn, organisation)?;
    let row = organisation_profiles::table.find(Key::of(organisation));
    diesel::update(row).set((dsl::iban.eq(sealed), dsl::iban_masked.eq(masked))).execute(&mut conn.db)?;
    Ok(())
}

/// Makes the row, unless it is there.
fn prepare(conn: &mut Conn, organisation: OrganisationId) -> Result<()> {
    let row = organisation_profiles::table.find(Key::of(organisation)).select(dsl::organisation_id);
    if row.first::<Key>(&mut conn.db).optional()?.is_none() {
        let empty = (
            dsl::organisation_id.eq(Key::of(organisation)),
            dsl::profile.eq(Json::of(&Profile::default())),
            dsl::beneficial_owners.eq(Json::of(&[(); 0])),
        );
        diesel::insert_into(organisation_profiles::table).values(empty).execute(&mut conn.db)?;
    }
    Ok(())
}
