//! How well a solution and a challenge go together, and why.

use super::topic::{Topic, words};
use crate::cpv::CpvCode;
use std::collections::BTreeSet;

/// Why a solution and a challenge go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// They have these CPV codes in common.
    SameCpvCodes(Vec<CpvCode>),
    /// Their CPV codes begin with the same two, three or four digits: division, group, class.
    RelatedCpvCodes(Vec<String>),
    /// They have these tags in common.
    SharedTags(Vec<String>),
    /// Title, summary or tags of the challenge name these capabilities of the solution.
    NamedCapabilities(Vec<String>),
}

/// How well a solution and a challenge go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// From 1 to 100: the sum of the points of its reasons.
    pub score: u32,
    /// Why; at least one.
    pub reasons: Vec<Reason>,
}

/// Points for the digits at the beginning that two codes have in common: all eight, class, group, division.
const CPV: [(usize, u32); 4] = [(8, 25), (4, 15), (3, 10), (2, 5)];
/// The most points for CPV codes.
const MOST_FOR_CPV: u32 = 50;
/// Points for each shared tag, and the most for all of them.
const TAG: (u32, u32) = (10, 30);
/// Points for each capability that the challenge names, and the most for all of them.
const CAPABILITY: (u32, u32) = (10, 20);

/// How well they go together; nothing if nothing speaks for it. `text` is what the challenge says of itself in short:
/// title and summary. Each CPV code of the challenge counts with the code of the solution that is nearest to it.
pub fn compare(solution: &BTreeSet<Topic>, challenge: &BTreeSet<Topic>, text: &str) -> Option<Match> {
    let (cpv, mut reasons) = compare_cpv(solution, challenge);
    let tags: Vec<_> = solution.intersection(challenge).filter_map(tag).collect();
    let named = named(solution, challenge, text);
    let score = cpv.min(MOST_FOR_CPV) + points(tags.len(), TAG) + points(named.len(), CAPABILITY);
    if !tags.is_empty() {
        reasons.push(Reason::SharedTags(tags));
    }
    if !named.is_empty() {
        reasons.push(Reason::NamedCapabilities(named));
    }
    (score > 0).then_some(Match { score, reasons })
}

fn points(there: usize, (each, most): (u32, u32)) -> u32 {
    u32::try_from(there).map_or(most, |there| there.saturating_mul(each).min(most))
}

fn compare_cpv(solution: &BTreeSet<Topic>, challenge: &BTreeSet<Topic>) -> (u32, Vec<Reason>) {
    let (mut sum, mut same, mut related) = (0_u32, Vec::new(), BTreeSet::new());
    for code in challenge.iter().filter_map(cpv) {
        let near = solution.iter().filter_map(cpv).filter_map(|other| common(code, other));
        let Some((digits, points)) = near.max() else { continue };
        sum = sum.saturating_add(points);
        if digits == 8 {
            same.push(code.clone());
        } else {
            related.insert(code.as_str().chars().take(digits).collect::<String>());
        }
    }
    let mut reasons = Vec::new();
    if !same.is_empty() {
        reasons.push(Reason::SameCpvCodes(same));
    }
    if !related.is_empty() {
        reasons.push(Reason::RelatedCpvCodes(related.into_iter().collect()));
    }
    (sum, reasons)
}

/// How many digits two codes have in common that mean something, with their points.
fn common(one: &CpvCode, other: &CpvCode) -> Option<(usize, u32)> {
    let same = one.as_str().bytes().zip(other.as_str().bytes()).take_while(|(a, b)| a == b).count();
    CPV.into_iter().find(|(digits, _)| same >= *digits)
}

/// The capabilities of the solution that the challenge names, as whole words.
fn named(solution: &BTreeSet<Topic>, challenge: &BTreeSet<Topic>, text: &str) -> Vec<String> {
    let tags = challenge.iter().filter_map(tag).collect::<Vec<_>>().join(" / ");
    let said = in_words(&format!("{text} / {tags}"));
    let capability = |topic: &Topic| match topic {
        Topic::Capability(capability) => Some(capability.clone()),
        _ => None,
    };
    let is_said = |capability: &String| {
        let wanted = in_words(capability);
        wanted.len() > 2 && said.contains(&wanted)
    };
    solution.iter().filter_map(capability).filter(is_said).collect()
}

/// A text as its words, each between blanks.
fn in_words(text: &str) -> String {
    words(text).fold(" ".to_owned(), |text, word| text + &word + " ")
}

fn cpv(topic: &Topic) -> Option<&CpvCode> {
    match topic {
        Topic::Cpv(code) => Some(code),
        _ => None,
    }
}

fn tag(topic: &Topic) -> Option<String> {
    match topic {
        Topic::Tag(tag) => Some(tag.clone()),
        _ => None,
    }
}
