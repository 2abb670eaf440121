//! Administrators let people in and keep them out; they never act as somebody else.

use crate::{
    app::{Person, TestApp, get},
    marketplace::Marketplace,
    steps::{all_at_once, mails},
};
use domain::account::{Email, User};
use serde_json::{Value, json};
use testing::Backend;

/// What an administrator decides about a person.
pub async fn appoint(app: &TestApp, by: &Person, who: &Person, roles: Value) -> crate::app::Response {
    let request = by.sign(actix_web::test::TestRequest::put().uri(&format!("/api/v1/users/{}/platform-roles", who.id)));
    app.call(request.set_json(roles)).await
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

testing::on_both! {
    async fn people_are_found_by_any_part_of_name_or_address_in_any_case(backend: Backend) {
        let app = TestApp::new(backend).await;
        let administrator = app.administrator().await;
        for name in ["Ana Kos", "Anamari Novak", "Per_cent", "Percent"] {
            app.person(name).await;
        }
        let renamed = app.person("Somebody Else").await;
        let added = app.db().write(move |conn| {
            let other = persistence::accounts::find(conn, renamed.id)?;
            let email = Email::parse("ziga@people.example").unwrap();
            let user = User { id: conn.new_id(), email, name: "Žiga Čas".to_owned(), ..other };
            persistence::accounts::insert(conn, &user)
        });
        added.await.unwrap();
        let found = async |q: &str| {
            let page = app.call(administrator.get(&format!("/users?q={q}"))).await.expect(200).body;
            names(&page).into_iter().map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(found("%C5%BDIGA").await, ["Žiga Čas"]);
        assert_eq!(found("ana").await, ["Ana Kos", "Anamari Novak"]);
        assert_eq!(found("KOS@people").await, ["Ana Kos"]);
        assert_eq!(found("r_c").await, ["Per_cent"], "no pattern");
        assert_eq!(found("%25%25").await, [""; 0], "no pattern");
        let first = app.call(administrator.get("/users?q=people.example&limit=2")).await.expect(200).body;
        let next = first["next"].as_str().unwrap();
        let second = app.call(administrator.get(&format!("/users?q=people.example&limit=4&after={next}"))).await;
        let second = second.expect(200).body;
        assert_eq!([names(&first), names(&second)].concat(), [
            "Ana Kos",
            "Anamari Novak",
            "Per_cent",
            "Percent",
            "Somebody Else",
            "Žiga Čas",
        ]);
        assert_eq!(second["next"], Value::Null);
        let other_list = app.call(administrator.get(&format!("/users?q=ana&after={next}"))).await;
        other_list.expect_problem(400, "invalid_cursor");
    }

    async fn whoever_is_looked_up_sees_who_looked(backend: Backend) {
        let app = TestApp::new(backend).await;
        let administrator = app.administrator().await;
        let (ana, bor) = (app.person("Ana Kos").await, app.person("Bor Kos").await);
        app.call(administrator.get("/users?q=kos&limit=1")).await.expect(200);
        app.call(administrator.get(&format!("/users/{}", ana.id))).await.expect(200);
        let log = app.call(ana.get("/account/reads")).await.expect(200).body;
        let readers: Vec<_> = log["items"].as_array().unwrap().iter().map(|entry| &entry["reader"]["id"]).collect();
        assert_eq!(readers, [&json!(administrator.id), &json!(administrator.id)]);
        let log = app.call(bor.get("/account/reads")).await.expect(200).body;
        assert_eq!(log["items"], json!([]), "the second of a page of one was not shown");
    }

    async fn a_suspended_person_is_out_at_once_and_comes_back_when_reinstated(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let mut author = m.author.clone();
        let path = format!("/users/{}", author.id);
        let reason = json!({ "reason": "Used by somebody else." });
        let body = m.call(m.administrator.post(&format!("{path}/suspend"), reason.clone())).await.expect(200).body;
        assert_eq!(body["suspensionReason"], "Used by somebody else.");
        assert!(body["suspendedAt"].is_string());
        m.call(author.get("/me")).await.expect_problem(401, "token_rejected");
        let again = m.call(m.administrator.post(&format!("{path}/suspend"), reason.clone())).await;
        again.expect_problem(409, "already_done");
        let body = m.call(m.administrator.post(&format!("{path}/reinstate"), reason.clone())).await.expect(200).body;
        assert_eq!((&body["suspendedAt"], &body["suspensionReason"]), (&Value::Null, &Value::Null));
        m.call(author.get("/me")).await.expect_problem(401, "token_rejected");
        m.app.log_in_again(&mut author).await;
        m.call(author.get("/me")).await.expect(200);
        m.call(m.administrator.post(&format!("{path}/reinstate"), reason)).await.expect_problem(409, "already_done");
        let told: Vec<_> = mails(&m.app).await.into_iter().filter(|mail| mail.recipient_address == author.email).collect();
        let kinds: Vec<_> = told.iter().map(|mail| mail.message["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["account_suspended", "account_reinstated"]);
    }

    async fn suspending_needs_a_reason(backend: Backend) {
        let m = Marketplace::new(backend).await;
        for path in [format!("/users/{}/suspend", m.author.id), format!("/organisations/{}/suspend", m.agency)] {
            let answer = m.call(m.administrator.post(&path, json!({ "reason": " " }))).await;
            let answer = answer.expect_problem(422, "invalid");
            assert_eq!(answer.fields(), [("/reason".to_owned(), "required".to_owned())]);
        }
        m.call(m.author.get("/me")).await.expect(200);
    }

    async fn nobody_decides_about_their_own_account(backend: Backend) {
        let app = TestApp::new(backend).await;
        let administrator = app.administrator().await;
        let reason = json!({ "reason": "Tired." });
        for act in ["suspend", "reinstate"] {
            let answer = app.call(administrator.post(&format!("/users/{}/{act}", administrator.id), reason.clone())).await;
            answer.expect_problem(403, "own_account");
        }
        let roles = json!({ "administrator": false, "auditor": true });
        appoint(&app, &administrator, &administrator, roles).await.expect_problem(403, "own_account");
    }

    async fn an_administrator_cannot_be_an_auditor_too(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (administrator, person) = (app.administrator().await, app.person("Aida Auditor").await);
        let both = json!({ "administrator": true, "auditor": true });
        let answer = appoint(&app, &administrator, &person, both).await.expect_problem(422, "invalid");
        assert_eq!(answer.fields(), [("/auditor".to_owned(), "not_allowed".to_owned())]);
        let auditor = json!({ "administrator": false, "auditor": true });
        let body = appoint(&app, &administrator, &person, auditor.clone()).await.expect(200).body;
        assert_eq!((&body["administrator"], &body["auditor"]), (&json!(false), &json!(true)));
        appoint(&app, &administrator, &person, auditor).await.expect_problem(409, "already_done");
        app.call(person.get("/audit/events")).await.expect(200);
        app.call(administrator.get("/audit/events")).await.expect_problem(403, "auditor_only");
    }

    async fn of_two_administrators_who_dismiss_each_other_one_stays(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (one, other) = (app.administrator().await, app.person("Second Administrator").await);
        appoint(&app, &one, &other, json!({ "administrator": true, "auditor": false })).await.expect(200);
        let nothing = || json!({ "administrator": false, "auditor": false });
        let attempts = [appoint(&app, &one, &other, nothing()), appoint(&app, &other, &one, nothing())];
        let answers = all_at_once(attempts).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert!([[200, 403], [200, 409]].contains(&[statuses[0], statuses[1]]), "{answers:?}");
        let mut still = 0;
        for person in [&one, &other] {
            still += u32::from(app.call(person.get("/users")).await.status.is_success());
        }
        assert_eq!(still, 1);
    }

    async fn the_last_active_administrator_stays(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (one, other) = (app.administrator().await, app.person("Second Administrator").await);
        appoint(&app, &one, &other, json!({ "administrator": true, "auditor": false })).await.expect(200);
        let reason = json!({ "reason": "Away." });
        app.call(one.post(&format!("/users/{}/suspend", other.id), reason.clone())).await.expect(200);
        // The second one is suspended, so nobody but the first is left; a third cannot dismiss the first either.
        let third = app.person("Third Administrator").await;
        appoint(&app, &one, &third, json!({ "administrator": true, "auditor": false })).await.expect(200);
        app.call(third.post(&format!("/users/{}/suspend", one.id), reason.clone())).await.expect(200);
        let lift = app.call(one.post(&format!("/users/{}/reinstate", other.id), reason)).await;
        lift.expect_problem(401, "token_rejected");
    }

    async fn a_suspension_is_shown_to_insiders_and_not_on_the_public_side(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let path = format!("/organisations/{}", m.agency);
        m.call(m.administrator.post(&format!("{path}/suspend"), json!({ "reason": "Dissolved." }))).await.expect(204);
        for person in [&m.administrator, &m.owner, &m.author] {
            let profile = m.call(person.get(&format!("{path}/profile"))).await.expect(200).body;
            assert_eq!(profile["suspension"]["reason"], "Dissolved.");
            assert!(profile["suspension"]["at"].is_string() && profile["organisation"].get("suspension").is_none());
        }
        m.call(m.calm.bidder.get(&format!("{path}/profile"))).await.expect_problem(404, "not_found");
        let public = m.call(get(&path)).await.expect(200);
        assert!(!public.body.to_string().contains("suspen"), "{}", public.body);
        m.call(m.administrator.post(&format!("{path}/reinstate"), json!({ "reason": "An error." }))).await.expect(204);
        let profile = m.call(m.owner.get(&format!("{path}/profile"))).await.expect(200).body;
        assert_eq!(profile["suspension"], Value::Null);
    }

    async fn in_a_suspended_organisation_people_read_and_do_nothing(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let path = format!("/organisations/{}", m.agency);
        let reason = json!({ "reason": "Dissolved." });
        m.call(m.administrator.post(&format!("{path}/suspend"), reason.clone())).await.expect(204);
        let again = m.call(m.administrator.post(&format!("{path}/suspend"), reason.clone())).await;
        again.expect_problem(409, "already_done");
        m.call(m.author.get(&format!("{path}/members"))).await.expect(200);
        m.call(get(&format!("/challenges/{challenge}"))).await.expect(200);
        let cancel = json!({ "code": "other", "reason": "No." });
        let cancelled = m.call(m.officer.post(&format!("/challenges/{challenge}/cancel"), cancel)).await;
        cancelled.expect_problem(403, "role_missing");
        m.call(m.administrator.post(&format!("{path}/reinstate"), reason.clone())).await.expect(204);
        let again = m.call(m.administrator.post(&format!("{path}/reinstate"), reason)).await;
        again.expect_problem(409, "already_done");
        m.call(m.author.post("/challenges", json!({ "agency": m.agency, "content": m.content() }))).await.expect(201);
        let told = m.told_about(&m.agency).await;
        assert!(!told.iter().any(|kind| kind.ends_with("suspended") || kind.ends_with("reinstated")), "{told:?}");
        let auditor = m.app.person("Platform Auditor").await;
        appoint(&m.app, &m.administrator, &auditor, json!({ "administrator": false, "auditor": true })).await.expect(200);
        let recorded = m.see(&auditor, &format!("/audit/events?subject={}", m.agency)).await;
        for kind in ["organisation.suspended", "organisation.reinstated"] {
            let events = recorded["items"].as_array().unwrap();
            assert!(events.iter().any(|event| event["type"] == kind && event["reason"] == "Dissolved."), "{recorded}");
        }
        let told: Vec<_> = mails(&m.app).await.into_iter().filter(|mail| mail.recipient_address == m.owner.email).collect();
        let kinds: Vec<_> = told.iter().map(|mail| mail.message["kind"].as_str().unwrap()).collect();
        assert!(kinds.ends_with(&["organisation_suspended", "organisation_reinstated"]), "{kinds:?}");
    }
}
