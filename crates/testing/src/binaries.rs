//! Where PostgreSQL's server programs are on this machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Names the folder of `initdb` and `postgres`; it wins over everything found.
const VARIABLE: &str = "PROVOCO_TEST_POSTGRES_BIN";

/// Folders with a folder per installed version: Debian, PostgreSQL's own RPMs, openSUSE, Homebrew on both kinds of Mac.
const HOMES: [&str; 5] = ["/usr/lib/postgresql", "/usr", "/usr/lib", "/opt/homebrew/opt", "/usr/local/opt"];

/// The folder of `initdb` and `postgres`: the one the environment names, the first on `PATH`, or else the newest installed.
pub fn folder() -> PathBuf {
    let found = match env::var_os(VARIABLE) {
        Some(named) => Some(PathBuf::from(named)).filter(|named| is_complete(named)),
        None => on_path().or_else(newest_installed),
    };
    found.unwrap_or_else(|| {
        panic!(
            "PostgreSQL's programs initdb and postgres were not found. Run `scripts/setup tests`, or set {VARIABLE} \
             to the folder that holds both."
        )
    })
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())
}

fn on_path() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find(|folder| is_complete(folder))
}

fn newest_installed() -> Option<PathBuf> {
    let versions = HOMES.iter().filter_map(|home| fs::read_dir(home).ok()).flatten().flatten();
    versions
        .filter_map(|entry| Some((version(entry.file_name().to_str()?)?, entry.path().join("bin"))))
        .filter(|(_, folder)| is_complete(folder))
        .max()
        .map(|(_, folder)| folder)
}

/// The major version in a folder's name: `17`, `pgsql-17`, `postgresql17`, `postgresql@17`.
fn version(name: &str) -> Option<u32> {
    let number = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let prefix = &name[..name.len() - number.len()];
    matches!(prefix, "" | "pgsql-" | "postgresql" | "postgresql@").then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_version_is_read_from_the_folder_name_of_each_packager() {
        for name in ["17", "pgsql-17", "postgresql17", "postgresql@17"] {
            assert_eq!(version(name), Some(17), "{name}");
        }
        for name in ["bin", "libpq", "python@3", "postgresql", "17.old"] {
            assert_eq!(version(name), None, "{name}");
        }
    }
}
