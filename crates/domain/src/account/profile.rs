//! What a person says about themselves.

use super::check_name;
use crate::{Checks, Event, Result, Subject, UserId};
use chrono_tz::Tz;
use serde_json::json;

/// A language of the portal and of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
    /// Dutch.
    Nl,
    /// German.
    De,
    /// Portuguese.
    Pt,
    /// Slovenian.
    Sl,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::En, Self::Fr, Self::Nl, Self::De, Self::Pt, Self::Sl];

    /// The code of the language (ISO 639-1).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Nl => "nl",
            Self::De => "de",
            Self::Pt => "pt",
            Self::Sl => "sl",
        }
    }

    /// The language with that code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == code)
    }
}

/// What a person says about themselves, and may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The person.
    pub user: UserId,
    /// The name shown to colleagues; 1 to 100 characters.
    pub name: String,
    /// The language the person reads best.
    pub language: Language,
    /// Where the person's clock is: mails tell times in it.
    pub time_zone: Tz,
    /// Grows with each change.
    pub version: i32,
}

/// What is to be changed; the rest stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// Another name.
    pub name: Option<String>,
    /// Another language.
    pub language: Option<Language>,
    /// Another time zone, by its name in the IANA database.
    pub time_zone: Option<String>,
}

impl Profile {
    /// Changes what is to be changed. The event says which fields, not what they say.
    ///
    /// # Errors
    /// Every wrong field; nothing is changed then.
    pub fn change(&mut self, change: ProfileChange) -> Result<Event> {
        let mut checks = Checks::new();
        if let Some(name) = &change.name {
            check_name(&mut checks, name);
        }
        let zone = change.time_zone.as_deref().map(str::parse::<Tz>);
        checks.require(!matches!(zone, Some(Err(_))), "/timeZone", "unknown", "not a time zone of the IANA database");
        checks.done()?;
        let fields = [
            ("name", change.name.is_some()),
            ("language", change.language.is_some()),
            ("timeZone", change.time_zone.is_some()),
        ];
        if let Some(name) = change.name {
            self.name = name.trim().to_owned();
        }
        self.language = change.language.unwrap_or(self.language);
        self.time_zone = zone.and_then(std::result::Result::ok).unwrap_or(self.time_zone);
        let changed: Vec<_> = fields.into_iter().filter(|(_, given)| *given).map(|(field, _)| field).collect();
        Ok(Event::confidential("user.profile_changed", Subject::User(self.user), None)
            .with(json!({ "fields": changed })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refusal;

    fn profile() -> Profile {
        let user = UserId(uuid::Uuid::from_u128(1));
        Profile { user, name: "Ana Kos".into(), language: Language::En, time_zone: Tz::UTC, version: 1 }
    }

    #[test]
    fn only_what_is_given_changes_and_the_event_names_the_fields_alone() {
        let mut ana = profile();
        let change = ProfileChange { time_zone: Some("Europe/Ljubljana".into()), ..ProfileChange::default() };
        let event = ana.change(change).unwrap();
        assert_eq!(ana, Profile { time_zone: Tz::Europe__Ljubljana, ..profile() });
        assert_eq!(event.confidential, json!({ "fields": ["timeZone"] }));
        let change = ProfileChange { name: Some(" Ana Novak ".into()), language: Some(Language::Sl), time_zone: None };
        let event = ana.change(change).unwrap();
        assert_eq!((ana.name.as_str(), ana.language), ("Ana Novak", Language::Sl));
        assert_eq!(event.confidential, json!({ "fields": ["name", "language"] }));
        assert_eq!(event.public, None);
    }

    #[test]
    fn every_wrong_field_is_listed_and_nothing_changes() {
        let mut ana = profile();
        let change = ProfileChange { name: Some("\n".into()), language: None, time_zone: Some("Mars/Olympus".into()) };
        let Err(Refusal::Invalid(errors)) = ana.change(change) else { panic!() };
        let seen: Vec<_> = errors.iter().map(|e| (e.pointer.as_str(), e.code)).collect();
        assert_eq!(seen, [("/name", "required"), ("/name", "wrong_format"), ("/timeZone", "unknown")]);
        assert_eq!(ana, profile());
    }

    #[test]
    fn languages_have_codes() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.as_str()), Some(language));
        }
        assert_eq!(Language::parse("xx"), None);
    }
}
