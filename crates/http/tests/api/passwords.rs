//! Choosing another password: with a link from the mailbox, or knowing the old one.

use crate::{
    app::{PASSWORD, Person, TestApp, post},
    log_ins::{log_in, log_in_with, set_for_everybody},
    rows::{refused, rows},
    steps::{all_at_once, mails},
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

pub const NEW: &str = "eight calm herons";

/// The token of the link in the newest mail of a kind to an address.
pub async fn mailed(app: &TestApp, kind: &str, address: &str) -> String {
    let found = mails(app).await.into_iter().rfind(|mail| {
        mail.message["kind"] == kind && mail.recipient_address == address && mail.message["link"].is_string()
    });
    let link = found.unwrap().message["link"].as_str().unwrap().to_owned();
    link.split_once("?token=").unwrap().1.to_owned()
}

/// Asks for a link, and gives its token.
pub async fn ask(app: &TestApp, email: &str) -> String {
    app.call(post("/password-resets", json!({ "email": email }))).await.expect(202);
    mailed(app, "reset_password", email).await
}

pub fn reset(token: &str, password: &str) -> TestRequest {
    post("/password-resets/complete", json!({ "token": token, "password": password }))
}

/// What the person was told of how they come in, but for log-ins.
pub async fn notices(app: &TestApp, person: &Person) -> Vec<Value> {
    let mails = mails(app).await.into_iter().filter(|mail| mail.recipient_address == person.email);
    let changes = mails.map(|mail| mail.message["change"]["what"].clone());
    changes.filter(|what| what.is_string() && what != "new_device").collect()
}

testing::on_both! {
    async fn a_link_from_the_mailbox_replaces_the_password_and_throws_everybody_out(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let session = app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        let token = ask(&app, &ana.email).await;
        app.call(reset(&token, NEW)).await.expect(200);
        refused(&app, ana.get("/me"), 401, "token_rejected").await;
        let refresh = json!({ "refreshToken": session.body["refreshToken"] });
        app.call(post("/sessions/refresh", refresh)).await.expect_problem(422, "token_invalid");
        let old = log_in_with(&ana, json!({ "device": session.body["device"] }));
        app.call(old).await.expect_problem(401, "wrong_credentials");
        app.call(log_in(&ana.email, NEW)).await.expect(201);
        assert_eq!(notices(&app, &ana).await, ["password_reset"]);
    }

    async fn a_reset_link_works_once_for_an_hour_and_using_one_revokes_the_others(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let expired = ask(&app, &ana.email).await;
        app.advance(TimeDelta::hours(1));
        refused(&app, reset(&expired, NEW), 422, "token_invalid").await;
        let (first, second) = (ask(&app, &ana.email).await, ask(&app, &ana.email).await);
        app.call(reset(&first, NEW)).await.expect(200);
        for used in [&first, &second, "", "made up"] {
            refused(&app, reset(used, "nine loud badgers"), 422, "token_invalid").await;
        }
    }

    async fn of_simultaneous_uses_of_a_link_one_wins(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let token = ask(&app, &ana.email).await;
        let answers = all_at_once((0..6).map(|_| app.call(reset(&token, NEW)))).await;
        let won = answers.iter().filter(|answer| answer.status.as_u16() == 200).count();
        assert_eq!(won, 1, "{answers:?}");
    }

    async fn a_reset_always_lets_the_owner_in(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let token = ask(&app, &ana.email).await;
        for _ in 0..5 {
            app.call(log_in(&ana.email, "nine loud badgers")).await.expect(401);
        }
        app.call(log_in(&ana.email, PASSWORD)).await.expect_problem(429, "too_many_attempts");
        let device = app.call(reset(&token, NEW)).await.expect(200).body["device"].clone();
        app.call(log_in(&ana.email, NEW)).await.expect(201);
        for _ in 0..5 {
            app.call(log_in(&ana.email, "nine loud badgers")).await.expect(401);
        }
        app.call(log_in(&ana.email, NEW)).await.expect_problem(429, "too_many_attempts");
        app.call(log_in_with(&ana, json!({ "password": NEW, "device": device }))).await.expect(201);
    }

    async fn a_reset_wakes_a_deactivated_account_but_not_a_suspended_one(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        set_for_everybody(&app, "deactivated_at = created_at");
        let token = ask(&app, &ana.email).await;
        app.call(reset(&token, NEW)).await.expect(200);
        app.call(log_in(&ana.email, NEW)).await.expect(201);
        set_for_everybody(&app, "suspended_at = created_at");
        let token = ask(&app, &ana.email).await;
        app.call(reset(&token, PASSWORD)).await.expect(200);
        app.call(log_in(&ana.email, PASSWORD)).await.expect_problem(403, "account_suspended");
    }

    async fn the_rules_for_passwords_hold_for_other_passwords_too(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana Novakovic").await;
        let company = json!({ "kind": "company", "legalName": "Calm Signal Ljubljana", "country": "SI" });
        app.call(ana.post("/organisations", company)).await.expect(201);
        let token = ask(&app, &ana.email).await;
        let before = rows(&app);
        for weak in ["password1234", "ana novakovic", "calm signal ljubljana"] {
            let change = ana.sign(TestRequest::put().uri("/api/v1/account/password"));
            let change = change.set_json(json!({ "currentPassword": PASSWORD, "password": weak }));
            for request in [reset(&token, weak), change] {
                let answer = app.call(request).await.expect_problem(422, "invalid");
                assert_eq!(answer.fields(), [("/password".to_owned(), "too_weak".to_owned())], "{weak}");
            }
        }
        assert_eq!(rows(&app)["outbox_mails"], before["outbox_mails"]);
        app.call(reset(&token, NEW)).await.expect(200);
    }

    async fn whoever_knows_the_password_changes_it_and_the_others_are_out(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let other = app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        let link = ask(&app, &ana.email).await;
        let change = |current: &str| {
            let request = ana.sign(TestRequest::put().uri("/api/v1/account/password"));
            request.set_json(json!({ "currentPassword": current, "password": NEW }))
        };
        app.call(change("nine loud badgers")).await.expect_problem(401, "wrong_credentials");
        app.call(change(PASSWORD)).await.expect(204);
        app.call(ana.get("/me")).await.expect(200);
        let refresh = json!({ "refreshToken": other.body["refreshToken"] });
        app.call(post("/sessions/refresh", refresh)).await.expect_problem(422, "token_invalid");
        app.call(log_in(&ana.email, PASSWORD)).await.expect_problem(401, "wrong_credentials");
        app.call(log_in(&ana.email, NEW)).await.expect(201);
        assert_eq!(notices(&app, &ana).await, ["password_changed"]);
        refused(&app, reset(&link, PASSWORD), 422, "token_invalid").await;
        for _ in 0..5 {
            app.call(change(PASSWORD)).await.expect_problem(401, "wrong_credentials");
        }
        app.call(change(NEW)).await.expect_problem(429, "too_many_attempts");
    }

    async fn changing_the_password_takes_a_step_up(backend: Backend) {
        let app = TestApp::new(backend).await;
        let mut ana = app.person("Ana").await;
        renew(&app, &mut ana).await;
        let change = ana.sign(TestRequest::put().uri("/api/v1/account/password"));
        let change = change.set_json(json!({ "currentPassword": PASSWORD, "password": NEW }));
        refused(&app, change, 403, "step_up_required").await;
        let email = ana.post("/account/email", json!({ "email": "new@people.example" }));
        refused(&app, email, 403, "step_up_required").await;
    }
}

/// A session whose step-up is over: its access token is made anew.
async fn renew(app: &TestApp, person: &mut Person) {
    let session = app.call(log_in(&person.email, PASSWORD)).await.expect(201);
    app.advance(TimeDelta::minutes(15));
    let refresh = json!({ "refreshToken": session.body["refreshToken"] });
    let session = app.call(post("/sessions/refresh", refresh)).await.expect(201);
    person.token = session.body["accessToken"].as_str().unwrap().to_owned();
}
