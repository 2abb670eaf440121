//! Where an organisation is paid.

use super::Organisation;
use crate::{Actor, Event, Refusal, Result, Subject};
use iban::IbanLike;
use std::fmt;

/// An international bank account number (ISO 13616), check digits and the country's form included. Secret: it is stored
/// encrypted, and what is shown is [`Iban::masked`].
#[derive(Clone, PartialEq, Eq)]
pub struct Iban(iban::Iban);

impl Iban {
    /// Reads a number, with or without spaces.
    pub fn parse(text: &str) -> Result<Self> {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let wrong = |_| Refusal::invalid("/iban", "wrong_format", "not an IBAN, or a digit of it is wrong");
        compact.parse().map(Self).map_err(wrong)
    }

    /// The number, without spaces.
    pub fn reveal(&self) -> &str {
        self.0.electronic_str()
    }

    /// Enough to recognise one's own: `SI56 **** 1234`.
    pub fn masked(&self) -> String {
        let number = self.reveal();
        let (first, last) = (number.get(..4), number.get(number.len().saturating_sub(4)..));
        format!("{} **** {}", first.unwrap_or_default(), last.unwrap_or_default())
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Organisation {
    /// An owner names the account on which the organisation is paid, or none any more. The event does not tell it.
    pub fn change_iban(&self, actor: &Actor, iban: Option<&str>) -> Result<(Option<Iban>, Event)> {
        self.require_owner(actor)?;
        let iban = iban.map(Iban::parse).transpose()?;
        let kind = "organisation.bank_account_changed";
        Ok((iban, Event::confidential(kind, Subject::Organisation(self.id), Some(self.id))))
    }
}
