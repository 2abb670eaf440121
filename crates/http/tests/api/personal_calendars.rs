//! A person's own dates: what is in them, and what the address of a calendar opens.

use crate::{
    app::{Person, get},
    feeds::{count, lines},
    marketplace::Marketplace,
    rows::{dump, refused},
};
use serde_json::json;
use testing::Backend;

/// A fresh address of somebody's calendar, as a path.
async fn address(m: &Marketplace, who: &Person) -> String {
    let made = m.call(who.act("/account/calendar-token")).await.expect(201);
    let token = made.body["token"].as_str().unwrap();
    assert_eq!(made.body["url"], format!("https://provoco.test/api/v1/calendars/personal/{token}.ics"));
    format!("/calendars/personal/{token}.ics")
}

async fn dates(m: &Marketplace, address: &str) -> Vec<String> {
    lines(&m.call(get(address)).await.expect(200).text)
}

fn uid(challenge: &str) -> String {
    format!("UID:{challenge}-submission_deadline@provoco.test")
}

testing::on_both! {
    async fn an_address_works_until_it_is_renewed_or_revoked_and_is_stored_as_a_hash(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let who = &m.calm.bidder;
        refused(&m.app, who.get("/account/calendar-token"), 404, "not_found").await;
        refused(&m.app, who.delete("/account/calendar-token"), 404, "not_found").await;
        let first = address(&m, who).await;
        let answer = m.call(get(&first)).await.expect(200);
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        m.call(get(&first).insert_header(("if-none-match", answer.header("etag")))).await.expect(304);
        let secret = first.trim_start_matches("/calendars/personal/").trim_end_matches(".ics").to_owned();
        assert!(!dump(&m.app).contains(&secret), "only its hash is stored");
        assert!(m.see(who, "/account/calendar-token").await["createdAt"].is_string());
        let second = address(&m, who).await;
        refused(&m.app, get(&first), 404, "not_found").await;
        dates(&m, &second).await;
        m.call(who.delete("/account/calendar-token")).await.expect(204);
        refused(&m.app, get(&second), 404, "not_found").await;
        refused(&m.app, get("/calendars/personal/unknown.ics"), 404, "not_found").await;
    }

    async fn a_calendar_shows_what_its_owner_follows_and_bids_for_and_nothing_of_others(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (bid_for, followed) = (m.published().await, m.published().await);
        m.call(m.bid(&m.calm, &bid_for, "38500.00")).await.expect(201);
        m.call(m.calm.bidder.sign(actix_web::test::TestRequest::put().uri(&format!("/api/v1/challenges/{followed}/following")))).await.expect(200);
        let (calm, river) = (address(&m, &m.calm.bidder).await, address(&m, &m.river.bidder).await);
        let seen = dates(&m, &calm).await;
        assert_eq!((count(&seen, &uid(&bid_for)), count(&seen, &uid(&followed))), (1, 1));
        assert_eq!(count(&dates(&m, &river).await, "BEGIN:VEVENT"), 0);
        let officer = address(&m, &m.officer).await;
        assert_eq!(count(&dates(&m, &officer).await, "BEGIN:VEVENT"), 0, "nobody in the agency learns of bids");
    }

    async fn what_waits_for_somebody_is_in_their_calendar_until_it_is_done(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let officer = address(&m, &m.officer).await;
        m.step(&m.author, &challenge, "submit-for-review").await;
        let due = "SUMMARY:Due: review: Telling urgent 112 calls apart during a flood";
        assert_eq!(count(&dates(&m, &officer).await, due), 1);
        m.step(&m.officer, &challenge, "approve").await;
        assert_eq!(count(&dates(&m, &officer).await, due), 0);
    }

    async fn an_address_ends_with_the_account(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let suspended = m.app.person("Sasha Suspended").await;
        let erased = m.app.person("Ema Erased").await;
        let (of_suspended, of_erased) = (address(&m, &suspended).await, address(&m, &erased).await);
        let (path, reason) = (format!("/users/{}", suspended.id), json!({ "reason": "Misuse." }));
        m.call(m.administrator.post(&format!("{path}/suspend"), reason.clone())).await.expect(200);
        refused(&m.app, get(&of_suspended), 404, "not_found").await;
        m.call(m.administrator.post(&format!("{path}/reinstate"), reason)).await.expect(200);
        refused(&m.app, get(&of_suspended), 404, "not_found").await;
        m.call(erased.post("/account/erase", json!({ "confirm": erased.email }))).await.expect(204);
        refused(&m.app, get(&of_erased), 404, "not_found").await;
    }
}
