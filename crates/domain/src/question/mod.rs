//! Questions about a challenge: asked in private, answered in public, to everybody at the same moment.
//!
//! ```text
//! asked -> answered                    published with the answer, without saying who asked
//!       -> merged -> (asked)*          into another question, whose answer is common to both
//!       -> declined                    by the agency, for a reason
//!       -> withdrawn                   by the company, before there is an answer
//! ```
//!
//! Who asked is known to the company that asked, and to nobody in the agency: it would tell who may bid. So no event, clock,
//! mail or view that the agency gets names them.

mod answering;
mod asking;
mod closing;

pub use answering::{AnswerVersion, MOST_AT_ONCE, MOST_CORRECTIONS};
pub use asking::{Asking, MOST_OPEN};

use crate::{
    Actor, Challenge, ChallengeId, ChallengeStatus, ChangeNoticeId, Checks, Event, OrganisationId, QuestionId, Refusal,
    Result, Subject, UserId,
};
use chrono::{DateTime, Utc};

/// The states of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionStatus {
    /// Waits for an answer.
    Asked,
    /// Gets the answer of another question.
    Merged,
    /// Published with its answer.
    Answered,
    /// The agency does not answer it, and said why.
    Declined,
    /// The company took it back.
    Withdrawn,
}

impl QuestionStatus {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Asked, Self::Merged, Self::Answered, Self::Declined, Self::Withdrawn];

    /// The name of the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Merged => "merged",
            Self::Answered => "answered",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// What everybody reads, or is going to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// The question, in words that do not give its author away; at most 4,000 characters.
    pub question: String,
    /// The answer; at most 10,000 characters of Markdown.
    pub answer: String,
    /// Whether bidders answer to something else after it.
    pub changes_scope: bool,
    /// The change notice that says so; one that was published after the question was asked.
    pub change_notice: Option<ChangeNoticeId>,
}

/// That a question was published with its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publication {
    /// Its number among the published questions of the challenge, from 1 on in the order of publication.
    pub number: i32,
    /// Which version of the answer is in force: 1, and one more with each correction.
    pub revision: i32,
    /// When it was published.
    pub at: DateTime<Utc>,
    /// When it was corrected last.
    pub corrected_at: Option<DateTime<Utc>>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its id.
    pub id: QuestionId,
    /// The challenge that it is about.
    pub challenge: ChallengeId,
    /// For whom it was asked.
    pub company: OrganisationId,
    /// Who asked; nobody once that person was erased.
    pub asker: Option<UserId>,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// What was asked; 1 to 4,000 characters. Never changes, and is never public.
    pub original: String,
    /// Where it is in its life.
    pub status: QuestionStatus,
    /// What is public once it is published, and a draft before.
    pub wording: Wording,
    /// The question whose answer is common to both.
    pub merged_into: Option<QuestionId>,
    /// Why it is not answered.
    pub decline_reason: Option<String>,
    /// That it was published.
    pub publication: Option<Publication>,
    /// Grows with each change.
    pub version: i32,
}

/// As what somebody sees a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// As the company that asked: its own words, and what is public.
    Asker,
    /// As the agency: the words and the draft, and never whose they are.
    Staff,
    /// As everybody: what is public.
    Public,
}

impl Question {
    /// As what somebody sees the question, if at all.
    pub fn sight(&self, viewer: Option<&Actor>, challenge: &Challenge) -> Result<Sight> {
        let belongs = |organisation| viewer.is_some_and(|actor| actor.belongs_to(organisation));
        if belongs(self.company) {
            Ok(Sight::Asker)
        } else if belongs(challenge.agency) && self.status != QuestionStatus::Withdrawn {
            Ok(Sight::Staff)
        } else if self.publication.is_some() && challenge.require_visible(viewer).is_ok() {
            Ok(Sight::Public)
        } else {
            Err(Refusal::NotFound("question"))
        }
    }

    /// The question for an event of a clock, or of somebody in the agency.
    pub fn subject(&self) -> Subject {
        Subject::Question(self.id)
    }

    fn require_status(&self, allowed: &[QuestionStatus], words: &'static str) -> Result<()> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        Err(Refusal::WrongState { subject: "question", status: self.status.as_str(), allowed: words })
    }

    /// What only the agency's members learn of: it names nothing of the company.
    fn agency_event(&self, kind: &'static str, challenge: &Challenge) -> Event {
        Event::confidential(kind, self.subject(), Some(challenge.agency))
    }
}

impl Wording {
    /// Nothing longer than it may be; a question to be published, and an answer to be given, are checked by
    /// [`Self::check_complete`].
    fn check_draft(&self) -> Result<()> {
        let mut checks = Checks::new();
        checks.text(&self.question, 4000, "/question");
        let short = self.answer.chars().count() <= 10_000;
        checks.require(short, "/answer", "too_long", "at most 10000 characters");
        self.check_notice(&mut checks, "");
        checks.done()
    }

    /// What an answer must say before it is published; `at` leads to it in the caller's document.
    fn check_complete(&self, checks: &mut Checks, at: &str) {
        checks.text(&self.question, 4000, format!("{at}/question"));
        checks.text(&self.answer, 10_000, format!("{at}/answer"));
        let words = "an answer that changes the scope needs the change notice that says so to all bidders";
        let tied = !self.changes_scope || self.change_notice.is_some();
        checks.require(tied, format!("{at}/changeNotice"), "required", words);
        self.check_notice(checks, at);
    }

    fn check_notice(&self, checks: &mut Checks, at: &str) {
        let fitting = self.changes_scope || self.change_notice.is_none();
        let words = "only an answer that changes the scope has a change notice";
        checks.require(fitting, format!("{at}/changeNotice"), "not_allowed", words);
    }
}

impl Challenge {
    /// Answers are published as long as the challenge is not closed, after the deadline and while it is suspended too.
    pub fn require_answerable(&self) -> Result<()> {
        self.require_status(&[ChallengeStatus::Published, ChallengeStatus::Suspended], "published or suspended")
    }
}
