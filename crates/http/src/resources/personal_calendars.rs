//! A person's own dates, for their calendar program.

use crate::{
    Answer, Error,
    access::{Anyone, As, SignedIn},
    feeds::{Site, calendar},
    foundation::{ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{HttpResponse, delete, get, post, web};
use application::personal_calendars as calendars;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(renew_calendar_token)
        .service(get_calendar_token)
        .service(revoke_calendar_token)
        .service(get_personal_calendar);
}

#[derive(Serialize, ToSchema)]
struct CalendarToken {
    /// The secret; shown this once.
    #[schema(example = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    token: String,
    /// What a calendar program subscribes to. Whoever has it reads your dates.
    #[schema(
        example = "https://provoco.example/api/v1/calendars/personal/3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ics"
    )]
    url: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CalendarTokenStatus {
    created_at: DateTime<Utc>,
}

/// Make a calendar address
///
/// Calendar programs can show who they are by nothing but the address that they fetch, so it holds a secret. It opens your dates
/// and nothing else. It is shown once; making another one ends the one before. An `Idempotency-Key` is not heeded.
#[utoipa::path(tag = "accounts", params(WriteParams), security(("bearer" = [])),
    responses((status = 201, description = "Made", body = CalendarToken), WriteProblems))]
#[post("/account/calendar-token")]
async fn renew_calendar_token(who: As<SignedIn>) -> Answer {
    let base_url = who.state().settings.base_url.clone();
    who.write_secret(move |conn, caller| {
        let secret = calendars::renew(conn, caller)?;
        let token = secret.reveal().to_owned();
        let url = format!("{base_url}/api/v1/calendars/personal/{token}.ics");
        Reply::created("/api/v1/account/calendar-token".to_owned(), &CalendarToken { token, url })
    })
    .await
}

/// See whether there is a calendar address
///
/// And since when; not which.
#[utoipa::path(tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "There is one", body = CalendarTokenStatus), ReadProblems))]
#[get("/account/calendar-token")]
async fn get_calendar_token(who: As<SignedIn>) -> Answer {
    who.read(|conn, actor| Reply::ok(&CalendarTokenStatus { created_at: calendars::since(conn, actor)? })).await
}

/// Revoke the calendar address
///
/// It opens nothing from now on.
#[utoipa::path(tag = "accounts", params(WriteParams), security(("bearer" = [])),
    responses((status = 204, description = "Revoked"), WriteProblems))]
#[delete("/account/calendar-token")]
async fn revoke_calendar_token(who: As<SignedIn>) -> Answer {
    who.write(|conn, caller| {
        calendars::revoke(conn, caller)?;
        Ok(Reply::no_content())
    })
    .await
}

/// Get one's own dates as a calendar
///
/// For whoever has the address: the dates of the challenges that its owner follows or that their companies bid for, and what
/// waits for them. Nothing is given once the address is revoked, or the account suspended, deactivated or erased.
#[utoipa::path(tag = "accounts", params(("token" = String, Path, description = "The secret, with `.ics` after it", min_length = 1, max_length = 100)),
    responses((status = 200, description = "The calendar", content_type = "text/calendar", body = String), ReadProblems))]
#[get("/calendars/personal/{token}")]
async fn get_personal_calendar(who: Anyone, token: web::Path<String>) -> Result<HttpResponse, Error> {
    let read = who.read(move |conn, _| Ok(calendars::read(conn, token.strip_suffix(".ics").unwrap_or(&token))?));
    let personal = read.await?;
    let site = Site { base_url: &who.state().settings.base_url };
    Ok(calendar::of_person(site, &personal).answer(who.request()))
}
