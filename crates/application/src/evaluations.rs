//! Scoring, and the ranking that comes of it.

use crate::{
    Caller, Result,
    challenges::{Detail, detail, save},
    clock,
    error::require_current,
};
use domain::{
    Actor, BidId, BidStatus, ChallengeId, ChallengeStatus, CriterionScore, Evaluation, OrganisationId, Ranking,
    Refusal, sheet,
};
use persistence::{Conn, awards, bid_partners, bids, challenges, evaluations, panels};

/// An officer starts the evaluation after the formal check.
pub fn start(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    let bids = bids::of_challenge(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.start_evaluation(&caller.actor, &bids)?;
    save(conn, caller, &mut challenge, now, event)?;
    detail(conn, challenge)
}

/// An evaluator writes down scores for one bid.
pub fn score(
    conn: &mut Conn,
    caller: &Caller,
    bid: BidId,
    expected: Option<i32>,
    scores: Vec<CriterionScore>,
) -> Result<Evaluation> {
    crate::bids::find(conn, &caller.actor, bid)?;
    let bid = bids::find(conn, bid)?;
    let challenge = challenges::find(conn, bid.challenge)?;
    let panel = panels::find(conn, challenge.id)?;
    let declaration = panels::declaration(conn, challenge.id, caller.actor.user)?;
    let now = clock::of(conn, &challenge)?;
    let existing = evaluations::find(conn, bid.id, caller.actor.user)?;
    let is_new = existing.is_none();
    let mut sheet = existing.unwrap_or_else(|| Evaluation::new(conn.new_id(), bid.id, caller.actor.user));
    require_current(if is_new { 0 } else { sheet.version }, expected)?;
    let event = sheet.score(&caller.actor, &challenge, &panel, declaration.as_ref(), &bid, scores)?;
    if is_new {
        evaluations::insert(conn, challenge.id, &sheet)?;
    } else {
        evaluations::update(conn, &mut sheet)?;
    }
    caller.record(conn, now, event)?;
    Ok(sheet)
}

/// The evaluator's own sheet for a bid. Nobody sees another's before the ranking.
pub fn find_own(conn: &mut Conn, actor: &Actor, bid: BidId) -> Result<Evaluation> {
    crate::bids::find(conn, actor, bid)?;
    let bid = bids::find(conn, bid)?;
    let panel = panels::find(conn, bid.challenge)?;
    let declaration = panels::declaration(conn, bid.challenge, actor.user)?;
    sheet::require_unconflicted(actor, &panel, declaration.as_ref(), bid.id)?;
    Ok(evaluations::find(conn, bid.id, actor.user)?.ok_or(Refusal::NotFound("evaluation"))?)
}

/// The evaluator hands in all sheets of a challenge at once; they are frozen. Gives how many.
pub fn submit(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<Vec<Evaluation>> {
    let challenge = challenges::lock(conn, id)?;
    let panel = panels::find(conn, id)?;
    panel.require_evaluator(&caller.actor)?;
    challenge.require_status(&[ChallengeStatus::Evaluating], "evaluating")?;
    let declaration = panels::declaration(conn, id, caller.actor.user)?.ok_or(Refusal::DeclarationMissing)?;
    let now = clock::of(conn, &challenge)?;
    let mut submitted = Vec::new();
    for bid in bids::of_challenge(conn, id)? {
        if bid.status != BidStatus::Admitted || declaration.conflicts.contains(&bid.id) {
            continue;
        }
        let sheet = evaluations::find(conn, bid.id, caller.actor.user)?;
        let unscored = || Refusal::Incomplete(format!("bid {} has no scores", bid.id));
        let mut sheet = sheet.ok_or_else(unscored)?;
        let event = sheet.submit(&challenge, now)?;
        evaluations::update(conn, &mut sheet)?;
        caller.record(conn, now, event)?;
        submitted.push(sheet);
    }
    Ok(submitted)
}

/// A ranking, with the partners of consortia.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The ranking.
    pub ranking: Ranking,
    /// Who bids together with the companies in it.
    pub partners: Vec<(BidId, OrganisationId, String)>,
}

/// The ranking: for officers once every sheet is in, for everybody once the award is made.
pub fn ranking(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<Ranked> {
    let ranking = visible_ranking(conn, viewer, id)?;
    with_partners(conn, ranking)
}

pub(crate) fn with_partners(conn: &mut Conn, ranking: Ranking) -> Result<Ranked> {
    let bids: Vec<_> = ranking.rows.iter().map(|row| row.bid).collect();
    let partners = bid_partners::names_of(conn, &bids)?;
    Ok(Ranked { ranking, partners })
}

fn visible_ranking(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<Ranking> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(viewer)?;
    if let Some(award) = awards::find(conn, id)? {
        return Ok(award.ranking);
    }
    Ranking::require_visible(&challenge, viewer)?;
    compute(conn, &challenge)
}

pub(crate) fn compute(conn: &mut Conn, challenge: &domain::Challenge) -> Result<Ranking> {
    let panel = panels::find(conn, challenge.id)?;
    let declarations = panels::declarations(conn, challenge.id)?;
    let bids = bids::of_challenge(conn, challenge.id)?;
    let sheets = evaluations::of_challenge(conn, challenge.id)?;
    Ok(Ranking::compute(challenge, &panel, &declarations, &bids, &sheets)?)
}
