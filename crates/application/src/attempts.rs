//! Counting attempts to prove something: before they are checked, in the database, so that parallel guesses get no more
//! tries than serial ones.

use crate::{Result, tokens};
use chrono::TimeDelta;
use domain::{
    KnownDeviceId, SessionId, UserId,
    account::{Attempts, CountedFor, Email},
};
use persistence::{Conn, attempts};

/// Something that failures are counted for, by a hash: what is counted is nobody's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    name: String,
    of: CountedFor,
}

impl Counter {
    fn of(kind: &str, what: impl std::fmt::Display, of: CountedFor) -> Self {
        Self { name: tokens::hash(&format!("{kind}/{what}")), of }
    }

    /// Log-ins with an address, whether anybody has it or not.
    pub(crate) fn address(email: &Email) -> Self {
        Self::of("address", email.as_str(), CountedFor::One)
    }

    /// Log-ins from a network.
    pub(crate) fn network(network: &str) -> Self {
        Self::of("network", network, CountedFor::Many)
    }

    /// Log-ins on a device that its owner used before: nobody else can fail there.
    pub(crate) fn device(device: KnownDeviceId) -> Self {
        Self::of("device", device, CountedFor::One)
    }

    /// Whatever is proved once more within a session.
    pub(crate) fn session(session: SessionId) -> Self {
        Self::of("session", session, CountedFor::One)
    }

    /// Codes sent along with a link from the person's mailbox.
    pub(crate) fn reset(user: UserId) -> Self {
        Self::of("reset", user, CountedFor::One)
    }

    /// Codes sent along with a provider's word.
    pub(crate) fn provider(user: UserId) -> Self {
        Self::of("provider", user, CountedFor::One)
    }

    /// Telling the owner of an address that there is an account.
    pub(crate) fn told(email: &Email) -> Self {
        Self::of("told", email.as_str(), CountedFor::One)
    }

    /// Mails that strangers can have sent to an address.
    pub(crate) fn mails(email: &Email) -> Self {
        Self::of("mails", email.as_str(), CountedFor::One)
    }

    /// Mails of sandboxes that ask whoever has an address for a consent. None of the market is counted: who is asked there is a
    /// secret, and no sandbox holds it up.
    pub(crate) fn asked_in_sandboxes(email: &Email) -> Self {
        Self::of("asked in sandboxes", email.as_str(), CountedFor::One)
    }

    /// Mails that a person has sandboxes send to ask for consents: many may be right, but not without end.
    pub(crate) fn asking_in_sandboxes(user: UserId) -> Self {
        Self::of("asking in sandboxes", user, CountedFor::Many)
    }
}

/// The names of the counters that are kept for a person by their address and id.
pub(crate) fn names_of(user: UserId, email: &Email) -> Vec<String> {
    let by_address =
        [Counter::address(email), Counter::mails(email), Counter::told(email), Counter::asked_in_sandboxes(email)];
    let by_id = [Counter::reset(user), Counter::provider(user), Counter::asking_in_sandboxes(user)];
    let counters = by_address.into_iter().chain(by_id);
    counters.map(|counter| counter.name).collect()
}

/// Counts an attempt for each of these as failed, or refuses it if one of them blocks.
pub(crate) fn count(conn: &mut Conn, counters: &[Counter]) -> Result<()> {
    let now = conn.now()?;
    for counter in counters {
        let mut counted = attempts::lock(conn, &counter.name)?;
        counted.count(counter.of, now)?;
        attempts::save(conn, &counter.name, &counted)?;
    }
    Ok(())
}

/// Takes one attempt back that turned out to be right.
pub(crate) fn forgive(conn: &mut Conn, counters: &[Counter]) -> Result<()> {
    for counter in counters {
        let mut counted = attempts::lock(conn, &counter.name)?;
        counted.forgive();
        attempts::save(conn, &counter.name, &counted)?;
    }
    Ok(())
}

/// After somebody got in: what was counted for them starts again from zero. A network is forgiven this attempt only, or
/// anybody with an account could clear it.
pub(crate) fn succeed(conn: &mut Conn, counters: &[Counter]) -> Result<()> {
    for counter in counters {
        match counter.of {
            CountedFor::One => attempts::clear(conn, &counter.name)?,
            CountedFor::Many => forgive(conn, std::slice::from_ref(counter))?,
        }
    }
    Ok(())
}

/// Whether one more mail may go to an address on a stranger's word: five, then fewer and fewer.
pub(crate) fn may_mail(conn: &mut Conn, email: &Email) -> Result<bool> {
    let (counter, now) = (Counter::mails(email), conn.now()?);
    let mut counted = attempts::lock(conn, &counter.name)?;
    let may = counted.count(counter.of, now).is_ok();
    attempts::save(conn, &counter.name, &counted)?;
    Ok(may)
}

/// Whether this is the first time within an hour.
pub(crate) fn first_in_an_hour(conn: &mut Conn, counter: &Counter) -> Result<bool> {
    let now = conn.now()?;
    let counted = attempts::lock(conn, &counter.name)?;
    let first = counted.blocked_until.is_none_or(|until| until <= now);
    if first {
        let told = Attempts { failures: 1, last_at: now, blocked_until: Some(now + TimeDelta::hours(1)) };
        attempts::save(conn, &counter.name, &told)?;
    }
    Ok(first)
}
