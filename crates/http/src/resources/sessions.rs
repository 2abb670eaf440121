//! Logging in and out.

use crate::{
    Answer, Error,
    access::{Anyone, As, BeforeTerms, SignedIn},
    foundation::{Body, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{delete, post};
use application::sessions::{self, Issued, Refreshed};
use chrono::{DateTime, Utc};
use domain::{Refusal, account::Email};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(log_in).service(refresh_session).service(log_out);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    #[schema(example = "ana.kos@dispatch.example", max_length = 254)]
    email: String,
    #[schema(example = "seven quiet otters", max_length = 128)]
    password: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
struct SessionView {
    /// Send it as `Authorization: Bearer ...`.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9...")]
    access_token: String,
    /// Until when the access token is good.
    expires_at: DateTime<Utc>,
    /// Good for one refresh; using it twice ends the session.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU")]
    refresh_token: String,
}

/// Log in
///
/// Gives a short-lived access token and a refresh token. A wrong password and an unknown address get the same answer
/// after the same time.
#[utoipa::path(tag = "sessions", params(WriteParams), request_body = LogIn,
    responses((status = 201, description = "Logged in", body = SessionView), WriteProblems))]
#[post("/sessions")]
async fn log_in(who: Anyone, body: Body<LogIn>) -> Answer {
    let email = Email::parse(&body.0.email).map_err(|_| Refusal::WrongCredentials)?;
    let account = who.state().db().read(move |conn| sessions::find_account(conn, &email)).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let right = who.state().passwords.verify(body.0.password, hash).await?;
    let account = account.filter(|_| right).ok_or(Refusal::WrongCredentials)?;
    let state = who.state().clone();
    who.write(move |conn, _| {
        let issued = sessions::log_in(conn, &account, state.settings.session)?;
        Reply::created("/api/v1/sessions/current".to_owned(), &view(&state, &issued)?)
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RefreshSession {
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    refresh_token: String,
}

/// Refresh a session
///
/// Exchanges the refresh token for new tokens. A refresh token that was used before ends the session at once.
#[utoipa::path(tag = "sessions", params(WriteParams), request_body = RefreshSession,
    responses((status = 201, description = "New tokens", body = SessionView), WriteProblems))]
#[post("/sessions/refresh")]
async fn refresh_session(who: Anyone, body: Body<RefreshSession>) -> Answer {
    let state = who.state().clone();
    let refreshed = who.write(move |conn, _| match sessions::refresh(conn, &body.0.refresh_token)? {
        Refreshed::Issued(issued) => {
            Reply::created("/api/v1/sessions/current".to_owned(), &view(&state, &issued)?).map(Ok)
        }
        Refreshed::Reused => Ok(Err(Refusal::TokenInvalid)),
    });
    Ok(refreshed.await??)
}

/// Log out
///
/// Ends the session: its access and refresh tokens die with it.
#[utoipa::path(tag = "sessions", params(WriteParams), security(("bearer" = [])),
    responses((status = 204, description = "Logged out"), WriteProblems))]
#[delete("/sessions/current")]
async fn log_out(who: As<BeforeTerms<SignedIn>>) -> Answer {
    let session = who.session();
    who.write(move |conn, _| {
        sessions::log_out(conn, session)?;
        Ok(Reply::no_content())
    })
    .await
}

fn view(state: &crate::State, issued: &Issued) -> Result<SessionView, Error> {
    let (access_token, expires_at) = state.access_token(issued)?;
    Ok(SessionView { access_token, expires_at, refresh_token: issued.refresh_token.reveal().to_owned() })
}
