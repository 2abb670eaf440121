//! Bids that the company seals, bids that the server seals, and what their bidders keep.

use crate::{app::Response, ceremony::key_of, marketplace::Marketplace};
use base64::{Engine, prelude::BASE64_STANDARD};
use sealing::{Committee, Envelope, Id, Kind, Label, Manifest, SecretKey};
use serde_json::{Value, json};
use testing::Backend;

const QUALITY: &str =
    r#"{"format":"provoco-quality-v1","solution":"Ours.","milestones":[{"title":"All","dueWeek":8}]}"#;
const PRICE: &str = r#"{"format":"provoco-price-v1","currency":"EUR","total":"38500.00","milestones":["38500.00"]}"#;

/// What is sealed where, and as what.
#[derive(Clone)]
pub struct Sealing<'a> {
    pub challenge: &'a str,
    pub bidder: &'a str,
    pub version: u32,
    pub contents: [&'a str; 2],
}

impl<'a> Sealing<'a> {
    pub fn of(m: &'a Marketplace, challenge: &'a str) -> Self {
        Self { challenge, bidder: &m.calm.id, version: 1, contents: [QUALITY, PRICE] }
    }

    /// Both envelopes, and the keys to them.
    pub fn seal(&self, committee: &Committee) -> (Value, Vec<SecretKey>) {
        let (mut wires, mut keys) = (Vec::new(), Vec::new());
        for (kind, content) in [Kind::Quality, Kind::Price].into_iter().zip(self.contents) {
            let id = |id: &str| Id::parse(id).unwrap();
            let label = Label { challenge: id(self.challenge), bidder: id(self.bidder), version: self.version, kind };
            let mut randomness = sealing::os_randomness().unwrap();
            let sealed = sealing::seal(committee, &label, content.as_bytes(), &mut randomness).unwrap();
            wires.push(wire(&sealed.envelope));
            keys.push(sealed.key);
        }
        (json!({ "quality": wires[0], "price": wires[1] }), keys)
    }
}

fn wire(envelope: &Envelope) -> Value {
    let shares: Vec<_> = envelope.shares.iter().map(|share| BASE64_STANDARD.encode(share)).collect();
    json!({
        "manifest": BASE64_STANDARD.encode(&envelope.manifest),
        "content": BASE64_STANDARD.encode(&envelope.content),
        "shares": shares,
    })
}

pub async fn committee(m: &Marketplace, challenge: &str) -> Committee {
    let committee = m.see(&m.calm.bidder, &format!("/challenges/{challenge}/opening-committee")).await;
    Committee::from_json(committee["document"].as_str().unwrap().as_bytes()).unwrap()
}

/// Both envelopes of a first bid of Calm.
pub async fn sealed_by_calm(m: &Marketplace, challenge: &str) -> Value {
    Sealing::of(m, challenge).seal(&committee(m, challenge).await).0
}

pub async fn hand_in(m: &Marketplace, challenge: &str, sealed: &Value, key: &str) -> Response {
    let body = json!({ "company": m.calm.id, "sealed": sealed });
    let request = m.calm.bidder.post(&format!("/challenges/{challenge}/bids"), body);
    m.call(request.insert_header(("idempotency-key", key.to_owned()))).await
}

testing::on_both! {
    async fn a_company_seals_by_itself_and_the_committee_opens(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let committee = committee(&m, &challenge).await;
        let (sealed, _) = Sealing::of(&m, &challenge).seal(&committee);
        let received = hand_in(&m, &challenge, &sealed, "k").await.expect(201).body;
        let bid = received["id"].as_str().unwrap().to_owned();
        for (i, kind) in ["quality", "price"].into_iter().enumerate() {
            let envelope = &received["envelopes"][i];
            assert_eq!((&envelope["kind"], &envelope["sealedBy"]), (&json!(kind), &json!("company")));
            assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{bid}/envelopes/{kind}")).await, sealed[kind]);
            let path = format!("/bids/{bid}/envelopes/{kind}");
            m.call(m.river.bidder.get(&path)).await.expect_problem(404, "not_found");
        }
        let second = Sealing { version: 2, ..Sealing::of(&m, &challenge) }.seal(&committee).0;
        let replaced = m.calm.bidder.put(&format!("/bids/{bid}"), 1, json!({ "sealed": second }));
        assert_eq!(m.call(replaced).await.expect(200).body["revision"], 2);
        m.pass_deadline().await;
        m.open(&challenge).await;
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        assert_eq!((&opened["solution"], &opened["milestones"][0]["dueWeek"]), (&json!("Ours."), &json!(8)));
        m.admit(&[&bid]).await;
    }

    async fn envelopes_that_are_not_what_they_should_be_are_refused_with_the_reason(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, other) = (m.published().await, m.published().await);
        let committee = committee(&m, &challenge).await;
        let base = Sealing::of(&m, &challenge);
        let alone = [key_of(&m.officer), key_of(&m.chair)].map(|key| key.recipient().to_string());
        let strangers = Committee::new(2, &alone).unwrap();
        let swapped = {
            let sealed = base.seal(&committee).0;
            json!({ "quality": sealed["price"], "price": sealed["quality"] })
        };
        let damaged = {
            let mut sealed = base.seal(&committee).0;
            sealed["price"]["content"] = json!("AAAA");
            sealed
        };
        let cases = [
            (Sealing { challenge: &other, ..base.clone() }.seal(&committee).0, "/sealed/quality"),
            (Sealing { bidder: &m.river.id, ..base.clone() }.seal(&committee).0, "/sealed/quality"),
            (Sealing { version: 2, ..base.clone() }.seal(&committee).0, "/sealed/quality"),
            (base.seal(&strangers).0, "/sealed/quality"),
            (swapped, "/sealed/quality"),
            (damaged, "/sealed/price"),
        ];
        for (n, (sealed, pointer)) in cases.into_iter().enumerate() {
            let refused = hand_in(&m, &challenge, &sealed, &n.to_string()).await.expect_problem(422, "invalid");
            let first = refused.fields().into_iter().next().unwrap();
            assert_eq!(first, (pointer.to_owned(), "not_an_envelope".to_owned()), "{}", refused.text);
        }
        let mut garbled = base.seal(&committee).0;
        garbled["quality"]["manifest"] = json!("?");
        let refused = hand_in(&m, &challenge, &garbled, "garbled").await.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), [("/sealed/quality/manifest".to_owned(), "wrong_format".to_owned())]);
        let both = json!({ "company": m.calm.id, "sealed": base.seal(&committee).0, "offer": m.offer("1.00") });
        for body in [both, json!({ "company": m.calm.id })] {
            let request = m.calm.bidder.post(&format!("/challenges/{challenge}/bids"), body);
            let refused = m.call(request.insert_header(("idempotency-key", "both"))).await.expect_problem(422, "invalid");
            assert_eq!(refused.fields(), [("/offer".to_owned(), "one_of".to_owned())]);
        }
        let sound = base.seal(&committee).0;
        let bid = hand_in(&m, &challenge, &sound, "sound").await.expect(201).id();
        m.call(m.calm.bidder.act(&format!("/bids/{bid}/withdraw"))).await.expect(200);
        let again = hand_in(&m, &challenge, &sound, "again").await.expect_problem(422, "invalid");
        assert_eq!(again.fields(), [("/sealed".to_owned(), "known".to_owned())]);
    }

    async fn what_was_sealed_wrongly_is_opened_and_can_only_be_disqualified(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let committee = committee(&m, &challenge).await;
        let unreadable = Sealing { contents: ["Our plan.", PRICE], ..Sealing::of(&m, &challenge) }.seal(&committee).0;
        let bid = hand_in(&m, &challenge, &unreadable, "k").await.expect(201).id();
        let sound = m.submit(&m.river, &challenge, m.offer("41000.00")).await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        assert_eq!((&opened["status"], &opened["solution"]), (&json!("opened"), &Value::Null));
        assert_eq!(opened["envelopes"][0]["failure"], "unreadable");
        m.call(m.officer.act(&format!("/bids/{bid}/admit"))).await.expect_problem(409, "incomplete");
        let why = json!({ "code": "incomplete", "reason": "The envelope holds nothing that can be read." });
        m.call(m.officer.post(&format!("/bids/{bid}/disqualify"), why)).await.expect(200);
        m.admit(&[&sound]).await;
        let record = m.call(crate::app::get(&format!("/challenges/{challenge}/opening-record"))).await.expect(200).body;
        let failures: Vec<_> = record["envelopes"].as_array().unwrap().iter().map(|it| it["failure"].clone()).collect();
        assert_eq!(failures, [json!("unreadable"), Value::Null]);
    }

    /// PostgreSQL cannot store U+0000: what is wrong with one bid must not hold up the others.
    async fn a_content_that_cannot_be_stored_is_unreadable_and_holds_up_nobody(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let committee = committee(&m, &challenge).await;
        let nothing = QUALITY.replace("Ours.", "Ours\\u0000.");
        assert!(nothing.contains("\\u0000"));
        let sealed = Sealing { contents: [&nothing, PRICE], ..Sealing::of(&m, &challenge) }.seal(&committee).0;
        let bid = hand_in(&m, &challenge, &sealed, "k").await.expect(201).id();
        m.submit(&m.river, &challenge, m.offer("41000.00")).await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        assert_eq!(m.status(&challenge).await, "opened");
        let opened = m.see(&m.officer, &format!("/bids/{bid}")).await;
        assert_eq!((&opened["solution"], &opened["envelopes"][0]["failure"]), (&Value::Null, &json!("unreadable")));
    }

    async fn a_price_that_does_not_fit_disqualifies_once_it_is_known(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let committee = committee(&m, &challenge).await;
        let above = PRICE.replace("38500.00", "45000.01");
        let above = Sealing { contents: [QUALITY, &above], ..Sealing::of(&m, &challenge) }.seal(&committee).0;
        let dear = hand_in(&m, &challenge, &above, "k").await.expect(201).id();
        let sound = m.submit(&m.river, &challenge, m.offer("41000.00")).await;
        m.pass_deadline().await;
        m.start_evaluating(&challenge, &[dear.clone(), sound.clone()]).await;
        for person in [&m.chair, &m.evaluator] {
            m.judge(person, &challenge, &[(&dear, "5", "5"), (&sound, "3", "3")]).await;
        }
        let why = json!({ "code": "not_responsive", "reason": "Above the ceiling." });
        let disqualify = |bid: &str| m.officer.post(&format!("/bids/{bid}/disqualify"), why.clone());
        m.call(disqualify(&dear)).await.expect_problem(409, "wrong_state");
        m.open_prices(&challenge).await;
        let ranking = format!("/challenges/{challenge}/ranking");
        m.call(m.officer.get(&ranking)).await.expect_problem(409, "incomplete");
        m.call(disqualify(&sound)).await.expect_problem(409, "wrong_state");
        m.call(disqualify(&dear)).await.expect(200);
        let rows = m.see(&m.officer, &ranking).await;
        assert_eq!(rows["rows"].as_array().unwrap().len(), 1, "{rows}");
    }

    async fn whoever_the_bidder_names_opens_what_the_server_sealed(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let own = key_of(&m.calm.bidder);
        let mut body = json!({ "company": m.calm.id, "offer": m.offer("38500.00"), "recoveryRecipient": "age1nobody" });
        let send = |body: Value, key: &'static str| {
            let request = m.calm.bidder.post(&format!("/challenges/{challenge}/bids"), body);
            m.app.call(request.insert_header(("idempotency-key", key)))
        };
        let refused = send(body.clone(), "a").await.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), [("/recoveryRecipient".to_owned(), "malformed".to_owned())]);
        body["recoveryRecipient"] = json!(own.recipient().to_string());
        let received = send(body, "b").await.expect(201).body;
        let expected = [("quality", "We listen for words of distress."), ("price", "38500.00")];
        for (i, (kind, text)) in expected.into_iter().enumerate() {
            let recovery = BASE64_STANDARD.decode(received["envelopes"][i]["recovery"].as_str().unwrap()).unwrap();
            let key = sealing::open_recovery(&own, &recovery).unwrap();
            let path = format!("/bids/{}/envelopes/{kind}", received["id"].as_str().unwrap());
            let envelope = m.see(&m.calm.bidder, &path).await;
            let part = |name: &str| BASE64_STANDARD.decode(envelope[name].as_str().unwrap()).unwrap();
            let manifest = Manifest::parse(&part("manifest")).unwrap();
            let opened = sealing::open(&manifest, &part("content"), &key).unwrap();
            assert!(String::from_utf8(opened.content.to_vec()).unwrap().contains(text));
        }
    }
}
