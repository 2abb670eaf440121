//! What Provoco is about: values, records, states and rules.
//!
//! No I/O, no database, no clock and no randomness: time and ids come in as parameters, and each change of state
//! returns the [`Event`] that tells it. Every business rule of the program is in this crate and nowhere else.

pub mod account;
mod actor;
pub mod administration;
pub mod api_key;
mod audit;
pub mod bid;
mod bid_attempt;
pub mod challenge;
pub mod consortium;
pub mod consultation;
pub mod contract;
pub mod cpv;
pub mod days;
pub mod delegation;
pub mod discovery;
pub mod evaluation;
mod event;
pub mod file;
mod id;
pub mod identity;
mod invalid;
pub mod invitation;
pub mod lifecycle;
pub mod member;
pub mod minimum_periods;
mod money;
pub mod no_bid;
pub mod obligation;
pub mod opening;
pub mod organisation;
pub mod outage;
mod panel;
mod procedure;
pub mod question;
mod ranking;
mod refusal;
pub mod saved_search;
pub mod sheet;
pub mod solution;
pub mod team_consent;
pub mod terms;

pub use actor::{Actor, DelegatedRole, Membership, Role, STEP_UP_LIFETIME};
pub use api_key::ApiKey;
pub use audit::AuditView;
pub use bid::{Bid, BidStatus};
pub use bid_attempt::{BidAction, RefusalRecord};
pub use challenge::{Challenge, ChallengeStatus};
pub use consortium::Consortium;
pub use consultation::ConsultationResponse;
pub use contract::{Contract, ContractStatus, Milestone, MilestoneStatus};
pub use days::{Calendar, CalendarCode, ComputedDate, Period, PeriodRule};
pub use delegation::Delegation;
pub use discovery::ChallengeQuery;
pub use event::{Event, Read, Subject};
pub use id::{
    AnnouncementId, ApiKeyId, BidDocumentId, BidDraftId, BidId, ChallengeDocumentId, ChallengeId, ChangeNoticeId,
    ConsortiumId, ConsultationResponseId, ContractId, CriterionId, DelegationId, DocumentId, EnvelopeId, EvaluationId,
    EventId, ExtensionProposalId, Id, IdentityId, InvitationId, KnownDeviceId, MailId, MemberId, MilestoneId, NoBidId,
    ObligationId, OidcSignInId, OneTimeLinkId, OpeningKeyId, OrganisationId, OutageId, OutageNoteId, PreviewId,
    QuestionId, ReadId, ReceiptId, RecoveryCodeId, RefreshTokenId, ResponseSectionId, SavedSearchId, SessionId,
    SolutionId, SolutionInvitationId, TeamConsentId, TemplateId, UploadId, UserId,
};
pub use invalid::{Checks, FieldError, text};
pub use invitation::Invitation;
pub use lifecycle::LifecyclePolicy;
pub use member::Member;
pub use minimum_periods::{MinimumPeriods, MinimumPeriodsVersion, PeriodRules, Timeline};
pub use money::{Currency, Money, MoneyError};
pub use no_bid::NoBid;
pub use obligation::{Obligation, ObligationKind, ObligationPolicy};
pub use opening::{Committee, Opening, OpeningKey};
pub use organisation::{Organisation, OrganisationKind};
pub use outage::{Outage, OutageCause, OutageNote, OutagePolicy};
pub use panel::{ConflictDeclaration, Panel};
pub use procedure::Procedure;
pub use question::{Question, QuestionStatus};
pub use ranking::{Award, CriterionRow, RankedBid, Ranking};
pub use refusal::{Refusal, Result};
pub use sheet::{CriterionScore, Evaluation};
pub use solution::Solution;
pub use team_consent::TeamConsent;
