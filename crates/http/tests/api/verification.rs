//! What ends the verification of an organisation, what follows, and what is remembered of it.

use crate::{app::get, marketplace::Marketplace, rows::refused};
use serde_json::{Value, json};
use testing::Backend;

fn name(legal_name: &str, vat_number: Option<&str>) -> Value {
    json!({ "legalName": legal_name, "country": "SI", "vatNumber": vat_number })
}

fn column(page: &Value, name: &str) -> Vec<Value> {
    page["items"].as_array().unwrap().iter().map(|item| item[name].clone()).collect()
}

testing::on_both! {
    async fn the_history_tells_who_verified_when_and_why_it_ended(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let at = format!("/organisations/{}", m.calm.id);
        let verify = || m.administrator.post(&format!("{at}/verify"), json!({ "reason": "Found." }));
        let revoke = || m.administrator.post(&format!("{at}/revoke-verification"), json!({ "reason": "Dissolved." }));
        let written = m.call(m.calm.bidder.put(&format!("{at}/profile"), 2, name("Calm Signal", Some("SI50223054"))));
        assert_eq!(written.await.expect(200).body["organisation"]["verifiedAt"], json!(null));
        refused(&m.app, revoke(), 409, "wrong_state").await;
        m.call(verify()).await.expect(200);
        let revoked = m.call(revoke()).await.expect(200);
        assert_eq!(revoked.body["verifiedAt"], json!(null));
        m.call(verify()).await.expect(200);
        let history = m.see(&m.calm.bidder, &format!("{at}/verifications")).await;
        let kinds = ["verified", "verification_revoked", "verified", "verification_lapsed", "verified"];
        assert_eq!(column(&history, "type"), kinds.map(|kind| json!(format!("organisation.{kind}"))));
        let people = ["Admin", "Admin", "Admin", &m.calm.bidder.name, "Admin"];
        assert_eq!(column(&history, "by"), people.map(|name| json!(name)));
        let reasons = [json!("Found."), json!("Dissolved."), json!("Found."), json!(null), json!("Checked.")];
        assert_eq!(column(&history, "reason"), reasons);
        assert_eq!(history["items"][3]["changed"], json!(["vatNumber"]));
        let first = m.see(&m.administrator, &format!("{at}/verifications?limit=4")).await;
        let rest = format!("{at}/verifications?limit=4&after={}", first["next"].as_str().unwrap());
        assert_eq!(column(&m.see(&m.administrator, &rest).await, "reason"), [json!("Checked.")]);
        let lapsed = m.told_about(&m.calm.id).await.into_iter().filter(|kind| kind.ends_with("_lapsed")).count();
        assert_eq!(lapsed, 1, "everybody is told");
    }

    async fn without_it_what_was_published_goes_on_and_nothing_new_is_published(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (running, waiting) = (m.published().await, m.draft().await);
        m.step(&m.author, &waiting, "submit-for-review").await;
        m.step(&m.officer, &waiting, "approve").await;
        let profile = format!("/organisations/{}/profile", m.agency);
        m.call(m.owner.put(&profile, 2, name("Northern Dispatch of Today", None))).await.expect(200);
        let publish = m.officer.act(&format!("/challenges/{waiting}/publish"));
        refused(&m.app, publish, 409, "organisation_unverified").await;
        assert_eq!(m.call(get(&format!("/challenges/{running}"))).await.expect(200).body["status"], "published");
        let bid = m.submit(&m.calm, &running, m.offer("38500.00")).await;
        m.pass_deadline().await;
        m.open(&running).await;
        m.admit(&[&bid]).await;
    }

    async fn a_company_that_is_not_verified_any_more_cannot_win(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, _) = m.scored().await;
        let revoke = format!("/organisations/{}/revoke-verification", m.calm.id);
        m.call(m.administrator.post(&revoke, json!({ "reason": "Dissolved." }))).await.expect(200);
        let award = m.award(&challenge, &[&calm]).await;
        award.expect_problem(409, "organisation_unverified");
    }
}
