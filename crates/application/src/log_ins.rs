//! Logging in with a password: counted, then checked, then let in.

use crate::{
    Result,
    attempts::{self, Counter},
    mail, second_factors,
    sessions::{self, Issued},
    tokens::{Secret, hash},
    vault::Vault,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    KnownDeviceId, Refusal, UserId,
    account::{Client, Code, Email, KNOWN_DEVICE_LIFETIME, User},
};
use notifications::SecurityChange;
use persistence::{Conn, accounts, devices, own_sessions};

/// A log-in that was counted as failed, until it turns out right.
pub struct Attempt {
    account: Option<User>,
    counters: Vec<Counter>,
    device: Option<KnownDeviceId>,
    client: Client,
}

impl Attempt {
    /// What the password is checked against, outside the database; nothing if there is no account, or none with a
    /// password.
    pub fn password_hash(&self) -> Option<String> {
        self.account.as_ref().and_then(User::password).map(ToOwned::to_owned)
    }
}

/// Counts a log-in before it is checked. On a device that its owner used before, failures are counted apart: so nobody
/// else can keep the owner out.
pub fn begin(conn: &mut Conn, email: &Email, device: Option<&str>, client: Client) -> Result<Attempt> {
    let (now, account) = (conn.now()?, accounts::find_by_email(conn, email)?);
    let device = match (&account, device) {
        (Some(account), Some(token)) => devices::find(conn, account.id, &hash(token), now)?,
        _ => None,
    };
    let counters = match device {
        Some(device) => vec![Counter::device(device)],
        None => {
            let network = client.network.as_deref().map(Counter::network);
            std::iter::once(Counter::address(email)).chain(network).collect()
        }
    };
    attempts::count(conn, &counters)?;
    Ok(Attempt { account, counters, device, client })
}

/// Takes an attempt back whose password nobody looked at: too many were waiting.
pub fn abandon(conn: &mut Conn, attempt: &Attempt) -> Result<()> {
    attempts::forgive(conn, &attempt.counters)
}

/// What a log-in came to.
pub struct LoggedIn {
    /// The new session.
    pub issued: Issued,
    /// The token of the device, if it was not known before.
    pub device: Option<Secret>,
}

/// Lets somebody in whose password was `right`. A refusal here is no error: what was counted must be kept.
pub fn finish(
    conn: &mut Conn,
    request_id: &str,
    vault: &Vault,
    attempt: &Attempt,
    (right, code): (bool, Option<&Code>),
    lifetime: TimeDelta,
) -> Result<Result<LoggedIn, Refusal>> {
    let Some(user) = attempt.account.as_ref().filter(|_| right) else { return Ok(Err(Refusal::WrongCredentials)) };
    let admitted = match accounts::state(conn, user.id)?.require_active() {
        Ok(()) => second_factors::check(conn, request_id, vault, user.id, code)?,
        refused => refused,
    };
    match admitted {
        Ok(()) => {}
        // Somebody who has the password guesses codes.
        Err(Refusal::WrongCredentials) => return Ok(Err(Refusal::WrongCredentials)),
        Err(refusal) => {
            attempts::forgive(conn, &attempt.counters)?;
            return Ok(Err(refusal));
        }
    }
    attempts::succeed(conn, &attempt.counters)?;
    let now = conn.now()?;
    if attempt.device.is_none() {
        tell_of_new_client(conn, user.id, &attempt.client, now)?;
    }
    let issued = sessions::start(conn, user, &attempt.client, lifetime)?;
    let device = match attempt.device {
        Some(device) => {
            devices::extend(conn, device, now + KNOWN_DEVICE_LIFETIME)?;
            None
        }
        None => Some(sessions::remember_device(conn, user.id, now)?),
    };
    Ok(Ok(LoggedIn { issued, device }))
}

/// Tells the owner when somebody logs in on a device and from a network that were not seen before; not for the very
/// first log-in.
pub(crate) fn tell_of_new_client(conn: &mut Conn, user: UserId, client: &Client, now: DateTime<Utc>) -> Result<()> {
    if !own_sessions::is_new_client(conn, user, client)? {
        return Ok(());
    }
    let named = |text: &Option<String>| text.clone().unwrap_or_default();
    let change = SecurityChange::NewDevice { device: named(&client.device), network: named(&client.network) };
    mail::send_security_notice(conn, user, change, now)
}
