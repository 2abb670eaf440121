//! Keys with which programs act in the place of people.

use crate::{
    Answer,
    access::{As, Owner, Recent, all_scopes},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{delete, get, post, web};
use application::api_keys::{self, Issued, Listed};
use chrono::{DateTime, Utc};
use domain::{
    ApiKeyId, OrganisationId,
    api_key::{DEFAULT_DAYS, DEFAULT_OVERLAP_HOURS, NewApiKey, Rotation},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create_api_key).service(list_api_keys).service(rotate_api_key).service(revoke_api_key);
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateApiKey {
    /// What it is for.
    #[schema(example = "Bid system", min_length = 1, max_length = 100)]
    name: String,
    /// What it may be used for: the scopes that operations name under `api_key`.
    #[schema(example = json!(["challenges:read", "bids:write"]), min_items = 1, max_items = 100, inline)]
    scopes: Vec<Scope>,
    /// Where it may be used, in CIDR notation; nothing means everywhere.
    #[serde(default)]
    #[schema(example = json!(["203.0.113.0/24", "2001:db8::/48"]), max_items = 20, inline)]
    networks: Vec<NetworkText>,
    /// For how many days it works.
    #[serde(default = "default_days")]
    #[schema(example = 90, minimum = 1, maximum = 366)]
    expires_in_days: i64,
}

/// A scope.
#[derive(Deserialize, ToSchema)]
#[schema(example = "bids:write", max_length = 100)]
struct Scope(String);

/// A network.
#[derive(Deserialize, ToSchema)]
#[schema(example = "203.0.113.0/24", max_length = 50)]
struct NetworkText(String);

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RotateApiKey {
    /// For how many hours the old secret works on.
    #[serde(default = "default_overlap")]
    #[schema(example = 24, minimum = 0, maximum = 168)]
    overlap_hours: i64,
    /// For how many days the new one works.
    #[serde(default = "default_days")]
    #[schema(example = 90, minimum = 1, maximum = 366)]
    expires_in_days: i64,
}

fn default_days() -> i64 {
    DEFAULT_DAYS
}

fn default_overlap() -> i64 {
    DEFAULT_OVERLAP_HOURS
}

/// An API key, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
struct ApiKeyView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// What it is for.
    #[schema(example = "Bid system")]
    name: String,
    /// How it begins; the rest is secret.
    #[schema(example = "pvk_k7wq3mzd5tna")]
    prefix: String,
    /// `dormant`: whoever made it has no access to the organisation, or left it and came back.
    #[schema(schema_with = wire::api_key_status)]
    status: &'static str,
    /// In whose place it acts.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    creator: Uuid,
    #[schema(example = "Ana Kos")]
    creator_name: String,
    #[schema(example = json!(["bids:write", "challenges:read"]))]
    scopes: Vec<String>,
    /// Where it may be used; nothing means everywhere.
    #[schema(example = json!(["203.0.113.0/24"]))]
    networks: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    /// Until when the secret from before the last rotation works.
    previous_until: Option<DateTime<Utc>>,
    /// When it was last used, give or take a minute.
    last_used_at: Option<DateTime<Utc>>,
    /// From where it was last used.
    #[schema(example = "203.0.113.0/24")]
    last_used_network: Option<String>,
}

impl ApiKeyView {
    fn of(listed: Listed, now: DateTime<Utc>) -> Self {
        let Listed { key, creator_name, creator_since } = listed;
        let (last_used_at, last_used_network) = key.last_use.clone().unzip();
        Self {
            id: key.id.0,
            prefix: key.prefix(),
            status: key.status(creator_since, now).as_str(),
            name: key.name,
            creator: key.creator.0,
            creator_name,
            scopes: key.scopes.into_iter().collect(),
            networks: key.networks.iter().map(ToString::to_string).collect(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            previous_until: key.previous.map(|previous| previous.until),
            last_used_at,
            last_used_network,
        }
    }
}

/// An API key with its secret, which is shown now and never again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IssuedApiKey)]
struct IssuedApiKeyView {
    #[serde(flatten)]
    key: ApiKeyView,
    /// The key, to be sent as `Authorization: Bearer ...`. Keep it: it is not stored here.
    #[schema(example = "pvk_k7wq3mzd5tna_ahovdktzhpw4jrzhnu3ks2ahovdktzhpw4jrzhnul5v2aaa3")]
    secret: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyPage)]
struct ApiKeyPageView {
    items: Vec<ApiKeyView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// Make an API key
///
/// Takes the role `owner` and a step-up. The key acts in the place of the caller in this organisation, with the roles that
/// the caller has there whenever it is used, cut by its scopes. At most 50 keys. Its creator and the owners get a mail.
#[utoipa::path(tag = "api-keys", params(WriteParams, ("organisation" = Uuid, Path, description = "Its id")),
    request_body = CreateApiKey, security(("bearer" = [])),
    responses((status = 201, description = "Made; the secret is shown this once", body = IssuedApiKeyView), WriteProblems))]
#[post("/organisations/{organisation}/api-keys")]
async fn create_api_key(who: As<Recent<Owner>>, id: web::Path<Uuid>, body: Body<CreateApiKey>) -> Answer {
    let CreateApiKey { name, scopes, networks, expires_in_days: days } = body.0;
    let scopes = scopes.into_iter().map(|scope| scope.0).collect();
    let networks = networks.into_iter().map(|network| network.0).collect();
    let new = NewApiKey { name, scopes, networks, days };
    who.write_secret(move |conn, caller| {
        let issued = api_keys::create(conn, caller, OrganisationId(*id), &new, all_scopes())?;
        let location = format!("/api/v1/organisations/{id}/api-keys/{}", issued.listed.key.id);
        Reply::created(location, &shown_once(issued, conn.machine_now()))
    })
    .await
}

/// List API keys
///
/// Takes the role `owner`. Those that are over included, the newest first; never their secrets.
#[utoipa::path(tag = "api-keys", params(PageParams, ("organisation" = Uuid, Path, description = "Its id")),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = ApiKeyPageView), ReadProblems))]
#[get("/organisations/{organisation}/api-keys")]
async fn list_api_keys(who: As<Owner>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("organisations/{id}/api-keys"));
    let (after, limit) = query.0.read::<Uuid>(cursors, &list)?;
    let (page, now) = who
        .read(move |conn, actor| {
            let rows = api_keys::list(conn, actor, OrganisationId(*id), after.map(ApiKeyId), limit + 1)?;
            Ok((Paged::cut(rows, limit), conn.machine_now()))
        })
        .await?;
    let next = page.last(|last| cursors.seal(&list, &last.key.id.0)).transpose()?;
    let items = page.items.into_iter().map(|listed| ApiKeyView::of(listed, now)).collect();
    Ok(Reply::ok(&ApiKeyPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// Rotate an API key
///
/// Takes the role `owner` and a step-up; only whoever made the key rotates it. It gets a new secret and a new end; the old
/// secret works on for a while, so that programs can change over. Its creator and the owners get a mail.
#[utoipa::path(tag = "api-keys", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"), ("key" = Uuid, Path, description = "The key")),
    request_body = RotateApiKey, security(("bearer" = [])),
    responses((status = 200, description = "Renewed; the secret is shown this once", body = IssuedApiKeyView),
        WriteProblems))]
#[post("/organisations/{organisation}/api-keys/{key}/rotate")]
async fn rotate_api_key(who: As<Recent<Owner>>, path: web::Path<(Uuid, Uuid)>, body: Body<RotateApiKey>) -> Answer {
    let RotateApiKey { overlap_hours, expires_in_days: days } = body.0;
    who.write_secret(move |conn, caller| {
        let issued = api_keys::rotate(conn, caller, place(&path), Rotation { overlap_hours, days })?;
        Reply::ok(&shown_once(issued, conn.machine_now()))
    })
    .await
}

/// Revoke an API key
///
/// Takes the role `owner`. At once and for good.
#[utoipa::path(tag = "api-keys", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"), ("key" = Uuid, Path, description = "The key")),
    security(("bearer" = [])), responses((status = 204, description = "Revoked"), WriteProblems))]
#[delete("/organisations/{organisation}/api-keys/{key}")]
async fn revoke_api_key(who: As<Owner>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    who.write(move |conn, caller| {
        api_keys::revoke(conn, caller, place(&path))?;
        Ok(Reply::no_content())
    })
    .await
}

fn place(path: &(Uuid, Uuid)) -> (OrganisationId, ApiKeyId) {
    (OrganisationId(path.0), ApiKeyId(path.1))
}

fn shown_once(issued: Issued, now: DateTime<Utc>) -> IssuedApiKeyView {
    IssuedApiKeyView { secret: issued.token.reveal().to_owned(), key: ApiKeyView::of(issued.listed, now) }
}
