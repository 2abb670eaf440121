//! Who may do what in a consortium: the part of the walk that `authorisation.rs` calls.

use crate::{
    app::Person,
    marketplace::Company,
    principals::Owner,
    walk::{Call, Walk},
};
use serde_json::json;

/// With a challenge that takes bids.
pub async fn check(walk: &Walk, challenge: &str) {
    let m = &walk.m;
    let colleagues: Vec<&Person> = walk.people.insiders(Owner::Company).map(|(_, person)| person).collect();
    let bidders = [&m.calm.bidder];
    let form = Call::on("challenge", challenge).body(json!({ "lead": m.calm.id }));
    walk.check("form_consortium", Owner::Company, form, &bidders).await;
    let partner = m.company("Partner Firm").await;
    let id = m.form_consortium(challenge).await;
    let led = Call::on("consortium", &id);
    walk.check("get_consortium", Owner::Company, led.clone(), &colleagues).await;
    walk.check("list_consortia", Owner::Company, Call::on("organisation", &m.calm.id), &colleagues).await;
    let ask = json!({ "organisation": partner.id, "part": "Tests." });
    walk.check("ask_partner", Owner::Company, led.clone().body(ask), &bidders).await;
    m.ask_partner(&id, &partner).await.expect(200);
    let of_partner = led.with("organisation", &partner.id).seen(2);
    let part = of_partner.clone().body(json!({ "part": "More." }));
    walk.check("change_part", Owner::Company, part, &bidders).await;
    walk.check("remove_partner", Owner::Company, of_partner, &bidders).await;
    answers(walk, challenge, &partner).await;
}

/// Calm is the partner of somebody else.
async fn answers(walk: &Walk, challenge: &str, lead: &Company) {
    let m = &walk.m;
    let body = json!({ "lead": lead.id });
    let id = m.call(lead.bidder.post(&format!("/challenges/{challenge}/consortia"), body)).await.expect(201).id();
    let ask = json!({ "organisation": m.calm.id, "part": "Tests." });
    m.call(lead.bidder.post(&format!("/consortia/{id}/partners"), ask)).await.expect(200);
    let own = Call::on("consortium", &id).with("organisation", &m.calm.id);
    let confirm = own.clone().body(json!({ "composition": 2 }));
    walk.check("confirm_part", Owner::Company, confirm, &bidders_and_owners(walk)).await;
    walk.check("decline_part", Owner::Company, own, &bidders_and_owners(walk)).await;
}

/// Those of Calm who bid for it or own it.
fn bidders_and_owners(walk: &Walk) -> Vec<&Person> {
    let insiders = walk.people.insiders(Owner::Company).filter(|(role, _)| ["owner", "bidder"].contains(role));
    insiders.map(|(_, person)| person).collect()
}
