//! What a virus scanner says of the content of a file.
//!
//! Scanning never holds anything up: a file is received, and a bid counts, whatever a scanner says later, or whether there is
//! one. What is known to be infected is shown as that, is not given to anybody, and is not published.

use crate::{Refusal, Result};
use chrono::{DateTime, TimeDelta, Utc};

/// How long after a scan that failed the next one is; doubled after each further one.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// The longest time between two scans that fail.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(6);

/// What is known of the content of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanStatus {
    /// Nothing: no scanner has looked at it, and none is about to.
    #[default]
    NotScanned,
    /// A scanner will look at it.
    Pending,
    /// The scanner found nothing.
    Clean,
    /// The scanner found something.
    Infected,
    /// The scanner could not say. It is asked again, unless the file is too large for it.
    Failed,
}

impl ScanStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::NotScanned, Self::Pending, Self::Clean, Self::Infected, Self::Failed];

    /// The name of the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotScanned => "not_scanned",
            Self::Pending => "pending",
            Self::Clean => "clean",
            Self::Infected => "infected",
            Self::Failed => "failed",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// What a scanner says of a content, as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// What is known.
    pub status: ScanStatus,
    /// What was found, in the scanner's words.
    pub signature: Option<String>,
    /// When the scanner was last asked.
    pub at: Option<DateTime<Utc>>,
}

impl Scan {
    /// Refuses what is known to be infected; names the file.
    pub fn require_sound(&self, name: &str) -> Result<()> {
        match self.status {
            ScanStatus::Infected => {
                let signature = self.signature.as_deref().unwrap_or("unknown");
                Err(Refusal::FileInfected(format!("{name} ({signature})")))
            }
            _ => Ok(()),
        }
    }
}

/// What a scanner answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// This was found.
    Infected(String),
    /// The file is larger than the scanner takes; asking again would not help.
    TooLarge,
    /// It did not say: asking again may help.
    Unavailable,
}

/// The scanning of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileScan {
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
    /// What is known.
    pub scan: Scan,
    /// How often the scanner was asked without an answer since the last one.
    pub attempts: i32,
    /// When it is to be asked next, if it is.
    pub next_at: Option<DateTime<Utc>>,
}

impl FileScan {
    /// Notes what the scanner said. Gives the name of what it found, if that is news.
    pub fn note(&mut self, verdict: Verdict, now: DateTime<Utc>) -> Option<String> {
        let was_infected = self.scan.status == ScanStatus::Infected;
        let again = verdict == Verdict::Unavailable;
        let (status, signature) = match verdict {
            Verdict::Clean => (ScanStatus::Clean, None),
            Verdict::Infected(signature) => (ScanStatus::Infected, Some(signature)),
            Verdict::TooLarge | Verdict::Unavailable => (ScanStatus::Failed, None),
        };
        self.attempts = if again { self.attempts.saturating_add(1) } else { 0 };
        self.next_at = again.then(|| now + pause_after(self.attempts));
        self.scan = Scan { status, signature, at: Some(now) };
        self.scan.signature.clone().filter(|_| !was_infected)
    }
}

/// 30 seconds after the first failure, a minute after the second, and so on.
fn pause_after(attempts: i32) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).clamp(0, 16);
    (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE)
}
