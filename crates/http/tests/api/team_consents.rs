//! Agreeing to be named in a bid: who learns of it when, and what the opened bid shows.

use crate::{
    administration::appoint,
    app::{Response, get, post},
    marketplace::{Company, Marketplace},
    rows::{dump, refused},
    steps::mails,
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

const MAJA: &str = "maja.oblak@people.example";

impl Marketplace {
    /// Somebody of Calm asks a person to be named; gives the token in the mail.
    pub async fn ask_team_member(&self, challenge: &str, name: &str, email: &str, role: &str) -> String {
        self.call(asking(&self.calm, challenge, name, email, role)).await.expect(201);
        let mails = mails(&self.app).await;
        let sent = mails.iter().rev().find(|mail| mail.message["kind"] == "team_consent_asked").unwrap();
        sent.message["link"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned()
    }

    pub async fn answer_team(&self, token: &str, agrees: bool) -> Response {
        self.call(answering(token, agrees)).await
    }

    /// A bid of Calm with this team.
    async fn bid_with_team(&self, challenge: &str, team: Value) -> String {
        let mut offer = self.offer("38500.00");
        offer["team"] = team;
        self.submit(&self.calm, challenge, offer).await
    }
}

pub fn asking(company: &Company, challenge: &str, name: &str, email: &str, role: &str) -> TestRequest {
    let body = json!({ "company": company.id, "name": name, "email": email, "role": role });
    company.bidder.post(&format!("/challenges/{challenge}/team-consents"), body)
}

fn answering(token: &str, agrees: bool) -> TestRequest {
    post("/team-consents/answer", json!({ "token": token, "agrees": agrees }))
}

fn member(name: &str, role: &str) -> Value {
    json!({ "name": name, "role": role, "consented": true })
}

fn list(challenge: &str) -> String {
    format!("/challenges/{challenge}/team-consents")
}

/// The consents that an opened bid shows, and where one is missing.
fn shown(bid: &Value) -> (Vec<Value>, Vec<String>) {
    let statuses = bid["teamConsents"].as_array().unwrap().iter().map(|consent| consent["status"].clone()).collect();
    let problems = bid["problems"].as_array().unwrap().iter();
    let missing = problems.filter(|problem| problem["code"] == "consent_missing");
    (statuses, missing.map(|problem| problem["pointer"].as_str().unwrap().to_owned()).collect())
}

testing::on_both! {
    async fn the_link_in_the_mail_leads_to_a_page_that_works_without_javascript(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let token = m.ask_team_member(&challenge, "Maja <i>Oblak</i>", MAJA, "Leads").await;
        let shows = async |words: &str| {
            let page = m.call(TestRequest::get().uri(&format!("/team-consent?token={token}"))).await.expect(200);
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
            assert!(page.text.contains("Calm Signal prepares an offer") && page.text.contains(words), "{}", page.text);
            assert!(!page.text.contains("<i>"), "names are escaped: {}", page.text);
        };
        let press = |token: &str, agrees: &str| {
            m.call(TestRequest::post().uri("/team-consent").set_form([("token", token), ("agrees", agrees)]))
        };
        shows("You have not answered yet.").await;
        shows("You have not answered yet.").await;
        assert!(press(&token, "true").await.expect(200).text.contains("You agreed to be named"));
        shows("You agreed.").await;
        assert!(press(&token, "false").await.expect(200).text.contains("You are not to be named"));
        shows("You agreed, and took that back.").await;
        let unknown = press("unknown", "true").await.expect(422);
        assert!(unknown.text.contains("This link or token is not valid any more."), "{}", unknown.text);
    }

    async fn a_person_is_asked_by_mail_and_answers_without_an_account(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let token = m.ask_team_member(&challenge, "Maja Oblak", MAJA, "Leads").await;
        let sent = mails(&m.app).await.pop().unwrap();
        assert_eq!((&*sent.recipient_name, sent.recipient_address.as_str()), ("Maja Oblak", MAJA));
        assert_eq!((&sent.message["company"], &sent.message["role"]), (&json!("Calm Signal"), &json!("Leads")));
        let look = || post("/team-consents/look", json!({ "token": token }));
        let seen = m.call(look()).await.expect(200).body;
        assert_eq!((&seen["company"], &seen["status"]), (&json!("Calm Signal"), &json!("asked")));
        assert_eq!((&seen["challenge"]["id"], &seen["role"]), (&json!(challenge), &json!("Leads")));
        assert_eq!(m.answer_team(&token, true).await.expect(200).body["status"], "agreed");
        refused(&m.app, answering(&token, true), 409, "already_done").await;
        let own = m.see(&m.calm.bidder, &list(&challenge)).await["items"][0].clone();
        assert_eq!((&own["name"], &own["email"], &own["status"]), (&json!("Maja Oblak"), &json!(MAJA), &json!("agreed")));
        assert_eq!(m.answer_team(&token, false).await.expect(200).body["status"], "taken_back");
        assert_eq!(m.answer_team(&token, true).await.expect(200).body["status"], "agreed");
        for request in [post("/team-consents/look", json!({ "token": "unknown" })), answering("unknown", true)] {
            refused(&m.app, request, 422, "token_invalid").await;
        }
    }

    async fn what_is_wrong_is_told_and_nothing_changes(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let wrong = refused(&m.app, asking(&m.calm, &challenge, " ", "nowhere", " "), 422, "invalid").await.fields();
        let pointers: Vec<_> = wrong.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["/name", "/role", "/email"]);
        m.ask_team_member(&challenge, "Maja Oblak", MAJA, "Leads").await;
        let twice = refused(&m.app, asking(&m.calm, &challenge, "Maja", MAJA, "Tests"), 422, "invalid").await;
        assert_eq!(twice.fields(), [("/email".to_owned(), "duplicate".to_owned())]);
        let body = json!({ "company": m.river.id, "name": "A", "email": MAJA, "role": "Tests" });
        let foreign = refused(&m.app, m.calm.bidder.post(&list(&challenge), body), 422, "invalid").await;
        assert_eq!(foreign.fields(), [("/company".to_owned(), "unknown".to_owned())]);
        let id = m.see(&m.calm.bidder, &list(&challenge)).await["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/team-consents/{id}");
        refused(&m.app, m.calm.bidder.delete(&path), 409, "too_soon").await;
        refused(&m.app, m.river.bidder.delete(&path), 404, "not_found").await;
        m.advance(TimeDelta::hours(2)).await;
        m.call(m.calm.bidder.delete(&path)).await.expect(204);
        assert_eq!(m.see(&m.calm.bidder, &list(&challenge)).await["items"], json!([]));
        m.ask_team_member(&challenge, "Maja Oblak", MAJA, "Tests").await;
        m.pass_deadline().await;
        refused(&m.app, asking(&m.calm, &challenge, "B", "b@people.example", "Tests"), 409, "deadline_passed").await;
    }

    async fn nobody_else_learns_of_it_before_the_opening(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let auditor = m.app.person("Aida Auditor").await;
        appoint(&m.app, &m.administrator, &auditor, json!({ "administrator": false, "auditor": true })).await.expect(200);
        let challenge = m.published().await;
        let public = (m.feed().await, m.call(get(&format!("/challenges/{challenge}"))).await.text);
        let token = m.ask_team_member(&challenge, "Maja Oblak", MAJA, "Leads").await;
        m.answer_team(&token, true).await.expect(200);
        let bid = m.bid_with_team(&challenge, json!([member("Maja Oblak", "Leads")])).await;
        assert_eq!((m.feed().await, m.call(get(&format!("/challenges/{challenge}"))).await.text), public);
        let own = m.see(&m.calm.bidder, &format!("/bids/{bid}")).await;
        assert_eq!((&own["teamConsents"], &own["problems"]), (&json!([]), &json!([])), "sealed for its company, too");
        assert_eq!(m.see(&m.river.bidder, &list(&challenge)).await["items"], json!([]));
        let colleague = m.staff_of(&m.calm, "Carl Colleague").await;
        for outsider in [&m.officer, &m.owner, &m.administrator, &auditor, &m.chair, &colleague] {
            m.call(outsider.get(&list(&challenge))).await.expect_problem(403, "role_missing");
        }
        for view in ["/audit/events?limit=200".to_owned(), format!("/organisations/{}/events?limit=200", m.calm.id)] {
            let seen = m.see(&auditor, &view).await.to_string();
            assert!(!seen.contains("team_consent"), "{seen}");
        }
        let events = m.see(&m.calm.bidder, &format!("/organisations/{}/events?limit=200", m.calm.id)).await.to_string();
        assert!(events.contains("team_consent.asked") && events.contains("team_consent.agreed"));
        assert!(!events.contains(MAJA) && !events.contains("Maja"), "{events}");
    }

    async fn the_opened_bid_shows_who_agreed_and_is_judged_by_people(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let (agreed, back, late) = (
            m.ask_team_member(&challenge, "Maja Oblak", MAJA, "Leads").await,
            m.ask_team_member(&challenge, "Ben Back", "ben@people.example", "Tests").await,
            m.ask_team_member(&challenge, "Lea Late", "lea@people.example", "Writes").await,
        );
        m.ask_team_member(&challenge, "Sil Ent", "sil@people.example", "Listens").await;
        for token in [&agreed, &back, &late] {
            m.answer_team(token, true).await.expect(200);
        }
        m.answer_team(&back, false).await.expect(200);
        let team = [("maja  oblak", "leads"), ("Ben Back", "Tests"), ("Lea Late", "Writes"), ("Sil Ent", "Listens"), ("Nobody Asked", "Helps")];
        let bid = m.bid_with_team(&challenge, team.map(|(name, role)| member(name, role)).into_iter().collect()).await;
        m.pass_deadline().await;
        m.answer_team(&late, false).await.expect(200);
        refused(&m.app, answering(&back, true), 409, "deadline_passed").await;
        m.open(&challenge).await;
        let seen = m.see(&m.officer, &format!("/bids/{bid}")).await;
        let expected = (
            vec![json!("agreed"), json!("taken_back"), json!("taken_back"), json!("asked"), Value::Null],
            ["/team/1", "/team/3", "/team/4"].map(ToOwned::to_owned).to_vec(),
        );
        assert_eq!(shown(&seen), expected);
        assert!(seen["teamConsents"][2]["refusedAt"].is_string(), "what came late is noted");
        assert!(!seen.to_string().contains("people.example"), "no addresses");
        let listed = m.see(&m.officer, &format!("/challenges/{challenge}/bids")).await["items"][0].clone();
        assert_eq!(shown(&listed), expected);
        assert_eq!(shown(&m.see(&m.calm.bidder, "/bids").await["items"][0]), expected, "its company sees the same");
        let evaluator = m.see(&m.chair, &format!("/bids/{bid}")).await;
        assert_eq!((&evaluator["teamConsents"], &evaluator["problems"]), (&json!([]), &json!([])));
        m.admit(&[&bid]).await;
    }

    async fn what_a_company_asked_that_did_not_bid_is_forgotten(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let token = m.ask_team_member(&challenge, "Maja Oblak", MAJA, "Leads").await;
        let body = json!({ "company": m.river.id, "name": "Rita Rower", "email": "rita@people.example", "role": "Rows" });
        m.call(m.river.bidder.post(&list(&challenge), body)).await.expect(201);
        m.bid_with_team(&challenge, json!([member("Maja Oblak", "Leads")])).await;
        m.pass_deadline().await;
        m.app.db().write(application::scheduler::purge).await.unwrap();
        assert_eq!(m.see(&m.river.bidder, &list(&challenge)).await["items"].as_array().unwrap().len(), 1);
        m.advance(TimeDelta::days(15)).await;
        m.app.db().write(application::scheduler::purge).await.unwrap();
        assert_eq!(m.see(&m.river.bidder, &list(&challenge)).await["items"], json!([]));
        assert_eq!(m.see(&m.calm.bidder, &list(&challenge)).await["items"].as_array().unwrap().len(), 1);
        m.call(post("/team-consents/look", json!({ "token": token }))).await.expect(200);
    }

    async fn people_get_what_they_were_asked_and_are_erased(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let person = m.app.person("Maja Oblak").await;
        let (challenge, other) = (m.published().await, m.published().await);
        let token = m.ask_team_member(&challenge, "Maja Oblak", &person.email, "Leads").await;
        m.answer_team(&token, true).await.expect(200);
        m.ask_team_member(&other, "Maja Oblak", &person.email, "Leads").await;
        m.bid_with_team(&challenge, json!([member("Maja Oblak", "Leads")])).await;
        let export = m.see(&person, "/account/export").await;
        let consents = export["teamConsents"].as_array().unwrap();
        assert_eq!(consents.len(), 2);
        assert_eq!((&consents[0]["company"], &consents[0]["role"]), (&json!(m.calm.id), &json!("Leads")));
        assert_eq!((&consents[0]["status"], &consents[1]["status"]), (&json!("agreed"), &json!("asked")));
        m.call(person.post("/account/erase", json!({ "confirm": person.email }))).await.expect(204);
        assert!(!dump(&m.app).contains(&*person.email));
        assert_eq!(m.see(&m.calm.bidder, &list(&other)).await["items"], json!([]));
        let kept = m.see(&m.calm.bidder, &list(&challenge)).await["items"][0].clone();
        assert_eq!((&kept["email"], &kept["status"]), (&Value::Null, &json!("taken_back")));
        m.call(post("/team-consents/look", json!({ "token": token }))).await.expect_problem(422, "token_invalid");
    }
}
