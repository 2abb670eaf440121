//! Panels, opening committees and conflict declarations.

use crate::{
    Answer,
    access::{As, SignedIn},
    foundation::{Body, ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{get, post, put, web};
use application::panels;
use chrono::{DateTime, Utc};
use domain::{BidId, ChallengeId, Panel, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_panel).service(name_panel).service(declare_conflicts);
}

/// Who evaluates and who opens.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Panel)]
struct PanelWire {
    /// One of the evaluators.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    chair: Option<Uuid>,
    /// Anybody with an account; at least two before the approval.
    #[schema(example = json!(["0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f"]), max_items = 20)]
    evaluators: Vec<Uuid>,
    /// Officers of the agency; at least two before the approval.
    #[schema(example = json!(["0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f"]), max_items = 20)]
    opening_committee: Vec<Uuid>,
}

impl From<Panel> for PanelWire {
    fn from(panel: Panel) -> Self {
        let ids = |users: Vec<UserId>| users.into_iter().map(|user| user.0).collect();
        Self {
            chair: panel.chair.map(|user| user.0),
            evaluators: ids(panel.evaluators),
            opening_committee: ids(panel.opening_committee),
        }
    }
}

/// See the panel and the opening committee
///
/// For members of the agency and of the panel.
#[utoipa::path(tag = "evaluation", params(("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["evaluation:read"])),
    responses((status = 200, description = "The people named", body = PanelWire), ReadProblems))]
#[get("/challenges/{challenge}/panel")]
async fn get_panel(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| Reply::ok(&PanelWire::from(panels::find(conn, actor, ChallengeId(*id))?))).await
}

/// Name the panel and the opening committee
///
/// Takes the role `author` or `officer` in the agency. Possible until the approval.
#[utoipa::path(tag = "evaluation", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = PanelWire, security(("bearer" = []), ("api_key" = ["evaluation:write"])),
    responses((status = 200, description = "Named", body = PanelWire), WriteProblems))]
#[put("/challenges/{challenge}/panel")]
async fn name_panel(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<PanelWire>) -> Answer {
    who.write(move |conn, caller| {
        let PanelWire { chair, evaluators, opening_committee } = body.0;
        let users = |ids: Vec<Uuid>| ids.into_iter().map(UserId).collect();
        let (evaluators, openers) = (users(evaluators), users(opening_committee));
        let panel = panels::name(conn, caller, ChallengeId(*id), chair.map(UserId), evaluators, openers)?;
        Reply::ok(&PanelWire::from(panel))
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclareConflicts {
    /// The bids with whose bidders there is a conflict of interest; empty if there is none.
    #[schema(example = json!([]), max_items = 1000)]
    conflicts: Vec<Uuid>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConflictDeclaration)]
struct DeclarationView {
    #[schema(example = json!([]))]
    conflicts: Vec<Uuid>,
    declared_at: DateTime<Utc>,
}

/// Declare conflicts of interest
///
/// For evaluators on the panel, once, after the opening and before they see any content.
#[utoipa::path(tag = "evaluation", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = DeclareConflicts, security(("bearer" = [])),
    responses((status = 201, description = "Declared", body = DeclarationView), WriteProblems))]
#[post("/challenges/{challenge}/conflict-declarations")]
async fn declare_conflicts(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<DeclareConflicts>) -> Answer {
    who.write(move |conn, caller| {
        let conflicts = body.0.conflicts.into_iter().map(BidId).collect();
        let declaration = panels::declare_conflicts(conn, caller, ChallengeId(*id), conflicts)?;
        let conflicts = declaration.conflicts.iter().map(|bid| bid.0).collect();
        let view = DeclarationView { conflicts, declared_at: declaration.declared_at };
        Reply::created(format!("/api/v1/challenges/{id}/conflict-declarations"), &view)
    })
    .await
}
