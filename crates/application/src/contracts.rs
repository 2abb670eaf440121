//! Signing contracts, delivering, accepting, invoicing and paying milestones.

use crate::{Caller, Result, clock, mail};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeId, Contract, ContractId, Event, Milestone, MilestoneId, OrganisationId, Role,
    contract::PilotOutcome,
};
use notifications::Message;
use persistence::{Conn, bid_partners, challenges, contracts};

/// A contract with its milestones.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The contract.
    pub contract: Contract,
    /// Its milestones, in their order.
    pub milestones: Vec<Milestone>,
    /// Who bid together with the company.
    pub partners: Vec<(OrganisationId, String)>,
    /// Whether the viewer works for one of the two sides.
    pub party: bool,
}

/// The contracts of a challenge; public.
pub fn list_of_challenge(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<Vec<Detail>> {
    challenges::find(conn, id)?.require_visible(viewer)?;
    let contracts = contracts::of_challenge(conn, id)?;
    // At most one per pilot.
    contracts.into_iter().map(|contract| detail(conn, viewer, contract)).collect()
}

/// A contract; public.
pub fn find(conn: &mut Conn, viewer: Option<&Actor>, id: ContractId) -> Result<Detail> {
    let contract = contracts::find(conn, id)?;
    require_visible(conn, viewer, &contract)?;
    detail(conn, viewer, contract)
}

/// A milestone; public.
pub fn find_milestone(conn: &mut Conn, viewer: Option<&Actor>, id: MilestoneId) -> Result<(Milestone, bool)> {
    let milestone = contracts::find_milestone(conn, id)?;
    let contract = contracts::find(conn, milestone.contract)?;
    require_visible(conn, viewer, &contract)?;
    Ok((milestone, viewer.is_some_and(|actor| contract.is_party(actor))))
}

/// Those of sandboxes are for sandboxes; all others are public.
fn require_visible(conn: &mut Conn, viewer: Option<&Actor>, contract: &Contract) -> Result<()> {
    Ok(challenges::find(conn, contract.challenge)?.require_visible(viewer)?)
}

/// One side signs.
pub fn sign(conn: &mut Conn, caller: &Caller, id: ContractId) -> Result<Detail> {
    let mut contract = contracts::lock(conn, id)?;
    let challenge = challenges::find(conn, contract.challenge)?;
    let now = clock::of(conn, &challenge)?;
    let event = contract.sign(&caller.actor, &challenge, now)?;
    let mut milestones = contracts::milestones(conn, id)?;
    contract.schedule(&mut milestones, now);
    for milestone in &mut milestones {
        contracts::update_milestone(conn, milestone)?;
    }
    save(conn, caller, &mut contract, now, event)?;
    detail(conn, Some(&caller.actor), contract)
}

/// The pilot manager records what came out of the pilot.
pub fn complete(conn: &mut Conn, caller: &Caller, id: ContractId, outcome: PilotOutcome) -> Result<Detail> {
    let mut contract = contracts::lock(conn, id)?;
    let milestones = contracts::milestones(conn, id)?;
    let now = clock::of_id(conn, contract.challenge)?;
    let event = contract.complete(&caller.actor, &milestones, outcome, now)?;
    save(conn, caller, &mut contract, now, event)?;
    detail(conn, Some(&caller.actor), contract)
}

/// The company delivers.
pub fn deliver(conn: &mut Conn, caller: &Caller, id: MilestoneId, note: &str) -> Result<Milestone> {
    let (challenge, contract, milestone) =
        change(conn, caller, id, |milestone, contract, now| milestone.deliver(&caller.actor, contract, note, now))?;
    let message = Message::MilestoneDelivered {
        challenge_title: challenge.content.title,
        milestone_title: milestone.title.clone(),
        link: mail::contract_link(contract.id),
    };
    let now = milestone.delivered_at.unwrap_or(contract.created_at);
    mail::send_to_role(conn, contract.agency, Role::PilotManager, &message, now)?;
    Ok(milestone)
}

/// The agency accepts a delivery.
pub fn accept(conn: &mut Conn, caller: &Caller, id: MilestoneId) -> Result<Milestone> {
    let (challenge, contract, milestone) =
        change(conn, caller, id, |milestone, contract, now| milestone.accept(&caller.actor, contract, now))?;
    let accepted_at = milestone.decided_at.unwrap_or(contract.created_at);
    let message = Message::MilestoneAccepted {
        challenge_title: challenge.content.title,
        milestone_title: milestone.title.clone(),
        accepted_at,
        link: mail::contract_link(contract.id),
    };
    mail::send_to_role(conn, contract.company, Role::Bidder, &message, accepted_at)?;
    Ok(milestone)
}

/// The agency rejects a delivery.
pub fn reject(conn: &mut Conn, caller: &Caller, id: MilestoneId, reason: &str) -> Result<Milestone> {
    let (challenge, contract, milestone) =
        change(conn, caller, id, |milestone, contract, now| milestone.reject(&caller.actor, contract, reason, now))?;
    let message = Message::MilestoneRejected {
        challenge_title: challenge.content.title,
        milestone_title: milestone.title.clone(),
        reason: reason.to_owned(),
        link: mail::contract_link(contract.id),
    };
    let now = milestone.decided_at.unwrap_or(contract.created_at);
    mail::send_to_role(conn, contract.company, Role::Bidder, &message, now)?;
    Ok(milestone)
}

/// The company asks for its money.
pub fn invoice(conn: &mut Conn, caller: &Caller, id: MilestoneId, number: &str) -> Result<Milestone> {
    let invoice =
        |milestone: &mut Milestone, contract: &Contract, now| milestone.invoice(&caller.actor, contract, number, now);
    Ok(change(conn, caller, id, invoice)?.2)
}

/// Finance confirms the payment.
pub fn pay(conn: &mut Conn, caller: &Caller, id: MilestoneId, reference: &str) -> Result<Milestone> {
    let pay =
        |milestone: &mut Milestone, contract: &Contract, now| milestone.pay(&caller.actor, contract, reference, now);
    Ok(change(conn, caller, id, pay)?.2)
}

/// Loads a milestone with its contract locked, changes it, saves it.
fn change(
    conn: &mut Conn,
    caller: &Caller,
    id: MilestoneId,
    change: impl FnOnce(&mut Milestone, &Contract, DateTime<Utc>) -> domain::Result<Event>,
) -> Result<(Challenge, Contract, Milestone)> {
    let contract = contracts::find_milestone(conn, id)?.contract;
    let contract = contracts::lock(conn, contract)?;
    let mut milestone = contracts::find_milestone(conn, id)?;
    let challenge = challenges::find(conn, contract.challenge)?;
    let now = clock::of(conn, &challenge)?;
    let event = change(&mut milestone, &contract, now)?;
    contracts::update_milestone(conn, &mut milestone)?;
    caller.record(conn, now, event)?;
    Ok((challenge, contract, milestone))
}

fn save(conn: &mut Conn, caller: &Caller, contract: &mut Contract, now: DateTime<Utc>, event: Event) -> Result<()> {
    contracts::update(conn, contract)?;
    caller.record(conn, now, event)
}

fn detail(conn: &mut Conn, viewer: Option<&Actor>, contract: Contract) -> Result<Detail> {
    let milestones = contracts::milestones(conn, contract.id)?;
    let partners = bid_partners::names_of(conn, &[contract.bid])?;
    let partners = partners.into_iter().map(|(_, organisation, name)| (organisation, name)).collect();
    let party = viewer.is_some_and(|actor| contract.is_party(actor));
    Ok(Detail { contract, milestones, partners, party })
}
