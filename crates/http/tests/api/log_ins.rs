//! Logging in: what slows guessing down, and what keeps the owner from being locked out; step-ups.

use crate::{
    app::{PASSWORD, Person, Response, TestApp, post},
    rows::refused,
    steps::{all_at_once, mails},
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use diesel::{Connection, RunQueryDsl, connection::SimpleConnection};
use serde_json::{Value, json};
use testing::Backend;

const WRONG: &str = "nine loud badgers";

pub fn log_in(email: &str, password: &str) -> TestRequest {
    post("/sessions", json!({ "email": email, "password": password }))
}

/// A log-in with more in its body.
pub fn log_in_with(person: &Person, more: Value) -> TestRequest {
    let mut body = json!({ "email": person.email, "password": PASSWORD });
    let Value::Object(more) = more else { panic!("{more} is no object") };
    body.as_object_mut().unwrap().extend(more);
    post("/sessions", body)
}

fn from(address: &str, request: TestRequest) -> TestRequest {
    request.peer_addr(format!("{address}:4711").parse().unwrap())
}

/// Fails so often that the next attempt is blocked.
async fn fail_five_times(app: &TestApp, email: &str) {
    for _ in 0..5 {
        app.call(log_in(email, WRONG)).await.expect_problem(401, "wrong_credentials");
    }
}

#[track_caller]
fn assert_wait(answer: Response, seconds: i64) {
    let answer = answer.expect_problem(429, "too_many_attempts");
    assert_eq!((answer.header("retry-after"), &answer.body["retryAfter"]), (&*seconds.to_string(), &json!(seconds)));
}

/// Changes a column of everybody, which no operation of this part of the API does.
pub fn set_for_everybody(app: &TestApp, assignment: &str) {
    let statement = format!("UPDATE users SET {assignment}");
    match app.url.strip_prefix("sqlite:") {
        Some(file) => {
            let mut conn = diesel::SqliteConnection::establish(file).unwrap();
            conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
            diesel::sql_query(statement).execute(&mut conn).unwrap()
        }
        None => diesel::sql_query(statement).execute(&mut diesel::PgConnection::establish(&app.url).unwrap()).unwrap(),
    };
}

testing::on_both! {
    async fn from_the_fifth_failure_on_waits_double_whether_the_address_is_known_or_not(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        for email in [ana.email.as_str(), "nobody@people.example"] {
            fail_five_times(&app, email).await;
            for wait in [1, 2, 4] {
                let hashes = app.passwords.computed();
                assert_wait(app.call(log_in(email, PASSWORD)).await, wait);
                assert_eq!(app.passwords.computed(), hashes, "nothing is checked while blocked");
                app.advance(TimeDelta::seconds(wait));
                app.call(log_in(email, WRONG)).await.expect_problem(401, "wrong_credentials");
            }
        }
        app.advance(TimeDelta::seconds(8));
        app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        fail_five_times(&app, &ana.email).await;
    }

    async fn a_day_without_failures_ends_the_waiting(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        fail_five_times(&app, &ana.email).await;
        app.advance(TimeDelta::hours(24));
        fail_five_times(&app, &ana.email).await;
    }

    async fn parallel_guesses_get_no_more_tries_than_serial_ones(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let answers = all_at_once((0..20).map(|_| app.call(log_in(&ana.email, WRONG)))).await;
        let checked = answers.iter().filter(|answer| answer.status.as_u16() == 401).count();
        assert_eq!(checked, 5);
        assert!(answers.iter().all(|answer| [401, 429].contains(&answer.status.as_u16())));
    }

    async fn what_nobody_looked_at_is_no_attempt(backend: Backend) {
        let app = TestApp::new(backend).await;
        let people = all_at_once((0..40).map(|n| {
            let app = &app;
            async move { app.person(&format!("Person {n}")).await }
        }))
        .await;
        // One hashes, 32 wait, the others are too many.
        let answers = all_at_once(people.iter().map(|person| app.call(log_in(&person.email, PASSWORD)))).await;
        let busy = answers.iter().position(|answer| answer.status.as_u16() == 503).unwrap();
        for _ in 0..4 {
            app.call(log_in(&people[busy].email, WRONG)).await.expect_problem(401, "wrong_credentials");
        }
        app.call(log_in(&people[busy].email, PASSWORD)).await.expect(201);
    }

    async fn a_dry_run_is_an_attempt_too(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        for _ in 0..5 {
            let body = json!({ "email": ana.email, "password": WRONG });
            app.call(post("/sessions?dryRun=true", body)).await.expect_problem(401, "wrong_credentials");
        }
        assert_wait(app.call(log_in(&ana.email, PASSWORD)).await, 1);
    }

    async fn the_owner_gets_in_on_a_known_device_whoever_fails_elsewhere(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, eva) = (app.person("Ana").await, app.person("Eva").await);
        let device = app.call(log_in(&ana.email, PASSWORD)).await.expect(201).body["device"].clone();
        fail_five_times(&app, &ana.email).await;
        assert_wait(app.call(log_in(&ana.email, PASSWORD)).await, 1);
        let known = app.call(log_in_with(&ana, json!({ "device": device }))).await.expect(201);
        assert_eq!(known.body["device"], Value::Null, "the device keeps its token");
        assert_wait(app.call(log_in(&ana.email, PASSWORD)).await, 1);
        for (person, device) in [(&eva, &device), (&ana, &json!("made up"))] {
            fail_five_times(&app, &eva.email).await;
            assert_wait(app.call(log_in_with(person, json!({ "device": device }))).await, 1);
            app.advance(TimeDelta::hours(24));
            fail_five_times(&app, &ana.email).await;
        }
    }

    async fn failures_on_a_known_device_block_it_and_a_device_is_known_for_90_days(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let device = app.call(log_in(&ana.email, PASSWORD)).await.expect(201).body["device"].clone();
        for _ in 0..5 {
            let wrong = log_in_with(&ana, json!({ "device": device, "password": WRONG }));
            app.call(wrong).await.expect_problem(401, "wrong_credentials");
        }
        assert_wait(app.call(log_in_with(&ana, json!({ "device": device }))).await, 1);
        app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        app.advance(TimeDelta::days(89));
        app.call(log_in_with(&ana, json!({ "device": device }))).await.expect(201);
        app.advance(TimeDelta::days(89));
        fail_five_times(&app, &ana.email).await;
        app.call(log_in_with(&ana, json!({ "device": device }))).await.expect(201);
        app.advance(TimeDelta::days(90));
        fail_five_times(&app, &ana.email).await;
        assert_wait(app.call(log_in_with(&ana, json!({ "device": device }))).await, 1);
    }

    async fn a_network_is_slowed_down_whichever_accounts_it_tries(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        for n in 0..100 {
            let guess = log_in(&format!("guess{n}@people.example"), WRONG);
            app.call(from(&format!("198.51.100.{n}"), guess)).await.expect_problem(401, "wrong_credentials");
        }
        assert_wait(app.call(from("198.51.100.200", log_in(&ana.email, PASSWORD))).await, 1);
        app.call(from("203.0.113.1", log_in(&ana.email, PASSWORD))).await.expect(201);
    }

    async fn whoever_has_an_account_cannot_clear_the_counter_of_the_network(backend: Backend) {
        let app = TestApp::new(backend).await;
        let mallory = app.person("Mallory").await;
        for n in 0..100 {
            app.call(log_in(&format!("guess{n}@people.example"), WRONG)).await.expect_problem(401, "wrong_credentials");
            if n % 10 == 0 {
                app.call(log_in(&mallory.email, PASSWORD)).await.expect(201);
            }
        }
        assert_wait(app.call(log_in(&mallory.email, PASSWORD)).await, 1);
    }

    async fn only_the_owner_learns_that_an_account_is_suspended_or_deactivated(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        for (column, code) in [("deactivated_at", "account_deactivated"), ("suspended_at", "account_suspended")] {
            set_for_everybody(&app, &format!("{column} = created_at"));
            for _ in 0..6 {
                app.call(log_in(&ana.email, PASSWORD)).await.expect_problem(403, code);
            }
            app.call(log_in(&ana.email, WRONG)).await.expect_problem(401, "wrong_credentials");
        }
        assert_eq!(mails(&app).await.len(), 0);
    }

    async fn a_log_in_from_elsewhere_is_told_once_and_the_first_is_not(backend: Backend) {
        let app = TestApp::new(backend).await;
        let body = json!({ "email": "eva@people.example", "name": "Eva", "password": PASSWORD });
        app.call(post("/accounts", body)).await.expect(202);
        let token = crate::accounts::mailed_token(&app).await;
        app.call(post("/accounts/confirm", json!({ "token": token }))).await.expect(204);
        let agent = |agent: &'static str, address| {
            from(address, log_in("eva@people.example", PASSWORD).insert_header(("user-agent", agent)))
        };
        let device = app.call(agent("Firefox", "198.51.100.1")).await.expect(201).body["device"].clone();
        app.call(agent("Firefox", "198.51.100.9")).await.expect(201);
        assert_eq!(mails(&app).await.len(), 1, "the first, and one like it");
        for (other, address) in [("Firefox", "203.0.113.1"), ("curl", "198.51.100.1")] {
            app.call(agent(other, address)).await.expect(201);
            app.call(agent(other, address)).await.expect(201);
        }
        let told = mails(&app).await.split_off(1);
        let told: Vec<_> = told.iter().map(|mail| &mail.message["change"]).collect();
        let expected = |device, network| json!({ "what": "new_device", "device": device, "network": network });
        assert_eq!(told, [&expected("Firefox", "203.0.113.0/24"), &expected("curl", "198.51.100.0/24")]);
        let known = json!({ "email": "eva@people.example", "password": PASSWORD, "device": device });
        app.call(from("192.0.2.1", post("/sessions", known))).await.expect(201);
        assert_eq!(mails(&app).await.len(), 3, "a known device may travel");
    }

    async fn a_step_up_lasts_a_quarter_of_an_hour_and_a_refresh_does_not_renew_it(backend: Backend) {
        let app = TestApp::new(backend).await;
        let mut ana = app.person("Ana").await;
        let session = app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        let guarded = |ana: &Person| ana.act("/account/totp");
        let renew = |ana: &mut Person, session: &Response| {
            ana.token = session.body["accessToken"].as_str().unwrap().to_owned();
        };
        renew(&mut ana, &session);
        app.call(guarded(&ana)).await.expect(200);
        app.advance(TimeDelta::minutes(15));
        let refresh = post("/sessions/refresh", json!({ "refreshToken": session.body["refreshToken"] }));
        renew(&mut ana, &app.call(refresh).await.expect(201));
        refused(&app, guarded(&ana), 403, "step_up_required").await;
        let confirm = |password| ana.post("/sessions/current/confirm", json!({ "password": password }));
        app.call(confirm(WRONG)).await.expect_problem(401, "wrong_credentials");
        refused(&app, guarded(&ana), 403, "step_up_required").await;
        app.call(confirm(PASSWORD)).await.expect(204);
        app.call(guarded(&ana)).await.expect(200);
        for body in [json!({}), json!({ "password": PASSWORD, "code": "123456" })] {
            refused(&app, ana.post("/sessions/current/confirm", body), 422, "invalid").await;
        }
        app.call(ana.post("/sessions/current/confirm", json!({ "code": "123456" }))).await
            .expect_problem(401, "wrong_credentials");
    }

    async fn guessing_at_a_step_up_is_slowed_down_and_blocks_this_session_only(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, mut other) = (app.person("Ana").await, Person { ..app.person("Eva").await });
        let confirm = |who: &Person, password| who.post("/sessions/current/confirm", json!({ "password": password }));
        for _ in 0..5 {
            app.call(confirm(&ana, WRONG)).await.expect_problem(401, "wrong_credentials");
        }
        assert_wait(app.call(confirm(&ana, PASSWORD)).await, 1);
        other.id = ana.id;
        app.log_in_again(&mut other).await;
        app.call(confirm(&other, PASSWORD)).await.expect(204);
        app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
        app.advance(TimeDelta::seconds(1));
        app.call(confirm(&ana, PASSWORD)).await.expect(204);
    }
}
