//! Processes of the real program, and the installation they run on.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread::{panicking, sleep},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use testing::{Backend, TestDatabase};

use crate::PATIENCE;

/// What every installation of the tests signs with, in hexadecimal.
const SIGNING_KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// Under which address people reach every installation of the tests.
pub const BASE_URL: &str = "http://provoco.test";

/// A data directory, a database and settings.
pub struct Installation {
    /// The folder of the data directory, `data`.
    pub data: TempDir,
    /// The address of the database.
    pub url: String,
    settings: Vec<(&'static str, String)>,
    environment: Vec<(&'static str, OsString)>,
    _database: Option<TestDatabase>,
}

impl Installation {
    /// On a migrated database of its own.
    pub fn new(backend: Backend) -> Self {
        let database = TestDatabase::new(backend);
        Self { _database: Some(database), ..Self::at(None) }.on_its_database()
    }

    /// On the database with this address; without one, in its own data directory, where nothing is yet.
    pub fn at(url: Option<String>) -> Self {
        let data = tempfile::Builder::new().prefix("provoco-system-").tempdir().unwrap();
        let url = url.unwrap_or_else(|| format!("sqlite:{}", data.path().join("data/provoco.sqlite").display()));
        Self { data, url, settings: Vec::new(), environment: Vec::new(), _database: None }
    }

    fn on_its_database(mut self) -> Self {
        self.url = self._database.as_ref().unwrap().url.clone();
        self
    }

    /// With a setting, named as in the environment, without the prefix.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    /// With a variable of the environment that is no setting.
    pub fn with_variable(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Sends its mails to the mail server on this port.
    pub fn with_smtp(self, port: u16) -> Self {
        let there = self.with("MAIL__TRANSPORT", "smtp").with("MAIL__SMTP__HOST", "127.0.0.1");
        there.with("MAIL__SMTP__PORT", port.to_string()).with("MAIL__SMTP__SECURITY", "none")
    }

    /// A file or folder in the data directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.data.path().join("data").join(name)
    }

    /// Starts the program with these arguments.
    pub fn spawn(&self, arguments: &[&str]) -> Process {
        let mut command = Command::new(program());
        command.args(arguments).env_clear().current_dir(self.data.path());
        command.env("PROVOCO__DATA", self.data.path().join("data")).env("DATABASE_URL", &self.url);
        for (name, value) in [("BASE_URL", BASE_URL), ("AUTH__SIGNING_KEY", SIGNING_KEY), ("HTTP__WORKERS", "2")] {
            command.env(format!("PROVOCO__{name}"), value);
        }
        command.env("PROVOCO__HTTP__METRICS_LISTEN", "off");
        command.envs(self.settings.iter().map(|(name, value)| (format!("PROVOCO__{name}"), value)));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Process::start(command)
    }

    /// Runs a command that ends by itself: exit code, output, errors.
    pub fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut process = self.spawn(arguments);
        let code = process.wait(PATIENCE);
        (code, process.out(), process.err())
    }

    /// Starts a server and waits until it listens.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// As [`Installation::serve`], with flags.
    pub fn serve_with(&self, flags: &[&str]) -> Server {
        for _ in 0..10 {
            if let Ok(server) = self.begin(free_port(), flags).ready() {
                return server;
            }
        }
        panic!("ten ports in a row were taken")
    }

    /// Starts a server on a port, without waiting for it.
    pub fn begin(&self, port: u16, flags: &[&str]) -> Server {
        let listen = format!("127.0.0.1:{port}");
        Server { process: self.spawn(&[&["serve", "--listen", &listen], flags].concat()), port }
    }
}

/// The program: what Cargo built for these tests, or, if they run without Cargo, what lies beside them.
fn program() -> PathBuf {
    let beside = || Some(env::current_exe().ok()?.parent()?.parent()?.join("provoco"));
    let program = env::var_os("CARGO_BIN_EXE_provoco").map(PathBuf::from).or_else(beside);
    program.filter(|program| program.is_file()).expect("the program is built by `cargo test -p provoco`")
}

/// A running server.
pub struct Server {
    /// Its process.
    pub process: Process,
    /// On which port of this machine it listens.
    pub port: u16,
}

impl Server {
    /// Waits until it listens.
    ///
    /// # Errors
    /// If its port is taken.
    pub fn ready(mut self) -> Result<Self, String> {
        let begun = Instant::now();
        while !self.process.out().contains("Provoco listens on") {
            if self.process.child.try_wait().unwrap().is_some() {
                let error = self.process.err();
                assert!(error.contains("cannot listen"), "the server ended: {error}");
                return Err(error);
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not start: {}", self.process.err());
            sleep(Duration::from_millis(10));
        }
        Ok(self)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Stops it as a service manager does; it must end well.
    pub fn stop(mut self) {
        self.process.signal("TERM");
        assert_eq!(self.process.wait(PATIENCE), Some(0), "{}", self.process.err());
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.process.child.kill().unwrap();
    }
}

/// A process, its output kept in files; dead when this is dropped, or when the tests die.
pub struct Process {
    child: Child,
    guard: Child,
    folder: TempDir,
}

impl Process {
    /// Starts it.
    pub fn start(mut command: Command) -> Self {
        let folder = tempfile::Builder::new().prefix("provoco-output-").tempdir().unwrap();
        let file = |name| File::create(folder.path().join(name)).unwrap();
        let child = command.stdin(Stdio::null()).stdout(file("out")).stderr(file("err")).spawn().unwrap();
        let guard = guard(child.id());
        Self { child, guard, folder }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it printed so far.
    pub fn out(&self) -> String {
        read(&self.folder.path().join("out"))
    }

    /// Its log and errors so far.
    pub fn err(&self) -> String {
        read(&self.folder.path().join("err"))
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Its exit code, once it has ended by itself.
    pub fn wait(&mut self, limit: Duration) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < limit, "still running after {limit:?}: {}", self.err());
            sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if panicking() {
            let err = self.err();
            let start = err.char_indices().rev().nth(3_000).map_or(0, |(at, _)| at);
            eprintln!("--- the end of the log of process {}:\n{}", self.child.id(), &err[start..]);
        }
        // Both may have ended already. The guard goes first: the number of a process that was waited for may be
        // given to another.
        let _ = self.guard.kill();
        let _ = self.guard.wait();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A shell that kills the process when its own input ends, that is, when the tests are gone, however they went.
fn guard(id: u32) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", "read -r line || kill -KILL \"$0\"", &id.to_string()]);
    shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

/// A port that nobody uses at this moment, below those that systems give to outgoing connections.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 10_000).unwrap();
    loop {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
