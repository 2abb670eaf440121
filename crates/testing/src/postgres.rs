//! A PostgreSQL server of the tests' own: made from nothing, reached through a socket in a private folder, gone with
//! the process that started it.
//!
//! It listens on no network port, as PostgreSQL's own tests do not: a port can collide with another program, and would
//! let everybody on the machine in as a superuser.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, OnceLock, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};

use crate::{binaries, keeper::Keeper};

/// How long a server may take to start; it needs a fraction of a second, on a crowded machine a few.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server that all tests of this process share, started by the first who asks.
///
/// # Panics
/// When PostgreSQL is not installed or does not start.
pub fn cluster() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(Cluster::start_private)
}

/// A running PostgreSQL server with its data; both vanish when it is dropped or the process ends, even by `kill -9`.
pub struct Cluster {
    folder: PathBuf,
    keeper: Mutex<Keeper>,
}

impl Cluster {
    /// A server for one test alone, which may stop it. Takes about a second; prefer [`cluster`].
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub fn start_private() -> Self {
        let cluster = Self::initialise();
        cluster.start_again();
        cluster
    }

    /// A server for benches: with PostgreSQL's own settings it keeps what it has committed even through a power cut,
    /// which costs time.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub fn start_durable() -> Self {
        let cluster = Self::initialise();
        cluster.order("be_durable");
        cluster.start_again();
        cluster
    }

    fn initialise() -> Self {
        let programs = binaries::folder();
        // Not in TMPDIR: a socket's path may have 104 bytes, and root's may be closed to the user PostgreSQL runs as.
        let folder = tempfile::Builder::new().prefix("provoco-postgres-").tempdir_in("/tmp").unwrap();
        let keeper = Keeper::new(shell(folder.path()), folder.path(), &programs);
        // From here on the folder is the keeper's to remove.
        let cluster = Self { folder: folder.keep(), keeper: Mutex::new(keeper) };
        cluster.order("initialise");
        cluster
    }

    /// The address of `database` for a client, `postgres://…`. The user it names is a superuser without a password.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgres://provoco@{folder}:5432/{database}")
    }

    /// The folder of the data, the socket and the server's `log`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes an empty database, or a copy of `template`, to which nobody may be connected.
    ///
    /// # Panics
    /// When the name is taken, or the server is stopped.
    pub fn create_database(&self, name: &str, template: Option<&str>) {
        let template = template.unwrap_or("template1");
        self.execute(&format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}""#)).unwrap();
    }

    /// Removes a database, and whoever is connected to it; none of that name is fine.
    ///
    /// # Panics
    /// When the server is stopped.
    pub fn drop_database(&self, name: &str) {
        self.try_drop_database(name).unwrap();
    }

    /// As [`Cluster::drop_database`], for where a panic would hide a failed test's own.
    pub(crate) fn try_drop_database(&self, name: &str) -> Result<(), String> {
        self.execute(&format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#))
    }

    /// Ends the server as a crash would: connections break, nothing is tidied up, new connections are refused.
    pub fn stop_immediate(&self) {
        self.order("stop");
    }

    /// Starts a stopped server on the same data and address, and waits until it answers.
    ///
    /// # Panics
    /// When it does not answer within a minute.
    pub fn start_again(&self) {
        self.order("start");
        let begun = Instant::now();
        while let Err(error) = self.execute("SELECT 1") {
            assert!(begun.elapsed() < PATIENCE, "PostgreSQL does not answer: {error}\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    fn order(&self, order: &str) {
        let carried_out = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).order(order);
        assert!(carried_out, "PostgreSQL did not {order}:\n{}", self.log());
    }

    fn execute(&self, sql: &str) -> Result<(), String> {
        let mut connection = PgConnection::establish(&self.url("postgres")).map_err(|error| error.to_string())?;
        sql_query(sql).execute(&mut connection).map(drop).map_err(|error| error.to_string())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

/// The shell that runs the server on `folder`, which this process has just made. PostgreSQL refuses to run as root, so
/// root gives the folder to another user and starts the shell as that user.
fn shell(folder: &Path) -> Command {
    let mut shell = Command::new("/bin/sh");
    if fs::metadata(folder).unwrap().uid() == 0 {
        let (user, group) = ["postgres", "nobody"].into_iter().find_map(account).expect("no user postgres or nobody");
        chown(folder, Some(user), Some(group)).unwrap();
        shell.uid(user).gid(group);
    }
    shell
}

/// A user's number and main group's, when there is such a user.
fn account(name: &str) -> Option<(u32, u32)> {
    Some((number("-u", name)?, number("-g", name)?))
}

fn number(which: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([which, name]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
