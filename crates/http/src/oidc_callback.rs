//! The page that an OpenID provider sends the browser back to. It works without JavaScript, and its address is worth
//! nothing without the binding that the beginning of the sign-in gave.

use crate::{
    Error,
    access::Anyone,
    foundation::request_id::request_id,
    pages,
    resources::oidc::{ask, binding_of},
};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};
use application::{
    oidc::{self, Answer},
    tokens::Secret,
};
use askama::Template;
use serde::Deserialize;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/oidc/callback", web::get().to(callback));
}

/// What the provider sends; there may be more, which means nothing to us (RFC 6749, 4.1.2).
#[derive(Deserialize)]
struct Callback {
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "signed_in.html")]
struct SignedInPage {
    code: String,
}

async fn callback(who: Anyone, query: web::Query<Callback>) -> Result<HttpResponse, Error> {
    match complete(&who, query.into_inner()).await {
        Ok((code, Some(path))) => Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, format!("{path}?code={}", code.reveal())))
            .finish()),
        Ok((code, None)) => pages::page(StatusCode::OK, &SignedInPage { code: code.reveal().to_owned() }),
        Err(error) => {
            tracing::warn!(error = %error, "a sign-in through a provider failed");
            pages::refused(error)
        }
    }
}

/// The code that is worth a session, and where it is to be brought. The answer is used up first: whatever happens then,
/// nobody can give it again.
async fn complete(who: &Anyone, given: Callback) -> Result<(Secret, Option<String>), Error> {
    let (state, binding) = (who.state(), binding_of(who.request()));
    let answered = given.state.clone();
    let taken = state.db().write(move |conn| oidc::take(conn, &answered, binding.as_deref()));
    let (id, sign_in) = taken.await?;
    let provider = state.providers.find(&sign_in.provider)?;
    let refused = |error: &str| application::Error::SignInNotProven(format!("the provider answered {error}"));
    let code = given.code.filter(|_| given.error.is_none());
    let code = code.ok_or_else(|| refused(given.error.as_deref().unwrap_or("without a code")))?;
    let answer = Answer { code, state: given.state, issuer: given.iss, nonce_hash: sign_in.nonce_hash };
    let claims = ask(&provider, move |provider| provider.claims(&answer)).await?;
    let request_id = request_id(who.request());
    let finished = state.db().write(move |conn| oidc::finish(conn, &request_id, id, &provider, &claims));
    Ok((finished.await?, sign_in.redirect_path))
}
