//! Who belongs to an organisation, and in which roles.

use crate::{
    Answer,
    access::{As, Owner, Recent, SignedIn},
    foundation::{
        Body, EditProblems, Precondition, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire,
    },
};
use actix_web::{delete, get, post, put, web};
use application::members;
use chrono::{DateTime, Utc};
use domain::{Member, MemberId, OrganisationId, Role};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_members)
        .service(change_member_roles)
        .service(remove_member)
        .service(suspend_member)
        .service(reinstate_member)
        .service(recertify_member)
        .service(transfer_ownership);
}

/// A name of a role.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RoleName(pub(crate) Role);

impl PartialSchema for RoleName {
    fn schema() -> RefOr<Schema> {
        wire::role().into()
    }
}

impl ToSchema for RoleName {
    fn name() -> Cow<'static, str> {
        "Role".into()
    }
}

/// The roles behind their names.
pub(crate) fn roles(names: Vec<RoleName>) -> Vec<Role> {
    names.into_iter().map(|name| name.0).collect()
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Member)]
pub(crate) struct MemberView {
    /// The id of the membership.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// The person.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    user: Uuid,
    #[schema(example = "Ana Kos")]
    name: String,
    #[schema(example = json!(["author"]))]
    roles: Vec<RoleName>,
    joined_at: DateTime<Utc>,
    /// `suspended`: an owner took the access away, or nobody vouched for the member in time.
    #[schema(schema_with = wire::member_status)]
    status: &'static str,
    suspended_at: Option<DateTime<Utc>>,
    /// Why; only owners see it.
    #[schema(example = "On leave until the inquiry has ended.")]
    suspension_reason: Option<String>,
    /// Until when an owner vouched for the member; agencies only.
    certified_until: Option<DateTime<Utc>>,
    /// For `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl MemberView {
    /// What colleagues see, or what owners see.
    pub(crate) fn of(member: Member, owner: bool) -> Self {
        let status = if member.suspension.is_some() { "suspended" } else { "active" };
        Self {
            id: member.id.0,
            user: member.user.0,
            name: member.name,
            roles: member.roles.into_iter().map(RoleName).collect(),
            joined_at: member.joined_at,
            status,
            suspended_at: member.suspension.as_ref().map(|suspension| suspension.at),
            suspension_reason: member.suspension.filter(|_| owner).map(|suspension| suspension.reason),
            certified_until: member.certified_until,
            version: member.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = MemberList)]
struct MemberListView {
    items: Vec<MemberView>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListMembers {
    /// `due`: only those for whom an owner has to vouch within 30 days, or should have.
    #[param(schema_with = wire::certification_filter)]
    certification: Option<String>,
}

/// List the members of an organisation
///
/// For its members only; at most 1,000.
#[utoipa::path(tag = "organisations", params(ListMembers, ("organisation" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["organisations:read"])),
    responses((status = 200, description = "The members", body = MemberListView), ReadProblems))]
#[get("/organisations/{organisation}/members")]
async fn list_members(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<ListMembers>) -> Answer {
    who.read(move |conn, actor| {
        let id = OrganisationId(*id);
        let owner = actor.holds(Role::Owner, id);
        let members = members::list(conn, actor, id, query.0.certification.is_some())?;
        Reply::ok(&MemberListView { items: members.into_iter().map(|member| MemberView::of(member, owner)).collect() })
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeMemberRoles {
    #[schema(example = json!(["officer", "finance"]), max_items = 9)]
    roles: Vec<RoleName>,
}

/// Change the roles of a member
///
/// Takes the role `owner`. An organisation always keeps an owner.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("member" = Uuid, Path, description = "The membership"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = ChangeMemberRoles, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = MemberView), EditProblems))]
#[put("/organisations/{organisation}/members/{member}")]
async fn change_member_roles(
    who: As<Owner>,
    path: web::Path<(Uuid, Uuid)>,
    seen: Precondition,
    body: Body<ChangeMemberRoles>,
) -> Answer {
    let (organisation, member) = path.into_inner();
    who.write(move |conn, caller| {
        let at = (OrganisationId(organisation), MemberId(member));
        reply(members::change_roles(conn, caller, at, Some(seen.0), &roles(body.0.roles))?)
    })
    .await
}

/// Remove a member, or leave
///
/// Takes the role `owner`, unless the member is the caller. An organisation always keeps an owner.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("member" = Uuid, Path, description = "The membership"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    security(("bearer" = [])), responses((status = 204, description = "Removed"), EditProblems))]
#[delete("/organisations/{organisation}/members/{member}")]
async fn remove_member(who: As<SignedIn>, path: web::Path<(Uuid, Uuid)>, seen: Precondition) -> Answer {
    let (organisation, member) = path.into_inner();
    who.write(move |conn, caller| {
        members::remove(conn, caller, (OrganisationId(organisation), MemberId(member)), Some(seen.0))?;
        Ok(Reply::no_content())
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SuspendMember {
    /// Why; other owners see it.
    #[schema(example = "On leave until the inquiry has ended.", min_length = 1, max_length = 1000)]
    reason: String,
}

/// Suspend a member
///
/// Takes the role `owner`. Access ends at once, until an owner reinstates the member; what the member did stays on
/// record. Nobody suspends themself, and an organisation always keeps an owner who has access.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("member" = Uuid, Path, description = "The membership")),
    request_body = SuspendMember, security(("bearer" = [])),
    responses((status = 200, description = "Suspended", body = MemberView), WriteProblems))]
#[post("/organisations/{organisation}/members/{member}/suspend")]
async fn suspend_member(who: As<Owner>, path: web::Path<(Uuid, Uuid)>, body: Body<SuspendMember>) -> Answer {
    who.write(move |conn, caller| reply(members::suspend(conn, caller, place(&path), &body.0.reason)?)).await
}

/// Reinstate a member
///
/// Takes the role `owner`, who thereby vouches for the member.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("member" = Uuid, Path, description = "The membership")),
    security(("bearer" = [])), responses((status = 200, description = "Reinstated", body = MemberView), WriteProblems))]
#[post("/organisations/{organisation}/members/{member}/reinstate")]
async fn reinstate_member(who: As<Owner>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    let lasts = who.state().settings.lifecycle.certification;
    who.write(move |conn, caller| reply(members::reinstate(conn, caller, place(&path), lasts)?)).await
}

/// Vouch for a member
///
/// Takes the role `owner` in an agency: the member still belongs to it, and keeps the access for another period. Owners
/// vouch for each other; only who is alone vouches for themself.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("member" = Uuid, Path, description = "The membership")),
    security(("bearer" = [])), responses((status = 200, description = "Certified", body = MemberView), WriteProblems))]
#[post("/organisations/{organisation}/members/{member}/recertify")]
async fn recertify_member(who: As<Owner>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    let lasts = who.state().settings.lifecycle.certification;
    who.write(move |conn, caller| reply(members::recertify(conn, caller, place(&path), lasts)?)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TransferOwnership {
    /// The membership of the new owner.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    member: Uuid,
}

/// Transfer ownership
///
/// Takes the role `owner` and a step-up. The other member becomes owner and the caller ceases to be, in one step.
#[utoipa::path(tag = "organisations", params(WriteParams, ("organisation" = Uuid, Path, description = "Its id")),
    request_body = TransferOwnership, security(("bearer" = [])),
    responses((status = 200, description = "The new owner", body = MemberView), WriteProblems))]
#[post("/organisations/{organisation}/transfer-ownership")]
async fn transfer_ownership(who: As<Recent<Owner>>, id: web::Path<Uuid>, body: Body<TransferOwnership>) -> Answer {
    who.write(move |conn, caller| {
        reply(members::transfer_ownership(conn, caller, (OrganisationId(*id), MemberId(body.0.member)))?)
    })
    .await
}

fn place(path: &(Uuid, Uuid)) -> members::Place {
    (OrganisationId(path.0), MemberId(path.1))
}

/// A member, as owners see them.
fn reply(member: Member) -> Answer {
    let version = member.version;
    Ok(Reply::ok(&MemberView::of(member, true))?.version(version))
}
