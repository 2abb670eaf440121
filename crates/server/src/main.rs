//! The program `provoco`.

use std::process::ExitCode;

use clap::Parser;
use server::cli::{Admin, Cli, Codes, Command, Config, Explain, ImportCodes, Key, Serve, Verify};
use server::commands::{self, Failure};
use server::explain;
use server::sealed;
use server::serve;
use server::verify;

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
        Command::Serve(Serve { demo, .. }) => serve::run(&commands::load(&overrides)?.config, *demo),
        Command::Migrate => commands::migrate(&overrides),
        Command::Openapi => commands::openapi(),
        Command::Admin(Admin::Create { email }) => commands::admin_create(&overrides, email.as_deref()),
        Command::Codes(Codes::Import(ImportCodes::Cpv { file })) => commands::codes_import_cpv(&overrides, file),
        Command::Explain(Explain::Period(asked)) => explain::period(asked),
        Command::Key(Key::New(asked)) => sealed::new_key(asked),
        Command::Seal(asked) => sealed::seal(asked),
        Command::OpenShare(asked) => sealed::open_share(asked),
        Command::OpenEnvelope(asked) => sealed::open_envelope(asked),
        Command::Verify(Verify::Receipt(asked)) => verify::receipt(asked),
        Command::Verify(Verify::Certificate(asked)) => verify::certificate(asked),
        Command::Demo => commands::demo(&overrides),
    }
}
