//! The program `provoco`.

use std::process::ExitCode;

use clap::Parser;
use server::cli::{Cli, Command, Config};
use server::commands::{self, Failure};

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("provoco: {failure}");
            failure.exit_code()
        }
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    let overrides = cli.overrides();
    match &cli.command {
        Command::Config(Config::Show { origin }) => commands::config_show(&overrides, *origin),
        Command::Config(Config::Check) => commands::config_check(&overrides),
        _ => Err(Failure::Runtime("this command is not in this build".into())),
    }
}
