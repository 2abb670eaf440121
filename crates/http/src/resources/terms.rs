//! The terms of use.

use crate::{
    Answer,
    access::{Administrator, Anyone, As, BeforeTerms, SignedIn},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{get, post, web};
use application::terms;
use chrono::{DateTime, Utc};
use domain::terms::Terms;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(publish_terms)
        .service(list_terms)
        .service(get_current_terms)
        .service(get_terms)
        .service(accept_terms);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PublishTerms {
    #[schema(example = "Terms of use", min_length = 1, max_length = 200)]
    title: String,
    /// Markdown.
    #[schema(example = "# Terms of use\n\nBe fair.", min_length = 1, max_length = 100_000)]
    content: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Terms)]
struct TermsView {
    /// Counted from 1; the highest is in force.
    #[schema(example = 3)]
    number: i32,
    #[schema(example = "Terms of use")]
    title: String,
    /// Markdown.
    #[schema(example = "# Terms of use\n\nBe fair.")]
    content: String,
    published_at: DateTime<Utc>,
}

impl From<Terms> for TermsView {
    fn from(terms: Terms) -> Self {
        let Terms { number, title, content, published_at, .. } = terms;
        Self { number, title, content, published_at }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TermsSummary)]
struct TermsSummaryView {
    #[schema(example = 3)]
    number: i32,
    #[schema(example = "Terms of use")]
    title: String,
    published_at: DateTime<Utc>,
}

impl From<Terms> for TermsSummaryView {
    fn from(terms: Terms) -> Self {
        let Terms { number, title, published_at, .. } = terms;
        Self { number, title, published_at }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = TermsPage)]
struct TermsPageView {
    items: Vec<TermsSummaryView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// Publish terms of use
///
/// For administrators. They are in force at once: everybody has to accept them before the next write.
#[utoipa::path(tag = "terms", params(WriteParams), request_body = PublishTerms, security(("bearer" = [])),
    responses((status = 201, description = "Published", body = TermsView), WriteProblems))]
#[post("/terms")]
async fn publish_terms(who: As<BeforeTerms<Administrator>>, body: Body<PublishTerms>) -> Answer {
    who.write(move |conn, caller| {
        let published = terms::publish(conn, caller, &body.0.title, &body.0.content)?;
        Reply::created(format!("/api/v1/terms/{}", published.number), &TermsView::from(published))
    })
    .await
}

/// List the versions of the terms of use
///
/// The newest first.
#[utoipa::path(tag = "terms", params(PageParams),
    security((), ("bearer" = []), ("api_key" = ["terms:read"])),
    responses((status = 200, description = "A page", body = TermsPageView), ReadProblems))]
#[get("/terms")]
async fn list_terms(who: Anyone, query: Query<PageParams>) -> Answer {
    let cursors = &who.state().cursors;
    let (before, limit) = query.0.read::<i32>(cursors, "terms")?;
    let read = who.read(move |conn, _| Ok(Paged::cut(terms::list(conn, before, limit + 1)?, limit)));
    let page = read.await?;
    let next = page.last(|last| cursors.seal("terms", &last.number)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&TermsPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// See the terms of use in force
///
/// 404 if there are none.
#[utoipa::path(tag = "terms",
    security((), ("bearer" = []), ("api_key" = ["terms:read"])),
    responses((status = 200, description = "The version in force", body = TermsView), ReadProblems))]
#[get("/terms/current")]
async fn get_current_terms(who: Anyone) -> Answer {
    who.read(|conn, _| Reply::ok(&TermsView::from(terms::current(conn)?))).await
}

/// See a version of the terms of use
#[utoipa::path(tag = "terms", params(("number" = i32, Path, description = "Its number", minimum = 1, maximum = 1_000_000)),
    security((), ("bearer" = []), ("api_key" = ["terms:read"])),
    responses((status = 200, description = "The version", body = TermsView), ReadProblems))]
#[get("/terms/{number}")]
async fn get_terms(who: Anyone, number: web::Path<i32>) -> Answer {
    who.read(move |conn, _| Reply::ok(&TermsView::from(terms::find(conn, *number)?))).await
}

/// Accept the terms of use
///
/// Only the version in force.
#[utoipa::path(tag = "terms", params(WriteParams, ("number" = i32, Path, description = "Its number", minimum = 1, maximum = 1_000_000)),
    security(("bearer" = [])), responses((status = 204, description = "Accepted"), WriteProblems))]
#[post("/terms/{number}/accept")]
async fn accept_terms(who: As<BeforeTerms<SignedIn>>, number: web::Path<i32>) -> Answer {
    who.write(move |conn, caller| {
        terms::accept(conn, caller, *number)?;
        Ok(Reply::no_content())
    })
    .await
}
