//! Documents of challenges: added, replaced by newer versions, downloaded whole and in parts, removed from drafts.

use crate::{
    app::{Person, Response, get},
    marketplace::Marketplace,
    rows::refused,
    uploads::{PDF, announcement, sha256, upload},
};
use actix_web::test::TestRequest;
use application::uploads::purge;
use serde_json::{Value, json};
use testing::Backend;

const NEWER: &[u8] = b"%PDF-1.7 the second version of the plan\n%%EOF";

/// A complete upload of an agency's member.
async fn sent(m: &Marketplace, who: &Person, name: &str, content: &[u8]) -> String {
    let told = announcement(&m.agency, name, "application/pdf", content);
    upload(&m.app, who, told, content).await.id()
}

pub fn document(upload: &str) -> Value {
    json!({ "upload": upload, "title": "The plan", "kind": "specification", "language": "sl" })
}

/// A document in a challenge: its address, and that of the content of its first version.
pub async fn added(m: &Marketplace, who: &Person, challenge: &str, name: &str) -> (Response, String, String) {
    let upload = sent(m, who, name, PDF).await;
    let list = format!("/challenges/{challenge}/documents");
    let added = m.call(who.post(&list, document(&upload))).await.expect(201);
    let content = added.body["versions"][0]["content"].as_str().unwrap().to_owned();
    let address = format!("{list}/{}", added.id());
    (added, address, content)
}

testing::on_both! {
    async fn a_document_and_its_newer_versions_are_told_and_downloaded(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let (first, address, content) = added(&m, &m.author, &challenge, "plan.pdf").await;
        assert_eq!((&first.body["kind"], &first.body["versions"][0]["sha256"]), (&json!("specification"), &json!(sha256(PDF))));
        let body = json!({ "upload": sent(&m, &m.author, "plan 2.pdf", NEWER).await });
        let second = m.call(m.author.post(&format!("{address}/versions"), body)).await.expect(201);
        let numbers: Vec<_> = second.body["versions"].as_array().unwrap().iter().map(|v| v["number"].clone()).collect();
        assert_eq!(numbers, [json!(1), json!(2)]);
        let list = format!("/challenges/{challenge}/documents");
        assert_eq!(m.see(&m.owner, &list).await["items"], json!([second.body]));
        assert_eq!(m.see(&m.owner, &format!("/challenges/{challenge}")).await["documents"], json!([second.body]));
        for (address, expected) in [(&content, PDF), (&content.replace("/1/", "/2/"), NEWER)] {
            assert_eq!(m.app.download(m.owner.get(address)).await.1, expected);
        }
        refused(&m.app, m.owner.get(&content.replace("/1/", "/3/")), 404, "not_found").await;
    }

    async fn before_publication_only_the_agency_sees_documents_and_afterwards_everybody(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let (_, _, content) = added(&m, &m.author, &challenge, "plan.pdf").await;
        let list = format!("/challenges/{challenge}/documents");
        for request in [get(&list), get(&content), m.calm.bidder.get(&list), m.calm.bidder.get(&content)] {
            refused(&m.app, request, 404, "not_found").await;
        }
        for (who, action) in [(&m.author, "submit-for-review"), (&m.officer, "approve"), (&m.officer, "publish")] {
            m.step(who, &challenge, action).await;
        }
        m.call(get(&list)).await.expect(200);
        assert_eq!(m.app.download(get(&content)).await.1, PDF);
        let late = sent(&m, &m.officer, "late.pdf", NEWER).await;
        refused(&m.app, m.author.post(&list, document(&late)), 403, "role_missing").await;
        m.call(m.officer.post(&list, document(&late))).await.expect(201);
        assert_eq!(m.see(&m.calm.bidder, &list).await["items"].as_array().unwrap().len(), 2);
        let told = format!("{:?}", m.feed().await);
        assert_eq!(told.matches("challenge.document_added").count(), 1, "{told}");
    }

    async fn who_added_a_document_cannot_approve_the_challenge(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let both = crate::steps::join(&m.app, &m.owner, &m.agency, "Bo Both", &["author", "officer"]).await;
        added(&m, &both, &challenge, "plan.pdf").await;
        m.step(&m.author, &challenge, "submit-for-review").await;
        refused(&m.app, both.act(&format!("/challenges/{challenge}/approve")), 403, "four_eyes").await;
        let upload = sent(&m, &m.author, "late.pdf", NEWER).await;
        let list = format!("/challenges/{challenge}/documents");
        refused(&m.app, m.author.post(&list, document(&upload)), 409, "wrong_state").await;
    }

    async fn after_the_deadline_nothing_is_added_even_while_closing_is_held(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let upload = sent(&m, &m.officer, "plan.pdf", PDF).await;
        m.advance(chrono::TimeDelta::days(17)).await;
        assert_eq!(m.status(&challenge).await, "published", "nobody has closed it yet");
        let late = m.officer.post(&format!("/challenges/{challenge}/documents"), document(&upload));
        m.call(late).await.expect_problem(409, "deadline_passed");
    }

    async fn a_document_is_removed_from_a_draft_with_its_content(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let (_, address, content) = added(&m, &m.author, &challenge, "plan.pdf").await;
        refused(&m.app, m.officer.delete(&address), 403, "role_missing").await;
        m.call(m.author.delete(&address)).await.expect(204);
        refused(&m.app, m.author.get(&content), 404, "not_found").await;
        purge::run(m.app.db(), m.app.state.storage()).await.unwrap();
        let hash = storage::Hash::parse(&sha256(PDF)).unwrap();
        assert_eq!(m.app.state.storage().store.size(hash).await.unwrap(), None);
        let (_, kept, _) = added(&m, &m.author, &challenge, "plan.pdf").await;
        purge::run(m.app.db(), m.app.state.storage()).await.unwrap();
        assert!(m.app.state.storage().store.size(hash).await.unwrap().is_some());
        m.step(&m.author, &challenge, "submit-for-review").await;
        refused(&m.app, m.author.delete(&kept), 409, "wrong_state").await;
    }

    async fn an_upload_is_used_once_by_who_sent_it_and_when_it_is_complete(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let list = format!("/challenges/{challenge}/documents");
        let unknown = [("/upload".to_owned(), "unknown".to_owned())];
        let mine = sent(&m, &m.officer, "plan.pdf", PDF).await;
        assert_eq!(refused(&m.app, m.author.post(&list, document(&mine)), 422, "invalid").await.fields(), unknown);
        let told = announcement(&m.agency, "plan.pdf", "application/pdf", PDF);
        let open = m.call(m.author.post("/uploads", told)).await.expect(201).id();
        refused(&m.app, m.author.post(&list, document(&open)), 409, "wrong_state").await;
        let mut wrong = document(&open);
        (wrong["title"], wrong["language"]) = (json!("two\nlines"), json!("sl"));
        let wrong = refused(&m.app, m.author.post(&list, wrong), 422, "invalid").await;
        assert_eq!(wrong.fields(), [("/title".to_owned(), "wrong_format".to_owned())]);
        let upload = sent(&m, &m.author, "plan.pdf", PDF).await;
        m.call(m.author.post(&list, document(&upload))).await.expect(201);
        assert_eq!(refused(&m.app, m.author.post(&list, document(&upload)), 422, "invalid").await.fields(), unknown);
    }

    async fn files_are_downloaded_as_attachments_in_parts_and_only_when_they_changed(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let (_, _, content) = added(&m, &m.author, &challenge, "Načrt 50%.pdf").await;
        let (headers, whole) = m.app.download(m.author.get(&content)).await;
        let tag = format!("\"{}\"", sha256(PDF));
        for (name, value) in [
            ("content-disposition", "attachment; filename=\"Na_rt 50.pdf\"; filename*=UTF-8''Na%C4%8Drt%2050%25.pdf"),
            ("x-content-type-options", "nosniff"),
            ("content-type", "application/pdf"),
            ("accept-ranges", "bytes"),
            ("etag", &tag),
        ] {
            assert_eq!(headers.get(name).unwrap(), value);
        }
        assert_eq!(whole, PDF);
        let ask = |headers: &[(&'static str, &str)]| {
            let request = m.author.get(&content);
            headers.iter().fold(request, |request, (name, value)| request.insert_header((*name, *value)))
        };
        let size = PDF.len();
        for (range, first, last) in [("bytes=0-4", 0, 4), ("bytes=5-", 5, size - 1), ("bytes=-6", size - 6, size - 1), ("bytes=9-999", 9, size - 1)] {
            let part = m.app.raw(ask(&[("range", range)])).await;
            assert_eq!((part.0.as_u16(), &part.2[..]), (206, &PDF[first..=last]), "{range}");
            assert_eq!(part.1.get("content-range").unwrap(), &format!("bytes {first}-{last}/{size}"));
        }
        for (headers, status) in [
            (&[("range", "bytes=0-4"), ("if-range", &*tag)][..], 206),
            (&[("range", "bytes=0-4"), ("if-range", "\"other\"")], 200),
            (&[("range", "bytes=0-4"), ("if-range", "Tue, 24 Nov 2026 00:00:00 GMT")], 200),
            (&[("range", "bytes=0-1,3-4")], 200),
            (&[("range", "lines=1-2")], 200),
            (&[("if-none-match", &*tag)], 304),
            (&[("if-none-match", "\"other\"")], 200),
            (&[("if-match", &*tag)], 200),
        ] {
            assert_eq!(m.app.raw(ask(headers)).await.0.as_u16(), status, "{headers:?}");
        }
        let beyond = m.call(ask(&[("range", &format!("bytes={size}-"))])).await.expect_problem(416, "range_not_satisfiable");
        assert_eq!(beyond.header("content-range"), format!("bytes */{size}"));
        m.call(ask(&[("if-match", "\"other\"")])).await.expect_problem(412, "stale");
        let head = TestRequest::default().method("HEAD".parse().unwrap()).uri(&content);
        let head = m.app.raw(m.author.sign(head)).await;
        assert_eq!((head.0.as_u16(), head.2.len(), head.1.get("etag").unwrap().to_str().unwrap()), (200, 0, &*tag));
    }
}
