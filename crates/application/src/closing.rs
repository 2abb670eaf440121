//! Shutting the box: by itself at the deadline, unless answers are late; by an officer, who says why.

use crate::{
    Caller, Result,
    challenges::{Detail, detail, save},
    clock, mail, obligations, record_unattended,
};
use chrono::{DateTime, Utc};
use domain::{Challenge, ChallengeId, ObligationKind, Role};
use notifications::Message;
use persistence::{Conn, challenges, held_closings};

/// Whether answers are late, so that the challenge stays as it is. The officers are told once for each deadline.
pub(crate) fn is_held(conn: &mut Conn, challenge: &Challenge, now: DateTime<Utc>) -> Result<bool> {
    if !held_closings::is_answer_late(conn, challenge.id, now)? {
        return Ok(false);
    }
    if held_closings::insert(conn, challenge.id, challenge.deadline()?, now)? {
        record_unattended(conn, "scheduler", now, challenge.hold_closing())?;
        let (challenge_title, challenge_reference) = mail::names(challenge);
        let link = format!("{}/questions", mail::challenge_link(challenge.id));
        let message = Message::ClosingHeld { challenge_title, challenge_reference, link };
        mail::send_to_role(conn, challenge.agency, Role::Officer, &message, now)?;
    }
    Ok(true)
}

/// An officer closes a challenge although answers are late.
pub fn close_over(conn: &mut Conn, caller: &Caller, id: ChallengeId, reason: &str) -> Result<Detail> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let late = held_closings::is_answer_late(conn, id, now)?;
    let event = challenge.close_over(&caller.actor, reason, late, now)?;
    save(conn, caller, &mut challenge, now, event)?;
    finish(conn, &challenge, now)?;
    detail(conn, challenge)
}

/// What follows from closing, whoever closed: no answer is owed any longer, and the officers go on.
pub(crate) fn finish(conn: &mut Conn, challenge: &Challenge, now: DateTime<Utc>) -> Result<()> {
    obligations::withdraw_of_kind(conn, ObligationKind::AnswerQuestion, challenge.id, now)?;
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let (link, closed_at) = (mail::challenge_link(challenge.id), now);
    let message = if challenge.content.procedure.takes_bids() {
        Message::ChallengeClosed { challenge_title, challenge_reference, closed_at, link }
    } else {
        Message::ConsultationClosed { challenge_title, challenge_reference, closed_at, link }
    };
    mail::send_to_role(conn, challenge.agency, Role::Officer, &message, now)
}
