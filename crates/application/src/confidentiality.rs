//! Promising to keep what is confidential, before reading it.

use crate::{Caller, Result, clock};
use domain::{Actor, Challenge, ChallengeId, OrganisationId, challenge::ConfidentialityAgreement};
use persistence::{Conn, challenges, confidentiality, organisations};

/// A bidder promises for a company; doing it twice changes nothing.
pub fn agree(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    company: OrganisationId,
) -> Result<ConfidentialityAgreement> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    let company = match organisations::find(conn, company) {
        Err(persistence::Error::NotFound) => return Err(unknown_company()),
        found => found?,
    };
    let now = clock::of(conn, &challenge)?;
    let (agreement, event) = challenge.agree_to_confidentiality(&caller.actor, &company, now)?;
    if confidentiality::insert(conn, id, &agreement)? {
        caller.record(conn, now, event)?;
    }
    Ok(agreement)
}

fn unknown_company() -> crate::Error {
    domain::Refusal::invalid("/company", "unknown", "you do not belong to this organisation").into()
}

/// Whether the viewer may read the confidential details: members of the agency, and of a company that promised.
pub(crate) fn is_open_to(conn: &mut Conn, viewer: Option<&Actor>, challenge: &Challenge) -> Result<bool> {
    let Some(viewer) = viewer else { return Ok(false) };
    if viewer.belongs_to(challenge.agency) {
        return Ok(true);
    }
    let Some(hash) = challenge.agreement_hash() else { return Ok(false) };
    let companies: Vec<_> = viewer.memberships.iter().map(|membership| membership.organisation).collect();
    Ok(confidentiality::any(conn, challenge.id, &companies, &hash)?)
}
