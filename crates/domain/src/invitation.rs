//! Letting people into an organisation by a link in a mail, whether they have an account or not.

use crate::{
    Actor, Checks, Event, InvitationId, Member, MemberId, Organisation, OrganisationId, Refusal, Result, Role, Subject,
    UserId,
    account::{Email, User},
    member::MOST_MEMBERS,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How long the link in the mail works.
pub const INVITATION_LIFETIME: TimeDelta = TimeDelta::days(14);

/// How long an owner waits before the same mail is sent again.
pub const RESEND_PAUSE: TimeDelta = TimeDelta::hours(1);

/// The most invitations of one organisation that wait for an answer.
pub const MOST_OPEN: usize = 200;

/// How long after its end an invitation, and with it the address, is kept.
pub const KEPT_AFTERWARDS: TimeDelta = TimeDelta::days(90);

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// It waits for an answer; stored also for those that expired since.
    Open,
    /// The person joined.
    Accepted,
    /// The person does not want to.
    Declined,
    /// An owner took it back, or invited the same address anew.
    Revoked,
    /// Nobody answered in time. Never stored: [`Invitation::status_at`] tells.
    Expired,
}

impl InvitationStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Open, Self::Accepted, Self::Declined, Self::Revoked, Self::Expired];

    /// The name of the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// An invitation to join an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Who is invited.
    pub email: Email,
    /// The roles that the person will have.
    pub roles: Vec<Role>,
    /// What the owner wrote; at most 1,000 characters.
    pub message: Option<String>,
    /// What became of it, as stored.
    pub status: InvitationStatus,
    /// The owner who invited.
    pub invited_by: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When the newest mail was written.
    pub sent_at: DateTime<Utc>,
    /// From when on the link in it does not work any more.
    pub expires_at: DateTime<Utc>,
    /// When it was answered or taken back.
    pub closed_at: Option<DateTime<Utc>>,
}

/// What an owner fills in to invite somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// The address, as typed.
    pub email: String,
    /// The roles that the person will have.
    pub roles: Vec<Role>,
    /// Some words for the person.
    pub message: Option<String>,
}

impl Organisation {
    /// An owner invites somebody. `open` is how many invitations wait for an answer, the one to this address apart.
    pub fn invite(
        &self,
        id: InvitationId,
        actor: &Actor,
        new: NewInvitation,
        open: usize,
        now: DateTime<Utc>,
    ) -> Result<(Invitation, Event)> {
        self.require_owner(actor)?;
        let NewInvitation { email, roles, message } = new;
        let mut checks = Checks::new();
        let email = checks.merge(Email::parse(&email))?;
        self.check_roles(&roles, &mut checks);
        let message = message.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let short = message.as_ref().is_none_or(|text| text.chars().count() <= 1000);
        checks.require(short, "/message", "too_long", "at most 1000 characters");
        checks.done()?;
        let email = email.ok_or(Refusal::NotFound("address"))?;
        if open >= MOST_OPEN {
            return Err(Refusal::LimitReached("200 invitations can wait for an answer"));
        }
        let invitation = Invitation {
            id,
            organisation: self.id,
            email,
            roles,
            message,
            status: InvitationStatus::Open,
            invited_by: actor.user,
            created_at: now,
            sent_at: now,
            expires_at: now + INVITATION_LIFETIME,
            closed_at: None,
        };
        let event = invitation.event("organisation.member_invited");
        Ok((invitation, event))
    }
}

impl Invitation {
    /// What became of it by `now`.
    pub fn status_at(&self, now: DateTime<Utc>) -> InvitationStatus {
        let expired = self.status == InvitationStatus::Open && now >= self.expires_at;
        if expired { InvitationStatus::Expired } else { self.status }
    }

    /// An owner has the mail sent again, with a new link; the old one stops working.
    pub fn send_again(&mut self, now: DateTime<Utc>) -> Result<Event> {
        self.require_unanswered()?;
        if now < self.sent_at + RESEND_PAUSE {
            return Err(Refusal::TooSoon("an invitation is sent again after an hour"));
        }
        (self.sent_at, self.expires_at) = (now, now + INVITATION_LIFETIME);
        Ok(self.event("organisation.invitation_sent_again"))
    }

    /// An owner takes it back.
    pub fn revoke(&mut self, now: DateTime<Utc>) -> Result<Event> {
        self.require_unanswered()?;
        self.close(InvitationStatus::Revoked, now);
        Ok(self.event("organisation.invitation_revoked"))
    }

    /// Whoever holds the link says no.
    pub fn decline(&mut self, now: DateTime<Utc>) -> Result<Event> {
        self.require_open(now)?;
        self.close(InvitationStatus::Declined, now);
        Ok(self.event("organisation.invitation_declined"))
    }

    /// Whoever holds the link joins: a person with the invited address, which the link proves.
    pub fn accept(
        &mut self,
        id: MemberId,
        organisation: &Organisation,
        members: usize,
        user: &User,
        certification: Option<TimeDelta>,
        now: DateTime<Utc>,
    ) -> Result<(Member, Event)> {
        self.require_open(now)?;
        if user.email != self.email {
            return Err(Refusal::OtherAddress);
        }
        if members >= MOST_MEMBERS {
            return Err(Refusal::LimitReached("an organisation has at most 1,000 members"));
        }
        self.close(InvitationStatus::Accepted, now);
        let mut member = Member::new(id, self.organisation, user.id, user.name.clone(), self.roles.clone(), now);
        member.certified_until = organisation.certification(certification, now);
        let details = json!({ "invitation": self.id, "invitedBy": self.invited_by, "roles": self.roles });
        let event = member.event("organisation.member_joined", details);
        Ok((member, event))
    }

    /// Refuses a link that was used, was taken back, or has expired.
    pub fn require_open(&self, now: DateTime<Utc>) -> Result<()> {
        if self.status_at(now) == InvitationStatus::Open { Ok(()) } else { Err(Refusal::TokenInvalid) }
    }

    fn require_unanswered(&self) -> Result<()> {
        if self.status == InvitationStatus::Open {
            return Ok(());
        }
        Err(Refusal::WrongState { subject: "invitation", status: self.status.as_str(), allowed: "open or expired" })
    }

    fn close(&mut self, status: InvitationStatus, now: DateTime<Utc>) {
        (self.status, self.closed_at) = (status, Some(now));
    }

    /// Never says the address.
    fn event(&self, kind: &'static str) -> Event {
        let details = json!({ "invitation": self.id, "roles": self.roles });
        Event::confidential(kind, Subject::Organisation(self.organisation), Some(self.organisation)).with(details)
    }
}
