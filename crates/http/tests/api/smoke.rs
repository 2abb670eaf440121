//! The whole life of a challenge, once, quickly.

use crate::{app::get, marketplace::Marketplace};
use serde_json::json;
use testing::Backend;

testing::on_both! {
    async fn a_challenge_lives_from_draft_to_completion(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, contract, milestone) = m.piloting().await;
        let at = |action: &str| format!("/milestones/{milestone}/{action}");
        m.call(m.calm.bidder.post(&at("deliver"), json!({ "note": "Done." }))).await.expect(200);
        m.call(m.pilot_manager.act(&at("accept"))).await.expect(200);
        m.call(m.calm.bidder.post(&at("invoice"), json!({ "invoiceNumber": "1" }))).await.expect(200);
        m.call(m.finance.post(&at("pay"), json!({ "paymentReference": "SI56 1" }))).await.expect(200);
        let outcome = json!({ "decision": "scale_up", "learning": "It works.", "brilliantFailure": false });
        m.call(m.pilot_manager.post(&format!("/contracts/{contract}/complete"), outcome)).await.expect(200);
        m.step(&m.pilot_manager, &challenge, "complete").await;
        let found = m.call(get(&format!("/challenges/{challenge}"))).await.expect(200);
        assert_eq!(found.body["status"], "completed");
    }
}
