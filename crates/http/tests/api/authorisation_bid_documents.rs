//! The rows of the table about documents of bids.

use crate::{
    bid_documents::{handed_in, with},
    principals::Owner,
    uploads::PDF,
    walk::{Call, Walk},
};
use serde_json::Value;

/// Gives an offer with a document.
pub async fn before_the_opening(walk: &Walk, id: &str) -> Value {
    let m = &walk.m;
    let right = [&m.calm.bidder, walk.people.insiders(Owner::Company).find(|(role, _)| *role == "bidder").unwrap().1];
    let file = Call::on("challenge", id).file("application/pdf", PDF);
    walk.check("add_bid_document", Owner::Company, file, &right).await;
    let offered = handed_in(m, &m.calm, id, PDF).await;
    walk.check("list_bid_documents", Owner::Company, Call::on("challenge", id), &right).await;
    let document = Call::on("document", offered["document"].as_str().unwrap());
    walk.check("get_bid_document", Owner::Company, document.clone(), &right).await;
    walk.check("remove_bid_document", Owner::Company, document, &right).await;
    with(m.offer("38500.00"), &[offered])
}

/// The people of two organisations may read an opened document, each by a rule of its own, so everybody is asked one by one.
pub async fn after_the_opening(walk: &Walk, bid: &str) {
    const OPERATION: &str = "download_bid_document";
    walk.tried.borrow_mut().insert(OPERATION.to_owned());
    let m = &walk.m;
    let shown = m.see(&m.officer, &format!("/bids/{bid}")).await;
    let document = Call::on("bid", bid).with("document", shown["documents"][0]["document"].as_str().unwrap());
    let judges = walk.people.insiders(Owner::Agency).filter(|(role, _)| ["officer", "auditor"].contains(role));
    let company = walk.people.insiders(Owner::Company);
    for (_, person) in judges.chain(company).chain([("", &m.officer), ("", &m.calm.bidder)]) {
        walk.call(person, OPERATION, &document, false).await.expect(200);
    }
    let others = walk.people.insiders(Owner::Agency).filter(|(role, _)| !["officer", "auditor"].contains(role));
    let apart = walk.people.outsiders(m, Owner::Both).into_iter();
    let strangers = walk.people.strangers(m, Owner::Company).into_iter().map(|person| ("", person));
    // The panel has not declared its conflicts.
    for (_, person) in others.chain(apart).chain(strangers).chain([("", &m.chair), ("", &m.evaluator)]) {
        walk.call(person, OPERATION, &document, false).await.expect_problem(404, "not_found");
    }
}
