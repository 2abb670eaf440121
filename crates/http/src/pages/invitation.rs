//! The page behind the link of an invitation. It works without JavaScript, and following the link changes nothing: mail
//! scanners follow links.

use super::{message, page, problems, refused};
use crate::{
    Error,
    access::Anyone,
    foundation::Reply,
    resources::invitations::{AcceptInvitation, accept},
};
use actix_web::{HttpResponse, http::StatusCode, web};
use application::{
    invitations::{self, Shown},
    terms,
};
use askama::Template;
use domain::terms::Terms;
use serde::Deserialize;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/invitation", web::get().to(form))
        .route("/invitation", web::post().to(accepted))
        .route("/invitation/decline", web::post().to(declined));
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    shown: Shown,
    /// The roles, in words.
    roles: String,
    /// The terms of use to accept along with it.
    terms: Option<Terms>,
    token: String,
    /// As typed before.
    name: String,
    problems: Vec<String>,
}

#[derive(Deserialize)]
struct Link {
    token: String,
}

#[derive(Deserialize)]
struct Answer {
    token: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    accepted_terms: Option<i32>,
}

async fn form(who: Anyone, link: web::Query<Link>) -> Result<HttpResponse, Error> {
    show(&who, link.into_inner().token, String::new(), Vec::new(), StatusCode::OK).await
}

async fn accepted(who: Anyone, answer: web::Form<Answer>) -> Result<HttpResponse, Error> {
    let Answer { token, name, password, accepted_terms } = answer.into_inner();
    let (again, typed) = (token.clone(), name.clone().unwrap_or_default());
    match accept(&who, AcceptInvitation { token, name, password, accepted_terms }).await {
        Ok(_) => message(StatusCode::CREATED, "You are a member now", "You can log in.".to_owned()),
        Err(error) if !error.fields().is_empty() => {
            show(&who, again, typed, problems(&error), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => refused(error),
    }
}

async fn declined(who: Anyone, link: web::Form<Link>) -> Result<HttpResponse, Error> {
    let declined = who.write(move |conn, request_id| {
        invitations::decline(conn, request_id, &link.token)?;
        Ok(Reply::no_content())
    });
    match declined.await {
        Ok(_) => message(StatusCode::OK, "You declined", "The organisation sees that you did.".to_owned()),
        Err(error) => refused(error),
    }
}

async fn show(
    who: &Anyone,
    token: String,
    name: String,
    problems: Vec<String>,
    status: StatusCode,
) -> Result<HttpResponse, Error> {
    let of_link = token.clone();
    let read = who.state().db.read(move |conn| {
        let shown = invitations::look(conn, &of_link)?;
        let terms = (shown.terms > 0).then(|| terms::find(conn, shown.terms)).transpose()?;
        Ok::<_, Error>((shown, terms))
    });
    let (shown, terms) = match read.await {
        Ok(read) => read,
        Err(error) => return refused(error),
    };
    let roles: Vec<_> = shown.invitation.roles.iter().map(|role| role.as_str().replace('_', " ")).collect();
    let roles = if roles.is_empty() { "without a role".to_owned() } else { format!("as {}", roles.join(", ")) };
    page(status, &InvitationPage { shown, roles, terms, token, name, problems })
}
