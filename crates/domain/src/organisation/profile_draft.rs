//! Changing the profile.

use super::{Address, Contact, Organisation, Profile, SizeClass, VatNumber, check_country, check_identity};
use crate::{
    Actor, Checks, Event, Result, Role, Subject,
    account::Email,
    cpv::{CpvCode, CpvEntry, WrittenCode},
};
use serde_json::json;
use std::collections::BTreeSet;
use url::Url;

/// A profile as an owner wrote it, not yet checked. See [`Profile`] for what is what.
#[derive(Debug, Clone, Default)]
pub struct ProfileDraft {
    /// The name in the register; 1 to 200 characters.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// The name it trades under.
    pub trading_name: Option<String>,
    /// Its number in the register.
    pub register_number: Option<String>,
    /// Its VAT number, with or without spaces.
    pub vat_number: Option<String>,
    /// Where it is.
    pub address: Option<Address>,
    /// How large it is.
    pub size_class: Option<SizeClass>,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// CPV codes, with or without check digits.
    pub cpv_codes: Vec<String>,
    /// Whom to turn to.
    pub contacts: Vec<ContactDraft>,
    /// Its page on the web.
    pub website: Option<String>,
}

/// A contact as an owner wrote it.
#[derive(Debug, Clone)]
pub struct ContactDraft {
    /// A person or an office.
    pub name: String,
    /// Where to write to.
    pub email: String,
    /// Where to call.
    pub phone: Option<String>,
    /// What for.
    pub purpose: String,
}

/// The fields by which others know who an organisation is: with them changed, it is not the one that was verified.
const IDENTITY: [&str; 4] = ["legalName", "country", "registerNumber", "vatNumber"];

/// The fields that only insiders see.
const NOT_PUBLIC: [&str; 1] = ["contacts"];

impl Organisation {
    /// An owner writes the profile anew, name and country included. A verification lapses when the organisation is not
    /// the one that was verified any more. `known` holds those codes of the draft that there are. Gives the new profile
    /// and what happened: nothing, if nothing is different.
    pub fn change_profile(
        &mut self,
        actor: &Actor,
        old: &Profile,
        draft: ProfileDraft,
        known: &[CpvEntry],
    ) -> Result<(Profile, Vec<Event>)> {
        actor.require(Role::Owner, self.id)?;
        let (legal_name, country) = (self.kept_name(&draft.legal_name), draft.country.clone());
        let new = draft.check(known)?;
        crate::text(&legal_name, 200, "/legalName")?;
        let changed = changes(&[
            ("legalName", self.legal_name != legal_name),
            ("country", self.country != country),
            ("tradingName", old.trading_name != new.trading_name),
            ("registerNumber", old.register_number != new.register_number),
            ("vatNumber", old.vat_number != new.vat_number),
            ("address", old.address != new.address),
            ("sizeClass", old.size_class != new.size_class),
            ("capabilities", old.capabilities != new.capabilities),
            ("cpvCodes", old.cpv_codes != new.cpv_codes),
            ("contacts", old.contacts != new.contacts),
            ("website", old.website != new.website),
        ]);
        (self.legal_name, self.country) = (legal_name, country);
        let mut events = Vec::from_iter(self.profile_event(&changed));
        events.extend(self.lapse(&changed));
        Ok((new, events))
    }

    fn profile_event(&self, changed: &[&str]) -> Option<Event> {
        let kind = "organisation.profile_changed";
        let public: Vec<_> = changed.iter().filter(|name| !NOT_PUBLIC.contains(name)).collect();
        let subject = Subject::Organisation(self.id);
        let event = if public.is_empty() || self.sandbox {
            Event::confidential(kind, subject, Some(self.id))
        } else {
            Event::public(kind, subject, Some(self.id), json!({ "legalName": self.legal_name, "changed": public }))
        };
        (!changed.is_empty()).then(|| event.with(json!({ "changed": changed })))
    }

    /// Agencies whose verification lapses go on with the challenges that they published; new ones wait for it.
    fn lapse(&mut self, changed: &[&str]) -> Option<Event> {
        let identity: Vec<_> = changed.iter().filter(|name| IDENTITY.contains(name)).collect();
        self.verified_at.take_if(|_| !identity.is_empty())?;
        let payload = json!({ "legalName": self.legal_name, "changed": identity });
        let subject = Subject::Organisation(self.id);
        Some(Event::public("organisation.verification_lapsed", subject, Some(self.id), payload))
    }
}

fn changes(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    fields.iter().filter(|(_, changed)| *changed).map(|(name, _)| *name).collect()
}

impl ProfileDraft {
    /// The profile, or everything that is wrong with it.
    fn check(self, known: &[CpvEntry]) -> Result<Profile> {
        let mut checks = Checks::new();
        check_identity(&mut checks, &self.legal_name, &self.country);
        let vat_number = self.vat_number.map(|text| VatNumber::parse(&text, &self.country));
        let vat_number = vat_number.and_then(|n| n.map_err(|e| refuse(&mut checks, "/vatNumber", e.code(), &e)).ok());
        self.address.iter().for_each(|address| check_address(&mut checks, address));
        let profile = Profile {
            trading_name: optional(&mut checks, self.trading_name, 200, "/tradingName"),
            register_number: optional(&mut checks, self.register_number, 50, "/registerNumber"),
            vat_number,
            address: self.address,
            size_class: self.size_class,
            capabilities: tags_in_lower_case(&mut checks, &self.capabilities, "/capabilities"),
            cpv_codes: cpv_codes(&mut checks, &self.cpv_codes, known),
            contacts: contacts(&mut checks, self.contacts),
            website: self.website.filter(|address| check_website(&mut checks, address)),
        };
        checks.done()?;
        Ok(profile)
    }
}

fn refuse(checks: &mut Checks, pointer: &str, code: &'static str, why: &impl std::fmt::Display) {
    checks.require(false, pointer, code, why.to_string());
}

fn optional(checks: &mut Checks, text: Option<String>, max: usize, pointer: &str) -> Option<String> {
    let text = text?;
    checks.text(&text, max, pointer);
    Some(text.trim().to_owned())
}

fn check_address(checks: &mut Checks, address: &Address) {
    checks.text(&address.street, 200, "/address/street");
    address.postal_code.iter().for_each(|code| checks.text(code, 20, "/address/postalCode"));
    checks.text(&address.town, 100, "/address/town");
    check_country(checks, &address.country, "/address/country");
}

/// Tags in lower case, so that the same word is the same tag; at most 20, of at most 40 characters each.
pub(crate) fn tags_in_lower_case(checks: &mut Checks, written: &[String], pointer: &str) -> Vec<String> {
    checks.require(written.len() <= 20, pointer, "too_many", "at most 20");
    let mut tags = Vec::new();
    for (i, text) in written.iter().enumerate() {
        let (tag, pointer) = (text.trim().to_lowercase(), format!("{pointer}/{i}"));
        checks.text(&tag, 40, pointer.clone());
        checks.require(!tag.contains(char::is_control), pointer.clone(), "wrong_format", "one line of text");
        checks.require(!tags.contains(&tag), pointer, "duplicate", "named twice");
        tags.push(tag);
    }
    tags
}

fn cpv_codes(checks: &mut Checks, written: &[String], known: &[CpvEntry]) -> Vec<CpvCode> {
    checks.require(written.len() <= 30, "/cpvCodes", "too_many", "at most 30");
    let mut seen = BTreeSet::new();
    let mut codes = Vec::new();
    for (i, text) in written.iter().enumerate() {
        let pointer = format!("/cpvCodes/{i}");
        match WrittenCode::parse(text).and_then(|code| code.check(known)) {
            Ok(code) => {
                checks.require(seen.insert(code.clone()), pointer, "duplicate", "named twice");
                codes.push(code);
            }
            Err(error) => refuse(checks, &pointer, error.code(), &error),
        }
    }
    codes
}

fn contacts(checks: &mut Checks, drafts: Vec<ContactDraft>) -> Vec<Contact> {
    checks.require(drafts.len() <= 10, "/contacts", "too_many", "at most 10");
    let read = |(i, draft)| contact(checks, draft, &format!("/contacts/{i}"));
    drafts.into_iter().enumerate().filter_map(read).collect()
}

fn contact(checks: &mut Checks, draft: ContactDraft, at: &str) -> Option<Contact> {
    let ContactDraft { name, email, phone, purpose } = draft;
    checks.text(&name, 100, format!("{at}/name"));
    checks.text(&purpose, 100, format!("{at}/purpose"));
    let digits = |phone: &str| phone.chars().filter(char::is_ascii_digit).count();
    let callable = phone.as_deref().is_none_or(|phone| {
        let numeric = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == ' ');
        phone.strip_prefix('+').is_some_and(numeric) && (7..=15).contains(&digits(phone)) && phone.len() <= 30
    });
    let detail = "+, the country's code and the number, 7 to 15 digits (ITU-T E.164)";
    checks.require(callable, format!("{at}/phone"), "wrong_format", detail);
    let email =
        checks.take(Email::parse(&email).map_err(|_| "not an e-mail address"), format!("{at}/email"), "wrong_format");
    Some(Contact { name: name.trim().to_owned(), email: email?, phone, purpose: purpose.trim().to_owned() })
}

fn check_website(checks: &mut Checks, address: &str) -> bool {
    let sound = is_web_page(address);
    checks.require(sound, "/website", "wrong_format", "an address that begins with https:// or http://");
    sound
}

/// Whether this is a link that readers can follow: to a page, not to a script, with no name and password in it, and at most
/// 200 characters long.
pub(crate) fn is_web_page(address: &str) -> bool {
    let plain = |url: Url| {
        ["http", "https"].contains(&url.scheme())
            && url.host_str().is_some_and(|host| host.contains('.'))
            && url.username().is_empty()
            && url.password().is_none()
    };
    address.len() <= 200 && Url::parse(address).is_ok_and(plain)
}
