//! Who may do what in the catalogue of solutions: the part of the walk that `authorisation.rs` calls.

use crate::{
    app::Person,
    principals::Owner,
    solutions::content,
    walk::{Call, Walk},
};
use serde_json::json;

/// With a challenge that takes bids.
pub async fn check(walk: &Walk, challenge: &str) {
    let (m, lister) = (&walk.m, [&walk.m.calm.bidder]);
    let colleagues: Vec<&Person> = walk.people.insiders(Owner::Company).map(|(_, person)| person).collect();
    let company = Call::on("organisation", &m.calm.id);
    walk.check_open("list_solutions", Call::default()).await;
    walk.check("draft_solution", Owner::Company, company.clone().body(content()), &lister).await;
    walk.check("list_company_solutions", Owner::Company, company.clone(), &colleagues).await;
    let id = m.draft_solution(&m.calm, content()).await;
    let solution = Call::on("solution", &id);
    walk.check_open("get_solution", solution.clone()).await;
    walk.check("edit_solution", Owner::Company, solution.clone().seen(1).body(content()), &lister).await;
    walk.check("list_matching_challenges", Owner::Company, solution.clone(), &colleagues).await;
    walk.check("publish_solution", Owner::Company, solution.clone(), &lister).await;
    m.call(m.calm.bidder.act(&format!("/solutions/{id}/publish"))).await.expect(200);
    walk.check("withdraw_solution", Owner::Company, solution, &lister).await;
    let staff = walk.people.staff();
    let to_challenge = Call::on("challenge", challenge);
    walk.check("list_matching_solutions", Owner::Agency, to_challenge.clone(), &staff).await;
    let body = json!({ "solution": id, "message": "Please look." });
    let inviting = to_challenge.clone().body(body.clone());
    walk.check("invite_solution", Owner::Agency, inviting, &[&m.author, &m.officer]).await;
    walk.check("list_challenge_solution_invitations", Owner::Agency, to_challenge, &staff).await;
    walk.check("list_company_solution_invitations", Owner::Company, company, &colleagues).await;
    let path = format!("/challenges/{challenge}/solution-invitations");
    let invitation = m.call(m.officer.post(&path, body)).await.expect(201).id();
    let invitation = Call::on("invitation", &invitation);
    walk.check("accept_solution_invitation", Owner::Company, invitation.clone(), &lister).await;
    let reason = invitation.body(json!({ "reason": "No time." }));
    walk.check("decline_solution_invitation", Owner::Company, reason, &lister).await;
}
