//! Asking, and taking a question back.

use super::{Question, QuestionStatus, Wording};
use crate::{
    Actor, Challenge, ChallengeStatus, ComputedDate, Event, ObligationKind, Organisation, QuestionId, Refusal, Result,
    Role, Timeline,
    bid::BidStage,
    obligation::{Due, Duty},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

/// The most questions of one company about one challenge that wait for an answer.
pub const MOST_OPEN: usize = 50;

/// What somebody wants to ask, and what decides whether they may.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The question.
    pub text: &'a str,
    /// How many questions of the company about the challenge wait for an answer.
    pub open: usize,
    /// What follows from the challenge's deadline.
    pub timeline: Option<&'a Timeline>,
}

impl Question {
    /// Somebody asks for a company.
    pub fn ask(
        id: QuestionId,
        actor: &Actor,
        challenge: &Challenge,
        company: &Organisation,
        Asking { text, open, timeline }: Asking<'_>,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        challenge.require_visible(Some(actor))?;
        company.require_bidder(actor, challenge)?;
        challenge.require_askable(timeline, now)?;
        crate::text(text, 4000, "/text")?;
        if open >= MOST_OPEN {
            return Err(Refusal::TooMany {
                what: "questions of this company that wait for an answer",
                most: MOST_OPEN,
            });
        }
        let question = Self {
            id,
            challenge: challenge.id,
            company: company.id,
            asker: Some(actor.user),
            asked_at: now,
            original: text.to_owned(),
            status: QuestionStatus::Asked,
            wording: Wording {
                question: text.to_owned(),
                answer: String::new(),
                changes_scope: false,
                change_notice: None,
            },
            merged_into: None,
            decline_reason: None,
            publication: None,
            version: 1,
        };
        let event = question.company_event("question.asked");
        Ok((question, event))
    }

    /// What the agency owes the company from then on. Nobody who sees the clock sees who waits.
    pub fn duty(&self, challenge: &Challenge) -> Duty {
        Duty {
            kind: ObligationKind::AnswerQuestion,
            organisation: challenge.agency,
            subject: self.subject(),
            challenge: Some(challenge.id),
            waiting: self.company,
        }
    }

    /// A bidder of the company takes the question back, before there is an answer, be it that of the question into which it
    /// was merged. Those that were merged into it wait for answers of their own again: see [`Self::separate`].
    pub fn withdraw(&mut self, actor: &Actor, common: Option<&Self>) -> Result<Event> {
        if !actor.belongs_to(self.company) {
            return Err(Refusal::NotFound("question"));
        }
        actor.require(Role::Bidder, self.company)?;
        let status = self.status_for_asker(common);
        if status != QuestionStatus::Asked {
            let (subject, status) = ("question", status.as_str());
            return Err(Refusal::WrongState { subject, status, allowed: "asked" });
        }
        self.status = QuestionStatus::Withdrawn;
        self.merged_into = None;
        Ok(self.company_event("question.withdrawn"))
    }

    /// The state as the company sees it: before there is an answer it does not learn that somebody else asked the same.
    pub fn status_for_asker(&self, common: Option<&Self>) -> QuestionStatus {
        match self.status {
            QuestionStatus::Merged if common.is_some_and(|common| common.publication.is_some()) => {
                QuestionStatus::Answered
            }
            QuestionStatus::Merged => QuestionStatus::Asked,
            status => status,
        }
    }

    /// Only the company learns of it: neither those who audit the agency nor the platform's auditors.
    fn company_event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, self.subject(), Some(self.company)).with(json!({ "challenge": self.challenge }))
    }
}

impl Challenge {
    /// Until when questions are taken: as the agency planned, or as the minimum periods say; else until the deadline.
    pub fn questions_until(&self, timeline: Option<&Timeline>) -> Option<DateTime<Utc>> {
        let computed = timeline.and_then(|timeline| timeline.questions_until.as_ref()).map(|date| date.ends_at);
        self.content.planned_dates.questions_until.or(computed)
    }

    /// When a question asked at `now` is to be answered: by `working`, or by the date that the agency promised or the
    /// minimum periods demand, if that is earlier and still to come.
    pub fn answer_due(&self, working: ComputedDate, timeline: Option<&Timeline>, now: DateTime<Utc>) -> Due {
        let planned = self.content.planned_dates.answers_by.map(|at| Due { at, computed: None });
        let computed = timeline.and_then(|timeline| timeline.answers_by.clone()).map(Due::from);
        // What is asked about solutions is of no use after their deadline.
        let solutions = (self.stage() == BidStage::Solution).then(|| self.next_deadline().ok()).flatten();
        let solutions = solutions.map(|at| Due { at, computed: None });
        let earlier = [planned, computed, solutions].into_iter().flatten().filter(|due| due.at > now);
        earlier.fold(working.into(), |due: Due, other| if other.at < due.at { other } else { due })
    }

    fn require_askable(&self, timeline: Option<&Timeline>, now: DateTime<Utc>) -> Result<()> {
        if self.status == ChallengeStatus::Closed {
            return Err(Refusal::DeadlinePassed);
        }
        self.require_status(&[ChallengeStatus::Published], "published")?;
        if now >= self.next_deadline()? {
            return Err(Refusal::DeadlinePassed);
        }
        match self.questions_until(timeline) {
            Some(until) if now >= until => {
                Err(Refusal::QuestionsEnded(until.to_rfc3339_opts(SecondsFormat::Secs, true)))
            }
            _ => Ok(()),
        }
    }
}
