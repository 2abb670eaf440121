//! Why the domain says no.

use crate::{BidDraftId, FieldError, Role, UserId};
use chrono::{DateTime, SecondsFormat, Utc};

/// The result of a rule.
pub type Result<T, E = Refusal> = std::result::Result<T, E>;

/// Each reason for which a rule refuses. `http` gives every one a status and a code in a single exhaustive table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The thing does not exist, or must not exist for this caller: both are told in the same words, which is why the
    /// kind of thing is not among them.
    #[error("there is no such record")]
    NotFound(&'static str),
    /// The caller knows the thing but lacks the role in the organisation that owns it.
    #[error("this takes the role {}", .0.as_str())]
    RoleMissing(Role),
    /// Only an administrator of the platform may do this.
    #[error("this takes a platform administrator")]
    AdministratorOnly,
    /// Only an auditor of the platform may see this.
    #[error("this takes an auditor of the platform")]
    AuditorOnly,
    /// The platform always keeps an administrator.
    #[error("the platform needs at least one administrator")]
    LastAdministrator,
    /// Nobody decides about their own standing.
    #[error("somebody else must do this to your own account")]
    OwnAccount,
    /// The caller asked to act for an organisation that is not theirs.
    #[error("you do not belong to the organisation named in Provoco-Organisation")]
    NotAMember,
    /// An API key that is unknown, revoked or expired, or whose creator has no access any more: never said which.
    #[error("this API key is unknown, revoked or expired, or whoever made it has no access to the organisation")]
    ApiKeyRejected,
    /// The API key is good, and does not work where it was used.
    #[error("this API key does not work from your network")]
    NetworkNotAllowed,
    /// What takes a person.
    #[error("this cannot be done with an API key")]
    ApiKeyNotAllowed,
    /// The API key is good, and was not made for this.
    #[error("this API key lacks the scope {}", .0.join(", "))]
    ScopeMissing(Vec<String>),
    /// Whoever rotates a key gets to know it.
    #[error("only whoever made an API key can rotate it; revoke it, and make one of your own")]
    ApiKeyOfAnother,
    /// The caller must prove to be at the keyboard first.
    #[error("confirm that it is you: send your password or a one-time code to POST /api/v1/sessions/current/confirm")]
    StepUpRequired,
    /// The terms of use in force, named by their number, have not been accepted.
    #[error("accept version {0} of the terms of use first: POST /api/v1/terms/{0}/accept")]
    TermsNotAccepted(i32),
    /// Who drafted or last edited a challenge cannot approve it; an opening needs two different people.
    #[error("a second person must do this: {0}")]
    FourEyes(&'static str),
    /// The content is wrong; each wrong field is listed.
    #[error("the content has {} problem(s)", .0.len())]
    Invalid(Vec<FieldError>),
    /// The record is in a state that does not allow this.
    #[error("the {subject} is {status}; this is possible only while it is {allowed}")]
    WrongState {
        /// What kind of record.
        subject: &'static str,
        /// The state it is in.
        status: &'static str,
        /// The states that would allow it, in words.
        allowed: &'static str,
    },
    /// The record was changed by somebody else between reading and writing.
    #[error("somebody else changed this at the same moment; read it again")]
    ConcurrentChange,
    /// At or after the submission deadline.
    #[error("the deadline has passed")]
    DeadlinePassed,
    /// Before the submission deadline.
    #[error("the deadline has not been reached")]
    DeadlineNotReached,
    /// The deadline may still be moved, because of an outage.
    #[error("first decide about the extension that was proposed after an outage")]
    ExtensionPending,
    /// The company has a live bid on this challenge already.
    #[error("this company has a bid on this challenge already; replace it instead")]
    AlreadyBid,
    /// The company has a draft for this challenge already.
    #[error("this company has a draft for this challenge already; go on with it")]
    DraftExists(BidDraftId),
    /// A draft was saved since it was read.
    #[error("{name} saved this draft at {}; read it again", .at.to_rfc3339_opts(SecondsFormat::Secs, true))]
    DraftChanged {
        /// Who saved it last.
        by: UserId,
        /// Their name.
        name: String,
        /// When that was.
        at: DateTime<Utc>,
    },
    /// The challenge takes offers only.
    #[error("this challenge has one stage: there are no unpriced solutions and no shortlist")]
    OneStage,
    /// Nobody can bid before the shortlist of a two-stage challenge is decided.
    #[error("the shortlist is not decided yet; those on it are invited to bid")]
    ShortlistPending,
    /// Only companies on the shortlist bid in the second stage.
    #[error("this company is not on the shortlist, and only those on it can bid")]
    NotShortlisted,
    /// The company has a live response in this market consultation already.
    #[error("this company has a response in this consultation already; replace it instead")]
    AlreadyResponded,
    /// The procedure of the challenge knows no such step.
    #[error("the procedure is {procedure}: {words}")]
    WrongProcedure {
        /// The procedure of the challenge.
        procedure: &'static str,
        /// What it means for what was tried.
        words: &'static str,
    },
    /// Questions were taken until an earlier moment.
    #[error("questions were taken until {0}")]
    QuestionsEnded(String),
    /// No question is late, so the challenge closes by itself.
    #[error("no question is late: the challenge closes by itself, and there is nothing to override")]
    NothingToOverride,
    /// A sandbox met what is real.
    #[error(
        "sandboxes keep to themselves: their challenges are for sandbox companies, and those take part in no others"
    )]
    SandboxApart,
    /// Only the time of a sandbox's challenge can be moved.
    #[error("this challenge is real: its time is everybody's, and nobody moves it")]
    NotASandbox,
    /// An agency must be verified before it publishes, a company before it wins.
    #[error("the organisation {0} must be verified by an administrator first")]
    OrganisationUnverified(String),
    /// An administrator keeps the organisation from acting, and so from winning.
    #[error("the organisation {0} is suspended by an administrator")]
    OrganisationSuspended(String),
    /// The signing is blocked until the standstill period has ended (Directive 89/665/EEC, art. 2a).
    #[error("the standstill period lasts until {0}")]
    StandstillRunning(String),
    /// Something that must be there first is missing.
    #[error("{0}")]
    Incomplete(String),
    /// The evaluator has not yet declared conflicts of interest (Directive 2014/24/EU, art. 24).
    #[error("declare your conflicts of interest first")]
    DeclarationMissing,
    /// The evaluator declared a conflict with this bidder.
    #[error("you declared a conflict with this bidder")]
    Recused,
    /// A sheet that was submitted is frozen.
    #[error("these scores are frozen")]
    Frozen,
    /// The act was already done by this person.
    #[error("you did this already")]
    AlreadyDone,
    /// An organisation always keeps an owner.
    #[error("an organisation needs at least one owner")]
    LastOwner,
    /// The person is a member already.
    #[error("this person is a member already")]
    AlreadyMember,
    /// The most that there may be of something, in words.
    #[error("the limit is reached: {0}")]
    LimitReached(&'static str),
    /// Possible again after a while, in words.
    #[error("this is too soon: {0}")]
    TooSoon(&'static str),
    /// The link in a mail was sent to somebody else.
    #[error("the invitation was sent to another address than that of your account")]
    OtherAddress,
    /// An organisation of that name exists in that country.
    #[error("an organisation of this name exists in this country")]
    OrganisationExists,
    /// As many as there may be are there.
    #[error("there are {most} {what} already, and more are not possible")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// The files of the organisation would take more than they may together.
    #[error("the files of this organisation may take {left} more bytes only")]
    QuotaExceeded {
        /// How many bytes are left.
        left: i64,
    },
    /// A document tells more than one sees of it, and nobody has said that everybody may know; names it.
    #[error("this document tells more than one sees of it; acknowledge that or send a clean one: {0}")]
    FindingsNotAcknowledged(String),
    /// A virus scanner found something in a file; names both.
    #[error("the virus scanner found something in this file: {0}")]
    FileInfected(String),
    /// A document of a bid is not what the offer says; names it, and says why.
    #[error("this document of the bid cannot be given: {0}")]
    DocumentDamaged(String),
    /// An upload goes on where it stopped: after so many bytes.
    #[error("the upload goes on at byte {0}")]
    WrongOffset(i64),
    /// Wrong address or password: never said which.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// Something still needs the person who wants to be erased.
    #[error("not yet: {0}")]
    ErasureBlocked(String),
    /// Too many attempts failed: the next one is looked at after so many seconds.
    #[error("too many attempts failed; try again in {0} s")]
    TooManyAttempts(i64),
    /// The password was right, and the account asks for a one-time code too.
    #[error("send a one-time code as code, or a recovery code as recoveryCode, along with the password")]
    OneTimeCodeRequired,
    /// An administrator suspended the account. Said only to whoever has proved to be its owner.
    #[error("this account is suspended; ask the administrator of this installation")]
    AccountSuspended,
    /// The account was not used for long. Said only to whoever has proved to be its owner.
    #[error("this account was deactivated; resetting the password reactivates it")]
    AccountDeactivated,
    /// A link or refresh token that is unknown, used, revoked or expired.
    #[error("this link or token is not valid any more")]
    TokenInvalid,
    /// What the provider says of a person is not enough to let them in.
    #[error("the provider cannot sign you in here: {0}")]
    IdentityRefused(&'static str),
}

impl Refusal {
    /// A single wrong field.
    pub fn invalid(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, code, detail)])
    }
}
