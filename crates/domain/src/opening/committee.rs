//! The holders of the keys with which a challenge's bids are opened, and their rehearsals.

use super::OpeningKey;
use crate::{
    Actor, Challenge, ChallengeId, ChallengeStatus, Checks, Event, OpeningKeyId, Panel, Refusal, Result, Role, UserId,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How long before the deadline holders are asked to rehearse once more: whoever lost a key meanwhile is known in time.
pub const REHEARSAL_BEFORE_DEADLINE: TimeDelta = TimeDelta::hours(48);

/// The opening committee with its keys. From the publication on its keys do not change: bids are sealed for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committee {
    /// The challenge.
    pub challenge: ChallengeId,
    /// How many holders it takes to open an envelope; at least two.
    pub threshold: u8,
    /// The holders, by their index.
    pub holders: Vec<Holder>,
    /// When the newest rehearsal was started.
    pub rehearsal_started_at: DateTime<Utc>,
}

/// A member of the committee, and their key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Their place in the committee, from 1.
    pub index: u8,
    /// Who it is.
    pub user: UserId,
    /// Their key.
    pub key: OpeningKeyId,
    /// Its public half (`age1...`).
    pub recipient: String,
    /// When they opened their share of the newest rehearsal's envelope.
    pub rehearsed_at: Option<DateTime<Utc>>,
}

impl Committee {
    /// Author or officer bring the committee together: everybody named in the panel, each with the key they have now. Takes
    /// `threshold` of them to open, more than half if nothing else is said.
    pub fn form(
        actor: &Actor,
        challenge: &Challenge,
        panel: &Panel,
        keys: &[OpeningKey],
        threshold: Option<u8>,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        use ChallengeStatus::{Approved, ChangesRequested, Draft, InReview};
        challenge.require_writer(actor)?;
        challenge.require_takes_bids()?;
        challenge.require_status(&[Draft, InReview, ChangesRequested, Approved], "not yet published")?;
        let holders = (1..).zip(&panel.opening_committee).map(|(index, user)| holder(index, *user, keys));
        let holders = holders.collect::<Result<Vec<_>>>()?;
        let threshold = check_threshold(holders.len(), threshold)?;
        let committee = Self { challenge: challenge.id, threshold, holders, rehearsal_started_at: now };
        let event = committee.rehearsal_started(challenge);
        Ok((committee, event))
    }

    /// The same holders with the same keys rehearse once more.
    pub fn rehearse_again(&mut self, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        challenge
            .require_status(&[ChallengeStatus::Published, ChallengeStatus::Suspended], "published or suspended")?;
        self.rehearsal_started_at = now;
        self.holders.iter_mut().for_each(|holder| holder.rehearsed_at = None);
        Ok(self.rehearsal_started(challenge))
    }

    /// A holder has opened their share of the rehearsal's envelope.
    pub fn rehearse(&mut self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        self.holder(actor, challenge)?;
        let holder = self.holders.iter_mut().find(|holder| holder.user == actor.user);
        let holder = holder.filter(|holder| holder.rehearsed_at.is_none()).ok_or(Refusal::AlreadyDone)?;
        holder.rehearsed_at = Some(now);
        Ok(challenge.confidential_event("challenge.rehearsed").with(json!({ "holder": holder.index })))
    }

    /// The holder who acts, as long as they are an officer of the agency; for everybody else there is no share.
    pub fn holder(&self, actor: &Actor, challenge: &Challenge) -> Result<&Holder> {
        let own = self.holders.iter().find(|holder| holder.user == actor.user);
        own.filter(|_| actor.holds(Role::Officer, challenge.agency)).ok_or(Refusal::NotFound("share"))
    }

    /// Whether everybody opened the envelope of the newest rehearsal.
    pub fn is_rehearsed(&self) -> bool {
        self.holders.iter().all(|holder| holder.rehearsed_at.is_some())
    }

    /// Refuses a publication unless the people named now are officers and have, with the keys they have now, all opened a test
    /// envelope.
    pub fn require_ready(
        committee: Option<&Self>,
        panel: &Panel,
        keys: &[OpeningKey],
        officers: &[UserId],
    ) -> Result<()> {
        let missing = |what: &str| Refusal::Incomplete(format!("the opening committee {what}"));
        let committee = committee.ok_or_else(|| missing("must rehearse first: POST .../rehearsal"))?;
        let people = committee.holders.iter().map(|holder| &holder.user);
        if !people.eq(&panel.opening_committee) {
            return Err(missing("was changed after its rehearsal: rehearse again"));
        }
        if !committee.holders.iter().all(|holder| officers.contains(&holder.user)) {
            return Err(missing("has a member who is no officer any more: name somebody else"));
        }
        let current = |holder: &Holder| keys.iter().any(|key| key.id == holder.key && key.replaced_at.is_none());
        if !committee.holders.iter().all(current) {
            return Err(missing("has a member who has another key since the rehearsal: rehearse again"));
        }
        match committee.holders.iter().filter(|holder| holder.rehearsed_at.is_none()).count() {
            0 => Ok(()),
            left => Err(missing(&format!("has {left} member(s) who have not opened the test envelope yet"))),
        }
    }

    fn rehearsal_started(&self, challenge: &Challenge) -> Event {
        let recipients: Vec<_> = self.holders.iter().map(|holder| &holder.recipient).collect();
        let payload = json!({ "threshold": self.threshold, "recipients": recipients });
        challenge.confidential_event("challenge.rehearsal_started").with(payload)
    }
}

fn holder(index: u8, user: UserId, keys: &[OpeningKey]) -> Result<Holder> {
    let key = keys.iter().find(|key| key.user == user && key.replaced_at.is_none());
    let missing = || Refusal::Incomplete(format!("{user} has no opening key yet: PUT /account/opening-key"));
    let key = key.ok_or_else(missing)?;
    Ok(Holder { index, user, key: key.id, recipient: key.recipient.clone(), rehearsed_at: None })
}

fn check_threshold(holders: usize, threshold: Option<u8>) -> Result<u8> {
    if holders < 2 {
        return Err(Refusal::Incomplete("name an opening committee of at least two people".to_owned()));
    }
    let threshold = threshold.map_or(holders / 2 + 1, usize::from);
    let mut checks = Checks::new();
    let within = (2..=holders).contains(&threshold);
    checks.require(within, "/threshold", "out_of_range", format!("from 2 to {holders}"));
    checks.done()?;
    Ok(u8::try_from(threshold).unwrap_or(u8::MAX))
}
