//! Handing in, replacing, withdrawing and reading bids.

use crate::{Caller, Result, error::require_current, mail, organisation_profiles::snapshot};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Bid, BidId, Challenge, ChallengeId, Event, OrganisationId, Refusal,
    bid::{Access, DisqualificationCode, Offer},
};
use notifications::Message;
use persistence::{Conn, bids, challenges, organisations, panels};

/// A bid, as far as somebody may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Visible {
    /// The bid.
    pub bid: Bid,
    /// The bidder's name.
    pub company_name: String,
    /// How much of it may be shown.
    pub access: Access,
    /// Whether it takes all material changes of the challenge into account.
    pub confirmed: bool,
}

/// A company hands in its bid. The time of receipt is the database's, read under the challenge's lock.
pub fn submit(
    conn: &mut Conn,
    caller: &Caller,
    challenge: ChallengeId,
    company: OrganisationId,
    offer: impl FnOnce(&Challenge) -> domain::Result<Offer>,
) -> Result<Visible> {
    challenges::lock_box_shared(conn, challenge)?;
    let challenge = challenges::find(conn, challenge)?;
    challenge.require_visible(Some(&caller.actor))?;
    if !caller.actor.belongs_to(company) {
        return Err(Refusal::invalid("/company", "unknown", "you do not belong to this organisation").into());
    }
    let company = organisations::find(conn, company)?;
    let offer = offer(&challenge)?;
    let now = conn.now()?;
    let (mut bid, event) = Bid::submit(conn.new_id(), &caller.actor, &challenge, &company, offer, now)?;
    bid.profile = Some(snapshot(conn, &company)?);
    bids::insert(conn, &bid)?;
    caller.record(conn, now, event)?;
    confirm_receipt(conn, caller, &challenge, &bid)?;
    Ok(Visible { bid, company_name: company.legal_name, access: Access::Full, confirmed: true })
}

/// The company puts a new revision in place of the old one.
pub fn replace(
    conn: &mut Conn,
    caller: &Caller,
    id: BidId,
    expected: Option<i32>,
    offer: impl FnOnce(&Challenge) -> domain::Result<Offer>,
) -> Result<Visible> {
    let (mut bid, challenge) = load_own(conn, caller, id)?;
    require_current(bid.version, expected)?;
    let offer = offer(&challenge)?;
    let now = conn.now()?;
    let event = bid.replace(&caller.actor, &challenge, offer, now)?;
    let company = organisations::find(conn, bid.company)?;
    bid.profile = Some(snapshot(conn, &company)?);
    save(conn, caller, &mut bid, now, event)?;
    confirm_receipt(conn, caller, &challenge, &bid)?;
    own(conn, bid, &challenge)
}

/// The company takes its bid back.
pub fn withdraw(conn: &mut Conn, caller: &Caller, id: BidId) -> Result<Visible> {
    let (mut bid, challenge) = load_own(conn, caller, id)?;
    let now = conn.now()?;
    let event = bid.withdraw(&caller.actor, &challenge, now)?;
    save(conn, caller, &mut bid, now, event)?;
    own(conn, bid, &challenge)
}

/// The company stands by its bid although the challenge has changed.
pub fn confirm(conn: &mut Conn, caller: &Caller, id: BidId) -> Result<Visible> {
    let (mut bid, challenge) = load_own(conn, caller, id)?;
    let now = conn.now()?;
    let event = bid.confirm(&caller.actor, &challenge, now)?;
    save(conn, caller, &mut bid, now, event)?;
    own(conn, bid, &challenge)
}

/// An officer finds the bid formally sound.
pub fn admit(conn: &mut Conn, caller: &Caller, id: BidId) -> Result<Visible> {
    check_formally(conn, caller, id, Bid::admit)
}

/// An officer finds the bid formally wanting.
pub fn disqualify(
    conn: &mut Conn,
    caller: &Caller,
    id: BidId,
    code: DisqualificationCode,
    reason: &str,
) -> Result<Visible> {
    check_formally(conn, caller, id, |bid, actor, challenge| bid.disqualify(actor, challenge, code, reason))
}

/// One bid, shown to somebody who may see it; the read log says so.
pub fn read(conn: &mut Conn, caller: &Caller, id: BidId) -> Result<Visible> {
    let visible = find(conn, &caller.actor, id)?;
    let challenge = challenges::find(conn, visible.bid.challenge)?;
    caller.log_reads(conn, &[visible.bid.read_by(&caller.actor, &challenge)])?;
    Ok(visible)
}

/// One bid, for those who may see it.
pub fn find(conn: &mut Conn, actor: &Actor, id: BidId) -> Result<Visible> {
    let bid = bids::find(conn, id)?;
    let challenge = challenges::find(conn, bid.challenge)?;
    let panel = panels::find(conn, bid.challenge)?;
    let declaration = panels::declaration(conn, bid.challenge, actor.user)?;
    let access = bid.access(actor, &challenge, &panel, declaration.as_ref())?;
    let company_name = organisations::find(conn, bid.company)?.legal_name;
    let confirmed = bid.is_confirmed(challenge.material_changes);
    Ok(Visible { bid, company_name, access, confirmed })
}

/// Some of the opened bids of a challenge, for officers and the panel; the read log says so. Before the opening there
/// are none, for anybody. The last one only tells that there are more: it is not shown.
pub fn list_of_challenge(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    after: Option<BidId>,
    limit: i64,
) -> Result<Vec<Visible>> {
    let actor = &caller.actor;
    let challenge = challenges::find(conn, id)?;
    let panel = panels::find(conn, id)?;
    Bid::require_list_visible(actor, &challenge, &panel)?;
    if challenge.opened_at.is_none() {
        return Ok(Vec::new());
    }
    let declaration = panels::declaration(conn, id, actor.user)?;
    let bids = bids::page_of_challenge(conn, id, after, limit)?;
    let companies: Vec<_> = bids.iter().map(|bid| bid.company).collect();
    let names = organisations::find_all(conn, &companies)?;
    let visible = |bid: Bid| {
        let access = bid.access(actor, &challenge, &panel, declaration.as_ref()).ok()?;
        let company = names.iter().find(|organisation| organisation.id == bid.company)?;
        let confirmed = bid.is_confirmed(challenge.material_changes);
        Some(Visible { bid, company_name: company.legal_name.clone(), access, confirmed })
    };
    let more = i64::try_from(bids.len()).is_ok_and(|found| found == limit);
    let visible: Vec<_> = bids.into_iter().filter_map(visible).collect();
    let shown = visible.len().saturating_sub(usize::from(more));
    let reads: Vec<_> = visible[..shown].iter().map(|v| v.bid.read_by(actor, &challenge)).collect();
    caller.log_reads(conn, &reads)?;
    Ok(visible)
}

/// The bids of the caller's own companies, the newest first.
pub fn list_own(conn: &mut Conn, actor: &Actor, after: Option<BidId>, limit: i64) -> Result<Vec<Visible>> {
    let companies: Vec<_> = actor.memberships.iter().map(|membership| membership.organisation).collect();
    let names = organisations::find_all(conn, &companies)?;
    let bids = bids::page_of_companies(conn, &companies, after, limit)?;
    let name = |id| names.iter().find(|n| n.id == id).map(|n| n.legal_name.clone()).unwrap_or_default();
    let challenges: Vec<_> = bids.iter().map(|bid| bid.challenge).collect();
    let changes = challenges::material_changes_of(conn, &challenges)?;
    let confirmed =
        |bid: &Bid| changes.iter().all(|(challenge, n)| *challenge != bid.challenge || bid.is_confirmed(*n));
    let visible =
        |bid: Bid| Visible { company_name: name(bid.company), access: Access::Full, confirmed: confirmed(&bid), bid };
    Ok(bids.into_iter().map(visible).collect())
}

/// A bid of the caller's company and its challenge, locked for a change.
fn load_own(conn: &mut Conn, caller: &Caller, id: BidId) -> Result<(Bid, Challenge)> {
    let found = bids::find(conn, id)?;
    if !caller.actor.belongs_to(found.company) {
        return Err(Refusal::NotFound("bid").into());
    }
    challenges::lock_box_shared(conn, found.challenge)?;
    let bid = bids::lock(conn, id)?;
    let challenge = challenges::find(conn, bid.challenge)?;
    Ok((bid, challenge))
}

fn check_formally(
    conn: &mut Conn,
    caller: &Caller,
    id: BidId,
    check: impl FnOnce(&mut Bid, &Actor, &Challenge) -> domain::Result<Event>,
) -> Result<Visible> {
    let Visible { company_name, access, confirmed, .. } = find(conn, &caller.actor, id)?;
    let mut bid = bids::lock(conn, id)?;
    let challenge = challenges::find(conn, bid.challenge)?;
    let now = conn.now()?;
    let event = check(&mut bid, &caller.actor, &challenge)?;
    save(conn, caller, &mut bid, now, event)?;
    Ok(Visible { bid, company_name, access, confirmed })
}

fn save(conn: &mut Conn, caller: &Caller, bid: &mut Bid, now: DateTime<Utc>, event: Event) -> Result<()> {
    bids::update(conn, bid)?;
    caller.record(conn, now, event)
}

fn own(conn: &mut Conn, bid: Bid, challenge: &Challenge) -> Result<Visible> {
    let company_name = organisations::find(conn, bid.company)?.legal_name;
    let confirmed = bid.is_confirmed(challenge.material_changes);
    Ok(Visible { bid, company_name, access: Access::Full, confirmed })
}

fn confirm_receipt(conn: &mut Conn, caller: &Caller, challenge: &Challenge, bid: &Bid) -> Result<()> {
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let (version, received_at, link) = (bid.revision, bid.submitted_at, format!("/bids/{}", bid.id));
    let message = Message::BidReceived { challenge_title, challenge_reference, version, received_at, link };
    mail::send_to_user(conn, caller.actor.user, &message, bid.submitted_at)
}
