//! Who is told what by mail: the right people, once, and nothing that a mailbox must not hold.

use crate::{
    app::Person,
    marketplace::Marketplace,
    steps::{join, mails},
};
use persistence::outbox::Waiting;
use serde_json::{Value, json};
use testing::Backend;

/// The mails written since the last time, as kind and recipient, in a fixed order; and what they say.
struct Postbox {
    known: usize,
}

impl Postbox {
    async fn new(m: &Marketplace) -> Self {
        Self { known: mails(&m.app).await.len() }
    }

    async fn fetch(&mut self, m: &Marketplace) -> Vec<Waiting> {
        let all = mails(&m.app).await;
        let new = all[self.known..].to_vec();
        self.known = all.len();
        new
    }

    /// Asserts who was told, and that all were told the same, of these facts.
    async fn expect(&mut self, m: &Marketplace, kind: &str, people: &[&Person], facts: Value) {
        let new = self.fetch(m).await;
        let expected: Vec<_> = people.iter().map(|person| (kind, *person)).collect();
        expect_told(&new, &expected);
        for mail in new {
            for (name, fact) in facts.as_object().unwrap() {
                assert_eq!(mail.message[name], *fact, "{}", mail.message);
            }
        }
    }
}

/// Asserts that these mails of this kind went to these people, and no others.
fn expect_told(mails: &[Waiting], people: &[(&str, &Person)]) {
    let kind = |mail: &Waiting| mail.message["kind"].as_str().unwrap().to_owned();
    let mut told: Vec<_> = mails.iter().map(|mail| (kind(mail), mail.recipient_address.clone())).collect();
    let mut expected: Vec<_> = people.iter().map(|(kind, person)| ((*kind).to_owned(), person.email.clone())).collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

const SECRET: &str = "SECRET-SOLUTION";

fn offer(price: &str) -> Value {
    let amount = json!({ "amount": price, "currency": "EUR" });
    json!({
        "solution": SECRET, "price": amount,
        "milestones": [{ "title": "All of it", "amount": amount, "dueWeek": 8 }],
    })
}

testing::on_both! {
    async fn each_step_tells_the_people_it_concerns_once(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let mut colleague = join(&m.app, &m.calm.bidder, &m.calm.id, "Colleague", &["bidder"]).await;
        let draft = m.draft().await;
        let mut post = Postbox::new(&m).await;
        let shown = m.challenge(&draft).await;
        let (title, link) = (&shown["title"], format!("/challenges/{draft}"));
        m.step(&m.author, &draft, "submit-for-review").await;
        let facts = json!({ "challenge_title": title, "link": link });
        post.expect(&m, "review_requested", &[&m.officer, &m.second_officer], facts.clone()).await;
        let comment = json!({ "comment": "Say more." });
        m.call(m.officer.post(&format!("/challenges/{draft}/request-changes"), comment)).await.expect(200);
        let facts = json!({ "challenge_title": title, "link": link, "comment": "Say more." });
        post.expect(&m, "changes_requested", &[&m.author], facts).await;
        m.step(&m.author, &draft, "submit-for-review").await;
        post.fetch(&m).await;
        m.step(&m.officer, &draft, "approve").await;
        m.step(&m.officer, &draft, "publish").await;
        post.expect(&m, "", &[], json!({})).await;
        let bids = submission(&m, &mut post, &draft).await;
        m.pass_deadline().await;
        m.app.log_in_again(&mut colleague).await;
        let closed_at = m.challenge(&draft).await["closedAt"].clone();
        let facts = json!({ "challenge_reference": shown["reference"], "link": link, "closed_at": closed_at });
        post.expect(&m, "challenge_closed", &[&m.officer, &m.second_officer], facts).await;
        m.start_evaluating(&draft, &bids).await;
        let scores = [(&*bids[0], "4.25", "4"), (&*bids[1], "3.25", "3")];
        for person in [&m.chair, &m.evaluator] {
            m.judge(person, &draft, &scores).await;
        }
        post.expect(&m, "", &[], json!({})).await;
        decision(&mut m, &mut post, &draft, &bids, &mut colleague).await;
    }

    async fn a_repeated_a_tried_and_a_refused_request_send_nothing(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (draft, challenge) = (m.draft().await, m.published().await);
        let first = || m.submission(&m.calm, &challenge, m.offer("100.00"), "first");
        m.call(first()).await.expect(201);
        let mut post = Postbox::new(&m).await;
        assert_eq!(m.call(first()).await.expect(201).header("idempotent-replayed"), "true");
        let again = m.submission(&m.calm, &challenge, m.offer("200.00"), "again");
        m.call(again).await.expect_problem(409, "already_bid");
        let tried = m.river.bidder.post(
            &format!("/challenges/{challenge}/bids?dryRun=true"),
            json!({ "company": m.river.id, "offer": m.offer("300.00") }),
        );
        m.call(tried.insert_header(("idempotency-key", "tried"))).await.expect(200);
        let too_dear = m.submission(&m.river, &challenge, m.offer("45000.01"), "dear");
        m.call(too_dear).await.expect_problem(422, "invalid");
        m.call(m.author.act(&format!("/challenges/{draft}/submit-for-review?dryRun=true"))).await.expect(200);
        let refused = m.call(m.officer.act(&format!("/challenges/{draft}/submit-for-review"))).await;
        refused.expect_problem(403, "role_missing");
        post.expect(&m, "", &[], json!({})).await;
        assert_eq!(m.status(&draft).await, "draft");
    }

    async fn a_disqualified_bidder_is_told_of_the_decision_too(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.with_bids().await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        m.admit(&[&calm]).await;
        let reason = json!({ "code": "incomplete", "reason": "SECRET-GROUND" });
        m.call(m.officer.post(&format!("/bids/{river}/disqualify"), reason)).await.expect(200);
        m.step(&m.officer, &challenge, "start-evaluation").await;
        for person in [&m.chair, &m.evaluator] {
            m.declare(person, &challenge, &[]).await.expect(201);
            m.judge(person, &challenge, &[(&calm, "4", "4")]).await;
        }
        let mut post = Postbox::new(&m).await;
        m.award(&challenge, &[&calm]).await.expect(200);
        let new = post.fetch(&m).await;
        expect_told(&new, &[("awarded", &m.calm.bidder), ("not_awarded", &m.river.bidder)]);
        assert!(mails(&m.app).await.iter().all(|mail| !mail.message.to_string().contains("SECRET")));
    }

    async fn who_left_the_company_is_not_told_of_the_award(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let leaver = join(&m.app, &m.calm.bidder, &m.calm.id, "Leaver", &["bidder"]).await;
        let challenge = m.published().await;
        let body = json!({ "company": m.calm.id, "offer": m.offer("100.00") });
        let request = leaver.post(&format!("/challenges/{challenge}/bids"), body);
        let bid = m.call(request.insert_header(("idempotency-key", "leaver"))).await.expect(201).id();
        let path = format!("/organisations/{}/members", m.calm.id);
        let members = m.see(&m.calm.bidder, &path).await;
        let of_leaver = |row: &&Value| row["user"] == json!(leaver.id);
        let member = members["items"].as_array().unwrap().iter().find(of_leaver).unwrap()["id"].clone();
        let removal = m.calm.bidder.delete(&format!("{path}/{}", member.as_str().unwrap()));
        m.call(removal.insert_header(("if-match", "\"1\""))).await.expect(204);
        m.pass_deadline().await;
        m.start_evaluating(&challenge, std::slice::from_ref(&bid)).await;
        for person in [&m.chair, &m.evaluator] {
            m.judge(person, &challenge, &[(&bid, "4", "4")]).await;
        }
        let mut post = Postbox::new(&m).await;
        m.award(&challenge, &[&bid]).await.expect(200);
        post.expect(&m, "awarded", &[&m.calm.bidder], json!({ "link": format!("/challenges/{challenge}") })).await;
    }
}

/// Both companies bid, one replaces its bid: each time whoever did it gets a receipt.
async fn submission(m: &Marketplace, post: &mut Postbox, challenge: &str) -> Vec<String> {
    let reference = m.challenge(challenge).await["reference"].clone();
    let mut bids = Vec::new();
    for (company, price) in [(&m.calm, "38123.45"), (&m.river, "41234.56")] {
        let bid = m.call(m.submission(company, challenge, offer(price), "k")).await.expect(201).body;
        let id = bid["id"].as_str().unwrap().to_owned();
        let receipt: Value = serde_json::from_str(bid["receipt"]["payload"].as_str().unwrap()).unwrap();
        let (received_at, link) = (&bid["submittedAt"], format!("/receipts/{}", receipt["id"].as_str().unwrap()));
        let facts = json!({ "challenge_reference": reference, "version": 1, "received_at": received_at, "link": link });
        post.expect(m, "bid_received", &[&company.bidder], facts).await;
        bids.push(id);
    }
    let replacement = json!({ "offer": offer("41234.57") });
    m.call(m.river.bidder.put(&format!("/bids/{}", bids[1]), 1, replacement)).await.expect(200);
    post.expect(m, "bid_received", &[&m.river.bidder], json!({ "version": 2 })).await;
    bids
}

/// From the award to the last milestone.
async fn decision(m: &mut Marketplace, post: &mut Postbox, challenge: &str, bids: &[String], colleague: &mut Person) {
    let decided = m.award(challenge, &[&bids[0]]).await.expect(200).body;
    let new = post.fetch(m).await;
    expect_told(&new, &[("awarded", &m.calm.bidder), ("awarded", colleague), ("not_awarded", &m.river.bidder)]);
    assert!(new.iter().all(|mail| mail.message["standstill_until"] == decided["standstillUntil"]));
    m.advance(chrono::TimeDelta::days(7)).await;
    m.app.log_in_again(colleague).await;
    let contract = m.contracts(challenge).await.remove(0);
    let link = format!("/contracts/{}", contract["id"].as_str().unwrap());
    for person in [&m.officer, &m.calm.bidder] {
        m.call(person.act(&format!("{link}/sign"))).await.expect(200);
    }
    post.expect(m, "", &[], json!({})).await;
    let milestone = format!("/milestones/{}", contract["milestones"][0]["id"].as_str().unwrap());
    let facts = |more: Value| {
        let mut facts = json!({ "milestone_title": "All of it", "link": link });
        facts.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        facts
    };
    let bidders = [&m.calm.bidder, &*colleague];
    let deliver = || m.calm.bidder.post(&format!("{milestone}/deliver"), json!({ "note": "SECRET-NOTE" }));
    m.call(deliver()).await.expect(200);
    post.expect(m, "milestone_delivered", &[&m.pilot_manager], facts(json!({}))).await;
    m.call(m.pilot_manager.post(&format!("{milestone}/reject"), json!({ "reason": "Not yet." }))).await.expect(200);
    post.expect(m, "milestone_rejected", &bidders, facts(json!({ "reason": "Not yet." }))).await;
    m.call(deliver()).await.expect(200);
    post.expect(m, "milestone_delivered", &[&m.pilot_manager], facts(json!({}))).await;
    let accepted = m.call(m.pilot_manager.act(&format!("{milestone}/accept"))).await.expect(200).body;
    post.expect(m, "milestone_accepted", &bidders, facts(json!({ "accepted_at": accepted["decidedAt"] }))).await;
    expect_no_secret(m).await;
}

/// Whether the text holds this word or number, with or without decimals of its own. The digits of a time, of an id or of a
/// reference are no such number.
fn names(text: &str, word: &str) -> bool {
    let text = text.replace("\\n", " ");
    let mut words =
        text.split(|c: char| !c.is_alphanumeric() && c != '.' && c != '-').map(|word| word.trim_end_matches('.'));
    words.any(|found| found.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

#[test]
fn a_secret_number_is_found_as_a_number_only() {
    for text in ["\"4.25\"", "It got 4.25.", "(EUR 4.25)", "[4.25]", "a line\\n4.25"] {
        assert!(names(text, "4.25"), "{text}");
    }
    for text in ["2026-11-24T02:03:14.25Z", "2026-11-24T02:03:04.25Z", "14.25", "4.251", "PRV-2026-4.25"] {
        assert!(!names(text, "4.25"), "{text}");
    }
    assert!(names("38123.00", "38123") && names("38123", "38123"));
    assert!(!names("0199f3a0-38123-7c3e", "38123") && !names("38123abc", "38123"));
}

/// No price, score, solution, rival or token in any mail, to whomever.
async fn expect_no_secret(m: &Marketplace) {
    for mail in mails(&m.app).await {
        let text = mail.message.to_string();
        assert!(!["SECRET", "token", "price", "score"].iter().any(|secret| text.contains(secret)), "{text}");
        assert!(!["38123", "41234", "4.25", "3.25", "EUR"].iter().any(|secret| names(&text, secret)), "{text}");
        for rival in ["Calm Signal", "River Ear", &m.calm.id, &m.river.id] {
            assert!(!text.contains(rival), "{text}");
        }
    }
}
