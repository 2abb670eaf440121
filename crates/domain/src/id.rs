//! Typed identifiers. All are UUIDv7 (RFC 9562), so the order of ids is the order of creation.

use uuid::Uuid;

/// A typed identifier; lets the one source of ids (see `persistence`) make any kind of them.
pub trait Id: Copy {
    /// Gives a UUID its meaning.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The UUID behind the id.
    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl Id for $name {
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// News of a challenge on their way to everybody who is told.
    AnnouncementId,
    /// A key with which a program acts in the place of a person.
    ApiKeyId,
    /// A bid on a challenge.
    BidId,
    /// A document of a bid.
    BidDocumentId,
    /// A bid that is being written.
    BidDraftId,
    /// A document of a challenge.
    ChallengeDocumentId,
    /// A challenge.
    ChallengeId,
    /// What everybody is told of a change of a challenge.
    ChangeNoticeId,
    /// Organisations that bid together.
    ConsortiumId,
    /// What a company answers in a market consultation.
    ConsultationResponseId,
    /// A contract for a pilot.
    ContractId,
    /// An award criterion of a challenge.
    CriterionId,
    /// A role lent to a colleague.
    DelegationId,
    /// A standing document of an organisation.
    DocumentId,
    /// One evaluator's sheet for one bid.
    EvaluationId,
    /// Something that happened.
    EventId,
    /// That the deadline of a challenge should be moved after an outage.
    ExtensionProposalId,
    /// An invitation to an organisation.
    InvitationId,
    /// A device on which somebody logged in before.
    KnownDeviceId,
    /// An account at an OpenID provider.
    IdentityId,
    /// A link to a challenge that is not public yet.
    PreviewId,
    /// That somebody is asked to agree to be named in a bid.
    TeamConsentId,
    /// A content that an agency begins challenges with.
    TemplateId,
    /// A mail in the outbox.
    MailId,
    /// A person's membership of an organisation.
    MemberId,
    /// A milestone of a contract.
    MilestoneId,
    /// Why a company does not bid.
    NoBidId,
    /// Something that an organisation owes.
    ObligationId,
    /// A link that works once.
    OneTimeLinkId,
    /// A sign-in through an OpenID provider.
    OidcSignInId,
    /// A key with which somebody opens shares.
    OpeningKeyId,
    /// A sealed envelope of a bid.
    EnvelopeId,
    /// An organisation.
    OrganisationId,
    /// A time in which the service could not be used.
    OutageId,
    /// What was said about an outage afterwards.
    OutageNoteId,
    /// A question about a challenge.
    QuestionId,
    /// An entry of the read log.
    ReadId,
    /// Something that a bid has to answer.
    ResponseSectionId,
    /// A signed receipt.
    ReceiptId,
    /// A recovery code.
    RecoveryCodeId,
    /// A refresh token.
    RefreshTokenId,
    /// A search that somebody keeps.
    SavedSearchId,
    /// A log-in on one device.
    SessionId,
    /// A solution that a company shows in the catalogue.
    SolutionId,
    /// That an agency asked a company to look at a challenge.
    SolutionInvitationId,
    /// A file on its way.
    UploadId,
    /// A person with an account.
    UserId,
}
