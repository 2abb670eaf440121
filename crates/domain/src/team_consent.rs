//! That people agree to be named in the team of a bid. They are asked before it is handed in, so who is asked is as secret as
//! the bid.

use crate::{
    Actor, Challenge, ChallengeId, ChallengeStatus, Checks, Event, FieldError, Organisation, OrganisationId, Refusal,
    Result, Role, Subject, TeamConsentId,
    account::Email,
    bid::{Bid, TeamMember, require_may_bid, same_words},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// The most people that a company asks about one challenge: as many as an offer can name.
pub const MOST_ASKED: usize = 30;

/// How long a request stays before it can be taken back: nobody has mails sent without end.
pub const TAKE_BACK_PAUSE: TimeDelta = TimeDelta::hours(1);

/// How long after its challenge was closed, or ended, the request of a company that did not bid is kept.
pub const KEPT_WITHOUT_BID: TimeDelta = TimeDelta::days(14);

/// What somebody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentStatus {
    /// Nothing yet.
    Asked,
    /// The person agrees.
    Agreed,
    /// The person does not.
    Refused,
    /// The person had agreed, and does not any more.
    TakenBack,
}

impl ConsentStatus {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Agreed, Self::Refused, Self::TakenBack];

    /// The name of the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Agreed => "agreed",
            Self::Refused => "refused",
            Self::TakenBack => "taken_back",
        }
    }
}

/// That somebody is asked to agree to be named in a company's bid. Who in the company asked is in the events only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamConsent {
    /// Its id.
    pub id: TeamConsentId,
    /// For which challenge.
    pub challenge: ChallengeId,
    /// In whose bid.
    pub company: OrganisationId,
    /// Who; at most 100 characters.
    pub name: String,
    /// Where the mail went; nowhere any more, once the person was erased.
    pub email: Option<Email>,
    /// With which part; at most 200 characters.
    pub role: String,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// When the person agreed last.
    pub agreed_at: Option<DateTime<Utc>>,
    /// When the person refused, or took the consent back.
    pub refused_at: Option<DateTime<Utc>>,
}

/// Whom a company asks, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTeamConsent {
    /// The name, as the offer will say it.
    pub name: String,
    /// The address.
    pub email: String,
    /// The part, as the offer will say it.
    pub role: String,
}

impl TeamConsent {
    /// Somebody who bids for a company asks a person, while bids are taken. `present` is how many were asked before.
    pub fn ask(
        id: TeamConsentId,
        actor: &Actor,
        challenge: &Challenge,
        company: &Organisation,
        new: &NewTeamConsent,
        present: usize,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        require_may_bid(actor, challenge, company, now)?;
        let mut checks = Checks::new();
        checks.text(&new.name, 100, "/name");
        checks.text(&new.role, 200, "/role");
        let email = checks.merge(Email::parse(&new.email))?;
        checks.done()?;
        if present >= MOST_ASKED {
            return Err(Refusal::TooMany { what: "people asked", most: MOST_ASKED });
        }
        let (name, role) = (new.name.trim().to_owned(), new.role.trim().to_owned());
        let (challenge, company) = (challenge.id, company.id);
        let (asked_at, agreed_at, refused_at) = (now, None, None);
        let consent = Self { id, challenge, company, name, email, role, asked_at, agreed_at, refused_at };
        let event = consent.event("team_consent.asked");
        Ok((consent, event))
    }

    /// The company does not ask any more, while bids can be changed; what the person said is forgotten.
    pub fn take_back_request(&self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        self.require_visible(actor)?;
        require_changeable(challenge, now)?;
        if now < self.asked_at + TAKE_BACK_PAUSE {
            return Err(Refusal::TooSoon("a request is taken back an hour after it was sent, or later"));
        }
        Ok(self.event("team_consent.request_taken_back"))
    }

    /// The person agrees, before the deadline or while the challenge is suspended.
    pub fn agree(&mut self, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        require_changeable(challenge, now)?;
        if self.status() == ConsentStatus::Agreed {
            return Err(Refusal::AlreadyDone);
        }
        (self.agreed_at, self.refused_at) = (Some(now), None);
        Ok(self.event("team_consent.agreed"))
    }

    /// The person does not agree, or not any more: at any time. What is said from the deadline on is noted beside a consent,
    /// and does not undo it.
    pub fn refuse(&mut self, now: DateTime<Utc>) -> Result<Event> {
        if self.refused_at.is_some() {
            return Err(Refusal::AlreadyDone);
        }
        self.refused_at = Some(now);
        Ok(self.event("team_consent.refused"))
    }

    /// What the person said.
    pub fn status(&self) -> ConsentStatus {
        match (self.agreed_at, self.refused_at) {
            (None, None) => ConsentStatus::Asked,
            (Some(_), None) => ConsentStatus::Agreed,
            (None, Some(_)) => ConsentStatus::Refused,
            (Some(_), Some(_)) => ConsentStatus::TakenBack,
        }
    }

    /// Whether the person agreed, and did not take that back before the deadline.
    pub fn counts(&self, deadline: DateTime<Utc>) -> bool {
        self.agreed_at.is_some() && self.refused_at.is_none_or(|at| at >= deadline)
    }

    /// Hides it from everybody but those who bid for the company.
    pub fn require_visible(&self, actor: &Actor) -> Result<()> {
        if !actor.belongs_to(self.company) {
            return Err(Refusal::NotFound("team consent"));
        }
        actor.require(Role::Bidder, self.company)
    }

    /// Whether it is about what an offer says of this member: the same name and part, but for spaces and capitals.
    pub fn is_of(&self, member: &TeamMember) -> bool {
        same_words(&self.name, &member.name) && same_words(&self.role, &member.role)
    }

    fn event(&self, kind: &'static str) -> Event {
        let event = Event::confidential(kind, Subject::TeamConsent(self.id), Some(self.company));
        event.with(json!({ "challenge": self.challenge }))
    }
}

impl Bid {
    /// Who of those that the opened offer names agreed to it, one for each in the order of the offer; at most as many as an
    /// offer can name.
    pub fn team_consents<'a>(&self, of_challenge: &'a [TeamConsent]) -> Vec<Option<&'a TeamConsent>> {
        let own = |consent: &&TeamConsent| consent.challenge == self.challenge && consent.company == self.company;
        let own: Vec<_> = of_challenge.iter().filter(own).collect();
        // Of two who are called the same, whoever agreed.
        let best = |member: &TeamMember| {
            own.iter().filter(|consent| consent.is_of(member)).max_by_key(|consent| consent.agreed_at).copied()
        };
        let team = self.quality.as_ref().map(|quality| quality.particulars.team.as_slice()).unwrap_or_default();
        team.iter().take(MOST_ASKED).map(best).collect()
    }
}

/// For each of the members of an offer's team who did not agree here, until the deadline, that this is so. It is for whoever
/// checks the bid to judge what follows.
pub fn consent_problems(consents: &[Option<&TeamConsent>], deadline: Option<DateTime<Utc>>) -> Vec<FieldError> {
    let missing = |consent: &Option<&TeamConsent>| {
        !consent.is_some_and(|consent| deadline.is_some_and(|deadline| consent.counts(deadline)))
    };
    let words = "no consent of this person to be named with this role was given on the platform";
    let problem = |(i, _)| FieldError::new(format!("/team/{i}"), "consent_missing", words);
    consents.iter().enumerate().filter(|(_, consent)| missing(consent)).map(problem).collect()
}

fn require_changeable(challenge: &Challenge, now: DateTime<Utc>) -> Result<()> {
    if challenge.status == ChallengeStatus::Suspended { Ok(()) } else { challenge.require_open(now) }
}
