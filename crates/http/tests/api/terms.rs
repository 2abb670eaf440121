//! The terms of use: versions, and acceptance before the next write.

use crate::{
    app::{PASSWORD, Person, TestApp, get, post},
    members::{agency, fields},
    rows::refused,
    steps::{invitation_mails, mails},
};
use actix_web::test::TestRequest;
use serde_json::json;
use testing::Backend;

async fn publish(app: &TestApp, admin: &Person) -> i64 {
    let body = json!({ "title": "Terms of use", "content": "# Terms\n\nBe fair." });
    app.call(admin.post("/terms", body)).await.expect(201).body["number"].as_i64().unwrap()
}

fn register(person: &Person, name: &str) -> TestRequest {
    person.post("/organisations", json!({ "kind": "company", "legalName": name, "country": "SI" }))
}

testing::on_both! {
    async fn an_administrator_publishes_versions_that_everybody_reads(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (admin, ana) = (app.administrator().await, app.person("Ana").await);
        app.call(get("/terms/current")).await.expect_problem(404, "not_found");
        let body = json!({ "title": " ", "content": "" });
        refused(&app, ana.post("/terms", json!({ "title": "T", "content": "C" })), 403, "administrator_only").await;
        let wrong = refused(&app, admin.post("/terms", body), 422, "invalid").await;
        assert!(wrong.fields().iter().any(|(pointer, _)| pointer == "/content"));
        assert_eq!(publish(&app, &admin).await, 1);
        assert_eq!(publish(&app, &admin).await, 2);
        let current = app.call(get("/terms/current")).await.expect(200);
        assert_eq!((&current.body["number"], &current.body["title"]), (&json!(2), &json!("Terms of use")));
        assert_eq!(app.call(get("/terms/1")).await.expect(200).body["content"], "# Terms\n\nBe fair.");
        app.call(get("/terms/3")).await.expect_problem(404, "not_found");
        let page = app.call(get("/terms?limit=1")).await.expect(200);
        assert_eq!(page.body["items"][0]["number"], 2);
        let next = app.call(get(&format!("/terms?limit=1&after={}", page.body["next"].as_str().unwrap()))).await;
        assert_eq!(next.expect(200).body["items"][0]["number"], 1);
    }

    async fn nothing_is_written_before_the_terms_are_accepted_and_again_after_each_version(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (admin, ana) = (app.administrator().await, app.person("Ana").await);
        app.call(register(&ana, "Before")).await.expect(201);
        publish(&app, &admin).await;
        let refusal = refused(&app, register(&ana, "One"), 403, "terms_not_accepted").await;
        assert!(refusal.text.contains("/terms/1/accept"), "{}", refusal.text);
        refused(&app, register(&ana, "One").uri("/api/v1/organisations?dryRun=true"), 403, "terms_not_accepted").await;
        app.call(ana.get("/me")).await.expect(200);
        app.call(ana.act("/terms/1/accept")).await.expect(204);
        refused(&app, ana.act("/terms/1/accept"), 409, "already_done").await;
        let keyed = || register(&ana, "One").insert_header(("idempotency-key", "one"));
        app.call(keyed()).await.expect(201);
        publish(&app, &admin).await;
        refused(&app, keyed(), 403, "terms_not_accepted").await;
        refused(&app, ana.act("/terms/1/accept"), 409, "wrong_state").await;
        refused(&app, ana.act("/terms/3/accept"), 404, "not_found").await;
        app.call(ana.act("/terms/2/accept")).await.expect(204);
        assert_eq!(app.call(keyed()).await.expect(201).header("idempotent-replayed"), "true");
        // Not even the administrator, but for publishing.
        refused(&app, register(&admin, "Admin"), 403, "terms_not_accepted").await;
    }

    async fn logging_out_and_logging_in_are_possible_before_the_terms_are_accepted(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (admin, ana) = (app.administrator().await, app.person("Ana").await);
        publish(&app, &admin).await;
        app.call(ana.delete("/sessions/current")).await.expect(204);
        app.call(post("/sessions", json!({ "email": ana.email, "password": PASSWORD }))).await.expect(201);
    }

    async fn the_terms_are_accepted_along_with_registering(backend: Backend) {
        let app = TestApp::new(backend).await;
        let admin = app.administrator().await;
        let register = |accepted: Option<i32>| {
            let mut body = json!({ "email": "new@people.example", "name": "New", "password": PASSWORD });
            if let Some(accepted) = accepted {
                body["acceptedTerms"] = json!(accepted);
            }
            post("/accounts", body)
        };
        let early = refused(&app, register(Some(1)), 422, "invalid").await;
        assert_eq!(early.fields(), fields([("/acceptedTerms", "not_in_force")]));
        publish(&app, &admin).await;
        publish(&app, &admin).await;
        for (accepted, code) in [(None, "required"), (Some(1), "not_in_force"), (Some(3), "not_in_force")] {
            let response = refused(&app, register(accepted), 422, "invalid").await;
            assert_eq!(response.fields(), fields([("/acceptedTerms", code)]));
            assert!(response.text.contains("version 2"), "{}", response.text);
        }
        app.call(register(Some(2))).await.expect(202);
        let link = mails(&app).await.pop().unwrap().message["link"].as_str().unwrap().to_owned();
        let token = link.split_once("token=").unwrap().1;
        app.call(post("/accounts/confirm", json!({ "token": token }))).await.expect(204);
        let session = app.call(post("/sessions", json!({ "email": "new@people.example", "password": PASSWORD }))).await;
        let bearer = format!("Bearer {}", session.expect(201).body["accessToken"].as_str().unwrap());
        let write = post("/organisations", json!({ "kind": "company", "legalName": "New", "country": "SI" }));
        app.call(write.insert_header(("authorization", bearer))).await.expect(201);
    }

    async fn the_terms_are_accepted_along_with_an_invitation(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), admin, carl) = (agency(&app).await, app.administrator().await, app.person("Carl").await);
        let mut tokens = Vec::new();
        for email in ["new@people.example", &carl.email] {
            let body = json!({ "email": email, "roles": [] });
            app.call(owner.post(&format!("/organisations/{id}/invitations"), body)).await.expect(201);
            let link = invitation_mails(&app).await.pop().unwrap().message["link"].as_str().unwrap().to_owned();
            tokens.push(link.split_once("token=").unwrap().1.to_owned());
        }
        publish(&app, &admin).await;
        for (token, name) in [(&tokens[0], Some("New")), (&tokens[1], None)] {
            let mut body = json!({ "token": token });
            if let Some(name) = name {
                (body["name"], body["password"]) = (json!(name), json!(PASSWORD));
            }
            let missing = refused(&app, post("/invitations/accept", body.clone()), 422, "invalid").await;
            assert_eq!(missing.fields(), fields([("/acceptedTerms", "required")]));
            body["acceptedTerms"] = json!(1);
            app.call(post("/invitations/accept", body)).await.expect(201);
        }
        app.call(register(&carl, "Carl's")).await.expect(201);
    }
}
