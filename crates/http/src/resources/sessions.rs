//! Logging in and out.

use crate::{
    Answer, Error,
    access::{Anyone, As, BeforeTerms, Requirement, SignedIn},
    foundation::{AttemptProblems, Body, Reply, WriteProblems, client::client, query::WriteParams},
};
use actix_web::{delete, post};
use application::{
    log_ins::{self, LoggedIn},
    proofs::{self, Proof},
    sessions::{self, Issued, Refreshed},
};
use chrono::{DateTime, Utc};
use domain::{
    Refusal,
    account::{Code, Email},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(log_in).service(confirm_session).service(refresh_session).service(log_out);
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LogIn {
    #[schema(example = "ana.kos@dispatch.example", max_length = 254)]
    email: String,
    #[schema(example = "seven quiet otters", max_length = 128)]
    password: String,
    /// The six digits that the app for one-time codes shows, if they are on.
    #[schema(nullable = false, example = "287082", pattern = "^[0-9]{6}$")]
    code: Option<String>,
    /// One of the recovery codes, in the place of `code`.
    #[schema(nullable = false, example = "7k3m-9x2q-4tvw-8hzn", max_length = 50)]
    recovery_code: Option<String>,
    /// `device` of an earlier log-in here: failures elsewhere do not block this one.
    #[schema(nullable = false, example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    device: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// Send it as `Authorization: Bearer ...`.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9...")]
    access_token: String,
    /// Until when the access token is good.
    expires_at: DateTime<Utc>,
    /// Good for one refresh; using it twice ends the session.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU")]
    refresh_token: String,
    /// After a log-in on a device that was not known: keep it, and send it with the next log-in. Good for 90 days after
    /// each.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "4Tj0aX7m1Qk7vQF1bY8r5sUmZ0Jx3c1x6m0nq3bJ2T9")]
    device: Option<String>,
}

/// Log in
///
/// Gives a short-lived access token and a refresh token. A wrong password and an unknown address get the same answer
/// after the same time. Too many failures are answered by 429 before anything is looked at; a password reset ends that
/// for its owner. With one-time codes on, `code` or `recoveryCode` is needed too.
#[utoipa::path(tag = "sessions", params(WriteParams), request_body = LogIn,
    responses((status = 201, description = "Logged in", body = SessionView), AttemptProblems))]
#[post("/sessions")]
async fn log_in(who: Anyone, body: Body<LogIn>) -> Answer {
    let LogIn { email, password, code: digits, recovery_code, device } = body.0;
    let email = Email::parse(&email).map_err(|_| Refusal::WrongCredentials)?;
    let code = code(digits, recovery_code)?;
    let client = client(who.request());
    let attempt = who.before(move |conn| Ok(log_ins::begin(conn, &email, device.as_deref(), client)?)).await?;
    let right = match who.state().passwords.verify(password, attempt.password_hash()).await {
        Ok(right) => right,
        Err(error) => {
            who.before(move |conn| Ok(log_ins::abandon(conn, &attempt)?)).await?;
            return Err(error.into());
        }
    };
    let state = who.state().clone();
    let logged_in = who.write(move |conn, request_id| {
        let proof = (right, code.as_ref());
        let finished = log_ins::finish(conn, request_id, &state.vault, &attempt, proof, state.settings.session)?;
        let reply = |LoggedIn { issued, device }| {
            let view =
                SessionView { device: device.map(|device| device.reveal().to_owned()), ..view(&state, &issued)? };
            Reply::created("/api/v1/sessions/current".to_owned(), &view)
        };
        finished.map_or_else(|refusal| Ok(Err(refusal)), |logged_in| reply(logged_in).map(Ok))
    });
    Ok(logged_in.await??)
}

/// The code that was given, if any.
pub(crate) fn code(code: Option<String>, recovery_code: Option<String>) -> Result<Option<Code>, Refusal> {
    match (code, recovery_code) {
        (Some(_), Some(_)) => Err(Refusal::invalid("/recoveryCode", "not_allowed", "send this or code, not both")),
        (code, recovery_code) => Ok(code.map(Code::OneTime).or(recovery_code.map(Code::Recovery))),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConfirmSession {
    /// The password, or a code instead.
    #[schema(nullable = false, example = "seven quiet otters", max_length = 128)]
    password: Option<String>,
    /// The six digits that the app for one-time codes shows, if they are on.
    #[schema(nullable = false, example = "287082", pattern = "^[0-9]{6}$")]
    code: Option<String>,
    /// One of the recovery codes, in the place of `code`.
    #[schema(nullable = false, example = "7k3m-9x2q-4tvw-8hzn", max_length = 50)]
    recovery_code: Option<String>,
}

/// Confirm that it is you
///
/// A step-up: for 15 minutes the session may do what cannot be undone. Takes the password, or a one-time code.
#[utoipa::path(tag = "sessions", params(WriteParams), request_body = ConfirmSession, security(("bearer" = [])),
    responses((status = 204, description = "Confirmed"), AttemptProblems))]
#[post("/sessions/current/confirm")]
async fn confirm_session(who: As<BeforeTerms<SignedIn>>, body: Body<ConfirmSession>) -> Answer {
    let ConfirmSession { password, code: digits, recovery_code } = body.0;
    let (session, code) = (who.session()?, code(digits, recovery_code)?);
    let proof = prove(&who, password, code).await?;
    let state = who.state().clone();
    who.write(move |conn, caller| {
        proofs::step_up(conn, caller, session, &state.vault, &proof)?;
        Ok(Reply::no_content())
    })
    .await
}

/// Counts an attempt, and checks a password outside the database; a code is checked in the use case.
pub(crate) async fn prove<R: Requirement>(
    who: &As<R>,
    password: Option<String>,
    code: Option<Code>,
) -> Result<Proof, Error> {
    let session = who.session()?;
    match (password, code) {
        (None, None) => Err(Refusal::invalid("/password", "required", "send the password or a code").into()),
        (Some(_), Some(_)) => Err(Refusal::invalid("/code", "not_allowed", "send this or password, not both").into()),
        (password, code) => {
            let hash = who.before(move |conn, caller| Ok(proofs::begin(conn, caller, session)?)).await?;
            match (password, code) {
                (_, Some(code)) => Ok(Proof::Code(code)),
                (password, None) => match who.state().passwords.verify(password.unwrap_or_default(), hash).await {
                    Ok(right) => Ok(Proof::Password(right)),
                    Err(error) => {
                        who.before(move |conn, _| Ok(proofs::abandon(conn, session)?)).await?;
                        Err(error.into())
                    }
                },
            }
        }
    }
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
    let session = who.session()?;
    who.write(move |conn, _| {
        sessions::log_out(conn, session)?;
        Ok(Reply::no_content())
    })
    .await
}

pub(crate) fn view(state: &crate::State, issued: &Issued) -> Result<SessionView, Error> {
    let (access_token, expires_at) = state.access_token(issued)?;
    let refresh_token = issued.refresh_token.reveal().to_owned();
    Ok(SessionView { access_token, expires_at, refresh_token, device: None })
}
