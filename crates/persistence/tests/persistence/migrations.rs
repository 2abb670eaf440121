//! Bringing the schema up to date, once and by many at a time.

use std::{sync::Barrier, thread};

use diesel::{Connection, PgConnection, SqliteConnection, backend::Backend as Any};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use testing::{Backend, TestDatabase, cluster, on_both};

use crate::catalogue;

/// A database without tables, next to a migrated one to compare with; it goes with that one.
struct Empty {
    url: String,
    migrated: TestDatabase,
}

impl Empty {
    fn new(backend: Backend) -> Self {
        let migrated = TestDatabase::new(backend);
        let empty = Self { url: format!("{}_empty", migrated.url), migrated };
        if let Some(name) = empty.name() {
            cluster().create_database(name, None);
        }
        empty
    }

    /// Its name on the server, if it is on one.
    fn name(&self) -> Option<&str> {
        self.url.starts_with("postgres").then(|| self.url.rsplit('/').next().unwrap())
    }

    fn assert_migrated(&self) {
        assert_eq!(catalogue::read(&self.url), catalogue::read(&self.migrated.url));
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        if let Some(name) = self.name() {
            cluster().drop_database(name);
        }
    }
}

on_both! {
    fn migrating_again_does_nothing(backend: Backend) {
        let empty = Empty::new(backend);
        assert!(!persistence::migrate(&empty.url).unwrap().is_empty());
        assert!(persistence::migrate(&empty.url).unwrap().is_empty());
        empty.assert_migrated();
    }

    /// As when a new version is started on several machines.
    fn many_may_migrate_at_once(backend: Backend) {
        let (empty, start) = (Empty::new(backend), Barrier::new(8));
        let migrate = || {
            start.wait();
            persistence::migrate(&empty.url)
        };
        let ran: Vec<String> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(migrate)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap().unwrap()).collect()
        });
        assert_eq!(ran.len(), migrations_in_source(backend), "each runs once, whoever runs it: {ran:?}");
        empty.assert_migrated();
    }

    fn every_migration_can_be_undone_and_done_again(backend: Backend) {
        let empty = Empty::new(backend);
        persistence::migrate(&empty.url).unwrap();
        match empty.url.strip_prefix("sqlite:") {
            Some(file) => undo(SqliteConnection::establish(file).unwrap(), "sqlite"),
            None => undo(PgConnection::establish(&empty.url).unwrap(), "postgres"),
        }
        assert_eq!(catalogue::read(&empty.url), catalogue::Schema::new());
        persistence::migrate(&empty.url).unwrap();
        empty.assert_migrated();
    }
}

fn folder(name: &str) -> String {
    format!("{}/../../migrations/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn migrations_in_source(backend: Backend) -> usize {
    let name = if backend == Backend::Sqlite { "sqlite" } else { "postgres" };
    std::fs::read_dir(folder(name)).unwrap().count()
}

fn undo<DB: Any>(mut conn: impl MigrationHarness<DB>, name: &str) {
    let files = FileBasedMigrations::from_path(folder(name)).unwrap();
    conn.revert_all_migrations(files).unwrap();
}
