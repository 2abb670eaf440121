//! Following challenges, and who is told what happens to them.

use crate::{
    app::{Person, get},
    challenge_documents::added,
    marketplace::Marketplace,
    steps::mails,
};
use serde_json::{Value, json};
use testing::Backend;

async fn follow(m: &Marketplace, who: &Person, challenge: &str) -> Value {
    m.call(who.put(&format!("/challenges/{challenge}/following"), 0, json!(null))).await.expect(200).body
}

async fn followed(m: &Marketplace, who: &Person) -> Vec<(String, String)> {
    let list = m.see(who, "/account/followed-challenges").await;
    let item = |item: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&item["challenge"]["id"]), text(&item["because"]))
    };
    list["items"].as_array().unwrap().iter().map(item).collect()
}

/// To whom there are mails with news, and which.
async fn told(m: &Marketplace) -> Vec<(String, String)> {
    let news = mails(&m.app).await.into_iter().filter(|mail| mail.message["kind"] == "challenge_news");
    let mut told: Vec<_> =
        news.map(|mail| (mail.recipient_name, mail.message["news"]["what"].as_str().unwrap().to_owned())).collect();
    told.sort();
    told
}

async fn cancel(m: &Marketplace, challenge: &str) {
    let reason = json!({ "code": "need_changed", "reason": "The law changed." });
    m.call(m.officer.post(&format!("/challenges/{challenge}/cancel"), reason)).await.expect(200);
}

testing::on_both! {
    async fn who_follows_bids_or_downloads_is_told_once_when_a_challenge_ends(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let (_, _, content) = added(&m, &m.author, &challenge, "plan.pdf").await;
        m.publish(&challenge).await;
        let (curious, reader) = (m.app.person("Curious").await, m.app.person("Reader").await);
        follow(&m, &curious, &challenge).await;
        follow(&m, &m.calm.bidder, &challenge).await;
        m.app.download(reader.get(&content)).await;
        m.app.download(m.owner.get(&content)).await;
        m.app.download(get(&content)).await;
        m.call(m.bid(&m.calm, &challenge, "40000.00")).await.expect(201);
        m.call(m.bid(&m.river, &challenge, "41000.00")).await.expect(201);
        m.staff_of(&m.river, "Colleague without a role").await;
        assert_eq!(followed(&m, &reader).await, [(challenge.clone(), "downloaded".to_owned())]);
        assert!(followed(&m, &m.owner).await.is_empty(), "the agency's own people do not follow by themselves");
        cancel(&m, &challenge).await;
        let everybody: Vec<_> = told(&m).await;
        let mut expected = ["Curious", "Reader", &m.calm.bidder.name, &m.river.bidder.name];
        expected.sort_unstable();
        assert_eq!(everybody, expected.map(|name| (name.to_owned(), "cancelled".to_owned())));
    }

    async fn who_stopped_following_is_left_alone_unless_they_bid(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let (_, _, content) = added(&m, &m.author, &challenge, "plan.pdf").await;
        m.publish(&challenge).await;
        let curious = m.app.person("Curious").await;
        let stop = format!("/challenges/{challenge}/following");
        m.call(curious.delete(&stop)).await.expect_problem(404, "not_found");
        for person in [&curious, &m.calm.bidder] {
            follow(&m, person, &challenge).await;
            m.call(person.delete(&stop)).await.expect(204);
            m.call(person.delete(&stop)).await.expect_problem(404, "not_found");
            m.app.download(person.get(&content)).await;
            assert!(followed(&m, person).await.is_empty(), "a download does not undo it");
        }
        m.call(m.bid(&m.calm, &challenge, "40000.00")).await.expect(201);
        cancel(&m, &challenge).await;
        assert_eq!(told(&m).await, [(m.calm.bidder.name.clone(), "cancelled".to_owned())]);
    }

    async fn following_again_changes_nothing_and_a_draft_is_followed_by_its_agency_only(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let address = format!("/challenges/{challenge}/following");
        m.call(m.calm.bidder.put(&address, 0, json!(null))).await.expect_problem(404, "not_found");
        let first = follow(&m, &m.owner, &challenge).await;
        assert_eq!(follow(&m, &m.owner, &challenge).await, first);
        assert_eq!(followed(&m, &m.owner).await, [(challenge.clone(), "followed".to_owned())]);
        let held = m.see(&m.owner, "/account/export").await;
        assert_eq!(held["followedChallenges"][0]["challenge"], json!(challenge));
        cancel(&m, &challenge).await;
        assert!(told(&m).await.is_empty(), "nobody is told of what was never public");
    }

    /// Who follows may bid: neither the agency nor the public feed learns of it.
    async fn nobody_else_learns_who_follows(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let before = (m.feed().await, m.challenge(&challenge).await);
        let curious = m.app.person("Curious").await;
        follow(&m, &curious, &challenge).await;
        assert_eq!((m.feed().await, m.challenge(&challenge).await), before);
        let auditor = m.staff("Auditor", "auditor").await;
        let seen = m.see(&auditor, &format!("/organisations/{}/events", m.agency)).await.to_string();
        assert!(!seen.contains(&curious.id.to_string()) && !seen.contains("challenge.followed"), "{seen}");
        assert!(seen.contains("challenge.published"), "{seen}");
    }
}
