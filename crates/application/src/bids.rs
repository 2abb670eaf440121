//! Handing in, replacing, withdrawing and reading bids.

mod handed_in;
mod visible;

pub use handed_in::{Content, HandedIn};
pub use visible::Visible;
pub(crate) use visible::keep_shut;
use visible::{Page, Sight};

use crate::{
    Caller, Error, Result,
    bid_receipts::{Attempt, Attempted, Tried},
    clock, consortia,
    error::require_current,
    no_bids,
    organisation_profiles::snapshot,
};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Bid, BidAction, BidId, BidStatus, Challenge, ChallengeId, Event, Organisation, OrganisationId, Refusal,
    bid::{Access, BidStage, DisqualificationCode},
    consortium::Participation,
    opening::EnvelopeKind,
};
use persistence::{
    Conn, bid_envelopes, bid_envelopes::Parts, bid_partners, bids, challenges, challenges::Progress, organisations,
    panels,
};

/// A company hands in its bid. The time of receipt is the database's, read under the challenge's lock.
pub fn submit(
    conn: &mut Conn,
    attempt: &Attempt,
    challenge: ChallengeId,
    company: OrganisationId,
    handed_in: HandedIn,
) -> Result<Attempted> {
    let actor = &attempt.caller.actor;
    challenges::lock_box_shared(conn, challenge)?;
    let challenge = challenges::find(conn, challenge)?;
    challenge.require_visible(Some(actor))?;
    if !actor.belongs_to(company) {
        return Err(Refusal::invalid("/company", "unknown", "you do not belong to this organisation").into());
    }
    let company = organisations::find(conn, company)?;
    let solution = bids::solution_of(conn, challenge.id, company.id)?;
    let documents = handed_in.documents(conn, challenge.id, company.id)?;
    let now = clock::of(conn, &challenge)?;
    let tried = Tried::new(BidAction::Submit, &challenge, &company, now);
    let decided = attempt
        .admitted()
        .and_then(|()| handed_in.as_rules_see_it(&documents))
        .and_then(|offer| Bid::submit(conn.new_id(), actor, &challenge, &company, offer, solution.as_ref(), now))
        .map_err(Error::from)
        .and_then(|(mut bid, event)| {
            bid.profile = Some(snapshot(conn, &company)?);
            let partners = consortia::name(conn, challenge.id, company.id, handed_in.consortium, now)?;
            let envelopes = handed_in.envelopes(conn, bid.revision)?;
            bids::insert(conn, &bid)?;
            envelopes.store(conn, &bid)?;
            bid_partners::insert(conn, bid.id, &partners)?;
            no_bids::end(conn, &attempt.caller, challenge.id, company.id, now)?;
            Ok((bid, event))
        });
    match decided {
        Ok((bid, event)) => attempt.receive(conn, tried, bid, event),
        Err(error) => attempt.refuse(conn, &tried, error),
    }
}

/// The company puts a new revision in place of the old one.
pub fn replace(
    conn: &mut Conn,
    attempt: &Attempt,
    id: BidId,
    expected: Option<i32>,
    handed_in: HandedIn,
) -> Result<Attempted> {
    let own = load_own(conn, attempt, id)?;
    change(conn, attempt, BidAction::Replace, own, |conn, own, now| {
        require_current(own.bid.version, expected)?;
        let documents = handed_in.documents(conn, own.challenge.id, own.company.id)?;
        let offer = handed_in.as_rules_see_it(&documents)?;
        let event = own.bid.replace(&attempt.caller.actor, &own.challenge, offer, now)?;
        own.bid.profile = Some(snapshot(conn, &own.company)?);
        let partners = consortia::name(conn, own.challenge.id, own.company.id, handed_in.consortium, now)?;
        handed_in.envelopes(conn, own.bid.revision)?.store(conn, &own.bid)?;
        bid_partners::replace(conn, own.bid.id, &partners)?;
        Ok(event)
    })
}

/// The company takes its bid back.
pub fn withdraw(conn: &mut Conn, attempt: &Attempt, id: BidId) -> Result<Attempted> {
    let own = load_own(conn, attempt, id)?;
    change(conn, attempt, BidAction::Withdraw, own, |_, own, now| {
        Ok(own.bid.withdraw(&attempt.caller.actor, &own.challenge, now)?)
    })
}

/// The company stands by its bid although the challenge has changed.
pub fn confirm(conn: &mut Conn, attempt: &Attempt, id: BidId) -> Result<Attempted> {
    let own = load_own(conn, attempt, id)?;
    change(conn, attempt, BidAction::Confirm, own, |_, own, now| {
        Ok(own.bid.confirm(&attempt.caller.actor, &own.challenge, now)?)
    })
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
    let own = actor.belongs_to(bid.company);
    let (mut bids, progress) = (vec![bid], Progress::from(&challenge));
    let page = Page::load(conn, &mut bids, std::slice::from_ref(&progress))?;
    let participations = participations(conn, actor, &challenge)?;
    let bid = bids.swap_remove(0);
    let visible = page.show(bid, &progress, Sight { own, access, company_name, content: Some(&challenge) });
    Ok(visible.sharing(&participations))
}

/// Who takes part in which bid of a challenge, for those who judge the bids.
fn participations(conn: &mut Conn, actor: &Actor, challenge: &Challenge) -> Result<Vec<Participation>> {
    if challenge.opened_at.is_some() && challenge.is_judged_by(actor) {
        Ok(bid_partners::participations(conn, challenge.id)?)
    } else {
        Ok(Vec::new())
    }
}

/// The parts of an envelope of a bid of one of the caller's own companies.
pub fn own_envelope(conn: &mut Conn, actor: &Actor, id: BidId, kind: EnvelopeKind) -> Result<Parts> {
    let bid = bids::find(conn, id)?;
    if !actor.belongs_to(bid.company) {
        return Err(Refusal::NotFound("bid").into());
    }
    let envelopes = bid_envelopes::of_bid(conn, id, bid.revision)?;
    let envelope = envelopes.into_iter().find(|envelope| envelope.kind == kind);
    let envelope = envelope.ok_or(Refusal::NotFound("envelope"))?;
    Ok(bid_envelopes::parts(conn, envelope.id)?)
}

/// Some of the opened offers for a challenge, for officers and the panel; the read log says so. Before the opening there
/// are none, for anybody. The last one only tells that there are more: it is not shown.
pub fn list_of_challenge(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    after: Option<BidId>,
    limit: i64,
) -> Result<Vec<Visible>> {
    let challenge = challenges::find(conn, id)?;
    let panel = panels::find(conn, id)?;
    Bid::require_list_visible(&caller.actor, &challenge, &panel)?;
    match challenge.opened_at {
        None => Ok(Vec::new()),
        Some(_) => page(conn, caller, &challenge, BidStage::Offer, after, limit),
    }
}

/// The same for the unpriced solutions of a two-stage challenge.
pub fn solutions_of_challenge(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    after: Option<BidId>,
    limit: i64,
) -> Result<Vec<Visible>> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_solutions_visible(&caller.actor)?;
    challenge.require_two_stages()?;
    match challenge.first_stage.opened_at {
        None => Ok(Vec::new()),
        Some(_) => page(conn, caller, &challenge, BidStage::Solution, after, limit),
    }
}

fn page(
    conn: &mut Conn,
    caller: &Caller,
    challenge: &Challenge,
    stage: BidStage,
    after: Option<BidId>,
    limit: i64,
) -> Result<Vec<Visible>> {
    let (actor, id) = (&caller.actor, challenge.id);
    let panel = panels::find(conn, id)?;
    let declaration = panels::declaration(conn, id, actor.user)?;
    let mut bids = bids::page_of_challenge(conn, id, stage, after, limit)?;
    let companies: Vec<_> = bids.iter().map(|bid| bid.company).collect();
    let names = organisations::find_all(conn, &companies)?;
    let participations = participations(conn, actor, challenge)?;
    let progress = Progress::from(challenge);
    let page = Page::load(conn, &mut bids, std::slice::from_ref(&progress))?;
    let visible = |bid: Bid| {
        let access = bid.access(actor, challenge, &panel, declaration.as_ref()).ok()?;
        let company = names.iter().find(|organisation| organisation.id == bid.company)?;
        let (own, company_name) = (actor.belongs_to(bid.company), company.legal_name.clone());
        let visible = page.show(bid, &progress, Sight { own, access, company_name, content: Some(challenge) });
        Some(visible.sharing(&participations))
    };
    let more = i64::try_from(bids.len()).is_ok_and(|found| found == limit);
    let visible: Vec<_> = bids.into_iter().filter_map(visible).collect();
    let shown = visible.len().saturating_sub(usize::from(more));
    let reads: Vec<_> = visible[..shown].iter().map(|v| v.bid.read_by(actor, challenge)).collect();
    caller.log_reads(conn, &reads)?;
    Ok(visible)
}

/// The bids of the caller's own companies, the newest first.
pub fn list_own(conn: &mut Conn, actor: &Actor, after: Option<BidId>, limit: i64) -> Result<Vec<Visible>> {
    let companies: Vec<_> = actor.memberships.iter().map(|membership| membership.organisation).collect();
    let names = organisations::find_all(conn, &companies)?;
    let mut bids = bids::page_of_companies(conn, &companies, after, limit)?;
    let name = |id| names.iter().find(|n| n.id == id).map(|n| n.legal_name.clone()).unwrap_or_default();
    let challenges: Vec<_> = bids.iter().map(|bid| bid.challenge).collect();
    let found = challenges::progress_of(conn, &challenges)?;
    let contents = contents_of_opened(conn, &bids)?;
    let page = Page::load(conn, &mut bids, &found)?;
    let visible = |bid: Bid| {
        let progress = found.iter().find(|progress| progress.challenge == bid.challenge)?;
        let content = contents.iter().map(|(challenge, _)| challenge).find(|challenge| challenge.id == bid.challenge);
        let company_name = name(bid.company);
        Some(page.show(bid, progress, Sight { own: true, access: Access::Full, company_name, content }))
    };
    Ok(bids.into_iter().filter_map(visible).collect())
}

/// The challenges of those of the bids that are open, to check them against.
fn contents_of_opened(conn: &mut Conn, bids: &[Bid]) -> Result<Vec<(Challenge, String)>> {
    let open = bids.iter().filter(|bid| !matches!(bid.status, BidStatus::Submitted | BidStatus::Withdrawn));
    let challenges: Vec<_> = open.map(|bid| bid.challenge).collect();
    Ok(if challenges.is_empty() { Vec::new() } else { challenges::find_all(conn, &challenges)? })
}

/// A bid of the caller's company, locked for a change.
struct Own {
    bid: Bid,
    challenge: Challenge,
    company: Organisation,
}

fn load_own(conn: &mut Conn, attempt: &Attempt, id: BidId) -> Result<Own> {
    let found = bids::find(conn, id)?;
    if !attempt.caller.actor.belongs_to(found.company) {
        return Err(Refusal::NotFound("bid").into());
    }
    challenges::lock_box_shared(conn, found.challenge)?;
    let bid = bids::lock(conn, id)?;
    let (challenge, company) = (challenges::find(conn, bid.challenge)?, organisations::find(conn, bid.company)?);
    Ok(Own { bid, challenge, company })
}

/// Changes a bid, or puts on the record that this was refused. What is decided writes nothing but the bid, and that only
/// when nothing can be refused any more.
fn change(
    conn: &mut Conn,
    attempt: &Attempt,
    action: BidAction,
    mut own: Own,
    decide: impl FnOnce(&mut Conn, &mut Own, DateTime<Utc>) -> Result<Event>,
) -> Result<Attempted> {
    let now = clock::of(conn, &own.challenge)?;
    let before = own.bid.clone();
    let decided = attempt.admitted().map_err(Error::from).and_then(|()| {
        let event = decide(conn, &mut own, now)?;
        bids::update(conn, &mut own.bid)?;
        Ok(event)
    });
    let Own { bid, challenge, company } = own;
    let tried = Tried::new(action, &challenge, &company, now).on(&before);
    match decided {
        Ok(event) => attempt.receive(conn, tried, bid, event),
        Err(error) => attempt.refuse(conn, &tried, error),
    }
}

fn check_formally(
    conn: &mut Conn,
    caller: &Caller,
    id: BidId,
    check: impl FnOnce(&mut Bid, &Actor, &Challenge) -> domain::Result<Event>,
) -> Result<Visible> {
    let visible = find(conn, &caller.actor, id)?;
    let mut bid = bids::lock(conn, id)?;
    let challenge = challenges::find(conn, bid.challenge)?;
    let now = clock::of(conn, &challenge)?;
    let event = check(&mut bid, &caller.actor, &challenge)?;
    save(conn, caller, &mut bid, now, event)?;
    Ok(Visible { bid, ..visible })
}

fn save(conn: &mut Conn, caller: &Caller, bid: &mut Bid, now: DateTime<Utc>, event: Event) -> Result<()> {
    bids::update(conn, bid)?;
    caller.record(conn, now, event)
}
