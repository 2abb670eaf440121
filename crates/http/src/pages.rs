//! The few pages that mails and the first start link to, until the portal takes their addresses over. They work without
//! JavaScript, and a link changes nothing by being followed: mail scanners follow links.

mod account;
mod invitation;
mod team_consent;

use crate::{Error, access::Anyone, foundation::Reply};
use actix_web::{
    HttpResponse,
    error::InternalError,
    http::{StatusCode, header},
    web,
};
use application::{accounts, administrators};
use askama::Template;
use domain::account::{Registration, check_registration};
use serde::Deserialize;
use uuid::Uuid;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(account::routes)
        .configure(invitation::routes)
        .configure(team_consent::routes)
        .route("/", web::get().to(home))
        .route("/pages.css", web::get().to(stylesheet))
        .route("/confirm-email", web::get().to(confirm_email_form))
        .route("/confirm-email", web::post().to(confirm_email))
        .route("/setup", web::get().to(setup_form))
        .route("/setup", web::post().to(set_up))
        .route("/{kind:challenges|bids|consortia|contracts|organisations|receipts}/{id}", web::get().to(to_resource));
}

/// The methods of what lies outside the API.
pub(crate) fn methods_at(path: &str) -> &'static [&'static str] {
    match path {
        "/confirm-email" | "/setup" | "/invitation" | "/team-consent" => &["GET", "POST"],
        path if account::PATHS.contains(&path) => &["GET", "POST"],
        "/invitation/decline" => &["POST"],
        "/" | "/pages.css" | "/oidc/callback" | "/livez" | "/readyz" | "/docs" => &["GET"],
        path if path.starts_with("/docs/") => &["GET"],
        _ => &[],
    }
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home;

#[derive(Template)]
#[template(path = "confirm_email.html")]
struct ConfirmEmailPage {
    token: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    token: String,
    name: String,
    email: String,
    problems: Vec<String>,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    title: &'static str,
    text: String,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

#[derive(Deserialize)]
struct SetupLink {
    token: String,
    /// Filled into the form.
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
struct Setup {
    token: String,
    name: String,
    email: String,
    password: String,
}

async fn home() -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &Home)
}

async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(include_str!("../templates/pages.css"))
}

/// The API documentation lives below `/docs/`.
pub(crate) async fn to_documentation() -> HttpResponse {
    redirect("/docs/")
}

/// Mails link to pages that the portal will have; until then the API answers.
async fn to_resource(path: web::Path<(String, Uuid)>) -> HttpResponse {
    redirect(&format!("/api/v1/{}/{}", path.0, path.1))
}

async fn confirm_email_form(query: web::Query<Token>) -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &ConfirmEmailPage { token: query.into_inner().token })
}

async fn confirm_email(who: Anyone, form: web::Form<Token>) -> Result<HttpResponse, Error> {
    let confirmed = who.write(move |conn, request_id| {
        accounts::confirm_email(conn, request_id, &form.token)?;
        Ok(Reply::no_content())
    });
    match confirmed.await {
        Ok(_) => message(StatusCode::OK, "Your address is confirmed", "You can log in now.".to_owned()),
        Err(error) => refused(error),
    }
}

async fn setup_form(query: web::Query<SetupLink>) -> Result<HttpResponse, Error> {
    let SetupLink { token, email } = query.into_inner();
    page(StatusCode::OK, &SetupPage { token, name: String::new(), email, problems: Vec::new() })
}

async fn set_up(who: Anyone, form: web::Form<Setup>) -> Result<HttpResponse, Error> {
    let Setup { token, name, email, password } = form.into_inner();
    let (again, typed_name, typed_email) = (token.clone(), name.clone(), email.clone());
    let created = async {
        let email = check_registration(&email, &name, &password)?;
        let password_hash = who.state().passwords.hash(password).await?;
        who.write(move |conn, request_id| {
            administrators::create(
                conn,
                request_id,
                &token,
                Registration { email, name, password_hash, accepted_terms: 0 },
            )?;
            Ok(Reply::no_content())
        })
        .await
    };
    match created.await {
        Ok(_) => message(StatusCode::CREATED, "The administrator is created", "You can log in now.".to_owned()),
        Err(error) if !error.fields().is_empty() => {
            let form = SetupPage { token: again, name: typed_name, email: typed_email, problems: problems(&error) };
            page(StatusCode::UNPROCESSABLE_ENTITY, &form)
        }
        Err(error) => refused(error),
    }
}

/// The wrong fields of a form, in words.
fn problems(error: &Error) -> Vec<String> {
    error.fields().iter().map(|e| format!("{}: {}", &e.pointer[1..], e.detail)).collect()
}

/// Half a link, or a form that is not ours.
pub(crate) fn unreadable() -> actix_web::Error {
    let text = "The link is incomplete, or the form could not be read. Copy the whole link.".to_owned();
    match message(StatusCode::BAD_REQUEST, "That did not work", text) {
        Ok(page) => InternalError::from_response("unreadable", page).into(),
        Err(error) => error.into(),
    }
}

/// A refusal in words; what is not the reader's fault stays an error, but for a provider that does not answer.
pub(crate) fn refused(error: Error) -> Result<HttpResponse, Error> {
    use actix_web::ResponseError;
    let status = error.status_code();
    if let Error::Application(application::Error::ProviderUnavailable(_)) = error {
        let text = "The provider does not answer as it should. Begin again in a few minutes.".to_owned();
        return message(status, "That did not work", text);
    }
    if status.is_server_error() { Err(error) } else { message(status, "That did not work", error.detail()) }
}

fn message(status: StatusCode, title: &'static str, text: String) -> Result<HttpResponse, Error> {
    page(status, &MessagePage { title, text })
}

pub(crate) fn page(status: StatusCode, template: &impl Template) -> Result<HttpResponse, Error> {
    let html = template.render().map_err(|error| Error::Internal(error.to_string()))?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}

fn redirect(to: &str) -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, to)).finish()
}
