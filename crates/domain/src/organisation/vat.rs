//! VAT identification numbers (Directive 2006/112/EC, art. 215).

use vat_id_validator::{check_vat_by_country, remove_extra_chars};

/// A VAT number with its country in front, without spaces and signs; the check digits are right where the country's rule
/// is known. Whether anybody has the number is for the verification to find out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct VatNumber(String);

/// What is wrong with a VAT number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VatError {
    /// No number of the country that its first two letters name.
    #[error("a VAT number begins with its country, and has the form that this country uses")]
    WrongFormat,
    /// The form is right, but a digit must be wrong.
    #[error("the check digits are wrong")]
    WrongCheckDigits,
    /// A country whose numbers cannot be checked, and not the organisation's own.
    #[error("numbers of this country are taken from organisations of this country only")]
    OtherCountry,
}

impl VatError {
    /// The stable name of the problem.
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongFormat => "wrong_format",
            Self::WrongCheckDigits => "wrong_check_digits",
            Self::OtherCountry => "not_allowed",
        }
    }
}

impl VatNumber {
    /// Reads a number as people write it. A number of a country without a known rule is taken as it stands, if it is the
    /// organisation's own `country`.
    pub fn parse(text: &str, country: &str) -> Result<Self, VatError> {
        let number = remove_extra_chars(text);
        // Also keeps other alphabets' digits from the library, which counts on ASCII.
        let plain = (4..=16).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric());
        let prefix = number.get(..2).filter(|prefix| plain && prefix.bytes().all(|b| b.is_ascii_uppercase()));
        let prefix = prefix.ok_or(VatError::WrongFormat)?;
        let checked = check_vat_by_country(&number, prefix);
        match (checked.is_supported_country, checked.is_valid, checked.is_valid_format) {
            (true, true, _) => {}
            (true, false, _) if new_belgian(&number)? => {}
            (true, false, true) => return Err(VatError::WrongCheckDigits),
            (true, false, false) => return Err(VatError::WrongFormat),
            (false, ..) if prefix == country => {}
            (false, ..) => return Err(VatError::OtherCountry),
        }
        Ok(Self(number))
    }

    /// The number, with its country in front.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Belgian numbers that begin with 1, which the library does not know: the last two digits are 97 less the remainder of
/// the first eight by 97, as in those that begin with 0.
fn new_belgian(number: &str) -> Result<bool, VatError> {
    let Some(digits) = number.strip_prefix("BE1").filter(|rest| rest.len() == 9) else { return Ok(false) };
    let value: u64 = format!("1{digits}").parse().map_err(|_| VatError::WrongFormat)?;
    if 97 - value / 100 % 97 == value % 100 { Ok(true) } else { Err(VatError::WrongCheckDigits) }
}
