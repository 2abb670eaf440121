//! Command line and configuration, seen from outside.

// The scene that all tests set is outside of any test function.
#![allow(clippy::unwrap_used)]

mod codes;
mod explain;
mod oidc;
mod precedence;
mod problems;
mod process;
mod sealed;
mod secrets;
mod signing_key;
mod telemetry;
mod verify;

use server::config::{Config, Environment, Loaded, Overrides, Problems};
use tempfile::TempDir;

/// A data directory with a configuration file, and variables and flags beside it.
struct Scene {
    directory: TempDir,
    environment: Environment,
    overrides: Overrides,
}

impl Scene {
    /// With this text as the configuration file in the data directory.
    fn new(file: &str) -> Self {
        let scene = Self::without_file();
        std::fs::write(scene.directory.path().join("provoco.toml"), file).unwrap();
        scene
    }

    fn without_file() -> Self {
        let directory = TempDir::new().unwrap();
        let overrides = Overrides { data: Some(directory.path().to_str().unwrap().into()), ..Overrides::default() };
        Self { directory, environment: Environment::new(), overrides }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    fn secret_file(self, variable: &str, content: &[u8]) -> Self {
        let path = self.directory.path().join(variable);
        std::fs::write(&path, content).unwrap();
        self.variable(variable, path.to_str().unwrap())
    }

    fn load(&self) -> Result<Loaded, Problems> {
        Config::load(&self.overrides, &self.environment)
    }

    fn config(&self) -> Config {
        self.load().unwrap().config
    }

    /// What is wrong, a line each, with the temporary directory written `DATA`.
    fn problems(&self) -> Vec<String> {
        let data = self.directory.path().to_str().unwrap();
        let problems = self.load().unwrap_err().0;
        problems.iter().map(|it| format!("{}: {}", it.origin, it.message).replace(data, "DATA")).collect()
    }
}
