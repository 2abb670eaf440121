//! Organisations that bid together: forming a consortium, asking partners, and what they answer.

use crate::{Caller, Result, clock, error::require_current, mail, organisation_profiles::snapshot};
use chrono::{DateTime, Utc};
use domain::{
    Actor, BidId, BidStatus, Challenge, ChallengeId, Consortium, ConsortiumId, Event, OrganisationId, ReceiptId,
    Refusal,
    consortium::{Asked, NamedPartner, unknown},
};
use notifications::{Message, PartnerAsked, PartnerDeclined};
use persistence::{
    Conn,
    bid_partners::{self, NamingBid},
    bid_receipts,
    challenges::{self, Summary},
    consortia, organisations,
};

/// A consortium, as far as somebody may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Visible {
    /// The consortium.
    pub consortium: Consortium,
    /// Its challenge.
    pub challenge: Summary,
    /// The names of the lead and of the partners.
    pub names: Vec<(OrganisationId, String)>,
    /// Whether the reader belongs to the lead, and so sees what each partner said.
    pub led: bool,
    /// The reader's own organisations among the partners.
    pub own: Vec<OrganisationId>,
    /// The newest bid that names it; for the lead and for the partners in that bid.
    pub bid: Option<NamingBid>,
    /// The receipt for what was last done with that bid.
    pub receipt: Option<ReceiptId>,
}

/// A company that wants to bid together with others begins a consortium.
pub fn form(conn: &mut Conn, caller: &Caller, challenge: ChallengeId, lead: OrganisationId) -> Result<Visible> {
    challenges::lock_box_shared(conn, challenge)?;
    let challenge = challenges::find(conn, challenge)?;
    challenge.require_visible(Some(&caller.actor))?;
    if !caller.actor.belongs_to(lead) {
        return Err(Refusal::invalid("/lead", "unknown", "you do not belong to this organisation").into());
    }
    let lead = organisations::find(conn, lead)?;
    let now = clock::of(conn, &challenge)?;
    let (consortium, event) = Consortium::form(conn.new_id(), &caller.actor, &challenge, &lead, now)?;
    consortia::insert(conn, &consortium)?;
    caller.record(conn, now, event)?;
    visible(conn, &caller.actor, consortium)
}

/// A consortium, for its lead and its partners.
pub fn find(conn: &mut Conn, actor: &Actor, id: ConsortiumId) -> Result<Visible> {
    let consortium = consortia::find(conn, id)?;
    consortium.require_visible(actor)?;
    visible(conn, actor, consortium)
}

/// Those that an organisation leads or is asked into, for its members, the newest first.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    organisation: OrganisationId,
    after: Option<ConsortiumId>,
    limit: i64,
) -> Result<Vec<Visible>> {
    organisations::find(conn, organisation)?.require_member(actor)?;
    let found = consortia::page_of_organisation(conn, organisation, after, limit)?;
    all_visible(conn, actor, found)
}

/// The lead asks one more organisation; it gets a mail, and so does whoever must confirm again.
pub fn ask(
    conn: &mut Conn,
    caller: &Caller,
    id: ConsortiumId,
    organisation: OrganisationId,
    part: &str,
) -> Result<Visible> {
    let Loaded { mut consortium, challenge, now } = load(conn, &caller.actor, id)?;
    let nobody = || Refusal::invalid("/organisation", "unknown", "there is no such organisation");
    let found = organisations::find_all(conn, &[organisation])?.pop().ok_or_else(nobody)?;
    let agency = organisations::find(conn, challenge.agency)?;
    let asked = consortium.ask(&caller.actor, &challenge, &agency, &found, part, now)?;
    save_asked(conn, caller, &challenge, consortium, asked, now)
}

/// The lead changes what a partner would do; it is asked again, and whoever had confirmed.
pub fn change_part(
    conn: &mut Conn,
    caller: &Caller,
    id: ConsortiumId,
    organisation: OrganisationId,
    expected: Option<i32>,
    part: &str,
) -> Result<Visible> {
    let Loaded { mut consortium, challenge, now } = load(conn, &caller.actor, id)?;
    let asked = consortium.change_part(&caller.actor, &challenge, organisation, part, now)?;
    require_current(consortium.version, expected)?;
    save_asked(conn, caller, &challenge, consortium, asked, now)
}

/// The lead takes a partner out; the others are asked again.
pub fn remove(
    conn: &mut Conn,
    caller: &Caller,
    id: ConsortiumId,
    organisation: OrganisationId,
    expected: Option<i32>,
) -> Result<Visible> {
    let Loaded { mut consortium, challenge, now } = load(conn, &caller.actor, id)?;
    let in_bid = bid_in_the_box(conn, id, organisation)?.is_some();
    let asked = consortium.remove(&caller.actor, &challenge, organisation, in_bid, now)?;
    require_current(consortium.version, expected)?;
    save_asked(conn, caller, &challenge, consortium, asked, now)
}

/// A partner agrees to the composition that it saw. A bid that names the same composition has its confirmation again.
pub fn confirm(
    conn: &mut Conn,
    caller: &Caller,
    id: ConsortiumId,
    organisation: OrganisationId,
    composition: i32,
) -> Result<Visible> {
    let Loaded { mut consortium, challenge, now } = load(conn, &caller.actor, id)?;
    let events = consortium.confirm(&caller.actor, &challenge, organisation, composition, now)?;
    let named = bid_in_the_box(conn, id, organisation)?.filter(|bid| bid.composition == composition);
    if let Some(bid) = named {
        bid_partners::note_taken_back(conn, bid.bid, organisation, None)?;
    }
    save(conn, caller, consortium, events, now)
}

/// A partner does not take part, or not any more; the lead is told. A bid that names it stays, and says so at the opening.
pub fn decline(conn: &mut Conn, caller: &Caller, id: ConsortiumId, organisation: OrganisationId) -> Result<Visible> {
    let Loaded { mut consortium, challenge, now } = load(conn, &caller.actor, id)?;
    let events = consortium.decline(&caller.actor, &challenge, organisation, now)?;
    let named = bid_in_the_box(conn, id, organisation)?;
    if let Some(bid) = &named {
        bid_partners::note_taken_back(conn, bid.bid, organisation, Some(now))?;
    }
    let (challenge_title, challenge_reference) = mail::names(&challenge);
    let message = Message::PartnerDeclined(PartnerDeclined {
        challenge_title,
        challenge_reference,
        partner: organisations::find(conn, organisation)?.legal_name,
        in_bid: named.is_some(),
        link: link(id),
    });
    mail::send_to_bidders(conn, consortium.lead, &message, now)?;
    save(conn, caller, consortium, events, now)
}

/// The partners that a bid of a company names, if it names a consortium: refused unless each of them confirmed it as it is.
/// Until the end of the transaction nothing of it changes.
pub(crate) fn name(
    conn: &mut Conn,
    challenge: ChallengeId,
    company: OrganisationId,
    consortium: Option<ConsortiumId>,
    now: DateTime<Utc>,
) -> Result<Vec<NamedPartner>> {
    let Some(id) = consortium else { return Ok(Vec::new()) };
    let led = consortia::find(conn, id).is_ok_and(|found| found.lead == company);
    let consortium = if led { consortia::lock(conn, id)? } else { return Err(unknown().into()) };
    let ids: Vec<_> = consortium.partners.iter().map(|partner| partner.organisation).collect();
    let partners = organisations::find_all(conn, &ids)?;
    consortium.require_complete(challenge, company, &partners)?;
    let mut named = Vec::new();
    for organisation in &partners {
        let profile = snapshot(conn, organisation)?;
        let partner = consortium.partner(organisation.id);
        named.extend(partner.map(|partner| NamedPartner::take(&consortium, partner, profile, now)));
    }
    Ok(named)
}

/// A consortium, locked for a change, while nobody closes the challenge.
struct Loaded {
    consortium: Consortium,
    challenge: Challenge,
    now: DateTime<Utc>,
}

fn load(conn: &mut Conn, actor: &Actor, id: ConsortiumId) -> Result<Loaded> {
    let found = consortia::find(conn, id)?;
    found.require_visible(actor)?;
    challenges::lock_box_shared(conn, found.challenge)?;
    let consortium = consortia::lock(conn, id)?;
    let challenge = challenges::find(conn, consortium.challenge)?;
    let now = clock::of(conn, &challenge)?;
    Ok(Loaded { consortium, challenge, now })
}

/// The bid in the box that names the partner, if there is one.
fn bid_in_the_box(conn: &mut Conn, id: ConsortiumId, partner: OrganisationId) -> Result<Option<NamingBid>> {
    let live = |bid: &NamingBid| bid.partner == partner && bid.status == BidStatus::Submitted;
    Ok(bid_partners::naming(conn, &[id])?.into_iter().find(live))
}

fn save_asked(
    conn: &mut Conn,
    caller: &Caller,
    challenge: &Challenge,
    consortium: Consortium,
    asked: Asked,
    now: DateTime<Utc>,
) -> Result<Visible> {
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let message = Message::PartnerAsked(PartnerAsked {
        challenge_title,
        challenge_reference,
        lead: organisations::find(conn, consortium.lead)?.legal_name,
        deadline: challenge.deadline()?,
        link: link(consortium.id),
    });
    for partner in asked.partners {
        mail::send_to_bidders(conn, partner, &message, now)?;
    }
    save(conn, caller, consortium, asked.events, now)
}

fn save(
    conn: &mut Conn,
    caller: &Caller,
    mut consortium: Consortium,
    events: Vec<Event>,
    now: DateTime<Utc>,
) -> Result<Visible> {
    consortia::update(conn, &mut consortium)?;
    events.into_iter().try_for_each(|event| caller.record(conn, now, event))?;
    visible(conn, &caller.actor, consortium)
}

fn visible(conn: &mut Conn, actor: &Actor, consortium: Consortium) -> Result<Visible> {
    let found = all_visible(conn, actor, vec![consortium])?.pop();
    Ok(found.ok_or(Refusal::NotFound("consortium"))?)
}

fn all_visible(conn: &mut Conn, actor: &Actor, found: Vec<Consortium>) -> Result<Vec<Visible>> {
    let summaries = challenges::summaries_of(conn, &found.iter().map(|c| c.challenge).collect::<Vec<_>>())?;
    let names = organisations::names_of(conn, &found.iter().flat_map(members).collect::<Vec<_>>())?;
    let bids = bid_partners::naming(conn, &found.iter().map(|c| c.id).collect::<Vec<_>>())?;
    let receipts = bid_receipts::last_of_bids(conn, &bids.iter().map(|bid| bid.bid).collect::<Vec<BidId>>())?;
    let show = |consortium: Consortium| {
        let led = consortium.is_led_by(actor);
        let own: Vec<_> = members(&consortium).filter(|id| actor.belongs_to(*id) && *id != consortium.lead).collect();
        let knows = |bid: &&NamingBid| bid.consortium == consortium.id && (led || own.contains(&bid.partner));
        let bid = bids.iter().find(knows).cloned();
        let receipt = bid.as_ref().and_then(|bid| receipts.iter().find(|(of, _)| *of == bid.bid)).map(|(_, id)| *id);
        let all: Vec<_> = members(&consortium).collect();
        let names = names.iter().filter(|(id, _)| all.contains(id)).cloned().collect();
        let challenge = summaries.iter().find(|summary| summary.id == consortium.challenge)?.clone();
        Some(Visible { challenge, names, led, own, bid, receipt, consortium })
    };
    Ok(found.into_iter().filter_map(show).collect())
}

/// The lead and the partners.
fn members(consortium: &Consortium) -> impl Iterator<Item = OrganisationId> {
    std::iter::once(consortium.lead).chain(consortium.partners.iter().map(|partner| partner.organisation))
}

fn link(id: ConsortiumId) -> String {
    format!("/consortia/{id}")
}
