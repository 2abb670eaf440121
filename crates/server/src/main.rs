//! The program `provoco`.
fn main() {}
