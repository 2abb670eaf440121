//! What authors and officers do about questions.

use super::{
    challenge_view::ChallengeView,
    challenges::reply as challenge_reply,
    question_view::{QuestionPageView, QuestionView, reply},
};
use crate::{
    Answer,
    access::{As, Officer, SignedIn},
    foundation::{Body, EditProblems, Precondition, Reply, WriteProblems, query::WriteParams, wire::given},
};
use actix_web::{patch, post, web};
use application::{
    closing,
    questions::{self, Chosen},
};
use domain::{ChallengeId, ChangeNoticeId, QuestionId, question::Wording};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(draft_answer)
        .service(publish_answers)
        .service(correct_answer)
        .service(merge_question)
        .service(decline_question)
        .service(close_challenge);
}

/// What everybody will read. Fields that are left out keep their value.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DraftAnswer {
    /// The question in words that do not give its author away.
    #[schema(
        nullable = false,
        example = "May recordings of calls leave the dispatch centre?",
        min_length = 1,
        max_length = 4000
    )]
    question: Option<String>,
    /// The answer; Markdown.
    #[schema(nullable = false, example = "No. They are processed on site.", max_length = 10_000)]
    answer: Option<String>,
    /// Whether bidders answer to something else after it.
    #[schema(nullable = false, example = false)]
    changes_scope: Option<bool>,
    /// The change notice that says so, published since the question was asked.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    change_notice: Option<Option<Uuid>>,
}

impl DraftAnswer {
    fn apply(self, wording: Wording) -> Wording {
        Wording {
            question: self.question.unwrap_or(wording.question),
            answer: self.answer.unwrap_or(wording.answer),
            changes_scope: self.changes_scope.unwrap_or(wording.changes_scope),
            change_notice: self.change_notice.map_or(wording.change_notice, |given| given.map(ChangeNoticeId)),
        }
    }
}

/// Prepare an answer
///
/// Takes the role `author` or `officer` in the agency. Only the agency's members see it until it is published.
#[utoipa::path(tag = "questions", params(WriteParams, ("question" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = DraftAnswer, security(("bearer" = []), ("api_key" = ["questions:write"])),
    responses((status = 200, description = "Prepared", body = QuestionView), EditProblems))]
#[patch("/questions/{question}")]
async fn draft_answer(who: As<SignedIn>, id: web::Path<Uuid>, seen: Precondition, body: Body<DraftAnswer>) -> Answer {
    who.write(move |conn, caller| {
        let change = |wording| body.0.apply(wording);
        reply(questions::draft_answer(conn, caller, QuestionId(*id), Some(seen.0), change)?)
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PublishAnswers {
    /// Numbered in this order.
    #[schema(min_items = 1, max_items = 100)]
    questions: Vec<ChosenWire>,
}

/// A question, in the version that was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChosenQuestion)]
struct ChosenWire {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// Its version; refused if somebody changed the draft since.
    #[schema(example = 2, minimum = 1, maximum = 2_147_483_647)]
    version: i32,
}

/// Publish answers
///
/// Takes the role `author` or `officer` in the agency. All at the same moment, to everybody, with those questions that were
/// merged into these; all or none. Possible after the deadline too, as long as the challenge is not closed.
#[utoipa::path(tag = "questions", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = PublishAnswers, security(("bearer" = []), ("api_key" = ["questions:write"])),
    responses((status = 200, description = "Published", body = QuestionPageView), WriteProblems))]
#[post("/challenges/{challenge}/questions/publish-answers")]
async fn publish_answers(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<PublishAnswers>) -> Answer {
    who.write(move |conn, caller| {
        let chosen =
            body.0.questions.iter().map(|chosen| Chosen { id: QuestionId(chosen.id), version: chosen.version });
        let published = questions::publish(conn, caller, ChallengeId(*id), &chosen.collect::<Vec<_>>())?;
        Reply::ok(&QuestionPageView::all(published))
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CorrectAnswer {
    /// What is different.
    wording: DraftAnswer,
    /// Why; public.
    #[schema(example = "The first answer confused two sites.", min_length = 1, max_length = 5000)]
    reason: String,
}

/// Correct a published answer
///
/// Takes the role `author` or `officer` in the agency. A new version; the old ones stay readable, and everybody who was told
/// of the answer is told. At most 20 times.
#[utoipa::path(tag = "questions", params(WriteParams, ("question" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = CorrectAnswer, security(("bearer" = []), ("api_key" = ["questions:write"])),
    responses((status = 200, description = "Corrected", body = QuestionView), EditProblems))]
#[post("/questions/{question}/correct")]
async fn correct_answer(
    who: As<SignedIn>,
    id: web::Path<Uuid>,
    seen: Precondition,
    body: Body<CorrectAnswer>,
) -> Answer {
    who.write(move |conn, caller| {
        let CorrectAnswer { wording, reason } = body.0;
        let change = |before| wording.apply(before);
        reply(questions::correct(conn, caller, QuestionId(*id), Some(seen.0), change, &reason)?)
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeQuestion {
    /// The question whose answer is common to both.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    into: Uuid,
}

/// Merge a question into another
///
/// Takes the role `author` or `officer` in the agency. The answer to the other question, present or to come, answers this one
/// as well. Who asked learns of it with the answer.
#[utoipa::path(tag = "questions", params(WriteParams, ("question" = Uuid, Path, description = "Its id")),
    request_body = MergeQuestion, security(("bearer" = []), ("api_key" = ["questions:write"])),
    responses((status = 200, description = "Merged", body = QuestionView), WriteProblems))]
#[post("/questions/{question}/merge")]
async fn merge_question(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<MergeQuestion>) -> Answer {
    who.write(move |conn, caller| reply(questions::merge(conn, caller, QuestionId(*id), QuestionId(body.0.into))?))
        .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclineQuestion {
    /// Why; for the company that asked.
    #[schema(example = "It is not about this challenge.", min_length = 1, max_length = 5000)]
    reason: String,
}

/// Decline a question
///
/// Takes the role `author` or `officer` in the agency. The company that asked is told why; the question is not published.
#[utoipa::path(tag = "questions", params(WriteParams, ("question" = Uuid, Path, description = "Its id")),
    request_body = DeclineQuestion, security(("bearer" = []), ("api_key" = ["questions:write"])),
    responses((status = 200, description = "Declined", body = QuestionView), WriteProblems))]
#[post("/questions/{question}/decline")]
async fn decline_question(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<DeclineQuestion>) -> Answer {
    who.write(move |conn, caller| reply(questions::decline(conn, caller, QuestionId(*id), &body.0.reason)?)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CloseChallenge {
    /// Why questions stay without an answer; public.
    #[schema(example = "The expert who could answer left the agency.", min_length = 1, max_length = 5000)]
    override_reason: String,
}

/// Close a challenge although answers are late
///
/// Takes the role `officer` in the agency. A challenge closes by itself at its deadline, unless a question has no answer
/// after its due date. Then it closes once all are answered, merged or declined; or by this, for a public reason.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    request_body = CloseChallenge, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Closed", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/close")]
async fn close_challenge(who: As<Officer>, id: web::Path<Uuid>, body: Body<CloseChallenge>) -> Answer {
    who.write(move |conn, caller| {
        challenge_reply(closing::close_over(conn, caller, ChallengeId(*id), &body.0.override_reason)?, true)
    })
    .await
}
