//! Offers in full: what they have to answer, who sees it, and what the formal check is told.

use crate::{
    marketplace::Marketplace,
    response_sections::sections,
    sealed_bids::{Sealing, committee, hand_in},
};
use serde_json::{Value, json};
use testing::Backend;

/// A published challenge that asks for something, and what it says.
pub async fn asking(m: &Marketplace) -> (String, Value) {
    let draft = m.draft().await;
    m.edit(
        &draft,
        json!({
            "responseSections": sections(),
            "bidValidityDays": 120,
            "eligibility": [{ "kind": "technical_ability", "name": "A reference", "description": "One sentence." }],
            "intellectualProperty": { "ownership": "bidders_choice", "licence": "" },
        }),
    )
    .await
    .expect(200);
    m.step(&m.author, &draft, "submit-for-review").await;
    m.step(&m.officer, &draft, "approve").await;
    m.step(&m.officer, &draft, "publish").await;
    let content = m.challenge(&draft).await;
    (draft, content)
}

/// What an offer says beside solution, plan and price.
pub fn particulars(content: &Value) -> Value {
    let section = |i: usize| content["responseSections"][i]["id"].clone();
    json!({
        "answers": [
            { "section": section(0), "text": "Slovene, Italian and Hungarian." },
            { "section": section(1), "yes": true, "comment": "In Vienna." },
        ],
        "eligibility": [{ "criterion": content["eligibility"][0]["id"], "met": true, "statement": "Celje, 2023." }],
        "team": [{ "name": "Maja Oblak", "role": "Leads", "experience": "Eight years.", "days": 30, "consented": true }],
        "references": [{
            "title": "Taxi", "client": "Taxi Celje", "year": 2025, "description": "Half the wait.",
            "webPage": "https://calm.example/taxi", "contact": "The desk",
        }],
        "subcontractors": [{ "name": "Drava Hosting", "part": "Servers" }],
        "intellectualProperty": { "ownership": "company", "licence": "Ten years." },
        "validityDays": 150,
        "plan": "First we listen.",
    })
}

pub fn with(mut offer: Value, more: &Value) -> Value {
    offer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    offer
}

/// Without what says nothing.
fn said(shown: &Value) -> Value {
    match shown {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), said(value)))
            .collect(),
        Value::Array(items) => items.iter().map(said).collect(),
        other => other.clone(),
    }
}

fn assert_says(bid: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&said(&bid[name]), value, "{name}");
    }
}

/// What is wrong with what the bid says. That nobody agreed on the platform to be named is left out: that has its own tests.
fn problems(bid: &Value) -> Vec<(String, String)> {
    let text = |problem: &Value, name: &str| problem[name].as_str().unwrap().to_owned();
    let found = bid["problems"].as_array().unwrap().iter().filter(|problem| problem["code"] != "consent_missing");
    found.map(|problem| (text(problem, "pointer"), text(problem, "code"))).collect()
}

testing::on_both! {
    async fn a_full_offer_comes_out_of_its_envelope_as_it_was_put_in(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, content) = asking(&m).await;
        let expected = particulars(&content);
        let bid = m.submit(&m.calm, &challenge, with(m.offer("38500.00"), &expected)).await;
        let shut = m.see(&m.calm.bidder, &format!("/bids/{bid}")).await;
        for name in expected.as_object().unwrap().keys() {
            assert_eq!(shut[name], Value::Null, "{name} is in the envelope");
        }
        m.pass_deadline().await;
        m.open(&challenge).await;
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        assert_says(&opened, &expected);
        assert_eq!((problems(&opened), &opened["price"]), (Vec::new(), &Value::Null));
        let before = m.see(&m.chair, &format!("/bids/{bid}")).await;
        assert_eq!((&before["answers"], &before["team"], &before["plan"]), (&Value::Null, &Value::Null, &Value::Null));
        let none = json!({ "conflicts": [] });
        m.call(m.chair.post(&format!("/challenges/{challenge}/conflict-declarations"), none)).await.expect(201);
        assert_says(&m.see(&m.chair, &format!("/bids/{bid}")).await, &expected);
        assert_says(&m.see(&m.calm.bidder, &format!("/bids/{bid}")).await, &expected);
    }

    async fn an_offer_that_does_not_answer_is_refused_with_each_reason(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, content) = asking(&m).await;
        let path = format!("/challenges/{challenge}/bids");
        let refused = |offer: Value, key: &'static str| {
            let request = m.calm.bidder.post(&path, json!({ "company": m.calm.id, "offer": offer }));
            m.call(request.insert_header(("idempotency-key", key)))
        };
        let bare = refused(m.offer("38500.00"), "bare").await.expect_problem(422, "invalid");
        let pointers: Vec<_> = bare.fields().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, ["/offer/answers", "/offer/answers", "/offer/eligibility", "/offer/intellectualProperty"]);
        let mut wrong = particulars(&content);
        wrong["answers"][0]["text"] = json!("word ".repeat(21));
        wrong["answers"][1]["section"] = json!(challenge);
        wrong["validityDays"] = json!(119);
        wrong["team"][0]["consented"] = json!(false);
        let refused = refused(with(m.offer("38500.00"), &wrong), "wrong").await.expect_problem(422, "invalid");
        let fields = refused.fields();
        let fields: Vec<_> = fields.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
        assert_eq!(fields, [
            ("/offer/answers/0/text", "too_many_words"),
            ("/offer/answers/1/section", "unknown"),
            ("/offer/answers", "answer_missing"),
            ("/offer/team/0/consented", "consent_missing"),
            ("/offer/validityDays", "too_short"),
        ]);
        assert!(refused.body["receipt"].is_object(), "the refusal is on the record");
    }

    async fn what_was_sealed_without_the_server_is_checked_after_the_opening_and_holds_up_nobody(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, content) = asking(&m).await;
        let mut wanting = particulars(&content);
        wanting["answers"].as_array_mut().unwrap().remove(1);
        wanting["team"][0]["name"] = json!("");
        wanting["format"] = json!("provoco-quality-v1");
        wanting["solution"] = json!("Ours.");
        wanting["milestones"] = json!([{ "title": "All", "dueWeek": 8 }]);
        let (quality, price) = (wanting.to_string(), r#"{"format":"provoco-price-v1","currency":"EUR","total":"99999.00","milestones":["99999.00"]}"#);
        let base = Sealing::of(&m, &challenge);
        let sealed = Sealing { contents: [&quality, price], ..base }.seal(&committee(&m, &challenge).await).0;
        let bid = hand_in(&m, &challenge, &sealed, "k").await.expect(201).id();
        let sound = m.submit(&m.river, &challenge, with(m.offer("41000.00"), &particulars(&content))).await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        let expected = [("/answers", "answer_missing"), ("/team/0/name", "required")];
        let expected = expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned()));
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        assert_eq!(problems(&opened), expected);
        let listed = m.see(&m.officer, &format!("/challenges/{challenge}/bids")).await;
        let of = |id: &str| listed["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone();
        assert_eq!((problems(&of(&bid)), problems(&of(&sound))), (expected.to_vec(), Vec::new()));
        let own = m.see(&m.calm.bidder, "/bids").await;
        assert_eq!(problems(&own["items"][0]), expected);
        // An officer may admit it all the same: what is missing can be asked for.
        m.admit(&[&bid, &sound]).await;
    }

    async fn a_bid_is_confirmed_although_a_section_is_gone_and_the_check_tells(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, content) = asking(&m).await;
        let bid = m.submit(&m.calm, &challenge, with(m.offer("38500.00"), &particulars(&content))).await;
        let mut fewer = content["responseSections"].clone();
        fewer.as_array_mut().unwrap().remove(0);
        let deadline = m.deadline(&challenge).await + chrono::TimeDelta::days(12);
        let changes = json!({ "responseSections": fewer, "submissionDeadline": deadline });
        m.change(&challenge, changes).await.expect(201);
        m.call(m.calm.bidder.act(&format!("/bids/{bid}/confirm"))).await.expect(200);
        m.advance(chrono::TimeDelta::days(12)).await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        assert_eq!(problems(&opened), [("/answers/0/section".to_owned(), "unknown".to_owned())]);
    }
}
