//! The history of what a challenge says.

use super::content_view::ContentView;
use crate::{
    Answer,
    access::{As, SignedIn},
    foundation::{PageParams, Paged, Query, ReadProblems, Reply, schema},
};
use actix_web::{get, web};
use application::revisions;
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId,
    challenge::{Content, Revision, Section},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_revisions).service(get_revision);
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RevisionSummary)]
struct RevisionSummaryView {
    /// Counts from 1.
    #[schema(example = 3)]
    number: i32,
    /// Who wrote it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    editor: Uuid,
    /// When the first change of this revision was made.
    begun_at: DateTime<Utc>,
    /// When the last one was made.
    edited_at: DateTime<Utc>,
}

impl From<&Revision> for RevisionSummaryView {
    fn from(revision: &Revision) -> Self {
        let Revision { number, editor, begun_at, edited_at, .. } = revision;
        Self { number: *number, editor: editor.0, begun_at: *begun_at, edited_at: *edited_at }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = RevisionPage)]
struct RevisionPageView {
    items: Vec<RevisionSummaryView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Revision)]
struct RevisionView {
    #[serde(flatten)]
    summary: RevisionSummaryView,
    content: ContentView,
    /// The sections that differ from the revision before.
    #[schema(value_type = Vec<String>)]
    changed_sections: Vec<Section>,
    /// The fields that differ from the revision before.
    changes: Vec<ChangeView>,
}

/// A field that differs.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = FieldChange)]
pub(crate) struct ChangeView {
    /// The field, as a JSON Pointer into `content`.
    #[schema(example = "/budgetCeiling/amount")]
    pointer: String,
    /// What it was; `null` if it was not there.
    #[schema(example = "45000.00")]
    before: Value,
    /// What it is; `null` if it is not there any more.
    #[schema(example = "38500.00")]
    after: Value,
}

/// The fields in which two contents differ.
pub(crate) fn changes(before: Content, after: Content) -> Vec<ChangeView> {
    let document = |content| serde_json::to_value(ContentView::of(content)).unwrap_or_default();
    let mut changes = Vec::new();
    compare(&document(before), &document(after), "", &mut changes);
    changes
}

/// Goes down to the values: objects by the names of their fields, lists by place.
fn compare(before: &Value, after: &Value, at: &str, changes: &mut Vec<ChangeView>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Value::Object(before), Value::Object(after)) => {
            let none = Value::Null;
            let of = |fields: &Map<String, Value>, name: &str| fields.get(name).unwrap_or(&none).clone();
            let added = after.keys().filter(|name| !before.contains_key(*name));
            for name in before.keys().chain(added) {
                compare(&of(before, name), &of(after, name), &schema::child(at, name), changes);
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            for i in 0..before.len().max(after.len()) {
                let of = |items: &[Value]| items.get(i).cloned().unwrap_or_default();
                compare(&of(before), &of(after), &format!("{at}/{i}"), changes);
            }
        }
        _ => changes.push(ChangeView { pointer: at.to_owned(), before: before.clone(), after: after.clone() }),
    }
}

/// List the revisions of a challenge
///
/// The newest first, for the agency's members. Changes by one person within a quarter of an hour are one revision.
#[utoipa::path(tag = "challenges", params(PageParams, ("challenge" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "A page", body = RevisionPageView), ReadProblems))]
#[get("/challenges/{challenge}/revisions")]
async fn list_revisions(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("challenges/{id}/revisions"));
    let (before, limit) = query.0.read::<i32>(cursors, &list)?;
    let page = who
        .read(move |conn, actor| {
            Ok(Paged::cut(revisions::list(conn, actor, ChallengeId(*id), before, limit + 1)?, limit))
        })
        .await?;
    let next = page.last(|last| cursors.seal(&list, &last.number)).transpose()?;
    let items = page.items.iter().map(Into::into).collect();
    Ok(Reply::ok(&RevisionPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// See a revision of a challenge
///
/// What it said, and field by field what is different from the revision before. For the agency's members.
#[utoipa::path(tag = "challenges",
    params(("challenge" = Uuid, Path, description = "The challenge"),
        ("number" = i32, Path, description = "The number of the revision", minimum = 1, maximum = 2_147_483_647)),
    security(("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "The revision", body = RevisionView), ReadProblems))]
#[get("/challenges/{challenge}/revisions/{number}")]
async fn get_revision(who: As<SignedIn>, path: web::Path<(Uuid, i32)>) -> Answer {
    who.read(move |conn, actor| {
        let (revision, before) = revisions::find(conn, actor, ChallengeId(path.0), path.1)?;
        let summary = RevisionSummaryView::from(&revision);
        let (changed_sections, changes) = match before {
            Some(before) => {
                let sections = before.content.changed_sections(&revision.content);
                (sections, changes(before.content, revision.content.clone()))
            }
            None => (Vec::new(), Vec::new()),
        };
        Reply::ok(&RevisionView { summary, content: ContentView::of(revision.content), changed_sections, changes })
    })
    .await
}
