//! Who may do what in the first of two stages: the part of the walk that `authorisation.rs` calls after the award, since the clock
//! moves.

use crate::{
    principals::Owner,
    two_stages::{content, end_first_stage},
    walk::{Call, Walk},
};
use chrono::TimeDelta;
use serde_json::json;

pub async fn check(walk: &mut Walk) {
    let m = &walk.m;
    let id = m.draft_with(content(m)).await;
    m.publish(&id).await;
    let challenge = Call::on("challenge", &id);
    let body = json!({ "company": m.calm.id, "solution": { "text": "We listen." } });
    let call = challenge.clone().body(body.clone());
    walk.check("submit_solution", Owner::Company, call, &[&m.calm.bidder]).await;
    let request = m.calm.bidder.post(&format!("/challenges/{id}/solutions"), body);
    let bid = m.call(request.insert_header(("idempotency-key", "solution"))).await.expect(201).id();
    walk.m.advance(TimeDelta::days(17)).await;
    walk.people.log_in_again(&walk.m.app).await;
    let m = &walk.m;
    end_first_stage(m).await;
    for officer in [&m.officer, &m.second_officer] {
        m.bring(officer, &id, "solution").await.expect(200);
    }
    let readers = [&m.officer, walk.people.insider("auditor")];
    walk.check("list_challenge_solutions", Owner::Agency, challenge.clone(), &readers).await;
    m.admit(&[&bid]).await;
    let decision = json!({ "bid": bid, "reason": "It answers all outcomes." });
    let body = json!({ "shortlisted": [decision], "notShortlisted": [], "noConflict": true });
    walk.check("shortlist_solutions", Owner::Agency, challenge.body(body), &[&m.officer]).await;
}
