//! The part of `authorisation.rs` that is about profiles, verification and documents.

use crate::{
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
    let profile = json!({ "legalName": "Northern Dispatch", "country": "SI", "website": "https://north.example" });
    let seen = agency.clone().seen(2);
    walk.check("change_profile", Owner::Agency, seen.clone().body(profile), &owners).await;
    let nobody = seen.body(json!({ "items": [] }));
    walk.check("name_beneficial_owners", Owner::Agency, nobody, &owners).await;
    let reason = agency.clone().body(json!({ "reason": "Dissolved." }));
    walk.check("revoke_verification", Owner::Agency, reason, &[&m.administrator]).await;
}
