//! One-time codes and recovery codes.

use super::sessions::{self, prove};
use crate::{
    Answer,
    access::{As, BeforeTerms, Recent, SignedIn},
    foundation::{AttemptProblems, Body, ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{get, post};
use application::second_factors;
use domain::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_one_time_codes)
        .service(enrol_one_time_codes)
        .service(enable_one_time_codes)
        .service(disable_one_time_codes)
        .service(renew_recovery_codes);
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OneTimeCodes)]
struct StateView {
    /// Whether log-ins take a code.
    #[schema(example = true)]
    enabled: bool,
    /// How many recovery codes were not used yet.
    #[schema(example = 9)]
    recovery_codes_left: i64,
}

/// See whether one's own log-ins take a one-time code
#[utoipa::path(tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "How it is", body = StateView), ReadProblems))]
#[get("/account/totp")]
async fn get_one_time_codes(who: As<SignedIn>) -> Answer {
    who.read(|conn, actor| {
        let (enabled, recovery_codes_left) = second_factors::state(conn, actor.user)?;
        Reply::ok(&StateView { enabled, recovery_codes_left })
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[schema(as = Enrolment)]
struct EnrolmentView {
    /// For an app that takes no QR code (base 32).
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// What a QR code for the app holds.
    #[schema(
        example = "otpauth://totp/Provoco:ana.kos%40dispatch.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Provoco"
    )]
    uri: String,
}

/// Make a secret for one-time codes
///
/// For an app (RFC 6238: SHA-1, six digits, 30 seconds). Nothing changes until a first code is sent to
/// `POST /account/totp/enable`. Shown once: an `Idempotency-Key` is not heeded.
#[utoipa::path(tag = "accounts", params(WriteParams), security(("bearer" = [])),
    responses((status = 200, description = "The secret", body = EnrolmentView), WriteProblems))]
#[post("/account/totp")]
async fn enrol_one_time_codes(who: As<BeforeTerms<Recent<SignedIn>>>) -> Answer {
    let state = who.state().clone();
    who.write_secret(move |conn, caller| {
        let enrolment = second_factors::enrol(conn, caller, &state.vault)?;
        Reply::ok(&EnrolmentView { secret: enrolment.secret, uri: enrolment.uri })
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnableOneTimeCodes {
    /// The six digits that the app shows.
    #[schema(example = "287082", pattern = "^[0-9]{6}$")]
    code: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RecoveryCodes)]
struct RecoveryCodesView {
    /// Each works once in the place of a one-time code; not shown again.
    #[schema(example = json!(["7k3m-9x2q-4tvw-8hzn"]))]
    recovery_codes: Vec<String>,
}

/// Turn one-time codes on
///
/// Takes a first code. Gives ten recovery codes, shown once: an `Idempotency-Key` is not heeded.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = EnableOneTimeCodes, security(("bearer" = [])),
    responses((status = 200, description = "Log-ins take a code", body = RecoveryCodesView), WriteProblems))]
#[post("/account/totp/enable")]
async fn enable_one_time_codes(who: As<BeforeTerms<Recent<SignedIn>>>, body: Body<EnableOneTimeCodes>) -> Answer {
    let state = who.state().clone();
    who.write_secret(move |conn, caller| {
        let recovery_codes = second_factors::enable(conn, caller, &state.vault, &body.0.code)?;
        Reply::ok(&RecoveryCodesView { recovery_codes })
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DisableOneTimeCodes {
    /// The six digits that the app for one-time codes shows, if they are on.
    #[schema(nullable = false, example = "287082", pattern = "^[0-9]{6}$")]
    code: Option<String>,
    /// One of the recovery codes, in the place of `code`.
    #[schema(nullable = false, example = "7k3m-9x2q-4tvw-8hzn", max_length = 50)]
    recovery_code: Option<String>,
}

/// Turn one-time codes off
///
/// Takes a last code, or a recovery code.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = DisableOneTimeCodes, security(("bearer" = [])),
    responses((status = 204, description = "Log-ins take no code"), AttemptProblems))]
#[post("/account/totp/disable")]
async fn disable_one_time_codes(who: As<BeforeTerms<Recent<SignedIn>>>, body: Body<DisableOneTimeCodes>) -> Answer {
    let code = sessions::code(body.0.code, body.0.recovery_code)?;
    let code = code.ok_or_else(|| Refusal::invalid("/code", "required", "is required"))?;
    let (session, state) = (who.session()?, who.state().clone());
    let proof = prove(&who, None, Some(code)).await?;
    who.write(move |conn, caller| {
        second_factors::disable(conn, caller, session, &state.vault, &proof)?;
        Ok(Reply::no_content())
    })
    .await
}

/// Replace one's own recovery codes
///
/// The old ones do not work any more. Shown once: an `Idempotency-Key` is not heeded.
#[utoipa::path(tag = "accounts", params(WriteParams), security(("bearer" = [])),
    responses((status = 200, description = "The new ones", body = RecoveryCodesView), WriteProblems))]
#[post("/account/totp/recovery-codes")]
async fn renew_recovery_codes(who: As<BeforeTerms<Recent<SignedIn>>>) -> Answer {
    who.write_secret(|conn, caller| {
        let recovery_codes = second_factors::renew_recovery_codes(conn, caller)?;
        Reply::ok(&RecoveryCodesView { recovery_codes })
    })
    .await
}
