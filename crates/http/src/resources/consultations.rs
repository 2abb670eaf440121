//! Market consultations: what companies answer, and what the agency learned.

use super::{challenge_view::ChallengeView, challenges::reply as challenge_reply};
use crate::{
    Answer, State,
    access::{Anyone, As, Bidder, Officer, SignedIn},
    foundation::{
        Body, EditProblems, PageParams, Paged, Precondition, Query, ReadProblems, Reply, WriteProblems,
        query::WriteParams,
    },
};
use actix_web::{HttpRequest, get, post, put, web};
use application::consultations::{self, Visible};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, ConsultationResponseId, OrganisationId,
    consultation::{Conclusion, Sight, Statement},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(submit_consultation_response)
        .service(replace_consultation_response)
        .service(withdraw_consultation_response)
        .service(get_consultation_response)
        .service(list_consultation_responses)
        .service(list_published_responses)
        .service(conclude_consultation)
        .service(get_conclusion);
}

/// What a company answers, and what may become of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Statement)]
struct StatementWire {
    /// Markdown.
    #[schema(example = "Calls can be told apart on site, with a model of 2 GB.", min_length = 1, max_length = 20_000)]
    text: String,
    /// Whether everybody may read it once the consultation is concluded.
    #[schema(example = true)]
    publishable: bool,
    /// Whether under the company's name; only if it is publishable.
    #[schema(example = false)]
    named: bool,
}

impl From<StatementWire> for Statement {
    fn from(StatementWire { text, publishable, named }: StatementWire) -> Self {
        Self { text, publishable, named }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubmitConsultationResponse {
    /// The company that answers.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    response: StatementWire,
}

/// A response to a market consultation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsultationResponse)]
struct ResponseView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
    /// Who answers; for everybody only if the company wanted that.
    company: Option<CompanyView>,
    /// Markdown.
    #[schema(example = "Calls can be told apart on site, with a model of 2 GB.")]
    text: String,
    /// Whether everybody may read it once the consultation is concluded.
    #[schema(example = true)]
    publishable: bool,
    /// Whether under the company's name.
    #[schema(example = false)]
    named: bool,
    /// 1 for the first version, one more with each replacement.
    #[schema(example = 1)]
    revision: Option<i32>,
    /// When this version was received.
    submitted_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    withdrawn_at: Option<DateTime<Utc>>,
    /// Grows with each change; the ETag. For the company only.
    #[schema(example = 1)]
    version: Option<i32>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RespondingCompany)]
struct CompanyView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "Calm Signal d.o.o.")]
    name: String,
}

impl From<Visible> for ResponseView {
    fn from(Visible { response, company_name, sight }: Visible) -> Self {
        let Statement { text, publishable, named } = response.statement;
        let (insider, own) = (sight != Sight::Public, sight == Sight::Own);
        let company = CompanyView { id: response.company.0, name: company_name };
        Self {
            id: response.id.0,
            challenge: response.challenge.0,
            company: Some(company).filter(|_| insider || named),
            text,
            publishable,
            named,
            revision: Some(response.revision).filter(|_| insider),
            submitted_at: Some(response.submitted_at).filter(|_| insider),
            withdrawn_at: response.withdrawn_at,
            version: Some(response.version).filter(|_| own),
        }
    }
}

/// Answer in a market consultation
///
/// Takes the role `bidder` in the company, before the deadline. Until then nobody but the company knows of the response; then
/// the agency reads it. A company has one response, which it can replace or withdraw.
#[utoipa::path(tag = "consultations", params(WriteParams, ("challenge" = Uuid, Path, description = "The consultation")),
    request_body = SubmitConsultationResponse, security(("bearer" = []), ("api_key" = ["consultations:write"])),
    responses((status = 201, description = "Received", body = ResponseView), WriteProblems))]
#[post("/challenges/{challenge}/consultation-responses")]
async fn submit_consultation_response(
    who: As<Bidder>,
    id: web::Path<Uuid>,
    body: Body<SubmitConsultationResponse>,
) -> Answer {
    who.write(move |conn, caller| {
        let SubmitConsultationResponse { company, response } = body.0;
        let company = OrganisationId(company);
        let visible = consultations::submit(conn, caller, ChallengeId(*id), company, response.into());
        let visible = visible.map_err(under_response)?;
        let (location, version) =
            (format!("/api/v1/consultation-responses/{}", visible.response.id), visible.response.version);
        Ok(Reply::created(location, &ResponseView::from(visible))?.version(version))
    })
    .await
}

/// The response is a part of this body, so its fields are one level deeper.
fn under_response(error: application::Error) -> application::Error {
    let deeper = |e: domain::FieldError| match e.pointer.as_str() {
        "/company" => e,
        pointer => domain::FieldError { pointer: format!("/response{pointer}"), ..e },
    };
    match error {
        application::Error::Refused(domain::Refusal::Invalid(errors)) => {
            domain::Refusal::Invalid(errors.into_iter().map(deeper).collect()).into()
        }
        other => other,
    }
}

/// Replace a response
///
/// Takes the role `bidder` in the company, before the deadline.
#[utoipa::path(tag = "consultations", params(WriteParams, ("response" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = StatementWire, security(("bearer" = []), ("api_key" = ["consultations:write"])),
    responses((status = 200, description = "Replaced", body = ResponseView), EditProblems))]
#[put("/consultation-responses/{response}")]
async fn replace_consultation_response(
    who: As<Bidder>,
    id: web::Path<Uuid>,
    seen: Precondition,
    body: Body<StatementWire>,
) -> Answer {
    who.write(move |conn, caller| {
        reply(consultations::replace(conn, caller, ConsultationResponseId(*id), Some(seen.0), body.0.into())?)
    })
    .await
}

/// Withdraw a response
///
/// Takes the role `bidder` in the company, before the deadline. The company may hand in another one afterwards.
#[utoipa::path(tag = "consultations", params(WriteParams, ("response" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["consultations:write"])),
    responses((status = 200, description = "Withdrawn", body = ResponseView), WriteProblems))]
#[post("/consultation-responses/{response}/withdraw")]
async fn withdraw_consultation_response(who: As<Bidder>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(consultations::withdraw(conn, caller, ConsultationResponseId(*id))?)).await
}

/// See a response
///
/// For its company; after the closing for authors, officers and auditors of the agency, which the read log keeps; after the
/// conclusion for everybody, if the company allowed it.
#[utoipa::path(tag = "consultations", params(("response" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["consultations:read"])),
    responses((status = 200, description = "The response", body = ResponseView), ReadProblems))]
#[get("/consultation-responses/{response}")]
async fn get_consultation_response(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read_logged(move |conn, caller| reply(consultations::read(conn, caller, ConsultationResponseId(*id))?)).await
}

fn reply(visible: Visible) -> Answer {
    let view = ResponseView::from(visible);
    let reply = Reply::ok(&view)?;
    Ok(match view.version {
        Some(version) => reply.version(version),
        None => reply,
    })
}

#[derive(Serialize, ToSchema)]
#[schema(as = ConsultationResponsePage)]
struct ResponsePageView {
    items: Vec<ResponseView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// List the responses to a market consultation
///
/// In the order in which they were first handed in: those of one's own companies; after the closing all that were not
/// withdrawn, for authors, officers and auditors of the agency, which the read log keeps; after the conclusion those that
/// may be published.
#[utoipa::path(tag = "consultations", params(PageParams, ("challenge" = Uuid, Path, description = "The consultation")),
    security(("bearer" = []), ("api_key" = ["consultations:read"])),
    responses((status = 200, description = "A page", body = ResponsePageView), ReadProblems))]
#[get("/challenges/{challenge}/consultation-responses")]
async fn list_consultation_responses(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let list = format!("challenges/{id}/consultation-responses");
    let (after, limit) = query.0.read::<Uuid>(&who.state().cursors, &list)?;
    let after = after.map(ConsultationResponseId);
    let found =
        who.read_logged(move |conn, caller| Ok(consultations::list(conn, caller, ChallengeId(*id), after, limit + 1)?));
    page_reply(found.await?, limit, &list, who.state(), who.request())
}

/// List the published responses to a market consultation
///
/// For everybody, after the conclusion: those whose companies allowed it, under their names if they wanted that.
#[utoipa::path(tag = "consultations", params(PageParams, ("challenge" = Uuid, Path, description = "The consultation")),
    security((), ("bearer" = []), ("api_key" = ["consultations:read"])),
    responses((status = 200, description = "A page", body = ResponsePageView), ReadProblems))]
#[get("/challenges/{challenge}/published-responses")]
async fn list_published_responses(who: Anyone, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let list = format!("challenges/{id}/published-responses");
    let (after, limit) = query.0.read::<Uuid>(&who.state().cursors, &list)?;
    let after = after.map(ConsultationResponseId);
    let found = who.read(move |conn, _| Ok(consultations::list_public(conn, ChallengeId(*id), after, limit + 1)?));
    page_reply(found.await?, limit, &list, who.state(), who.request())
}

fn page_reply(found: Vec<Visible>, limit: i64, list: &str, state: &State, request: &HttpRequest) -> Answer {
    let page = Paged::cut(found, limit);
    let next = page.last(|last| state.cursors.seal(list, &last.response.id.0)).transpose()?;
    let view = ResponsePageView { items: page.items.into_iter().map(Into::into).collect(), next };
    Ok(Reply::ok(&view)?.next(request, view.next.as_ref()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConcludeConsultation {
    /// What was learned; public, Markdown.
    #[schema(example = "Three companies can do it on site.", min_length = 1, max_length = 20_000)]
    summary: String,
    /// The challenge of the agency that follows; named to everybody once it is public.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    next: Option<Uuid>,
}

/// Conclude a market consultation
///
/// Takes the role `officer` in the agency, after the closing. The summary is public, and so are the responses whose companies
/// allowed it. A challenge that follows from it is begun by `POST /challenges/{challenge}/relaunch`.
#[utoipa::path(tag = "consultations", params(WriteParams, ("challenge" = Uuid, Path, description = "The consultation")),
    request_body = ConcludeConsultation, security(("bearer" = []), ("api_key" = ["consultations:write"])),
    responses((status = 200, description = "Concluded", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/conclude")]
async fn conclude_consultation(who: As<Officer>, id: web::Path<Uuid>, body: Body<ConcludeConsultation>) -> Answer {
    who.write(move |conn, caller| {
        let ConcludeConsultation { summary, next } = body.0;
        let next = next.map(ChallengeId);
        challenge_reply(consultations::conclude(conn, caller, ChallengeId(*id), &summary, next)?, true)
    })
    .await
}

/// How a market consultation ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Conclusion)]
struct ConclusionView {
    /// What was learned; Markdown.
    #[schema(example = "Three companies can do it on site.")]
    summary: String,
    /// The challenge that follows, if it is public or you belong to the agency.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    next: Option<Uuid>,
    concluded_at: DateTime<Utc>,
}

/// See how a market consultation ended
#[utoipa::path(tag = "consultations", params(("challenge" = Uuid, Path, description = "The consultation")),
    security((), ("bearer" = []), ("api_key" = ["consultations:read"])),
    responses((status = 200, description = "The conclusion", body = ConclusionView), ReadProblems))]
#[get("/challenges/{challenge}/conclusion")]
async fn get_conclusion(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let Conclusion { summary, next, at, .. } = consultations::conclusion(conn, viewer, ChallengeId(*id))?;
        Reply::ok(&ConclusionView { summary, next: next.map(|next| next.0), concluded_at: at })
    })
    .await
}
