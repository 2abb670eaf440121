//! Asking about challenges, and answering to everybody.
//!
//! Whatever changes the questions of a challenge takes the challenge's lock, so that closing waits for it, numbers have no
//! gaps, and no company asks more than it may.

mod answers;

pub use answers::{Chosen, correct, decline, draft_answer, merge, publish, versions};

use crate::{Caller, Result, clock, followers, mail, obligations};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeId, ObligationKind, ObligationPolicy, OrganisationId, Question, QuestionId, Refusal,
    Role,
    challenge::FollowReason,
    question::{Asking, Sight},
};
use notifications::Message;
use persistence::{
    Conn, accounts, challenges, members, organisations, periods,
    questions::{self, Unpublished},
};
use std::collections::BTreeSet;

/// A question, as far as somebody may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Visible {
    /// The question.
    pub question: Question,
    /// The published question into which it was merged.
    pub common: Option<Question>,
    /// As what the reader sees it.
    pub sight: Sight,
    /// For the company that asked: its name, and that of the person.
    pub asked_by: Option<(String, Option<String>)>,
}

/// Where a page of questions goes on: after this published one, or after this one that is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum After {
    /// A number.
    Number(i32),
    /// An id; every published question came before.
    Id(QuestionId),
}

impl Visible {
    /// The place of the question in the list.
    pub fn place(&self) -> After {
        let published = self.question.publication.map(|publication| After::Number(publication.number));
        published.unwrap_or(After::Id(self.question.id))
    }
}

/// Somebody asks for a company. From then on an answer is owed; who asks is told what happens to the challenge.
pub fn ask(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    company: OrganisationId,
    text: &str,
    policy: ObligationPolicy,
) -> Result<Visible> {
    let challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    if !caller.actor.belongs_to(company) {
        return Err(Refusal::invalid("/company", "unknown", "you do not belong to this organisation").into());
    }
    let company = organisations::find(conn, company)?;
    let (open, timeline) = (questions::count_open(conn, id, company.id)?, periods::timeline(conn, id)?);
    let now = clock::of(conn, &challenge)?;
    let asking = Asking { text, open, timeline: timeline.as_ref() };
    let (question, event) = Question::ask(conn.new_id(), &caller.actor, &challenge, &company, asking, now)?;
    questions::insert(conn, &question)?;
    caller.record(conn, now, event)?;
    let working = obligations::working_days_from(conn, &challenge, policy.answer, now)?;
    let due = challenge.answer_due(working, timeline.as_ref(), now);
    tell_agency(conn, &challenge, &question, due.at, now)?;
    obligations::open(conn, question.duty(&challenge), due, now)?;
    followers::attract(conn, &caller.actor, &challenge, FollowReason::Asked)?;
    visible(conn, Some(&caller.actor), &challenge, question)
}

/// How many questions one statement finds.
const BATCH: i64 = 200;

/// The challenge takes bids again: whoever still waits for an answer gets one, by a date counted from now on.
pub(crate) fn wait_again(
    conn: &mut Conn,
    challenge: &Challenge,
    policy: ObligationPolicy,
    now: DateTime<Utc>,
) -> Result<()> {
    let timeline = periods::timeline(conn, challenge.id)?;
    let working = obligations::working_days_from(conn, challenge, policy.answer, now)?;
    let due = challenge.answer_due(working, timeline.as_ref(), now);
    let mut after = None;
    loop {
        let waiting = questions::page_waiting(conn, challenge.id, after, BATCH)?;
        for question in &waiting {
            obligations::open(conn, question.duty(challenge), due.clone(), now)?;
        }
        after = waiting.last().map(|question| question.id);
        if i64::try_from(waiting.len()).is_ok_and(|found| found < BATCH) {
            return Ok(());
        }
    }
}

/// Those who answer get a mail that does not say who asks.
fn tell_agency(
    conn: &mut Conn,
    challenge: &Challenge,
    question: &Question,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut people = members::holders(conn, challenge.agency, Role::Author)?;
    let known: BTreeSet<_> = people.iter().map(|person| person.id).collect();
    let officers = members::holders(conn, challenge.agency, Role::Officer)?;
    people.extend(officers.into_iter().filter(|officer| !known.contains(&officer.id)));
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let (question, link) = (question.original.clone(), format!("{}/questions", mail::challenge_link(challenge.id)));
    let message = Message::QuestionAsked { challenge_title, challenge_reference, question, due_at, link };
    mail::send(conn, &people, &message, now)
}

/// A company takes its question back.
pub fn withdraw(conn: &mut Conn, caller: &Caller, id: QuestionId) -> Result<Visible> {
    let (challenge, mut question) = lock(conn, &caller.actor, id)?;
    let common = common_of(conn, &question)?;
    let now = clock::of(conn, &challenge)?;
    let event = question.withdraw(&caller.actor, common.as_ref())?;
    questions::update(conn, &mut question)?;
    caller.record(conn, now, event)?;
    obligations::withdraw(conn, ObligationKind::AnswerQuestion, &[question.subject()], now)?;
    answers::separate(conn, &challenge, id, now)?;
    visible(conn, Some(&caller.actor), &challenge, question)
}

/// One question, for those who may see it.
pub fn find(conn: &mut Conn, viewer: Option<&Actor>, id: QuestionId) -> Result<Visible> {
    let question = questions::find(conn, id)?;
    let challenge = challenges::find(conn, question.challenge)?;
    visible(conn, viewer, &challenge, question)
}

/// Some questions of a challenge: the published ones in the order of their numbers; then, for the agency's members and for
/// those who asked, the others that they may see, in the order in which they were asked.
pub fn list(
    conn: &mut Conn,
    viewer: Option<&Actor>,
    id: ChallengeId,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Visible>> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(viewer)?;
    let mut found = match after {
        Some(After::Id(_)) => Vec::new(),
        Some(After::Number(number)) => questions::page_published(conn, id, number, limit)?,
        None => questions::page_published(conn, id, 0, limit)?,
    };
    let left = limit - i64::try_from(found.len()).unwrap_or(limit);
    if let Some(viewer) = viewer.filter(|_| left > 0) {
        let companies = viewer.memberships.iter().map(|membership| membership.organisation).collect();
        let seen = Unpublished { staff: viewer.belongs_to(challenge.agency), companies };
        let after = if let Some(After::Id(id)) = after { Some(id) } else { None };
        found.extend(questions::page_unpublished(conn, id, &seen, after, left)?);
    }
    all_visible(conn, viewer, &challenge, found)
}

/// A question and its challenge, locked for a change, for somebody who may know of it.
fn lock(conn: &mut Conn, actor: &Actor, id: QuestionId) -> Result<(Challenge, Question)> {
    let found = questions::find(conn, id)?;
    let challenge = challenges::lock(conn, found.challenge)?;
    let question = questions::lock(conn, id)?;
    question.sight(Some(actor), &challenge)?;
    Ok((challenge, question))
}

fn common_of(conn: &mut Conn, question: &Question) -> Result<Option<Question>> {
    Ok(question.merged_into.map(|into| questions::find(conn, into)).transpose()?)
}

fn visible(conn: &mut Conn, viewer: Option<&Actor>, challenge: &Challenge, question: Question) -> Result<Visible> {
    question.sight(viewer, challenge)?;
    let mut visible = all_visible(conn, viewer, challenge, vec![question])?;
    visible.pop().ok_or_else(|| Refusal::NotFound("question").into())
}

/// Questions with what the viewer may know beside them. What the viewer may not see is left out.
fn all_visible(
    conn: &mut Conn,
    viewer: Option<&Actor>,
    challenge: &Challenge,
    found: Vec<Question>,
) -> Result<Vec<Visible>> {
    let into: Vec<_> = found.iter().filter_map(|question| question.merged_into).collect();
    let published = questions::find_all(conn, &into)?.into_iter().filter(|common| common.publication.is_some());
    let published: Vec<_> = published.collect();
    let seen: Vec<_> = found
        .into_iter()
        .filter_map(|question| question.sight(viewer, challenge).ok().map(|sight| (question, sight)))
        .collect();
    let own = seen.iter().filter(|(_, sight)| *sight == Sight::Asker);
    let (companies, askers): (Vec<_>, Vec<_>) = own.map(|(question, _)| (question.company, question.asker)).unzip();
    let companies = organisations::find_all(conn, &companies)?;
    let askers = accounts::find_all(conn, &askers.into_iter().flatten().collect::<Vec<_>>())?;
    let visible = |(question, sight): (Question, Sight)| {
        let company = companies.iter().find(|company| sight == Sight::Asker && company.id == question.company);
        let asker = askers.iter().find(|person| Some(person.id) == question.asker).map(|person| person.name.clone());
        let common = published.iter().find(|common| Some(common.id) == question.merged_into).cloned();
        Visible { asked_by: company.map(|company| (company.legal_name.clone(), asker)), question, common, sight }
    };
    Ok(seen.into_iter().map(visible).collect())
}
