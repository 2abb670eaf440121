//! Challenges made from earlier ones: copies, relaunches and templates.

use super::{challenge_view::ChallengeView, content_view::ContentView};
use crate::{
    Answer,
    access::{As, Author, SignedIn},
    foundation::{Body, ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{delete, get, post, web};
use application::{
    challenge_templates as templates,
    challenges::{self, Detail},
};
use chrono::{DateTime, Utc};
use domain::{ChallengeId, OrganisationId, TemplateId, challenge::Template};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(copy_challenge)
        .service(relaunch_challenge)
        .service(save_template)
        .service(list_templates)
        .service(get_template)
        .service(delete_template)
        .service(draft_from_template);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CopyChallenge {
    /// The agency that gets the draft.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    agency: Uuid,
}

/// Copy a challenge
///
/// A new draft that says the same, but for the dates. Takes the role `author` in the agency that gets it; any published
/// challenge can be copied, also of another agency.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "What to copy")),
    request_body = CopyChallenge, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 201, description = "Drafted", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/copy")]
async fn copy_challenge(who: As<Author>, id: web::Path<Uuid>, body: Body<CopyChallenge>) -> Answer {
    who.write(move |conn, caller| {
        drafted(challenges::copy(conn, caller, ChallengeId(*id), OrganisationId(body.0.agency))?)
    })
    .await
}

/// Try a challenge again
///
/// A new draft of the same agency that is linked to the earlier challenge, which has ended: cancelled, closed without an
/// award, or completed. Takes the role `author` in the agency.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The earlier one")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 201, description = "Drafted", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/relaunch")]
async fn relaunch_challenge(who: As<Author>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| drafted(challenges::relaunch(conn, caller, ChallengeId(*id))?)).await
}

fn drafted(detail: Detail) -> Answer {
    let location = format!("/api/v1/challenges/{}", detail.challenge.id);
    let version = detail.challenge.version;
    Ok(Reply::created(location, &ChallengeView::of(detail, true))?.version(version))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaveTemplate {
    /// What it is called; unique in the agency.
    #[schema(example = "Small pilot with call centres", min_length = 1, max_length = 100)]
    name: String,
    /// Whose content it takes over.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TemplateSummary)]
struct TemplateSummaryView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "Small pilot with call centres")]
    name: String,
    /// Who made it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    author: Uuid,
    created_at: DateTime<Utc>,
}

impl From<&Template> for TemplateSummaryView {
    fn from(template: &Template) -> Self {
        let Template { id, name, author, created_at, .. } = template;
        Self { id: id.0, name: name.clone(), author: author.0, created_at: *created_at }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Template)]
struct TemplateView {
    #[serde(flatten)]
    summary: TemplateSummaryView,
    content: ContentView,
}

impl From<Template> for TemplateView {
    fn from(template: Template) -> Self {
        Self { summary: (&template).into(), content: ContentView::of(template.content) }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = TemplateList)]
struct TemplateListView {
    items: Vec<TemplateSummaryView>,
}

/// Save a template
///
/// What a challenge says, but for the dates, to begin others with. Takes the role `author` in the agency; it can be a
/// published challenge of another agency.
#[utoipa::path(tag = "challenges", params(WriteParams, ("organisation" = Uuid, Path, description = "The agency")),
    request_body = SaveTemplate, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 201, description = "Saved", body = TemplateView), WriteProblems))]
#[post("/organisations/{organisation}/challenge-templates")]
async fn save_template(who: As<Author>, id: web::Path<Uuid>, body: Body<SaveTemplate>) -> Answer {
    who.write(move |conn, caller| {
        let SaveTemplate { name, challenge } = body.0;
        let template = templates::save(conn, caller, OrganisationId(*id), ChallengeId(challenge), &name)?;
        let location = format!("/api/v1/organisations/{id}/challenge-templates/{}", template.id);
        Reply::created(location, &TemplateView::from(template))
    })
    .await
}

/// List templates
///
/// All of the agency, at most 200, by name; for its members.
#[utoipa::path(tag = "challenges", params(("organisation" = Uuid, Path, description = "The agency")),
    security(("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "All of them", body = TemplateListView), ReadProblems))]
#[get("/organisations/{organisation}/challenge-templates")]
async fn list_templates(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let items = templates::list(conn, actor, OrganisationId(*id))?.iter().map(Into::into).collect();
        Reply::ok(&TemplateListView { items })
    })
    .await
}

/// See a template
///
/// For the agency's members.
#[utoipa::path(tag = "challenges",
    params(("organisation" = Uuid, Path, description = "The agency"), ("template" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "The template", body = TemplateView), ReadProblems))]
#[get("/organisations/{organisation}/challenge-templates/{template}")]
async fn get_template(who: As<SignedIn>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    who.read(move |conn, actor| {
        let template = templates::find(conn, actor, OrganisationId(path.0), TemplateId(path.1))?;
        Reply::ok(&TemplateView::from(template))
    })
    .await
}

/// Delete a template
///
/// Takes the role `author` in the agency. Challenges that began with it stay.
#[utoipa::path(tag = "challenges", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The agency"), ("template" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])), responses((status = 204, description = "Deleted"), WriteProblems))]
#[delete("/organisations/{organisation}/challenge-templates/{template}")]
async fn delete_template(who: As<Author>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    who.write(move |conn, caller| {
        templates::delete(conn, caller, OrganisationId(path.0), TemplateId(path.1))?;
        Ok(Reply::no_content())
    })
    .await
}

/// Draft a challenge from a template
///
/// Takes the role `author` in the agency.
#[utoipa::path(tag = "challenges", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The agency"), ("template" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 201, description = "Drafted", body = ChallengeView), WriteProblems))]
#[post("/organisations/{organisation}/challenge-templates/{template}/draft")]
async fn draft_from_template(who: As<Author>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    who.write(move |conn, caller| drafted(templates::draft(conn, caller, OrganisationId(path.0), TemplateId(path.1))?))
        .await
}
