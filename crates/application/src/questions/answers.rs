//! What authors and officers do about questions.

use super::{Visible, lock, visible};
use crate::{Caller, Error, Result, clock, error::require_current, followers, mail, obligations, record_unattended};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeId, Checks, ObligationKind, Question, QuestionId, Refusal, Role,
    question::{AnswerVersion, MOST_AT_ONCE, Wording},
};
use notifications::{Message, News};
use persistence::{Conn, challenges, change_notices, questions};
use std::collections::BTreeSet;

/// A question to be published, in the version that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The question.
    pub id: QuestionId,
    /// The version whose draft is meant.
    pub version: i32,
}

/// Prepares what everybody will read: `change` gets the wording as it is and gives it as it should be.
pub fn draft_answer(
    conn: &mut Conn,
    caller: &Caller,
    id: QuestionId,
    expected: Option<i32>,
    change: impl FnOnce(Wording) -> Wording,
) -> Result<Visible> {
    let (challenge, mut question) = lock(conn, &caller.actor, id)?;
    question.require_answerable_by(&caller.actor, &challenge)?;
    require_current(question.version, expected)?;
    let now = clock::of(conn, &challenge)?;
    let wording = change(question.wording.clone());
    require_change_notice(conn, &question, &wording, "")?;
    let event = question.draft_answer(&caller.actor, &challenge, wording)?;
    questions::update(conn, &mut question)?;
    caller.record(conn, now, event)?;
    visible(conn, Some(&caller.actor), &challenge, question)
}

/// Publishes some questions with their answers, all at the same moment and numbered in the order given.
pub fn publish(conn: &mut Conn, caller: &Caller, id: ChallengeId, chosen: &[Chosen]) -> Result<Vec<Visible>> {
    let challenge = challenges::lock(conn, id)?;
    challenge.require_writer(&caller.actor)?;
    challenge.require_answerable()?;
    let found = in_order(conn, &caller.actor, &challenge, chosen)?;
    let (mut number, now) = (questions::last_number(conn, id)?, clock::of(conn, &challenge)?);
    let (mut published, mut checks) = (Vec::new(), Checks::new());
    for (i, mut question) in found.into_iter().enumerate() {
        number += 1;
        let at = format!("/questions/{i}");
        require_change_notice(conn, &question, &question.wording, &at)?;
        let answered = checks.merge(question.publish(&caller.actor, &challenge, number, &at, now))?;
        published.extend(answered.map(|(version, event)| (question, version, event)));
    }
    checks.done()?;
    let mut answered = Vec::new();
    for (mut question, version, event) in published {
        questions::update(conn, &mut question)?;
        questions::insert_version(conn, question.id, &version)?;
        caller.record(conn, now, event)?;
        answered.push(question);
    }
    meet(conn, &answered, now)?;
    let questions = answered.iter().take(QUOTED).map(beginning).collect();
    followers::tell(conn, &challenge, News::QuestionsAnswered { count: answered.len(), questions }, now)?;
    super::all_visible(conn, Some(&caller.actor), &challenge, answered)
}

/// How many questions a mail quotes, which is written to everybody who is told.
const QUOTED: usize = 10;

/// As much of a published question as a mail shows of it.
fn beginning(question: &Question) -> String {
    question.wording.question.chars().take(200).collect()
}

/// The chosen questions, in their order, each in the version that was read.
fn in_order(conn: &mut Conn, actor: &Actor, challenge: &Challenge, chosen: &[Chosen]) -> Result<Vec<Question>> {
    let ids: Vec<_> = chosen.iter().map(|chosen| chosen.id).collect();
    let different: BTreeSet<_> = ids.iter().collect();
    let mut checks = Checks::new();
    let words = format!("from 1 to {MOST_AT_ONCE} different questions");
    checks.require((1..=MOST_AT_ONCE).contains(&ids.len()), "/questions", "out_of_range", words.clone());
    checks.require(different.len() == ids.len(), "/questions", "duplicate", words);
    let found = questions::find_all(conn, &ids)?;
    let of_challenge = |id: &QuestionId| {
        let question = found.iter().find(|question| question.id == *id && question.challenge == challenge.id)?;
        question.sight(Some(actor), challenge).ok().map(|_| question.clone())
    };
    let mut questions = Vec::new();
    for (i, chosen) in chosen.iter().enumerate() {
        let found = of_challenge(&chosen.id);
        checks.require(found.is_some(), format!("/questions/{i}/id"), "unknown", "no question about this challenge");
        let current = found.as_ref().is_none_or(|question| question.version == chosen.version);
        let words = "somebody changed it since it was read";
        checks.require(current, format!("/questions/{i}/version"), "stale", words);
        questions.extend(found);
    }
    checks.done()?;
    Ok(questions)
}

/// Nobody waits any longer for what was answered, and for what had been merged into it.
fn meet(conn: &mut Conn, answered: &[Question], now: DateTime<Utc>) -> Result<()> {
    let ids: Vec<_> = answered.iter().map(|question| question.id).collect();
    let merged = questions::merged_into(conn, &ids)?;
    let subjects: Vec<_> = answered.iter().chain(&merged).map(Question::subject).collect();
    obligations::meet(conn, ObligationKind::AnswerQuestion, &subjects, now)
}

/// Corrects a published answer, and tells everybody.
pub fn correct(
    conn: &mut Conn,
    caller: &Caller,
    id: QuestionId,
    expected: Option<i32>,
    change: impl FnOnce(Wording) -> Wording,
    reason: &str,
) -> Result<Visible> {
    let (challenge, mut question) = lock(conn, &caller.actor, id)?;
    question.require_answerable_by(&caller.actor, &challenge)?;
    require_current(question.version, expected)?;
    let now = clock::of(conn, &challenge)?;
    let wording = change(question.wording.clone());
    require_change_notice(conn, &question, &wording, "")?;
    let (version, event) = question.correct(&caller.actor, &challenge, wording, reason, now)?;
    questions::update(conn, &mut question)?;
    questions::insert_version(conn, id, &version)?;
    caller.record(conn, now, event)?;
    let news = News::AnswerCorrected { question: beginning(&question), reason: reason.to_owned() };
    followers::tell(conn, &challenge, news, now)?;
    visible(conn, Some(&caller.actor), &challenge, question)
}

/// Lets another question stand for one. If that is answered already, nobody waits any longer.
pub fn merge(conn: &mut Conn, caller: &Caller, id: QuestionId, into: QuestionId) -> Result<Visible> {
    let (challenge, mut question) = lock(conn, &caller.actor, id)?;
    question.require_answerable_by(&caller.actor, &challenge)?;
    let into = match questions::find(conn, into) {
        Err(persistence::Error::NotFound) => return Err(unknown_question()),
        found => found?,
    };
    let now = clock::of(conn, &challenge)?;
    let event = question.merge(&caller.actor, &challenge, &into)?;
    questions::update(conn, &mut question)?;
    caller.record(conn, now, event)?;
    let mut merged = vec![question.clone()];
    for mut follower in questions::merged_into(conn, &[id])? {
        follower.follow(&into);
        questions::update(conn, &mut follower)?;
        merged.push(follower);
    }
    if let Some(publication) = into.publication {
        meet(conn, std::slice::from_ref(&into), now)?;
        let number = publication.number;
        for question in &merged {
            let told = |challenge_title, question, link| Message::QuestionAnsweredBefore {
                challenge_title,
                question,
                number,
                link,
            };
            tell_company(conn, &challenge, question, told, now)?;
        }
    }
    visible(conn, Some(&caller.actor), &challenge, question)
}

fn unknown_question() -> Error {
    Refusal::invalid("/into", "unknown", "names no other question about this challenge").into()
}

/// Does not answer a question, and tells its company why.
pub fn decline(conn: &mut Conn, caller: &Caller, id: QuestionId, reason: &str) -> Result<Visible> {
    let (challenge, mut question) = lock(conn, &caller.actor, id)?;
    let now = clock::of(conn, &challenge)?;
    let event = question.decline(&caller.actor, &challenge, reason)?;
    questions::update(conn, &mut question)?;
    caller.record(conn, now, event)?;
    obligations::meet(conn, ObligationKind::AnswerQuestion, &[question.subject()], now)?;
    separate(conn, &challenge, id, now)?;
    let reason = reason.to_owned();
    let told = |challenge_title, question, link| Message::QuestionDeclined { challenge_title, question, reason, link };
    tell_company(conn, &challenge, &question, told, now)?;
    visible(conn, Some(&caller.actor), &challenge, question)
}

/// What was merged into a question that gets no answer waits for its own again.
pub(super) fn separate(conn: &mut Conn, challenge: &Challenge, id: QuestionId, now: DateTime<Utc>) -> Result<()> {
    for mut question in questions::merged_into(conn, &[id])? {
        let event = question.separate(challenge);
        questions::update(conn, &mut question)?;
        record_unattended(conn, "questions", now, event)?;
    }
    Ok(())
}

/// Every version of a published answer, the newest first, for everybody.
pub fn versions(conn: &mut Conn, viewer: Option<&Actor>, id: QuestionId) -> Result<Vec<AnswerVersion>> {
    let question = questions::find(conn, id)?;
    question.sight(viewer, &challenges::find(conn, question.challenge)?)?;
    Ok(questions::versions(conn, id)?)
}

/// Tells those who bid for the company that asked; the agency does not learn who they are.
fn tell_company(
    conn: &mut Conn,
    challenge: &Challenge,
    question: &Question,
    message: impl FnOnce(String, String, String) -> Message,
    now: DateTime<Utc>,
) -> Result<()> {
    let (challenge_title, _) = mail::names(challenge);
    let link = format!("{}/questions", mail::challenge_link(challenge.id));
    let message = message(challenge_title, question.original.clone(), link);
    mail::send_to_role(conn, question.company, Role::Bidder, &message, now)
}

/// Refuses an answer tied to anything but a change notice of the same challenge that was published after the question was
/// asked. `at` leads to the answer in the caller's document.
fn require_change_notice(conn: &mut Conn, question: &Question, wording: &Wording, at: &str) -> Result<()> {
    let Some(id) = wording.change_notice else { return Ok(()) };
    let notice = match change_notices::find_by_id(conn, id) {
        Err(persistence::Error::NotFound) => None,
        found => Some(found?),
    };
    Ok(question.require_fitting(notice.as_ref(), at)?)
}
