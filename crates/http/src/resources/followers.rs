//! Following challenges.

use super::challenge_view::SummaryView;
use crate::{
    Answer,
    access::{As, SignedIn},
    foundation::{PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{delete, get, put, web};
use application::followers;
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId,
    challenge::{FollowReason, Follower},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(follow_challenge).service(unfollow_challenge).service(list_followed_challenges);
}

#[derive(Serialize, ToSchema)]
#[schema(as = Following)]
struct FollowingView {
    /// Why, the first time.
    #[schema(schema_with = wire::follow_reason)]
    because: FollowReason,
    since: DateTime<Utc>,
}

impl From<Follower> for FollowingView {
    fn from(follower: Follower) -> Self {
        Self { because: follower.because, since: follower.since }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = FollowedChallenge)]
struct FollowedChallengeView {
    challenge: SummaryView,
    #[serde(flatten)]
    following: FollowingView,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FollowedChallengePage)]
struct FollowedChallengePageView {
    items: Vec<FollowedChallengeView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// Follow a challenge
///
/// From now on you get a mail when it is changed, suspended, resumed or ended, or a question is answered. Who asks a question
/// or downloads a document follows by itself. Nobody else learns who follows. Following again changes nothing.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = [])),
    responses((status = 200, description = "Followed", body = FollowingView), WriteProblems))]
#[put("/challenges/{challenge}/following")]
async fn follow_challenge(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| Reply::ok(&FollowingView::from(followers::follow(conn, caller, ChallengeId(*id))?)))
        .await
}

/// Stop following a challenge
///
/// Bidders get the mails all the same: what they answer to may have changed.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = [])), responses((status = 204, description = "Not followed any more"), WriteProblems))]
#[delete("/challenges/{challenge}/following")]
async fn unfollow_challenge(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| {
        followers::unfollow(conn, caller, ChallengeId(*id))?;
        Ok(Reply::no_content())
    })
    .await
}

/// List the challenges one follows
///
/// The newest challenge first.
#[utoipa::path(tag = "challenges", params(PageParams), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = FollowedChallengePageView), ReadProblems))]
#[get("/account/followed-challenges")]
async fn list_followed_challenges(who: As<SignedIn>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, "account/followed-challenges");
    let (after, limit) = query.0.read::<Uuid>(cursors, list)?;
    let (page, summaries) = who
        .read(move |conn, actor| {
            let page = Paged::cut(followers::list(conn, actor, after.map(ChallengeId), limit + 1)?, limit);
            let ids: Vec<_> = page.items.iter().map(|(challenge, _)| *challenge).collect();
            let summaries = followers::summaries(conn, actor, &ids)?;
            Ok((page, summaries))
        })
        .await?;
    let next = page.last(|(last, _)| cursors.seal(list, &last.0)).transpose()?;
    let view = |(id, follower): (ChallengeId, Follower)| {
        let challenge = summaries.iter().find(|summary| summary.id == id)?.clone().into();
        Some(FollowedChallengeView { challenge, following: follower.into() })
    };
    let items = page.items.into_iter().filter_map(view).collect();
    Ok(Reply::ok(&FollowedChallengePageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}
