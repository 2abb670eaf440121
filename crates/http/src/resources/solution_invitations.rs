//! Inviting the companies behind listings to challenges.

use super::{challenge_view, solutions::CompanyView};
use crate::{
    Answer,
    access::{As, SignedIn},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{get, post, web};
use application::solution_invitations as invitations;
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, Organisation, OrganisationId, SolutionId, SolutionInvitationId,
    solution::{SolutionInvitation, SolutionInvitationStatus},
};
use persistence::challenges::Summary;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(invite_solution)
        .service(list_challenge_solution_invitations)
        .service(list_company_solution_invitations)
        .service(accept_solution_invitation)
        .service(decline_solution_invitation);
}

/// What both sides see of an invitation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SolutionInvitation)]
struct InvitationView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    solution: Uuid,
    /// What the listing was called when the invitation was sent.
    #[schema(example = "Hearing distress in emergency calls")]
    solution_title: String,
    #[schema(example = "We think that your solution may fit.")]
    message: String,
    /// Says nothing of whether the company bids.
    #[schema(schema_with = wire::solution_invitation_status)]
    status: SolutionInvitationStatus,
    created_at: DateTime<Utc>,
    answered_at: Option<DateTime<Utc>>,
    /// Why the company declined.
    #[schema(example = "We have no capacity this spring.")]
    decline_reason: Option<String>,
}

impl From<SolutionInvitation> for InvitationView {
    fn from(invitation: SolutionInvitation) -> Self {
        Self {
            id: invitation.id.0,
            solution: invitation.solution.0,
            solution_title: invitation.solution_title,
            message: invitation.message,
            status: invitation.status,
            created_at: invitation.created_at,
            answered_at: invitation.answered_at,
            decline_reason: invitation.decline_reason,
        }
    }
}

/// An invitation, for the agency.
#[derive(Serialize, ToSchema)]
#[schema(as = SentSolutionInvitation)]
struct SentView {
    #[serde(flatten)]
    invitation: InvitationView,
    company: CompanyView,
}

impl From<(SolutionInvitation, Organisation)> for SentView {
    fn from((invitation, company): (SolutionInvitation, Organisation)) -> Self {
        let company = CompanyView { id: company.id.0, name: company.legal_name };
        Self { invitation: invitation.into(), company }
    }
}

/// An invitation, for the company.
#[derive(Serialize, ToSchema)]
#[schema(as = ReceivedSolutionInvitation)]
struct ReceivedView {
    #[serde(flatten)]
    invitation: InvitationView,
    challenge: challenge_view::SummaryView,
}

impl From<(SolutionInvitation, Summary)> for ReceivedView {
    fn from((invitation, challenge): (SolutionInvitation, Summary)) -> Self {
        Self { invitation: invitation.into(), challenge: challenge.into() }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InviteSolution {
    /// A listing that the agency sees in the catalogue.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    solution: Uuid,
    /// What to say to the company.
    #[schema(example = "We think that your solution may fit.", min_length = 1, max_length = 2000)]
    message: String,
}

/// Invite the company behind a solution
///
/// To a published challenge, before its deadline; each listing once, at most 50. Those who bid for the company get a mail.
/// Nobody else learns of it, and it gives no advantage. Takes the role `author` or `officer` in the agency.
#[utoipa::path(tag = "solutions", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = InviteSolution, security(("bearer" = [])),
    responses((status = 201, description = "Invited", body = SentView), WriteProblems))]
#[post("/challenges/{challenge}/solution-invitations")]
async fn invite_solution(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<InviteSolution>) -> Answer {
    who.write(move |conn, caller| {
        let InviteSolution { solution, message } = body.0;
        let invited = invitations::invite(conn, caller, ChallengeId(*id), SolutionId(solution), &message)?;
        let location = format!("/api/v1/challenges/{id}/solution-invitations");
        Reply::created(location, &SentView::from(invited))
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[schema(as = SentSolutionInvitationList)]
struct SentListView {
    items: Vec<SentView>,
}

/// List whom an agency invited to a challenge
///
/// All of them, the oldest first; for the agency's members only.
#[utoipa::path(tag = "solutions", params(("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["solutions:read"])),
    responses((status = 200, description = "All of them", body = SentListView), ReadProblems))]
#[get("/challenges/{challenge}/solution-invitations")]
async fn list_challenge_solution_invitations(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let found = invitations::of_challenge(conn, actor, ChallengeId(*id))?;
        Reply::ok(&SentListView { items: found.into_iter().map(Into::into).collect() })
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReceivedSolutionInvitationPage)]
struct ReceivedPageView {
    items: Vec<ReceivedView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// List to which challenges a company was invited
///
/// The newest first; for the company's members only.
#[utoipa::path(tag = "solutions", params(PageParams, ("organisation" = Uuid, Path, description = "The company")),
    security(("bearer" = []), ("api_key" = ["solutions:read"])),
    responses((status = 200, description = "A page", body = ReceivedPageView), ReadProblems))]
#[get("/organisations/{organisation}/solution-invitations")]
async fn list_company_solution_invitations(
    who: As<SignedIn>,
    company: web::Path<Uuid>,
    query: Query<PageParams>,
) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("organisations/{company}/solution-invitations"));
    let (after, limit) = query.0.read::<Uuid>(cursors, &list)?;
    let (company, after) = (OrganisationId(*company), after.map(SolutionInvitationId));
    let (page, summaries) = who
        .read(move |conn, actor| {
            let page = Paged::cut(invitations::of_company(conn, actor, company, after, limit + 1)?, limit);
            let ids: Vec<_> = page.items.iter().map(|invitation| invitation.challenge).collect();
            let summaries = invitations::challenges_of(conn, &ids)?;
            Ok((page, summaries))
        })
        .await?;
    let next = page.last(|last| last.id.0).map(|key| cursors.seal(&list, &key)).transpose()?;
    let view = |invitation: SolutionInvitation| {
        let challenge = summaries.iter().find(|summary| summary.id == invitation.challenge)?.clone();
        Some(ReceivedView::from((invitation, challenge)))
    };
    let items = page.items.into_iter().filter_map(view).collect();
    Ok(Reply::ok(&ReceivedPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// Accept an invitation
///
/// Says to the agency that the company looks at the challenge, and makes whoever says so follow it. It says nothing of
/// whether the company bids. Takes the role `bidder` or `owner` in the company.
#[utoipa::path(tag = "solutions", params(WriteParams, ("invitation" = Uuid, Path, description = "Its id")),
    security(("bearer" = [])), responses((status = 200, description = "Accepted", body = ReceivedView), WriteProblems))]
#[post("/solution-invitations/{invitation}/accept")]
async fn accept_solution_invitation(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| {
        Reply::ok(&ReceivedView::from(invitations::accept(conn, caller, SolutionInvitationId(*id))?))
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclineSolutionInvitation {
    /// Why; the agency reads it.
    #[schema(example = "We have no capacity this spring.", min_length = 1, max_length = 2000)]
    reason: String,
}

/// Decline an invitation
///
/// The agency reads why. Takes the role `bidder` or `owner` in the company.
#[utoipa::path(tag = "solutions", params(WriteParams, ("invitation" = Uuid, Path, description = "Its id")),
    request_body = DeclineSolutionInvitation, security(("bearer" = [])),
    responses((status = 200, description = "Declined", body = ReceivedView), WriteProblems))]
#[post("/solution-invitations/{invitation}/decline")]
async fn decline_solution_invitation(
    who: As<SignedIn>,
    id: web::Path<Uuid>,
    body: Body<DeclineSolutionInvitation>,
) -> Answer {
    who.write(move |conn, caller| {
        let declined = invitations::decline(conn, caller, SolutionInvitationId(*id), &body.0.reason)?;
        Reply::ok(&ReceivedView::from(declined))
    })
    .await
}
