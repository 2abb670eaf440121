//! Looking codes of the common procurement vocabulary up.

use crate::{
    administration::appoint,
    app::{TestApp, get},
    rows::refused,
};
use application::cpv;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testing::Backend;

/// The codes that a query finds, page by page.
async fn find(app: &TestApp, query: &str) -> Vec<String> {
    let (mut codes, mut path) = (Vec::new(), format!("/cpv-codes?{query}"));
    loop {
        let page = app.call(get(&path)).await.expect(200).body;
        codes.extend(page["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()));
        let Value::String(next) = &page["next"] else { return codes };
        path = format!("/cpv-codes?{query}&after={next}");
    }
}

async fn import(app: &TestApp, list: &str) -> cpv::Imported {
    let list = cpv::parse(list.as_bytes()).unwrap();
    app.db().write(move |conn| cpv::import(conn, &list)).await.unwrap()
}

testing::on_both! {
    async fn the_divisions_are_there_from_the_start(backend: Backend) {
        let app = TestApp::new(backend).await;
        let all = find(&app, "limit=20").await;
        assert_eq!((all.len(), &*all[0], &*all[44]), (45, "03000000", "98000000"));
        assert!(all.is_sorted() && all.iter().all(|code| code.ends_with("000000")));
        let page = app.call(get("/cpv-codes?limit=200")).await.expect(200).body;
        let computing = page["items"].as_array().unwrap().iter().find(|item| item["code"] == "72000000").unwrap();
        let name = "IT services: consulting, software development, Internet and support";
        assert_eq!((&computing["checkDigit"], &computing["name"]), (&"5".into(), &name.into()));
    }

    async fn codes_are_found_by_their_beginning_and_by_words(backend: Backend) {
        let app = TestApp::new(backend).await;
        let list = "72200000-7,Software programming\n72210000-0,Programming of packages\n72212000-4,Wärme-Software\n";
        assert_eq!(import(&app, list).await.added, 3);
        for (query, codes) in [
            ("q=722", &["72200000", "72210000", "72212000"][..]),
            ("q=7221", &["72210000", "72212000"]),
            ("q=PROGRAMMING", &["72200000", "72210000"]),
            ("q=packages%20programming", &["72210000"]),
            ("q=w%C3%84rme", &["72212000"]),
            ("q=%20%20722%20&limit=1", &["72200000", "72210000", "72212000"]),
            ("parent=72000000", &["72200000"]),
            ("parent=72210000", &["72212000"]),
            ("parent=72200000&q=software", &[]),
            ("q=nothing", &[]),
        ] {
            assert_eq!(find(&app, query).await, codes, "{query}");
        }
        assert_eq!(find(&app, "parent=00000000").await.len(), 45);
        for query in ["q=100%25", "q=a_b", "parent=72", "q=a&other=b"] {
            refused(&app, get(&format!("/cpv-codes?{query}")), 400, "invalid_query").await;
        }
        let next = app.call(get("/cpv-codes?q=722&limit=1")).await.expect(200).body["next"].as_str().unwrap().to_owned();
        refused(&app, get(&format!("/cpv-codes?q=72&after={next}")), 400, "invalid_cursor").await;
    }

    /// As in public notices: from 03000000-1, 09000000-3 and 14000000-1 to 98000000-3.
    async fn the_divisions_have_the_check_digits_of_the_official_list(backend: Backend) {
        let app = TestApp::new(backend).await;
        let page = app.call(get("/cpv-codes?limit=200")).await.expect(200).body;
        let digits: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["checkDigit"].as_str()).collect();
        let listed: String = digits.into_iter().flatten().collect();
        assert_eq!(listed, "131859604963074852963078590896301852630449713");
    }

    async fn an_import_is_an_event_that_names_the_list_and_happens_once(backend: Backend) {
        let app = TestApp::new(backend).await;
        let list = "72200000-7,Software programming\n72000000-5,Renamed\n73000000,Renamed\n";
        for _ in 0..2 {
            import(&app, list).await;
        }
        let (administrator, auditor) = (app.administrator().await, app.person("Aida Auditor").await);
        let roles = json!({ "administrator": false, "auditor": true });
        appoint(&app, &administrator, &auditor, roles).await.expect(200);
        let path = "/audit/events?type=platform.cpv_codes_imported";
        let page = app.call(auditor.get(path)).await.expect(200).body;
        let events = page["items"].as_array().unwrap();
        let sha256 = Sha256::digest(list).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let told = json!({ "added": 1, "changed": 2, "sha256": sha256 });
        assert_eq!((events.len(), &events[0]["confidential"]), (1, &told), "{page}");
    }

    async fn a_code_goes_below_the_nearest_one_there_is_whatever_the_order(backend: Backend) {
        let app = TestApp::new(backend).await;
        import(&app, "72212000,Deep\n").await;
        assert_eq!(find(&app, "parent=72000000").await, ["72212000"]);
        let later = import(&app, "72212000,Deep\n72210000,Between\n").await;
        assert_eq!((later.added, later.changed), (1, 1));
        assert_eq!(find(&app, "parent=72000000").await, ["72210000"]);
        assert_eq!(find(&app, "parent=72210000").await, ["72212000"]);
    }
}
