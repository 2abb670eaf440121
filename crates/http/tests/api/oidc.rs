//! What happens after a provider has vouched for somebody. The talk with a real provider is tested where the program is.

use crate::{
    app::{Person, Response, TestApp, post},
    passwords::notices,
    rows::{change, rows},
    second_factors::enable,
};
use application::oidc::{self, ProviderSettings, Providers};
use domain::identity::Claims;
use serde_json::{Value, json};
use testing::Backend;

/// Code and binding of somebody for whom the provider vouches, as of their first sign-in.
async fn vouched(app: &TestApp, person: &Person) -> (String, String) {
    let settings = ProviderSettings {
        name: "city".to_owned(),
        issuer: "https://id.city.example".to_owned(),
        client_id: "provoco".to_owned(),
        client_secret: "secret".to_owned(),
        label: "City".to_owned(),
        organisation: None,
        domains: vec!["people.example".to_owned()],
    };
    let provider = Providers::new(vec![settings], "https://provoco.test/oidc/callback", &[7; 32]).find("city").unwrap();
    let claims = Claims {
        issuer: "https://id.city.example".to_owned(),
        subject: person.id.to_string(),
        email: Some(person.email.clone()),
        email_verified: true,
        name: None,
    };
    let done = app.db().write(move |conn| {
        let begun = oidc::begin(conn, &provider, None)?;
        let (id, _) = oidc::take(conn, begun.state.reveal(), None)?;
        let code = oidc::finish(conn, "test", id, &provider, &claims)?;
        Ok::<_, application::Error>((code.reveal().to_owned(), begun.binding.reveal().to_owned()))
    });
    done.await.unwrap()
}

async fn exchange(app: &TestApp, (code, binding): &(String, String), more: Value) -> Response {
    let mut body = json!({ "code": code, "binding": binding });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.call(post("/sessions/oidc", body)).await
}

testing::on_both! {
    async fn whoever_takes_one_time_codes_is_asked_for_one_whoever_vouches(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let (phone, codes) = enable(&app, &ana).await;
        let ticket = vouched(&app, &ana).await;
        exchange(&app, &ticket, json!({})).await.expect_problem(401, "one_time_code_required");
        exchange(&app, &ticket, json!({ "oneTimeCode": phone.code(&app) })).await.expect(201);
        let ticket = vouched(&app, &ana).await;
        exchange(&app, &ticket, json!({ "recoveryCode": codes[0] })).await.expect(201);
        assert_eq!(notices(&app, &ana).await, ["one_time_codes_enabled", "identity_linked", "recovery_code_used"]);
    }

    async fn one_time_codes_cannot_be_guessed_with_a_provider_s_word(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let (phone, _) = enable(&app, &ana).await;
        let ticket = vouched(&app, &ana).await;
        exchange(&app, &ticket, json!({ "oneTimeCode": "000000" })).await.expect_problem(401, "wrong_credentials");
        let right = json!({ "oneTimeCode": phone.code(&app) });
        exchange(&app, &ticket, right).await.expect_problem(422, "token_invalid");
        let right = json!({ "oneTimeCode": phone.code(&app) });
        exchange(&app, &vouched(&app, &ana).await, right).await.expect(201);
        for _ in 0..5 {
            let ticket = vouched(&app, &ana).await;
            exchange(&app, &ticket, json!({ "oneTimeCode": "000000" })).await.expect_problem(401, "wrong_credentials");
        }
        let ticket = vouched(&app, &ana).await;
        exchange(&app, &ticket, json!({ "oneTimeCode": "000000" })).await.expect_problem(429, "too_many_attempts");
    }

    async fn accounts_that_are_shut_are_refused_as_with_a_password(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        for (column, code) in [("suspended_at", "account_suspended"), ("deactivated_at", "account_deactivated")] {
            let ticket = vouched(&app, &ana).await;
            change(&app, &format!("UPDATE users SET {column} = created_at"));
            exchange(&app, &ticket, json!({})).await.expect_problem(403, code);
            change(&app, &format!("UPDATE users SET {column} = NULL"));
            exchange(&app, &ticket, json!({})).await.expect(201);
        }
    }

    async fn people_are_told_and_can_take_away_what_logs_them_in(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, bor) = (app.person("Ana").await, app.person("Bor").await);
        exchange(&app, &vouched(&app, &ana).await, json!({})).await.expect(201);
        let held = app.call(ana.get("/account/export")).await.expect(200).body;
        assert_eq!(held["identities"][0]["subject"], ana.id.to_string());
        let listed = app.call(ana.get("/account/identities")).await.expect(200).body;
        assert_eq!(listed["items"], held["identities"]);
        assert_eq!(app.call(bor.get("/account/identities")).await.expect(200).body, json!({ "items": [] }));
        let path = format!("/account/identities/{}", listed["items"][0]["id"].as_str().unwrap());
        app.call(bor.delete(&path)).await.expect_problem(404, "not_found");
        app.call(ana.delete(&path)).await.expect(204);
        app.call(ana.delete(&path)).await.expect_problem(404, "not_found");

        vouched(&app, &ana).await;
        app.call(ana.post("/account/erase", json!({ "confirm": ana.email }))).await.expect(204);
        assert_eq!((rows(&app)["oidc_identities"], rows(&app)["oidc_sign_ins"]), (0, 0));
    }
}
