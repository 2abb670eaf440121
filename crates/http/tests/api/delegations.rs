//! Standing in for a colleague: in its period, while the lender holds the role, and under both names.

use crate::{app::Person, marketplace::Marketplace, members::fields, rows::refused, steps::mails};
use actix_web::test::TestRequest;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use testing::Backend;

/// The id of somebody's membership of the agency.
async fn member(m: &Marketplace, person: &Person) -> String {
    let list = m.see(&m.owner, &format!("/organisations/{}/members", m.agency)).await;
    let members = list["items"].as_array().unwrap();
    let found = members.iter().find(|member| member["user"] == person.id.to_string()).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

async fn suspend(m: &Marketplace, person: &Person) {
    let path = format!("/organisations/{}/members/{}/suspend", m.agency, member(m, person).await);
    m.call(m.owner.post(&path, json!({ "reason": "On leave." }))).await.expect(200);
}

async fn lending(m: &Marketplace, to: &Person, from: DateTime<Utc>, until: DateTime<Utc>) -> Value {
    let delegate = member(m, to).await;
    json!({ "role": "officer", "delegate": delegate, "from": from, "until": until, "reason": "Summer holiday" })
}

fn lend(m: &Marketplace, who: &Person, body: &Value) -> TestRequest {
    who.post(&format!("/organisations/{}/delegations", m.agency), body.clone())
}

/// The officer lends the role to the pilot manager for a week.
async fn lent(m: &Marketplace) -> String {
    let body = lending(m, &m.pilot_manager, m.app.now(), m.app.now() + TimeDelta::days(7)).await;
    m.call(lend(m, &m.officer, &body)).await.expect(201).id()
}

/// Whether somebody can do today what takes an officer.
async fn acts_as_officer(m: &Marketplace, challenge: &str, who: &Person) -> bool {
    let path = format!("/challenges/{challenge}/approve?dryRun=true");
    match m.call(who.act(&path)).await.status.as_u16() {
        200 => true,
        403 => false,
        status => panic!("{status}"),
    }
}

async fn in_review(m: &Marketplace) -> String {
    let challenge = m.draft().await;
    m.step(&m.author, &challenge, "submit-for-review").await;
    challenge
}

testing::on_both! {
    async fn a_lent_role_works_from_its_beginning_to_its_end(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = in_review(&m).await;
        let (from, until) = (m.app.now() + TimeDelta::days(1), m.app.now() + TimeDelta::days(3));
        let body = lending(&m, &m.pilot_manager, from, until).await;
        m.call(lend(&m, &m.officer, &body)).await.expect(201);
        assert!(!acts_as_officer(&m, &challenge, &m.pilot_manager).await);
        m.advance_to(from).await;
        assert!(acts_as_officer(&m, &challenge, &m.pilot_manager).await);
        assert!(acts_as_officer(&m, &challenge, &m.officer).await, "the lender keeps it");
        m.advance_to(until - TimeDelta::seconds(5)).await;
        assert!(acts_as_officer(&m, &challenge, &m.pilot_manager).await);
        m.advance_to(until).await;
        assert!(!acts_as_officer(&m, &challenge, &m.pilot_manager).await);
    }

    async fn a_lent_role_ends_with_the_lenders_own(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = in_review(&m).await;
        lent(&m).await;
        assert!(acts_as_officer(&m, &challenge, &m.pilot_manager).await);
        let path = format!("/organisations/{}/members/{}", m.agency, member(&m, &m.officer).await);
        m.call(m.owner.put(&path, 1, json!({ "roles": ["finance"] }))).await.expect(200);
        assert!(!acts_as_officer(&m, &challenge, &m.pilot_manager).await);
        m.call(m.owner.put(&path, 2, json!({ "roles": ["officer"] }))).await.expect(200);
        assert!(acts_as_officer(&m, &challenge, &m.pilot_manager).await);
        suspend(&m, &m.officer).await;
        assert!(!acts_as_officer(&m, &challenge, &m.pilot_manager).await);
    }

    async fn who_stands_in_and_is_suspended_can_do_nothing(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = in_review(&m).await;
        lent(&m).await;
        suspend(&m, &m.pilot_manager).await;
        assert!(!acts_as_officer(&m, &challenge, &m.pilot_manager).await);
        refused(&m.app, m.pilot_manager.get(&format!("/challenges/{challenge}")), 404, "not_found").await;
    }

    async fn either_of_the_two_and_an_owner_end_it_at_once(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = in_review(&m).await;
        for person in [&m.officer, &m.pilot_manager, &m.owner] {
            let path = format!("/organisations/{}/delegations/{}", m.agency, lent(&m).await);
            assert!(acts_as_officer(&m, &challenge, &m.pilot_manager).await);
            refused(&m.app, m.second_officer.delete(&path), 403, "role_missing").await;
            refused(&m.app, m.calm.bidder.delete(&path), 404, "not_found").await;
            m.call(person.delete(&path)).await.expect(204);
            assert!(!acts_as_officer(&m, &challenge, &m.pilot_manager).await);
            refused(&m.app, person.delete(&path), 409, "already_done").await;
        }
        let list = m.see(&m.finance, &format!("/organisations/{}/delegations", m.agency)).await;
        let items = list["items"].as_array().unwrap();
        assert!(items.len() == 3 && items.iter().all(|item| item["revokedAt"].is_string()));
        assert_eq!((&items[0]["role"], &items[0]["delegator"]), (&json!("officer"), &json!(m.officer.id)));
    }

    async fn four_eyes_stay_two_people(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = in_review(&m).await;
        let body = lending(&m, &m.author, m.app.now(), m.app.now() + TimeDelta::days(7)).await;
        m.call(lend(&m, &m.officer, &body)).await.expect(201);
        refused(&m.app, m.author.act(&format!("/challenges/{challenge}/approve")), 403, "four_eyes").await;
    }

    async fn what_is_done_under_a_delegation_names_the_lender(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = in_review(&m).await;
        lent(&m).await;
        m.step(&m.pilot_manager, &challenge, "approve").await;
        m.step(&m.second_officer, &challenge, "publish").await;
        let auditor = m.staff("Aud Itor", "auditor").await;
        let events = m.see(&auditor, &format!("/organisations/{}/events", m.agency)).await;
        let of_kind = |kind: &str| {
            let found = events["items"].as_array().unwrap().iter().find(|event| event["type"] == kind);
            found.unwrap_or_else(|| panic!("no {kind} in {events}")).to_string()
        };
        let approved = of_kind("challenge.approved");
        assert!(approved.contains("delegatedRoles") && approved.contains(&m.officer.id.to_string()), "{approved}");
        assert!(approved.contains(&m.pilot_manager.id.to_string()));
        assert!(!of_kind("challenge.published").contains("delegatedRoles"));
        assert!(of_kind("organisation.role_delegated").contains("Summer holiday"));
    }

    async fn the_colleague_and_the_owners_are_told(backend: Backend) {
        let m = Marketplace::new(backend).await;
        lent(&m).await;
        let mails = mails(&m.app).await;
        let mut told: Vec<_> = mails.iter().map(|mail| mail.recipient_address.clone()).collect();
        told.sort();
        let mut expected = vec![m.owner.email.clone(), m.pilot_manager.email.clone()];
        expected.sort();
        assert_eq!(told, expected);
        assert!(mails.iter().all(|mail| mail.message["kind"] == "role_delegated"));
    }

    async fn only_what_one_holds_oneself_is_lent_and_not_to_just_anybody(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let now = m.app.now();
        let week = now + TimeDelta::days(7);
        let good = lending(&m, &m.pilot_manager, now, week).await;
        lent(&m).await;
        // What was lent is not lent on.
        let on = lending(&m, &m.author, now, week).await;
        let wrong = refused(&m.app, lend(&m, &m.pilot_manager, &on), 422, "invalid").await;
        assert_eq!(wrong.fields(), fields([("/role", "not_held")]));
        let own = member(&m, &m.officer).await;
        let second = member(&m, &m.second_officer).await;
        let outsider = json!("0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f");
        for (field, value, pointer, code) in [
            ("delegate", json!(own), "/delegate", "not_allowed"),
            ("delegate", json!(second), "/delegate", "already_held"),
            ("delegate", outsider.clone(), "/delegate", "unknown"),
            ("role", json!("finance"), "/role", "not_held"),
            ("reason", json!(" "), "/reason", "required"),
            ("until", json!(now), "/until", "out_of_range"),
            ("until", json!(now + TimeDelta::days(93)), "/until", "out_of_range"),
            ("from", json!(now + TimeDelta::days(8)), "/until", "out_of_range"),
        ] {
            let mut body = good.clone();
            body[field] = value;
            let response = refused(&m.app, lend(&m, &m.officer, &body), 422, "invalid").await;
            assert_eq!(response.fields(), fields([(pointer, code)]), "{body}");
        }
        let mut ownership = good.clone();
        ownership["role"] = json!("owner");
        let wrong = refused(&m.app, lend(&m, &m.owner, &ownership), 422, "invalid").await;
        assert_eq!(wrong.fields(), fields([("/role", "not_allowed")]));
        suspend(&m, &m.pilot_manager).await;
        let wrong = refused(&m.app, lend(&m, &m.officer, &good), 422, "invalid").await;
        assert_eq!(wrong.fields(), fields([("/delegate", "not_active")]));
    }

    async fn an_owner_arranges_it_for_an_absent_colleague_and_nobody_else_does(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = in_review(&m).await;
        let mut body = lending(&m, &m.pilot_manager, m.app.now(), m.app.now() + TimeDelta::days(92)).await;
        body["delegator"] = json!(member(&m, &m.officer).await);
        refused(&m.app, lend(&m, &m.second_officer, &body), 403, "role_missing").await;
        refused(&m.app, lend(&m, &m.calm.bidder, &body), 404, "not_found").await;
        let made = m.call(lend(&m, &m.owner, &body)).await.expect(201);
        assert_eq!(made.body["delegator"], json!(m.officer.id));
        assert!(acts_as_officer(&m, &challenge, &m.pilot_manager).await);
    }

    async fn a_beginning_that_has_passed_means_now(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let before = m.app.now();
        let body = lending(&m, &m.pilot_manager, before - TimeDelta::days(30), before + TimeDelta::days(1)).await;
        let made = m.call(lend(&m, &m.officer, &body)).await.expect(201);
        let from: DateTime<Utc> = made.body["from"].as_str().unwrap().parse().unwrap();
        assert!(from >= before);
    }
}
