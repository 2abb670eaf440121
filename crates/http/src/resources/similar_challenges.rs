//! What came of challenges that were like this one.

use super::challenge_view::SummaryView;
use crate::{
    Answer,
    access::Anyone,
    foundation::{ReadProblems, Reply},
};
use actix_web::{get, web};
use application::discovery::{self, Past};
use chrono::{DateTime, Utc};
use domain::{ChallengeId, discovery::Similarity};
use persistence::challenges::Summary;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_similar_challenges);
}

#[derive(Serialize, ToSchema)]
#[schema(as = SimilarChallenges)]
struct SimilarView {
    /// The most alike first; at most ten.
    items: Vec<PastView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SimilarChallenge)]
struct PastView {
    challenge: SummaryView,
    because: BecauseView,
    outcome: OutcomeView,
}

/// What both have in common.
#[derive(Serialize, ToSchema)]
#[schema(as = SimilarityReasons)]
struct BecauseView {
    /// The closest CPV code to which both belong, by its first digits.
    #[schema(example = "7222")]
    cpv: Option<String>,
    tags: Vec<String>,
    /// Words that few other challenges hold, without capitals and accents; the rarest first.
    words: Vec<String>,
    /// The same in a sentence.
    #[schema(example = "Same CPV code 7222; shared tags: flood; shared words: caller, dispatch.")]
    text: String,
}

/// What came of it, as far as it is public.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PastOutcome)]
struct OutcomeView {
    awarded_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    /// Why it was cancelled or closed without award: a code.
    #[schema(example = "no_bids")]
    end_reason_code: Option<String>,
    /// How many pilots were agreed.
    #[schema(example = 2)]
    pilots: usize,
    /// How many of them are over.
    #[schema(example = 1)]
    pilots_completed: usize,
    /// How many learnings were published.
    #[schema(example = 1)]
    learnings: usize,
}

impl From<Past> for PastView {
    fn from(past: Past) -> Self {
        let challenge = &past.challenge;
        let outcome = OutcomeView {
            awarded_at: challenge.awarded_at,
            ended_at: challenge.ended_at,
            end_reason_code: challenge.end_reason_code.clone(),
            pilots: past.pilots,
            pilots_completed: past.completed,
            learnings: past.learnings,
        };
        let summary = Summary::of(challenge, past.agency_name);
        Self { challenge: summary.into(), because: past.similarity.into(), outcome }
    }
}

impl From<Similarity> for BecauseView {
    fn from(similarity: Similarity) -> Self {
        let text = words(&similarity);
        let Similarity { cpv, tags, words, .. } = similarity;
        Self { cpv: cpv.map(Into::into), tags, words, text }
    }
}

fn words(similarity: &Similarity) -> String {
    let list =
        |name: &str, values: &[String]| (!values.is_empty()).then(|| format!("shared {name}: {}", values.join(", ")));
    let cpv = similarity.cpv.as_ref().map(|prefix| format!("same CPV code {prefix}"));
    let reasons = [cpv, list("tags", &similarity.tags), list("words", &similarity.words)];
    let text = reasons.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let first = text.chars().next().map(|letter| letter.to_ascii_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", text.get(1..).unwrap_or_default())
}

/// List similar challenges of the past
///
/// Public challenges whose time for bids is over and that share CPV codes, tags or rare words with this one, why, and what came of
/// them. The agency's members see them for a draft, too.
#[utoipa::path(tag = "challenges", params(("challenge" = Uuid, Path, description = "Its id")),
    security((), ("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "Similar challenges", body = SimilarView), ReadProblems))]
#[get("/challenges/{challenge}/similar")]
async fn list_similar_challenges(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let past = discovery::similar(conn, viewer, ChallengeId(*id))?;
        Reply::ok(&SimilarView { items: past.into_iter().map(Into::into).collect() })
    })
    .await
}
