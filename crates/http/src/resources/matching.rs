//! Which solutions and challenges go together, and why.

use super::{challenge_view, solutions};
use crate::{
    Answer,
    access::{As, SignedIn},
    foundation::{ReadProblems, Reply},
};
use actix_web::{get, web};
use application::matching;
use domain::{
    ChallengeId, SolutionId,
    solution::{Match, Reason},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_matching_solutions).service(list_matching_challenges);
}

/// A reason why a solution and a challenge go together.
#[derive(Serialize, ToSchema)]
#[schema(as = MatchReason)]
struct ReasonView {
    /// `same_cpv_codes`, `related_cpv_codes` (the digits at the beginning that codes have in common), `shared_tags`, or
    /// `named_capabilities` (which title, summary or tags of the challenge name).
    #[schema(example = "shared_tags")]
    code: &'static str,
    /// What they share.
    #[schema(example = json!(["flood", "speech"]))]
    terms: Vec<String>,
    /// The same in words.
    #[schema(example = "shares tags: flood, speech")]
    text: String,
}

impl From<Reason> for ReasonView {
    fn from(reason: Reason) -> Self {
        let (code, words, terms) = match reason {
            Reason::SameCpvCodes(codes) => {
                ("same_cpv_codes", "same CPV code", codes.iter().map(ToString::to_string).collect())
            }
            Reason::RelatedCpvCodes(digits) => ("related_cpv_codes", "CPV codes begin alike", digits),
            Reason::SharedTags(tags) => ("shared_tags", "shares tags", tags),
            Reason::NamedCapabilities(named) => ("named_capabilities", "capability named in the challenge", named),
        };
        let text = format!("{words}: {}", terms.join(", "));
        Self { code, terms, text }
    }
}

fn reasons(matched: Match) -> Vec<ReasonView> {
    matched.reasons.into_iter().map(Into::into).collect()
}

#[derive(Serialize, ToSchema)]
#[schema(as = MatchingSolution)]
struct MatchingSolutionView {
    solution: solutions::SummaryView,
    /// From 1 to 100. For each CPV code of the challenge 25 if the solution has the same, 15, 10 or 5 if class, group or
    /// division are the same, at most 50; 10 for each shared tag, at most 30; 10 for each capability that the challenge
    /// names, at most 20.
    #[schema(example = 55)]
    score: u32,
    reasons: Vec<ReasonView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MatchingSolutionList)]
struct MatchingSolutionListView {
    items: Vec<MatchingSolutionView>,
}

/// List solutions that fit a challenge
///
/// At most 20, the best first, with score and reasons; of listings that the reader sees in the catalogue. For the agency's
/// members, for drafts too. Some 300 listings are looked at: first the newest that share a code or a tag, then the newest
/// of the same division.
#[utoipa::path(tag = "solutions", params(("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["solutions:read"])),
    responses((status = 200, description = "The best ones", body = MatchingSolutionListView), ReadProblems))]
#[get("/challenges/{challenge}/matching-solutions")]
async fn list_matching_solutions(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let found = matching::solutions_for(conn, actor, ChallengeId(*id))?.into_iter();
        let items = found.map(|(solution, matched)| MatchingSolutionView {
            solution: solution.into(),
            score: matched.score,
            reasons: reasons(matched),
        });
        Reply::ok(&MatchingSolutionListView { items: items.collect() })
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[schema(as = MatchingChallenge)]
struct MatchingChallengeView {
    challenge: challenge_view::SummaryView,
    /// From 1 to 100, as for matching solutions.
    #[schema(example = 55)]
    score: u32,
    reasons: Vec<ReasonView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MatchingChallengeList)]
struct MatchingChallengeListView {
    items: Vec<MatchingChallengeView>,
}

/// List challenges that fit a solution
///
/// At most 20 that take bids at present, the best first, with score and reasons. For the company's members, for drafts too.
/// Some 300 challenges are looked at: first the newest that share a code or a tag, then the newest of the same division.
#[utoipa::path(tag = "solutions", params(("solution" = Uuid, Path, description = "The listing")),
    security(("bearer" = []), ("api_key" = ["solutions:read"])),
    responses((status = 200, description = "The best ones", body = MatchingChallengeListView), ReadProblems))]
#[get("/solutions/{solution}/matching-challenges")]
async fn list_matching_challenges(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let found = matching::challenges_for(conn, actor, SolutionId(*id))?.into_iter();
        let items = found.map(|(challenge, matched)| MatchingChallengeView {
            challenge: challenge.into(),
            score: matched.score,
            reasons: reasons(matched),
        });
        Reply::ok(&MatchingChallengeListView { items: items.collect() })
    })
    .await
}
