//! Challenges: drafting, editing, reading.

use super::challenge_view::{ChallengeView, SummaryView};
use crate::{
    Answer,
    access::{Anyone, As, Author, SignedIn},
    foundation::{
        Body, EditProblems, PageParams, Paged, Precondition, Query, ReadProblems, Reply, WriteProblems,
        query::WriteParams, wire,
    },
};
use actix_web::{get, patch, post, web};
use application::challenges::{self, Detail};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, FieldError, OrganisationId, Refusal,
    account::Language,
    challenge::{Content, Finding, Section, Severity},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::challenge_content::{ChallengeContent, zone};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(draft_challenge)
        .service(get_challenge)
        .service(get_checklist)
        .service(edit_challenge)
        .service(list_agency_challenges);
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DraftChallenge {
    /// The agency with the problem.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    agency: Uuid,
    /// What it says; everything but the title can be filled in later.
    content: ChallengeContent,
}

/// Draft a challenge
///
/// Takes the role `author` in the agency. Only the agency's members know of it until it is published.
#[utoipa::path(tag = "challenges", params(WriteParams), request_body = DraftChallenge,
    security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 201, description = "Drafted", body = ChallengeView), WriteProblems))]
#[post("/challenges")]
async fn draft_challenge(who: As<Author>, body: Body<DraftChallenge>) -> Answer {
    who.write(move |conn, caller| {
        let empty = Content::new("", zone(body.0.content.zone.as_deref())?);
        let content = body.0.content.apply(empty, conn).map_err(in_content)?;
        let detail = challenges::draft(conn, caller, OrganisationId(body.0.agency), content).map_err(in_content)?;
        let location = format!("/api/v1/challenges/{}", detail.challenge.id);
        let version = detail.challenge.version;
        Ok(Reply::created(location, &ChallengeView::of(detail, true))?.version(version))
    })
    .await
}

/// The content is a part of this body, so its fields are one level deeper.
fn in_content(error: application::Error) -> application::Error {
    match error {
        application::Error::Refused(Refusal::Invalid(errors)) if errors.iter().all(|e| e.pointer != "/agency") => {
            let deeper = |e: FieldError| FieldError { pointer: format!("/content{}", e.pointer), ..e };
            Refusal::Invalid(errors.into_iter().map(deeper).collect()).into()
        }
        other => other,
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadingParams {
    /// The language to read it in; texts that are not translated stay as they were written.
    #[param(schema_with = wire::language)]
    language: Option<Language>,
    /// `html` for long texts as HTML that is safe to show, instead of Markdown.
    #[param(schema_with = wire::text_format)]
    texts: Option<TextFormat>,
}

/// How long texts are given.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TextFormat {
    Markdown,
    Html,
}

/// See a challenge
///
/// Unpublished ones exist for the agency's members only. Confidential details are empty for all but the agency's members
/// and the companies that promised to keep them.
#[utoipa::path(tag = "challenges", params(ReadingParams, ("challenge" = Uuid, Path, description = "Its id")),
    security((), ("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "The challenge", body = ChallengeView), ReadProblems))]
#[get("/challenges/{challenge}")]
async fn get_challenge(who: Anyone, id: web::Path<Uuid>, query: Query<ReadingParams>) -> Answer {
    who.read(move |conn, viewer| {
        let mut detail = challenges::find(conn, viewer, ChallengeId(*id))?;
        let staff = viewer.is_some_and(|actor| actor.belongs_to(detail.challenge.agency));
        if let Some(language) = query.0.language {
            detail.challenge.content = detail.challenge.content.in_language(language);
        }
        let (version, view) = (detail.challenge.version, ChallengeView::of(detail, staff));
        let view = if query.0.texts == Some(TextFormat::Html) { view.rendered() } else { view };
        Ok(Reply::ok(&view)?.version(version))
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[schema(as = Checklist)]
struct ChecklistView {
    /// Whether nothing stands in the way of a review.
    #[schema(example = false)]
    complete: bool,
    sections: Vec<SectionView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SectionStatus)]
struct SectionView {
    #[schema(schema_with = wire::section)]
    section: Section,
    /// Whether the section has no errors.
    #[schema(example = true)]
    complete: bool,
    findings: Vec<FindingView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
struct FindingView {
    /// An `error` stands in the way of a review; a `warning` does not.
    #[schema(schema_with = wire::severity)]
    severity: Severity,
    /// The field, as a JSON Pointer.
    #[schema(example = "/problem/pain")]
    pointer: String,
    #[schema(example = "required")]
    code: &'static str,
    #[schema(example = "must not be empty")]
    detail: String,
}

impl ChecklistView {
    fn of(findings: &[Finding]) -> Self {
        let error = |finding: &&Finding| finding.severity == Severity::Error;
        let section = |section: Section| {
            let here = || findings.iter().filter(move |finding| finding.section == section);
            let complete = here().find(error).is_none();
            SectionView { section, complete, findings: here().map(FindingView::of).collect() }
        };
        Self { complete: findings.iter().find(error).is_none(), sections: Section::ALL.map(section).into() }
    }
}

impl FindingView {
    fn of(finding: &Finding) -> Self {
        let FieldError { pointer, code, detail } = finding.problem.clone();
        Self { severity: finding.severity, pointer, code, detail }
    }
}

/// See what a challenge still lacks
///
/// Section by section: what stands in the way of a review, and what would bring better answers. For the agency's members.
#[utoipa::path(tag = "challenges", params(("challenge" = Uuid, Path, description = "Its id")), security(("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "The checklist", body = ChecklistView), ReadProblems))]
#[get("/challenges/{challenge}/checklist")]
async fn get_checklist(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| Reply::ok(&ChecklistView::of(&challenges::checklist(conn, actor, ChallengeId(*id))?)))
        .await
}

/// Edit a challenge
///
/// Takes the role `author` in the agency, while it is a draft or changes were requested. Fields that are left out keep
/// their value.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = ChallengeContent, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Edited", body = ChallengeView), EditProblems))]
#[patch("/challenges/{challenge}")]
async fn edit_challenge(
    who: As<Author>,
    id: web::Path<Uuid>,
    seen: Precondition,
    body: Body<ChallengeContent>,
) -> Answer {
    who.write(move |conn, caller| {
        let change = |content, conn: &mut persistence::Conn| body.0.apply(content, conn);
        reply(challenges::edit(conn, caller, ChallengeId(*id), Some(seen.0), change)?, true)
    })
    .await
}

pub(crate) fn reply(detail: Detail, staff: bool) -> Answer {
    let version = detail.challenge.version;
    Ok(Reply::ok(&ChallengeView::of(detail, staff))?.version(version))
}

#[derive(Serialize, ToSchema)]
#[schema(as = ChallengePage)]
struct ChallengePageView {
    items: Vec<SummaryView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// List an agency's own challenges
///
/// Drafts included, the newest first; for the agency's members only.
#[utoipa::path(tag = "challenges", params(PageParams, ("organisation" = Uuid, Path, description = "The agency")),
    security(("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "A page", body = ChallengePageView), ReadProblems))]
#[get("/organisations/{organisation}/challenges")]
async fn list_agency_challenges(who: As<SignedIn>, agency: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let list = format!("organisations/{agency}/challenges");
    let (after, limit) = query.0.read::<(DateTime<Utc>, Uuid)>(&who.state().cursors, &list)?;
    let after = after.map(|(at, id)| (at, ChallengeId(id)));
    let page = who
        .read(move |conn, actor| {
            let rows = challenges::list_of_agency(conn, actor, OrganisationId(*agency), after, limit + 1)?;
            Ok(Paged::cut(rows, limit))
        })
        .await?;
    let next = page.last(|last| (Some(last.created_at), last.id.0)).map(|key| who.state().cursors.seal(&list, &key));
    page_reply(page, next.transpose()?, who.request())
}

fn page_reply(
    page: Paged<persistence::challenges::Summary>,
    next: Option<String>,
    request: &actix_web::HttpRequest,
) -> Answer {
    let items = page.items.into_iter().map(Into::into).collect();
    let page = ChallengePageView { items, next };
    Ok(Reply::ok(&page)?.next(request, page.next.as_ref()))
}
