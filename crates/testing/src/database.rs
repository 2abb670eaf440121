//! A fresh, migrated database for each test.

use std::{
    fs,
    path::PathBuf,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;

use crate::cluster;

/// The migrated PostgreSQL database that each test's is copied from.
const TEMPLATE: &str = "provoco_template";

/// The databases Provoco runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded default.
    Sqlite,
    /// The server, here the one of [`cluster`].
    Postgres,
}

/// A migrated, otherwise empty database that exists until this is dropped.
pub struct TestDatabase {
    /// Its address, as the configuration's `database.url` takes it.
    pub url: String,
    place: Place,
}

/// What to remove in the end.
enum Place {
    Folder { _removed_on_drop: TempDir },
    Cluster { name: String },
}

impl TestDatabase {
    /// A database that no other test sees.
    ///
    /// # Panics
    /// When it cannot be made, above all when PostgreSQL is not installed.
    pub fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => sqlite(),
            Backend::Postgres => postgres(),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Place::Cluster { name } = &self.place {
            // A test that stopped the server leaves nothing to drop; a panic here would hide what it found.
            let _ = cluster().try_drop_database(name);
        }
    }
}

fn sqlite() -> TestDatabase {
    static MIGRATED: OnceLock<Vec<u8>> = OnceLock::new();
    let template = MIGRATED.get_or_init(migrated_file);
    let (folder, path, url) = sqlite_folder();
    fs::write(path, template).unwrap();
    TestDatabase { url, place: Place::Folder { _removed_on_drop: folder } }
}

/// The content of a migrated SQLite file. Kept in memory: a file would outlive the tests, since statics are not dropped.
fn migrated_file() -> Vec<u8> {
    let (_folder, path, url) = sqlite_folder();
    persistence::migrate(&url).unwrap();
    fs::read(path).unwrap()
}

fn sqlite_folder() -> (TempDir, PathBuf, String) {
    let folder = tempfile::Builder::new().prefix("provoco-sqlite-").tempdir().unwrap();
    let path = folder.path().join("provoco.db");
    let url = format!("sqlite:{}", path.display());
    (folder, path, url)
}

fn postgres() -> TestDatabase {
    static MIGRATED: OnceLock<()> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    MIGRATED.get_or_init(|| {
        cluster().create_database(TEMPLATE, None);
        persistence::migrate(&cluster().url(TEMPLATE)).unwrap();
    });
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    cluster().create_database(&name, Some(TEMPLATE));
    TestDatabase { url: cluster().url(&name), place: Place::Cluster { name } }
}
