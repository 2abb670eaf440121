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

    async fn a_suspended_member_loses_access_at_once_and_comes_back(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let carl = join(&app, &owner, &id, "Carl", &["author"]).await;
        let path = membership(&app, &id, &owner, &carl).await;
        let (suspend, list) = (format!("{path}/suspend"), format!("/organisations/{id}/members"));
        let reason = json!({ "reason": "SECRET-REASON" });
        refused(&app, owner.post(&suspend, json!({ "reason": " " })), 422, "invalid").await;
        refused(&app, owner.act(&format!("{path}/reinstate")), 409, "wrong_state").await;
        let suspended = app.call(owner.post(&suspend, reason.clone())).await.expect(200);
        assert_eq!((&suspended.body["status"], &suspended.body["roles"]), (&json!("suspended"), &json!(["author"])));
        refused(&app, carl.get(&list), 404, "not_found").await;
        assert_eq!(app.call(carl.get("/me")).await.expect(200).body["memberships"], json!([]));
        let draft = carl.post("/challenges", json!({ "agency": id, "content": { "title": "T" } }));
        refused(&app, draft, 403, "role_missing").await;
        refused(&app, owner.post(&suspend, reason), 409, "already_done").await;
        let dora = join(&app, &owner, &id, "Dora", &[]).await;
        let seen = app.call(dora.get(&list)).await.expect(200);
        assert!(seen.text.contains("suspended") && !seen.text.contains("SECRET"), "why is for owners");
        assert!(app.call(owner.get(&list)).await.expect(200).text.contains("SECRET-REASON"));
        app.call(owner.act(&format!("{path}/reinstate"))).await.expect(200);
        app.call(carl.get(&list)).await.expect(200);
    }

    async fn nobody_suspends_themself_and_a_suspended_owner_is_no_owner(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let second = join(&app, &owner, &id, "Second Owner", &["owner"]).await;
        let own = membership(&app, &id, &owner, &owner).await;
        let seconds = membership(&app, &id, &owner, &second).await;
        let reason = json!({ "reason": "On leave." });
        refused(&app, owner.post(&format!("{own}/suspend"), reason.clone()), 403, "four_eyes").await;
        app.call(owner.post(&format!("{seconds}/suspend"), reason)).await.expect(200);
        refused(&app, remove(&owner, &own, 1), 409, "last_owner").await;
        refused(&app, owner.put(&own, 1, roles(&["officer"])), 409, "last_owner").await;
        // Whoever has no access can be removed, owner or not.
        app.call(remove(&owner, &seconds, 2)).await.expect(204);
    }

    async fn an_owner_whose_account_is_suspended_is_no_owner(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), administrator) = (agency(&app).await, app.administrator().await);
        let second = join(&app, &owner, &id, "Second Owner", &["owner"]).await;
        let own = membership(&app, &id, &owner, &owner).await;
        let reason = json!({ "reason": "Checked." });
        app.call(administrator.post(&format!("/users/{}/suspend", second.id), reason)).await.expect(200);
        refused(&app, remove(&owner, &own, 1), 409, "last_owner").await;
    }

    async fn two_owners_who_suspend_each_other_at_once_do_not_both_succeed(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let second = join(&app, &owner, &id, "Second Owner", &["owner"]).await;
        let own = format!("{}/suspend", membership(&app, &id, &owner, &owner).await);
        let seconds = format!("{}/suspend", membership(&app, &id, &owner, &second).await);
        let reason = json!({ "reason": "No." });
        let (a, b) = tokio::join!(
            app.call(owner.post(&seconds, reason.clone())),
            app.call(second.post(&own, reason.clone()))
        );
        let statuses = [a.status.as_u16(), b.status.as_u16()];
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    }

    async fn ownership_is_transferred_in_one_step_and_takes_a_step_up(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, mut owner) = agency(&app).await;
        let mut carl = join(&app, &owner, &id, "Carl", &["officer"]).await;
        let (own, carls) =
            (membership(&app, &id, &owner, &owner).await, membership(&app, &id, &owner, &carl).await);
        let transfer = |who: &Person, to: &str| {
            let member = to.rsplit('/').next().unwrap();
            who.post(&format!("/organisations/{id}/transfer-ownership"), json!({ "member": member }))
        };
        let oneself = refused(&app, transfer(&owner, &own), 422, "invalid").await;
        assert_eq!(oneself.fields(), fields([("/member", "not_allowed")]));
        let reason = json!({ "reason": "On leave." });
        app.call(owner.post(&format!("{carls}/suspend"), reason)).await.expect(200);
        let absent = refused(&app, transfer(&owner, &carls), 422, "invalid").await;
        assert_eq!(absent.fields(), fields([("/member", "not_active")]));
        app.call(owner.act(&format!("{carls}/reinstate"))).await.expect(200);
        // Still logged in, but the password was given long ago.
        let (user, now) = (owner.id, app.now());
        let session = app.db().write(move |conn| {
            persistence::sessions::insert(conn, user, &Default::default(), now - chrono::TimeDelta::hours(1), now + chrono::TimeDelta::days(1))
        });
        let refresh_token = application::tokens::Secret::generate().unwrap();
        let stale = application::sessions::Issued { session: session.await.unwrap(), user, refresh_token };
        let fresh = std::mem::replace(&mut owner.token, app.state.access_token(&stale).unwrap().0);
        app.call(owner.get("/me")).await.expect(200);
        refused(&app, transfer(&owner, &carls), 403, "step_up_required").await;
        owner.token = fresh;
        let new = app.call(transfer(&owner, &carls)).await.expect(200);
        assert_eq!(new.body["roles"], json!(["owner", "officer"]));
        refused(&app, transfer(&owner, &carls), 403, "role_missing").await;
        app.log_in_again(&mut carl).await;
        refused(&app, remove(&carl, &carls, 4), 409, "last_owner").await;
        app.call(remove(&carl, &own, 2)).await.expect(204);
    }

    async fn a_member_leaves_an_organisation_whose_owner_has_no_access(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), administrator) = (agency(&app).await, app.administrator().await);
        let carl = join(&app, &owner, &id, "Carl", &["author"]).await;
        let path = membership(&app, &id, &owner, &carl).await;
        let reason = json!({ "reason": "Checked." });
        app.call(administrator.post(&format!("/users/{}/suspend", owner.id), reason)).await.expect(200);
        app.call(remove(&carl, &path, 1)).await.expect(204);
    }

    async fn the_chosen_organisation_narrows_what_one_reads_lists_and_writes(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (north, owner) = agency(&app).await;
        let south = organisation(&app, &owner, "agency", "Southern Dispatch").await;
        let carl = join(&app, &owner, &north, "Carl", &["author"]).await;
        let_in(&app, &owner, &south, &carl, &["author"]).await;
        let for_one = |request: TestRequest, id: &str| request.insert_header(("provoco-organisation", id));
        let draft = |id: &str| carl.post("/challenges", json!({ "agency": id, "content": { "title": "T" } }));
        let memberships = app.call(carl.get("/me")).await.expect(200).body["memberships"].clone();
        assert_eq!(memberships.as_array().unwrap().len(), 2);
        let me = app.call(for_one(carl.get("/me"), &south)).await.expect(200);
        assert_eq!(me.body["memberships"], json!([{ "organisation": south, "roles": ["author"] }]));
        for (chosen, other) in [(&north, &south), (&south, &north)] {
            let list = |id: &str| carl.get(&format!("/organisations/{id}/challenges"));
            app.call(for_one(list(chosen), chosen)).await.expect(200);
            refused(&app, for_one(list(other), chosen), 404, "not_found").await;
            let made = app.call(for_one(draft(chosen), chosen)).await.expect(201).id();
            let path = format!("/challenges/{made}");
            app.call(for_one(carl.get(&path), chosen)).await.expect(200);
            refused(&app, for_one(carl.get(&path), other), 404, "not_found").await;
            let refusal = app.call(for_one(draft(other), chosen)).await;
            assert!(refusal.status.is_client_error(), "{}", refusal.text);
        }
    }

    async fn another_organisation_than_ones_own_cannot_be_chosen(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (_, owner) = agency(&app).await;
        let foreign = company(&app, "Calm Signal").await.id;
        let choose = |request: TestRequest, id: &str| request.insert_header(("provoco-organisation", id));
        for id in [&foreign, &Uuid::nil().to_string()] {
            refused(&app, choose(owner.get("/me"), id), 403, "not_a_member").await;
            let write = owner.post("/organisations", json!({ "kind": "agency", "legalName": "X", "country": "SI" }));
            refused(&app, choose(write, id), 403, "not_a_member").await;
        }
        for id in ["", "x", "1234"] {
            refused(&app, choose(owner.get("/me"), id), 400, "malformed_header").await;
        }
    }
}
