//! The whole application on a database of its own, called in process.

use actix_http::Request;
use actix_web::{
    body::to_bytes,
    dev::{Service, ServiceResponse},
    http::{StatusCode, header::HeaderMap},
    test::{self, TestRequest},
};
use application::{passwords, passwords::Passwords, sessions, tokens};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    LifecyclePolicy, ObligationPolicy, UserId,
    account::{Client, Email, User},
    file::UploadLimits,
};
use http::{Limits, Settings, State};
use persistence::{Db, Options};
use serde_json::Value;
use std::{pin::Pin, rc::Rc, sync::OnceLock};
use storage::Storage;
use tempfile::TempDir;
use testing::{Backend, TestDatabase};

/// The password of everybody in the tests.
pub const PASSWORD: &str = "seven quiet otters";

type Handler = Rc<dyn Fn(Request) -> Pin<Box<dyn Future<Output = ServiceResponse>>>>;

pub struct TestApp {
    pub state: State,
    /// Computes the hashes of this application, and counts them.
    pub passwords: Passwords,
    /// Where the database is.
    pub url: String,
    /// Where its files are.
    pub files: TempDir,
    _database: Option<TestDatabase>,
    handler: Handler,
}

/// A person with a session.
#[derive(Clone)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub token: String,
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl TestApp {
    pub async fn new(backend: Backend) -> Self {
        Self::with_limits(backend, Limits::default()).await
    }

    pub async fn with_limits(backend: Backend, limits: Limits) -> Self {
        let database = TestDatabase::new(backend);
        let app = Self::at(database.url.clone(), limits).await;
        Self { _database: Some(database), ..app }
    }

    /// Behind proxies in this network.
    pub async fn behind(backend: Backend, proxies: &str) -> Self {
        let database = TestDatabase::new(backend);
        let app = Self::made_of(database.url.clone(), Limits::default(), &[proxies], UploadLimits::default()).await;
        Self { _database: Some(database), ..app }
    }

    /// On a database that the test looks after.
    pub async fn at(url: String, limits: Limits) -> Self {
        Self::made_of(url, limits, &[], UploadLimits::default()).await
    }

    /// With other limits for files.
    pub async fn with_uploads(backend: Backend, uploads: UploadLimits) -> Self {
        let database = TestDatabase::new(backend);
        let app = Self::made_of(database.url.clone(), Limits::default(), &[], uploads).await;
        Self { _database: Some(database), ..app }
    }

    async fn made_of(url: String, limits: Limits, proxies: &[&str], uploads: UploadLimits) -> Self {
        let files = TempDir::new().unwrap();
        let db = Db::open(&Options { connections: 4, ..Options::new(url.clone()) }).unwrap();
        let settings = Settings {
            base_url: "https://provoco.test".to_owned(),
            issuer: "https://provoco.test".to_owned(),
            access_token: TimeDelta::minutes(10),
            session: TimeDelta::days(30),
            signing_key: vec![7; 32],
            encryption_key: vec![7; 32],
            receipt_key: vec![7; 32],
            trusted_proxies: proxies.iter().map(|network| network.parse().unwrap()).collect(),
            lifecycle: LifecyclePolicy::default(),
            obligations: ObligationPolicy::default(),
            changes: domain::challenge::ChangePolicy::default(),
            outages: domain::OutagePolicy::default(),
            limits,
            storage: Storage::local(files.path()),
            uploads,
        };
        let passwords = Passwords::start(1, 32).unwrap();
        let state = State::new(db, passwords.clone(), settings);
        let service = Rc::new(test::init_service(http::app(state.clone())).await);
        let handler: Handler = Rc::new(move |request| {
            let service = service.clone();
            Box::pin(async move {
                // A request that timed out comes back as an error with its response inside.
                let answer = service.call(request).await.map(ServiceResponse::map_into_boxed_body);
                answer.unwrap_or_else(|error| {
                    ServiceResponse::new(TestRequest::default().to_http_request(), error.error_response())
                })
            })
        });
        // As the program does when it starts; some tests have no database yet.
        let signer = state.signer().clone();
        drop(state.db().write(move |conn| signer.introduce(conn)).await);
        Self { state, passwords, url, files, _database: None, handler }
    }

    pub fn db(&self) -> &Db {
        self.state.db()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.db().clock().now()
    }

    /// Moves the clock, as far as the program can tell.
    pub fn advance(&self, by: TimeDelta) {
        self.db().clock().advance(by);
    }

    /// Calls an operation.
    pub async fn call(&self, request: TestRequest) -> Response {
        self.send(request.to_request()).await
    }

    /// Calls an operation as it comes off the wire.
    pub async fn send(&self, request: Request) -> Response {
        let response = (self.handler)(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Response { status, headers, body, text }
    }

    /// A file, as it comes off the wire.
    pub async fn download(&self, request: TestRequest) -> (HeaderMap, Vec<u8>) {
        let response = (self.handler)(request.to_request()).await;
        assert_eq!(response.status(), StatusCode::OK);
        (response.headers().clone(), to_bytes(response.into_body()).await.unwrap().to_vec())
    }

    /// An answer that need not be a document: status, headers, content.
    pub async fn raw(&self, request: TestRequest) -> (StatusCode, HeaderMap, Vec<u8>) {
        let response = (self.handler)(request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, to_bytes(response.into_body()).await.unwrap().to_vec())
    }

    /// A person with a confirmed address and a session; the password is hashed once for all tests.
    pub async fn person(&self, name: &str) -> Person {
        let email = format!("{}@people.example", name.to_lowercase().replace(' ', "."));
        self.sign_up(name, &email, false).await
    }

    /// Somebody who runs the platform.
    pub async fn administrator(&self) -> Person {
        self.sign_up("Admin", "admin@provoco.test", true).await
    }

    async fn sign_up(&self, name: &str, email: &str, administrator: bool) -> Person {
        let (now, address, full_name) = (self.now(), Email::parse(email).unwrap(), name.to_owned());
        let issued = self.db().write(move |conn| {
            let user = User {
                id: conn.new_id(),
                email: address,
                name: full_name,
                password_hash: password_hash(),
                administrator,
                created_at: now,
            };
            persistence::accounts::insert(conn, &user)?;
            sessions::log_in(conn, &user, TimeDelta::days(365))
        });
        let issued = issued.await.unwrap();
        let token = self.state.access_token(&issued).unwrap().0;
        Person { id: issued.user, name: name.to_owned(), email: email.to_owned(), token }
    }

    /// A fresh access token: after the clock was moved the old one has expired.
    pub async fn log_in_again(&self, person: &mut Person) {
        let id = person.id;
        let issued = self.db().write(move |conn| {
            let user = persistence::accounts::find(conn, id)?;
            sessions::log_in(conn, &user, TimeDelta::days(365))
        });
        person.token = self.state.access_token(&issued.await.unwrap()).unwrap().0;
    }

    /// The same person with a session that was opened an hour ago: good, but too old for what takes a step-up.
    pub async fn hours_later(&self, person: &Person) -> Person {
        let (id, now) = (person.id, self.now());
        let session = self.db().write(move |conn| {
            persistence::sessions::insert(
                conn,
                id,
                &Client::default(),
                now - TimeDelta::hours(1),
                now + TimeDelta::days(365),
            )
        });
        let session = session.await.unwrap();
        let refresh_token = tokens::Secret::generate().unwrap();
        let issued = sessions::Issued { session, user: id, refresh_token };
        Person { token: self.state.access_token(&issued).unwrap().0, ..person.clone() }
    }

    /// Gives committed events their positions, as the sequencer does.
    pub async fn sequence(&self) {
        while self.db().write(application::events::sequence).await.unwrap() {}
    }
}

fn password_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| passwords::hash_now(PASSWORD).unwrap()).clone()
}

impl Response {
    /// Fails the test unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Fails the test unless this is that problem.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.body["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.header("x-request-id"), self.body["requestId"]);
        self
    }

    /// The wrong fields of a problem, with their codes.
    pub fn fields(&self) -> Vec<(String, String)> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap().to_owned()
    }
}

impl Person {
    pub fn get(&self, path: &str) -> TestRequest {
        self.sign(TestRequest::get().uri(&uri(path)))
    }

    pub fn post(&self, path: &str, body: Value) -> TestRequest {
        self.sign(TestRequest::post().uri(&uri(path))).set_json(body)
    }

    /// A POST without a body.
    pub fn act(&self, path: &str) -> TestRequest {
        self.sign(TestRequest::post().uri(&uri(path)))
    }

    pub fn put(&self, path: &str, version: i64, body: Value) -> TestRequest {
        self.sign(TestRequest::put().uri(&uri(path)))
            .insert_header(("if-match", format!("\"{version}\"")))
            .set_json(body)
    }

    pub fn patch(&self, path: &str, version: i64, body: Value) -> TestRequest {
        self.sign(TestRequest::patch().uri(&uri(path)))
            .insert_header(("if-match", format!("\"{version}\"")))
            .set_json(body)
    }

    pub fn delete(&self, path: &str) -> TestRequest {
        self.sign(TestRequest::delete().uri(&uri(path)))
    }

    pub fn sign(&self, request: TestRequest) -> TestRequest {
        request.insert_header(("authorization", format!("Bearer {}", self.token)))
    }
}

/// Without a session.
pub fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(&uri(path))
}

/// Without a session.
pub fn post(path: &str, body: Value) -> TestRequest {
    TestRequest::post().uri(&uri(path)).set_json(body)
}

fn uri(path: &str) -> String {
    if path.starts_with("/api/") { path.to_owned() } else { format!("/api/v1{path}") }
}
