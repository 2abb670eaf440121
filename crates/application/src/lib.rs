//! tracing.
