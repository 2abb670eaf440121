//! Signing in through OpenID providers, and the accounts there that are linked to people here.

use super::sessions::{self, SessionView};
use crate::{
    Answer, Error, State,
    access::{Anyone, As, BeforeTerms, SignedIn},
    foundation::{AttemptProblems, Body, ReadProblems, Reply, WriteProblems, client::client, query::WriteParams},
};
use actix_web::{
    HttpRequest, delete, get,
    http::header::{COOKIE, SET_COOKIE},
    post, web,
};
use application::oidc::{self, Provider, Ticket};
use chrono::{DateTime, Utc};
use domain::{
    IdentityId, Refusal,
    identity::{Identity, SIGN_IN_LIFETIME},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_oidc_providers)
        .service(begin_oidc_sign_in)
        .service(log_in_with_oidc)
        .service(list_identities)
        .service(unlink_identity);
}

/// Calls to providers that may be under way; each takes a thread, for seconds if the provider is slow.
static CALLS: Semaphore = Semaphore::const_new(16);

/// Talks with a provider, off the threads that serve requests.
pub(crate) async fn ask<T, F>(provider: &Arc<Provider>, call: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(&Provider) -> application::Result<T> + Send + 'static,
{
    let unavailable = |why: &str| application::Error::ProviderUnavailable(why.to_owned());
    let _turn = CALLS.try_acquire().map_err(|_| unavailable("too many people are signing in at this moment"))?;
    let provider = provider.clone();
    Ok(web::block(move || call(&provider)).await.map_err(|_| unavailable("the call was given up"))??)
}

#[derive(Serialize, ToSchema)]
#[schema(as = OidcProvider)]
struct ProviderView {
    /// Names it when a sign-in begins.
    #[schema(example = "city")]
    name: String,
    /// Its name for people.
    #[schema(example = "City of Ljubljana")]
    label: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OidcProviderList)]
struct ProviderListView {
    items: Vec<ProviderView>,
}

/// List OpenID providers
///
/// Those that the operator has configured; without any this is 404.
#[utoipa::path(tag = "sessions",
    responses((status = 200, description = "The providers", body = ProviderListView), ReadProblems))]
#[get("/oidc-providers")]
async fn list_oidc_providers(who: Anyone) -> Answer {
    let providers = who.state().providers.clone();
    who.read(move |_, _| {
        if providers.all().is_empty() {
            return Err(Refusal::NotFound("provider").into());
        }
        let view = |p: &Arc<Provider>| ProviderView { name: p.name().to_owned(), label: p.label().to_owned() };
        Reply::ok(&ProviderListView { items: providers.all().iter().map(view).collect() })
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BeginOidcSignIn {
    /// A provider's name.
    #[schema(example = "city", max_length = 32)]
    provider: String,
    /// The path on this installation that the browser is sent to in the end, with the code as the query parameter
    /// `code`. Without it a page shows the code.
    #[schema(nullable = false, example = "/challenges", max_length = 500)]
    redirect_path: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OidcSignIn)]
struct SignInView {
    /// Send the browser there.
    #[schema(example = "https://id.city.example/authorize?response_type=code&client_id=provoco...")]
    authorization_url: String,
    /// Until when the provider may answer.
    expires_at: DateTime<Utc>,
    /// Keep it, and present it with the code. Browsers get it as a cookie too and need not look at it.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU")]
    binding: String,
}

/// Begin to sign in through an OpenID provider
///
/// The person signs in at `authorizationUrl`; the provider sends the browser back here, which gives a code that works
/// once, for two minutes, together with the `binding`.
#[utoipa::path(tag = "sessions", params(WriteParams), request_body = BeginOidcSignIn,
    responses((status = 201, description = "Begun", body = SignInView), WriteProblems))]
#[post("/oidc-sign-ins")]
async fn begin_oidc_sign_in(who: Anyone, body: Body<BeginOidcSignIn>) -> Answer {
    let state = who.state().clone();
    let provider = state.providers.find(&body.0.provider)?;
    let metadata = ask(&provider, Provider::metadata).await?;
    who.write(move |conn, _| {
        let begun = oidc::begin(conn, &provider, body.0.redirect_path)?;
        let authorization_url = provider.authorization_url(&metadata, &begun);
        let binding = begun.binding.reveal().to_owned();
        let cookie = cookie(&state, &binding, SIGN_IN_LIFETIME.num_seconds());
        let view = SignInView { authorization_url, expires_at: begun.expires_at, binding };
        Ok(Reply::created("/api/v1/sessions/oidc".to_owned(), &view)?.header(SET_COOKIE.as_str(), cookie))
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LogInWithOidc {
    /// The code that the browser brought back.
    #[schema(example = "Qk7vQF1bY8r5sUmZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3", max_length = 100)]
    code: String,
    /// As given when the sign-in began; browsers leave it out and send the cookie.
    #[schema(nullable = false, example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    binding: Option<String>,
    /// The six digits that the app for one-time codes shows, if they are on.
    #[schema(nullable = false, example = "287082", pattern = "^[0-9]{6}$")]
    one_time_code: Option<String>,
    /// One of the recovery codes, in the place of `oneTimeCode`.
    #[schema(nullable = false, example = "7k3m-9x2q-4tvw-8hzn", max_length = 50)]
    recovery_code: Option<String>,
}

/// Log in with the code of an OpenID sign-in
///
/// Takes the code and the `binding` (or the cookie) of the same sign-in; works once. With one-time codes on,
/// `oneTimeCode` or `recoveryCode` is needed too; with a wrong one, the sign-in begins again.
#[utoipa::path(tag = "sessions", params(WriteParams), request_body = LogInWithOidc,
    responses((status = 201, description = "Logged in", body = SessionView), AttemptProblems))]
#[post("/sessions/oidc")]
async fn log_in_with_oidc(who: Anyone, body: Body<LogInWithOidc>) -> Answer {
    let state = who.state().clone();
    let LogInWithOidc { code, binding, one_time_code, recovery_code } = body.0;
    let second = sessions::code(one_time_code, recovery_code)?;
    let binding = binding.or_else(|| binding_of(who.request())).ok_or(Refusal::TokenInvalid)?;
    let (ticket, client) = (Ticket { code, binding, second }, client(who.request()));
    let logged_in = who.write(move |conn, request_id| {
        let lifetime = state.settings.session;
        let reply = |issued| {
            let reply = Reply::created("/api/v1/sessions/current".to_owned(), &sessions::view(&state, &issued)?)?;
            Ok(reply.header(SET_COOKIE.as_str(), cookie(&state, "", 0)))
        };
        let issued = oidc::log_in(conn, request_id, &state.vault, &ticket, &client, lifetime)?;
        issued.map_or_else(|refusal| Ok(Err(refusal)), |issued| reply(issued).map(Ok))
    });
    Ok(logged_in.await??)
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Identity)]
pub(crate) struct IdentityView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// The provider's name.
    #[schema(example = "city")]
    provider: String,
    /// The provider's issuer identifier.
    #[schema(example = "https://id.city.example")]
    issuer: String,
    /// The account there.
    #[schema(example = "248289761001")]
    subject: String,
    linked_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
}

impl From<Identity> for IdentityView {
    fn from(identity: Identity) -> Self {
        let Identity { id, provider, issuer, subject, linked_at, last_used_at, .. } = identity;
        Self { id: id.0, provider, issuer, subject, linked_at, last_used_at }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = IdentityList)]
struct IdentityListView {
    items: Vec<IdentityView>,
}

/// List one's identities
///
/// The accounts at OpenID providers that can log the caller in; the newest first, at most 100.
#[utoipa::path(tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "The identities", body = IdentityListView), ReadProblems))]
#[get("/account/identities")]
async fn list_identities(who: As<SignedIn>) -> Answer {
    who.read(|conn, actor| {
        let items = oidc::list(conn, actor)?.into_iter().map(Into::into).collect();
        Reply::ok(&IdentityListView { items })
    })
    .await
}

/// Unlink an identity
///
/// The account at the provider can log the caller in no longer, until somebody signs in there whose verified address is
/// the caller's.
#[utoipa::path(tag = "accounts", params(WriteParams, ("identity" = Uuid, Path, description = "Its id")),
    security(("bearer" = [])), responses((status = 204, description = "Unlinked"), WriteProblems))]
#[delete("/account/identities/{identity}")]
async fn unlink_identity(who: As<BeforeTerms<SignedIn>>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| {
        oidc::unlink(conn, caller, IdentityId(*id))?;
        Ok(Reply::no_content())
    })
    .await
}

/// The binding that a browser sends.
pub(crate) fn binding_of(request: &HttpRequest) -> Option<String> {
    let secure = request.app_data::<web::Data<State>>().is_some_and(|state| state.is_secure());
    let cookies = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == cookie_name(secure)).map(|(_, value)| value.to_owned())
}

/// With encryption, the prefix makes browsers refuse such a cookie from a neighbouring host (RFC 6265bis, 4.1.3.2).
fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-provoco-sign-in" } else { "provoco-sign-in" }
}

/// `Lax`, because the provider sends the browser back from another site.
fn cookie(state: &State, value: &str, seconds: i64) -> String {
    let secure = state.is_secure();
    let attributes = if secure { "; Secure" } else { "" };
    format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{attributes}", cookie_name(secure))
}
