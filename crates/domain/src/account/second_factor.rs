//! One-time codes (RFC 6238), and the recovery codes that take their place once each.

use super::Email;
use chrono::{DateTime, Utc};
use totp_rs::{Algorithm, Secret, TOTP, TotpUrlError};

/// The length of a secret in bytes: 160 bits (RFC 4226, 4, requirement 6).
pub const SECRET_BYTES: usize = 20;

/// How many recovery codes somebody gets at once.
pub const RECOVERY_CODES: usize = 10;

/// The random bytes in a recovery code: 80 bits, too many to try even for whoever has the stored hashes.
pub const RECOVERY_CODE_BYTES: usize = 10;

/// The length of a time step in seconds (RFC 6238, 4.1).
const STEP: u64 = 30;

/// Digits and letters that nobody confuses (Crockford's base 32, in lower case).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What somebody sends beside a password, or instead of one.
#[derive(Clone, PartialEq, Eq)]
pub enum Code {
    /// The six digits that the app shows.
    OneTime(String),
    /// One of the recovery codes.
    Recovery(String),
}

/// How an account is protected beside its password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecondFactor {
    /// The secret, sealed; there is one from enrolment on.
    pub sealed_secret: Option<String>,
    /// Since when log-ins take a code; a first correct one begins it.
    pub enabled_at: Option<DateTime<Utc>>,
    /// The last time step whose code was used.
    pub last_step: Option<i64>,
}

/// A secret that the person's app and the program share.
pub struct TotpSecret(TOTP);

impl TotpSecret {
    /// Of [`SECRET_BYTES`] random bytes.
    ///
    /// # Errors
    /// If the bytes are fewer than 16.
    pub fn new(bytes: Vec<u8>) -> Result<Self, TotpUrlError> {
        Ok(Self(TOTP::new(Algorithm::SHA1, 6, 0, STEP, bytes)?))
    }

    /// The secret that was written down as base 32; nothing if it is none.
    pub fn parse(base32: &str) -> Option<Self> {
        Self::new(Secret::Encoded(base32.to_owned()).to_bytes().ok()?).ok()
    }

    /// The secret in base 32 (RFC 4648, 6), as people type it into their app.
    pub fn base32(&self) -> String {
        self.0.get_secret_base32()
    }

    /// What a QR code for an app holds: the secret with the name of the account.
    pub fn uri(&self, account: &Email) -> String {
        let label = account.as_str().bytes().fold(String::new(), |label, byte| label + &percent(byte));
        format!("otpauth://totp/Provoco:{label}?secret={}&issuer=Provoco", self.base32())
    }

    /// The code of an instant: for tests, and for whoever writes an app.
    pub fn code(&self, at: DateTime<Utc>) -> String {
        self.0.generate(seconds(at))
    }

    /// The time step whose code this is: that of `now`, or one step off for clocks that differ (RFC 6238, 5.2). A code
    /// of the step `last` or of one before it was used already, or is overtaken, and does not count.
    pub fn step_of(&self, code: &str, now: DateTime<Utc>, last: Option<i64>) -> Option<i64> {
        let current = seconds(now) / STEP;
        let near = [current.saturating_sub(1), current, current.saturating_add(1)];
        let found = near.into_iter().find(|step| self.0.check(code, step.saturating_mul(STEP)));
        found.and_then(|step| i64::try_from(step).ok()).filter(|step| last.is_none_or(|last| last < *step))
    }
}

/// A recovery code, as it is shown.
pub fn recovery_code(random: [u8; RECOVERY_CODE_BYTES]) -> String {
    let number = random.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let letter = |n: u32| LETTERS[usize::try_from(number >> (5 * n) & 31).unwrap_or(0)];
    let mut code = String::new();
    for n in 0..16 {
        if n > 0 && n % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(letter(n)));
    }
    code
}

/// A recovery code as typed, without what people add or leave out.
pub fn plain_recovery_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

fn seconds(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn secret() -> TotpSecret {
        TotpSecret::new(b"12345678901234567890".to_vec()).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of eight digits.
        let vectors =
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")];
        for (time, code) in vectors {
            assert_eq!(secret().code(at(time)), code);
            assert_eq!(secret().step_of(code, at(time), None), Some(time / 30));
        }
    }

    #[test]
    fn a_code_counts_one_step_around_its_own_and_once() {
        let (secret, now) = (secret(), at(1_800_000_000));
        let step = 1_800_000_000 / 30;
        for (off, counts) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = secret.code(at((step + off) * 30));
            assert_eq!(secret.step_of(&code, now, None), counts.then_some(step + off), "{off}");
        }
        let code = secret.code(now);
        assert_eq!(secret.step_of(&code, now, Some(step - 1)), Some(step));
        assert_eq!(secret.step_of(&code, now, Some(step)), None);
        assert_eq!(secret.step_of(&secret.code(at((step - 1) * 30)), now, Some(step)), None);
        for wrong in ["", "000000", "12345", "1234567", "abcdef", "½½½½½½"] {
            assert_eq!(secret.step_of(wrong, now, None), None, "{wrong}");
        }
    }

    #[test]
    fn the_uri_says_whose_secret_it_is() {
        let email = Email::parse("ana+x@dispatch.example").unwrap();
        let expected =
            "otpauth://totp/Provoco:ana%2Bx%40dispatch.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Provoco";
        assert_eq!(secret().uri(&email), expected);
        assert_eq!(TotpSecret::parse(&secret().base32()).unwrap().code(at(59)), "287082");
        assert!(TotpSecret::parse("not base 32").is_none() && TotpSecret::parse("GEZDGNBV").is_none());
    }

    #[test]
    fn a_recovery_code_holds_all_its_bits_and_is_read_however_it_is_typed() {
        assert_eq!(recovery_code([0; 10]), "0000-0000-0000-0000");
        assert_eq!(recovery_code([255; 10]), "zzzz-zzzz-zzzz-zzzz");
        assert_eq!(recovery_code([0, 0, 0, 0, 0, 0, 0, 0, 0, 33]), "1100-0000-0000-0000");
        assert_eq!(plain_recovery_code(" ZZZZ zzzz-0000‑1111 "), "zzzzzzzz00001111");
    }
}
