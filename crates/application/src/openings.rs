//! Opening the envelopes: enough holders of the committee bring their shares, after the deadline.
//!
//! Bringing shares is one transaction, opening each envelope another, and the end of the session a third. A crash between
//! them loses nothing: [`proceed`] goes on where it stopped, and the scheduler calls it for what is left.

use crate::{
    Caller, Result, clock,
    envelopes::{Ready, TakenOut},
    extensions, record_unattended,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use domain::{
    Actor, BidId, Challenge, ChallengeId, ChallengeStatus, Checks, Committee, EnvelopeId, Opening, Ranking, Refusal,
    bid::BidStage,
    opening::{EnvelopeFailure, EnvelopeKind, Holder, Recovery},
};
use persistence::{
    Conn, Db, Scope, bid_envelopes,
    bid_envelopes::{Envelope, ShareFile},
    bids, challenges, evaluations, opening_committees, opening_recoveries, panels,
};
use sealing::{Manifest, SecretKey, Share};

/// The most sessions that one look finds; the next look finds the rest.
const BATCH: i64 = 100;

/// How many of them are loaded at once, with all that is in them.
const FEW: i64 = 10;

/// How many shut envelopes are named at most.
const NAMED: i64 = 20;

/// Who opens: the holders together.
const COMMITTEE: &str = "opening-committee";

/// An opening that goes on.
pub struct Session {
    /// The challenge.
    pub challenge: Challenge,
    /// The holders.
    pub committee: Committee,
    /// Who came so far.
    pub opening: Opening,
    /// Envelopes that are still shut although enough holders came: the first few.
    pub shut: Vec<(EnvelopeId, BidId)>,
}

/// A page of the caller's share files, by the ids of their envelopes, and whether there are more. That they were handed out is
/// on the record.
pub fn share_files(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    kind: EnvelopeKind,
    after: Option<EnvelopeId>,
    limit: usize,
) -> Result<(Vec<ShareFile>, bool)> {
    let (session, holder) = open_session(conn, &caller.actor, id, kind)?;
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut files = bid_envelopes::share_files(conn, id, kind, holder.index, after, one_more)?;
    let more = files.len() > limit;
    files.truncate(limit);
    let now = clock::of(conn, &session.challenge)?;
    caller.record(conn, now, session.opening.shares_handed_out(&session.challenge, &holder, files.len()))?;
    Ok((files, more))
}

/// Opens share files with the key of their holder. One that does not open was sealed wrongly; it is left out.
pub fn open_share_files(key: &SecretKey, files: &[ShareFile]) -> Vec<Share> {
    let open = |file: &ShareFile| sealing::open_share(key, &BASE64_STANDARD.decode(&file.file).ok()?).ok();
    files.iter().filter_map(open).collect()
}

/// A holder comes, and brings shares: all at once, or some now and some later. Each is compared with what was sealed;
/// unless all are right none is taken.
pub fn bring(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    kind: EnvelopeKind,
    shares: &[Share],
) -> Result<Session> {
    challenges::lock_box(conn, id)?;
    let (mut session, holder) = open_session(conn, &caller.actor, id, kind)?;
    let now = clock::of(conn, &session.challenge)?;
    let sound = require_sound(conn, id, kind, &holder, shares)?;
    bid_envelopes::post(conn, holder.index, &sound, now)?;
    if session.opening.attend(&caller.actor) {
        opening_committees::attend(conn, id, kind, caller.actor.user, now)?;
    }
    caller.record(conn, now, session.opening.shares_brought(&session.challenge, &holder, sound.len()))?;
    Ok(session)
}

/// Locks the challenge, and lets in only holders, and only when it is time.
fn open_session(conn: &mut Conn, actor: &Actor, id: ChallengeId, kind: EnvelopeKind) -> Result<(Session, Holder)> {
    let challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(actor))?;
    challenge.require_takes_bids()?;
    let session = session(conn, challenge, kind)?;
    let now = clock::of(conn, &session.challenge)?;
    session.opening.require_open_to(actor, &session.challenge, &session.committee, now)?;
    if session.opening.is_over(now) {
        return Err(Refusal::DeadlinePassed.into());
    }
    require_ready(conn, id, kind)?;
    opening_committees::begin_opening(conn, id, kind.stage(), now)?;
    let holder = session.committee.holder(actor, &session.challenge)?.clone();
    Ok((session, holder))
}

pub(crate) fn session(conn: &mut Conn, challenge: Challenge, kind: EnvelopeKind) -> Result<Session> {
    let committee = opening_committees::find(conn, challenge.id)?.ok_or(Refusal::NotFound("opening committee"))?;
    let recovery = opening_recoveries::find(conn, challenge.id, kind)?;
    let opening = Opening::of(&committee, kind, opening_committees::attended(conn, challenge.id, kind)?);
    let opening = opening.with_recovery(recovery);
    Ok(Session { challenge, committee, opening, shut: Vec::new() })
}

/// Refuses while something else must be decided first.
pub(crate) fn require_ready(conn: &mut Conn, id: ChallengeId, kind: EnvelopeKind) -> Result<()> {
    match kind {
        EnvelopeKind::Solution | EnvelopeKind::Quality => extensions::require_decided(conn, id),
        EnvelopeKind::Price => require_quality_frozen(conn, id),
    }
}

fn require_quality_frozen(conn: &mut Conn, id: ChallengeId) -> Result<()> {
    let (panel, declarations) = (panels::find(conn, id)?, panels::declarations(conn, id)?);
    let (bids, sheets) = (bids::of_challenge(conn, id)?, evaluations::of_challenge(conn, id)?);
    Ok(Ranking::require_quality_frozen(&panel, &declarations, &bids, &sheets)?)
}

/// Finds the envelope of each share. Every share that is not what was sealed for this holder is named.
fn require_sound(
    conn: &mut Conn,
    id: ChallengeId,
    kind: EnvelopeKind,
    holder: &Holder,
    shares: &[Share],
) -> Result<Vec<(EnvelopeId, String)>> {
    let nonces: Vec<_> = shares.iter().map(|share| share.nonce.to_string()).collect();
    let mut envelopes = Vec::new();
    for (envelope, manifest, opened) in bid_envelopes::manifests(conn, id, kind, &nonces)? {
        let manifest = Manifest::parse(manifest.as_bytes());
        let manifest = manifest.map_err(|error| persistence::Error::Corrupt(error.to_string()))?;
        envelopes.push((envelope, manifest, opened));
    }
    let (mut checks, mut sound) = (Checks::new(), Vec::new());
    for (i, share) in shares.iter().enumerate() {
        let pointer = format!("/shares/{i}");
        let Some((envelope, manifest, opened)) = envelopes.iter().find(|(_, m, _)| m.nonce == share.nonce) else {
            checks.require(false, pointer, "unknown_envelope", "belongs to no envelope that is to be opened");
            continue;
        };
        let own = share.index == holder.index;
        let detail = format!("is of holder {}, you are holder {}", share.index, holder.index);
        checks.require(own, pointer.clone(), "foreign_share", detail);
        match manifest.check_share(share) {
            Err(error) => checks.require(false, pointer, "wrong_share", error.to_string()),
            Ok(()) if *opened => {}
            Ok(()) => sound.push((*envelope, share.to_json().to_string())),
        };
    }
    checks.done()?;
    Ok(sound)
}

/// Opens what enough shares are there for, and ends the session if nothing is left. One envelope that cannot be kept does not
/// hold up the others.
///
/// # Errors
/// The first one. What was opened stays opened.
pub async fn proceed(db: &Db, id: ChallengeId, kind: EnvelopeKind) -> Result<()> {
    let (mut after, mut kept) = (None, Ok(()));
    loop {
        let ready = db.read(move |conn| shut(conn, id, kind, after)).await?;
        let Some(last) = ready.last().map(|ready| ready.envelope.id) else { break };
        for ready in ready {
            let Some(taken) = ready.open() else { continue };
            let envelope = ready.envelope;
            kept = kept.and(db.write(move |conn| keep(conn, id, &envelope, taken)).await);
        }
        after = Some(last);
    }
    db.write(move |conn| finish(conn, id, kind)).await?;
    kept
}

/// As [`proceed`], in the transaction at hand.
pub(crate) fn proceed_at_once(conn: &mut Conn, id: ChallengeId, kind: EnvelopeKind) -> Result<()> {
    let mut after = None;
    loop {
        let ready = shut(conn, id, kind, after)?;
        let Some(last) = ready.last().map(|ready| ready.envelope.id) else { break };
        for ready in ready {
            let Some(taken) = ready.open() else { continue };
            keep(conn, id, &ready.envelope, taken)?;
        }
        after = Some(last);
    }
    finish(conn, id, kind).map(drop)
}

/// Some shut envelopes, with the shares that are there.
fn shut(conn: &mut Conn, id: ChallengeId, kind: EnvelopeKind, after: Option<EnvelopeId>) -> Result<Vec<Ready>> {
    let challenge = challenges::find(conn, id)?;
    let session = session(conn, challenge, kind)?;
    if !session.opening.is_complete() {
        return Ok(Vec::new());
    }
    let holders = session.committee.holders.len();
    let envelopes = bid_envelopes::shut(conn, id, kind, after, FEW)?;
    envelopes.into_iter().map(|envelope| Ready::load(conn, envelope, holders)).collect()
}

/// Keeps what was taken out of an envelope, unless somebody else was faster. Until the session ends nobody sees it.
pub(crate) fn keep(conn: &mut Conn, id: ChallengeId, envelope: &Envelope, taken: TakenOut) -> Result<()> {
    challenges::lock_box(conn, id)?;
    let challenge = challenges::find(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    if !waits(&challenge, envelope.kind, now) || bid_envelopes::is_opened(conn, envelope.id)? {
        return Ok(());
    }
    let mut bid = bids::lock(conn, envelope.bid)?;
    let failure = match taken {
        TakenOut::Quality(quality) => bid.take_out_quality(*quality).map(|()| None)?,
        TakenOut::Price(price) => bid.take_out_price(price).map(|()| None)?,
        TakenOut::Nothing(failure) => Some(failure),
    };
    bids::update(conn, &mut bid)?;
    Ok(bid_envelopes::opened(conn, envelope.id, failure, now)?)
}

/// Opens what can be opened after all, and gives up the rest: nobody could open it in time.
fn give_up(conn: &mut Conn, session: &Session, now: DateTime<Utc>) -> Result<()> {
    let (id, kind, holders) = (session.challenge.id, session.opening.kind, session.committee.holders.len());
    loop {
        let shut = bid_envelopes::shut(conn, id, kind, None, FEW)?;
        if shut.is_empty() {
            return Ok(());
        }
        for envelope in shut {
            let ready = Ready::load(conn, envelope, holders)?;
            match ready.open().filter(|_| session.opening.is_complete()) {
                Some(taken) => keep(conn, id, &ready.envelope, taken)?,
                None => bid_envelopes::opened(conn, ready.envelope.id, Some(EnvelopeFailure::Lost), now)?,
            }
        }
    }
}

/// Whether envelopes of this kind are still to be opened.
fn waits(challenge: &Challenge, kind: EnvelopeKind, now: DateTime<Utc>) -> bool {
    match kind {
        EnvelopeKind::Solution => challenge.require_solutions_sealed(now).is_ok(),
        EnvelopeKind::Quality => challenge.status == ChallengeStatus::Closed,
        EnvelopeKind::Price => challenge.require_prices_sealed().is_ok(),
    }
}

/// Ends the session, if enough people came and no envelope is left shut.
fn finish(conn: &mut Conn, id: ChallengeId, kind: EnvelopeKind) -> Result<bool> {
    challenges::lock_box(conn, id)?;
    let challenge = challenges::lock(conn, id)?;
    let mut session = session(conn, challenge, kind)?;
    let now = clock::of(conn, &session.challenge)?;
    let waits = waits(&session.challenge, kind, now);
    if waits && session.opening.is_over(now) {
        give_up(conn, &session, now)?;
    }
    if !waits || !session.opening.may_end() || !bid_envelopes::shut(conn, id, kind, None, 1)?.is_empty() {
        return Ok(false);
    }
    let event = match kind {
        EnvelopeKind::Solution => {
            let solutions = open_bids(conn, id, BidStage::Solution)?;
            session.challenge.open_solutions(&session.opening, solutions, now)?
        }
        EnvelopeKind::Quality => {
            let offers = open_bids(conn, id, BidStage::Offer)?;
            session.challenge.open(&session.opening, offers, now)?
        }
        EnvelopeKind::Price => session.challenge.open_prices(&session.opening, now)?,
    };
    challenges::update(conn, &mut session.challenge)?;
    record_unattended(conn, COMMITTEE, now, event)?;
    Ok(true)
}

/// Opens the bids of a stage, all of whose first envelopes were opened. Gives how many there are.
fn open_bids(conn: &mut Conn, id: ChallengeId, stage: BidStage) -> Result<usize> {
    let mut bids = bids::of_stage(conn, id, stage)?;
    for bid in &mut bids {
        bid.open()?;
        bids::update(conn, bid)?;
    }
    Ok(bids.len())
}

/// Sessions to which enough people came, or whose bidders had their time to give keys, and which have not ended: a crash, or
/// an envelope that waits for more shares.
pub fn unfinished(conn: &mut Conn) -> Result<Vec<(ChallengeId, EnvelopeKind)>> {
    let mut sessions = opening_committees::unfinished_sessions(conn, BATCH)?;
    for over in over(conn, Scope::Real)? {
        if !sessions.contains(&over) {
            sessions.push(over);
        }
    }
    Ok(sessions)
}

/// Sessions whose bidders had their time to give keys.
pub fn over(conn: &mut Conn, scope: Scope) -> Result<Vec<(ChallengeId, EnvelopeKind)>> {
    let now = clock::of_scope(conn, scope)?;
    Ok(opening_recoveries::over(conn, scope, now, BATCH)?)
}

/// How far the opening of these envelopes has come: for members of the agency.
pub fn find(conn: &mut Conn, actor: &Actor, id: ChallengeId, kind: EnvelopeKind) -> Result<Session> {
    let challenge = challenges::find(conn, id)?;
    if !actor.belongs_to(challenge.agency) {
        challenge.require_visible(Some(actor))?;
        return Err(Refusal::NotFound("opening").into());
    }
    if kind == EnvelopeKind::Solution {
        challenge.require_two_stages()?;
    }
    let mut session = session(conn, challenge, kind)?;
    if session.opening.is_complete() {
        let shut = bid_envelopes::shut(conn, id, kind, None, NAMED)?;
        session.shut = shut.into_iter().map(|envelope| (envelope.id, envelope.bid)).collect();
    }
    Ok(session)
}

/// What everybody may know of an opening: who opened which envelopes, when, and what gave nothing.
pub struct Record {
    /// The challenge.
    pub challenge: Challenge,
    /// The holders, some of whom came.
    pub committee: Committee,
    /// Who came to the opening of the solutions, of the quality envelopes, and of the prices.
    pub attended: [Vec<domain::UserId>; 3],
    /// That bidders were asked for their keys, for each kind of envelope.
    pub recoveries: Vec<Recovery>,
    /// Some of the opened envelopes, by their ids.
    pub envelopes: Vec<Envelope>,
}

/// The public record of an opening, once there was one.
pub fn record(
    conn: &mut Conn,
    viewer: Option<&Actor>,
    id: ChallengeId,
    after: Option<EnvelopeId>,
    limit: i64,
) -> Result<Record> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(viewer)?;
    let ended = ended_sessions(&challenge);
    if ended.is_empty() {
        return Err(Refusal::NotFound("opening").into());
    }
    let committee = opening_committees::find(conn, id)?.ok_or(Refusal::NotFound("opening"))?;
    let mut attended = [Vec::new(), Vec::new(), Vec::new()];
    for (came, kind) in attended.iter_mut().zip(EnvelopeKind::ALL).filter(|(_, kind)| ended.contains(kind)) {
        *came = opening_committees::attended(conn, id, kind)?;
    }
    // How many solutions there were is known with the award: until then those invited do not know how many rivals they have.
    let told = |kind: &EnvelopeKind| *kind != EnvelopeKind::Solution || challenge.awarded_at.is_some();
    let told: Vec<_> = ended.into_iter().filter(told).collect();
    let envelopes = bid_envelopes::opened_of_challenge(conn, id, &told, after, limit)?;
    let mut recoveries = Vec::new();
    for kind in EnvelopeKind::ALL {
        recoveries.extend(opening_recoveries::find(conn, id, kind)?);
    }
    Ok(Record { challenge, committee, attended, recoveries, envelopes })
}

/// Which envelopes were opened, all of them.
fn ended_sessions(challenge: &Challenge) -> Vec<EnvelopeKind> {
    let ended = |kind: &EnvelopeKind| match kind {
        EnvelopeKind::Solution => challenge.first_stage.opened_at.is_some(),
        EnvelopeKind::Quality => challenge.opened_at.is_some(),
        EnvelopeKind::Price => challenge.prices_opened_at.is_some(),
    };
    EnvelopeKind::ALL.into_iter().filter(ended).collect()
}
