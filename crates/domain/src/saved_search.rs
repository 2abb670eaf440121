//! What somebody asks of the public challenges again and again, and wants to be told about.

use crate::{Actor, ChallengeQuery, Checks, Event, Refusal, Result, SavedSearchId, Subject, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// The most searches that a person keeps.
pub const MOST_SEARCHES: usize = 50;

/// The most characters of a name.
const LONGEST_NAME: usize = 100;

/// A publication is told once it is this old: what was committed late is not missed then.
const SETTLED: TimeDelta = TimeDelta::minutes(2);

/// How often somebody is told of what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alert {
    /// Never.
    None,
    /// Once a day at most.
    Daily,
    /// Once a week at most.
    Weekly,
}

impl Alert {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::None, Self::Daily, Self::Weekly];

    /// The name of the choice.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }

    /// The choice of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alert| alert.as_str() == name)
    }

    fn period(self) -> Option<TimeDelta> {
        match self {
            Self::None => None,
            Self::Daily => Some(TimeDelta::days(1)),
            Self::Weekly => Some(TimeDelta::weeks(1)),
        }
    }
}

/// What somebody says of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchDraft {
    /// Its name; 1 to 100 characters on one line, of a person's searches each another.
    pub name: String,
    /// What is asked.
    pub query: ChallengeQuery,
    /// How often its owner is told of what is new.
    pub alert: Alert,
}

/// A search that somebody keeps. Only they know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    /// Its id.
    pub id: SavedSearchId,
    /// Who keeps it.
    pub owner: UserId,
    /// What they say of it.
    pub said: SearchDraft,
    /// What was published before was told, or was there when the search was saved.
    pub told_until: DateTime<Utc>,
    /// When to look for what is new.
    pub next_alert_at: Option<DateTime<Utc>>,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
    /// Grows with each change.
    pub version: i32,
}

impl SavedSearch {
    /// Somebody saves a search. `present` is how many they have already.
    pub fn save(
        id: SavedSearchId,
        actor: &Actor,
        said: SearchDraft,
        present: usize,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        if present >= MOST_SEARCHES {
            return Err(Refusal::TooMany { what: "saved searches", most: MOST_SEARCHES });
        }
        let (said, told_until) = (said.checked()?, now - SETTLED);
        let next_alert_at = said.alert.period().map(|period| now + period);
        let search = Self { id, owner: actor.user, said, told_until, next_alert_at, created_at: now, version: 1 };
        let event = search.event("user.search_saved");
        Ok((search, event))
    }

    /// Hides it from everybody but its owner.
    pub fn require_owner(&self, actor: &Actor) -> Result<()> {
        if self.owner == actor.user { Ok(()) } else { Err(Refusal::NotFound("saved search")) }
    }

    /// Its owner changes it. What was published before is not told, if the search or its alert is another.
    pub fn change(&mut self, actor: &Actor, said: SearchDraft, now: DateTime<Utc>) -> Result<Event> {
        self.require_owner(actor)?;
        let said = said.checked()?;
        if said.alert != self.said.alert || said.query != self.said.query {
            self.told_until = now - SETTLED;
            self.next_alert_at = said.alert.period().map(|period| now + period);
        }
        self.said = said;
        Ok(self.event("user.search_changed"))
    }

    /// Its owner removes it.
    pub fn remove(&self, actor: &Actor) -> Result<Event> {
        self.require_owner(actor)?;
        Ok(self.event("user.search_removed"))
    }

    /// If it is time to tell what is new: from when and until when it was published. From then on it is not the time any
    /// more, for a day or a week.
    pub fn alert(&mut self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.next_alert_at.filter(|due| *due <= now)?;
        self.next_alert_at = self.said.alert.period().map(|period| now + period);
        let from = self.told_until;
        self.told_until = from.max(now - SETTLED);
        Some((from, self.told_until))
    }

    fn event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, Subject::User(self.owner), None)
            .with(json!({ "search": self.id, "alert": self.said.alert }))
    }
}

impl SearchDraft {
    fn checked(self) -> Result<Self> {
        let mut checks = Checks::new();
        checks.text(&self.name, LONGEST_NAME, "/name");
        checks.require(!self.name.contains(char::is_control), "/name", "wrong_format", "one line of text");
        checks.done()?;
        Ok(Self { name: self.name.trim().to_owned(), ..self })
    }
}
