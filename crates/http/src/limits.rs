//! The limits of the HTTP layer.

use std::time::Duration;

/// Every limit of the HTTP layer.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// How long a request may take, its body included.
    pub request: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 1 << 20, request: Duration::from_secs(10) }
    }
}
