//! What a listing says.

use crate::{
    Checks, Result,
    challenge::is_tag,
    cpv::CpvCode,
    organisation::{is_web_page, tags_in_lower_case},
};
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far a solution has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maturity {
    /// Nothing to try yet.
    Idea,
    /// It can be tried.
    Prototype,
    /// It was tried with real users.
    Piloted,
    /// Somebody uses it every day.
    InUse,
}

impl Maturity {
    /// Every step, from the first to the last.
    pub const ALL: [Self; 4] = [Self::Idea, Self::Prototype, Self::Piloted, Self::InUse];

    /// The name of the step.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idea => "idea",
            Self::Prototype => "prototype",
            Self::Piloted => "piloted",
            Self::InUse => "in_use",
        }
    }

    /// The step of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|maturity| maturity.as_str() == name)
    }
}

/// Who sees a listing in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// The people of verified organisations.
    Members,
}

impl Visibility {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Public, Self::Members];

    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Members => "members",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.as_str() == name)
    }
}

/// Somebody who has used the solution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Who; one line, 1 to 200 characters.
    pub customer: String,
    /// When it began, from 1990 to the current year.
    pub year: i32,
    /// What came of it; 1 to 2,000 characters.
    pub outcome: String,
    /// Where one can read of it, `http` or `https`; at most 200 characters.
    pub link: Option<String>,
}

/// What a listing says. A draft may leave any but the title empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolutionContent {
    /// One line, 1 to 200 characters.
    pub title: String,
    /// What it is about, for lists; at most 1,000 characters.
    pub summary: String,
    /// In Markdown; at most 20,000 characters.
    pub description: String,
    /// How far it has come.
    pub maturity: Maturity,
    /// Who sees it in the catalogue.
    pub visibility: Visibility,
    /// What is supplied, most important first; at most 20.
    pub cpv_codes: Vec<CpvCode>,
    /// Words to find it by, as challenges have them: lower case letters, digits and hyphens; at most 20.
    pub tags: Vec<String>,
    /// What the company can do with it, in lower case; at most 20, of at most 40 characters each.
    pub capabilities: Vec<String>,
    /// Who has used it; at most 20.
    pub references: Vec<Reference>,
    /// In which languages it can be used (ISO 639-1); at most 30.
    pub languages: Vec<String>,
    /// Its page on the web, `http` or `https`; at most 200 characters.
    pub website: Option<String>,
}

impl SolutionContent {
    /// The content as it is kept, if it holds to what even a draft must hold to.
    pub fn checked(mut self, now: DateTime<Utc>) -> Result<Self> {
        let mut checks = Checks::new();
        self.title = self.title.trim().to_owned();
        line(&mut checks, &self.title, 200, "/title");
        at_most(&mut checks, &self.summary, 1000, "/summary");
        at_most(&mut checks, &self.description, 20_000, "/description");
        self.check_finding(&mut checks);
        self.capabilities = tags_in_lower_case(&mut checks, &self.capabilities, "/capabilities");
        self.check_references(&mut checks, now.year());
        let page = self.website.as_deref().is_none_or(is_web_page);
        checks.require(page, "/website", "wrong_format", WEB_PAGE);
        checks.done()?;
        Ok(self)
    }

    /// What it must say before it comes into the catalogue.
    pub fn check_complete(&self) -> Result<()> {
        let mut checks = Checks::new();
        checks.text(&self.summary, 1000, "/summary");
        checks.text(&self.description, 20_000, "/description");
        let found = !self.cpv_codes.is_empty() || !self.tags.is_empty();
        checks.require(found, "/tags", "required", "name a tag or a CPV code, or nobody finds it");
        checks.done()
    }

    /// What it is found by.
    fn check_finding(&self, checks: &mut Checks) {
        count(checks, self.cpv_codes.len(), 20, "/cpvCodes");
        distinct(checks, &self.cpv_codes, "/cpvCodes");
        count(checks, self.tags.len(), 20, "/tags");
        distinct(checks, &self.tags, "/tags");
        for (i, tag) in self.tags.iter().enumerate() {
            let words = "1 to 40 lower case letters, digits and hyphens";
            checks.require(is_tag(tag), format!("/tags/{i}"), "wrong_format", words);
        }
        count(checks, self.languages.len(), 30, "/languages");
        distinct(checks, &self.languages, "/languages");
        for (i, language) in self.languages.iter().enumerate() {
            let sound = language.len() == 2 && language.bytes().all(|b| b.is_ascii_lowercase());
            let words = "two small letters (ISO 639-1)";
            checks.require(sound, format!("/languages/{i}"), "wrong_format", words);
        }
    }

    fn check_references(&self, checks: &mut Checks, this_year: i32) {
        count(checks, self.references.len(), 20, "/references");
        for (i, reference) in self.references.iter().enumerate() {
            let at = format!("/references/{i}");
            line(checks, &reference.customer, 200, &format!("{at}/customer"));
            let sound = (1990..=this_year).contains(&reference.year);
            checks.require(sound, format!("{at}/year"), "out_of_range", "from 1990 to the current year");
            checks.text(&reference.outcome, 2000, format!("{at}/outcome"));
            let page = reference.link.as_deref().is_none_or(is_web_page);
            checks.require(page, format!("{at}/link"), "wrong_format", WEB_PAGE);
        }
    }
}

const WEB_PAGE: &str = "an address that begins with https:// or http://, at most 200 characters";

fn line(checks: &mut Checks, text: &str, max: usize, pointer: &str) {
    checks.text(text, max, pointer);
    checks.require(!text.contains(char::is_control), pointer, "wrong_format", "one line of text");
}

fn at_most(checks: &mut Checks, text: &str, max: usize, pointer: &str) {
    checks.require(text.chars().count() <= max, pointer, "too_long", format!("at most {max} characters"));
}

fn count(checks: &mut Checks, there: usize, max: usize, pointer: &str) {
    checks.require(there <= max, pointer, "too_many", format!("at most {max}"));
}

fn distinct<T: Ord>(checks: &mut Checks, items: &[T], pointer: &str) {
    let mut seen = BTreeSet::new();
    for (i, item) in items.iter().enumerate() {
        checks.require(seen.insert(item), format!("{pointer}/{i}"), "duplicate", "named twice");
    }
}
