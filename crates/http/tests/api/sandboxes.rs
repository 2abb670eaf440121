//! The life of a challenge in a sandbox, whose clock its people move: nobody touches the clock of the application.

use crate::{
    app::{Person, Response, post},
    bid_documents::sending,
    marketplace::{Marketplace, organisation_in},
    rows,
    steps::mails,
    team_consents::asking,
    two_stages::{self, TwoStages},
};
use actix_web::test::TestRequest;
use application::sandboxes::Look;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use domain::ChallengeId;
use serde_json::{Value, json};
use testing::Backend;

impl Marketplace {
    pub async fn clock(&self, challenge: &str) -> Value {
        self.see(&self.officer, &format!("/challenges/{challenge}/clock")).await
    }

    pub async fn set_clock(&self, who: &Person, challenge: &str, change: Value) -> Response {
        let request = TestRequest::put().uri(&format!("/api/v1/challenges/{challenge}/clock"));
        self.call(who.sign(request).set_json(change)).await
    }

    /// Moves the clocks of all challenges that have not ended, and lets what is due happen.
    pub async fn jump(&self, by: TimeDelta) {
        let own = self.see(&self.officer, &format!("/organisations/{}/challenges", self.agency)).await;
        let ended = |item: &Value| ["completed", "cancelled"].contains(&item["status"].as_str().unwrap());
        for item in own["items"].as_array().unwrap().iter().filter(|item| !ended(item)) {
            let id = item["id"].as_str().unwrap();
            let now = (instant(&self.clock(id).await["now"]) + by).to_rfc3339_opts(SecondsFormat::Micros, true);
            self.set_clock(&self.officer, id, json!({ "now": now })).await.expect(200);
            self.go_on(id).await;
        }
    }

    /// What the background does when it looks at a sandbox.
    pub async fn go_on(&self, challenge: &str) {
        application::sandboxes::go_on(self.app.db(), ChallengeId(challenge.parse().unwrap())).await.unwrap();
    }
}

pub fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

async fn milestone(m: &Marketplace, who: &Person, milestone: &str, act: &str, body: Option<Value>) {
    let path = format!("/milestones/{milestone}/{act}");
    m.call(body.map_or_else(|| who.act(&path), |body| who.post(&path, body))).await.expect(200);
}

testing::on_both! {
    async fn a_whole_life_passes_in_a_sandbox_without_waiting(backend: Backend) {
        let mut m = Marketplace::sandbox(backend).await;
        let begun = m.app.now();
        let (challenge, contract, first) = m.piloting().await;
        let (bidder, manager, finance) = (m.calm.bidder.clone(), m.pilot_manager.clone(), m.finance.clone());
        milestone(&m, &bidder, &first, "deliver", Some(json!({ "note": "Done." }))).await;
        milestone(&m, &manager, &first, "accept", None).await;
        milestone(&m, &bidder, &first, "invoice", Some(json!({ "invoiceNumber": "1" }))).await;
        milestone(&m, &finance, &first, "pay", Some(json!({ "paymentReference": "SI56 1" }))).await;
        let outcome = json!({ "decision": "stop", "learning": "Much.", "brilliantFailure": true });
        m.call(manager.post(&format!("/contracts/{contract}/complete"), outcome)).await.expect(200);
        m.step(&manager, &challenge, "complete").await;
        let ended = m.challenge(&challenge).await;
        assert_eq!((&ended["status"], &ended["sandbox"]), (&json!("completed"), &json!(true)));
        assert!(instant(&ended["endedAt"]) - begun > TimeDelta::days(23), "weeks passed there");
        assert!(m.app.now() - begun < TimeDelta::minutes(10), "and minutes here");
        assert!(instant(&ended["closedAt"]) >= instant(&ended["submissionDeadline"]));
        m.set_clock(&m.officer, &challenge, json!({ "rate": 2 })).await.expect(200);
    }

    async fn the_time_of_receipt_is_that_of_the_sandbox_and_the_deadline_holds_to_the_microsecond(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.published().await;
        let deadline = instant(&m.challenge(&challenge).await["submissionDeadline"]);
        m.set_clock(&m.officer, &challenge, json!({ "now": deadline - TimeDelta::minutes(10) })).await.expect(200);
        let bid = m.call(m.bid(&m.calm, &challenge, "38500.00")).await.expect(201);
        let payload: Value = serde_json::from_str(bid.body["receipt"]["payload"].as_str().unwrap()).unwrap();
        assert_eq!(payload["format"], "provoco-sandbox-receipt-v1", "nobody takes it for a real one");
        assert!(instant(&payload["realTime"]) <= m.app.now());
        let verified = m.call(post("/receipts/verify", bid.body["receipt"].clone())).await.expect(200).body;
        assert_eq!(verified["valid"], true);
        let received = instant(&payload["receivedAt"]);
        assert!(received >= deadline - TimeDelta::minutes(10) && received < deadline, "{received}");
        m.set_clock(&m.officer, &challenge, json!({ "now": deadline })).await.expect(200);
        let late = m.call(m.bid(&m.river, &challenge, "41000.00")).await.expect_problem(409, "deadline_passed");
        let refusal: Value = serde_json::from_str(late.body["receipt"]["payload"].as_str().unwrap()).unwrap();
        let late = instant(&refusal["receivedAt"]) >= deadline;
        assert_eq!((&refusal["format"], late), (&json!("provoco-sandbox-receipt-v1"), true));
        let sending = sending(&m.calm.bidder, &challenge, "application/pdf", b"%PDF-1.7 too late");
        m.call(sending).await.expect_problem(409, "deadline_passed");
        let asking = asking(&m.calm, &challenge, "Maja Oblak", "maja.oblak@people.example", "Leads the tests");
        m.call(asking).await.expect_problem(409, "deadline_passed");
        let forming = m.calm.bidder.post(&format!("/challenges/{challenge}/consortia"), json!({ "lead": m.calm.id }));
        m.call(forming).await.expect_problem(409, "deadline_passed");
        m.go_on(&challenge).await;
        assert_eq!(m.status(&challenge).await, "closed");
    }

    async fn time_goes_forward_only_and_as_fast_as_somebody_wants(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.draft().await;
        let clock = m.clock(&challenge).await;
        assert_eq!((&clock["now"], &clock["rate"], &clock["sandbox"]), (&clock["realNow"], &json!(1), &json!(true)));
        let refused = |change: Value| m.set_clock(&m.author, &challenge, change);
        let past = instant(&clock["now"]) - TimeDelta::seconds(1);
        let far = instant(&clock["now"]) + TimeDelta::days(3660);
        for (change, field, code) in [
            (json!({ "now": past }), "/now", "out_of_range"),
            (json!({ "now": far }), "/now", "out_of_range"),
            (json!({}), "", "required"),
        ] {
            let answer = refused(change).await.expect_problem(422, "invalid");
            assert_eq!(answer.fields(), [(field.to_owned(), code.to_owned())]);
        }
        for rate in [0, 100_001] {
            refused(json!({ "rate": rate })).await.expect_problem(422, "invalid");
        }
        let faster = refused(json!({ "rate": 100_000 })).await.expect(200).body;
        assert_eq!(faster["rate"], 100_000);
        let later = m.clock(&challenge).await;
        let (real, there) = ["realNow", "now"].map(|name| instant(&later[name]) - instant(&faster[name])).into();
        assert_eq!(there, real * 100_000);
        let slower = refused(json!({ "rate": 1 })).await.expect(200).body;
        assert!(instant(&slower["now"]) >= instant(&later["now"]), "what has passed has passed");
    }

    async fn a_clock_that_nobody_touched_is_looked_after_as_well(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.published().await;
        let look = || async { m.app.db().read(|conn| application::sandboxes::look_at_next(conn, None)).await.unwrap() };
        let id = ChallengeId(challenge.parse().unwrap());
        assert_eq!(look().await, Look { due: vec![], last: Some(id) }, "there is nothing to do yet");
        m.app.advance(TimeDelta::days(17));
        assert_eq!(look().await.due, [id]);
        m.go_on(&challenge).await;
        let next = m.app.db().read(move |conn| application::sandboxes::look_at_next(conn, Some(id))).await.unwrap();
        assert_eq!(next, Look { due: vec![], last: None }, "the next look begins again");
        assert!(rows::dump(&m.app).contains("challenge.closed"));
    }

    async fn two_stages_pass_by_the_clock_of_the_sandbox(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.draft_with(two_stages::content(&m)).await;
        m.publish(&challenge).await;
        let t = TwoStages { m, challenge, others: Vec::new() };
        let solution = t.solution(&t.m.calm, "We listen.").await;
        t.m.jump(TimeDelta::days(17)).await;
        let late = t.hand_in(&t.m.river, json!({ "solution": { "text": "We listen, too." } }), "late").await;
        late.expect_problem(409, "deadline_passed");
        let told = mails(&t.m.app).await;
        assert!(told.iter().any(|mail| mail.sandbox && mail.message["kind"] == "solutions_closed"), "{told:?}");
        t.open_solutions().await;
        t.m.admit(&[&solution]).await;
        t.shortlist(&t.m.officer, &[&solution], &[]).await.expect(200);
        t.m.call(t.m.bid(&t.m.calm, &t.challenge, "38500.00")).await.expect(201);
        assert_eq!(t.m.status(&t.challenge).await, "published");
        t.m.jump(TimeDelta::days(24)).await;
        assert_eq!(t.m.status(&t.challenge).await, "closed");
    }

    async fn what_is_scheduled_in_a_sandbox_happens_by_its_clock(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.draft().await;
        m.step(&m.author, &challenge, "submit-for-review").await;
        m.step(&m.officer, &challenge, "approve").await;
        let publish_at = m.app.now() + TimeDelta::days(2);
        let path = format!("/challenges/{challenge}/scheduled-publication");
        m.call(m.officer.put(&path, 1, json!({ "publishAt": publish_at }))).await.expect(200);
        m.go_on(&challenge).await;
        assert_eq!(m.status(&challenge).await, "approved");
        m.jump(TimeDelta::days(1)).await;
        assert_eq!(m.status(&challenge).await, "approved");
        m.jump(TimeDelta::days(1)).await;
        let published = m.challenge(&challenge).await;
        assert_eq!(published["status"], "published");
        assert!(instant(&published["publishedAt"]) >= publish_at);
        let real = m.app.db().read(|conn| application::publication::due(conn, persistence::Scope::Real)).await.unwrap();
        assert_eq!(real, []);
    }

    async fn a_scheduled_publication_that_was_jumped_over_happens_at_its_time(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.draft().await;
        m.step(&m.author, &challenge, "submit-for-review").await;
        m.step(&m.officer, &challenge, "approve").await;
        let publish_at = (m.app.now() + TimeDelta::hours(1)).to_rfc3339_opts(SecondsFormat::Secs, true);
        let path = format!("/challenges/{challenge}/scheduled-publication");
        m.call(m.officer.put(&path, 1, json!({ "publishAt": publish_at }))).await.expect(200);
        m.jump(TimeDelta::days(20)).await;
        let published = m.challenge(&challenge).await;
        assert_eq!(instant(&published["publishedAt"]), instant(&json!(publish_at)));
        assert_eq!(published["status"], "closed", "which followed in its time");
    }

    async fn what_bidders_left_is_forgotten_by_the_clock_of_the_sandbox(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.published().await;
        m.jump(TimeDelta::days(300)).await;
        let later = m.published().await;
        let drafting = json!({ "company": m.calm.id, "offer": {} });
        let draft = m.call(m.calm.bidder.post(&format!("/challenges/{later}/bid-drafts"), drafting)).await.expect(201).id();
        let ask = asking(&m.calm, &later, "Maja Oblak", "maja.oblak@people.example", "Leads the tests");
        m.call(ask).await.expect(201);
        let kept = async || {
            application::sandboxes::forget(m.app.db()).await.unwrap();
            let draft = m.call(m.calm.bidder.get(&format!("/bid-drafts/{draft}"))).await.status == 200;
            let consents = m.see(&m.calm.bidder, &format!("/challenges/{later}/team-consents")).await;
            (draft, consents["items"].as_array().unwrap().len())
        };
        m.jump(TimeDelta::days(17)).await;
        assert_eq!(m.status(&later).await, "closed");
        assert_eq!(kept().await, (true, 1), "for some days");
        m.jump(TimeDelta::days(15)).await;
        assert_eq!(kept().await, (false, 0));
        assert_eq!(m.status(&challenge).await, "closed");
    }

    async fn who_evaluates_in_a_sandbox_belongs_to_one_and_a_sandbox_keeps_nobody_from_leaving(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.draft().await;
        let outsider = m.app.person("Otmar Outsider").await;
        let body = json!({ "evaluators": [outsider.id], "openingCommittee": [m.officer.id, m.second_officer.id] });
        let naming = TestRequest::put().uri(&format!("/api/v1/challenges/{challenge}/panel")).set_json(body);
        let naming = m.author.sign(naming);
        let refused = m.call(naming).await.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), [("/evaluators/0".to_owned(), "unknown".to_owned())]);
        organisation_in(&m.app, &outsider, "agency", "Mine alone", true).await;
        let erase = outsider.post("/account/erase", json!({ "confirm": outsider.email }));
        assert!(m.call(erase).await.status.is_success(), "nobody needs the sandbox");
    }

    async fn mails_of_a_sandbox_say_so_and_leave_at_once(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.published().await;
        m.call(m.calm.bidder.put(&format!("/challenges/{challenge}/following"), 0, json!(null))).await.expect(200);
        m.jump(TimeDelta::days(1)).await;
        let known = mails(&m.app).await.len();
        let reason = json!({ "code": "other", "reason": "Enough." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/cancel"), reason)).await.expect(200);
        let told = mails(&m.app).await.split_off(known);
        assert_eq!(told.len(), 1, "it waits for no tomorrow");
        assert_eq!((told[0].sandbox, &told[0].recipient_name), (true, &m.calm.bidder.name));
        assert!(told[0].created_at <= m.app.now());
    }

    async fn nobody_is_asked_for_consent_again_and_again_because_time_flies(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.published().await;
        let path = format!("/challenges/{challenge}/team-consents");
        let mut asked = 0;
        loop {
            let ask = asking(&m.calm, &challenge, "Maja Oblak", "maja.oblak@people.example", "Leads the tests");
            let answer = m.call(ask).await;
            if answer.status == 429 {
                answer.expect_problem(429, "too_many_attempts");
                break;
            }
            let consent = answer.expect(201).id();
            asked += 1;
            assert!(asked < 15, "the pauses have become minutes");
            m.jump(TimeDelta::hours(2)).await;
            m.call(m.calm.bidder.delete(&format!("/team-consents/{consent}"))).await.expect(204);
        }
        assert!(asked >= 5, "{asked}");
        assert_eq!(m.see(&m.calm.bidder, &path).await["items"], json!([]));
    }

    async fn questions_are_owed_and_late_by_the_clock_of_the_sandbox(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.published().await;
        let asking = json!({ "company": m.calm.id, "text": "Which radio?" });
        m.call(m.calm.bidder.post(&format!("/challenges/{challenge}/questions"), asking)).await.expect(201);
        let owed = || async { m.see(&m.author, "/account/obligations").await["items"][0].clone() };
        assert_eq!(owed().await["status"], "open");
        let due = instant(&owed().await["dueAt"]);
        m.set_clock(&m.officer, &challenge, json!({ "now": due })).await.expect(200);
        assert_eq!(owed().await["status"], "overdue");
        m.go_on(&challenge).await;
        let missed = m.app.db().read(|conn| application::obligations::needing_attention(conn, persistence::Scope::Real));
        assert_eq!(missed.await.unwrap(), [], "nothing is due by the real clock");
        let figures = m.see(&m.officer, &format!("/organisations/{}/punctuality", m.agency)).await;
        assert_eq!(figures["items"], json!([]), "and nothing counts");
    }
}
