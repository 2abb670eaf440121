//! Wrong fields, all of them at once.

use crate::{Refusal, Result};

/// One wrong field of what the caller sent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) to the field in the caller's document.
    pub pointer: String,
    /// Stable name of the problem.
    pub code: &'static str,
    /// The problem in words.
    pub detail: String,
}

impl FieldError {
    /// A problem `code` at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// Collects the problems of a document, so that the caller learns all of them in one answer.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a problem unless `holds`.
    pub fn require(&mut self, holds: bool, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        if !holds {
            self.0.push(FieldError::new(pointer, code, detail));
        }
    }

    /// How many problems were noted so far.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Keeps the value, or notes why there is none.
    pub fn take<T, E: std::fmt::Display>(
        &mut self,
        value: Result<T, E>,
        pointer: impl Into<String>,
        code: &'static str,
    ) -> Option<T> {
        value.map_err(|error| self.0.push(FieldError::new(pointer, code, error.to_string()))).ok()
    }

    /// Keeps the value of a check that lists its own problems, or adds them to these.
    pub fn merge<T>(&mut self, value: Result<T>) -> Result<Option<T>> {
        match value {
            Ok(value) => Ok(Some(value)),
            Err(Refusal::Invalid(errors)) => {
                self.0.extend(errors);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// Notes a problem when the text is blank or longer than `max` characters.
    pub fn text(&mut self, value: &str, max: usize, pointer: impl Into<String>) {
        let pointer = pointer.into();
        self.require(!value.trim().is_empty(), pointer.clone(), "required", "must not be empty");
        self.require(value.chars().count() <= max, pointer, "too_long", format!("at most {max} characters"));
    }

    /// All that was noted.
    pub fn into_errors(self) -> Vec<FieldError> {
        self.0
    }

    /// Fine if nothing was noted, otherwise all that was.
    pub fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.0)) }
    }
}

/// Checks one text that must be present and at most `max` characters long.
pub fn text(value: &str, max: usize, pointer: &str) -> Result<()> {
    let mut checks = Checks::new();
    checks.text(value, max, pointer);
    checks.done()
}
