//! Without a database, and out of time.

use crate::app::{PASSWORD, Response, TestApp, get, post};
use actix_web::test::TestRequest;
use http::Limits;
use serde_json::json;
use std::time::{Duration, Instant};
use testing::{Backend, Cluster};

/// An installation whose database can be taken away.
async fn with_own_server() -> (Cluster, TestApp) {
    let cluster = Cluster::start_private();
    cluster.create_database("provoco", None);
    let url = cluster.url("provoco");
    persistence::migrate(&url).unwrap();
    let app = TestApp::at(url, Limits::default()).await;
    (cluster, app)
}

async fn promptly(app: &TestApp, request: TestRequest) -> Response {
    let begun = Instant::now();
    let response = app.call(request).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "answered after {:?}", begun.elapsed());
    response
}

#[track_caller]
fn assert_unavailable(response: Response) {
    let response = response.expect_problem(503, "database_unavailable");
    assert_eq!(response.header("retry-after"), "1");
    for inside in ["socket", "postgres", "connection", "SQL"] {
        assert!(!response.text.contains(inside), "{}", response.text);
    }
}

#[actix_web::test]
async fn without_its_database_the_api_says_so_and_recovers_by_itself() {
    let (cluster, app) = with_own_server().await;
    let ana = app.person("Ana").await;
    let agency =
        |name: &str| ana.post("/organisations", json!({ "kind": "agency", "legalName": name, "country": "SI" }));
    let kept = app.call(agency("North")).await.expect(201).id();
    for request in [get("/challenges"), ana.get("/me"), TestRequest::get().uri("/readyz")] {
        promptly(&app, request).await.expect(200);
    }

    cluster.stop_immediate();
    // Twice, and on every connection: with one that has just broken, and with none.
    for n in 0..8 {
        assert_unavailable(promptly(&app, get("/challenges")).await);
        assert_unavailable(promptly(&app, ana.get("/me")).await);
        assert_unavailable(promptly(&app, agency(&format!("Agency {n}"))).await);
        assert_unavailable(promptly(&app, TestRequest::get().uri("/readyz")).await);
        promptly(&app, TestRequest::get().uri("/livez")).await.expect(200);
    }
    let login = json!({ "email": ana.email, "password": PASSWORD });
    assert_unavailable(promptly(&app, post("/sessions", login.clone())).await);
    promptly(&app, TestRequest::get().uri("/docs/openapi.json")).await.expect(200);
    app.call(get("/challenges?limit=0")).await.expect_problem(400, "invalid_query");

    cluster.start_again();
    for _ in 0..8 {
        promptly(&app, TestRequest::get().uri("/readyz")).await.expect(200);
        promptly(&app, get(&format!("/organisations/{kept}"))).await.expect(200);
    }
    app.call(post("/sessions", login)).await.expect(201);
    app.call(agency("South")).await.expect(201);
    let all = app.call(get("/organisations")).await.expect(200);
    assert_eq!(all.body["items"].as_array().unwrap().len(), 2, "what was refused was not done later");
}

testing::on_both! {
    async fn a_request_that_takes_too_long_is_told_so_in_full(backend: Backend) {
        let limits = Limits { request: Duration::from_millis(1), ..Limits::default() };
        let app = TestApp::with_limits(backend, limits).await;
        // Hashing a password takes longer than that.
        let body = json!({ "email": "ana@people.example", "name": "Ana", "password": PASSWORD });
        let request = post("/accounts", body).insert_header(("x-request-id", "slow-1"));
        let response = app.call(request).await.expect_problem(503, "timed_out");
        assert_eq!(response.header("retry-after"), "1");
        assert_eq!(response.header("x-request-id"), "slow-1");
        assert_eq!(response.header("x-content-type-options"), "nosniff");
        assert_eq!(response.header("cache-control"), "no-store");
    }
}
