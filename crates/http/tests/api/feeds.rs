//! Public challenges as feeds: what is in them, who sees it, and that the same is not sent twice.

use crate::{app::get, marketplace::Marketplace, rows::refused};
use actix_web::test::TestRequest;
use atom_syndication::Feed;
use serde_json::json;
use testing::Backend;

fn feed(text: &str) -> Feed {
    text.parse().unwrap()
}

/// The lines of a calendar, unfolded (RFC 5545, 3.1).
pub fn lines(text: &str) -> Vec<String> {
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
    text.replace("\r\n ", "").lines().map(ToOwned::to_owned).collect()
}

pub fn count(lines: &[String], line: &str) -> usize {
    lines.iter().filter(|one| *one == line).count()
}

/// A challenge whose title means something in the formats of feeds.
const TITLE: &str = "Calls, waiting; <b>\"now\"</b> & C:\\END:VEVENT";

testing::on_both! {
    async fn a_list_is_an_atom_feed_and_is_not_sent_twice(backend: Backend) {
        let m = Marketplace::new(backend).await;
        m.draft_with(json!({ "title": "Not yet public" })).await;
        let empty = m.call(get("/challenges.atom")).await.expect(200);
        assert!(feed(&empty.text).entries.is_empty());
        let challenge = m.draft_with(json!({ "title": TITLE, "tags": ["flood"] })).await;
        m.publish(&challenge).await;
        let first = m.call(get("/challenges.atom?tag=flood")).await.expect(200);
        assert_eq!(first.header("content-type"), "application/atom+xml; charset=utf-8");
        assert_eq!(first.header("cache-control"), "public, max-age=300");
        let read = feed(&first.text);
        assert_eq!(read.links[0].href, "https://provoco.test/api/v1/challenges.atom?tag=flood");
        let entry = &read.entries[0];
        assert_eq!((entry.id.clone(), entry.title.as_str()), (format!("urn:uuid:{challenge}"), TITLE));
        assert_eq!(entry.links[0].href, format!("https://provoco.test/challenges/{challenge}"));
        assert_eq!(entry.authors[0].name, "Northern Dispatch");
        let terms: Vec<_> = entry.categories.iter().map(|category| category.term.as_str()).collect();
        assert_eq!(terms, ["published", "flood"]);
        let tag = first.header("etag").to_owned();
        let again = m.call(get("/challenges.atom?tag=flood").insert_header(("if-none-match", tag.as_str()))).await.expect(304);
        assert_eq!((again.text.as_str(), again.header("etag")), ("", &*tag));
        m.app.advance(chrono::TimeDelta::seconds(5));
        let reason = json!({ "code": "other", "reason": "Later." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/cancel"), reason)).await.expect(200);
        let stale = get("/challenges.atom?tag=flood").insert_header(("if-none-match", tag));
        let after = feed(&m.call(stale).await.expect(200).text);
        assert_eq!((&after.entries[0].id, after.entries[0].categories[0].term.as_str()), (&entry.id, "cancelled"));
        assert!(after.entries[0].updated > entry.updated && after.updated == after.entries[0].updated);
    }

    async fn feeds_take_the_filters_of_the_list_and_no_others(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let agency = &m.agency;
        for (query, expected) in [
            (format!("agency={agency}"), 1), ("status=published,closed".to_owned(), 1), ("country=BE".to_owned(), 0),
            ("q=flood".to_owned(), 1), ("q=xylophone".to_owned(), 0), ("sort=deadline".to_owned(), 1),
        ] {
            let atom = m.call(get(&format!("/challenges.atom?{query}"))).await.expect(200);
            assert_eq!(feed(&atom.text).entries.len(), expected, "{query}");
            let dates = lines(&m.call(get(&format!("/challenges.ics?{query}"))).await.expect(200).text);
            assert_eq!(count(&dates, &format!("UID:{challenge}-submission_deadline@provoco.test")), expected, "{query}");
        }
        for path in ["/challenges.atom?limit=5", "/challenges.ics?status=unknown", "/challenges.ics?sort=budget"] {
            refused(&m.app, get(path), 400, "invalid_query").await;
        }
    }

    async fn dates_are_events_of_a_calendar(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let deadline = m.content()["submissionDeadline"].as_str().unwrap().to_owned();
        let dates = json!({ "expectedAward": "2030-03-01", "pilotStart": "2030-05-02" });
        let challenge = m.draft_with(json!({ "title": TITLE, "plannedDates": dates })).await;
        let outsiders = format!("/challenges/{challenge}/timeline.ics");
        refused(&m.app, get(&outsiders), 404, "not_found").await;
        let own = m.call(m.owner.get(&outsiders)).await.expect(200);
        assert_eq!(own.header("cache-control"), "private, no-cache");
        assert_eq!(count(&lines(&m.call(get("/challenges.ics")).await.text), "BEGIN:VEVENT"), 0);
        m.publish(&challenge).await;
        let list = m.call(get("/challenges.ics")).await.expect(200);
        assert_eq!(list.header("content-type"), "text/calendar; charset=utf-8");
        let list = lines(&list.text);
        assert_eq!(count(&list, "BEGIN:VEVENT"), 3);
        let start = deadline.replace(['-', ':'], "");
        for line in [
            &format!("DTSTART:{start}"), &format!("UID:{challenge}-submission_deadline@provoco.test"),
            "SUMMARY:Deadline: Calls\\, waiting\\; <b>\"now\"</b> & C:\\\\END:VEVENT", "DTSTART;VALUE=DATE:20300301",
            "SUMMARY:Pilots start: Calls\\, waiting\\; <b>\"now\"</b> & C:\\\\END:VEVENT",
            &format!("URL:https://provoco.test/challenges/{challenge}"),
        ] {
            assert!(count(&list, line) >= 1, "{line} is not in {list:#?}");
        }
        let one = lines(&m.call(get(&outsiders)).await.expect(200).text);
        assert_eq!(count(&one, "BEGIN:VEVENT"), 5, "with the two that are computed: {one:#?}");
        let reason = json!({ "code": "other", "reason": "Later." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/cancel"), reason)).await.expect(200);
        assert_eq!(count(&lines(&m.call(get("/challenges.ics")).await.text), "STATUS:CANCELLED"), 3);
        let head = TestRequest::default().method("HEAD".parse().unwrap()).uri("/api/v1/challenges.ics");
        m.call(head).await.expect(200);
    }
}
