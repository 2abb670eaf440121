//! What is measured.

/// One operation of the API.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// One challenge, by its id.
    Detail,
    /// The first 20 published challenges.
    List,
    /// One bid, durably.
    Submit,
}

impl Operation {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Detail => "challenge detail",
            Self::List => "challenge list, 20 by status",
            Self::Submit => "bid submission",
        }
    }

    /// The HTTP status of a good answer.
    pub fn status(self) -> u16 {
        if self == Self::Submit { 201 } else { 200 }
    }
}
