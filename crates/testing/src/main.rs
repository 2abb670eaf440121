//! A throwaway PostgreSQL to try things on: prints its address, and ends, data and all, with the input (Enter, Ctrl-D).

use std::io::{self, stdin};

use testing::cluster;

fn main() -> io::Result<()> {
    println!("{}", cluster().url("postgres"));
    println!("Log: {}. Press Enter to end it.", cluster().folder().join("log").display());
    stdin().read_line(&mut String::new()).map(drop)
}
