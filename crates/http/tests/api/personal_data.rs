//! What is held about a person: given to them, and erased, while the record of decisions stays.

use crate::{
    app::{PASSWORD, Person, TestApp, post},
    log_ins::log_in,
    marketplace::{Marketplace, organisation},
    rows::{dump, refused, rows},
    second_factors,
    steps::{all_at_once, join, mails},
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

fn erase(person: &Person) -> TestRequest {
    person.post("/account/erase", json!({ "confirm": person.email }))
}

async fn export(app: &TestApp, person: &Person) -> Value {
    app.call(person.get("/account/export")).await.expect(200).body
}

/// An awarded challenge; gives its id and those of the bids.
async fn awarded(m: &mut Marketplace) -> (String, String, String) {
    let (challenge, calm, river) = m.with_bids().await;
    m.pass_deadline().await;
    m.start_evaluating(&challenge, &[calm.clone(), river.clone()]).await;
    for person in [&m.chair, &m.evaluator] {
        m.judge(person, &challenge, &[(&calm, "4", "4"), (&river, "3", "3")]).await;
    }
    m.award(&challenge, &[&calm]).await.expect(200);
    (challenge, calm, river)
}

/// What the officer sees of the decision, and all events.
async fn record(m: &Marketplace, challenge: &str) -> (Vec<Value>, Vec<String>) {
    let mut seen = Vec::new();
    for part in ["", "/ranking", "/award", "/panel", "/bids", "/contracts"] {
        seen.push(m.see(&m.officer, &format!("/challenges/{challenge}{part}")).await);
    }
    let dump = dump(&m.app);
    let kept = dump.lines().filter(|row| row.starts_with("evaluations:") || row.starts_with("events:"));
    (seen, kept.filter(|row| !row.contains("user.erased")).map(ToOwned::to_owned).collect())
}

testing::on_both! {
    async fn one_gets_everything_held_about_oneself(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, _) = awarded(&mut m).await;
        let device = log_in(&m.evaluator.email, PASSWORD).insert_header(("user-agent", "Firefox"));
        m.call(device).await.expect(201);
        m.call(m.administrator.get(&format!("/users/{}", m.evaluator.id))).await.expect(200);
        let held = export(&m.app, &m.evaluator).await;
        assert_eq!((&held["account"]["email"], &held["account"]["name"]), (&json!(m.evaluator.email), &json!(m.evaluator.name)));
        assert_eq!(held["sessions"][0]["device"], "Firefox");
        assert_eq!(held["knownDevices"].as_array().unwrap().len(), 1);
        assert_eq!(held["panels"], json!([{ "challenge": challenge, "duty": "evaluator" }]));
        assert_eq!(held["conflictDeclarations"][0]["challenge"], challenge);
        let sheets = held["evaluations"].as_array().unwrap();
        assert_eq!(sheets.len(), 2);
        let of_calm = sheets.iter().find(|sheet| sheet["bid"] == calm).unwrap();
        assert_eq!(of_calm["scores"][0]["score"], "4");
        let events: Vec<_> = held["events"].as_array().unwrap().iter().map(|event| &event["type"]).collect();
        assert!(events.contains(&&json!("evaluation.submitted")), "{events:?}");
        assert_eq!((&held["eventsCut"], &held["readsCut"]), (&json!(false), &json!(false)));
        assert_eq!(held["mails"][0]["kind"], "security_notice");
        let readers = |held: &Value| -> Vec<String> {
            let reads = held["reads"].as_array().unwrap();
            reads.iter().map(|read| read["readerName"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(readers(&held), ["Emil Evaluator", "Admin"]);
        assert_eq!(readers(&export(&m.app, &m.evaluator).await).len(), 3, "reading it is kept too");
        let officer = export(&m.app, &m.officer).await;
        assert_eq!(officer["memberships"][0]["roles"], json!(["officer"]));
        assert_eq!(officer["memberships"][0]["name"], "Northern Dispatch");
        assert_eq!(officer["invitations"][0]["status"], "accepted");
    }

    async fn exporting_and_erasing_take_a_step_up(backend: Backend) {
        let app = TestApp::new(backend).await;
        let mut ana = app.person("Ana").await;
        let session = app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        app.advance(TimeDelta::minutes(15));
        let refresh = json!({ "refreshToken": session.body["refreshToken"] });
        let session = app.call(post("/sessions/refresh", refresh)).await.expect(201);
        ana.token = session.body["accessToken"].as_str().unwrap().to_owned();
        refused(&app, ana.get("/account/export"), 403, "step_up_required").await;
        refused(&app, erase(&ana), 403, "step_up_required").await;
    }

    async fn whoever_was_erased_is_found_nowhere_and_what_was_decided_stays(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (name, email) = ("Zacharias Planted", "zacharias.planted@people.example".to_owned());
        let planted = m.app.person(name).await;
        m.evaluator = planted.clone();
        let (challenge, ..) = awarded(&mut m).await;
        let staff = join(&m.app, &m.owner, &m.agency, "Zoe Colleague", &["author"]).await;
        let path = format!("/organisations/{}/invitations", m.agency);
        let invite = m.owner.post(&path, json!({ "email": email, "roles": ["author"] }));
        m.call(invite.insert_header(("idempotency-key", "invite"))).await.expect(201);
        let list = m.owner.get(&format!("/organisations/{}/members", m.agency));
        m.call(list).await.expect(200);
        second_factors::enable(&m.app, &m.evaluator).await;
        let keyed = m.evaluator.patch("/account", 1, json!({ "language": "sl" }));
        m.call(keyed.insert_header(("idempotency-key", "mine"))).await.expect(200);
        m.call(m.evaluator.post("/account/email", json!({ "email": "zacharias.new@people.example" }))).await.expect(202);
        m.call(post("/password-resets", json!({ "email": email }))).await.expect(202);
        m.call(log_in(&email, "nine loud badgers")).await.expect(401);
        let (before, kept) = record(&m, &challenge).await;
        assert!(!kept.join("").to_lowercase().contains("planted"), "events and scores hold ids only");
        assert!(dump(&m.app).to_lowercase().contains("planted"));

        m.call(erase(&m.evaluator)).await.expect(204);
        let left = dump(&m.app).to_lowercase();
        let found: Vec<_> = left.lines().filter(|row| row.contains("planted") || row.contains("zacharias")).collect();
        assert!(found.is_empty(), "{found:#?}");
        assert!(left.contains("erased person"));
        let (after, still_kept) = record(&m, &challenge).await;
        assert_eq!((after, still_kept), (before, kept));
        m.call(m.evaluator.get("/me")).await.expect_problem(401, "token_rejected");
        m.call(log_in(&email, PASSWORD)).await.expect_problem(401, "wrong_credentials");
        let waiting = mails(&m.app).await.len();
        m.call(post("/password-resets", json!({ "email": email }))).await.expect(202);
        assert_eq!(mails(&m.app).await.len(), waiting);
        let again = m.app.person(name).await;
        assert_eq!(again.email, email, "the address is free");
        m.call(staff.get("/me")).await.expect(200);
    }

    async fn memberships_and_their_rights_go(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let staff = join(&m.app, &m.owner, &m.agency, "Zoe Colleague", &["owner", "author"]).await;
        m.call(erase(&staff)).await.expect(204);
        let members = m.see(&m.owner, &format!("/organisations/{}/members", m.agency)).await;
        assert!(!members.to_string().contains("Zoe"), "{members}");
        assert!(!members.to_string().contains(&staff.id.to_string()));
    }

    async fn nobody_who_is_needed_is_erased(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let before = rows(&m.app);
        let wrong = m.author.post("/account/erase", json!({ "confirm": m.owner.email }));
        let wrong = refused(&m.app, wrong, 422, "invalid").await;
        assert_eq!(wrong.fields(), [("/confirm".to_owned(), "wrong".to_owned())]);
        let owner = refused(&m.app, erase(&m.owner), 409, "erasure_blocked").await;
        assert_eq!(owner.body["detail"], "Not yet: you are the last owner of Northern Dispatch.");
        let administrator = refused(&m.app, erase(&m.administrator), 409, "erasure_blocked").await;
        assert_eq!(administrator.body["detail"], "Not yet: you are the last administrator.");
        assert_eq!(rows(&m.app)["users"], before["users"]);
        let challenge = m.published().await;
        let reference = m.challenge(&challenge).await["reference"].as_str().unwrap().to_owned();
        for person in [&m.chair, &m.evaluator, &m.officer] {
            let named = refused(&m.app, erase(person), 409, "erasure_blocked").await;
            assert_eq!(named.body["detail"], format!("Not yet: you are named for the challenge {reference}."));
        }
        m.call(erase(&m.author)).await.expect(204);
    }

    async fn of_two_last_owners_who_go_at_once_one_stays(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let agency = organisation(&app, &ana, "agency", "North").await;
        let eva = join(&app, &ana, &agency, "Eva", &["owner"]).await;
        let answers = all_at_once([app.call(erase(&ana)), app.call(erase(&eva))]).await;
        let gone = answers.iter().filter(|answer| answer.status.as_u16() == 204).count();
        assert_eq!(gone, 1, "{answers:?}");
    }

    async fn an_erasure_that_is_only_tried_erases_nothing(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        app.call(ana.post("/account/erase?dryRun=true", json!({ "confirm": ana.email }))).await.expect(200);
        assert_eq!(app.call(ana.get("/me")).await.expect(200).body["name"], "Ana");
    }
}
