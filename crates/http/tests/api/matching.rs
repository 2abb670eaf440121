//! Which solutions and challenges go together, as either side sees it.

use crate::{app::Person, marketplace::Marketplace, solutions::content_with};
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

/// Titles and scores, in order.
async fn matches(m: &Marketplace, who: &Person, path: &str, side: &str) -> Vec<(String, u64)> {
    let list = m.see(who, path).await;
    let of = |item: &Value| (item[side]["title"].as_str().unwrap().to_owned(), item["score"].as_u64().unwrap());
    list["items"].as_array().unwrap().iter().map(of).collect()
}

testing::on_both! {
    async fn an_agency_sees_which_solutions_fit_its_draft_and_why(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let topics = json!({ "cpvCodes": ["72000000"], "tags": ["flood", "speech"], "summary": "Speech recognition helps." });
        let challenge = m.draft_with(topics).await;
        let path = format!("/challenges/{challenge}/matching-solutions");
        let best = json!({ "title": "Best", "cpvCodes": ["72000000"], "tags": ["flood", "speech"] });
        m.publish_solution(&m.calm, content_with(best)).await;
        let tag = json!({ "title": "Tag", "cpvCodes": [], "tags": ["flood"], "capabilities": [] });
        m.publish_solution(&m.river, content_with(tag)).await;
        let hidden = json!({ "title": "Members", "visibility": "members", "cpvCodes": [], "capabilities": [] });
        m.publish_solution(&m.river, content_with(hidden)).await;
        let strange = json!({ "title": "Strange", "cpvCodes": ["03000000"], "tags": ["fish"] });
        m.publish_solution(&m.river, content_with(strange)).await;
        m.draft_solution(&m.river, content_with(json!({ "title": "Draft" }))).await;
        let found = matches(&m, &m.finance, &path, "solution").await;
        let expected = [("Best", 25 + 20 + 10), ("Members", 20), ("Tag", 10)];
        assert_eq!(found, expected.map(|(title, score)| (title.to_owned(), score)));
        let seen = m.see(&m.author, &path).await;
        let texts: Vec<_> =
            seen["items"][0]["reasons"].as_array().unwrap().iter().map(|reason| reason["text"].clone()).collect();
        let named = "capability named in the challenge: speech recognition";
        assert_eq!(texts, ["same CPV code: 72000000", "shares tags: flood, speech", named]);
        m.call(m.calm.bidder.get(&path)).await.expect_problem(404, "not_found");
        let standing = |act: &str| m.administrator.post(&format!("/organisations/{}/{act}", m.agency), json!({ "reason": "So." }));
        m.call(standing("revoke-verification")).await.expect(200);
        assert_eq!(matches(&m, &m.author, &path, "solution").await.len(), 2, "not what is for verified ones");
        m.call(standing("verify")).await.expect(200);
        m.publish(&challenge).await;
        m.call(m.calm.bidder.get(&path)).await.expect_problem(404, "not_found");
    }

    async fn a_company_sees_which_open_challenges_fit_its_solution(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        m.draft_with(json!({ "title": "Draft", "tags": ["flood"] })).await;
        for (title, tags) in [("One", json!(["flood"])), ("Two", json!(["flood", "speech"])), ("None", json!(["fish"]))] {
            let challenge = m.draft_with(json!({ "title": title, "tags": tags })).await;
            m.publish(&challenge).await;
        }
        let changed = m.draft_with(json!({ "title": "Changed" })).await;
        m.publish(&changed).await;
        m.change(&changed, json!({ "tags": ["flood", "pump"] })).await.expect(201);
        let solution = json!({ "cpvCodes": [], "tags": ["flood", "speech"], "capabilities": [] });
        let solution = m.draft_solution(&m.calm, content_with(solution)).await;
        let path = format!("/solutions/{solution}/matching-challenges");
        let found = matches(&m, &m.calm.bidder, &path, "challenge").await;
        let expected = [("Two", 20), ("Changed", 10), ("One", 10)];
        assert_eq!(found, expected.map(|(title, score)| (title.to_owned(), score)));
        for stranger in [&m.officer, &m.river.bidder] {
            m.call(stranger.get(&path)).await.expect_problem(404, "not_found");
        }
        m.advance(TimeDelta::days(40)).await;
        assert!(matches(&m, &m.calm.bidder, &path, "challenge").await.is_empty(), "no bids are taken any more");
    }

    async fn at_most_twenty_are_given(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft_with(json!({ "cpvCodes": ["72000000"], "tags": ["flood"] })).await;
        for n in 0..22 {
            let tags = if n == 0 { json!(["flood"]) } else { json!([]) };
            let one = json!({ "title": format!("Title {n}"), "cpvCodes": ["72000000"], "tags": tags, "capabilities": [] });
            m.publish_solution(&m.calm, content_with(one)).await;
        }
        let path = format!("/challenges/{challenge}/matching-solutions");
        let found = matches(&m, &m.author, &path, "solution").await;
        assert_eq!(found.len(), 20);
        assert_eq!(found[0], ("Title 0".to_owned(), 35));
        assert_eq!(found[1], ("Title 21".to_owned(), 25), "of equal ones the newest");
    }
}
