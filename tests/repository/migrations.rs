//! The tables are made step by step, on both databases, and each step can be taken back.

use crate::{names, read};

#[test]
fn each_migration_has_its_twin_in_the_other_database() {
    assert!(!names("migrations/sqlite").is_empty());
    assert_eq!(names("migrations"), ["postgres", "sqlite"]);
    assert_eq!(names("migrations/postgres"), names("migrations/sqlite"));
}

#[test]
fn each_migration_can_be_taken_back() {
    for database in names("migrations") {
        for migration in names(&format!("migrations/{database}")) {
            let folder = format!("migrations/{database}/{migration}");
            assert_eq!(names(&folder), ["down.sql", "up.sql"], "{folder}");
            for file in names(&folder) {
                assert!(read(format!("{folder}/{file}")).contains(';'), "{folder}/{file} does something");
            }
        }
    }
}
