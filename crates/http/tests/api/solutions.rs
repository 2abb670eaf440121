//! The catalogue of solutions: who sees what of it, and when.

use crate::{
    app::{Person, Response, get},
    marketplace::{Company, Marketplace, organisation},
    rows::refused,
};
use serde_json::{Value, json};
use testing::Backend;

/// What a complete listing says.
pub fn content() -> Value {
    json!({
        "title": "Hearing distress in emergency calls",
        "summary": "Sorts calls by how urgent the voice sounds.",
        "description": "It listens for **words** of distress.",
        "maturity": "piloted",
        "visibility": "public",
        "cpvCodes": ["72000000"],
        "tags": ["flood", "speech"],
        "capabilities": ["Speech Recognition"],
        "references": [{
            "customer": "City of Kranj", "year": 2024, "outcome": "The wait fell.", "link": "https://kranj.example/calls",
        }],
        "languages": ["sl", "en"],
        "website": "https://calm-signal.example/distress",
    })
}

/// The same but for some fields.
pub fn content_with(changes: Value) -> Value {
    let mut content = content();
    let Value::Object(changes) = changes else { panic!("{changes}") };
    for (name, value) in changes {
        content[name] = value;
    }
    content
}

impl Marketplace {
    pub async fn draft_solution(&self, company: &Company, content: Value) -> String {
        let path = format!("/organisations/{}/solutions", company.id);
        self.call(company.bidder.post(&path, content)).await.expect(201).id()
    }

    /// A listing in the catalogue.
    pub async fn publish_solution(&self, company: &Company, content: Value) -> String {
        let id = self.draft_solution(company, content).await;
        self.call(company.bidder.act(&format!("/solutions/{id}/publish"))).await.expect(200);
        id
    }

    /// The titles that somebody sees in the catalogue, or everybody.
    pub async fn catalogue(&self, who: Option<&Person>, query: &str) -> Vec<String> {
        let path = format!("/solutions{query}");
        let request = who.map_or_else(|| get(&path), |who| who.get(&path));
        titles(&self.call(request).await.expect(200))
    }
}

fn titles(page: &Response) -> Vec<String> {
    let items = page.body["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

testing::on_both! {
    async fn a_listing_is_drafted_published_edited_withdrawn_and_published_again(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (bidder, path) = (&m.calm.bidder, format!("/organisations/{}/solutions", m.calm.id));
        let drafted = m.call(bidder.post(&path, content())).await.expect(201);
        let id = drafted.id();
        assert_eq!(drafted.header("location"), format!("/api/v1/solutions/{id}"));
        assert_eq!(drafted.body["content"]["capabilities"], json!(["speech recognition"]));
        let solution = format!("/solutions/{id}");
        m.call(get(&solution)).await.expect_problem(404, "not_found");
        m.call(m.river.bidder.get(&solution)).await.expect_problem(404, "not_found");
        assert!(m.catalogue(Some(bidder), "").await.is_empty(), "a draft is not in the catalogue");
        assert!(m.told_about(&id).await.is_empty());
        let published = m.call(bidder.act(&format!("{solution}/publish"))).await.expect(200).body;
        assert!(published["publishedAt"].is_string());
        m.call(bidder.act(&format!("{solution}/publish"))).await.expect_problem(409, "wrong_state");
        let seen = m.call(get(&solution)).await.expect(200);
        assert_eq!(seen.body["content"]["references"][0]["customer"], "City of Kranj");
        assert_eq!(seen.body["company"], json!({ "id": m.calm.id, "name": "Calm Signal" }));
        let changed = content_with(json!({ "title": "Hearing more" }));
        m.call(bidder.put(&solution, 1, changed.clone())).await.expect_problem(412, "stale");
        m.call(bidder.put(&solution, 2, changed)).await.expect(200);
        assert_eq!(m.catalogue(None, "").await, ["Hearing more"]);
        m.call(bidder.act(&format!("{solution}/withdraw"))).await.expect(200);
        m.call(bidder.act(&format!("{solution}/withdraw"))).await.expect_problem(409, "wrong_state");
        m.call(get(&solution)).await.expect_problem(404, "not_found");
        assert!(m.catalogue(None, "").await.is_empty());
        m.call(bidder.act(&format!("{solution}/publish"))).await.expect(200);
        let told = ["published", "edited", "withdrawn", "published"].map(|what| format!("solution.{what}"));
        assert_eq!(m.told_about(&id).await, told);
        let own = titles(&m.call(bidder.get(&path)).await.expect(200));
        assert_eq!(own, ["Hearing more"]);
    }

    async fn what_is_for_members_is_seen_by_people_of_verified_organisations_only(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let members = content_with(json!({ "title": "For members", "visibility": "members" }));
        let id = m.publish_solution(&m.calm, members).await;
        m.publish_solution(&m.river, content_with(json!({ "title": "For all" }))).await;
        let newcomer = m.app.person("Newcomer").await;
        organisation(&m.app, &newcomer, "company", "Unverified").await;
        let path = format!("/solutions/{id}");
        for who in [None, Some(&newcomer), Some(&m.administrator)] {
            assert_eq!(m.catalogue(who, "").await, ["For all"]);
            assert!(m.catalogue(who, "?tag=flood&q=members").await.is_empty());
            let request = who.map_or_else(|| get(&path), |who| who.get(&path));
            m.call(request).await.expect_problem(404, "not_found");
        }
        for who in [&m.author, &m.river.bidder, &m.calm.bidder] {
            assert_eq!(m.catalogue(Some(who), "").await, ["For all", "For members"]);
            m.call(who.get(&path)).await.expect(200);
        }
        assert!(m.told_about(&id).await.is_empty(), "the public feed says nothing of it");
    }

    async fn to_the_public_a_listing_that_becomes_one_for_members_is_withdrawn(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.publish_solution(&m.calm, content()).await;
        let hidden = content_with(json!({ "title": "Secret title", "visibility": "members" }));
        m.call(m.calm.bidder.put(&format!("/solutions/{id}"), 2, hidden)).await.expect(200);
        m.call(get(&format!("/solutions/{id}"))).await.expect_problem(404, "not_found");
        assert_eq!(m.told_about(&id).await, ["solution.published", "solution.withdrawn"]);
        let feed = m.feed().await;
        let told = Value::Array(feed).to_string();
        assert!(!told.contains("Secret title") && !told.contains("members"), "{told}");
    }

    async fn listings_of_a_suspended_company_are_hidden_from_all_but_its_own_people(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.publish_solution(&m.calm, content()).await;
        let path = format!("/solutions/{id}");
        let standing = |act: &str| format!("/organisations/{}/{act}", m.calm.id);
        let reason = json!({ "reason": "Checked." });
        m.call(m.administrator.post(&standing("suspend"), reason.clone())).await.expect(204);
        assert!(m.catalogue(Some(&m.author), "").await.is_empty());
        m.call(m.author.get(&path)).await.expect_problem(404, "not_found");
        m.call(m.calm.bidder.get(&path)).await.expect(200);
        refused(&m.app, m.calm.bidder.act(&format!("{path}/withdraw")), 403, "role_missing").await;
        m.call(m.administrator.post(&standing("reinstate"), reason)).await.expect(204);
        assert_eq!(m.catalogue(None, "").await.len(), 1);
    }

    async fn only_verified_companies_publish_and_only_what_is_complete(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let empty = json!({ "title": "Later", "maturity": "idea", "visibility": "public" });
        let id = m.draft_solution(&m.calm, empty.clone()).await;
        let lacking = refused(&m.app, m.calm.bidder.act(&format!("/solutions/{id}/publish")), 422, "invalid").await;
        let lacks = ["/summary", "/description", "/tags"].map(|at| (at.to_owned(), "required".to_owned()));
        assert_eq!(lacking.fields(), lacks);
        let complete = m.publish_solution(&m.calm, content()).await;
        let path = format!("/solutions/{complete}");
        refused(&m.app, m.calm.bidder.put(&path, 2, empty), 422, "invalid").await;
        let newcomer = crate::marketplace::company(&m.app, "Unverified").await;
        let id = m.draft_solution(&newcomer, content()).await;
        let publish = newcomer.bidder.act(&format!("/solutions/{id}/publish"));
        refused(&m.app, publish, 409, "organisation_unverified").await;
        let agency = format!("/organisations/{}/solutions", m.agency);
        refused(&m.app, m.owner.post(&agency, content()), 403, "role_missing").await;
        refused(&m.app, m.river.bidder.put(&path, 2, content()), 403, "role_missing").await;
    }

    async fn hostile_and_oversized_content_is_refused_field_by_field(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let path = format!("/organisations/{}/solutions", m.calm.id);
        let reference = |changes: Value| {
            let mut reference = json!({ "customer": "Town", "year": 2024, "outcome": "Good." });
            reference.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            json!({ "references": [reference] })
        };
        for (changes, at) in [
            (json!({ "title": "Two\nlines" }), "/title"),
            (json!({ "title": "  " }), "/title"),
            (json!({ "title": "x".repeat(201) }), "/title"),
            (json!({ "description": "x".repeat(20_001) }), "/description"),
            (json!({ "summary": "nul\0" }), "/summary"),
            (json!({ "website": "javascript:alert(1)" }), "/website"),
            (json!({ "website": "https://user:secret@calm.example/" }), "/website"),
            (json!({ "tags": ["Flood"] }), "/tags/0"),
            (json!({ "tags": ["flood", "flood"] }), "/tags/1"),
            (json!({ "tags": vec!["a"; 21] }), "/tags"),
            (json!({ "cpvCodes": ["99999999"] }), "/cpvCodes/0"),
            (json!({ "cpvCodes": ["72000000", "72000000"] }), "/cpvCodes/1"),
            (json!({ "capabilities": ["a b", "A B"] }), "/capabilities/1"),
            (json!({ "languages": ["sl", "sl"] }), "/languages/1"),
            (json!({ "languages": ["EN"] }), "/languages/0"),
            (json!({ "maturity": "ready" }), "/maturity"),
            (reference(json!({ "year": 9999 })), "/references/0/year"),
            (reference(json!({ "link": "data:text/html,x" })), "/references/0/link"),
            (reference(json!({ "outcome": "" })), "/references/0/outcome"),
            (json!({ "price": "1" }), "/price"),
        ] {
            let answer = refused(&m.app, m.calm.bidder.post(&path, content_with(changes)), 422, "invalid").await;
            assert!(answer.fields().iter().any(|(pointer, _)| pointer == at), "{at}: {:?}", answer.fields());
        }
        let script = content_with(json!({ "description": "<script>alert(1)</script>\n\n[x](javascript:y) *z*" }));
        let id = m.publish_solution(&m.calm, script).await;
        let html = m.call(get(&format!("/solutions/{id}?texts=html"))).await.expect(200).body;
        let html = html["content"]["description"].as_str().unwrap();
        assert!(html.contains("<em>z</em>") && !html.contains("<script") && !html.contains("javascript"), "{html}");
    }

    async fn listings_are_found_by_words_tags_codes_company_and_maturity(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let one = json!({ "title": "Pumps for floods", "tags": ["flood"], "cpvCodes": [], "maturity": "in_use" });
        m.publish_solution(&m.calm, content_with(one)).await;
        let other = json!({ "title": "Ausführliche Übersicht", "tags": ["map"], "cpvCodes": ["72000000"] });
        m.publish_solution(&m.river, content_with(other)).await;
        let (pumps, map) = (["Pumps for floods"], ["Ausführliche Übersicht"]);
        for (query, found) in [
            ("?q=flo".to_owned(), &pumps[..]),
            ("?q=FLO%20pump".to_owned(), &pumps),
            ("?q=pump%20map".to_owned(), &[]),
            ("?q=%C3%BCber".to_owned(), &map),
            ("?q=%25".to_owned(), &[]),
            ("?q=%20".to_owned(), &[map[0], pumps[0]]),
            ("?q=ump".to_owned(), &[]),
            ("?tag=flood".to_owned(), &pumps),
            ("?tag=flo".to_owned(), &[]),
            ("?cpv=72".to_owned(), &map),
            ("?cpv=7200".to_owned(), &map),
            ("?cpv=73".to_owned(), &[]),
            ("?maturity=in_use".to_owned(), &pumps),
            (format!("?company={}", m.river.id), &map),
            (format!("?company={}&tag=flood", m.river.id), &[]),
        ] {
            assert_eq!(m.catalogue(None, &query).await, found, "{query}");
        }
        let wrong = format!("?cpv=7&tag={}&x=1&maturity=no", "x".repeat(41));
        m.call(get(&format!("/solutions{wrong}"))).await.expect_problem(400, "invalid_query");
    }

    async fn pages_of_the_catalogue_neither_repeat_nor_skip(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let mut ids = Vec::new();
        for n in 0..5 {
            ids.push(m.publish_solution(&m.calm, content_with(json!({ "title": format!("Title {n}") }))).await);
        }
        ids.reverse();
        for path in ["/solutions?limit=2&tag=flood", &format!("/organisations/{}/solutions?limit=2", m.calm.id)] {
            let (mut seen, mut next) = (Vec::new(), Some(String::new()));
            while let Some(cursor) = next {
                let page = m.see(&m.calm.bidder, &format!("{path}{cursor}")).await;
                let items = page["items"].as_array().unwrap();
                seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
                next = page["next"].as_str().map(|next| format!("&after={next}"));
            }
            assert_eq!(seen, ids);
        }
        let page = m.see(&m.author, "/solutions?limit=2").await;
        let other = format!("/solutions?tag=flood&after={}", page["next"].as_str().unwrap());
        m.call(get(&other)).await.expect_problem(400, "invalid_cursor");
    }
}
