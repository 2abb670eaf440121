//! An agency and two companies with everybody they need, and challenges in any state.

use crate::{
    app::{Person, Response, TestApp},
    steps::let_in,
};
use actix_web::test::TestRequest;
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use testing::Backend;

pub struct Marketplace {
    pub app: TestApp,
    pub administrator: Person,
    pub agency: String,
    pub owner: Person,
    pub author: Person,
    pub officer: Person,
    pub second_officer: Person,
    pub pilot_manager: Person,
    pub finance: Person,
    /// The chair, not a member of the agency.
    pub chair: Person,
    /// The other evaluator, not a member of the agency.
    pub evaluator: Person,
    pub calm: Company,
    pub river: Company,
    /// Whether all of it is made of sandboxes: their challenges have clocks, and that of the application is never moved.
    pub sandbox: bool,
}

#[derive(Clone)]
pub struct Company {
    pub id: String,
    pub bidder: Person,
}

impl Marketplace {
    pub async fn new(backend: Backend) -> Self {
        let app = TestApp::new(backend).await;
        let administrator = app.administrator().await;
        Self::of(app, administrator, false).await
    }

    /// The same of sandboxes, whose people all belong to the agency.
    pub async fn sandbox(backend: Backend) -> Self {
        let app = TestApp::new(backend).await;
        let administrator = app.administrator().await;
        Self::of(app, administrator, true).await
    }

    /// On an application of the test's own.
    pub async fn of(app: TestApp, administrator: Person, sandbox: bool) -> Self {
        // There may be a real marketplace beside it.
        let named = |name: &str| if sandbox { format!("{name} Playing") } else { name.to_owned() };
        let owner = app.person(&named("Olga Owner")).await;
        let agency = organisation_in(&app, &owner, "agency", "Northern Dispatch", sandbox).await;
        let mut staff = Vec::new();
        for (name, role) in [
            ("Ana Author", "author"),
            ("Otto Officer", "officer"),
            ("Olivia Officer", "officer"),
            ("Pia Manager", "pilot_manager"),
            ("Fin Finance", "finance"),
        ] {
            let person = app.person(&named(name)).await;
            let_in(&app, &owner, &agency, &person, &[role]).await;
            staff.push(person);
        }
        let [author, officer, second_officer, pilot_manager, finance] = staff.try_into().ok().unwrap();
        let (chair, evaluator) = (app.person(&named("Eva Chair")).await, app.person(&named("Emil Evaluator")).await);
        if sandbox {
            for person in [&chair, &evaluator] {
                let_in(&app, &owner, &agency, person, &["evaluator"]).await;
            }
        }
        let calm = company_in(&app, &named("Calm Signal"), sandbox).await;
        let river = company_in(&app, &named("River Ear"), sandbox).await;
        for id in [&agency, &calm.id, &river.id].into_iter().filter(|_| !sandbox) {
            let reason = json!({ "reason": "Checked." });
            app.call(administrator.post(&format!("/organisations/{id}/verify"), reason)).await.expect(200);
        }
        let marketplace = Self {
            app,
            administrator,
            agency,
            owner,
            author,
            officer,
            second_officer,
            pilot_manager,
            finance,
            chair,
            evaluator,
            calm,
            river,
            sandbox,
        };
        marketplace.introduce_keys().await;
        marketplace
    }

    pub async fn call(&self, request: TestRequest) -> Response {
        self.app.call(request).await
    }

    /// A complete content, with a deadline in 16 days: the minimum period of 10, and the longest that holidays add to it.
    pub fn content(&self) -> Value {
        let deadline = (self.app.now() + TimeDelta::days(16)).to_rfc3339_opts(SecondsFormat::Secs, true);
        json!({
            "title": "Telling urgent 112 calls apart during a flood",
            "summary": "When a river bursts its banks, 4,000 calls reach us in an hour.",
            "problem": {
                "pain": "Callers in mortal danger wait behind callers with a wet cellar.",
                "affected": "1.2 million people and 46 call takers.",
                "evidence": "On 4 August the median wait was 94 seconds.",
                "currentCost": "About EUR 310,000 a year.",
                "tried": "A recorded menu; callers hung up.",
            },
            "outcomes": [{ "metric": "Median wait", "unit": "seconds", "baseline": "94", "target": "20" }],
            "procedure": "small_pilot",
            "budgetCeiling": { "amount": "45000.00", "currency": "EUR" },
            "pilots": 1,
            "pilotWeeks": 12,
            "submissionDeadline": deadline,
            "zone": "Europe/Ljubljana",
            "criteria": [
                { "name": "Recognises urgency", "description": "Does it?", "weight": "40", "maximum": "5", "minimum": "2" },
                { "name": "Safe to try", "description": "Is it?", "weight": "30", "maximum": "5" },
            ],
            "priceFormula": "absolute",
            "priceWeight": "30",
            "consensus": "mean",
            "tieRule": "lower_price",
        })
    }

    /// A draft with complete content, its panel, and a committee that has rehearsed.
    pub async fn draft(&self) -> String {
        let id = self.draft_without_rehearsal().await;
        self.rehearse(&id).await;
        id
    }

    /// A draft with complete content and its panel.
    pub async fn draft_without_rehearsal(&self) -> String {
        let body = json!({ "agency": self.agency, "content": self.content() });
        let id = self.call(self.author.post("/challenges", body)).await.expect(201).id();
        let panel = json!({
            "chair": self.chair.id, "evaluators": [self.chair.id, self.evaluator.id],
            "openingCommittee": [self.officer.id, self.second_officer.id],
        });
        let request = self.author.sign(TestRequest::put().uri(&format!("/api/v1/challenges/{id}/panel")));
        self.call(request.set_json(panel)).await.expect(200);
        id
    }

    pub async fn published(&self) -> String {
        let id = self.draft().await;
        self.step(&self.author, &id, "submit-for-review").await;
        self.step(&self.officer, &id, "approve").await;
        self.step(&self.officer, &id, "publish").await;
        id
    }

    /// A step of a challenge's life that needs no body.
    pub async fn step(&self, who: &Person, challenge: &str, action: &str) -> Response {
        self.call(who.act(&format!("/challenges/{challenge}/{action}"))).await.expect(200)
    }

    pub fn offer(&self, price: &str) -> Value {
        json!({
            "solution": "We listen for words of distress.",
            "price": { "amount": price, "currency": "EUR" },
            "milestones": [{ "title": "All of it", "amount": { "amount": price, "currency": "EUR" }, "dueWeek": 8 }],
        })
    }

    /// What is sent to put another offer in place of the one before.
    pub fn replacement(&self, price: &str) -> Value {
        json!({ "offer": self.offer(price) })
    }

    pub fn bid(&self, company: &Company, challenge: &str, price: &str) -> TestRequest {
        let body = json!({ "company": company.id, "offer": self.offer(price) });
        let key = format!("{}-{challenge}-{price}", company.id);
        company.bidder.post(&format!("/challenges/{challenge}/bids"), body).insert_header(("idempotency-key", key))
    }

    /// A published challenge with a bid of each company; gives the challenge and the bids of Calm and River.
    pub async fn with_bids(&self) -> (String, String, String) {
        let challenge = self.published().await;
        let calm = self.call(self.bid(&self.calm, &challenge, "38500.00")).await.expect(201).id();
        let river = self.call(self.bid(&self.river, &challenge, "41000.00")).await.expect(201).id();
        (challenge, calm, river)
    }

    /// Lets the deadline pass and the scheduler act.
    pub async fn pass_deadline(&mut self) {
        self.advance(TimeDelta::days(17)).await;
        let due = self.app.db().read(|conn| application::scheduler::due(conn, persistence::Scope::Real)).await.unwrap();
        for id in due {
            self.app.db().write(move |conn| application::scheduler::close(conn, id)).await.unwrap();
        }
    }

    /// Moves the clock; everybody logs in again.
    pub async fn advance(&mut self, by: TimeDelta) {
        if self.sandbox {
            return self.jump(by).await;
        }
        self.app.advance(by);
        for person in [
            &mut self.administrator,
            &mut self.owner,
            &mut self.author,
            &mut self.officer,
            &mut self.second_officer,
            &mut self.pilot_manager,
            &mut self.finance,
            &mut self.chair,
            &mut self.evaluator,
            &mut self.calm.bidder,
            &mut self.river.bidder,
        ] {
            self.app.log_in_again(person).await;
        }
    }

    /// Opened by both officers.
    pub async fn opened(&mut self) -> (String, String, String) {
        let (challenge, calm, river) = self.with_bids().await;
        self.pass_deadline().await;
        self.open(&challenge).await;
        (challenge, calm, river)
    }

    /// Both bids admitted, conflicts declared.
    pub async fn evaluating(&mut self) -> (String, String, String) {
        let (challenge, calm, river) = self.opened().await;
        for bid in [&calm, &river] {
            self.call(self.officer.act(&format!("/bids/{bid}/admit"))).await.expect(200);
        }
        self.step(&self.officer, &challenge, "start-evaluation").await;
        for person in [&self.chair, &self.evaluator] {
            let path = format!("/challenges/{challenge}/conflict-declarations");
            self.call(person.post(&path, json!({ "conflicts": [] }))).await.expect(201);
        }
        (challenge, calm, river)
    }

    /// The body that gives a bid these scores on both criteria.
    pub async fn scores(&self, challenge: &str, first: &str, second: &str) -> Value {
        let criteria = self.call(self.author.get(&format!("/challenges/{challenge}"))).await.expect(200);
        let id = |i: usize| criteria.body["criteria"][i]["id"].clone();
        json!({ "scores": [
            { "criterion": id(0), "score": first, "comment": "Because." },
            { "criterion": id(1), "score": second, "comment": "Because." },
        ] })
    }

    /// A new sheet.
    pub fn score(&self, who: &Person, bid: &str, scores: Value) -> TestRequest {
        let request = TestRequest::put().uri(&format!("/api/v1/bids/{bid}/evaluation"));
        who.sign(request).insert_header(("if-none-match", "*")).set_json(scores)
    }

    /// Everybody has scored and submitted, and the prices are open; Calm is ahead.
    pub async fn scored(&mut self) -> (String, String, String) {
        let (challenge, calm, river) = self.evaluating().await;
        for person in [&self.chair, &self.evaluator] {
            for (bid, first, second) in [(&calm, "4.5", "4"), (&river, "3", "3.5")] {
                let scores = self.scores(&challenge, first, second).await;
                self.call(self.score(person, bid, scores)).await.expect(200);
            }
            self.step(person, &challenge, "submit-evaluations").await;
        }
        self.open_prices(&challenge).await;
        (challenge, calm, river)
    }

    /// Calm won; gives the challenge and the contract.
    pub async fn awarded(&mut self) -> (String, String) {
        let (challenge, calm, _) = self.scored().await;
        let body = json!({ "winners": [calm], "reason": "The best total." });
        self.call(self.officer.post(&format!("/challenges/{challenge}/award"), body)).await.expect(200);
        let contracts = self.call(self.officer.get(&format!("/challenges/{challenge}/contracts"))).await.expect(200);
        let contract = contracts.body["items"][0]["id"].as_str().unwrap().to_owned();
        (challenge, contract)
    }

    /// Signed by both and started; gives the challenge, the contract and its milestone.
    pub async fn piloting(&mut self) -> (String, String, String) {
        let (challenge, contract) = self.awarded().await;
        self.advance(TimeDelta::days(7)).await;
        for person in [&self.officer, &self.calm.bidder] {
            self.call(person.act(&format!("/contracts/{contract}/sign"))).await.expect(200);
        }
        self.step(&self.officer, &challenge, "start-pilots").await;
        let found = self.call(self.officer.get(&format!("/contracts/{contract}"))).await.expect(200);
        let milestone = found.body["milestones"][0]["id"].as_str().unwrap().to_owned();
        (challenge, contract, milestone)
    }
}

/// An organisation with its owner.
pub async fn organisation(app: &TestApp, owner: &Person, kind: &str, name: &str) -> String {
    organisation_in(app, owner, kind, name, false).await
}

/// The same, a sandbox or real.
pub async fn organisation_in(app: &TestApp, owner: &Person, kind: &str, name: &str, sandbox: bool) -> String {
    let body = json!({ "kind": kind, "legalName": name, "country": "SI", "sandbox": sandbox });
    app.call(owner.post("/organisations", body)).await.expect(201).id()
}

/// A company whose owner is its bidder.
pub async fn company(app: &TestApp, name: &str) -> Company {
    company_in(app, name, false).await
}

/// The same, of sandboxes or real.
pub async fn company_in(app: &TestApp, name: &str, sandbox: bool) -> Company {
    let bidder = app.person(&format!("Bidder of {name}")).await;
    let id = organisation_in(app, &bidder, "company", name, sandbox).await;
    let members = app.call(bidder.get(&format!("/organisations/{id}/members"))).await.expect(200);
    let member = members.body["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/organisations/{id}/members/{member}");
    app.call(bidder.put(&path, 1, json!({ "roles": ["owner", "bidder"] }))).await.expect(200);
    Company { id, bidder }
}
