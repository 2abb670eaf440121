//! What can go wrong in the database, told apart as far as callers care.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as Diesel};

/// The result of a query.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong in the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such row.
    #[error("no such row")]
    NotFound,
    /// A unique constraint, named `<table>_<columns>_key` on both databases.
    #[error("already exists: {0}")]
    Duplicate(String),
    /// Somebody else changed the row first, or a deadlock was broken at our expense; nothing was changed.
    #[error("changed by somebody else at the same moment")]
    ConcurrentChange,
    /// More work is waiting than the limits allow, or it waited too long; nothing was changed.
    #[error("the database is overloaded")]
    Overloaded,
    /// The database cannot be reached; nothing was changed.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The connection broke or time ran out while committing: it is unknown whether the change was made.
    #[error("the outcome is unknown: {0}")]
    OutcomeUnknown(String),
    /// A row holds what the program never writes, or a use case broke off in the middle; nothing was changed.
    #[error("corrupt row: {0}")]
    Corrupt(String),
    /// Anything else the database says.
    #[error(transparent)]
    Database(Diesel),
    /// The schema could not be brought up to date.
    #[error("migration failed: {0}")]
    Migration(String),
}

impl Error {
    /// A row that says something impossible.
    pub(crate) fn corrupt(what: &str, value: impl std::fmt::Debug) -> Self {
        Self::Corrupt(format!("{what} {value:?}"))
    }
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match &error {
            Diesel::NotFound => Self::NotFound,
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => Self::Duplicate(constraint(&**info)),
            Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::ConcurrentChange,
            Diesel::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                info,
            ) => Self::Unavailable(info.message().to_owned()),
            Diesel::DatabaseError(_, info) => from_message(info.message()).unwrap_or(Self::Database(error)),
            _ => Self::Database(error),
        }
    }
}

/// What Diesel tells apart only by PostgreSQL's and SQLite's words (`lc_messages` is set to C on each connection).
fn from_message(message: &str) -> Option<Error> {
    let says = |words: &[&str]| words.iter().any(|w| message.contains(w));
    if says(&["deadlock detected"]) {
        Some(Error::ConcurrentChange)
    } else if says(&["current transaction is aborted"]) {
        Some(Error::Corrupt("a use case went on after a failed statement".to_owned()))
    } else if says(&[
        "lock timeout",
        "statement timeout",
        "database is locked",
        "too many clients",
        "too many connections",
    ]) {
        Some(Error::Overloaded)
    } else if says(&[
        "server closed the connection",
        "terminating connection",
        "connection to server",
        "could not receive data",
        "no connection to the server",
        "the database system is",
    ]) {
        Some(Error::Unavailable(message.to_owned()))
    } else {
        None
    }
}

/// The name of a unique constraint. PostgreSQL's name for a primary key, `<table>_pkey`, is not used: SQLite names the
/// columns, not the constraint, and so does not tell a primary key from another.
fn constraint(info: &dyn DatabaseErrorInformation) -> String {
    match (info.constraint_name(), info.table_name(), info.details().and_then(columns_of_key)) {
        (Some(name), Some(table), Some(columns)) if name.ends_with("_pkey") => format!("{table}_{columns}_key"),
        (Some(name), ..) => name.to_owned(),
        (None, ..) => sqlite_constraint(info.message()),
    }
}

/// From PostgreSQL's `Key (country, legal_name)=(BE, Firm) already exists.`
fn columns_of_key(details: &str) -> Option<String> {
    let (columns, _) = details.strip_prefix("Key (")?.split_once(")=(")?;
    Some(columns.replace(", ", "_"))
}

/// From SQLite's `UNIQUE constraint failed: organisations.country, organisations.legal_name`.
fn sqlite_constraint(message: &str) -> String {
    let columns = message.strip_prefix("UNIQUE constraint failed: ").unwrap_or(message);
    let table = columns.split('.').next().unwrap_or_default();
    let names: Vec<_> = columns.split(", ").filter_map(|c| c.split_once('.')).map(|(_, name)| name).collect();
    format!("{table}_{}_key", names.join("_"))
}
