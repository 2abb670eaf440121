//! The command line. What the commands do is in [`crate::commands`].

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, builder::PossibleValuesParser};
use domain::{
    CalendarCode, PeriodRule,
    days::{Direction, LONGEST},
};

use crate::config::Overrides;

mod sealed;
mod verify;

pub use sealed::{Key, NewKey, OpenEnvelope, OpenShare, Seal};
pub use verify::{Verify, VerifyReceipt};

const SETTINGS: &str = "Settings";

const EXIT_CODES: &str = "\
Exit codes:
  0  success
  1  something failed while running
  2  wrong usage or configuration";

const EXAMPLES: &str = "\
Examples:
  provoco serve --demo
      Try it out: a running marketplace at http://127.0.0.1:8080
  provoco serve --data /var/lib/provoco
      Run with /var/lib/provoco/provoco.toml and everything else in that directory
  DATABASE_URL=postgres://provoco@db/provoco provoco serve
      Run on PostgreSQL
  provoco config show --origin
      See which settings hold, and where each comes from";

const SERVE_EXAMPLES: &str = "\
Examples:
  provoco serve
  provoco serve --listen 0.0.0.0:8080 --data /var/lib/provoco
  provoco serve --demo --data /tmp/provoco-demo";

const ADMIN_EXAMPLES: &str = "\
Examples:
  provoco admin create --email ada@agency.example";

const CODES_EXAMPLES: &str = "\
Examples:
  provoco codes import cpv cpv_2008.xml
  provoco codes import cpv cpv.csv";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  provoco explain period --calendar SI --from 2026-01-05T11:20 --days 10 --kind calendar
  provoco explain period --calendar BE --from 2026-12-15 --days 5 --kind working --json
  provoco explain period --calendar SI --from 2026-01-15T12:00 --days 5 --kind working --direction before";

const CONFIG_EXAMPLES: &str = "\
A value comes from the last of these that gives one:
  1. the default
  2. the TOML file: --config, else PROVOCO_CONFIG, else provoco.toml in the data directory
  3. the environment: DATABASE_URL, PROVOCO__LISTEN, PROVOCO__HTTP__WORKERS, and so on;
     a secret also from a file: PROVOCO__AUTH__SIGNING_KEY_FILE=/run/secrets/signing_key
  4. the command line

Examples:
  provoco config check && systemctl restart provoco
  provoco config show --origin";

/// Marketplace for challenge-based public procurement
#[derive(Debug, Parser)]
#[command(name = "provoco", version, after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Cli {
    /// Settings that every command takes.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Settings that every command takes.
#[derive(Args, Debug)]
pub struct Settings {
    /// Configuration file (TOML) [default: provoco.toml in the data directory]
    #[arg(long, global = true, help_heading = SETTINGS, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory for database, keys and mail files [default: ./provoco-data]
    #[arg(long, global = true, help_heading = SETTINGS, value_name = "DIR")]
    pub data: Option<String>,
    /// sqlite:FILE or postgres://USER@HOST/NAME; one with a password belongs in DATABASE_URL
    #[arg(long, global = true, help_heading = SETTINGS, value_name = "URL")]
    pub database: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run portal, API, scheduler and worker
    #[command(after_help = format!("{SERVE_EXAMPLES}\n\n{EXIT_CODES}"))]
    Serve(Serve),
    /// Bring the database to the version of this program; `serve` does so too
    #[command(after_help = EXIT_CODES)]
    Migrate,
    /// Print the OpenAPI document of the API
    #[command(after_help = EXIT_CODES)]
    Openapi,
    /// Manage platform administrators
    #[command(subcommand, after_help = format!("{ADMIN_EXAMPLES}\n\n{EXIT_CODES}"))]
    Admin(Admin),
    /// Manage code lists
    #[command(subcommand, after_help = format!("{CODES_EXAMPLES}\n\n{EXIT_CODES}"))]
    Codes(Codes),
    /// Explain what the program computes
    #[command(subcommand, after_help = format!("{EXPLAIN_EXAMPLES}\n\n{EXIT_CODES}"))]
    Explain(Explain),
    /// Fill an empty database with the demonstration marketplace and print its logins
    #[command(after_help = EXIT_CODES)]
    Demo,
    /// Make keys for opening sealed envelopes
    #[command(subcommand, after_help = format!("{}\n\n{}", sealed::KEY_EXAMPLES, sealed::EXIT_CODES))]
    Key(Key),
    /// Seal a file for the holders of a committee; needs no server
    #[command(after_help = format!("{}\n\n{}", sealed::SEAL_EXAMPLES, sealed::EXIT_CODES))]
    Seal(Seal),
    /// Open one's own share of a sealed envelope; needs no server
    #[command(after_help = format!("{}\n\n{}", sealed::OPEN_SHARE_EXAMPLES, sealed::EXIT_CODES))]
    OpenShare(OpenShare),
    /// Open a sealed envelope with enough shares, or with the key that the bidder kept; needs no server
    #[command(after_help = format!("{}\n\n{}", sealed::OPEN_ENVELOPE_EXAMPLES, sealed::EXIT_CODES))]
    OpenEnvelope(OpenEnvelope),
    /// Check what others say; needs no server
    #[command(subcommand, after_help = format!("{}\n\n{}", verify::EXAMPLES, verify::EXIT_CODES))]
    Verify(Verify),
    /// Show or check the configuration
    #[command(subcommand, after_help = format!("{CONFIG_EXAMPLES}\n\n{EXIT_CODES}"))]
    Config(Config),
}

/// Flags of `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// Address and port of portal and API [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// First fill an empty database with the demonstration marketplace and print its logins
    #[arg(long)]
    pub demo: bool,
}

/// Commands about platform administrators.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Print a link, good for one use, that creates an administrator
    #[command(after_help = format!("{ADMIN_EXAMPLES}\n\n{EXIT_CODES}"))]
    Create {
        /// Mail address of the administrator; without it the person with the link gives one
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
    },
}

/// Commands about code lists.
#[derive(Debug, Subcommand)]
pub enum Codes {
    /// Load a code list from a file
    #[command(subcommand, after_help = format!("{CODES_EXAMPLES}\n\n{EXIT_CODES}"))]
    Import(ImportCodes),
}

/// The lists that can be loaded.
#[derive(Debug, Subcommand)]
pub enum ImportCodes {
    /// Load the common procurement vocabulary (CPV), all of it or nothing; doing it again does no harm
    #[command(after_help = format!("{CODES_EXAMPLES}\n\n{EXIT_CODES}"))]
    Cpv {
        /// The official XML of the European Union, or CSV or TSV with code and English name
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// What is explained.
#[derive(Debug, Subcommand)]
pub enum Explain {
    /// When a period ends, and why; with the calendars that come with the program, without a database
    #[command(after_help = format!("{EXPLAIN_EXAMPLES}\n\n{EXIT_CODES}"))]
    Period(ExplainPeriod),
}

/// Flags of `explain period`.
#[derive(Args, Debug)]
pub struct ExplainPeriod {
    /// Whose holidays, and whose time zone
    #[arg(long, value_name = "CODE", ignore_case = true,
        value_parser = PossibleValuesParser::new(CalendarCode::ALL.map(CalendarCode::as_str)))]
    pub calendar: String,
    /// The event: an instant such as 2026-01-05T11:20:00+01:00, a local time such as 2026-01-05T11:20, or a date
    #[arg(long, value_name = "WHEN")]
    pub from: String,
    /// How many days, from 0 to 3660
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=i64::from(LONGEST)))]
    pub days: u32,
    /// Which days count
    #[arg(long, value_name = "KIND", value_parser = PossibleValuesParser::new(PeriodRule::ALL.map(PeriodRule::as_str)))]
    pub kind: String,
    /// Count from the event on, or back from a deadline
    #[arg(long, value_name = "DIRECTION", default_value = Direction::After.as_str(),
        value_parser = PossibleValuesParser::new(Direction::ALL.map(Direction::as_str)))]
    pub direction: String,
    /// Print what `GET /api/v1/periods` answers
    #[arg(long)]
    pub json: bool,
}

/// Commands about the configuration.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print the configuration that holds, as TOML, with secrets masked
    #[command(after_help = EXIT_CODES)]
    Show {
        /// Add to each value where it comes from
        #[arg(long)]
        origin: bool,
    },
    /// Report everything that is wrong with the configuration, and exit with 2 if anything is
    #[command(after_help = EXIT_CODES)]
    Check,
}

impl Cli {
    /// The settings given on the command line.
    pub fn overrides(&self) -> Overrides {
        let listen = match &self.command {
            Command::Serve(serve) => serve.listen.clone(),
            _ => None,
        };
        Overrides {
            config: self.settings.config.clone(),
            data: self.settings.data.clone(),
            database: self.settings.database.clone(),
            listen,
        }
    }
}
