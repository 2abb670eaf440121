//! uuid.
