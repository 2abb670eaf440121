//! What happens when: the steps of the demo, played in the order of their time while the clock moves along.

use super::content::wrong;
use crate::{Caller, Result, bid_receipts::Signer, contracts};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use domain::{Actor, BidId, ChallengeId, Membership, OrganisationId, Role};
use persistence::{Clock, Conn};
use sealing::SecretKey;
use std::{collections::HashMap, fmt::Debug, hash::Hash};

type Act<'c> = Box<dyn FnOnce(&mut Stage<'c>, &mut Conn) -> Result<()> + 'c>;

/// Steps with their times.
pub(super) struct Timeline<'c> {
    present: DateTime<Utc>,
    steps: Vec<(DateTime<Utc>, Act<'c>)>,
}

impl<'c> Timeline<'c> {
    /// No steps yet; all of them will lie before `present`.
    pub(super) fn new(present: DateTime<Utc>) -> Self {
        Self { present, steps: Vec::new() }
    }

    /// The midnight (UTC) with which the day of loading began.
    pub(super) fn midnight(&self) -> DateTime<Utc> {
        self.present.date_naive().and_time(NaiveTime::MIN).and_utc()
    }

    /// Adds a step at an hour and minute (UTC) of a day some days before that of loading.
    pub(super) fn on(
        &mut self,
        days_ago: i64,
        (hour, minute): (i64, i64),
        act: impl FnOnce(&mut Stage<'c>, &mut Conn) -> Result<()> + 'c,
    ) {
        let time = TimeDelta::hours(hour) + TimeDelta::minutes(minute) - TimeDelta::days(days_ago);
        self.at(self.midnight() + time, act);
    }

    /// Adds a step.
    pub(super) fn at(&mut self, moment: DateTime<Utc>, act: impl FnOnce(&mut Stage<'c>, &mut Conn) -> Result<()> + 'c) {
        self.steps.push((moment, Box::new(act)));
    }

    /// Plays all steps, each with the clock at its time. Leaves the clock at the last one.
    pub(super) fn play(mut self, conn: &mut Conn, clock: &Clock) -> Result<()> {
        self.steps.sort_by_key(|(moment, _)| *moment);
        let Some((first, _)) = self.steps.first() else { return Ok(()) };
        clock.advance(*first - conn.now()?);
        let mut stage = Stage::new()?;
        for (moment, act) in self.steps {
            if moment >= self.present {
                return Err(wrong(format!("something would happen at {moment}, which is still to come")));
            }
            // Steps take time: of two at nearly the same moment the second may be due already.
            clock.advance((moment - conn.now()?).max(TimeDelta::zero()));
            act(&mut stage, conn)?;
        }
        Ok(())
    }
}

/// Who and what is there so far, by the keys of the content.
pub(super) struct Stage<'c> {
    /// Signs with a key of its own, since the demo is loaded before the configuration's key is at hand.
    pub(super) signer: Signer,
    /// Of members of opening committees.
    pub(super) opening_keys: HashMap<&'c str, SecretKey>,
    callers: HashMap<&'c str, Caller>,
    pub(super) organisations: HashMap<&'c str, OrganisationId>,
    pub(super) challenges: HashMap<&'c str, ChallengeId>,
    /// By challenge and company.
    pub(super) bids: HashMap<(&'c str, &'c str), BidId>,
}

impl<'c> Stage<'c> {
    fn new() -> Result<Self> {
        Ok(Self {
            signer: Signer::of_the_moment()?,
            opening_keys: HashMap::new(),
            callers: HashMap::new(),
            organisations: HashMap::new(),
            challenges: HashMap::new(),
            bids: HashMap::new(),
        })
    }

    /// Lets a person act from now on.
    pub(super) fn enter(&mut self, person: &'c str, actor: Actor) {
        self.callers.insert(person, Caller { actor, request_id: super::REQUEST_ID.to_owned() });
    }

    /// Gives a person the roles that they were given in their one organisation.
    pub(super) fn join(&mut self, person: &'c str, organisation: OrganisationId, roles: Vec<Role>) {
        if let Some(caller) = self.callers.get_mut(person) {
            caller.actor.memberships = vec![Membership::new(organisation, roles)];
        }
    }

    /// The person as the one who acts.
    pub(super) fn caller(&self, person: &str) -> Result<Caller> {
        look_up(&self.callers, &person)
    }

    /// The organisation of that key.
    pub(super) fn organisation(&self, key: &str) -> Result<OrganisationId> {
        look_up(&self.organisations, &key)
    }

    /// The challenge of that key.
    pub(super) fn challenge(&self, key: &str) -> Result<ChallengeId> {
        look_up(&self.challenges, &key)
    }

    /// The bid of a company on a challenge.
    pub(super) fn bid(&self, challenge: &str, company: &str) -> Result<BidId> {
        look_up(&self.bids, &(challenge, company))
    }

    /// The contract with a company that came of a challenge.
    pub(super) fn contract(&self, conn: &mut Conn, challenge: &str, company: &str) -> Result<contracts::Detail> {
        let party = self.organisation(company)?;
        let contracts = contracts::list_of_challenge(conn, None, self.challenge(challenge)?)?;
        let found = contracts.into_iter().find(|detail| detail.contract.company == party);
        found.ok_or_else(|| wrong(format!("no contract of {challenge} with {company}")))
    }
}

fn look_up<K: Eq + Hash + Debug, V: Clone>(map: &HashMap<K, V>, key: &K) -> Result<V> {
    map.get(key).cloned().ok_or_else(|| wrong(format!("{key:?} is not there yet")))
}
