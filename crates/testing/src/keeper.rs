//! The shell process that stands between the tests and PostgreSQL, so that the server never outlives them.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// Obeys orders; when dropped, or when this process dies, stops the server and removes its folder.
pub struct Keeper {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Keeper {
    /// Runs `shell` as the keeper of `folder`, with PostgreSQL's `programs`.
    pub fn new(mut shell: Command, folder: &Path, programs: &Path) -> Self {
        shell.args(["-c", include_str!("keeper.sh"), "keeper"]).arg(folder).arg(programs);
        // In a process group of its own, Ctrl-C in the terminal ends the tests but not the one who cleans up.
        shell.process_group(0).current_dir(folder);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = shell.spawn().unwrap();
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, orders, answers }
    }

    /// Gives an order, a function of `keeper.sh`, waits for the answer, and tells whether it was carried out.
    pub fn order(&mut self, order: &str) -> bool {
        writeln!(self.orders.as_mut().unwrap(), "{order}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer == "done\n"
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.orders.take());
        // Nothing can be done here about a keeper that is already gone.
        let _ = self.process.wait();
    }
}
