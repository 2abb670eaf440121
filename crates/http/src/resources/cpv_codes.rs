//! Codes of the common procurement vocabulary.

use crate::{
    Answer,
    access::Anyone,
    foundation::{Paged, Query, ReadProblems, Reply, cursor},
};
use actix_web::get;
use application::cpv;
use domain::cpv::{CpvCode, CpvEntry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_cpv_codes);
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Digits that the code begins with, or words that its name holds.
    #[param(max_length = 100, pattern = r"^[^%_\\]*$")]
    q: Option<String>,
    /// Only codes right below this one; `00000000` for the divisions.
    #[param(pattern = "^[0-9]{8}$")]
    parent: Option<String>,
    /// `next` of the page before.
    #[param(max_length = 500)]
    after: Option<String>,
    /// How many to give; 50 if not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CpvCode)]
struct CpvCodeView {
    #[schema(example = "72000000")]
    code: String,
    /// Where the list of this installation tells it.
    #[schema(example = "5")]
    check_digit: Option<char>,
    #[schema(example = "IT services: consulting, software development, Internet and support")]
    name: String,
}

impl From<CpvEntry> for CpvCodeView {
    fn from(CpvEntry { code, check_digit, name }: CpvEntry) -> Self {
        Self { code: code.to_string(), check_digit, name }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = CpvCodePage)]
struct CpvCodePageView {
    items: Vec<CpvCodeView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// Search the CPV codes
///
/// The common procurement vocabulary (Regulation (EC) No 213/2008), in the order of the codes: its 45 divisions, and all
/// of it once an administrator has loaded the official list.
#[utoipa::path(tag = "codes", params(ListParams),
    security((), ("bearer" = []), ("api_key" = ["codes:read"])),
    responses((status = 200, description = "A page", body = CpvCodePageView), ReadProblems))]
#[get("/cpv-codes")]
async fn list_cpv_codes(who: Anyone, query: Query<ListParams>) -> Answer {
    let ListParams { q, parent, after, limit } = query.0;
    let (cursors, limit) = (&who.state().cursors, limit.unwrap_or(cursor::DEFAULT_LIMIT));
    let list = format!("cpv-codes?q={q:?}&parent={parent:?}");
    let after = after.map(|after| cursors.open::<String>(&list, &after)).transpose()?;
    let page = who
        .read(move |conn, _| {
            let parent = parent.map(|parent| CpvCode::parse(&parent).ok());
            let found =
                cpv::search(conn, q.as_deref().unwrap_or_default().trim(), parent, after.as_deref(), limit + 1)?;
            Ok(Paged::cut(found, limit))
        })
        .await?;
    let next = page.last(|last| cursors.seal(&list, &last.code.as_str())).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&CpvCodePageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}
