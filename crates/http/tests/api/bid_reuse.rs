//! Drafts that begin with what an earlier bid of the company says.

use crate::{
    app::{Person, Response},
    bid_contents::{asking, particulars, with},
    bid_drafts::submission,
    marketplace::{Company, Marketplace},
    opening_recoveries::{keys, recoverable},
};
use serde_json::{Value, json};
use testing::Backend;

async fn begin(m: &Marketplace, who: &Person, company: &Company, challenge: &str, more: Value) -> Response {
    let body = with(json!({ "company": company.id }), &more);
    m.call(who.post(&format!("/challenges/{challenge}/bid-drafts"), body)).await
}

/// What was left out: where in the earlier offer, and why.
fn left_out(draft: &Value) -> Vec<(&str, &str)> {
    let left = draft["leftOut"].as_array().unwrap().iter();
    left.map(|it| (it["pointer"].as_str().unwrap(), it["code"].as_str().unwrap())).collect()
}

async fn discard(m: &Marketplace, draft: &Response) {
    let path = format!("/bid-drafts/{}", draft.body["id"].as_str().unwrap());
    m.call(m.calm.bidder.delete(&path).insert_header(("if-match", "\"1\""))).await.expect(204);
}

testing::on_both! {
    async fn a_withdrawn_bid_that_is_still_sealed_is_cloned_with_its_keys(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let (bid, [quality, price]) = recoverable(&m, &m.calm, &challenge).await;
        m.call(m.calm.bidder.act(&format!("/bids/{bid}/withdraw"))).await.expect(200);
        for (from, pointer, code) in [
            (json!({ "bid": bid }), "/from/qualityKey", "required"),
            (json!({ "bid": bid, "qualityKey": price }), "/from/qualityKey", "wrong_key"),
            (json!({ "bid": bid, "qualityKey": quality, "priceKey": quality }), "/from/priceKey", "wrong_key"),
            (json!({ "bid": bid, "qualityKey": "AGE-SECRET-KEY-1" }), "/from/qualityKey", "malformed"),
            (json!({ "bid": challenge, "qualityKey": quality }), "/from/bid", "unknown"),
        ] {
            let refused = begin(&m, &m.calm.bidder, &m.calm, &challenge, json!({ "from": from })).await;
            assert_eq!(refused.expect_problem(422, "invalid").fields(), [(pointer.to_owned(), code.to_owned())]);
        }
        let unpriced = json!({ "from": { "bid": bid, "qualityKey": quality } });
        let unpriced = begin(&m, &m.calm.bidder, &m.calm, &challenge, unpriced).await.expect(201);
        assert_eq!(unpriced.body["offer"]["solution"], m.offer("38500.00")["solution"]);
        assert_eq!(unpriced.body["offer"]["price"], Value::Null);
        assert_eq!(left_out(&unpriced.body), [("/offer/price", "sealed")]);
        discard(&m, &unpriced).await;
        let whole = json!({ "from": { "bid": bid, "qualityKey": quality, "priceKey": price } });
        let whole = begin(&m, &m.calm.bidder, &m.calm, &challenge, whole).await.expect(201);
        assert_eq!((&whole.body["offer"], left_out(&whole.body)), (&m.offer("38500.00"), Vec::new()));
        let draft = whole.body["id"].as_str().unwrap();
        m.call(submission(&m.calm.bidder, draft, 1, "again")).await.expect(200);
        let sealed = m.see(&m.calm.bidder, &format!("/bids/{bid}")).await;
        assert_eq!((&sealed["solution"], &sealed["status"]), (&Value::Null, &json!("withdrawn")), "it stays sealed");
    }

    async fn the_keys_of_one_company_open_nothing_for_another(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let (bid, [quality, _]) = recoverable(&m, &m.calm, &challenge).await;
        let from = json!({ "from": { "bid": bid, "qualityKey": quality } });
        let other = begin(&m, &m.river.bidder, &m.river, &challenge, from.clone()).await;
        assert_eq!(other.expect_problem(422, "invalid").fields(), [("/from/bid".to_owned(), "unknown".to_owned())]);
        let foreign = begin(&m, &m.river.bidder, &m.calm, &challenge, from).await;
        assert_eq!(foreign.expect_problem(422, "invalid").fields(), [("/from/bid".to_owned(), "unknown".to_owned())]);
        assert_eq!(keys(&m, &m.calm, &bid).await[0], quality);
    }

    async fn what_was_answered_once_is_reused_where_the_same_is_asked(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, content) = asking(&m).await;
        let said = particulars(&content);
        let bid = m.submit(&m.calm, &challenge, with(m.offer("38500.00"), &said)).await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        let (next, asked) = asking(&m).await;
        assert_ne!(asked["responseSections"][0]["id"], content["responseSections"][0]["id"]);
        let body = json!({ "from": { "bid": bid }, "offer": { "plan": "First we listen again." } });
        let draft = begin(&m, &m.calm.bidder, &m.calm, &next, body).await.expect(201).body;
        let mut expected = particulars(&asked);
        expected["team"][0]["consented"] = json!(false);
        expected["plan"] = json!("First we listen again.");
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&draft["offer"][name], value, "{name}");
        }
        assert_eq!(left_out(&draft), [("/offer/price", "other_challenge")]);
        let steps = draft["offer"]["milestones"].as_array().unwrap();
        assert!(!steps.is_empty() && steps.iter().all(|step| step.get("amount").is_none()));
        let missing = draft["problems"].as_array().unwrap().iter().any(|problem| problem["pointer"] == "/offer/price");
        assert!(missing, "a new price is asked for");
    }
}
