//! Walking the guide, as a newcomer would: every block as printed, in order, in one shell.

use crate::{
    guide::{Step, first_missing, steps},
    program::Program,
    read,
};
use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use testing::{Backend, TestDatabase};

/// How long the whole walk may take; it takes some seconds.
const PATIENCE: Duration = Duration::from_secs(240);

/// Printed after each block; no guide prints it.
const END: &str = "\u{1}end of block\u{1}";

testing::on_both! {
    fn the_guide_works_as_it_is_printed(backend: Backend) {
        works("docs/guide/first-challenge.md", backend);
    }

    fn the_guide_to_organisations_works_as_it_is_printed(backend: Backend) {
        works("docs/guide/organisations.md", backend);
    }

    fn the_guide_to_dates_works_as_it_is_printed(backend: Backend) {
        works("docs/guide/periods.md", backend);
    }

    fn the_guide_to_api_keys_works_as_it_is_printed(backend: Backend) {
        works("docs/guide/integrators.md", backend);
    }

    fn the_guide_to_sandboxes_works_as_it_is_printed(backend: Backend) {
        works("docs/guide/sandbox.md", backend);
    }
}

/// Walks a guide with a demo of its own.
fn works(guide: &str, backend: Backend) {
    let steps = steps(&read(guide));
    let (data, database) = (TempDir::new().unwrap(), TestDatabase::new(backend));
    let program = Program::start(data.path(), &database.url);
    let output = walk(&steps, data.path(), &program.url);
    let outputs: Vec<&str> = output.split_inclusive(END).collect();
    for (step, output) in steps.iter().zip(&outputs) {
        assert!(output.ends_with(END), "failed:\n{}\n\nOutput:\n{output}", step.commands);
        let missing = first_missing(&step.expected, output);
        assert_eq!(missing, None, "is missing after:\n{}\n\nOutput:\n{output}", step.commands);
    }
    assert!(outputs.len() >= steps.len(), "the shell ended after {} of {} blocks", outputs.len(), steps.len());
}

/// Runs all blocks in one shell that stops at the first failure, and gives what it printed.
fn walk(steps: &[Step], data: &Path, url: &str) -> String {
    let commands = steps.iter().map(|step| format!("{}\necho '{END}'\n", step.commands));
    let script = format!("set -euo pipefail\n{}", commands.collect::<String>());
    let output = data.join("output");
    let file = File::create(&output).unwrap();
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(script).current_dir(data).env("PROVOCO", url).env("DATA", data).stdin(Stdio::null());
    let mut shell = shell.stderr(file.try_clone().unwrap()).stdout(file).spawn().unwrap();
    let begun = Instant::now();
    while shell.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            shell.kill().unwrap();
            shell.wait().unwrap();
        }
        sleep(Duration::from_millis(50));
    }
    fs::read_to_string(output).unwrap()
}
