//! Sessions: refreshing, logging out, and what ends them.

use crate::{
    app::{PASSWORD, Person, Response, TestApp, post},
    rows::refused,
};
use actix_web::{rt, test::TestRequest};
use chrono::TimeDelta;
use serde_json::json;
use std::rc::Rc;
use testing::Backend;

async fn log_in(app: &TestApp, person: &Person) -> Response {
    app.call(post("/sessions", json!({ "email": person.email, "password": PASSWORD }))).await.expect(201)
}

fn refresh(session: &Response) -> TestRequest {
    post("/sessions/refresh", json!({ "refreshToken": session.body["refreshToken"] }))
}

fn bearer(session: &Response, request: TestRequest) -> TestRequest {
    let token = session.body["accessToken"].as_str().unwrap();
    request.insert_header(("authorization", format!("Bearer {token}")))
}

fn me(session: &Response) -> TestRequest {
    bearer(session, TestRequest::get().uri("/api/v1/me"))
}

testing::on_both! {
    async fn a_session_goes_on_with_fresh_tokens(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let mut session = log_in(&app, &ana).await;
        for _ in 0..3 {
            let next = app.call(refresh(&session)).await.expect(201);
            assert_ne!(next.body["refreshToken"], session.body["refreshToken"]);
            app.call(me(&session)).await.expect(200);
            app.call(me(&next)).await.expect(200);
            session = next;
        }
    }

    async fn an_access_token_expires_and_a_refresh_replaces_it(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let session = log_in(&app, &ana).await;
        app.advance(TimeDelta::minutes(9));
        app.call(me(&session)).await.expect(200);
        app.advance(TimeDelta::minutes(1));
        refused(&app, me(&session), 401, "token_rejected").await;
        let public = bearer(&session, TestRequest::get().uri("/api/v1/challenges"));
        refused(&app, public, 401, "token_rejected").await;
        let fresh = app.call(refresh(&session)).await.expect(201);
        app.call(me(&fresh)).await.expect(200);
    }

    async fn a_session_ends_after_its_lifetime_however_often_it_was_refreshed(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let mut session = log_in(&app, &ana).await;
        for _ in 0..2 {
            app.advance(TimeDelta::days(14));
            session = app.call(refresh(&session)).await.expect(201);
        }
        app.advance(TimeDelta::days(2));
        refused(&app, refresh(&session), 422, "token_invalid").await;
    }

    async fn a_refresh_token_used_twice_ends_the_session(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let stolen = log_in(&app, &ana).await;
        let fresh = app.call(refresh(&stolen)).await.expect(201);
        app.call(refresh(&stolen)).await.expect_problem(422, "token_invalid");
        for session in [&stolen, &fresh] {
            refused(&app, me(session), 401, "token_rejected").await;
        }
        app.call(refresh(&fresh)).await.expect_problem(422, "token_invalid");
        let other = log_in(&app, &ana).await;
        app.call(me(&other)).await.expect(200);
    }

    async fn of_simultaneous_refreshes_at_most_one_succeeds_and_the_session_ends(backend: Backend) {
        let app = Rc::new(TestApp::new(backend).await);
        let ana = app.person("Ana").await;
        let session = log_in(&app, &ana).await;
        let calls = (0..8).map(|_| {
            let (app, request) = (app.clone(), refresh(&session));
            rt::spawn(async move { app.call(request).await })
        });
        let mut issued = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            let answer = call.await.unwrap();
            if answer.status.as_u16() == 201 {
                issued.push(answer);
            } else {
                answer.expect_problem(422, "token_invalid");
            }
        }
        assert_eq!(issued.len(), 1);
        refused(&app, me(&session), 401, "token_rejected").await;
        refused(&app, me(&issued[0]), 401, "token_rejected").await;
        app.call(refresh(&issued[0])).await.expect_problem(422, "token_invalid");
    }

    async fn a_session_that_was_logged_out_is_over_at_once(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let (session, other) = (log_in(&app, &ana).await, log_in(&app, &ana).await);
        let log_out = |session| bearer(session, TestRequest::delete().uri("/api/v1/sessions/current"));
        app.call(log_out(&session)).await.expect(204);
        refused(&app, me(&session), 401, "token_rejected").await;
        refused(&app, log_out(&session), 401, "token_rejected").await;
        app.call(refresh(&session)).await.expect_problem(422, "token_invalid");
        app.call(me(&other)).await.expect(200);
    }

    async fn a_made_up_refresh_token_is_refused(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let session = log_in(&app, &ana).await;
        let access = session.body["accessToken"].as_str().unwrap();
        let token = session.body["refreshToken"].as_str().unwrap();
        for made_up in ["", "x", &token[1..], &access[..100]] {
            let request = post("/sessions/refresh", json!({ "refreshToken": made_up }));
            refused(&app, request, 422, "token_invalid").await;
        }
        let as_access = ("authorization", format!("Bearer {token}"));
        refused(&app, TestRequest::get().uri("/api/v1/me").insert_header(as_access), 401, "token_rejected").await;
        app.call(refresh(&session)).await.expect(201);
    }
}
