//! What a use case can fail with.

use domain::Refusal;

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a use case can fail with. Nothing was changed, except perhaps with
/// [`persistence::Error::OutcomeUnknown`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The caller's copy of the record is not the current one.
    #[error("the record was changed since it was read")]
    Stale,
    /// The session has ended, or the person behind it is gone.
    #[error("the session has ended")]
    SessionEnded,
    /// This installation is not a demo.
    #[error("this is possible in a demo only")]
    NotADemo,
    /// The database failed.
    #[error(transparent)]
    Persistence(persistence::Error),
    /// The machine has no randomness to give.
    #[error("no randomness: {0}")]
    Randomness(String),
    /// Something sealed cannot be opened: the encryption key was changed, or the row was.
    #[error("an encrypted value cannot be read with the configured encryption key")]
    Vault,
    /// An OpenID provider cannot be reached, or answers what nobody understands.
    #[error("the provider does not answer as it should: {0}")]
    ProviderUnavailable(String),
    /// An OpenID provider did not prove who signed in.
    #[error("the sign-in is not proven: {0}")]
    SignInNotProven(String),
    /// The storage of files failed.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// The demo content that is built into the program is wrong.
    #[error("demo content: {0}")]
    DemoContent(String),
}

impl From<persistence::Error> for Error {
    fn from(error: persistence::Error) -> Self {
        let refusal = match &error {
            persistence::Error::NotFound => Refusal::NotFound("record"),
            persistence::Error::ConcurrentChange => Refusal::ConcurrentChange,
            persistence::Error::Duplicate(constraint) => match constraint.as_str() {
                "bids_challenge_id_company_id_stage_key" => Refusal::AlreadyBid,
                "consortia_challenge_id_lead_id_key" => Refusal::AlreadyDone,
                "no_bids_challenge_id_company_id_key" => Refusal::AlreadyDone,
                "consultation_responses_challenge_id_company_id_key" => Refusal::AlreadyResponded,
                "organisations_country_legal_name_key" => Refusal::OrganisationExists,
                "members_organisation_id_user_id_key" => Refusal::AlreadyMember,
                "challenge_templates_agency_id_name_key" => {
                    Refusal::invalid("/name", "duplicate", "the agency has a template of this name")
                }
                "solution_invitations_challenge_id_solution_id_key" => Refusal::AlreadyDone,
                "saved_searches_user_id_name_key" => {
                    Refusal::invalid("/name", "duplicate", "you have a search of this name")
                }
                name if name.starts_with("conflict_declarations_") => Refusal::AlreadyDone,
                // Two requests raced to create the same thing; the loser tries again and finds it.
                _ => Refusal::ConcurrentChange,
            },
            _ => return Self::Persistence(error),
        };
        Self::Refused(refusal)
    }
}

/// Refuses unless the caller's copy is the current one; with no version given, any will do.
pub(crate) fn require_current(version: i32, expected: Option<i32>) -> Result<()> {
    if expected.is_none_or(|expected| expected == version) { Ok(()) } else { Err(Error::Stale) }
}
