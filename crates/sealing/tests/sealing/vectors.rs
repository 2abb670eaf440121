//! Envelopes that must open for ever.
