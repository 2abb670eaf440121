//! Who may say why a company does not bid, and who asks people to be named in a bid: the part of the walk that `authorisation.rs` calls.

use crate::{
    app::Person,
    principals::Owner,
    walk::{Call, Walk},
};
use serde_json::json;

/// With a challenge that takes bids.
pub async fn check(walk: &Walk, challenge: &str) {
    let m = &walk.m;
    let colleagues: Vec<&Person> = walk.people.insiders(Owner::Company).map(|(_, person)| person).collect();
    let bidders = [&m.calm.bidder];
    let said = json!({ "reason": "no_capacity" });
    let body = json!({ "company": m.calm.id, "reason": "no_capacity" });
    walk.check("give_no_bid", Owner::Company, Call::on("challenge", challenge).body(body), &bidders).await;
    let given = Call::on("no_bid", &m.give_no_bid(&m.calm, challenge, said.clone()).await);
    walk.check("get_no_bid", Owner::Company, given.clone(), &colleagues).await;
    walk.check("list_no_bids", Owner::Company, Call::on("organisation", &m.calm.id), &colleagues).await;
    walk.check("change_no_bid", Owner::Company, given.clone().seen(1).body(said), &bidders).await;
    walk.check("withdraw_no_bid", Owner::Company, given, &bidders).await;
    let of_challenge = Call::on("challenge", challenge);
    walk.check("get_no_bid_statistics", Owner::Agency, of_challenge.clone(), &walk.people.staff()).await;
    walk.check("list_no_bid_comments", Owner::Agency, of_challenge, &walk.people.staff()).await;
    team(walk, challenge).await;
}

async fn team(walk: &Walk, challenge: &str) {
    let (m, of_challenge, bidders) = (&walk.m, Call::on("challenge", challenge), [&walk.m.calm.bidder]);
    let body = json!({ "company": m.calm.id, "name": "A", "email": "a@people.example", "role": "Tests" });
    walk.check("ask_team_member", Owner::Company, of_challenge.clone().body(body), &bidders).await;
    m.ask_team_member(challenge, "B", "b@people.example", "Tests").await;
    walk.check("list_team_consents", Owner::Company, of_challenge, &bidders).await;
    let listed = m.see(&m.calm.bidder, &format!("/challenges/{challenge}/team-consents")).await;
    let asked = Call::on("team_consent", listed["items"][0]["id"].as_str().unwrap());
    let hour = "'2026-01-01T00:00:00.000000Z'";
    crate::rows::change(&m.app, &format!("UPDATE team_consents SET asked_at = {hour}"));
    walk.check("take_back_team_request", Owner::Company, asked, &bidders).await;
    walk.check_open("look_at_team_consent", Call::default().body(json!({ "token": "unknown" }))).await;
    walk.check_open("answer_team_consent", Call::default().body(json!({ "token": "unknown", "agrees": true }))).await;
}
