//! Who may do what in sandboxes: the part of the walk that `authorisation.rs` calls, in a world of sandboxes.

use crate::{
    marketplace::Marketplace,
    principals::Owner,
    walk::{Call, Walk},
};
use serde_json::json;
use testing::Backend;

pub async fn check(walk: &Walk, backend: Backend) {
    let sandbox = Walk::of(Marketplace::sandbox(backend).await).await;
    let id = sandbox.m.draft().await;
    let (challenge, writers) = (Call::on("challenge", &id), [&sandbox.m.author, &sandbox.m.officer]);
    sandbox.check("get_challenge_clock", Owner::Agency, challenge.clone(), &sandbox.people.staff()).await;
    let faster = challenge.body(json!({ "rate": 2 }));
    sandbox.check("change_challenge_clock", Owner::Agency, faster, &writers).await;
    walk.tried.borrow_mut().append(&mut sandbox.tried.into_inner());
}
