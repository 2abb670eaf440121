//! Which companies promised to keep what is confidential.

use crate::{
    Conn, Result,
    schema::confidentiality_agreements,
    sql_types::{At, Key},
};
use diesel::{dsl::exists, prelude::*};
use domain::{ChallengeId, OrganisationId, challenge::ConfidentialityAgreement};

/// Keeps a promise; whether it is a new one. The first one counts.
pub fn insert(conn: &mut Conn, challenge: ChallengeId, agreement: &ConfidentialityAgreement) -> Result<bool> {
    if any(conn, challenge, &[agreement.company], &agreement.agreement_hash)? {
        return Ok(false);
    }
    let row = (
        confidentiality_agreements::challenge_id.eq(Key::of(challenge)),
        confidentiality_agreements::company_id.eq(Key::of(agreement.company)),
        confidentiality_agreements::agreement_hash.eq(&agreement.agreement_hash),
        confidentiality_agreements::signatory_id.eq(Key::of(agreement.signatory)),
        confidentiality_agreements::agreed_at.eq(At(agreement.agreed_at)),
    );
    diesel::insert_into(confidentiality_agreements::table).values(row).execute(&mut conn.db)?;
    Ok(true)
}

/// Whether one of these companies promised what this text asks for.
pub fn any(
    conn: &mut Conn,
    challenge: ChallengeId,
    companies: &[OrganisationId],
    agreement_hash: &str,
) -> Result<bool> {
    let companies = companies.iter().copied().map(Key::of);
    let promised = confidentiality_agreements::table
        .filter(confidentiality_agreements::challenge_id.eq(Key::of(challenge)))
        .filter(confidentiality_agreements::company_id.eq_any(companies))
        .filter(confidentiality_agreements::agreement_hash.eq(agreement_hash));
    Ok(diesel::select(exists(promised)).get_result(&mut conn.db)?)
}
