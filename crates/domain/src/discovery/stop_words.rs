//! Words that say nothing by themselves, folded. What is looked for is looked for without them, unless there is nothing else.

const STOP_WORDS: &[&str] = &[
    // English
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "has", "have", "in", "into", "is", "it", "its",
    "of", "on", "or", "that", "the", "their", "them", "these", "this", "those", "to", "was", "we", "were", "what",
    "when", "which", "who", "will", "with", // French
    "au", "aux", "avec", "ce", "ces", "cette", "d", "dans", "de", "des", "du", "elle", "en", "est", "et", "il", "ils",
    "l", "la", "le", "les", "leur", "leurs", "mais", "ne", "nous", "ou", "par", "pas", "pour", "qu", "que", "qui", "s",
    "sa", "se", "ses", "son", "sont", "sur", "un", "une", "vous", // Dutch
    "aan", "als", "bij", "dat", "deze", "die", "dit", "een", "er", "het", "hun", "ik", "is", "maar", "met", "naar",
    "niet", "of", "om", "onze", "ook", "op", "over", "te", "tot", "uit", "van", "voor", "wij", "wordt", "zijn",
    // German
    "als", "am", "an", "auch", "auf", "aus", "bei", "das", "dem", "den", "der", "des", "die", "ein", "eine", "einem",
    "einen", "einer", "eines", "fur", "ist", "im", "mit", "nach", "nicht", "oder", "sich", "sie", "sind", "uber", "um",
    "und", "vom", "von", "vor", "wir", "zu", "zum", "zur", // Portuguese
    "ao", "aos", "as", "com", "como", "da", "das", "do", "dos", "e", "em", "essa", "esta", "este", "mas", "na", "nao",
    "nas", "no", "nos", "o", "os", "para", "pela", "pelo", "por", "que", "sao", "se", "sem", "seu", "sua", "um", "uma",
    // Slovenian
    "ali", "bi", "bo", "da", "do", "in", "iz", "je", "jih", "k", "kaj", "kako", "kar", "ker", "ki", "ko", "na", "nad",
    "ne", "ni", "o", "ob", "od", "pa", "po", "pod", "pri", "s", "se", "si", "smo", "so", "ta", "te", "to", "tudi", "v",
    "za", "z",
];

/// Whether a folded word says nothing by itself in one of the languages.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(&word)
}
