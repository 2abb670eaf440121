//! Public challenges as feeds: for feed readers and for calendars.

use super::challenge_params::ChallengeParams;
use crate::{
    Error,
    access::Anyone,
    feeds::{Site, atom, calendar},
    foundation::{Query, ReadProblems},
};
use actix_web::{HttpResponse, get, web};
use application::feeds;
use domain::ChallengeId;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_challenges_atom).service(get_challenges_calendar).service(get_challenge_calendar);
}

/// Get published challenges as an Atom feed
///
/// The newest 100 of what `GET /challenges` gives for the same parameters; `sort` changes nothing. Entries keep their `id`;
/// `updated` is when everybody last learned something of the challenge. Send the `ETag` back as `If-None-Match`.
#[utoipa::path(tag = "challenges", params(ChallengeParams),
    responses((status = 200, description = "The feed", content_type = "application/atom+xml", body = String), ReadProblems))]
#[get("/challenges.atom")]
async fn get_challenges_atom(who: Anyone, query: Query<ChallengeParams>) -> Result<HttpResponse, Error> {
    let query = query.0.query()?;
    let asked = query.to_query_string();
    let entries = who.read(move |conn, _| Ok(feeds::entries(conn, &query)?)).await?;
    let site = Site { base_url: &who.state().settings.base_url };
    Ok(atom::feed(site, &asked, &entries).answer(who.request()))
}

/// Get the dates of published challenges as a calendar
///
/// Of the newest 100 challenges of what `GET /challenges` gives for the same parameters: the deadline, and the other dates that the
/// agency set. `sort` changes nothing.
#[utoipa::path(tag = "challenges", params(ChallengeParams),
    responses((status = 200, description = "The calendar", content_type = "text/calendar", body = String), ReadProblems))]
#[get("/challenges.ics")]
async fn get_challenges_calendar(who: Anyone, query: Query<ChallengeParams>) -> Result<HttpResponse, Error> {
    let query = query.0.query()?;
    let entries = who.read(move |conn, _| Ok(feeds::entries(conn, &query)?)).await?;
    let site = Site { base_url: &who.state().settings.base_url };
    Ok(calendar::of_challenges(site, "Challenges", &entries, true).answer(who.request()))
}

/// Get the dates of a challenge as a calendar
///
/// Those that the agency set and those that follow from others, for those who may see the challenge.
#[utoipa::path(tag = "challenges", params(("challenge" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The calendar", content_type = "text/calendar", body = String), ReadProblems))]
#[get("/challenges/{challenge}/timeline.ics")]
async fn get_challenge_calendar(who: Anyone, id: web::Path<Uuid>) -> Result<HttpResponse, Error> {
    let entry = who.read(move |conn, viewer| Ok(feeds::timeline(conn, viewer, ChallengeId(*id))?)).await?;
    let (site, public) = (Site { base_url: &who.state().settings.base_url }, entry.challenge.is_public());
    let name = entry.challenge.content.title.clone();
    Ok(calendar::of_challenges(site, &name, &[entry], public).answer(who.request()))
}
