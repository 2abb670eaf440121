//! Where one is logged in, and ending that.

use crate::{
    app::{PASSWORD, Person, TestApp, post},
    log_ins::log_in,
    rows::refused,
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

/// Ana, logged in once more with this program.
async fn log_in_as(app: &TestApp, person: &Person, agent: &str) -> Person {
    let request = log_in(&person.email, PASSWORD).insert_header(("user-agent", agent));
    let session = app.call(request.peer_addr("198.51.100.7:1".parse().unwrap())).await.expect(201);
    Person { token: session.body["accessToken"].as_str().unwrap().to_owned(), ..person.clone() }
}

async fn list(app: &TestApp, person: &Person) -> Vec<Value> {
    app.call(person.get("/account/sessions")).await.expect(200).body["items"].as_array().unwrap().clone()
}

testing::on_both! {
    async fn one_sees_where_one_is_logged_in(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, eva) = (app.person("Ana").await, app.person("Eva").await);
        let phone = log_in_as(&app, &ana, &"Phone ".repeat(50)).await;
        let sessions = list(&app, &phone).await;
        assert_eq!(sessions.len(), 2);
        assert_eq!(sessions[0]["device"], "Phone ".repeat(50)[..200]);
        assert_eq!((&sessions[0]["network"], &sessions[0]["current"]), (&json!("198.51.100.0/24"), &json!(true)));
        assert_eq!(sessions[1]["current"], false);
        assert_eq!(list(&app, &eva).await.len(), 1);
        app.advance(TimeDelta::minutes(5));
        list(&app, &phone).await;
        http::write_down_seen(&app.state).await.unwrap();
        let later = list(&app, &phone).await;
        assert!(later[0]["lastSeenAt"].as_str().unwrap() > sessions[0]["lastSeenAt"].as_str().unwrap());
        assert_eq!(later[1]["lastSeenAt"], sessions[1]["lastSeenAt"]);
    }

    async fn one_ends_one_session_or_all_others_or_all(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, eva) = (app.person("Ana").await, app.person("Eva").await);
        let (phone, tablet) = (log_in_as(&app, &ana, "Phone").await, log_in_as(&app, &ana, "Tablet").await);
        let id = list(&app, &phone).await[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/account/sessions/{id}");
        refused(&app, eva.delete(&path), 404, "not_found").await;
        app.call(phone.delete(&path)).await.expect(204);
        refused(&app, tablet.get("/me"), 401, "token_rejected").await;
        refused(&app, phone.delete(&path), 404, "not_found").await;
        app.call(phone.post("/account/sessions/revoke", json!({ "keepCurrent": true }))).await.expect(204);
        refused(&app, ana.get("/me"), 401, "token_rejected").await;
        app.call(phone.post("/account/sessions/revoke", json!({ "keepCurrent": false }))).await.expect(204);
        refused(&app, phone.get("/me"), 401, "token_rejected").await;
        app.call(eva.get("/me")).await.expect(200);
    }

    async fn ending_all_sessions_forgets_the_devices(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let device = app.call(log_in(&ana.email, PASSWORD)).await.expect(201).body["device"].clone();
        app.call(ana.post("/account/sessions/revoke", json!({ "keepCurrent": true }))).await.expect(204);
        let body = json!({ "email": ana.email, "password": PASSWORD, "device": device });
        assert!(app.call(post("/sessions", body)).await.expect(201).body["device"].is_string());
    }

    async fn of_more_than_50_sessions_the_oldest_ends(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let mut again = ana.clone();
        for _ in 0..49 {
            app.log_in_again(&mut again).await;
        }
        assert_eq!(list(&app, &ana).await.len(), 50);
        app.log_in_again(&mut again).await;
        refused(&app, ana.get("/me"), 401, "token_rejected").await;
        assert_eq!(list(&app, &again).await.len(), 50);
    }

    async fn of_a_stolen_and_then_rotated_token_both_holders_are_out(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let session = app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        let refresh = |token: &Value| post("/sessions/refresh", json!({ "refreshToken": token }));
        let thief = app.call(refresh(&session.body["refreshToken"])).await.expect(201);
        app.call(refresh(&session.body["refreshToken"])).await.expect_problem(422, "token_invalid");
        app.call(refresh(&thief.body["refreshToken"])).await.expect_problem(422, "token_invalid");
        let bearer = format!("Bearer {}", thief.body["accessToken"].as_str().unwrap());
        let me = TestRequest::get().uri("/api/v1/me").insert_header(("authorization", bearer));
        refused(&app, me, 401, "token_rejected").await;
        assert_eq!(list(&app, &ana).await.len(), 1, "the other session goes on");
    }
}
