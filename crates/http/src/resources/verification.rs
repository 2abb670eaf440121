//! Taking the verification of an organisation back, and its history.

use super::organisations::{OrganisationView, reply};
use crate::{
    Answer,
    access::{Administrator, As, SignedIn},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{get, post, web};
use application::{organisation_profiles as profiles, verification};
use chrono::{DateTime, Utc};
use domain::{EventId, OrganisationId};
use persistence::history::PastEvent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(revoke_verification).service(list_verifications);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RevokeVerification {
    /// Why; public.
    #[schema(example = "The register says that the company was dissolved.", min_length = 1, max_length = 1000)]
    reason: String,
}

/// Take the verification of an organisation back
///
/// An administrator finds that the organisation is not, or not any more, who it says it is. What an agency published goes
/// on; it publishes nothing new until it is verified again.
#[utoipa::path(tag = "organisations", params(WriteParams, ("organisation" = Uuid, Path, description = "Its id")),
    request_body = RevokeVerification, security(("bearer" = [])),
    responses((status = 200, description = "Unverified", body = OrganisationView), WriteProblems))]
#[post("/organisations/{organisation}/revoke-verification")]
async fn revoke_verification(who: As<Administrator>, id: web::Path<Uuid>, body: Body<RevokeVerification>) -> Answer {
    who.write(move |conn, caller| {
        let organisation = verification::revoke(conn, caller, OrganisationId(*id), &body.0.reason)?;
        reply(profiles::with_profile(conn, organisation)?)
    })
    .await
}

/// A step in the history of a verification.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VerificationStep)]
struct StepView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// `organisation.verified`, `organisation.verification_revoked` or `organisation.verification_lapsed`.
    #[schema(example = "organisation.verified")]
    r#type: String,
    time: DateTime<Utc>,
    /// Who did it: the administrator, or the owner whose change of the profile made the verification lapse.
    #[schema(example = "Platform administrator")]
    by: Option<String>,
    /// The fields whose change made it lapse.
    #[schema(example = json!(["vatNumber"]))]
    changed: Vec<String>,
    /// Why.
    #[schema(example = "Checked against the business register on 3 November 2026.")]
    reason: Option<String>,
}

impl From<PastEvent> for StepView {
    fn from(event: PastEvent) -> Self {
        let changed = event.payload["changed"].as_array().into_iter().flatten();
        Self {
            id: event.id.0,
            r#type: event.kind,
            time: event.occurred_at,
            by: event.actor_name,
            changed: changed.filter_map(|name| name.as_str().map(ToOwned::to_owned)).collect(),
            reason: event.reason,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = VerificationPage)]
struct StepPageView {
    items: Vec<StepView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// See the history of a verification
///
/// For members and administrators, the newest first.
#[utoipa::path(tag = "organisations", params(PageParams, ("organisation" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["organisations:read"])),
    responses((status = 200, description = "A page", body = StepPageView), ReadProblems))]
#[get("/organisations/{organisation}/verifications")]
async fn list_verifications(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("organisations/{id}/verifications"));
    let (before, limit) = query.0.read::<Uuid>(cursors, &list)?;
    let page = who
        .read(move |conn, actor| {
            let steps = verification::history(conn, actor, OrganisationId(*id), before.map(EventId), limit + 1)?;
            Ok(Paged::cut(steps, limit))
        })
        .await?;
    let next = page.last(|last| cursors.seal(&list, &last.id.0)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&StepPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}
