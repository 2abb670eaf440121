//! Everything held about oneself, and being forgotten.

use super::{oidc::IdentityView, opening_keys::KeyView};
use crate::{
    Answer,
    access::{As, BeforeTerms, Recent, SignedIn},
    foundation::{Body, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{get, post};
use application::personal_data::{self, Export};
use chrono::{DateTime, Utc};
use domain::{
    ApiKey, BidDraftId, ChallengeId, Evaluation, Question, TeamConsent,
    account::Language,
    bid::DraftSave,
    challenge::{FollowReason, Follower},
    saved_search::{Alert, SavedSearch},
    team_consent::ConsentStatus,
};
use persistence::{
    audit::{AuditEvent, ReadEntry},
    personal_data as held,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(export_personal_data).service(erase_own_account);
}

/// What goes into one part of an export: the fields of a record, by their names in JSON.
macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident as $schema:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Serialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        #[schema(as = $schema)]
        struct $name { $($(#[$field_doc])* $field: $type,)* }
    )*};
}

parts! {
    /// Everything held about a person. New fields may be added; none is renamed or removed.
    ExportView as PersonalData {
        made_at: DateTime<Utc>,
        account: AccountPart,
        /// When each known device was first seen.
        known_devices: Vec<DateTime<Utc>>,
        /// Accounts at OpenID providers that can log the person in.
        identities: Vec<IdentityView>,
        /// Keys with which the person opens bids, and had before.
        opening_keys: Vec<KeyView>,
        /// API keys that the person made.
        api_keys: Vec<ApiKeyPart>,
        sessions: Vec<SessionPart>,
        memberships: Vec<MembershipPart>,
        /// Roles that the person lent, or was lent.
        delegations: Vec<DelegationPart>,
        /// Invitations to the person's address.
        invitations: Vec<InvitationPart>,
        /// What the person is or was named for.
        panels: Vec<PanelPart>,
        /// Challenges that the person is told about, or does not want to be told about any more.
        followed_challenges: Vec<FollowedPart>,
        /// Questions that the person asked.
        questions: Vec<QuestionPart>,
        /// Searches that the person keeps.
        saved_searches: Vec<SearchPart>,
        /// When the person saved drafts of bids that are still there; what they offer is their company's.
        draft_saves: Vec<DraftSavePart>,
        /// What the person was asked about being named in bids.
        team_consents: Vec<TeamConsentPart>,
        /// Since when the person has an address for their calendar program.
        calendar_token_since: Option<DateTime<Utc>>,
        conflict_declarations: Vec<DeclarationPart>,
        evaluations: Vec<EvaluationPart>,
        /// Mails to the person that are not forgotten yet.
        mails: Vec<MailPart>,
        /// What the person did, the newest first; at most 10,000. Nothing of bids that are not opened yet.
        events: Vec<EventPart>,
        /// Whether there are older events.
        #[schema(example = false)]
        events_cut: bool,
        /// Who read the person's data, the newest first; at most 10,000.
        reads: Vec<ReadPart>,
        /// Whether there are older readings.
        #[schema(example = false)]
        reads_cut: bool,
    }
    AccountPart as PersonalAccount {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        id: Uuid,
        #[schema(example = "ana.kos@dispatch.example")]
        email: String,
        #[schema(example = "Ana Kos")]
        name: String,
        #[schema(schema_with = wire::language, example = "sl")]
        language: Language,
        #[schema(example = "Europe/Ljubljana")]
        time_zone: &'static str,
        #[schema(example = false)]
        administrator: bool,
        created_at: DateTime<Utc>,
        /// Whether log-ins take a one-time code.
        #[schema(example = true)]
        one_time_codes: bool,
        #[schema(example = 9)]
        recovery_codes_left: i64,
    }
    ApiKeyPart as PersonalApiKey {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        organisation: Uuid,
        #[schema(example = "Bid system")]
        name: String,
        /// How it begins.
        #[schema(example = "pvk_k7wq3mzd5tna")]
        prefix: String,
        created_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
        revoked_at: Option<DateTime<Utc>>,
        last_used_at: Option<DateTime<Utc>>,
        #[schema(example = "198.51.100.0/24")]
        last_used_network: Option<String>,
    }
    SessionPart as PersonalSession {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        id: Uuid,
        #[schema(example = "Mozilla/5.0 (X11; Linux x86_64)")]
        device: Option<String>,
        #[schema(example = "198.51.100.0/24")]
        network: Option<String>,
        created_at: DateTime<Utc>,
        last_seen_at: Option<DateTime<Utc>>,
        ended_at: Option<DateTime<Utc>>,
    }
    MembershipPart as PersonalMembership {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        organisation: Uuid,
        #[schema(example = "Northern Dispatch")]
        name: String,
        #[schema(example = json!(["author"]))]
        roles: Vec<String>,
        joined_at: DateTime<Utc>,
        suspended_at: Option<DateTime<Utc>>,
    }
    DelegationPart as PersonalDelegation {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        organisation: Uuid,
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        delegator: Uuid,
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        delegate: Uuid,
        #[schema(example = "pilot_manager")]
        role: String,
        #[schema(example = "Summer holiday")]
        reason: String,
        starts_at: DateTime<Utc>,
        ends_at: DateTime<Utc>,
    }
    InvitationPart as PersonalInvitation {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        organisation: Uuid,
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        invited_by: Uuid,
        #[schema(example = "accepted")]
        status: String,
        created_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    }
    PanelPart as PersonalPanel {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        challenge: Uuid,
        /// `chair`, `evaluator` or `opening`.
        #[schema(example = "evaluator")]
        duty: String,
    }
    FollowedPart as PersonalFollowedChallenge {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        challenge: Uuid,
        #[schema(schema_with = wire::follow_reason)]
        because: FollowReason,
        since: DateTime<Utc>,
        stopped_at: Option<DateTime<Utc>>,
    }
    QuestionPart as PersonalQuestion {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        id: Uuid,
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        challenge: Uuid,
        /// For which company.
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        company: Uuid,
        #[schema(example = "May our laboratory in Celje get recordings of calls?")]
        question: String,
        asked_at: DateTime<Utc>,
    }
    SearchPart as PersonalSavedSearch {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        id: Uuid,
        #[schema(example = "Floods in Slovenia")]
        name: String,
        #[schema(example = "q=flood&country=SI")]
        query: String,
        #[schema(schema_with = wire::alert)]
        alert: Alert,
        created_at: DateTime<Utc>,
    }
    DraftSavePart as PersonalDraftSave {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        draft: Uuid,
        begun_at: DateTime<Utc>,
        saved_at: DateTime<Utc>,
    }
    TeamConsentPart as PersonalTeamConsent {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        challenge: Uuid,
        /// In whose bid.
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        company: Uuid,
        #[schema(example = "Maja Oblak")]
        name: String,
        #[schema(example = "Leads the tests with call takers")]
        role: String,
        #[schema(schema_with = wire::consent_status, example = "agreed")]
        status: ConsentStatus,
        asked_at: DateTime<Utc>,
        agreed_at: Option<DateTime<Utc>>,
        refused_at: Option<DateTime<Utc>>,
    }
    DeclarationPart as PersonalDeclaration {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        challenge: Uuid,
        /// The bids with which there is a conflict.
        conflicts: Vec<Uuid>,
        declared_at: DateTime<Utc>,
    }
    EvaluationPart as PersonalEvaluation {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        bid: Uuid,
        scores: Vec<ScorePart>,
        submitted_at: Option<DateTime<Utc>>,
    }
    ScorePart as PersonalScore {
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        criterion: Uuid,
        #[schema(example = "4.5")]
        score: String,
        #[schema(example = "Tested on real recordings.")]
        comment: String,
    }
    MailPart as PersonalMail {
        created_at: DateTime<Utc>,
        /// When it was sent; what it said is forgotten then.
        sent_at: Option<DateTime<Utc>>,
        /// What kind of mail it is, while it waits.
        #[schema(example = "review_requested")]
        kind: Option<String>,
    }
    EventPart as PersonalEvent {
        #[schema(example = "challenge.published")]
        r#type: String,
        time: DateTime<Utc>,
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        organisation: Option<Uuid>,
        #[schema(example = "challenge")]
        subject_kind: String,
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        subject: Uuid,
        #[schema(example = "The new dispatch law makes the pilot unnecessary.")]
        reason: Option<String>,
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        request_id: String,
    }
    ReadPart as PersonalRead {
        /// Who read.
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        reader: Uuid,
        #[schema(example = "Ana Kos")]
        reader_name: String,
        #[schema(example = "user")]
        subject_kind: String,
        #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
        subject: Uuid,
        time: DateTime<Utc>,
    }
}

/// Get everything held about oneself
///
/// One document (GDPR, art. 15 and 20). Takes a step-up; the read log keeps that it was read. New fields may be added to
/// it; none is renamed or removed.
#[utoipa::path(tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "The document", body = ExportView), ReadProblems))]
#[get("/account/export")]
async fn export_personal_data(who: As<BeforeTerms<Recent<SignedIn>>>) -> Answer {
    let export = who.read_logged(|conn, caller| Ok(personal_data::export(conn, caller)?)).await?;
    Reply::ok(&view(export))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EraseOwnAccount {
    /// One's own e-mail address, typed once more.
    #[schema(example = "ana.kos@dispatch.example", max_length = 254)]
    confirm: String,
}

/// Be erased
///
/// Name and address go at once, with everything that serves to come in, and cannot be had back (GDPR, art. 17). What the
/// person decided stays on record, by an id that leads nowhere. Takes a step-up.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = EraseOwnAccount, security(("bearer" = [])),
    responses((status = 204, description = "Erased"), WriteProblems))]
#[post("/account/erase")]
async fn erase_own_account(who: As<BeforeTerms<Recent<SignedIn>>>, body: Body<EraseOwnAccount>) -> Answer {
    who.write(move |conn, caller| {
        personal_data::erase(conn, caller, &body.0.confirm)?;
        Ok(Reply::no_content())
    })
    .await
}

fn view(export: Export) -> ExportView {
    let (one_time_codes, recovery_codes_left) = export.one_time_codes;
    ExportView {
        made_at: export.made_at,
        account: AccountPart {
            id: export.user.id.0,
            email: export.user.email.as_str().to_owned(),
            name: export.profile.name,
            language: export.profile.language,
            time_zone: export.profile.time_zone.name(),
            administrator: export.user.administrator,
            created_at: export.user.created_at,
            one_time_codes,
            recovery_codes_left,
        },
        known_devices: export.devices,
        identities: export.identities.into_iter().map(Into::into).collect(),
        opening_keys: all(export.opening_keys),
        api_keys: all(export.api_keys),
        sessions: all(export.sessions),
        memberships: all(export.memberships),
        delegations: all(export.delegations),
        invitations: all(export.invitations),
        panels: export.duties.into_iter().map(|(challenge, duty)| PanelPart { challenge: challenge.0, duty }).collect(),
        followed_challenges: export.followed.into_iter().map(followed).collect(),
        questions: all(export.questions),
        saved_searches: export.searches.into_iter().map(search).collect(),
        draft_saves: export.draft_saves.into_iter().map(draft_save).collect(),
        team_consents: all(export.team_consents),
        calendar_token_since: export.calendar_token,
        conflict_declarations: export
            .declarations
            .into_iter()
            .map(|(challenge, bids, declared_at)| DeclarationPart {
                challenge: challenge.0,
                conflicts: bids.into_iter().map(|bid| bid.0).collect(),
                declared_at,
            })
            .collect(),
        evaluations: all(export.evaluations),
        mails: all(export.mails),
        events: all(export.events.items),
        events_cut: export.events.cut,
        reads: all(export.reads.items),
        reads_cut: export.reads.cut,
    }
}

fn all<T, V: From<T>>(items: Vec<T>) -> Vec<V> {
    items.into_iter().map(V::from).collect()
}

impl From<ApiKey> for ApiKeyPart {
    fn from(key: ApiKey) -> Self {
        let prefix = key.prefix();
        let (last_used_at, last_used_network) = key.last_use.unzip();
        Self {
            organisation: key.organisation.0,
            name: key.name,
            prefix,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            last_used_at,
            last_used_network,
        }
    }
}

impl From<held::Session> for SessionPart {
    fn from(session: held::Session) -> Self {
        let held::Session { id, client, created_at, last_seen_at, ended_at } = session;
        Self { id: id.0, device: client.device, network: client.network, created_at, last_seen_at, ended_at }
    }
}

impl From<held::Membership> for MembershipPart {
    fn from(membership: held::Membership) -> Self {
        let held::Membership { organisation: (id, name), roles, joined_at, suspended_at } = membership;
        Self { organisation: id.0, name, roles, joined_at, suspended_at }
    }
}

impl From<held::Delegation> for DelegationPart {
    fn from(delegation: held::Delegation) -> Self {
        Self {
            organisation: delegation.organisation.0,
            delegator: delegation.delegator.0,
            delegate: delegation.delegate.0,
            role: delegation.role,
            reason: delegation.reason,
            starts_at: delegation.starts_at,
            ends_at: delegation.ends_at,
        }
    }
}

impl From<held::Invitation> for InvitationPart {
    fn from(invitation: held::Invitation) -> Self {
        let held::Invitation { organisation, invited_by, status, created_at, expires_at } = invitation;
        Self { organisation: organisation.0, invited_by: invited_by.0, status, created_at, expires_at }
    }
}

impl From<TeamConsent> for TeamConsentPart {
    fn from(consent: TeamConsent) -> Self {
        let status = consent.status();
        let TeamConsent { challenge, company, name, role, asked_at, agreed_at, refused_at, .. } = consent;
        Self { challenge: challenge.0, company: company.0, name, role, status, asked_at, agreed_at, refused_at }
    }
}

impl From<held::Mail> for MailPart {
    fn from(mail: held::Mail) -> Self {
        Self { created_at: mail.created_at, sent_at: mail.sent_at, kind: mail.kind }
    }
}

impl From<Evaluation> for EvaluationPart {
    fn from(evaluation: Evaluation) -> Self {
        let score = |s: domain::CriterionScore| ScorePart {
            criterion: s.criterion.0,
            score: s.score.to_string(),
            comment: s.comment,
        };
        let scores = evaluation.scores.into_iter().map(score).collect();
        Self { bid: evaluation.bid.0, scores, submitted_at: evaluation.submitted_at }
    }
}

impl From<Question> for QuestionPart {
    fn from(question: Question) -> Self {
        let Question { id, challenge, company, original, asked_at, .. } = question;
        Self { id: id.0, challenge: challenge.0, company: company.0, question: original, asked_at }
    }
}

impl From<AuditEvent> for EventPart {
    fn from(event: AuditEvent) -> Self {
        Self {
            r#type: event.kind,
            time: event.occurred_at,
            organisation: event.organisation.map(|organisation| organisation.0),
            subject_kind: event.subject_kind,
            subject: event.subject_id,
            reason: event.reason,
            request_id: event.request_id,
        }
    }
}

impl From<ReadEntry> for ReadPart {
    fn from(read: ReadEntry) -> Self {
        let (reader, reader_name) = read.reader;
        let (subject_kind, subject, time) = (read.subject_kind, read.subject_id, read.read_at);
        Self { reader: reader.0, reader_name, subject_kind, subject, time }
    }
}

fn search(search: SavedSearch) -> SearchPart {
    let SavedSearch { id, said, created_at, .. } = search;
    SearchPart { id: id.0, query: said.query.to_query_string(), name: said.name, alert: said.alert, created_at }
}

fn draft_save((draft, save): (BidDraftId, DraftSave)) -> DraftSavePart {
    DraftSavePart { draft: draft.0, begun_at: save.begun_at, saved_at: save.saved_at }
}

fn followed((challenge, follower): (ChallengeId, Follower)) -> FollowedPart {
    let Follower { because, since, stopped_at, .. } = follower;
    FollowedPart { challenge: challenge.0, because, since, stopped_at }
}
