//! Letting people into an organisation by a link in a mail.

use super::members::{MemberView, RoleName, roles};
use crate::{
    Answer, Error, State,
    access::{Anyone, As, Owner},
    foundation::{Body, Paged, Query, ReadProblems, Reply, WriteProblems, cursor, query::WriteParams, wire},
};
use actix_web::{delete, get, post, web};
use application::invitations::{self, Acceptance};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Invitation, InvitationId, OrganisationId,
    account::{Registration, check_registration},
    invitation::{InvitationStatus, NewInvitation},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(invite)
        .service(list_invitations)
        .service(send_invitation_again)
        .service(revoke_invitation)
        .service(accept_invitation)
        .service(decline_invitation);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Invite {
    /// Whom to invite; the person need not have an account.
    #[schema(example = "bor.zajc@dispatch.example", max_length = 254)]
    email: String,
    #[schema(example = json!(["officer"]), max_items = 9)]
    roles: Vec<RoleName>,
    /// Some words for the person.
    #[schema(example = "Welcome to the team!", max_length = 1000)]
    message: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Invitation)]
struct InvitationView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "bor.zajc@dispatch.example")]
    email: String,
    #[schema(example = json!(["officer"]))]
    roles: Vec<RoleName>,
    #[schema(example = "Welcome to the team!")]
    message: Option<String>,
    #[schema(schema_with = wire::invitation_status)]
    status: InvitationStatus,
    /// The owner who invited.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    invited_by: Uuid,
    created_at: DateTime<Utc>,
    /// When the newest mail was sent.
    sent_at: DateTime<Utc>,
    /// From when on its link does not work any more.
    expires_at: DateTime<Utc>,
    /// When it was answered or taken back.
    closed_at: Option<DateTime<Utc>>,
}

impl InvitationView {
    fn of(invitation: Invitation, now: DateTime<Utc>) -> Self {
        Self {
            id: invitation.id.0,
            status: invitation.status_at(now),
            email: invitation.email.as_str().to_owned(),
            roles: invitation.roles.into_iter().map(RoleName).collect(),
            message: invitation.message,
            invited_by: invitation.invited_by.0,
            created_at: invitation.created_at,
            sent_at: invitation.sent_at,
            expires_at: invitation.expires_at,
            closed_at: invitation.closed_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = InvitationPage)]
struct InvitationPageView {
    items: Vec<InvitationView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListInvitations {
    /// Only those of which this became.
    #[param(schema_with = wire::invitation_status)]
    status: Option<InvitationStatus>,
    /// `next` of the page before.
    #[param(max_length = 500)]
    after: Option<String>,
    /// How many to give; 50 if not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Invite a person
///
/// Takes the role `owner`. Sends a mail with a link that works once, for 14 days. The answer is the same whether the
/// address has an account or not. An older invitation to the same address is replaced; at most 200 can be open.
#[utoipa::path(tag = "organisations", params(WriteParams, ("organisation" = Uuid, Path, description = "Its id")),
    request_body = Invite, security(("bearer" = [])),
    responses((status = 201, description = "Invited", body = InvitationView), WriteProblems))]
#[post("/organisations/{organisation}/invitations")]
async fn invite(who: As<Owner>, id: web::Path<Uuid>, body: Body<Invite>) -> Answer {
    who.write(move |conn, caller| {
        let Invite { email, roles: names, message } = body.0;
        let new = NewInvitation { email, roles: roles(names), message };
        let invitation = invitations::invite(conn, caller, OrganisationId(*id), new)?.invitation;
        let location = format!("/api/v1/organisations/{id}/invitations/{}", invitation.id);
        Reply::created(location, &InvitationView::of(invitation, conn.now()?))
    })
    .await
}

/// List invitations
///
/// Takes the role `owner`; the newest first. They are kept for 90 days after their end.
#[utoipa::path(tag = "organisations", params(ListInvitations, ("organisation" = Uuid, Path, description = "Its id")),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = InvitationPageView), ReadProblems))]
#[get("/organisations/{organisation}/invitations")]
async fn list_invitations(who: As<Owner>, id: web::Path<Uuid>, query: Query<ListInvitations>) -> Answer {
    let ListInvitations { status, after, limit } = query.0;
    let limit = limit.unwrap_or(cursor::DEFAULT_LIMIT);
    let list = format!("organisations/{id}/invitations?status={}", status.map_or("", InvitationStatus::as_str));
    let cursors = &who.state().cursors;
    let after = after.map(|after| cursors.open::<Uuid>(&list, &after)).transpose()?;
    let (page, now) = who
        .read(move |conn, actor| {
            let after = after.map(InvitationId);
            let rows = invitations::list(conn, actor, OrganisationId(*id), status, after, limit + 1)?;
            Ok((Paged::cut(rows, limit), conn.now()?))
        })
        .await?;
    let next = page.last(|last| cursors.seal(&list, &last.id.0)).transpose()?;
    let items = page.items.into_iter().map(|invitation| InvitationView::of(invitation, now)).collect();
    Ok(Reply::ok(&InvitationPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// Send an invitation again
///
/// Takes the role `owner`. The mail has a new link, and the old one stops working; at most once an hour.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("invitation" = Uuid, Path, description = "The invitation")),
    security(("bearer" = [])), responses((status = 200, description = "Sent", body = InvitationView), WriteProblems))]
#[post("/organisations/{organisation}/invitations/{invitation}/send-again")]
async fn send_invitation_again(who: As<Owner>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    who.write(move |conn, caller| {
        let (organisation, id) = (OrganisationId(path.0), InvitationId(path.1));
        let invitation = invitations::send_again(conn, caller, organisation, id)?;
        Reply::ok(&InvitationView::of(invitation, conn.now()?))
    })
    .await
}

/// Take an invitation back
///
/// Takes the role `owner`. Its link stops working.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("invitation" = Uuid, Path, description = "The invitation")),
    security(("bearer" = [])), responses((status = 204, description = "Revoked"), WriteProblems))]
#[delete("/organisations/{organisation}/invitations/{invitation}")]
async fn revoke_invitation(who: As<Owner>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    who.write(move |conn, caller| {
        invitations::revoke(conn, caller, OrganisationId(path.0), InvitationId(path.1))?;
        Ok(Reply::no_content())
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AcceptInvitation {
    /// The token from the link in the mail.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    pub(crate) token: String,
    /// For somebody without an account: the name shown to colleagues.
    #[schema(example = "Bor Zajc", min_length = 1, max_length = 100)]
    pub(crate) name: Option<String>,
    /// For somebody without an account: 12 to 128 characters of any kind.
    #[schema(example = "seven quiet otters", min_length = 12, max_length = 128)]
    pub(crate) password: Option<String>,
    /// The version of the terms of use that the person accepts; needed if those in force were not accepted yet.
    #[schema(example = 3, minimum = 1, maximum = 1_000_000)]
    pub(crate) accepted_terms: Option<i32>,
}

/// Accept an invitation
///
/// Uses up the link, which proves the address: the account of the invited address joins. Somebody without one sends `name`
/// and `password`, and has a confirmed account from then on. No session is needed, and none is given; with a session, it
/// must be that of the invited person.
#[utoipa::path(tag = "organisations", params(WriteParams), request_body = AcceptInvitation,
    responses((status = 201, description = "Joined", body = MemberView), WriteProblems))]
#[post("/invitations/accept")]
async fn accept_invitation(who: Anyone, body: Body<AcceptInvitation>) -> Answer {
    accept(&who, body.0).await
}

/// As the operation and the page do.
pub(crate) async fn accept(who: &Anyone, given: AcceptInvitation) -> Answer {
    let AcceptInvitation { token, name, password, accepted_terms } = given;
    let (accepted_terms, certification) = (accepted_terms.unwrap_or(0), who.state().settings.lifecycle.certification);
    let registration = match (name, password) {
        (None, None) => None,
        (name, password) => {
            let (name, password) = (name.unwrap_or_default(), password.unwrap_or_default());
            Some(register(who.state(), &token, name, password, accepted_terms).await?)
        }
    };
    who.write_known(move |conn, actor: Option<Actor>, request_id| {
        let acceptance = Acceptance { token, actor, registration, accepted_terms, certification };
        let member = invitations::accept(conn, request_id, acceptance)?;
        let location = format!("/api/v1/organisations/{}/members/{}", member.organisation, member.id);
        Reply::created(location, &MemberView::of(member, false))
    })
    .await
}

/// Hashes the password last, and on its own pool; and for nobody who has no link.
async fn register(
    state: &State,
    token: &str,
    name: String,
    password: String,
    accepted_terms: i32,
) -> Result<Registration, Error> {
    let token = token.to_owned();
    let shown = state.db.read(move |conn| invitations::look(conn, &token)).await?;
    let email = check_registration(shown.invitation.email.as_str(), &name, &password)?;
    let password_hash = state.passwords.hash(password).await?;
    Ok(Registration { email, name, password_hash, accepted_terms })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclineInvitation {
    /// The token from the link in the mail.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    token: String,
}

/// Decline an invitation
///
/// Uses up the link. Takes no account.
#[utoipa::path(tag = "organisations", params(WriteParams), request_body = DeclineInvitation,
    responses((status = 204, description = "Declined"), WriteProblems))]
#[post("/invitations/decline")]
async fn decline_invitation(who: Anyone, body: Body<DeclineInvitation>) -> Answer {
    who.write(move |conn, request_id| {
        invitations::decline(conn, request_id, &body.0.token)?;
        Ok(Reply::no_content())
    })
    .await
}
