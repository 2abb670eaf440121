//! Bidding together: who learns of it when, what a bid keeps of it, and what happens at the same moment.

use crate::{
    administration::appoint,
    app::{Person, Response},
    marketplace::{Company, Marketplace, company},
    rows::{change, dump, refused},
    steps::{all_at_once, let_in, mails},
};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use testing::Backend;

impl Marketplace {
    /// A company beside the usual two.
    pub async fn company(&self, name: &str) -> Company {
        company(&self.app, name).await
    }

    /// A consortium led by Calm, without partners; gives its id.
    pub async fn form_consortium(&self, challenge: &str) -> String {
        let body = json!({ "lead": self.calm.id });
        self.call(self.calm.bidder.post(&format!("/challenges/{challenge}/consortia"), body)).await.expect(201).id()
    }

    pub async fn ask_partner(&self, consortium: &str, partner: &Company) -> Response {
        let body = json!({ "organisation": partner.id, "part": format!("PART of {}", partner.id) });
        self.call(self.calm.bidder.post(&format!("/consortia/{consortium}/partners"), body)).await
    }

    pub async fn consortium(&self, who: &Person, id: &str) -> Value {
        self.see(who, &format!("/consortia/{id}")).await
    }
}

fn confirming(partner: &Company, consortium: &str, composition: &Value) -> TestRequest {
    let path = format!("/consortia/{consortium}/partners/{}/confirm", partner.id);
    partner.bidder.post(&path, json!({ "composition": composition }))
}

async fn confirm(m: &Marketplace, partner: &Company, consortium: &str) {
    let seen = m.consortium(&partner.bidder, consortium).await;
    m.call(confirming(partner, consortium, &seen["composition"])).await.expect(200);
}

fn declining(partner: &Company, consortium: &str) -> TestRequest {
    partner.bidder.act(&format!("/consortia/{consortium}/partners/{}/decline", partner.id))
}

fn removing(m: &Marketplace, consortium: &str, partner: &Company, version: &Value) -> TestRequest {
    let request = m.calm.bidder.delete(&format!("/consortia/{consortium}/partners/{}", partner.id));
    request.insert_header(("if-match", format!("\"{version}\"")))
}

fn bidding(m: &Marketplace, challenge: &str, consortium: &str, key: &str) -> TestRequest {
    let body = json!({ "company": m.calm.id, "offer": m.offer("38500.00"), "consortium": consortium });
    m.calm
        .bidder
        .post(&format!("/challenges/{challenge}/bids"), body)
        .insert_header(("idempotency-key", key.to_owned()))
}

/// A published challenge with a consortium of Calm and River that both want.
async fn agreed(m: &Marketplace) -> (String, String) {
    let challenge = m.published().await;
    let consortium = m.form_consortium(&challenge).await;
    m.ask_partner(&consortium, &m.river).await.expect(200);
    confirm(m, &m.river, &consortium).await;
    (challenge, consortium)
}

/// With the bid that names it.
async fn handed_in(m: &Marketplace) -> (String, String, String) {
    let (challenge, consortium) = agreed(m).await;
    let bid = m.call(bidding(m, &challenge, &consortium, "one")).await.expect(201).id();
    (challenge, consortium, bid)
}

fn suspend(m: &Marketplace, company: &Company, suspended: bool) {
    let at = if suspended { "'2026-01-01T00:00:00.000000Z'" } else { "NULL" };
    let id = &company.id;
    change(&m.app, &format!("UPDATE organisations SET suspended_at = {at}, suspension_reason = 'x' WHERE id = '{id}'"));
}

fn codes(response: &Response) -> Vec<(String, String)> {
    response.fields()
}

fn wrong(code: &str) -> Vec<(String, String)> {
    vec![("/consortium".to_owned(), code.to_owned())]
}

testing::on_both! {
    async fn a_partner_is_asked_by_mail_confirms_and_the_lead_sees_it(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let consortium = m.form_consortium(&challenge).await;
        let before = mails(&m.app).await.len();
        let asked = m.ask_partner(&consortium, &m.river).await.expect(200).body;
        assert_eq!(asked["partners"][0]["status"], "asked");
        let written = mails(&m.app).await.split_off(before);
        assert_eq!(written.len(), 1);
        assert_eq!(written[0].recipient_name, "Bidder of River Ear");
        assert_eq!(written[0].message["kind"], "partner_asked");
        assert_eq!(written[0].message["lead"], "Calm Signal");
        let list = m.see(&m.river.bidder, &format!("/organisations/{}/consortia", m.river.id)).await;
        assert_eq!(list["items"][0]["id"], json!(consortium));
        assert_eq!(list["items"][0]["challenge"]["id"], json!(challenge));
        confirm(&m, &m.river, &consortium).await;
        let seen = m.consortium(&m.calm.bidder, &consortium).await;
        assert_eq!(seen["partners"][0]["status"], "confirmed");
        assert_eq!(seen["partners"][0]["organisation"], json!({ "id": m.river.id, "name": "River Ear" }));
        assert_eq!(seen["bid"], Value::Null);
        let twice = json!({ "lead": m.calm.id });
        let path = format!("/challenges/{challenge}/consortia");
        refused(&m.app, m.calm.bidder.post(&path, twice), 409, "already_done").await;
        let foreign = refused(&m.app, m.calm.bidder.post(&path, json!({ "lead": m.river.id })), 422, "invalid").await;
        assert_eq!(codes(&foreign), [("/lead".to_owned(), "unknown".to_owned())]);
    }

    async fn partners_see_each_others_parts_and_not_what_others_said(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (_, consortium) = agreed(&m).await;
        let third = m.company("Third Firm").await;
        m.ask_partner(&consortium, &third).await.expect(200);
        let seen = m.consortium(&third.bidder, &consortium).await;
        let partners = seen["partners"].as_array().unwrap();
        assert_eq!(partners[0]["part"], json!(format!("PART of {}", m.river.id)));
        assert_eq!((&partners[0]["status"], &partners[0]["answeredAt"]), (&Value::Null, &Value::Null));
        assert_eq!(partners[1]["status"], "asked");
        let own = m.consortium(&m.river.bidder, &consortium).await;
        assert_eq!(own["partners"][0]["status"], "asked", "with somebody new it is asked again");
        assert_eq!(own["partners"][1]["status"], Value::Null);
    }

    async fn nobody_else_learns_of_it_by_any_door(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let auditor = m.app.person("Aida Auditor").await;
        appoint(&m.app, &m.administrator, &auditor, json!({ "administrator": false, "auditor": true })).await.expect(200);
        let own_auditor = m.staff("Anton Auditor", "auditor").await;
        let stranger = m.company("Third Firm").await;
        let challenge = m.published().await;
        let public = (m.feed().await, m.call(crate::app::get(&format!("/challenges/{challenge}"))).await.text);
        let consortium = m.form_consortium(&challenge).await;
        m.ask_partner(&consortium, &m.river).await.expect(200);
        confirm(&m, &m.river, &consortium).await;
        m.call(bidding(&m, &challenge, &consortium, "one")).await.expect(201);
        let after = (m.feed().await, m.call(crate::app::get(&format!("/challenges/{challenge}"))).await.text);
        assert_eq!(after, public);
        let path = format!("/consortia/{consortium}");
        let unknown = format!("/consortia/{}", uuid::Uuid::nil());
        for outsider in [&m.officer, &m.owner, &m.administrator, &auditor, &own_auditor, &stranger.bidder, &m.chair] {
            let told = m.call(outsider.get(&path)).await.expect_problem(404, "not_found");
            let same = m.call(outsider.get(&unknown)).await.expect_problem(404, "not_found");
            assert_eq!(told.body["detail"], same.body["detail"]);
        }
        for outsider in [&m.officer, &m.administrator, &stranger.bidder] {
            let list = format!("/organisations/{}/consortia", m.calm.id);
            m.call(outsider.get(&list)).await.expect_problem(404, "not_found");
        }
        let river = &m.river.id;
        for view in ["/audit/events?limit=200".to_owned(), format!("/organisations/{}/events?limit=200", m.calm.id)] {
            let seen = m.see(&auditor, &view).await.to_string();
            assert!(!seen.contains("consortium.") && !seen.contains(&consortium), "{seen}");
        }
        let agency = m.see(&own_auditor, &format!("/organisations/{}/events?limit=200", m.agency)).await.to_string();
        assert!(!agency.contains(&consortium) && !agency.contains(river), "{agency}");
        let told = m.see(&m.river.bidder, &format!("/organisations/{river}/events?limit=200")).await.to_string();
        assert!(told.contains("consortium.partner_asked") && told.contains("consortium.confirmed"));
        assert!(!told.contains("consortium.formed") && !told.contains("bid."), "{told}");
    }

    async fn a_bid_that_names_it_is_refused_until_everybody_agreed(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let consortium = m.form_consortium(&challenge).await;
        let empty = refused(&m.app, bidding(&m, &challenge, &consortium, "a"), 422, "invalid").await;
        assert_eq!(codes(&empty), wrong("no_partners"));
        m.ask_partner(&consortium, &m.river).await.expect(200);
        let asked = refused(&m.app, bidding(&m, &challenge, &consortium, "b"), 422, "invalid").await;
        assert_eq!(codes(&asked), wrong("partner_not_confirmed"));
        assert!(asked.text.contains("River Ear has not confirmed the consortium as it is now"), "{}", asked.text);
        confirm(&m, &m.river, &consortium).await;
        let other = m.published().await;
        for (challenge, consortium) in [(&other, &*consortium), (&challenge, &*uuid::Uuid::nil().to_string())] {
            let foreign = refused(&m.app, bidding(&m, challenge, consortium, "d"), 422, "invalid").await;
            assert_eq!(codes(&foreign), wrong("unknown"));
        }
        let body = json!({ "company": m.river.id, "offer": m.offer("100.00"), "consortium": consortium });
        let as_partner = m.river.bidder.post(&format!("/challenges/{challenge}/bids"), body);
        let foreign = refused(&m.app, as_partner.insert_header(("idempotency-key", "e")), 422, "invalid").await;
        assert_eq!(codes(&foreign), wrong("unknown"), "only the lead hands it in");
        let bid = m.call(bidding(&m, &challenge, &consortium, "f")).await.expect(201).body;
        assert_eq!(bid["consortium"]["partners"][0]["organisation"]["name"], "River Ear");
        assert_eq!(bid["consortium"]["partners"][0]["part"], json!(format!("PART of {}", m.river.id)));
        assert_eq!(bid["consortium"]["partners"][0]["profile"], Value::Null, "its documents are for the agency");
    }

    async fn partners_learn_that_their_consortium_bid_and_nothing_of_the_offer(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, consortium, bid) = handed_in(&m).await;
        let later = m.company("Third Firm").await;
        m.ask_partner(&consortium, &later).await.expect(200);
        let seen = m.consortium(&m.river.bidder, &consortium).await;
        assert_eq!((&seen["bid"]["id"], &seen["bid"]["status"]), (&json!(bid), &json!("submitted")));
        let receipts = m.see(&m.calm.bidder, &format!("/bids/{bid}/receipts")).await;
        assert_eq!(seen["bid"]["receipt"], receipts["items"][0]["id"]);
        assert_eq!(m.consortium(&later.bidder, &consortium).await["bid"], Value::Null, "that bid does not name it");
        m.call(m.river.bidder.get(&format!("/bids/{bid}"))).await.expect_problem(404, "not_found");
        let envelope = format!("/bids/{bid}/envelopes/price");
        m.call(m.river.bidder.get(&envelope)).await.expect_problem(404, "not_found");
        let receipt = format!("/receipts/{}", seen["bid"]["receipt"].as_str().unwrap());
        m.call(m.river.bidder.get(&receipt)).await.expect_problem(404, "not_found");
        assert_eq!(m.see(&m.river.bidder, "/bids").await["items"], json!([]));
        m.call(m.calm.bidder.act(&format!("/bids/{bid}/withdraw"))).await.expect(200);
        assert_eq!(m.consortium(&m.river.bidder, &consortium).await["bid"]["status"], "withdrawn");
        confirm(&m, &later, &consortium).await;
        confirm(&m, &m.river, &consortium).await;
        m.call(bidding(&m, &challenge, &consortium, "two")).await.expect(201);
    }

    async fn a_bid_replaced_without_it_names_nobody_any_more(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (_, consortium, bid) = handed_in(&m).await;
        let version = m.consortium(&m.calm.bidder, &consortium).await["version"].clone();
        refused(&m.app, removing(&m, &consortium, &m.river, &version), 409, "wrong_state").await;
        let alone = m.call(m.calm.bidder.put(&format!("/bids/{bid}"), 1, m.replacement("38000.00"))).await.expect(200);
        assert_eq!(alone.body["consortium"], Value::Null);
        assert_eq!(m.consortium(&m.river.bidder, &consortium).await["bid"], Value::Null);
        refused(&m.app, removing(&m, &consortium, &m.river, &json!(1)), 412, "stale").await;
        let mut again = m.replacement("37000.00");
        again["consortium"] = json!(consortium);
        let again = m.call(m.calm.bidder.put(&format!("/bids/{bid}"), 2, again)).await.expect(200);
        assert_eq!(again.body["consortium"]["id"], json!(consortium));
        let mut alone = m.replacement("36000.00");
        alone["consortium"] = Value::Null;
        m.call(m.calm.bidder.put(&format!("/bids/{bid}"), 3, alone)).await.expect(200);
        let removed = m.call(removing(&m, &consortium, &m.river, &version)).await.expect(200);
        assert_eq!(removed.body["partners"], json!([]));
        m.call(m.river.bidder.get(&format!("/consortia/{consortium}"))).await.expect_problem(404, "not_found");
    }

    async fn who_takes_it_back_after_the_submission_is_named_at_the_opening(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, consortium, bid) = handed_in(&m).await;
        let path = format!("/bids/{bid}");
        let at = "/consortium/partners/0/confirmationTakenBackAt";
        let before = mails(&m.app).await.len();
        m.call(declining(&m.river, &consortium)).await.expect(200);
        let written = mails(&m.app).await.split_off(before);
        assert_eq!(written.len(), 1);
        assert_eq!(written[0].recipient_name, "Bidder of Calm Signal");
        assert_eq!((&written[0].message["kind"], &written[0].message["in_bid"]), (&json!("partner_declined"), &json!(true)));
        assert!(m.see(&m.calm.bidder, &path).await.pointer(at).unwrap().is_string());
        confirm(&m, &m.river, &consortium).await;
        assert!(m.see(&m.calm.bidder, &path).await.pointer(at).unwrap().is_null(), "and stands by it again");
        m.call(declining(&m.river, &consortium)).await.expect(200);
        m.pass_deadline().await;
        m.call(declining(&m.river, &consortium)).await.expect_problem(409, "deadline_passed");
        m.open(&challenge).await;
        let opened = m.see(&m.officer, &path).await;
        assert_eq!(opened["status"], "opened", "the bid counts");
        assert!(opened.pointer(at).unwrap().is_string());
        m.admit(&[&bid]).await;
    }

    async fn after_the_opening_partners_are_named_wherever_the_bidder_is(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, consortium, bid) = handed_in(&m).await;
        let own = m.call(m.bid(&m.river, &challenge, "41000.00")).await.expect(201).id();
        m.pass_deadline().await;
        m.open(&challenge).await;
        let list = format!("/challenges/{challenge}/bids");
        let named = |seen: &Value| {
            let bids = seen["items"].as_array().unwrap();
            bids.iter().find(|item| item["id"] == json!(bid)).unwrap().clone()
        };
        let officer = named(&m.see(&m.officer, &list).await);
        assert_eq!(officer["sharedParticipants"], json!([{ "organisation": m.river.id, "bid": own }]));
        assert_eq!(officer["consortium"]["partners"][0]["profile"]["legalName"], "River Ear");
        assert_eq!(m.see(&m.officer, &format!("/bids/{own}")).await["sharedParticipants"][0]["bid"], json!(bid));
        assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{bid}")).await["sharedParticipants"], json!([]));
        let evaluator = named(&m.see(&m.chair, &list).await);
        let partner = &evaluator["consortium"]["partners"][0];
        assert_eq!(partner["organisation"]["name"], "River Ear", "so that conflicts can be declared");
        assert_eq!((&partner["part"], &partner["profile"]), (&Value::Null, &Value::Null));
        assert_eq!(evaluator["sharedParticipants"], json!([]));
        m.start_evaluating_opened(&challenge, &[&bid, &own]).await;
        let evaluator = named(&m.see(&m.chair, &list).await);
        assert!(evaluator["consortium"]["partners"][0]["part"].is_string());
        for person in [&m.chair, &m.evaluator] {
            m.judge(person, &challenge, &[(&bid, "4.5", "4"), (&own, "3", "3.5")]).await;
        }
        suspend(&m, &m.river, true);
        m.award(&challenge, &[&bid]).await.expect_problem(409, "organisation_suspended");
        suspend(&m, &m.river, false);
        m.award(&challenge, &[&bid]).await.expect(200);
        let award = m.call(crate::app::get(&format!("/challenges/{challenge}/award"))).await.expect(200).body;
        let partners = json!([{ "id": m.river.id, "name": "River Ear" }]);
        assert_eq!(award["ranking"]["rows"][0]["partners"], partners);
        assert_eq!(award["ranking"]["rows"][1]["partners"], json!([]));
        assert_eq!(m.contracts(&challenge).await[0]["partners"], partners);
        m.call(m.officer.get(&format!("/consortia/{consortium}"))).await.expect_problem(404, "not_found");
    }

    async fn who_took_it_back_is_named_nowhere_and_holds_up_no_award(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, consortium, bid) = handed_in(&m).await;
        m.call(declining(&m.river, &consortium)).await.expect(200);
        m.pass_deadline().await;
        m.open(&challenge).await;
        m.start_evaluating_opened(&challenge, &[&bid]).await;
        for person in [&m.chair, &m.evaluator] {
            m.judge(person, &challenge, &[(&bid, "4.5", "4")]).await;
        }
        suspend(&m, &m.river, true);
        m.award(&challenge, &[&bid]).await.expect(200);
        let award = m.call(crate::app::get(&format!("/challenges/{challenge}/award"))).await.expect(200).body;
        assert_eq!(award["ranking"]["rows"][0]["partners"], json!([]));
        assert_eq!(m.contracts(&challenge).await[0]["partners"], json!([]));
    }

    async fn who_belongs_to_a_partner_has_a_conflict_and_must_say_so(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, _, bid) = handed_in(&m).await;
        let_in(&m.app, &m.river.bidder, &m.river.id, &m.evaluator, &["bidder"]).await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        let refused = m.declare(&m.evaluator, &challenge, &[]).await.expect_problem(422, "invalid");
        assert_eq!(codes(&refused), [("/conflicts".to_owned(), "required".to_owned())]);
        m.declare(&m.evaluator, &challenge, &[&bid]).await.expect(201);
    }

    async fn what_was_read_is_what_is_confirmed(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, consortium) = agreed(&m).await;
        let seen = m.consortium(&m.river.bidder, &consortium).await["composition"].clone();
        let third = m.company("Third Firm").await;
        m.ask_partner(&consortium, &third).await.expect(200);
        refused(&m.app, confirming(&m.river, &consortium, &seen), 409, "concurrent_change").await;
        // A partner that confirms while the lead takes another one out has either confirmed what is there now, or nothing.
        let seen = m.consortium(&m.calm.bidder, &consortium).await;
        let (version, composition) = (&seen["version"], &seen["composition"]);
        let both = [removing(&m, &consortium, &third, version), confirming(&m.river, &consortium, composition)];
        all_at_once(both.map(|request| m.call(request))).await;
        let seen = m.consortium(&m.calm.bidder, &consortium).await;
        if seen["partners"].as_array().unwrap().len() == 1 {
            assert_eq!(seen["partners"][0]["status"], "asked", "{seen}");
            m.call(bidding(&m, &challenge, &consortium, "one")).await.expect_problem(422, "invalid");
        } else {
            assert_eq!(seen["partners"][0]["status"], "confirmed", "{seen}");
        }
    }

    async fn a_bid_beside_an_answer_names_only_who_agreed(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, consortium) = agreed(&m).await;
        let both = [bidding(&m, &challenge, &consortium, "one"), declining(&m.river, &consortium)];
        let answers = all_at_once(both.map(|request| m.call(request))).await;
        answers.iter().find(|answer| answer.body["partners"].is_array()).unwrap();
        let bids = m.see(&m.calm.bidder, "/bids").await;
        match bids["items"].as_array().unwrap().as_slice() {
            [] => {}
            [bid] => {
                let taken_back = bid.pointer("/consortium/partners/0/confirmationTakenBackAt").unwrap();
                assert!(taken_back.is_string(), "it came first, and the lead knows: {bid}");
            }
            more => panic!("{more:?}"),
        }
    }

    async fn a_sealed_bid_names_one_as_well_and_keeps_the_offer_sealed(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, consortium) = agreed(&m).await;
        let sealed = crate::sealed_bids::sealed_by_calm(&m, &challenge).await;
        let body = json!({ "company": m.calm.id, "sealed": sealed, "consortium": consortium });
        let request = m.calm.bidder.post(&format!("/challenges/{challenge}/bids"), body);
        let bid = m.call(request.insert_header(("idempotency-key", "one"))).await.expect(201).body;
        assert_eq!(bid["consortium"]["id"], json!(consortium));
        assert_eq!((&bid["solution"], &bid["price"]), (&Value::Null, &Value::Null));
        assert!(!dump(&m.app).contains("We listen for words"));
    }
}
