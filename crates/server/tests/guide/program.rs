//! The real program with its demo, on a port and in a data directory of its own.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

/// A running `provoco serve --demo`, killed when dropped.
pub struct Program {
    process: Child,
    /// Where it answers.
    pub url: String,
}

impl Program {
    /// Starts it and waits until it listens. Its log goes to `log` in the data directory.
    pub fn start(data: &Path, database: &str) -> Self {
        let listen = free_address();
        let mut command = Command::new(env!("CARGO_BIN_EXE_provoco"));
        command.args(["serve", "--demo", "--listen", &listen]).arg("--data").arg(data);
        command.env("PROVOCO__DATABASE__URL", database).env("PROVOCO__HTTP__METRICS_LISTEN", "off");
        let log = File::create(data.join("log")).unwrap();
        let mut process = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let greeting = BufReader::new(process.stdout.take().unwrap());
        let program = Self { process, url: format!("http://{listen}") };
        let listens = greeting.lines().map_while(Result::ok).any(|line| line.starts_with("Provoco listens"));
        assert!(listens, "the program did not start:\n{}", std::fs::read_to_string(data.join("log")).unwrap());
        program
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already; what the test found matters more.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
