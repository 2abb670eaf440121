//! Organisations, and who belongs to them in which roles.

use crate::{
    app::{Person, Response, TestApp, get},
    marketplace::{company, organisation},
    rows::refused,
    steps::join,
};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use testing::Backend;
use uuid::Uuid;

fn register(person: &Person, kind: &str, name: &str, country: &str) -> TestRequest {
    person.post("/organisations", json!({ "kind": kind, "legalName": name, "country": country }))
}

fn fields<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())).to_vec()
}

/// An agency with an owner.
async fn agency(app: &TestApp) -> (String, Person) {
    let owner = app.person("Olga Owner").await;
    (organisation(app, &owner, "agency", "Northern Dispatch").await, owner)
}

/// The path of somebody's membership.
async fn membership(app: &TestApp, organisation: &str, viewer: &Person, person: &Person) -> String {
    let path = format!("/organisations/{organisation}/members");
    let list = app.call(viewer.get(&path)).await.expect(200);
    let members = list.body["items"].as_array().unwrap();
    let member = members.iter().find(|member| member["user"] == person.id.to_string()).unwrap();
    format!("{path}/{}", member["id"].as_str().unwrap())
}

fn remove(who: &Person, path: &str, version: i64) -> TestRequest {
    who.delete(path).insert_header(("if-match", format!("\"{version}\"")))
}

fn roles(list: &[&str]) -> Value {
    json!({ "roles": list })
}

fn without_request(response: &Response) -> Value {
    let mut body = response.body.clone();
    body.as_object_mut().unwrap().remove("requestId");
    body
}

testing::on_both! {
    async fn whoever_registers_an_organisation_owns_it_and_everybody_sees_it(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let made = app.call(register(&ana, "agency", "  Northern Dispatch ", "SI")).await.expect(201);
        assert_eq!(made.header("location"), format!("/api/v1/organisations/{}", made.id()));
        let seen = app.call(get(made.header("location"))).await.expect(200);
        assert_eq!(seen.body, made.body);
        assert_eq!((&seen.body["legalName"], &seen.body["verifiedAt"]), (&json!("Northern Dispatch"), &json!(null)));
        let me = app.call(ana.get("/me")).await.expect(200);
        assert_eq!(me.body["memberships"], json!([{ "organisation": made.id(), "roles": ["owner"] }]));
    }

    async fn a_name_is_taken_once_in_each_country(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, bor) = (app.person("Ana").await, app.person("Bor").await);
        app.call(register(&ana, "agency", "North", "SI")).await.expect(201);
        for (name, kind) in [("North", "agency"), ("North", "company"), (" North ", "agency")] {
            refused(&app, register(&bor, kind, name, "SI"), 409, "organisation_exists").await;
        }
        app.call(register(&bor, "agency", "North", "HR")).await.expect(201);
    }

    async fn a_country_is_two_capital_letters(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        for country in ["", "S", "si", "SVN", "S1", "SI\n", "ŠI"] {
            let response = refused(&app, register(&ana, "agency", "North", country), 422, "invalid").await;
            assert_eq!(response.fields(), fields([("/country", "wrong_format")]), "{country:?}");
        }
    }

    async fn only_an_administrator_verifies_and_only_once(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), administrator) = (agency(&app).await, app.administrator().await);
        let path = format!("/organisations/{id}/verify");
        let reason = json!({ "reason": "Checked against the register." });
        refused(&app, owner.post(&path, reason.clone()), 403, "administrator_only").await;
        let blank = refused(&app, administrator.post(&path, json!({ "reason": " " })), 422, "invalid").await;
        assert_eq!(blank.fields(), fields([("/reason", "required")]));
        let verified = app.call(administrator.post(&path, reason.clone())).await.expect(200);
        assert!(verified.body["verifiedAt"].is_string());
        refused(&app, administrator.post(&path, reason.clone()), 409, "already_done").await;
        let unknown = format!("/organisations/{}/verify", Uuid::nil());
        refused(&app, administrator.post(&unknown, reason), 404, "not_found").await;
    }

    async fn nobody_but_its_members_sees_the_members(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), administrator) = (agency(&app).await, app.administrator().await);
        let stranger = company(&app, "Calm Signal").await.bidder;
        let colleague = join(&app, &owner, &id, "Carl", &[]).await;
        let path = format!("/organisations/{id}/members");
        let list = app.call(colleague.get(&path)).await.expect(200);
        let names: Vec<_> = list.body["items"].as_array().unwrap().iter().map(|member| &member["name"]).collect();
        assert_eq!(names, ["Olga Owner", "Carl"]);
        assert!(!list.text.contains('@'), "addresses are not for colleagues");
        refused(&app, get(&path), 401, "unauthenticated").await;
        let unknown = app.call(stranger.get(&format!("/organisations/{}/members", Uuid::nil()))).await;
        for outsider in [&stranger, &administrator] {
            let hidden = refused(&app, outsider.get(&path), 404, "not_found").await;
            assert_eq!(hidden.body["code"], unknown.body["code"]);
        }
    }

    async fn only_an_owner_of_this_organisation_changes_who_belongs_to_it(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), administrator) = (agency(&app).await, app.administrator().await);
        let stranger = company(&app, "Calm Signal").await.bidder;
        let colleague = join(&app, &owner, &id, "Carl", &["officer"]).await;
        let list = format!("/organisations/{id}/members");
        let own = membership(&app, &id, &owner, &owner).await;
        let body = json!({ "email": stranger.email, "roles": ["owner"] });
        refused(&app, colleague.post(&list, body.clone()), 403, "role_missing").await;
        refused(&app, administrator.post(&list, body.clone()), 403, "role_missing").await;
        refused(&app, stranger.post(&list, body), 404, "not_found").await;
        refused(&app, colleague.put(&own, 1, roles(&[])), 403, "role_missing").await;
        refused(&app, stranger.put(&own, 1, roles(&[])), 404, "not_found").await;
        refused(&app, remove(&colleague, &own, 1), 403, "role_missing").await;
        refused(&app, remove(&stranger, &own, 1), 404, "not_found").await;
        refused(&app, remove(&administrator, &own, 1), 404, "not_found").await;
    }

    async fn a_member_of_another_organisation_is_not_found_here(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let calm = company(&app, "Calm Signal").await;
        let theirs = membership(&app, &calm.id, &calm.bidder, &calm.bidder).await;
        let crossed = theirs.replace(&calm.id, &id);
        refused(&app, owner.put(&crossed, 2, roles(&["owner"])), 404, "not_found").await;
        refused(&app, remove(&owner, &crossed, 2), 404, "not_found").await;
    }

    async fn an_organisation_keeps_an_owner(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let own = membership(&app, &id, &owner, &owner).await;
        let carl = join(&app, &owner, &id, "Carl", &["officer"]).await;
        refused(&app, owner.put(&own, 1, roles(&["officer"])), 409, "last_owner").await;
        refused(&app, remove(&owner, &own, 1), 409, "last_owner").await;
        let carls = membership(&app, &id, &owner, &carl).await;
        app.call(owner.put(&carls, 1, roles(&["owner"]))).await.expect(200);
        app.call(remove(&owner, &own, 1)).await.expect(204);
        refused(&app, remove(&carl, &carls, 2), 409, "last_owner").await;
    }

    async fn two_owners_who_leave_at_once_do_not_both_leave(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let second = join(&app, &owner, &id, "Second Owner", &["owner"]).await;
        let own = membership(&app, &id, &owner, &owner).await;
        let seconds = membership(&app, &id, &owner, &second).await;
        let (a, b) = tokio::join!(app.call(remove(&owner, &own, 1)), app.call(remove(&second, &seconds, 1)));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
    }

    async fn who_is_removed_or_loses_a_role_loses_access_at_once(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let carl = join(&app, &owner, &id, "Carl", &["author"]).await;
        let path = membership(&app, &id, &owner, &carl).await;
        let draft = || carl.post("/challenges", json!({ "agency": id, "content": { "title": "T" } }));
        let challenge = app.call(draft()).await.expect(201).id();
        let challenge = format!("/challenges/{challenge}");
        app.call(owner.put(&path, 1, roles(&["finance"]))).await.expect(200);
        refused(&app, draft(), 403, "role_missing").await;
        app.call(carl.get(&challenge)).await.expect(200);
        app.call(remove(&owner, &path, 2)).await.expect(204);
        refused(&app, carl.get(&challenge), 404, "not_found").await;
        refused(&app, carl.get(&format!("/organisations/{id}/members")), 404, "not_found").await;
        assert_eq!(app.call(carl.get("/me")).await.expect(200).body["memberships"], json!([]));
    }

    async fn a_member_may_leave(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let carl = join(&app, &owner, &id, "Carl", &["author"]).await;
        let path = membership(&app, &id, &carl, &carl).await;
        app.call(remove(&carl, &path, 1)).await.expect(204);
        refused(&app, remove(&owner, &path, 1), 404, "not_found").await;
        join_again(&app, &owner, &id, &carl).await.expect(201);
    }

    async fn roles_must_make_sense_in_the_kind_of_organisation(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let calm = company(&app, "Calm Signal").await;
        let own = membership(&app, &id, &owner, &owner).await;
        let theirs = membership(&app, &calm.id, &calm.bidder, &calm.bidder).await;
        let response = refused(&app, owner.put(&own, 1, roles(&["owner", "bidder"])), 422, "invalid").await;
        assert_eq!(response.fields(), fields([("/roles/1", "not_allowed")]));
        for role in ["author", "officer", "evaluator", "pilot_manager", "finance", "auditor", "coordinator"] {
            let response = refused(&app, calm.bidder.put(&theirs, 2, roles(&["owner", role])), 422, "invalid").await;
            assert_eq!(response.fields(), fields([("/roles/1", "not_allowed")]), "{role}");
        }
        let twice = refused(&app, owner.put(&own, 1, roles(&["owner", "owner"])), 422, "invalid").await;
        assert_eq!(twice.fields(), fields([("/roles/1", "duplicate")]));
        let unknown = refused(&app, owner.put(&own, 1, roles(&["owner", "king"])), 422, "invalid").await;
        assert_eq!(unknown.fields(), fields([("/roles/1", "not_allowed")]));
        let all = ["owner", "author", "officer", "evaluator", "pilot_manager", "finance", "auditor", "coordinator"];
        app.call(owner.put(&own, 1, roles(&all))).await.expect(200);
    }

    async fn only_somebody_with_a_confirmed_account_can_be_added_and_only_once(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let body = json!({ "email": "new@people.example", "name": "New", "password": crate::app::PASSWORD });
        app.call(crate::app::post("/accounts", body)).await.expect(202);
        let list = format!("/organisations/{id}/members");
        let add = |email: &str| owner.post(&list, json!({ "email": email, "roles": [] }));
        let unknown = refused(&app, add("nobody@people.example"), 422, "invalid").await;
        let unconfirmed = refused(&app, add("new@people.example"), 422, "invalid").await;
        assert_eq!(unknown.fields(), fields([("/email", "unknown")]));
        assert_eq!(without_request(&unconfirmed), without_request(&unknown));
        let malformed = refused(&app, add("no address"), 422, "invalid").await;
        assert_eq!(malformed.fields(), fields([("/email", "wrong_format")]));
        let carl = app.person("Carl").await;
        app.call(add(&carl.email.to_uppercase())).await.expect(201);
        refused(&app, add(&carl.email), 409, "already_member").await;
    }
}

async fn join_again(app: &TestApp, owner: &Person, organisation: &str, person: &Person) -> Response {
    let body = json!({ "email": person.email, "roles": ["author"] });
    app.call(owner.post(&format!("/organisations/{organisation}/members"), body)).await
}
