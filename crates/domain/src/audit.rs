//! Who may look back at what happened, and at who read what.

use crate::{Actor, Organisation, OrganisationId, OrganisationKind, Read, Refusal, Result, Role, Subject, UserId};

/// How far an audit view reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditView {
    /// Everything on the platform that is not sealed.
    Platform,
    /// What concerns one organisation.
    Organisation {
        /// Which one.
        id: OrganisationId,
        /// Whether whoever looks belongs to it.
        member: bool,
        /// Whether they bid for it, and so write its drafts.
        bidder: bool,
    },
    /// What concerns one person: who read their data.
    Person(UserId),
}

impl AuditView {
    /// The whole platform, for its auditors. Administrators run the platform; they do not audit themselves.
    pub fn of_platform(actor: &Actor) -> Result<Self> {
        if actor.auditor { Ok(Self::Platform) } else { Err(Refusal::AuditorOnly) }
    }

    /// One organisation, for its auditors and the platform's. An organisation that is no agency may have no auditor;
    /// its owners look for themselves.
    pub fn of_organisation(actor: &Actor, organisation: &Organisation) -> Result<Self> {
        let id = organisation.id;
        let owners_may = organisation.kind != OrganisationKind::Agency;
        if actor.auditor || actor.holds(Role::Auditor, id) || (owners_may && actor.holds(Role::Owner, id)) {
            let (member, bidder) = (actor.belongs_to(id), actor.holds(Role::Bidder, id));
            return Ok(Self::Organisation { id, member, bidder });
        }
        organisation.require_member(actor)?;
        Err(Refusal::RoleMissing(if owners_may { Role::Owner } else { Role::Auditor }))
    }

    /// Oneself.
    pub fn of_person(actor: &Actor) -> Self {
        Self::Person(actor.user)
    }

    /// Whether the view shows what is sealed: a bid before its opening, to its own company alone.
    pub fn shows_sealed(self) -> bool {
        matches!(self, Self::Organisation { member: true, .. })
    }

    /// Whether the view shows drafts of bids: to the bidders of their company alone.
    pub fn shows_drafts(self) -> bool {
        matches!(self, Self::Organisation { bidder: true, .. })
    }

    /// Whether the view shows who asks questions: to those who asked, and to the asker's own company. An auditor of the
    /// platform may belong to the agency that answers.
    pub fn shows_askers(self) -> bool {
        self.shows_sealed() || matches!(self, Self::Person(_))
    }

    /// The entry of the read log for looking at the view: whoever watches is watched. People who look at what concerns
    /// themselves are not.
    pub fn read(self) -> Option<Read> {
        let (subject, organisation) = match self {
            Self::Platform => (Subject::Platform, None),
            Self::Organisation { id, .. } => (Subject::Organisation(id), Some(id)),
            Self::Person(_) => return None,
        };
        Some(Read { subject, organisation, person: None })
    }
}
