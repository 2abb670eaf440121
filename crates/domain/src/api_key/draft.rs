//! What somebody fills in to make or renew a key.

use crate::{Checks, Result};
use ipnet::IpNet;
use std::{collections::BTreeSet, net::IpAddr};

/// How many days a key works, if nothing else is said.
pub const DEFAULT_DAYS: i64 = 90;

/// The most days that a key works.
pub const LONGEST_DAYS: i64 = 366;

/// How many hours the old secret works after a rotation, if nothing else is said.
pub const DEFAULT_OVERLAP_HOURS: i64 = 24;

/// The most hours that the old secret works after a rotation: a week.
pub const LONGEST_OVERLAP_HOURS: i64 = 7 * 24;

/// The most networks that a key names.
pub const MOST_NETWORKS: usize = 20;

/// What somebody says of a new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// Where it may be used, as networks in CIDR notation or single addresses; none for everywhere.
    pub networks: Vec<String>,
    /// For how many days.
    pub days: i64,
}

impl NewApiKey {
    /// The networks, if all is well; otherwise everything that is wrong.
    pub(super) fn check(&self, known: &BTreeSet<String>) -> Result<Vec<IpNet>> {
        let mut checks = Checks::new();
        checks.text(&self.name, 100, "/name");
        checks.require(!self.scopes.is_empty(), "/scopes", "too_few", "at least one");
        for (i, scope) in self.scopes.iter().enumerate() {
            let pointer = format!("/scopes/{i}");
            checks.require(known.contains(scope), &pointer, "unknown", "no operation takes this scope");
            checks.require(!self.scopes[..i].contains(scope), &pointer, "duplicate", "named twice");
        }
        let networks = self
            .networks
            .iter()
            .enumerate()
            .filter_map(|(i, text)| checks.take(network(text), format!("/networks/{i}"), "wrong_format"));
        let networks: Vec<_> = networks.collect();
        let few = self.networks.len() <= MOST_NETWORKS;
        checks.require(few, "/networks", "too_many", format!("at most {MOST_NETWORKS}"));
        check_days(self.days, &mut checks);
        checks.done()?;
        Ok(networks)
    }
}

/// What somebody says to renew a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// For how many hours the old secret works on.
    pub overlap_hours: i64,
    /// For how many days the new one works.
    pub days: i64,
}

impl Rotation {
    pub(super) fn check(self, checks: &mut Checks) {
        let overlap = (0..=LONGEST_OVERLAP_HOURS).contains(&self.overlap_hours);
        checks.require(overlap, "/overlapHours", "out_of_range", format!("0 to {LONGEST_OVERLAP_HOURS}"));
        check_days(self.days, checks);
    }
}

fn check_days(days: i64, checks: &mut Checks) {
    let sound = (1..=LONGEST_DAYS).contains(&days);
    checks.require(sound, "/expiresInDays", "out_of_range", format!("1 to {LONGEST_DAYS}"));
}

/// A network, or the one of a single address.
fn network(text: &str) -> Result<IpNet, &'static str> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map(|network| network.trunc()).map_err(|_| "a network such as 203.0.113.0/24 or 2001:db8::/48")
}
