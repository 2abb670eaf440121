//! Lending a role to a colleague for a period.

use super::members::RoleName;
use crate::{
    Answer,
    access::{As, SignedIn},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{delete, get, post, web};
use application::delegations;
use chrono::{DateTime, Utc};
use domain::{Checks, Delegation, DelegationId, MemberId, OrganisationId, Refusal, delegation::NewDelegation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(delegate_role).service(list_delegations).service(revoke_delegation);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DelegateRole {
    /// Any role but `owner`.
    role: RoleName,
    /// The membership of the colleague.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    delegate: Uuid,
    /// The membership of whoever lends the role; the caller, if not said. Only owners arrange it for others.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    delegator: Option<Uuid>,
    /// From when on; a moment that has passed means at once.
    from: DateTime<Utc>,
    /// Until when; at most 92 days later.
    until: DateTime<Utc>,
    /// Why.
    #[schema(example = "Summer holiday", min_length = 1, max_length = 1000)]
    reason: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delegation)]
struct DelegationView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    role: RoleName,
    /// The person who lends it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    delegator: Uuid,
    /// The person who acts meanwhile.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    delegate: Uuid,
    #[schema(example = "Summer holiday")]
    reason: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// When it was ended before its time.
    revoked_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<Delegation> for DelegationView {
    fn from(delegation: Delegation) -> Self {
        Self {
            id: delegation.id.0,
            role: RoleName(delegation.role),
            delegator: delegation.delegator.0,
            delegate: delegation.delegate.0,
            reason: delegation.reason,
            from: delegation.starts_at,
            until: delegation.ends_at,
            revoked_at: delegation.revoked_at,
            created_at: delegation.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = DelegationPage)]
struct DelegationPageView {
    items: Vec<DelegationView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// Lend a role to a colleague
///
/// Whoever holds the role personally lends it; an owner may arrange it for an absent colleague. It works in its period,
/// while the lender still holds the role. The colleague and the owners get a mail.
#[utoipa::path(tag = "organisations", params(WriteParams, ("organisation" = Uuid, Path, description = "Its id")),
    request_body = DelegateRole, security(("bearer" = [])),
    responses((status = 201, description = "Lent", body = DelegationView), WriteProblems))]
#[post("/organisations/{organisation}/delegations")]
async fn delegate_role(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<DelegateRole>) -> Answer {
    who.write(move |conn, caller| {
        let members = (body.0.delegator.map(MemberId), MemberId(body.0.delegate));
        let delegation = delegations::delegate(conn, caller, OrganisationId(*id), members, read(body.0)?)?;
        let location = format!("/api/v1/organisations/{id}/delegations/{}", delegation.id);
        Reply::created(location, &DelegationView::from(delegation))
    })
    .await
}

fn read(body: DelegateRole) -> Result<NewDelegation, Refusal> {
    let mut checks = Checks::new();
    let from = wire::instant(body.from, &mut checks, "/from").unwrap_or_default();
    let until = wire::instant(body.until, &mut checks, "/until").unwrap_or_default();
    checks.done()?;
    Ok(NewDelegation { role: body.role.0, from, until, reason: body.reason })
}

/// List delegations
///
/// Those that ended included, the newest first; for the members of the organisation.
#[utoipa::path(tag = "organisations", params(PageParams, ("organisation" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["organisations:read"])),
    responses((status = 200, description = "A page", body = DelegationPageView), ReadProblems))]
#[get("/organisations/{organisation}/delegations")]
async fn list_delegations(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("organisations/{id}/delegations"));
    let (after, limit) = query.0.read::<Uuid>(cursors, &list)?;
    let page = who
        .read(move |conn, actor| {
            let rows = delegations::list(conn, actor, OrganisationId(*id), after.map(DelegationId), limit + 1)?;
            Ok(Paged::cut(rows, limit))
        })
        .await?;
    let next = page.last(|last| cursors.seal(&list, &last.id.0)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&DelegationPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// End a delegation
///
/// At once: by either of the two, or by an owner.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("delegation" = Uuid, Path, description = "The delegation")),
    security(("bearer" = [])), responses((status = 204, description = "Ended"), WriteProblems))]
#[delete("/organisations/{organisation}/delegations/{delegation}")]
async fn revoke_delegation(who: As<SignedIn>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    who.write(move |conn, caller| {
        delegations::revoke(conn, caller, OrganisationId(path.0), DelegationId(path.1))?;
        Ok(Reply::no_content())
    })
    .await
}
