//! Market consultations: nobody bids, companies tell what they know, and everybody reads what was learned.

use crate::{
    app::{Person, get},
    marketplace::{Company, Marketplace},
    steps::all_at_once,
};
use actix_web::test::TestRequest;
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use testing::Backend;

impl Marketplace {
    /// A published market consultation without anything that has to do with bids, open for five days.
    pub async fn consultation(&self) -> String {
        let deadline = (self.app.now() + TimeDelta::days(5)).to_rfc3339_opts(SecondsFormat::Secs, true);
        let mut content = self.content();
        let content = content.as_object_mut().unwrap();
        for part in ["budgetCeiling", "criteria", "priceFormula", "priceWeight", "consensus", "tieRule"] {
            content.remove(part);
        }
        content.insert("procedure".to_owned(), json!("market_consultation"));
        content.insert("submissionDeadline".to_owned(), json!(deadline));
        let body = json!({ "agency": self.agency, "content": content });
        let id = self.call(self.author.post("/challenges", body)).await.expect(201).id();
        self.publish(&id).await;
        id
    }

    fn responses(challenge: &str) -> String {
        format!("/challenges/{challenge}/consultation-responses")
    }

    fn respond(company: &Company, challenge: &str, (publishable, named): (bool, bool)) -> TestRequest {
        let response = json!({ "text": "On site, **yes**.", "publishable": publishable, "named": named });
        company.bidder.post(&Self::responses(challenge), json!({ "company": company.id, "response": response }))
    }

    async fn responses_seen(&self, who: &Person, challenge: &str) -> Vec<Value> {
        self.see(who, &Self::responses(challenge)).await["items"].as_array().unwrap().clone()
    }

    async fn conclude(&self, challenge: &str, next: Value) -> crate::app::Response {
        let body = json!({ "summary": "It is possible on site.", "next": next });
        self.call(self.officer.post(&format!("/challenges/{challenge}/conclude"), body)).await
    }
}

fn of_company(responses: &[Value]) -> Vec<Value> {
    responses.iter().map(|response| response["company"]["name"].clone()).collect()
}

testing::on_both! {
    async fn a_consultation_goes_from_a_bare_draft_over_responses_to_a_summary(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let id = m.consultation().await;
        m.call(m.bid(&m.calm, &id, "40000.00")).await.expect_problem(409, "wrong_procedure");
        m.call(m.calm.bidder.get(&format!("/challenges/{id}/timeline"))).await.expect_problem(404, "not_found");
        let open = m.call(Marketplace::respond(&m.calm, &id, (true, true))).await.expect(201);
        m.call(Marketplace::respond(&m.river, &id, (true, false))).await.expect(201);
        let silent = crate::marketplace::company(&m.app, "Silent").await;
        m.call(Marketplace::respond(&silent, &id, (false, false))).await.expect(201);
        m.call(Marketplace::respond(&m.calm, &id, (true, true))).await.expect_problem(409, "already_responded");
        assert_eq!(m.conclude(&id, Value::Null).await.expect_problem(409, "wrong_state").status, 409);
        m.pass_deadline().await;
        assert_eq!(m.status(&id).await, "closed");
        assert_eq!(m.mails_of("consultation_closed").await.len(), 2);
        m.call(m.author.post(&format!("/challenges/{id}/rehearsal"), json!({}))).await.expect_problem(409, "wrong_procedure");
        assert_eq!(of_company(&m.responses_seen(&m.author, &id).await).len(), 3);
        m.conclude(&id, Value::Null).await.expect(200);
        assert_eq!(m.status(&id).await, "completed");
        let public = m.call(get(&format!("/challenges/{id}/published-responses"))).await.expect(200).body;
        assert_eq!(of_company(public["items"].as_array().unwrap()), [json!("Calm Signal"), Value::Null]);
        assert_eq!(public["items"][1]["submittedAt"], Value::Null);
        let conclusion = m.call(get(&format!("/challenges/{id}/conclusion"))).await.expect(200).body;
        assert_eq!((&conclusion["summary"], &conclusion["next"]), (&json!("It is possible on site."), &Value::Null));
        assert_eq!(m.told_about(&id).await, ["challenge.published", "challenge.closed", "challenge.concluded"]);
        let told: Vec<_> = m.mails_of("challenge_news").await.into_iter().map(|(name, _)| name).collect();
        assert_eq!(told, ["Bidder of Calm Signal", "Bidder of River Ear", "Bidder of Silent"]);
        assert_eq!(m.told_about(&open.id()).await, [""; 0]);
    }

    async fn before_the_closing_nobody_but_the_company_knows_of_a_response(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let id = m.consultation().await;
        let auditor = m.staff("Auditor", "auditor").await;
        let seen = |m: &Marketplace| {
            let paths = ["", "/consultation-responses", "/published-responses", "/questions"].map(|part| format!("/challenges/{id}{part}"));
            let people = [m.officer.clone(), m.author.clone(), auditor.clone(), m.river.bidder.clone(), m.administrator.clone()];
            people.into_iter().flat_map(move |person| paths.clone().map(|path| (person.clone(), path))).collect::<Vec<_>>()
        };
        let look = async |m: &Marketplace| {
            let mut all = vec![json!(m.feed().await)];
            for (person, path) in seen(m) {
                all.push(m.see(&person, &path).await);
            }
            all.push(json!(crate::steps::mails(&m.app).await.len()));
            let events = m.see(&auditor, &format!("/organisations/{}/events", m.agency)).await;
            all.push(events["items"].clone());
            all
        };
        let before = look(&m).await;
        let response = m.call(Marketplace::respond(&m.calm, &id, (true, true))).await.expect(201);
        assert_eq!(look(&m).await, before);
        let path = format!("/consultation-responses/{}", response.id());
        for person in [&m.officer, &auditor, &m.river.bidder, &m.administrator] {
            m.call(person.get(&path)).await.expect_problem(404, "not_found");
        }
        let platform = m.app.person("Platform Auditor").await;
        let roles = json!({ "administrator": false, "auditor": true });
        crate::administration::appoint(&m.app, &m.administrator, &platform, roles).await.expect(200);
        for path in ["/audit/events".to_owned(), format!("/organisations/{}/events", m.calm.id)] {
            let events = m.see(&platform, &path).await.to_string();
            assert!(!events.contains("consultation_response"), "{events}");
        }
        let colleague = m.staff_of(&m.calm, "Colleague").await;
        assert_eq!(m.see(&colleague, &path).await["text"], "On site, **yes**.");
        m.pass_deadline().await;
        m.app.log_in_again(&mut auditor.clone()).await;
        assert_eq!(m.see(&m.officer, &path).await["company"]["name"], "Calm Signal");
        m.call(m.finance.get(&path)).await.expect_problem(404, "not_found");
        m.call(m.river.bidder.get(&path)).await.expect_problem(404, "not_found");
    }

    async fn a_response_is_replaced_and_withdrawn_until_the_deadline(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let id = m.consultation().await;
        let first = m.call(Marketplace::respond(&m.calm, &id, (true, true))).await.expect(201).id();
        let path = format!("/consultation-responses/{first}");
        let words = |text: &str, publishable: bool, named: bool| json!({ "text": text, "publishable": publishable, "named": named });
        m.call(m.calm.bidder.put(&path, 2, words("Better.", true, false))).await.expect_problem(412, "stale");
        let replaced = m.call(m.calm.bidder.put(&path, 1, words("Better.", true, false))).await.expect(200).body;
        assert_eq!((&replaced["text"], &replaced["revision"], &replaced["version"]), (&json!("Better."), &json!(2), &json!(2)));
        for wrong in [words(" ", true, true), words("x", false, true), words(&"x".repeat(20_001), true, true)] {
            m.call(m.calm.bidder.put(&path, 2, wrong)).await.expect_problem(422, "invalid");
        }
        m.call(m.river.bidder.put(&path, 2, words("Mine.", true, true))).await.expect_problem(404, "not_found");
        m.call(m.calm.bidder.act(&format!("{path}/withdraw"))).await.expect(200);
        m.call(m.calm.bidder.act(&format!("{path}/withdraw"))).await.expect_problem(409, "wrong_state");
        let second = m.call(Marketplace::respond(&m.calm, &id, (true, true))).await.expect(201).id();
        assert_eq!(m.responses_seen(&m.calm.bidder, &id).await.len(), 2);
        let third = m.call(Marketplace::respond(&m.river, &id, (true, true))).await.expect(201).id();
        m.suspend(&id).await;
        let third = format!("/consultation-responses/{third}");
        m.call(m.river.bidder.put(&third, 1, words("Better.", true, true))).await.expect_problem(409, "wrong_state");
        m.call(m.river.bidder.act(&format!("{third}/withdraw"))).await.expect(200);
        m.call(m.officer.post(&format!("/challenges/{id}/resume"), json!({ "reason": "It was looked into." }))).await.expect(200);
        m.pass_deadline().await;
        let late = m.calm.bidder.put(&format!("/consultation-responses/{second}"), 1, words("Late.", true, true));
        m.call(late).await.expect_problem(409, "deadline_passed");
        m.call(m.calm.bidder.act(&format!("/consultation-responses/{second}/withdraw"))).await.expect_problem(409, "deadline_passed");
        m.call(Marketplace::respond(&m.river, &id, (true, true))).await.expect_problem(409, "deadline_passed");
        assert_eq!(m.responses_seen(&m.officer, &id).await.len(), 1, "what was withdrawn stays with its company");
        m.call(m.officer.get(&path)).await.expect_problem(404, "not_found");
    }

    async fn who_in_the_agency_reads_a_response_is_kept(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let id = m.consultation().await;
        let response = m.call(Marketplace::respond(&m.calm, &id, (true, true))).await.expect(201).id();
        m.pass_deadline().await;
        let auditor = m.staff("Auditor", "auditor").await;
        m.see(&m.officer, &format!("/consultation-responses/{response}")).await;
        m.responses_seen(&m.author, &id).await;
        m.responses_seen(&m.calm.bidder, &id).await;
        let reads = m.see(&auditor, &format!("/organisations/{}/reads", m.agency)).await;
        let about = reads["items"].as_array().unwrap().iter().filter(|read| read["subject"]["id"] == json!(response));
        assert_eq!(about.count(), 2, "{reads}");
    }

    async fn a_company_has_one_live_response_however_often_it_sends_one(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.consultation().await;
        let answers = all_at_once((0..8).map(|_| m.call(Marketplace::respond(&m.calm, &id, (true, true))))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        assert!(answers.iter().all(|answer| answer.status == 201 || answer.body["code"] == "already_responded"));
    }

    async fn what_follows_a_consultation_takes_bids_and_is_named_once_it_is_public(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let id = m.consultation().await;
        m.pass_deadline().await;
        let draft = m.draft().await;
        let foreign = {
            let agency = crate::marketplace::organisation(&m.app, &m.river.bidder, "agency", "Elsewhere").await;
            let author = crate::steps::join(&m.app, &m.river.bidder, &agency, "Elsa", &["author"]).await;
            let body = json!({ "agency": agency, "content": { "title": "Foreign" } });
            m.call(author.post("/challenges", body)).await.expect(201).id()
        };
        for wrong in [json!(foreign), json!(id), json!("0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")] {
            m.conclude(&id, wrong).await.expect_problem(422, "invalid");
        }
        m.conclude(&id, json!(draft)).await.expect(200);
        let path = format!("/challenges/{id}/conclusion");
        assert_eq!(m.call(get(&path)).await.expect(200).body["next"], Value::Null);
        assert_eq!(m.see(&m.author, &path).await["next"], json!(draft));
        let concluded = m.feed().await.into_iter().find(|event| event["type"] == "challenge.concluded").unwrap();
        assert_eq!(concluded["data"]["next"], Value::Null);
        let deadline = (m.app.now() + TimeDelta::days(20)).to_rfc3339_opts(SecondsFormat::Secs, true);
        m.edit(&draft, json!({ "submissionDeadline": deadline })).await.expect(200);
        m.publish(&draft).await;
        assert_eq!(m.call(get(&path)).await.expect(200).body["next"], json!(draft));
        let relaunched = m.call(m.author.act(&format!("/challenges/{id}/relaunch"))).await.expect(201).body;
        assert_eq!((&relaunched["relaunchOf"], &relaunched["procedure"]), (&json!(id), &json!("small_pilot")));
        let copied = m.call(m.author.post(&format!("/challenges/{id}/copy"), json!({ "agency": m.agency }))).await.expect(201).body;
        assert_eq!(copied["procedure"], "market_consultation");
    }

    async fn consultations_have_no_part_in_minimum_periods_and_others_none_in_responses(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        m.call(Marketplace::respond(&m.calm, &challenge, (true, true))).await.expect_problem(409, "wrong_procedure");
        m.call(m.officer.post(&format!("/challenges/{challenge}/conclude"), json!({ "summary": "Said." }))).await.expect_problem(409, "wrong_procedure");
        m.call(get("/minimum-periods/market_consultation")).await.expect_problem(404, "not_found");
        let list = m.call(get("/minimum-periods")).await.expect(200).body;
        let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["procedure"].clone()).collect();
        assert_eq!(names, ["small_pilot", "open_pilot", "design_contest", "innovation_partnership"]);
        for procedure in ["design_contest", "innovation_partnership"] {
            let open = m.call(get(&format!("/minimum-periods/{procedure}"))).await.expect(200).body;
            assert_eq!((&open["open"]["days"], &open["standstill"]["days"]), (&json!(30), &json!(10)), "{open}");
        }
    }

    async fn a_question_about_a_consultation_is_taken_until_its_deadline(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let id = m.consultation().await;
        m.advance(TimeDelta::days(4)).await;
        let asked = m.ask(&m.calm, &id, "How many sites?").await;
        m.answer(&id, &asked, "Two.").await;
        m.ask(&m.calm, &id, "And when?").await;
        m.pass_deadline().await;
        assert_eq!(m.status(&id).await, "published", "its answer is late by then");
    }
}
