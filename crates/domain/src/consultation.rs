//! Market consultations (Directive 2014/24/EU, article 40): what companies tell before anything is bought, and what the
//! agency learns from it.
//!
//! ```text
//! response:  submitted -> (replaced)* -> withdrawn
//! challenge: published -> closed -> completed, with a public summary
//! ```

use crate::{
    Actor, Challenge, ChallengeId, ChallengeStatus, Checks, ConsultationResponseId, Event, Organisation,
    OrganisationId, Read, Refusal, Result, Role, Subject, UserId,
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The longest response, in characters.
pub const LONGEST_RESPONSE: usize = 20_000;

/// The longest summary, in characters.
pub const LONGEST_SUMMARY: usize = 20_000;

/// What a company answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsultationResponse {
    /// Its id.
    pub id: ConsultationResponseId,
    /// The consultation.
    pub challenge: ChallengeId,
    /// Who answers.
    pub company: OrganisationId,
    /// What: the last version before the deadline counts.
    pub statement: Statement,
    /// 1 for the first version, one more with each replacement.
    pub revision: i32,
    /// The database's time when this version was received.
    pub submitted_at: DateTime<Utc>,
    /// Who handed it in.
    pub submitted_by: UserId,
    /// When it was taken back.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    pub version: i32,
}

/// The words of a response, and what may become of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// 1 to 20,000 characters of Markdown.
    pub text: String,
    /// Whether everybody may read it once the consultation is concluded.
    pub publishable: bool,
    /// Whether under the company's name. Only what is publishable can be.
    pub named: bool,
}

/// As what somebody sees a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// As its company.
    Own,
    /// As the agency, after the closing.
    Staff,
    /// As everybody, after the conclusion: what the company allowed.
    Public,
}

/// How a consultation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    /// What was learned; 1 to 20,000 characters of Markdown.
    pub summary: String,
    /// The challenge that follows from it.
    pub next: Option<ChallengeId>,
    /// The officer who said so; not public.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

impl Statement {
    fn check(&self) -> Result<()> {
        let mut checks = Checks::new();
        checks.text(&self.text, LONGEST_RESPONSE, "/text");
        let fitting = self.publishable || !self.named;
        checks.require(fitting, "/named", "not_allowed", "what is not published has no name on it");
        checks.done()
    }
}

impl ConsultationResponse {
    /// A company answers. `now` is the database's clock, read under the challenge's lock.
    pub fn submit(
        id: ConsultationResponseId,
        actor: &Actor,
        challenge: &Challenge,
        company: &Organisation,
        statement: Statement,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        challenge.require_visible(Some(actor))?;
        company.require_bidder(actor, challenge)?;
        challenge.require_consultation()?;
        challenge.require_open(now)?;
        statement.check()?;
        let response = Self {
            id,
            challenge: challenge.id,
            company: company.id,
            statement,
            revision: 1,
            submitted_at: now,
            submitted_by: actor.user,
            withdrawn_at: None,
            version: 1,
        };
        let event = response.event("consultation_response.submitted");
        Ok((response, event))
    }

    /// The company puts a new version in place of the old one, before the deadline.
    pub fn replace(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        statement: Statement,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        self.require_bidder(actor)?;
        challenge.require_open(now)?;
        self.require_submitted()?;
        statement.check()?;
        self.statement = statement;
        self.revision += 1;
        self.submitted_at = now;
        self.submitted_by = actor.user;
        Ok(self.event("consultation_response.replaced"))
    }

    /// The company takes its response back, before the deadline or while the consultation is suspended. It may hand in another
    /// one afterwards.
    pub fn withdraw(&mut self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        self.require_bidder(actor)?;
        if challenge.status != ChallengeStatus::Suspended {
            challenge.require_open(now)?;
        }
        self.require_submitted()?;
        self.withdrawn_at = Some(now);
        Ok(self.event("consultation_response.withdrawn"))
    }

    /// As what somebody sees the response. Until the consultation is closed nobody but the company knows of it.
    pub fn sight(&self, viewer: Option<&Actor>, challenge: &Challenge) -> Result<Sight> {
        if viewer.is_some_and(|actor| actor.belongs_to(self.company)) {
            return Ok(Sight::Own);
        }
        let shown = self.withdrawn_at.is_none().then(|| challenge.shows_responses(viewer)).flatten();
        match shown {
            Some(Sight::Public) if !self.statement.publishable => Err(Refusal::NotFound("response")),
            Some(sight) => Ok(sight),
            None => Err(Refusal::NotFound("response")),
        }
    }

    /// The entry of the read log for somebody in the agency who reads the response.
    pub fn read_by_staff(&self, challenge: &Challenge) -> Read {
        let subject = Subject::ConsultationResponse(self.id);
        Read { subject, organisation: Some(challenge.agency), person: None }
    }

    fn require_bidder(&self, actor: &Actor) -> Result<()> {
        if !actor.belongs_to(self.company) {
            return Err(Refusal::NotFound("response"));
        }
        actor.require(Role::Bidder, self.company)
    }

    fn require_submitted(&self) -> Result<()> {
        if self.withdrawn_at.is_none() {
            return Ok(());
        }
        Err(Refusal::WrongState { subject: "response", status: "withdrawn", allowed: "submitted" })
    }

    /// Never with content: not even that there was a response may be known before the closing.
    fn event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, Subject::ConsultationResponse(self.id), Some(self.company))
            .with(json!({ "challenge": self.challenge, "revision": self.revision }))
    }
}

impl Challenge {
    /// As what somebody sees the responses of other companies, if at all: authors, officers and auditors of the agency
    /// after the closing, everybody after the conclusion.
    pub fn shows_responses(&self, viewer: Option<&Actor>) -> Option<Sight> {
        let staff = [Role::Author, Role::Officer, Role::Auditor];
        let holds = |actor: &Actor| staff.iter().any(|role| actor.holds(*role, self.agency));
        if self.closed_at.is_some() && viewer.is_some_and(holds) {
            Some(Sight::Staff)
        } else {
            let shown = self.status == ChallengeStatus::Completed && self.require_visible(viewer).is_ok();
            shown.then_some(Sight::Public)
        }
    }

    /// An officer concludes a closed consultation: says to everybody what was learned, and perhaps which challenge follows.
    pub fn conclude(
        &mut self,
        actor: &Actor,
        summary: &str,
        next: Option<&Self>,
        now: DateTime<Utc>,
    ) -> Result<(Conclusion, Event)> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        self.require_consultation()?;
        self.require_status(&[ChallengeStatus::Closed], "closed")?;
        let mut checks = Checks::new();
        checks.text(summary, LONGEST_SUMMARY, "/summary");
        let fitting = next.is_none_or(|next| next.agency == self.agency && next.id != self.id);
        checks.require(fitting, "/next", "unknown", "names no other challenge of the agency");
        checks.done()?;
        self.status = ChallengeStatus::Completed;
        self.ended_at = Some(now);
        // A challenge that is not public yet is not named to everybody.
        let public = next.filter(|next| next.is_public()).map(|next| next.id);
        let payload = json!({ "reference": self.reference, "summary": summary, "next": public });
        let event = self.event("challenge.concluded", payload);
        let (summary, next) = (summary.to_owned(), next.map(|next| next.id));
        Ok((Conclusion { summary, next, by: actor.user, at: now }, event))
    }
}
