//! Naming who evaluates and who opens.

use crate::{Caller, Result, clock};
use domain::{
    Actor, Challenge, ChallengeId, Checks, ConflictDeclaration, Event, Panel, Refusal, Role, Subject, UserId,
};
use persistence::{Conn, accounts, bid_partners, bids, challenges, members, panels};
use serde_json::json;

/// Names panel and opening committee. Evaluators may be anybody with an account, in a sandbox anybody who belongs to one; who
/// opens must be an officer.
pub fn name(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    chair: Option<UserId>,
    evaluators: Vec<UserId>,
    opening_committee: Vec<UserId>,
) -> Result<Panel> {
    let challenge = challenges::lock(conn, id)?;
    challenge.require_panel_editable(&caller.actor)?;
    let panel = Panel::name(chair, evaluators, opening_committee)?;
    require_people(conn, &panel, &challenge)?;
    let now = clock::of(conn, &challenge)?;
    panels::replace(conn, id, &panel)?;
    let event = Event::confidential("challenge.panel_named", Subject::Challenge(id), Some(challenge.agency)).with(
        json!({ "chair": panel.chair, "evaluators": panel.evaluators, "openingCommittee": panel.opening_committee }),
    );
    caller.record(conn, now, event)?;
    Ok(panel)
}

fn require_people(conn: &mut Conn, panel: &Panel, challenge: &Challenge) -> Result<()> {
    let known: Vec<UserId> = if challenge.sandbox {
        members::playing_in_sandboxes(conn, &panel.evaluators)?
    } else {
        accounts::find_all(conn, &panel.evaluators)?.into_iter().map(|user| user.id).collect()
    };
    let officers: Vec<UserId> =
        members::holders(conn, challenge.agency, Role::Officer)?.into_iter().map(|user| user.id).collect();
    let mut checks = Checks::new();
    for (i, person) in panel.evaluators.iter().enumerate() {
        let detail = if challenge.sandbox { "nobody who belongs to a sandbox" } else { "no such person" };
        checks.require(known.contains(person), format!("/evaluators/{i}"), "unknown", detail);
    }
    for (i, person) in panel.opening_committee.iter().enumerate() {
        let detail = "must be an officer of the agency";
        checks.require(officers.contains(person), format!("/openingCommittee/{i}"), "not_allowed", detail);
    }
    Ok(checks.done()?)
}

/// The people named, for the agency's members and for those on the panel.
pub fn find(conn: &mut Conn, actor: &Actor, id: ChallengeId) -> Result<Panel> {
    let challenge = challenges::find(conn, id)?;
    let panel = panels::find(conn, id)?;
    if actor.belongs_to(challenge.agency) || panel.is_evaluator(actor.user) {
        Ok(panel)
    } else {
        challenge.require_visible(Some(actor))?;
        Err(Refusal::NotFound("panel").into())
    }
}

/// An evaluator declares conflicts of interest, once, after the opening.
pub fn declare_conflicts(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    conflicts: Vec<domain::BidId>,
) -> Result<ConflictDeclaration> {
    use domain::ChallengeStatus::{Evaluating, Opened};
    let challenge = challenges::lock(conn, id)?;
    let panel = panels::find(conn, id)?;
    panel.require_evaluator(&caller.actor)?;
    challenge.require_status(&[Opened, Evaluating], "opened or evaluating")?;
    let bids = bids::of_challenge(conn, id)?;
    let participations = bid_partners::participations(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let declaration = ConflictDeclaration::declare(&caller.actor, &panel, &bids, &participations, conflicts, now)?;
    panels::insert_declaration(conn, id, &declaration)?;
    let event = Event::confidential("challenge.conflicts_declared", Subject::Challenge(id), Some(challenge.agency))
        .with(json!({ "conflicts": declaration.conflicts }));
    caller.record(conn, now, event)?;
    Ok(declaration)
}
