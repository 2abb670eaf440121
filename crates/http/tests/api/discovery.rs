//! Finding challenges by words.

use crate::{
    app::get,
    discovery_corpus::{Corpus, encoded, titles},
    marketplace::Marketplace,
    rows::refused,
};
use serde_json::{Value, json};
use testing::Backend;

/// What is asked, and the first words of the titles that answer, the best first.
const QUESTIONS: &[(&str, &[&str])] = &[
    // The word itself, in the title before further down.
    ("flood", &["Telling", "Sorting"]),
    ("Floods", &["Telling", "Sorting"]),
    // Another form of the word, in each language.
    ("calling", &["Telling"]),
    ("wasting", &["Sorting"]),
    ("détection fuite", &["Détecter"]),
    ("planningen", &["Wachttijden"]),
    ("überflutung", &["Überflutungen"]),
    ("prevenções incêndio", &["Prevenção"]),
    ("poplavami", &["Opozarjanje"]),
    ("občina poplava", &["Opozarjanje"]),
    // Without accents, and with capitals.
    ("ELEVES ECOLES", &["Détecter"]),
    ("patienten", &["Wachttijden"]),
    ("strassen", &["Überflutungen"]),
    ("fumo camaras", &["Prevenção"]),
    ("skode cakalne", &["Opozarjanje"]),
    // Decomposed accents.
    ("de\u{301}tecter", &["Détecter"]),
    // The beginning of a word, the last one from two letters on.
    ("urg", &["Telling"]),
    ("cal urge", &["Telling"]),
    ("floods ur", &["Telling"]),
    ("wachttij", &["Wachttijden"]),
    // All words, or if there are none, any.
    ("school waste", &["Sorting"]),
    ("the waste of a school", &["Sorting"]),
    ("hospital waste", &["Sorting"]),
    // One wrong letter, or two in a long word.
    ("watre", &["Détecter", "Telling"]),
    ("emergnecy", &["Opozarjanje", "Überflutungen", "Telling"]),
    ("wachtijden", &["Wachttijden"]),
    // Tags.
    ("forest", &["Prevenção"]),
    // What nobody says.
    ("xyzzyqwerty", &[]),
];

/// What means something to one of the databases, or to a browser, and nothing here.
const HOSTILE: &[&str] = &[
    "\"",
    "'",
    "''",
    "\\",
    "*",
    "flood*",
    "(flood",
    "flood)",
    "flood AND NOT waste",
    "NEAR(flood waste, 5)",
    "title:flood",
    "words:flood",
    "{words}:flood",
    "^flood",
    "flood OR",
    "-flood",
    "+flood",
    "flood & ! waste",
    "flood | waste",
    "flood:*",
    "flood <-> waste",
    "flood'; DROP TABLE challenges; --",
    "%",
    "_",
    "_en_flood",
    "%flood%",
    "<script>flood</script>",
    "🦦",
    "flood\u{202E}",
    "ﬂood",
    "FLOOD\nFLOOD",
    "\u{301}",
    "a",
    "1",
    "....",
];

testing::on_both! {
    async fn words_are_found_in_six_languages_the_best_answer_first(backend: Backend) {
        let corpus = Corpus::new(backend).await;
        for (question, answer) in QUESTIONS {
            assert_eq!(corpus.found(question).await, *answer, "{question}");
        }
    }

    async fn how_the_words_were_understood_is_told(backend: Backend) {
        let corpus = Corpus::new(backend).await;
        let answer = |q: &str| {
            let query = format!("q={}", encoded(q));
            let corpus = &corpus;
            async move { corpus.search(&query).await.body["answer"].clone() }
        };
        let plain = json!({ "count": 2, "more": false, "allWords": true, "corrected": null, "suggestion": null });
        assert_eq!(answer("flood").await, plain);
        assert_eq!(answer("watre leaks").await["corrected"], "water leaks");
        assert_eq!(answer("hospital waste").await["allWords"], false);
        assert_eq!(answer("xyzzyqwerty").await["count"], 0);
        assert!(corpus.search("status=published").await.body["answer"].is_null());
    }

    async fn what_is_found_is_marked_in_html_that_is_safe(backend: Backend) {
        let corpus = Corpus::new(backend).await;
        let matched = |page: &Value| page["items"][0]["matched"].clone();
        let page = corpus.search("q=flood").await.body;
        let title = "Telling urgent calls apart during <mark>floods</mark>";
        assert_eq!(matched(&page), json!({ "language": "en", "title": title, "excerpt": null }));
        let page = corpus.search("q=behind").await.body;
        let excerpt = "Callers in danger wait &lt;b&gt;<mark>behind</mark>&lt;/b&gt; callers with a wet cellar &amp; no pump.";
        assert_eq!(matched(&page)["excerpt"], excerpt);
        let page = corpus.search(&format!("q={}", encoded("eleves"))).await.body;
        let excerpt = "Un tiers de l&#39;eau potable est perdu avant d&#39;arriver aux <mark>élèves</mark> des écoles.";
        assert_eq!(matched(&page)["excerpt"], excerpt);
        assert!(corpus.search("status=published").await.body["items"][0].get("matched").is_none());
    }

    async fn nothing_that_is_typed_has_another_meaning(backend: Backend) {
        let corpus = Corpus::new(backend).await;
        for q in HOSTILE {
            for sort in ["relevance", "newest", "deadline"] {
                corpus.search(&format!("q={}&sort={sort}", encoded(q))).await;
            }
            corpus.m.call(get(&format!("/challenges/facets?q={}", encoded(q)))).await.expect(200);
        }
        assert_eq!(corpus.found("flood AND NOT floods").await, ["Telling", "Sorting"], "words like others");
        assert!(corpus.found("....").await.is_empty());
        assert!(corpus.found("_en_flood").await.len() < 3);
        let long = "flood ".repeat(33);
        assert_eq!(corpus.found(&long).await, ["Telling", "Sorting"]);
        let most = "ž".repeat(200);
        assert!(corpus.found(&most).await.is_empty());
        for (senseless, code) in [("%00", "wrong_format"), ("flood%00", "wrong_format"), (&*"a".repeat(201), "too_long")] {
            let response = refused(&corpus.m.app, get(&format!("/challenges?q={senseless}")), 400, "invalid_query").await;
            assert_eq!(response.fields(), [("/q".to_owned(), code.to_owned())]);
        }
    }

    async fn words_that_say_nothing_are_looked_for_only_if_there_are_no_others(backend: Backend) {
        let corpus = Corpus::new(backend).await;
        assert_eq!(corpus.found("in the waste").await, ["Sorting"]);
        let page = corpus.search("q=the").await;
        assert_eq!(page.body["answer"]["allWords"], true);
        assert!(corpus.search("q=").await.body["answer"].is_null());
    }

    async fn drafts_are_found_by_nobody(backend: Backend) {
        let corpus = Corpus::new(backend).await;
        let m = &corpus.m;
        let draft = m.draft_with(json!({ "title": "Zeppelin parking", "tags": ["zeppelin"] })).await;
        let facets = m.call(get("/challenges/facets")).await.expect(200).body;
        for who in [&m.author, &m.owner, &m.calm.bidder, &m.administrator] {
            for path in ["/challenges?q=zeppelin", "/challenges?q=zepelin", "/challenges?tag=zeppelin"] {
                let page = m.see(who, path).await;
                assert_eq!(page["items"], json!([]), "{path}");
                assert!(page["answer"]["corrected"].is_null() && page["answer"]["suggestion"].is_null(), "{page}");
            }
            assert_eq!(m.see(who, "/challenges/facets").await["tag"], facets["tag"]);
            assert_eq!(m.see(who, "/challenges/facets?status=draft").await["agency"], json!([]));
        }
        m.step(&m.author, &draft, "submit-for-review").await;
        m.step(&m.officer, &draft, "approve").await;
        assert!(corpus.found("zeppelin").await.is_empty());
        m.step(&m.officer, &draft, "publish").await;
        assert_eq!(corpus.found("zeppelin").await, ["Zeppelin"]);
        assert_eq!(corpus.found("zepelin").await, ["Zeppelin"]);
    }

    async fn a_cancelled_draft_is_not_found_and_a_cancelled_challenge_is(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let reason = json!({ "code": "need_changed", "reason": "No." });
        let draft = m.draft_with(json!({ "title": "Zeppelin parking" })).await;
        m.call(m.officer.post(&format!("/challenges/{draft}/cancel"), reason.clone())).await.expect(200);
        assert_eq!(m.see(&m.author, "/challenges?q=zeppelin").await["items"], json!([]));
        let public = m.published().await;
        m.call(m.officer.post(&format!("/challenges/{public}/cancel"), reason)).await.expect(200);
        let page = m.see(&m.author, "/challenges?q=flood&status=cancelled").await;
        assert_eq!(page["items"][0]["id"], json!(public));
        assert_eq!(m.see(&m.author, "/challenges?q=flood&status=published").await["items"], json!([]));
    }

    async fn confidential_details_are_found_by_nobody(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let secret = json!({ "agreement": "We keep it.", "details": "The submarine leaks." });
        let id = m.draft_with(json!({ "confidentiality": secret })).await;
        let german = json!({ "de": { "/confidentiality/details": "Das Unterseeboot leckt.", "/title": "Anrufe bei Hochwasser" } });
        m.edit(&id, json!({ "translations": german })).await.expect(200);
        m.publish(&id).await;
        for who in [&m.author, &m.calm.bidder] {
            for word in ["submarine", "submarin", "unterseeboot", "unterseebot"] {
                let page = m.see(who, &format!("/challenges?q={word}")).await;
                assert_eq!(page["items"], json!([]), "{word}");
                assert!(!page.to_string().contains("submarine leaks"));
            }
        }
        let page = m.see(&m.author, "/challenges?q=hochwasser").await;
        assert_eq!(page["items"][0]["matched"]["language"], "de");
        assert_eq!(page["items"][0]["matched"]["title"], "Anrufe bei <mark>Hochwasser</mark>");
    }

    async fn pages_of_hits_stay_as_they_are_while_others_publish(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let mut titles = Vec::new();
        for n in 0..5 {
            let title = if n % 2 == 0 { format!("Flood {n}") } else { format!("Number {n}") };
            let id = m.draft_with(json!({ "title": title, "summary": "About a flood." })).await;
            m.publish(&id).await;
            titles.push(title);
        }
        let wanted = ["Flood 4", "Flood 2", "Flood 0", "Number 3", "Number 1"];
        for (sort, wanted) in [("relevance", wanted), ("newest", ["Flood 4", "Number 3", "Flood 2", "Number 1", "Flood 0"])] {
            let mut found = Vec::new();
            let mut next = Some(format!("/challenges?q=flood&limit=2&sort={sort}"));
            let mut more = 0;
            while let Some(path) = next {
                let page = m.call(get(&path)).await.expect(200);
                let title = |item: &Value| item["title"].as_str().unwrap().to_owned();
                found.extend(page.body["items"].as_array().unwrap().iter().map(title));
                next = page.body["next"].as_str().map(|after| format!("/challenges?q=flood&limit=2&sort={sort}&after={after}"));
                more += 1;
                let id = m.draft_with(json!({ "title": format!("Flood later {sort} {more}"), "summary": "-" })).await;
                m.publish(&id).await;
            }
            let found: Vec<_> = found.iter().filter(|title| !title.contains("later relevance")).collect();
            assert_eq!(found, wanted.iter().collect::<Vec<_>>(), "{sort}");
        }
    }
}

/// The same questions get the same answers, down to the last byte, but for ids and instants.
#[actix_web::test]
async fn both_databases_answer_alike() {
    let (sqlite, postgres) = (Corpus::new(Backend::Sqlite).await, Corpus::new(Backend::Postgres).await);
    for q in QUESTIONS.iter().map(|(question, _)| question).chain(HOSTILE) {
        let query = format!("q={}", encoded(q));
        let (one, other) = (sqlite.search(&query).await, postgres.search(&query).await);
        assert_eq!(titles(&one), titles(&other), "{q}");
        assert_eq!(one.body["answer"], other.body["answer"], "{q}");
        let matched = |page: &Value| {
            let items = page["items"].as_array().unwrap().iter();
            items.map(|item| item["matched"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(matched(&one.body), matched(&other.body), "{q}");
    }
}
