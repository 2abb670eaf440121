//! The program `provoco`: command line, configuration, telemetry, and the processes it runs.

pub mod background;
pub mod cli;
pub mod commands;
pub mod config;
pub mod explain;
pub mod sealed;
pub mod serve;
pub mod telemetry;
pub mod verify;
