//! Drafting answers, publishing them, and correcting what was published.

use super::{Publication, Question, QuestionStatus, Wording};
use crate::{Actor, Challenge, Checks, Event, Refusal, Result, UserId, challenge::ChangeNotice};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// The most answers that are published at once.
pub const MOST_AT_ONCE: usize = 100;

/// The most corrections of one answer.
pub const MOST_CORRECTIONS: i32 = 20;

/// A version of a published answer. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerVersion {
    /// Counts from 1.
    pub number: i32,
    /// What everybody read, or reads.
    pub wording: Wording,
    /// Why it was corrected; none for the first one.
    pub reason: Option<String>,
    /// Who published it; not public.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

impl Question {
    /// An author or officer prepares what everybody will read.
    pub fn draft_answer(&mut self, actor: &Actor, challenge: &Challenge, wording: Wording) -> Result<Event> {
        self.require_answerable_by(actor, challenge)?;
        self.require_status(&[QuestionStatus::Asked], "asked")?;
        wording.check_draft()?;
        self.wording = wording;
        Ok(self.agency_event("question.answer_drafted", challenge))
    }

    /// An author or officer publishes the question with its answer, as the `number`th of the challenge. `at` leads to it in
    /// the caller's document.
    pub fn publish(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        number: i32,
        at: &str,
        now: DateTime<Utc>,
    ) -> Result<(AnswerVersion, Event)> {
        self.require_answerable_by(actor, challenge)?;
        self.require_status(&[QuestionStatus::Asked], "asked")?;
        let mut checks = Checks::new();
        self.wording.check_complete(&mut checks, at);
        checks.done()?;
        self.status = QuestionStatus::Answered;
        let publication = Publication { number, revision: 1, at: now, corrected_at: None };
        self.publication = Some(publication);
        let event = self.public_event("question.answered", challenge, publication);
        Ok((AnswerVersion { number: 1, wording: self.wording.clone(), reason: None, by: actor.user, at: now }, event))
    }

    /// An author or officer corrects what was published; what it said before stays on record.
    pub fn correct(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        wording: Wording,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(AnswerVersion, Event)> {
        self.require_answerable_by(actor, challenge)?;
        self.require_status(&[QuestionStatus::Answered], "answered")?;
        let mut publication = self.publication.ok_or(Refusal::NotFound("question"))?;
        let mut checks = Checks::new();
        wording.check_complete(&mut checks, "");
        checks.text(reason, 5000, "/reason");
        checks.require(wording != self.wording, "", "unchanged", "nothing is different");
        checks.done()?;
        if publication.revision > MOST_CORRECTIONS {
            return Err(Refusal::LimitReached("an answer is corrected at most 20 times"));
        }
        publication.revision += 1;
        publication.corrected_at = Some(now);
        self.wording = wording;
        self.publication = Some(publication);
        let event = self.public_event("question.answer_corrected", challenge, publication).because(reason);
        let (wording, reason) = (self.wording.clone(), Some(reason.to_owned()));
        Ok((AnswerVersion { number: publication.revision, wording, reason, by: actor.user, at: now }, event))
    }

    /// An author or officer lets another question of the challenge stand for this one: the answer will be common to both,
    /// or is, if there is one already.
    pub fn merge(&mut self, actor: &Actor, challenge: &Challenge, into: &Self) -> Result<Event> {
        self.require_answerable_by(actor, challenge)?;
        self.require_status(&[QuestionStatus::Asked], "asked")?;
        if into.id == self.id || into.challenge != self.challenge || into.status == QuestionStatus::Withdrawn {
            return Err(Refusal::invalid("/into", "unknown", "names no other question about this challenge"));
        }
        let whole = [QuestionStatus::Asked, QuestionStatus::Answered].contains(&into.status);
        if !whole {
            return Err(Refusal::invalid("/into", "not_possible", "was merged itself, or is not answered"));
        }
        self.status = QuestionStatus::Merged;
        self.merged_into = Some(into.id);
        Ok(self.agency_event("question.merged", challenge).with(json!({ "into": into.id })))
    }

    /// What was merged into a question goes wherever that goes.
    pub fn follow(&mut self, into: &Self) {
        self.merged_into = Some(into.id);
    }

    /// What was merged into a question that gets no answer waits for its own again.
    pub fn separate(&mut self, challenge: &Challenge) -> Event {
        self.status = QuestionStatus::Asked;
        self.merged_into = None;
        self.agency_event("question.separated", challenge)
    }

    /// An author or officer does not answer it, and tells the company why.
    pub fn decline(&mut self, actor: &Actor, challenge: &Challenge, reason: &str) -> Result<Event> {
        self.require_answerable_by(actor, challenge)?;
        self.require_status(&[QuestionStatus::Asked], "asked")?;
        crate::text(reason, 5000, "/reason")?;
        self.status = QuestionStatus::Declined;
        self.decline_reason = Some(reason.to_owned());
        Ok(self.agency_event("question.declined", challenge).because(reason))
    }

    /// Refuses to tie the answer to anything but a material change notice of the same challenge, published since the question was
    /// asked. `at` leads to the answer in the caller's document.
    pub fn require_fitting(&self, notice: Option<&ChangeNotice>, at: &str) -> Result<()> {
        let fits = |notice: &ChangeNotice| {
            notice.material && notice.challenge == self.challenge && notice.published_at >= self.asked_at
        };
        if notice.is_some_and(fits) {
            return Ok(());
        }
        let words = "names no material change notice of this challenge that was published since the question was asked";
        Err(Refusal::invalid(format!("{at}/changeNotice"), "unknown", words))
    }

    /// Whether somebody may do something about the answer. Who may not know of the question does not learn of it.
    pub fn require_answerable_by(&self, actor: &Actor, challenge: &Challenge) -> Result<()> {
        self.sight(Some(actor), challenge)?;
        challenge.require_writer(actor)?;
        challenge.require_answerable()
    }

    fn public_event(&self, kind: &'static str, challenge: &Challenge, publication: Publication) -> Event {
        let Wording { question, answer, changes_scope, change_notice } = &self.wording;
        let Publication { number, revision, .. } = publication;
        let payload: Value = json!({
            "challenge": challenge.id, "number": number, "revision": revision, "question": question,
            "answer": answer, "changesScope": changes_scope, "changeNotice": change_notice,
        });
        Event::public(kind, self.subject(), Some(challenge.agency), payload)
    }
}
