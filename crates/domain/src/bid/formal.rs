//! What an offer has to keep to beside solution, plan and price, and what is formally wrong with a bid once it is open.

use super::{Answer, Bid, BidStage, BidStatus, Declaration, Particulars, Reference};
use crate::{
    Challenge, Checks, FieldError,
    challenge::{
        AnswerKind, BID_VALIDITY_DAYS, Content, EligibilityCriterion, MOST_RESPONSE_SECTIONS, Ownership,
        ResponseSection,
    },
    organisation::is_web_page,
};
use chrono::Datelike;
use unicode_segmentation::UnicodeSegmentation;

/// The most words about an eligibility criterion.
const STATEMENT_WORDS: usize = 300;

/// The most problems of a bid that are listed: who seals alone can make as many as fit into an envelope.
const MOST_PROBLEMS: usize = 100;

/// The words of a text, as Unicode counts them (UAX #29): what has a letter or a digit in it.
pub fn words(text: &str) -> usize {
    text.unicode_words().count()
}

impl Bid {
    /// What is formally wrong with what was taken out of its envelopes: for whoever checks it. Pointers lead into the offer.
    /// Nothing before the opening, and nothing of the price before the prices are open.
    pub fn problems(&self, challenge: &Challenge) -> Vec<FieldError> {
        let mut checks = Checks::new();
        if matches!(self.status, BidStatus::Submitted | BidStatus::Withdrawn) {
            return Vec::new();
        }
        let unreadable = "the envelope holds nothing that can be read";
        match &self.quality {
            None => checks.require(false, "", "unreadable", unreadable),
            Some(quality) => {
                quality.note(self.stage, &mut checks);
                // An unpriced solution answers none of what only offers have to answer.
                if self.stage == BidStage::Offer {
                    quality.particulars.note(&challenge.content, &mut checks);
                }
            }
        }
        let counts = matches!(self.status, BidStatus::Admitted | BidStatus::Awarded | BidStatus::NotAwarded);
        match &self.price {
            None => checks.require(!counts || challenge.prices_opened_at.is_none(), "/price", "unreadable", unreadable),
            Some(price) => {
                let steps = self.quality.as_ref().map_or(0, |quality| quality.steps.len());
                price.note(challenge, steps, &mut checks);
            }
        }
        let mut problems = checks.into_errors();
        problems.truncate(MOST_PROBLEMS);
        problems
    }
}

impl Particulars {
    /// For how many days after the deadline the offer binds its company.
    pub fn binding_days(&self, content: &Content) -> i32 {
        let usual = super::USUAL_VALIDITY_DAYS.max(content.bid_validity_days.unwrap_or_default());
        self.validity_days.unwrap_or(usual)
    }

    /// Notes what does not fit the challenge, or is longer than it may be.
    pub(super) fn note(&self, content: &Content, checks: &mut Checks) {
        self.note_answers(&content.response_sections, checks);
        self.note_eligibility(&content.eligibility, checks);
        self.note_people(checks);
        let deadline = content.submission_deadline.map_or(i32::MAX, |at| at.with_timezone(&content.zone).year());
        count(checks, self.references.len(), 20, "/references");
        for (i, reference) in self.references.iter().enumerate() {
            reference.note(deadline, &format!("/references/{i}"), checks);
        }
        self.note_rights(content, checks);
        let days = self.binding_days(content);
        checks.require(BID_VALIDITY_DAYS.contains(&days), "/validityDays", "out_of_range", "from 30 to 365");
        let asked = content.bid_validity_days.unwrap_or_default();
        let detail = format!("the challenge asks for at least {asked} days");
        checks.require(days >= asked, "/validityDays", "too_short", detail);
        optional(checks, self.plan.as_deref(), 20_000, "/plan");
    }

    fn note_answers(&self, sections: &[ResponseSection], checks: &mut Checks) {
        count(checks, self.answers.len(), MOST_RESPONSE_SECTIONS, "/answers");
        for (i, answer) in self.answers.iter().take(MOST_RESPONSE_SECTIONS).enumerate() {
            let at = format!("/answers/{i}");
            let unique = self.answers[..i].iter().all(|other| other.section != answer.section);
            checks.require(unique, format!("{at}/section"), "duplicate", "is answered twice");
            match sections.iter().find(|section| section.id == answer.section) {
                Some(section) => answer.note(section, &at, checks),
                None => checks.require(false, format!("{at}/section"), "unknown", "the challenge asks no such thing"),
            }
        }
        for section in sections.iter().filter(|section| section.required) {
            let answered = self.answers.iter().any(|answer| answer.section == section.id);
            let detail = format!("no answer to \"{}\" ({})", section.title, section.id);
            checks.require(answered, "/answers", "answer_missing", detail);
        }
    }

    fn note_eligibility(&self, criteria: &[EligibilityCriterion], checks: &mut Checks) {
        count(checks, self.eligibility.len(), 20, "/eligibility");
        for (i, declaration) in self.eligibility.iter().take(20).enumerate() {
            let at = format!("/eligibility/{i}");
            let unique = self.eligibility[..i].iter().all(|other| other.criterion != declaration.criterion);
            checks.require(unique, format!("{at}/criterion"), "duplicate", "is declared twice");
            let known = criteria.iter().any(|criterion| criterion.id == declaration.criterion);
            checks.require(known, format!("{at}/criterion"), "unknown", "the challenge has no such criterion");
            declaration.note(&at, checks);
        }
        for criterion in criteria {
            let declared = self.eligibility.iter().any(|declaration| declaration.criterion == criterion.id);
            let detail = format!("nothing is declared about \"{}\" ({})", criterion.name, criterion.id);
            checks.require(declared, "/eligibility", "declaration_missing", detail);
        }
    }

    fn note_people(&self, checks: &mut Checks) {
        count(checks, self.team.len(), 30, "/team");
        for (i, member) in self.team.iter().enumerate() {
            let at = format!("/team/{i}");
            checks.text(&member.name, 100, format!("{at}/name"));
            checks.text(&member.role, 200, format!("{at}/role"));
            optional(checks, member.experience.as_deref(), 2000, format!("{at}/experience"));
            let days = member.days.is_none_or(|days| (1..=1000).contains(&days));
            checks.require(days, format!("{at}/days"), "out_of_range", "from 1 to 1000");
            let words = "nobody is named who did not agree to it";
            checks.require(member.consented, format!("{at}/consented"), "consent_missing", words);
        }
        count(checks, self.subcontractors.len(), 20, "/subcontractors");
        for (i, subcontractor) in self.subcontractors.iter().enumerate() {
            checks.text(&subcontractor.name, 200, format!("/subcontractors/{i}/name"));
            checks.text(&subcontractor.part, 1000, format!("/subcontractors/{i}/part"));
        }
    }

    fn note_rights(&self, content: &Content, checks: &mut Checks) {
        let asked = content.intellectual_property.as_ref().map(|property| property.ownership);
        let at = "/intellectualProperty";
        let Some(offered) = &self.intellectual_property else {
            let needed = asked == Some(Ownership::BiddersChoice);
            return checks.require(!needed, at, "required", "say to whom the results would belong");
        };
        optional(checks, offered.licence.as_deref(), 2000, format!("{at}/licence"));
        let ownership = format!("{at}/ownership");
        let chosen = offered.ownership != Ownership::BiddersChoice;
        checks.require(chosen, ownership.clone(), "undecided", "say to whom they would belong");
        let fits = asked.is_none_or(|asked| asked == Ownership::BiddersChoice || asked == offered.ownership);
        checks.require(fits, ownership, "not_as_asked", "the challenge says to whom the results belong");
    }
}

impl Answer {
    fn note(&self, section: &ResponseSection, at: &str, checks: &mut Checks) {
        let not_allowed = |checks: &mut Checks, given: bool, name: &str, words: &str| {
            checks.require(!given, format!("{at}/{name}"), "not_allowed", words);
        };
        match section.kind {
            AnswerKind::Text => {
                let text = self.text.as_deref().unwrap_or_default();
                checks.text(text, 60_000, format!("{at}/text"));
                let most = section.max_words.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
                let there = words(text);
                let detail = format!("{there} words, and at most {most} are asked for");
                checks.require(there <= most, format!("{at}/text"), "too_many_words", detail);
                not_allowed(checks, self.yes.is_some(), "yes", "is answered in words");
                not_allowed(checks, self.comment.is_some(), "comment", "is answered in words");
            }
            AnswerKind::YesNo => {
                checks.require(self.yes.is_some(), format!("{at}/yes"), "required", "is answered with yes or no");
                optional(checks, self.comment.as_deref(), 2000, format!("{at}/comment"));
                not_allowed(checks, self.text.is_some(), "text", "is answered with yes or no, and a comment");
            }
        }
    }
}

impl Declaration {
    fn note(&self, at: &str, checks: &mut Checks) {
        let (statement, at) = (self.statement.as_deref(), format!("{at}/statement"));
        optional(checks, statement, 5000, at.clone());
        let within = words(statement.unwrap_or_default()) <= STATEMENT_WORDS;
        checks.require(within, at, "too_many_words", format!("at most {STATEMENT_WORDS} words"));
    }
}

impl Reference {
    fn note(&self, last_year: i32, at: &str, checks: &mut Checks) {
        checks.text(&self.title, 200, format!("{at}/title"));
        checks.text(&self.client, 200, format!("{at}/client"));
        let year = (1990..=last_year).contains(&self.year);
        checks.require(year, format!("{at}/year"), "out_of_range", "from 1990 to the year of the deadline");
        checks.text(&self.description, 2000, format!("{at}/description"));
        let page = self.web_page.as_deref().is_none_or(is_web_page);
        let words = "an address that begins with https:// or http://, at most 200 characters";
        checks.require(page, format!("{at}/webPage"), "wrong_format", words);
        optional(checks, self.contact.as_deref(), 200, format!("{at}/contact"));
    }
}

fn optional(checks: &mut Checks, text: Option<&str>, most: usize, pointer: impl Into<String>) {
    let within = text.is_none_or(|text| text.chars().count() <= most);
    checks.require(within, pointer, "too_long", format!("at most {most} characters"));
}

fn count(checks: &mut Checks, there: usize, most: usize, pointer: &str) {
    checks.require(there <= most, pointer, "too_many", format!("at most {most}"));
}
