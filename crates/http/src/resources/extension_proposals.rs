//! More time for bidders after an outage: what is proposed, and what officers decide.

use super::{outages::OutageView, periods::ComputedDateView};
use crate::{
    Answer,
    access::{As, Officer, SignedIn},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{get, post, web};
use application::extensions::{self, Proposed};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, ExtensionProposalId,
    challenge::{Extension, ProposalOutcome, ProposalStatus},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_extension_proposals).service(accept_extension_proposal).service(dismiss_extension_proposal);
}

/// What accepting comes to at this moment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProposedExtension)]
struct ExtensionView {
    /// Until when bids would be taken.
    submission_deadline: DateTime<Utc>,
    /// With which working day it ends, at the earliest.
    working_days: Option<ComputedDateView>,
    /// How the deadline comes about, in words.
    #[schema(
        example = "The deadline moves by at least the 83 minute(s) that were lost, and leaves at least 24 hour(s) from \
                        the decision on."
    )]
    explanation: String,
}

impl From<Extension> for ExtensionView {
    fn from(extension: Extension) -> Self {
        let explanation = extension.explanation();
        let Extension { deadline, working_days, .. } = extension;
        Self { submission_deadline: deadline, working_days: working_days.map(Into::into), explanation }
    }
}

/// That bidders should get more time, because an outage took something of the last hours before a deadline.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExtensionProposal)]
struct ProposalView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    outage: OutageView,
    #[schema(schema_with = wire::proposal_status, example = "open")]
    status: ProposalStatus,
    /// Until when bids were taken when it was made.
    submission_deadline: DateTime<Utc>,
    proposed_at: DateTime<Utc>,
    /// What accepting comes to at this moment, on account of all open proposals of the challenge; none if this one is decided.
    extension: Option<ExtensionView>,
    decided_at: Option<DateTime<Utc>>,
    /// The number of the change notice that moved the deadline.
    #[schema(example = 1)]
    change_notice: Option<i32>,
    /// Why the deadline was not moved.
    #[schema(example = "Nobody could bid at that time anyway: the challenge was suspended.")]
    reason: Option<String>,
}

impl From<Proposed> for ProposalView {
    fn from((proposal, outage, extension): Proposed) -> Self {
        let status = proposal.status();
        let decided_at = proposal.decision.as_ref().map(|decision| decision.at);
        let (change_notice, reason) = match proposal.decision.map(|decision| decision.outcome) {
            Some(ProposalOutcome::Accepted(notice)) => (Some(notice), None),
            Some(ProposalOutcome::Dismissed(reason)) => (None, Some(reason)),
            None => (None, None),
        };
        Self {
            id: proposal.id.0,
            outage: outage.into(),
            status,
            submission_deadline: proposal.deadline,
            proposed_at: proposal.proposed_at,
            extension: extension.map(Into::into),
            decided_at,
            change_notice,
            reason,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ExtensionProposalPage)]
struct ProposalPageView {
    items: Vec<ProposalView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// List the extensions that are proposed for a challenge
///
/// For the agency's members, the newest first: outages that took something of the last hours before the deadline, what
/// accepting comes to, and what was decided.
#[utoipa::path(tag = "challenges", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "A page", body = ProposalPageView), ReadProblems))]
#[get("/challenges/{challenge}/extension-proposals")]
async fn list_extension_proposals(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("challenges/{id}/extension-proposals"));
    let (before, limit) = query.0.read::<Uuid>(cursors, &list)?;
    let (policy, before) = (who.state().settings.outages, before.map(ExtensionProposalId));
    let found =
        who.read(move |conn, actor| Ok(extensions::list(conn, actor, &policy, ChallengeId(*id), before, limit + 1)?));
    let page = Paged::cut(found.await?, limit);
    let next = page.last(|(proposal, ..)| cursors.seal(&list, &proposal.id.0)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&ProposalPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// Accept a proposed extension
///
/// Takes the role `officer` in the agency, and nothing else: the deadline is computed. It moves by at least the time that was
/// lost, leaves at least a day (`outages.extension_hours`) and a working day (`outages.extension_working_days`), and is
/// published as a change notice with the reason `outage`, on account of all open proposals of the challenge. A challenge that was
/// closed meanwhile takes bids again, as long as nothing was opened. Everybody who follows the challenge or bids is told.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("proposal" = Uuid, Path, description = "The proposal")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "The deadline was moved", body = ProposalView), WriteProblems))]
#[post("/challenges/{challenge}/extension-proposals/{proposal}/accept")]
async fn accept_extension_proposal(who: As<Officer>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    let (policy, clocks) = (who.state().settings.outages, who.state().settings.obligations);
    who.write(move |conn, caller| {
        let (challenge, proposal) = (ChallengeId(path.0), ExtensionProposalId(path.1));
        Reply::ok(&ProposalView::from(extensions::accept(conn, caller, (&policy, clocks), challenge, proposal)?))
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DismissExtensionProposal {
    /// Why bidders get no more time; everybody reads it.
    #[schema(
        example = "Nobody could bid at that time anyway: the challenge was suspended.",
        min_length = 1,
        max_length = 5000
    )]
    reason: String,
}

/// Dismiss a proposed extension
///
/// Takes the role `officer` in the agency. The deadline stays; the reason is public.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("proposal" = Uuid, Path, description = "The proposal")),
    request_body = DismissExtensionProposal, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "The deadline stays", body = ProposalView), WriteProblems))]
#[post("/challenges/{challenge}/extension-proposals/{proposal}/dismiss")]
async fn dismiss_extension_proposal(
    who: As<Officer>,
    path: web::Path<(Uuid, Uuid)>,
    body: Body<DismissExtensionProposal>,
) -> Answer {
    who.write(move |conn, caller| {
        let (challenge, proposal) = (ChallengeId(path.0), ExtensionProposalId(path.1));
        Reply::ok(&ProposalView::from(extensions::dismiss(conn, caller, challenge, proposal, &body.0.reason)?))
    })
    .await
}
