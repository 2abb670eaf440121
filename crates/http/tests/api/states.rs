//! Every action in every state of a challenge.

use crate::{
    app::Person,
    marketplace::{Company, Marketplace},
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

/// The states, each with the challenge that is in it.
type Challenges = Vec<(&'static str, String)>;

/// A challenge in each state. Those that the deadline has passed for have one bid, of Calm.
async fn in_every_state(m: &mut Marketplace) -> Challenges {
    const LATE: [&str; 7] =
        ["closed", "opened", "evaluating", "closed_without_award", "awarded", "piloting", "completed"];
    let mut late = Vec::new();
    for state in LATE {
        let id = m.published().await;
        let bid = m.submit(&m.calm, &id, m.offer("38500.00")).await;
        late.push((state, id, bid));
    }
    m.pass_deadline().await;
    let mut contracts = Vec::new();
    for (state, id, bid) in &late {
        contracts.push(decide(m, state, id, bid).await);
    }
    m.advance(TimeDelta::days(7)).await;
    for ((state, id, _), contract) in late.iter().zip(contracts) {
        if let Some(contract) = contract {
            pilot(m, state, id, &contract).await;
        }
    }
    late.into_iter().map(|(state, id, _)| (state, id)).chain(early(m).await).collect()
}

/// From closed to the state, or to the award; gives the contract if it is to be signed.
async fn decide(m: &Marketplace, state: &str, id: &str, bid: &str) -> Option<Value> {
    if state == "closed" {
        return None;
    }
    m.open(id).await;
    if state == "opened" {
        return None;
    }
    m.admit(&[bid]).await;
    m.step(&m.officer, id, "start-evaluation").await;
    match state {
        "evaluating" => return None,
        "closed_without_award" => {
            let body = json!({ "code": "below_minimum", "reason": "Too low." });
            m.call(m.officer.post(&format!("/challenges/{id}/close-without-award"), body)).await.expect(200);
            return None;
        }
        _ => {}
    }
    for person in [&m.chair, &m.evaluator] {
        m.declare(person, id, &[]).await.expect(201);
        m.judge(person, id, &[(bid, "4", "4")]).await;
    }
    m.award(id, &[bid]).await.expect(200);
    (state != "awarded").then_some(m.contracts(id).await.remove(0))
}

async fn pilot(m: &Marketplace, state: &str, id: &str, contract: &Value) {
    let (contract, milestone) = (contract["id"].as_str().unwrap(), contract["milestones"][0]["id"].as_str().unwrap());
    for person in [&m.officer, &m.calm.bidder] {
        m.call(person.act(&format!("/contracts/{contract}/sign"))).await.expect(200);
    }
    m.step(&m.officer, id, "start-pilots").await;
    if state == "completed" {
        m.deliver_and_pay(&m.calm, milestone).await;
        let outcome = json!({ "decision": "stop", "learning": "Much.", "brilliantFailure": true });
        m.call(m.pilot_manager.post(&format!("/contracts/{contract}/complete"), outcome)).await.expect(200);
        m.step(&m.pilot_manager, id, "complete").await;
    }
}

async fn early(m: &Marketplace) -> Challenges {
    let [draft, in_review, changes, approved] = [m.draft().await, m.draft().await, m.draft().await, m.draft().await];
    for id in [&in_review, &changes, &approved] {
        m.step(&m.author, id, "submit-for-review").await;
    }
    let comment = json!({ "comment": "More." });
    m.call(m.officer.post(&format!("/challenges/{changes}/request-changes"), comment)).await.expect(200);
    m.step(&m.officer, &approved, "approve").await;
    let (published, suspended, cancelled) = (m.published().await, m.published().await, m.published().await);
    let reason = json!({ "code": "other", "reason": "Wait." });
    m.call(m.officer.post(&format!("/challenges/{suspended}/suspend"), reason)).await.expect(200);
    let reason = json!({ "code": "other", "reason": "No." });
    m.call(m.officer.post(&format!("/challenges/{cancelled}/cancel"), reason)).await.expect(200);
    vec![
        ("draft", draft),
        ("in_review", in_review),
        ("changes_requested", changes),
        ("approved", approved),
        ("published", published),
        ("suspended", suspended),
        ("cancelled", cancelled),
    ]
}

type Ask = fn(&Marketplace, &str, &Value) -> TestRequest;

const BEFORE_AWARD: &[&str] = &[
    "draft",
    "in_review",
    "changes_requested",
    "approved",
    "published",
    "suspended",
    "closed",
    "opened",
    "evaluating",
];

/// The actions on a challenge, and the states in which they are possible.
const ACTIONS: [(&str, Ask, &[&str]); 21] = [
    (
        "edit",
        |m, id, c| m.author.patch(&at(id, ""), c["version"].as_i64().unwrap(), json!({})),
        &["draft", "changes_requested"],
    ),
    ("submit for review", |m, id, _| m.author.act(&at(id, "/submit-for-review")), &["draft", "changes_requested"]),
    ("name the panel", name_panel, &["draft", "in_review", "changes_requested"]),
    (
        "request changes",
        |m, id, _| m.officer.post(&at(id, "/request-changes"), json!({ "comment": "More." })),
        &["in_review", "approved"],
    ),
    ("schedule", schedule, &["approved"]),
    (
        "suspend",
        |m, id, _| m.officer.post(&at(id, "/suspend"), json!({ "code": "other", "reason": "Wait." })),
        &["published"],
    ),
    ("resume", |m, id, _| m.officer.post(&at(id, "/resume"), json!({ "reason": "Go on." })), &["suspended"]),
    (
        "add",
        |m, id, _| m.officer.post(&at(id, "/addenda"), json!({ "title": "More", "body": "Text." })),
        &["published", "suspended"],
    ),
    ("change", change, &["published", "suspended"]),
    ("approve", |m, id, _| m.officer.act(&at(id, "/approve")), &["in_review"]),
    ("publish", |m, id, _| m.officer.act(&at(id, "/publish")), &["approved"]),
    (
        "cancel",
        |m, id, _| m.officer.post(&at(id, "/cancel"), json!({ "code": "other", "reason": "No." })),
        BEFORE_AWARD,
    ),
    ("open", |m, id, _| m.officer.post(&at(id, "/openings/quality/shares"), json!({ "shares": [] })), &["closed"]),
    (
        "open prices",
        |m, id, _| m.officer.post(&at(id, "/openings/price/shares"), json!({ "shares": [] })),
        &["evaluating"],
    ),
    (
        "declare",
        |m, id, _| m.chair.post(&at(id, "/conflict-declarations"), json!({ "conflicts": [] })),
        &["opened", "evaluating"],
    ),
    ("start the evaluation", |m, id, _| m.officer.act(&at(id, "/start-evaluation")), &["opened"]),
    ("submit evaluations", |m, id, _| m.chair.act(&at(id, "/submit-evaluations")), &["evaluating"]),
    (
        "award",
        |m, id, _| m.officer.post(&at(id, "/award"), json!({ "winners": [id], "reason": "Best." })),
        &["evaluating"],
    ),
    (
        "close without award",
        |m, id, _| m.officer.post(&at(id, "/close-without-award"), json!({ "code": "other", "reason": "No." })),
        &["evaluating"],
    ),
    ("start pilots", |m, id, _| m.officer.act(&at(id, "/start-pilots")), &["awarded"]),
    ("complete", |m, id, _| m.pilot_manager.act(&at(id, "/complete")), &["piloting"]),
];

fn at(id: &str, action: &str) -> String {
    format!("/challenges/{id}{action}?dryRun=true")
}

fn schedule(m: &Marketplace, id: &str, _: &Value) -> TestRequest {
    m.officer.put(&at(id, "/scheduled-publication"), 1, json!({ "publishAt": m.app.now() + TimeDelta::hours(1) }))
}

fn change(m: &Marketplace, id: &str, challenge: &Value) -> TestRequest {
    let body = json!({ "code": "other", "reason": "A typo.", "changes": { "title": "Other" } });
    m.officer
        .post(&at(id, "/change-notices"), body)
        .insert_header(("if-match", format!("\"{}\"", challenge["version"])))
}

fn name_panel(m: &Marketplace, id: &str, _: &Value) -> TestRequest {
    let panel = json!({ "chair": null, "evaluators": [], "openingCommittee": [] });
    m.author.sign(TestRequest::put().uri(&format!("/api/v1{}", at(id, "/panel")))).set_json(panel)
}

testing::on_both! {
    async fn every_action_is_refused_in_every_state_but_those_it_belongs_to(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenges = in_every_state(&mut m).await;
        assert_eq!(challenges.len(), domain::ChallengeStatus::ALL.len());
        for (state, id) in &challenges {
            let before = m.challenge(id).await;
            assert_eq!(before["status"], *state);
            let feed = m.feed().await.len();
            for (action, ask, allowed) in ACTIONS {
                let answer = m.call(without_dry_run(&m, ask, id, &before, allowed.contains(state))).await;
                let refused = answer.body["code"] == "wrong_state";
                assert_eq!(refused, !allowed.contains(state), "{action} in {state}: {}", answer.text);
                assert!(!refused || answer.status == 409);
            }
            assert_eq!((m.challenge(id).await, m.feed().await.len()), (before, feed), "{state}");
        }
    }

    async fn bids_are_taken_in_one_state_only(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenges = in_every_state(&mut m).await;
        for (state, id) in &challenges {
            let answer = m.call(m.submission(&m.river, id, m.offer("100.00"), "state")).await;
            let told = answer.body["code"].as_str().unwrap_or_default();
            let expected = match *state {
                "published" => (201, ""),
                "closed" => (409, "deadline_passed"),
                "draft" | "in_review" | "changes_requested" | "approved" => (404, "not_found"),
                _ => (409, "wrong_state"),
            };
            assert_eq!((answer.status.as_u16(), told), expected, "{state}");
        }
    }
}

/// In a state that allows the action it is only tried: the challenge is needed for the next one.
fn without_dry_run(m: &Marketplace, ask: Ask, id: &str, before: &Value, allowed: bool) -> TestRequest {
    let request = ask(m, id, before);
    if allowed {
        return request;
    }
    let uri = request.to_request().uri().to_string();
    ask(m, id, before).uri(uri.trim_end_matches("?dryRun=true"))
}

impl Marketplace {
    /// A milestone from planned to paid.
    pub async fn deliver_and_pay(&self, company: &Company, milestone: &str) {
        let steps: [(&Person, &str, Option<Value>); 4] = [
            (&company.bidder, "deliver", Some(json!({ "note": "Done." }))),
            (&self.pilot_manager, "accept", None),
            (&company.bidder, "invoice", Some(json!({ "invoiceNumber": "1" }))),
            (&self.finance, "pay", Some(json!({ "paymentReference": "SI56 1" }))),
        ];
        for (who, action, body) in steps {
            let path = format!("/milestones/{milestone}/{action}");
            let request = body.map_or_else(|| who.act(&path), |body| who.post(&path, body));
            self.call(request).await.expect(200);
        }
    }
}
