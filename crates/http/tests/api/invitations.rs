//! Coming into an organisation by a link in a mail.

use crate::{
    app::{PASSWORD, Person, Response, TestApp, post},
    members::{agency, fields},
    rows::{refused, rows},
    steps::{invitation_mails, join, let_in},
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

const NEW: &str = "new@people.example";

fn invite(owner: &Person, organisation: &str, email: &str, roles: &[&str]) -> TestRequest {
    owner.post(&format!("/organisations/{organisation}/invitations"), json!({ "email": email, "roles": roles }))
}

/// The token in the newest mail, which must be an invitation of this address.
pub async fn invited(app: &TestApp, email: &str) -> String {
    let mail = invitation_mails(app).await.pop().unwrap();
    assert_eq!(mail.recipient_address, email);
    mail.message["link"].as_str().unwrap().strip_prefix("/invitation?token=").unwrap().to_owned()
}

fn accept(token: &str) -> TestRequest {
    post("/invitations/accept", json!({ "token": token }))
}

fn accept_as_new(token: &str) -> TestRequest {
    post("/invitations/accept", json!({ "token": token, "name": "New Person", "password": PASSWORD }))
}

fn decline(token: &str) -> TestRequest {
    post("/invitations/decline", json!({ "token": token }))
}

/// What there is of each invitation: address and status, the newest first.
async fn listed(app: &TestApp, owner: &Person, organisation: &str, query: &str) -> Vec<(String, String)> {
    let list = app.call(owner.get(&format!("/organisations/{organisation}/invitations{query}"))).await.expect(200);
    let items = list.body["items"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    items.iter().map(|item| (text(&item["email"]), text(&item["status"]))).collect()
}

async fn log_in(app: &TestApp, email: &str) -> Response {
    app.call(post("/sessions", json!({ "email": email, "password": PASSWORD }))).await
}

fn told(response: &Response) -> Vec<String> {
    let mut names: Vec<_> = response.body.as_object().unwrap().keys().cloned().collect();
    names.push(response.status.to_string());
    names
}

testing::on_both! {
    async fn somebody_without_an_account_is_invited_makes_one_and_is_a_member(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let body = json!({ "email": " New@People.Example", "roles": ["officer"], "message": "Welcome!" });
        let sent = app.call(owner.post(&format!("/organisations/{id}/invitations"), body)).await.expect(201);
        assert_eq!((&sent.body["email"], &sent.body["status"]), (&json!(NEW), &json!("open")));
        assert!(!sent.text.contains("token"));
        let mail = invitation_mails(&app).await.pop().unwrap().message;
        assert_eq!(mail["organisation"], "Northern Dispatch");
        assert_eq!((&mail["invited_by"], &mail["words"]), (&json!("Olga Owner"), &json!("Welcome!")));
        let token = invited(&app, NEW).await;
        log_in(&app, NEW).await.expect_problem(401, "wrong_credentials");
        let joined = app.call(accept_as_new(&token)).await.expect(201);
        assert_eq!((&joined.body["name"], &joined.body["roles"]), (&json!("New Person"), &json!(["officer"])));
        let session = log_in(&app, NEW).await.expect(201);
        let me = crate::app::get("/me").insert_header((
            "authorization",
            format!("Bearer {}", session.body["accessToken"].as_str().unwrap()),
        ));
        let me = app.call(me).await.expect(200);
        assert_eq!(me.body["memberships"], json!([{ "organisation": id, "roles": ["officer"] }]));
        assert_eq!(listed(&app, &owner, &id, "").await, [(NEW.to_owned(), "accepted".to_owned())]);
    }

    async fn somebody_with_an_account_joins_with_it(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), carl, dora) = (agency(&app).await, app.person("Carl").await, app.person("Dora").await);
        app.call(invite(&owner, &id, &carl.email, &["author"])).await.expect(201);
        let token = invited(&app, &carl.email).await;
        let body = json!({ "token": token });
        refused(&app, dora.post("/invitations/accept", body.clone()), 403, "other_address").await;
        let typed = refused(&app, accept_as_new(&token), 422, "invalid").await;
        assert_eq!(typed.fields(), fields([("/password", "not_allowed")]));
        let joined = app.call(carl.post("/invitations/accept", body.clone())).await.expect(201);
        assert_eq!(joined.body["user"], carl.id.to_string());
        refused(&app, carl.post("/invitations/accept", body), 422, "token_invalid").await;
        // The link proves the address, so no session is needed.
        app.call(invite(&owner, &id, &dora.email, &[])).await.expect(201);
        let joined = app.call(accept(&invited(&app, &dora.email).await)).await.expect(201);
        assert_eq!(joined.body["user"], dora.id.to_string());
    }

    async fn nobody_joins_with_the_link_of_somebody_without_an_account_but_with_a_session(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), dora) = (agency(&app).await, app.person("Dora").await);
        app.call(invite(&owner, &id, NEW, &[])).await.expect(201);
        let body = json!({ "token": invited(&app, NEW).await, "name": "New", "password": PASSWORD });
        refused(&app, dora.post("/invitations/accept", body), 403, "other_address").await;
    }

    async fn an_account_needs_a_name_and_a_password(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        app.call(invite(&owner, &id, NEW, &[])).await.expect(201);
        let token = invited(&app, NEW).await;
        let missing = refused(&app, accept(&token), 422, "invalid").await;
        assert_eq!(missing.fields(), fields([("/name", "required"), ("/password", "required")]));
        let body = json!({ "token": token, "name": "New", "password": "twelve chars".replace(' ', "") });
        let short = refused(&app, post("/invitations/accept", body), 422, "invalid").await;
        assert_eq!(short.fields(), fields([("/password", "too_short")]));
        app.call(accept_as_new(&token)).await.expect(201);
    }

    async fn the_answer_does_not_tell_who_has_an_account(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), carl) = (agency(&app).await, app.person("Carl").await);
        let known = app.call(invite(&owner, &id, &carl.email, &["author"])).await.expect(201);
        let unknown = app.call(invite(&owner, &id, NEW, &["author"])).await.expect(201);
        assert_eq!(told(&known), told(&unknown));
        let mails = invitation_mails(&app).await;
        assert!(mails.iter().all(|mail| mail.recipient_name.is_empty()));
    }

    async fn only_a_member_is_told_to_be_one(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let carl = join(&app, &owner, &id, "Carl", &[]).await;
        refused(&app, invite(&owner, &id, &carl.email.to_uppercase(), &[]), 409, "already_member").await;
    }

    async fn what_is_wrong_with_an_invitation_is_told_at_once(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let wrong = refused(&app, invite(&owner, &id, "no address", &["bidder", "author", "author"]), 422, "invalid").await;
        let expected = [("/email", "wrong_format"), ("/roles/0", "not_allowed"), ("/roles/2", "duplicate")];
        assert_eq!(wrong.fields(), fields(expected));
    }

    async fn a_second_invitation_replaces_the_first(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        app.call(invite(&owner, &id, NEW, &["owner"])).await.expect(201);
        let first = invited(&app, NEW).await;
        app.call(invite(&owner, &id, NEW, &["author"])).await.expect(201);
        let second = invited(&app, NEW).await;
        refused(&app, accept_as_new(&first), 422, "token_invalid").await;
        let joined = app.call(accept_as_new(&second)).await.expect(201);
        assert_eq!(joined.body["roles"], json!(["author"]));
        let statuses: Vec<_> = listed(&app, &owner, &id, "").await.into_iter().map(|(_, status)| status).collect();
        assert_eq!(statuses, ["accepted", "revoked"]);
    }

    async fn a_link_works_for_two_weeks_and_a_new_one_is_sent_at_most_once_an_hour(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, mut owner) = agency(&app).await;
        let sent = app.call(invite(&owner, &id, NEW, &[])).await.expect(201).id();
        let first = invited(&app, NEW).await;
        let again = format!("/organisations/{id}/invitations/{sent}/send-again");
        refused(&app, owner.act(&again), 409, "too_soon").await;
        app.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
        app.log_in_again(&mut owner).await;
        app.call(accept_as_new(&first).uri("/api/v1/invitations/accept?dryRun=true")).await.expect(200);
        app.advance(TimeDelta::seconds(1));
        refused(&app, accept_as_new(&first), 422, "token_invalid").await;
        refused(&app, decline(&first), 422, "token_invalid").await;
        assert_eq!(listed(&app, &owner, &id, "?status=expired").await, [(NEW.to_owned(), "expired".to_owned())]);
        assert!(listed(&app, &owner, &id, "?status=open").await.is_empty());
        app.call(owner.act(&again)).await.expect(200);
        refused(&app, accept_as_new(&first), 422, "token_invalid").await;
        assert_eq!(listed(&app, &owner, &id, "?status=open").await.len(), 1);
        app.call(accept_as_new(&invited(&app, NEW).await)).await.expect(201);
        refused(&app, owner.act(&again), 409, "wrong_state").await;
    }

    async fn an_invitation_is_declined_without_an_account_or_taken_back(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        app.call(invite(&owner, &id, NEW, &[])).await.expect(201);
        let token = invited(&app, NEW).await;
        app.call(decline(&token)).await.expect(204);
        for request in [decline(&token), accept_as_new(&token)] {
            refused(&app, request, 422, "token_invalid").await;
        }
        let other = "other@people.example";
        let sent = app.call(invite(&owner, &id, other, &[])).await.expect(201).id();
        let token = invited(&app, other).await;
        let path = format!("/organisations/{id}/invitations/{sent}");
        app.call(owner.delete(&path)).await.expect(204);
        refused(&app, owner.delete(&path), 409, "wrong_state").await;
        refused(&app, accept_as_new(&token), 422, "token_invalid").await;
        let expected = [(other, "revoked"), (NEW, "declined")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(listed(&app, &owner, &id, "").await, expected);
        assert_eq!(rows(&app)["users"], 1);
    }

    async fn only_owners_of_this_organisation_see_and_touch_its_invitations(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), rival) = (agency(&app).await, app.person("Rival").await);
        let elsewhere = crate::marketplace::organisation(&app, &rival, "company", "Elsewhere").await;
        let carl = join(&app, &owner, &id, "Carl", &["officer"]).await;
        let sent = app.call(invite(&owner, &id, NEW, &[])).await.expect(201).id();
        let path = format!("/organisations/{id}/invitations/{sent}");
        refused(&app, invite(&carl, &id, "x@people.example", &[]), 403, "role_missing").await;
        refused(&app, carl.delete(&path), 403, "role_missing").await;
        refused(&app, invite(&rival, &id, "x@people.example", &[]), 404, "not_found").await;
        refused(&app, rival.get(&format!("/organisations/{id}/invitations")), 404, "not_found").await;
        // Nor by way of one's own organisation.
        let crossed = format!("/organisations/{elsewhere}/invitations/{sent}");
        refused(&app, rival.delete(&crossed), 404, "not_found").await;
        refused(&app, rival.act(&format!("{crossed}/send-again")), 404, "not_found").await;
    }

    async fn two_hundred_invitations_can_be_open(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        open_invitations(&app, &id, &owner, 199).await;
        app.call(invite(&owner, &id, NEW, &[])).await.expect(201);
        refused(&app, invite(&owner, &id, "more@people.example", &[]), 409, "limit_reached").await;
        // One more to the same address is not one more.
        app.call(invite(&owner, &id, NEW, &[])).await.expect(201);
        app.call(decline(&invited(&app, NEW).await)).await.expect(204);
        app.call(invite(&owner, &id, "more@people.example", &[])).await.expect(201);
    }

    async fn of_two_who_use_the_same_link_at_once_one_joins(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), carl) = (agency(&app).await, app.person("Carl").await);
        app.call(invite(&owner, &id, &carl.email, &[])).await.expect(201);
        let token = invited(&app, &carl.email).await;
        let (a, b) = tokio::join!(app.call(accept(&token)), app.call(accept(&token)));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert!(matches!(statuses, [201, 409 | 422]), "{statuses:?}");
        assert_eq!(rows(&app)["members"], 2);
    }

    async fn invitations_and_their_addresses_are_forgotten_in_the_end(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        app.call(invite(&owner, &id, NEW, &[])).await.expect(201);
        let_in(&app, &owner, &id, &app.person("Carl").await, &[]).await;
        app.advance(TimeDelta::days(104) - TimeDelta::minutes(1));
        app.db().write(application::scheduler::purge).await.unwrap();
        assert_eq!(rows(&app)["invitations"], 2);
        app.advance(TimeDelta::minutes(1));
        app.db().write(application::scheduler::purge).await.unwrap();
        assert_eq!(rows(&app)["invitations"], 0);
    }

    async fn the_page_shows_the_invitation_and_the_link_alone_changes_nothing(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), admin) = (agency(&app).await, app.administrator().await);
        let attack = "\"'><script>alert(1)</script>";
        let body = json!({ "email": NEW, "roles": ["pilot_manager"], "message": attack });
        app.call(owner.post(&format!("/organisations/{id}/invitations"), body)).await.expect(201);
        let token = invited(&app, NEW).await;
        app.call(admin.post("/terms", json!({ "title": "Our terms", "content": attack }))).await.expect(201);
        let open = || TestRequest::get().uri(&format!("/invitation?token={token}"));
        let before = rows(&app);
        let page = app.call(open()).await.expect(200).text;
        for words in ["Northern Dispatch", "Olga Owner", NEW, "as pilot manager", "name=\"password\"", "Our terms"] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("<script"), "{page}");
        assert_eq!(rows(&app), before);
        let submit = |fields: &[(&str, &str)]| TestRequest::post().uri("/invitation").set_form(fields);
        let short = [("token", &*token), ("name", attack), ("password", "short"), ("accepted_terms", "1")];
        let again = app.call(submit(&short)).await.expect(422).text;
        assert!(again.contains("There is a problem") && !again.contains("<script"), "{again}");
        let unaccepted = [("token", &*token), ("name", "New"), ("password", PASSWORD)];
        assert!(app.call(submit(&unaccepted)).await.expect(422).text.contains("acceptedTerms"));
        assert_eq!(rows(&app), before);
        let good = [("token", &*token), ("name", "New"), ("password", PASSWORD), ("accepted_terms", "1")];
        assert!(app.call(submit(&good)).await.expect(201).text.contains("You are a member now"));
        log_in(&app, NEW).await.expect(201);
        assert!(app.call(open()).await.expect(422).text.contains("not valid any more"));
    }

    async fn the_page_asks_whoever_has_an_account_for_no_password_and_declines(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), carl) = (agency(&app).await, app.person("Carl").await);
        for action in ["/invitation", "/invitation/decline"] {
            app.call(invite(&owner, &id, &carl.email, &[])).await.expect(201);
            let token = invited(&app, &carl.email).await;
            let page = app.call(TestRequest::get().uri(&format!("/invitation?token={token}"))).await.expect(200).text;
            assert!(page.contains("without a role") && !page.contains("password"), "{page}");
            let sent = app.call(TestRequest::post().uri(action).set_form([("token", &token)])).await;
            assert!(sent.status.is_success(), "{}", sent.text);
            let member = listed(&app, &owner, &id, "?status=accepted").await.len();
            assert_eq!((action, member), if action == "/invitation" { (action, 1) } else { (action, 0) });
            if action == "/invitation" {
                let path = crate::members::membership(&app, &id, &owner, &carl).await;
                app.call(owner.delete(&path).insert_header(("if-match", "\"1\""))).await.expect(204);
                app.db().write(|conn| persistence::invitations::forget(conn, &domain::account::Email::parse("carl@people.example").unwrap())).await.unwrap();
            }
        }
        assert_eq!(listed(&app, &owner, &id, "").await, [(carl.email.clone(), "declined".to_owned())]);
    }
}

/// So many open invitations.
pub async fn open_invitations(app: &TestApp, organisation: &str, owner: &Person, many: usize) {
    use application::{Caller, invitations};
    use domain::{Actor, OrganisationId, invitation::NewInvitation};
    let (inviting, id) = (owner.id, OrganisationId(organisation.parse().unwrap()));
    let sent = app.db().write(move |conn| {
        let memberships = persistence::sessions::memberships(conn, inviting, conn.machine_now())?;
        let actor = Actor { memberships, ..Actor::new(inviting) };
        let caller = Caller { actor, request_id: "many".to_owned() };
        for n in 0..many {
            let new = NewInvitation { email: format!("p{n}@people.example"), roles: Vec::new(), message: None };
            invitations::invite(conn, &caller, id, new)?;
        }
        Ok::<_, application::Error>(())
    });
    sent.await.unwrap();
}
