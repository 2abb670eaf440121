//! Where organisations are paid.

use crate::{Caller, Result, error::require_current, vault::Vault};
use domain::{OrganisationId, organisation::Iban};
use persistence::{Conn, organisation_profiles, organisations};

/// An owner names the account, or none any more. It is stored encrypted. Gives what may be shown of it, and the new
/// version of the organisation.
pub fn change(
    conn: &mut Conn,
    caller: &Caller,
    vault: &Vault,
    id: OrganisationId,
    expected: Option<i32>,
    iban: Option<&str>,
) -> Result<(Option<String>, i32)> {
    let now = conn.now()?;
    let mut organisation = organisations::find(conn, id)?;
    let (iban, event) = organisation.change_iban(&caller.actor, iban)?;
    require_current(organisation.version, expected)?;
    let context = format!("organisation/{id}/iban");
    let sealed = iban.as_ref().map(|iban| vault.seal(&context, iban.reveal())).transpose()?;
    let masked = iban.as_ref().map(Iban::masked);
    organisations::update(conn, &mut organisation)?;
    organisation_profiles::save_iban(conn, id, sealed.as_deref(), masked.as_deref())?;
    caller.record(conn, now, event)?;
    Ok((masked, organisation.version))
}
