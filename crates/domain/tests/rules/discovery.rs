//! Finding challenges: words, ranks, what is shown of a hit, what was meant, what is asked.

use chrono::{DateTime, Utc};
use domain::{
    ChallengeQuery, ChallengeStatus,
    account::Language,
    challenge::Content,
    cpv::CpvCode,
    discovery::{
        CpvPrefix, Filters, Likeness, Parameters, Search, SearchText, Sort, closest, excerpt, fold, highlight, stem,
        tokens,
    },
};
use proptest::prelude::*;

fn content() -> Content {
    Content::new("Telling urgent calls apart", chrono_tz::UTC)
}

fn words(text: &str) -> Vec<String> {
    tokens(text).map(|token| token.word).collect()
}

#[test]
fn words_are_letters_and_digits_without_capitals_and_accents() {
    for (text, expected) in [
        ("L'eau d'ÉCOLE", &["l", "eau", "d", "ecole"][..]),
        ("Straßen-Überflutung", &["strassen", "uberflutung"]),
        ("Čakalne vrste, 112!", &["cakalne", "vrste", "112"]),
        ("prevenção e\u{301}te\u{301}", &["prevencao", "ete"]),
        ("smørrebrød Łódź", &["smorrebrod", "lodz"]),
        ("ﬁre ½ ①", &["fire", "12", "1"]),
        (" .,;\u{301} ", &[]),
    ] {
        assert_eq!(words(text), expected, "{text}");
    }
    assert_eq!(fold(&"x".repeat(90)).len(), 40);
}

#[test]
fn forms_of_a_word_have_one_stem_in_each_language() {
    for (language, forms) in [
        (Language::En, &["flood", "floods", "flooded", "flooding"][..]),
        (Language::Fr, &["fuite", "fuites"]),
        (Language::Nl, &["planning", "planningen"]),
        (Language::De, &["uberflutung", "uberflutungen"]),
        (Language::Pt, &["queimada", "queimadas"]),
        (Language::Sl, &["poplava", "poplave", "poplavo", "poplavi", "poplavah", "poplavami", "poplavam"]),
        (Language::Sl, &["obcina", "obcine", "obcinah", "obcinami"]),
        (Language::Sl, &["javna", "javnega", "javnemu", "javnih", "javnimi"]),
    ] {
        let stems: std::collections::BTreeSet<_> = forms.iter().map(|form| stem(form, language)).collect();
        assert_eq!(stems.len(), 1, "{forms:?}: {stems:?}");
    }
    assert_eq!(stem("112", Language::En), "112");
    assert_eq!(stem("ure", Language::Sl), "ure", "short words stay");
}

#[test]
fn a_search_has_no_operators_and_leaves_out_what_says_nothing() {
    let parsed = |text: &str| Search::parse(text).map(|search| search.text());
    assert_eq!(parsed("the WASTE of a school").as_deref(), Some("waste school"));
    assert_eq!(parsed("the").as_deref(), Some("the"));
    assert_eq!(parsed("waste AND NOT (school*)").as_deref(), Some("waste not school"));
    assert_eq!(parsed("waste waste Wäste").as_deref(), Some("waste"));
    assert_eq!(parsed("... \u{301} !"), None);
    assert_eq!(Search::parse("q w e r t z u i p y x c v b n m").unwrap().words.len(), 10);
}

#[test]
fn a_word_counts_more_in_the_title_and_as_it_was_typed() {
    let score = |q: &str, head: &str| Search::parse(q).unwrap().score(head, true);
    let heads = ["flood calls\n\n", "_en_flood floods\n\n", "floodgate\n\n", "x\nflood\n", "x\n\nflood", "x\n\n"];
    let scores: Vec<_> = heads.iter().map(|head| score("flood", head)).collect();
    assert!(scores.is_sorted_by(|one, other| one > other), "{scores:?}");
    assert!(score("flood calls", heads[0]) > score("flood nothing", heads[0]));
    assert_eq!(Search::parse("flood").unwrap().score("x\n\n", false), 0);
}

#[test]
fn what_was_meant_is_the_nearest_word_then_the_most_common() {
    let words = [("flood", 3), ("blood", 90), ("floor", 40), ("food", 70), ("emergency", 1)];
    let words = words.map(|(word, documents)| (word.to_owned(), documents));
    assert_eq!(closest("flod", &words).as_deref(), Some("flood"), "it begins alike");
    assert_eq!(closest("floof", &words).as_deref(), Some("floor"), "more challenges hold it");
    assert_eq!(closest("emergnecy", &words).as_deref(), Some("emergency"));
    assert_eq!(closest("emrgncy", &words), None, "two wrong letters are too many for seven");
    assert_eq!(closest("foo", &words), None, "short words are right");
}

#[test]
fn what_can_be_found_holds_nothing_confidential() {
    let mut content = content();
    content.confidentiality =
        Some(domain::challenge::Confidentiality { agreement: "Zebra.".to_owned(), details: "Okapi.".to_owned() });
    let text = SearchText::of(&content, &[]);
    assert!(text.terms.iter().all(|term| !term.contains("okapi")));
    assert!(!text.head.contains("okapi"));
    assert_eq!(text.digest(), SearchText::of(&content.without_confidential_details(), &[]).digest());
}

#[test]
fn a_code_belongs_to_all_that_it_begins_with() {
    let of =
        |code: &str| CpvPrefix::of(&CpvCode::parse(code).unwrap()).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(of("72000000"), ["72"]);
    assert_eq!(of("72212000"), ["72", "722", "7221", "72212"]);
    assert_eq!(of("30190000"), ["30", "301", "3019"]);
    assert_eq!(of("72205000"), ["72", "722", "72205"]);
    let read = |digits: &str| CpvPrefix::parse(digits).map(String::from).ok();
    assert_eq!(read("72200000").as_deref(), Some("722"));
    assert_eq!(read("30000000").as_deref(), Some("30"));
    assert_eq!(read("72").as_deref(), Some("72"));
    for wrong in ["", "7", "00", "722000000", "7x", "७२"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

#[test]
fn a_query_survives_being_stored_and_being_a_link() {
    let parameters = Parameters {
        q: Some(" é & = % + ".to_owned()),
        status: vec![ChallengeStatus::Closed, ChallengeStatus::Published, ChallengeStatus::Closed],
        cpv: vec!["72000000".to_owned(), "33".to_owned()],
        tag: vec!["flood".to_owned()],
        language: Some(Language::Sl),
        currency: Some("EUR".to_owned()),
        budget_min: Some("1000".to_owned()),
        deadline_after: Some(DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap()),
        sort: Some(Sort::Deadline),
        ..Parameters::default()
    };
    let query = parameters.check().unwrap();
    let stored = serde_json::to_value(&query).unwrap();
    assert_eq!(
        stored,
        serde_json::json!({
            "q": "é & = % +", "status": ["published", "closed"], "cpv": ["33", "72"], "tag": ["flood"], "language": "sl",
            "currency": "EUR", "budgetMin": "1000.00", "deadlineAfter": "2026-09-21T14:13:20.123456Z", "sort": "deadline",
        })
    );
    assert_eq!(serde_json::from_value::<ChallengeQuery>(stored).unwrap(), query);
    assert_eq!(
        query.to_query_string(),
        "q=%C3%A9+%26+%3D+%25+%2B&status=published%2Cclosed&cpv=33%2C72&tag=flood&language=sl&currency=EUR&budgetMin=1000.00\
         &deadlineAfter=2026-09-21T14%3A13%3A20.123456Z&sort=deadline"
    );
    assert_eq!(ChallengeQuery::default().to_query_string(), "");
    let unknown = serde_json::json!({ "colour": "red" });
    assert!(serde_json::from_value::<ChallengeQuery>(unknown).is_err());
    let wrong = serde_json::json!({ "budgetMin": "1" });
    assert!(serde_json::from_value::<ChallengeQuery>(wrong).is_err());
    assert_eq!(ChallengeQuery::default().filters, Filters::default());
}

#[test]
fn challenges_are_alike_by_codes_tags_and_rare_words() {
    let mut content = content();
    content.tags = vec!["flood".to_owned()];
    content.cpv_codes = vec![CpvCode::parse("72212000").unwrap()];
    let likeness = Likeness::of(&content);
    let mut other = content.clone();
    other.cpv_codes = vec![CpvCode::parse("72213000").unwrap()];
    let text = SearchText::of(&other, &[]);
    let rare = [words(&content.title).pop().unwrap()];
    let similarity = likeness.compare(&text.topics, &text.head, &rare);
    assert_eq!(similarity.cpv.unwrap().as_str(), "7221");
    assert_eq!(similarity.tags, ["flood"]);
    assert_eq!(similarity.words, rare);
    assert_eq!(likeness.compare(&[], "", &rare).score, 0);
}

proptest! {
    #[test]
    fn whatever_is_written_and_asked_the_html_is_the_text_with_marks(text in ".{0,200}", q in ".{0,60}") {
        let Some(search) = Search::parse(&q) else { return Ok(()) };
        let html = highlight(&text, Language::En, &search);
        let plain = html.replace("<mark>", "").replace("</mark>", "");
        prop_assert!(!plain.contains(['<', '>', '"', '\'']));
        let unescaped = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
        prop_assert_eq!(unescaped.replace("&amp;", "&"), text);
    }

    #[test]
    fn what_is_said_in_the_title_is_found_and_marked(title in "[a-zà-ž]{3,12}( [a-zà-ž]{3,12}){0,4}", n in 0_usize..5) {
        let mut content = content();
        content.title.clone_from(&title);
        let asked: Vec<_> = words(&title);
        let asked = &asked[n % asked.len()];
        let search = Search::parse(asked).unwrap();
        let text = SearchText::of(&content, &[]);
        prop_assert!(text.terms.contains(asked));
        prop_assert!(search.score(&text.head, true) >= 32);
        prop_assert!(excerpt(&content, &search).title.contains("<mark>"));
    }

    #[test]
    fn terms_hold_nothing_that_means_something_to_a_database(text in ".{0,200}") {
        let mut content = content();
        content.summary = text;
        for term in SearchText::of(&content, &[]).terms {
            prop_assert!(term.chars().all(|c| c.is_alphanumeric() || c == '_') && !term.is_empty(), "{}", term);
        }
    }

    #[test]
    fn deadlines_fall_into_one_bucket(days in -400_i64..400) {
        use domain::discovery::{FacetRow, Facets};
        let now: DateTime<Utc> = DateTime::from_timestamp_micros(1_790_000_000_000_000).unwrap();
        let deadline = now + chrono::TimeDelta::days(days);
        let row = FacetRow {
            status: ChallengeStatus::Published, agency: domain::OrganisationId(uuid::Uuid::nil()), country: "SI".to_owned(),
            topics: Vec::new(), budget: None, deadline: Some(deadline),
        };
        let counted = Facets::count(&[row], now).deadlines;
        prop_assert_eq!(counted.len(), 1);
        let (after, before) = counted[0].0.range(now);
        prop_assert!(after.is_none_or(|after| after <= deadline) && before.is_none_or(|before| deadline < before));
    }
}
