//! The company behind a bid stays as it was when the bid was handed in.

use crate::{
    documents::{PDF, send},
    marketplace::Marketplace,
};
use serde_json::{Value, json};
use testing::Backend;

/// Writes the profile of Calm, at this size.
async fn write(m: &Marketplace, size: &str) {
    let at = format!("/organisations/{}", m.calm.id);
    let version = m.see(&m.calm.bidder, &at).await["version"].as_i64().unwrap();
    let profile = json!({
        "legalName": "Calm Signal", "country": "SI", "vatNumber": "SI50223054", "sizeClass": size,
        "capabilities": ["speech"], "cpvCodes": ["72000000"],
        "contacts": [{ "name": "CONTACT", "email": "contact@calm.example", "purpose": "Bids" }],
    });
    m.call(m.calm.bidder.put(&format!("{at}/profile"), version, profile)).await.expect(200);
}

async fn profile(m: &Marketplace, who: &crate::app::Person, bid: &str) -> Value {
    m.see(who, &format!("/bids/{bid}")).await["profile"].clone()
}

testing::on_both! {
    async fn a_bid_keeps_the_profile_of_its_moment_until_it_is_replaced(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        write(&m, "micro").await;
        let at = format!("/organisations/{}", m.calm.id);
        let account = json!({ "iban": "SI56191000000123438" });
        m.call(m.calm.bidder.put(&format!("{at}/bank-account"), 3, account)).await.expect(200);
        let behind = json!({ "items": [{ "name": "BEHIND", "country": "SI", "control": "other_means" }] });
        m.call(m.calm.bidder.put(&format!("{at}/beneficial-owners"), 4, behind)).await.expect(200);
        let today = m.app.now().date_naive().to_string();
        let insurance = json!({ "kind": "insurance", "title": "TITLE", "issuedOn": today, "expiresOn": "2099-12-31" });
        let list = format!("{at}/documents");
        let document = m.call(m.calm.bidder.post(&list, insurance)).await.expect(201).id();
        m.call(m.calm.bidder.post(&list, json!({ "kind": "other", "title": "No file", "issuedOn": today }))).await.expect(201);
        let file = format!("{list}/{document}/file");
        let sent = m.call(send(&m.calm.bidder, &file, 1, "application/pdf", PDF)).await.expect(200).body;
        let challenge = m.published().await;
        let bid = m.submit(&m.calm, &challenge, m.offer("38500.00")).await;
        let expected = json!({
            "legalName": "Calm Signal", "country": "SI", "tradingName": null, "registerNumber": null,
            "vatNumber": "SI50223054", "address": null, "sizeClass": "micro", "capabilities": ["speech"],
            "cpvCodes": ["72000000"], "verifiedAt": null,
            "documents": [{ "kind": "insurance", "expiresOn": "2099-12-31", "sha256": sent["file"]["sha256"] }],
        });
        assert_eq!(profile(&m, &m.calm.bidder, &bid).await, expected);
        write(&m, "medium").await;
        let remove = m.calm.bidder.delete(&format!("{list}/{document}")).insert_header(("if-match", "\"2\""));
        m.call(remove).await.expect(204);
        assert_eq!(profile(&m, &m.calm.bidder, &bid).await, expected, "a later change does not reach it");
        m.call(m.calm.bidder.put(&format!("/bids/{bid}"), 1, m.replacement("38000.00"))).await.expect(200);
        let replaced = profile(&m, &m.calm.bidder, &bid).await;
        assert_eq!((&replaced["sizeClass"], &replaced["documents"]), (&json!("medium"), &json!([])));
        m.pass_deadline().await;
        m.start_evaluating(&challenge, std::slice::from_ref(&bid)).await;
        assert_eq!(profile(&m, &m.officer, &bid).await, replaced);
        assert_eq!(profile(&m, &m.chair, &bid).await, json!(null), "whoever must not see the price sees no profile");
    }
}
