//! The states of a bid, and why it fails the formal check.

/// The states of a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BidStatus {
    /// In the box.
    Submitted,
    /// Taken back before the deadline.
    Withdrawn,
    /// Opened by the committee.
    Opened,
    /// Passed the formal check.
    Admitted,
    /// Failed the formal check.
    Disqualified,
    /// A solution that passed: its company is invited to bid.
    Shortlisted,
    /// A solution that did not.
    NotShortlisted,
    /// Won a pilot.
    Awarded,
    /// Did not win.
    NotAwarded,
}

impl BidStatus {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Submitted,
        Self::Withdrawn,
        Self::Opened,
        Self::Admitted,
        Self::Disqualified,
        Self::Shortlisted,
        Self::NotShortlisted,
        Self::Awarded,
        Self::NotAwarded,
    ];

    /// The name of the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Withdrawn => "withdrawn",
            Self::Opened => "opened",
            Self::Admitted => "admitted",
            Self::Disqualified => "disqualified",
            Self::Shortlisted => "shortlisted",
            Self::NotShortlisted => "not_shortlisted",
            Self::Awarded => "awarded",
            Self::NotAwarded => "not_awarded",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// Why a bid fails the formal check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisqualificationCode {
    /// Something that was asked for is missing.
    Incomplete,
    /// The company does not meet an eligibility criterion.
    NotEligible,
    /// A ground for exclusion applies (Directive 2014/24/EU, art. 57).
    Excluded,
    /// The offer does not answer the challenge.
    NotResponsive,
}

impl DisqualificationCode {
    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::NotEligible => "not_eligible",
            Self::Excluded => "excluded",
            Self::NotResponsive => "not_responsive",
        }
    }
}
