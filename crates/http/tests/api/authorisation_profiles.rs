//! The part of `authorisation.rs` that is about profiles, verification and documents.

use crate::{
    app::Person,
    documents::{PDF, send},
    principals::Owner,
    walk::{Call, Walk},
};
use serde_json::json;

/// Tries everything on the `agency`.
pub async fn check(walk: &Walk, agency: &Call) {
    walk.check_open("list_cpv_codes", Call::default()).await;
    let (m, owners) = (&walk.m, [&walk.m.owner]);
    let insiders: Vec<_> = walk.people.staff().into_iter().chain([&m.administrator]).collect();
    for operation in ["get_profile", "list_verifications"] {
        walk.check(operation, Owner::Agency, agency.clone(), &insiders).await;
    }
    let examiners: Vec<_> = insiders.iter().copied().chain([&walk.people.platform_auditor]).collect();
    walk.check("list_beneficial_owners", Owner::Agency, agency.clone(), &examiners).await;
    documents(walk, agency, &examiners).await;
    let profile = json!({ "legalName": "Northern Dispatch", "country": "SI", "website": "https://north.example" });
    let seen = agency.clone().seen(2);
    walk.check("change_profile", Owner::Agency, seen.clone().body(profile), &owners).await;
    let nobody = seen.body(json!({ "items": [] }));
    walk.check("name_beneficial_owners", Owner::Agency, nobody, &owners).await;
    let account = agency.clone().seen(2).body(json!({ "iban": "SI56191000000123438" }));
    walk.check("change_bank_account", Owner::Agency, account, &owners).await;
    let reason = agency.clone().body(json!({ "reason": "Dissolved." }));
    walk.check("revoke_verification", Owner::Agency, reason, &[&m.administrator]).await;
}

async fn documents(walk: &Walk, agency: &Call, examiners: &[&Person]) {
    let (m, owners) = (&walk.m, [&walk.m.owner]);
    walk.check("list_documents", Owner::Agency, agency.clone(), examiners).await;
    let description = json!({ "kind": "insurance", "title": "Liability", "issuedOn": "2026-01-01" });
    walk.check("add_document", Owner::Agency, agency.clone().body(description.clone()), &owners).await;
    let list = format!("/organisations/{}/documents", m.agency);
    let id = m.call(m.owner.post(&list, description)).await.expect(201).id();
    let document = agency.clone().with("document", &id);
    let upload = document.clone().seen(1).file("application/pdf", PDF);
    walk.check("store_document_file", Owner::Agency, upload, &owners).await;
    m.call(send(&m.owner, &format!("{list}/{id}/file"), 1, "application/pdf", PDF)).await.expect(200);
    walk.check("get_document_file", Owner::Agency, document.clone(), examiners).await;
    walk.check("remove_document", Owner::Agency, document.seen(2), &owners).await;
}
