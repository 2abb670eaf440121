//! Too few holders can open: bidders give the keys of their own envelopes.

use crate::{
    app::{Response, get},
    ceremony::key_of,
    marketplace::{Company, Marketplace},
    steps::mails,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use testing::Backend;

/// A bid whose company can open its envelopes by itself; gives the bid and the keys of both.
pub async fn recoverable(m: &Marketplace, company: &Company, challenge: &str) -> (String, [String; 2]) {
    let recipient = key_of(&company.bidder).recipient().to_string();
    let body = json!({ "company": company.id, "offer": m.offer("38500.00"), "recoveryRecipient": recipient });
    let request = company.bidder.post(&format!("/challenges/{challenge}/bids"), body);
    let bid = m.call(request.insert_header(("idempotency-key", "recoverable"))).await.expect(201).id();
    let keys = keys(m, company, &bid).await;
    (bid, keys)
}

/// The keys of both envelopes of a recoverable bid.
pub async fn keys(m: &Marketplace, company: &Company, bid: &str) -> [String; 2] {
    let bid = m.see(&company.bidder, &format!("/bids/{bid}")).await;
    [0, 1].map(|i: usize| {
        let file = BASE64_STANDARD.decode(bid["envelopes"][i]["recovery"].as_str().unwrap()).unwrap();
        sealing::open_recovery(&key_of(&company.bidder), &file).unwrap().to_text().to_string()
    })
}

async fn ask(m: &Marketplace, challenge: &str, kind: &str) -> Response {
    let body = json!({ "reason": "Two keys were lost in the flood." });
    m.call(m.officer.post(&format!("/challenges/{challenge}/openings/{kind}/key-request"), body)).await
}

async fn give(m: &Marketplace, company: &Company, bid: &str, kind: &str, key: &str) -> Response {
    m.call(company.bidder.post(&format!("/bids/{bid}/envelopes/{kind}/key"), json!({ "key": key }))).await
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// What the background does for sessions that do not end by themselves.
async fn look(m: &Marketplace) {
    for (id, kind) in m.app.db().read(application::openings::unfinished).await.unwrap() {
        application::openings::proceed(m.app.db(), id, kind).await.unwrap();
    }
}

testing::on_both! {
    async fn what_its_bidder_opens_counts_and_the_rest_is_given_up_when_the_time_is_over(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let (calm, keys) = recoverable(&m, &m.calm, &challenge).await;
        let river = m.submit(&m.river, &challenge, m.offer("41000.00")).await;
        ask(&m, &challenge, "quality").await.expect_problem(409, "wrong_state");
        m.pass_deadline().await;
        give(&m, &m.calm, &calm, "quality", &keys[0]).await.expect_problem(404, "not_found");
        let asked = ask(&m, &challenge, "quality").await.expect(201).body;
        ask(&m, &challenge, "quality").await.expect_problem(409, "already_done");
        let due = instant(&asked["dueAt"]);
        assert!(due >= m.app.now() + TimeDelta::days(5) && due <= m.app.now() + TimeDelta::days(14), "{asked}");
        let mails: Vec<_> = mails(&m.app).await.into_iter().filter(|mail| mail.message["kind"] == "key_asked_for").collect();
        assert_eq!(mails.len(), 2);
        let told = m.feed().await.into_iter().find(|event| event["type"] == "challenge.keys_asked_for").unwrap();
        assert_eq!(told["reason"], "Two keys were lost in the flood.");

        give(&m, &m.calm, &calm, "quality", "AGE-SECRET-KEY-1").await.expect_problem(422, "invalid");
        for wrong in [&*keys[1], &key_of(&m.calm.bidder).to_text()] {
            let refused = give(&m, &m.calm, &calm, "quality", wrong).await.expect_problem(422, "invalid");
            assert_eq!(refused.fields(), [("/key".to_owned(), "wrong_key".to_owned())]);
        }
        give(&m, &m.calm, &calm, "price", &keys[1]).await.expect_problem(404, "not_found");
        give(&m, &m.river, &calm, "quality", &keys[0]).await.expect_problem(404, "not_found");
        give(&m, &m.calm, &calm, "quality", &keys[0]).await.expect(204);
        give(&m, &m.calm, &calm, "quality", &keys[0]).await.expect_problem(409, "already_done");
        look(&m).await;
        assert_eq!(m.status(&challenge).await, "closed", "River still has time");
        assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{calm}")).await["solution"], Value::Null);
        m.advance_to(due).await;
        give(&m, &m.river, &river, "quality", &keys[0]).await.expect_problem(409, "deadline_passed");
        look(&m).await;
        assert_eq!(m.status(&challenge).await, "opened");
        let shown = m.see(&m.officer, &format!("/bids/{calm}")).await;
        assert_eq!(shown["solution"], "We listen for words of distress.");
        let lost = m.see(&m.officer, &format!("/bids/{river}")).await;
        assert_eq!((&lost["solution"], &lost["envelopes"][0]["failure"]), (&Value::Null, &json!("lost")));
        m.call(m.officer.act(&format!("/bids/{river}/admit"))).await.expect_problem(409, "incomplete");
        let record = m.call(get(&format!("/challenges/{challenge}/opening-record"))).await.expect(200).body;
        assert_eq!((&record["openedBy"], &record["keyRequests"][0]["kind"]), (&json!([]), &json!("quality")));
    }

    async fn when_every_bidder_gives_a_key_nobody_waits_any_longer(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let (calm, keys) = recoverable(&m, &m.calm, &challenge).await;
        m.pass_deadline().await;
        m.bring(&m.officer, &challenge, "quality").await.expect(200);
        ask(&m, &challenge, "quality").await.expect(201);
        give(&m, &m.calm, &calm, "quality", &keys[0]).await.expect(204);
        assert_eq!(m.status(&challenge).await, "opened");
        m.start_evaluating_opened(&challenge, &[&calm]).await;
        ask(&m, &challenge, "price").await.expect_problem(409, "incomplete");
        for person in [&m.chair, &m.evaluator] {
            m.judge(person, &challenge, &[(&calm, "4", "4")]).await;
        }
        ask(&m, &challenge, "price").await.expect(201);
        give(&m, &m.calm, &calm, "price", &keys[1]).await.expect(204);
        assert_eq!(m.see(&m.officer, &format!("/bids/{calm}")).await["price"]["amount"], "38500.00");
        m.award(&challenge, &[&calm]).await.expect(200);
    }

    async fn what_bidders_were_asked_for_is_not_reopened_and_after_the_time_holders_come_too_late(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, ..) = m.with_bids().await;
        m.pass_deadline().await;
        let due = instant(&ask(&m, &challenge, "quality").await.expect(201).body["dueAt"]);
        let id = domain::ChallengeId(challenge.parse().unwrap());
        let begun = m.app.db().read(move |conn| persistence::opening_committees::has_opening_begun(conn, id, domain::bid::BidStage::Offer)).await;
        assert!(begun.unwrap(), "no outage gives the bids back");
        m.advance_to(due).await;
        m.bring(&m.officer, &challenge, "quality").await.expect_problem(409, "deadline_passed");
    }

    async fn holders_may_still_come_while_bidders_are_asked(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, _) = m.with_bids().await;
        m.pass_deadline().await;
        ask(&m, &challenge, "quality").await.expect(201);
        m.open(&challenge).await;
        assert_eq!(m.status(&challenge).await, "opened");
        assert!(m.see(&m.officer, &format!("/bids/{calm}")).await["solution"].is_string());
    }
}
