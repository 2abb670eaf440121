//! Two-stage challenges over HTTP: unpriced solutions, their opening, the shortlist, and who bids then.

use crate::{
    app::{Person, Response, get},
    marketplace::{Company, Marketplace, company},
    rows,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{SecondsFormat, TimeDelta};
use sealing::{Committee, Id, Kind, Label};
use serde_json::{Value, json};
use testing::Backend;

/// A marketplace with four companies and a published two-stage challenge.
pub struct TwoStages {
    pub m: Marketplace,
    pub challenge: String,
    pub others: Vec<Company>,
}

/// What is sent as a moment so many days from now.
pub fn in_days(m: &Marketplace, days: i64) -> String {
    (m.app.now() + TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What makes the usual content one of two stages: solutions for 16 days, offers until day 40.
pub fn content(m: &Marketplace) -> Value {
    json!({
        "shortlisting": { "solutionDeadline": in_days(m, 16), "most": 3 },
        "submissionDeadline": in_days(m, 40),
    })
}

/// The scheduler ends the first stage of whatever is due; gives how many that were.
pub async fn end_first_stage(m: &Marketplace) -> usize {
    let due = m.app.db().read(|conn| application::shortlists::due(conn, persistence::Scope::Real)).await.unwrap();
    for id in &due {
        let id = *id;
        assert!(m.app.db().write(move |conn| application::shortlists::close(conn, id)).await.unwrap());
    }
    due.len()
}

impl TwoStages {
    pub async fn new(backend: Backend) -> Self {
        let m = Marketplace::new(backend).await;
        let others = vec![company(&m.app, "Deep Hearing").await, company(&m.app, "Fast Line").await];
        let challenge = m.draft_with(content(&m)).await;
        m.publish(&challenge).await;
        Self { m, challenge, others }
    }

    /// Calm, River, and the two others.
    pub fn companies(&self) -> [&Company; 4] {
        [&self.m.calm, &self.m.river, &self.others[0], &self.others[1]]
    }

    pub async fn hand_in(&self, company: &Company, body: Value, key: &str) -> Response {
        let mut body = body;
        body["company"] = json!(company.id);
        let request = company.bidder.post(&format!("/challenges/{}/solutions", self.challenge), body);
        self.m.call(request.insert_header(("idempotency-key", format!("{key}-{}", company.id)))).await
    }

    pub async fn solution(&self, company: &Company, text: &str) -> String {
        self.hand_in(company, json!({ "solution": { "text": text } }), "solution").await.expect(201).id()
    }

    /// A solution of each company; in the order of [`Self::companies`].
    pub async fn solutions(&self) -> Vec<String> {
        let mut bids = Vec::new();
        for company in self.companies() {
            bids.push(self.solution(company, "We listen.").await);
        }
        bids
    }

    pub async fn advance(&mut self, days: i64) {
        self.m.advance(TimeDelta::days(days)).await;
        for company in &mut self.others {
            self.m.app.log_in_again(&mut company.bidder).await;
        }
    }

    /// Lets the deadline for solutions pass and the scheduler act.
    pub async fn end_first_stage(&mut self) {
        self.advance(17).await;
        assert_eq!(end_first_stage(&self.m).await, 1);
    }

    pub async fn open_solutions(&self) {
        for officer in [&self.m.officer, &self.m.second_officer] {
            self.m.bring(officer, &self.challenge, "solution").await.expect(200);
        }
    }

    /// Four solutions, open and admitted.
    pub async fn candidates(&mut self) -> Vec<String> {
        let bids = self.solutions().await;
        self.end_first_stage().await;
        self.open_solutions().await;
        self.m.admit(&bids.iter().map(|bid| &**bid).collect::<Vec<_>>()).await;
        bids
    }

    pub async fn shortlist(&self, who: &Person, shortlisted: &[&str], not: &[&str]) -> Response {
        let decisions = |bids: &[&str]| -> Vec<_> {
            bids.iter().map(|bid| json!({ "bid": bid, "reason": format!("Because of {bid}.") })).collect()
        };
        let body = json!({
            "shortlisted": decisions(shortlisted), "notShortlisted": decisions(not), "noConflict": true,
        });
        self.m.call(who.post(&format!("/challenges/{}/shortlist", self.challenge), body)).await
    }

    /// All but the last are invited to bid.
    pub async fn shortlisted(&mut self) -> Vec<String> {
        let bids = self.candidates().await;
        let [calm, river, deep, fast] = [0, 1, 2, 3].map(|i| bids[i].as_str());
        self.shortlist(&self.m.officer, &[calm, river, deep], &[fast]).await.expect(200);
        bids
    }

    pub async fn bid_of(&self, company: &Company, bid: &str) -> Value {
        self.m.see(&company.bidder, &format!("/bids/{bid}")).await
    }
}

testing::on_both! {
    async fn a_two_stage_challenge_goes_from_solutions_over_a_shortlist_to_an_award(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        let bids = t.solutions().await;
        let own = t.bid_of(&t.m.calm, &bids[0]).await;
        assert_eq!((&own["stage"], &own["solution"], &own["price"]), (&json!("solution"), &Value::Null, &Value::Null));
        assert_eq!(own["envelopes"].as_array().unwrap().len(), 1);
        assert_eq!(own["envelopes"][0]["kind"], "solution");
        t.end_first_stage().await;
        assert_eq!(t.m.status(&t.challenge).await, "published");
        t.open_solutions().await;
        let path = format!("/challenges/{}/solutions", t.challenge);
        for person in [&t.m.calm.bidder, &t.m.chair, &t.m.administrator, &t.m.author, &t.m.owner] {
            t.m.call(person.get(&path)).await.expect_problem(404, "not_found");
            if person.id != t.m.calm.bidder.id {
                t.m.call(person.get(&format!("/bids/{}", bids[0]))).await.expect_problem(404, "not_found");
            }
        }
        let first = t.m.see(&t.m.officer, &format!("{path}?limit=3")).await;
        let rest = t.m.see(&t.m.officer, &format!("{path}?limit=3&after={}", first["next"].as_str().unwrap())).await;
        let ids = |page: &Value| page["items"].as_array().unwrap().iter().map(|b| b["id"].clone()).collect::<Vec<_>>();
        assert_eq!([ids(&first), ids(&rest)].concat(), bids.iter().map(|bid| json!(bid)).collect::<Vec<_>>());
        let list = t.m.see(&t.m.officer, &path).await;
        assert_eq!(list["items"].as_array().unwrap().len(), 4);
        assert_eq!((&list["items"][0]["solution"], &list["items"][0]["milestones"]), (&json!("We listen."), &json!([])));
        t.m.admit(&[&bids[0], &bids[1], &bids[2]]).await;
        let why = json!({ "code": "not_eligible", "reason": "No reference." });
        t.m.call(t.m.officer.post(&format!("/bids/{}/disqualify", bids[3]), why)).await.expect(200);
        let shortlisted = t.shortlist(&t.m.officer, &[&bids[0], &bids[1], &bids[2]], &[]).await.expect(200).body;
        assert!(shortlisted["shortlistedAt"].is_string() && shortlisted["solutionsOpenedAt"].is_string());
        let calm = t.m.call(t.m.bid(&t.m.calm, &t.challenge, "38500.00")).await.expect(201).body;
        assert_eq!((&calm["stage"], &calm["revision"]), (&json!("offer"), &json!(1)));
        let calm = calm["id"].as_str().unwrap().to_owned();
        let river = t.m.call(t.m.bid(&t.m.river, &t.challenge, "41000.00")).await.expect(201).id();
        t.advance(24).await;
        assert_eq!(t.m.run_scheduler().await, 1);
        t.m.open(&t.challenge).await;
        let offers = t.m.see(&t.m.officer, &format!("/challenges/{}/bids", t.challenge)).await;
        assert_eq!(offers["items"].as_array().unwrap().len(), 2);
        t.m.start_evaluating_opened(&t.challenge, &[&calm, &river]).await;
        for person in [&t.m.chair, &t.m.evaluator] {
            t.m.judge(person, &t.challenge, &[(&calm, "4", "4"), (&river, "3", "3")]).await;
        }
        let record = format!("/challenges/{}/opening-record", t.challenge);
        let kinds = |record: &Value| -> Vec<_> {
            record["envelopes"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap().to_owned()).collect()
        };
        let before = t.m.call(get(&record)).await.expect(200).body;
        assert_eq!((kinds(&before), &before["solutionsOpenedBy"]), (vec!["quality".to_owned(); 2], &json!([1, 2])));
        t.m.award(&t.challenge, &[&calm]).await.expect(200);
        let after = kinds(&t.m.call(get(&record)).await.expect(200).body);
        assert_eq!(after.iter().filter(|kind| *kind == "solution").count(), 4);
        assert_eq!(t.bid_of(&t.m.calm, &bids[0]).await["status"], "shortlisted");
        assert_eq!(t.m.told_about(&t.challenge).await, [
            "challenge.published", "challenge.solutions_closed", "challenge.solutions_opened", "challenge.shortlisted",
            "challenge.closed", "challenge.opened", "challenge.evaluation_started", "challenge.prices_opened",
            "challenge.awarded",
        ]);
    }

    async fn companies_seal_solutions_by_themselves_and_nothing_mixes_with_offers(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        let document = t.m.see(&t.m.calm.bidder, &format!("/challenges/{}/opening-committee", t.challenge)).await;
        let committee = Committee::from_json(document["document"].as_str().unwrap().as_bytes()).unwrap();
        let seal = |kind, version, content: &str| {
            let id = |id: &str| Id::parse(id).unwrap();
            let label = Label { challenge: id(&t.challenge), bidder: id(&t.m.calm.id), version, kind };
            let mut randomness = sealing::os_randomness().unwrap();
            let envelope = sealing::seal(&committee, &label, content.as_bytes(), &mut randomness).unwrap().envelope;
            let shares: Vec<_> = envelope.shares.iter().map(|share| BASE64_STANDARD.encode(share)).collect();
            let part = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
            json!({ "manifest": part(&envelope.manifest), "content": part(&envelope.content), "shares": shares })
        };
        let own = r#"{"format":"provoco-solution-v1","solution":"Ours.","milestones":[{"title":"All","dueWeek":8}]}"#;
        let quality = r#"{"format":"provoco-quality-v1","solution":"Ours.","milestones":[{"title":"All","dueWeek":8}]}"#;
        let other = json!({ "sealedSolution": seal(Kind::Quality, 1, quality) });
        let refused = t.hand_in(&t.m.calm, other, "mixed").await.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), [("/sealedSolution".to_owned(), "not_an_envelope".to_owned())]);
        let sealed = json!({ "sealedSolution": seal(Kind::Solution, 1, own) });
        let bid = t.hand_in(&t.m.calm, sealed, "sealed").await.expect(201).id();
        let second = json!({ "sealedSolution": seal(Kind::Solution, 2, own) });
        let replaced = t.m.call(t.m.calm.bidder.put(&format!("/bids/{bid}"), 1, second.clone())).await.expect(200);
        assert_eq!((&replaced.body["revision"], &replaced.body["envelopes"][0]["sealedBy"]), (&json!(2), &json!("company")));
        assert_eq!(t.m.see(&t.m.calm.bidder, &format!("/bids/{bid}/envelopes/solution")).await, second["sealedSolution"]);
        // The content of another stage in an envelope of this one is no solution.
        let wrong = json!({ "sealedSolution": seal(Kind::Solution, 1, quality) });
        let body = |company: &Company| {
            let mut body = wrong.clone();
            body["company"] = json!(company.id);
            body
        };
        t.m.call(t.m.river.bidder.post(&format!("/challenges/{}/solutions", t.challenge), body(&t.m.river))
            .insert_header(("idempotency-key", "foreign"))).await.expect_problem(422, "invalid");
        t.end_first_stage().await;
        t.open_solutions().await;
        let opened = t.m.see(&t.m.officer, &format!("/bids/{bid}")).await;
        assert_eq!((&opened["solution"], &opened["milestones"][0]["dueWeek"]), (&json!("Ours."), &json!(8)));
    }

    async fn the_first_stage_takes_solutions_only_and_the_second_offers_of_those_invited(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        let refused = t.m.call(t.m.bid(&t.m.calm, &t.challenge, "38500.00")).await;
        let receipt = refused.expect_problem(409, "shortlist_pending").body["receipt"].clone();
        assert!(receipt.is_object());
        let one_stage = t.m.published().await;
        let body = json!({ "company": t.m.calm.id, "solution": { "text": "We listen." } });
        let path = format!("/challenges/{one_stage}/solutions");
        let request = t.m.calm.bidder.post(&path, body).insert_header(("idempotency-key", "one"));
        t.m.call(request).await.expect_problem(409, "one_stage");
        let none = t.hand_in(&t.m.calm, json!({}), "none").await.expect_problem(422, "invalid");
        assert_eq!(none.fields(), [("/sealedSolution".to_owned(), "one_of".to_owned())]);
        let blank = json!({ "solution": { "text": " ", "milestones": [{ "title": "All", "dueWeek": 8 }] } });
        let blank = t.hand_in(&t.m.calm, blank, "blank").await.expect_problem(422, "invalid");
        assert_eq!(blank.fields()[0].0, "/solution/text");
        let bids = t.shortlisted().await;
        let twice = t.hand_in(&t.m.calm, json!({ "solution": { "text": "Again." } }), "late").await;
        twice.expect_problem(409, "deadline_passed");
        let [.., fast] = t.companies();
        let left_out = t.m.call(t.m.bid(fast, &t.challenge, "38500.00")).await.expect_problem(403, "not_shortlisted");
        assert!(left_out.body["receipt"].is_object());
        let stranger = company(&t.m.app, "Late Comer").await;
        let refused = rows::refused(&t.m.app, t.m.bid(&stranger, &t.challenge, "1.00"), 403, "not_shortlisted").await;
        assert!(refused.body["receipt"].is_object());
        let offer = t.m.call(t.m.bid(&t.m.calm, &t.challenge, "38500.00")).await.expect(201).id();
        let mixed = t.m.call(t.m.calm.bidder.put(&format!("/bids/{offer}"), 1, json!({ "solution": { "text": "x" } })));
        assert_eq!(mixed.await.expect_problem(422, "invalid").fields()[0].1, "other_stage");
        t.m.call(t.m.calm.bidder.act(&format!("/bids/{}/withdraw", bids[0]))).await.expect_problem(409, "deadline_passed");
        t.m.call(t.m.calm.bidder.act(&format!("/bids/{offer}/withdraw"))).await.expect(200);
    }

    async fn a_draft_of_an_offer_waits_for_the_invitation_and_partners_join_then(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        let draft = crate::bid_drafts::drafted(&t.m, &t.challenge, t.m.offer("38500.00")).await;
        let submit = |key: &str| crate::bid_drafts::submission(&t.m.calm.bidder, &draft, 1, key);
        t.m.call(submit("early")).await.expect_problem(409, "shortlist_pending");
        let bids = t.solutions().await;
        t.m.call(crate::bid_drafts::submission(&t.m.calm.bidder, &draft, 1, "still"))
            .await.expect_problem(409, "shortlist_pending");
        let consortium = t.m.form_consortium(&t.challenge).await;
        let named = json!({ "solution": { "text": "We all listen." }, "consortium": consortium });
        let refused = t.m.call(t.m.calm.bidder.put(&format!("/bids/{}", bids[0]), 1, named)).await;
        let refused = refused.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), [("/consortium".to_owned(), "not_allowed".to_owned())]);
        t.end_first_stage().await;
        t.open_solutions().await;
        let ids: Vec<_> = bids.iter().map(|bid| &**bid).collect();
        t.m.admit(&ids).await;
        t.shortlist(&t.m.officer, &ids[..3], &ids[3..]).await.expect(200);
        let from = json!({ "company": t.m.river.id, "offer": {}, "from": { "bid": bids[1] } });
        let begun = t.m.call(t.m.river.bidder.post(&format!("/challenges/{}/bid-drafts", t.challenge), from)).await;
        let begun = begun.expect(201).body;
        assert_eq!((&begun["offer"]["solution"], &begun["leftOut"][0]["code"]), (&json!("We listen."), &json!("unpriced")));
        let request = crate::bid_drafts::submission(&t.m.calm.bidder, &draft, 1, "invited");
        let offer = t.m.call(request).await.expect(200).body;
        assert_eq!((&offer["stage"], &offer["revision"]), (&json!("offer"), &json!(1)));
        assert_ne!(offer["id"], json!(bids[0]));
        assert_eq!(t.bid_of(&t.m.calm, &bids[0]).await["status"], "shortlisted");
    }

    async fn an_opening_of_solutions_that_was_interrupted_goes_on(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        let bids = t.solutions().await;
        let shares = format!("/challenges/{}/openings/solution/shares", t.challenge);
        t.m.call(t.m.officer.get(&shares)).await.expect_problem(409, "deadline_not_reached");
        t.advance(17).await;
        t.m.call(t.m.officer.get(&shares)).await.expect_problem(409, "incomplete");
        assert_eq!((end_first_stage(&t.m).await, end_first_stage(&t.m).await), (1, 0));
        t.m.bring(&t.m.officer, &t.challenge, "solution").await.expect(200);
        let unfinished = || t.m.app.db().read(application::openings::unfinished);
        assert_eq!(unfinished().await.unwrap(), []);
        // The second holder's shares arrive, and the program dies before it opens anything.
        let files = t.m.see(&t.m.second_officer, &format!("{shares}?limit=100")).await;
        let brought: Vec<_> = files["items"].as_array().unwrap().iter()
            .map(|file| serde_json::to_vec(&crate::ceremony::opened(&t.m.second_officer, &file["file"])).unwrap())
            .collect();
        let (person, id) = (t.m.second_officer.id, t.challenge.parse().map(domain::ChallengeId).unwrap());
        t.m.app.db().write(move |conn| {
            let memberships = persistence::sessions::memberships(conn, person, conn.machine_now())?;
            let actor = domain::Actor { memberships, ..domain::Actor::new(person) };
            let caller = application::Caller { actor, request_id: "dies".to_owned() };
            let shares: Vec<_> = brought.iter().map(|json| sealing::Share::from_json(json).unwrap()).collect();
            let kind = domain::opening::EnvelopeKind::Solution;
            application::openings::bring(conn, &caller, id, kind, &shares).map(drop)
        }).await.unwrap();
        let list = format!("/challenges/{}/solutions", t.challenge);
        assert_eq!(t.m.see(&t.m.officer, &list).await["items"], json!([]));
        let waiting = unfinished().await.unwrap();
        assert_eq!(waiting, [(id, domain::opening::EnvelopeKind::Solution)]);
        for (id, kind) in waiting {
            application::openings::proceed(t.m.app.db(), id, kind).await.unwrap();
        }
        assert_eq!(t.m.see(&t.m.officer, &list).await["items"].as_array().unwrap().len(), bids.len());
        assert_eq!(unfinished().await.unwrap(), []);
    }

    async fn a_challenge_without_candidates_is_closed_without_award_in_its_first_stage(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        let path = format!("/challenges/{}/close-without-award", t.challenge);
        let body = || json!({ "code": "no_bids", "reason": "Nobody came." });
        t.m.call(t.m.officer.post(&path, body())).await.expect_problem(409, "wrong_state");
        t.end_first_stage().await;
        t.open_solutions().await;
        let closed = t.m.call(t.m.officer.post(&path, body())).await.expect(200).body;
        assert_eq!(closed["status"], "closed_without_award");
    }
}
