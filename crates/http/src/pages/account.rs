//! The pages for people who cannot log in, or shall have another address.

use super::{Token, message, page, problems, refused};
use crate::{
    Error,
    access::Anyone,
    resources::{email_changes, passwords, sessions::code},
};
use actix_web::{HttpResponse, http::StatusCode, web};
use application::Error as Failed;
use askama::Template;
use domain::Refusal;
use serde::Deserialize;

/// Where they are.
pub(super) const PATHS: [&str; 4] =
    ["/forgot-password", "/reset-password", "/confirm-email-change", "/undo-email-change"];

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/forgot-password", web::get().to(forgot_password_form))
        .route("/forgot-password", web::post().to(forgot_password))
        .route("/reset-password", web::get().to(reset_password_form))
        .route("/reset-password", web::post().to(reset_password))
        .route("/confirm-email-change", web::get().to(confirm_email_change_form))
        .route("/confirm-email-change", web::post().to(confirm_email_change))
        .route("/undo-email-change", web::get().to(undo_email_change_form))
        .route("/undo-email-change", web::post().to(undo_email_change));
}

#[derive(Template)]
#[template(path = "forgot_password.html")]
struct ForgotPasswordPage {
    email: String,
    problems: Vec<String>,
}

#[derive(Template)]
#[template(path = "reset_password.html")]
struct ResetPasswordPage {
    token: String,
    problems: Vec<String>,
}

/// One button.
#[derive(Template)]
#[template(path = "button.html")]
struct ButtonPage {
    title: &'static str,
    text: &'static str,
    action: &'static str,
    button: &'static str,
    token: String,
}

#[derive(Deserialize)]
struct Address {
    email: String,
}

#[derive(Deserialize)]
struct NewPassword {
    token: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    recovery_code: String,
}

async fn forgot_password_form() -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &ForgotPasswordPage { email: String::new(), problems: Vec::new() })
}

async fn forgot_password(who: Anyone, form: web::Form<Address>) -> Result<HttpResponse, Error> {
    let email = form.into_inner().email;
    match passwords::request(&who, &email).await {
        Ok(_) => {
            let text =
                "If this address has an account, a mail with a link is on its way to it. The link works for an hour.";
            message(StatusCode::ACCEPTED, "Look into your mailbox", text.to_owned())
        }
        Err(error) if !error.fields().is_empty() => {
            let problems = problems(&error);
            page(StatusCode::UNPROCESSABLE_ENTITY, &ForgotPasswordPage { email, problems })
        }
        Err(error) => refused(error),
    }
}

async fn reset_password_form(query: web::Query<Token>) -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &ResetPasswordPage { token: query.into_inner().token, problems: Vec::new() })
}

async fn reset_password(who: Anyone, form: web::Form<NewPassword>) -> Result<HttpResponse, Error> {
    let NewPassword { token, password, code: digits, recovery_code } = form.into_inner();
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let reset = async {
        let code = code(given(digits), given(recovery_code))?;
        passwords::complete(&who, token.clone(), password, code).await
    };
    let (status, problems) = match reset.await {
        Ok(_) => return message(StatusCode::OK, "The new password holds", "You can log in now.".to_owned()),
        Err(Error::Application(Failed::Refused(Refusal::OneTimeCodeRequired))) => {
            (StatusCode::UNAUTHORIZED, vec!["code: this account needs a one-time code, or a recovery code".to_owned()])
        }
        Err(Error::Application(Failed::Refused(Refusal::WrongCredentials))) => {
            (StatusCode::UNAUTHORIZED, vec!["code: wrong, or used before".to_owned()])
        }
        Err(error) if !error.fields().is_empty() => (StatusCode::UNPROCESSABLE_ENTITY, problems(&error)),
        Err(error) => return refused(error),
    };
    page(status, &ResetPasswordPage { token, problems })
}

async fn confirm_email_change_form(query: web::Query<Token>) -> Result<HttpResponse, Error> {
    let form = ButtonPage {
        title: "Confirm your new e-mail address",
        text: "Press the button, and from then on you log in with the new address.",
        action: "/confirm-email-change",
        button: "Confirm my address",
        token: query.into_inner().token,
    };
    page(StatusCode::OK, &form)
}

async fn confirm_email_change(who: Anyone, form: web::Form<Token>) -> Result<HttpResponse, Error> {
    match email_changes::confirm(&who, form.into_inner().token).await {
        Ok(_) => message(StatusCode::OK, "Your new address holds", "You log in with it from now on.".to_owned()),
        Err(error) => refused(error),
    }
}

async fn undo_email_change_form(query: web::Query<Token>) -> Result<HttpResponse, Error> {
    let form = ButtonPage {
        title: "Take the old e-mail address back",
        text: "Press the button, and the old address holds again, everybody is logged out, and a link for another \
               password comes to it by mail.",
        action: "/undo-email-change",
        button: "Take it back",
        token: query.into_inner().token,
    };
    page(StatusCode::OK, &form)
}

async fn undo_email_change(who: Anyone, form: web::Form<Token>) -> Result<HttpResponse, Error> {
    match email_changes::undo(&who, form.into_inner().token).await {
        Ok(_) => {
            let text = "The old address holds again. A mail with a link for another password is on its way to it.";
            message(StatusCode::OK, "It is yours again", text.to_owned())
        }
        Err(error) => refused(error),
    }
}
