//! The texts of a challenge in other languages than the one it is written in.
//!
//! A translation remembers which text it translates: once that changes it is outdated, shown to nobody, and listed for
//! the author.

use super::Content;
use crate::account::Language;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Where the confidential details are.
pub(super) const CONFIDENTIAL_DETAILS: &str = "/confidentiality/details";

/// By language, and there by the JSON Pointer of the text in the API's document; criteria and response sections are named by their ids, since
/// their order may change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Translations(pub BTreeMap<Language, BTreeMap<String, Translation>>);

/// One text in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// The text; at most twice as long as the original may be.
    pub text: String,
    /// SHA-256 of the original when it was translated, in hexadecimal.
    original: String,
}

/// A text that can be translated.
struct Text<'a> {
    pointer: String,
    /// The most characters it may have.
    limit: usize,
    text: &'a mut String,
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Translations {
    /// Forgets the translations of one text.
    pub(super) fn forget(&mut self, pointer: &str) {
        for texts in self.0.values_mut() {
            texts.remove(pointer);
        }
    }
}

impl Content {
    /// Keeps the text at `pointer` in another language, or forgets it if it is empty.
    ///
    /// # Errors
    /// What is wrong, in words: no text to translate is there, or the translation is too long.
    pub fn translate(&mut self, language: Language, pointer: &str, text: &str) -> Result<(), String> {
        if text.trim().is_empty() {
            if let Some(texts) = self.translations.0.get_mut(&language) {
                texts.remove(pointer);
            }
            self.translations.0.retain(|_, texts| !texts.is_empty());
            return Ok(());
        }
        if language == self.language {
            return Err("the challenge itself is written in this language".to_owned());
        }
        let found = self.texts_mut().into_iter().find(|original| original.pointer == pointer);
        let original = found.filter(|original| !original.text.is_empty()).ok_or("no text to translate is there")?;
        let limit = original.limit * 2;
        if text.chars().count() > limit {
            return Err(format!("at most {limit} characters"));
        }
        let translation = Translation { text: text.to_owned(), original: digest(original.text) };
        self.translations.0.entry(language).or_default().insert(pointer.to_owned(), translation);
        Ok(())
    }

    /// The content as it reads in this language: each text that is translated and not outdated.
    pub fn in_language(mut self, language: Language) -> Self {
        let Some(translated) = self.translations.0.get(&language).cloned() else { return self };
        for original in self.texts_mut() {
            if let Some(found) = translated.get(&original.pointer).filter(|t| t.original == digest(original.text)) {
                original.text.clone_from(&found.text);
            }
        }
        self
    }

    /// Each text of a translated language that has no translation, or an outdated one.
    pub(super) fn untranslated(&self) -> Vec<(Language, String)> {
        let mut copy = self.clone();
        let originals = copy.texts_mut();
        let mut missing = Vec::new();
        for (language, translated) in &self.translations.0 {
            for original in originals.iter().filter(|original| !original.text.is_empty()) {
                let current = |t: &Translation| t.original == digest(original.text);
                if !translated.get(&original.pointer).is_some_and(current) {
                    missing.push((*language, original.pointer.clone()));
                }
            }
        }
        missing
    }

    fn texts_mut(&mut self) -> Vec<Text<'_>> {
        let mut texts = Vec::new();
        let mut add = |pointer: String, limit, text| texts.push(Text { pointer, limit, text });
        add("/title".to_owned(), 200, &mut self.title);
        add("/summary".to_owned(), 1000, &mut self.summary);
        let problem = &mut self.problem;
        add("/problem/pain".to_owned(), 5000, &mut problem.pain);
        add("/problem/affected".to_owned(), 5000, &mut problem.affected);
        add("/problem/evidence".to_owned(), 5000, &mut problem.evidence);
        add("/problem/currentCost".to_owned(), 5000, &mut problem.current_cost);
        add("/problem/tried".to_owned(), 5000, &mut problem.tried);
        for (i, outcome) in self.outcomes.iter_mut().enumerate() {
            add(format!("/outcomes/{i}/metric"), 200, &mut outcome.metric);
            add(format!("/outcomes/{i}/unit"), 50, &mut outcome.unit);
            add(format!("/outcomes/{i}/baseline"), 100, &mut outcome.baseline);
            add(format!("/outcomes/{i}/target"), 100, &mut outcome.target);
        }
        let conditions = &mut self.conditions;
        add("/conditions/constraints".to_owned(), 5000, &mut conditions.constraints);
        add("/conditions/data".to_owned(), 5000, &mut conditions.data);
        add("/conditions/sites".to_owned(), 5000, &mut conditions.sites);
        add("/conditions/users".to_owned(), 5000, &mut conditions.users);
        for (i, stage) in self.stages.iter_mut().enumerate() {
            add(format!("/stages/{i}/gate"), 2000, &mut stage.gate);
        }
        for criterion in &mut self.eligibility {
            add(format!("/eligibility/{}/name", criterion.id), 200, &mut criterion.name);
            add(format!("/eligibility/{}/description", criterion.id), 2000, &mut criterion.description);
        }
        for section in &mut self.response_sections {
            add(format!("/responseSections/{}/title", section.id), 200, &mut section.title);
            add(format!("/responseSections/{}/guidance", section.id), 2000, &mut section.guidance);
        }
        for criterion in &mut self.criteria {
            add(format!("/criteria/{}/name", criterion.id), 200, &mut criterion.name);
            add(format!("/criteria/{}/description", criterion.id), 2000, &mut criterion.description);
            for (i, anchor) in criterion.anchors.iter_mut().enumerate() {
                add(format!("/criteria/{}/anchors/{i}/meaning", criterion.id), 500, &mut anchor.meaning);
            }
        }
        if let Some(property) = &mut self.intellectual_property {
            add("/intellectualProperty/licence".to_owned(), 2000, &mut property.licence);
        }
        if let Some(confidentiality) = &mut self.confidentiality {
            add("/confidentiality/agreement".to_owned(), 20_000, &mut confidentiality.agreement);
            add(CONFIDENTIAL_DETAILS.to_owned(), 20_000, &mut confidentiality.details);
        }
        texts
    }
}
