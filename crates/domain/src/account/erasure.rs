//! Erasing a person, and keeping the record of decisions.

use super::Email;
use crate::{ChallengeStatus, Event, Refusal, Result, Subject, UserId};

/// The name that the record shows of somebody who was erased.
pub const ERASED_NAME: &str = "Erased person";

/// What still needs the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ties {
    /// The organisations of which nobody else is an owner, by name.
    pub last_owner_of: Vec<String>,
    /// The challenges on whose panel or opening committee the person is named, by reference, while that is at work.
    pub needed_for: Vec<String>,
    /// Whether nobody else runs the platform.
    pub last_administrator: bool,
}

impl Ties {
    /// Whether panel and opening committee of a challenge are still at work.
    pub fn panel_is_needed(status: ChallengeStatus) -> bool {
        use ChallengeStatus as S;
        match status {
            S::Draft
            | S::InReview
            | S::ChangesRequested
            | S::Approved
            | S::Published
            | S::Suspended
            | S::Closed
            | S::Opened
            | S::Evaluating => true,
            S::Awarded | S::Piloting | S::Completed | S::Cancelled | S::ClosedWithoutAward => false,
        }
    }

    /// In words, the one after the other.
    fn words(&self) -> Vec<String> {
        let owner = self.last_owner_of.iter().map(|name| format!("you are the last owner of {name}"));
        let needed = self.needed_for.iter().map(|reference| format!("you are named for the challenge {reference}"));
        let administrator = self.last_administrator.then(|| "you are the last administrator".to_owned());
        owner.chain(needed).chain(administrator).collect()
    }
}

/// Erases a person, who types their own address to confirm (GDPR, art. 17): name and address go, and whatever serves to
/// come in; what the person decided stays on record under an id that leads nowhere (art. 17(3)(b)).
///
/// # Errors
/// If the address is not the person's own, or while something still needs the person.
pub fn erase(user: UserId, email: &Email, typed: &str, ties: &Ties) -> Result<Event> {
    if typed.trim().to_lowercase() != email.as_str() {
        return Err(Refusal::invalid("/confirm", "wrong", "type your own e-mail address"));
    }
    let words = ties.words();
    if !words.is_empty() {
        return Err(Refusal::ErasureBlocked(words.join("; ")));
    }
    Ok(Event::confidential("user.erased", Subject::User(user), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_types_the_own_address() {
        let (user, email) = (UserId(uuid::Uuid::from_u128(1)), Email::parse("ana@people.example").unwrap());
        let event = erase(user, &email, " Ana@People.example ", &Ties::default()).unwrap();
        assert_eq!((event.kind, event.public), ("user.erased", None));
        assert!(matches!(erase(user, &email, "eva@people.example", &Ties::default()), Err(Refusal::Invalid(_))));
    }

    #[test]
    fn whatever_still_needs_the_person_is_listed() {
        let (user, email) = (UserId(uuid::Uuid::from_u128(1)), Email::parse("ana@people.example").unwrap());
        let ties =
            Ties { last_owner_of: vec!["North".into()], needed_for: vec!["PRV-1".into()], last_administrator: true };
        let Err(Refusal::ErasureBlocked(words)) = erase(user, &email, email.as_str(), &ties) else { panic!() };
        assert_eq!(
            words,
            "you are the last owner of North; you are named for the challenge PRV-1; you are the last administrator"
        );
        for ties in [
            Ties { last_owner_of: vec!["North".into()], ..Ties::default() },
            Ties { needed_for: vec!["PRV-1".into()], ..Ties::default() },
            Ties { last_administrator: true, ..Ties::default() },
        ] {
            assert!(matches!(erase(user, &email, email.as_str(), &ties), Err(Refusal::ErasureBlocked(_))));
        }
    }

    #[test]
    fn a_panel_is_needed_until_the_award() {
        let needed = ChallengeStatus::ALL.iter().filter(|status| Ties::panel_is_needed(**status)).count();
        assert_eq!(needed, 9);
        assert!(Ties::panel_is_needed(ChallengeStatus::Evaluating) && !Ties::panel_is_needed(ChallengeStatus::Awarded));
    }
}
