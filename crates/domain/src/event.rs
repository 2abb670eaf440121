//! What happened. Every change of state makes one event, stored in the transaction of the change.

use crate::{
    ApiKeyId, BidDocumentId, BidDraftId, BidId, ChallengeId, ConsortiumId, ConsultationResponseId, ContractId,
    DelegatedRole, EvaluationId, ExtensionProposalId, Id, MilestoneId, NoBidId, ObligationId, OrganisationId, OutageId,
    QuestionId, SolutionId, TeamConsentId, UserId,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A challenge.
    Challenge(ChallengeId),
    /// A bid.
    Bid(BidId),
    /// A document of a bid.
    BidDocument(BidDocumentId),
    /// A bid that is being written.
    BidDraft(BidDraftId),
    /// Organisations that bid together.
    Consortium(ConsortiumId),
    /// Why a company does not bid.
    NoBid(NoBidId),
    /// A question about a challenge.
    Question(QuestionId),
    /// What a company answers in a market consultation.
    ConsultationResponse(ConsultationResponseId),
    /// An evaluator's sheet.
    Evaluation(EvaluationId),
    /// A contract.
    Contract(ContractId),
    /// A milestone.
    Milestone(MilestoneId),
    /// Something that an organisation owes.
    Obligation(ObligationId),
    /// That a deadline should be moved after an outage.
    ExtensionProposal(ExtensionProposalId),
    /// A time in which the service could not be used.
    Outage(OutageId),
    /// An organisation.
    Organisation(OrganisationId),
    /// A solution in the catalogue.
    Solution(SolutionId),
    /// That somebody is asked to agree to be named in a bid.
    TeamConsent(TeamConsentId),
    /// A person.
    User(UserId),
    /// The platform as a whole.
    Platform,
}

impl Subject {
    /// The name of the kind of subject.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Challenge(_) => "challenge",
            Self::Bid(_) => "bid",
            Self::BidDocument(_) => "bid_document",
            Self::BidDraft(_) => "bid_draft",
            Self::Consortium(_) => "consortium",
            Self::NoBid(_) => "no_bid",
            Self::Question(_) => "question",
            Self::ConsultationResponse(_) => "consultation_response",
            Self::Evaluation(_) => "evaluation",
            Self::Contract(_) => "contract",
            Self::Milestone(_) => "milestone",
            Self::Obligation(_) => "obligation",
            Self::ExtensionProposal(_) => "extension_proposal",
            Self::Outage(_) => "outage",
            Self::Organisation(_) => "organisation",
            Self::Solution(_) => "solution",
            Self::TeamConsent(_) => "team_consent",
            Self::User(_) => "user",
            Self::Platform => "platform",
        }
    }

    /// The subject of a kind, by its name, with an id.
    pub fn parse(kind: &str, id: Uuid) -> Option<Self> {
        let all = [
            Self::Challenge(ChallengeId(id)),
            Self::Bid(BidId(id)),
            Self::BidDocument(BidDocumentId(id)),
            Self::BidDraft(BidDraftId(id)),
            Self::Consortium(ConsortiumId(id)),
            Self::NoBid(NoBidId(id)),
            Self::Question(QuestionId(id)),
            Self::ConsultationResponse(ConsultationResponseId(id)),
            Self::Evaluation(EvaluationId(id)),
            Self::Contract(ContractId(id)),
            Self::Milestone(MilestoneId(id)),
            Self::Obligation(ObligationId(id)),
            Self::ExtensionProposal(ExtensionProposalId(id)),
            Self::Outage(OutageId(id)),
            Self::Organisation(OrganisationId(id)),
            Self::Solution(SolutionId(id)),
            Self::TeamConsent(TeamConsentId(id)),
            Self::User(UserId(id)),
            Self::Platform,
        ];
        all.into_iter().find(|subject| subject.kind() == kind)
    }

    /// The id of the subject; nil for the platform.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Challenge(id) => id.uuid(),
            Self::Bid(id) => id.uuid(),
            Self::BidDocument(id) => id.uuid(),
            Self::BidDraft(id) => id.uuid(),
            Self::Consortium(id) => id.uuid(),
            Self::NoBid(id) => id.uuid(),
            Self::Question(id) => id.uuid(),
            Self::ConsultationResponse(id) => id.uuid(),
            Self::Evaluation(id) => id.uuid(),
            Self::Contract(id) => id.uuid(),
            Self::Milestone(id) => id.uuid(),
            Self::Obligation(id) => id.uuid(),
            Self::ExtensionProposal(id) => id.uuid(),
            Self::Outage(id) => id.uuid(),
            Self::Organisation(id) => id.uuid(),
            Self::Solution(id) => id.uuid(),
            Self::TeamConsent(id) => id.uuid(),
            Self::User(id) => id.uuid(),
            Self::Platform => Uuid::nil(),
        }
    }
}

/// Something that happened. Time, actor, id and request id are added by whoever stores it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Stable name, `<subject>.<past participle>`, for example `challenge.published`.
    pub kind: &'static str,
    /// What it is about.
    pub subject: Subject,
    /// The organisation that owns the subject.
    pub organisation: Option<OrganisationId>,
    /// What everybody may know. `None` keeps the event out of the public feed altogether, its count included.
    pub public: Option<Value>,
    /// What only those with access to the subject may know; never sealed content, never a secret.
    pub confidential: Value,
    /// Why, in the words of the person who did it.
    pub reason: Option<String>,
}

impl Event {
    /// An event that only those with access to its subject may know of.
    pub fn confidential(kind: &'static str, subject: Subject, organisation: Option<OrganisationId>) -> Self {
        Self { kind, subject, organisation, public: None, confidential: Value::Null, reason: None }
    }

    /// An event for everybody.
    pub fn public(kind: &'static str, subject: Subject, organisation: Option<OrganisationId>, payload: Value) -> Self {
        Self { public: Some(payload), ..Self::confidential(kind, subject, organisation) }
    }

    /// Adds details for those with access.
    #[must_use]
    pub fn with(self, confidential: Value) -> Self {
        Self { confidential, ..self }
    }

    /// Adds the roles that colleagues had lent whoever did it.
    #[must_use]
    pub fn under_delegation(self, delegated: &[DelegatedRole]) -> Self {
        self.noting("delegatedRoles", json!(delegated))
    }

    /// Adds the key with which it was done.
    #[must_use]
    pub fn by_key(self, key: ApiKeyId) -> Self {
        self.noting("apiKey", json!(key))
    }

    /// As it happened in a sandbox: for everybody outside there is nothing to know. What is public of others is kept with the
    /// rest, and with the time that it was in the sandbox.
    #[must_use]
    pub fn of_sandbox(mut self, time: DateTime<Utc>) -> Self {
        let said = self.public.take();
        let time = time.to_rfc3339_opts(SecondsFormat::Micros, true);
        self.noting("sandbox", json!({ "time": time, "said": said }))
    }

    fn noting(mut self, name: &str, value: Value) -> Self {
        if self.confidential.is_null() {
            self.confidential = json!({});
        }
        self.confidential[name] = value;
        self
    }

    /// Adds the reason.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }
}

/// That somebody read a confidential record. Time, reader and request id are added by whoever stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// What was read.
    pub subject: Subject,
    /// In whose name: the organisation whose auditor sees the entry.
    pub organisation: Option<OrganisationId>,
    /// Whose personal data it was: that person sees the entry.
    pub person: Option<UserId>,
}
