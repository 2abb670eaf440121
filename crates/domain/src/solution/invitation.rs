//! That an agency asks the company behind a listing to look at a challenge. It gives no advantage: the challenge is public,
//! and says the same to everybody.

use super::Solution;
use crate::{
    Actor, Challenge, ChallengeId, Event, OrganisationId, Refusal, Result, Role, SolutionId, SolutionInvitationId,
    Subject,
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The most invitations to one challenge.
pub const MOST_SOLUTION_INVITATIONS: usize = 50;

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SolutionInvitationStatus {
    /// The company has not answered.
    Pending,
    /// The company looks at the challenge. Whether it bids is not said.
    Accepted,
    /// The company does not.
    Declined,
}

impl SolutionInvitationStatus {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Accepted, Self::Declined];

    /// The name of the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// That an agency invited the company behind a listing. Only these two know of it. Persons are in the events only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolutionInvitation {
    /// Its id.
    pub id: SolutionInvitationId,
    /// To which challenge.
    pub challenge: ChallengeId,
    /// Whose challenge it is.
    pub agency: OrganisationId,
    /// Which listing made the agency think of the company.
    pub solution: SolutionId,
    /// What it was called at that time; the agency may not see it any more.
    pub solution_title: String,
    /// Who is invited.
    pub company: OrganisationId,
    /// What the agency says; 1 to 2,000 characters.
    pub message: String,
    /// What became of it.
    pub status: SolutionInvitationStatus,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When the company answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Why the company declined; at most 2,000 characters.
    pub decline_reason: Option<String>,
}

/// An invitation, with what happened for either side.
pub type Invited = (SolutionInvitation, [Event; 2]);

impl Challenge {
    /// An author or officer invites the company behind a listing, which they see, as long as bids are taken. `present` is
    /// how many were invited already.
    pub fn invite_solution(
        &self,
        id: SolutionInvitationId,
        actor: &Actor,
        solution: &Solution,
        message: &str,
        present: usize,
        now: DateTime<Utc>,
    ) -> Result<Invited> {
        self.require_inviter(actor)?;
        self.require_open_to_newcomers(now)?;
        crate::text(message, 2000, "/message")?;
        if present >= MOST_SOLUTION_INVITATIONS {
            return Err(Refusal::LimitReached("at most 50 solutions are invited to a challenge"));
        }
        let invitation = SolutionInvitation {
            id,
            challenge: self.id,
            agency: self.agency,
            solution: solution.id,
            solution_title: solution.content.title.clone(),
            company: solution.company,
            message: message.trim().to_owned(),
            status: SolutionInvitationStatus::Pending,
            created_at: now,
            answered_at: None,
            decline_reason: None,
        };
        let events = invitation.events(["challenge.solution_invited", "solution.invited"]);
        Ok((invitation, events))
    }

    /// Who may invite; everybody else does not learn of challenges that are not public.
    pub fn require_inviter(&self, actor: &Actor) -> Result<()> {
        self.require_visible(Some(actor))?;
        if !actor.holds(Role::Officer, self.agency) {
            actor.require(Role::Author, self.agency)?;
        }
        // Listings are those of real companies.
        if self.sandbox { Err(Refusal::SandboxApart) } else { Ok(()) }
    }

    /// For what only the agency's own people see.
    pub fn require_own(&self, actor: &Actor) -> Result<()> {
        if actor.belongs_to(self.agency) { Ok(()) } else { Err(Refusal::NotFound("challenge")) }
    }
}

impl SolutionInvitation {
    /// The company looks at the challenge, as long as there is something to look at: whoever says so follows it.
    pub fn accept(&mut self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<[Event; 2]> {
        self.require_answerable(actor)?;
        challenge.require_open_to_newcomers(now)?;
        (self.status, self.answered_at) = (SolutionInvitationStatus::Accepted, Some(now));
        Ok(self.events(["challenge.solution_invitation_accepted", "solution.invitation_accepted"]))
    }

    /// The company does not, and says why.
    pub fn decline(&mut self, actor: &Actor, reason: &str, now: DateTime<Utc>) -> Result<[Event; 2]> {
        self.require_answerable(actor)?;
        crate::text(reason, 2000, "/reason")?;
        let reason = reason.trim();
        (self.status, self.answered_at) = (SolutionInvitationStatus::Declined, Some(now));
        self.decline_reason = Some(reason.to_owned());
        let events = self.events(["challenge.solution_invitation_declined", "solution.invitation_declined"]);
        Ok(events.map(|event| event.because(reason)))
    }

    /// Those of the company who look after its listings answer, once. To all others there is nothing to answer.
    fn require_answerable(&self, actor: &Actor) -> Result<()> {
        if !actor.belongs_to(self.company) {
            return Err(Refusal::NotFound("invitation"));
        }
        actor.require_owner_or_bidder(self.company)?;
        if self.status != SolutionInvitationStatus::Pending {
            let (subject, status) = ("invitation", self.status.as_str());
            return Err(Refusal::WrongState { subject, status, allowed: "pending" });
        }
        Ok(())
    }

    /// What happened, for the agency and for the company: each sees its own.
    fn events(&self, [for_agency, for_company]: [&'static str; 2]) -> [Event; 2] {
        let told = json!({
            "invitation": self.id, "challenge": self.challenge, "solution": self.solution, "company": self.company,
        });
        let agency = Event::confidential(for_agency, Subject::Challenge(self.challenge), Some(self.agency));
        let company = Event::confidential(for_company, Subject::Solution(self.solution), Some(self.company));
        [agency.with(told.clone()), company.with(told)]
    }
}
