//! Another e-mail address: proved by its owner, taken back by the owner of the old one.

use crate::{
    app::{PASSWORD, Person, TestApp, post},
    log_ins::log_in,
    passwords::{NEW, mailed, reset},
    rows::refused,
    steps::mails,
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::json;
use testing::Backend;

const OTHER: &str = "ana.novak@people.example";

fn change(person: &Person, email: &str) -> TestRequest {
    person.post("/account/email", json!({ "email": email }))
}

fn confirm(token: &str) -> TestRequest {
    post("/email-changes/confirm", json!({ "token": token }))
}

fn undo(token: &str) -> TestRequest {
    post("/email-changes/undo", json!({ "token": token }))
}

/// Moves somebody to another address; gives the token with which the old one is taken back.
async fn moved(app: &TestApp, person: &Person, email: &str) -> String {
    app.call(change(person, email)).await.expect(202);
    app.call(confirm(&mailed(app, "confirm_email_change", email).await)).await.expect(204);
    mailed(app, "email_changed", &person.email).await
}

testing::on_both! {
    async fn a_new_address_holds_once_its_owner_confirms_it(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        app.call(change(&ana, " Ana.Novak@People.example ")).await.expect(202);
        assert_eq!(app.call(ana.get("/me")).await.expect(200).body["email"], ana.email);
        let token = mailed(&app, "confirm_email_change", OTHER).await;
        app.call(confirm(&token)).await.expect(204);
        refused(&app, confirm(&token), 422, "token_invalid").await;
        assert_eq!(app.call(ana.get("/me")).await.expect(200).body["email"], OTHER);
        app.call(log_in(OTHER, PASSWORD)).await.expect(201);
        app.call(log_in(&ana.email, PASSWORD)).await.expect_problem(401, "wrong_credentials");
        assert_eq!(mails(&app).await.iter().filter(|mail| mail.recipient_address == ana.email).count(), 1);
        let administrator = app.administrator().await;
        let found = app.call(administrator.get("/users?q=ana.novak")).await.expect(200);
        assert_eq!(found.body["items"][0]["email"], OTHER);
    }

    async fn a_link_for_a_new_address_works_for_48_hours_and_one_confirmed_revokes_the_others(backend: Backend) {
        let app = TestApp::new(backend).await;
        let mut ana = app.person("Ana").await;
        app.call(change(&ana, OTHER)).await.expect(202);
        let expired = mailed(&app, "confirm_email_change", OTHER).await;
        app.advance(TimeDelta::hours(48));
        refused(&app, confirm(&expired), 422, "token_invalid").await;
        app.log_in_again(&mut ana).await;
        app.call(change(&ana, OTHER)).await.expect(202);
        let pending = mailed(&app, "confirm_email_change", OTHER).await;
        let link = crate::passwords::ask(&app, &ana.email).await;
        moved(&app, &ana, "third@people.example").await;
        refused(&app, confirm(&pending), 422, "token_invalid").await;
        refused(&app, reset(&link, NEW), 422, "token_invalid").await;
    }

    async fn an_address_that_somebody_has_is_not_told_and_not_taken(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, eva) = (app.person("Ana").await, app.person("Eva").await);
        let free = app.call(change(&ana, OTHER)).await.expect(202);
        let taken = app.call(change(&ana, &eva.email)).await.expect(202);
        assert_eq!(taken.body, free.body);
        let told = mails(&app).await.pop().unwrap();
        assert_eq!((told.recipient_address.as_str(), &told.message["kind"]), (&*eva.email, &json!("account_exists")));
        let raced = mailed(&app, "confirm_email_change", OTHER).await;
        moved(&app, &eva, OTHER).await;
        refused(&app, confirm(&raced), 422, "token_invalid").await;
        refused(&app, change(&ana, &ana.email), 422, "invalid").await;
        refused(&app, change(&ana, "no address"), 422, "invalid").await;
    }

    async fn the_old_address_takes_the_account_back_and_a_new_password_is_needed(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let token = moved(&app, &ana, OTHER).await;
        app.advance(TimeDelta::days(7) - TimeDelta::seconds(5));
        app.call(undo(&token)).await.expect(204);
        refused(&app, undo(&token), 422, "token_invalid").await;
        refused(&app, ana.get("/me"), 401, "token_rejected").await;
        for email in [OTHER, &ana.email] {
            app.call(log_in(email, PASSWORD)).await.expect_problem(401, "wrong_credentials");
        }
        let link = mailed(&app, "reset_password", &ana.email).await;
        app.call(reset(&link, NEW)).await.expect(200);
        app.call(log_in(&ana.email, NEW)).await.expect(201);
    }

    async fn an_address_is_taken_back_for_seven_days_and_nobody_else_has_it_meanwhile(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, eva) = (app.person("Ana").await, app.person("Eva").await);
        let token = moved(&app, &ana, OTHER).await;
        let before = mails(&app).await.len();
        let body = json!({ "email": ana.email, "name": "Mallory", "password": PASSWORD });
        app.call(post("/accounts", body.clone())).await.expect(202);
        app.call(change(&eva, &ana.email)).await.expect(202);
        assert_eq!(mails(&app).await.len(), before, "the address is kept back");
        app.advance(TimeDelta::days(7));
        refused(&app, undo(&token), 422, "token_invalid").await;
        app.call(post("/accounts", body)).await.expect(202);
        assert_eq!(mails(&app).await.len(), before + 1);
    }

    async fn one_goes_back_to_ones_own_old_address(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        moved(&app, &ana, OTHER).await;
        app.call(change(&ana, &ana.email)).await.expect(202);
        app.call(confirm(&mailed(&app, "confirm_email_change", &ana.email).await)).await.expect(204);
        app.call(log_in(&ana.email, PASSWORD)).await.expect(201);
    }
}
