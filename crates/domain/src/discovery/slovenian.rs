//! Taking the endings off Slovenian words. No library does it; this is the light kind of stemmer (J. Savoy, "Light stemming
//! approaches for the French, Portuguese, German and Hungarian languages", 2006): the endings of nouns and adjectives by case
//! and number, and nothing of how words are made.

/// Endings in folded letters, the longest first.
const ENDINGS: [&str; 34] = [
    "njami", "stjo", "ovih", "ovim", "evih", "evim", "nega", "nemu", "skih", "skim", "jami", "jema", "ami", "ama",
    "imi", "ima", "ega", "emu", "oma", "ema", "ah", "am", "em", "om", "ih", "im", "ov", "ev", "ju", "a", "e", "i", "o",
    "u",
];

/// What must be left of a word.
const SHORTEST: usize = 4;

/// A folded word without its ending.
pub(super) fn stem(word: &str) -> &str {
    let without = |ending: &&str| word.strip_suffix(*ending).filter(|rest| rest.chars().count() >= SHORTEST);
    ENDINGS.iter().find_map(without).unwrap_or(word)
}
