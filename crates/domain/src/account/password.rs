//! What makes an acceptable password.

use crate::{Checks, Result};
use zxcvbn::{Score, zxcvbn};

/// What is stored instead of a hash for whoever cannot log in with a password: no password belongs to it.
pub const NO_PASSWORD: &str = "!";

/// Refuses a password that is too short, too long or too easily guessed by somebody who knows `about` the person: name,
/// address, organisations.
///
/// Follows NIST SP 800-63B, 5.1.1.2: 12 to 128 characters of any kind, no rule of composition, compared with lists of
/// common passwords and words (those of zxcvbn, whose score must be 3 of 4: more than 10^8 guesses).
///
/// # Errors
/// The problems of `/password`, with advice in words.
pub fn check_password(password: &str, about: &[&str]) -> Result<()> {
    let mut checks = Checks::new();
    note(&mut checks, password, about);
    checks.done()
}

/// As [`check_password`], beside other fields.
pub(super) fn note(checks: &mut Checks, password: &str, about: &[&str]) {
    let (length, found) = (password.chars().count(), checks.len());
    checks.require(length >= 12, "/password", "too_short", "at least 12 characters");
    checks.require(length <= 128, "/password", "too_long", "at most 128 characters");
    if checks.len() > found {
        return;
    }
    let judged = zxcvbn(password, &words(about));
    let advice = judged.feedback().map(ToString::to_string).unwrap_or_default();
    let weak = format!("too easy to guess. {advice}");
    checks.require(judged.score() >= Score::Three, "/password", "too_weak", weak.trim_end());
}

/// The texts and the words in them of at least three letters: whoever guesses combines them.
fn words<'a>(about: &[&'a str]) -> Vec<&'a str> {
    let parts = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    about.iter().map(|text| text.trim()).chain(parts.filter(|word| word.chars().count() >= 3)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refusal;

    const ABOUT: [&str; 3] = ["Ana Kos", "ana.kos@dispatch.example", "Ljubljana Emergency Dispatch"];

    fn codes(password: &str) -> Vec<&'static str> {
        match check_password(password, &ABOUT) {
            Ok(()) => Vec::new(),
            Err(Refusal::Invalid(errors)) => errors.iter().map(|error| error.code).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn length_has_two_ends() {
        assert_eq!(codes("g7#kQ9!xW2z"), ["too_short"]);
        assert_eq!(codes("g7#kQ9!xW2zä"), [""; 0]);
        let long: String = "seven quiet otters ".chars().cycle().take(128).collect();
        assert_eq!(codes(&long), [""; 0]);
        assert_eq!(codes(&format!("{long}x")), ["too_long"]);
    }

    #[test]
    fn what_is_common_or_personal_is_too_weak() {
        let common = ["password1234", "123456789012", "qwertyuiop12", "aaaaaaaaaaaa", "iloveyou1234", "letmein12345"];
        let personal = ["Ana.Kos@Dispatch.example", "ljubljana Emergency DISPATCH"];
        for weak in common.into_iter().chain(personal) {
            assert_eq!(codes(weak), ["too_weak"], "{weak}");
        }
        for fine in ["seven quiet otters", "correct horse battery", "g7#kQ9!xW2z-"] {
            assert_eq!(codes(fine), [""; 0], "{fine}");
        }
        assert!(check_password("ljubljana emergency dispatch", &[]).is_ok(), "it is weak for this person only");
    }

    #[test]
    fn what_is_known_of_a_person_is_known_word_by_word_from_three_letters_on() {
        assert_eq!(
            words(&[" Ana Kos-Li ", "a@kos.example"]),
            ["Ana Kos-Li", "a@kos.example", "Ana", "Kos", "kos", "example"]
        );
    }

    #[test]
    fn a_refusal_comes_with_advice() {
        let Err(Refusal::Invalid(errors)) = check_password("password1234", &[]) else { panic!() };
        assert!(errors[0].detail.contains("common password"), "{}", errors[0].detail);
    }
}
