//! Who belongs to an organisation, and what owners change about it.

use crate::{
    app::{Person, TestApp, get},
    marketplace::{company, organisation},
    rows::refused,
    steps::{join, let_in},
};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use testing::Backend;
use uuid::Uuid;

/// An agency with an owner.
pub async fn agency(app: &TestApp) -> (String, Person) {
    let owner = app.person("Olga Owner").await;
    (organisation(app, &owner, "agency", "Northern Dispatch").await, owner)
}

/// The path of somebody's membership.
pub async fn membership(app: &TestApp, organisation: &str, viewer: &Person, person: &Person) -> String {
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

pub fn fields<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())).to_vec()
}

testing::on_both! {
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
        let own = membership(&app, &id, &owner, &owner).await;
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
        let_in(&app, &owner, &id, &carl, &["author"]).await;
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
}
