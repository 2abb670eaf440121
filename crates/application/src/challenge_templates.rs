//! Contents that agencies begin challenges with.

use crate::{
    Caller, Result,
    challenges::{self as drafts, Detail},
};
use domain::{Actor, ChallengeId, OrganisationId, TemplateId, challenge::Template};
use persistence::{Conn, challenge_templates as templates, challenges, organisations};

/// An author keeps what a challenge says as a template of an agency.
pub fn save(
    conn: &mut Conn,
    caller: &Caller,
    agency: OrganisationId,
    challenge: ChallengeId,
    name: &str,
) -> Result<Template> {
    organisations::find(conn, agency)?.require_member(&caller.actor)?;
    let count = templates::lock_count(conn, agency)?;
    let challenge = challenges::find(conn, challenge)?;
    let now = conn.now()?;
    let (template, event) = challenge.save_as_template(conn.new_id(), &caller.actor, agency, name, count, now)?;
    templates::insert(conn, &template)?;
    caller.record(conn, now, event)?;
    Ok(template)
}

/// A template, for the agency's members.
pub fn find(conn: &mut Conn, actor: &Actor, agency: OrganisationId, id: TemplateId) -> Result<Template> {
    let template = templates::find(conn, agency, id)?;
    template.require_visible(actor)?;
    Ok(template)
}

/// All templates of an agency, by name, for its members.
pub fn list(conn: &mut Conn, actor: &Actor, agency: OrganisationId) -> Result<Vec<Template>> {
    organisations::find(conn, agency)?.require_member(actor)?;
    Ok(templates::of_agency(conn, agency)?)
}

/// An author starts a challenge with what the template says.
pub fn draft(conn: &mut Conn, caller: &Caller, agency: OrganisationId, id: TemplateId) -> Result<Detail> {
    let template = find(conn, &caller.actor, agency, id)?;
    drafts::draft(conn, caller, agency, template.content)
}

/// An author takes a template away.
pub fn delete(conn: &mut Conn, caller: &Caller, agency: OrganisationId, id: TemplateId) -> Result<()> {
    let template = templates::find(conn, agency, id)?;
    let now = conn.now()?;
    let event = template.delete(&caller.actor)?;
    templates::delete(conn, id)?;
    caller.record(conn, now, event)
}
