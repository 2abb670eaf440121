//! Asking people whether they agree to be named in the team of a bid, and their answers.

use super::challenge_view::SummaryView;
use crate::{
    Answer,
    access::{Anyone, As, Bidder},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{delete, get, post, web};
use application::team_consents::{self as consents, Shown};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, OrganisationId, TeamConsent, TeamConsentId,
    team_consent::{ConsentStatus, NewTeamConsent},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(ask_team_member)
        .service(list_team_consents)
        .service(take_back_team_request)
        .service(look_at_team_consent)
        .service(answer_team_consent);
}

/// That somebody is asked to agree to be named in the team of a bid.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TeamConsent)]
struct TeamConsentView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
    /// In whose bid.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// Who is asked.
    #[schema(example = "Maja Oblak")]
    name: String,
    /// Where the mail went; none any more if the person was erased.
    #[schema(example = "maja.oblak@people.example")]
    email: Option<String>,
    /// With which part.
    #[schema(example = "Leads the tests with call takers")]
    role: String,
    #[schema(schema_with = wire::consent_status, example = "agreed")]
    status: ConsentStatus,
    asked_at: DateTime<Utc>,
    /// When the person agreed last.
    agreed_at: Option<DateTime<Utc>>,
    /// When the person refused, or took the consent back.
    refused_at: Option<DateTime<Utc>>,
}

impl From<TeamConsent> for TeamConsentView {
    fn from(consent: TeamConsent) -> Self {
        let status = consent.status();
        let TeamConsent { id, challenge, company, name, email, role, asked_at, agreed_at, refused_at } = consent;
        let email = email.map(|email| email.as_str().to_owned());
        let (id, challenge, company) = (id.0, challenge.0, company.0);
        Self { id, challenge, company, name, email, role, status, asked_at, agreed_at, refused_at }
    }
}

/// Whether somebody whom the opened offer names agreed to that.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MemberConsent)]
pub(super) struct MemberConsentView {
    /// What the person said on the platform; none if nobody asked there, with this name and this role.
    #[schema(schema_with = wire::consent_status, example = "agreed")]
    status: Option<ConsentStatus>,
    agreed_at: Option<DateTime<Utc>>,
    /// When the person refused, or took the consent back. From the deadline on, that is only noted.
    refused_at: Option<DateTime<Utc>>,
}

impl From<Option<TeamConsent>> for MemberConsentView {
    fn from(consent: Option<TeamConsent>) -> Self {
        Self {
            status: consent.as_ref().map(TeamConsent::status),
            agreed_at: consent.as_ref().and_then(|consent| consent.agreed_at),
            refused_at: consent.and_then(|consent| consent.refused_at),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskTeamMember {
    /// The company that will bid; the caller has the role `bidder` in it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// The name, as the offer will say it.
    #[schema(example = "Maja Oblak", min_length = 1, max_length = 100)]
    name: String,
    /// Where the mail goes; the person needs no account.
    #[schema(example = "maja.oblak@people.example", max_length = 254)]
    email: String,
    /// The part in the pilot, as the offer will say it.
    #[schema(example = "Leads the tests with call takers", min_length = 1, max_length = 200)]
    role: String,
}

/// Ask somebody to agree to be named
///
/// In the `team` of the company's bid, with this role: the person gets a mail with a link, and needs no account. At most 30
/// for each company and challenge, while bids are taken. Nobody else learns of it before the bids are opened. Takes the
/// role `bidder` in the company.
#[utoipa::path(tag = "bids", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = AskTeamMember, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 201, description = "Asked", body = TeamConsentView), WriteProblems))]
#[post("/challenges/{challenge}/team-consents")]
async fn ask_team_member(who: As<Bidder>, challenge: web::Path<Uuid>, body: Body<AskTeamMember>) -> Answer {
    who.write(move |conn, caller| {
        let AskTeamMember { company, name, email, role } = body.0;
        let new = NewTeamConsent { name, email, role };
        let sent = consents::ask(conn, caller, ChallengeId(*challenge), OrganisationId(company), &new)?;
        let location = format!("/api/v1/challenges/{challenge}/team-consents");
        Reply::created(location, &TeamConsentView::from(sent.consent))
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[schema(as = TeamConsentPage)]
struct TeamConsentPageView {
    items: Vec<TeamConsentView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// List whom one's own companies asked to be named
///
/// In bids for this challenge, in the order in which they were asked: of those companies in which one has the role `bidder`.
#[utoipa::path(tag = "bids", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = TeamConsentPageView), ReadProblems))]
#[get("/challenges/{challenge}/team-consents")]
async fn list_team_consents(who: As<Bidder>, challenge: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("challenges/{challenge}/team-consents"));
    let (after, limit) = query.0.read::<Uuid>(cursors, &list)?;
    let (challenge, after) = (ChallengeId(*challenge), after.map(TeamConsentId));
    let found = who.read(move |conn, actor| Ok(consents::list(conn, actor, challenge, after, limit + 1)?)).await?;
    let page = Paged::cut(found, limit);
    let next = page.last(|last| cursors.seal(&list, &last.id.0)).transpose()?;
    let view = TeamConsentPageView { items: wire::all(page.items), next };
    Ok(Reply::ok(&view)?.next(who.request(), view.next.as_ref()))
}

/// Take back a request to be named
///
/// An hour after it was sent or later, and before the deadline. What the person said is deleted, and the link stops
/// working. Takes the role `bidder` in the company.
#[utoipa::path(tag = "bids", params(WriteParams, ("team_consent" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 204, description = "Taken back"), WriteProblems))]
#[delete("/team-consents/{team_consent}")]
async fn take_back_team_request(who: As<Bidder>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| {
        consents::take_back_request(conn, caller, TeamConsentId(*id))?;
        Ok(Reply::no_content())
    })
    .await
}

/// What somebody is asked, behind the link in the mail.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TeamRequest)]
struct TeamRequestView {
    challenge: SummaryView,
    /// The company that would name the person.
    #[schema(example = "Calm Signal")]
    company: String,
    #[schema(example = "Maja Oblak")]
    name: String,
    #[schema(example = "Leads the tests with call takers")]
    role: String,
    #[schema(schema_with = wire::consent_status, example = "asked")]
    status: ConsentStatus,
    agreed_at: Option<DateTime<Utc>>,
    /// When the person refused, or took the consent back.
    refused_at: Option<DateTime<Utc>>,
}

impl From<Shown> for TeamRequestView {
    fn from(Shown { consent, company, challenge }: Shown) -> Self {
        Self {
            challenge: challenge.into(),
            company,
            status: consent.status(),
            name: consent.name,
            role: consent.role,
            agreed_at: consent.agreed_at,
            refused_at: consent.refused_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LookAtTeamConsent {
    /// The token from the link in the mail.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    token: String,
}

/// Look at a request to be named
///
/// For whoever holds the link in the mail. Takes no account, and changes nothing.
#[utoipa::path(tag = "bids", params(WriteParams), request_body = LookAtTeamConsent,
    responses((status = 200, description = "What is asked", body = TeamRequestView), WriteProblems))]
#[post("/team-consents/look")]
async fn look_at_team_consent(who: Anyone, body: Body<LookAtTeamConsent>) -> Answer {
    who.write(move |conn, _| Reply::ok(&TeamRequestView::from(consents::look(conn, &body.0.token)?))).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerTeamConsent {
    /// The token from the link in the mail.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    token: String,
    /// Whether the person agrees; with false, a consent is taken back.
    #[schema(example = true)]
    agrees: bool,
}

/// Agree to be named, or not
///
/// For whoever holds the link in the mail; takes no account. A consent is given, and can be taken back, until the deadline.
/// What is said later is noted beside it. The link goes on working.
#[utoipa::path(tag = "bids", params(WriteParams), request_body = AnswerTeamConsent,
    responses((status = 200, description = "Kept", body = TeamRequestView), WriteProblems))]
#[post("/team-consents/answer")]
async fn answer_team_consent(who: Anyone, body: Body<AnswerTeamConsent>) -> Answer {
    who.write(move |conn, request_id| {
        let AnswerTeamConsent { token, agrees } = body.0;
        Reply::ok(&TeamRequestView::from(consents::answer(conn, request_id, &token, agrees)?))
    })
    .await
}
