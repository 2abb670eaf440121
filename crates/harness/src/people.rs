//! People with sessions, made past the API: hashing a password for each would take longer than the tests.

use std::sync::OnceLock;

use application::{
    Caller, accounts,
    invitations::{self, Acceptance},
    passwords,
    passwords::Passwords,
    sessions,
};
use chrono::TimeDelta;
use domain::{
    Actor, OrganisationId, Role, UserId,
    account::{Email, Registration, User},
    invitation::NewInvitation,
};
use http::{Limits, Settings, State};
use persistence::{Db, Options};

use crate::process::{BASE_URL, Installation};

/// The password of everybody in the tests.
pub const PASSWORD: &str = "seven quiet otters";

/// Makes people on the database of an installation.
pub struct People {
    state: State,
}

/// A person with a session.
#[derive(Clone)]
pub struct Person {
    /// Their id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// The access token.
    pub token: String,
}

impl People {
    /// On the database of this installation, which is migrated.
    pub fn of(installation: &Installation) -> Self {
        let db = Db::open(&Options { connections: 1, ..Options::new(&installation.url) }).unwrap();
        let settings = Settings {
            base_url: BASE_URL.to_owned(),
            issuer: BASE_URL.to_owned(),
            // Good for tests that move the clock, too.
            access_token: TimeDelta::days(30),
            session: TimeDelta::days(30),
            signing_key: vec![7; 32],
            encryption_key: vec![7; 32],
            receipt_key: vec![7; 32],
            trusted_proxies: Vec::new(),
            lifecycle: domain::LifecyclePolicy::default(),
            obligations: domain::ObligationPolicy::default(),
            changes: domain::challenge::ChangePolicy::default(),
            outages: domain::OutagePolicy::default(),
            storage: storage::Storage::local("never-used"),
            uploads: domain::file::UploadLimits::default(),
            limits: Limits::default(),
        };
        Self { state: State::new(db, Passwords::start(1, 1).unwrap(), settings) }
    }

    /// The database, past the API.
    pub fn db(&self) -> &Db {
        self.state.db()
    }

    /// Somebody of this name.
    pub fn person(&self, name: &str) -> Person {
        self.sign_up(name, false)
    }

    /// Somebody who runs the platform.
    pub fn administrator(&self) -> Person {
        self.sign_up("Admin", true)
    }

    /// Lets a person into an organisation: an owner invites, the person accepts.
    pub fn let_in(&self, owner: &Person, organisation: &str, person: &Person, role: &str) {
        let (owner, id) = (UserId(owner.id.parse().unwrap()), OrganisationId(organisation.parse().unwrap()));
        let roles = vec![Role::parse(role).unwrap()];
        let new = NewInvitation { email: person.email.clone(), roles, message: None };
        let joined = self.db().write_blocking(move |conn| {
            let memberships = persistence::sessions::memberships(conn, owner, conn.machine_now())?;
            let actor = Actor { memberships, ..Actor::new(owner) };
            let caller = Caller { actor, request_id: "let-in".to_owned() };
            let token = invitations::invite(conn, &caller, id, new)?.token;
            invitations::accept(conn, "let-in", Acceptance::new(token.reveal()))
        });
        joined.unwrap();
    }

    /// So many people register, each of whom a mail must reach.
    pub fn register(&self, many: usize) {
        let registered = self.db().write_blocking(move |conn| {
            for n in 0..many {
                let email = Email::parse(&format!("person-{n}@people.example"))?;
                let name = format!("Person {n}");
                accounts::register(
                    conn,
                    &Registration { email, name, password_hash: password_hash(), accepted_terms: 0 },
                )?;
            }
            Ok::<_, application::Error>(())
        });
        registered.unwrap();
    }

    /// Lets anybody move the clock of this installation, as in a demo. Holds from the next start of a server.
    pub fn allow_moving_the_clock(&self) {
        self.db().write_blocking(|conn| persistence::settings::put(conn, "demo", "true")).unwrap();
    }

    fn sign_up(&self, name: &str, administrator: bool) -> Person {
        let email = format!("{}@people.example", name.to_lowercase().replace(' ', "."));
        let (now, address, name) = (self.db().clock().now(), Email::parse(&email).unwrap(), name.to_owned());
        let issued = self.db().write_blocking(move |conn| {
            let user = User {
                id: conn.new_id(),
                email: address,
                name,
                password_hash: password_hash(),
                administrator,
                created_at: now,
            };
            persistence::accounts::insert(conn, &user)?;
            sessions::log_in(conn, &user, TimeDelta::days(30))
        });
        let issued = issued.unwrap();
        Person { id: issued.user.to_string(), email, token: self.state.access_token(&issued).unwrap().0 }
    }
}

fn password_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| passwords::hash_now(PASSWORD).unwrap()).clone()
}
