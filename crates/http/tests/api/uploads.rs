//! Files that arrive piece by piece: what is taken, what is kept, who sees it.

use crate::{
    app::{Person, Response, TestApp},
    marketplace::{Company, company},
    rows::{refused, rows},
    steps::all_at_once,
};
use actix_web::test::TestRequest;
use application::uploads::{checks, purge};
use chrono::TimeDelta;
use domain::file::UploadLimits;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{fs, path::PathBuf};
use testing::Backend;

pub const PDF: &[u8] = b"%PDF-1.7\n\xff\x00 is not text\n%%EOF";

pub fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn announcement(organisation: &str, name: &str, media_type: &str, content: &[u8]) -> Value {
    json!({ "organisation": organisation, "name": name, "size": content.len(), "mediaType": media_type })
}

pub fn piece(who: &Person, id: &str, offset: usize, content: &[u8]) -> TestRequest {
    let request = who.sign(TestRequest::patch().uri(&format!("/api/v1/uploads/{id}")));
    let request = request.insert_header(("content-type", "application/offset+octet-stream"));
    request.insert_header(("upload-offset", offset.to_string())).set_payload(content.to_vec())
}

/// Looks at what has arrived, as the background task does.
pub async fn check(app: &TestApp) {
    checks::run(app.db(), app.state.storage()).await.unwrap();
}

async fn purge(app: &TestApp) {
    purge::run(app.db(), app.state.storage()).await.unwrap();
}

/// Announces, sends and checks a file; gives its upload as it is then.
pub async fn upload(app: &TestApp, who: &Person, announcement: Value, content: &[u8]) -> Response {
    let id = app.call(who.post("/uploads", announcement)).await.expect(201).id();
    app.call(piece(who, &id, 0, content)).await.expect(204);
    check(app).await;
    app.call(who.get(&format!("/uploads/{id}"))).await.expect(200)
}

/// So many bytes of something that looks like a PDF file.
fn large_pdf(bytes: usize) -> Vec<u8> {
    let mut content = PDF.to_vec();
    content.resize(bytes, b' ');
    content
}

async fn pdf(app: &TestApp, calm: &Company) -> String {
    let told = announcement(&calm.id, "plan.pdf", "application/pdf", PDF);
    app.call(calm.bidder.post("/uploads", told)).await.expect(201).id()
}

/// The files below a directory of the storage.
pub fn files(app: &TestApp, directory: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(app.files.path().join(directory)).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() { fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect() } else { vec![path] }
        })
        .collect()
}

testing::on_both! {
    /// What has arrived is acknowledged every 16 MiB: the last byte may be one of those.
    async fn a_file_that_ends_where_it_is_acknowledged_arrives_whole(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let content = large_pdf(16 << 20);
        let told = announcement(&calm.id, "plan.pdf", "application/pdf", &content);
        let sent = upload(&app, &calm.bidder, told, &content).await.body;
        assert_eq!(sent["sha256"], sha256(&content), "{sent}");
    }

    async fn a_file_is_announced_sent_in_pieces_checked_and_kept(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let mut told = announcement(&calm.id, "plan.pdf", "application/pdf", PDF);
        told["sha256"] = json!(sha256(PDF));
        let begun = app.call(calm.bidder.post("/uploads", told)).await.expect(201);
        let address = format!("/uploads/{}", begun.id());
        assert_eq!(begun.header("location"), format!("/api/v1{address}"));
        assert_eq!((&begun.body["status"], &begun.body["offset"]), (&json!("receiving"), &json!(0)));
        let first = app.call(piece(&calm.bidder, &begun.id(), 0, &PDF[..10])).await.expect(204);
        assert_eq!((first.header("upload-offset"), first.header("tus-resumable")), ("10", "1.0.0"));
        let head = TestRequest::default().method("HEAD".parse().unwrap()).uri(&format!("/api/v1{address}"));
        let head = app.call(calm.bidder.sign(head)).await.expect(200);
        let length = PDF.len().to_string();
        assert_eq!((head.header("upload-offset"), head.header("upload-length")), ("10", &*length));
        assert_eq!((head.header("cache-control"), head.header("tus-resumable")), ("no-store", "1.0.0"));
        assert!(head.header("upload-expires").ends_with(" GMT"));
        app.call(piece(&calm.bidder, &begun.id(), 10, &PDF[10..])).await.expect(204);
        assert_eq!(app.call(calm.bidder.get(&address)).await.body["status"], "checking");
        check(&app).await;
        let done = app.call(calm.bidder.get(&address)).await;
        assert_eq!((&done.body["status"], &done.body["sha256"]), (&json!("complete"), &json!(sha256(PDF))));
        let kept = files(&app, "objects");
        assert_eq!((kept.len(), fs::read(&kept[0]).unwrap()), (1, PDF.to_vec()));
        assert!(files(&app, "incoming").is_empty());
        app.call(piece(&calm.bidder, &begun.id(), PDF.len(), b"")).await.expect_problem(409, "wrong_state");
    }

    async fn everything_is_checked_before_the_first_byte(backend: Backend) {
        let limits = UploadLimits { file: 100, organisation: 150 };
        let app = TestApp::with_uploads(backend, limits).await;
        let calm = company(&app, "Calm Signal").await;
        let river = company(&app, "River Ear").await;
        let sound = announcement(&calm.id, "plan.pdf", "application/pdf", PDF);
        for (field, value, expected) in [
            ("name", json!("docs/../plan.pdf"), ("/name", "wrong_format")),
            ("name", json!("plan\u{202e}fdp.pdf"), ("/name", "wrong_format")),
            ("name", json!("plan.exe"), ("/name", "wrong_type")),
            ("name", json!("x".repeat(121)), ("/name", "too_long")),
            ("size", json!(101), ("/size", "out_of_range")),
            ("size", json!(0), ("/size", "out_of_range")),
            ("size", json!("1"), ("/size", "wrong_type")),
            ("mediaType", json!("application/x-msdownload"), ("/mediaType", "not_allowed")),
            ("sha256", json!("abc"), ("/sha256", "wrong_format")),
            ("organisation", json!(river.id), ("/organisation", "unknown")),
        ] {
            let mut told = sound.clone();
            told[field] = value;
            let wrong = refused(&app, calm.bidder.post("/uploads", told), 422, "invalid").await;
            assert_eq!(wrong.fields(), [(expected.0.to_owned(), expected.1.to_owned())], "{field}");
        }
        let mut large = sound.clone();
        large["size"] = json!(100);
        app.call(calm.bidder.post("/uploads", large.clone())).await.expect(201);
        let full = refused(&app, calm.bidder.post("/uploads", large), 409, "quota_exceeded").await;
        assert!(full.text.contains("50 more bytes"), "{}", full.text);
        app.call(calm.bidder.post("/uploads", sound)).await.expect(201);
    }

    async fn an_upload_goes_on_where_it_stopped_and_nowhere_else(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let id = pdf(&app, &calm).await;
        app.call(piece(&calm.bidder, &id, 0, &PDF[..10])).await.expect(204);
        for offset in [0, 9, 11, PDF.len()] {
            let wrong = app.call(piece(&calm.bidder, &id, offset, &PDF[10..])).await.expect_problem(409, "wrong_offset");
            assert_eq!(wrong.header("upload-offset"), "10");
        }
        let too_much = [PDF, b"x"].concat();
        app.call(piece(&calm.bidder, &id, 10, &too_much[10..])).await.expect_problem(413, "body_too_large");
        let plain = piece(&calm.bidder, &id, 10, b"x").insert_header(("content-type", "application/json"));
        app.call(plain).await.expect_problem(415, "unsupported_media_type");
        let other = piece(&calm.bidder, &id, 10, b"x").insert_header(("tus-resumable", "0.2.2"));
        assert_eq!(app.call(other).await.expect_problem(412, "wrong_tus_version").header("tus-version"), "1.0.0");
        let bad = piece(&calm.bidder, &id, 10, b"x").insert_header(("upload-offset", "-1"));
        app.call(bad).await.expect_problem(400, "malformed_header");
        let tried = piece(&calm.bidder, &id, 10, b"x").uri(&format!("/api/v1/uploads/{id}?dryRun=true"));
        assert_eq!(app.call(tried).await.expect(200).header("upload-offset"), "10");
        assert_eq!(app.call(calm.bidder.get(&format!("/uploads/{id}"))).await.body["offset"], 10);
    }

    async fn one_connection_at_a_time_sends(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let id = pdf(&app, &calm).await;
        let writer = app.state.storage().incoming.take(id.parse().unwrap()).await.unwrap();
        let locked = app.call(piece(&calm.bidder, &id, 0, PDF)).await.expect_problem(423, "upload_locked");
        assert_eq!(locked.header("retry-after"), "1");
        drop(writer);
        app.call(piece(&calm.bidder, &id, 0, PDF)).await.expect(204);
    }

    async fn of_many_who_send_the_same_piece_at_once_nobody_cuts_off_what_another_sent(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let id = pdf(&app, &calm).await;
        let answers = all_at_once((0..8).map(|_| app.call(piece(&calm.bidder, &id, 0, PDF)))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
        check(&app).await;
        assert_eq!(app.call(calm.bidder.get(&format!("/uploads/{id}"))).await.body["status"], "complete");
    }

    async fn only_who_sends_a_file_sees_the_upload(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let river = company(&app, "River Ear").await;
        let id = pdf(&app, &calm).await;
        let address = format!("/uploads/{id}");
        let colleague = crate::steps::join(&app, &calm.bidder, &calm.id, "Colleague", &["bidder"]).await;
        for stranger in [&river.bidder, &colleague] {
            refused(&app, stranger.get(&address), 404, "not_found").await;
            refused(&app, stranger.delete(&address), 404, "not_found").await;
            refused(&app, piece(stranger, &id, 0, PDF), 404, "not_found").await;
        }
        assert!(files(&app, "incoming").is_empty());
    }

    async fn what_is_not_as_announced_is_rejected_and_gone(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let mut promised = announcement(&calm.id, "plan.pdf", "application/pdf", PDF);
        promised["sha256"] = json!(sha256(b"something else"));
        let program = b"MZ\x90\x00 a program that says it is a plan";
        for (told, content, reason) in [
            (promised, PDF, "wrong_hash"),
            (announcement(&calm.id, "plan.pdf", "application/pdf", program), &program[..], "wrong_type"),
            (announcement(&calm.id, "plan.png", "image/png", PDF), PDF, "wrong_type"),
            (announcement(&calm.id, "plan.txt", "text/plain", PDF), PDF, "wrong_type"),
        ] {
            let done = upload(&app, &calm.bidder, told, content).await;
            assert_eq!((&done.body["status"], &done.body["rejection"]), (&json!("rejected"), &json!(reason)));
        }
        assert!(files(&app, "incoming").is_empty() && files(&app, "objects").is_empty());
        assert_eq!(rows(&app)["files"], 0);
    }

    async fn the_same_content_is_kept_once_and_as_long_as_somebody_needs_it(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (calm, river) = (company(&app, "Calm Signal").await, company(&app, "River Ear").await);
        let mut ids = Vec::new();
        for company in [&calm, &river] {
            let told = announcement(&company.id, "plan.pdf", "application/pdf", PDF);
            ids.push(upload(&app, &company.bidder, told, PDF).await.id());
        }
        assert_eq!((files(&app, "objects").len(), rows(&app)["files"]), (1, 1));
        app.call(calm.bidder.delete(&format!("/uploads/{}", ids[0]))).await.expect(204);
        purge(&app).await;
        assert_eq!((files(&app, "objects").len(), rows(&app)["files"]), (1, 1));
        app.call(river.bidder.delete(&format!("/uploads/{}", ids[1]))).await.expect(204);
        purge(&app).await;
        assert_eq!((files(&app, "objects").len(), rows(&app)["files"], rows(&app)["uploads"]), (0, 0, 0));
        let told = announcement(&calm.id, "plan.pdf", "application/pdf", PDF);
        assert_eq!(upload(&app, &calm.bidder, told, PDF).await.body["status"], "complete");
    }

    async fn what_is_abandoned_or_forgotten_leaves_nothing(backend: Backend) {
        let app = TestApp::new(backend).await;
        let mut calm = company(&app, "Calm Signal").await;
        let (abandoned, late) = (pdf(&app, &calm).await, pdf(&app, &calm).await);
        for id in [&abandoned, &late] {
            app.call(piece(&calm.bidder, id, 0, &PDF[..10])).await.expect(204);
        }
        app.call(calm.bidder.delete(&format!("/uploads/{abandoned}"))).await.expect(204);
        refused(&app, calm.bidder.get(&format!("/uploads/{abandoned}")), 404, "not_found").await;
        assert_eq!(files(&app, "incoming").len(), 1);
        app.advance(TimeDelta::hours(47));
        purge(&app).await;
        assert_eq!(files(&app, "incoming").len(), 1);
        app.advance(TimeDelta::hours(1));
        app.log_in_again(&mut calm.bidder).await;
        refused(&app, calm.bidder.get(&format!("/uploads/{late}")), 404, "not_found").await;
        purge(&app).await;
        assert_eq!((files(&app, "incoming").len(), rows(&app)["uploads"]), (0, 0));
    }

    async fn what_arrived_whole_is_kept_until_it_is_looked_at(backend: Backend) {
        let app = TestApp::new(backend).await;
        let mut calm = company(&app, "Calm Signal").await;
        let id = pdf(&app, &calm).await;
        app.call(piece(&calm.bidder, &id, 0, PDF)).await.expect(204);
        app.advance(TimeDelta::hours(50));
        purge(&app).await;
        check(&app).await;
        app.log_in_again(&mut calm.bidder).await;
        assert_eq!(app.call(calm.bidder.get(&format!("/uploads/{id}"))).await.expect(200).body["status"], "complete");
    }

    async fn a_stop_between_any_two_steps_loses_and_leaves_nothing(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let id = pdf(&app, &calm).await;
        app.call(piece(&calm.bidder, &id, 0, &PDF[..10])).await.expect(204);
        // Written, but killed before it was acknowledged: sent again, it is there once.
        let path = app.state.storage().incoming.path(id.parse().unwrap());
        fs::write(&path, [&PDF[..10], b"lost bytes"].concat()).unwrap();
        app.call(piece(&calm.bidder, &id, 10, &PDF[10..])).await.expect(204);
        assert_eq!(fs::read(&path).unwrap(), PDF);
        // Moved to its place, but killed before the upload was complete.
        let hash = storage::Hash::parse(&sha256(PDF)).unwrap();
        let accepted = sha256(PDF);
        crate::rows::change(&app, &format!("INSERT INTO files (sha256, size, created_at) VALUES ('{accepted}', {}, '2026-01-01T00:00:00.000000Z')", PDF.len()));
        crate::rows::change(&app, &format!("UPDATE uploads SET sha256 = '{accepted}'"));
        app.state.storage().store.put(hash, &path).await.unwrap();
        check(&app).await;
        assert_eq!(app.call(calm.bidder.get(&format!("/uploads/{id}"))).await.body["status"], "complete");
        // Left behind by whom nobody knows.
        fs::write(app.state.storage().incoming.path(uuid::Uuid::from_u128(9)), b"orphan").unwrap();
        purge(&app).await;
        assert!(files(&app, "incoming").is_empty());
        assert_eq!(files(&app, "objects").len(), 1);
    }

    async fn content_that_is_being_removed_is_waited_for(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let told = announcement(&calm.id, "plan.pdf", "application/pdf", PDF);
        let first = upload(&app, &calm.bidder, told.clone(), PDF).await.id();
        app.call(calm.bidder.delete(&format!("/uploads/{first}"))).await.expect(204);
        crate::rows::change(&app, "UPDATE files SET doomed_at = '2026-01-01T00:00:00.000000Z'");
        let second = upload(&app, &calm.bidder, told, PDF).await;
        assert_eq!(second.body["status"], "checking");
        purge(&app).await;
        check(&app).await;
        assert_eq!(app.call(calm.bidder.get(&format!("/uploads/{}", second.id()))).await.body["status"], "complete");
        assert_eq!(fs::read(&files(&app, "objects")[0]).unwrap(), PDF);
    }

    async fn each_person_has_twenty_uploads_at_most(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        for _ in 0..20 {
            pdf(&app, &calm).await;
        }
        let told = announcement(&calm.id, "plan.pdf", "application/pdf", PDF);
        refused(&app, calm.bidder.post("/uploads", told), 409, "too_many").await;
    }
}
