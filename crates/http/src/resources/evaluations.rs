//! Scores and rankings.

use super::bid_consortium::PartnerNameView;
use crate::{
    Answer,
    access::{Anyone, As, SignedIn},
    foundation::{
        Body, EditProblems, Precondition, ReadProblems, Reply, WriteProblems, query::WriteParams, wire::decimal,
    },
};
use actix_web::{get, post, put, web};
use application::evaluations::{self, Ranked};
use chrono::{DateTime, Utc};
use domain::{BidId, ChallengeId, Checks, CriterionId, CriterionScore, Evaluation, RankedBid};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_own_evaluation).service(score_bid).service(submit_evaluations).service(get_ranking);
}

/// The score on one criterion.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CriterionScore)]
struct ScoreWire {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    criterion: Uuid,
    /// From zero to the criterion's maximum.
    #[schema(example = "4.5", pattern = r"^[0-9]{1,7}(\.[0-9]{1,2})?$")]
    score: String,
    /// Why.
    #[schema(example = "Tested on real recordings; the false alarms are not counted.", max_length = 5000)]
    comment: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScoreBid {
    /// They replace those on the sheet; may be incomplete until the submission.
    #[schema(max_items = 20)]
    scores: Vec<ScoreWire>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Evaluation)]
struct EvaluationView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    bid: Uuid,
    scores: Vec<ScoreWire>,
    /// When it was submitted, and frozen.
    submitted_at: Option<DateTime<Utc>>,
    /// Grows with each change; the ETag.
    #[schema(example = 1)]
    version: i32,
}

impl From<Evaluation> for EvaluationView {
    fn from(sheet: Evaluation) -> Self {
        let wire =
            |s: CriterionScore| ScoreWire { criterion: s.criterion.0, score: s.score.to_string(), comment: s.comment };
        Self {
            id: sheet.id.0,
            bid: sheet.bid.0,
            scores: sheet.scores.into_iter().map(wire).collect(),
            submitted_at: sheet.submitted_at,
            version: sheet.version,
        }
    }
}

/// See one's own sheet for a bid
///
/// For evaluators on the panel who declared their conflicts. Nobody sees another's scores before the ranking.
#[utoipa::path(tag = "evaluation", params(("bid" = Uuid, Path, description = "The bid")),
    security(("bearer" = []), ("api_key" = ["evaluation:read"])),
    responses((status = 200, description = "The sheet", body = EvaluationView), ReadProblems))]
#[get("/bids/{bid}/evaluation")]
async fn get_own_evaluation(who: As<SignedIn>, bid: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| reply(evaluations::find_own(conn, actor, BidId(*bid))?)).await
}

/// Score a bid
///
/// For evaluators on the panel who declared their conflicts. Send `If-None-Match: *` for a new sheet, `If-Match` with
/// its ETag for one that exists.
#[utoipa::path(tag = "evaluation", params(WriteParams, ("bid" = Uuid, Path, description = "The bid"),
        ("If-Match" = Option<String>, Header, description = "The ETag that was read"),
        ("If-None-Match" = Option<String>, Header, description = "`*` for a new sheet")),
    request_body = ScoreBid, security(("bearer" = []), ("api_key" = ["evaluation:write"])),
    responses((status = 200, description = "Saved", body = EvaluationView), EditProblems))]
#[put("/bids/{bid}/evaluation")]
async fn score_bid(who: As<SignedIn>, bid: web::Path<Uuid>, seen: Precondition, body: Body<ScoreBid>) -> Answer {
    who.write(move |conn, caller| {
        let scores = read_scores(body.0.scores)?;
        reply(evaluations::score(conn, caller, BidId(*bid), Some(seen.0), scores)?)
    })
    .await
}

fn read_scores(wires: Vec<ScoreWire>) -> domain::Result<Vec<CriterionScore>> {
    let mut checks = Checks::new();
    let mut scores = Vec::new();
    for (i, wire) in wires.into_iter().enumerate() {
        if let Some(score) = decimal(&wire.score, &mut checks, format!("/scores/{i}/score")) {
            scores.push(CriterionScore { criterion: CriterionId(wire.criterion), score, comment: wire.comment });
        }
    }
    checks.done()?;
    Ok(scores)
}

fn reply(sheet: Evaluation) -> Answer {
    let version = sheet.version;
    Ok(Reply::ok(&EvaluationView::from(sheet))?.version(version))
}

#[derive(Serialize, ToSchema)]
#[schema(as = EvaluationList)]
struct EvaluationListView {
    items: Vec<EvaluationView>,
}

/// Submit one's sheets of a challenge
///
/// For evaluators on the panel. Every admitted bid without a conflict must be scored on every criterion; then all sheets
/// are frozen.
#[utoipa::path(tag = "evaluation", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["evaluation:write"])),
    responses((status = 200, description = "Submitted", body = EvaluationListView), WriteProblems))]
#[post("/challenges/{challenge}/submit-evaluations")]
async fn submit_evaluations(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| {
        let sheets = evaluations::submit(conn, caller, ChallengeId(*id))?;
        Reply::ok(&EvaluationListView { items: sheets.into_iter().map(Into::into).collect() })
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[schema(as = Ranking)]
pub(crate) struct RankingView {
    /// By rank; bids below a minimum score last.
    rows: Vec<RankedBidView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RankedBid)]
struct RankedBidView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    bid: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// Those who bid together with the company.
    partners: Vec<PartnerNameView>,
    /// 1, 2, 2, 4; none below a minimum score.
    #[schema(example = 1)]
    rank: Option<u32>,
    /// From 0 to 100, rounded half up; ranks come from exact values.
    #[schema(example = "71.8333")]
    total: String,
    #[schema(example = "14.4444")]
    price_points: Option<String>,
    criteria: Vec<CriterionResultView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CriterionResult)]
struct CriterionResultView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    criterion: Uuid,
    /// On the criterion's own scale.
    #[schema(example = "4.25")]
    consensus: String,
    /// From 0 to 100.
    #[schema(example = "85")]
    points: String,
    #[schema(example = true)]
    passed: bool,
    /// Whether the evaluators disagree so much that the panel should talk.
    #[schema(example = false)]
    divergent: bool,
}

impl From<Ranked> for RankingView {
    fn from(Ranked { ranking, partners }: Ranked) -> Self {
        let of = |bid| partners.iter().filter(move |(of, ..)| *of == bid);
        let rows = ranking.rows.into_iter().map(|row| {
            let partners = of(row.bid).map(|(_, id, name)| (*id, name.clone()).into()).collect();
            RankedBidView::of(row, partners)
        });
        Self { rows: rows.collect() }
    }
}

impl RankedBidView {
    fn of(row: RankedBid, partners: Vec<PartnerNameView>) -> Self {
        Self {
            bid: row.bid.0,
            company: row.company.0,
            partners,
            rank: row.rank,
            total: row.total.normalize().to_string(),
            price_points: row.price_points.map(|points| points.normalize().to_string()),
            criteria: row.criteria.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<domain::CriterionRow> for CriterionResultView {
    fn from(row: domain::CriterionRow) -> Self {
        Self {
            criterion: row.criterion.0,
            consensus: row.consensus.normalize().to_string(),
            points: row.points.normalize().to_string(),
            passed: row.passed,
            divergent: row.divergent,
        }
    }
}

/// See the ranking of a challenge
///
/// For the agency's officers once every sheet is submitted; for everybody after the award.
#[utoipa::path(tag = "evaluation", params(("challenge" = Uuid, Path, description = "The challenge")),
    security((), ("bearer" = []), ("api_key" = ["evaluation:read"])),
    responses((status = 200, description = "The ranking", body = RankingView), ReadProblems))]
#[get("/challenges/{challenge}/ranking")]
async fn get_ranking(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| Reply::ok(&RankingView::from(evaluations::ranking(conn, viewer, ChallengeId(*id))?)))
        .await
}
