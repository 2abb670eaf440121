//! Signed receipts: for what was received and for what was refused; who sees them, and how anybody checks them.

use crate::{
    administration::appoint,
    app::{Person, Response, get, post},
    marketplace::{Company, Marketplace},
    rows::alter,
    steps::mails,
};
use actix_web::{http::header, test::TestRequest};
use application::bid_receipts::Signer;
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use receipts::{Key, Receipt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testing::Backend;

/// What a receipt says.
fn said(receipt: &Value) -> Value {
    serde_json::from_str(receipt["payload"].as_str().unwrap()).unwrap()
}

/// What the API says of a receipt to somebody without an account.
async fn verdict(m: &Marketplace, receipt: Value) -> Value {
    m.call(post("/receipts/verify", receipt)).await.expect(200).body
}

async fn reason(m: &Marketplace, receipt: Value) -> String {
    let verdict = verdict(m, receipt).await;
    assert_eq!(verdict["valid"], false, "{verdict}");
    verdict["reason"].as_str().unwrap().to_owned()
}

async fn items(m: &Marketplace, who: &Person, path: &str) -> Vec<Value> {
    m.see(who, path).await["items"].as_array().unwrap().clone()
}

/// How many events of this kind the owner of Calm sees.
async fn events(m: &Marketplace, kind: &str) -> usize {
    items(m, &m.calm.bidder, &format!("/organisations/{}/events?type={kind}", m.calm.id)).await.len()
}

/// The hashes of the envelopes of a bid, as the guide says to compute them: of the manifests.
async fn hashes(m: &Marketplace, bid: &str) -> Value {
    let mut hashes = Vec::new();
    for kind in ["quality", "price"] {
        let envelope = m.see(&m.calm.bidder, &format!("/bids/{bid}/envelopes/{kind}")).await;
        let manifest = BASE64_STANDARD.decode(envelope["manifest"].as_str().unwrap()).unwrap();
        let hash: String = Sha256::digest(manifest).iter().map(|byte| format!("{byte:02x}")).collect();
        hashes.push(json!({ "kind": kind, "sha256": hash }));
    }
    hashes.into()
}

/// The signed refusal of an answer, after a look at whether it fits it.
async fn refusal(m: &Marketplace, answer: Response, action: &str) -> Value {
    let receipt = answer.body["receipt"].clone();
    let payload = said(&receipt);
    assert_eq!(payload["kind"], "refusal", "{}", answer.text);
    assert_eq!((&payload["action"], &payload["reason"]), (&json!(action), &answer.body["code"]), "{}", answer.text);
    assert_eq!(verdict(m, receipt).await["valid"], true);
    payload
}

async fn suspend(m: &Marketplace, challenge: &str) {
    let why = json!({ "code": "complaint", "reason": "It is looked into." });
    m.call(m.officer.post(&format!("/challenges/{challenge}/suspend"), why)).await.expect(200);
}

fn submission_of(who: &Person, company: &Company, challenge: &str, offer: &Value, key: &str) -> TestRequest {
    let body = json!({ "company": company.id, "offer": offer });
    who.post(&format!("/challenges/{challenge}/bids"), body).insert_header(("idempotency-key", key))
}

testing::on_both! {
    async fn each_step_with_a_bid_gives_a_receipt_that_anybody_can_check(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let received = m.call(m.submission(&m.calm, &challenge, m.offer("38500.00"), "k")).await.expect(201).body;
        let bid = received["id"].as_str().unwrap().to_owned();
        let path = format!("/bids/{bid}");
        let first = hashes(&m, &bid).await;
        let replaced = m.call(m.calm.bidder.put(&path, 1, m.replacement("37000.00"))).await.expect(200).body;
        let second = hashes(&m, &bid).await;
        assert_ne!(first, second);
        m.change_materially(&challenge).await;
        let confirmed = m.call(m.calm.bidder.act(&format!("{path}/confirm"))).await.expect(200).body;
        let withdrawn = m.call(m.calm.bidder.act(&format!("{path}/withdraw"))).await.expect(200).body;
        let steps = [
            (&received, "submit", 1, &first), (&replaced, "replace", 2, &second),
            (&confirmed, "confirm", 2, &second), (&withdrawn, "withdraw", 2, &second),
        ];
        for (answer, action, revision, envelopes) in &steps {
            let receipt = &answer["receipt"];
            let payload = said(receipt);
            assert_eq!(payload["kind"], "receipt");
            assert_eq!((&payload["action"], &payload["revision"]), (&json!(action), &json!(revision)));
            assert_eq!((&payload["bid"], &payload["challenge"]), (&json!(bid), &json!(challenge)));
            assert_eq!((&payload["company"], &payload["companyName"]), (&json!(m.calm.id), &json!("Calm Signal")));
            assert_eq!(&&payload["envelopes"], envelopes);
            assert_eq!(verdict(&m, receipt.clone()).await, json!({ "valid": true, "reason": null, "detail": null }));
        }
        for (answer, at) in [(&received, "submittedAt"), (&replaced, "submittedAt"), (&withdrawn, "withdrawnAt")] {
            let instant = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
            assert_eq!(instant(&said(&answer["receipt"])["receivedAt"]), instant(&answer[at]));
        }
        let listed = items(&m, &m.calm.bidder, &format!("{path}/receipts")).await;
        let given: Vec<_> = steps.iter().rev().map(|(answer, ..)| answer["receipt"].clone()).collect();
        assert_eq!(listed.iter().map(|item| item["receipt"].clone()).collect::<Vec<_>>(), given);
        assert_eq!(items(&m, &m.calm.bidder, "/receipts").await, listed);
        let submissions = format!("/organisations/{}/events?type=bid.submitted", m.calm.id);
        let submitted = items(&m, &m.calm.bidder, &submissions).await;
        assert_eq!(submitted[0]["id"], said(&received["receipt"])["event"]);
        let mail = mails(&m.app).await.into_iter().find(|mail| mail.message["kind"] == "bid_received").unwrap();
        assert_eq!(mail.message["link"], format!("/receipts/{}", said(&received["receipt"])["id"].as_str().unwrap()));
    }

    async fn a_receipt_is_a_file_a_page_and_a_sheet_of_paper(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let received = m.call(m.submission(&m.calm, &challenge, m.offer("100.00"), "k")).await.expect(201).body;
        let receipt = &received["receipt"];
        let path = format!("/receipts/{}", said(receipt)["id"].as_str().unwrap());
        assert_eq!(&m.see(&m.calm.bidder, &path).await, receipt);
        assert_eq!(&m.see(&m.calm.bidder, &format!("{path}.json")).await, receipt);
        let accepting = |form: &str| m.calm.bidder.get(&path).insert_header((header::ACCEPT, form.to_owned()));
        let ending = |ending: &str| m.calm.bidder.get(&format!("{path}.{ending}"));
        for request in [accepting("text/html,*/*;q=0.8"), ending("html")] {
            let (headers, page) = m.app.download(request).await;
            let page = String::from_utf8(page).unwrap();
            assert!(headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap().starts_with("text/html"));
            assert!(page.contains("The bid was received.") && page.contains("Calm Signal"), "{page}");
            assert!(page.contains(receipt["signature"].as_str().unwrap().trim_end_matches('=')) || page.contains("&#"));
            assert!(page.contains("Price envelope") && !page.contains("100.00"), "{page}");
        }
        for request in [accepting("application/pdf"), ending("pdf")] {
            let (headers, file) = m.app.download(request).await;
            assert_eq!(headers.get(header::CONTENT_TYPE).unwrap(), "application/pdf");
            assert!(file.starts_with(b"%PDF-"));
        }
        m.call(ending("doc")).await.expect_problem(404, "not_found");
        m.call(m.calm.bidder.get("/receipts/none")).await.expect_problem(404, "not_found");
        let colleague = m.staff_of(&m.calm, "Colleague").await;
        assert_eq!(&m.see(&colleague, &path).await, receipt);
        for stranger in [&m.river.bidder, &m.officer, &m.administrator] {
            m.call(stranger.get(&path)).await.expect_problem(404, "not_found");
            m.call(stranger.get(&format!("{path}.pdf"))).await.expect_problem(404, "not_found");
            let of_bid = format!("/bids/{}/receipts", received["id"].as_str().unwrap());
            m.call(stranger.get(&of_bid)).await.expect_problem(404, "not_found");
            assert_eq!(items(&m, stranger, "/receipts").await, [json!(null); 0]);
        }
    }

    async fn a_receipt_that_was_tampered_with_is_told_from_a_good_one(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let received = m.call(m.submission(&m.calm, &challenge, m.offer("100.00"), "k")).await.expect(201).body;
        let good = &received["receipt"];
        let payload = good["payload"].as_str().unwrap();
        let with = |field: &str, value: &str| {
            let mut changed = good.clone();
            changed[field] = json!(value);
            changed
        };
        for changed in [payload.replace("Calm", "Cold"), payload.replace("\"revision\":1", "\"revision\":2"),
            payload.replace("submit", "withdraw"), format!("{payload} ")]
        {
            assert_eq!(reason(&m, with("payload", &changed)).await, "wrong_signature");
        }
        assert_eq!(reason(&m, with("signature", "AAAA")).await, "wrong_signature");
        assert_eq!(reason(&m, with("payload", "{}")).await, "not_a_receipt");
        let key = said(good)["key"].as_str().unwrap().to_owned();
        let forged = payload.replace(&key, Key::new(&[9; 32]).id());
        assert_eq!(reason(&m, with("payload", &forged)).await, "unknown_key");
        m.call(post("/receipts/verify", json!({ "payload": "x" }))).await.expect_problem(422, "invalid");
    }

    async fn a_receipt_stays_good_when_another_key_comes_into_use(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let known = m.call(get("/receipt-keys")).await.expect(200).body["items"].clone();
        assert_eq!(known.as_array().unwrap().len(), 1, "before anything is signed: {known}");
        let received = m.call(m.submission(&m.calm, &challenge, m.offer("100.00"), "k")).await.expect(201).body;
        let old = &received["receipt"];
        let next = Key::new(&[9; 32]);
        let mut said_of_next = receipts_payload(old);
        said_of_next.key = next.id().to_owned();
        let signed = Receipt::sign(&said_of_next, &next);
        let signed = json!({ "payload": signed.payload, "signature": signed.signature });
        assert_eq!(reason(&m, signed.clone()).await, "unknown_key");
        for _ in 0..2 {
            m.app.db().write(|conn| Signer::new(&[9; 32]).introduce(conn)).await.unwrap();
        }
        assert_eq!(verdict(&m, signed).await["valid"], true);
        assert_eq!(verdict(&m, old.clone()).await["valid"], true);
        let keys = m.call(get("/receipt-keys")).await.expect(200).body;
        let ids: Vec<_> = keys["items"].as_array().unwrap().iter().map(|key| key["id"].clone()).collect();
        assert_eq!(ids, [json!(next.id()), said(old)["key"].clone()]);
        assert_eq!(keys["items"][0]["publicKey"], next.public().public_key);
        assert_eq!(keys["items"][0]["algorithm"], "Ed25519");
    }

    async fn each_refusal_is_on_the_record_once_and_the_company_gets_it_signed(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, other) = (m.published().await, m.published().await);
        let colleague = m.staff_of(&m.calm, "Colleague without a role").await;
        let above = m.call(m.submission(&m.calm, &challenge, m.offer("45000.01"), "a")).await.expect_problem(422, "invalid");
        assert_eq!(above.fields(), [("/offer/price/amount".to_owned(), "above_ceiling".to_owned())]);
        let payload = refusal(&m, above, "submit").await;
        assert_eq!((&payload["problems"], &payload["bid"]), (&json!(["above_ceiling"]), &Value::Null));
        assert_eq!(payload["envelopes"], Value::Null, "what is refused is kept in no form");
        let offer = m.offer("100.00");
        let without = submission_of(&colleague, &m.calm, &challenge, &offer, "b");
        refusal(&m, m.call(without).await.expect_problem(403, "role_missing"), "submit").await;
        let bid = m.submit(&m.calm, &challenge, m.offer("100.00")).await;
        let path = format!("/bids/{bid}");
        let again = m.call(m.submission(&m.calm, &challenge, m.offer("90.00"), "c")).await;
        refusal(&m, again.expect_problem(409, "already_bid"), "submit").await;
        let stale = m.call(m.calm.bidder.put(&path, 7, m.replacement("90.00"))).await.expect_problem(412, "stale");
        assert_eq!(refusal(&m, stale, "replace").await["bid"], json!(bid));
        let unchanged = m.call(m.calm.bidder.act(&format!("{path}/confirm"))).await;
        refusal(&m, unchanged.expect_problem(409, "already_done"), "confirm").await;
        refusal(&m, m.call(colleague.act(&format!("{path}/withdraw"))).await.expect_problem(403, "role_missing"), "withdraw").await;
        let terms = json!({ "title": "Terms", "content": "Be fair." });
        m.call(m.administrator.post("/terms", terms)).await.expect(201);
        let unaccepted = m.call(m.calm.bidder.act(&format!("{path}/withdraw"))).await;
        refusal(&m, unaccepted.expect_problem(403, "terms_not_accepted"), "withdraw").await;
        for person in [&m.calm.bidder, &m.officer] {
            m.call(person.act("/terms/1/accept")).await.expect(204);
        }
        suspend(&m, &other).await;
        let suspended = m.call(m.submission(&m.calm, &other, m.offer("100.00"), "d")).await;
        let payload = refusal(&m, suspended.expect_problem(409, "wrong_state"), "submit").await;
        assert_eq!(payload["problems"], json!(["challenge_suspended"]));
        let end = m.deadline(&challenge).await;
        m.advance_to(end).await;
        let late = m.call(m.calm.bidder.put(&path, 1, m.replacement("90.00"))).await.expect_problem(409, "deadline_passed");
        let payload = refusal(&m, late, "replace").await;
        assert!(payload["receivedAt"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap() >= end);
        let refusals = items(&m, &m.calm.bidder, "/receipts?limit=50").await;
        let refusals: Vec<_> = refusals.iter().filter(|item| item["kind"] == "refusal").rev().collect();
        let reasons: Vec<_> = refusals.iter().map(|item| item["reason"].as_str().unwrap()).collect();
        assert_eq!(reasons, [
            "invalid", "role_missing", "already_bid", "stale", "already_done", "role_missing", "terms_not_accepted",
            "wrong_state", "deadline_passed",
        ]);
        assert_eq!(events(&m, "bid.refused").await, reasons.len());
        let of_bid = items(&m, &m.calm.bidder, &format!("{path}/receipts")).await;
        assert_eq!(of_bid.len(), 6, "the five refusals on the bid, and its receipt");
        assert_eq!(m.see(&m.calm.bidder, &path).await["version"], 1);
    }

    async fn a_dry_run_or_a_stranger_leaves_no_record(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let draft = m.draft().await;
        let offer = m.offer("45000.01");
        let dry = m.submission(&m.calm, &challenge, offer.clone(), "a");
        let dry = m.call(dry.uri(&format!("/api/v1/challenges/{challenge}/bids?dryRun=true"))).await;
        assert_eq!(dry.expect_problem(422, "invalid").body["receipt"], Value::Null);
        let good = m.submission(&m.calm, &challenge, m.offer("100.00"), "a");
        m.call(good.uri(&format!("/api/v1/challenges/{challenge}/bids?dryRun=true"))).await.expect(200);
        let foreign = m.call(submission_of(&m.river.bidder, &m.calm, &challenge, &offer, "b")).await;
        assert_eq!(foreign.expect_problem(422, "invalid").body["receipt"], Value::Null);
        let unknown = m.call(m.submission(&m.calm, &draft, offer, "c")).await;
        assert_eq!(unknown.expect_problem(404, "not_found").body["receipt"], Value::Null);
        let bid = m.submit(&m.river, &challenge, m.offer("100.00")).await;
        let foreign = m.call(m.calm.bidder.act(&format!("/bids/{bid}/withdraw"))).await;
        assert_eq!(foreign.expect_problem(404, "not_found").body["receipt"], Value::Null);
        assert_eq!(items(&m, &m.calm.bidder, "/receipts").await, [json!(null); 0]);
        assert_eq!(events(&m, "bid.refused").await, 0);
        assert_eq!(items(&m, &m.river.bidder, "/receipts").await.len(), 1);
    }

    async fn nobody_else_learns_of_a_refusal_before_the_opening(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let mut auditor = m.app.person("Aida Auditor").await;
        let roles = json!({ "administrator": false, "auditor": true });
        appoint(&m.app, &m.administrator, &auditor, roles).await.expect(200);
        let agencys = m.staff("Anton Auditor", "auditor").await;
        let before = (m.feed().await, m.challenge(&challenge).await);
        m.call(m.submission(&m.calm, &challenge, m.offer("45000.01"), "a")).await.expect_problem(422, "invalid");
        let bid = m.submit(&m.calm, &challenge, m.offer("100.00")).await;
        m.call(m.calm.bidder.act(&format!("/bids/{bid}/confirm"))).await.expect_problem(409, "already_done");
        assert_eq!((m.feed().await, m.challenge(&challenge).await), before);
        let paths = ["/audit/events?limit=200".to_owned(), format!("/organisations/{}/events?limit=200", m.calm.id)];
        for path in &paths {
            let seen = m.see(&auditor, path).await.to_string();
            assert!(!seen.contains("bid.refused"), "{seen}");
        }
        let seen = m.see(&agencys, &format!("/organisations/{}/events?limit=200", m.agency)).await.to_string();
        assert!(!seen.contains("bid.refused") && !seen.contains("already_done"), "{seen}");
        m.pass_deadline().await;
        m.open(&challenge).await;
        m.app.log_in_again(&mut auditor).await;
        let seen = m.see(&auditor, &paths[0]).await.to_string();
        assert_eq!(seen.matches("bid.refused").count(), 2, "{seen}");
    }

    async fn a_repeated_submission_gets_its_receipt_byte_for_byte_for_seven_days(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let request = |m: &Marketplace| m.submission(&m.calm, &challenge, m.offer("38500.00"), "once");
        let first = m.call(request(&m)).await.expect(201);
        let again = m.call(request(&m)).await.expect(201);
        assert_eq!((again.header("idempotent-replayed"), &again.text), ("true", &first.text));
        m.advance(TimeDelta::days(7) - TimeDelta::seconds(30)).await;
        let now = m.app.now();
        m.app.db().write(move |conn| persistence::idempotency::purge(conn, now)).await.unwrap();
        let late = m.call(request(&m)).await.expect(201);
        assert_eq!((late.header("etag"), &late.text), (first.header("etag"), &first.text));
        assert_eq!(items(&m, &m.calm.bidder, "/receipts").await.len(), 1);
        m.advance(TimeDelta::minutes(1)).await;
        let now = m.app.now();
        m.app.db().write(move |conn| persistence::idempotency::purge(conn, now)).await.unwrap();
        m.call(request(&m)).await.expect_problem(409, "already_bid");
    }

    async fn a_refused_submission_may_be_repeated_with_the_same_key_and_is_another_attempt(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        suspend(&m, &challenge).await;
        for n in 1..=2 {
            m.call(m.submission(&m.calm, &challenge, m.offer("100.00"), "k")).await.expect_problem(409, "wrong_state");
            assert_eq!(events(&m, "bid.refused").await, n);
        }
        let why = json!({ "reason": "It was looked into." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/resume"), why)).await.expect(200);
        m.call(m.submission(&m.calm, &challenge, m.offer("100.00"), "k")).await.expect(201);
    }

    async fn bid_event_and_receipt_are_kept_together_or_not_at_all(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        alter(&m.app, "ALTER TABLE bid_receipts RENAME TO away");
        m.call(m.submission(&m.calm, &challenge, m.offer("100.00"), "a")).await.expect(500);
        m.call(m.submission(&m.calm, &challenge, m.offer("45000.01"), "b")).await.expect(500);
        alter(&m.app, "ALTER TABLE away RENAME TO bid_receipts");
        assert_eq!(items(&m, &m.calm.bidder, "/bids").await, [json!(null); 0]);
        assert_eq!(items(&m, &m.calm.bidder, "/receipts").await, [json!(null); 0]);
        assert_eq!((events(&m, "bid.submitted").await, events(&m, "bid.refused").await), (0, 0));
        m.call(m.submission(&m.calm, &challenge, m.offer("100.00"), "a")).await.expect(201);
    }

    async fn of_two_bids_at_once_one_is_received_and_the_other_refused_on_the_record(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let tries = ["a", "b", "c"].map(|key| m.call(m.submission(&m.calm, &challenge, m.offer("100.00"), key)));
        let answers = crate::steps::all_at_once(tries).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409]);
        assert_eq!(events(&m, "bid.refused").await, 2);
        assert_eq!(items(&m, &m.calm.bidder, "/receipts").await.len(), 3);
    }
}

fn receipts_payload(receipt: &Value) -> receipts::Payload {
    serde_json::from_str(receipt["payload"].as_str().unwrap()).unwrap()
}
