//! ClamAV's daemon with a signature of the tests' own: it asks nothing of the network, and belongs to the test that starts it.

use std::{
    env, fs,
    io::{PipeWriter, pipe},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long the daemon may take to start; with one signature it needs a fraction of a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends the daemon when its standard input ends: with the test, even by `kill -9`.
const KEEPER: &str = r#""$0" --config-file="$1" --foreground & read -r _; kill -9 $! 2>/dev/null; wait"#;

/// A running clamd.
pub struct Clamd {
    folder: TempDir,
    running: Option<(Child, PipeWriter)>,
}

impl Clamd {
    /// What it finds in files that hold these bytes, which are in no honest file.
    pub const MARK: &str = "PROVOCO-TEST-SIGNATURE-4d1c9a70";

    /// The name of the signature, as clamd tells it.
    pub const SIGNATURE: &str = "Provoco.Test.Mark.UNOFFICIAL";

    /// Starts one that takes streams of at most `largest` bytes. Says so and gives nothing if it is not installed.
    ///
    /// # Panics
    /// When it is installed and does not start.
    pub fn start(largest: usize) -> Option<Self> {
        if program().is_none() {
            eprintln!(
                "SKIPPED: clamd, ClamAV's daemon, is not installed; `scripts/setup tests` installs it on Debian."
            );
            return None;
        }
        // Not in TMPDIR: a socket's path may have 104 bytes.
        let folder = tempfile::Builder::new().prefix("provoco-clamd-").tempdir_in("/tmp").unwrap();
        fs::create_dir(folder.path().join("signatures")).unwrap();
        let mark: String = Self::MARK.bytes().map(|byte| format!("{byte:02x}")).collect();
        fs::write(folder.path().join("signatures/test.ndb"), format!("Provoco.Test.Mark:0:*:{mark}\n")).unwrap();
        fs::write(folder.path().join("clamd.conf"), configuration(folder.path(), largest)).unwrap();
        let mut clamd = Self { folder, running: None };
        clamd.start_again();
        Some(clamd)
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Ends it as a crash would.
    pub fn stop(&mut self) {
        if let Some((mut shell, input)) = self.running.take() {
            drop(input);
            drop(shell.wait());
        }
    }

    /// Starts it on the same address, and waits until it listens.
    ///
    /// # Panics
    /// When it does not within a minute.
    pub fn start_again(&mut self) {
        let (output, input) = pipe().unwrap();
        let log = fs::File::create(self.folder.path().join("output")).unwrap();
        let shell = Command::new("/bin/sh")
            .args(["-c", KEEPER])
            .arg(program().unwrap())
            .arg(self.folder.path().join("clamd.conf"))
            .stdin(output)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.running = Some((shell, input));
        let begun = Instant::now();
        while UnixStream::connect(self.socket()).is_err() {
            assert!(begun.elapsed() < PATIENCE, "clamd does not start:\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        let read = |name| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        format!("{}{}", read("output"), read("log"))
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        self.stop();
    }
}

fn configuration(folder: &Path, largest: usize) -> String {
    let folder = folder.display();
    format!(
        "DatabaseDirectory {folder}/signatures\nLocalSocket {folder}/socket\nFixStaleSocket yes\nForeground yes\n\
         LogFile {folder}/log\nTemporaryDirectory {folder}\nStreamMaxLength {largest}\nSelfCheck 0\nMaxThreads 2\n"
    )
}

fn program() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders =
        env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join("clamd")).find(|program| program.is_file())
}
