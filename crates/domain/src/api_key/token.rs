//! How an API key is written: `pvk_`, 12 characters that name it, `_`, 40 that are secret, 7 that check the rest.
//!
//! The fixed beginning and the check let scanners of source code find a key that was published, and typos be told from
//! keys without asking the database. The characters are those of base32 (RFC 4648, 6) in lower case, five bits each.

use sha2::{Digest, Sha256};

/// How every key begins.
pub const PREFIX: &str = "pvk_";

/// How many characters name a key; they are no secret.
pub const NAME_LENGTH: usize = 12;

/// How many characters of a key are secret: 200 bits, more than the 112 that NIST SP 800-63B, 5.1.1.2 asks of a secret
/// that is looked up without stretching.
pub const SECRET_LENGTH: usize = 40;

/// How many characters it takes to write a CRC-32.
const CHECK_LENGTH: usize = 7;

const ALPHABET: [char; 32] = [
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w',
    'x', 'y', 'z', '2', '3', '4', '5', '6', '7',
];

/// A key as its owner is shown it, once.
pub struct Token(String);

impl Token {
    /// The key with this name and a secret made of random bytes.
    pub fn new(name: &str, random: &[u8; SECRET_LENGTH]) -> Self {
        let text = format!("{PREFIX}{name}_{}", letters(random));
        Self(format!("{text}{}", check(&text)))
    }

    /// The key, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

/// A name for a new key, made of random bytes.
pub fn name(random: &[u8; NAME_LENGTH]) -> String {
    letters(random)
}

/// A key that somebody sent and that is written as keys are. Whether there is such a key is for the database to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// The characters that name it.
    pub name: String,
    /// What is stored of a key like this.
    pub hash: String,
}

impl Presented {
    /// Reads a key; nothing if it is mistyped or made up.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let sound = |part: &str, length| part.len() == length && part.chars().all(|c| ALPHABET.contains(&c));
        if !sound(name, NAME_LENGTH) || !sound(secret, SECRET_LENGTH + CHECK_LENGTH) {
            return None;
        }
        let (checked, given) = text.split_at(text.len() - CHECK_LENGTH);
        (check(checked) == given).then(|| Self { name: name.to_owned(), hash: hash(text) })
    }
}

fn letters(random: &[u8]) -> String {
    random.iter().map(|byte| ALPHABET[usize::from(byte % 32)]).collect()
}

fn check(text: &str) -> String {
    let crc = crc32fast::hash(text.as_bytes());
    let digit = |place: usize| ALPHABET[(crc >> (5 * place)) as usize % 32];
    (0..CHECK_LENGTH).rev().map(digit).collect()
}

/// The secret is random and long, so one round of SHA-256 is enough.
fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> String {
        Token::new("abcdefgh2345", &[7; SECRET_LENGTH]).reveal().to_owned()
    }

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let token = Token::new("abcdefgh2345", &std::array::from_fn(|i| i as u8 * 6));
        assert_eq!(token.reveal(), "pvk_abcdefgh2345_agmsy6ekqw4ciou2agmsy6ekqw4ciou2agmsy6ekaa5obth");
        let read = Presented::parse(token.reveal()).unwrap();
        assert_eq!((read.name.as_str(), read.hash.as_str()), ("abcdefgh2345", token.hash().as_str()));
        assert_eq!(read.hash.len(), 64);
    }

    #[test]
    fn no_mistyped_character_goes_unnoticed() {
        let token = token();
        for at in 0..token.len() {
            for other in ALPHABET.into_iter().chain(['_', 'A', '0']).filter(|c| !token[at..].starts_with(*c)) {
                let wrong = format!("{}{other}{}", &token[..at], &token[at + 1..]);
                assert_eq!(Presented::parse(&wrong), None, "{wrong}");
            }
            assert_eq!(Presented::parse(&token[..at]), None);
        }
        assert!(Presented::parse(&token).is_some());
    }

    #[test]
    fn what_is_no_key_is_none() {
        let long = format!("{}a", token());
        for other in ["", "pvk_", "pvk__", "eyJhbGciOiJIUzI1NiJ9.e30.x", "pvk_é", long.as_str()] {
            assert_eq!(Presented::parse(other), None, "{other}");
        }
    }

    /// With a right check each, so that nothing but the form is wrong.
    #[test]
    fn both_parts_have_their_length_and_their_characters() {
        let checked = |text: String| format!("{text}{}", check(&text));
        let secret = "a".repeat(SECRET_LENGTH);
        assert!(Presented::parse(&checked(format!("pvk_abcdefgh2345_{secret}"))).is_some());
        for wrong in [
            format!("pvk_abcdefgh234_{secret}"),
            format!("pvk_abcdefgh234A_{secret}"),
            format!("pvk_abcdefgh2345_{}", &secret[1..]),
            format!("pvk_abcdefgh2345_{}A", &secret[1..]),
        ] {
            assert_eq!(Presented::parse(&checked(wrong.clone())), None, "{wrong}");
        }
    }

    #[test]
    fn a_name_is_made_of_its_random_bytes() {
        assert_eq!(name(&[0, 1, 25, 26, 31, 32, 63, 255, 2, 3, 4, 5]), "abz27a77cdef");
    }

    #[test]
    fn every_random_byte_counts() {
        let hash = |random: [u8; SECRET_LENGTH]| Token::new("abcdefgh2345", &random).hash();
        for at in 0..SECRET_LENGTH {
            let mut other = [7; SECRET_LENGTH];
            other[at] = 8;
            assert_ne!(hash(other), hash([7; SECRET_LENGTH]), "{at}");
        }
    }
}
