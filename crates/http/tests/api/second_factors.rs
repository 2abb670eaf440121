//! One-time codes and recovery codes.

use crate::{
    app::{PASSWORD, Person, TestApp, post},
    log_ins::{log_in, log_in_with},
    passwords::{NEW, ask, mailed, notices, reset},
    rows::refused,
    steps::all_at_once,
};
use chrono::TimeDelta;
use domain::account::TotpSecret;
use serde_json::{Value, json};
use testing::Backend;

/// The app on somebody's phone.
pub struct Phone(TotpSecret);

impl Phone {
    /// What it shows; each look is 30 seconds after the one before, so that no code is shown twice.
    pub fn code(&self, app: &TestApp) -> String {
        app.advance(TimeDelta::seconds(30));
        self.0.code(app.now())
    }
}

/// Turns one-time codes on.
pub async fn enable(app: &TestApp, person: &Person) -> (Phone, Vec<String>) {
    let enrolment = app.call(person.act("/account/totp")).await.expect(200).body;
    let phone = Phone(TotpSecret::parse(enrolment["secret"].as_str().unwrap()).unwrap());
    let code = json!({ "code": phone.code(app) });
    let codes = app.call(person.post("/account/totp/enable", code)).await.expect(200).body["recoveryCodes"].clone();
    (phone, serde_json::from_value(codes).unwrap())
}

testing::on_both! {
    async fn log_ins_take_a_code_after_a_first_correct_one(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let enrolment = app.call(ana.act("/account/totp")).await.expect(200).body;
        let uri = enrolment["uri"].as_str().unwrap();
        assert!(uri.starts_with("otpauth://totp/Provoco:ana%40people.example?secret="), "{uri}");
        app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        let wrong = refused(&app, ana.post("/account/totp/enable", json!({ "code": "000000" })), 422, "invalid").await;
        assert_eq!(wrong.fields(), [("/code".to_owned(), "wrong".to_owned())]);
        app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        let (phone, codes) = enable(&app, &ana).await;
        assert_eq!(codes.len(), 10);
        let needed = app.call(log_in(&ana.email, PASSWORD)).await.expect_problem(401, "one_time_code_required");
        assert!(!needed.text.contains("accessToken"));
        app.call(log_in(&ana.email, NEW)).await.expect_problem(401, "wrong_credentials");
        app.call(log_in_with(&ana, json!({ "code": phone.code(&app) }))).await.expect(201);
        let state = app.call(ana.get("/account/totp")).await.expect(200).body;
        assert_eq!(state, json!({ "enabled": true, "recoveryCodesLeft": 10 }));
        assert_eq!(notices(&app, &ana).await, ["one_time_codes_enabled"]);
        refused(&app, ana.act("/account/totp"), 409, "already_done").await;
        refused(&app, ana.post("/account/totp/enable", json!({ "code": phone.code(&app) })), 409, "already_done").await;
    }

    async fn a_code_is_accepted_once(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let (phone, _) = enable(&app, &ana).await;
        let code = json!({ "code": phone.code(&app) });
        let answers = all_at_once((0..4).map(|_| app.call(log_in_with(&ana, code.clone())))).await;
        let accepted = answers.iter().filter(|answer| answer.status.as_u16() == 201).count();
        assert_eq!(accepted, 1, "{answers:?}");
        app.call(log_in_with(&ana, code)).await.expect_problem(401, "wrong_credentials");
        app.call(log_in_with(&ana, json!({ "code": phone.code(&app) }))).await.expect(201);
    }

    async fn whoever_has_the_password_and_guesses_codes_is_slowed_down(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        enable(&app, &ana).await;
        for _ in 0..5 {
            app.call(log_in(&ana.email, PASSWORD)).await.expect_problem(401, "one_time_code_required");
            app.call(log_in_with(&ana, json!({ "code": "000000" }))).await.expect_problem(401, "wrong_credentials");
        }
        app.call(log_in_with(&ana, json!({ "code": "000000" }))).await.expect_problem(429, "too_many_attempts");
    }

    async fn a_recovery_code_takes_the_place_of_a_code_once_and_is_told(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let (_, codes) = enable(&app, &ana).await;
        let typed = codes[0].to_uppercase().replace('-', " ");
        app.call(log_in_with(&ana, json!({ "recoveryCode": typed }))).await.expect(201);
        app.call(log_in_with(&ana, json!({ "recoveryCode": codes[0] }))).await.expect_problem(401, "wrong_credentials");
        let both = log_in_with(&ana, json!({ "recoveryCode": codes[1], "code": "123456" }));
        refused(&app, both, 422, "invalid").await;
        assert_eq!(app.call(ana.get("/account/totp")).await.expect(200).body["recoveryCodesLeft"], 9);
        assert_eq!(notices(&app, &ana).await[1], "recovery_code_used");
        let fresh = app.call(ana.act("/account/totp/recovery-codes")).await.expect(200).body;
        app.call(log_in_with(&ana, json!({ "recoveryCode": codes[1] }))).await.expect_problem(401, "wrong_credentials");
        app.call(log_in_with(&ana, json!({ "recoveryCode": fresh["recoveryCodes"][1] }))).await.expect(201);
    }

    async fn turning_codes_off_takes_a_code(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        refused(&app, ana.act("/account/totp/recovery-codes"), 409, "incomplete").await;
        let (phone, codes) = enable(&app, &ana).await;
        let disable = |body: Value| ana.post("/account/totp/disable", body);
        refused(&app, disable(json!({})), 422, "invalid").await;
        app.call(disable(json!({ "code": "000000" }))).await.expect_problem(401, "wrong_credentials");
        app.call(disable(json!({ "code": phone.code(&app) }))).await.expect(204);
        app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        refused(&app, disable(json!({ "recoveryCode": codes[0] })), 409, "already_done").await;
        assert_eq!(notices(&app, &ana).await, ["one_time_codes_enabled", "one_time_codes_disabled"]);
        assert_eq!(app.call(ana.get("/account/totp")).await.expect(200).body["recoveryCodesLeft"], 0);
        let (_, codes) = enable(&app, &ana).await;
        app.call(disable(json!({ "recoveryCode": codes[0] }))).await.expect(204);
    }

    async fn a_step_up_by_code(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let (phone, _) = enable(&app, &ana).await;
        let code = json!({ "code": phone.code(&app) });
        app.call(ana.post("/sessions/current/confirm", code.clone())).await.expect(204);
        app.call(ana.post("/sessions/current/confirm", code)).await.expect_problem(401, "wrong_credentials");
    }

    async fn a_reset_of_the_password_takes_a_code_too(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let (phone, _) = enable(&app, &ana).await;
        let token = ask(&app, &ana.email).await;
        let with = |code: &str| {
            post("/password-resets/complete", json!({ "token": token, "password": NEW, "code": code }))
        };
        app.call(reset(&token, NEW)).await.expect_problem(401, "one_time_code_required");
        for _ in 0..5 {
            app.call(with("000000")).await.expect_problem(401, "wrong_credentials");
        }
        app.call(with(&phone.0.code(app.now() + TimeDelta::seconds(30)))).await.expect_problem(429, "too_many_attempts");
        app.advance(TimeDelta::seconds(1));
        app.call(with(&phone.code(&app))).await.expect(200);
        app.call(log_in_with(&ana, json!({ "password": NEW, "code": phone.code(&app) }))).await.expect(201);
    }

    async fn codes_that_a_thief_turned_on_go_when_the_old_address_is_taken_back(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, eva) = (app.person("Ana").await, app.person("Eva").await);
        let (phone, _) = enable(&app, &eva).await;
        for person in [&ana, &eva] {
            let new = format!("new.{}", person.email);
            app.call(person.post("/account/email", json!({ "email": new }))).await.expect(202);
            let token = mailed(&app, "confirm_email_change", &new).await;
            app.call(post("/email-changes/confirm", json!({ "token": token }))).await.expect(204);
        }
        enable(&app, &ana).await;
        for person in [&ana, &eva] {
            let token = mailed(&app, "email_changed", &person.email).await;
            app.call(post("/email-changes/undo", json!({ "token": token }))).await.expect(204);
        }
        let link = mailed(&app, "reset_password", &ana.email).await;
        app.call(reset(&link, NEW)).await.expect(200);
        let link = mailed(&app, "reset_password", &eva.email).await;
        app.call(reset(&link, NEW)).await.expect_problem(401, "one_time_code_required");
        let body = json!({ "token": link, "password": NEW, "code": phone.code(&app) });
        app.call(post("/password-resets/complete", body)).await.expect(200);
    }

    async fn secrets_are_stored_sealed_or_hashed_and_not_with_an_idempotency_key(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let keyed = ana.act("/account/totp").insert_header(("idempotency-key", "once"));
        let first = app.call(keyed).await.expect(200).body;
        let (_, codes) = enable(&app, &ana).await;
        let dump = crate::rows::dump(&app);
        for secret in [first["secret"].as_str().unwrap(), &codes[0], &codes[0].replace('-', "")] {
            assert!(!dump.contains(secret), "{secret}");
        }
        assert!(dump.contains(&ana.email), "the dump holds what is stored");
    }
}
