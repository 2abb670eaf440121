//! Who opens the bids, with which keys, and how they come together.

mod committee;
mod envelope;
mod key;
mod recovery;
mod session;

pub use committee::{Committee, Holder, REHEARSAL_BEFORE_DEADLINE};
pub use envelope::{EnvelopeFailure, EnvelopeKind, SealedBy};
pub use key::{LONGEST_PASSPHRASE, OpeningKey, SHORTEST_PASSPHRASE, require_passphrase};
pub use recovery::{Recovery, WORKING_DAYS};
pub use session::Opening;
