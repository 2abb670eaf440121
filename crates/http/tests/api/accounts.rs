//! Registering, confirming an address, and the first administrator.

use crate::{
    app::{PASSWORD, Response, TestApp, post},
    rows::{refused, rows},
    steps::mails,
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testing::Backend;

const ANA: &str = "ana@people.example";

fn registration(email: &str) -> TestRequest {
    post("/accounts", json!({ "email": email, "name": "Ana Kos", "password": PASSWORD }))
}

fn login(email: &str, password: &str) -> TestRequest {
    post("/sessions", json!({ "email": email, "password": password }))
}

fn confirm(token: &str) -> TestRequest {
    post("/accounts/confirm", json!({ "token": token }))
}

/// The token in the newest mail.
pub async fn mailed_token(app: &TestApp) -> String {
    let mail = mails(app).await.pop().unwrap();
    mail.message["link"].as_str().unwrap().strip_prefix("/confirm-email?token=").unwrap().to_owned()
}

/// The token of a link that makes an administrator.
pub async fn setup_token(app: &TestApp) -> String {
    app.db().write(application::administrators::create_link).await.unwrap()
}

/// Everything that a caller can tell two answers apart by.
fn told(response: &Response) -> (u16, Value, Vec<String>) {
    let mut body = response.body.clone();
    body.as_object_mut().unwrap().remove("requestId");
    let mut headers: Vec<_> = response.headers.iter().map(|(name, _)| name.to_string()).collect();
    headers.sort();
    (response.status.as_u16(), body, headers)
}

/// What a request is answered, and what it costs: password hashes, and rows that were not there before.
async fn answer_and_work(
    app: &TestApp,
    request: TestRequest,
) -> ((u16, Value, Vec<String>), u64, BTreeMap<String, i64>) {
    let (before, hashes) = (rows(app), app.passwords.computed());
    let answer = told(&app.call(request).await);
    let new = rows(app).into_iter().map(|(table, rows)| (table.clone(), rows - before[&table]));
    (answer, app.passwords.computed() - hashes, new.filter(|(_, rows)| *rows != 0).collect())
}

testing::on_both! {
    async fn somebody_registers_confirms_the_address_and_logs_in(backend: Backend) {
        let app = TestApp::new(backend).await;
        app.call(registration(" Ana@People.Example ")).await.expect(202);
        app.call(login(ANA, PASSWORD)).await.expect_problem(401, "wrong_credentials");
        let mail = mails(&app).await.pop().unwrap();
        assert_eq!((mail.recipient_address.as_str(), mail.message["kind"].as_str()), (ANA, Some("confirm_email")));
        app.call(confirm(&mailed_token(&app).await)).await.expect(204);
        let session = app.call(login("ANA@people.example", PASSWORD)).await.expect(201);
        let bearer = format!("Bearer {}", session.body["accessToken"].as_str().unwrap());
        let me = TestRequest::get().uri("/api/v1/me").insert_header(("authorization", bearer));
        let me = app.call(me).await.expect(200);
        assert_eq!((&me.body["email"], &me.body["name"]), (&json!(ANA), &json!("Ana Kos")));
        assert_eq!((&me.body["administrator"], &me.body["memberships"]), (&json!(false), &json!([])));
    }

    async fn registering_does_not_tell_who_has_an_account(backend: Backend) {
        let app = TestApp::new(backend).await;
        let known = app.person("Known Person").await;
        let unknown = answer_and_work(&app, registration(ANA)).await;
        let unconfirmed = answer_and_work(&app, registration("eva@people.example")).await;
        let confirmed = answer_and_work(&app, registration(&known.email)).await;
        assert_eq!(unconfirmed, unknown);
        assert_eq!(confirmed, unknown);
        assert_eq!(rows(&app)["users"], 1, "an account comes with the confirmation");
        let mail = mails(&app).await.pop().unwrap();
        assert_eq!((mail.recipient_address.as_str(), &mail.message["kind"]), (&*known.email, &json!("account_exists")));
        let again = answer_and_work(&app, registration(&known.email)).await;
        assert_eq!(again.0, unknown.0);
        assert_eq!(mails(&app).await.len(), 3, "the owner is told once an hour");
        app.advance(TimeDelta::hours(1));
        app.call(registration(&known.email)).await.expect(202);
        assert_eq!(mails(&app).await.len(), 4);
    }

    async fn resetting_does_not_tell_who_has_an_account(backend: Backend) {
        let app = TestApp::new(backend).await;
        let known = app.person("Known Person").await;
        let reset = |email: &str| post("/password-resets", json!({ "email": email }));
        let confirmed = answer_and_work(&app, reset(&known.email)).await;
        let unknown = answer_and_work(&app, reset(ANA)).await;
        assert_eq!(confirmed, unknown);
        assert_eq!(mails(&app).await.len(), 1, "an unknown address gets no mail");
    }

    async fn a_stranger_cannot_flood_a_mailbox(backend: Backend) {
        let app = TestApp::new(backend).await;
        let known = app.person("Known Person").await;
        for _ in 0..9 {
            app.call(registration(ANA)).await.expect(202);
            app.call(post("/password-resets", json!({ "email": known.email }))).await.expect(202);
        }
        let mails = mails(&app).await;
        for address in [ANA, &known.email] {
            assert_eq!(mails.iter().filter(|mail| mail.recipient_address == address).count(), 5, "{address}");
        }
    }

    async fn logging_in_does_not_tell_who_has_an_account(backend: Backend) {
        let app = TestApp::new(backend).await;
        let known = app.person("Known Person").await;
        app.call(registration(ANA)).await.expect(202);
        let mut answers = Vec::new();
        for address in [known.email.as_str(), ANA, "nobody@people.example"] {
            answers.push(answer_and_work(&app, login(address, "another password")).await);
        }
        // The second and third share the network of the first, whose counter is there already.
        answers[0].2.retain(|table, _| table != "attempts");
        assert!(answers[1..].iter().all(|answer| *answer == answers[1]), "{answers:#?}");
        answers[1].2.retain(|table, _| table != "attempts");
        assert_eq!(answers[0], answers[1]);
        let no_address = app.call(login("no address", "another password")).await.expect(401);
        assert_eq!(told(&no_address), answers[0].0);
    }

    async fn every_wrong_field_of_a_registration_is_told(backend: Backend) {
        let app = TestApp::new(backend).await;
        let body = json!({ "email": "no address", "name": " ", "password": "no address  " });
        let response = refused(&app, post("/accounts", body), 422, "invalid").await;
        let expected = [("/email", "wrong_format"), ("/name", "required"), ("/password", "too_weak")];
        assert_eq!(response.fields(), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
        let body = json!({ "email": ANA, "name": "Ana", "password": "short" });
        let response = refused(&app, post("/accounts", body), 422, "invalid").await;
        assert_eq!(response.fields(), [("/password".to_owned(), "too_short".to_owned())]);
        let body = json!({ "email": ANA, "name": "Ana", "password": ANA.to_uppercase() });
        let response = refused(&app, post("/accounts", body), 422, "invalid").await;
        assert_eq!(response.fields(), [("/password".to_owned(), "too_weak".to_owned())]);
        let body = json!({ "email": ANA, "name": "Ana", "password": "password1234" });
        let response = refused(&app, post("/accounts", body), 422, "invalid").await;
        assert_eq!(response.fields(), [("/password".to_owned(), "too_weak".to_owned())]);
        assert!(response.body["errors"][0]["detail"].as_str().unwrap().contains("very common password"));
        let body = json!({ "token": "x", "email": ANA, "name": "Ana", "password": "password1234" });
        let response = refused(&app, post("/administrators", body), 422, "invalid").await;
        assert_eq!(response.fields(), [("/password".to_owned(), "too_weak".to_owned())]);
    }

    async fn a_link_confirms_once_and_for_48_hours(backend: Backend) {
        let app = TestApp::new(backend).await;
        app.call(registration(ANA)).await.expect(202);
        let expired = mailed_token(&app).await;
        app.advance(TimeDelta::hours(48));
        refused(&app, confirm(&expired), 422, "token_invalid").await;
        app.call(registration(ANA)).await.expect(202);
        let fresh = mailed_token(&app).await;
        app.advance(TimeDelta::hours(48) - TimeDelta::seconds(5));
        app.call(confirm(&fresh)).await.expect(204);
        refused(&app, confirm(&fresh), 422, "token_invalid").await;
        refused(&app, confirm(&expired), 422, "token_invalid").await;
        app.call(login(ANA, PASSWORD)).await.expect(201);
    }

    async fn the_password_is_the_one_of_the_registration_whose_link_was_used(backend: Backend) {
        let app = TestApp::new(backend).await;
        let body = json!({ "email": ANA, "name": "Mallory", "password": "chosen by Mallory" });
        app.call(post("/accounts", body)).await.expect(202);
        let mallory = mailed_token(&app).await;
        app.call(registration(ANA)).await.expect(202);
        app.call(confirm(&mailed_token(&app).await)).await.expect(204);
        refused(&app, confirm(&mallory), 422, "token_invalid").await;
        refused(&app, login(ANA, "chosen by Mallory"), 401, "wrong_credentials").await;
        app.call(login(ANA, PASSWORD)).await.expect(201);
    }

    async fn a_made_up_link_confirms_nothing(backend: Backend) {
        let app = TestApp::new(backend).await;
        app.call(registration(ANA)).await.expect(202);
        let token = mailed_token(&app).await;
        for made_up in ["", "x", &token[1..], &format!("{token} "), &token.to_lowercase(), &setup_token(&app).await] {
            refused(&app, confirm(made_up), 422, "token_invalid").await;
        }
        let long = refused(&app, confirm(&"x".repeat(101)), 422, "invalid").await;
        assert_eq!(long.fields(), [("/token".to_owned(), "too_long".to_owned())]);
    }

    async fn a_link_makes_one_administrator(backend: Backend) {
        let app = TestApp::new(backend).await;
        let older = setup_token(&app).await;
        let token = setup_token(&app).await;
        let create = |token: &str, email: &str| {
            post("/administrators", json!({ "token": token, "email": email, "name": "Root", "password": PASSWORD }))
        };
        app.call(registration(ANA)).await.expect(202);
        for wrong in ["", "x", &token[1..], &mailed_token(&app).await] {
            refused(&app, create(wrong, "root@provoco.test"), 422, "token_invalid").await;
        }
        let known = app.person("Known Person").await;
        let taken = refused(&app, create(&token, &known.email), 422, "invalid").await;
        assert_eq!(taken.fields(), [("/email".to_owned(), "taken".to_owned())]);
        app.call(create(&token, "root@provoco.test")).await.expect(201);
        refused(&app, create(&token, "another@provoco.test"), 422, "token_invalid").await;
        refused(&app, create(&older, "another@provoco.test"), 422, "token_invalid").await;
        let session = app.call(login("root@provoco.test", PASSWORD)).await.expect(201);
        let bearer = format!("Bearer {}", session.body["accessToken"].as_str().unwrap());
        let me = TestRequest::get().uri("/api/v1/me").insert_header(("authorization", bearer));
        assert_eq!(app.call(me).await.expect(200).body["administrator"], true);
    }

    async fn the_link_for_an_administrator_works_for_a_day(backend: Backend) {
        let app = TestApp::new(backend).await;
        let token = setup_token(&app).await;
        app.advance(TimeDelta::hours(24));
        let body = json!({ "token": token, "email": ANA, "name": "Root", "password": PASSWORD });
        refused(&app, post("/administrators", body), 422, "token_invalid").await;
    }

    async fn no_secret_is_stored_or_told_in_the_clear(backend: Backend) {
        let app = TestApp::new(backend).await;
        let answer = app.call(registration(ANA)).await.expect(202);
        assert!(!answer.text.contains(PASSWORD) && !answer.text.contains(ANA));
        app.call(confirm(&mailed_token(&app).await)).await.expect(204);
        let email = domain::account::Email::parse(ANA).unwrap();
        let find = move |conn: &mut persistence::Conn| persistence::accounts::find_by_email(conn, &email);
        let user = app.db().read(find).await.unwrap().unwrap();
        assert!(user.password_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", user.password_hash);
    }
}
