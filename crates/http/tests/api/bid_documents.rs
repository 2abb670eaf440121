//! Documents of bids: nobody reads them before the opening, and after it those who may read the bid.

use crate::{
    app::{Person, TestApp},
    bid_drafts::drafted,
    marketplace::{Company, Marketplace},
    rows::rows,
    sealed_bids::{Sealing, committee, hand_in},
    uploads::{PDF, files, sha256},
};
use actix_web::test::TestRequest;
use application::{
    bid_documents::checks,
    scans::{self, Address, Patience, Scanner},
    uploads::purge,
};
use chrono::TimeDelta;
use domain::bid::{DRAFT_KEPT, MOST_KEPT_DOCUMENTS};
use sealing::{DocumentWriter, MAX_DOCUMENT};
use serde_json::{Value, json};
use std::fs;
use testing::{Backend, Clamd};

pub fn sending(who: &Person, challenge: &str, media_type: &str, content: &[u8]) -> TestRequest {
    let request = TestRequest::post().uri(&format!("/api/v1/challenges/{challenge}/bid-documents"));
    who.sign(request).insert_header(("content-type", media_type)).set_payload(content.to_vec())
}

/// A document that a company has handed in, as an offer refers to it.
pub async fn handed_in(m: &Marketplace, company: &Company, challenge: &str, content: &[u8]) -> Value {
    let sent = m.call(sending(&company.bidder, challenge, "application/pdf", content)).await.expect(201).body;
    named(sent["offered"].clone(), "plan.pdf")
}

fn named(mut offered: Value, name: &str) -> Value {
    offered["name"] = json!(name);
    offered
}

pub fn with(mut offer: Value, documents: &[Value]) -> Value {
    offer["documents"] = json!(documents);
    offer
}

fn pdf(words: &str) -> Vec<u8> {
    [PDF, words.as_bytes()].concat()
}

/// Looks at the documents of what was opened, as the background task does.
async fn examine(app: &TestApp) {
    checks::run(app.db(), app.state.storage()).await.unwrap();
}

async fn forget(app: &TestApp) {
    app.db().write(application::scheduler::purge).await.unwrap();
    purge::run(app.db(), app.state.storage()).await.unwrap();
}

fn path(bid: &str, offered: &Value) -> String {
    format!("/bids/{bid}/documents/{}", offered["document"].as_str().unwrap())
}

fn problems(bid: &Value) -> Vec<(&str, &str)> {
    let found = bid["problems"].as_array().unwrap().iter();
    found.map(|problem| (problem["pointer"].as_str().unwrap(), problem["code"].as_str().unwrap())).collect()
}

async fn not_there(m: &Marketplace, who: &Person, path: &str) {
    m.call(who.get(path)).await.expect_problem(404, "not_found");
}

async fn kept(m: &Marketplace, who: &Person, challenge: &str) -> usize {
    m.see(who, &format!("/challenges/{challenge}/bid-documents")).await["items"].as_array().unwrap().len()
}

testing::on_both! {
    async fn a_document_is_read_by_nobody_before_the_opening_and_by_those_who_read_the_bid_after_it(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let content = pdf("Xylocarp47Quokka");
        let sent = m.call(sending(&m.calm.bidder, &challenge, "application/pdf", &content)).await.expect(201);
        let offered = named(sent.body["offered"].clone(), "Načrt.pdf");
        assert_eq!((&offered["sha256"], &offered["size"]), (&json!(sha256(&content)), &json!(content.len())));
        assert_eq!(sent.body["size"], 168 + 16 + 4096 + 16, "filled up");
        let stored = files(&m.app, "objects");
        assert_eq!((stored.len(), files(&m.app, "incoming").len()), (1, 0));
        let stored = fs::read(&stored[0]).unwrap();
        assert_eq!((stored.len() as i64, sha256(&stored)), (4296, sent.body["sha256"].as_str().unwrap().to_owned()));
        assert!(!stored.windows(8).any(|bytes| bytes == b"Xylocarp"));
        let kept_as = format!("/bid-documents/{}", sent.id());
        assert_eq!(m.app.download(m.calm.bidder.get(&kept_as)).await.1, stored);
        for other in [&m.river.bidder, &m.officer, &m.administrator] {
            assert!([403, 404].contains(&m.call(other.get(&kept_as)).await.status.as_u16()), "{}", other.name);
        }
        let draft = drafted(&m, &challenge, with(m.offer("38500.00"), std::slice::from_ref(&offered))).await;
        assert_eq!(m.see(&m.calm.bidder, &format!("/bid-drafts/{draft}")).await["problems"], json!([]));
        let bid = m.submit(&m.calm, &challenge, with(m.offer("38500.00"), std::slice::from_ref(&offered))).await;
        assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{bid}")).await["documents"], Value::Null);
        let path = path(&bid, &offered);
        for nobody in [&m.calm.bidder, &m.river.bidder, &m.officer, &m.chair, &m.administrator] {
            not_there(&m, nobody, &path).await;
        }
        m.pass_deadline().await;
        not_there(&m, &m.officer, &path).await;
        m.open(&challenge).await;
        examine(&m.app).await;
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        let shown = &opened["documents"][0];
        assert_eq!((&shown["name"], &shown["damage"], &shown["key"]), (&json!("Načrt.pdf"), &Value::Null, &Value::Null));
        assert_eq!((&shown["content"], shown["examinedAt"].is_string()), (&json!(format!("/api/v1{path}")), true));
        assert_eq!(problems(&opened), []);
        let reads = |m: &Marketplace| rows(&m.app)["reads"];
        let before = reads(&m);
        let (headers, given) = m.app.download(m.officer.get(&path)).await;
        assert_eq!((given, reads(&m)), (content.clone(), before + 1));
        assert_eq!(headers.get("content-type").unwrap(), "application/pdf");
        assert!(headers.get("content-disposition").unwrap().to_str().unwrap().starts_with("attachment; "), "{headers:?}");
        assert_eq!(m.app.download(m.calm.bidder.get(&path)).await.1, content);
        for nobody in [&m.river.bidder, &m.chair, &m.administrator] {
            not_there(&m, nobody, &path).await;
        }
        m.declare(&m.chair, &challenge, &[]).await.expect(201);
        assert_eq!(m.app.download(m.chair.get(&path)).await.1, content);
        let shown = m.see(&m.chair, &format!("/bids/{bid}")).await;
        assert_eq!(shown["documents"][0]["name"], "Načrt.pdf");
    }

    async fn what_is_wrong_with_a_document_is_named_after_the_opening(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let mut documents = Vec::new();
        for n in 0..5 {
            documents.push(handed_in(&m, &m.calm, &challenge, &pdf(&n.to_string())).await);
        }
        let listed = m.see(&m.calm.bidder, &format!("/challenges/{challenge}/bid-documents")).await;
        let file = |n: usize| {
            let name = listed["items"][n]["sha256"].as_str().unwrap();
            m.app.files.path().join("objects").join(&name[..2]).join(name)
        };
        let mut changed = fs::read(file(0)).unwrap();
        changed[1000] ^= 1;
        fs::write(file(0), changed).unwrap();
        fs::remove_file(file(1)).unwrap();
        documents[2]["sha256"] = json!(sha256(b"Another one."));
        documents[3]["key"] = documents[4]["key"].clone();
        documents[4]["name"] = json!("plan.png");
        let bid = m.submit(&m.calm, &challenge, with(m.offer("38500.00"), &documents)).await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        assert_eq!((problems(&opened), &opened["documents"][0]["examinedAt"]), (Vec::new(), &Value::Null));
        examine(&m.app).await;
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        let expected = ["not_decryptable", "document_lost", "other_content", "not_decryptable", "wrong_type"];
        let damages: Vec<_> = opened["documents"].as_array().unwrap().iter().map(|one| one["damage"].clone()).collect();
        assert_eq!(damages, expected);
        let pointers: Vec<_> = (0..5).map(|n| format!("/documents/{n}")).collect();
        let listed: Vec<_> = pointers.iter().map(String::as_str).zip(expected).collect();
        assert_eq!(problems(&opened), listed);
        assert_eq!(problems(&m.see(&m.officer, &format!("/challenges/{challenge}/bids")).await["items"][0]), listed);
        for document in &documents {
            m.call(m.officer.get(&path(&bid, document))).await.expect_problem(409, "document_damaged");
        }
    }

    async fn what_is_no_document_is_refused_and_nothing_of_it_stays(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let send = |media_type: &'static str, content: &[u8]| m.call(sending(&m.calm.bidder, &challenge, media_type, content));
        send("application/x-msdownload", PDF).await.expect_problem(415, "unsupported_media_type");
        for (media_type, content, code) in [
            ("image/png", PDF, "wrong_type"),
            ("application/pdf", b"", "wrong_type"),
            ("text/plain", b"", "wrong_type"),
            ("application/octet-stream", PDF, "not_encrypted"),
            ("application/octet-stream", b"", "not_encrypted"),
        ] {
            let refused = send(media_type, content).await.expect_problem(422, "invalid");
            assert_eq!(refused.fields(), [(String::new(), code.to_owned())], "{media_type}");
        }
        let large = sending(&m.calm.bidder, &challenge, "application/pdf", PDF);
        let large = large.insert_header(("content-length", (MAX_DOCUMENT + 1).to_string()));
        m.call(large).await.expect_problem(413, "body_too_large");
        let trial = sending(&m.calm.bidder, &challenge, "application/pdf", PDF);
        let trial = trial.uri(&format!("/api/v1/challenges/{challenge}/bid-documents?dryRun=true"));
        m.call(trial).await.expect(200);
        m.call(sending(&m.officer, &challenge, "application/pdf", PDF)).await.expect_problem(403, "role_missing");
        let draft = m.draft().await;
        m.call(sending(&m.calm.bidder, &draft, "application/pdf", PDF)).await.expect_problem(404, "not_found");
        let after = rows(&m.app);
        assert_eq!((after["bid_documents"], after["files"]), (0, 0));
        assert!(files(&m.app, "incoming").is_empty() && files(&m.app, "objects").is_empty());
    }

    async fn an_offer_refers_to_documents_of_its_own_company_for_its_own_challenge(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, other) = (m.published().await, m.published().await);
        let sound = handed_in(&m, &m.calm, &challenge, &pdf("a")).await;
        let elsewhere = handed_in(&m, &m.calm, &other, &pdf("b")).await;
        let foreign = handed_in(&m, &m.river, &challenge, &pdf("c")).await;
        let mut twice = named(sound.clone(), "macro.docm");
        twice["section"] = json!(challenge);
        let offer = with(m.offer("38500.00"), &[sound.clone(), elsewhere, foreign, twice]);
        let refused = m.call(m.submission(&m.calm, &challenge, offer, "wrong")).await.expect_problem(422, "invalid");
        let at = |n: u32, field: &str, code: &str| (format!("/offer/documents/{n}/{field}"), code.to_owned());
        assert_eq!(refused.fields(), [
            at(1, "document", "unknown"),
            at(2, "document", "unknown"),
            at(3, "document", "duplicate"),
            at(3, "section", "unknown"),
            at(3, "name", "not_allowed"),
        ]);
        assert!(!refused.text.contains("AGE-SECRET"));
        let mut unread = sound.clone();
        unread["key"] = json!("AGE-SECRET-KEY-1");
        let offer = with(m.offer("38500.00"), &[unread]);
        let refused = m.call(m.submission(&m.calm, &challenge, offer, "key")).await.expect_problem(422, "invalid");
        assert_eq!(refused.fields()[0].0, "/offer/documents/0/key");
        let many = with(m.offer("38500.00"), &vec![sound.clone(); 11]);
        let refused = m.call(m.submission(&m.calm, &challenge, many, "many")).await.expect_problem(422, "invalid");
        assert_eq!(refused.fields()[0].0, "/offer/documents");
        let address = format!("/bid-documents/{}", sound["document"].as_str().unwrap());
        let bid = m.submit(&m.calm, &challenge, with(m.offer("38500.00"), &[sound])).await;
        m.call(m.calm.bidder.delete(&address)).await.expect_problem(409, "wrong_state");
        m.call(m.river.bidder.delete(&address)).await.expect_problem(404, "not_found");
        m.call(m.calm.bidder.act(&format!("/bids/{bid}/withdraw"))).await.expect(200);
        m.call(m.calm.bidder.delete(&address)).await.expect(204);
        assert_eq!((kept(&m, &m.calm.bidder, &challenge).await, kept(&m, &m.river.bidder, &challenge).await), (0, 1));
    }

    async fn a_company_keeps_so_many_documents_and_none_after_the_deadline(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        for n in 0..MOST_KEPT_DOCUMENTS {
            handed_in(&m, &m.calm, &challenge, &pdf(&n.to_string())).await;
        }
        m.call(sending(&m.calm.bidder, &challenge, "application/pdf", PDF)).await.expect_problem(409, "too_many");
        handed_in(&m, &m.river, &challenge, PDF).await;
        assert_eq!(kept(&m, &m.calm.bidder, &challenge).await, MOST_KEPT_DOCUMENTS);
        m.pass_deadline().await;
        m.call(sending(&m.river.bidder, &challenge, "application/pdf", PDF)).await.expect_problem(409, "deadline_passed");
    }

    async fn documents_to_which_no_bid_refers_are_forgotten(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let used = handed_in(&m, &m.calm, &challenge, &pdf("used")).await;
        handed_in(&m, &m.calm, &challenge, &pdf("unused")).await;
        let withdrawn = handed_in(&m, &m.river, &challenge, &pdf("withdrawn")).await;
        let bid = m.submit(&m.calm, &challenge, with(m.offer("38500.00"), std::slice::from_ref(&used))).await;
        let other = m.submit(&m.river, &challenge, with(m.offer("38500.00"), &[withdrawn])).await;
        m.call(m.river.bidder.act(&format!("/bids/{other}/withdraw"))).await.expect(200);
        forget(&m.app).await;
        assert_eq!(files(&m.app, "objects").len(), 3, "while bids are taken, all may be needed");
        m.pass_deadline().await;
        forget(&m.app).await;
        assert_eq!(files(&m.app, "objects").len(), 3, "an outage may give more time");
        m.advance(DRAFT_KEPT + TimeDelta::minutes(1)).await;
        forget(&m.app).await;
        assert_eq!(files(&m.app, "objects").len(), 2, "the company that took its bid back");
        m.open(&challenge).await;
        examine(&m.app).await;
        forget(&m.app).await;
        assert_eq!((files(&m.app, "objects").len(), rows(&m.app)["bid_documents"]), (1, 1));
        assert_eq!(m.app.download(m.officer.get(&path(&bid, &used))).await.1, pdf("used"));
    }

    async fn a_company_encrypts_a_document_by_itself_and_seals_the_key(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let mut writer = DocumentWriter::new(&mut sealing::os_randomness().unwrap()).unwrap();
        let mut encrypted = writer.write(PDF).unwrap();
        while let Some(more) = writer.fill_up().unwrap() {
            encrypted.extend(more);
        }
        let (end, secret) = writer.finish().unwrap();
        encrypted.extend(end);
        let sent = m.call(sending(&m.calm.bidder, &challenge, "application/octet-stream", &encrypted)).await.expect(201);
        assert_eq!((&sent.body["offered"], &sent.body["sha256"]), (&Value::Null, &json!(sha256(&encrypted))));
        let document = json!({
            "document": sent.id(), "key": secret.key.to_text().as_str(), "name": "plan.pdf", "size": PDF.len(),
            "sha256": sha256(PDF),
        });
        let mut unknown = document.clone();
        unknown["document"] = json!(challenge);
        let quality = json!({
            "format": "provoco-quality-v1", "solution": "Ours.", "milestones": [{ "title": "All", "dueWeek": 8 }],
            "documents": [document, unknown],
        });
        let quality = quality.to_string();
        let base = Sealing::of(&m, &challenge);
        let sealed = Sealing { contents: [&quality, base.contents[1]], ..base }.seal(&committee(&m, &challenge).await).0;
        let bid = hand_in(&m, &challenge, &sealed, "k").await.expect(201).id();
        m.pass_deadline().await;
        m.open(&challenge).await;
        examine(&m.app).await;
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        assert_eq!(problems(&opened), [("/documents/1/document", "unknown")]);
        assert_eq!(m.app.download(m.officer.get(&path(&bid, &document))).await.1, PDF);
        not_there(&m, &m.officer, &path(&bid, &unknown)).await;
    }

    async fn an_opened_document_is_scanned_and_an_infected_one_is_not_given(backend: Backend) {
        let Some(clamd) = Clamd::start(1 << 20) else { return };
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let infected = handed_in(&m, &m.calm, &challenge, &pdf(Clamd::MARK)).await;
        let clean = handed_in(&m, &m.calm, &challenge, &pdf("clean")).await;
        let bid = m.submit(&m.calm, &challenge, with(m.offer("38500.00"), &[infected.clone(), clean.clone()])).await;
        let scanner = Scanner::new(Address::Socket(clamd.socket()), Patience::default());
        assert_eq!(scans::next(m.app.db(), m.app.state.storage(), &scanner).await.unwrap(), None, "nobody can yet");
        m.pass_deadline().await;
        m.open(&challenge).await;
        examine(&m.app).await;
        while scans::next(m.app.db(), m.app.state.storage(), &scanner).await.unwrap().is_some() {}
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        let scan = |n: usize| opened["documents"][n]["scan"]["status"].clone();
        assert_eq!((scan(0), scan(1)), (json!("infected"), json!("clean")));
        m.call(m.officer.get(&path(&bid, &infected))).await.expect_problem(409, "file_infected");
        assert_eq!(m.app.download(m.officer.get(&path(&bid, &clean))).await.1, pdf("clean"));
    }
}
