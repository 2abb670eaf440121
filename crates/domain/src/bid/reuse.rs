//! Saying again what an earlier bid of the company said.

use super::{BidStage, Particulars, PriceOffer, QualityOffer};
use crate::{Challenge, CriterionId, FieldError, ResponseSectionId, challenge::Content};

/// What a new bid can take over from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reused {
    /// Everything but the price.
    pub quality: QualityOffer,
    /// The price, if it could be read and is for the same challenge.
    pub price: Option<PriceOffer>,
    /// What was not taken over, and why; with pointers into the earlier offer.
    pub left_out: Vec<FieldError>,
}

impl Reused {
    /// From a bid of this stage on the challenge `from` for one on `to`. On the same challenge everything is taken. On another
    /// one, answers and declarations are taken if it asks the same, in the same words and way. People are taken, too, but have
    /// agreed to be named in the earlier bid only. Documents are kept for one challenge, and a price belongs to its pilot. If
    /// `from` changed since the bid was made or confirmed
    /// (`confirmed`), what it declared may be about something else, and is to be declared again.
    pub fn of(
        mut quality: QualityOffer,
        price: Option<PriceOffer>,
        (stage, from): (BidStage, &Challenge),
        confirmed: bool,
        to: &Challenge,
    ) -> Self {
        let mut left_out = Vec::new();
        let note = |pointer: String, code, detail: &str| FieldError { pointer, code, detail: detail.to_owned() };
        if !confirmed {
            let declared = 0..std::mem::take(&mut quality.particulars.eligibility).len();
            let detail = "the challenge changed since this was declared";
            left_out.extend(declared.map(|i| note(format!("/eligibility/{i}"), "challenge_changed", detail)));
        }
        if from.id == to.id {
            let missing = match stage {
                BidStage::Offer => ("sealed", "is still sealed, and its key was not given"),
                BidStage::Solution => ("unpriced", "a solution has none"),
            };
            left_out.extend(price.is_none().then(|| note("/price".to_owned(), missing.0, missing.1)));
            return Self { quality, price, left_out };
        }
        let unasked = quality.particulars.fit(&from.content, &to.content);
        let detail = "the challenge does not ask this, or not in the same words";
        left_out.extend(unasked.into_iter().map(|pointer| note(pointer, "not_asked", detail)));
        let documents = 0..std::mem::take(&mut quality.particulars.documents).len();
        let detail = "a document is kept for one challenge: hand it in again";
        left_out.extend(documents.map(|i| note(format!("/documents/{i}"), "other_challenge", detail)));
        left_out.push(note("/price".to_owned(), "other_challenge", "a price is for one pilot"));
        Self { quality, price: None, left_out }
    }
}

impl Particulars {
    /// Makes it fit another challenge; gives pointers to what does not.
    fn fit(&mut self, from: &Content, to: &Content) -> Vec<String> {
        let mut unasked = Vec::new();
        keep(&mut self.answers, "/answers", &mut unasked, |answer| {
            section_like(answer.section, from, to).map(|same| answer.section = same)
        });
        keep(&mut self.eligibility, "/eligibility", &mut unasked, |declaration| {
            criterion_like(declaration.criterion, from, to).map(|same| declaration.criterion = same)
        });
        for member in &mut self.team {
            member.consented = false;
        }
        unasked
    }
}

/// Keeps those that `fit` can change so that they do; notes where the others were.
fn keep<T>(items: &mut Vec<T>, at: &str, unasked: &mut Vec<String>, mut fit: impl FnMut(&mut T) -> Option<()>) {
    let mut place = 0..;
    items.retain_mut(|item| {
        let (place, fits) = (place.next().unwrap_or(0), fit(item).is_some());
        if !fits {
            unasked.push(format!("{at}/{place}"));
        }
        fits
    });
}

fn section_like(id: ResponseSectionId, from: &Content, to: &Content) -> Option<ResponseSectionId> {
    let asked = from.response_sections.iter().find(|section| section.id == id)?;
    let same = to.response_sections.iter().find(|other| {
        other.kind == asked.kind
            && same_words(&other.title, &asked.title)
            && same_words(&other.guidance, &asked.guidance)
    });
    same.map(|section| section.id)
}

fn criterion_like(id: CriterionId, from: &Content, to: &Content) -> Option<CriterionId> {
    let asked = from.eligibility.iter().find(|criterion| criterion.id == id)?;
    let same = to.eligibility.iter().find(|other| {
        other.kind == asked.kind
            && same_words(&other.name, &asked.name)
            && same_words(&other.description, &asked.description)
    });
    same.map(|criterion| criterion.id)
}

/// Whether two texts differ in blanks and in upper and lower case only.
pub(crate) fn same_words(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    plain(one) == plain(other)
}
