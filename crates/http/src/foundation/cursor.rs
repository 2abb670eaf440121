//! Keyset pages: opaque, signed cursors, stable while others write.

use crate::Error;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;
use utoipa::IntoParams;

/// The page size if none is asked for.
pub(crate) const DEFAULT_LIMIT: i64 = 50;

/// Signs and checks cursors.
pub(crate) struct Cursors {
    key: Vec<u8>,
}

impl Cursors {
    pub(crate) fn new(key: Vec<u8>) -> Self {
        Self { key }
    }

    /// A cursor for the place `key` in a list. `list` names the list with its filters: a cursor is good for no other.
    pub(crate) fn seal<K: Serialize>(&self, list: &str, key: &K) -> Result<String, Error> {
        let payload = serde_json::to_vec(key).map_err(|error| Error::Internal(error.to_string()))?;
        let mut sealed = self.tag(list, &payload)?;
        sealed.extend(payload);
        Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The place that a cursor names.
    pub(crate) fn open<K: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<K, Error> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Error::InvalidCursor)?;
        let (tag, payload) = sealed.split_at_checked(TAG).ok_or(Error::InvalidCursor)?;
        let mut mac = self.mac()?;
        mac.update(list.as_bytes());
        mac.update(&[0]);
        mac.update(payload);
        mac.verify_truncated_left(tag).map_err(|_| Error::InvalidCursor)?;
        serde_json::from_slice(payload).map_err(|_| Error::InvalidCursor)
    }

    fn tag(&self, list: &str, payload: &[u8]) -> Result<Vec<u8>, Error> {
        let mut mac = self.mac()?;
        mac.update(list.as_bytes());
        mac.update(&[0]);
        mac.update(payload);
        Ok(mac.finalize().into_bytes().iter().take(TAG).copied().collect())
    }

    fn mac(&self) -> Result<Hmac<Sha256>, Error> {
        Hmac::new_from_slice(&self.key).map_err(|error| Error::Internal(error.to_string()))
    }
}

/// 128 bits of the signature are plenty for a cursor.
const TAG: usize = 16;

/// The parameters of a list without filters.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// `next` of the page before.
    #[param(max_length = 500)]
    after: Option<String>,
    /// How many to give; 50 if not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

impl PageParams {
    /// Where the page of a list starts, and how long it is.
    pub(crate) fn read<K: DeserializeOwned>(self, cursors: &Cursors, list: &str) -> Result<(Option<K>, i64), Error> {
        let after = self.after.map(|after| cursors.open(list, &after)).transpose()?;
        Ok((after, self.limit.unwrap_or(DEFAULT_LIMIT)))
    }
}

/// A page that was read with one row more than it shows, to know whether there is another.
pub(crate) struct Paged<T> {
    /// The rows to show.
    pub(crate) items: Vec<T>,
    /// Whether more follow.
    pub(crate) more: bool,
}

impl<T> Paged<T> {
    /// Cuts off the row too many.
    pub(crate) fn cut(mut items: Vec<T>, limit: i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        Self { items, more }
    }

    /// The place of the last row shown, if more follow.
    pub(crate) fn last<K>(&self, key: impl FnOnce(&T) -> K) -> Option<K> {
        self.items.last().filter(|_| self.more).map(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_list_only_and_cannot_be_forged() {
        let cursors = Cursors::new(vec![7; 32]);
        let cursor = cursors.seal("bids?status=open", &(1, "x")).unwrap();
        assert_eq!(cursors.open::<(i32, String)>("bids?status=open", &cursor).unwrap(), (1, "x".to_owned()));
        assert!(matches!(cursors.open::<(i32, String)>("bids", &cursor), Err(Error::InvalidCursor)));
        let other = Cursors::new(vec![8; 32]);
        assert!(matches!(other.open::<(i32, String)>("bids?status=open", &cursor), Err(Error::InvalidCursor)));
        for broken in ["", "x", "AAAA", &cursor[1..], &cursor[..cursor.len() - 1]] {
            assert!(matches!(cursors.open::<(i32, String)>("bids?status=open", broken), Err(Error::InvalidCursor)));
        }
    }
}
