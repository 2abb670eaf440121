//! Who may do what about outages: the part of the walk that `authorisation.rs` calls at its end, since it touches every challenge
//! that is open.

use crate::{
    outages::{examine_within, report},
    principals::Owner,
    walk::{Call, Walk},
};
use chrono::TimeDelta;
use serde_json::json;

pub async fn check(walk: &Walk) {
    let (m, administrator) = (&walk.m, [&walk.m.administrator]);
    let id = m.published().await;
    let (from, until) = (m.app.now() - TimeDelta::hours(2), m.app.now() - TimeDelta::hours(1));
    let body = json!({ "startedAt": from, "endedAt": until, "text": "The line was cut." });
    walk.check("report_outage", Owner::Agency, Call::default().body(body), &administrator).await;
    let outage = report(m, from + TimeDelta::minutes(59), m.app.now()).await;
    walk.check_open("list_outages", Call::default()).await;
    for operation in ["get_outage", "get_outage_certificate"] {
        walk.check_open(operation, Call::on("outage", &outage)).await;
    }
    let note = Call::on("outage", &outage).body(json!({ "text": "It was the switch." }));
    walk.check("annotate_outage", Owner::Agency, note, &administrator).await;
    examine_within(m, TimeDelta::days(60)).await;
    let challenge = Call::on("challenge", &id);
    let operation = "list_extension_proposals";
    walk.check(operation, Owner::Agency, challenge.clone(), &walk.people.staff()).await;
    let proposals = m.see(&m.officer, &format!("/challenges/{id}/extension-proposals")).await;
    let proposal = challenge.with("proposal", proposals["items"][0]["id"].as_str().unwrap());
    walk.check("accept_extension_proposal", Owner::Agency, proposal.clone(), &[&m.officer]).await;
    let dismissal = proposal.body(json!({ "reason": "Nobody bids at night." }));
    walk.check("dismiss_extension_proposal", Owner::Agency, dismissal, &[&m.officer]).await;
}
