//! Who belongs to an organisation, and in which roles.

use crate::{
    Answer,
    access::{As, Owner, SignedIn},
    foundation::{Body, EditProblems, Precondition, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{delete, get, post, put, web};
use application::members;
use chrono::{DateTime, Utc};
use domain::{Member, MemberId, OrganisationId, Role};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_members).service(add_member).service(change_member_roles).service(remove_member);
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

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Member)]
struct MemberView {
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
    /// For `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.id.0,
            user: member.user.0,
            name: member.name,
            roles: member.roles.into_iter().map(RoleName).collect(),
            joined_at: member.joined_at,
            version: member.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = MemberList)]
struct MemberListView {
    items: Vec<MemberView>,
}

/// List the members of an organisation
///
/// For its members only; at most 1,000.
#[utoipa::path(tag = "organisations", params(("organisation" = Uuid, Path, description = "Its id")),
    security(("bearer" = [])),
    responses((status = 200, description = "The members", body = MemberListView), ReadProblems))]
#[get("/organisations/{organisation}/members")]
async fn list_members(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let members = members::list(conn, actor, OrganisationId(*id))?;
        Reply::ok(&MemberListView { items: members.into_iter().map(Into::into).collect() })
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddMember {
    /// The confirmed address of an account.
    #[schema(example = "bor.zajc@dispatch.example", max_length = 254)]
    email: String,
    #[schema(example = json!(["officer"]), max_items = 9)]
    roles: Vec<RoleName>,
}

/// Add a member
///
/// Takes the role `owner`. The person must have a confirmed account.
#[utoipa::path(tag = "organisations", params(WriteParams, ("organisation" = Uuid, Path, description = "Its id")),
    request_body = AddMember, security(("bearer" = [])),
    responses((status = 201, description = "Added", body = MemberView), WriteProblems))]
#[post("/organisations/{organisation}/members")]
async fn add_member(who: As<Owner>, id: web::Path<Uuid>, body: Body<AddMember>) -> Answer {
    who.write(move |conn, caller| {
        let member = members::add(conn, caller, OrganisationId(*id), &body.0.email, roles(body.0.roles))?;
        let location = format!("/api/v1/organisations/{id}/members/{}", member.id);
        let version = member.version;
        Ok(Reply::created(location, &MemberView::from(member))?.version(version))
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
        let (organisation, member) = (OrganisationId(organisation), MemberId(member));
        let roles = roles(body.0.roles);
        let member = members::change_roles(conn, caller, organisation, member, Some(seen.0), roles)?;
        let version = member.version;
        Ok(Reply::ok(&MemberView::from(member))?.version(version))
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
        let (organisation, member) = (OrganisationId(organisation), MemberId(member));
        members::remove(conn, caller, organisation, member, Some(seen.0))?;
        Ok(Reply::no_content())
    })
    .await
}

fn roles(names: Vec<RoleName>) -> Vec<Role> {
    names.into_iter().map(|name| name.0).collect()
}
