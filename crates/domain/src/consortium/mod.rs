//! Organisations that bid together under a lead (OCDS: tenderers). Until the opening only they know of it; afterwards it is
//! known as far as a bid names it.

mod named;

pub use named::{NamedPartner, Participation, shared_participants};

use crate::{
    Actor, Challenge, ChallengeId, ChallengeStatus, ConsortiumId, Event, FieldError, Organisation, OrganisationId,
    Refusal, Result, Role, Subject, bid::require_may_bid,
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The most partners beside the lead.
pub const MOST_PARTNERS: usize = 15;

/// How often the composition can change: each change is a mail to every partner.
pub const MOST_CHANGES: i32 = 100;

/// What a partner said to the composition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerStatus {
    /// Nothing yet, or nothing since it last changed.
    Asked,
    /// It takes part.
    Confirmed,
    /// It does not, or not any more.
    Declined,
}

impl PartnerStatus {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Asked, Self::Confirmed, Self::Declined];

    /// The name of the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// An organisation that the lead asked to take part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Which one.
    pub organisation: OrganisationId,
    /// What it would do; 1 to 2,000 characters.
    pub part: String,
    /// What it says.
    pub status: PartnerStatus,
    /// When the lead added it.
    pub added_at: DateTime<Utc>,
    /// When it was asked last: when it was added, or when what it had confirmed changed.
    pub asked_at: DateTime<Utc>,
    /// When it answered last.
    pub answered_at: Option<DateTime<Utc>>,
}

/// Organisations that bid together. There is one for each lead and challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consortium {
    /// Its id.
    pub id: ConsortiumId,
    /// For which challenge.
    pub challenge: ChallengeId,
    /// Who hands in the bid, and answers for it.
    pub lead: OrganisationId,
    /// The others, in the order in which they were added; at most [`MOST_PARTNERS`].
    pub partners: Vec<Partner>,
    /// Grows whenever the lead changes who takes part, or what somebody would do. Partners confirm one of its values.
    pub composition: i32,
    /// When it was formed.
    pub created_at: DateTime<Utc>,
    /// Grows with each change, answers of partners included.
    pub version: i32,
}

/// What follows from a change that the lead made.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Who is asked now, or again.
    pub partners: Vec<OrganisationId>,
    /// What happened, for each organisation that is to know.
    pub events: Vec<Event>,
}

impl Consortium {
    /// Somebody who bids for a company forms one with it as the lead, as long as bids are taken.
    pub fn form(
        id: ConsortiumId,
        actor: &Actor,
        challenge: &Challenge,
        lead: &Organisation,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        require_may_bid(actor, challenge, lead, now)?;
        let (challenge, lead, partners) = (challenge.id, lead.id, Vec::new());
        let consortium = Self { id, challenge, lead, partners, composition: 1, created_at: now, version: 1 };
        let event = consortium.event("consortium.formed", lead);
        Ok((consortium, event))
    }

    /// The lead asks one more organisation, but not the challenge's `agency`. Whoever had confirmed is asked again: they would now bid together with others.
    pub fn ask(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        agency: &Organisation,
        organisation: &Organisation,
        part: &str,
        now: DateTime<Utc>,
    ) -> Result<Asked> {
        self.require_changeable(actor, challenge, now)?;
        let known = self.partner(organisation.id).is_some();
        check_part(part)?;
        if organisation.require_same_market(challenge).is_err() {
            return Err(Refusal::invalid("/organisation", "unknown", "there is no such organisation"));
        }
        if known || organisation.id == self.lead {
            return Err(Refusal::invalid("/organisation", "duplicate", "this organisation takes part already"));
        }
        let above = agency.parent == Some(organisation.id) || organisation.parent == Some(agency.id);
        if organisation.id == agency.id || above {
            let detail = "the agency of the challenge, and those above and below it, cannot take part";
            return Err(Refusal::invalid("/organisation", "agency", detail));
        }
        if self.partners.len() >= MOST_PARTNERS {
            return Err(Refusal::TooMany { what: "partners", most: MOST_PARTNERS });
        }
        let mut asked = self.ask_again(now);
        asked.push(organisation.id);
        self.partners.push(Partner {
            organisation: organisation.id,
            part: part.trim().to_owned(),
            status: PartnerStatus::Asked,
            added_at: now,
            asked_at: now,
            answered_at: None,
        });
        Ok(self.asked("consortium.partner_asked", organisation.id, asked))
    }

    /// The lead changes what a partner would do, and so asks it again, and whoever had confirmed: each confirms the whole.
    pub fn change_part(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        organisation: OrganisationId,
        part: &str,
        now: DateTime<Utc>,
    ) -> Result<Asked> {
        self.require_changeable(actor, challenge, now)?;
        check_part(part)?;
        let partner = self.partner_mut(organisation)?;
        // Even if it declined: this is another question.
        (partner.status, partner.part) = (PartnerStatus::Confirmed, part.trim().to_owned());
        let asked = self.ask_again(now);
        Ok(self.asked("consortium.part_changed", organisation, asked))
    }

    /// The lead takes a partner out; the others are asked again. A partner that the bid in the box names (`in_bid`) stays,
    /// unless it took its confirmation back: it is bound by that bid, and must be able to take it back.
    pub fn remove(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        organisation: OrganisationId,
        in_bid: bool,
        now: DateTime<Utc>,
    ) -> Result<Asked> {
        self.require_changeable(actor, challenge, now)?;
        let bound = self.partner_mut(organisation)?.status != PartnerStatus::Declined;
        if in_bid && bound {
            let allowed = "withdrawn, or replaced by one that does not name this partner";
            return Err(Refusal::WrongState { subject: "bid", status: "submitted", allowed });
        }
        self.partners.retain(|partner| partner.organisation != organisation);
        let asked = self.ask_again(now);
        Ok(self.asked("consortium.partner_removed", organisation, asked))
    }

    /// A partner agrees to the composition that it saw, before the deadline.
    pub fn confirm(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        organisation: OrganisationId,
        composition: i32,
        now: DateTime<Utc>,
    ) -> Result<Vec<Event>> {
        self.require_answerer(actor, organisation)?;
        challenge.require_open(now)?;
        if composition != self.composition {
            return Err(Refusal::ConcurrentChange);
        }
        self.answer(organisation, PartnerStatus::Confirmed, now)?;
        Ok(self.events("consortium.confirmed", organisation))
    }

    /// A partner does not take part, or takes its confirmation back: before the deadline, or while the challenge is
    /// suspended. A bid that names it stays in the box.
    pub fn decline(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        organisation: OrganisationId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Event>> {
        self.require_answerer(actor, organisation)?;
        if challenge.status != ChallengeStatus::Suspended {
            challenge.require_open(now)?;
        }
        self.answer(organisation, PartnerStatus::Declined, now)?;
        Ok(self.events("consortium.declined", organisation))
    }

    /// Whether a bid may name it: it is of this company for this challenge, has partners, and each of them confirmed it as it
    /// is. Nothing here tells whether one is suspended, which is not for the lead to know: that counts before an award.
    /// `organisations` are those of the partners.
    pub fn require_complete(
        &self,
        challenge: ChallengeId,
        lead: OrganisationId,
        organisations: &[Organisation],
    ) -> Result<()> {
        if self.challenge != challenge || self.lead != lead {
            return Err(unknown());
        }
        if self.partners.is_empty() {
            return Err(wrong("no_partners", "the consortium has no partners"));
        }
        let wanting = |partner: &Partner| {
            let organisation = organisations.iter().find(|organisation| organisation.id == partner.organisation)?;
            partner.wanting(organisation)
        };
        let errors: Vec<_> = self.partners.iter().filter_map(wanting).collect();
        if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors)) }
    }

    /// Hides it from everybody but the lead and those who were asked.
    pub fn require_visible(&self, actor: &Actor) -> Result<()> {
        if self.is_led_by(actor) || self.partners.iter().any(|partner| actor.belongs_to(partner.organisation)) {
            Ok(())
        } else {
            Err(Refusal::NotFound("consortium"))
        }
    }

    /// Whether somebody belongs to the lead, and so sees what each partner said.
    pub fn is_led_by(&self, actor: &Actor) -> bool {
        actor.belongs_to(self.lead)
    }

    /// The partner, if it is one.
    pub fn partner(&self, organisation: OrganisationId) -> Option<&Partner> {
        self.partners.iter().find(|partner| partner.organisation == organisation)
    }

    fn partner_mut(&mut self, organisation: OrganisationId) -> Result<&mut Partner> {
        let found = self.partners.iter_mut().find(|partner| partner.organisation == organisation);
        found.ok_or(Refusal::NotFound("partner"))
    }

    fn require_changeable(&self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<()> {
        self.require_visible(actor)?;
        actor.require(Role::Bidder, self.lead)?;
        challenge.require_open(now)?;
        let most = "a consortium changes at most 100 times";
        if self.composition > MOST_CHANGES { Err(Refusal::LimitReached(most)) } else { Ok(()) }
    }

    fn require_answerer(&self, actor: &Actor, organisation: OrganisationId) -> Result<()> {
        self.require_visible(actor)?;
        self.partner(organisation).ok_or(Refusal::NotFound("partner"))?;
        actor.require_owner_or_bidder(organisation)
    }

    fn answer(&mut self, organisation: OrganisationId, answer: PartnerStatus, now: DateTime<Utc>) -> Result<()> {
        let partner = self.partner_mut(organisation)?;
        if partner.status == answer {
            return Err(Refusal::AlreadyDone);
        }
        (partner.status, partner.answered_at) = (answer, Some(now));
        Ok(())
    }

    /// Asks those again who had confirmed another composition. Whoever declined is left in peace.
    fn ask_again(&mut self, now: DateTime<Utc>) -> Vec<OrganisationId> {
        let confirmed = self.partners.iter_mut().filter(|partner| partner.status == PartnerStatus::Confirmed);
        let ask = |partner: &mut Partner| {
            (partner.status, partner.asked_at) = (PartnerStatus::Asked, now);
            partner.organisation
        };
        confirmed.map(ask).collect()
    }

    fn asked(&mut self, kind: &'static str, organisation: OrganisationId, partners: Vec<OrganisationId>) -> Asked {
        self.composition += 1;
        Asked { partners, events: self.events(kind, organisation) }
    }

    /// What happened with a partner, for the lead and for the partner: each sees its own.
    fn events(&self, kind: &'static str, partner: OrganisationId) -> Vec<Event> {
        let told = |event: Event| {
            event.with(json!({
                "challenge": self.challenge, "lead": self.lead, "partner": partner, "composition": self.composition,
            }))
        };
        [self.lead, partner].map(|organisation| told(self.event(kind, organisation))).into()
    }

    fn event(&self, kind: &'static str, organisation: OrganisationId) -> Event {
        let event = Event::confidential(kind, Subject::Consortium(self.id), Some(organisation));
        event.with(json!({ "challenge": self.challenge, "lead": self.lead }))
    }
}

impl Partner {
    /// Why a bid cannot name this partner, if so.
    fn wanting(&self, organisation: &Organisation) -> Option<FieldError> {
        let name = &organisation.legal_name;
        let detail = match self.status {
            PartnerStatus::Confirmed => return None,
            PartnerStatus::Asked => format!("{name} has not confirmed the consortium as it is now"),
            PartnerStatus::Declined => format!("{name} does not take part"),
        };
        Some(FieldError::new("/consortium", "partner_not_confirmed", detail))
    }
}

fn check_part(part: &str) -> Result<()> {
    crate::text(part, 2000, "/part")
}

/// What a bid is told of a consortium that its company does not lead, and of one that does not exist.
pub fn unknown() -> Refusal {
    wrong("unknown", "the company leads no such consortium for this challenge")
}

fn wrong(code: &'static str, detail: &str) -> Refusal {
    Refusal::invalid("/consortium", code, detail)
}
