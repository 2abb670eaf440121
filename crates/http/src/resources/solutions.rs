//! The catalogue of solutions.

use super::{
    challenges::TextFormat,
    solution_content::{ContentView, SolutionContentWire},
};
use crate::{
    Answer,
    access::{Anyone, As, SignedIn},
    foundation::{
        Body, EditProblems, PageParams, Paged, Precondition, Query, ReadProblems, Reply, WriteProblems, cursor,
        query::WriteParams, wire,
    },
};
use actix_web::{get, post, put, web};
use application::solutions::{self, Listed};
use chrono::{DateTime, Utc};
use domain::{
    OrganisationId, SolutionId,
    solution::{Maturity, SolutionStatus, Visibility, searched_words},
};
use persistence::solutions::{Sought, Summary};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_solutions)
        .service(get_solution)
        .service(draft_solution)
        .service(list_company_solutions)
        .service(edit_solution)
        .service(publish_solution)
        .service(withdraw_solution);
}

/// The company behind a listing.
#[derive(Serialize, ToSchema)]
#[schema(as = SolutionCompany)]
pub(crate) struct CompanyView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    pub(crate) id: Uuid,
    #[schema(example = "Calm Signal")]
    pub(crate) name: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Solution)]
struct SolutionView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    company: CompanyView,
    #[schema(schema_with = wire::solution_status)]
    status: SolutionStatus,
    content: ContentView,
    created_at: DateTime<Utc>,
    /// When it came into the catalogue the last time; nothing while it is not there.
    published_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    #[schema(example = 1)]
    version: i32,
}

impl From<Listed> for SolutionView {
    fn from(Listed { solution, company }: Listed) -> Self {
        Self {
            id: solution.id.0,
            company: CompanyView { id: company.id.0, name: company.legal_name },
            status: solution.status,
            content: ContentView::of(solution.content),
            created_at: solution.created_at,
            published_at: solution.published_at,
            version: solution.version,
        }
    }
}

/// What a list shows of a listing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SolutionSummary)]
pub(crate) struct SummaryView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    company: CompanyView,
    #[schema(schema_with = wire::solution_status)]
    status: SolutionStatus,
    #[schema(schema_with = wire::visibility)]
    visibility: Visibility,
    #[schema(schema_with = wire::maturity)]
    maturity: Maturity,
    #[schema(example = "Hearing distress in emergency calls")]
    title: String,
    #[schema(example = "Sorts calls by how urgent the voice sounds.")]
    summary: String,
    created_at: DateTime<Utc>,
    published_at: Option<DateTime<Utc>>,
}

impl From<Summary> for SummaryView {
    fn from(summary: Summary) -> Self {
        let (company, name) = summary.company;
        Self {
            id: summary.id.0,
            company: CompanyView { id: company.0, name },
            status: summary.status,
            visibility: summary.visibility,
            maturity: summary.maturity,
            title: summary.title,
            summary: summary.summary,
            created_at: summary.created_at,
            published_at: summary.published_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = SolutionPage)]
struct SolutionPageView {
    items: Vec<SummaryView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Only listings in whose title words begin so, all of them; the first five words count.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Only listings with this tag.
    #[param(max_length = 40)]
    tag: Option<String>,
    /// Only listings with a CPV code that begins with these digits.
    #[param(pattern = "^[0-9]{2,8}$")]
    cpv: Option<String>,
    /// Only listings of this company.
    company: Option<Uuid>,
    /// Only listings that have come so far.
    #[param(schema_with = wire::maturity)]
    maturity: Option<Maturity>,
    /// `next` of the page before.
    #[param(max_length = 500)]
    after: Option<String>,
    /// How many to give; 50 if not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

impl ListParams {
    fn sought(&self) -> Sought {
        Sought {
            words: self.q.as_deref().filter(|q| !q.trim().is_empty()).map(searched_words),
            tag: self.tag.clone(),
            cpv: self.cpv.clone(),
            company: self.company.map(OrganisationId),
            maturity: self.maturity,
        }
    }
}

/// Look through the catalogue of solutions
///
/// The newest publication first. Listings for members are there for the people of verified organisations; those of
/// suspended companies are not.
#[utoipa::path(tag = "solutions", params(ListParams),
    security((), ("bearer" = []), ("api_key" = ["solutions:read"])),
    responses((status = 200, description = "A page", body = SolutionPageView), ReadProblems))]
#[get("/solutions")]
async fn list_solutions(who: Anyone, query: Query<ListParams>) -> Answer {
    let (sought, limit) = (query.0.sought(), query.0.limit.unwrap_or(cursor::DEFAULT_LIMIT));
    let (cursors, list) = (&who.state().cursors, format!("solutions?{sought:?}"));
    let after = query.0.after.map(|after| cursors.open::<(DateTime<Utc>, Uuid)>(&list, &after)).transpose()?;
    let after = after.map(|(at, id)| (at, SolutionId(id)));
    let page = who
        .read(move |conn, viewer| Ok(Paged::cut(solutions::list(conn, viewer, &sought, after, limit + 1)?, limit)))
        .await?;
    let next = page.last(|last| (last.published_at, last.id.0)).map(|key| cursors.seal(&list, &key)).transpose()?;
    reply(page, next, who.request())
}

/// List a company's own listings
///
/// Drafts and withdrawn ones included, the newest first; for the company's members only.
#[utoipa::path(tag = "solutions", params(PageParams, ("organisation" = Uuid, Path, description = "The company")),
    security(("bearer" = []), ("api_key" = ["solutions:read"])),
    responses((status = 200, description = "A page", body = SolutionPageView), ReadProblems))]
#[get("/organisations/{organisation}/solutions")]
async fn list_company_solutions(who: As<SignedIn>, company: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("organisations/{company}/solutions"));
    let (after, limit) = query.0.read::<Uuid>(cursors, &list)?;
    let (company, after) = (OrganisationId(*company), after.map(SolutionId));
    let page = who
        .read(move |conn, actor| {
            Ok(Paged::cut(solutions::list_of_company(conn, actor, company, after, limit + 1)?, limit))
        })
        .await?;
    let next = page.last(|last| last.id.0).map(|key| cursors.seal(&list, &key)).transpose()?;
    reply(page, next, who.request())
}

fn reply(page: Paged<Summary>, next: Option<String>, request: &actix_web::HttpRequest) -> Answer {
    let items = page.items.into_iter().map(Into::into).collect();
    let page = SolutionPageView { items, next };
    Ok(Reply::ok(&page)?.next(request, page.next.as_ref()))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadingParams {
    /// `html` for the description as HTML that is safe to show, instead of Markdown.
    #[param(schema_with = wire::text_format)]
    texts: Option<TextFormat>,
}

/// See a solution
///
/// Drafts and withdrawn ones exist for the company's members only.
#[utoipa::path(tag = "solutions", params(ReadingParams, ("solution" = Uuid, Path, description = "Its id")),
    security((), ("bearer" = []), ("api_key" = ["solutions:read"])),
    responses((status = 200, description = "The listing", body = SolutionView), ReadProblems))]
#[get("/solutions/{solution}")]
async fn get_solution(who: Anyone, id: web::Path<Uuid>, query: Query<ReadingParams>) -> Answer {
    who.read(move |conn, viewer| {
        let mut view = SolutionView::from(solutions::find(conn, viewer, SolutionId(*id))?);
        if query.0.texts == Some(TextFormat::Html) {
            view.content = view.content.rendered();
        }
        Ok(Reply::ok(&view)?.version(view.version))
    })
    .await
}

/// Draft a listing
///
/// Takes the role `bidder` or `owner` in the company. Only its members know of it until it is published.
#[utoipa::path(tag = "solutions", params(WriteParams, ("organisation" = Uuid, Path, description = "The company")),
    request_body = SolutionContentWire, security(("bearer" = []), ("api_key" = ["solutions:write"])),
    responses((status = 201, description = "Drafted", body = SolutionView), WriteProblems))]
#[post("/organisations/{organisation}/solutions")]
async fn draft_solution(who: As<SignedIn>, company: web::Path<Uuid>, body: Body<SolutionContentWire>) -> Answer {
    who.write(move |conn, caller| {
        let content = body.0.read(conn)?;
        let view = SolutionView::from(solutions::draft(conn, caller, OrganisationId(*company), content)?);
        Ok(Reply::created(format!("/api/v1/solutions/{}", view.id), &view)?.version(view.version))
    })
    .await
}

/// Edit a listing
///
/// Takes the role `bidder` or `owner` in the company. The content is written anew; what is in the catalogue must stay
/// complete.
#[utoipa::path(tag = "solutions", params(WriteParams, ("solution" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = SolutionContentWire, security(("bearer" = []), ("api_key" = ["solutions:write"])),
    responses((status = 200, description = "Edited", body = SolutionView), EditProblems))]
#[put("/solutions/{solution}")]
async fn edit_solution(
    who: As<SignedIn>,
    id: web::Path<Uuid>,
    seen: Precondition,
    body: Body<SolutionContentWire>,
) -> Answer {
    who.write(move |conn, caller| {
        let content = body.0.read(conn)?;
        changed(solutions::edit(conn, caller, SolutionId(*id), Some(seen.0), content)?)
    })
    .await
}

/// Publish a listing
///
/// Puts it into the catalogue. Takes the role `bidder` or `owner` in the company, which must be verified.
#[utoipa::path(tag = "solutions", params(WriteParams, ("solution" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["solutions:write"])),
    responses((status = 200, description = "In the catalogue", body = SolutionView), WriteProblems))]
#[post("/solutions/{solution}/publish")]
async fn publish_solution(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| changed(solutions::publish(conn, caller, SolutionId(*id))?)).await
}

/// Withdraw a listing
///
/// Takes it out of the catalogue; it can be published again. Takes the role `bidder` or `owner` in the company.
#[utoipa::path(tag = "solutions", params(WriteParams, ("solution" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["solutions:write"])),
    responses((status = 200, description = "Withdrawn", body = SolutionView), WriteProblems))]
#[post("/solutions/{solution}/withdraw")]
async fn withdraw_solution(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| changed(solutions::withdraw(conn, caller, SolutionId(*id))?)).await
}

fn changed(listed: Listed) -> Answer {
    let view = SolutionView::from(listed);
    Ok(Reply::ok(&view)?.version(view.version))
}
