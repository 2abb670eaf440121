//! Files that are scanned for viruses: what a scanner says is shown, what it does not say holds up nothing, and what is
//! infected is not given to anybody.

use crate::{
    app::TestApp,
    challenge_documents::{added, document},
    marketplace::{Company, Marketplace, company},
    rows::refused,
    steps::mails,
    uploads::{announcement, upload},
};
use application::scans::{self, Address, Patience, Scanner};
use chrono::TimeDelta;
use domain::file::ScanStatus;
use serde_json::{Value, json};
use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use tempfile::TempDir;
use testing::{Backend, Clamd};

/// A file in which the tests' signature is found.
fn infected() -> Vec<u8> {
    format!("%PDF-1.7\n{}\n\u{0}%%EOF", Clamd::MARK).into_bytes()
}

fn scanner(socket: PathBuf) -> Scanner {
    let moment = Duration::from_millis(300);
    Scanner::new(Address::Socket(socket), Patience { piece: moment, answer: moment, whole: 3 * moment })
}

/// Scans everything that is due, as the background task does; gives what came of each.
async fn scan(app: &TestApp, scanner: &Scanner) -> Vec<ScanStatus> {
    let mut seen = Vec::new();
    while let Some(status) = scans::next(app.db(), app.state.storage(), scanner).await.unwrap() {
        seen.push(status);
    }
    seen
}

/// Answers one call in these words, once it has heard the whole of a file, which it gives.
fn scripted(socket: &Path, answer: &'static [u8]) -> thread::JoinHandle<Vec<u8>> {
    drop(fs::remove_file(socket));
    let listener = UnixListener::bind(socket).unwrap();
    thread::spawn(move || {
        let (mut caller, _) = listener.accept().unwrap();
        let heard = hear(&mut caller);
        caller.write_all(answer).unwrap();
        heard
    })
}

/// The content of a file, as it comes by INSTREAM.
fn hear(caller: &mut impl Read) -> Vec<u8> {
    let mut command = [0; 10];
    caller.read_exact(&mut command).unwrap();
    assert_eq!(&command, b"zINSTREAM\0");
    let (mut content, mut length) = (Vec::new(), [0; 4]);
    loop {
        caller.read_exact(&mut length).unwrap();
        let mut piece = vec![0; u32::from_be_bytes(length).try_into().unwrap()];
        caller.read_exact(&mut piece).unwrap();
        if piece.is_empty() {
            return content;
        }
        content.extend(piece);
    }
}

async fn sent(app: &TestApp, who: &Company, name: &str, content: &[u8]) -> String {
    let told = announcement(&who.id, name, "application/pdf", content);
    upload(app, &who.bidder, told, content).await.expect(200).id()
}

async fn scan_of(app: &TestApp, who: &Company, upload: &str) -> Value {
    app.call(who.bidder.get(&format!("/uploads/{upload}"))).await.expect(200).body["scan"].clone()
}

testing::on_both! {
    async fn a_real_scanner_tells_what_is_infected_and_what_is_clean(backend: Backend) {
        let Some(clamd) = Clamd::start(1 << 20) else { return };
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let bad = sent(&app, &calm, "bad.pdf", &infected()).await;
        let good = sent(&app, &calm, "good.pdf", crate::uploads::PDF).await;
        let large = sent(&app, &calm, "large.pdf", &[b"%PDF-1.7\n\xff\0".as_slice(), &vec![b'x'; 2 << 20]].concat()).await;
        assert_eq!(scan_of(&app, &calm, &bad).await, json!({ "status": "not_scanned", "signature": null, "at": null }));
        let found = scan(&app, &scanner(clamd.socket())).await;
        assert_eq!(found, [ScanStatus::Infected, ScanStatus::Clean, ScanStatus::Failed]);
        let told = scan_of(&app, &calm, &bad).await;
        assert_eq!((&told["status"], &told["signature"]), (&json!("infected"), &json!(Clamd::SIGNATURE)));
        assert!(told["at"].is_string());
        assert_eq!(scan_of(&app, &calm, &good).await["status"], "clean");
        assert_eq!(scan_of(&app, &calm, &large).await["status"], "failed");
        app.advance(TimeDelta::days(2) - TimeDelta::minutes(1));
        assert_eq!(scan(&app, &scanner(clamd.socket())).await, [], "what is too large is not asked again");
    }

    async fn a_real_scanner_that_is_restarted_is_asked_again(backend: Backend) {
        let Some(mut clamd) = Clamd::start(1 << 20) else { return };
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let bad = sent(&app, &calm, "bad.pdf", &infected()).await;
        clamd.stop();
        assert_eq!(scan(&app, &scanner(clamd.socket())).await, [ScanStatus::Failed]);
        clamd.start_again();
        assert_eq!(scan(&app, &scanner(clamd.socket())).await, [], "not before its time");
        app.advance(TimeDelta::seconds(31));
        assert_eq!(scan(&app, &scanner(clamd.socket())).await, [ScanStatus::Infected]);
        assert_eq!(scan_of(&app, &calm, &bad).await["status"], "infected");
    }

    async fn a_scanner_that_fails_in_any_way_holds_up_nothing_and_is_asked_again(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("socket");
        let (first, _, content) = added(&m, &m.author, &challenge, "plan.pdf").await;
        let status = async || m.see(&m.author, &format!("/challenges/{challenge}/documents")).await["items"][0]["versions"][0]["scan"]["status"].clone();
        assert_eq!(first.body["versions"][0]["scan"]["status"], "not_scanned");
        // Nobody listens; garbage; nothing at all; less than it says.
        assert_eq!(scan(&m.app, &scanner(socket.clone())).await, [ScanStatus::Failed]);
        for (answer, pause) in [(&b"HTTP/1.1 200 OK\r\n\r\nOK FOUND"[..], 30), (b"", 60), (b"stream: O", 120)] {
            assert_eq!(status().await, "failed");
            let fake = scripted(&socket, answer);
            m.app.advance(TimeDelta::seconds(pause - 1));
            assert_eq!(scan(&m.app, &scanner(socket.clone())).await, [], "not before {pause} s");
            m.app.advance(TimeDelta::seconds(2));
            assert_eq!(scan(&m.app, &scanner(socket.clone())).await, [ScanStatus::Failed]);
            assert_eq!(fake.join().unwrap(), crate::uploads::PDF);
        }
        m.app.download(m.author.get(&content)).await;
        m.step(&m.author, &challenge, "submit-for-review").await;
        let fake = scripted(&socket, b"stream: OK\0");
        m.app.advance(TimeDelta::hours(6));
        assert_eq!(scan(&m.app, &scanner(socket)).await, [ScanStatus::Clean]);
        fake.join().unwrap();
    }

    async fn a_scanner_that_does_not_answer_is_left_after_a_while(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("socket");
        let mute = UnixListener::bind(&socket).unwrap();
        let large = [b"%PDF-1.7\n\xff\0".as_slice(), &vec![b'x'; 4 << 20]].concat();
        // The one waits for an answer, the other for room in the socket.
        sent(&app, &calm, "plan.pdf", crate::uploads::PDF).await;
        sent(&app, &calm, "large.pdf", &large).await;
        assert_eq!(scan(&app, &scanner(socket)).await, [ScanStatus::Failed, ScanStatus::Failed]);
        drop(mute);
    }

    async fn an_infected_document_is_neither_given_nor_reviewed_nor_added(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("socket");
        let (_, address, content) = added(&m, &m.author, &challenge, "plan.pdf").await;
        let fake = scripted(&socket, b"stream: Test.Signature FOUND\0");
        assert_eq!(scan(&m.app, &scanner(socket)).await, [ScanStatus::Infected]);
        fake.join().unwrap();
        let seen = m.see(&m.owner, &format!("/challenges/{challenge}")).await["documents"][0]["versions"][0]["scan"].clone();
        assert_eq!((&seen["status"], &seen["signature"]), (&json!("infected"), &json!("Test.Signature")));
        let told = refused(&m.app, m.owner.get(&content), 409, "file_infected").await;
        assert!(told.text.contains("plan.pdf (Test.Signature)"), "{}", told.text);
        refused(&m.app, m.author.act(&format!("/challenges/{challenge}/submit-for-review")), 409, "file_infected").await;
        let again = announcement(&m.agency, "again.pdf", "application/pdf", crate::uploads::PDF);
        let again = upload(&m.app, &m.author, again, crate::uploads::PDF).await;
        assert_eq!(again.body["scan"]["status"], "infected", "the same content is known");
        let list = format!("/challenges/{challenge}/documents");
        refused(&m.app, m.author.post(&list, document(&again.id())), 409, "file_infected").await;
        let told: Vec<_> = mails(&m.app).await.into_iter().filter(|mail| mail.message["kind"] == "file_infected").collect();
        assert_eq!((told.len(), &told[0].recipient_address), (1, &m.author.email));
        m.call(m.author.delete(&address)).await.expect(204);
        m.step(&m.author, &challenge, "submit-for-review").await;
    }

    async fn an_infected_document_keeps_a_reviewed_challenge_from_being_approved_and_published(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("socket");
        added(&m, &m.author, &challenge, "plan.pdf").await;
        m.step(&m.author, &challenge, "submit-for-review").await;
        let fake = scripted(&socket, b"stream: Test.Signature FOUND\0");
        assert_eq!(scan(&m.app, &scanner(socket)).await, [ScanStatus::Infected]);
        fake.join().unwrap();
        refused(&m.app, m.officer.act(&format!("/challenges/{challenge}/approve")), 409, "file_infected").await;
    }

    async fn standing_documents_are_scanned_too(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("socket");
        let list = format!("/organisations/{}/documents", calm.id);
        let body = json!({ "kind": "insurance", "title": "Liability", "issuedOn": app.now().date_naive() });
        let place = format!("{list}/{}/file", app.call(calm.bidder.post(&list, body)).await.expect(201).id());
        let file = crate::documents::send(&calm.bidder, &place, 1, "application/pdf", crate::documents::PDF);
        app.call(file).await.expect(200);
        let fake = scripted(&socket, b"stream: Test.Signature FOUND\0");
        assert_eq!(scan(&app, &scanner(socket)).await, [ScanStatus::Infected]);
        fake.join().unwrap();
        refused(&app, calm.bidder.get(&place), 409, "file_infected").await;
        let seen = app.call(calm.bidder.get(&list)).await.expect(200);
        assert_eq!(seen.body["items"][0]["file"]["scan"]["status"], "infected");
    }

    async fn without_a_scanner_nothing_is_said_to_wait_for_one(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let upload = sent(&app, &calm, "plan.pdf", crate::uploads::PDF).await;
        let nobody = scanner(PathBuf::from("/nowhere/at/all"));
        app.db().write(scans::stand_down).await.unwrap();
        assert_eq!(scan_of(&app, &calm, &upload).await["status"], "not_scanned");
        assert_eq!(scan(&app, &nobody).await, [ScanStatus::Failed]);
        app.db().write(scans::stand_down).await.unwrap();
        assert_eq!(scan_of(&app, &calm, &upload).await["status"], "failed", "what was tried stays known");
    }
}
