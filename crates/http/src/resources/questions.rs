//! Asking about challenges, and reading what was asked and answered.

use super::question_view::{QuestionView, page_reply, reply};
use crate::{
    Answer,
    access::{Anyone, As, Bidder},
    foundation::{Body, PageParams, Query, ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{get, post, web};
use application::questions::{self, After};
use chrono::{DateTime, Utc};
use domain::{ChallengeId, OrganisationId, QuestionId, question::AnswerVersion};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::question_view::QuestionPageView;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(ask_question)
        .service(list_questions)
        .service(get_question)
        .service(withdraw_question)
        .service(list_answer_versions);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskQuestion {
    /// The company for which you ask. The agency does not learn which.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// The question. The agency reads it as it is: leave out whatever tells who you are.
    #[schema(example = "May recordings of calls leave the dispatch centre?", min_length = 1, max_length = 4000)]
    text: String,
}

/// Ask a question about a challenge
///
/// Takes the role `bidder` in the company, which may have 50 questions waiting. Possible until questions end, and before the
/// deadline. The agency reads the question and never who asked. You follow the challenge from then on.
#[utoipa::path(tag = "questions", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = AskQuestion, security(("bearer" = []), ("api_key" = ["questions:write"])),
    responses((status = 201, description = "Asked", body = QuestionView), WriteProblems))]
#[post("/challenges/{challenge}/questions")]
async fn ask_question(who: As<Bidder>, id: web::Path<Uuid>, body: Body<AskQuestion>) -> Answer {
    let policy = who.state().settings.obligations;
    who.write(move |conn, caller| {
        let AskQuestion { company, text } = body.0;
        let asked = questions::ask(conn, caller, ChallengeId(*id), OrganisationId(company), &text, policy)?;
        let location = format!("/api/v1/questions/{}", asked.question.id);
        Reply::created(location, &QuestionView::from(asked))
    })
    .await
}

/// List the questions about a challenge
///
/// The published ones with their answers, in the order of their numbers. After them come, for members of the agency, those
/// that wait, were merged or declined; and for members of a company its own ones.
#[utoipa::path(tag = "questions", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security((), ("bearer" = []), ("api_key" = ["questions:read"])),
    responses((status = 200, description = "A page", body = QuestionPageView), ReadProblems))]
#[get("/challenges/{challenge}/questions")]
async fn list_questions(who: Anyone, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let list = format!("challenges/{id}/questions");
    let (after, limit) = query.0.read::<After>(&who.state().cursors, &list)?;
    let found =
        who.read(move |conn, viewer| Ok(questions::list(conn, viewer, ChallengeId(*id), after, limit + 1)?)).await?;
    page_reply(found, limit, &list, who.state(), who.request())
}

/// See a question
///
/// A published one is for everybody; any other for the company that asked and for the members of the agency.
#[utoipa::path(tag = "questions", params(("question" = Uuid, Path, description = "Its id")),
    security((), ("bearer" = []), ("api_key" = ["questions:read"])),
    responses((status = 200, description = "The question", body = QuestionView), ReadProblems))]
#[get("/questions/{question}")]
async fn get_question(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| reply(questions::find(conn, viewer, QuestionId(*id))?)).await
}

/// Withdraw a question
///
/// Takes the role `bidder` in the company that asked. Possible before there is an answer.
#[utoipa::path(tag = "questions", params(WriteParams, ("question" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["questions:write"])),
    responses((status = 200, description = "Withdrawn", body = QuestionView), WriteProblems))]
#[post("/questions/{question}/withdraw")]
async fn withdraw_question(who: As<Bidder>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(questions::withdraw(conn, caller, QuestionId(*id))?)).await
}

/// What everybody read of a question, or reads.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AnswerVersion)]
struct AnswerVersionView {
    /// Counts from 1.
    #[schema(example = 2)]
    number: i32,
    #[schema(example = "May recordings of calls leave the dispatch centre?")]
    question: String,
    /// Markdown.
    #[schema(example = "No. They are processed on site.")]
    answer: String,
    #[schema(example = false)]
    changes_scope: bool,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    change_notice: Option<Uuid>,
    /// Why it was corrected; none for the first version.
    #[schema(example = "The first answer confused two sites.")]
    reason: Option<String>,
    published_at: DateTime<Utc>,
}

impl From<AnswerVersion> for AnswerVersionView {
    fn from(AnswerVersion { number, wording, reason, at, .. }: AnswerVersion) -> Self {
        Self {
            number,
            question: wording.question,
            answer: wording.answer,
            changes_scope: wording.changes_scope,
            change_notice: wording.change_notice.map(|notice| notice.0),
            reason,
            published_at: at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AnswerVersionList)]
struct AnswerVersionListView {
    items: Vec<AnswerVersionView>,
}

/// List the versions of a published answer
///
/// The newest first; at most 21.
#[utoipa::path(tag = "questions", params(("question" = Uuid, Path, description = "Its id")),
    security((), ("bearer" = []), ("api_key" = ["questions:read"])),
    responses((status = 200, description = "The versions", body = AnswerVersionListView), ReadProblems))]
#[get("/questions/{question}/versions")]
async fn list_answer_versions(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let versions = questions::versions(conn, viewer, QuestionId(*id))?;
        Reply::ok(&AnswerVersionListView { items: versions.into_iter().map(Into::into).collect() })
    })
    .await
}
