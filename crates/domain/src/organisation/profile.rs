//! What an organisation tells about itself: once, used everywhere.

use super::VatNumber;
use crate::{account::Email, cpv::CpvCode};

/// What an organisation tells about itself beside its name and country. Stored as this document: a renamed field needs a
/// migration.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The name it trades under, if that is another one; at most 200 characters.
    pub trading_name: Option<String>,
    /// Its number in the register of its country; at most 50 characters.
    pub register_number: Option<String>,
    /// Its VAT number.
    pub vat_number: Option<VatNumber>,
    /// Where it is.
    pub address: Option<Address>,
    /// How large it is.
    pub size_class: Option<SizeClass>,
    /// What it can do, in short tags of lower case; at most 20, of at most 40 characters each.
    pub capabilities: Vec<String>,
    /// What it supplies or buys; at most 30.
    pub cpv_codes: Vec<CpvCode>,
    /// Whom to turn to; at most 10. Not public.
    pub contacts: Vec<Contact>,
    /// Its page on the web, `http` or `https`; at most 200 characters.
    pub website: Option<String>,
}

/// A postal address, in parts: banks take it in no other form.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Address {
    /// Street and number, or what is in their place; at most 200 characters.
    pub street: String,
    /// Postal code, where there are some; at most 20 characters.
    pub postal_code: Option<String>,
    /// Town; at most 100 characters.
    pub town: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// Whom to turn to about something.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Contact {
    /// A person or an office; at most 100 characters.
    pub name: String,
    /// Where to write to.
    pub email: Email,
    /// Where to call, in international form (ITU-T E.164).
    pub phone: Option<String>,
    /// What for; at most 100 characters.
    pub purpose: String,
}

/// The size of an enterprise, as it declares it (Recommendation 2003/361/EC, annex, art. 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeClass {
    /// Fewer than 10 people, and at most EUR 2 million of turnover or balance sheet.
    Micro,
    /// Fewer than 50 people, and at most EUR 10 million of turnover or balance sheet.
    Small,
    /// Fewer than 250 people, and at most EUR 50 million of turnover or EUR 43 million of balance sheet.
    Medium,
    /// All others.
    Large,
}

impl SizeClass {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Micro, Self::Small, Self::Medium, Self::Large];

    /// The name of the class.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Micro => "micro",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}
