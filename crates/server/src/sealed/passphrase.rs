//! Passphrases: asked for without showing them, or read from standard input. Never an argument, which others could see.

use std::io::{self, BufRead, IsTerminal, Read};

use zeroize::Zeroizing;

use crate::commands::{Failure, failed};

/// The most bytes of a passphrase on standard input.
const LONGEST: u64 = 1024;

/// The passphrase of a key that has one.
pub fn ask() -> Result<Zeroizing<String>, Failure> {
    match io::stdin().is_terminal() {
        true => prompt("Passphrase: "),
        false => first_line(),
    }
}

/// A passphrase for a new key. On a terminal it is asked for twice.
pub fn choose() -> Result<Zeroizing<String>, Failure> {
    let chosen = ask()?;
    if chosen.is_empty() {
        return Err(Failure::Usage("an empty passphrase protects nothing".into()));
    }
    if io::stdin().is_terminal() && *prompt("The same again: ")? != *chosen {
        return Err(Failure::Usage("these are two different passphrases".into()));
    }
    Ok(chosen)
}

fn prompt(text: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(text).map(Zeroizing::new).map_err(|error| failed(format!("no passphrase: {error}")))
}

fn first_line() -> Result<Zeroizing<String>, Failure> {
    // Room for all of it: growing would leave copies behind.
    let mut line = Zeroizing::new(String::with_capacity(LONGEST as usize + 64));
    let read = io::stdin().lock().take(LONGEST).read_line(&mut line);
    read.map_err(|error| failed(format!("no passphrase on standard input: {error}")))?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}
