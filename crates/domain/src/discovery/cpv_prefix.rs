//! The beginning of a CPV code, which stands for everything below it.

use crate::cpv::{CpvCode, CpvError};
use std::fmt;

/// The first two to eight digits of a CPV code, without zeros at the end: `72` is division 72 and all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CpvPrefix(String);

impl CpvPrefix {
    /// Reads digits: the beginning of a code, or a whole one, whose zeros at the end say nothing.
    ///
    /// # Errors
    /// [`CpvError::WrongFormat`].
    pub fn parse(digits: &str) -> Result<Self, CpvError> {
        let sound = (2..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !sound || digits.starts_with("00") {
            return Err(CpvError::WrongFormat);
        }
        let kept = digits.trim_end_matches('0').len().max(2);
        Ok(Self(digits[..kept].to_owned()))
    }

    /// Everything that a code belongs to, from its division to itself.
    pub fn of(code: &CpvCode) -> Vec<Self> {
        let digits = code.as_str();
        let kept = digits.trim_end_matches('0').len().max(2);
        (2..=kept)
            .filter(|end| *end == 2 || !digits[..*end].ends_with('0'))
            .map(|end| Self(digits[..end].to_owned()))
            .collect()
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CpvPrefix {
    type Error = CpvError;

    fn try_from(digits: String) -> Result<Self, CpvError> {
        Self::parse(&digits)
    }
}

impl From<CpvPrefix> for String {
    fn from(prefix: CpvPrefix) -> Self {
        prefix.0
    }
}

impl fmt::Display for CpvPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
