//! A repeated request has the effect of one.

use crate::{
    app::{Person, Response, TestApp},
    marketplace::Marketplace,
    rows::{refused, rows},
};
use actix_web::{http::header::HeaderValue, rt, test::TestRequest};
use serde_json::{Value, json};
use std::{collections::BTreeSet, rc::Rc};
use testing::Backend;

fn agency(name: &str) -> Value {
    json!({ "kind": "agency", "legalName": name, "country": "SI" })
}

fn register(person: &Person, name: &str, key: &str) -> TestRequest {
    person.post("/organisations", agency(name)).insert_header(("idempotency-key", key))
}

/// Status, body, and the headers that are not about this very request.
fn answer(response: &Response) -> (u16, String, BTreeSet<(String, String)>) {
    let own = ["x-request-id", "idempotent-replayed"];
    let headers = response.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (response.status.as_u16(), response.text.clone(), headers.collect())
}

testing::on_both! {
    async fn a_repetition_gets_the_first_answer_byte_for_byte_and_has_no_effect(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let first = app.call(register(&ana, "North", "key")).await.expect(201);
        assert_eq!(first.header("idempotent-replayed"), "");
        let stored = rows(&app);
        for _ in 0..3 {
            let again = app.call(register(&ana, "North", "key")).await;
            assert_eq!(answer(&again), answer(&first));
            assert_eq!(again.header("idempotent-replayed"), "true");
            assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
        }
        assert!(first.header("location").ends_with(&first.id()));
        assert_eq!(rows(&app), stored);
    }

    async fn a_key_belongs_to_one_request(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let agency_id = app.call(register(&ana, "North", "key")).await.expect(201).id();
        refused(&app, register(&ana, "South", "key"), 422, "idempotency_key_reused").await;
        // The same content in another order is another body: what counts are the bytes.
        let reordered = r#"{"country":"SI","legalName":"North","kind":"agency"} "#;
        let request = ana.act("/organisations").insert_header(("content-type", "application/json"));
        let request = request.set_payload(reordered).insert_header(("idempotency-key", "key"));
        refused(&app, request, 422, "idempotency_key_reused").await;
        let members = format!("/organisations/{agency_id}/invitations");
        let elsewhere = ana.post(&members, json!({ "email": "a@b.eu", "roles": [] }));
        refused(&app, elsewhere.insert_header(("idempotency-key", "key")), 422, "idempotency_key_reused").await;
        let tried = ana.post("/organisations?dryRun=true", agency("North")).insert_header(("idempotency-key", "key"));
        refused(&app, tried, 422, "idempotency_key_reused").await;
    }

    async fn the_same_content_for_another_record_is_another_request(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, administrator) = (app.person("Ana").await, app.administrator().await);
        let north = app.call(register(&ana, "North", "north")).await.expect(201).id();
        let south = app.call(register(&ana, "South", "south")).await.expect(201).id();
        let verify = |id: &str| {
            let request = administrator.post(&format!("/organisations/{id}/verify"), json!({ "reason": "Checked." }));
            request.insert_header(("idempotency-key", "key"))
        };
        app.call(verify(&north)).await.expect(200);
        refused(&app, verify(&south), 422, "idempotency_key_reused").await;
    }

    async fn a_key_belongs_to_one_person(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, bor) = (app.person("Ana").await, app.person("Bor").await);
        let first = app.call(register(&ana, "North", "key")).await.expect(201);
        let other = app.call(register(&bor, "South", "key")).await.expect(201);
        assert_ne!(first.id(), other.id());
        assert_eq!(other.header("idempotent-replayed"), "");
    }

    async fn of_twenty_simultaneous_requests_one_has_an_effect_and_all_get_its_answer(backend: Backend) {
        let app = Rc::new(TestApp::new(backend).await);
        let ana = app.person("Ana").await;
        let before = rows(&app)["organisations"];
        let calls = (0..20).map(|_| {
            let (app, request) = (app.clone(), register(&ana, "North", "key"));
            rt::spawn(async move { app.call(request).await })
        });
        let mut answers = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            answers.push(call.await.unwrap().expect(201));
        }
        assert_eq!(rows(&app)["organisations"], before + 1);
        assert!(answers.iter().all(|other| answer(other) == answer(&answers[0])));
        assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed").is_empty()).count(), 1);
    }

    async fn a_request_that_fails_does_not_use_up_its_key(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        app.call(ana.post("/organisations", agency("North"))).await.expect(201);
        refused(&app, register(&ana, "North", "key"), 409, "organisation_exists").await;
        refused(&app, register(&ana, " ", "key"), 422, "invalid").await;
        app.call(register(&ana, "South", "key")).await.expect(201);
    }

    async fn a_malformed_key_is_refused(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let long = "k".repeat(256);
        let keys: [&[u8]; 5] = [b"", b"two words", b"tab\tbed", "ključ".as_bytes(), long.as_bytes()];
        for key in keys {
            let key = HeaderValue::from_bytes(key).unwrap();
            let request = ana.post("/organisations", agency("North")).insert_header(("idempotency-key", key));
            refused(&app, request, 400, "malformed_header").await;
        }
        app.call(register(&ana, "North", &long[1..])).await.expect(201);
    }

    async fn a_bid_is_submitted_with_a_key_or_not_at_all(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let body = json!({ "company": m.calm.id, "offer": m.offer("38500.00") });
        let without = m.calm.bidder.post(&format!("/challenges/{challenge}/bids"), body);
        refused(&m.app, without, 400, "idempotency_key_required").await;
        let first = m.call(m.bid(&m.calm, &challenge, "38500.00")).await.expect(201);
        let stored = rows(&m.app);
        let again = m.call(m.bid(&m.calm, &challenge, "38500.00")).await;
        assert_eq!(answer(&again), answer(&first));
        assert_eq!(rows(&m.app), stored);
    }

    async fn twenty_simultaneous_submissions_of_a_bid_are_one_bid(backend: Backend) {
        let m = Rc::new(Marketplace::new(backend).await);
        let challenge = m.published().await;
        let calls = (0..20).map(|_| {
            let (m, request) = (m.clone(), m.bid(&m.calm, &challenge, "38500.00"));
            rt::spawn(async move { m.call(request).await })
        });
        let mut ids = BTreeSet::new();
        for call in calls.collect::<Vec<_>>() {
            ids.insert(call.await.unwrap().expect(201).id());
        }
        assert_eq!(ids.len(), 1);
        assert_eq!(rows(&m.app)["bids"], 1);
    }

    async fn a_repetition_by_somebody_who_lost_the_role_is_refused(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let body = json!({ "agency": m.agency, "content": { "title": "T" } });
        let draft = || m.author.post("/challenges", body.clone()).insert_header(("idempotency-key", "key"));
        m.call(draft()).await.expect(201);
        let members = m.call(m.owner.get(&format!("/organisations/{}/members", m.agency))).await.expect(200);
        let items = members.body["items"].as_array().unwrap();
        let member = items.iter().find(|item| item["user"] == m.author.id.to_string()).unwrap()["id"].as_str().unwrap();
        let path = format!("/organisations/{}/members/{member}", m.agency);
        m.call(m.owner.put(&path, 1, json!({ "roles": [] }))).await.expect(200);
        refused(&m.app, draft(), 403, "role_missing").await;
    }
}
