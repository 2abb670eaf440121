//! What every response carries, whatever it answers.

use crate::{
    app::{Response, TestApp, get, post},
    marketplace::organisation,
};
use actix_web::{
    http::{Method, header::HeaderValue},
    test::TestRequest,
};
use serde_json::json;
use std::collections::HashSet;
use testing::Backend;
use uuid::Uuid;

fn at(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

#[track_caller]
fn assert_safe(response: &Response, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ] {
        assert_eq!(response.header(name), value, "{name} of {what}");
    }
    let policy = response.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src '"), "{policy} of {what}");
    assert!(!policy.contains("script-src") && !policy.contains("unsafe-eval"), "{policy} of {what}");
    assert!(!response.header("x-request-id").is_empty(), "{what}");
    assert!(!response.header("cache-control").is_empty(), "{what}");
    let leaks = ["server", "x-powered-by"].map(|name| response.header(name));
    assert_eq!(leaks, ["", ""], "{what}");
}

testing::on_both! {
    async fn every_kind_of_response_has_the_security_headers(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let calls = [
            ("a list", get("/challenges"), 200),
            ("oneself", ana.get("/me"), 200),
            ("a problem", get("/challenges?limit=0"), 400),
            ("no token", get("/me"), 401),
            ("an unknown thing", get(&format!("/challenges/{}", Uuid::nil())), 404),
            ("an unknown path", at("/nothing"), 404),
            ("an unknown path of the documentation", at("/docs/nothing.js"), 404),
            ("a wrong method", TestRequest::with_uri("/api/v1/me").method(Method::DELETE), 405),
            ("the documentation", at("/docs/"), 200),
            ("the document", at("/docs/openapi.json"), 200),
            ("a redirection to the documentation", at("/docs"), 302),
            ("the start page", at("/"), 200),
            ("a page", at("/confirm-email?token=x"), 200),
            ("a page with half a link", at("/confirm-email"), 400),
            ("a form that is none", TestRequest::post().uri("/setup").set_payload("x"), 400),
            ("a redirection", at(&format!("/challenges/{}", Uuid::nil())), 302),
            ("the style", at("/pages.css"), 200),
            ("life", at("/livez"), 200),
            ("readiness", at("/readyz"), 200),
        ];
        for (what, request, status) in calls {
            let response = app.call(request).await.expect(status);
            assert_safe(&response, what);
        }
    }

    async fn no_page_runs_scripts_and_only_the_documentation_runs_its_own(backend: Backend) {
        let app = TestApp::new(backend).await;
        for path in ["/", "/setup?token=x", "/api/v1/challenges", "/nothing"] {
            let response = app.call(at(path)).await;
            assert!(response.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        }
        let documentation = app.call(at("/docs/")).await.expect(200);
        assert!(documentation.header("content-security-policy").starts_with("default-src 'self'"));
        assert!(!documentation.text.contains("<script>"), "an inline script would not run");
    }

    async fn what_is_for_one_reader_is_kept_by_no_cache(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let id = organisation(&app, &ana, "agency", "North").await;
        for path in ["/account/sessions".to_owned(), format!("/organisations/{id}/members")] {
            let response = app.call(ana.get(&path)).await.expect(200);
            assert_eq!(response.header("cache-control"), "no-store", "{path}");
        }
        let tagged = app.call(ana.get(&format!("/organisations/{id}"))).await.expect(200);
        assert_eq!(tagged.header("cache-control"), "private, no-cache");
        let vary = tagged.headers.get_all("vary").any(|value| value == "authorization");
        assert!(vary);
        let session = json!({ "email": ana.email, "password": crate::app::PASSWORD });
        assert_eq!(app.call(post("/sessions", session)).await.expect(201).header("cache-control"), "no-store");
        assert_eq!(app.call(get("/me")).await.expect(401).header("cache-control"), "no-store");
    }

    async fn a_missing_token_and_a_bad_one_are_told_how_to_come_back(backend: Backend) {
        let app = TestApp::new(backend).await;
        let missing = app.call(get("/me")).await.expect_problem(401, "unauthenticated");
        let bad = app.call(get("/challenges").insert_header(("authorization", "Bearer x"))).await;
        let bad = bad.expect_problem(401, "token_rejected");
        let login = json!({ "email": "nobody@people.example", "password": "wrong" });
        let wrong = app.call(post("/sessions", login)).await.expect_problem(401, "wrong_credentials");
        for response in [missing, bad, wrong] {
            assert_eq!(response.header("www-authenticate"), "Bearer");
        }
    }

    async fn a_sound_request_id_is_kept_and_told(backend: Backend) {
        let app = TestApp::new(backend).await;
        for id in ["a", "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f", "trace_1.span-2", &"x".repeat(64)] {
            let response = app.call(get("/me").insert_header(("x-request-id", id))).await.expect(401);
            assert_eq!((response.header("x-request-id"), response.body["requestId"].as_str()), (id, Some(id)));
        }
    }

    async fn a_request_id_that_could_write_into_the_log_is_replaced(backend: Backend) {
        let app = TestApp::new(backend).await;
        let long = "x".repeat(65);
        let mut fresh = HashSet::new();
        let ids: [&[u8]; 9] = [b"", b"a b", b"a\tb", b"{\"level\":\"error\"}", b"\"", b"%0a", b"\x1b[31m".trim_ascii(),
            "é".as_bytes(), long.as_bytes()];
        for id in ids {
            let Ok(id) = HeaderValue::from_bytes(id) else { continue };
            let response = app.call(get("/me").insert_header(("x-request-id", id.clone()))).await.expect(401);
            let own = response.header("x-request-id").to_owned();
            assert!(Uuid::parse_str(&own).is_ok(), "{id:?} became {own}");
            assert!(fresh.insert(own), "ids are not used twice");
        }
        assert_eq!(fresh.len(), 8, "an escape character is no header value at all");
    }
}
