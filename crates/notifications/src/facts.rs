//! Facts that messages tell.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What has changed about how somebody comes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum SecurityChange {
    /// Another password, by a link from the mailbox.
    PasswordReset,
    /// Another password, by somebody who was logged in.
    PasswordChanged,
    /// Log-ins take a one-time code from now on.
    OneTimeCodesEnabled,
    /// Log-ins take no one-time code any more.
    OneTimeCodesDisabled,
    /// A recovery code took the place of a one-time code.
    RecoveryCodeUsed {
        /// How many are left.
        left: i64,
    },
    /// The recovery codes were replaced by fresh ones.
    RecoveryCodesReplaced,
    /// A provider vouched for the address: from now on it can log the owner in.
    IdentityLinked {
        /// The provider, as the operator calls it.
        provider: String,
    },
    /// A log-in from a device and a network that were not seen before.
    NewDevice {
        /// What the device says of itself.
        device: String,
        /// The network.
        network: String,
    },
}

/// A challenge that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChallenge {
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub agency: String,
    /// Until when offers are taken.
    pub deadline: Option<DateTime<Utc>>,
}
