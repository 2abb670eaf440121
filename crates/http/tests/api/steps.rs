//! Further steps through a marketplace: other people, other moments, what was mailed and told.

use crate::{
    app::{Person, Response, TestApp},
    marketplace::{Company, Marketplace},
};
use actix_web::test::TestRequest;
use application::{
    Caller,
    invitations::{self, Acceptance},
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Actor, LifecyclePolicy, Member, OrganisationId, Role, invitation::NewInvitation};
use persistence::outbox::{self, Waiting};
use serde_json::{Value, json};
use std::task::Poll;

/// A person who joins an organisation with these roles.
pub async fn join(app: &TestApp, owner: &Person, organisation: &str, name: &str, roles: &[&str]) -> Person {
    let person = app.person(name).await;
    let_in(app, owner, organisation, &person, roles).await;
    person
}

/// Lets a person into an organisation: an owner invites, the person accepts, in one transaction.
pub async fn let_in(app: &TestApp, owner: &Person, organisation: &str, person: &Person, roles: &[&str]) -> Member {
    let (inviting, id) = (owner.id, OrganisationId(organisation.parse().unwrap()));
    let roles = roles.iter().map(|role| Role::parse(role).unwrap()).collect();
    let new = NewInvitation { email: person.email.clone(), roles, message: None };
    let joined = app.db().write(move |conn| {
        let memberships = persistence::sessions::memberships(conn, inviting, conn.machine_now())?;
        let actor = Actor { memberships, ..Actor::new(inviting) };
        let caller = Caller { actor, request_id: "let-in".to_owned() };
        let token = invitations::invite(conn, &caller, id, new)?.token;
        let certification = LifecyclePolicy::default().certification;
        let acceptance = Acceptance { certification, ..Acceptance::new(token.reveal()) };
        invitations::accept(conn, "let-in", acceptance)
    });
    joined.await.unwrap()
}

/// Every mail that waits but invitations and calls to rehearse, the oldest first: those came before what a test is about.
pub async fn mails(app: &TestApp) -> Vec<Waiting> {
    let before = |mail: &Waiting| ["invitation", "rehearsal"].iter().any(|kind| mail.message["kind"] == *kind);
    waiting(app).await.into_iter().filter(|mail| !before(mail)).collect()
}

/// Every mail that waits and is an invitation, the oldest first.
pub async fn invitation_mails(app: &TestApp) -> Vec<Waiting> {
    waiting(app).await.into_iter().filter(|mail| mail.message["kind"] == "invitation").collect()
}

async fn waiting(app: &TestApp) -> Vec<Waiting> {
    while app.db().write(application::followers::announce).await.unwrap() {}
    let lease = app.db().write(|conn| {
        let now = conn.now()?;
        outbox::lease(conn, now, now, 10_000)
    });
    let mut mails = lease.await.unwrap();
    mails.sort_by_key(|mail| mail.id);
    mails
}

/// Starts everything at the same moment and waits for all of it.
pub async fn all_at_once<F: Future>(attempts: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut attempts: Vec<_> = attempts.into_iter().map(|attempt| (Box::pin(attempt), None)).collect();
    std::future::poll_fn(|context| {
        for (attempt, output) in attempts.iter_mut().filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(ready) = attempt.as_mut().poll(context) {
                *output = Some(ready);
            }
        }
        if attempts.iter().all(|(_, output)| output.is_some()) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    attempts.into_iter().filter_map(|(_, output)| output).collect()
}

impl Marketplace {
    /// One more member of the agency, with one role.
    pub async fn staff(&self, name: &str, role: &str) -> Person {
        join(&self.app, &self.owner, &self.agency, name, &[role]).await
    }

    /// One more member of a company, without a role.
    pub async fn staff_of(&self, company: &Company, name: &str) -> Person {
        join(&self.app, &company.bidder, &company.id, name, &[]).await
    }

    /// Moves the clock to a moment; everybody logs in again.
    pub async fn advance_to(&mut self, moment: DateTime<Utc>) {
        let by = moment - self.app.now();
        assert!(by > TimeDelta::zero(), "{moment} has passed");
        self.advance(by).await;
    }

    /// What the scheduler does when it looks.
    pub async fn run_scheduler(&self) -> usize {
        let due = self.app.db().read(|conn| application::scheduler::due(conn, persistence::Scope::Real)).await.unwrap();
        let mut closed = 0;
        for id in due {
            let shut = self.app.db().write(move |conn| application::scheduler::close(conn, id)).await.unwrap();
            closed += usize::from(shut);
        }
        closed
    }

    /// What a path shows somebody.
    pub async fn see(&self, who: &Person, path: &str) -> Value {
        self.call(who.get(path)).await.expect(200).body
    }

    pub async fn challenge(&self, id: &str) -> Value {
        self.see(&self.officer, &format!("/challenges/{id}")).await
    }

    pub async fn status(&self, id: &str) -> String {
        self.challenge(id).await["status"].as_str().unwrap().to_owned()
    }

    /// Everything in the public feed.
    pub async fn feed(&self) -> Vec<Value> {
        self.app.sequence().await;
        let page = self.call(crate::app::get("/events?limit=1000")).await.expect(200);
        page.body["items"].as_array().unwrap().clone()
    }

    /// The kinds of the public events about something, in order.
    pub async fn told_about(&self, subject: &str) -> Vec<String> {
        let about = |event: &&Value| event["subject"]["id"] == subject;
        self.feed().await.iter().filter(about).map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// Changes the content of a draft.
    pub async fn edit(&self, challenge: &str, changes: Value) -> Response {
        let version = self.challenge(challenge).await["version"].as_i64().unwrap();
        self.call(self.author.patch(&format!("/challenges/{challenge}"), version, changes)).await
    }

    /// A draft with its panel, like the usual one but for `changes`.
    pub async fn draft_with(&self, changes: Value) -> String {
        let id = self.draft().await;
        self.edit(&id, changes).await.expect(200);
        id
    }

    /// Reviews, approves and publishes a draft.
    pub async fn publish(&self, challenge: &str) {
        self.step(&self.author, challenge, "submit-for-review").await;
        self.step(&self.officer, challenge, "approve").await;
        self.step(&self.officer, challenge, "publish").await;
    }

    /// A bid of any offer; gives its id.
    pub async fn submit(&self, company: &Company, challenge: &str, offer: Value) -> String {
        self.call(self.submission(company, challenge, offer, "key")).await.expect(201).id()
    }

    pub fn submission(&self, company: &Company, challenge: &str, offer: Value, key: &str) -> TestRequest {
        let mut body = json!({ "company": company.id });
        body["offer"] = offer;
        let key = format!("{key}-{challenge}");
        company.bidder.post(&format!("/challenges/{challenge}/bids"), body).insert_header(("idempotency-key", key))
    }

    /// A published challenge like the usual one but for `changes`, with a bid at each price.
    pub async fn with_offers(&self, changes: Value, offers: &[(&Company, &str)]) -> (String, Vec<String>) {
        let challenge = self.draft_with(changes).await;
        self.publish(&challenge).await;
        let mut bids = Vec::new();
        for (company, price) in offers {
            bids.push(self.submit(company, &challenge, self.offer(price)).await);
        }
        (challenge, bids)
    }

    /// From closed to evaluating: every bid is admitted and no evaluator has a conflict.
    pub async fn start_evaluating(&self, challenge: &str, bids: &[String]) {
        self.open(challenge).await;
        self.start_evaluating_opened(challenge, &bids.iter().map(|bid| &**bid).collect::<Vec<_>>()).await;
    }

    /// From opened to evaluating.
    pub async fn start_evaluating_opened(&self, challenge: &str, bids: &[&str]) {
        self.admit(bids).await;
        self.step(&self.officer, challenge, "start-evaluation").await;
        for person in [&self.chair, &self.evaluator] {
            self.declare(person, challenge, &[]).await.expect(201);
        }
    }

    pub async fn admit(&self, bids: &[&str]) {
        for bid in bids {
            self.call(self.officer.act(&format!("/bids/{bid}/admit"))).await.expect(200);
        }
    }

    pub async fn declare(&self, who: &Person, challenge: &str, conflicts: &[&str]) -> Response {
        let path = format!("/challenges/{challenge}/conflict-declarations");
        self.call(who.post(&path, json!({ "conflicts": conflicts }))).await
    }

    /// An evaluator gives each bid its two scores and hands them in.
    pub async fn judge(&self, who: &Person, challenge: &str, scores: &[(&str, &str, &str)]) {
        for (bid, first, second) in scores {
            let body = self.scores(challenge, first, second).await;
            self.call(self.score(who, bid, body)).await.expect(200);
        }
        self.step(who, challenge, "submit-evaluations").await;
    }

    /// The committee opens the prices, if the evaluators are done; then an officer awards.
    pub async fn award(&self, challenge: &str, winners: &[&str]) -> Response {
        if self.challenge(challenge).await["pricesOpenedAt"].is_null() {
            for officer in [&self.officer, &self.second_officer] {
                self.bring(officer, challenge, "price").await;
            }
        }
        let body = json!({ "winners": winners, "reason": "The best total." });
        self.call(self.officer.post(&format!("/challenges/{challenge}/award"), body)).await
    }

    /// The contracts of a challenge, in the order of the ranking.
    pub async fn contracts(&self, challenge: &str) -> Vec<Value> {
        let list = self.see(&self.officer, &format!("/challenges/{challenge}/contracts")).await;
        list["items"].as_array().unwrap().clone()
    }
}
