//! What a reader gets of a question.

use crate::{
    Answer, State,
    foundation::{Paged, Reply, wire},
};
use actix_web::HttpRequest;
use application::questions::Visible;
use chrono::{DateTime, Utc};
use domain::{Question, QuestionStatus, question::Sight};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A question.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Question)]
pub(crate) struct QuestionView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
    /// Only the agency sees `merged`: its asker sees `asked` or `answered`.
    #[schema(schema_with = wire::question_status, example = "answered")]
    status: QuestionStatus,
    /// Its number among the published questions, or that of the question whose answer is common to both.
    #[schema(example = 3)]
    number: Option<i32>,
    /// As everybody reads it, or is going to; what was asked, for its company until then.
    #[schema(example = "May recordings of calls leave the dispatch centre?")]
    question: String,
    /// What was asked; for the agency and for the company that asked.
    #[schema(example = "May our laboratory in Celje get recordings of calls?")]
    original: Option<String>,
    /// Markdown. A draft, which only the agency sees, until it is published.
    #[schema(example = "No. They are processed on site.")]
    answer: Option<String>,
    /// Whether bidders answer to something else after it.
    #[schema(example = false)]
    changes_scope: bool,
    /// The change notice that says so.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    change_notice: Option<Uuid>,
    /// Which version of the answer this is: 1, and one more with each correction.
    #[schema(example = 1)]
    revision: Option<i32>,
    published_at: Option<DateTime<Utc>>,
    corrected_at: Option<DateTime<Utc>>,
    /// The question whose answer is common to both; its company sees it once that is published.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    merged_into: Option<Uuid>,
    /// Why it is not answered; for the agency and for the company that asked.
    #[schema(example = "It is not about this challenge.")]
    decline_reason: Option<String>,
    /// For the agency and for the company that asked.
    asked_at: Option<DateTime<Utc>>,
    /// Who asked; for the company that asked, and for nobody else.
    own: Option<AskerView>,
    /// Grows with each change; the ETag. For the agency only.
    #[schema(example = 2)]
    version: Option<i32>,
}

/// Who asked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Asker)]
struct AskerView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    #[schema(example = "Calm Signal d.o.o.")]
    company_name: String,
    /// Name of the person; none once that person was erased.
    #[schema(example = "Zoë Rossi")]
    person: Option<String>,
}

impl From<Visible> for QuestionView {
    fn from(visible: Visible) -> Self {
        match visible.sight {
            Sight::Asker => Self::of_asker(visible),
            Sight::Staff => Self::of_staff(&visible.question),
            Sight::Public => Self::public(&visible.question),
        }
    }
}

impl QuestionView {
    /// What everybody sees.
    fn public(question: &Question) -> Self {
        let publication = question.publication;
        Self {
            id: question.id.0,
            challenge: question.challenge.0,
            status: question.status,
            number: publication.map(|publication| publication.number),
            question: question.wording.question.clone(),
            original: None,
            answer: Some(question.wording.answer.clone()),
            changes_scope: question.wording.changes_scope,
            change_notice: question.wording.change_notice.map(|notice| notice.0),
            revision: publication.map(|publication| publication.revision),
            published_at: publication.map(|publication| publication.at),
            corrected_at: publication.and_then(|publication| publication.corrected_at),
            merged_into: None,
            decline_reason: None,
            asked_at: None,
            own: None,
            version: None,
        }
    }

    fn of_staff(question: &Question) -> Self {
        Self {
            merged_into: question.merged_into.map(|into| into.0),
            asked_at: Some(question.asked_at),
            version: Some(question.version),
            answer: Some(question.wording.answer.clone()).filter(|answer| !answer.is_empty()),
            decline_reason: question.decline_reason.clone(),
            original: Some(question.original.clone()),
            ..Self::public(question)
        }
    }

    /// What is public of the question or of that into which it was merged, beside the company's own words; no draft, and
    /// before there is an answer nothing of another question.
    fn of_asker(Visible { question, common, asked_by, .. }: Visible) -> Self {
        let published = common.as_ref().or(Some(&question)).filter(|q| q.publication.is_some()).map(Self::public);
        let unanswered =
            || Self { question: question.original.clone(), answer: None, ..Self::without_draft(&question) };
        let company = question.company.0;
        Self {
            id: question.id.0,
            status: question.status_for_asker(common.as_ref()),
            merged_into: common.as_ref().map(|common| common.id.0),
            decline_reason: question.decline_reason.clone(),
            original: Some(question.original.clone()),
            asked_at: Some(question.asked_at),
            own: asked_by.map(|(company_name, person)| AskerView { company, company_name, person }),
            ..published.unwrap_or_else(unanswered)
        }
    }

    fn without_draft(question: &Question) -> Self {
        Self { changes_scope: false, change_notice: None, ..Self::public(question) }
    }
}

/// One question; staff get its version as the ETag.
pub(crate) fn reply(visible: Visible) -> Answer {
    let view = QuestionView::from(visible);
    let reply = Reply::ok(&view)?;
    Ok(match view.version {
        Some(version) => reply.version(version),
        None => reply,
    })
}

#[derive(Serialize, ToSchema)]
#[schema(as = QuestionPage)]
pub(crate) struct QuestionPageView {
    items: Vec<QuestionView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

impl QuestionPageView {
    /// Questions that are no page of a longer list.
    pub(crate) fn all(found: Vec<Visible>) -> Self {
        Self { items: found.into_iter().map(Into::into).collect(), next: None }
    }
}

pub(crate) fn page_reply(found: Vec<Visible>, limit: i64, list: &str, state: &State, request: &HttpRequest) -> Answer {
    let page = Paged::cut(found, limit);
    let next = page.last(|last| state.cursors.seal(list, &last.place())).transpose()?;
    let view = QuestionPageView { items: page.items.into_iter().map(Into::into).collect(), next };
    Ok(Reply::ok(&view)?.next(request, view.next.as_ref()))
}
