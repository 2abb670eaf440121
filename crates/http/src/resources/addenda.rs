//! Addenda: text that is added to a published challenge.

use crate::{
    Answer,
    access::{Anyone, As, Officer},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{get, post, web};
use application::addenda;
use chrono::{DateTime, Utc};
use domain::{ChallengeId, challenge::Addendum};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(publish_addendum).service(list_addenda);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PublishAddendum {
    /// What it is about, in one line.
    #[schema(example = "A visit to the call centre", min_length = 1, max_length = 200)]
    title: String,
    /// The text, in Markdown.
    #[schema(
        example = "Whoever wants to see the call centre comes on **8 December** at 10:00.",
        min_length = 1,
        max_length = 20_000
    )]
    body: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Addendum)]
struct AddendumView {
    /// Counts from 1.
    #[schema(example = 1)]
    number: i32,
    #[schema(example = "A visit to the call centre")]
    title: String,
    /// The text, in Markdown.
    #[schema(example = "Whoever wants to see the call centre comes on **8 December** at 10:00.")]
    body: String,
    published_at: DateTime<Utc>,
}

impl From<Addendum> for AddendumView {
    fn from(addendum: Addendum) -> Self {
        let Addendum { number, title, body, published_at, .. } = addendum;
        Self { number, title, body, published_at }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AddendumPage)]
struct AddendumPageView {
    items: Vec<AddendumView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// Publish an addendum
///
/// Adds text to a published challenge, before its deadline, and changes nothing of what it says: that takes a change notice.
/// Takes the role `officer` in the agency. Everybody who follows the challenge or bids is told.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = PublishAddendum, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 201, description = "Published", body = AddendumView), WriteProblems))]
#[post("/challenges/{challenge}/addenda")]
async fn publish_addendum(who: As<Officer>, id: web::Path<Uuid>, body: Body<PublishAddendum>) -> Answer {
    who.write(move |conn, caller| {
        let PublishAddendum { title, body } = body.0;
        let addendum = addenda::publish(conn, caller, ChallengeId(*id), &title, &body)?;
        Reply::created(format!("/api/v1/challenges/{id}/addenda"), &AddendumView::from(addendum))
    })
    .await
}

/// List the addenda of a challenge
///
/// The newest first.
#[utoipa::path(tag = "challenges", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security((), ("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "A page", body = AddendumPageView), ReadProblems))]
#[get("/challenges/{challenge}/addenda")]
async fn list_addenda(who: Anyone, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("challenges/{id}/addenda"));
    let (before, limit) = query.0.read::<i32>(cursors, &list)?;
    let page = who
        .read(move |conn, viewer| {
            Ok(Paged::cut(addenda::list(conn, viewer, ChallengeId(*id), before, limit + 1)?, limit))
        })
        .await?;
    let next = page.last(|last| cursors.seal(&list, &last.number)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&AddendumPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}
