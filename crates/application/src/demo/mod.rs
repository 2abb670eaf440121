//! The demo: a believable marketplace, and a clock that can be moved.
