//! Standing documents: announced, sent, downloaded, announced to expire, removed.

use crate::{
    app::{Person, TestApp},
    marketplace::{Marketplace, company},
    rows::{refused, rows},
    steps::mails,
};
use actix_web::test::TestRequest;
use chrono::{NaiveDate, TimeDelta};
use domain::organisation::LARGEST_FILE;
use serde_json::{Value, json};
use testing::Backend;

pub const PDF: &[u8] = b"%PDF-1.7\n\xff\x00 is not text\n%%EOF";

/// Sends a file as it is.
pub fn send(who: &Person, path: &str, version: i64, media_type: &str, content: &[u8]) -> TestRequest {
    let request = who.sign(TestRequest::put().uri(&format!("/api/v1{path}")));
    let request = request.insert_header(("if-match", format!("\"{version}\"")));
    request.insert_header(("content-type", media_type)).set_payload(content.to_vec())
}

fn insurance(app: &TestApp, days: i64) -> Value {
    let today = app.now().date_naive();
    json!({
        "kind": "insurance", "title": "Liability", "issuedOn": today - TimeDelta::days(1),
        "expiresOn": today + TimeDelta::days(days),
    })
}

/// What the background task does when it looks.
async fn announce_expiries(app: &TestApp) {
    for (organisation, id) in app.db().read(application::documents::expiring).await.unwrap() {
        app.db().write(move |conn| application::documents::remind(conn, organisation, id)).await.unwrap();
    }
}

/// The mails about documents: to whom, and about which day.
async fn told(app: &TestApp) -> Vec<(String, String)> {
    let mails = mails(app).await.into_iter().filter(|mail| mail.message["kind"] == "document_expires");
    let day = |message: &Value| message["expires_on"].as_str().unwrap().to_owned();
    mails.map(|mail| (mail.recipient_address.clone(), day(&mail.message))).collect()
}

testing::on_both! {
    async fn a_document_is_announced_sent_downloaded_and_removed(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let list = format!("/organisations/{}/documents", m.calm.id);
        let added = m.call(m.calm.bidder.post(&list, insurance(&m.app, 100))).await.expect(201);
        assert_eq!(added.header("location"), format!("/api/v1{list}/{}", added.id()));
        assert_eq!((&added.body["file"], &added.body["expired"]), (&json!(null), &json!(false)));
        let (document, file) = (format!("{list}/{}", added.id()), format!("{list}/{}/file", added.id()));
        refused(&m.app, m.calm.bidder.get(&file), 404, "not_found").await;
        let stored = m.call(send(&m.calm.bidder, &file, 1, "application/pdf", PDF)).await.expect(200);
        assert_eq!((&stored.body["file"]["mediaType"], &stored.body["file"]["size"]), (&json!("application/pdf"), &json!(PDF.len())));
        refused(&m.app, send(&m.calm.bidder, &file, 2, "application/pdf", PDF), 409, "wrong_state").await;
        assert_eq!(m.see(&m.calm.bidder, &list).await["items"], json!([stored.body]));
        let before = rows(&m.app)["reads"];
        let download = m.app.download(m.administrator.get(&file)).await;
        assert_eq!((download.1, rows(&m.app)["reads"]), (PDF.to_vec(), before + 1));
        let disposition = format!("attachment; filename=\"insurance-{}.pdf\"", added.id());
        for (name, value) in [("content-type", "application/pdf"), ("content-disposition", &*disposition), ("x-content-type-options", "nosniff")] {
            assert_eq!(download.0.get(name).unwrap(), value);
        }
        let remove = |version| m.calm.bidder.delete(&document).insert_header(("if-match", format!("\"{version}\"")));
        refused(&m.app, remove(1), 412, "stale").await;
        m.call(remove(2)).await.expect(204);
        refused(&m.app, m.calm.bidder.get(&file), 404, "not_found").await;
    }

    async fn documents_exist_for_insiders_and_auditors_only_and_in_their_organisation(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let list = format!("/organisations/{}/documents", m.calm.id);
        let id = m.call(m.calm.bidder.post(&list, insurance(&m.app, 100))).await.expect(201).id();
        let file = format!("{list}/{id}/file");
        m.call(send(&m.calm.bidder, &file, 1, "application/pdf", PDF)).await.expect(200);
        for stranger in [&m.officer, &m.owner, &m.river.bidder] {
            refused(&m.app, stranger.get(&list), 404, "not_found").await;
            refused(&m.app, stranger.get(&file), 404, "not_found").await;
        }
        let elsewhere = format!("/organisations/{}/documents/{id}/file", m.river.id);
        refused(&m.app, m.river.bidder.get(&elsewhere), 404, "not_found").await;
        refused(&m.app, m.administrator.get(&elsewhere), 404, "not_found").await;
        let colleague = m.staff_of(&m.calm, "Colleague").await;
        m.call(colleague.get(&list)).await.expect(200);
        refused(&m.app, colleague.post(&list, insurance(&m.app, 100)), 403, "role_missing").await;
        assert!(!format!("{:?}", m.feed().await).contains("document"), "nothing of it is public");
    }

    async fn a_file_is_what_it_says_and_not_too_large(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let list = format!("/organisations/{}/documents", calm.id);
        let id = app.call(calm.bidder.post(&list, insurance(&app, 100))).await.expect(201).id();
        let file = format!("{list}/{id}/file");
        for (media_type, content, code) in [
            ("image/png", PDF, "wrong_type"),
            ("text/html", PDF, "wrong_type"),
            ("application/pdf", b"<script>alert(1)</script>", "not_allowed"),
            ("application/pdf", b"", "not_allowed"),
        ] {
            let wrong = refused(&app, send(&calm.bidder, &file, 1, media_type, content), 422, "invalid").await;
            assert_eq!(wrong.fields(), [(String::new(), code.to_owned())], "{media_type}");
        }
        let mut large = PDF.to_vec();
        large.resize(LARGEST_FILE + 1, b'x');
        refused(&app, send(&calm.bidder, &file, 1, "application/pdf", &large), 413, "body_too_large").await;
        large.truncate(LARGEST_FILE);
        let stored = app.call(send(&calm.bidder, &file, 1, "application/pdf", &large)).await.expect(200);
        assert_eq!(stored.body["file"]["size"], LARGEST_FILE);
    }

    async fn a_file_is_stored_once_however_often_the_request_is_repeated(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let list = format!("/organisations/{}/documents", calm.id);
        let id = app.call(calm.bidder.post(&list, insurance(&app, 100))).await.expect(201).id();
        let file = format!("{list}/{id}/file");
        let request = |content| send(&calm.bidder, &file, 1, "application/pdf", content).insert_header(("idempotency-key", "once"));
        let first = app.call(request(PDF)).await.expect(200);
        assert_eq!(app.call(request(PDF)).await.expect(200).text, first.text);
        refused(&app, request(b"%PDF-1.4 another"), 422, "idempotency_key_reused").await;
    }

    async fn there_are_twenty_documents_at_most(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let list = format!("/organisations/{}/documents", calm.id);
        for _ in 0..20 {
            app.call(calm.bidder.post(&list, insurance(&app, 100))).await.expect(201);
        }
        refused(&app, calm.bidder.post(&list, insurance(&app, 100)), 409, "too_many").await;
        let mut wrong = insurance(&app, -2);
        wrong["title"] = json!(" ");
        let other = company(&app, "River Ear").await;
        let list = format!("/organisations/{}/documents", other.id);
        let wrong = refused(&app, other.bidder.post(&list, wrong), 422, "invalid").await;
        let expected = [("/title", "required"), ("/expiresOn", "out_of_range")];
        assert_eq!(wrong.fields(), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
    }

    async fn owners_are_reminded_once_thirty_days_before_and_the_expired_is_marked(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let list = format!("/organisations/{}/documents", m.calm.id);
        let expires_on: NaiveDate = m.app.now().date_naive() + TimeDelta::days(40);
        m.call(m.calm.bidder.post(&list, insurance(&m.app, 40))).await.expect(201);
        m.staff_of(&m.calm, "Colleague").await;
        m.advance(TimeDelta::days(9)).await;
        announce_expiries(&m.app).await;
        assert_eq!(told(&m.app).await, []);
        m.advance(TimeDelta::days(1)).await;
        announce_expiries(&m.app).await;
        m.advance(TimeDelta::days(1)).await;
        announce_expiries(&m.app).await;
        assert_eq!(told(&m.app).await, [(m.calm.bidder.email.clone(), expires_on.to_string())]);
        for (days, expired) in [(29, false), (1, true)] {
            m.advance(TimeDelta::days(days)).await;
            assert_eq!(m.see(&m.calm.bidder, &list).await["items"][0]["expired"], expired);
        }
    }
}
