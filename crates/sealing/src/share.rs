//! Shares of an envelope's key: sealed for their holders, opened by them, and posted.

use crate::{
    digest::share_commitment,
    error::ShareError,
    hex::{Hash, Hex, Nonce},
    key::SecretKey,
    label::Id,
    layer,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str};
use zeroize::Zeroizing;

const FORMAT: &str = "provoco-share-v1";

/// The most bytes of a posted share.
pub const MAX_POSTED_SHARE: usize = 1 << 10;

/// What one holder has of an envelope's key. Alone it tells nothing.
pub struct Share {
    /// Of which challenge the envelope is.
    pub challenge: Id,
    /// Which envelope of it.
    pub nonce: Nonce,
    /// Which holder of the committee, from 1.
    pub index: u8,
    pub(crate) value: Zeroizing<Hex<32>>,
}

/// How a share is posted.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    format: String,
    challenge: Id,
    nonce: Nonce,
    index: u8,
    share: Hex<32>,
}

impl Share {
    /// A share with these bytes.
    pub fn new(challenge: Id, nonce: Nonce, index: u8, value: &[u8; 32]) -> Self {
        Self { challenge, nonce, index, value: Zeroizing::new(Hex(*value)) }
    }

    /// The bytes of the share, as `gfcombine` takes them.
    pub fn expose(&self) -> &[u8; 32] {
        self.value.as_bytes()
    }

    /// The text that a holder posts.
    pub fn to_json(&self) -> Zeroizing<String> {
        let Self { challenge, nonce, index, value } = self;
        // Room for all of it from the start: growing would leave copies of the secret behind.
        let mut text = Zeroizing::new(String::with_capacity(MAX_POSTED_SHARE));
        *text +=
            &format!(r#"{{"format":"{FORMAT}","challenge":"{challenge}","nonce":"{nonce}","index":{index},"share":""#);
        value.as_bytes().iter().for_each(|byte| text.extend(digits(*byte)));
        *text += "\"}";
        text
    }

    /// The share that a holder posted.
    pub fn from_json(json: &[u8]) -> Result<Self, ShareError> {
        let json = Some(json).filter(|json| json.len() <= MAX_POSTED_SHARE);
        let posted: Option<Posted> = json.and_then(|json| serde_json::from_slice(json).ok());
        let posted = posted.filter(|it| it.format == FORMAT).ok_or(ShareError::Malformed)?;
        let Posted { challenge, nonce, index, share, .. } = posted;
        match index {
            0 => Err(ShareError::Zero),
            _ => Ok(Self { challenge, nonce, index, value: Zeroizing::new(share) }),
        }
    }

    /// What commits the sealer to this share.
    pub(crate) fn commitment(&self) -> Hash {
        share_commitment(&self.challenge, &self.nonce, self.index, self.expose())
    }

    /// What is encrypted for the holder: a header, and after it the 32 bytes.
    pub(crate) fn plaintext(&self) -> Zeroizing<Vec<u8>> {
        let header = header(&self.challenge, &self.nonce, self.index);
        let mut text = Zeroizing::new(Vec::with_capacity(header.len() + 32));
        text.extend_from_slice(header.as_bytes());
        text.extend_from_slice(self.expose());
        text
    }

    fn parse(plaintext: &[u8]) -> Option<Self> {
        let (text, value) = plaintext.split_last_chunk::<32>()?;
        let mut lines = str::from_utf8(text).ok()?.lines();
        (lines.next()? == FORMAT).then_some(())?;
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let challenge = Id::parse(field("challenge")?)?;
        let nonce = Nonce::parse(field("nonce")?)?;
        let index = field("index")?.parse().ok()?;
        let exact = header(&challenge, &nonce, index).as_bytes() == text;
        exact.then(|| Self::new(challenge, nonce, index, value))
    }
}

fn header(challenge: &Id, nonce: &Nonce, index: u8) -> String {
    format!("{FORMAT}\nchallenge {challenge}\nnonce {nonce}\nindex {index:03}\n\n")
}

/// The first and the second hexadecimal digit of a byte.
fn digits(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default())
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({} of {}, envelope {})", self.index, self.challenge, self.nonce)
    }
}

/// How many bytes the file of a share has, which depends on the challenge's id alone.
pub fn share_file_size(challenge: &Id) -> usize {
    layer::layer_size(header(challenge, &Hex([0; 16]), 0).len() + 32)
}

/// Opens the file of a share with its holder's key.
pub fn open_share(key: &SecretKey, file: &[u8]) -> Result<Share, ShareError> {
    let longest = share_file_size(&Id::longest());
    let sound = file.len() <= longest && layer::check(file).is_ok();
    let plaintext = sound.then(|| layer::decrypt(key, file)).flatten().ok_or(ShareError::NotOpened)?;
    let share = Share::parse(&plaintext).ok_or(ShareError::Malformed)?;
    if share.index == 0 { Err(ShareError::Zero) } else { Ok(share) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn share(index: u8) -> Share {
        Share::new(Id::parse("c-1").unwrap(), Hex([0xab; 16]), index, &[b'x'; 32])
    }

    #[test]
    fn a_share_is_written_as_the_document_says() {
        let text = "provoco-share-v1\nchallenge c-1\nnonce abababababababababababababababab\nindex 003\n\n\
                    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
        assert_eq!(*share(3).plaintext(), text.as_bytes());
        let read = Share::parse(text.as_bytes()).unwrap();
        assert_eq!((read.index, read.expose()), (3, &[b'x'; 32]));
        for (from, to) in [("003", "3"), ("003", "256"), ("c-1", "c 1"), ("abab", "ABAB"), ("v1", "v2"), ("\n\n", "\n")]
        {
            assert!(Share::parse(text.replacen(from, to, 1).as_bytes()).is_none(), "{to}");
        }
    }

    /// What a malicious sealer encrypts for a holder.
    #[test]
    fn a_sealed_share_with_the_index_zero_is_refused() {
        let key = SecretKey::generate(&mut crate::os_randomness().unwrap()).unwrap();
        let file = |text: &[u8]| layer::encrypt(&key.recipient(), text.len(), |out| out.write_all(text)).unwrap();
        assert_eq!(open_share(&key, &file(&share(0).plaintext())).unwrap_err(), ShareError::Zero);
        assert_eq!(open_share(&key, &file(b"not a share")).unwrap_err(), ShareError::Malformed);
        assert_eq!(open_share(&key, &file(&share(7).plaintext())).unwrap().index, 7);
    }

    proptest! {
        #[test]
        fn bytes_of_any_kind_are_no_share(mut bytes in vec(any::<u8>(), 0..300), start in 0_usize..80) {
            prop_assert!(Share::parse(&bytes).is_none());
            bytes.splice(..0, share(3).plaintext()[..start].iter().copied());
            let _ = Share::parse(&bytes);
        }
    }
}
