//! A person's right to everything held about them, and to be forgotten.

use crate::{Caller, Result, attempts};
use chrono::{DateTime, Utc};
use domain::{
    ApiKey, AuditView, BidDraftId, ChallengeId, Evaluation, OpeningKey, Question, Read, Subject, TeamConsent,
    account::{Profile, User, erase as rule},
    bid::DraftSave,
    challenge::Follower,
    identity::Identity,
    saved_search::SavedSearch,
};
use persistence::{
    Conn, accounts, api_keys,
    audit::{self, AuditEvent, Filter, ReadEntry},
    bid_drafts, calendar_tokens, devices, erasure, evaluations, followers, identities, opening_keys,
    personal_data::{self, Declaration, Delegation, Invitation, Mail, Membership, Session},
    profiles, questions, saved_searches, second_factors, team_consents,
};

/// The most events, and the most entries of the read log, in an export.
pub const EXPORTED: usize = 10_000;

/// Everything held about a person.
pub struct Export {
    /// When it was put together.
    pub made_at: DateTime<Utc>,
    /// The account.
    pub user: User,
    /// What the person says about themselves.
    pub profile: Profile,
    /// Whether log-ins take a one-time code, and how many recovery codes are left.
    pub one_time_codes: (bool, i64),
    /// When the known devices were first seen.
    pub devices: Vec<DateTime<Utc>>,
    /// Accounts at OpenID providers.
    pub identities: Vec<Identity>,
    /// Keys for openings.
    pub opening_keys: Vec<OpeningKey>,
    /// API keys that the person made.
    pub api_keys: Vec<ApiKey>,
    /// Sessions.
    pub sessions: Vec<Session>,
    /// Memberships.
    pub memberships: Vec<Membership>,
    /// Roles lent.
    pub delegations: Vec<Delegation>,
    /// Invitations to the person's address.
    pub invitations: Vec<Invitation>,
    /// What the person is named for.
    pub duties: Vec<(ChallengeId, String)>,
    /// Challenges that the person is told about, or does not want to be told about any more.
    pub followed: Vec<(ChallengeId, Follower)>,
    /// Questions asked.
    pub questions: Vec<Question>,
    /// Searches that the person keeps.
    pub searches: Vec<SavedSearch>,
    /// When the person saved drafts of bids that are still there.
    pub draft_saves: Vec<(BidDraftId, DraftSave)>,
    /// What the person was asked about being named in bids.
    pub team_consents: Vec<TeamConsent>,
    /// Since when there is an address for their calendar program.
    pub calendar_token: Option<DateTime<Utc>>,
    /// Conflicts declared.
    pub declarations: Vec<Declaration>,
    /// Sheets written.
    pub evaluations: Vec<Evaluation>,
    /// Mails not forgotten yet.
    pub mails: Vec<Mail>,
    /// What the person did, the newest first.
    pub events: Cut<AuditEvent>,
    /// Who read the person's data, the newest first.
    pub reads: Cut<ReadEntry>,
}

/// The newest of something.
pub struct Cut<T> {
    /// At most [`EXPORTED`].
    pub items: Vec<T>,
    /// Whether there are older ones.
    pub cut: bool,
}

impl<T> Cut<T> {
    fn of(mut items: Vec<T>) -> Self {
        let cut = items.len() > EXPORTED;
        items.truncate(EXPORTED);
        Self { items, cut }
    }
}

/// Everything held about the caller. The read log keeps that it was read. Of a bid that is not opened yet nothing is
/// told: its company tells it.
pub fn export(conn: &mut Conn, caller: &Caller) -> Result<Export> {
    let (id, view) = (caller.actor.user, AuditView::of_person(&caller.actor));
    caller.log_reads(conn, &[Read { subject: Subject::User(id), organisation: None, person: Some(id) }])?;
    let (made_at, user, limit) = (conn.now()?, accounts::find(conn, id)?, i64::try_from(EXPORTED).unwrap_or(0) + 1);
    let enabled = second_factors::find(conn, id)?.enabled_at.is_some();
    Ok(Export {
        made_at,
        profile: profiles::find(conn, id)?,
        one_time_codes: (enabled, second_factors::recovery_codes_left(conn, id)?),
        devices: devices::of_user(conn, id, made_at)?,
        identities: identities::of_user(conn, id, limit)?,
        opening_keys: opening_keys::of_user(conn, id)?,
        api_keys: api_keys::of_creator(conn, id)?,
        sessions: personal_data::sessions(conn, id)?,
        memberships: personal_data::memberships(conn, id)?,
        delegations: personal_data::delegations(conn, id)?,
        invitations: personal_data::invitations(conn, &user.email)?,
        duties: personal_data::duties(conn, id)?,
        followed: followers::of_user(conn, id)?,
        questions: questions::of_asker(conn, id)?,
        searches: saved_searches::of_user(conn, id)?,
        draft_saves: bid_drafts::saves_of_user(conn, id)?,
        team_consents: team_consents::of_address(conn, &user.email)?,
        calendar_token: calendar_tokens::since(conn, id)?,
        declarations: personal_data::declarations(conn, id)?,
        evaluations: evaluations::of_evaluator(conn, id)?,
        mails: personal_data::mails(conn, &user.email)?,
        events: Cut::of(audit::events(conn, view, &Filter::default(), None, limit)?),
        reads: Cut::of(audit::reads(conn, view, None, None, limit)?),
        user,
    })
}

/// Erases the caller, who typed their own address. Who still needs them is told in the refusal.
pub fn erase(conn: &mut Conn, caller: &Caller, typed: &str) -> Result<()> {
    let id = caller.actor.user;
    persistence::administration::lock_person(conn, id)?;
    let (user, now) = (accounts::find(conn, id)?, conn.now()?);
    let ties = erasure::lock_ties(conn, id)?;
    let event = rule(id, &user.email, typed, &ties)?;
    caller.record(conn, now, event)?;
    Ok(erasure::erase(conn, &user, &attempts::names_of(id, &user.email), now)?)
}
