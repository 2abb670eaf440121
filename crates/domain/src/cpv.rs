//! The common procurement vocabulary, which names what is bought (Regulation (EC) No 213/2008).

use crate::{Event, Subject};
use serde_json::json;
use std::fmt;

/// A code of the vocabulary: eight digits, the first two of which name the division.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct CpvCode(String);

/// A code as somebody wrote it: the official list adds a check digit, as in `03000000-1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenCode {
    /// The code itself.
    pub code: CpvCode,
    /// The check digit, if it was written.
    pub check_digit: Option<char>,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpvEntry {
    /// The code.
    pub code: CpvCode,
    /// Its check digit, where the list tells it: the Regulation names the digits, but no way to compute them.
    pub check_digit: Option<char>,
    /// What it stands for, in English; 1 to 300 characters.
    pub name: String,
}

/// What is wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CpvError {
    /// Not eight digits, the first two of them a division.
    #[error("eight digits, with or without a hyphen and the check digit")]
    WrongFormat,
    /// Not in the list of this installation.
    #[error("not in the list of codes")]
    Unknown,
    /// No name, or one that is too long.
    #[error("a code has a name of at most 300 characters")]
    WrongName,
    /// Another check digit than in the list.
    #[error("the check digit is wrong")]
    WrongCheckDigit,
}

impl CpvError {
    /// The stable name of the problem.
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongFormat => "wrong_format",
            Self::Unknown => "unknown",
            Self::WrongName => "wrong_name",
            Self::WrongCheckDigit => "wrong_check_digit",
        }
    }
}

impl CpvCode {
    /// The code of these eight digits.
    pub fn parse(digits: &str) -> Result<Self, CpvError> {
        let sound = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with("00");
        if sound { Ok(Self(digits.to_owned())) } else { Err(CpvError::WrongFormat) }
    }

    /// The eight digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code one step further up: the last digit that is not zero becomes zero. A division has none.
    pub fn parent(&self) -> Option<Self> {
        let kept = self.0.trim_end_matches('0').len() - 1;
        (kept >= 2).then(|| Self(format!("{:0<8}", &self.0[..kept])))
    }
}

impl fmt::Display for CpvCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl CpvEntry {
    /// Reads a line of a list.
    pub fn read(code: &str, name: &str) -> Result<Self, CpvError> {
        let (WrittenCode { code, check_digit }, name) = (WrittenCode::parse(code)?, name.trim());
        let sound = (1..=300).contains(&name.chars().count());
        if sound { Ok(Self { code, check_digit, name: name.to_owned() }) } else { Err(CpvError::WrongName) }
    }
}

impl WrittenCode {
    /// Reads a code, with its check digit if it has one.
    pub fn parse(text: &str) -> Result<Self, CpvError> {
        let (digits, check_digit) = match text.trim().split_once('-') {
            Some((digits, check)) => (digits, Some(single_digit(check)?)),
            None => (text.trim(), None),
        };
        Ok(Self { code: CpvCode::parse(digits)?, check_digit })
    }

    /// The code, if it is one of `known` and its check digit, where both sides tell one, is the right one.
    pub fn check(self, known: &[CpvEntry]) -> Result<CpvCode, CpvError> {
        let entry = known.iter().find(|entry| entry.code == self.code).ok_or(CpvError::Unknown)?;
        match (self.check_digit, entry.check_digit) {
            (Some(written), Some(right)) if written != right => Err(CpvError::WrongCheckDigit),
            _ => Ok(self.code),
        }
    }
}

/// That codes of a list were added or changed. The list is told by the SHA-256 of its file, in hexadecimal: it names no
/// version of its own.
pub fn imported(added: usize, changed: usize, sha256: &str) -> Event {
    let details = json!({ "added": added, "changed": changed, "sha256": sha256 });
    Event::confidential("platform.cpv_codes_imported", Subject::Platform, None).with(details)
}

fn single_digit(text: &str) -> Result<char, CpvError> {
    let mut digits = text.chars();
    let digit = digits.next().filter(char::is_ascii_digit).filter(|_| digits.next().is_none());
    digit.ok_or(CpvError::WrongFormat)
}
