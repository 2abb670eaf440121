//! The page on which somebody says whether they may be named in the team of an offer. It works without JavaScript, and following
//! the link changes nothing: mail scanners follow links.

use super::{message, page, refused};
use crate::{Error, access::Anyone, foundation::Reply};
use actix_web::{HttpResponse, http::StatusCode, web};
use application::team_consents::{self, Shown};
use askama::Template;
use domain::team_consent::ConsentStatus;
use serde::Deserialize;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/team-consent", web::get().to(form)).route("/team-consent", web::post().to(answered));
}

#[derive(Template)]
#[template(path = "team_consent.html")]
struct TeamConsentPage {
    shown: Shown,
    /// What the person said so far, in words.
    said: &'static str,
    token: String,
}

#[derive(Deserialize)]
struct Link {
    token: String,
}

#[derive(Deserialize)]
struct Answer {
    token: String,
    agrees: bool,
}

async fn form(who: Anyone, link: web::Query<Link>) -> Result<HttpResponse, Error> {
    let token = link.into_inner().token;
    let of_link = token.clone();
    match who.state().db.read(move |conn| Ok::<_, Error>(team_consents::look(conn, &of_link)?)).await {
        Ok(shown) => page(StatusCode::OK, &TeamConsentPage { said: said(&shown), shown, token }),
        Err(error) => refused(error),
    }
}

async fn answered(who: Anyone, answer: web::Form<Answer>) -> Result<HttpResponse, Error> {
    let Answer { token, agrees } = answer.into_inner();
    let answered = who.write(move |conn, request_id| {
        team_consents::answer(conn, request_id, &token, agrees)?;
        Ok(Reply::no_content())
    });
    let title = if agrees { "You agreed to be named" } else { "You are not to be named" };
    match answered.await {
        Ok(_) => message(StatusCode::OK, title, "With the same link you can change your mind.".to_owned()),
        Err(error) => refused(error),
    }
}

fn said(shown: &Shown) -> &'static str {
    match shown.consent.status() {
        ConsentStatus::Asked => "You have not answered yet.",
        ConsentStatus::Agreed => "You agreed.",
        ConsentStatus::Refused => "You did not agree.",
        ConsentStatus::TakenBack => "You agreed, and took that back.",
    }
}
