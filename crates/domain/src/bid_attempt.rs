//! What companies try to do with bids until the deadline: a refusal leaves a record, too.

use crate::{BidId, ChallengeId, Event, FieldError, OrganisationId, Refusal, Subject};
use serde_json::json;

/// What companies do with bids until the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BidAction {
    /// Hand in a bid.
    Submit,
    /// Put another revision in its place.
    Replace,
    /// Stand by it although the challenge has changed.
    Confirm,
    /// Take it back.
    Withdraw,
}

impl BidAction {
    /// Every action.
    pub const ALL: [Self; 4] = [Self::Submit, Self::Replace, Self::Confirm, Self::Withdraw];

    /// The name of the action.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Replace => "replace",
            Self::Confirm => "confirm",
            Self::Withdraw => "withdraw",
        }
    }
}

/// Why an attempt was refused, as far as that is put on the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalRecord {
    /// A code, the same as in the answer.
    pub reason: &'static str,
    /// Codes of what is wrong with the content, or the state that does not allow it. Nothing of the content itself.
    pub problems: Vec<String>,
}

impl RefusalRecord {
    /// The record of a refusal; `None` for what leaves none: the record is the company's, and must not tell it of a
    /// challenge or a bid that does not exist for whoever tried.
    pub fn of(refusal: &Refusal) -> Option<Self> {
        let (reason, problems) = match refusal {
            Refusal::DeadlinePassed => ("deadline_passed", Vec::new()),
            Refusal::WrongState { subject, status, .. } => ("wrong_state", vec![format!("{subject}_{status}")]),
            Refusal::RoleMissing(_) => ("role_missing", Vec::new()),
            Refusal::TermsNotAccepted(_) => ("terms_not_accepted", Vec::new()),
            Refusal::Invalid(errors) => ("invalid", codes(errors)),
            Refusal::Incomplete(_) => ("incomplete", Vec::new()),
            Refusal::OneStage => ("one_stage", Vec::new()),
            Refusal::ShortlistPending => ("shortlist_pending", Vec::new()),
            Refusal::NotShortlisted => ("not_shortlisted", Vec::new()),
            Refusal::AlreadyBid => ("already_bid", Vec::new()),
            Refusal::AlreadyDone => ("already_done", Vec::new()),
            Refusal::ConcurrentChange => ("concurrent_change", Vec::new()),
            Refusal::DraftChanged { .. } => return Some(Self::stale()),
            Refusal::OrganisationSuspended(_) => ("organisation_suspended", Vec::new()),
            Refusal::OrganisationUnverified(_) => ("organisation_unverified", Vec::new()),
            _ => return None,
        };
        Some(Self { reason, problems })
    }

    /// The record of an attempt by somebody who had not seen the newest version of the bid, or of its draft.
    pub fn stale() -> Self {
        Self { reason: "stale", problems: Vec::new() }
    }

    /// The event that tells it: the company's, never public, and without content.
    pub fn event(
        &self,
        action: BidAction,
        challenge: ChallengeId,
        company: OrganisationId,
        bid: Option<BidId>,
    ) -> Event {
        let subject = bid.map_or(Subject::Organisation(company), Subject::Bid);
        Event::confidential("bid.refused", subject, Some(company)).with(json!({
            "challenge": challenge,
            "action": action.as_str(),
            "reason": self.reason,
            "problems": self.problems,
        }))
    }
}

/// Each code once, in the order of their first appearance.
fn codes(errors: &[FieldError]) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for error in errors {
        if !codes.iter().any(|known| known == error.code) {
            codes.push(error.code.to_owned());
        }
    }
    codes
}
