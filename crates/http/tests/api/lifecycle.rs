//! What ends by itself: accounts that nobody uses, members for whom nobody vouches.

use crate::{
    app::{PASSWORD, Person, TestApp, post},
    members::agency,
    rows::{refused, rows},
    steps::{join, mails},
};
use chrono::TimeDelta;
use domain::LifecyclePolicy;
use serde_json::{Value, json};
use testing::Backend;

const YEAR: LifecyclePolicy =
    LifecyclePolicy { inactivity: Some(TimeDelta::days(365)), certification: Some(TimeDelta::days(365)) };
const ACCOUNTS: LifecyclePolicy = LifecyclePolicy { certification: None, ..YEAR };
const MEMBERS: LifecyclePolicy = LifecyclePolicy { inactivity: None, ..YEAR };

/// What the background does when it looks, twice: the second time changes nothing.
async fn look(app: &TestApp, policy: LifecyclePolicy) {
    look_once(app, policy).await;
    let before = rows(app);
    look_once(app, policy).await;
    assert_eq!(rows(app), before);
}

async fn look_once(app: &TestApp, policy: LifecyclePolicy) {
    let (mut idle, mut ending) = (None, None);
    loop {
        idle = app
            .db()
            .write(move |conn| application::lifecycle::idle_accounts(conn, policy, idle.as_ref()))
            .await
            .unwrap();
        ending =
            app.db().write(move |conn| application::lifecycle::certifications(conn, policy, ending)).await.unwrap();
        if idle.is_none() && ending.is_none() {
            return;
        }
    }
}

/// The mails that were written since the last time, as kind and address, but for those about log-ins.
struct Post(usize);

impl Post {
    async fn fetch(&mut self, app: &TestApp) -> Vec<(String, String)> {
        let all = mails(app).await;
        let kind = |mail: &Value| mail["kind"].as_str().unwrap().to_owned();
        let mut new: Vec<_> =
            all[self.0..].iter().map(|mail| (kind(&mail.message), mail.recipient_address.clone())).collect();
        self.0 = all.len();
        new.retain(|(kind, _)| kind != "security_notice");
        new.sort();
        new
    }

    async fn expect(&mut self, app: &TestApp, expected: &[(&str, &Person)]) {
        let mut expected: Vec<_> =
            expected.iter().map(|(kind, person)| ((*kind).to_owned(), person.email.clone())).collect();
        expected.sort();
        assert_eq!(self.fetch(app).await, expected);
    }
}

async fn membership(app: &TestApp, organisation: &str, viewer: &Person, person: &Person) -> Value {
    let list = app.call(viewer.get(&format!("/organisations/{organisation}/members"))).await.expect(200);
    list.body["items"].as_array().unwrap().iter().find(|m| m["user"] == person.id.to_string()).unwrap().clone()
}

testing::on_both! {
    async fn an_account_that_nobody_uses_is_deactivated_after_two_warnings(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, mut post) = (app.person("Ana").await, Post(0));
        let hour = TimeDelta::hours(1);
        app.advance(TimeDelta::days(335) - hour);
        look(&app, ACCOUNTS).await;
        post.expect(&app, &[]).await;
        app.advance(hour);
        look(&app, ACCOUNTS).await;
        post.expect(&app, &[("inactivity_warning", &ana)]).await;
        app.advance(TimeDelta::days(23));
        look(&app, ACCOUNTS).await;
        post.expect(&app, &[("inactivity_warning", &ana)]).await;
        app.advance(TimeDelta::days(7) - hour);
        look(&app, ACCOUNTS).await;
        post.expect(&app, &[]).await;
        app.advance(hour);
        look(&app, LifecyclePolicy { inactivity: None, ..ACCOUNTS }).await;
        post.expect(&app, &[]).await;
        look(&app, ACCOUNTS).await;
        post.expect(&app, &[("account_deactivated", &ana)]).await;
        let login = json!({ "email": ana.email, "password": PASSWORD });
        let told = app.call(crate::app::post("/sessions", login)).await;
        assert!(told.status.is_client_error() || app.call(ana.get("/me")).await.status == 401, "{}", told.text);
    }

    async fn a_deactivated_person_has_no_session(backend: Backend) {
        let app = TestApp::new(backend).await;
        let mut ana = app.person("Ana").await;
        app.advance(TimeDelta::days(340));
        look(&app, ACCOUNTS).await;
        app.advance(TimeDelta::days(20));
        look(&app, ACCOUNTS).await;
        app.advance(TimeDelta::days(8));
        // A token that is good for some minutes more.
        let (id, now) = (ana.id, app.now());
        let issued = app.db().write(move |conn| {
            let session = persistence::sessions::insert(conn, id, &Default::default(), now, now + TimeDelta::days(1))?;
            let refresh_token = application::tokens::Secret::generate()?;
            Ok::<_, application::Error>(application::sessions::Issued { session, user: id, refresh_token })
        });
        ana.token = app.state.access_token(&issued.await.unwrap()).unwrap().0;
        app.call(ana.get("/me")).await.expect(200);
        look(&app, ACCOUNTS).await;
        refused(&app, ana.get("/me"), 401, "token_rejected").await;
    }

    async fn whoever_logs_in_starts_the_year_anew(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (mut ana, mut post) = (app.person("Ana").await, Post(0));
        app.advance(TimeDelta::days(340));
        look(&app, ACCOUNTS).await;
        post.expect(&app, &[("inactivity_warning", &ana)]).await;
        app.log_in_again(&mut ana).await;
        app.advance(TimeDelta::days(334));
        look(&app, ACCOUNTS).await;
        post.expect(&app, &[]).await;
        app.advance(TimeDelta::days(1));
        look(&app, ACCOUNTS).await;
        post.expect(&app, &[("inactivity_warning", &ana)]).await;
    }

    async fn a_refresh_counts_as_activity(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, mut mailbox) = (app.person("Ana").await, Post(0));
        app.advance(TimeDelta::days(300));
        let login = json!({ "email": ana.email, "password": PASSWORD });
        let token = app.call(post("/sessions", login)).await.expect(201).body["refreshToken"].clone();
        app.advance(TimeDelta::days(20));
        app.call(post("/sessions/refresh", json!({ "refreshToken": token }))).await.expect(201);
        app.advance(TimeDelta::days(334));
        look(&app, ACCOUNTS).await;
        mailbox.expect(&app, &[]).await;
    }

    async fn after_a_downtime_people_are_warned_first(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, mut post) = (app.person("Ana").await, Post(0));
        app.advance(TimeDelta::days(1000));
        look(&app, ACCOUNTS).await;
        post.expect(&app, &[("inactivity_warning", &ana)]).await;
        app.advance(TimeDelta::days(7));
        look(&app, ACCOUNTS).await;
        post.expect(&app, &[("account_deactivated", &ana)]).await;
    }

    async fn the_last_administrator_is_warned_but_stays(backend: Backend) {
        let app = TestApp::new(backend).await;
        let mut admin = app.administrator().await;
        for days in [340, 20, 20] {
            app.advance(TimeDelta::days(days));
            look(&app, ACCOUNTS).await;
        }
        let mut post = Post(0);
        post.expect(&app, &[("inactivity_warning", &admin), ("inactivity_warning", &admin)]).await;
        app.log_in_again(&mut admin).await;
        app.call(admin.get("/me")).await.expect(200);
    }

    async fn more_people_than_one_batch_are_all_dealt_with(backend: Backend) {
        let app = TestApp::new(backend).await;
        for n in 0..205 {
            app.person(&format!("Person {n}")).await;
        }
        app.advance(TimeDelta::days(340));
        look(&app, ACCOUNTS).await;
        assert_eq!(mails(&app).await.len(), 205);
    }

    async fn owners_vouch_for_the_members_of_an_agency_each_year(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, mut owner) = agency(&app).await;
        let mut carl = join(&app, &owner, &id, "Carl", &["officer"]).await;
        look(&app, MEMBERS).await;
        assert!(membership(&app, &id, &owner, &owner).await["certifiedUntil"].is_string(), "the founder, too");
        let member = membership(&app, &id, &owner, &carl).await;
        let path = format!("/organisations/{id}/members/{}", member["id"].as_str().unwrap());
        let mut post = Post(0);
        app.advance(TimeDelta::days(335));
        app.log_in_again(&mut owner).await;
        look(&app, MEMBERS).await;
        post.expect(&app, &[("certification_due", &owner)]).await;
        let due = app.call(owner.get(&format!("/organisations/{id}/members?certification=due"))).await.expect(200);
        assert_eq!(due.body["items"].as_array().unwrap().len(), 2);
        // For oneself, as long as there is no other owner to ask.
        let own = membership(&app, &id, &owner, &owner).await["id"].as_str().unwrap().to_owned();
        app.call(owner.act(&format!("/organisations/{id}/members/{own}/recertify"))).await.expect(200);
        app.advance(TimeDelta::days(23));
        app.log_in_again(&mut owner).await;
        look(&app, MEMBERS).await;
        post.expect(&app, &[("certification_due", &owner)]).await;
        app.advance(TimeDelta::days(7));
        app.log_in_again(&mut owner).await;
        app.log_in_again(&mut carl).await;
        look(&app, MEMBERS).await;
        post.expect(&app, &[]).await;
        refused(&app, carl.get(&format!("/organisations/{id}/members")), 404, "not_found").await;
        let lapsed = membership(&app, &id, &owner, &carl).await;
        assert_eq!((&lapsed["status"], &lapsed["suspensionReason"]), (&json!("suspended"), &json!("certification lapsed")));
        refused(&app, owner.act(&format!("{path}/recertify")), 409, "wrong_state").await;
        let back = app.call(owner.act(&format!("{path}/reinstate"))).await.expect(200);
        let until: chrono::DateTime<chrono::Utc> = back.body["certifiedUntil"].as_str().unwrap().parse().unwrap();
        assert!(until - app.now() > TimeDelta::days(364));
        app.call(carl.get(&format!("/organisations/{id}/members"))).await.expect(200);
    }

    async fn who_is_vouched_for_keeps_the_access(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, mut owner) = agency(&app).await;
        let mut second = join(&app, &owner, &id, "Second Owner", &["owner"]).await;
        look(&app, MEMBERS).await;
        app.advance(TimeDelta::days(340));
        app.log_in_again(&mut owner).await;
        look(&app, MEMBERS).await;
        let path = |member: &Value| format!("/organisations/{id}/members/{}/recertify", member["id"].as_str().unwrap());
        let (own, other) =
            (membership(&app, &id, &owner, &owner).await, membership(&app, &id, &owner, &second).await);
        refused(&app, owner.act(&path(&own)), 403, "four_eyes").await;
        app.call(owner.act(&path(&other))).await.expect(200);
        app.advance(TimeDelta::days(20));
        look(&app, MEMBERS).await;
        app.advance(TimeDelta::days(10));
        app.log_in_again(&mut owner).await;
        app.log_in_again(&mut second).await;
        look(&app, MEMBERS).await;
        app.call(second.get(&format!("/organisations/{id}/members"))).await.expect(200);
        refused(&app, owner.get(&format!("/organisations/{id}/members")), 404, "not_found").await;
    }

    async fn the_last_owner_keeps_the_access_and_administrators_are_asked(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, mut owner), admin) = (agency(&app).await, app.administrator().await);
        look(&app, MEMBERS).await;
        let mut post = Post(0);
        for days in [336, 23] {
            app.advance(TimeDelta::days(days));
            look(&app, MEMBERS).await;
            post.expect(&app, &[("certification_due", &owner)]).await;
        }
        for _ in 0..2 {
            app.advance(TimeDelta::days(8));
            look(&app, MEMBERS).await;
            post.expect(&app, &[("owner_uncertified", &admin)]).await;
        }
        app.log_in_again(&mut owner).await;
        let own = membership(&app, &id, &owner, &owner).await;
        assert_eq!(own["status"], "active");
    }

    async fn nobody_vouches_for_the_members_of_a_company(backend: Backend) {
        let app = TestApp::new(backend).await;
        let mut calm = crate::marketplace::company(&app, "Calm Signal").await;
        app.advance(TimeDelta::days(800));
        look(&app, MEMBERS).await;
        app.log_in_again(&mut calm.bidder).await;
        let own = membership(&app, &calm.id, &calm.bidder, &calm.bidder).await;
        assert_eq!((&own["status"], &own["certifiedUntil"]), (&json!("active"), &Value::Null));
    }
}
