//! The pages that mails and the first start link to.

use crate::{
    accounts::{mailed_token, setup_token},
    app::{PASSWORD, Response, TestApp, post},
    rows::rows,
};
use actix_web::test::TestRequest;
use serde_json::json;
use testing::Backend;

const ANA: &str = "ana@people.example";

/// Breaks out of an attribute and of an element, were it not escaped.
const ATTACK: &str = "\"'><script>alert(1)</script>&amp;";

fn open(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn submit(path: &str, fields: &[(&str, &str)]) -> TestRequest {
    TestRequest::post().uri(path).set_form(fields)
}

#[track_caller]
fn assert_page(response: &Response, words: &str) {
    assert_eq!(response.header("content-type"), "text/html; charset=utf-8");
    assert!(response.text.starts_with("<!doctype html>") && response.text.contains(words), "{}", response.text);
    assert!(!response.text.contains("<script"), "{}", response.text);
}

async fn register(app: &TestApp) -> String {
    app.call(post("/accounts", json!({ "email": ANA, "name": "Ana", "password": PASSWORD }))).await.expect(202);
    mailed_token(app).await
}

async fn logs_in(app: &TestApp, email: &str) -> bool {
    let login = post("/sessions", json!({ "email": email, "password": PASSWORD }));
    app.call(login).await.status.as_u16() == 201
}

testing::on_both! {
    async fn an_address_is_confirmed_by_the_button_and_not_by_the_link(backend: Backend) {
        let app = TestApp::new(backend).await;
        let token = register(&app).await;
        let before = rows(&app);
        for _ in 0..2 {
            let page = app.call(open(&format!("/confirm-email?token={token}"))).await.expect(200);
            assert_page(&page, &format!("value=\"{token}\""));
        }
        assert_eq!(rows(&app), before);
        assert!(!logs_in(&app, ANA).await);
        let page = app.call(submit("/confirm-email", &[("token", &token)])).await.expect(200);
        assert_page(&page, "Your address is confirmed");
        assert!(logs_in(&app, ANA).await);
        let again = app.call(submit("/confirm-email", &[("token", &token)])).await.expect(422);
        assert_page(&again, "This link or token is not valid any more.");
    }

    async fn the_first_administrator_is_made_by_the_form_once(backend: Backend) {
        let app = TestApp::new(backend).await;
        let token = setup_token(&app).await;
        let before = rows(&app);
        assert_page(&app.call(open(&format!("/setup?token={token}"))).await.expect(200), &token);
        assert_eq!(rows(&app), before);
        let fields = |password: &'static str| {
            [("token", token.clone()), ("name", "Root".into()), ("email", ANA.into()), ("password", password.into())]
        };
        let form = |password| TestRequest::post().uri("/setup").set_form(fields(password));
        let refused = app.call(form("otters")).await.expect(422);
        assert_page(&refused, "password: at least 12 characters");
        assert!(refused.text.contains("value=\"Root\"") && refused.text.contains(&token), "{}", refused.text);
        assert!(!refused.text.contains("otters"), "the password is not sent back");
        assert_eq!(rows(&app), before);
        assert_page(&app.call(form(PASSWORD)).await.expect(201), "The administrator is created");
        assert!(logs_in(&app, ANA).await);
        assert_page(&app.call(form(PASSWORD)).await.expect(422), "not valid any more");
    }

    async fn a_forgotten_password_is_replaced_without_javascript(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        assert_page(&app.call(open("/forgot-password")).await.expect(200), "Mail me a link");
        assert_page(&app.call(submit("/forgot-password", &[("email", "no address")])).await.expect(422), "problem");
        let asked = app.call(submit("/forgot-password", &[("email", &ana.email)])).await.expect(202);
        assert_page(&asked, "Look into your mailbox");
        let token = crate::passwords::mailed(&app, "reset_password", &ana.email).await;
        let before = rows(&app);
        let page = app.call(open(&format!("/reset-password?token={token}"))).await.expect(200);
        assert_page(&page, &format!("value=\"{token}\""));
        assert_eq!(rows(&app), before, "following the link changes nothing");
        let choose = |password: &str| submit("/reset-password", &[("token", &token), ("password", password)]);
        assert_page(&app.call(choose("password1234")).await.expect(422), "password: too easy to guess");
        assert!(logs_in(&app, &ana.email).await);
        assert_page(&app.call(choose("eight calm herons")).await.expect(200), "The new password holds");
        assert!(!logs_in(&app, &ana.email).await);
        assert_page(&app.call(choose("eight calm herons")).await.expect(422), "not valid any more");
    }

    async fn the_page_for_a_new_password_asks_for_a_code_where_one_is_needed(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let (_, codes) = crate::second_factors::enable(&app, &ana).await;
        let token = crate::passwords::ask(&app, &ana.email).await;
        let choose = |code: &str| {
            let fields = [("token", &*token), ("password", "eight calm herons"), ("recovery_code", code)];
            submit("/reset-password", &fields)
        };
        assert_page(&app.call(choose("")).await.expect(401), "needs a one-time code");
        assert_page(&app.call(choose("wrong")).await.expect(401), "wrong, or used before");
        assert_page(&app.call(choose(&codes[3])).await.expect(200), "The new password holds");
    }

    async fn an_address_is_changed_and_taken_back_by_buttons(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        app.call(ana.post("/account/email", json!({ "email": "new@people.example" }))).await.expect(202);
        for (path, kind, address, words) in [
            ("/confirm-email-change", "confirm_email_change", "new@people.example", "Your new address holds"),
            ("/undo-email-change", "email_changed", &ana.email, "It is yours again"),
        ] {
            let token = crate::passwords::mailed(&app, kind, address).await;
            let before = (rows(&app), app.call(ana.get("/me")).await.expect(200).body);
            let page = app.call(open(&format!("{path}?token={token}"))).await.expect(200);
            assert_page(&page, &format!("value=\"{token}\""));
            assert_eq!((rows(&app), app.call(ana.get("/me")).await.expect(200).body), before);
            assert_page(&app.call(submit(path, &[("token", &token)])).await.expect(200), words);
            assert_page(&app.call(submit(path, &[("token", &token)])).await.expect(422), "not valid any more");
        }
    }

    async fn what_is_typed_comes_back_escaped(backend: Backend) {
        let app = TestApp::new(backend).await;
        let encoded = "%22%27%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%26amp%3B";
        for path in ["/confirm-email", "/setup", "/reset-password", "/confirm-email-change", "/undo-email-change"] {
            let page = app.call(open(&format!("{path}?token={encoded}"))).await.expect(200);
            assert_page(&page, "&#38;amp;");
        }
        let fields = [("token", ATTACK), ("name", ATTACK), ("email", ATTACK), ("password", "short")];
        let page = app.call(submit("/setup", &fields)).await.expect(422);
        assert_page(&page, "&#38;amp;");
        assert!(!page.text.contains(ATTACK));
    }

    async fn half_a_link_or_a_strange_form_gets_a_page_in_words(backend: Backend) {
        let app = TestApp::new(backend).await;
        let before = rows(&app);
        let form = ("content-type", "application/x-www-form-urlencoded");
        let huge = "x".repeat(20_000);
        for request in [
            open("/confirm-email"),
            open("/confirm-email?tok=x"),
            open("/setup"),
            TestRequest::post().uri("/confirm-email").set_payload("token=x"),
            TestRequest::post().uri("/setup").insert_header(form).set_payload("%%%=&&"),
            submit("/setup", &[("token", "x")]),
            submit("/confirm-email", &[]),
            submit("/confirm-email", &[("token", &huge)]),
        ] {
            assert_page(&app.call(request).await.expect(400), "That did not work");
        }
        for token in ["", "x", "\0", &"x".repeat(5_000)] {
            let page = app.call(submit("/confirm-email", &[("token", token)])).await.expect(422);
            assert_page(&page, "not valid any more");
        }
        let fields = [("token", "x"), ("name", "R\0t"), ("email", ANA), ("password", PASSWORD)];
        assert_page(&app.call(submit("/setup", &fields)).await.expect(422), "name: must not hold control characters");
        assert_eq!(rows(&app), before);
    }
}
