//! Obligations: who owes what to whom by when.
//!
//! ```text
//! open -> met                        in time, or late
//!      -> (paused -> open)*          the due date moves by the time of the pause
//!      -> missed -> met | unmet      still owed after the due date; unmet: nobody waits any longer
//!      -> withdrawn                  nobody waits any longer, and it was not late
//! ```

mod punctuality;
mod reminder;

pub use punctuality::{Figures, Tally, figures};
pub use reminder::{AFTER, BEFORE, Reminder};

use crate::{
    Actor, ChallengeId, ComputedDate, Event, ObligationId, OrganisationId, Refusal, Result, Role, Subject, UserId,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most pauses of one obligation.
pub const MOST_PAUSES: usize = 20;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The one of that name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == name)
            }
        }
    };
}
pub(crate) use names;

names! {
    /// What is owed.
    ObligationKind {
        /// An officer approves a challenge, or asks for changes.
        ReviewChallenge = "review_challenge",
        /// An author answers a question.
        AnswerQuestion = "answer_question",
        /// An officer decides whether bidders get more time after an outage.
        DecideExtension = "decide_extension",
    }
}

names! {
    /// How an obligation ended.
    Outcome {
        /// It was done before it was due.
        Met = "met",
        /// It was done afterwards.
        MetLate = "met_late",
        /// It was not done by its due date, and then nobody waited any longer.
        Unmet = "unmet",
        /// Nobody waited any longer, and it was not late.
        Withdrawn = "withdrawn",
    }
}

names! {
    /// How an obligation stands at some moment.
    Standing {
        /// To be done.
        Open = "open",
        /// Its clock stands still.
        Paused = "paused",
        /// To be done, and late.
        Overdue = "overdue",
        /// It has ended.
        Ended = "ended",
    }
}

/// How long those who owe something have, in working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObligationPolicy {
    /// For the review of a challenge.
    pub review: u32,
    /// For the answer to a question, unless the challenge promises answers by an earlier date.
    pub answer: u32,
}

impl Default for ObligationPolicy {
    /// A week for a review, three days for an answer.
    fn default() -> Self {
        Self { review: 5, answer: 3 }
    }
}

/// When something is due.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// Done before this instant it is in time, at it late.
    pub at: DateTime<Utc>,
    /// By which rule, calendar and version that was computed; `None` for a date that somebody set.
    pub computed: Option<ComputedDate>,
}

impl From<ComputedDate> for Due {
    fn from(computed: ComputedDate) -> Self {
        Self { at: computed.ends_at, computed: Some(computed) }
    }
}

/// A time in which the clock stood still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; `None` while it lasts.
    pub until: Option<DateTime<Utc>>,
    /// Why; 1 to 1,000 characters.
    pub reason: String,
    /// Who stopped the clock.
    pub by: UserId,
}

/// Something that an organisation owes.
#[derive(Debug, Clone, PartialEq)]
pub struct Obligation {
    /// Its id.
    pub id: ObligationId,
    /// What is owed.
    pub kind: ObligationKind,
    /// Who owes it.
    pub organisation: OrganisationId,
    /// In which role.
    pub role: Role,
    /// What it is about.
    pub subject: Subject,
    /// The challenge that this belongs to, if it belongs to one.
    pub challenge: Option<ChallengeId>,
    /// Who waits. Of a question's asker nobody is told.
    pub waiting: OrganisationId,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// Until when; moves with each pause.
    pub due_at: DateTime<Utc>,
    /// How the due date came about, before any pause.
    pub computed: Option<ComputedDate>,
    /// When the clock stood still, the first time first.
    pub pauses: Vec<Pause>,
    /// The last reminder that was sent.
    pub reminded: Option<Reminder>,
    /// When it was found to be late.
    pub missed_at: Option<DateTime<Utc>>,
    /// How it ended, and when.
    pub end: Option<(Outcome, DateTime<Utc>)>,
    /// Grows with each change.
    pub version: i32,
}

/// What is owed to whom, before it has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    /// What is owed.
    pub kind: ObligationKind,
    /// Who owes it.
    pub organisation: OrganisationId,
    /// What it is about.
    pub subject: Subject,
    /// The challenge that this belongs to.
    pub challenge: Option<ChallengeId>,
    /// Who waits.
    pub waiting: OrganisationId,
}

impl ObligationKind {
    /// The role whose holders are to do it.
    pub fn role(self) -> Role {
        match self {
            Self::ReviewChallenge | Self::DecideExtension => Role::Officer,
            Self::AnswerQuestion => Role::Author,
        }
    }
}

impl Outcome {
    /// Those that the figures of an organisation count: what nobody waited for says nothing of its punctuality.
    pub const COUNTED: [Self; 3] = [Self::Met, Self::MetLate, Self::Unmet];
}

impl Obligation {
    /// Somebody begins to wait.
    pub fn open(id: ObligationId, duty: Duty, due: Due, now: DateTime<Utc>) -> (Self, Event) {
        let Duty { kind, organisation, subject, challenge, waiting } = duty;
        let obligation = Self {
            id,
            kind,
            organisation,
            role: kind.role(),
            subject,
            challenge,
            waiting,
            started_at: now,
            due_at: due.at,
            computed: due.computed,
            pauses: Vec::new(),
            reminded: None,
            missed_at: None,
            end: None,
            version: 1,
        };
        let event = obligation.event("obligation.opened", json!({ "kind": kind, "dueAt": rfc3339(due.at) }));
        (obligation, event)
    }

    /// It was done.
    pub fn meet(&mut self, now: DateTime<Utc>) -> Result<Event> {
        self.finish(now, |late| if late { Outcome::MetLate } else { Outcome::Met }, "obligation.met")
    }

    /// Nobody waits any longer.
    pub fn withdraw(&mut self, now: DateTime<Utc>) -> Result<Event> {
        self.finish(now, |late| if late { Outcome::Unmet } else { Outcome::Withdrawn }, "obligation.withdrawn")
    }

    /// An owner or officer stops the clock, while it is not late.
    pub fn pause(&mut self, actor: &Actor, reason: &str, now: DateTime<Utc>) -> Result<Event> {
        self.require_keeper(actor)?;
        self.require_standing(now, &[Standing::Open], "open")?;
        crate::text(reason, 1000, "/reason")?;
        if self.pauses.len() >= MOST_PAUSES {
            return Err(Refusal::TooMany { what: "pauses", most: MOST_PAUSES });
        }
        self.pauses.push(Pause { from: now, until: None, reason: reason.to_owned(), by: actor.user });
        Ok(self.event("obligation.paused", json!({ "kind": self.kind })).because(reason))
    }

    /// An owner or officer lets the clock run again. The due date moves by the time that it stood still.
    pub fn resume(&mut self, actor: &Actor, now: DateTime<Utc>) -> Result<Event> {
        self.require_keeper(actor)?;
        self.require_standing(now, &[Standing::Paused], "paused")?;
        self.end_pause(now);
        Ok(self.event("obligation.resumed", json!({ "kind": self.kind, "dueAt": rfc3339(self.due_at) })))
    }

    /// How it stands at `now`.
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        match (self.end, self.paused_at()) {
            (Some(_), _) => Standing::Ended,
            (None, Some(_)) => Standing::Paused,
            (None, None) if now >= self.due_at => Standing::Overdue,
            (None, None) => Standing::Open,
        }
    }

    /// Since when the clock stands still, if it does.
    pub fn paused_at(&self) -> Option<DateTime<Utc>> {
        self.pauses.last().filter(|pause| pause.until.is_none()).map(|pause| pause.from)
    }

    /// How many whole days it took, pauses not counted; `None` before its end.
    pub fn took_days(&self) -> Option<i64> {
        let (_, ended_at) = self.end?;
        let stood = self.pauses.iter().map(|pause| pause.until.unwrap_or(ended_at) - pause.from);
        Some((ended_at - self.started_at - stood.sum::<chrono::TimeDelta>()).num_days())
    }

    /// Shows it to members of the organisation only.
    pub fn require_visible(&self, actor: &Actor) -> Result<()> {
        if actor.belongs_to(self.organisation) { Ok(()) } else { Err(Refusal::NotFound("obligation")) }
    }

    fn require_keeper(&self, actor: &Actor) -> Result<()> {
        self.require_visible(actor)?;
        actor.require(Role::Owner, self.organisation).or_else(|_| actor.require(Role::Officer, self.organisation))
    }

    fn require_standing(&self, now: DateTime<Utc>, allowed: &[Standing], words: &'static str) -> Result<()> {
        let standing = self.standing(now);
        if allowed.contains(&standing) {
            return Ok(());
        }
        Err(Refusal::WrongState { subject: "obligation", status: standing.as_str(), allowed: words })
    }

    fn finish(
        &mut self,
        now: DateTime<Utc>,
        outcome: impl FnOnce(bool) -> Outcome,
        event: &'static str,
    ) -> Result<Event> {
        let running = [Standing::Open, Standing::Paused, Standing::Overdue];
        self.require_standing(now, &running, "open, paused or overdue")?;
        self.end_pause(now);
        let outcome = outcome(now >= self.due_at);
        self.end = Some((outcome, now));
        Ok(self.event(event, json!({ "kind": self.kind, "outcome": outcome })))
    }

    fn end_pause(&mut self, now: DateTime<Utc>) {
        if let Some(pause) = self.pauses.last_mut().filter(|pause| pause.until.is_none()) {
            pause.until = Some(now);
            self.due_at += now - pause.from;
        }
    }

    /// Only those in the organisation see what it owes.
    fn event(&self, kind: &'static str, details: Value) -> Event {
        Event::confidential(kind, Subject::Obligation(self.id), Some(self.organisation)).with(details)
    }
}

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
