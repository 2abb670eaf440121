//! Searches that people keep, to be told what is new.

use super::challenge_params::ChallengeParams;
use crate::{
    Answer, Error,
    access::{As, SignedIn},
    foundation::{
        Body, EditProblems, Precondition, ReadProblems, Reply, WriteProblems,
        query::{WriteParams, parse},
        wire,
    },
};
use actix_web::{delete, get, patch, post, web};
use application::saved_searches as searches;
use chrono::{DateTime, Utc};
use domain::{
    ChallengeQuery, FieldError, Refusal, SavedSearchId,
    saved_search::{Alert, SavedSearch, SearchDraft},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(save_search)
        .service(list_saved_searches)
        .service(get_saved_search)
        .service(change_saved_search)
        .service(remove_saved_search);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaveSearch {
    /// Of your searches each another.
    #[schema(example = "Floods in Slovenia", min_length = 1, max_length = 100)]
    name: String,
    /// What is asked: the parameters of `GET /challenges` as they stand behind the question mark, without `after` and `limit`.
    #[schema(example = "q=flood&country=SI", max_length = 4000)]
    query: String,
    /// How often you get a mail with what was published since the last one.
    #[schema(schema_with = wire::alert, example = "daily")]
    alert: Alert,
}

/// What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeSavedSearch {
    #[schema(example = "Floods in Slovenia", min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    /// As for a new search.
    #[schema(example = "q=flood&country=SI", max_length = 4000, nullable = false)]
    query: Option<String>,
    #[schema(schema_with = wire::alert, example = "weekly")]
    alert: Option<Alert>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SavedSearch)]
struct SavedSearchView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "Floods in Slovenia")]
    name: String,
    /// The same for equal queries. Works behind `/challenges`, `/challenges.atom` and `/challenges.ics`.
    #[schema(example = "q=flood&country=SI")]
    query: String,
    #[schema(schema_with = wire::alert, example = "daily")]
    alert: Alert,
    /// When it is looked for what is new.
    next_alert_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    /// Grows with each change; for `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl From<SavedSearch> for SavedSearchView {
    fn from(search: SavedSearch) -> Self {
        let SavedSearch { id, said, next_alert_at, created_at, version, .. } = search;
        let (query, SearchDraft { name, alert, .. }) = (said.query.to_query_string(), said);
        Self { id: id.0, name, query, alert, next_alert_at, created_at, version }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = SavedSearchList)]
struct SavedSearchListView {
    items: Vec<SavedSearchView>,
}

/// The query that is meant. That it is wrong is a wrong field of the body.
fn read(query: &str) -> Result<ChallengeQuery, Error> {
    let read = parse::<ChallengeParams>(query.trim_start_matches('?')).and_then(ChallengeParams::query);
    read.map_err(|error| match error {
        Error::InvalidQuery(errors) => {
            let here = |e: FieldError| FieldError::new("/query", e.code, format!("{}: {}", e.pointer, e.detail));
            Refusal::Invalid(errors.into_iter().map(here).collect()).into()
        }
        error => error,
    })
}

/// Save a search
///
/// At most 50. With an alert you get a mail with up to 20 challenges once a day or week, if something was published that the search
/// finds.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = SaveSearch, security(("bearer" = [])),
    responses((status = 201, description = "Saved", body = SavedSearchView), WriteProblems))]
#[post("/account/saved-searches")]
async fn save_search(who: As<SignedIn>, body: Body<SaveSearch>) -> Answer {
    let SaveSearch { name, query, alert } = body.0;
    let said = SearchDraft { name, query: read(&query)?, alert };
    who.write(move |conn, caller| {
        let view = SavedSearchView::from(searches::save(conn, caller, said)?);
        let location = format!("/api/v1/account/saved-searches/{}", view.id);
        Ok(Reply::created(location, &view)?.version(view.version))
    })
    .await
}

/// List one's saved searches
///
/// By name.
#[utoipa::path(tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "The searches", body = SavedSearchListView), ReadProblems))]
#[get("/account/saved-searches")]
async fn list_saved_searches(who: As<SignedIn>) -> Answer {
    who.read(|conn, actor| {
        let items = searches::list(conn, actor)?.into_iter().map(Into::into).collect();
        Reply::ok(&SavedSearchListView { items })
    })
    .await
}

/// See a saved search
#[utoipa::path(tag = "accounts", params(("search" = Uuid, Path, description = "Its id")), security(("bearer" = [])),
    responses((status = 200, description = "The search", body = SavedSearchView), ReadProblems))]
#[get("/account/saved-searches/{search}")]
async fn get_saved_search(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let view = SavedSearchView::from(searches::find(conn, actor, SavedSearchId(*id))?);
        Ok(Reply::ok(&view)?.version(view.version))
    })
    .await
}

/// Change a saved search
///
/// With another query or alert, what was published until now is not told any more.
#[utoipa::path(tag = "accounts", params(WriteParams, ("search" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = ChangeSavedSearch, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = SavedSearchView), EditProblems))]
#[patch("/account/saved-searches/{search}")]
async fn change_saved_search(
    who: As<SignedIn>,
    id: web::Path<Uuid>,
    seen: Precondition,
    body: Body<ChangeSavedSearch>,
) -> Answer {
    let ChangeSavedSearch { name, query, alert } = body.0;
    let query = query.map(|query| read(&query)).transpose()?;
    who.write(move |conn, caller| {
        let change = |said: SearchDraft| SearchDraft {
            name: name.unwrap_or(said.name),
            query: query.unwrap_or(said.query),
            alert: alert.unwrap_or(said.alert),
        };
        let view = SavedSearchView::from(searches::change(conn, caller, SavedSearchId(*id), Some(seen.0), change)?);
        Ok(Reply::ok(&view)?.version(view.version))
    })
    .await
}

/// Remove a saved search
///
/// With its mails.
#[utoipa::path(tag = "accounts", params(WriteParams, ("search" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    security(("bearer" = [])), responses((status = 204, description = "Removed"), EditProblems))]
#[delete("/account/saved-searches/{search}")]
async fn remove_saved_search(who: As<SignedIn>, id: web::Path<Uuid>, seen: Precondition) -> Answer {
    who.write(move |conn, caller| {
        searches::remove(conn, caller, SavedSearchId(*id), Some(seen.0))?;
        Ok(Reply::no_content())
    })
    .await
}
