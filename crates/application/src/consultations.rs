//! Answering in market consultations, and concluding them.

use crate::{
    Caller, Result,
    challenges::{Detail, detail, save},
    clock,
    error::require_current,
    extensions, followers,
};
use domain::{
    Actor, Challenge, ChallengeId, ConsultationResponse, ConsultationResponseId, OrganisationId, Refusal,
    challenge::FollowReason,
    consultation::{Conclusion, Sight, Statement},
};
use notifications::News;
use persistence::{Conn, challenges, consultations, organisations};

/// A response, as far as somebody may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Visible {
    /// The response.
    pub response: ConsultationResponse,
    /// The company's name.
    pub company_name: String,
    /// As what the reader sees it.
    pub sight: Sight,
}

/// A company answers. The time of receipt is the database's, read under the challenge's lock.
pub fn submit(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    company: OrganisationId,
    statement: Statement,
) -> Result<Visible> {
    challenges::lock_box_shared(conn, id)?;
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    if !caller.actor.belongs_to(company) {
        return Err(Refusal::invalid("/company", "unknown", "you do not belong to this organisation").into());
    }
    let company = organisations::find(conn, company)?;
    let now = clock::of(conn, &challenge)?;
    let (response, event) =
        ConsultationResponse::submit(conn.new_id(), &caller.actor, &challenge, &company, statement, now)?;
    consultations::insert(conn, &response)?;
    caller.record(conn, now, event)?;
    followers::attract(conn, &caller.actor, &challenge, FollowReason::Responded)?;
    Ok(Visible { response, company_name: company.legal_name, sight: Sight::Own })
}

/// The company puts a new version in place of the old one.
pub fn replace(
    conn: &mut Conn,
    caller: &Caller,
    id: ConsultationResponseId,
    expected: Option<i32>,
    statement: Statement,
) -> Result<Visible> {
    let (mut response, challenge) = lock_own(conn, caller, id)?;
    require_current(response.version, expected)?;
    let now = clock::of(conn, &challenge)?;
    let event = response.replace(&caller.actor, &challenge, statement, now)?;
    consultations::update(conn, &mut response)?;
    caller.record(conn, now, event)?;
    own(conn, response)
}

/// The company takes its response back.
pub fn withdraw(conn: &mut Conn, caller: &Caller, id: ConsultationResponseId) -> Result<Visible> {
    let (mut response, challenge) = lock_own(conn, caller, id)?;
    let now = clock::of(conn, &challenge)?;
    let event = response.withdraw(&caller.actor, &challenge, now)?;
    consultations::update(conn, &mut response)?;
    caller.record(conn, now, event)?;
    own(conn, response)
}

fn lock_own(conn: &mut Conn, caller: &Caller, id: ConsultationResponseId) -> Result<(ConsultationResponse, Challenge)> {
    let found = consultations::find(conn, id)?;
    if !caller.actor.belongs_to(found.company) {
        return Err(Refusal::NotFound("response").into());
    }
    challenges::lock_box_shared(conn, found.challenge)?;
    let response = consultations::lock(conn, id)?;
    Ok((response, challenges::find(conn, found.challenge)?))
}

fn own(conn: &mut Conn, response: ConsultationResponse) -> Result<Visible> {
    let company_name = organisations::find(conn, response.company)?.legal_name;
    Ok(Visible { response, company_name, sight: Sight::Own })
}

/// One response, for those who may see it. That somebody in the agency reads it is kept in the read log.
pub fn read(conn: &mut Conn, caller: &Caller, id: ConsultationResponseId) -> Result<Visible> {
    let response = consultations::find(conn, id)?;
    let challenge = challenges::find(conn, response.challenge)?;
    let sight = response.sight(Some(&caller.actor), &challenge)?;
    log(conn, caller, &challenge, [(&response, sight)].into_iter())?;
    let company_name = organisations::find(conn, response.company)?.legal_name;
    Ok(Visible { response, company_name, sight })
}

/// Some responses to a consultation, the first handed in first: those of the caller's own companies always; those of others
/// for the agency after the closing, which the read log keeps, and for everybody after the conclusion, as far as their
/// companies allowed. The last one only tells that there are more: it is not shown.
pub fn list(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    after: Option<ConsultationResponseId>,
    limit: i64,
) -> Result<Vec<Visible>> {
    let found = list_for(conn, Some(&caller.actor), id, after, limit)?;
    let challenge = challenges::find(conn, id)?;
    let more = i64::try_from(found.len()).is_ok_and(|found| found == limit);
    let shown = found.len().saturating_sub(usize::from(more));
    log(conn, caller, &challenge, found[..shown].iter().map(|v| (&v.response, v.sight)))?;
    Ok(found)
}

/// As [`list`], for those who read nothing that is logged: everybody.
pub fn list_public(
    conn: &mut Conn,
    id: ChallengeId,
    after: Option<ConsultationResponseId>,
    limit: i64,
) -> Result<Vec<Visible>> {
    list_for(conn, None, id, after, limit)
}

fn list_for(
    conn: &mut Conn,
    viewer: Option<&Actor>,
    id: ChallengeId,
    after: Option<ConsultationResponseId>,
    limit: i64,
) -> Result<Vec<Visible>> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(viewer)?;
    let own = viewer.map(|actor| actor.memberships.iter().map(|membership| membership.organisation).collect());
    let own: Vec<_> = own.unwrap_or_default();
    let found = consultations::page(conn, id, &own, challenge.shows_responses(viewer), after, limit)?;
    let companies: Vec<_> = found.iter().map(|response| response.company).collect();
    let names = organisations::find_all(conn, &companies)?;
    let visible = |response: ConsultationResponse| {
        let sight = response.sight(viewer, &challenge).ok()?;
        let company_name = names.iter().find(|company| company.id == response.company)?.legal_name.clone();
        Some(Visible { response, company_name, sight })
    };
    Ok(found.into_iter().filter_map(visible).collect())
}

fn log<'a>(
    conn: &mut Conn,
    caller: &Caller,
    challenge: &Challenge,
    seen: impl Iterator<Item = (&'a ConsultationResponse, Sight)>,
) -> Result<()> {
    let by_staff = seen.filter(|(_, sight)| *sight == Sight::Staff);
    let reads: Vec<_> = by_staff.map(|(response, _)| response.read_by_staff(challenge)).collect();
    caller.log_reads(conn, &reads)
}

/// An officer concludes a consultation with a public summary; not as long as its deadline may still be moved.
pub fn conclude(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    summary: &str,
    next: Option<ChallengeId>,
) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    extensions::require_decided(conn, id)?;
    let next = next.map(|next| find_next(conn, &caller.actor, next)).transpose()?;
    let now = clock::of(conn, &challenge)?;
    let (conclusion, event) = challenge.conclude(&caller.actor, summary, next.as_ref(), now)?;
    save(conn, caller, &mut challenge, now, event)?;
    consultations::insert_conclusion(conn, id, &conclusion)?;
    followers::tell(conn, &challenge, News::Concluded, now)?;
    detail(conn, challenge)
}

fn find_next(conn: &mut Conn, actor: &Actor, id: ChallengeId) -> Result<Challenge> {
    let unknown = || Refusal::invalid("/next", "unknown", "names no other challenge of the agency");
    let next = match challenges::find(conn, id) {
        Err(persistence::Error::NotFound) => return Err(unknown().into()),
        found => found?,
    };
    next.require_visible(Some(actor)).map_err(|_| unknown())?;
    Ok(next)
}

/// How a consultation ended, for those who may see it. A following challenge is named to those who may see that.
pub fn conclusion(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<Conclusion> {
    challenges::find(conn, id)?.require_visible(viewer)?;
    let mut conclusion = consultations::conclusion(conn, id)?;
    if let Some(next) = conclusion.next {
        let seen = challenges::find(conn, next)?.require_visible(viewer).is_ok();
        conclusion.next = conclusion.next.filter(|_| seen);
    }
    Ok(conclusion)
}
