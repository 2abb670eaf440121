//! What is sealed is found nowhere before the opening: not in the database, its write-ahead log, files, mails or logs, in no
//! form in which a program may have left it (G4).

mod search;

use std::{
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use harness::{client::Client, database, marketplace::offer};
use serde_json::{Value, json};
use testing::Backend;

use crate::{
    alone,
    scene::{Place, Scene},
};
use search::{Secret, found_in};

/// Words that are nowhere but in the bids, and a price.
const PLANTED: [&str; 7] = [
    "Xylocarp47Quokka",
    "Zephyrine93Wombat",
    "Brontide61Axolotl",
    "31234.57",
    "Quillon58Ocelot",
    "Fumarole26Tapir",
    "Gossamer72Pangolin",
];

#[test]
fn on_sqlite_what_is_sealed_is_found_nowhere_before_the_opening() {
    let _turn = alone();
    drill(&Place::new(Backend::Sqlite), "SQLite");
}

#[test]
fn on_postgresql_what_is_sealed_is_found_nowhere_before_the_opening() {
    let _turn = alone();
    drill(&Place::new(Backend::Postgres), "PostgreSQL");
}

fn drill(place: &Place, name: &str) {
    let installation = &place.installation;
    let server = installation.serve();
    let mut scene = Scene::set(installation, &server, 3, 1, Duration::ZERO);
    let challenge = scene.challenges[0].id.clone();
    let (bids, keys) = hand_in(&scene, &challenge);
    let mut secrets: Vec<_> = PLANTED.iter().map(|text| Secret::new(text)).collect();
    // What opens a document is as secret as what is in it, until the envelope with it is open.
    secrets.extend(keys.iter().map(|key| Secret::new(key)));
    let logs = || format!("{}{}", server.process.out(), server.process.err());

    let (bytes, before) = look(place, &logs(), &secrets);
    assert_eq!(before, Vec::<String>::new(), "while bids are taken");
    scene.count_down(Duration::ZERO);
    let client = Client::new(&server);
    wait_for(&client, &challenge, "closed");
    let [first, second] = scene.marketplace.holders() else { panic!("two holders") };
    first.bring(&challenge, &first.fetch(&challenge)).expect(200);
    let (_, before) = look(place, &logs(), &secrets);
    assert_eq!(before, Vec::<String>::new(), "one holder came");

    second.bring(&challenge, &second.fetch(&challenge)).expect(200);
    wait_for(&client, &challenge, "opened");
    let (_, after) = look(place, &logs(), &secrets);
    for opened in &PLANTED[..1] {
        assert!(after.iter().any(|found| found.contains(opened)), "whoever searches finds what is there: {after:?}");
    }
    for sealed in &PLANTED[1..] {
        assert!(
            !after.iter().any(|found| found.contains(sealed)),
            "replaced, withdrawn, a price, a draft, or a document: {after:?}"
        );
    }
    println!(
        "secrecy, {name}: {bids} revisions of 2 bids with documents, {} secrets in {} forms each, {} MiB of database, log and files: 0 found \
         before the opening, {} places after it",
        secrets.len(),
        secrets[0].forms(),
        bytes >> 20,
        after.len()
    );
    server.stop();
}

/// One bid is replaced, another one withdrawn, each with a document; gives how many revisions there are, and what opens the
/// documents.
fn hand_in(scene: &Scene, challenge: &str) -> (usize, Vec<String>) {
    let [kept, replaced, withdrawn, price, begun, saved, document] = PLANTED;
    let documents: Vec<_> = (0..3).map(|n| attach(scene, n, challenge, document)).collect();
    let with = |solution: &str| {
        let mut offer = offer(price);
        offer["solution"] = format!("We listen. {solution} is how.").into();
        offer["milestones"][0]["title"] = solution.into();
        offer
    };
    let submit = |n: usize, offer: Value| {
        let company = &scene.companies[n];
        let body = json!({ "company": company.id, "offer": offer });
        let path = format!("/api/v1/challenges/{challenge}/bids");
        company.bidder.send("POST", &path, &[("idempotency-key", "once")], Some(&body)).unwrap().expect(201).id()
    };
    let bid = submit(0, with(replaced));
    let and = |mut offer: Value, n: usize| {
        offer["documents"] = json!([documents[n]]);
        offer
    };
    let body = json!({ "offer": and(with(kept), 0) });
    let path = format!("/api/v1/bids/{bid}");
    scene.companies[0].bidder.send("PUT", &path, &[("if-match", "\"1\"")], Some(&body)).unwrap().expect(200);
    let bid = submit(1, and(with(withdrawn), 1));
    scene.companies[1].bidder.act(&format!("/api/v1/bids/{bid}/withdraw")).expect(200);
    // What is refused is not kept either.
    let mut dear = with(withdrawn);
    dear["price"]["amount"] = "45000.01".into();
    let body = json!({ "company": scene.companies[2].id, "offer": dear });
    let path = format!("/api/v1/challenges/{challenge}/bids");
    scene.companies[2].bidder.send("POST", &path, &[("idempotency-key", "dear")], Some(&body)).unwrap().expect(422);
    draft(scene, challenge, &with(begun), &and(with(saved), 2));
    (3, documents.iter().map(|document| document["key"].as_str().unwrap().to_owned()).collect())
}

/// A company hands in a document, as an offer refers to it. Another one breaks off, and is no document.
fn attach(scene: &Scene, n: usize, challenge: &str, words: &str) -> Value {
    let path = format!("/api/v1/challenges/{challenge}/bid-documents");
    let send = |kind: &str, text: String| {
        scene.companies[n].bidder.exchange("POST", &path, &[("content-type", kind)], text).unwrap()
    };
    send("application/pdf", format!("No PDF. {words}")).expect(422);
    let mut offered = send("text/plain", format!("How we listen: {words}.")).expect(201).body["offered"].clone();
    offered["name"] = "how.txt".into();
    offered
}

/// One company writes a draft, and what it has handed in of it is refused.
fn draft(scene: &Scene, challenge: &str, begun: &Value, saved: &Value) {
    let company = &scene.companies[2];
    let send = |method: &str, path: &str, headers: &[(&str, &str)], body: Value| {
        company.bidder.send(method, path, headers, Some(&body)).unwrap()
    };
    let body = json!({ "company": company.id, "offer": begun });
    let path = format!("/api/v1/challenges/{challenge}/bid-drafts");
    let draft =
        format!("/api/v1/bid-drafts/{}", send("POST", &path, &[("idempotency-key", "begin")], body).expect(201).id());
    let body = json!({ "offer": saved });
    send("PATCH", &draft, &[("if-match", "\"1\""), ("idempotency-key", "save")], body).expect(200);
    let headers = [("if-match", "\"1\""), ("idempotency-key", "unseen")];
    send("POST", &format!("{draft}/submit"), &headers, json!({})).expect(412);
}

/// Everything that is left on this machine: how much that is, and what was found where.
fn look(place: &Place, logs: &str, secrets: &[Secret]) -> (u64, Vec<String>) {
    let mut found = found_in("the log of the program", logs.as_bytes(), secrets);
    let mut bytes = logs.len() as u64;
    let mut folders = vec![place.installation.data.path().to_owned()];
    let url = &place.installation.url;
    match &place.cluster {
        Some(cluster) => {
            folders.push(cluster.folder().to_owned());
            let dump = database::write_down(url);
            bytes += dump.len() as u64;
            found.extend(found_in("the dump", dump.as_bytes(), secrets));
        }
        None => folders.extend(Path::new(url.strip_prefix("sqlite:").unwrap()).parent().map(Path::to_owned)),
    }
    for folder in folders {
        walk(&folder, &mut |file, content| {
            bytes += content.len() as u64;
            found.extend(found_in(&file.display().to_string(), content, secrets));
        });
    }
    (bytes, found)
}

fn walk(folder: &Path, each: &mut impl FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match fs::symlink_metadata(&path) {
            Ok(kind) if kind.is_dir() => walk(&path, each),
            // A file of a running server may go at any moment.
            Ok(kind) if kind.is_file() => fs::read(&path).into_iter().for_each(|content| each(&path, &content)),
            _ => {}
        }
    }
}

fn wait_for(client: &Client, challenge: &str, expected: &str) {
    let end = Instant::now() + Duration::from_secs(20);
    let status = || client.get(&format!("/api/v1/challenges/{challenge}")).expect(200).string("status");
    while status() != expected {
        assert!(Instant::now() < end, "not {expected} but {}", status());
        sleep(Duration::from_millis(100));
    }
}
