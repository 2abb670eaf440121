//! The demo: a believable marketplace, and a clock that can be moved.
//!
//! Nothing is written past the use cases: the clock is set back and everything happens again, in order, at the times
//! that the content names, until the present is reached. So the demo obeys every rule, or does not load.

mod clock;
mod competition;
mod content;
mod people;
mod pilots;
mod preparation;
mod timeline;

pub use clock::{advance_clock, clock_offset, restore_clock};

use crate::{Result, passwords};
use chrono::TimeDelta;
use content::{Content, Organisation, wrong};
use domain::Role;
use persistence::{Clock, Conn, Db, accounts, lifecycle, outbox, settings};
use timeline::Timeline;

/// The password of everybody in the demo.
pub const PASSWORD: &str = "provoco-demo-2026";

/// The setting that marks an installation as a demo.
const DEMO: &str = "demo";

/// Where the events of the demo come from.
const REQUEST_ID: &str = "demo";

/// Mails older than this when the demo is loaded are not sent.
const STALE_MAIL: TimeDelta = TimeDelta::days(1);

/// What [`load`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// The marketplace is there now.
    Now(Welcome),
    /// It was there already; nothing was changed.
    Already,
}

/// What a visitor needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// The password of everybody.
    pub password: &'static str,
    /// Who is worth logging in as; there are more.
    pub logins: Vec<Login>,
}

/// Somebody to log in as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The person's name.
    pub name: String,
    /// What to log in with.
    pub email: String,
    /// The legal name of the person's organisation; none for the administrator of the platform.
    pub organisation: Option<String>,
    /// The roles held there.
    pub roles: Vec<Role>,
}

/// Whether this installation is a demo.
pub fn is_demo(conn: &mut Conn) -> Result<bool> {
    Ok(settings::find(conn, DEMO)?.is_some())
}

/// Builds the marketplace in an empty database, in one transaction: a demo is there as a whole or not at all.
///
/// Blocks for some seconds and moves the clock meanwhile, so nobody else may use the database or the clock; the clock
/// ends where it was.
///
/// # Errors
/// [`crate::Error::DemoContent`] when there are accounts that are not a demo's, or when the content is wrong.
pub fn load(db: &Db) -> Result<Loaded> {
    let content = Content::parse()?;
    let password_hash = passwords::hash_now(PASSWORD).map_err(wrong)?;
    let clock = db.clock().clone();
    let before = clock.offset();
    let loaded = db.write_blocking(move |conn| load_once(conn, &clock, &content, &password_hash));
    db.clock().advance(before - db.clock().offset());
    loaded
}

/// Who can log in, for an installation where the demo was loaded before.
pub fn welcome() -> Result<Welcome> {
    Ok(Content::parse()?.welcome())
}

fn load_once(conn: &mut Conn, clock: &Clock, content: &Content, password_hash: &str) -> Result<Loaded> {
    if is_demo(conn)? {
        return Ok(Loaded::Already);
    }
    if accounts::anybody_exists(conn)? {
        return Err(wrong("must not be mixed with the accounts that this database holds already"));
    }
    settings::put(conn, DEMO, "true")?;
    let present = conn.now()?;
    plan(Timeline::new(present), content, password_hash)?.play(conn, clock)?;
    lifecycle::note_activity_of_all(conn, present)?;
    outbox::delete_older(conn, present - STALE_MAIL)?;
    Ok(Loaded::Now(content.welcome()))
}

fn plan<'c>(mut timeline: Timeline<'c>, content: &'c Content, password_hash: &'c str) -> Result<Timeline<'c>> {
    people::plan(&mut timeline, content, password_hash);
    for challenge in &content.challenges {
        preparation::plan(&mut timeline, challenge);
        competition::plan(&mut timeline, content, challenge)?;
        pilots::plan(&mut timeline, content, challenge)?;
    }
    Ok(timeline)
}

impl Content {
    /// The administrator, everybody in the first agency and everybody in the first company.
    fn welcome(&self) -> Welcome {
        let administrator = &self.organisations.administrator;
        let administrator = Login {
            name: administrator.name.clone(),
            email: administrator.email.clone(),
            organisation: None,
            roles: Vec::new(),
        };
        let first = [self.organisations.agencies.first(), self.organisations.companies.first()];
        let members = first.into_iter().flatten().flat_map(Organisation::logins);
        Welcome { password: PASSWORD, logins: std::iter::once(administrator).chain(members).collect() }
    }
}

impl Organisation {
    fn logins(&self) -> impl Iterator<Item = Login> {
        self.people.iter().map(|person| Login {
            name: person.name.clone(),
            email: person.email.clone(),
            organisation: Some(self.legal_name.clone()),
            roles: person.roles.clone(),
        })
    }
}
