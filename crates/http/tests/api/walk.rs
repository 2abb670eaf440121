//! An operation, tried by everybody.

use crate::{
    app::{Person, Response},
    marketplace::Marketplace,
    principals::{Owner, Principals},
    rows::alter,
};
use actix_web::{http::Method, test::TestRequest};
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};
use testing::Backend;

/// A row of the table.
pub struct Rule {
    pub who: BTreeSet<&'static str>,
    without_role: &'static str,
    elsewhere: &'static str,
    wrong_role: &'static str,
    /// Whether it takes a step-up.
    step_up: bool,
    /// Whether the terms of use in force must have been accepted.
    terms: bool,
    /// The scope that an API key needs; none if keys are not taken.
    pub api_key: Option<&'static str>,
}

pub fn table() -> BTreeMap<&'static str, Rule> {
    let mut rows = BTreeMap::new();
    for line in include_str!("authorisation.csv").lines().skip(1) {
        let [operation, who, without_role, elsewhere, wrong_role, step_up, terms, api_key] =
            line.split(',').collect::<Vec<_>>().try_into().unwrap();
        let (step_up, terms) = (is_said(step_up, "step_up"), is_said(terms, "terms"));
        let api_key = (api_key != "-").then_some(api_key);
        let rule = Rule { who: who.split('|').collect(), without_role, elsewhere, wrong_role, step_up, terms, api_key };
        // Whoever can confirm to be at the keyboard is no program.
        assert!(!step_up || api_key.is_none(), "{operation} takes a step-up, and keys");
        assert!(rows.insert(operation, rule).is_none(), "{operation} has two rows");
    }
    rows
}

fn is_said(cell: &str, word: &str) -> bool {
    assert!(cell == word || cell == "-", "{cell} is neither {word} nor a dash");
    cell == word
}

/// Method and path of every operation, by its id.
pub fn operations() -> BTreeMap<String, (Method, String)> {
    let document = serde_json::to_value(http::openapi()).unwrap();
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let method = method.to_uppercase().parse().unwrap();
            assert!(operations.insert(id.to_owned(), (method, path.clone())).is_none(), "{id} twice");
        }
    }
    operations
}

/// A call of an operation, whoever makes it.
#[derive(Default, Clone)]
pub struct Call {
    ids: Vec<(&'static str, String)>,
    /// What a read asks for, as written behind the question mark.
    query: Option<&'static str>,
    body: Option<Value>,
    /// A media type, and content of it.
    file: Option<(&'static str, &'static [u8])>,
    headers: Vec<(&'static str, String)>,
}

impl Call {
    pub fn on(name: &'static str, id: &str) -> Self {
        Self::default().with(name, id)
    }

    pub fn with(mut self, name: &'static str, id: &str) -> Self {
        self.ids.push((name, id.to_owned()));
        self
    }

    /// The id that the call is about.
    pub fn id(&self, name: &str) -> &str {
        self.ids.iter().find(|(known, _)| *known == name).map(|(_, id)| &**id).unwrap()
    }

    pub fn query(self, query: &'static str) -> Self {
        Self { query: Some(query), ..self }
    }

    pub fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    pub fn file(self, media_type: &'static str, content: &'static [u8]) -> Self {
        Self { file: Some((media_type, content)), ..self }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Having seen this version.
    pub fn seen(mut self, version: i64) -> Self {
        self.headers.push(("if-match", format!("\"{version}\"")));
        self
    }

    /// Something that does not exist yet.
    pub fn new_record(mut self) -> Self {
        self.headers.push(("if-none-match", "*".to_owned()));
        self
    }
}

/// The world, the people in it, and which operations were tried.
pub struct Walk {
    pub m: Marketplace,
    pub people: Principals,
    rules: BTreeMap<&'static str, Rule>,
    operations: BTreeMap<String, (Method, String)>,
    pub tried: RefCell<BTreeSet<String>>,
    keys: Cell<u32>,
}

impl Walk {
    pub async fn new(backend: Backend) -> Self {
        Self::of(Marketplace::new(backend).await).await
    }

    /// In a world of the test's own.
    pub async fn of(m: Marketplace) -> Self {
        let people = Principals::join(&m).await;
        let (rules, operations) = (table(), operations());
        Self { m, people, rules, operations, tried: RefCell::default(), keys: Cell::new(0) }
    }

    fn request(&self, operation: &str, call: &Call, dry_run: bool) -> TestRequest {
        let (method, path) = &self.operations[operation];
        let fill = |path: String, (name, id): &(&str, String)| path.replace(&format!("{{{name}}}"), id);
        let mut path = call.ids.iter().fold(path.clone(), fill);
        assert!(!path.contains('{'), "{path}");
        let reads = *method == Method::GET;
        if dry_run && !reads {
            path.push_str("?dryRun=true");
        }
        if let Some(query) = call.query {
            path = format!("{path}?{query}");
        }
        let mut request = TestRequest::with_uri(&path).method(method.clone());
        if !reads {
            self.keys.set(self.keys.get() + 1);
            request = request.insert_header(("idempotency-key", self.keys.get().to_string()));
        }
        for (name, value) in &call.headers {
            request = request.insert_header((*name, value.as_str()));
        }
        match (&call.body, call.file) {
            (Some(body), _) => request.set_json(body),
            (None, Some((media_type, content))) => {
                request.insert_header(("content-type", media_type)).set_payload(content)
            }
            (None, None) => request,
        }
    }

    pub async fn call(&self, who: &Person, operation: &str, call: &Call, dry_run: bool) -> Response {
        self.m.call(who.sign(self.request(operation, call, dry_run))).await
    }

    /// Everybody tries; only the `right` people succeed, and of the others' attempts nothing is left.
    pub async fn check(&self, operation: &str, owner: Owner, call: Call, right: &[&Person]) {
        self.tried.borrow_mut().insert(operation.to_owned());
        let rule = &self.rules[operation];
        let before = self.people.snapshot(&self.m, &call.ids).await;
        self.try_anonymously(operation, rule, &call).await;
        for (role, outsider) in self.people.outsiders(&self.m, owner) {
            match (role, rule.who.contains(role)) {
                ("administrator" | "platform_auditor", true) => {}
                (_, true) => self.expect(outsider, operation, &call, rule.elsewhere).await,
                (_, false) => self.expect(outsider, operation, &call, rule.without_role).await,
            }
        }
        for stranger in self.people.strangers(&self.m, owner) {
            self.expect(stranger, operation, &call, rule.elsewhere).await;
        }
        for (role, insider) in self.people.insiders(owner) {
            if !rule.who.contains(role) && !rule.who.contains("member") {
                self.expect(insider, operation, &call, rule.wrong_role).await;
            }
        }
        assert_eq!(self.people.snapshot(&self.m, &call.ids).await, before, "{operation}");
        for person in right {
            let answer = self.call(person, operation, &call, true).await;
            assert!(answer.status.is_success(), "{operation} by {}: {}", person.name, answer.text);
        }
        crate::authorisation_keys::check(self, operation, rule, &call, right).await;
        assert!(!right.is_empty() || rule.without_role == "-", "{operation} must be possible for somebody");
        if let Some(person) = right.first().or(rule.who.contains("signed_in").then_some(&&self.people.nobody)) {
            self.try_in_each_state(person, operation, rule, &call).await;
        }
    }

    /// Whoever may call it tries again: hours after the log-in, before accepting the terms, and suspended.
    async fn try_in_each_state(&self, person: &Person, operation: &str, rule: &Rule, call: &Call) {
        let told = |answer: &Response| answer.body["code"].as_str().unwrap_or_default().to_owned();
        let later = self.m.app.hours_later(person).await;
        let answer = self.call(&later, operation, call, true).await;
        assert_eq!(told(&answer) == "step_up_required", rule.step_up, "{operation}: {}", answer.text);
        let set = |column: &str, value: &str, table: &str, key: &str| {
            alter(&self.m.app, &format!("UPDATE {table} SET {column} = {value} WHERE {key} = '{}'", person.id));
        };
        set("accepted_terms", "-1", "users", "id");
        let answer = self.call(person, operation, call, true).await;
        assert_eq!(told(&answer) == "terms_not_accepted", rule.terms, "{operation}: {}", answer.text);
        set("accepted_terms", "0", "users", "id");
        set("suspended_at", "'2026-01-01T00:00:00.000000Z'", "users", "id");
        let answer = self.call(person, operation, call, true).await;
        answer.expect_problem(401, "token_rejected");
        set("suspended_at", "NULL", "users", "id");
        if !rule.who.iter().any(|who| ["signed_in", "administrator", "platform_auditor", "panel"].contains(who)) {
            set("suspended_at", "'2026-01-01T00:00:00.000000Z'", "members", "user_id");
            let answer = self.call(person, operation, call, true).await;
            assert!([403, 404, 422].contains(&answer.status.as_u16()), "{operation}: {}", answer.text);
            set("suspended_at", "NULL", "members", "user_id");
        }
    }

    async fn try_anonymously(&self, operation: &str, rule: &Rule, call: &Call) {
        if rule.who.contains("anyone") {
            let answer = self.m.call(self.request(operation, call, true)).await;
            assert!(![401, 403].contains(&answer.status.as_u16()), "{operation}: {}", answer.text);
        } else {
            self.m.call(self.request(operation, call, false)).await.expect_problem(401, "unauthenticated");
        }
        let forged = self.request(operation, call, false).insert_header(("authorization", "Bearer forged"));
        self.m.call(forged).await.expect_problem(401, "token_rejected");
    }

    async fn expect(&self, who: &Person, operation: &str, call: &Call, refusal: &str) {
        let allowed = refusal == "-";
        let answer = self.call(who, operation, call, allowed).await;
        let told = format!("{} {}", answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default());
        if allowed {
            assert!(![401, 403].contains(&answer.status.as_u16()), "{operation} by {}: {told}", who.name);
        } else {
            assert_eq!(told, refusal, "{operation} by {}: {}", who.name, answer.text);
        }
    }

    /// Operations for anyone, or for anybody with an account.
    pub async fn check_open(&self, operation: &str, call: Call) {
        self.check(operation, Owner::Agency, call, &[]).await;
    }

    pub async fn pass_deadline(&mut self) {
        self.m.pass_deadline().await;
        self.people.log_in_again(&self.m.app).await;
    }
}
