//! What organisations owe, and how punctual they are.

use super::periods::ComputedDateView;
use crate::{
    Answer, Error, State,
    access::{Anyone, As, SignedIn},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{HttpRequest, get, post, web};
use application::{
    challenge_clocks::{self, Moment},
    obligations,
};
use chrono::{DateTime, Utc};
use domain::{
    Actor, ObligationId, ObligationKind, OrganisationId,
    obligation::{Figures, Pause, Standing},
};
use persistence::{Conn, obligations::Listed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_own_obligations)
        .service(list_organisation_obligations)
        .service(pause_obligation)
        .service(resume_obligation)
        .service(get_punctuality);
}

/// Whoever owes something.
#[derive(Serialize, ToSchema)]
#[schema(as = ObligationOwner)]
struct OwnerView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "Northern Dispatch")]
    name: String,
}

/// What something is owed about.
#[derive(Serialize, ToSchema)]
#[schema(as = ObligationSubject)]
struct SubjectView {
    #[schema(example = "challenge")]
    kind: &'static str,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
}

/// The challenge that it belongs to.
#[derive(Serialize, ToSchema)]
#[schema(as = ObligationChallenge)]
struct ChallengeView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "Telling urgent 112 calls apart during a flood")]
    title: String,
}

/// A time in which the clock stood still.
#[derive(Serialize, ToSchema)]
#[schema(as = ObligationPause)]
struct PauseView {
    from: DateTime<Utc>,
    /// None while it lasts.
    until: Option<DateTime<Utc>>,
    #[schema(example = "We asked the water authority for its figures.")]
    reason: String,
}

impl From<Pause> for PauseView {
    fn from(Pause { from, until, reason, .. }: Pause) -> Self {
        Self { from, until, reason }
    }
}

/// Something that an organisation owes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Obligation)]
struct ObligationView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(schema_with = wire::obligation_kind, example = "review_challenge")]
    kind: ObligationKind,
    organisation: OwnerView,
    /// Whose task it is.
    #[schema(schema_with = wire::role, example = "officer")]
    role: &'static str,
    subject: SubjectView,
    challenge: Option<ChallengeView>,
    #[schema(schema_with = wire::standing, example = "open")]
    status: Standing,
    started_at: DateTime<Utc>,
    /// Done before this instant it is in time; moves with each pause.
    due_at: DateTime<Utc>,
    /// How the due date came about, before any pause; none if the agency set it in its plan.
    due: Option<ComputedDateView>,
    pauses: Vec<PauseView>,
}

impl ObligationView {
    fn of(Listed { obligation, organisation_name, challenge_title }: Listed, moment: &Moment) -> Self {
        let now = moment.of(obligation.challenge);
        let challenge = obligation.challenge.zip(challenge_title);
        Self {
            id: obligation.id.0,
            kind: obligation.kind,
            organisation: OwnerView { id: obligation.organisation.0, name: organisation_name },
            role: obligation.role.as_str(),
            subject: SubjectView { kind: obligation.subject.kind(), id: obligation.subject.uuid() },
            challenge: challenge.map(|(id, title)| ChallengeView { id: id.0, title }),
            status: obligation.standing(now),
            started_at: obligation.started_at,
            due_at: obligation.due_at,
            due: obligation.computed.map(Into::into),
            pauses: obligation.pauses.into_iter().map(Into::into).collect(),
        }
    }
}

/// What time it is for each of these.
fn moment(conn: &mut Conn, actor: &Actor, found: &[Listed]) -> Result<Moment, Error> {
    let challenges: Vec<_> = found.iter().filter_map(|listed| listed.obligation.challenge).collect();
    Ok(challenge_clocks::moment(conn, actor, &challenges)?)
}

#[derive(Serialize, ToSchema)]
#[schema(as = ObligationPage)]
struct ObligationPageView {
    items: Vec<ObligationView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// List one's own tasks
///
/// What one's organisations owe and whose task it is in the roles that one holds there, the soonest due first.
#[utoipa::path(tag = "obligations", params(PageParams), security(("bearer" = []), ("api_key" = ["obligations:read"])),
    responses((status = 200, description = "A page", body = ObligationPageView), ReadProblems))]
#[get("/account/obligations")]
async fn list_own_obligations(who: As<SignedIn>, query: Query<PageParams>) -> Answer {
    let list = "account/obligations";
    let (after, limit) = query.0.read::<(DateTime<Utc>, Uuid)>(&who.state().cursors, list)?;
    let after = after.map(|(due_at, id)| (due_at, ObligationId(id)));
    let found = who.read(move |conn, actor| {
        let found = obligations::tasks(conn, actor, after, limit + 1)?;
        let moment = moment(conn, actor, &found)?;
        Ok((found, moment))
    });
    page_reply(found.await?, limit, list, who.state(), who.request())
}

/// List what an organisation owes
///
/// For its members, the soonest due first; what has ended is left out.
#[utoipa::path(tag = "obligations", params(PageParams, ("organisation" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["obligations:read"])),
    responses((status = 200, description = "A page", body = ObligationPageView), ReadProblems))]
#[get("/organisations/{organisation}/obligations")]
async fn list_organisation_obligations(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let list = format!("organisations/{id}/obligations");
    let (after, limit) = query.0.read::<(DateTime<Utc>, Uuid)>(&who.state().cursors, &list)?;
    let after = after.map(|(due_at, id)| (due_at, ObligationId(id)));
    let found = who.read(move |conn, actor| {
        let found = obligations::of_organisation(conn, actor, OrganisationId(*id), after, limit + 1)?;
        let moment = moment(conn, actor, &found)?;
        Ok((found, moment))
    });
    page_reply(found.await?, limit, &list, who.state(), who.request())
}

fn page_reply(
    (found, moment): (Vec<Listed>, Moment),
    limit: i64,
    list: &str,
    state: &State,
    request: &HttpRequest,
) -> Answer {
    let page = Paged::cut(found, limit);
    let place = |last: &Listed| state.cursors.seal(list, &(last.obligation.due_at, last.obligation.id.0));
    let next = page.last(place).transpose()?;
    let items = page.items.into_iter().map(|listed| ObligationView::of(listed, &moment)).collect();
    let view = ObligationPageView { items, next };
    Ok(Reply::ok(&view)?.next(request, view.next.as_ref()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PauseObligation {
    /// Why the clock has to stand still; the organisation's members see it.
    #[schema(example = "We asked the water authority for its figures.", min_length = 1, max_length = 1000)]
    reason: String,
}

/// Pause an obligation
///
/// Takes the role `owner` or `officer` in the organisation that owes it. Possible while it is not late; at most 20 times.
#[utoipa::path(tag = "obligations", params(WriteParams, ("obligation" = Uuid, Path, description = "Its id")),
    request_body = PauseObligation, security(("bearer" = [])),
    responses((status = 200, description = "Paused", body = ObligationView), WriteProblems))]
#[post("/obligations/{obligation}/pause")]
async fn pause_obligation(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<PauseObligation>) -> Answer {
    who.write(move |conn, caller| {
        let paused = obligations::pause(conn, caller, ObligationId(*id), &body.0.reason)?;
        let moment = moment(conn, &caller.actor, std::slice::from_ref(&paused))?;
        Reply::ok(&ObligationView::of(paused, &moment))
    })
    .await
}

/// Resume an obligation
///
/// Takes the role `owner` or `officer` in the organisation that owes it. Its due date moves by the time that the clock stood
/// still.
#[utoipa::path(tag = "obligations", params(WriteParams, ("obligation" = Uuid, Path, description = "Its id")),
    security(("bearer" = [])),
    responses((status = 200, description = "Resumed", body = ObligationView), WriteProblems))]
#[post("/obligations/{obligation}/resume")]
async fn resume_obligation(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| {
        let resumed = obligations::resume(conn, caller, ObligationId(*id))?;
        let moment = moment(conn, &caller.actor, std::slice::from_ref(&resumed))?;
        Reply::ok(&ObligationView::of(resumed, &moment))
    })
    .await
}

/// The figures of a kind of obligation that was due in a year.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PunctualityFigures)]
struct FiguresView {
    /// In UTC.
    #[schema(example = 2026)]
    year: i32,
    #[schema(schema_with = wire::obligation_kind, example = "review_challenge")]
    kind: ObligationKind,
    /// Done before they were due.
    #[schema(example = 12)]
    met_in_time: i64,
    /// Done later.
    #[schema(example = 2)]
    met_late: i64,
    /// Not done by their due dates, nor later.
    #[schema(example = 1)]
    unmet: i64,
    /// To be done, and late.
    #[schema(example = 0)]
    open_overdue: i64,
    /// The median of the whole days from the start to the end of those that were done, pauses not counted; a decimal.
    #[schema(example = "2.5")]
    median_days: Option<String>,
}

impl FiguresView {
    fn of((year, kind, figures): (i32, ObligationKind, Figures)) -> Self {
        let Figures { met_in_time, met_late, unmet, open_overdue, twice_median_days } = figures;
        let halves = |twice: i64| format!("{}{}", twice / 2, if twice % 2 == 0 { "" } else { ".5" });
        let median_days = twice_median_days.map(halves);
        Self { year, kind, met_in_time, met_late, unmet, open_overdue, median_days }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Punctuality)]
struct PunctualityView {
    items: Vec<FiguresView>,
}

/// See how punctual an organisation is
///
/// By the year in which something was due, this one and the four before it, the last first, and by what was owed. What
/// belongs to a challenge counts once that is public.
#[utoipa::path(tag = "obligations", params(("organisation" = Uuid, Path, description = "Its id")),
    security((), ("bearer" = []), ("api_key" = ["obligations:read"])),
    responses((status = 200, description = "The figures", body = PunctualityView), ReadProblems))]
#[get("/organisations/{organisation}/punctuality")]
async fn get_punctuality(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let figures = obligations::punctuality(conn, viewer, OrganisationId(*id)).map_err(Error::from)?;
        Reply::ok(&PunctualityView { items: figures.into_iter().map(FiguresView::of).collect() })
    })
    .await
}
