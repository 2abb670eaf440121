//! `dryRun=true` tells what would happen, and nothing happens.

use crate::{
    app::{PASSWORD, Response, TestApp, post},
    ceremony::opened,
    marketplace::Marketplace,
    rows::rows,
    steps::{let_in, mails},
};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use testing::Backend;

/// The names of the fields of a document.
fn shape(body: &Value) -> Vec<String> {
    body.as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect()
}

/// How much is stored, but for attempts to log in: those are counted even when they are only tried.
fn stored(app: &TestApp) -> Vec<(String, i64)> {
    rows(app).into_iter().filter(|(table, _)| table != "attempts").collect()
}

/// First only tries a request, then does it; the first must promise what the second does, and store nothing.
async fn tried(app: &TestApp, path: &str, status: u16, request: impl Fn(&str) -> TestRequest) -> Response {
    let before = stored(app);
    let promised = app.call(request(&format!("{path}?dryRun=true"))).await.expect(200);
    assert_eq!(stored(app), before, "{path}");
    assert_eq!(promised.header("dry-run"), "true");
    let done = app.call(request(path)).await.expect(status);
    assert_eq!(done.header("dry-run"), "");
    assert_ne!(stored(app), before, "{path}");
    assert_eq!(shape(&promised.body), shape(&done.body), "{path}");
    assert_eq!(promised.body["version"], done.body["version"], "{path}");
    assert_eq!(promised.body["status"], done.body["status"], "{path}");
    done
}

testing::on_both! {
    async fn accounts_and_sessions_are_tried_without_a_trace(backend: Backend) {
        let app = TestApp::new(backend).await;
        let body = json!({ "email": "ana@people.example", "name": "Ana", "password": PASSWORD });
        tried(&app, "/accounts", 202, |path| post(path, body.clone())).await;
        let mail = mails(&app).await.pop().unwrap();
        let token = mail.message["link"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
        tried(&app, "/accounts/confirm", 204, |path| post(path, json!({ "token": token }))).await;
        let login = json!({ "email": "ana@people.example", "password": PASSWORD });
        let session = tried(&app, "/sessions", 201, |path| post(path, login.clone())).await;
        let refresh = json!({ "refreshToken": session.body["refreshToken"] });
        tried(&app, "/sessions/refresh", 201, |path| post(path, refresh.clone())).await;
    }

    async fn a_used_refresh_token_is_refused_in_a_dry_run_too(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let login = json!({ "email": ana.email, "password": PASSWORD });
        let session = app.call(post("/sessions", login)).await.expect(201);
        let refresh = json!({ "refreshToken": session.body["refreshToken"] });
        let fresh = app.call(post("/sessions/refresh", refresh.clone())).await.expect(201);
        let tried = app.call(post("/sessions/refresh?dryRun=true", refresh)).await;
        tried.expect_problem(422, "token_invalid");
        let next = json!({ "refreshToken": fresh.body["refreshToken"] });
        app.call(post("/sessions/refresh", next)).await.expect(201);
    }

    async fn a_log_out_that_is_only_tried_ends_nothing(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        app.call(ana.delete("/sessions/current?dryRun=true")).await.expect(200);
        app.call(ana.get("/me")).await.expect(200);
        app.call(ana.delete("/sessions/current?dryRun=false")).await.expect(204);
        app.call(ana.get("/me")).await.expect_problem(401, "token_rejected");
    }

    async fn organisations_and_members_are_tried_without_a_trace(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, bor, administrator) = (app.person("Ana").await, app.person("Bor").await, app.administrator().await);
        let body = json!({ "kind": "agency", "legalName": "North", "country": "SI" });
        let id = tried(&app, "/organisations", 201, |path| ana.post(path, body.clone())).await.id();
        let reason = json!({ "reason": "Checked." });
        let verify = format!("/organisations/{id}/verify");
        tried(&app, &verify, 200, |path| administrator.post(path, reason.clone())).await;
        let members = format!("/organisations/{id}/members");
        let body = json!({ "email": bor.email, "roles": ["author"] });
        let invitations = format!("/organisations/{id}/invitations");
        tried(&app, &invitations, 201, |path| ana.post(path, body.clone())).await;
        let member = let_in(&app, &ana, &id, &bor, &["author"]).await.id;
        let member = format!("{members}/{member}");
        tried(&app, &member, 200, |path| ana.put(path, 1, json!({ "roles": ["officer"] }))).await;
        let remove = |path: &str| ana.delete(path).insert_header(("if-match", "\"2\""));
        tried(&app, &member, 204, remove).await;
    }

    async fn a_dry_run_leaves_its_idempotency_key_unused(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let body = json!({ "kind": "agency", "legalName": "North", "country": "SI" });
        let request = |path: &str| ana.post(path, body.clone()).insert_header(("idempotency-key", "key"));
        tried(&app, "/organisations", 201, request).await;
        assert_eq!(rows(&app)["idempotency_keys"], 1);
    }

    async fn a_dry_run_checks_as_much_as_the_real_thing(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, administrator) = (app.person("Ana").await, app.administrator().await);
        let body = json!({ "kind": "agency", "legalName": "North", "country": "SI" });
        let id = app.call(ana.post("/organisations", body.clone())).await.expect(201).id();
        let again = app.call(ana.post("/organisations?dryRun=true", body)).await;
        again.expect_problem(409, "organisation_exists");
        let verify = format!("/organisations/{id}/verify?dryRun=true");
        app.call(ana.post(&verify, json!({ "reason": "Me." }))).await.expect_problem(403, "administrator_only");
        app.call(administrator.post(&verify, json!({}))).await.expect_problem(422, "invalid");
        app.call(post("/organisations?dryRun=true", json!({}))).await.expect_problem(401, "unauthenticated");
    }

    async fn a_challenge_is_tried_step_by_step_without_a_trace(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let body = json!({ "agency": m.agency, "content": m.content() });
        tried(&m.app, "/challenges", 201, |path| m.author.post(path, body.clone())).await;
        let id = m.draft().await;
        let challenge = format!("/challenges/{id}");
        let version = m.call(m.author.get(&challenge)).await.expect(200).body["version"].as_i64().unwrap();
        let title = json!({ "title": "New" });
        tried(&m.app, &challenge, 200, |path| m.author.patch(path, version, title.clone())).await;
        for (who, action) in [(&m.author, "submit-for-review"), (&m.officer, "approve"), (&m.officer, "publish")] {
            tried(&m.app, &format!("{challenge}/{action}"), 200, |path| who.act(path)).await;
        }
        let bid = json!({ "company": m.calm.id, "offer": m.offer("38500.00") });
        let submit = |path: &str| m.calm.bidder.post(path, bid.clone()).insert_header(("idempotency-key", "key"));
        let bid = tried(&m.app, &format!("{challenge}/bids"), 201, submit).await.id();
        let bid = format!("/bids/{bid}");
        tried(&m.app, &bid, 200, |path| m.calm.bidder.put(path, 1, m.replacement("38000.00"))).await;
        tried(&m.app, &format!("{bid}/withdraw"), 200, |path| m.calm.bidder.act(path)).await;
        m.call(m.bid(&m.river, &id, "41000.00")).await.expect(201);
        m.pass_deadline().await;
        for officer in [&m.officer, &m.second_officer] {
            let path = format!("{challenge}/openings/quality/shares");
            let files = m.see(officer, &path).await["items"].as_array().unwrap().clone();
            let shares: Vec<_> = files.iter().map(|file| opened(officer, &file["file"])).collect();
            tried(&m.app, &path, 200, |path| officer.post(path, json!({ "shares": shares }))).await;
        }
    }
}
