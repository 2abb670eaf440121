//! What organisations tell about themselves.

use crate::{Caller, Result, error::require_current};
use domain::{
    Actor, Organisation, OrganisationId,
    cpv::{CpvCode, WrittenCode},
    organisation::{BeneficialOwner, BeneficialOwnerDraft, Profile, ProfileDraft, ProfileSnapshot},
};
use persistence::{
    Conn, cpv, documents,
    organisation_profiles::{self as profiles, Stored},
    organisations,
};

/// An organisation with its profile; how much of it is shown is for the reader's view to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Profiled {
    /// The organisation.
    pub organisation: Organisation,
    /// Its profile.
    pub profile: Profile,
    /// What may be shown of its bank account, to insiders.
    pub masked_iban: Option<String>,
}

/// An organisation with the public part of its profile in mind; all of them are public but sandboxes.
pub fn find(conn: &mut Conn, viewer: Option<&Actor>, id: OrganisationId) -> Result<Profiled> {
    let organisation = organisations::find(conn, id)?;
    organisation.require_visible(viewer)?;
    with_profile(conn, organisation)
}

/// The whole profile, for members and administrators.
pub fn find_whole(conn: &mut Conn, actor: &Actor, id: OrganisationId) -> Result<Profiled> {
    let found = find(conn, Some(actor), id)?;
    found.organisation.require_insider(actor)?;
    Ok(found)
}

/// Some organisations, parts of one, or those whose name begins so, in the order in which they came.
pub fn list(
    conn: &mut Conn,
    parent: Option<OrganisationId>,
    name: Option<&str>,
    after: Option<OrganisationId>,
    limit: i64,
) -> Result<Vec<Profiled>> {
    let found = organisations::page(conn, parent, name, after, limit)?;
    let ids: Vec<_> = found.iter().map(|organisation| organisation.id).collect();
    let mut profiles = profiles::find_all(conn, &ids)?;
    let add = |organisation: Organisation| {
        let Stored { profile, masked_iban } = profiles.remove(&organisation.id).unwrap_or_default();
        Profiled { organisation, profile, masked_iban }
    };
    Ok(found.into_iter().map(add).collect())
}

/// An owner writes the profile anew.
pub fn change(
    conn: &mut Conn,
    caller: &Caller,
    id: OrganisationId,
    expected: Option<i32>,
    draft: ProfileDraft,
) -> Result<Profiled> {
    let now = conn.now()?;
    let Profiled { mut organisation, profile: old, masked_iban } = find(conn, Some(&caller.actor), id)?;
    let written: Vec<CpvCode> =
        draft.cpv_codes.iter().filter_map(|text| WrittenCode::parse(text).ok()).map(|written| written.code).collect();
    let known = cpv::find_all(conn, &written)?;
    let (profile, events) = organisation.change_profile(&caller.actor, &old, draft, &known)?;
    require_current(organisation.version, expected)?;
    if !events.is_empty() {
        organisations::update(conn, &mut organisation)?;
        profiles::save(conn, id, &profile)?;
    }
    events.into_iter().try_for_each(|event| caller.record(conn, now, event))?;
    Ok(Profiled { organisation, profile, masked_iban })
}

/// Who is behind an organisation, for those who may know; the read log says who asked. With the version of the
/// organisation.
pub fn beneficial_owners(conn: &mut Conn, caller: &Caller, id: OrganisationId) -> Result<(Vec<BeneficialOwner>, i32)> {
    let organisation = organisations::find(conn, id)?;
    organisation.require_examiner(&caller.actor)?;
    caller.log_reads(conn, &[organisation.read()])?;
    Ok((profiles::beneficial_owners(conn, id)?, organisation.version))
}

/// An owner names the beneficial owners anew; gives them with the new version of the organisation.
pub fn name_beneficial_owners(
    conn: &mut Conn,
    caller: &Caller,
    id: OrganisationId,
    expected: Option<i32>,
    drafts: Vec<BeneficialOwnerDraft>,
) -> Result<(Vec<BeneficialOwner>, i32)> {
    let now = conn.now()?;
    let mut organisation = organisations::find(conn, id)?;
    let (owners, event) = organisation.name_beneficial_owners(&caller.actor, drafts)?;
    require_current(organisation.version, expected)?;
    organisations::update(conn, &mut organisation)?;
    profiles::save_beneficial_owners(conn, id, &owners)?;
    caller.record(conn, now, event)?;
    Ok((owners, organisation.version))
}

/// The organisation as it is now.
pub fn with_profile(conn: &mut Conn, organisation: Organisation) -> Result<Profiled> {
    let Stored { profile, masked_iban } = profiles::find(conn, organisation.id)?;
    Ok(Profiled { organisation, profile, masked_iban })
}

/// A company as it is at this moment, for a bid.
pub(crate) fn snapshot(conn: &mut Conn, company: &Organisation) -> Result<ProfileSnapshot> {
    let profile = profiles::find(conn, company.id)?.profile;
    let documents = documents::of_organisation(conn, company.id)?;
    Ok(ProfileSnapshot::take(company, profile, &documents))
}
