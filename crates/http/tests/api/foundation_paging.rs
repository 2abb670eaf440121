//! Walking lists page by page.

use crate::{
    app::{Person, Response, TestApp, get},
    marketplace::{Marketplace, organisation},
    rows::refused,
};
use actix_web::test::TestRequest;
use serde_json::Value;
use testing::Backend;

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// The address of the next page, as the `Link` header gives it.
fn next(page: &Response) -> Option<String> {
    let link = page.header("link");
    assert_eq!(link.is_empty(), page.body["next"].is_null(), "{link}");
    link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"").map(ToOwned::to_owned)
}

fn as_anybody(path: &str) -> TestRequest {
    get(path)
}

fn signed_by(person: &Person) -> impl Fn(&str) -> TestRequest + '_ {
    |path| person.get(path)
}

/// Follows the links from a first page; gives the ids page by page.
async fn walk(app: &TestApp, first: &str, request: impl Fn(&str) -> TestRequest) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut path = Some(first.to_owned());
    while let Some(at) = path {
        let page = app.call(request(&at)).await.expect(200);
        pages.push(ids(&page.body));
        path = next(&page);
    }
    pages
}

async fn organisations(app: &TestApp, owner: &Person, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(organisation(app, owner, "company", &format!("Company {n}")).await);
    }
    ids
}

async fn published(m: &Marketplace, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(m.published().await);
    }
    ids
}

testing::on_both! {
    async fn pages_of_any_size_show_each_organisation_once_in_order(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let all = organisations(&app, &ana, 7).await;
        for size in 1..=8 {
            let pages = walk(&app, &format!("/organisations?limit={size}"), as_anybody).await;
            assert!(pages.iter().all(|page| page.len() <= size));
            assert_eq!(pages.len(), 7_usize.div_ceil(size), "no empty page at the end");
            assert_eq!(pages.concat(), all);
        }
    }

    async fn an_empty_list_is_one_empty_page(backend: Backend) {
        let app = TestApp::new(backend).await;
        assert_eq!(walk(&app, "/organisations?limit=1", as_anybody).await, [Vec::<String>::new()]);
        assert_eq!(walk(&app, "/challenges", as_anybody).await, [Vec::<String>::new()]);
    }

    async fn what_is_added_between_two_pages_moves_nothing(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let mut all = organisations(&app, &ana, 4).await;
        let mut seen = Vec::new();
        let mut path = Some("/organisations?limit=1".to_owned());
        while let Some(at) = path {
            let page = app.call(get(&at)).await.expect(200);
            seen.extend(ids(&page.body));
            path = next(&page);
            if seen.len() < 3 {
                all.push(organisation(&app, &ana, "agency", &format!("Agency {}", seen.len())).await);
            }
        }
        assert_eq!(seen, all);
    }

    async fn challenges_come_newest_first_and_stay_put_while_others_are_published(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let mut old = published(&m, 3).await;
        old.reverse();
        for size in 1..=4 {
            let pages = walk(&m.app, &format!("/challenges?limit={size}&status=published"), as_anybody).await;
            assert_eq!(pages.concat(), old);
        }
        let first = m.call(get("/challenges?limit=1")).await.expect(200);
        let newer = m.published().await;
        let mut seen = ids(&first.body);
        seen.extend(walk(&m.app, &next(&first).unwrap(), as_anybody).await.concat());
        assert_eq!(seen, old);
        assert_eq!(walk(&m.app, "/challenges?limit=2", as_anybody).await.concat()[0], newer);
    }

    async fn an_agency_walks_its_drafts_and_a_company_its_bids(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenges = published(&m, 3).await;
        let draft = m.draft().await;
        let mut bids = Vec::new();
        for challenge in &challenges {
            bids.push(m.call(m.bid(&m.calm, challenge, "38500.00")).await.expect(201).id());
            m.call(m.bid(&m.river, challenge, "41000.00")).await.expect(201);
        }
        bids.reverse();
        for size in 1..=4 {
            let pages = walk(&m.app, &format!("/bids?limit={size}"), signed_by(&m.calm.bidder)).await;
            assert_eq!(pages.concat(), bids);
        }
        let own = format!("/organisations/{}/challenges?limit=1", m.agency);
        let mut expected = vec![draft];
        expected.extend(challenges.into_iter().rev());
        assert_eq!(walk(&m.app, &own, signed_by(&m.author)).await.concat(), expected);
    }

    async fn officers_walk_the_opened_bids(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.opened().await;
        let path = format!("/challenges/{challenge}/bids?limit=1");
        let pages = walk(&m.app, &path, |path| m.officer.get(path)).await;
        assert_eq!(pages, [vec![calm], vec![river]]);
    }

    async fn a_cursor_is_good_for_its_list_and_filter_only(backend: Backend) {
        let m = Marketplace::new(backend).await;
        published(&m, 2).await;
        let cursor = |page: &Response| page.body["next"].as_str().unwrap().to_owned();
        let challenges = cursor(&m.call(get("/challenges?limit=1")).await.expect(200));
        let organisations = cursor(&m.call(get("/organisations?limit=1")).await.expect(200));
        for path in [
            format!("/organisations?after={challenges}"),
            format!("/challenges?after={organisations}"),
            format!("/challenges?status=published&after={challenges}"),
            format!("/challenges?agency={}&after={challenges}", m.agency),
        ] {
            refused(&m.app, get(&path), 400, "invalid_cursor").await;
        }
        let own = format!("/organisations/{}/challenges?after={challenges}", m.agency);
        refused(&m.app, m.author.get(&own), 400, "invalid_cursor").await;
        m.call(get(&format!("/challenges?limit=200&after={challenges}"))).await.expect(200);
    }

    async fn a_cursor_cannot_be_made_up_or_altered(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        organisations(&app, &ana, 2).await;
        let page = app.call(get("/organisations?limit=1")).await.expect(200);
        let cursor = page.body["next"].as_str().unwrap();
        for at in 0..cursor.len() - 1 {
            let mut altered = cursor.as_bytes().to_vec();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            refused(&app, get(&format!("/organisations?after={altered}")), 400, "invalid_cursor").await;
        }
        for made_up in ["", "x", "AAAA", "%F0%9F%A6%A6", &ids(&page.body)[0], &cursor[1..], &format!("{cursor}AA")] {
            refused(&app, get(&format!("/organisations?after={made_up}")), 400, "invalid_cursor").await;
        }
        for senseless in [&"A".repeat(501), "%00"] {
            refused(&app, get(&format!("/organisations?after={senseless}")), 400, "invalid_query").await;
        }
    }
}
