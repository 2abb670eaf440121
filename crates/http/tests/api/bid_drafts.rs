//! Bids that colleagues write together before they hand them in.

use crate::{
    app::{Person, Response},
    marketplace::Marketplace,
    steps::{all_at_once, join as join_company},
};
use actix_web::test::TestRequest;
use chrono::{DateTime, TimeDelta, Utc};
use domain::bid::DRAFT_KEPT;
use futures_util::future::join;
use serde_json::{Value, json};
use testing::Backend;

/// A draft of Calm with this offer; gives its id.
pub async fn drafted(m: &Marketplace, challenge: &str, offer: Value) -> String {
    begin(m, &m.calm.bidder, challenge, &m.calm.id, offer).await.expect(201).id()
}

pub async fn begin(m: &Marketplace, who: &Person, challenge: &str, company: &str, offer: Value) -> Response {
    let body = json!({ "company": company, "offer": offer });
    m.call(who.post(&format!("/challenges/{challenge}/bid-drafts"), body)).await
}

async fn save(m: &Marketplace, who: &Person, draft: &str, version: i64, offer: Value) -> Response {
    m.call(who.patch(&format!("/bid-drafts/{draft}"), version, json!({ "offer": offer }))).await
}

pub fn submission(who: &Person, draft: &str, version: i64, key: &str) -> TestRequest {
    let request = who.post(&format!("/bid-drafts/{draft}/submit"), json!({}));
    request.insert_header(("if-match", format!("\"{version}\""))).insert_header(("idempotency-key", key))
}

async fn colleague(m: &Marketplace) -> Person {
    join_company(&m.app, &m.calm.bidder, &m.calm.id, "Cleo Colleague", &["bidder"]).await
}

fn problems(draft: &Value) -> Vec<(String, String, String)> {
    let text = |problem: &Value, name: &str| problem[name].as_str().unwrap().to_owned();
    let problems = draft["problems"].as_array().unwrap().iter();
    problems.map(|p| (text(p, "section"), text(p, "pointer"), text(p, "code"))).collect()
}

async fn is_gone(m: &Marketplace, draft: &str) {
    m.call(m.calm.bidder.get(&format!("/bid-drafts/{draft}"))).await.expect_problem(404, "not_found");
}

testing::on_both! {
    async fn colleagues_write_a_draft_together_and_hand_it_in(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, cleo) = (m.published().await, colleague(&m).await);
        let begun = begin(&m, &m.calm.bidder, &challenge, &m.calm.id, json!({})).await.expect(201);
        let (draft, location) = (begun.id(), begun.header("location").to_owned());
        assert_eq!(location, format!("/api/v1/bid-drafts/{draft}"));
        let missing = ["milestones", "price", "solution"];
        let missing = missing.map(|part| (part.to_owned(), format!("/offer/{part}"), "required".to_owned()));
        assert_eq!(problems(&begun.body), missing);
        let price = json!({ "amount": "45000.01", "currency": "EUR" });
        let milestone = json!({ "title": "All of it", "amount": price, "dueWeek": 8 });
        save(&m, &cleo, &draft, 1, json!({ "solution": "We listen.", "price": price })).await.expect(200);
        let saved = save(&m, &m.calm.bidder, &draft, 2, json!({ "milestones": [milestone] })).await.expect(200).body;
        let dear = ("price".to_owned(), "/offer/price/amount".to_owned(), "above_ceiling".to_owned());
        assert_eq!((problems(&saved), &saved["version"]), (vec![dear], &json!(3)));
        m.call(submission(&cleo, &draft, 3, "dear")).await.expect_problem(422, "invalid");
        let whole = m.offer("38500.00");
        let saved = save(&m, &cleo, &draft, 3, whole.clone()).await.expect(200).body;
        assert_eq!((&saved["offer"], &saved["problems"], &saved["savedBy"]["name"]),
            (&whole, &json!([]), &json!("Cleo Colleague")));
        assert_eq!(m.see(&m.calm.bidder, &format!("/bid-drafts/{draft}")).await, saved);
        let received = m.call(submission(&m.calm.bidder, &draft, 4, "good")).await.expect(200).body;
        assert_eq!((&received["status"], &received["revision"]), (&json!("submitted"), &json!(1)));
        assert_eq!(m.call(crate::app::post("/receipts/verify", received["receipt"].clone())).await.expect(200).body["valid"], true);
        is_gone(&m, &draft).await;
    }

    async fn of_two_who_save_at_once_one_is_told_who_was_faster(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, cleo) = (m.published().await, colleague(&m).await);
        let draft = drafted(&m, &challenge, json!({})).await;
        let texts = ["One", "Two", "Three", "Four", "Five", "Six"];
        let saves = texts.iter().enumerate().map(|(n, text)| {
            let who = if n % 2 == 0 { &m.calm.bidder } else { &cleo };
            save(&m, who, &draft, 1, json!({ "solution": text }))
        });
        let (saved, late): (Vec<_>, Vec<_>) = all_at_once(saves).await.into_iter().partition(|it| it.status == 200);
        assert_eq!(saved.len(), 1);
        for late in late {
            let problem = late.expect_problem(412, "stale");
            assert_eq!(problem.body["savedBy"], saved[0].body["savedBy"]["name"]);
            assert_eq!(problem.body["savedAt"], saved[0].body["savedAt"]);
        }
        let now = m.see(&cleo, &format!("/bid-drafts/{draft}")).await;
        assert_eq!((&now["offer"], &now["version"]), (&saved[0].body["offer"], &json!(2)));
    }

    async fn of_a_save_and_a_submission_at_once_nothing_is_handed_in_unseen(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, cleo) = (m.published().await, colleague(&m).await);
        let draft = drafted(&m, &challenge, m.offer("38500.00")).await;
        let saving = save(&m, &cleo, &draft, 1, json!({ "solution": "Another one." }));
        let (saved, received) = join(saving, m.call(submission(&m.calm.bidder, &draft, 1, "now"))).await;
        if received.status == 200 {
            saved.expect_problem(404, "not_found");
            is_gone(&m, &draft).await;
        } else {
            saved.expect(200);
            let stale = received.expect_problem(412, "stale");
            assert_eq!(stale.body["savedBy"], "Cleo Colleague");
            assert!(stale.body["receipt"].is_object(), "the attempt is on the record");
            m.call(submission(&m.calm.bidder, &draft, 2, "again")).await.expect(200);
        }
    }

    async fn a_submission_that_is_repeated_is_one(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let draft = drafted(&m, &challenge, m.offer("38500.00")).await;
        m.call(submission(&m.calm.bidder, &draft, 7, "seen")).await.expect_problem(412, "stale");
        let answers = all_at_once((0..6).map(|_| m.call(submission(&m.calm.bidder, &draft, 1, "same")))).await;
        for answer in &answers {
            assert_eq!((answer.status.as_u16(), &answer.text), (200, &answers[0].text));
        }
        let later = m.call(submission(&m.calm.bidder, &draft, 1, "same")).await.expect(200);
        assert_eq!(later.text, answers[0].text);
        m.call(submission(&m.calm.bidder, &draft, 1, "other")).await.expect_problem(404, "not_found");
        assert_eq!(m.see(&m.calm.bidder, "/bids").await["items"].as_array().unwrap().len(), 1);
    }

    async fn a_second_draft_replaces_the_bid_and_a_dry_run_changes_nothing(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let bid = m.submit(&m.calm, &challenge, m.offer("40000.00")).await;
        let draft = drafted(&m, &challenge, m.offer("38500.00")).await;
        let replaces = m.see(&m.calm.bidder, &format!("/bid-drafts/{draft}")).await["replaces"].clone();
        assert_eq!(replaces["bid"], json!(bid));
        m.call(submission(&m.calm.bidder, &draft, 1, "unseen")).await.expect_problem(409, "already_bid");
        let replacing = |replaces: &Value, key: &str| {
            submission(&m.calm.bidder, &draft, 1, key).set_json(json!({ "replaces": replaces }))
        };
        let other = json!({ "bid": bid, "version": replaces["version"].as_i64().unwrap() + 1 });
        m.call(replacing(&other, "other")).await.expect_problem(412, "stale");
        for foreign in [&m.submit(&m.river, &challenge, m.offer("100.00")).await, &draft] {
            let foreign = m.call(replacing(&json!({ "bid": foreign, "version": 1 }), "foreign")).await;
            let unknown = ("/replaces/bid".to_owned(), "unknown".to_owned());
            assert_eq!(foreign.expect_problem(422, "invalid").fields(), [unknown]);
        }
        let request = replacing(&replaces, "dry");
        m.call(request.uri(&format!("/api/v1/bid-drafts/{draft}/submit?dryRun=true"))).await.expect(200);
        assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{bid}")).await["revision"], 1);
        let replaced = m.call(replacing(&replaces, "wet")).await.expect(200).body;
        assert_eq!((&replaced["id"], &replaced["revision"]), (&json!(bid), &json!(2)));
        is_gone(&m, &draft).await;
        m.call(m.calm.bidder.act(&format!("/bids/{bid}/withdraw"))).await.expect(200);
        let draft = drafted(&m, &challenge, m.offer("30000.00")).await;
        assert_ne!(m.call(submission(&m.calm.bidder, &draft, 1, "new")).await.expect(200).id(), bid);
    }

    async fn a_company_has_one_draft_for_a_challenge(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, cleo) = (m.published().await, colleague(&m).await);
        let begun = all_at_once((0..4).map(|_| begin(&m, &cleo, &challenge, &m.calm.id, json!({})))).await;
        let draft = begun.iter().find(|answer| answer.status == 201).unwrap().id();
        for other in begun.into_iter().filter(|answer| answer.status != 201) {
            let problem = other.expect_problem(409, "draft_exists");
            assert_eq!(problem.body["draft"], json!(draft));
            assert_eq!(problem.header("location"), format!("/api/v1/bid-drafts/{draft}"));
        }
        begin(&m, &m.river.bidder, &challenge, &m.river.id, json!({})).await.expect(201);
        let listed = m.see(&cleo, "/bid-drafts").await;
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["savedBy"]["name"]), (&json!(draft), &json!("Cleo Colleague")));
        m.call(cleo.delete(&format!("/bid-drafts/{draft}"))).await.expect_problem(428, "precondition_required");
        let discard = |version: &str| cleo.delete(&format!("/bid-drafts/{draft}")).insert_header(("if-match", version.to_owned()));
        m.call(discard("\"2\"")).await.expect_problem(412, "stale");
        m.call(discard("\"1\"")).await.expect(204);
        is_gone(&m, &draft).await;
    }

    async fn lists_go_on_where_they_stopped(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let mut drafts = Vec::new();
        for _ in 0..3 {
            drafts.insert(0, drafted(&m, &m.published().await, json!({})).await);
        }
        let first = m.see(&m.calm.bidder, "/bid-drafts?limit=2").await;
        let next = first["next"].as_str().unwrap();
        let second = m.see(&m.calm.bidder, &format!("/bid-drafts?limit=2&after={next}")).await;
        let items = [&first, &second].into_iter().flat_map(|page| page["items"].as_array().unwrap());
        assert_eq!(items.map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), drafts);
        assert_eq!(second["next"], Value::Null);
    }

    async fn a_patch_merges_and_what_no_offer_has_is_refused(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let draft = drafted(&m, &challenge, m.offer("38500.00")).await;
        let patch = json!({ "offer": { "price": { "amount": "38000.00" }, "milestones": null } });
        let request = m.calm.bidder.sign(TestRequest::patch().uri(&format!("/api/v1/bid-drafts/{draft}")));
        let request = request.insert_header(("if-match", "\"1\"")).set_payload(patch.to_string());
        let merged = m.call(request.insert_header(("content-type", "application/merge-patch+json"))).await.expect(200).body;
        let price = json!({ "amount": "38000.00", "currency": "EUR" });
        assert_eq!(merged["offer"], json!({ "solution": "We listen for words of distress.", "price": price }));
        let cases = [
            (json!({ "colour": "red" }), "/offer/colour", "unknown_field"),
            (json!({ "price": { "discount": "1" } }), "/offer/price/discount", "unknown_field"),
            (json!({ "milestones": [{ "titel": "x" }] }), "/offer/milestones/0/titel", "unknown_field"),
            (json!({ "solution": 5 }), "/offer/solution", "wrong_type"),
            (json!({ "milestones": [null] }), "/offer/milestones/0", "wrong_type"),
            (json!({ "solution": "a\u{0}b" }), "/offer/solution", "wrong_format"),
        ];
        for (offer, pointer, code) in cases {
            let refused = save(&m, &m.calm.bidder, &draft, 2, offer).await;
            let refused = refused.expect_problem(422, "invalid");
            assert!(refused.fields().contains(&(pointer.to_owned(), code.to_owned())), "{}", refused.text);
        }
        let long = save(&m, &m.calm.bidder, &draft, 2, json!({ "solution": "x".repeat(500_001) })).await;
        assert_eq!(long.expect_problem(422, "invalid").fields(), [("/offer".to_owned(), "too_long".to_owned())]);
        let odd = m.calm.bidder.sign(TestRequest::patch().uri(&format!("/api/v1/bid-drafts/{draft}")));
        let odd = odd.insert_header(("if-match", "\"2\"")).insert_header(("content-type", "text/plain"));
        m.call(odd.set_payload("{}")).await.expect_problem(415, "unsupported_media_type");
        assert_eq!(m.see(&m.calm.bidder, &format!("/bid-drafts/{draft}")).await, merged);
    }

    async fn nobody_but_the_bidders_of_the_company_learns_of_a_draft(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let reader = m.staff_of(&m.calm, "Reader").await;
        let auditor = m.app.person("Platform Auditor").await;
        let roles = json!({ "administrator": false, "auditor": true });
        crate::administration::appoint(&m.app, &m.administrator, &auditor, roles).await.expect(200);
        let events = |seen: Value| seen["items"].as_array().unwrap().iter().map(|e| e["type"].clone()).collect::<Vec<_>>();
        let before = (m.feed().await, m.see(&auditor, "/audit/events").await["items"].as_array().unwrap().len());
        let draft = drafted(&m, &challenge, m.offer("38500.00")).await;
        save(&m, &m.calm.bidder, &draft, 1, json!({ "solution": "Ours." })).await.expect(200);
        for path in [format!("/bid-drafts/{draft}"), format!("/bid-drafts/{draft}/saves")] {
            m.call(m.river.bidder.get(&path)).await.expect_problem(404, "not_found");
            for person in [&m.officer, &m.owner, &m.administrator, &auditor, &reader] {
                let answer = m.call(person.get(&path)).await;
                assert!([403, 404].contains(&answer.status.as_u16()), "{}", answer.text);
            }
        }
        save(&m, &m.river.bidder, &draft, 2, json!({})).await.expect_problem(404, "not_found");
        m.call(submission(&m.river.bidder, &draft, 2, "theirs")).await.expect_problem(404, "not_found");
        assert_eq!(m.see(&m.river.bidder, "/bid-drafts").await["items"], json!([]));
        assert_eq!((m.feed().await, m.see(&auditor, "/audit/events").await["items"].as_array().unwrap().len()), before);
        let own = m.see(&m.calm.bidder, &format!("/organisations/{}/events", m.calm.id)).await;
        assert!(events(own).contains(&json!("bid_draft.begun")), "its owner sees that there is one");
        let seen = m.see(&auditor, &format!("/organisations/{}/events", m.calm.id)).await;
        assert!(!events(seen).contains(&json!("bid_draft.begun")));
    }

    async fn what_is_drafted_is_kept_encrypted_and_no_answer_is_stored(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let body = json!({ "company": m.calm.id, "offer": { "solution": "Xylocarp47Quokka" } });
        let request = m.calm.bidder.post(&format!("/challenges/{challenge}/bid-drafts"), body);
        let draft = m.call(request.insert_header(("idempotency-key", "begin"))).await.expect(201).id();
        let patch = json!({ "offer": { "solution": "Zephyrine93Wombat" } });
        let request = m.calm.bidder.patch(&format!("/bid-drafts/{draft}"), 1, patch);
        m.call(request.insert_header(("idempotency-key", "save"))).await.expect(200);
        let id = domain::BidDraftId(draft.parse().unwrap());
        let (_, content) = m.app.db().read(move |conn| persistence::bid_drafts::find(conn, id)).await.unwrap();
        let stored = crate::rows::dump(&m.app);
        assert!(stored.contains(&content) && content.len() > 4096);
        assert!(!stored.contains("Quokka") && !stored.contains("Wombat"), "encrypted, and no answer is stored");
    }

    async fn the_history_of_saves_says_who_and_when(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let mut cleo = colleague(&m).await;
        let draft = drafted(&m, &challenge, json!({})).await;
        save(&m, &m.calm.bidder, &draft, 1, json!({ "solution": "A" })).await.expect(200);
        save(&m, &cleo, &draft, 2, json!({ "solution": "B" })).await.expect(200);
        m.advance(TimeDelta::minutes(16)).await;
        m.app.log_in_again(&mut cleo).await;
        save(&m, &cleo, &draft, 3, json!({ "solution": "C" })).await.expect(200);
        let path = format!("/bid-drafts/{draft}/saves");
        let saves = m.see(&m.calm.bidder, &path).await["items"].as_array().unwrap().clone();
        let told: Vec<_> = saves.iter().map(|save| (save["savedBy"]["name"].clone(), save["version"].clone())).collect();
        let bidder = json!(m.calm.bidder.name);
        assert_eq!(told, [(json!("Cleo Colleague"), json!(4)), (json!("Cleo Colleague"), json!(3)), (bidder, json!(2))]);
        let first = m.see(&cleo, &format!("{path}?limit=1")).await;
        let rest = m.see(&cleo, &format!("{path}?limit=5&after={}", first["next"].as_str().unwrap())).await;
        assert_eq!(rest["items"].as_array().unwrap().as_slice(), &saves[1..]);
        let export = m.see(&cleo, "/account/export").await;
        assert_eq!(export["draftSaves"].as_array().unwrap().len(), 2);
        assert_eq!(export["draftSaves"][0]["draft"], json!(draft));
    }

    async fn late_is_late_and_the_draft_stays_for_two_weeks(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let draft = drafted(&m, &challenge, m.offer("38500.00")).await;
        m.pass_deadline().await;
        let late = m.call(submission(&m.calm.bidder, &draft, 1, "late")).await;
        assert!(late.expect_problem(409, "deadline_passed").body["receipt"].is_object());
        begin(&m, &m.river.bidder, &challenge, &m.river.id, json!({})).await.expect_problem(409, "deadline_passed");
        save(&m, &m.calm.bidder, &draft, 1, json!({ "solution": "Still ours." })).await.expect(200);
        let closed: DateTime<Utc> = m.challenge(&challenge).await["closedAt"].as_str().unwrap().parse().unwrap();
        m.advance_to(closed + DRAFT_KEPT - TimeDelta::seconds(5)).await;
        m.app.db().write(application::scheduler::purge).await.unwrap();
        m.see(&m.calm.bidder, &format!("/bid-drafts/{draft}")).await;
        m.advance_to(closed + DRAFT_KEPT + TimeDelta::seconds(5)).await;
        m.app.db().write(application::scheduler::purge).await.unwrap();
        is_gone(&m, &draft).await;
    }

    async fn a_draft_waits_while_the_challenge_is_suspended_and_goes_after_it_is_cancelled(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let draft = drafted(&m, &challenge, m.offer("38500.00")).await;
        let why = json!({ "code": "complaint", "reason": "A court wants to look." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/suspend"), why)).await.expect(200);
        m.call(submission(&m.calm.bidder, &draft, 1, "now")).await.expect_problem(409, "wrong_state");
        m.advance(DRAFT_KEPT * 3).await;
        m.app.db().write(application::scheduler::purge).await.unwrap();
        m.see(&m.calm.bidder, &format!("/bid-drafts/{draft}")).await;
        let why = json!({ "code": "legal_decision", "reason": "The court said so." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/cancel"), why)).await.expect(200);
        m.app.db().write(application::scheduler::purge).await.unwrap();
        m.see(&m.calm.bidder, &format!("/bid-drafts/{draft}")).await;
        m.advance(DRAFT_KEPT + TimeDelta::seconds(5)).await;
        m.app.db().write(application::scheduler::purge).await.unwrap();
        is_gone(&m, &draft).await;
    }
}
