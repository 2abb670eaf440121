//! Another e-mail address.

use crate::{
    Answer,
    access::{Anyone, As, BeforeTerms, Recent, SignedIn},
    foundation::{Body, Reply, WriteProblems, query::WriteParams},
};
use actix_web::post;
use application::email_changes;
use domain::account::Email;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(request_email_change).service(confirm_email_change).service(undo_email_change);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RequestEmailChange {
    /// The new address.
    #[schema(example = "ana.novak@dispatch.example", max_length = 254)]
    email: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = EmailChangeAccepted)]
struct Accepted {
    /// What happens next; the same whether somebody has the address or not.
    #[schema(example = "If this address can be used, a mail with a link is on its way to it.")]
    message: &'static str,
}

/// Change one's own e-mail address
///
/// Mails a link to the new address; nothing changes until it is used, within 48 hours. The old address is told then, and
/// can take it back for seven days.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = RequestEmailChange, security(("bearer" = [])),
    responses((status = 202, description = "A mail is on its way", body = Accepted), WriteProblems))]
#[post("/account/email")]
async fn request_email_change(who: As<BeforeTerms<Recent<SignedIn>>>, body: Body<RequestEmailChange>) -> Answer {
    let email = Email::parse(&body.0.email)?;
    who.write(move |conn, caller| {
        email_changes::request(conn, caller, &email)?;
        let message = "If this address can be used, a mail with a link is on its way to it.";
        Reply::accepted(&Accepted { message })
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmailChangeToken {
    /// The token from the link in the mail.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    token: String,
}

/// Confirm another e-mail address
///
/// Uses up the token that was mailed to the new address.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = EmailChangeToken,
    responses((status = 204, description = "The new address holds"), WriteProblems))]
#[post("/email-changes/confirm")]
async fn confirm_email_change(who: Anyone, body: Body<EmailChangeToken>) -> Answer {
    confirm(&who, body.0.token).await
}

/// Confirms, from the API or from the page.
pub(crate) async fn confirm(who: &Anyone, token: String) -> Answer {
    who.write(move |conn, request_id| {
        email_changes::confirm(conn, request_id, &token)?;
        Ok(Reply::no_content())
    })
    .await
}

/// Take another e-mail address back
///
/// Uses up the token that was mailed to the old address, which holds again. All sessions end, and a link for a new
/// password is mailed to it.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = EmailChangeToken,
    responses((status = 204, description = "The old address holds again"), WriteProblems))]
#[post("/email-changes/undo")]
async fn undo_email_change(who: Anyone, body: Body<EmailChangeToken>) -> Answer {
    undo(&who, body.0.token).await
}

/// Takes the old address back, from the API or from the page.
pub(crate) async fn undo(who: &Anyone, token: String) -> Answer {
    who.write(move |conn, request_id| {
        email_changes::undo(conn, request_id, &token)?;
        Ok(Reply::no_content())
    })
    .await
}
