//! Choosing another password: with a link from one's mailbox, or knowing the old one.

use super::sessions::{self, prove};
use crate::{
    Answer, Error,
    access::{Anyone, As, BeforeTerms, Recent, SignedIn},
    foundation::{AttemptProblems, Body, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{post, put};
use application::{accounts, password_resets, proofs};
use domain::account::{Code, Email, check_password};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(request_password_reset).service(complete_password_reset).service(change_password);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RequestPasswordReset {
    /// The address of the account.
    #[schema(example = "ana.kos@dispatch.example", max_length = 254)]
    email: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PasswordResetAccepted)]
struct Accepted {
    /// What happens next; the same whether the address was known or not.
    #[schema(example = "If this address has an account, a mail with a link is on its way to it.")]
    message: &'static str,
}

/// Ask for another password
///
/// Mails a link that works once, for an hour. The answer is the same for known and unknown addresses.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = RequestPasswordReset,
    responses((status = 202, description = "A mail is on its way", body = Accepted), WriteProblems))]
#[post("/password-resets")]
async fn request_password_reset(who: Anyone, body: Body<RequestPasswordReset>) -> Answer {
    request(&who, &body.0.email).await
}

/// Mails a link, from the API or from the page.
pub(crate) async fn request(who: &Anyone, email: &str) -> Answer {
    let email = Email::parse(email)?;
    who.write(move |conn, _| {
        password_resets::request(conn, &email)?;
        let message = "If this address has an account, a mail with a link is on its way to it.";
        Reply::accepted(&Accepted { message })
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CompletePasswordReset {
    /// The token from the link in the mail.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    token: String,
    /// The new password; 12 to 128 characters of any kind.
    #[schema(example = "eight calm herons", min_length = 12, max_length = 128)]
    password: String,
    /// The six digits that the app for one-time codes shows, if they are on.
    #[schema(nullable = false, example = "287082", pattern = "^[0-9]{6}$")]
    code: Option<String>,
    /// One of the recovery codes, in the place of `code`.
    #[schema(nullable = false, example = "7k3m-9x2q-4tvw-8hzn", max_length = 50)]
    recovery_code: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PasswordReset)]
struct ResetView {
    /// Send it with the next log-in: failures elsewhere do not block that.
    #[schema(example = "4Tj0aX7m1Qk7vQF1bY8r5sUmZ0Jx3c1x6m0nq3bJ2T9")]
    device: String,
}

/// Choose another password
///
/// Uses up the token of a mail. All sessions end. An account with one-time codes asks for one here too.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = CompletePasswordReset,
    responses((status = 200, description = "The new password holds", body = ResetView), AttemptProblems))]
#[post("/password-resets/complete")]
async fn complete_password_reset(who: Anyone, body: Body<CompletePasswordReset>) -> Answer {
    let CompletePasswordReset { token, password, code, recovery_code } = body.0;
    complete(&who, token, password, sessions::code(code, recovery_code)?).await
}

/// Sets the password, from the API or from the page.
pub(crate) async fn complete(who: &Anyone, token: String, password: String, code: Option<Code>) -> Answer {
    let (held, sent) = (token.clone(), code.clone());
    let holder = who.before(move |conn| Ok(password_resets::holder(conn, &held, sent.as_ref())?)).await?;
    let hash = accept(who.state(), password, &holder.about).await?;
    let state = who.state().clone();
    who.write(move |conn, request_id| {
        let proof = (token.as_str(), code.as_ref());
        let device = password_resets::complete(conn, request_id, &state.vault, proof, &hash)?;
        Reply::ok(&ResetView { device: device.reveal().to_owned() })
    })
    .await
}

/// The hash of a password that may be chosen.
async fn accept(state: &crate::State, password: String, about: &[String]) -> Result<String, Error> {
    let about: Vec<_> = about.iter().map(String::as_str).collect();
    check_password(&password, &about)?;
    Ok(state.passwords.hash(password).await?)
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangePassword {
    /// The password that holds now.
    #[schema(example = "seven quiet otters", max_length = 128)]
    current_password: String,
    /// The new password; 12 to 128 characters of any kind.
    #[schema(example = "eight calm herons", min_length = 12, max_length = 128)]
    password: String,
}

/// Change one's own password
///
/// All other sessions end, and a mail tells of it.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = ChangePassword, security(("bearer" = [])),
    responses((status = 204, description = "Changed"), AttemptProblems))]
#[put("/account/password")]
async fn change_password(who: As<BeforeTerms<Recent<SignedIn>>>, body: Body<ChangePassword>) -> Answer {
    let ChangePassword { current_password, password } = body.0;
    let about = who.before(|conn, caller| Ok(accounts::about(conn, caller.actor.user)?)).await?;
    let (proof, session) = (prove(&who, Some(current_password), None).await?, who.session()?);
    let (hash, state) = (accept(who.state(), password, &about).await?, who.state().clone());
    who.write(move |conn, caller| {
        proofs::require(conn, caller, session, &state.vault, &proof)?;
        accounts::change_password(conn, caller, session, &hash)?;
        Ok(Reply::no_content())
    })
    .await
}
