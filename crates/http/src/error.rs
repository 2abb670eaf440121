//! The one table from what can go wrong to what the caller is told.

use crate::foundation::problem::{self, InTheWay, Problem};
use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderName},
    },
};
use application::passwords::PasswordError;
use domain::{FieldError, Refusal};

/// Whatever makes a request fail.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A use case said no.
    #[error(transparent)]
    Application(#[from] application::Error),
    /// A use case said no, and that is on the record: the receipt says so.
    #[error("{0}")]
    OnRecord(application::Error, Box<receipts::Receipt>),
    /// No access token.
    #[error("this needs an access token")]
    Unauthenticated,
    /// A bad, expired or revoked access token.
    #[error("the access token is not valid; log in or refresh it")]
    TokenRejected,
    /// A password could not be processed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The body is not JSON.
    #[error("the body is not JSON: {0}")]
    MalformedJson(String),
    /// The body is of another media type.
    #[error("the body must be application/json")]
    UnsupportedMediaType,
    /// The body is larger than allowed.
    #[error("the body is larger than {0} bytes")]
    BodyTooLarge(usize),
    /// The body broke off, or was sent in a form that cannot be read.
    #[error("the body did not arrive whole")]
    BodyIncomplete,
    /// The query has unknown, repeated or unreadable parameters.
    #[error("the query has {} problem(s)", .0.len())]
    InvalidQuery(Vec<FieldError>),
    /// A cursor that this installation did not make for this list.
    #[error("the cursor does not belong to this list")]
    InvalidCursor,
    /// `If-Match` is required and missing.
    #[error("send If-Match with the ETag that you read")]
    PreconditionRequired,
    /// A header that cannot be read.
    #[error("the header {0} is malformed")]
    MalformedHeader(&'static str),
    /// `Idempotency-Key` is required and missing.
    #[error("send an Idempotency-Key, so that repeating the request cannot do it twice")]
    IdempotencyKeyRequired,
    /// The key was used for another request.
    #[error("this Idempotency-Key was used for another request")]
    IdempotencyKeyReused,
    /// No such path.
    #[error("there is nothing here")]
    NoRoute,
    /// The path exists, but not with this method.
    #[error("this method is not possible here; possible: {0}")]
    MethodNotAllowed(String),
    /// Another version of the upload protocol than ours.
    #[error("only version 1.0.0 of the tus protocol is spoken here")]
    WrongTusVersion,
    /// A part of a file, which has so many bytes, that is not there.
    #[error("the file has {0} bytes")]
    RangeNotSatisfiable(u64),
    /// A piece of a file that is none.
    #[error("a piece of a file must be application/offset+octet-stream")]
    NotAPiece,
    /// A file of a type that is not taken.
    #[error("files of this type are not taken; send one of those that the documentation lists")]
    FileTypeNotTaken,
    /// The request took longer than allowed.
    #[error("the request took too long")]
    TimedOut,
    /// Something that should not happen.
    #[error("internal error: {0}")]
    Internal(String),
}

/// Status, stable code and title.
type Row = (StatusCode, &'static str, &'static str);

impl Error {
    /// The table. Exhaustive on purpose: a new error does not compile without its row.
    #[rustfmt::skip]
    fn row(&self) -> Row {
        use StatusCode as S;
        match self {
            Self::Application(error) | Self::OnRecord(error, _) => application_row(error),
            Self::Unauthenticated => (S::UNAUTHORIZED, "unauthenticated", "Not logged in"),
            Self::TokenRejected => (S::UNAUTHORIZED, "token_rejected", "Access token not valid"),
            Self::Password(PasswordError::Overloaded) => (S::SERVICE_UNAVAILABLE, "overloaded", "Too busy"),
            Self::Password(PasswordError::Failed) => (S::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
            Self::MalformedJson(_) => (S::BAD_REQUEST, "malformed_json", "Body is not JSON"),
            Self::UnsupportedMediaType => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Wrong media type"),
            Self::FileTypeNotTaken => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Wrong media type"),
            Self::BodyTooLarge(_) => (S::PAYLOAD_TOO_LARGE, "body_too_large", "Body too large"),
            Self::BodyIncomplete => (S::BAD_REQUEST, "body_incomplete", "Body incomplete"),
            Self::InvalidQuery(_) => (S::BAD_REQUEST, "invalid_query", "Wrong query parameters"),
            Self::InvalidCursor => (S::BAD_REQUEST, "invalid_cursor", "Wrong cursor"),
            Self::PreconditionRequired => (S::PRECONDITION_REQUIRED, "precondition_required", "If-Match missing"),
            Self::MalformedHeader(_) => (S::BAD_REQUEST, "malformed_header", "Malformed header"),
            Self::IdempotencyKeyRequired => (S::BAD_REQUEST, "idempotency_key_required", "Idempotency-Key missing"),
            Self::IdempotencyKeyReused => (S::UNPROCESSABLE_ENTITY, "idempotency_key_reused", "Idempotency-Key used for another request"),
            Self::NoRoute => (S::NOT_FOUND, "not_found", "Not found"),
            Self::MethodNotAllowed(_) => (S::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed"),
            Self::WrongTusVersion => (S::PRECONDITION_FAILED, "wrong_tus_version", "Wrong version of the upload protocol"),
            Self::RangeNotSatisfiable(_) => (S::RANGE_NOT_SATISFIABLE, "range_not_satisfiable", "No such part"),
            Self::NotAPiece => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Wrong media type"),
            Self::TimedOut => (S::SERVICE_UNAVAILABLE, "timed_out", "Took too long"),
            Self::Internal(_) => (S::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
        }
    }

    /// Every wrong field.
    pub(crate) fn fields(&self) -> &[FieldError] {
        match self {
            Self::InvalidQuery(errors)
            | Self::Application(application::Error::Refused(Refusal::Invalid(errors)))
            | Self::OnRecord(application::Error::Refused(Refusal::Invalid(errors)), _) => errors,
            _ => &[],
        }
    }

    /// What the caller is told in words; nothing of the inside.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Application(application::Error::Persistence(persistence::Error::OutcomeUnknown(_))) => {
                "It is unknown whether this was done. Repeat the request with the same Idempotency-Key.".to_owned()
            }
            error if error.row().0.is_server_error() => format!("{}.", error.row().2),
            error => sentence(&error.to_string()),
        }
    }

    /// The problem document.
    fn problem(&self, request_id: &str) -> Problem {
        let (status, code, title) = self.row();
        Problem::new(status, code, title, self.detail(), self.fields().to_vec(), request_id)
            .after(self.retry_after())
            .lacking(self.missing_scopes())
            .on_record(self.receipt())
            .about_draft(self.draft())
    }

    /// After how many seconds to try again, for who tried too often.
    fn retry_after(&self) -> Option<i64> {
        match self {
            Self::Application(application::Error::Refused(Refusal::TooManyAttempts(seconds))) => Some(*seconds),
            Self::Application(application::Error::Storage(storage::Error::Busy)) => Some(1),
            _ => None,
        }
    }

    /// The scopes that an API key lacks.
    fn missing_scopes(&self) -> Vec<String> {
        match self {
            Self::Application(application::Error::Refused(Refusal::ScopeMissing(scopes))) => scopes.clone(),
            _ => Vec::new(),
        }
    }

    /// What there is to know of the draft that stands in the way.
    fn draft(&self) -> InTheWay {
        match self {
            Self::Application(application::Error::Refused(refusal))
            | Self::OnRecord(application::Error::Refused(refusal), _) => InTheWay::of(refusal),
            _ => InTheWay::default(),
        }
    }

    /// The signed refusal, if there is one.
    fn receipt(&self) -> Option<receipts::Receipt> {
        match self {
            Self::OnRecord(_, receipt) => Some(receipts::Receipt::clone(receipt)),
            _ => None,
        }
    }

    /// The response with that document, and what would have been right: the methods (RFC 9110, 15.5.6), or where an upload
    /// goes on and by which protocol (tus 1.0.0).
    pub(crate) fn response(&self, request_id: &str) -> HttpResponse {
        let mut response = self.problem(request_id).response();
        let right = match self {
            Self::MethodNotAllowed(methods) => Some((header::ALLOW, methods.clone())),
            Self::RangeNotSatisfiable(size) => Some((header::CONTENT_RANGE, format!("bytes */{size}"))),
            Self::WrongTusVersion => Some((HeaderName::from_static("tus-version"), "1.0.0".to_owned())),
            Self::Application(application::Error::Refused(Refusal::WrongOffset(right))) => {
                Some((HeaderName::from_static("upload-offset"), right.to_string()))
            }
            Self::Application(application::Error::Refused(Refusal::DraftExists(id))) => {
                Some((header::LOCATION, format!("/api/v1/bid-drafts/{id}")))
            }
            _ => None,
        };
        if let Some((name, value)) = right
            && let Ok(value) = value.parse()
        {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

#[rustfmt::skip]
fn application_row(error: &application::Error) -> Row {
    use StatusCode as S;
    use application::Error as A;
    use persistence::Error as P;
    match error {
        A::Refused(refusal) => refusal_row(refusal),
        A::Stale => (S::PRECONDITION_FAILED, "stale", "Changed since it was read"),
        A::SessionEnded => (S::UNAUTHORIZED, "token_rejected", "Access token not valid"),
        A::ProviderUnavailable(_) => (S::SERVICE_UNAVAILABLE, "provider_unavailable", "Sign-in provider not available"),
        A::SignInNotProven(_) => (S::UNPROCESSABLE_ENTITY, "sign_in_not_proven", "Sign-in not proven"),
        A::Storage(storage::Error::Busy) => (S::LOCKED, "upload_locked", "Being written"),
        A::Storage(_) => (S::SERVICE_UNAVAILABLE, "storage_unavailable", "Storage not available"),
        A::NotADemo => (S::NOT_FOUND, "not_found", "Not found"),
        A::Persistence(P::Overloaded) => (S::SERVICE_UNAVAILABLE, "overloaded", "Too busy"),
        A::Persistence(P::Unavailable(_)) => (S::SERVICE_UNAVAILABLE, "database_unavailable", "Database not available"),
        A::Persistence(P::OutcomeUnknown(_)) => (S::SERVICE_UNAVAILABLE, "outcome_unknown", "Outcome unknown"),
        A::Persistence(P::NotFound) => (S::NOT_FOUND, "not_found", "Not found"),
        A::Persistence(P::ConcurrentChange | P::Duplicate(_)) => (S::CONFLICT, "concurrent_change", "Changed at the same moment"),
        A::Persistence(P::Corrupt(_) | P::Database(_) | P::Migration(_)) | A::Randomness(_) | A::Vault | A::DemoContent(_) =>
            (S::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
    }
}

#[rustfmt::skip]
fn refusal_row(refusal: &Refusal) -> Row {
    use StatusCode as S;
    match refusal {
        Refusal::NotFound(_) => (S::NOT_FOUND, "not_found", "Not found"),
        Refusal::RoleMissing(_) => (S::FORBIDDEN, "role_missing", "Role missing"),
        Refusal::AdministratorOnly => (S::FORBIDDEN, "administrator_only", "Administrators only"),
        Refusal::AuditorOnly => (S::FORBIDDEN, "auditor_only", "Auditors only"),
        Refusal::LastAdministrator => (S::CONFLICT, "last_administrator", "Last administrator"),
        Refusal::OwnAccount => (S::FORBIDDEN, "own_account", "Not for one's own account"),
        Refusal::NotAMember => (S::FORBIDDEN, "not_a_member", "Not a member"),
        Refusal::ApiKeyRejected => (S::UNAUTHORIZED, "api_key_rejected", "API key not valid"),
        Refusal::NetworkNotAllowed => (S::FORBIDDEN, "network_not_allowed", "Not from this network"),
        Refusal::ApiKeyNotAllowed => (S::FORBIDDEN, "api_key_not_allowed", "Not with an API key"),
        Refusal::ScopeMissing(_) => (S::FORBIDDEN, "scope_missing", "Scope missing"),
        Refusal::ApiKeyOfAnother => (S::FORBIDDEN, "api_key_of_another", "API key of somebody else"),
        Refusal::StepUpRequired => (S::FORBIDDEN, "step_up_required", "Confirm that it is you"),
        Refusal::TermsNotAccepted(_) => (S::FORBIDDEN, "terms_not_accepted", "Terms of use not accepted"),
        Refusal::FourEyes(_) => (S::FORBIDDEN, "four_eyes", "A second person is needed"),
        Refusal::Invalid(_) => (S::UNPROCESSABLE_ENTITY, "invalid", "Wrong content"),
        Refusal::WrongState { .. } => (S::CONFLICT, "wrong_state", "Not possible in this state"),
        Refusal::ConcurrentChange => (S::CONFLICT, "concurrent_change", "Changed at the same moment"),
        Refusal::DeadlinePassed => (S::CONFLICT, "deadline_passed", "Deadline passed"),
        Refusal::ExtensionPending => (S::CONFLICT, "extension_pending", "Extension not decided"),
        Refusal::DeadlineNotReached => (S::CONFLICT, "deadline_not_reached", "Deadline not reached"),
        Refusal::AlreadyResponded => (S::CONFLICT, "already_responded", "Response exists"),
        Refusal::WrongProcedure { .. } => (S::CONFLICT, "wrong_procedure", "Not in this procedure"),
        Refusal::QuestionsEnded(_) => (S::CONFLICT, "questions_ended", "No questions any more"),
        Refusal::NothingToOverride => (S::CONFLICT, "nothing_to_override", "Nothing to override"),
        Refusal::OneStage => (S::CONFLICT, "one_stage", "Only one stage"),
        Refusal::ShortlistPending => (S::CONFLICT, "shortlist_pending", "Shortlist not decided"),
        Refusal::NotShortlisted => (S::FORBIDDEN, "not_shortlisted", "Not on the shortlist"),
        Refusal::AlreadyBid => (S::CONFLICT, "already_bid", "Bid exists"),
        Refusal::DraftExists(_) => (S::CONFLICT, "draft_exists", "Draft exists"),
        Refusal::DraftChanged { .. } => (S::PRECONDITION_FAILED, "stale", "Changed since it was read"),
        Refusal::OrganisationSuspended(_) => (S::CONFLICT, "organisation_suspended", "Organisation suspended"),
        Refusal::OrganisationUnverified(_) => (S::CONFLICT, "organisation_unverified", "Organisation not verified"),
        Refusal::SandboxApart => (S::CONFLICT, "sandbox_apart", "Sandboxes keep to themselves"),
        Refusal::NotASandbox => (S::CONFLICT, "not_a_sandbox", "Not a sandbox"),
        Refusal::StandstillRunning(_) => (S::CONFLICT, "standstill_running", "Standstill period running"),
        Refusal::Incomplete(_) => (S::CONFLICT, "incomplete", "Something is missing"),
        Refusal::DeclarationMissing => (S::FORBIDDEN, "declaration_missing", "Conflicts not declared"),
        Refusal::Recused => (S::FORBIDDEN, "recused", "Conflict of interest"),
        Refusal::Frozen => (S::CONFLICT, "frozen", "Scores are frozen"),
        Refusal::AlreadyDone => (S::CONFLICT, "already_done", "Already done"),
        Refusal::LastOwner => (S::CONFLICT, "last_owner", "Last owner"),
        Refusal::AlreadyMember => (S::CONFLICT, "already_member", "Already a member"),
        Refusal::LimitReached(_) => (S::CONFLICT, "limit_reached", "Limit reached"),
        Refusal::TooSoon(_) => (S::CONFLICT, "too_soon", "Too soon"),
        Refusal::OtherAddress => (S::FORBIDDEN, "other_address", "Invitation for another address"),
        Refusal::OrganisationExists => (S::CONFLICT, "organisation_exists", "Organisation exists"),
        Refusal::TooMany { .. } => (S::CONFLICT, "too_many", "As many as there may be"),
        Refusal::QuotaExceeded { .. } => (S::CONFLICT, "quota_exceeded", "No room for this file"),
        Refusal::FindingsNotAcknowledged(_) => (S::CONFLICT, "findings_not_acknowledged", "Hidden content"),
        Refusal::FileInfected(_) => (S::CONFLICT, "file_infected", "File infected"),
        Refusal::DocumentDamaged(_) => (S::CONFLICT, "document_damaged", "Document damaged"),
        Refusal::WrongOffset(_) => (S::CONFLICT, "wrong_offset", "Upload goes on elsewhere"),
        Refusal::WrongCredentials => (S::UNAUTHORIZED, "wrong_credentials", "Wrong address or password"),
        Refusal::ErasureBlocked(_) => (S::CONFLICT, "erasure_blocked", "Still needed"),
        Refusal::TooManyAttempts(_) => (S::TOO_MANY_REQUESTS, "too_many_attempts", "Too many attempts"),
        Refusal::OneTimeCodeRequired => (S::UNAUTHORIZED, "one_time_code_required", "One-time code needed"),
        Refusal::AccountSuspended => (S::FORBIDDEN, "account_suspended", "Account suspended"),
        Refusal::AccountDeactivated => (S::FORBIDDEN, "account_deactivated", "Account deactivated"),
        Refusal::IdentityRefused(_) => (S::FORBIDDEN, "identity_refused", "Sign-in refused"),
        Refusal::TokenInvalid => (S::UNPROCESSABLE_ENTITY, "token_invalid", "Link or token not valid"),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

impl From<persistence::Error> for Error {
    fn from(error: persistence::Error) -> Self {
        Self::Application(error.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Application(refusal.into())
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.row().0
    }

    /// Leaves the document to the middleware, which knows the request.
    fn error_response(&self) -> HttpResponse {
        problem::placeholder(self.row().0)
    }
}
